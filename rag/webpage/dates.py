"""When a page was published and last changed: where it says so, in the order in which pages are right about it.

Knows elements and their attributes; what is a date in words or numbers is for `rag.webpage.written_dates` to say. A
date that is read is as precise as the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from lxml import html

from rag.dates import parse_published
from rag.types import Origin
from rag.webpage.elements import LONGEST_LINE, is_beside, marks, short_text
from rag.webpage.json_ld import ArticleNode
from rag.webpage.written_dates import UNKNOWN, Habit, date_in, is_shown

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
    tree: html.HtmlElement,
    meta: dict[str, list[str]],
    node: ArticleNode,
    url: str | None,
    head: list[str],
    language: str | None = None,
) -> PageDates:
    """The page's dates; None where it states none that can be read. ``head``: the lines around its headline."""
    habit = _habit(tree, meta, node, url, language)
    published = next(_published(tree, meta, node, url, head, habit), None)
    updated = next(_updated(tree, meta, node, head, habit), None)
    if published is None and updated is not None and updated.origin in (Origin.TEXT, Origin.ELEMENT):
        return PageDates(updated, None)
    published = published or _guessed(tree, url, habit)
    is_later = _later(updated, published)
    return PageDates(_as_shown(published, head, habit) if published else None, updated if is_later else None)


def _habit(
    tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, url: str | None, language: str | None
) -> Habit:
    """How the page writes days in numbers."""
    changed = next(chain(_dated([node.modified], Origin.JSON_LD), _dated(_values(meta, _UPDATED), Origin.META)), None)
    latest = None
    if changed is not None and len(changed.iso) >= 10:  # a day later somewhere on earth
        latest = (date.fromisoformat(changed.iso[:10]) + timedelta(1)).isoformat()
    month = (_from_url(url) or "")[:7] or None
    return Habit.of(" ".join(_shown(tree)), language, month, latest)


def _shown(tree: html.HtmlElement) -> Iterator[str]:
    """The texts that the page shows."""
    for text in tree.xpath("//text()[not(parent::script or parent::style)]"):
        yield str(text)


def _published(
    tree: html.HtmlElement,
    meta: dict[str, list[str]],
    node: ArticleNode,
    url: str | None,
    head: list[str],
    habit: Habit,
) -> Iterator[Dated]:
    machine = replace(habit, day_first=None)  # what it gives machines, its program wrote, in that one's own way
    yield from _dated([node.published], Origin.JSON_LD, machine)
    yield from _dated(_values(meta, _PUBLISHED), Origin.META, machine)
    yield from _dated(_property(tree, _PUBLISHED_PROPERTIES), Origin.ELEMENT, habit)
    yield from _dated(_times(tree, changed=False), Origin.ELEMENT, habit)
    in_url = _from_url(url)
    if in_url is not None and len(in_url) == 10:
        yield Dated(in_url, Origin.URL)
    yield from _in_lines(head, habit, changed=False)
    yield from _in_lines(_marked_lines(tree), habit, changed=False)


def _updated(
    tree: html.HtmlElement, meta: dict[str, list[str]], node: ArticleNode, head: list[str], habit: Habit
) -> Iterator[Dated]:
    habit = replace(habit, month=None)  # the address names the month of publication
    yield from _dated([node.modified], Origin.JSON_LD)
    yield from _dated(_values(meta, _UPDATED), Origin.META)
    yield from _dated(_property(tree, _UPDATED_PROPERTIES), Origin.ELEMENT, habit)
    yield from _dated(_times(tree, changed=True), Origin.ELEMENT, habit)
    yield from _in_lines(head, habit, changed=True)
    yield from _in_lines(_marked_lines(tree), habit, changed=True)


