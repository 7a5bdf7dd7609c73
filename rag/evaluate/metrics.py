"""The metrics, as pure functions of what was answered and what was expected. No model judges anything.

Shares are 0 to 1. Wherever a share of nothing is asked for, the answer is NaN: nothing was measured.

Sources: exact match and token F1 from Rajpurkar et al., "SQuAD: 100,000+ Questions …", EMNLP 2016, with the official
script's normalisation; AUROC by ranks (Mann and Whitney 1947), which is scikit-learn's value and sooner there; Hit@k,
reciprocal rank, average precision and nDCG from ir-measures (MacAvaney et al., ECIR 2022), which calls trec_eval; risk
and coverage from El-Yaniv and Wiener, JMLR 2010; expected calibration error from Naeini et al., AAAI 2015 (equal-width
bins); intervals by the percentile bootstrap over questions (Efron and Tibshirani 1993) and the paired comparison by a
permutation test of signs (Smucker et al., CIKM 2007).
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.evaluate.libraries import library

Floats = NDArray[np.float64]
Scores = Sequence[float] | Floats
Truths = Sequence[bool] | NDArray[np.bool_]

DRAWS = 1000
"""Bootstrap samples, and permutations."""

SEED = 20200101
"""Of every random draw here: the same answers give the same intervals."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with its 95 % interval; NaN where nothing was measured."""

    name: str
    value: float
    low: float
    high: float
    count: int
    """Questions, or pairs, that it is over."""


# --- strings ---------------------------------------------------------------------------------------------------------


def normalised(text: str) -> str:
    """Lower case, each run of what is neither letter nor digit one space, one space at both ends."""
    return " ".join(["", *re.findall(r"[^\W_]+", text.lower()), ""])


def holds(text: str, accepted: Iterable[str], words: int | None = None) -> bool:
    """Whether one of the accepted strings stands, as whole words, in the first `words` words of the text."""
    read = normalised(text if words is None else " ".join(text.split()[:words]))
    wanted = [normalised(one) for one in accepted]
    return any(one in read for one in wanted if one.strip())


def squad_tokens(text: str) -> list[str]:
    """The official SQuAD script's tokens: lower case, no ASCII punctuation, no articles, split at white space."""
    plain = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", plain).split()


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1 where the tokens are those of an accepted answer; the empty answer is right where nothing is accepted."""
    mine = squad_tokens(answer)
    return float(any(mine == squad_tokens(one) for one in accepted or [""]))


def token_f1(answer: str, accepted: Sequence[str]) -> float:
    """The best F1 of token overlap with an accepted answer; where either has no tokens, 1 if both have none, else 0."""
    return max(_f1(squad_tokens(answer), squad_tokens(one)) for one in accepted or [""])


def _f1(mine: Sequence[str], theirs: Sequence[str]) -> float:
    if not mine or not theirs:
        return float(mine == theirs)
    shared = sum((Counter(mine) & Counter(theirs)).values())
    return 2 * shared / (len(mine) + len(theirs))


# --- shares ----------------------------------------------------------------------------------------------------------


def share(part: float, whole: float) -> float:
    """`part / whole`; NaN of nothing."""
    return part / whole if whole else float("nan")


def harmonic_mean(one: float, other: float) -> float:
    """2ab / (a + b); 0 where both are 0. Of precision and recall it is F1."""
    return 2 * one * other / (one + other) if one + other else 0.0


# --- refusing and confidence -----------------------------------------------------------------------------------------


def auroc(scores: Scores, right: Truths) -> float:
    """The chance that a positive outscores a negative, ties half; NaN where there are not both."""
    labels = np.asarray(right, dtype=bool)
    positive, negative = int(labels.sum()), int((~labels).sum())
    if not positive or not negative:
        return float("nan")
    ranks = library("scipy.stats").rankdata(np.asarray(scores, dtype=float))
    return float((ranks[labels].sum() - positive * (positive + 1) / 2) / (positive * negative))


def balanced_accuracy(said: Truths, right: Truths) -> float:
    """The mean of the two classes' recalls; NaN where there are not both."""
    labels, given = np.asarray(right, dtype=bool), np.asarray(said, dtype=bool)
    if labels.all() or not labels.any():
        return float("nan")
    return float((given[labels].mean() + (~given[~labels]).mean()) / 2)


