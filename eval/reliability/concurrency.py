"""Eight that ask (four processes, four threads of another) beside one that adds; and a second writer."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.reliability.world import Child, in_child, opened, written
from rag import Corpus
from rag.config import Settings
from rag.errors import CorpusBusy

ASKERS = 4
"""Processes, and threads of one more."""


@dataclass(slots=True)
class Figures:
    """What came of it."""

    seconds: int = 0
    asked: int = 0
    added: int = 0
    errors: list[str] = field(default_factory=list)
    torn: int = 0
    slowest: float = 0.0
    """Seconds that the slowest question took."""
    told_after: float = 0.0
    """Seconds until a second writer was told, at most."""

    @property
    def failures(self) -> int:
        """What is to be 0."""
        return len(self.errors) + self.torn + (self.told_after > 1)

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"{self.seconds} s: {self.asked:,} questions by {ASKERS} processes and {ASKERS} threads beside "
            f"{self.added:,} articles added, changed or removed",
            f"errors: {len(self.errors)}; torn articles: {self.torn}; the slowest question took {self.slowest:.2f} s; "
            f"a second writer was told within {self.told_after:.2f} s",
            *self.errors[:5],
        ]


def run(count: int, seed: int = 0) -> Figures:
    """So many seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        settings = Settings(place / "news.db", place / "cache")
        in_child(lambda: _begin(settings, place / "news", seed))
        until = time.monotonic() + count
        children = [Child(lambda: _ask(settings, until)) for _ in range(ASKERS)]
        children.append(Child(lambda: _ask_in_threads(settings, until)))
        second = Child(lambda: _write_too(settings, place / "news", until))
        writer = Child(lambda: _write(settings, place / "news", until, seed))
        figures = Figures(seconds=count)
        for child in [*children, second, writer]:
            code, told = child.result()
            if code:
                figures.errors.append(f"a process ended with {code}")
                continue
            figures.asked += told.get("asked", 0)
            figures.added += told.get("added", 0)
            figures.torn += told.get("torn", 0)
            figures.slowest = max(figures.slowest, told.get("slowest", 0.0))
            figures.told_after = max(figures.told_after, told.get("told_after", 0.0))
            figures.errors.extend(told["errors"])
        faults = in_child(lambda: _faults(settings))
        figures.errors.extend(faults)
    return figures


def _text(chance: random.Random, name: str, turn: int) -> str:
    """Every sentence names the article and the turn, so that a mixture of two would show."""
    sentences = written(chance, 12).replace("officials said", f"officials of {name} said in turn {turn}")
    return f"Article {name}\n\n{sentences}"


def _begin(settings: Settings, folder: Path, seed: int) -> None:
    folder.mkdir()
    for number in range(40):
        (folder / f"a{number}.txt").write_text(_text(random.Random(seed + number), f"a{number}", 0))
    with opened(settings, create=True) as corpus:
        corpus.add([folder])


def _write(settings: Settings, folder: Path, until: float, seed: int) -> dict[str, Any]:
    """Add, change and remove, one after another, for as long as it goes."""
    chance, turn, added, errors = random.Random(seed), 0, 0, list[str]()
    while time.monotonic() < until:
        turn += 1
        for _ in range(3):
            name = f"a{chance.randrange(80)}"
            (folder / f"{name}.txt").write_text(_text(chance, name, turn))
        there = sorted(folder.iterdir())
        if len(there) > 30 and turn % 3 == 0:
            chance.choice(there).unlink()
        try:
            with opened(settings) as corpus:
                report = corpus.sync(folder)
            added += report.ingest.added + report.ingest.updated + len(report.removed)
        except CorpusBusy:
            continue  # the other one has it just now
        except Exception as error:
            errors.append(f"adding: {error!r}")
    return {"added": added, "errors": errors}


def _write_too(settings: Settings, folder: Path, until: float) -> dict[str, Any]:
    """Try to write beside the writer: be told at once, or be the one."""
    slowest, errors = 0.0, list[str]()
    while time.monotonic() < until:
        with opened(settings) as corpus:
            began = time.monotonic()
            try:
                with corpus._writing():
                    time.sleep(0.05)
            except CorpusBusy:
                slowest = max(slowest, time.monotonic() - began)
            except Exception as error:
                errors.append(f"a second writer: {error!r}")
        time.sleep(0.3)
    return {"told_after": slowest, "errors": errors}


def _ask(settings: Settings, until: float) -> dict[str, Any]:
    with opened(settings) as corpus:
        return _questions(corpus, until)


def _ask_in_threads(settings: Settings, until: float) -> dict[str, Any]:
    told: list[dict[str, Any]] = []
    with opened(settings) as corpus:
        threads = [threading.Thread(target=lambda: told.append(_questions(corpus, until))) for _ in range(ASKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return {
        "asked": sum(one["asked"] for one in told),
        "torn": sum(one["torn"] for one in told),
        "slowest": max((one["slowest"] for one in told), default=0.0),
        "errors": [error for one in told for error in one["errors"]] + ["a thread died"] * (ASKERS - len(told)),
    }


def _questions(corpus: Corpus, until: float) -> dict[str, Any]:
    """Ask until the time is over; what is found has to be of one article and one turn."""
    chance, asked, torn, errors, slowest = random.Random(), 0, 0, list[str](), 0.0
    while time.monotonic() < until:
        name = f"a{chance.randrange(80)}"
        began = time.monotonic()
        try:
            answer = corpus.ask(f"What did officials of {name} say of the harbour of Gdynia?")
            slowest = max(slowest, time.monotonic() - began)
            asked += 1
            for hit in answer.passages:
                own = {word for word in hit.text.replace(",", " ").split() if word[0] == "a" and word[1:].isdigit()}
                turns = {part.split()[0].strip(".,") for part in hit.text.split("in turn ")[1:]}
                torn += len(turns) > 1 or bool(own - {Path(hit.article.path or "").stem})
        except Exception as error:
            errors.append(f"asking: {error!r}")
    return {"asked": asked, "torn": torn, "errors": errors, "slowest": slowest}


def _faults(settings: Settings) -> list[str]:
    with opened(settings) as corpus:
        return [finding.line for finding in corpus.doctor()]
