"""From judged answers to figures with their intervals, over all, over each split and over each kind of question.

A figure of a kind is left out where, less what the open questions of the kind earned, it would be that of one locked
question or of two. (The figure of a half with so few is theirs all the same: whoever locks one question asks for it.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.evaluate import metrics
from rag.evaluate.judging import Judged
from rag.evaluate.measures import Extra, Measure
from rag.evaluate.metrics import Figure, Floats
from rag.evaluate.questions import LOCKED

Figures = Mapping[str, Figure]
"""By the measure's name. A measure that nothing was measured of has NaN and counts 0."""

ALL = "all"

FEWEST = 3
"""Locked questions that stand behind a figure of a kind, or behind all that are left out together."""


def by_group(judged: Sequence[Judged]) -> dict[str, Figures]:
    """The figures of all, of "open" and "locked" where there are both, and the shares of each kind as "kind: …"."""
    groups: dict[str, list[Judged]] = {ALL: list(judged)}
    splits = sorted({one.split for one in judged}, reverse=True)
    if len(splits) > 1:
        groups |= {split: [one for one in judged if one.split == split] for split in splits}
    by_kind = {f"kind: {kind}": found for kind, found in _of_kinds(judged).items()}
    return {**{name: figures(some) for name, some in groups.items()}, **by_kind}


def _of_kinds(judged: Sequence[Judged]) -> dict[str, Figures]:
    """The shares of each kind; NaN where they would tell of single locked questions."""
    kinds = {kind: [one for one in judged if one.kind == kind] for kind in sorted({one.kind for one in judged})}
    found = {kind: _shares(some) for kind, some in kinds.items() if kind}
    for name in (*Measure, Extra.MEAN):
        for kind in _untold(kinds, name) & set(found):
            count = found[kind][name].count if name == Extra.MEAN else 0  # it is the kind's, whatever was earned
            found[kind][name] = Figure(name, math.nan, math.nan, math.nan, count)
    return dict(found)


def _untold(kinds: Mapping[str, Sequence[Judged]], name: Measure | Extra) -> set[str]:
    """The kinds whose figure is left out, so that it cannot be had from the others and that of all, either.

    A question without a kind is told of by no kind's figure: such questions count as a kind that is left out.
    """
    locked = {kind: [one for one in some if one.split == LOCKED] for kind, some in kinds.items()}
    behind = {kind: sum(_has_say(one, name) for one in some) for kind, some in locked.items()}
    untold = {kind for kind in kinds if 0 < len(locked[kind]) < FEWEST or 0 < behind[kind] < FEWEST}
    others = sorted((kind for kind in kinds if behind[kind] and kind not in untold), key=lambda kind: behind[kind])
    while untold and others and sum(behind[kind] for kind in untold) < FEWEST:
        untold.add(others.pop(0))
    return untold


def _has_say(one: Judged, name: Measure | Extra) -> bool:
    share = one.shares.get(name) if isinstance(name, Measure) else None
    return isinstance(name, Extra) or (share is not None and share.whole > 0)


def figures(judged: Sequence[Judged]) -> dict[str, Figure]:
    """Every measure, of these."""
    found = statistics(judged)
    sure = any(one.confidence is not None for one in judged)
    counts = {name: 0 if name in OF_CONFIDENCE and not sure else len(judged) for name in found}
    others: dict[str, Figure] = {
        name: metrics.figure(name, counts[name], found[name]) for name in found if name != Extra.MEAN
    }
    return {**_shares(judged), **others}


def _shares(judged: Sequence[Judged]) -> dict[str, Figure]:
    """The shares, and the mean of seconds: what is quick to bootstrap, and all that a kind of question has."""
    found: dict[str, Figure] = {measure: metrics.ratio_figure(measure, *pairs(judged, measure)) for measure in Measure}
    return {**found, Extra.MEAN: metrics.mean_figure(Extra.MEAN, [one.seconds for one in judged])}


def pairs(judged: Sequence[Judged], measure: Measure) -> tuple[Floats, Floats]:
    """Each question's part and whole; 0 and 0 where it has none."""
    found = [one.shares.get(measure) for one in judged]
    parts = np.array([share.part if share else 0.0 for share in found], dtype=float)
    return parts, np.array([share.whole if share else 0.0 for share in found], dtype=float)


Statistic = Callable[[NDArray[np.intp]], float]
"""A value of the questions with these numbers."""

OF_CONFIDENCE = frozenset((Extra.AUROC, Extra.ERROR_80, Extra.CALIBRATION))


def statistics(judged: Sequence[Judged]) -> dict[Extra, Statistic]:
    """The measures that are no shares. An answer without confidence has 0, or a system could keep quiet on its worst.

    What is held against confidence is whether the question was answered rightly: a refusal answers nothing.
    """
    answerable = np.array([one.answerable for one in judged], dtype=bool)
    answered = np.array([not one.refused for one in judged], dtype=bool)
    rightly = np.array([one.answerable and one.right for one in judged], dtype=bool)
    sure = np.array([one.confidence or 0.0 for one in judged], dtype=float)
    seconds = np.array([one.seconds for one in judged], dtype=float)
    return {
        Extra.BALANCED: lambda some: metrics.balanced_accuracy(answered[some], answerable[some]),
        Extra.AUROC: lambda some: metrics.auroc(sure[some], answerable[some]),
        Extra.ERROR_80: lambda some: metrics.error_at_coverage(sure[some], rightly[some]),
        Extra.CALIBRATION: lambda some: metrics.calibration_error(sure[some], rightly[some]),
        Extra.MEAN: lambda some: float(seconds[some].mean()),
        Extra.P50: lambda some: float(np.percentile(seconds[some], 50)),
        Extra.P99: lambda some: float(np.percentile(seconds[some], 99)),
    }