def error_at_coverage(scores: Scores, right: Truths, coverage: float = 0.8) -> float:
    """The share of wrong ones among the most confident `coverage` of all.

    Where several share the score at the cut, each counts by the chance of being among those that fit.
    """
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    if not len(order):
        return float("nan")
    ranked, wrong = np.asarray(scores, dtype=float)[order], ~np.asarray(right, dtype=bool)[order]
    size = max(1, round(coverage * len(order)))
    above, level = ranked > ranked[size - 1], ranked == ranked[size - 1]
    return float((wrong[above].sum() + wrong[level].mean() * (size - above.sum())) / size)


def calibration_error(confidences: Scores, right: Truths, bins: int = 10) -> float:
    """Expected calibration error: mean distance of confidence and accuracy over bins of equal width, by their size."""
    given, true = np.asarray(confidences, dtype=float), np.asarray(right, dtype=bool)
    if not len(given):
        return float("nan")
    where = np.minimum((given * bins).astype(int), bins - 1)
    gaps = [abs(given[where == n].mean() - true[where == n].mean()) * (where == n).mean() for n in np.unique(where)]
    return float(sum(gaps))


def risk_coverage(scores: Scores, right: Truths) -> list[tuple[float, float]]:
    """(coverage, error among the covered) at each score, from the most confident down; ties enter together."""
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    ranked, wrong = np.asarray(scores, dtype=float)[order], ~np.asarray(right, dtype=bool)[order]
    ends = [n + 1 for n, (one, other) in enumerate(pairwise(ranked)) if one != other] + [len(order)]
    return [(end / len(order), float(wrong[:end].mean())) for end in ends if end]


# --- retrieval -------------------------------------------------------------------------------------------------------

Qrels = Mapping[str, Mapping[str, int]]
"""Query id to document id to grade of relevance; 0 is not relevant."""

Run = Mapping[str, Mapping[str, float]]
"""Query id to document id to score; higher is better."""


def ranking(qrels: Qrels, run: Run, measures: Sequence[str]) -> dict[str, dict[str, float]]:
    """Of each measure (ir-measures' names: "AP", "RR", "nDCG@10", "Success@5", "P@1"), each query's value.

    A query that has a relevant document and found nothing gets 0. Raises UsageError where the extra is missing.
    """
    tool = library("ir_measures")
    wanted = {tool.parse_measure(name): name for name in measures}
    found: dict[str, dict[str, float]] = {name: dict.fromkeys(qrels, 0.0) for name in measures}
    for metric in tool.iter_calc(list(wanted), _plain(qrels), _plain(run)):
        found[wanted[metric.measure]][metric.query_id] = float(metric.value)
    return found


