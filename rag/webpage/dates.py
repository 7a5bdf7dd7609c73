"""When a page was published and last changed: where it says so, in the order in which pages are right about it.

Knows elements and their attributes; what is a date in words is `rag.dates`' to say for English, and here for the other
languages of the press. A date that is read is as precise as the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta

from lxml import html

from rag.dates import parse_published
from rag.types import Origin
from rag.webpage.elements import LONGEST_LINE, is_beside, marks, short_text
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
_PUBLISHED_PROPERTIES = ("datepublished", "schema:datepublished", "dc:date", "dc:created", "dcterms:issued", "pubdate")
_UPDATED_PROPERTIES = ("datemodified", "schema:datemodified", "dcterms:modified")
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
_ENGLISH_MONTHS = (
    *("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?"),
    *("sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?"),
)
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
_MOST_ELEMENTS = 20_000
# There were no web pages before; newspapers put their archives online with the dates in their metadata.
_FIRST = "1991"
_LINES = (
    *("div", "span", "p", "li", "small", "em", "strong", "td", "dd", "abbr", "h2", "h3", "h4", "h5", "h6", "a", "b"),
    *("header", "footer", "section", "font", "i", "ul"),
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date and where it was found."""

    iso: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class PageDates:
    published: Dated | None
    updated: Dated | None


def read_dates(
    tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, url: str | None, head: list[str]
) -> PageDates:
    """The page's dates; None where it states none that can be read. ``head``: the lines around its headline."""
    published = next(_published(tree, meta, node, url, head), None)
    updated = next(_updated(tree, meta, node, head), None)
    if published is None and updated is not None and updated.origin in (Origin.TEXT, Origin.ELEMENT):
        return PageDates(updated, None)
    published = _as_shown(published, head) if published else _guessed(tree, url)
    return PageDates(published, updated if _later(updated, published) else None)


def _published(
    tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, url: str | None, head: list[str]
) -> Iterator[Dated]:
    yield from _dated([node.published], Origin.JSON_LD)
    yield from _dated((value for name in _PUBLISHED for value in meta.get(name, ())), Origin.META)
    yield from _dated(_property(tree, _PUBLISHED_PROPERTIES), Origin.ELEMENT)
    yield from _dated(_times(tree, changed=False), Origin.ELEMENT)
    in_url = _from_url(url)
    if in_url is not None and len(in_url) == 10:
        yield Dated(in_url, Origin.URL)
    yield from _in_lines(head, changed=False)
    yield from _in_lines(_marked_lines(tree), changed=False)


def _updated(tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, head: list[str]) -> Iterator[Dated]:
    yield from _dated([node.modified], Origin.JSON_LD)
    yield from _dated((value for name in _UPDATED for value in meta.get(name, ())), Origin.META)
    yield from _dated(_property(tree, _UPDATED_PROPERTIES), Origin.ELEMENT)
    yield from _dated(_times(tree, changed=True), Origin.ELEMENT)
    yield from _in_lines(head, changed=True)
    yield from _in_lines(_marked_lines(tree), changed=True)


def _guessed(tree: html.HtmlElement, url: str | None) -> Dated | None:
    """Where no rule found one: what htmldate finds, without its guesses; else the month in the address."""
    from htmldate import find_date

    article = deepcopy(tree)
    for element in [one for one in article.iter("div", "section", "ul", "ol", "aside", "nav") if is_beside(one)]:
        if element.getparent() is not None:
            element.drop_tree()
    found = find_date(article, original_date=True, extensive_search=False, outputformat="%Y-%m-%d")
    # htmldate makes the first of the month of what is no day, such as 30.02.2020.
    if found and (iso := parse_published(found)) and _shows(article, date.fromisoformat(iso)):
        return Dated(iso, Origin.TEXT)
    month = _from_url(url)
    return Dated(month, Origin.URL) if month else None


