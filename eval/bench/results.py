"""What a benchmark measured: rows of figures, as a table for reading and as JSON for keeping."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from rag import Corpus
from rag.errors import CannotWrite
from rag.evaluate.metrics import Figure, figure
from rag.version import VERSION


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, and what it is of."""

    part: str
    """The table it stands in: "retrieval", "answers" …"""
    split: str
    """"dev" or "test"."""
    system: str
    """What was measured: a mode of Groundwire ("hybrid", "lexical") or what it is held against ("BM25")."""
    figure: Figure


@dataclass(frozen=True, slots=True)
class Measured:
    """What a benchmark's module gives."""

    rows: tuple[Row, ...]
    settings: Mapping[str, object] = field(default_factory=dict)
    """Whatever else the figures depend on."""
    fingerprint: str = ""
    """Of the corpus that was asked, where it is one."""
    notes: tuple[str, ...] = ()
    """What a reader has to know, a line each."""


@dataclass(frozen=True, slots=True)
class Result:
    """A measured benchmark with all that is needed to measure it again."""

    name: str
    measured: Measured
    hashes: Mapping[str, str]
    """SHA-256 of each file of the benchmark."""
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON; a value that was not measured is null."""
        return {
            "benchmark": self.name,
            "version": VERSION,
            "fingerprint": self.measured.fingerprint,
            "settings": dict(self.measured.settings),
            "data_sha256": dict(self.hashes),
            "seconds": round(self.seconds, 1),
            "notes": list(self.measured.notes),
            "rows": [_plain(row) for row in self.measured.rows],
        }

    def write(self, file: Path) -> None:
        """Beside the file, then moved into place. Raises CannotWrite."""
        beside = file.with_name(file.name + ".part")
        rows = [json.dumps(row) for row in self.as_dict()["rows"]]
        head = json.dumps(self.as_dict() | {"rows": []}, indent=1)
        # A row a line: a run can be read, and compared with the one before it, in a diff.
        text = head.removesuffix("[]\n}") + "[\n  " + ",\n  ".join(rows) + "\n ]\n}\n"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(text, "utf-8")
            beside.replace(file)
        except OSError as error:
            raise CannotWrite(f"{file} cannot be written: {error.strerror}") from error


def read(file: Path) -> tuple[str, list[Row], dict[str, Any]]:
    """The name, rows and the rest of a written result."""
    found = json.loads(file.read_text("utf-8"))
    rows = [
        Row(one["part"], one["split"], one["system"], Figure(one["name"], *_numbers(one), one["count"]))
        for one in found["rows"]
    ]
    return found["benchmark"], rows, found


def _plain(row: Row) -> dict[str, Any]:
    values = {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(row.figure).items()
    }
    short = {name: round(value, 6) if isinstance(value, float) else value for name, value in values.items()}
    return {"part": row.part, "split": row.split, "system": row.system, **short}


def _numbers(row: Mapping[str, Any]) -> tuple[float, float, float]:
    value, low, high = (float("nan") if row[name] is None else float(row[name]) for name in ("value", "low", "high"))
    return value, low, high


# --- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A figure's name, over how many questions it is, and a cell a system."""

    name: str
    count: int
    cells: tuple[str, ...]


def tables(rows: Sequence[Row]) -> dict[tuple[str, str], tuple[tuple[str, ...], list[Line]]]:
    """Of each part and split: the systems, and the lines of their table, in the order in which they were measured."""
    found: dict[tuple[str, str], tuple[tuple[str, ...], list[Line]]] = {}
    for part, split in dict.fromkeys((row.part, row.split) for row in rows):
        mine = [row for row in rows if (row.part, row.split) == (part, split)]
        systems = tuple(dict.fromkeys(row.system for row in mine))
        lines = [
            Line(name, max(count for _, count, _ in some), _cells(systems, {system: one for system, _, one in some}))
            for name, some in _by_name(mine).items()
        ]
        found[part, split] = systems, lines
    return found


def _by_name(rows: Iterable[Row]) -> dict[str, list[tuple[str, int, Figure]]]:
    found: dict[str, list[tuple[str, int, Figure]]] = {}
    for row in rows:
        found.setdefault(row.figure.name, []).append((row.system, row.figure.count, row.figure))
    return found


def _cells(systems: Sequence[str], figures: Mapping[str, Figure]) -> tuple[str, ...]:
    return tuple(shown(figures[system]) if system in figures else "" for system in systems)


def shown(one: Figure) -> str:
    """A figure and its interval; nothing where nothing was measured."""
    if math.isnan(one.value):
        return "–"
    return f"{_number(one.value)} [{_number(one.low)}, {_number(one.high)}]"


def _number(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def print_tables(name: str, rows: Sequence[Row], console: Console) -> None:
    """Every table, the splits apart, the systems side by side."""
    for (part, split), (systems, lines) in tables(rows).items():
        table = Table(title=f"{name}, {part}: {split}", title_justify="left", title_style="bold")
        table.add_column("figure")
        table.add_column("n", justify="right")
        for system in systems:
            table.add_column(f"{system} [95 %]")
        for line in lines:
            table.add_row(line.name, str(line.count), *(cell.replace("[", "\\[") for cell in line.cells))
        console.print(table)


# --- figures that several benchmarks need ----------------------------------------------------------------------------


def fingerprint(corpus: Corpus, modes: Sequence[str]) -> str:
    """What the figures depend on of the corpus: by words alone, nothing of its vectors, whatever made them."""
    of_vectors, _, others = corpus.fingerprint.partition(";")
    return f"{of_vectors if 'hybrid' in modes else 'no vectors'};{others}"


def over(name: str, statistic: Callable[..., float], *columns: Sequence[float] | Sequence[bool]) -> Figure:
    """A statistic of whole columns (one entry a question), with its interval."""
    arrays = [np.asarray(column) for column in columns]
    return figure(name, len(arrays[0]), lambda drawn: statistic(*(array[drawn] for array in arrays)))