def _plain(nested: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {query: dict(documents) for query, documents in nested.items()}


# --- how sure --------------------------------------------------------------------------------------------------------


def mean_figure(name: str, values: Scores) -> Figure:
    """The mean with its bootstrap interval."""
    numbers = np.asarray(values, dtype=float)
    if not len(numbers):
        return Figure(name, float("nan"), float("nan"), float("nan"), 0)
    if np.ptp(numbers) == 0:
        return Figure(name, float(numbers[0]), float(numbers[0]), float(numbers[0]), len(numbers))
    return ratio_figure(name, numbers, np.ones_like(numbers))


def figure(name: str, count: int, statistic: Callable[[NDArray[np.intp]], float], draws: int = DRAWS) -> Figure:
    """A figure over `count` questions with its interval.

    `statistic` is given the numbers of the questions that count, drawn with repetition; what it cannot measure of a
    draw (NaN) is left out.
    """
    everything = np.arange(count)
    value = statistic(everything) if count else float("nan")
    if not count:
        return Figure(name, value, value, value, 0)
    drawing = np.random.default_rng(SEED)
    drawn = np.array([statistic(drawing.integers(0, count, count)) for _ in range(draws)], dtype=float)
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return Figure(name, value, value, value, count)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(name, value, float(low), float(high), count)


def ratio_figure(name: str, parts: Scores, wholes: Scores) -> Figure:
    """The sum of the parts over the sum of the wholes, each question's own, with its bootstrap interval.

    With every whole 1 it is the mean. Questions whose whole is 0 have no say and are not drawn.
    """
    above, below = np.asarray(parts, dtype=float), np.asarray(wholes, dtype=float)
    above, below = above[below > 0], below[below > 0]
    count = len(below)
    if not count:
        return Figure(name, float("nan"), float("nan"), float("nan"), 0)
    drawing, ratios = np.random.default_rng(SEED), list[Floats]()
    at_once = max(1, 1_000_000 // count)
    for first in range(0, DRAWS, at_once):
        some = drawing.integers(0, count, (min(at_once, DRAWS - first), count))
        ratios.append(above[some].sum(axis=1) / below[some].sum(axis=1))
    low, high = np.percentile(np.concatenate(ratios), [2.5, 97.5])
    return Figure(name, float(above.sum() / below.sum()), float(low), float(high), count)


def chance_of_statistic_difference(statistic: Callable[[NDArray[np.intp]], float], count: int) -> float:
    """How likely a difference this large of any statistic is by chance alone: paired permutation test, two-sided p.

    `statistic` is given numbers of answers: `n` is the first run's to question `n`, `count + n` the second's. All
    permutations where there are few, else `DRAWS`; one that leaves a side nothing to measure is left out.
    """
    if 2**count <= DRAWS:
        swaps = np.arange(2**count)[:, None] >> np.arange(count) & 1
    else:
        swaps = np.random.default_rng(SEED).integers(0, 2, (DRAWS, count))
        swaps[0] = 0  # as it is: no p is 0
    numbers = np.arange(count)
    sides = ((numbers + count * swap, numbers + count * (1 - swap)) for swap in swaps)
    found = np.abs([statistic(one) - statistic(other) for one, other in sides])
    found, actual = found[~np.isnan(found)], found[0]
    return float("nan") if np.isnan(actual) else float((found >= actual - 1e-12).mean())


def chance_by_bootstrap(statistic: Callable[[NDArray[np.intp]], float], count: int) -> float:
    """The same by drawing questions: twice the share of draws in which the difference is not on its side.

    For percentiles: of two runs shuffled together they jump from one run's value to the other's.
    """
    drawing = np.random.default_rng(SEED)
    drawn = (drawing.integers(0, count, count) for _ in range(DRAWS))
    found = np.array([statistic(some + count) - statistic(some) for some in drawn], dtype=float)
    return min(1.0, 2 * (1 + min(int((found <= 0).sum()), int((found >= 0).sum()))) / (1 + DRAWS))


def chance_of_difference(before: Sequence[float], after: Sequence[float]) -> float:
    """How likely a difference of means this large is by chance alone: paired permutation test, two-sided p."""
    one, other = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    return chance_of_ratio_difference(one, np.ones_like(one), other, np.ones_like(other))


def chance_of_ratio_difference(
    parts_before: Scores,
    wholes_before: Scores,
    parts_after: Scores,
    wholes_after: Scores,
) -> float:
    """The same of a ratio of sums, as `ratio_figure` has it: which run a question's pair is from is what is permuted.

    A permutation that leaves one side without any whole counts as a difference of 0. One question alone tells nothing:
    its p is 1.
    """
    above = np.concatenate([np.asarray(one, dtype=float) for one in (parts_before, parts_after)])
    below = np.concatenate([np.asarray(one, dtype=float) for one in (wholes_before, wholes_after)])
    count = len(above) // 2
    if count < 2 or ((above[:count] == above[count:]) & (below[:count] == below[count:])).all():
        return 1.0

    def difference(after: NDArray[np.intp], before: NDArray[np.intp], axis: int) -> Floats:
        wholes = below[after].sum(axis=axis), below[before].sum(axis=axis)
        sides = [
            above[some].sum(axis=axis) / np.maximum(whole, 1e-12)
            for some, whole in zip((after, before), wholes, strict=True)
        ]
        both = (wholes[0] > 0) & (wholes[1] > 0)
        return np.asarray(np.where(both, sides[0] - sides[1], 0.0), dtype=float)

    test = library("scipy.stats").permutation_test(
        (np.arange(count, 2 * count), np.arange(count)),
        difference,
        permutation_type="samples",
        vectorized=True,
        n_resamples=10 * DRAWS,
        batch=max(1, 1_000_000 // count),  # 10,000 permutations of a large benchmark at once would fill the memory
        rng=np.random.default_rng(SEED),
    )
    return float(test.pvalue)
