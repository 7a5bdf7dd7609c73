"""The floors: what breaks them, what they forgive, and what it takes to lower one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from two_articles import DISPUTED, FIVE, HOW_MANY, SIX, WHO_DIED, judged

from eval.gate import Baseline
from rag.evaluate.figures import figures
from rag.evaluate.measures import Extra, Measure

HASHES, SETTINGS = {"seeds.jsonl": "1"}, {"lexical": {"k": 10}}
GOOD = [judged(HOW_MANY, FIVE), judged(HOW_MANY, FIVE), judged(DISPUTED, FIVE), judged(WHO_DIED)]


def measured(found, mode: str = "lexical"):
    return {mode: {split: figures(found) for split in ("open", "locked")}}


def pinned(found, margin: float = 0.0) -> Baseline:
    return Baseline().updated(measured(found), HASHES, SETTINGS, margin=margin, lower=False)


PINNED = pinned(GOOD)
FALLEN = [judged(HOW_MANY, FIVE), judged(HOW_MANY, SIX), *GOOD[2:]]


def test_present_figures_hold_their_own_floors() -> None:
    assert PINNED.problems(measured(GOOD), HASHES, SETTINGS) == []
    assert PINNED.floors["lexical"]["open"]["sides shown"] == 0.5


def test_a_figure_below_its_floor_is_a_problem_in_each_half() -> None:
    found = PINNED.problems(measured(FALLEN), HASHES, SETTINGS)
    assert "lexical, open: gold span cited is 0.6667, below its floor of 1.0000" in found
    assert "lexical, locked: gold span cited is 0.6667, below its floor of 1.0000" in found


def test_the_margin_is_what_one_question_weighs_and_spares_what_is_promised() -> None:
    """Three questions have gold: a floor of two thirds forgives one, and not two."""
    floors = pinned(GOOD, margin=1)
    assert floors.floors["lexical"]["open"]["gold span cited"] == 0.6666
    assert floors.floors["lexical"]["open"]["quotes exact"] == 1.0
    assert floors.problems(measured(FALLEN), HASHES, SETTINGS) == []
    twice = [judged(HOW_MANY, SIX), *FALLEN[1:]]
    assert any("gold span cited" in line for line in floors.problems(measured(twice), HASHES, SETTINGS))


def test_one_inexact_quote_breaks_two_floors_whatever_the_margin() -> None:
    broken = [judged(HOW_MANY, replace(FIVE, quote="Nine rockets fell at dawn.")), *GOOD[1:]]
    found = pinned(GOOD, margin=3).problems(measured(broken), HASHES, SETTINGS)
    assert [line.partition(" is ")[0] for line in found] == [
        "lexical, open: quotes exact",
        "lexical, open: statements supported",
        "lexical, locked: quotes exact",
        "lexical, locked: statements supported",
    ]


def test_floors_rise_and_never_fall_unless_asked() -> None:
    kept = PINNED.updated(measured(FALLEN), HASHES, SETTINGS, margin=0, lower=False).floors["lexical"]["open"]
    fallen = PINNED.updated(measured(FALLEN), HASHES, SETTINGS, margin=0, lower=True).floors["lexical"]["open"]
    risen = pinned(FALLEN).updated(measured(GOOD), HASHES, SETTINGS, margin=0, lower=False).floors["lexical"]["open"]
    assert [one["gold span cited"] for one in (kept, fallen, risen)] == [1.0, 0.6666, 1.0]


def test_where_lower_is_better_the_floor_is_a_ceiling() -> None:
    sure = [replace(one, confidence=0.9 if one.right else 0.2) for one in FALLEN]
    floors = pinned(sure)
    assert floors.floors["lexical"]["open"][Extra.ERROR_80] == 0.3334  # of the first three, one
    worse = [replace(one, confidence=0.2 if one.right and one.answerable else 0.9) for one in FALLEN]
    found = floors.problems(measured(worse), HASHES, SETTINGS)
    assert any("error at 80 % coverage" in line and "above its ceiling" in line for line in found)


def test_a_figure_that_is_no_longer_measured_is_a_problem_and_leaves_when_lowered() -> None:
    sure = pinned([replace(one, confidence=0.9) for one in GOOD])
    found = sure.problems(measured(GOOD), HASHES, SETTINGS)
    assert any("was not measured" in line for line in found)
    lowered = sure.updated(measured(GOOD), HASHES, SETTINGS, margin=0, lower=True)
    assert lowered.problems(measured(GOOD), HASHES, SETTINGS) == []


def test_a_measure_without_a_floor_is_a_problem() -> None:
    sure = [replace(one, confidence=0.9) for one in GOOD]
    found = PINNED.problems(measured(sure), HASHES, SETTINGS)
    assert found[0].startswith("lexical, open: no floor for AUROC of confidence")


def test_seconds_have_no_floor() -> None:
    assert not [name for name in PINNED.floors["lexical"]["open"] if "seconds" in name]
    assert Measure.HIT_1 not in PINNED.floors["lexical"]["open"]  # nothing was measured of it here


@pytest.mark.parametrize(
    ("hashes", "settings", "said"),
    [
        ({"seeds.jsonl": "2"}, SETTINGS, "seeds.jsonl: not the file"),
        (HASHES, {"lexical": {"k": 5}}, "lexical: k is 5, the floors were pinned with 10"),
        (HASHES, {"lexical": {"k": 10, "model": "none"}}, "lexical: model is none, the floors were pinned with none"),
    ],
)
def test_other_data_or_settings_are_a_problem_that_says_what_to_do(hashes, settings, said: str) -> None:
    (line,) = PINNED.problems(measured(GOOD), hashes, settings)
    assert line.startswith(said)
    assert "--update-baseline" in line


def test_without_a_baseline_there_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    (line,) = Baseline.read(tmp_path / "none.json").problems(measured(GOOD), HASHES, SETTINGS)
    assert "--update-baseline" in line


def test_floors_of_a_mode_that_was_not_measured_stay() -> None:
    both = PINNED.updated(measured(GOOD, "hybrid"), HASHES, {"hybrid": {"k": 10}}, margin=0.0, lower=True)
    assert both.floors["lexical"] == PINNED.floors["lexical"]
    assert both.settings == {**SETTINGS, "hybrid": {"k": 10}}


def test_a_baseline_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    PINNED.write(tmp_path / "baseline.json")
    assert Baseline.read(tmp_path / "baseline.json") == PINNED
    assert [file.name for file in tmp_path.iterdir()] == ["baseline.json"]
