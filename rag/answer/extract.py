"""The reader that needs no learned model: lexical and semantic match of question and sentence together.

Its few weights were fitted once on questions kept apart from those it is measured on (docs/quality.md says which).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.answer.reader import Candidate, Reading
from rag.query import Question, Vocabulary
from rag.types import Hit, Span
from rag.vectors import Vector

PASSAGES = 8
"""Passages that are read; further down, an answer is rare and reading takes as long."""

ORDINARY = 0.001
"""The share of passages in which an ordinary content word of a question is met."""

LEAST_SURPRISE = 0.5
"""However few passages there are, a word that none of them holds says something."""

SHORTEST = 4
"""Words; below, a "sentence" is a name, a caption or a heading."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign of a sentence counts in the choice among them."""

    cosine: float
    """Cosine of question and sentence."""
    sentence: float
    """Share of the question's terms, by inverse document frequency, that stand in the sentence."""
    passage: float
    """The same for its passage and the title."""
    rank: float
    """Reciprocal rank of the passage."""
    kind: float
    """Whether something of the kind asked for (a number, a date, a name, a reason) stands in the sentence and not in
    the question."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """When to answer at all: where the sum, with `least` taken off, is above zero."""

    cosine: float
    """The highest cosine of any sentence."""
    sentence: float
    """As in `Weights`, of the chosen sentence."""
    passage: float
    least: float


# Made by eval/fit_extract.py.
HYBRID = Weights(cosine=1.68, sentence=1.00, passage=1.51, rank=0.32, kind=0.32)
HYBRID_GROUNDS = Grounds(cosine=7.42, sentence=-0.17, passage=1.48, least=4.44)
LEXICAL = Weights(cosine=0.0, sentence=1.00, passage=1.01, rank=0.22, kind=0.21)
LEXICAL_GROUNDS = Grounds(cosine=0.0, sentence=1.81, passage=2.01, least=1.98)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The signs of one sentence; see `Weights`."""

    hit: int
    span: Span
    text: str
    cosine: float
    sentence: float
    passage: float
    rank: float
    kind: float

    def score(self, weights: Weights) -> float:
        """The weighted sum."""
        return (
            weights.cosine * self.cosine
            + weights.sentence * self.sentence
            + weights.passage * self.passage
            + weights.rank * self.rank
            + weights.kind * self.kind
        )


def strength_of(best: Evidence, highest_cosine: float, grounds: Grounds) -> float:
    """How strong the grounds for answering are; above 0 is enough."""
    return (
        grounds.cosine * highest_cosine
        + grounds.sentence * best.sentence
        + grounds.passage * best.passage
        - grounds.least
    )


