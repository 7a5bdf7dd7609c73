"""What a web page says of itself: title, publisher, authors, section, language, address, dates.

Knows where pages say these things and which of the places is right most often; must not know the article's text. What
a page does not say stays unknown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import html

from rag.clean.furniture import folded
from rag.types import Origin
from rag.webpage.authors import read_authors
from rag.webpage.blocks import Block
from rag.webpage.dates import read_dates
from rag.webpage.elements import LONGEST_LINE, marked_beside
from rag.webpage.json_ld import ArticleNode, read_json_ld

_TITLES = (
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "citation_title",
    "parsely-title",
    "sailthru.title",
)
_SITES = ("og:site_name", "application-name", "al:android:app_name", "apple-mobile-web-app-title")
_PUBLISHERS = ("dc.publisher", "dcterms.publisher", "publisher", "citation_journal_title", "rbpubname", "copyright")
_SECTIONS = (
    "article:section",
    "parsely-section",
    "og:article:section",
    "section",
    "cxenseparse:category",
    "sailthru.section",
)
_LANGUAGES = ("content-language", "language", "dc.language", "dcterms.language", "og:locale")
_SEPARATOR = re.compile(r"\s+[|–—•·:›»«‹/>~-]{1,2}\s+|\s*[|›»]\s*|:\s+(?=\S+$)")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{2}|[a-z]{4}|\d{3}))?(?:[-_.,; ].*)?", re.IGNORECASE)
# "Example Ltd. 2020. All rights reserved" tells who owns the page, not what it is called.
_NOT_A_NAME = re.compile(
    r"©|\(c\)|copyright|all rights|alle rechte|https?:|^@|^[\W\d]*$|^\d|^(?:home|start|index|blog|website)$", re.I
)
_DOMAIN = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}", re.IGNORECASE)
_LONGEST_TITLE, _LONGEST_NAME = 400, 80
_SAVED = re.compile(
    r"<!--\s*(?:page saved with singlefile\s+url:\s*(?P<single>\S{4,2000})"
    r"|saved from url=\(\d+\)(?P<browser>\S{4,2000}))",
    re.IGNORECASE,
)
_SAVED_WITHIN = 20_000
_LONGEST_CONTENT, _MOST_VALUES = 2000, 50
# How many blocks around the headline may hold the date and the byline.
_ABOVE, _BELOW = 4, 10
_SHORTEST_SITE = 3


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says of itself. Unknown is None, never a guess."""

    title: str | None
    publisher: str | None
    authors: tuple[str, ...]
    section: str | None
    language: str | None
    """BCP 47, lower case."""
    url: str | None
    published: str | None
    published_from: Origin | None
    updated: str | None
    updated_from: Origin | None
    organisations: tuple[str, ...]
    """Named as authors where people are: an agency, the publisher."""
    body: str | None
    """The article's text as the page gives it to machines."""
    free: bool
    """False where the page says that its article must be paid for."""


def read_metadata(
    tree: html.HtmlElement, blocks: list[Block], *, characters: str = "", url: str | None = None
) -> PageMetadata:
    """What the page says; ``url``: where it came from, where that is known."""
    meta = _meta(tree)
    node = read_json_ld(tree)
    address = _address(tree, meta, node, url or saved_from(characters))
    full = _title_element(tree)
    heading = _heading(tree, [*_values(meta, _TITLES), node.headline or "", full])
    publisher = _publisher(tree, meta, node, full, heading)
    title = _title(meta, node, full, heading, publisher)
    head = _head(blocks, title)
    language = _language(tree, meta, node)
    dates = read_dates(tree, meta, node, address, head, language)
    return PageMetadata(
        title=title,
        publisher=publisher,
        authors=read_authors(tree, meta, node, publisher, head),
        section=_first([*_values(meta, _SECTIONS), node.section or ""], _LONGEST_NAME),
        language=language,
        url=address,
        published=dates.published.iso if dates.published else None,
        published_from=dates.published.origin if dates.published else None,
        updated=dates.updated.iso if dates.updated else None,
        updated_from=dates.updated.origin if dates.updated else None,
        organisations=tuple(one.name for one in node.authors if one.organisation),
        body=node.body,
        free=node.free,
    )


def _head(blocks: list[Block], title: str | None) -> list[str]:
    """The short lines around the headline, where date and byline stand; those below it first."""
    at = next((i for i, block in enumerate(blocks) if title and folded(block.text) == folded(title)), None)
    if at is None:
        at = next((i for i, block in enumerate(blocks) if block.level == 1), None)
    if at is None:
        return []
    below = blocks[at + 1 : at + 1 + _BELOW]
    paragraph = next((i for i, block in enumerate(below) if len(block.text) > 400), len(below))
    around = [*below[:paragraph], *reversed(blocks[max(0, at - _ABOVE) : at])]
    return [block.text for block in around if len(block.text) <= LONGEST_LINE and not _is_beside(block)]


