"""Dates as they stand in metadata and on press pages, made into ISO 8601 that is no more precise than its source.

Pure: knows no clock, no locale and no time zone database. What could mean two days ("04/05/2020") is not a date here.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, time

from rag.errors import UsageError

# News older than print or later than anyone reading this is a misread number, not a date.
FIRST_YEAR, LAST_YEAR = 1500, 2199
# The longest form ("Wednesday, September 30th, 2020 - 10:15:00 a.m. GMT+03:00") is far shorter; this bounds the work.
_LONGEST = 120
# ASCII: other scripts' digits are read by nobody further on.
_FLAGS = re.IGNORECASE | re.ASCII

_MONTHS = {name: number for number, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), 1)}
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_WRITTEN = tuple(
    re.compile(rf"(?<![\w.]){form}", _FLAGS)
    for form in (
        rf"{_DAY}[\s-]+(?:of\s+)?{_MONTH}[\s,-]+{_YEAR}",
        rf"{_MONTH}\s+{_DAY}(?:,\s*|\s+){_YEAR}",
        rf"{_YEAR}[\s,]+{_MONTH}\s+{_DAY}(?!\d)",
        rf"{_MONTH},?\s+{_YEAR}",
    )
)
_WEEKDAY = re.compile(
    r"\b(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b\.?",
    _FLAGS,
)
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?)?"
    r"(?![\d:])(?:\s*(?P<half>[ap])\.?m\b\.?)?",
    _FLAGS,
)
_OFFSET = re.compile(r"(?:\b(?:GMT|UTC)\s*)?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?(?![\d:])", re.ASCII)
_UTC = re.compile(r"\b(?:GMT|UTC|Z)\b")
# An abbreviation such as ET, IST or CEST names several zones: the local time is kept without an offset.
_ZONE_NAME = re.compile(r"\(?\b[A-Z]{2,5}\b\)?")
_JOINERS = re.compile(r"[\s,;|•·()–—-]+|\b(?:at|on)\b", _FLAGS)

_NUMERIC = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?:(?P=mark)(?P<day>\d{1,2})(?:[T\s]\s*(?P<clock>\S.*))?)?)?",
    _FLAGS,
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>Z?))?",
    re.ASCII,
)
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?",
    re.ASCII,
)


def parse_published(raw: str) -> str | None:
    """The date that ``raw`` states, as ISO 8601 and as precise as ``raw``; None where it states none, or more than one.

    "2020", "2020-04", "2020-04-01", or a date-time to the second ("2020-04-01T10:15:00", with "Z" or an offset where
    one is given). The whole of ``raw`` must be the date: a sentence that holds one gives None.
    """
    if len(raw) > _LONGEST:
        return None
    written = " ".join(raw.split())  # no-break spaces, too
    if not written.isprintable():
        return None
    return _numeric(written) or _compact(written) or _in_words(written)


def date_range(published: str) -> tuple[int, int]:
    """The first and the last day that an ISO date may mean, as integers yyyymmdd: "2020-04" → (20200401, 20200430).

    A date-time means the day written in it, in its own zone. Raises ValueError on what `parse_published` never gives.
    """
    found = _ISO.fullmatch(published)
    if found is None or _iso_time(found) is None:
        raise ValueError(f"not an ISO 8601 date: {published!r}")
    year = int(found["year"])
    first_month, last_month = (int(found["month"]),) * 2 if found["month"] else (1, 12)
    if found["day"]:
        first_day = last_day = int(found["day"])
    else:
        first_day, last_day = 1, monthrange(year, last_month)[1] if 1 <= last_month <= 12 else 0
    first, last = date(year, first_month, first_day), date(year, last_month, last_day)
    return _as_number(first), _as_number(last)


def days_about(published: str, before: int, after: int) -> tuple[int, int]:
    """So many days before the first and after the last day that an ISO date may mean, as integers yyyymmdd."""
    first, last = date_range(published)
    return _moved(first, -before), _moved(last, after)


def _moved(day: int, days: int) -> int:
    year, rest = divmod(day, 10_000)
    moved = date(year, *divmod(rest, 100)).toordinal() + days
    return _as_number(date.fromordinal(min(max(moved, 1), date.max.toordinal())))


_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_YEAR_ALONE = re.compile(
    r"\b(?:in|during|since|until|till|by|before|after|from|early|late|mid|year|spring|summer|autumn|fall|winter|the)"
    r"[ -](?P<year>(?:19|20)\d\d)(?![\w%-])(?![.,:]\d)",
    _FLAGS,
)


def named_in(text: str) -> tuple[str, ...]:
    """The years, months and days that running text names with their year, as ISO 8601, in their order.

    "On 8 April 2020", "in March 2021", "since 2003", "the 2022 Games"; not a number of four digits by itself.
    """
    found: dict[int, str] = {}
    taken = [False] * len(text)
    for form in (*_WRITTEN, _YEAR_ALONE):
        for match in form.finditer(text):
            parts = match.groupdict()
            month = parts.get("month")
            iso = _assemble(parts["year"], str(_MONTHS[month[:3].lower()]) if month else None, parts.get("day"), "")
            if iso is not None and not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                found[match.start()] = iso
    return tuple(dict.fromkeys(found[start] for start in sorted(found)))


def in_words(published: str) -> str:
    """A day, month or year, ISO 8601, as it is read: "3 January 2020", "January 2020", "2020"."""
    year, *rest = published.partition("T")[0].split("-")
    month = [_MONTH_NAMES[int(rest[0]) - 1]] if rest else []
    day = [str(int(rest[1]))] if len(rest) > 1 else []
    return " ".join((*day, *month, year))


def parse_filter_date(raw: str) -> str:
    """What a user gave for --since or --until, as ISO 8601. Raises UsageError where that is not one clear date."""
    parsed = parse_published(raw)
    if parsed is None:
        shown = "".join(character if character.isprintable() else "?" for character in raw[:60])
        raise UsageError(f"not a date: '{shown}'; write it as 2020, 2020-04 or 2020-04-01")
    return parsed


def _as_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _iso_time(found: re.Match[str]) -> time | None:
    """The time of day in an ISO match, midnight where it has none; None where there is no such time."""
    try:
        return time(int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        return None


def _numeric(written: str) -> str | None:
    """2020, 2020-04, 2020-04-01, 2020/04/01, each with a time after the day."""
    found = _NUMERIC.fullmatch(written)
    if found is None:
        return None
    return _assemble(found["year"], found["month"], found["day"], found["clock"] or "")


def _compact(written: str) -> str | None:
    """20200401, 20200401T101500Z."""
    found = _COMPACT.fullmatch(written)
    if found is None:
        return None
    clock = ":".join(part for part in found.group("hour", "minute", "second") if part)
    return _assemble(found["year"], found["month"], found["day"], clock + (found["zone"] or ""))


def _in_words(written: str) -> str | None:
    """A date with the month's name, in any usual order; what surrounds it may only be weekday, time and zone."""
    for form in _WRITTEN:
        found = form.search(written)
        if found is None:
            continue
        parts = found.groupdict()
        month = _MONTHS[parts["month"][:3].lower()]
        around = written[: found.start()] + " " + written[found.end() :]
        return _assemble(parts["year"], str(month), parts.get("day"), _WEEKDAY.sub(" ", around, count=1))
    return None


