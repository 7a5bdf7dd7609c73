"""Hold the seed questions to their README and print how many there are of each kind::

    python -m eval.questions [FILE] [--seeds FOLDER]

Exits with 1 where something does not hold, a line for each.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.questions.check import check, table

QUESTIONS = Path(__file__).parent / "seeds.jsonl"
SEEDS = Path(__file__).parents[2] / "seeds"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, print; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.questions", description=(__doc__ or "").partition("::")[0] + "."
    )
    parser.add_argument("file", nargs="?", type=Path, default=QUESTIONS, metavar="FILE", help="questions, a line each")
    parser.add_argument("--seeds", type=Path, default=SEEDS, metavar="FOLDER", help="the articles they are asked of")
    given = parser.parse_args(arguments)
    if not given.file.is_file():
        parser.error(f"{given.file}: no such file; name a question file")
    if not any(given.seeds.glob("*.txt")):
        parser.error(f"{given.seeds}: no .txt files there; name the folder of the articles with --seeds")
    found = check(given.file, given.seeds)
    print("\n".join(table(found.questions)))
    print("\n".join(["", *found.problems]) if found.problems else f"\n{given.file.name} holds.")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
