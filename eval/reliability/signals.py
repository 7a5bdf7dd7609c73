"""SIGINT and SIGTERM at random moments of add and sync: the exit code, one line, and what was done stays."""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.reliability.world import Child, in_child, opened, opened_by_name, write_article, written
from rag import commands
from rag.commands import articles, keeping
from rag.config import Settings

FILES = 60
SAID = {
    signal.SIGINT: (130, "groundwire: interrupted; what was done stays\n"),
    signal.SIGTERM: (143, "groundwire: terminated; what was done stays\n"),
}


@dataclass(slots=True)
class Figures:
    """What came of it."""

    signals: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: int = 0

    @property
    def failures(self) -> int:
        """What is to be 0."""
        return len(self.wrong) + self.lost

    def lines(self) -> list[str]:
        """For people."""
        kinds = ", ".join(f"{count} {name}" for name, count in sorted(self.signals.items()))
        return [
            f"{self.signals.total()} signals ({kinds}); {self.finished} more came when the work was done",
            f"another exit code, a traceback or more than one line: {len(self.wrong)}; articles lost: {self.lost}",
            *self.wrong[:5],
        ]


def command(arguments: list[str], said: Path, ready: int) -> Any:
    """The command in this process, with the made-up embedding; what it says on standard error goes to a file."""
    articles.opened = keeping.opened = opened_by_name  # type: ignore[attr-defined]
    error = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(error, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        os.write(ready, b".")
        commands.main(arguments)
    except SystemExit as left:
        sys.stderr.flush()
        os._exit(int(left.code or 0))


def run(count: int, seed: int = 0) -> Figures:
    """So many signals."""
    figures, chance = Figures(), random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        os.environ["GROUNDWIRE_CACHE"] = str(place / "cache")
        (place / "news").mkdir()
        took = 0.5
        while figures.signals.total() < count:
            took = _interrupt(place, chance, figures, took)
    return figures


def _interrupt(place: Path, chance: random.Random, figures: Figures, took: float) -> float:
    settings, said = Settings(place / "news.db", place / "cache"), place / "said"
    for number in range(FILES):
        file = place / f"news/a{number}{'.html' if number % 2 else '.txt'}"
        if not file.exists() or chance.random() < 0.5:
            write_article(file, written(chance, 20))
    before = in_child(lambda: _keys(settings))
    number = chance.choice((signal.SIGINT, signal.SIGTERM))
    verb = chance.choice(("add", "sync"))
    arguments = [verb, str(place / "news"), "--corpus", str(settings.corpus)]
    reading, ready = os.pipe()
    began = time.perf_counter()
    child = Child(lambda: command(arguments, said, ready))
    os.read(reading, 1)
    time.sleep(0.01 + chance.uniform(0, took))  # the handlers stand as soon as `main` has begun
    child.kill(number)
    code, _ = child.result()
    for descriptor in (reading, ready):
        os.close(descriptor)
    expected = SAID[number]
    if code == 0:
        figures.finished += 1
        took = max(0.05, 0.7 * took)
    else:
        figures.signals[number.name] += 1
        took = min(2.0, max(took, 1.1 * (time.perf_counter() - began)))
    if code not in {0, expected[0]} or (code and said.read_text() != expected[1]):
        figures.wrong.append(f"{number.name} in {verb}: {code}, {said.read_text()[-600:]!r}")
    figures.lost += len(set(before) - set(in_child(lambda: _keys(settings))))
    return took


def _keys(settings: Settings) -> list[str]:
    with opened(settings, create=True) as corpus:
        return [reference.key for reference in corpus.articles()]
