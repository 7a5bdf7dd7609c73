"""The metrics, against values worked out by hand or by a second implementation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

from rag.evaluate import metrics
from rag.evaluate.metrics import Figure


def test_normalised() -> None:
    assert metrics.normalised("“Hashd al-Sha’abi”,  5,200_men") == " hashd al sha abi 5 200 men "


def test_a_string_of_punctuation_alone_matches_nothing() -> None:
    assert not metrics.holds("anything", ["…"])


@pytest.mark.parametrize(
    ("given", "accepted", "exact", "f1"),
    [
        ("The Pentagon", ["pentagon"], 1, 1),
        ("at the Pentagon", ["the Pentagon"], 0, 2 / 3),
        ("", ["pentagon"], 0, 0),
        ("", [], 1, 1),
        ("pentagon", [], 0, 0),
        ("a b b", ["b b c", "z"], 0, 4 / 5),
    ],
)
def test_exact_match_and_token_f1(given: str, accepted: list[str], exact: float, f1: float) -> None:
    """By the official script: articles dropped, so the last has tokens b b against b b c."""
    assert metrics.exact_match(given, accepted) == exact
    assert metrics.token_f1(given, accepted) == pytest.approx(f1)


def test_nothing_measured_is_nan_and_counts_nothing() -> None:
    for figure in (
        metrics.ratio_figure("x", [], []),
        metrics.ratio_figure("x", [0, 0], [0, 0]),
        metrics.mean_figure("x", []),
    ):
        assert math.isnan(figure.value)
        assert figure.count == 0
    assert math.isnan(metrics.share(0, 0))
    assert math.isnan(metrics.auroc([0.1, 0.2], [True, True]))
    assert math.isnan(metrics.balanced_accuracy([True], [True]))
    assert math.isnan(metrics.error_at_coverage([], []))


def test_a_ratio_is_of_the_sums_and_those_without_a_whole_have_no_say() -> None:
    found = metrics.ratio_figure("x", [1, 3, 5], [1, 4, 0])
    assert (found.value, found.count) == (4 / 5, 2)


def test_the_interval_is_that_of_a_second_bootstrap() -> None:
    values = np.arange(40) % 3 == 0
    mine = metrics.mean_figure("x", values.astype(float))
    other = stats.bootstrap(
        (values.astype(float),), np.mean, method="percentile", n_resamples=9999, rng=np.random.default_rng(1)
    ).confidence_interval
    assert (mine.low, mine.high) == pytest.approx((other.low, other.high), abs=0.03)


def test_an_interval_does_not_depend_on_how_many_are_drawn_at_once() -> None:
    parts = np.random.default_rng(2).integers(0, 2, 1500).astype(float)
    drawn = metrics.figure("x", len(parts), lambda some: float(parts[some].mean()))
    assert metrics.ratio_figure("x", parts, np.ones(1500)) == drawn


def test_always_the_same_answers_give_the_same_interval() -> None:
    assert metrics.mean_figure("x", [0.0, 1.0, 1.0]) == metrics.mean_figure("x", [0.0, 1.0, 1.0])
    assert metrics.mean_figure("x", [1.0, 1.0]) == Figure("x", 1.0, 1.0, 1.0, 2)


def test_balanced_accuracy_and_auroc_are_scikit_learn_s() -> None:
    said, right = [True, True, False, True], [True, False, False, True]
    assert metrics.balanced_accuracy(said, right) == sklearn_metrics.balanced_accuracy_score(right, said) == 0.75
    assert metrics.auroc([0.9, 0.9, 0.1, 0.8], right) == 0.625  # of 4 pairs: one tie, two won, one lost


def test_auroc_is_scikit_learn_s_whatever_the_ties() -> None:
    drawn = np.random.default_rng(3)
    for digits in (0, 1, 9):
        scores, right = np.round(drawn.random(200), digits), drawn.random(200) < 0.3
        assert metrics.auroc(scores, right) == pytest.approx(sklearn_metrics.roc_auc_score(right, scores), abs=1e-12)


def test_error_at_coverage() -> None:
    """Of five, the four most confident: one is wrong."""
    assert metrics.error_at_coverage([0.9, 0.8, 0.7, 0.6, 0.5], [True, False, True, True, False]) == 0.25
    assert metrics.error_at_coverage([0.5] * 5, [True, False, True, True, False]) == pytest.approx(0.4)


def test_risk_and_coverage_with_ties_entering_together() -> None:
    found = metrics.risk_coverage([0.5, 0.9, 0.5, 0.1], [False, True, True, False])
    assert found == [(0.25, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]
    assert metrics.risk_coverage([], []) == []


def test_calibration_error() -> None:
    """Two bins: 0.95 with one right of two, 0.15 with none of two; (0.45 + 0.15) / 2."""
    assert metrics.calibration_error([0.95, 0.95, 0.15, 0.15], [True, False, False, False]) == pytest.approx(0.3)
    assert metrics.calibration_error([1.0], [True]) == 0


def test_chance_of_a_difference_by_counting_all_permutations() -> None:
    """Of 2^5 swaps only all and none are as far apart as 1 and 0: p = 2/32."""
    assert metrics.chance_of_difference([0] * 5, [1] * 5) == pytest.approx(2 / 32)
    assert metrics.chance_of_difference([1, 0], [1, 0]) == 1.0
    assert metrics.chance_of_difference([], []) == metrics.chance_of_difference([0], [1]) == 1.0


def test_chance_of_a_difference_of_ratios() -> None:
    """With wholes of 1 it is the test of means; a question that one run has and the other has not takes part."""
    before, after = [0, 1, 0, 0, 1, 0, 0], [1, 1, 1, 0, 1, 1, 0]
    ones = [1] * 7
    assert metrics.chance_of_ratio_difference(before, ones, after, ones) == metrics.chance_of_difference(before, after)
    # 1/1 and 0/1 against 1/1 alone: kept, .5 to 1; swapped one or the other way, as far or none at all.
    assert metrics.chance_of_ratio_difference([1, 0], [1, 1], [1, 0], [1, 0]) == 1.0


def test_chance_of_a_difference_of_any_statistic() -> None:
    """Of means it is the test of means: by counting all permutations where there are few, else about the same."""
    few = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], dtype=float)
    assert metrics.chance_of_statistic_difference(lambda some: float(few[some].mean()), 5) == 2 / 32
    assert metrics.chance_of_statistic_difference(lambda some: float(few[some % 5].mean()), 5) == 1.0
    drawn = np.random.default_rng(4)
    before, after = drawn.random(40), drawn.random(40) + 0.12
    both = np.concatenate([before, after])
    expected = metrics.chance_of_difference(before.tolist(), after.tolist())
    found = metrics.chance_of_statistic_difference(lambda some: float(both[some].mean()), 40)
    assert found == pytest.approx(expected, abs=0.04)


def test_a_median_that_doubles_everywhere_is_more_than_noise_and_one_that_stays_is_not() -> None:
    before = np.random.default_rng(5).random(30)

    def chance(after: metrics.Floats) -> float:
        both = np.concatenate([before, after])
        return metrics.chance_by_bootstrap(lambda some: float(np.median(both[some])), 30)

    assert chance(before + 1) == pytest.approx(2 / 1001)
    assert chance(before[::-1]) > 0.5


def test_ranking_by_hand() -> None:
    found = metrics.ranking(
        {"q": {"a": 1, "b": 1}, "nothing found": {"a": 1}},
        {"q": {"x": 3.0, "a": 2.0, "b": 1.0}, "nothing found": {}},
        ["RR", "Success@1", "Success@5", "nDCG@10"],
    )
    ideal = 1 + 1 / math.log2(3)
    gained = 1 / math.log2(3) + 1 / math.log2(4)
    assert found["RR"] == {"q": 0.5, "nothing found": 0.0}
    assert (found["Success@1"]["q"], found["Success@5"]["q"]) == (0, 1)
    assert found["nDCG@10"]["q"] == pytest.approx(gained / ideal, abs=1e-4)
