"""The examples run, as a user would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ask.py", ["5 articles", "Muhammadi denied", "[1] Asharq Al-awsat"]),
        ("llamaindex.py", ["International Resistance", "[1]"]),
    ],
)
def test_an_example_runs_and_says_what_it_should(name: str, words: list[str], model_cache: Path):
    environment = {**os.environ, "GROUNDWIRE_CACHE": str(model_cache)}
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", str(EXAMPLES / name)],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for word in words:
        assert word in done.stdout


def test_every_example_is_tried():
    assert {path.name for path in EXAMPLES.glob("*.py")} == {"ask.py", "llamaindex.py"}
