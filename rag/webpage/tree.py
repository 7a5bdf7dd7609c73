"""A web page's characters as a tree, by a parser that takes whatever browsers take and fetches nothing.

Knows the parser's limits and no page. What the parser gave up is told, so that nothing is lost in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree, html

# The longest pages of encyclopaedias have some 100,000 tags; from here on it is a dump, and slow.
MOST_TAGS = 150_000
# Saved pages carry their images as data: URIs of megabytes, on which the parser would give up.
_EMBEDDED = re.compile(r"data:[\w.+-]{1,60}/[\w.+-]{1,100}[^\s\"'<>()]{1000,}", re.IGNORECASE)
_BLANK = re.compile(r"\s{500,}")
_PROLOGUE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)?", re.IGNORECASE | re.DOTALL)
_PROLOGUE_LIMIT = 65_536
_MOST_NOTICES = 10
_NAME = re.compile("[a-z][a-z0-9]*")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page's tree, and what of the page is not in it."""

    tree: html.HtmlElement
    lost: str | None
    """What the parser left out and why, in one line; None where it read the whole page."""


class NotParsed(Exception):
    """Why a page has no tree, in one line."""


def parse_page(text: str) -> Parsed:
    """The tree of a page. Raises NotParsed where there is none, or where it would be too large."""
    if text.count("<") > MOST_TAGS:
        raise NotParsed(f"has more than {MOST_TAGS:,} tags, too many for one article; split it")
    bare = _BLANK.sub("\n", _EMBEDDED.sub("data:,", text))
    # The document type declares nothing that is needed, and its entities could grow without end.
    start = _PROLOGUE.match(bare, 0, _PROLOGUE_LIMIT)
    content = bare[start.end() if start else 0 :].encode("utf-8", "replace")
    if not content.strip():
        raise NotParsed("is empty: it holds no text")
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False, collect_ids=False
    )
    try:
        tree = html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise NotParsed("holds nothing that can be read as a web page") from None
    _open_swallowing(tree)
    for reading in list(tree.iter("rt", "rp")):  # stands above the characters that it is the reading of
        if isinstance(reading, html.HtmlElement):
            reading.drop_tree()
    return Parsed(_without_namespace(tree), _lost(parser))


def _open_swallowing(tree: html.HtmlElement) -> None:
    """A <noscript> that nobody closed holds the rest of the page: then it is no notice."""
    for element in list(tree.iter("noscript"))[:_MOST_NOTICES]:
        if 2 * _length(element) > _length(tree):
            element.tag = "div"


def _length(element: html.HtmlElement) -> int:
    return sum(len(text.strip()) for text in element.itertext("p", "li", "h1", "h2", "div", "td"))


def _lost(parser: html.HTMLParser) -> str | None:
    for entry in parser.error_log:
        if "depth" in entry.message:
            return "its elements are nested more than 256 deep: what follows was left out"
        if "limit exceeded" in entry.message or "too long" in entry.message:
            return "one of its elements is too large: what follows was left out"
    return None


def _without_namespace(tree: html.HtmlElement) -> html.HtmlElement:
    """XHTML's prefixed names ("xhtml:p") as plain ones."""
    for element in tree.iter():
        if isinstance(element.tag, str) and ":" in element.tag:
            name = element.tag.rpartition(":")[2]
            element.tag = name if _NAME.fullmatch(name) else "span"
    return tree
