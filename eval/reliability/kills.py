"""SIGKILL at random moments of add, sync, remove and rebuild, with an oracle beside it: a plain dictionary."""

from __future__ import annotations

import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.reliability.world import Child, contents, in_child, opened, text_of, write_article, written
from rag.config import Settings

FILES = 30
KINDS = (".txt", ".html")
"""Read in the process that is killed, and by one that it started."""

CHANGES = 8
"""Files that change between two kills, at most."""


@dataclass(slots=True)
class Figures:
    """What came of it."""

    kills: int = 0
    finished: int = 0
    """Kills that came too late: the work was done. These are not counted as kills."""
    kinds: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    torn: int = 0
    refused: int = 0
    """Corpora that did not open, or could not be asked."""
    faults: list[str] = field(default_factory=list)
    equal: bool = False

    @property
    def failures(self) -> int:
        """What is to be 0."""
        return self.lost + self.torn + self.refused + len(self.faults) + (not self.equal)

    def lines(self) -> list[str]:
        """For people."""
        kinds = ", ".join(f"{count} of {kind}" for kind, count in sorted(self.kinds.items()))
        return [
            f"{self.kills} kills ({kinds}); {self.finished} more came when the work was done",
            f"articles lost: {self.lost}; half there, there twice or not to be expected: {self.torn}; "
            f"corpora that did not open or answer: {self.refused}; faults found by doctor: {len(self.faults)}",
            f"content equal to that of a run without kills: {'yes' if self.equal else 'NO'}",
            *self.faults[:5],
        ]


class Trial:
    """One folder, one corpus that is killed at, one that is not."""

    def __init__(self, scratch: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder = scratch / "news"
        self.folder.mkdir()
        self.killed = Settings(scratch / "killed.db", scratch / "cache")
        self.spared = Settings(scratch / "spared.db", scratch / "cache-spared")
        self.oracle: dict[str, str] = {}
        """What the corpus holds: text by key."""
        self.took: dict[str, float] = {}
        for number in range(FILES):
            self._write(f"a{number}{self.chance.choice(KINDS)}")

    def _write(self, name: str) -> None:
        write_article(self.folder / name, written(self.chance, self.chance.randrange(4, 40)))

    def change(self) -> tuple[str, Callable[[Settings], Any], dict[str, str]]:
        """Change the folder; gives what is to be done now and what the corpus is to hold then."""
        kind = self.chance.choice(("add", "sync", "sync", "remove", "rebuild"))
        after = dict(self.oracle)
        if kind in {"add", "sync"}:
            for _ in range(self.chance.randrange(1, CHANGES)):
                self._change_a_file(after, may_go=kind == "sync")
            there = {path.name: text_of(path) for path in self.folder.iterdir()}
            after = {**after, **there} if kind == "add" else there
            folder = self.folder
            if kind == "add":
                return kind, lambda settings: _with(settings, lambda corpus: corpus.add([folder])), after
            return kind, lambda settings: _with(settings, lambda corpus: corpus.sync(folder)), after
        if kind == "remove" and len(after) > 3:
            gone = self.chance.sample(sorted(after), 2)
            for key in gone:
                del after[key]
                (self.folder / key).unlink(missing_ok=True)
            return kind, lambda settings: _with(settings, lambda corpus: _remove(corpus, gone)), after
        return "rebuild", lambda settings: _with(settings, lambda corpus: corpus.rebuild()), after

    def _change_a_file(self, after: dict[str, str], *, may_go: bool) -> None:
        there = sorted(path.name for path in self.folder.iterdir())
        what = self.chance.choice(("new", "changed", "gone" if may_go and len(there) > 5 else "new"))
        if what == "gone":
            (self.folder / self.chance.choice(there)).unlink()
        else:
            self._write(
                f"a{self.chance.randrange(10**6)}{self.chance.choice(KINDS)}"
                if what == "new"
                else self.chance.choice(there)
            )

    def kill_once(self, figures: Figures) -> None:
        """Do something, be killed, look, do it again to its end, look again."""
        kind, work, after = self.change()
        child = Child(lambda: work(self.killed))
        time.sleep(self.chance.uniform(0, 1.1 * self.took.get(kind, 0.5)))
        child.kill(signal.SIGKILL)
        code, _ = child.result()
        figures.kills += code != 0
        figures.finished += code == 0
        figures.kinds[kind] += code != 0
        self._look(figures, (self.oracle, after), f"after a kill of {kind}")
        began = time.perf_counter()
        in_child(lambda: work(self.killed))
        self.took[kind] = max(0.02, 0.5 * self.took.get(kind, 0.3) + 0.5 * (time.perf_counter() - began))
        in_child(lambda: work(self.spared))
        self._look(figures, (after, after), f"after {kind} was completed")
        self.oracle = after

    def _look(self, figures: Figures, allowed: tuple[dict[str, str], dict[str, str]], when: str) -> None:
        try:
            found = in_child(lambda: _seen(self.killed))
        except RuntimeError:
            figures.refused += 1
            return
        before, after = allowed
        for key, text in found["texts"].items():
            figures.torn += text not in {before.get(key), after.get(key)}
        figures.lost += sum(key not in found["texts"] for key, text in before.items() if key in after)
        figures.torn += found["twice"]
        figures.faults.extend(f"{when}: {line}" for line in found["faults"])


def _with(settings: Settings, work: Callable[[Any], Any]) -> None:
    with opened(settings, create=True) as corpus:
        work(corpus)


def _remove(corpus: Any, keys: list[str]) -> None:
    there = {reference.key for reference in corpus.articles()}
    corpus.remove([key for key in keys if key in there])


def _seen(settings: Settings) -> dict[str, Any]:
    """The corpus as whoever comes next finds it."""
    if not settings.corpus.exists():
        return {"texts": {}, "twice": 0, "faults": []}
    with opened(settings, create=True) as corpus:
        keys = [reference.key for reference in corpus.articles()]
        texts = {key: corpus.article(key).text for key in keys}
        if keys:
            corpus.search("The snowy owl reached the harbour of Gdynia")
        faults = [finding.line for finding in corpus.doctor()]
    return {"texts": texts, "twice": len(keys) - len(set(keys)), "faults": faults}


def run(count: int, seed: int = 0) -> Figures:
    """So many kills."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as scratch:
        trial = Trial(Path(scratch), seed)
        while figures.kills < count:
            trial.kill_once(figures)
        figures.equal = in_child(lambda: _contents(trial.killed)) == in_child(lambda: _contents(trial.spared))
    return figures


def _contents(settings: Settings) -> dict[str, Any]:
    with opened(settings) as corpus:
        return contents(corpus)
