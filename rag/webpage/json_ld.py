"""What a page says of its article to machines: the schema.org article in its JSON-LD.

Knows the words of schema.org and no page. Anything in such a script may be of any type, nested in any way, or broken:
what cannot be read is as if it were not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from lxml import html

from rag.webpage.decoding import storable

_ARTICLES = ("article", "blogposting", "reportage", "report", "liveblogposting", "socialmediaposting", "review")
_PAGES = ("webpage", "itempage", "recipe", "aboutpage", "videoobject", "event", "product")
_LARGEST = 2_000_000
_MOST_NODES = 5_000
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)
_CONTROL = re.compile(r"[\0-\x1f]+")

_Node = dict[str, object]


@dataclass(frozen=True, slots=True)
class Named:
    """A person or an organisation."""

    name: str
    organisation: bool


@dataclass(frozen=True, slots=True)
class ArticleNode:
    """The fields of a schema.org article, as they stand there. Unknown is None."""

    headline: str | None = None
    body: str | None = None
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    language: str | None = None
    url: str | None = None
    publisher: str | None = None
    authors: tuple[Named, ...] = ()
    free: bool = True
    """False where the page says that its article is not to be read without paying."""


def read_json_ld(tree: html.HtmlElement) -> ArticleNode:
    """The page's article as its JSON-LD tells of it; all unknown where it tells nothing."""
    nodes = [node for script in _scripts(tree) for node in _nodes(script)]
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    article = next((node for node in nodes if _is_a(node, _ARTICLES)), None)
    page = next((node for node in nodes if _is_a(node, _PAGES)), {})
    site = next((node for node in nodes if _is_a(node, ("website",))), {})
    node = article or page
    if not node and not site:
        return ArticleNode()
    free = node.get("isAccessibleForFree", True)
    return ArticleNode(
        headline=_string(node.get("headline")) or (_string(node.get("name")) if article else None),
        body=_prose(node.get("articleBody")),
        published=_string(node.get("datePublished")) or _string(page.get("datePublished")),
        modified=_string(node.get("dateModified")) or _string(page.get("dateModified")),
        section=_string(node.get("articleSection")),
        language=_string(node.get("inLanguage")) or _string(page.get("inLanguage")),
        url=_address(node.get("mainEntityOfPage")) or _string(node.get("url")) or _string(page.get("url")),
        publisher=_name(node.get("publisher"), known)
        or _name(page.get("publisher"), known)
        or _string(site.get("name")),
        authors=tuple(_people(node.get("author"), known)),
        free=str(free).lower() not in ("false", "0"),
    )


def _scripts(tree: html.HtmlElement) -> Iterator[object]:
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        raw = (script.text or "").strip().removeprefix("<![CDATA[").removesuffix("]]>").strip().rstrip(";")
        raw = re.sub(r"^(?:/\*.*?\*/|//<!\[CDATA\[|<!--)|(?://\]\]>|-->)$", "", raw).strip()
        if not 0 < len(raw) <= _LARGEST:
            continue
        try:
            yield json.loads(_CONTROL.sub(" ", raw), strict=False)
        except (ValueError, RecursionError):
            # The commonest fault: a comma too many before a bracket.
            try:
                yield json.loads(re.sub(r",\s*([}\]])", r"\1", _CONTROL.sub(" ", raw)), strict=False)
            except (ValueError, RecursionError):
                continue


def _nodes(value: object) -> Iterator[_Node]:
    """The objects of a graph, outermost first; those inside lists and @graph, and main entities."""
    pending, count = [value], 0
    while pending and count < _MOST_NODES:
        one = pending.pop(0)
        count += 1
        if isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, dict):
            yield one
            pending.extend(one[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in one)


def _is_a(node: _Node, kinds: tuple[str, ...]) -> bool:
    named = node.get("@type")
    types = [str(one).lower() for one in (named if isinstance(named, list) else [named])]
    return any(one.endswith(kinds) for one in types)


def _string(value: object) -> str | None:
    """One line of text; the first of several."""
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or value.get("alternateName")
    if not isinstance(value, str):
        return None
    return " ".join(storable(_TAG.sub(" ", unescape(unescape(value)))).split()) or None


def _address(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return storable(value) if isinstance(value, str) else None


def _prose(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return unescape(_TAG.sub("", _BREAK.sub("\n", unescape(value)))).strip() or None


def _name(value: object, known: dict[object, _Node]) -> str | None:
    named = next(_people(value, known), None)
    return named.name if named else None


def _people(value: object, known: dict[object, _Node]) -> Iterator[Named]:
    for one in value[:50] if isinstance(value, list) else [value]:
        node: _Node = {"name": one}
        if isinstance(one, dict):
            node = one if "name" in one else known.get(one.get("@id"), one)
        names = node.get("name")
        for name in map(_string, names if isinstance(names, list) else [names]):
            if name:
                organisation = _is_a(node, ("organization", "corporation")) and not _is_a(node, ("person",))
                yield Named(name, organisation)
