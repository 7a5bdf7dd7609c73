"""Bits flipped and files cut short, over corpus and cache: each harmless, detected or repaired.

The corpus is closed when it happens, as when a disk decays. Then questions are asked in a process of its own, and
`doctor --repair` is run: an answer that differs from the undamaged one without an error or a note is a wrong answer
in silence; a process that dies of a signal, or of anything that is not our own error, is a crash.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eval.reliability.world import Child, contents, in_child, opened, written
from rag.commands.keeping import salvaged
from rag.config import Settings
from rag.errors import CorpusDamaged, GroundwireError
from rag.render.contract import to_dict
from rag.types import Filters

ARTICLES = 150
QUESTIONS = (
    "Who closed the harbour of Gdynia?",
    "What did the union do in Turin on day 7?",
    "Which ferry reached Oslo?",
    "Who inspected the harbour of Porto?",
)
FILTERS = (Filters(), Filters(), Filters(since="2021"), Filters(until="2019-06", undated=True))


@dataclass(slots=True)
class Figures:
    """What came of it."""

    trials: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    unmended: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """What is to be 0."""
        return len(self.silent) + len(self.crashes) + len(self.unmended)

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"{self.trials.total()} damages: {_counted(self.trials)}",
            f"asking: {_counted(self.outcomes)}",
            f"wrong answers in silence: {len(self.silent)}; crashes: {len(self.crashes)}; left unmended and unsaid "
            f"by doctor --repair: {len(self.unmended)}",
            *(self.silent + self.crashes + self.unmended)[:12],
        ]


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())


class Trial:
    """A corpus that is damaged again and again, always from the same whole state."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.whole = scratch / "whole"
        self.whole.mkdir()
        self.settings = Settings(self.whole / "news.db", self.whole / "cache")
        in_child(lambda: _made(self.settings, scratch / "news"))
        self.answers = in_child(lambda: _asked(self.settings))["answers"]
        self.contents = in_child(lambda: _contents(self.settings))

    def damage(self, chance: random.Random, figures: Figures) -> None:
        """Damage a copy, ask it, mend it, ask again."""
        place = self.scratch / "damaged"
        shutil.rmtree(place, ignore_errors=True)
        # In the same place under the same name: the index folder's name depends on it.
        self.whole.rename(self.scratch / "kept")
        shutil.copytree(self.scratch / "kept", self.whole)
        try:
            what = _spoil(chance, self.whole)
            figures.trials[what.partition(" ")[0]] += 1
            self._judge(what, figures)
        finally:
            shutil.rmtree(self.whole)
            (self.scratch / "kept").rename(self.whole)

    def _judge(self, what: str, figures: Figures) -> None:
        code, told = Child(lambda: _asked(self.settings)).result()
        if code or told["fault"]:
            figures.crashes.append(f"{what}: asking: {code or told['fault']}")
            return
        figures.outcomes[_outcome(told, self.answers)] += 1
        if _outcome(told, self.answers) == "WRONG IN SILENCE":
            figures.silent.append(what)
        code, mended = Child(lambda: _mended(self.settings)).result()
        if code or mended["fault"]:
            figures.crashes.append(f"{what}: doctor --repair: {code or mended['fault']}")
            return
        _, again = Child(lambda: _asked(self.settings)).result()
        code, held = Child(lambda: _contents(self.settings)).result()
        lost = mended["said"] or again is None or again["error"]
        if again is None or again["fault"] or (held != self.contents and not lost):
            figures.unmended.append(f"{what}: {mended}")


def _outcome(told: dict[str, Any], right: Sequence[Any]) -> str:
    if told["error"]:
        return "detected"
    if told["answers"] == right:
        return "harmless or repaired"
    return "told in a note" if told["notes"] else "WRONG IN SILENCE"


def _made(settings: Settings, folder: Path) -> None:
    chance = random.Random(1)
    folder.mkdir()
    for number in range(ARTICLES):
        text = written(chance, chance.randrange(4, 30))
        head = f"Title {number}\n\nPublished: 20{chance.randrange(18, 24)}-0{chance.randrange(1, 9)}-11\n\n"
        (folder / f"a{number}.txt").write_text(head + text)
    with opened(settings, create=True) as corpus:
        corpus.add([folder])
        for number in range(20):  # updates and removals leave free pages and older versions
            (folder / f"a{number}.txt").write_text(f"Title {number} again\n\n" + written(chance, 10))
        corpus.add([folder])
        corpus.remove([f"a{number}.txt" for number in range(20, 30)])
        corpus.rebuild()  # an index that is built anew has other BM25 statistics than one that dropped articles


def _asked(settings: Settings) -> dict[str, Any]:
    """The answers, or the error that said why there is none."""
    told: dict[str, Any] = {"answers": [], "notes": [], "error": None, "fault": None}
    try:
        with opened(settings) as corpus:
            for question, filters in zip(QUESTIONS, FILTERS, strict=True):
                answer = corpus.ask(question, filters=filters)
                told["notes"].extend(note for note in answer.notes if "left out; keep" not in note)
                told["answers"].append(to_dict(replace(answer, timings_ms={}, notes=())))
            told["answers"].append(sorted(reference.key for reference in corpus.articles()))
    except GroundwireError as error:
        told["error"] = str(error)
        if int(error.exit_code) == 1:
            told["fault"] = repr(error)
    except Exception as fault:
        told["fault"] = repr(fault)
    return told


def _mended(settings: Settings) -> dict[str, Any]:
    told: dict[str, Any] = {"said": [], "error": None, "fault": None}
    try:
        try:
            with opened(settings) as corpus:
                findings = corpus.doctor(repair=True)
        except CorpusDamaged:
            findings = salvaged(settings, opened)
        told["said"] = [finding.line for finding in findings]
    except GroundwireError as error:
        told["said"] = [str(error)]
        if int(error.exit_code) == 1:
            told["fault"] = repr(error)
    except Exception as fault:
        told["fault"] = repr(fault)
    return told


def _contents(settings: Settings) -> dict[str, Any]:
    with opened(settings) as corpus:
        return contents(corpus)


def _spoil(chance: random.Random, place: Path) -> str:
    """Flip a bit, overwrite a stretch or cut a file short, somewhere under the folder; half of it in the corpus."""
    files = [path for path in sorted(place.rglob("*")) if path.is_file() and path.stat().st_size]
    corpus = [path for path in files if path.name == "news.db"]
    others = [path for path in files if path.name != "news.db"]
    file = chance.choice(corpus if chance.random() < 0.5 else others)
    content = bytearray(file.read_bytes())
    at, kind = chance.randrange(len(content)), chance.choice(("bit", "bit", "bit", "bytes", "cut"))
    if kind == "bit":
        content[at] ^= 1 << chance.randrange(8)
    elif kind == "bytes":
        content[at : at + 64] = chance.randbytes(len(content[at : at + 64]))
    else:
        del content[at:]
    file.write_bytes(content)
    return f"{kind} at {at} of {file.relative_to(place)}"


def run(count: int, seed: int = 0) -> Figures:
    """So many damages."""
    figures, chance = Figures(), random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        trial = Trial(Path(scratch))
        for _ in range(count):
            trial.damage(chance, figures)
    return figures
