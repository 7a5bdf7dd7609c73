"""Days, months and years in prose; and whether what is cited gives the one that a claim gives.

Pure rules on English. "Monday" and "Jan. 8" of an article are completed by the day on which it was published; a claim
is never completed: it has no day of its own. Knows nothing of claims and quotes beyond their dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.dates import FIRST_YEAR, LAST_YEAR, date_range

_MONTHS = {name: number for number, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), 1)}
_WEEKDAYS = {name: number for number, name in enumerate(re.findall("...", "montuewedthufrisatsun"))}

_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:%]|[.,]\d)"
_YEAR = r"(?P<year>1[5-9]\d\d|2[01]\d\d)(?![\d%]|[.,]\d)"
# "May" and "march" are verbs, and "2000 people" is a number: what stands before them tells.
_BEFORE_MONTH = "in of by since until last next early late from this to and".split()  # noqa: SIM905
_BEFORE_YEAR = "in of by since until from during early late the year to and after before around".split()  # noqa: SIM905


def _after(those: list[str]) -> str:
    words = [form for word in those for form in (word, word.capitalize())]
    return f"(?:{'|'.join(f'(?<={word} )' for word in words)}|(?<=mid-)|(?<=\\())"


_FORMS = tuple(
    re.compile(rf"(?<![\w.,]){form}")
    for form in (
        rf"{_YEAR}-(?P<numeric>[01]\d)-(?P<day>[0-3]\d)(?!\d)",
        rf"{_DAY}(?:[ ]of)?[ ]{_MONTH}(?:,?[ ]{_YEAR})?",
        rf"{_MONTH}[ ]{_DAY}(?:,?[ ]{_YEAR})?",
        rf"{_MONTH},?[ ](?:of[ ])?{_YEAR}",
        r"(?P<weekday>Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?(?!\w)",
        rf"{_after(_BEFORE_MONTH)}{_MONTH}(?!\w)",
        rf"{_after(_BEFORE_YEAR)}{_YEAR}(?![-\w])(?![ ](?:people|troops|soldiers|jobs|dollars|euros|pounds))",
        r"(?P<relative>(?i:yesterday|today|tonight|tomorrow|(?:last|this|next)[ ](?:week|weekend|month|year|night)))"
        r"(?!\w)",
    )
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, month or year that a text names: `text[start:end]`."""

    start: int
    end: int
    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    """Monday is 0."""
    relative: str | None = None
    """"yesterday", "last week"."""

    @property
    def is_day(self) -> bool:
        """Whether it names one day, or a weekday."""
        return self.day is not None or self.weekday is not None or self.relative in _DAYS_FROM


_DAYS_FROM = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}


def moments(text: str, start: int = 0, end: int | None = None) -> list[Moment]:
    """What `text[start:end]` names, in order, the longest where several readings overlap."""
    stop = len(text) if end is None else end
    found: list[Moment] = []
    for form in _FORMS:
        for match in form.finditer(text, start, stop):
            if all(match.end() <= one.start or one.end <= match.start() for one in found):
                found += _read(match)
    return sorted(found, key=lambda one: one.start)


def _read(match: re.Match[str]) -> Iterator[Moment]:
    parts = match.groupdict()
    numeric, named = parts.get("numeric"), parts.get("month")
    month = int(numeric) if numeric else _MONTHS[named[:3].lower()] if named else None
    day, year = (int(parts[name]) if parts.get(name) else None for name in ("day", "year"))
    if (day is not None and not 1 <= day <= 31) or (month is not None and not 1 <= month <= 12):
        return
    weekday = _WEEKDAYS[parts["weekday"][:3].lower()] if parts.get("weekday") else None
    relative = " ".join(parts["relative"].lower().split()) if parts.get("relative") else None
    yield Moment(match.start(), match.end(), match[0], year, month, day, weekday, relative)


def completed(moment: Moment, published: str | None) -> tuple[Moment, ...]:
    """What a moment of an article may mean, given the day on which it was published; itself where that is not known.

    "Monday" is the one before or the one after, "Jan. 8" that of the nearest year.
    """
    day = _published_on(published)
    if day is None:
        return (moment,)
    if moment.relative in _DAYS_FROM:
        return (_as_day(moment, day + timedelta(_DAYS_FROM[moment.relative or ""])),)
    if moment.weekday is not None:
        back = (day.weekday() - moment.weekday) % 7
        return (_as_day(moment, day - timedelta(back)), _as_day(moment, day + timedelta((7 - back) % 7)))
    if moment.relative in {"last year", "this year", "next year"}:
        return (replace(moment, year=day.year + ("last", "this", "next").index(moment.relative[:4]) - 1),)
    if moment.month is not None and moment.year is None:
        return (replace(moment, year=min((day.year - 1, day.year, day.year + 1), key=_distance(moment, day))),)
    return (moment,)


def given(claimed: Moment, there: Sequence[Moment], published: str | None) -> bool:
    """Whether one of an article's moments is the claimed one, or more precise than it.

    The day on which it was published counts as named, too: "on 4 December, X reported".
    """
    named = [meant for one in there for meant in completed(one, published)]
    day = _published_on(published)
    if day is not None:
        named.append(_as_day(Moment(0, 0, ""), day))
    elif published:
        first, _ = date_range(published)
        named.append(Moment(0, 0, "", year=first // 10_000, month=first // 100 % 100 if len(published) > 4 else None))
    if claimed.year is not None and claimed.month is None:
        return any(one.year == claimed.year for one in named)
    return any(_covers(one, claimed) for one in named)


def _covers(one: Moment, claimed: Moment) -> bool:
    """Whether everything that is claimed is said; a weekday may follow from the date."""
    if claimed.relative is not None:
        return one.relative == claimed.relative
    weekday = one.weekday
    if weekday is None and claimed.weekday is not None and (day := _date(one)) is not None:
        weekday = day.weekday()
    pairs = (
        (claimed.year, one.year),
        (claimed.month, one.month),
        (claimed.day, one.day),
        (claimed.weekday, weekday),
    )
    return all(ours is None or ours == theirs for ours, theirs in pairs)


def _date(one: Moment) -> date | None:
    if one.year is None or one.month is None or one.day is None:
        return None
    try:
        return date(one.year, one.month, one.day)
    except ValueError:
        return None


def _as_day(moment: Moment, day: date) -> Moment:
    return replace(moment, year=day.year, month=day.month, day=day.day, weekday=day.weekday())


def _published_on(published: str | None) -> date | None:
    """The day of publication, where it is one day."""
    if not published:
        return None
    first, last = date_range(published)
    return date(first // 10_000, first // 100 % 100, first % 100) if first == last else None


def _distance(moment: Moment, day: date) -> Callable[[int], int]:
    def away(year: int) -> int:
        month, number = moment.month or 1, min(moment.day or 15, 28)
        return abs((date(min(max(year, FIRST_YEAR), LAST_YEAR), month, number) - day).days)

    return away
