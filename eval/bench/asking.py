"""Asking Groundwire one question: the answer, and how strong its grounds were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.bench.options import WORDS
from rag import Corpus, lexical, query
from rag.corpus import EVERYTHING
from rag.evaluate.metrics import holds
from rag.types import Answer, Filters

STRENGTH = "the reader's raw strength"
CONFIDENCE = "confidence"

WEAKEST = -1e6
"""Stands for the strength of no evidence at all, which is minus infinity."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    answer: Answer
    strength: float
    """The reader's own measure; above 0 answers. Not a probability."""

    @property
    def text(self) -> str:
        """The statements, without markers; empty for a refusal."""
        return " ".join(one.text for one in self.answer.statements)

    @property
    def quotes(self) -> tuple[str, ...]:
        """The cited words."""
        return tuple(one.quote for one in self.answer.citations)

    @property
    def short(self) -> str | None:
        """The short answer; "" for a refusal; None where it answers and gives none."""
        if not self.answer.answered:
            return ""
        return self.answer.short_answer.text if self.answer.short_answer is not None else None


def ask(corpus: Corpus, question: str, *, date: str | None = None, filters: Filters = EVERYTHING) -> Response:
    """Ask as any program would, and look once more at what the reader made of it.

    `date`: when the question was asked, ISO 8601.
    """
    answer = corpus.ask(question, filters=filters, words=WORDS, asked_on=date)
    if answer.confidence is not None:
        return Response(answer, _log_odds(answer.confidence))
    reader, hits = corpus.prepare(question, filters=filters, asked_on=date)
    reading = reader.read(query.read(question, lexical.terms), hits)
    return Response(answer, float(np.nan_to_num(reading.strength, neginf=WEAKEST)))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return float(np.log(bounded / (1 - bounded)))


def surely(responses: Sequence[Response]) -> tuple[str, list[float]]:
    """What the responses are ranked by, and its name: confidence where every one has it, else the raw strength."""
    given = [one.answer.confidence for one in responses]
    known = [one for one in given if one is not None]
    if responses and len(known) == len(given):
        return CONFIDENCE, known
    return STRENGTH, [one.strength for one in responses]


def holds_gold(response: Response, accepted: Sequence[str]) -> bool:
    """Whether an accepted answer stands in the first 60 words."""
    return holds(response.text, accepted, WORDS)


def cites_gold(response: Response, accepted: Sequence[str]) -> bool:
    """Whether an accepted answer stands in one of the quotes."""
    return any(holds(quote, accepted) for quote in response.quotes)