def _values(meta: dict[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    return (value for name in names for value in meta.get(name, ()))


def _guessed(tree: html.HtmlElement, url: str | None, habit: Habit) -> Dated | None:
    """Where no rule found one: what htmldate finds, without its guesses; else the month in the address."""
    from htmldate import find_date

    article = deepcopy(tree)
    for element in [one for one in article.iter("div", "section", "ul", "ol", "aside", "nav") if is_beside(one)]:
        if element.getparent() is not None:
            element.drop_tree()
    found = find_date(article, original_date=True, extensive_search=False, outputformat="%Y-%m-%d")
    month = _from_url(url)
    iso = parse_published(found) if found else None
    # htmldate makes the first of the month of what is no day, such as 30.02.2020.
    if iso is not None and is_shown(date.fromisoformat(iso), _texts(article)):
        day = _day(date.fromisoformat(iso), article, habit)
        # Of one that may be two days, the year is sure.
        return Dated(day or month or iso[:4], Origin.URL if month and not day else Origin.TEXT)
    return Dated(month, Origin.URL) if month else None


def _day(found: date, article: html.HtmlElement, habit: Habit) -> str | None:
    """The day that htmldate found, or the other that the same numbers may mean; None where it may be both."""
    if is_shown(found, _texts(article), clearly=True):
        return found.isoformat()
    if not is_shown(found, _shown(article)):
        habit = replace(habit, day_first=None)
    return habit.chosen(found.year, found.day, found.month)


def _texts(tree: html.HtmlElement) -> Iterator[str]:
    """All in which a date may stand: the text as a whole, and piece by piece with the attributes."""
    yield tree.text_content()
    yield from (value for element in tree.iter() for value in (element.text, *element.attrib.values()) if value)


def _dated(values: Iterable[str | None], origin: Origin, habit: Habit = UNKNOWN) -> Iterator[Dated]:
    for value in values:
        if value and (iso := date_in(value, habit, whole=True)):
            yield Dated(iso, origin)


def _as_shown(published: Dated, head: list[str], habit: Habit) -> Dated:
    """The day that the page shows its readers, where it gives machines the same moment in another zone's day."""
    iso = published.iso
    if not iso.endswith("Z") or len(iso) < len("2020-04-01T22:00Z"):
        return published
    day, hour = date.fromisoformat(iso[:10]), int(iso[11:13])
    # Zones reach from twelve hours behind to fourteen ahead.
    near = {day + timedelta(1)} if hour >= 10 else set()
    near |= {day - timedelta(1)} if hour < 12 else set()
    shown = next(_in_lines(head, habit, changed=False), None)
    if shown is not None and len(shown.iso) >= 10 and date.fromisoformat(shown.iso[:10]) in near:
        return shown
    return published


def _later(updated: Dated | None, published: Dated | None) -> bool:
    """Changed after it was published; a page that gives one moment twice has not been changed."""
    if updated is None or published is None:
        return updated is not None
    changed, first = _moment(updated.iso), _moment(published.iso)
    if changed is not None and first is not None:
        return changed > first
    shared = min(len(updated.iso), len(published.iso), 19)
    return updated.iso[:shared] > published.iso[:shared]


def _moment(iso: str) -> datetime | None:
    """The time in UTC, without fractions of a second; None where it has no zone."""
    with suppress(ValueError, OverflowError):
        read = datetime.fromisoformat(iso)
        if read.tzinfo is not None:
            return read.astimezone(UTC).replace(microsecond=0)
    return None


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


def _in_lines(lines: Iterable[str], habit: Habit, *, changed: bool) -> Iterator[Dated]:
    """The dates that stand in lines; what follows "updated" is when the page was changed."""
    for line in lines:
        if not 6 <= len(line) <= LONGEST_LINE:
            continue
        found = _CHANGED.search(line)
        before, after = (line[: found.start()], line[found.start() :]) if found else (line, "")
        iso = date_in(after if changed else before, habit)
        if iso and iso >= _FIRST:
            yield Dated(iso, Origin.TEXT)


def _from_url(url: str | None) -> str | None:
    if found := _IN_URL.search(url or ""):
        return "-".join(found.groups())
    found = _MONTH_IN_URL.search(url or "")
    return "-".join(found.groups()) if found else None
