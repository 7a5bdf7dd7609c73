"""Puts the kept results (`eval/bench/results/NAME.json`) into docs/benchmarks.md, between its markers.

    python -m eval.bench.tables             # writes
    python -m eval.bench.tables --check     # says whether it is out of date; exit code 1

``<!-- figures: NAME -->`` begins a generated part, ``<!-- end -->`` ends it. Results come from
``python -m eval.bench NAME --json eval/bench/results/NAME.json``; what is said about them stands outside the markers.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.bench import results
from eval.bench.results import Row

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = Path(__file__).parent / "results"

MARKED = re.compile(r"(<!-- figures: (?P<name>\S+) -->\n)(?P<body>.*?)(?=<!-- end -->)", re.DOTALL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page anew, or only say that it is out of date."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.tables", description=__doc__)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    before = PAGE.read_text("utf-8")
    after = filled(before, RESULTS)
    if given.check:
        if after != before:
            print(f"{PAGE} is out of date; make it again with: python -m eval.bench.tables", file=sys.stderr)
        return int(after != before)
    PAGE.write_text(after, "utf-8")
    return 0


def filled(page: str, folder: Path) -> str:
    """The page with every marked part made of its result."""
    return MARKED.sub(lambda found: found.group(1) + _of(folder / f"{found['name']}.json"), page)


def _of(file: Path) -> str:
    if not file.is_file():
        return "\nNot measured yet.\n\n"
    _, rows, rest = results.read(file)
    parts = dict.fromkeys(row.part for row in rows)
    made = [_table(part, [row for row in rows if row.part == part], named=len(parts) > 1) for part in parts]
    return "\n" + "\n".join(made) + "\n" + _settings(rest) + "\n\n"


def _table(part: str, rows: Sequence[Row], named: bool) -> str:
    """One part: a line a figure, a column a system, the splits side by side."""
    measured = dict.fromkeys((row.split, row.system) for row in rows)
    columns = sorted(measured, key=lambda column: column[0])  # the splits apart, the systems in their order
    first = f"**{part}**" if named else ""
    head = [first, "n", *(f"{split}: {system}" for split, system in columns)]
    return "\n".join([_line(head), _line(["---"] * len(head)), *_lines(rows, columns), ""])


def _lines(rows: Sequence[Row], columns: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name in dict.fromkeys(row.figure.name for row in rows):
        mine = [row for row in rows if row.figure.name == name]
        counts = dict.fromkeys(max(row.figure.count for row in mine if row.split == split) for split in _splits(mine))
        cells = {(row.split, row.system): results.shown(row.figure) for row in mine}
        yield _line([name, " / ".join(map(str, counts)), *(cells.get(column, "") for column in columns)])


def _splits(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.split for row in rows))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _settings(rest: dict[str, Any]) -> str:
    told = "; ".join(f"{name}: {_plain(value)}" for name, value in rest["settings"].items())
    return f"Version {rest['version']}, in {rest['seconds']:,.0f} s; {told}."


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
