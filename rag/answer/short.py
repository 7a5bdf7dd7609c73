"""The short answer in its sentence: all that is enumerated ("France, Spain and Italy"), or one of two options. Pure."""

from __future__ import annotations

import re
from itertools import takewhile

from rag.types import Span

_NO_NAME = (
    r"(?!(?:The|A|An|In|On|At|By|For|From|With|After|Before|But|And|Or|So|When|While|As|If|Both|Among|Between|Since|He|She"
    r"|It|They|We|I|His|Her|Their|Its|Our|This|That|These|Those|There|Here|Of|To|Not|However|Meanwhile|Also)\b)"
)
_WORD = rf"{_NO_NAME}(?:[A-Z]|al-(?=[A-Z])|el-(?=[A-Z]))[\w’'&-]*(?:(?<=\b[A-Z])\.)?"
_JOINT = r"(?:of(?: the)?|de|del|da|di|van|von|der|bin|ibn|al|el|la|le|du)"
_NAME = rf"[“\"]?{_WORD}(?: (?:{_JOINT} )?(?:{_WORD}|\d+(?![\w.,]\d)))*[”\"]?"
_ENUMERATION = re.compile(
    rf"{_NAME}(?:, (?:the )?{_NAME})*(?:,? (?:and|or|&)|,? as well as) (?:the )?{_NAME}(?![\w’'-])"
)
_BETWEEN = re.compile(r",? (?:and|or|&|as well as) |, (?:and |or )?|; ")


def items(words: str) -> int:
    """How many things the words name, by the commas and the "and" between them."""
    return len([one for one in _BETWEEN.split(words) if one.strip()])


def whole(sentence: str, short: Span) -> Span:
    """The enumeration of names that the short answer is part of, as a range of the sentence; else the short answer."""
    for found in _ENUMERATION.finditer(sentence):
        if found.start() < short.end and short.start < found.end():
            return Span(min(short.start, found.start()), max(short.end, found.end()))
    return short


LONGEST_OPTION = 6
"""Words."""

_LEADS_IN = re.compile(
    r"(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must|it|he|she|they|the|a"
    r"|an|to|in|on|at|by|for|from|only|just|rather|instead|not) )+",
    re.IGNORECASE,
)


def option(options: tuple[str, str], sentence: str, short: Span | None) -> Span | None:
    """Which of both options stands in the sentence, as a range of it; where both do, the one that the reader's short
    answer touches, where neither does, that short answer.

    Of the words before the "or" an option is the last ones, of those after it the first ones: as many as stand there.
    """
    before, after = _words(options[0].rpartition(", ")[2]), _words(options[1].partition(", ")[0])
    lengths = range(LONGEST_OPTION, 0, -1)
    first = _first([before[-length:] for length in lengths], sentence)
    # "Biden" stands for "Joe Biden"; before the "or" the surname is the last word anyway.
    name = list(takewhile(lambda word: word[0].isupper(), after))
    second = _first([*(after[:length] for length in lengths), *([word] for word in reversed(name))], sentence)
    if first is None and second is None:
        return short
    if first is None or second is None:
        return first or second
    both = (one for one in (first, second) if short and one.start < short.end and short.start < one.end)
    return next(both, None)


def _words(part: str) -> list[str]:
    return _LEADS_IN.sub("", part, count=1).split()


def _first(runs: list[list[str]], sentence: str) -> Span | None:
    """Where the longest of the runs stands; one that only leads in to an option is none."""
    for run in runs:
        words = " ".join(run)
        place = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", sentence, re.IGNORECASE)
        if words and place is not None and not _LEADS_IN.fullmatch(f"{words} "):
            return Span(place.start(), place.end())
    return None
