"""The floors: what breaks them, what they forgive, and what it takes to lower one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from two_articles import DISPUTED, FIVE, HOW_MANY, SIX, WHO_DIED, judged

from eval import seeds
from eval.gate import Baseline
from rag.errors import UsageError
from rag.evaluate.figures import figures
from rag.evaluate.measures import Extra, Measure

HASHES, SETTINGS = {"seeds.jsonl": "1"}, {"lexical": {"k": 10}}
GOOD = [judged(HOW_MANY, FIVE), judged(HOW_MANY, FIVE), judged(DISPUTED, FIVE), judged(WHO_DIED)]


def measured(found, mode: str = "lexical"):
    return {mode: {split: figures(found) for split in ("open", "locked")}}


def pinned(found, margin: float = 0.0) -> Baseline:
    return Baseline().updated(measured(found), HASHES, SETTINGS, margin=margin, lower=True)


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
    assert "--update-baseline --lower" in line


def test_floors_that_are_not_there_are_pinned_afresh_only_with_the_flag(tmp_path: Path) -> None:
    """A file that was removed is as good as one whose floors were all let fall."""
    gone, emptied = Baseline.read(tmp_path / "none.json"), replace(PINNED, floors={})
    for one in (gone, emptied):
        with pytest.raises(UsageError, match="no floors are pinned") as told:
            one.updated(measured(FALLEN), HASHES, SETTINGS, margin=5, lower=False)
        assert "\n" not in str(told.value)
        assert one.updated(measured(FALLEN), HASHES, SETTINGS, margin=0, lower=True).floors


def test_seeds_says_so_before_anything_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "BASELINE", tmp_path / "none.json")
    monkeypatch.setattr(seeds, "QUESTIONS", tmp_path / "asked all the same.jsonl")
    monkeypatch.setattr(seeds, "data_hashes", dict)
    with pytest.raises(UsageError, match="no floors are pinned"):
        seeds.main(["--update-baseline", "--margin", "5"])
    assert not (tmp_path / "none.json").exists()


def test_floors_that_no_figure_can_break_are_named() -> None:
    """Of three questions with gold none is right: the floor is 0. Sure of what is wrong, the ceiling is 1."""
    wrong = [replace(judged(HOW_MANY, SIX), confidence=1.0)] * 3
    found = pinned(wrong, margin=1).hold_nothing(["lexical"])
    assert "lexical, open: gold span cited" in found
    assert f"lexical, open: {Extra.ERROR_80}" in found
    assert "lexical, open: quotes exact" not in found
    assert PINNED.hold_nothing(["hybrid"]) == []


def test_floors_of_a_mode_that_was_not_measured_stay() -> None:
    both = PINNED.updated(measured(GOOD, "hybrid"), HASHES, {"hybrid": {"k": 10}}, margin=0.0, lower=True)
    assert both.floors["lexical"] == PINNED.floors["lexical"]
    assert both.settings == {**SETTINGS, "hybrid": {"k": 10}}


def test_what_was_let_fall_is_on_record() -> None:
    fallen = PINNED.updated(measured(FALLEN), HASHES, SETTINGS, margin=0, lower=True)
    told = [(one.split, one.before, one.now) for one in fallen.lowered if one.measure == "gold span cited"]
    assert told == [("open", 1.0, 0.6666), ("locked", 1.0, 0.6666)]
    risen = fallen.updated(measured(GOOD), HASHES, SETTINGS, margin=0, lower=True)
    assert risen.lowered == fallen.lowered  # and stays there
    assert PINNED.lowered == PINNED.updated(measured(FALLEN), HASHES, SETTINGS, margin=0, lower=False).lowered == ()
    sure = pinned([replace(one, confidence=0.9) for one in GOOD])
    gone = sure.updated(measured(GOOD), HASHES, SETTINGS, margin=0, lower=True).lowered
    assert (gone[0].measure, gone[0].now) == (Extra.AUROC, None)
    unsure = [replace(one, confidence=0.2 if one.right and one.answerable else 0.9) for one in GOOD]
    raised = sure.updated(measured(unsure), HASHES, SETTINGS, margin=0, lower=True).lowered
    assert Extra.CALIBRATION in {one.measure for one in raised if one.now is not None and one.now > one.before}


def edited(file: Path, change: Callable[[dict[str, Any]], object]) -> Baseline:
    PINNED.write(file)
    told = json.loads(file.read_text("utf-8"))
    change(told)
    file.write_text(json.dumps(told), "utf-8")
    return Baseline.read(file)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["floors"]["lexical"]["open"].update({"gold span cited": 0}),
        lambda told: told["floors"]["lexical"]["open"].pop("gold span cited"),
        lambda told: told["floors"].pop("lexical"),
        lambda told: told.pop("floors_sha256"),
        lambda told: told.update(lowered=[{"mode": "", "split": "", "measure": "", "before": 1.0, "now": 0.0}]),
    ],
)
def test_a_floor_edited_by_hand_is_told_and_pinned_anew_only_with_the_flag(tmp_path: Path, change) -> None:
    found = edited(tmp_path / "baseline.json", change)
    assert found.problems(measured(GOOD), HASHES, SETTINGS)[0].startswith("the floors were edited by hand")
    with pytest.raises(UsageError, match="edited by hand"):
        found.updated(measured(GOOD), HASHES, SETTINGS, margin=1, lower=False)
    anew = found.updated(measured(GOOD), HASHES, SETTINGS, margin=0, lower=True)
    assert anew.problems(measured(GOOD), HASHES, SETTINGS) == []


@pytest.mark.parametrize("floor", [math.nan, math.inf, -0.1, 1.1, True, None, "1"])
def test_a_floor_that_is_no_number_from_0_to_1_is_one_line(tmp_path: Path, floor: object) -> None:
    file = tmp_path / "baseline.json"
    with pytest.raises(UsageError, match=r"baseline\.json: is no baseline") as told:
        edited(file, lambda read: read["floors"]["lexical"]["open"].update({"gold span cited": floor}))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"sha256": 1, "settings": {}, "floors": {}}', "\udcff"])
def test_a_file_that_is_no_baseline_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(UsageError, match=r"baseline\.json: is no baseline") as told:
        Baseline.read(file)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("margin", [-1, 5.1, 999, math.nan, math.inf])
def test_a_margin_forgives_none_to_five_questions(margin: float, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="--margin takes 0 to 5 questions"):
        pinned(GOOD, margin)
    with pytest.raises(SystemExit) as left:
        seeds.main(["--update-baseline", f"--margin={margin}"])
    assert left.value.code == 2
    assert "--margin takes 0 to 5 questions" in capsys.readouterr().err


def test_where_seeds_cannot_write_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    for name in (tmp_path / "none" / "figures.json", tmp_path, seeds.BASELINE, seeds.QUESTIONS):
        with pytest.raises(UsageError, match=r"cannot be written there|is what is read"):
            seeds.main(["--json", str(name)])
        with pytest.raises(UsageError, match=r"cannot be written there|is what is read"):
            seeds.main(["--html", str(name)])


def test_a_baseline_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    PINNED.write(tmp_path / "baseline.json")
    assert Baseline.read(tmp_path / "baseline.json") == PINNED
    assert [file.name for file in tmp_path.iterdir()] == ["baseline.json"]
