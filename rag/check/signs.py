"""The signs of a claim's support, and the one place where it stands how much each counts (`rag/onnx/check.json`).

A logistic regression: the score is the probability that the quote supports the claim. It has one fit for words
alone and, once it is fitted, one for words and the trained model; both are made by code that is no part of the package.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from rag.check import words
from rag.check.claim import Claim, Quote
from rag.check.doubts import Doubted, Model
from rag.check.facts import Compared
from rag.claims import Reason

FILE = Path(__file__).parent.parent / "onnx" / "check.json"

SIGNS = (
    "doubt",
    "word_doubt",
    "in_quote",
    "in_passage",
    "alike",
    "runs",
    "numbers",
    "names",
    "dates",
    "negation",
    "opposite",
    "speaker",
    "quotation",
    "further",
    "length",
)
"""What is weighed, in this order; see `signs`."""


Weight = Callable[[str], float]
"""How much a stem tells: its inverse document frequency, where a corpus is known."""


def one_each(stem: str) -> float:
    """All stems tell the same."""
    return 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights in the order of SIGNS, and the score from which on a claim is supported."""

    weights: tuple[float, ...]
    bias: float
    threshold: float
    doubts: float = 0.0
    """The logit from which on a word that the model doubts is shown; as it is fitted, a sentence hangs on no word."""

    def score(self, values: Sequence[float]) -> float:
        """The probability that the quote supports the claim."""
        strength = sum(weight * value for weight, value in zip(self.weights, values, strict=True)) + self.bias
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, strength))))


def usable(model: object, file: Path = FILE) -> Model | None:
    """The model, where it is one that doubts, and it has been fitted how much that counts."""
    return model if isinstance(model, Model) and "model" in _kept(file) else None


def _kept(file: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return kept


@cache
def fitted(with_model: bool, file: Path = FILE) -> Fit:
    """The fit that ships, for words alone or with the model; for words alone where there is no other."""
    kept = _kept(file)
    one = kept.get("model") if with_model else None
    chosen = one or kept["words"]
    weights = tuple(float(chosen["weights"].get(name, 0.0)) for name in SIGNS)
    return Fit(weights, chosen["bias"], chosen["threshold"], chosen.get("doubts", 0.0))


def signs(
    claim: Claim,
    quotes: Sequence[Quote],
    compared: Compared,
    weight: Weight = one_each,
    doubted: Doubted | None = None,
) -> list[float]:
    """In the order of SIGNS. What the model says is 0 where there is none.

    doubt, word_doubt: the model's, of all and the largest of a piece. in_quote, in_passage: the share of the claim's
    words of meaning, by what they tell, that stand there. alike: the share of equal words in the alignment with the
    first quote. runs: the share of the claim's pairs of neighbouring words that stand in a quote as neighbours.
    numbers, names, dates, negation, opposite, speaker, quotation: how many of these differ. further: quotes beyond the
    first. length: words of the claim, by the hundred.
    """
    held, around = (
        frozenset[str]().union(*some) for some in zip(*((q.stems, q.around.stems) for q in quotes), strict=True)
    )
    return [
        0.0 if doubted is None else doubted.doubt,
        0.0 if doubted is None else doubted.largest,
        share(claim.stems, held, weight),
        share(claim.stems, around, weight),
        compared.alignment.similarity,
        _runs(claim, quotes),
        float(compared.count(Reason.NUMBER)),
        float(compared.count(Reason.NAME)),
        float(compared.count(Reason.DATE)),
        float(compared.count(Reason.NEGATION)),
        float(sum(one.reason is Reason.OPPOSITE for one in compared.faults)),
        float(compared.count(Reason.SPEAKER)),
        float(compared.count(Reason.QUOTATION)),
        float(len(quotes) - 1),
        len(claim.words) / 100,
    ]


def share(wanted: frozenset[str], there: frozenset[str], weight: Weight = one_each) -> float:
    """Of the weight of the wanted stems, the share whose stems are there; 1 where none is wanted."""
    total = sum(map(weight, wanted))
    return sum(weight(stem) for stem in wanted & there) / total if total else 1.0


def _runs(claim: Claim, quotes: Sequence[Quote]) -> float:
    wanted = set(pairwise(words.stem(word.text) for word in claim.words))
    there = {pair for quote in quotes for pair in pairwise(words.stem(word.text) for word in quote.words)}
    return len(wanted & there) / len(wanted) if wanted else 0.0
