"""The trained reader at work: what the model says of each sentence, and what its words say, weighed together.

The model is `rag.answer.model`; how much each sign counts was fitted on questions that the model was not trained on
(`train/combine.py`), and stands in `rag/onnx/reader.json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from rag.answer.extract import SentenceReader
from rag.answer.model import ReaderModel, Told
from rag.answer.reader import Candidate, Reading
from rag.minilm import Vectors
from rag.query import Question, Vocabulary
from rag.types import Hit, Span

FILE = Path(__file__).parent.parent / "onnx" / "reader.json"

PASSAGES = 10
"""Passages that are read."""

PARTNERS = {"“": "”", "‘": "’", '"': '"', "(": ")", "[": "]", "«": "»"}
OPENERS = {closing: {one for one in PARTNERS if PARTNERS[one] == closing} for closing in PARTNERS.values()}

LEAST_WORDS = -6.0
"""From which margin on, over what says that nothing answers, a sentence's best words are a short answer. On the even
weeks of RealTimeQA the short answers have a token F1 of .45 from 0 on, of .485 from -6 on, and no more below."""

LONGEST_SHORT = 24
"""Tokens of a short answer at most."""

SIGNS = ("tells", "tells_margin", "words", "words_margin", "sentence", "passage", "rank", "kind")
"""What is weighed for each sentence; see `Sign`."""

GROUNDS = ("tells_margin", "words_margin", "many")
"""What is weighed for the confidence: the largest margins of any sentence; and the logarithm of how many passages were
searched, since among many more of them look as if they answered. The question's words do not count here: a near miss
has them, and a question in words of its own has not; nor does the share that the best sentence has of the probability
among all, which is another thing in every collection, nor the cosine of question and passage, which adds nothing to
these (docs/reader.md has the figures)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the model says of one sentence."""

    short: Span | None
    """The words in it that answer, if any do: in the article's text."""
    tells: float
    """The mean of its tokens' third logit; comparable between passages."""
    tells_margin: float
    """The same, less what says that nothing in the passage answers."""
    words: float
    """The largest sum of a beginning's and an end's logits in it."""
    words_margin: float
    """The same, less what says that nothing in the passage answers."""


@dataclass(frozen=True, slots=True)
class Sign:
    """The signs of one sentence."""

    hit: int
    span: Span
    text: str
    said: Said
    sentence: float
    """Share of the question's terms, by inverse document frequency, that stand in it."""
    passage: float
    """The same for its passage and the title."""
    rank: float
    """Reciprocal rank of the passage."""
    kind: float
    """Whether something of the kind asked for stands in it and not in the question."""

    def values(self) -> list[float]:
        """In the order of SIGNS."""
        said = self.said
        model = [said.tells, said.tells_margin, said.words, said.words_margin]
        return [*model, self.sentence, self.passage, self.rank, self.kind]


@dataclass(frozen=True, slots=True)
class Fit:
    """What `train/combine.py` has fitted."""

    signs: tuple[float, ...]
    """Weights, in the order of SIGNS: a sentence's score is their sum, as for a softmax over all sentences."""
    grounds: tuple[float, ...]
    """Weights, in the order of GROUNDS, of the logistic regression that gives the confidence."""
    bias: float
    threshold: float
    """The confidence from which on there is an answer."""
    worth: float
    """The share of the best sentence's probability that a further one needs."""


@cache
def fitted(file: Path = FILE) -> Fit:
    """Read the fit that ships."""
    kept = json.loads(file.read_text("utf-8"))
    signs, grounds = (
        tuple(kept[name][one] for one in names) for name, names in (("signs", SIGNS), ("grounds", GROUNDS))
    )
    return Fit(signs, grounds, kept["bias"], kept["threshold"], kept["worth"])