def _is_beside(block: Block) -> bool:
    return bool(block.places & {"aside", "nav"}) or any(map(marked_beside, block.marks))


def saved_from(text: str) -> str | None:
    """The address that a browser or SingleFile wrote into the page when it saved it."""
    found = _SAVED.search(text, 0, _SAVED_WITHIN)
    return (found["single"] or found["browser"]).removesuffix("-->") if found else None


def _meta(tree: html.HtmlElement) -> dict[str, list[str]]:
    """Each meta element's content by its name, in lower case."""
    found: dict[str, list[str]] = defaultdict(list)
    for element in tree.iter("meta"):
        content = " ".join((element.get("content") or "").split())
        for name in (element.get("property"), element.get("name"), element.get("itemprop"), element.get("http-equiv")):
            if (
                name
                and content
                and len(content) <= _LONGEST_CONTENT
                and len(found[name.strip().lower()]) < _MOST_VALUES
            ):
                found[name.strip().lower()].append(content)
    return found


def _values(meta: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [value for name in names for value in meta.get(name, ())]


def _first(values: list[str], longest: int) -> str | None:
    return next((value for value in values if 0 < len(value) <= longest), None)


def _title_element(tree: html.HtmlElement) -> str:
    element = next(tree.iter("title"), None)
    return " ".join(element.text_content().split())[:_LONGEST_TITLE] if element is not None else ""


def _heading(tree: html.HtmlElement, titles: list[str]) -> str | None:
    """The page's headline: the h1 that a title of the page repeats, else the h2 or h3 that one does, else the only h1.

    Blogs of an age put their own name into the h1; then the title repeats it last, or not at all.
    """
    first, *lower = ([_whole(one) for one in tree.iter(tag)] for tag in ("h1", "h2", "h3"))
    for headings in (first, *lower):
        leading = [one for one in headings if any(_leads(one, title) for title in titles)]
        if leading:
            return max(leading, key=len)
    repeated = [one for one in first if any(folded(one) in folded(title) for title in titles if one)]
    alone = first if len(set(first)) == 1 and len(first[0]) > 2 else []
    return next(iter(alone), next(iter(repeated), None))


def _whole(heading: html.HtmlElement) -> str:
    return " ".join(heading.text_content().split())[:_LONGEST_TITLE]


def _leads(heading: str, title: str) -> bool:
    """The title begins with the heading, or the heading ends with the title below a kicker."""
    first, second = folded(heading), folded(title)
    return len(first) > 3 and len(second) > 3 and (second.startswith(first) or first.endswith(second))


def _title(
    meta: dict[str, list[str]], node: ArticleNode, full: str, heading: str | None, publisher: str | None
) -> str | None:
    """As readers see it, where what the page tells machines agrees; else as it tells machines."""
    told = [_without_site(one, publisher) for one in [*_values(meta, _TITLES)[:1], node.headline or ""] if one]
    told = [one for one in told if not publisher or folded(one) != folded(publisher)]
    if heading is None:
        return next(iter(told), None) or _without_site(full, publisher) or None
    kicked = next((one for one in told if folded(heading).endswith(folded(one)) and len(one) < len(heading)), None)
    if kicked is not None:
        return heading[-len(kicked) :] if folded(heading[-len(kicked) :]) == folded(kicked) else kicked
    agreed = not told or _leads(heading, full) or any(_alike(heading, one) for one in told)
    return heading if agreed else told[0]


def _alike(heading: str, title: str) -> bool:
    """One of the two is the other, cut or with something added; or most of their words are the same."""
    first, second = folded(heading), folded(title)
    if len(first) > 8 and (first in second or second in first):
        return True
    words, others = set(first.split()), set(second.split())
    return len(words & others) * 2 >= max(len(words), len(others))


def _without_site(title: str, publisher: str | None) -> str:
    """ "Ceasefire holds | The Daily Bugle" → "Ceasefire holds", where the publisher is The Daily Bugle."""
    pieces = _pieces(title)
    while len(pieces) > 1 and publisher and _names_site(pieces[-1].text, publisher):
        pieces.pop()
    if len(pieces) > 1 and publisher and _names_site(pieces[0].text, publisher):
        return title[pieces[1].start :].strip()
    return title[: pieces[-1].end].strip() if pieces else title


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    end: int


def _pieces(title: str) -> list[_Piece]:
    pieces, done = [], 0
    for found in _SEPARATOR.finditer(title):
        pieces.append(_Piece(title[done : found.start()].strip(), done, found.start()))
        done = found.end()
    pieces.append(_Piece(title[done:].strip(), done, len(title)))
    return [piece for piece in pieces if piece.text]


def _names_site(text: str, publisher: str) -> bool:
    first, second = (re.sub(r"\W|www|\.(?:com|de|org|net|fr)\b", "", folded(one)) for one in (text, publisher))
    return bool(first and second) and (
        first == second or (min(len(first), len(second)) > 3 and (first in second or second in first))
    )


def _publisher(
    tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, full: str, heading: str | None
) -> str | None:
    """The name that the page gives its site; else what its title adds to the headline."""
    told = [
        *meta.get("og:site_name", ()),
        node.publisher or "",
        *_values(meta, _SITES[1:]),
        *_values(meta, _PUBLISHERS),
    ]
    names = [_cleaned(one) for one in told if one]
    titles = (pieces[0].text for pieces in map(_pieces, _values(meta, _TITLES)) if len(pieces) > 1)
    headlines = {folded(one) for one in (heading or "", *titles)}
    fitting = [
        one
        for one in names
        if 1 < len(one) <= _LONGEST_NAME and not _NOT_A_NAME.search(one) and folded(one) not in headlines
    ]
    named = [one for one in fitting if not _DOMAIN.fullmatch(one)]
    return next(iter(named), None) or _site_in_title(tree, full, heading) or next(iter(fitting), None)


def _cleaned(name: str) -> str:
    """Without the tagline that some sites carry in their name."""
    return re.split(r"\s+[|–—]\s+|\s+-\s+|\s*\|\s*", name.strip())[0].strip()


def _site_in_title(tree: html.HtmlElement, full: str, heading: str | None) -> str | None:
    """ "Ceasefire holds - The Daily Bugle" below a headline "Ceasefire holds": what stands last is the site's name,
    unless another h1 of the page is."""
    pieces = _pieces(full)
    if heading is None or len(pieces) < 2:
        return None
    top = {folded(_whole(one)) for one in tree.iter("h1")} - {folded(heading)}
    at = len(folded(heading)) if folded(full).startswith(folded(heading)) else 0
    after = [piece for piece in pieces if piece.start >= at]
    if not after or (at == 0 and folded(pieces[0].text) not in folded(heading)):
        return None
    last = after[-1].text
    if len(last) < _SHORTEST_SITE and len(after) > 1:  # "LimeSpace – IT"
        last = full[after[0].start :].strip()
    name = next((piece.text for piece in pieces if folded(piece.text) in top), last)
    return name if len(name) <= 50 and len(name.split()) <= 6 and not _NOT_A_NAME.search(name) else None


def _language(tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode) -> str | None:
    root = next(tree.iter("html"), tree)
    said = [root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang")]
    for one in [*said, node.language, *_values(meta, _LANGUAGES)]:
        found = _LANGUAGE.fullmatch((one or "").strip())
        if found and found[1].lower() not in ("und", "mul", "zxx", "xx"):
            return "-".join(part.lower() for part in found.groups() if part)
    return None


def _address(tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, known: str | None) -> str | None:
    """The page's own address: what it calls canonical where that can be, else where it came from."""
    base = next((one.get("href") for one in tree.iter("base") if one.get("href")), None) or known or ""
    links = [one.get("href") for one in tree.iter("link") if "canonical" in (one.get("rel") or "").lower().split()]
    said = [urljoin_or_none(base, one) for one in [*links, *_values(meta, ("og:url", "twitter:url")), node.url] if one]
    told = [one for one in said if one is not None and (known is None or _same_site(one, known))]
    deep = next((one for one in told if urlsplit(one).path.strip("/") or urlsplit(one).query), None)
    own = known if known and _is_address(known) else None
    return deep or own or next(iter(told), None)


def urljoin_or_none(base: str, address: str) -> str | None:
    """The address in full; None where it is no web address."""
    try:
        whole = urljoin(base, address.strip())
    except ValueError:
        return None
    return whole if _is_address(whole) else None


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and len(address) <= 2000 and " " not in address
        )
    except ValueError:
        return False


def _same_site(one: str, other: str) -> bool:
    """The last two labels of their hosts are the same, which ends no page's claim to another site's address falsely."""
    return _site(one) == _site(other)


def _site(address: str) -> list[str]:
    try:
        return (urlsplit(address).hostname or "").lower().split(".")[-2:]
    except ValueError:
        return []
