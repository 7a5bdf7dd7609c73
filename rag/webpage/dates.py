"""When a page was published and last changed: where it says so, in the order in which pages are right about it.

Knows elements and their attributes; what is a date in words is `rag.dates`' to say for English, and here for the other
languages of the press. A date that is read is as precise as the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import html

from rag.dates import parse_published
from rag.types import Origin
from rag.webpage.json_ld import ArticleNode

_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "og:published_time", "datepublished", "published_time"),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "pubdate",
        "publishdate",
        "publish-date",
        "publication_date",
        "publicationdate",
    ),
    *(
        "cxenseparse:recs:publishtime",
        "cxenseparse:publishtime",
        "article.published",
        "dc.date.issued",
        "dcterms.issued",
    ),
    *("dcterms.created", "dc.date.created", "dc.date", "dc:date", "dcterms.date", "citation_publication_date"),
    *("citation_date", "citation_online_date", "date", "article.created", "originalpublicationdate", "last-published"),
    *("rnews:datepublished", "created", "date.created", "iso-8601-publish-date", "bt:pubdate", "vr:published_time"),
)
_UPDATED = (
    *("article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "modified_time"),
    *("last-modified", "dcterms.modified", "dc.date.modified", "lastmod", "article.updated", "revised", "updated_time"),
)
_IN_URL = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?:[/_.-]|$)")
_MONTH_IN_URL = re.compile(r"/((?:19|20)\d{2})[/-](0[1-9]|1[0-2])/")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner jan janvier janv enero ene gennaio gen janeiro stycznia styczeń januari ocak",
            "februar feber feb février févr fevrier febrero febbraio fevereiro fev lutego luty februari şubat",
            "märz maerz mär mrz mars marzo mar março marca marzec maart mrt mart",
            "april apr avril avr abril abr aprile kwietnia kwiecień nisan",
            "mai mayo may maggio mag maio maja maj mei mayıs",
            "juni jun juin junio giugno giu junho czerwca czerwiec haziran",
            "juli jul juillet juil julio luglio lug julho lipca lipiec temmuz",
            "august aug août aout agosto ago sierpnia sierpień augustus ağustos",
            "september sep sept septembre septiembre setiembre settembre set setembro września wrzesień eylül",
            "oktober okt octobre oct octubre ottobre ott outubro out października październik ekim",
            "november nov novembre noviembre novembro listopada listopad kasım",
            "dezember dez décembre déc decembre diciembre dic dicembre dezembro grudnia grudzień december dec aralık",
        ),
        1,
    )
    for name in names.split()
}
_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|º|er|de)?\s*(?:de\s+)?([^\W\d_]{3,12})\.?,?\s*(?:del?\s+)?((?:19|20)\d{2})(?!\d)",
    re.IGNORECASE,
)
# With dots the day comes first wherever dots are written; with slashes it may be either.
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d{2})(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})[/-](\d{1,2})[/-]((?:19|20)\d{2})(?![\d/])")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)")
_ENGLISH = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
    r"\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?:19|20)\d{2}",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"updat|modif|aktualis|geändert|actualiz|mis à jour|aggiorn|aktualiz|gewijzigd|bearbeitet|stand\b", re.I
)
_DATE_MARK = re.compile(
    r"(?<![a-z])(?:date(?!n)|datum|published|pubdate|posted|timestamp|entry-?meta|post-?meta|post-?info|byline|meta|fecha|time"
    r"|dtreviewed|dateline|article-?info|article-?meta)"
)
_ELSEWHERE = re.compile(
    r"comment|related|sidebar|widget|footer|teaser-?list|recommend|kommentar|more-|latest|popular|calendar"
)
_LONGEST = 160
_MOST_ELEMENTS = 20_000


@dataclass(frozen=True, slots=True)
class Dated:
    """A date and where it was found."""

    iso: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class PageDates:
    published: Dated | None
    updated: Dated | None


def read_dates(tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, url: str | None) -> PageDates:
    """The page's dates; None where it states none that can be read."""
    published = next(_published(tree, meta, node, url), None)
    updated = next(_updated(tree, meta, node), None)
    if published is None and updated is not None and updated.origin is not Origin.META:
        return PageDates(updated, None)
    return PageDates(published, updated if _later(updated, published) else None)


def _published(
    tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, url: str | None
) -> Iterator[Dated]:
    yield from _dated([node.published], Origin.JSON_LD)
    yield from _dated((value for name in _PUBLISHED for value in meta.get(name, ())), Origin.META)
    yield from _dated(_property(tree, "datepublished"), Origin.ELEMENT)
    in_url = _from_url(url)
    yield from _dated(_times(tree, changed=False), Origin.ELEMENT)
    if in_url is not None and len(in_url) == 10:
        yield Dated(in_url, Origin.URL)
    yield from _lines(tree, changed=False)
    if in_url is not None:
        yield Dated(in_url, Origin.URL)


