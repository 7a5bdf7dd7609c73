"""A question and a passage as the reader takes them: one run of tokens, and where each token stands in the passage.

    [CLS] question [SEP] title [SEP] passage [SEP]

A claim that is held against a passage stands where the question does. Training and reading share this module, so that
what was learned is what is asked. It knows tokens, not models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from rag.types import Span

QUESTION_TOKENS = 64
TITLE_TOKENS = 32
MAX_TOKENS = 320
"""Of all together. A passage of 900 characters has some 200; what is longer is cut at its end."""

MARKS = ("[CLS]", "[SEP]")

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Pair:
    """One run of tokens."""

    ids: list[int]
    first: int
    """The place of the passage's first token."""
    offsets: list[tuple[int, int]]
    """Of each of the passage's tokens, in order: start and end in the passage."""

    def sentences(self, spans: Sequence[Span]) -> npt.NDArray[np.int64]:
        """Of each of the passage's tokens, the sentence it stands in, by its place in `spans`; -1: in none.

        The spans are in order, disjoint, and count from the passage's beginning.
        """
        starts = np.array([start for start, _ in self.offsets], np.int64)
        place = np.searchsorted([span.start for span in spans], starts, side="right") - 1
        ends = np.array([span.end for span in spans] or [0])
        return np.where((place >= 0) & (starts < ends[place]), place, -1)


class Pairs:
    """Makes them."""

    def __init__(self, tokenizer: Path) -> None:
        """`tokenizer`: MiniLM's tokenizer.json."""
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._begin, self._part = (self._tokenizer.encode(mark, add_special_tokens=False).ids[0] for mark in MARKS)

    def question(self, text: str) -> list[int]:
        """The tokens that a question's pairs begin with."""
        return [self._begin, *self._encoded(text).ids[:QUESTION_TOKENS], self._part]

    def claim(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The tokens that a claim's pairs begin with; and where in the claim each of its own begins and ends, which
        are those behind the first."""
        read = self._encoded(text)
        return [self._begin, *read.ids[:QUESTION_TOKENS], self._part], read.offsets[:QUESTION_TOKENS]

    def pair(self, question: Sequence[int], title: str, text: str) -> Pair:
        """`question`: as `question` gives it; `title`: of the article; `text`: of the passage."""
        head = [*question, *self._encoded(title).ids[:TITLE_TOKENS], self._part]
        read = self._encoded(text)
        room = MAX_TOKENS - len(head) - 1
        return Pair([*head, *read.ids[:room], self._part], len(head), read.offsets[:room])

    def _encoded(self, text: str) -> Encoding:
        # Half a surrogate pair is no text that the tokenizer takes.
        return self._tokenizer.encode(_SURROGATE.sub("\ufffd", text), add_special_tokens=False)