class SentenceReader:
    """Reads the best passages sentence by sentence."""

    def __init__(
        self,
        terms: Callable[[str], list[str]],
        vocabulary: Vocabulary,
        passages: int,
        encode: Callable[[Sequence[str]], Vector] | None,
        query_vector: Vector | None = None,
    ) -> None:
        """`passages`: how many the corpus holds; `encode`: texts to unit vectors, None without a model."""
        self._terms, self._vocabulary, self._total = terms, vocabulary, passages
        self._encode, self._query_vector = encode, query_vector
        self._weights = HYBRID if encode is not None else LEXICAL
        self._grounds = HYBRID_GROUNDS if encode is not None else LEXICAL_GROUNDS

    def read(self, question: Question, hits: Sequence[Hit]) -> Reading:
        """Judge every sentence of the best hits."""
        evidence = self.evidence(question, hits)
        ranked = sorted(evidence, key=lambda one: (-one.score(self._weights), one.hit, one.span))
        if not ranked:
            return Reading((), answers=False, strength=-math.inf)
        strength = strength_of(ranked[0], max(one.cosine for one in ranked), self._grounds)
        candidates = tuple(Candidate(one.hit, one.span, one.text, one.score(self._weights)) for one in ranked)
        return Reading(candidates, answers=strength > 0, strength=strength)

    def evidence(self, question: Question, hits: Sequence[Hit], passages: int = PASSAGES) -> list[Evidence]:
        """The signs of every sentence of the first passages that could stand as an answer."""
        weights = self._weighted(question)
        wanted = _wanted(question.text)
        found: list[Evidence] = []
        for place, hit in enumerate(hits[:passages]):
            around = set(self._terms(hit.text)) | set(self._terms(hit.article.title or ""))
            for span in hit.passage.sentences:
                text = hit.text[span.start - hit.passage.start : span.end - hit.passage.start]
                if len(text.split()) < SHORTEST or text.rstrip("\"'”’) ").endswith("?"):
                    continue
                found.append(
                    Evidence(
                        hit=place,
                        span=span,
                        text=text,
                        cosine=0.0,
                        sentence=_covered(weights, set(self._terms(text))),
                        passage=_covered(weights, around),
                        rank=1 / (1 + place),
                        kind=float(_offers(wanted, text, question.text)),
                    )
                )
        return self._with_cosines(question, found)

    def _with_cosines(self, question: Question, found: list[Evidence]) -> list[Evidence]:
        if self._encode is None or not found:
            return found
        vectors = self._encode([one.text for one in found])
        query = self._query_vector if self._query_vector is not None else self._encode([question.text])[0]
        return [
            Evidence(one.hit, one.span, one.text, float(cosine), one.sentence, one.passage, one.rank, one.kind)
            for one, cosine in zip(found, np.asarray(vectors @ query), strict=True)
        ]

    def _weighted(self, question: Question) -> list[tuple[float, frozenset[str]]]:
        """How telling each of the question's terms is, and the terms of the corpus that stand for it.

        The weight is log(1 + N / (1 + df)), for N passages of which df hold it. A term that none holds tells most,
        but for a word that others can stand for (no name, no number) only as far as it is surprising not to meet it
        in N passages: 1 - (1 - ORDINARY)^N, at least a half. In five articles it is not; in five thousand it is.
        """
        surprise = max(LEAST_SURPRISE, 1 - (1 - ORDINARY) ** self._total)
        names = {term for word in question.words if word.is_name for term in word.terms}
        found: list[tuple[float, frozenset[str]]] = []
        for term, forms in question.forms(self._vocabulary).items():
            frequency = max(map(self._vocabulary.document_frequency, forms), default=0)
            weight = math.log(1 + self._total / (1 + frequency))
            found.append((weight if forms or term in names else weight * surprise, frozenset(forms)))
        return found


def _covered(weights: Sequence[tuple[float, frozenset[str]]], terms: set[str]) -> float:
    """The share of the weights whose terms are there; 0 where the question has no telling word."""
    total = sum(weight for weight, _ in weights)
    return sum(weight for weight, forms in weights if forms & terms) / total if total else 0.0


_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_SMALL = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|billions?"

_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"\bhow (?:many|much|old|long|far|large|big|tall|fast|often)\b|\bwhat (?:number|percent)", re.I),
        re.compile(rf"\d|\b(?:{_SMALL}|one|half|percent|twice)\b", re.I),
    ),
    (
        re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month)\b|\bhow long ago\b", re.I),
        re.compile(rf"\b(?:{_MONTHS}|{_DAYS}|yesterday|today|[12]\d{{3}}|last (?:week|month|year))\b"),
    ),
    (
        re.compile(r"\bwhy\b|\bwhat (?:caused|prompted|led)\b|\breasons?\b|\bpurpose\b", re.I),
        re.compile(
            r"\b(?:because|due to|after|in response|since|so that|in order|following|amid|avenge|owing|as part of"
            r"|to (?:protect|prevent|avoid|force|stop|confront|counter|help))\b",
            re.I,
        ),
    ),
    (re.compile(r"\bwho(?:se|m)?\b|\bwhere\b|\bwhich\b", re.I), re.compile(r"(?<!^)(?<![.!?“\"] )\b[A-Z][\w’'-]+")),
)


def _wanted(question: str) -> re.Pattern[str] | None:
    """What an answer to this kind of question holds."""
    return next((offered for asks, offered in _KINDS if asks.search(question)), None)


def _offers(wanted: re.Pattern[str] | None, sentence: str, question: str) -> bool:
    """Whether the sentence holds something of the wanted kind that the question does not name itself."""
    if wanted is None:
        return False
    known = question.casefold()
    return any(match.group().casefold() not in known for match in wanted.finditer(sentence))
