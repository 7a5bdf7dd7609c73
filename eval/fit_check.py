"""Fit how much each sign of the claim check counts (`rag/onnx/check.json`).

    python -m eval.fit_check --bench DIR            # prints the fit for words alone
    python -m eval.fit_check --bench DIR --model    # the fit with the trained model

For words alone on four domains of SummEdits (podcast, qmsumm, sales_call, sales_email), WiCE and FEVER-symmetric. The
model was trained on these, and doubts too surely there: with it on a fifth domain, samsum. Always on claims put to
another text than their own, too, for that is what most passages are that a search brings. SummEdits' other two domains
and QAGS are what the check is measured on: nothing is fitted on them. What supports a claim may not count against it,
nor what differs for it. Each set weighs the same, and in each both kinds.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from eval.bench import grounding
from eval.bench.options import Options
from eval.bench.progress import tracked
from eval.bench.sources import Sources, sample
from rag.check.doubts import Model
from rag.check.signs import SIGNS
from rag.config import load

Floats = NDArray[np.float64]

FOR = ("in_quote", "in_passage", "alike", "runs")
"""Signs that may only count for a claim. Of several sentences the one with the least of it counts."""
MOST = {"in_passage": 1.0}
"""The passage's words may not make up for the quote's: in the sets whose evidence is one sentence they are the same."""
UNUSED = ("length",)
DOUBTS = ("doubt", "word_doubt")

THRESHOLD = 0.6
"""For words alone: one claim of fifty that is put to another text passes, and half of the supported ones."""
THRESHOLD_WITH_MODEL = 0.7
"""None of those passes, and .55 of samsum's supported ones; of its wrong ones, most of which differ in a word or two, a
third (fewer, for what the facts forbid)."""
DOUBTED = 1.4
"""The logit from which on a word is shown as doubted: the model's learning counted wrong words four times."""

CLAIMS = 500
"""Of each set, at most."""
ELSEWHERE = 300
"""Claims that are put to another text."""

RIDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Rows:
    """The signs of a set's claims, shape (claims, signs), and which are supported."""

    signs: Floats
    supported: NDArray[np.bool_]


def main() -> None:
    """Print the fit, and how it does on each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", action="store_true", help="with the trained model")
    parser.add_argument("--limit", type=int, default=CLAIMS, help="claims of each set, at most")
    given = parser.parse_args()
    cache = load().cache
    options = Options(Sources(given.bench), cache / "bench", cache, limit=given.limit)
    model = grounding.reader(options) if given.model else None
    if given.model and model is None:
        sys.exit("there is no trained model that doubts; get MiniLM's weights with: groundwire model fetch")
    found = dict(_sets(options, model))
    weights, bias = fit(list(found.values()), with_model=model is not None)
    threshold = THRESHOLD if model is None else THRESHOLD_WITH_MODEL
    for name, rows in found.items():
        passed = probabilities(rows.signs, weights, bias) >= threshold
        told = f"passed of the supported {passed[rows.supported].mean():.2f}"
        print(f"{name}: {len(passed)}, {told}, of the others {passed[~rows.supported].mean():.2f}", file=sys.stderr)
    kept = {sign: round(float(weight), 3) for sign, weight in zip(SIGNS, weights, strict=True) if abs(weight) > 0.0005}
    made = {"weights": kept, "bias": round(bias, 3), "threshold": threshold}
    print(json.dumps(made if model is None else made | {"doubts": DOUBTED}, indent=1))


def _sets(options: Options, model: Model | None) -> Iterator[tuple[str, Rows]]:
    read = grounding.sets(options)
    names = [grounding.FIXED_ON] if model is not None else [grounding.TRAINED_ON, "WiCE", "FEVER-symmetric"]
    own = {name: sample(read[name], lambda one: f"{one.text}\0{one.evidence}", options.questions(0)) for name in names}
    for name, claims in own.items():
        yield name, rows(claims, name, model)
    yield "elsewhere", rows(list(_elsewhere(own)), "elsewhere", model)


def _elsewhere(sets: Mapping[str, Sequence[grounding.Claim]]) -> Iterator[grounding.Claim]:
    """Supported sentences, and as many put to the text of another claim of their set."""
    chance = random.Random(0)
    single = [claims for name, claims in sets.items() if name != grounding.TRAINED_ON]
    every = [(one, claims) for claims in single for one in claims if one.supported]
    for one, claims in chance.sample(every, min(ELSEWHERE, len(every))):
        yield one
        others = [other.evidence for other in claims if other.evidence != one.evidence]
        if others:
            yield grounding.Claim(one.text, chance.choice(others), False)


def rows(claims: Sequence[grounding.Claim], name: str, model: Model | None) -> Rows:
    """The signs of each claim: of its sentences' the worst."""
    read, signs, supported = grounding.Read(), list[Floats](), list[bool]()
    for one in tracked(sorted(claims, key=lambda one: one.evidence), name):
        found = [each.values for each in grounding.judged(one.text, read.of(one.evidence), model)]
        if found:
            values = np.array(found)
            signs.append(np.array([_worst(sign, values[:, n]) for n, sign in enumerate(SIGNS)]))
            supported.append(one.supported)
    return Rows(np.array(signs), np.array(supported))


def _worst(sign: str, values: Floats) -> float:
    return float(values.min() if sign in FOR else values.max())


def fit(sets: Sequence[Rows], *, with_model: bool) -> tuple[Floats, float]:
    """Weights in the order of SIGNS, and the constant, of a logistic regression within the bounds that signs have."""
    signs, supported = np.concatenate([one.signs for one in sets]), np.concatenate([one.supported for one in sets])
    shares = np.concatenate([_shares(one.supported) for one in sets]) / len(sets)

    def loss(given: Floats) -> tuple[float, Floats]:
        strength = signs @ given[:-1] + given[-1]
        cost = shares @ np.logaddexp(0, np.where(supported, -strength, strength)) + RIDGE * (given[:-1] @ given[:-1])
        wrong = shares * (1 / (1 + np.exp(-strength)) - supported)
        return float(cost), np.append(signs.T @ wrong + 2 * RIDGE * given[:-1], wrong.sum())

    bounds = [*(_bounds(sign, with_model) for sign in SIGNS), (None, None)]
    found = minimize(loss, np.zeros(len(SIGNS) + 1), jac=True, bounds=bounds).x
    return found[:-1], float(found[-1])


def _shares(supported: NDArray[np.bool_]) -> Floats:
    """Of each claim of a set its share: both kinds weigh the same."""
    shares: Floats = np.where(supported, 0.5 / max(1, supported.sum()), 0.5 / max(1, (~supported).sum()))
    return shares


def _bounds(sign: str, with_model: bool) -> tuple[float | None, float | None]:
    if sign in UNUSED or (sign in DOUBTS and not with_model):
        return 0.0, 0.0
    return (0.0, MOST.get(sign)) if sign in FOR else (None, 0.0)


def probabilities(signs: Floats, weights: Floats, bias: float) -> Floats:
    """How likely each claim is supported."""
    likely: Floats = 1 / (1 + np.exp(-(signs @ weights + bias)))
    return likely


if __name__ == "__main__":
    main()
