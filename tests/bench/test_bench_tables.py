"""The page of benchmark results is made of the kept results, and is up to date."""

from __future__ import annotations

from pathlib import Path

from eval.bench import tables
from eval.bench.results import Measured, Result, Row
from rag.evaluate.metrics import Figure

PAGE = "Before.\n<!-- figures: squad -->\nold\n<!-- end -->\nAfter.\n"


def test_a_marked_part_is_the_kept_result_and_the_rest_stays(tmp_path: Path) -> None:
    rows = (
        Row("reading", "dev", "hybrid", Figure("F1", 0.5, 0.25, 0.75, 4)),
        Row("reading", "test", "hybrid", Figure("F1", 0.4, 0.3, 0.5, 5)),
    )
    Result("squad", Measured(rows, {"modes": ["hybrid"]}), {}, 61.0).write(tmp_path / "squad.json")
    page = tables.filled(PAGE, tmp_path)
    assert page.startswith("Before.\n") and page.endswith("<!-- end -->\nAfter.\n") and "old" not in page
    assert "| F1 | 4 / 5 | .500 [.250, .750] | .400 [.300, .500] |" in page
    assert "in 61 s; modes: hybrid." in page
    assert tables.filled(page, tmp_path) == page


def test_what_was_not_measured_says_so(tmp_path: Path) -> None:
    assert "Not measured yet." in tables.filled(PAGE, tmp_path)


def test_the_page_is_made_of_the_results_that_are_kept() -> None:
    assert tables.main(["--check"]) == 0
