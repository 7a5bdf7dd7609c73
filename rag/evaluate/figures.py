"""From judged answers to figures with their intervals, over all, over each split and over each kind of question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.evaluate import metrics
from rag.evaluate.judging import Judged
from rag.evaluate.measures import Extra, Measure
from rag.evaluate.metrics import Figure, Floats

Figures = Mapping[str, Figure]
"""By the measure's name. A measure that nothing was measured of has NaN and counts 0."""

ALL = "all"


def by_group(judged: Sequence[Judged]) -> dict[str, Figures]:
    """The figures of all, of "open" and "locked" where there are both, and the shares of each kind as "kind: …"."""
    groups: dict[str, list[Judged]] = {ALL: list(judged)}
    splits = sorted({one.split for one in judged}, reverse=True)
    if len(splits) > 1:
        groups |= {split: [one for one in judged if one.split == split] for split in splits}
    kinds = sorted({one.kind for one in judged if one.kind})
    by_kind = {f"kind: {kind}": _shares([one for one in judged if one.kind == kind]) for kind in kinds}
    return {**{name: figures(some) for name, some in groups.items()}, **by_kind}


def figures(judged: Sequence[Judged]) -> dict[str, Figure]:
    """Every measure, of these."""
    return {**_shares(judged), **_refusing(judged), **_slow(judged)}


def _shares(judged: Sequence[Judged]) -> dict[str, Figure]:
    """The shares, and the mean of seconds: what is quick to bootstrap, and all that a kind of question has."""
    found: dict[str, Figure] = {measure: metrics.ratio_figure(measure, *pairs(judged, measure)) for measure in Measure}
    return {**found, Extra.MEAN: metrics.mean_figure(Extra.MEAN, [one.seconds for one in judged])}


def pairs(judged: Sequence[Judged], measure: Measure) -> tuple[Floats, Floats]:
    """Each question's part and whole; 0 and 0 where it has none."""
    found = [one.shares.get(measure) for one in judged]
    parts = np.array([share.part if share else 0.0 for share in found], dtype=float)
    return parts, np.array([share.whole if share else 0.0 for share in found], dtype=float)


def _refusing(judged: Sequence[Judged]) -> dict[str, Figure]:
    answerable = np.array([one.answerable for one in judged], dtype=bool)
    answered = np.array([not one.refused for one in judged], dtype=bool)
    sure = [one for one in judged if one.confidence is not None]
    given = [one for one in sure if not one.refused]
    return {
        Extra.BALANCED: metrics.figure(
            Extra.BALANCED, len(judged), lambda some: metrics.balanced_accuracy(answered[some], answerable[some])
        ),
        Extra.AUROC: _of_confidence(Extra.AUROC, sure, lambda one: one.answerable, metrics.auroc),
        Extra.ERROR_80: _of_confidence(Extra.ERROR_80, sure, _is_answered_rightly, metrics.error_at_coverage),
        Extra.CALIBRATION: _of_confidence(Extra.CALIBRATION, given, _is_answered_rightly, metrics.calibration_error),
    }


def _is_answered_rightly(one: Judged) -> bool:
    return one.answerable and one.right


def _of_confidence(
    name: str,
    judged: Sequence[Judged],
    is_right: Callable[[Judged], bool],
    metric: Callable[[Floats, NDArray[np.bool_]], float],
) -> Figure:
    given = np.array([one.confidence for one in judged], dtype=float)
    right = np.array([is_right(one) for one in judged], dtype=bool)
    return metrics.figure(name, len(judged), lambda some: metric(given[some], right[some]))


def _slow(judged: Sequence[Judged]) -> dict[str, Figure]:
    seconds = np.array([one.seconds for one in judged], dtype=float)
    return {
        Extra.P50: metrics.figure(Extra.P50, len(seconds), lambda some: float(np.percentile(seconds[some], 50))),
        Extra.P99: metrics.figure(Extra.P99, len(seconds), lambda some: float(np.percentile(seconds[some], 99))),
    }