def _assemble(year: str, month: str | None, day: str | None, clock: str) -> str | None:
    """The ISO form of these parts; None where there is no such day or time, or ``clock`` holds anything else."""
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    iso = "-".join([year, *(part.zfill(2) for part in (month, day) if part)])
    timed = _clock(clock)
    if timed is None or (timed and not day):
        return None
    return f"{iso}T{timed}" if timed else iso


def _clock(written: str) -> str | None:
    """ "10:15:00", with its offset where known; "" where ``written`` is empty; None where it holds anything else."""
    found = _TIME.search(written)
    if found is None or not (found["minute"] or found["half"]):
        return None if _JOINERS.sub("", written) else ""
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    try:
        moment = time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        return None
    # A zone may only follow the time; what stands before it may only join it to the date.
    zone = _zone(written[found.end() :])
    if zone is None or _JOINERS.sub("", written[: found.start()]):
        return None
    return moment.isoformat() + zone


def _zone(written: str) -> str | None:
    """ "Z", "+03:00", or "" where no known zone is named; None where ``written`` holds anything else."""
    offset = _OFFSET.match(written.lstrip())
    if offset:
        rest, zone = written.lstrip()[offset.end() :], _offset(offset)
    elif named := _UTC.search(written):
        rest, zone = written[: named.start()] + written[named.end() :], "Z"
    else:
        rest, zone = written, ""
    rest = _ZONE_NAME.sub("", rest, count=1)
    return None if _JOINERS.sub("", rest) else zone


def _offset(found: re.Match[str]) -> str | None:
    hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
    if hours > 14 or minutes > 59:  # the largest offset in use is +14:00
        return None
    return f"{found['sign']}{hours:02}:{minutes:02}" if hours or minutes else "Z"
