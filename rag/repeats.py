"""Whether a text says what a sentence says: the same, otherwise, or not at all.

Pure: sentences and texts in, verdicts out; for near copies, whose words are nearly the same, so that a few of them make
all the difference. Which words do is for `rag.alignment` to say: numbers, negations, and names, months and weekdays
among them. Two sentences that mean the same in other words are not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from rag.alignment import NEGATIONS, Word, align, differences, within, words
from rag.quotes import Difference, Sort
from rag.sentences import MAX_SENTENCE, sentences
from rag.types import Span

SIMILAR = 0.7
"""Share of equal words from which on two sentences are states of one."""

DENYING = 3
"""Words before a sentence's own among which a negation denies it."""

_NEGATED = re.compile(r"n['’ʼ]t$", re.IGNORECASE)
# "DUCKPORT, March 3 (Reuters) - ": where and by whom it was written, which is nothing that the sentence says.
_DATELINE = re.compile(
    r"[A-Z][^\n()]{0,60}\([^\n()]{2,40}\)\s*(?:--?|[–—:])\s|[A-Z]{3}[\w .,()'’-]{0,56}\s(?:--?|[–—])\s"
)

_FIGURES = {
    word: str(number)
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)  # noqa: SIM905
}
"""The numbers that one outlet writes out and another does not."""


class Said(IntEnum):
    """How a text says what a sentence says; of several sentences the greatest counts."""

    SAME = 0
    """With the same numbers, names and negations."""
    NOT = 1
    """It has no such sentence."""
    OTHERWISE = 2
    """It has the sentence with another number, name or negation."""


def said(those: Iterable[str], text: str) -> Said:
    """How the text says the sentences, all of them together."""
    return max((_verdict(*each) for each in _compared(those, text)), default=Said.SAME)


def tells_more(those: Iterable[str], text: str) -> bool:
    """Whether a number, a name or a negation of the sentences is not the text's."""
    return any(telling for _, telling in _compared(those, text))


def _verdict(similarity: float, telling: bool) -> Said:
    return Said.NOT if similarity < SIMILAR else Said.OTHERWISE if telling else Said.SAME


def _compared(those: Iterable[str], text: str) -> Iterator[tuple[float, bool]]:
    """For each sentence that does not stand in the text word for word: how much of it does, and whether a word differs
    that makes all the difference."""
    plain, known = _plain(text), list[Word]()
    for sentence in map(_without_dateline, those):
        if _plain(sentence) not in plain:
            known = known or words(text)
            yield _closest(sentence, text, known)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _without_dateline(sentence: str) -> str:
    found = _DATELINE.match(sentence)
    return sentence[found.end() :] if found else sentence


def _closest(sentence: str, text: str, known: Sequence[Word]) -> tuple[float, bool]:
    """By the stretch of the text that fits the sentence best, and what stands before it."""
    aligned = align(words(sentence), known)
    at = aligned.span
    if at is None:
        return 0.0, any(map(str.isupper, sentence)) or any(map(str.isdigit, sentence))
    whole = _sentence_around(text, at)
    different = differences(within(aligned, whole), sentence, text)
    telling = any(one.sort is not Sort.WORD and not _is_one_number(one) for one in different)
    return aligned.similarity, telling or _is_denied(known, at, whole)


def _sentence_around(text: str, at: Span) -> Span:
    """From where the sentence begins that the stretch begins in, to where the one ends that it ends in."""
    begin = max(text.rfind("\n\n", 0, at.start + 1), at.start - MAX_SENTENCE, 0)
    end = text.find("\n\n", at.end)
    end = min(end if end >= 0 else len(text), at.end + MAX_SENTENCE)
    held = [one for one in sentences(text, begin, end) if one.start < at.end and at.start < one.end]
    return Span(held[0].start, held[-1].end) if held else at


def _is_one_number(one: Difference) -> bool:
    """Whether it is "12" and "twelve" that differ."""
    given, found = one.given.casefold(), one.found.casefold()
    return _FIGURES.get(given, given) == _FIGURES.get(found, found)


def _is_denied(known: Sequence[Word], at: Span, whole: Span) -> bool:
    """Whether the sentence goes on before the stretch, and there with a negation: "Not all survived"."""
    before = [word for word in known if whole.start <= word.start < at.start][-DENYING:]
    return any(word.key in NEGATIONS or _NEGATED.search(word.text) for word in before)
