"""What was measured, as it is kept: `eval/peers/results/peers.json`, of which the tables and plots are made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.peers.cost import Latency, Making, making
from rag.errors import UsageError
from rag.evaluate.metrics import Figure, chance_of_difference, mean_figure

FILE = Path(__file__).parent / "results" / "peers.json"


@dataclass(frozen=True, slots=True)
class Half:
    """Which questions a figure is over: those of even weeks may be tuned on, those of odd weeks never are."""

    name: str
    dev: bool | None
    """None: all."""


HALVES = (Half("all weeks", None), Half("even weeks", True), Half("odd weeks", False))


@dataclass(frozen=True, slots=True)
class Results:
    """One run."""

    dev: Mapping[str, str]
    """For "answerable" and for "evidence": of each question "1" where it may be tuned on, else "0"."""
    outcomes: Mapping[str, Mapping[str, str]]
    """System, measure, and of each question "1" where the measure holds, else "0"."""
    latency: Mapping[str, Latency]
    answer_latency: Mapping[str, Latency]
    peak: Mapping[str, int]
    """Bytes that a system's process held at most while it was asked."""
    makings: Mapping[str, Making]
    embedding: Mapping[str, float]
    """Store, and the CPU seconds a text that the model took, by a sample."""
    hnsw_recall: float
    """The mean share of the exact ten nearest that our Chroma index gives."""
    words: Mapping[str, float]
    """System, and the words of the first passages that it gives, on average."""
    loads: Sequence[float]
    """The machine's load before and after the questions were timed."""
    machine: str
    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    """The sha256 of the articles' file, of the questions; the embedding model's name with its own; what names our
    index."""

    def write(self, file: Path = FILE) -> None:
        """Keep them."""
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, file: Path = FILE) -> Results:
        """Those that were kept. Raises UsageError, naming the file, where there are none."""
        try:
            kept = json.loads(file.read_text("utf-8"))
            for name in ("latency", "answer_latency"):
                kept[name] = {system: Latency(**one) for system, one in kept[name].items()}
            kept["makings"] = {store: making(one) for store, one in kept["makings"].items()}
            return cls(**kept)
        except OSError as error:
            raise UsageError(f"{file}: {error.strerror or error}; measure first, with: python -m eval.peers") from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise UsageError(f"{file}: holds no results; get it back from version control, or measure anew") from error

    def figure(self, system: str, measure: str, half: Half) -> Figure | None:
        """The share of questions for which the measure holds, with its interval; None where it was not measured."""
        values = self._values(system, measure, half)
        return None if values is None else mean_figure(measure, values)

    def difference(self, system: str, other: str, measure: str, half: Half) -> tuple[float, float] | None:
        """How much more the system has than the other, and how likely so much is by chance (paired permutations)."""
        mine, theirs = self._values(system, measure, half), self._values(other, measure, half)
        if mine is None or theirs is None:
            return None
        return float(mine.mean() - theirs.mean()), chance_of_difference(theirs.tolist(), mine.tolist())

    def _values(self, system: str, measure: str, half: Half) -> NDArray[np.float64] | None:
        bits = self.outcomes[system].get(measure)
        if bits is None:
            return None
        weeks = self.dev["evidence" if measure.startswith("article") else "answerable"]
        kept = [bit == "1" for bit, week in zip(bits, weeks, strict=True) if half.dev in (None, week == "1")]
        return np.array(kept, dtype=float)


def as_bits(values: Sequence[bool]) -> str:
    """Truth values as a string of 0 and 1."""
    return "".join("01"[value] for value in values)
