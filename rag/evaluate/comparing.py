"""Two runs of the same questions: what got better, what got worse, and whether that is more than noise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rag.errors import UsageError
from rag.evaluate.figures import OF_CONFIDENCE, pairs, statistics
from rag.evaluate.judging import Judged
from rag.evaluate.measures import Extra, Measure
from rag.evaluate.metrics import chance_by_bootstrap, chance_of_ratio_difference, chance_of_statistic_difference, share
from rag.evaluate.running import Run

CERTAIN, LIKELY = 0.01, 0.05
"""Chances below which a difference is called more than noise, and perhaps. By chance alone, of 31 measures one falls
below 0.05 in most comparisons, below 0.01 in one of four at most."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in both runs, over the common questions."""

    measure: Measure | Extra
    before: float
    after: float
    chance: float
    """That so large a difference comes by chance alone: p of a paired permutation test, two-sided."""

    @property
    def verdict(self) -> str:
        """In words."""
        if self.before == self.after:
            return "same"
        if self.chance < CERTAIN:
            return "more than noise"
        return "perhaps more than noise" if self.chance < LIKELY else "may be noise"


@dataclass(frozen=True, slots=True)
class Moved:
    """One question whose answer got better or worse."""

    id: str
    question: str
    before: str
    after: str
    """What was wrong, in a few words; "right" where nothing was."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The later run beside the earlier one."""

    differences: tuple[Difference, ...]
    better: tuple[Moved, ...]
    worse: tuple[Moved, ...]
    """Questions that are not locked."""
    locked_better: int
    locked_worse: int
    common: int
    notes: tuple[str, ...]
    """In what the runs differ beside their answers."""


def compare(before: Run, after: Run) -> Comparison:
    """Both runs over the questions that they have in common: the same id, words and expectations.

    Raises UsageError where they have none.
    """
    earlier = {(one.id, one.digest): one for one in before.judged}
    both = [(earlier[key], one) for one in after.judged if (key := (one.id, one.digest)) in earlier]
    if not both:
        kept = " but locked ones, which were left out" if before.hidden and after.count else ""
        raise UsageError(f"{before.file} and {after.file}: the two runs have no question in common to compare{kept}")
    moved = [(_order(old) < _order(new), old, new) for old, new in both if _order(old) != _order(new)]
    shown = [(up, _moved(old, new)) for up, old, new in moved if old.shown and new.shown]
    hidden = [up for up, old, new in moved if not (old.shown and new.shown)]
    return Comparison(
        differences=tuple(_differences([old for old, _ in both], [new for _, new in both])),
        better=tuple(one for up, one in shown if up),
        worse=tuple(one for up, one in shown if not up),
        locked_better=sum(hidden),
        locked_worse=len(hidden) - sum(hidden),
        common=len(both),
        notes=tuple(_notes(before, after, len(both))),
    )


def _order(one: Judged) -> tuple[bool, bool, int]:
    """Right is better than refused, refused better than wrong; then, fewer faults. A locked question's are not kept."""
    return one.right, one.refused, -len(one.faults)


def _moved(old: Judged, new: Judged) -> Moved:
    asked = new.shown.question if new.shown else ""
    return Moved(new.id, asked, "; ".join(old.faults) or "right", "; ".join(new.faults) or "right")


def _differences(old: Sequence[Judged], new: Sequence[Judged]) -> Iterator[Difference]:
    for measure in Measure:
        (parts, wholes), (parts_new, wholes_new) = pairs(old, measure), pairs(new, measure)
        if not wholes.any() or not wholes_new.any():
            continue
        yield Difference(
            measure,
            share(float(parts.sum()), float(wholes.sum())),
            share(float(parts_new.sum()), float(wholes_new.sum())),
            chance_of_ratio_difference(parts, wholes, parts_new, wholes_new),
        )
    yield from _other_differences(old, new)


def _other_differences(old: Sequence[Judged], new: Sequence[Judged]) -> Iterator[Difference]:
    """Of the measures that are no shares. Those of confidence, where both runs have some."""
    count = len(old)
    sure = all(any(one.confidence is not None for one in some) for some in (old, new))
    for measure, statistic in statistics([*old, *new]).items():
        before, after = statistic(np.arange(count)), statistic(np.arange(count, 2 * count))
        if (measure in OF_CONFIDENCE and not sure) or math.isnan(before) or math.isnan(after):
            continue
        tested = chance_by_bootstrap if measure in (Extra.P50, Extra.P99) else chance_of_statistic_difference
        yield Difference(measure, before, after, 1.0 if before == after else tested(statistic, count))


def _notes(before: Run, after: Run, common: int) -> Iterator[str]:
    if before.questions != after.questions:
        yield (
            f"the runs are of different questions ({before.count} and {after.count}); compared are the {common} that "
            "both have"
        )
    if before.hidden or after.hidden:
        yield (
            f"locked questions ({max(before.hidden, after.hidden)}) are not compared: a run was saved without them, "
            "as runs are unless --with-locked is given"
        )
    if before.articles != after.articles:
        yield "the articles are not the same: what differs may come of that"
    for name in sorted(before.settings.keys() | after.settings.keys()):
        one, other = before.settings.get(name, "not told"), after.settings.get(name, "not told")
        if one != other:
            yield f"{name}: {one} before, {other} now"
    if before.version != after.version:
        yield f"version: {before.version} before, {after.version} now"