def _shows(tree: html.HtmlElement, day: date) -> bool:
    """Whether the page has this day somewhere: in words, in numbers or in an attribute."""
    named = (name for name, number in _MONTHS.items() if number == day.month)
    year = rf"(?:{day.year}|{day.year % 100:02})"
    month = "|".join([f"0?{day.month}", _ENGLISH_MONTHS[day.month - 1], *named])
    parts = (year, f"(?:{month})", f"0?{day.day}(?:st|nd|rd|th|er|º)?")
    # No colon: 01:02:20 is a time.
    between = r"[^\w:]{1,4}(?:(?:del?|of)\s+)?"
    orders = (between.join(parts[place] for place in order) for order in ((2, 1, 0), (1, 2, 0), (0, 1, 2)))
    shown = re.compile(rf"(?<!\w)(?:{'|'.join(orders)}|{day:%Y%m%d})(?!\d)", re.IGNORECASE)
    values = (value for element in tree.iter() for value in (element.text, *element.attrib.values()))
    return any(shown.search(value) for value in (tree.text_content(), *filter(None, values)))


def _dated(values: Iterable[str | None], origin: Origin) -> Iterator[Dated]:
    for value in values:
        if value and (iso := date_in(value, whole=True)):
            yield Dated(iso, origin)


def _as_shown(published: Dated, head: list[str]) -> Dated:
    """The day that the page shows its readers, where it gives machines the same moment in another zone's day."""
    iso = published.iso
    if not iso.endswith("Z") or len(iso) < len("2020-04-01T22:00Z"):
        return published
    day, hour = date.fromisoformat(iso[:10]), int(iso[11:13])
    # Zones reach from twelve hours behind to fourteen ahead.
    near = {day + timedelta(1)} if hour >= 10 else set()
    near |= {day - timedelta(1)} if hour < 12 else set()
    shown = next(_in_lines(head, changed=False), None)
    if shown is not None and len(shown.iso) >= 10 and date.fromisoformat(shown.iso[:10]) in near:
        return shown
    return published


def _later(updated: Dated | None, published: Dated | None) -> bool:
    """Changed after it was published; a page that gives one moment twice has not been changed."""
    if updated is None or published is None:
        return updated is not None
    shared = min(len(updated.iso), len(published.iso), 19)
    return updated.iso[:shared] > published.iso[:shared]


def _property(tree: html.HtmlElement, names: tuple[str, ...]) -> Iterator[str]:
    """Microdata and RDFa: <… itemprop="datePublished" content="…">."""
    for element in tree.xpath("//*[@itemprop or @property][not(self::meta)]"):
        said = f"{element.get('itemprop') or ''} {element.get('property') or ''}".lower().split()
        if any(name in said for name in names) and not is_beside(element):
            yield element.get("content") or element.get("datetime") or short_text(element)


def _times(tree: html.HtmlElement, *, changed: bool) -> Iterator[str]:
    """<time> elements: those that say that they are the page's date first, then any in its head."""
    times = [element for element in tree.iter("time") if not is_beside(element)][:50]
    said = [one for one in times if one.get("pubdate") is not None or _says_date(one)]
    for element in said or times[:1]:
        if _is_changed(element) is changed:
            yield element.get("datetime") or ""
            yield short_text(element)


def _says_date(element: html.HtmlElement) -> bool:
    around = [element, *element.iterancestors()][:3]
    return any(_DATE_MARK.search(marks(one)) for one in around)


def _is_changed(element: html.HtmlElement) -> bool:
    before = element.getprevious()
    beside = (before.tail or short_text(before)) if before is not None else (element.getparent().text or "")
    return _CHANGED.search(f"{marks(element)} {beside[-40:]} {short_text(element)[:40]}".lower()) is not None


def _marked_lines(tree: html.HtmlElement) -> Iterator[str]:
    """Short elements whose class says that they hold a date."""
    for count, element in enumerate(tree.iter(*_LINES)):
        if count > _MOST_ELEMENTS:
            return
        if _DATE_MARK.search(marks(element)) and not is_beside(element):
            if element.tag == "abbr" and element.get("title"):
                yield element.get("title") or ""
            yield short_text(element)


def _in_lines(lines: Iterable[str], *, changed: bool) -> Iterator[Dated]:
    """The dates that stand in lines; what follows "updated" is when the page was changed."""
    for line in lines:
        if not 6 <= len(line) <= LONGEST_LINE:
            continue
        found = _CHANGED.search(line)
        before, after = (line[: found.start()], line[found.start() :]) if found else (line, "")
        iso = date_in(after if changed else before)
        if iso and iso >= _FIRST:
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
