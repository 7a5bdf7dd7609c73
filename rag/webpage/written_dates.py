"""A date as a web page writes it, in the languages of the press, and the two days that "04/05/2020" may be.

Pure: text in, ISO 8601 out. What is a date in English words or in numbers from the year on is `rag.dates`' to say; here
stands what only pages write. Where the day and the month could change places, the page's other dates, its address and
its language tell; where they do not, it is no day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from rag.dates import parse_published

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
_HOUR = re.compile(r"\s*\bUhr\b")
_ENGLISH = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
    r"\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?:19|20)\d{2}",
    re.IGNORECASE,
)

# Of 990 pages, those that write such a date whose day is above 12: 24 in another language than English, of which 23
# put the day first; six in English, of which the four with a country keep to its way and the other two differ.
_MONTH_FIRST = frozenset({"en-us", "en-ph"})
_EITHER = frozenset({"en", "en-ca", "fr-ca"})


@dataclass(frozen=True, slots=True)
class Habit:
    """What a page tells of how to read "04/05/2020"."""

    day_first: bool | None = None
    """None where it does not tell."""
    month: str | None = None
    """The month that its address names, such as "2020-04"."""
    latest: str | None = None
    """A day after which it cannot have been written: that of its last change."""

    def chosen(self, year: int, first: int, second: int) -> str | None:
        """The day of a date in numbers, as ISO 8601; None where it may be two."""
        day_first, month_first = _iso(year, second, first), _iso(year, first, second)
        days = {day for day in (day_first, month_first) if day is not None}
        if len(days) > 1 and self.month in {day[:7] for day in days}:
            days = {day for day in days if day[:7] == self.month}
        if len(days) > 1 and self.latest is not None:
            days = {day for day in days if day <= self.latest} or days
        if len(days) > 1 and self.day_first is not None:
            return day_first if self.day_first else month_first
        return days.pop() if len(days) == 1 else None

    @classmethod
    def of(cls, shown: str, language: str | None, month: str | None, latest: str | None = None) -> Habit:
        """``shown``: all that the page shows; ``language``: that of its template, in lower case.

        Its own dates come before its language, which is often that of whoever made the template.
        """
        numbers = [(int(found[1]), int(found[2])) for found in _SLASHED.finditer(shown)]
        orders = {first > 12 for first, second in numbers if (first > 12) != (second > 12)}
        if len(orders) == 1:
            return cls(orders.pop(), month, latest)
        return cls(None if orders or language is None else _is_day_first(language), month, latest)


def _is_day_first(language: str) -> bool | None:
    if language in _EITHER or (language.endswith("-us") and not language.startswith("en")):
        return None
    return language not in _MONTH_FIRST


UNKNOWN = Habit()


def date_in(text: str, habit: Habit = UNKNOWN, *, whole: bool = False) -> str | None:
    """The date that a short text states; the whole of it must be one date, or it must hold one that is clear."""
    line = " ".join(text.split())[:400]
    if iso := parse_published(re.sub(r"\.\d+(?=Z|[+-]\d|$)", "", line)):
        return iso
    for pattern, read in _FORMS:
        found = pattern.search(line)
        if found and (iso := read(found)):
            return iso
    if (found := _SLASHED.search(line)) and (iso := habit.chosen(int(found[3]), int(found[1]), int(found[2]))):
        return iso
    if whole and (found := re.match(r"((?:19|20)\d{2}-\d{2}-\d{2})[T ]", line)):
        return parse_published(found[1])
    return None


def date_alone(text: str) -> str | None:
    """The date that a value is, with its time of day where it has one; None where it may be two, or holds more.

    "25/05/2020", "12/31/2020 10:15", "1.4.2020", "12. März 2020".
    """
    line = " ".join(text.split())[:400]
    if iso := parse_published(line):
        return iso
    for pattern, read in (*_FORMS[1:], (_SLASHED, _clear)):
        found = pattern.search(line)
        if found and (day := read(found)):
            clock = _HOUR.sub("", f"{line[: found.start()]} {line[found.end() :]}").strip()
            return parse_published(f"{day} {clock}".strip())
    return None


def is_shown(day: date, texts: Iterator[str], *, clearly: bool = False) -> bool:
    """Whether the day stands in one of the texts, in words or in numbers; ``clearly``: so that it can be no other."""
    month = f"(?:{'|'.join([f'0?{day.month}', *_names(day.month)])})"
    forms = _orders(day, month) if not clearly or day.day > 12 or day.day == day.month else _clear_orders(day)
    shown = re.compile(rf"(?<!\w)(?:{'|'.join(forms)}|{day:%Y%m%d})(?!\d)", re.IGNORECASE)
    return any(shown.search(text) for text in texts)


# No colon: 01:02:20 is a time.
_BETWEEN = r"[^\w:]{1,4}(?:(?:del?|of)\s+)?"


def _names(month: int) -> list[str]:
    return [_ENGLISH_MONTHS[month - 1], *(name for name, number in _MONTHS.items() if number == month)]


def _orders(day: date, month: str) -> list[str]:
    parts = (rf"(?:{day.year}|{day.year % 100:02})", month, f"0?{day.day}(?:st|nd|rd|th|er|º)?")
    return [_BETWEEN.join(parts[place] for place in order) for order in ((2, 1, 0), (1, 2, 0), (0, 1, 2))]


def _clear_orders(day: date) -> list[str]:
    """With the month's name, from the year on, and with dots."""
    from_the_year = _BETWEEN.join((str(day.year), f"0?{day.month}", f"0?{day.day}"))
    dotted = rf"0?{day.day}\.\s?0?{day.month}\.\s?(?:{day.year}|{day.year % 100:02})"
    return [*_orders(day, f"(?:{'|'.join(_names(day.month))})"), from_the_year, dotted]


def _of_names(found: re.Match[str]) -> str | None:
    month = _MONTHS.get(found[2].lower())
    return _iso(int(found[3]), month, int(found[1])) if month else None


def _clear(found: re.Match[str]) -> str | None:
    return UNKNOWN.chosen(int(found[3]), int(found[1]), int(found[2]))


def _iso(year: int, month: int, day: int) -> str | None:
    return parse_published(f"{year}-{month:02}-{day:02}")


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
    (_ISO, lambda found: parse_published(found.group())),
    (_NAMED, _of_names),
    (_ENGLISH, lambda found: parse_published(found.group())),
    (_DOTTED, lambda found: _iso(int(found[3]), int(found[2]), int(found[1]))),
)
