"""The floors of the seed evaluation were measured on the files that are here."""

from __future__ import annotations

from eval.seeds import ALWAYS_ONE, BASELINE, HALVES, Baseline, data_hashes


def test_the_baseline_was_pinned_on_these_files() -> None:
    assert Baseline.read(BASELINE).hashes == data_hashes(), "see: python -m eval.seeds"


def test_the_floors_of_what_is_promised_are_one() -> None:
    floors = Baseline.read(BASELINE).floors
    assert set(floors) == {"hybrid", "lexical"}
    for halves in floors.values():
        assert set(halves) == set(HALVES)
        assert all(halves[half][name] == 1.0 for half in HALVES for name in ALWAYS_ONE)