class LearnedReader:
    """Reads the best passages with the model."""

    def __init__(
        self,
        model: ReaderModel,
        terms: Callable[[str], list[str]],
        vocabulary: Vocabulary,
        passages: int,
        fit: Fit,
        least: float | None = None,
        searched: float | None = None,
        most: int = PASSAGES,
    ) -> None:
        """`passages`: how many the corpus holds; `searched`: about how many of them were searched for the question,
        None: all; `least`: the confidence below which it does not answer, where the user has said so; `most`: passages
        that are read."""
        self._model, self._fit = model, fit
        self._lexical = SentenceReader(terms, vocabulary, passages, None)
        self._least = fit.threshold if least is None else least
        self._searched = passages if searched is None else searched
        self._most = most

    def read(self, question: Question, hits: Sequence[Hit]) -> Reading:
        """Judge every sentence of the best hits."""
        signs = self.signs(question, hits)
        if not signs:
            return Reading((), answers=False, strength=-math.inf, confidence=0.0)
        scores = np.array([one.values() for one in signs]) @ np.array(self._fit.signs)
        order = sorted(range(len(signs)), key=lambda place: (-scores[place], signs[place].hit, signs[place].span))
        shares = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        why = np.array(grounds(signs, self._searched))
        strength = float(why @ np.array(self._fit.grounds)) + self._fit.bias
        confidence = 1 / (1 + math.exp(-strength))
        candidates = tuple(
            Candidate(one.hit, one.span, one.text, float(shares[place]), one.said.short)
            for place in order
            for one in [signs[place]]
        )
        return Reading(
            candidates,
            answers=confidence >= self._least,
            strength=strength,
            confidence=confidence,
            worth=self._fit.worth,
        )

    def signs(self, question: Question, hits: Sequence[Hit]) -> list[Sign]:
        """The signs of every sentence that could stand as an answer."""
        read = hits[: self._most]
        told = self._model.read(question.text, [(hit.article.title or "", hit.text) for hit in read])
        inside = [_by_sentence(one, hit) for one, hit in zip(told, read, strict=True)]
        return [
            Sign(one.hit, one.span, one.text, said, one.sentence, one.passage, one.rank, one.kind)
            for one in self._lexical.evidence(question, read, len(read))
            for said in [inside[one.hit].get(one.span)]
            if said is not None
        ]


def grounds(signs: Sequence[Sign], searched: float) -> list[float]:
    """What the confidence is weighed of, in the order of GROUNDS. `searched`: among how many passages."""
    return [
        max(one.said.tells_margin for one in signs),
        max(one.said.words_margin for one in signs),
        math.log(max(1.0, searched)),
    ]


def _by_sentence(told: Told, hit: Hit) -> dict[Span, Said]:
    """What the model says of each of the passage's sentences that it has read."""
    start = hit.passage.start
    spans = [Span(one.start - start, one.end - start) for one in hit.passage.sentences]
    where = told.pair.sentences(spans)
    found: dict[Span, Said] = {}
    nothing = float(told.nothing[0] + told.nothing[1])
    for place, span in enumerate(hit.passage.sentences):
        tokens = np.flatnonzero(where == place)
        if not len(tokens):
            continue
        tells = float(told.tells[tokens].mean())
        words, first, last = _best_words(told.starts[tokens], told.ends[tokens])
        inside = trimmed(hit.text, told.pair.offsets[tokens[first]][0], told.pair.offsets[tokens[last]][1])
        short = None if inside is None else Span(start + inside.start, start + inside.end)
        margin = tells - float(told.nothing[2])
        found[span] = Said(short if words - nothing > LEAST_WORDS else None, tells, margin, words, words - nothing)
    return found


def trimmed(text: str, start: int, end: int) -> Span | None:
    """The range without the stops at its ends, and without a quotation mark or bracket whose other half is not in it,
    or that stands around it all; None where nothing is left."""
    while start < end:
        first, last, inside = text[start], text[end - 1], text[start + 1 : end - 1]
        around = end - start > 1 and PARTNERS.get(first) == last and first not in inside and last not in inside
        if first.isspace() or (first in PARTNERS and (around or PARTNERS[first] not in text[start + 1 : end])):
            start += 1
        elif last.isspace() or last in ".,;:" or (last in OPENERS and not OPENERS[last] & set(text[start : end - 1])):
            end -= 1
        else:
            return Span(start, end)
    return None


def _best_words(starts: Vectors, ends: Vectors) -> tuple[float, int, int]:
    """The largest sum of a beginning and an end that is not before it nor too far behind, and both places."""
    sums = starts[:, None] + ends[None, :]
    apart = np.arange(len(ends))[None, :] - np.arange(len(starts))[:, None]
    sums = np.where((apart >= 0) & (apart < LONGEST_SHORT), sums, -np.inf)
    place = int(np.argmax(sums))
    first, last = divmod(place, len(ends))
    return float(sums[first, last]), first, last
