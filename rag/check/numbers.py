"""Numbers in prose: digits or words, with what they are of; and whether one text's number is another's.

Pure rules on English. "1.5 million" is 1,500,000, "per cent" is "%", "two dozen" is 24; "about 200" allows for
rounding, "200" does not. Knows nothing of dates (`rag.check.days` takes those out first) or of claims.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from rag.types import Span


class Unit(StrEnum):
    """What a number is of, where that is plain."""

    NONE = ""
    PERCENT = "percent"
    MONEY = "money"
    ORDINAL = "ordinal"
    TIME = "time"


class Bound(StrEnum):
    """How exact a number is meant to be."""

    EXACT = ""
    ABOUT = "about"
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text: `text[start:end]`."""

    start: int
    end: int
    text: str
    value: float
    """Of a time of day, minutes; of a magnitude without a count ("dozens"), what it stands for, less than 0."""
    unit: Unit = Unit.NONE
    bound: Bound = Bound.EXACT
    is_pronoun: bool = False
    """"one", which may be nobody: counts as a number of what is cited, not of what is claimed."""


_COUNTED = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty
""".split()  # noqa: SIM905 (a list of 21 quoted words is no easier to read)
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {word: n for n, word in enumerate(_COUNTED)} | {word: 10 * n for n, word in enumerate(_TENS, 3)}
_SCALES = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "k": 1000,
    "million": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "b": 10**9,
    "trillion": 10**12,
    "tn": 10**12,
}
_THIRD_ON = ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")
_ORDINALS = {word: n for n, word in enumerate(_THIRD_ON, 3)}  # "first" and "second" are other words as often
_PARTS = {"half": 0.5, "thirds": 1 / 3, "quarters": 0.25}
_MAGNITUDES = {"dozens": -12, "hundreds": -100, "thousands": -1000, "millions": -(10**6), "billions": -(10**9)}
_TIMES_OF = {"twice": 2, "double": 2, "doubled": 2, "triple": 3, "tripled": 3}

_SCALE = r"(?:[\s-]?(?:hundred|thousand|million|billion|trillion|dozen|bn|mn|tn)|[kmb])"  # "5 m" is a length
_DIGITS = re.compile(
    rf"""(?<![\w.,])(?P<money>(?:US|C|A)?[$£€¥]\s?)?
    (?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)
    (?:(?P<ordinal>st|nd|rd|th)\b | s\b | (?P<scale>{_SCALE})\b(?!\.?\w))?""",
    re.VERBOSE | re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<![\w.:])(?P<hour>[0-2]?\d)[:.](?P<minute>[0-5]\d)(?:\s?(?P<half>[ap])\.?m\b)?(?![\d:%])", re.I)
_SPELT = [name for name in _SCALES if len(name) > 2]
_WORD = "|".join(sorted([*_SMALL, *_SPELT, *_ORDINALS, *_PARTS, *_MAGNITUDES, *_TIMES_OF], key=len, reverse=True))
_WORDS = re.compile(rf"\b(?:{_WORD})\b(?:(?:\s+and\s+|[\s-]+(?:and\s+a\s+|a\s+)?)(?:{_WORD})\b)*", re.IGNORECASE)
_AFTER = re.compile(
    r"[\s-]?(?:(?P<percent>%|per[ ]?cent\b|percentage\b|pct\b)|(?P<money>dollars?\b|euros?\b|pounds?\b(?!\sof)|yen\b))",
    re.IGNORECASE,
)
_BOUNDS = (
    (Bound.MORE, re.compile(r"\b(?:more than|over|at least|above|upwards? of|no fewer than|exceed\w*)\s*$", re.I)),
    (Bound.LESS, re.compile(r"\b(?:fewer than|less than|under|up to|below|at most|nearly|almost|close to)\s*$", re.I)),
    (
        Bound.ABOUT,
        re.compile(r"\b(?:about|around|roughly|some|approximately|approx\.?|circa|an estimated|estimated)\s*$", re.I),
    ),
)
_RANGE = re.compile(r"\s*(?:to|and|or|-|–|—)\s*(?:about\s)?[$£€]?", re.IGNORECASE)


def numbers(text: str, start: int = 0, end: int | None = None) -> list[Number]:
    """The numbers in `text[start:end]`, in order; offsets count code points of `text`."""
    stop = len(text) if end is None else end
    found: list[Number] = [_clock(match) for match in _CLOCK.finditer(text, start, stop) if _is_clock(match)]
    taken = [(one.start, one.end) for one in found]
    for match in _DIGITS.finditer(text, start, stop):
        if not _overlaps(match.span(), taken):
            found.append(_in_digits(text, match))
    for match in _WORDS.finditer(text, start, stop):
        if not _overlaps(match.span(), [(one.start, one.end) for one in found]):
            found += _in_words(match)
    found.sort(key=lambda one: one.start)
    return _shared(text, [_with_unit(text, _bounded(text, one), stop) for one in found])


def held(claimed: Number, there: Iterable[Number]) -> bool:
    """Whether one of the numbers says what the claimed one says."""
    return any(agree(claimed, one) for one in there)


def agree(claimed: Number, other: Number) -> bool:
    """Whether both say the same number; "about" and "more than" of the claim allow for rounding."""
    if not _same_kind(claimed, other):
        return False
    ours, theirs = claimed.value, other.value
    if math.isclose(ours, theirs, rel_tol=1e-9):
        return claimed.bound not in {Bound.MORE, Bound.LESS} or other.bound is not _OPPOSITE.get(claimed.bound)
    if claimed.bound is Bound.EXACT or min(ours, theirs) <= 0 or claimed.unit is Unit.TIME:
        return False
    if claimed.bound is Bound.ABOUT:
        return abs(ours - theirs) <= 0.5 * _step(ours)
    difference = theirs - ours if claimed.bound is Bound.MORE else ours - theirs
    return 0 < difference < _step(ours)


_OPPOSITE = {Bound.MORE: Bound.LESS, Bound.LESS: Bound.MORE}


def _same_kind(one: Number, other: Number) -> bool:
    """A percentage is a percentage; a part of one ("half") may be; money may go unsaid."""
    if one.unit is other.unit:
        return True
    units = {one.unit, other.unit}
    return units in ({Unit.NONE, Unit.MONEY}, {Unit.NONE, Unit.ORDINAL})


def _step(value: float) -> float:
    """One in the last digit that is not nought: 1,500,000 was rounded to hundreds of thousands."""
    digits = f"{value:.12g}"
    if "." in digits:
        return float(10 ** -len(digits.partition(".")[2]))
    return float(10 ** (len(digits) - len(digits.rstrip("0")))) if "e" not in digits else value / 10


# -- reading ---------------------------------------------------------------------------------------------------


def _is_clock(match: re.Match[str]) -> bool:
    return bool(match["half"]) or ":" in match[0]


def _clock(match: re.Match[str]) -> Number:
    hour = int(match["hour"]) % 12 if match["half"] else int(match["hour"])
    hour += 12 if (match["half"] or "").lower() == "p" else 0
    return Number(match.start(), match.end(), match[0], 60 * hour + int(match["minute"]), Unit.TIME)


def _in_digits(text: str, match: re.Match[str]) -> Number:
    value = float(match["digits"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower().strip(" -\n\xa0"), 1)
    unit = Unit.MONEY if match["money"] else Unit.ORDINAL if match["ordinal"] else Unit.NONE
    return Number(match.start(), match.end(), match[0], value, unit)


def _in_words(match: re.Match[str]) -> list[Number]:
    """The numbers that a run of number words makes: "two hundred and six" is one, "half a million" is one."""
    found: list[Number] = []
    total, current, seen, begin, unit, after = 0.0, 0.0, False, 0, Unit.NONE, 0
    pieces = list(re.finditer(rf"(?:{_WORD})\b", match[0], re.IGNORECASE))

    def close(end: int) -> None:
        nonlocal total, current, seen, unit
        if seen:
            words = match[0][begin:end]
            value = total + current
            found.append(
                Number(
                    match.start() + begin,
                    match.start() + end,
                    words,
                    value,
                    unit,
                    is_pronoun=words.lower() == "one",
                )
            )
        total, current, seen, unit = 0.0, 0.0, False, Unit.NONE

    for piece in pieces:
        word = piece[0].lower()
        if word in _SMALL:
            # "twenty-one" goes on; "three four" are two numbers.
            if seen and not _goes_on(current, total, _SMALL[word]):
                close(after)
            begin = piece.start() if not seen else begin
            current, seen = current + _SMALL[word], True
        elif word in _SCALES:
            begin = piece.start() if not seen else begin
            several = -1 if word == "dozen" and not seen else 1  # "several dozen"
            current, seen = several * (current or 1) * _SCALES[word], True
            if _SCALES[word] >= 1000:
                total, current = total + current, 0.0
        elif word in _PARTS:
            if seen and current:  # "two thirds"
                current *= _PARTS[word]
            else:
                close(after)
                begin, current, seen = piece.start(), _PARTS[word], True
        else:
            close(after)
            begin, seen = piece.start(), True
            current = _ORDINALS.get(word) or _TIMES_OF.get(word) or _MAGNITUDES[word]
            unit = Unit.ORDINAL if word in _ORDINALS else Unit.NONE
            close(piece.end())
        after = piece.end()
    close(after)
    return found


def _goes_on(current: float, total: float, value: float) -> bool:
    if current == 0:
        return total > 0
    return (current >= 20 and current % 10 == 0 and 0 < value < 10 and current % 100 != 10) or current >= 100


def _bounded(text: str, one: Number) -> Number:
    before = text[max(0, one.start - 24) : one.start]
    before = re.sub(r"\ban?\s+$", "", before)
    return next((replace(one, bound=bound) for bound, form in _BOUNDS if form.search(before)), one)


def _with_unit(text: str, one: Number, stop: int) -> Number:
    """The number with what is said after it: "percent", "dollars"."""
    after = _AFTER.match(text, one.end, stop)
    if after is None or one.unit in {Unit.ORDINAL, Unit.TIME}:
        return one
    return replace(one, unit=Unit.PERCENT if after["percent"] else Unit.MONEY)


def _shared(text: str, found: Sequence[Number]) -> list[Number]:
    """In "10 to 20 percent" and "2 to 3 million" the first number is of what the second is."""
    made = list(found)
    for place, (one, other) in enumerate(pairwise(found)):
        if one.unit is not Unit.NONE or not _RANGE.fullmatch(text, one.end, other.start):
            continue
        scale = next((s for s in (10**12, 10**9, 10**6, 1000) if other.value >= s and not other.text[-1:].isdigit()), 1)
        value = one.value * scale if one.value * scale <= other.value else one.value
        unit = other.unit if other.unit in {Unit.PERCENT, Unit.MONEY} else Unit.NONE
        made[place] = replace(one, value=value, unit=unit)
    return made


def _overlaps(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


def outside(found: Iterable[Number], spans: Sequence[Span]) -> list[Number]:
    """The numbers that are no part of one of the spans."""
    taken = [(span.start, span.end) for span in spans]
    return [one for one in found if not _overlaps((one.start, one.end), taken)]
