"""What reads the hits: the seam between retrieval and the written answer.

A reader is given the question and what retrieval found, and gives the sentences that answer, best first, with how
strong the evidence is. It never touches text: it points at spans.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag.query import Question
from rag.types import Hit, Span

FOUND = 500.0
"""What a passage's fused score counts beside the logarithm of its best candidate's. The reader knows neither what was
found first nor what day the question is about. Chosen on the even weeks of RealTimeQA; see docs/quality.md."""

LEAST_SHARE = 1e-12
"""A share of nothing has no logarithm."""


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


def by_reading(reading: Reading, hits: Sequence[Hit]) -> tuple[Reading, list[Hit]]:
    """The hits in the order of their best candidates and of how well they were found, those without any candidate
    behind them, and the reading that fits it. The candidates' scores are shares of one probability."""
    best: dict[int, float] = {}
    for candidate in reading.candidates:
        best.setdefault(candidate.hit, math.log(max(candidate.score, LEAST_SHARE)))
    worth = {place: score + FOUND * hits[place].score for place, score in best.items()}
    order = sorted(range(len(hits)), key=lambda place: (-worth.get(place, -math.inf), place))
    now = {place: number for number, place in enumerate(order)}
    moved = tuple(replace(one, hit=now[one.hit]) for one in reading.candidates)
    return replace(reading, candidates=moved), [hits[place] for place in order]


class Reader(Protocol):
    """Reads passages for a question."""

    def read(self, question: Question, hits: Sequence[Hit]) -> Reading:
        """Judge every sentence of the hits."""
        ...
