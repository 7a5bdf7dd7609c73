"""Two texts word by word: the best place of one in the other, and which words differ.

Pure. A semi-global alignment by edit distance over words (Sellers, "The theory and computation of evolutionary
distances", 1980): all of the first text, against whatever stretch of the second fits it best.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.folding import QUOTATION_MARKS, UNSEEN
from rag.query import FUNCTION_WORDS
from rag.quotes import Difference, Kind, Sort
from rag.types import Span

# About one each. Of two ways with as many differences the one with more equal words wins (a word left out is a little
# cheaper), then the one that pairs words (one added is a little dearer).
CHANGED, ADDED, LEFT_OUT = 10, 11, 9

MOST_CELLS = 20_000_000
"""Words times words of one alignment: 80 MB. Longer texts are cut at the end."""

_WORD = re.compile(
    rf"""(?:[A-Za-z]\.){{2,}}                                       # U.S.
      | \d+(?:[.,:]\d+)*                                            # 5,200 and 3.5 and 10:15
      | [^\W\d_]+(?:[\u0300-\u036f{UNSEEN}'’ʼ]+[^\W\d_]+)*          # don’t
    """,
    re.VERBOSE,
)
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text; `key` is the same for two words that count as equal."""

    start: int
    end: int
    text: str
    key: str


Column = tuple[int | None, int | None]
"""Places in the two lists of words; None where one has no word."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """All words of one text against a stretch of another."""

    given: tuple[Word, ...]
    found: tuple[Word, ...]
    columns: tuple[Column, ...]

    @property
    def similarity(self) -> float:
        """Of the columns, the share whose words are equal: 0 to 1."""
        return sum(map(self.is_equal, self.columns)) / max(len(self.columns), 1)

    @property
    def telling(self) -> int:
        """How many of the equal words are not function words."""
        equal = {self.found[there].key for here, there in filter(self.is_equal, self.columns) if there is not None}
        return len(equal - FUNCTION_WORDS)

    @property
    def span(self) -> Span | None:
        """From the first to the last word of the other text, in its code points; None where no word is aligned."""
        places = [there for _, there in self.columns if there is not None]
        return Span(self.found[places[0]].start, self.found[places[-1]].end) if places else None

    def is_equal(self, column: Column) -> bool:
        """Whether both texts have the same word there."""
        here, there = column
        return here is not None and there is not None and self.given[here].key == self.found[there].key


def words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of `text[start:end]`; offsets count code points of `text`."""
    stop = len(text) if end is None else end
    return [Word(match.start(), match.end(), match[0], _key(match[0])) for match in _WORD.finditer(text, start, stop)]


@lru_cache(maxsize=50_000)
def _key(word: str) -> str:
    """The word without case, accents, apostrophes, and dots or thousands' commas inside."""
    if word.isascii() and word.isalpha():
        return word.lower()
    if word[0].isdigit():
        return unicodedata.normalize("NFKC", _THOUSANDS.sub("", word))
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(char for char in plain if char.isalnum())


def align(given: Sequence[Word], found: Sequence[Word]) -> Alignment:
    """The alignment of all of `given` with the stretch of `found` that it fits best; the first of several."""
    given = given[: MOST_CELLS // max(len(found), 1)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(word.key for word in (*given, *found)))}
    here = np.fromiter((numbers[word.key] for word in given), dtype=np.int32, count=len(given))
    there = np.fromiter((numbers[word.key] for word in found), dtype=np.int32, count=len(found))
    return Alignment(tuple(given), tuple(found), tuple(_traced(_costs(here, there), here, there)))


def _costs(here: NDArray[np.int32], there: NDArray[np.int32]) -> NDArray[np.int32]:
    """Row i, column j: the least cost of the first i words against a stretch that ends before word j."""
    costs = np.zeros((len(here) + 1, len(there) + 1), dtype=np.int32)
    slope = np.arange(len(there) + 1, dtype=np.int32) * LEFT_OUT
    for row, word in enumerate(here, 1):
        before, now = costs[row - 1], costs[row]
        now[0] = before[0] + ADDED
        np.minimum(before[:-1] + np.where(there == word, 0, CHANGED), before[1:] + ADDED, out=now[1:])
        # The least over all ways to leave words out: min over k <= j of now[k] + (j - k) * LEFT_OUT.
        now[:] = np.minimum.accumulate(now - slope) + slope
    return costs


def _traced(costs: NDArray[np.int32], here: NDArray[np.int32], there: NDArray[np.int32]) -> Iterator[Column]:
    """The columns of the cheapest path, first to last."""
    i, j = len(here), int(np.argmin(costs[-1]))
    columns: list[Column] = []
    while i > 0:
        cost = costs[i, j]
        same = j > 0 and here[i - 1] == there[j - 1]
        if j > 0 and cost == costs[i - 1, j - 1] + (0 if same else CHANGED):
            i, j = i - 1, j - 1
            columns.append((i, j))
        elif cost == costs[i - 1, j] + ADDED:
            i -= 1
            columns.append((i, None))
        else:
            j -= 1
            columns.append((None, j))
    return reversed(columns)


def within(alignment: Alignment, bounds: Span) -> Alignment:
    """The alignment without words of the other text outside `bounds` that are paired at its ends with unequal ones:
    where the sentence ends, what is left over was added, not changed."""
    columns = list(alignment.columns)
    equal = [place for place, column in enumerate(columns) if alignment.is_equal(column)]
    if not equal:
        return alignment
    for place in (*range(equal[0]), *range(equal[-1] + 1, len(columns))):
        here, there = columns[place]
        if there is not None:
            word = alignment.found[there]
            if word.start < bounds.start or word.end > bounds.end:
                columns[place] = (here, None)
    kept = [column for column in columns if column != (None, None)]
    while kept and kept[0][0] is None:
        kept.pop(0)
    while kept and kept[-1][0] is None:
        kept.pop()
    return Alignment(alignment.given, alignment.found, tuple(kept))


# What differs.


def differences(alignment: Alignment, given_text: str, found_text: str) -> tuple[Difference, ...]:
    """Each run of words that differ, in order; the sort is the gravest of its words'."""
    runs: list[list[Column]] = []
    before_equal = True
    for column in alignment.columns:
        equal = alignment.is_equal(column)
        if not equal:
            if before_equal:
                runs.append([])
            runs[-1].append(column)
        before_equal = equal
    common = {word.text for word in (*alignment.given, *alignment.found) if word.text.islower()}
    return tuple(_difference(alignment, run, given_text, found_text, common) for run in runs)


def _difference(
    alignment: Alignment, run: Sequence[Column], given_text: str, found_text: str, common: set[str]
) -> Difference:
    given = [alignment.given[here] for here, _ in run if here is not None]
    found = [alignment.found[there] for _, there in run if there is not None]
    kind = Kind.CHANGED if given and found else Kind.ADDED if given else Kind.LEFT_OUT
    sorts = [
        *(_sort(word, given_text, common) for word in given),
        *(_sort(word, found_text, common) for word in found),
    ]
    here, there = _run_span(given, alignment, run, 0), _run_span(found, alignment, run, 1)
    return Difference(
        kind=kind,
        sort=min(sorts, key=list(Sort).index),
        given=given_text[here.start : here.end],
        given_start=here.start,
        given_end=here.end,
        found=found_text[there.start : there.end],
        start=there.start,
        end=there.end,
    )


def _run_span(run_words: Sequence[Word], alignment: Alignment, run: Sequence[Column], side: int) -> Span:
    """The span of the words; an empty one after the word before where there are none."""
    if run_words:
        return Span(run_words[0].start, run_words[-1].end)
    all_words = alignment.found if side else alignment.given
    at = alignment.columns.index(run[0])
    before = [column[side] for column in alignment.columns[:at] if column[side] is not None]
    if before and before[-1] is not None:
        return Span(all_words[before[-1]].end, all_words[before[-1]].end)
    after = [column[side] for column in alignment.columns[at:] if column[side] is not None]
    first = all_words[after[0]].start if after and after[0] is not None else 0
    return Span(first, first)


NUMBER_WORDS = frozenset(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million
    millions billion billions trillion trillions dozen dozens first second third fourth fifth sixth seventh eighth
    ninth tenth half halves quarter quarters twice double triple once both
    """.split()  # noqa: SIM905 (a list of 60 quoted words is no easier to read)
)
NEGATIONS = frozenset("no not never none nobody nothing nowhere neither nor without cannot".split())  # noqa: SIM905
_NEGATED = re.compile(r"n['’ʼ]t$", re.IGNORECASE)
_BEGINS = re.compile(rf"(?:^|[.!?:…\n])[\s{re.escape(QUOTATION_MARKS)}()\[\]—–-]*$")


def _sort(word: Word, text: str, common: set[str]) -> Sort:
    if word.text[0].isdigit() or word.key in NUMBER_WORDS:
        return Sort.NUMBER
    if word.key in NEGATIONS or _NEGATED.search(word.text):
        return Sort.NEGATION
    return Sort.NAME if _is_name(word, text, common) else Sort.WORD


def _is_name(word: Word, text: str, common: set[str]) -> bool:
    """Capitalised where a common word would not be; at the beginning of a sentence: and nowhere here in lower case."""
    if not word.text[0].isupper() or word.text == "I":
        return False
    if not _BEGINS.search(text, max(0, word.start - 8), word.start):
        return True
    return word.text.isupper() or word.key not in common | FUNCTION_WORDS
