"""What reads the hits: the seam between retrieval and the written answer.

A reader is given the question and what retrieval found, and gives the sentences that answer, best first, with how
strong the evidence is. It never touches text: it points at spans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.query import Question
from rag.types import Hit, Span


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer."""

    hit: int
    """Which of the hits, counted from 0."""
    span: Span
    """In the article's text."""
    text: str
    score: float
    """Higher answers better; comparable within one question only."""
    short: Span | None = None
    """The words in it that answer, in the article's text, where the reader can tell."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of the hits."""

    candidates: tuple[Candidate, ...]
    """Best first."""
    answers: bool
    """Whether the evidence is strong enough to answer at all."""
    strength: float
    """How strong it is; above 0 answers. Not a probability."""
    confidence: float | None = None
    """The probability that the best candidate is right; None where nobody has calibrated it."""
    worth: float = 0.8
    """The share of the best candidate's score that a further one needs, to be worth its words."""


class Reader(Protocol):
    """Reads passages for a question."""

    def read(self, question: Question, hits: Sequence[Hit]) -> Reading:
        """Judge every sentence of the hits."""
        ...
