"""The floors of the seed evaluation were measured on the files that are here."""

from __future__ import annotations

from eval.gate import Baseline
from eval.seeds import BASELINE, data_hashes
from rag.evaluate.measures import ALWAYS_ONE
from rag.evaluate.questions import SPLITS


def test_the_baseline_was_pinned_on_these_files() -> None:
    assert Baseline.read(BASELINE).hashes == data_hashes(), "see: python -m eval.seeds"


def test_no_floor_was_edited_by_hand() -> None:
    assert not Baseline.read(BASELINE).is_edited


def test_the_floors_of_what_is_promised_are_one() -> None:
    floors = Baseline.read(BASELINE).floors
    assert set(floors) == {"hybrid", "lexical"}
    for halves in floors.values():
        assert set(halves) == set(SPLITS)
        assert all(halves[half][name] == 1.0 for half in SPLITS for name in ALWAYS_ONE)


def test_it_is_told_what_the_floors_were_pinned_with() -> None:
    settings = Baseline.read(BASELINE).settings
    assert {mode: told["k"] for mode, told in settings.items()} == {"hybrid": 10, "lexical": 10}
    assert settings["lexical"]["model"] == "none"
