"""What the trained model says of a claim, as the check takes it: a doubt of the whole, and of each piece.

The model is `rag.answer.model`; any other that keeps to `Model` will do. Without one, everything here is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from rag.alignment import Word
from rag.check.claim import Surroundings
from rag.types import Span

if TYPE_CHECKING:
    from rag.answer.model import Doubt, Told

SURE, UNSURE = -10.0, 10.0
"""Logits beyond these say no more."""


@runtime_checkable
class Model(Protocol):
    """The trained model, as far as it is wanted here."""

    def doubts(self, claim: str, passages: Sequence[tuple[str, str]]) -> Sequence[Doubt]:
        """What it says of the claim and each passage, given as the title of its article and its text."""
        ...


@dataclass(frozen=True, slots=True)
class Doubted:
    """A claim held against a passage, or against several together."""

    words: tuple[tuple[Span, float], ...]
    """Each piece of the claim, as a span of it, with the logit that nothing there supports it."""
    told: Told
    """Of the passage, or the first of several: what each piece of it tells."""

    @property
    def doubt(self) -> float:
        """Logit that something in the claim is not supported."""
        return _bounded(float(np.logaddexp.reduce([one for _, one in self.words])) if self.words else SURE)

    @property
    def largest(self) -> float:
        """The largest of any piece."""
        return _bounded(max((one for _, one in self.words), default=SURE))

    @classmethod
    def together(cls, those: Sequence[Doubted]) -> Doubted | None:
        """Held against several passages: a piece that one of them supports is supported. None for none."""
        if len(those) < 2:
            return those[0] if those else None
        pieces = zip(*(one.words for one in those), strict=True)
        return cls(tuple((some[0][0], min(one for _, one in some)) for some in pieces), those[0].told)

    def of(self, word: Word) -> float:
        """The largest of the word's pieces; SURE where it has none."""
        inside = (one for span, one in self.words if span.start < word.end and word.start < span.end)
        return max(inside, default=SURE)

    def telling(self, passage: Surroundings) -> Span | None:
        """The sentence that the model takes the claim to rest on."""
        spans = [Span(one.start - passage.span.start, one.end - passage.span.start) for one in passage.sentences]
        of_each = self.told.pair.sentences(spans)
        held = [n for n in range(len(spans)) if (of_each == n).any()]
        if not held:
            return None
        means = {n: float(self.told.tells[of_each == n].mean()) for n in held}
        return passage.sentences[max(means, key=lambda n: means[n])]


def held_against(claim: str, passages: Sequence[Surroundings], model: Model | None) -> list[Doubted | None]:
    """The claim against each passage; None for each without a model."""
    if model is None:
        return [None] * len(passages)
    pairs = [(one.source.title, one.source.text[one.span.start : one.span.end]) for one in passages]
    return [Doubted(one.words, one.told) for one in model.doubts(claim, pairs)]


def _bounded(logit: float) -> float:
    return min(max(logit, SURE), UNSURE)