def _updated(tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode) -> Iterator[Dated]:
    yield from _dated([node.modified], Origin.JSON_LD)
    yield from _dated((value for name in _UPDATED for value in meta.get(name, ())), Origin.META)
    yield from _dated(_property(tree, "datemodified"), Origin.ELEMENT)
    yield from _dated(_times(tree, changed=True), Origin.ELEMENT)
    yield from _lines(tree, changed=True)


def _dated(values: Iterable[str | None], origin: Origin) -> Iterator[Dated]:
    for value in values:
        if value and (iso := date_in(value, whole=True)):
            yield Dated(iso, origin)


def _later(updated: Dated | None, published: Dated | None) -> bool:
    """Changed after it was published; a page that gives one moment twice has not been changed."""
    if updated is None or published is None:
        return updated is not None
    shared = min(len(updated.iso), len(published.iso), 19)
    return updated.iso[:shared] > published.iso[:shared]


def _property(tree: html.HtmlElement, name: str) -> Iterator[str]:
    """Microdata: <… itemprop="datePublished" content="…">."""
    for element in tree.xpath("//*[@itemprop]"):
        if name in (element.get("itemprop") or "").lower().split() and not _is_elsewhere(element):
            yield element.get("content") or element.get("datetime") or _text(element)


def _times(tree: html.HtmlElement, *, changed: bool) -> Iterator[str]:
    """<time> elements: those that say that they are the page's date first, then any in its head."""
    times = [element for element in tree.iter("time") if not _is_elsewhere(element)][:50]
    said = [one for one in times if one.get("pubdate") is not None or _says_date(one)]
    for element in said or times[:1]:
        if _is_changed(element) is changed:
            yield element.get("datetime") or ""
            yield _text(element)


def _says_date(element: html.HtmlElement) -> bool:
    around = [element, *element.iterancestors()][:3]
    return any(_DATE_MARK.search(_marks(one)) for one in around)


def _is_changed(element: html.HtmlElement) -> bool:
    before = element.getprevious()
    beside = (before.tail or _text(before)) if before is not None else (element.getparent().text or "")
    return _CHANGED.search(f"{_marks(element)} {beside[-40:]} {_text(element)[:40]}".lower()) is not None


def _lines(tree: html.HtmlElement, *, changed: bool) -> Iterator[Dated]:
    """Short elements whose class says that they hold a date."""
    for count, element in enumerate(
        tree.iter("div", "span", "p", "li", "small", "em", "strong", "td", "h5", "h6", "a", "b")
    ):
        if count > _MOST_ELEMENTS:
            return
        if not _DATE_MARK.search(_marks(element)) or _is_elsewhere(element):
            continue
        text = _text(element)
        if not 6 <= len(text) <= _LONGEST:
            continue
        parts = re.split(r"(?=" + _CHANGED.pattern + ")", text, maxsplit=1, flags=re.I)
        chosen = (parts[1] if len(parts) > 1 else "") if changed else parts[0]
        if iso := date_in(chosen):
            yield Dated(iso, Origin.TEXT)


def _from_url(url: str | None) -> str | None:
    if found := _IN_URL.search(url or ""):
        return "-".join(found.groups())
    found = _MONTH_IN_URL.search(url or "")
    return "-".join(found.groups()) if found else None


def date_in(text: str, *, whole: bool = False) -> str | None:
    """The date that a short text states; the whole of it must be one date, or it must hold one that is clear."""
    line = " ".join(text.split())[:400]
    if iso := parse_published(re.sub(r"\.\d+(?=Z|[+-]\d|$)", "", line)):
        return iso
    for pattern, read in _FORMS:
        found = pattern.search(line)
        if found and (iso := read(found)):
            return iso
    if whole and (found := re.match(r"((?:19|20)\d{2}-\d{2}-\d{2})[T ]", line)):
        return parse_published(found[1])
    return None


def _of_names(found: re.Match[str]) -> str | None:
    month = _MONTHS.get(found[2].lower())
    return parse_published(f"{found[3]}-{month:02}-{int(found[1]):02}") if month else None


def _of_numbers(found: re.Match[str]) -> str | None:
    return parse_published(f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}")


def _of_slashes(found: re.Match[str]) -> str | None:
    """Which is the day, where only one of the two can be."""
    first, second = int(found[1]), int(found[2])
    if first > 12 or first == second:
        return parse_published(f"{found[3]}-{second:02}-{first:02}")
    return parse_published(f"{found[3]}-{first:02}-{second:02}") if second > 12 else None


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
    (_ISO, lambda found: parse_published(found.group())),
    (_NAMED, _of_names),
    (_ENGLISH, lambda found: parse_published(found.group())),
    (_DOTTED, _of_numbers),
    (_SLASHED, _of_slashes),
)


def _marks(element: html.HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"[:300].lower()


def _is_elsewhere(element: html.HtmlElement) -> bool:
    """Stands with the comments, or with other articles."""
    for one in element.iterancestors():
        if one.tag in ("aside", "footer", "nav") or _ELSEWHERE.search(_marks(one)) and one.tag not in ("body", "html"):
            return True
    return False


def _text(element: html.HtmlElement) -> str:
    pieces, length = [], 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece)
        if length > 4 * _LONGEST:
            break
    return " ".join("".join(pieces).split())
