"""What building and asking take: every system in a process of its own, and all of them asked in turn.

The machine may do other things meanwhile: each round asks every system the same questions, in an order drawn anew, so
that what else goes on hits all alike. Knows nothing of what the answers are worth.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.peers.systems import Retrieved, Shelf, Spent, System
from rag.errors import GroundwireError

SEED = 20200101
BLOCK = 20
"""Questions that a system is asked in one go."""


QUIET = os.environ | {"TQDM_DISABLE": "1"}
"""BM25 of LlamaIndex draws bars when it writes and reads its files."""


@dataclass(frozen=True, slots=True)
class Making:
    """What making a store took, in its own process."""

    spent: Spent
    """Embedding apart."""
    passages: int
    bytes: int
    peak: int
    load: float
    """The machine's load over a minute, after it: one busy core is 1."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds a question."""

    p50: float
    p99: float
    cpu: float
    """Of processors at work, on average."""


class Worker:
    """A system in its own process; see `eval.peers.serve`."""

    def __init__(self, system: System, process: subprocess.Popen[str]) -> None:
        self.system, self._process = system, process

    def search(self, questions: Sequence[str], k: int) -> tuple[list[list[Retrieved]], list[Spent]]:
        """The passages of each question, and what each took."""
        told = self._told({"search": list(questions), "k": k})
        return [[Retrieved(**one) for one in some] for some in told["found"]], _spent(told)

    def answer(self, questions: Sequence[str]) -> tuple[list[str], list[Spent]]:
        """The system's own answers, and what each took."""
        told = self._told({"answer": list(questions)})
        return told["answers"], _spent(told)

    def peak(self) -> int:
        """Bytes that the process held at most."""
        return int(self._told({"peak": True})["peak"])

    def _told(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise GroundwireError(f"{self.system.label} ended before it had answered; what it said stands above")
        return json.loads(line)


def made(shelf: Shelf, store: str, articles: Path, of: str) -> Making:
    """What making the store took; it is made unless it is there already, whole and `of` the same things."""
    record = shelf.of(f"{store}.json")
    kept = json.loads(record.read_text("utf-8")) if record.is_file() else {}
    if kept.pop("of", None) != of:
        record.unlink(missing_ok=True)
        shutil.rmtree(shelf.of(store), ignore_errors=True)
        kept = _build(store, shelf, articles) | {"load": os.getloadavg()[0]}
        record.write_text(json.dumps(kept | {"of": of}), "utf-8")  # last: now it is whole
    return making(kept)


def making(kept: dict[str, Any]) -> Making:
    """As it was kept."""
    return Making(**kept | {"spent": Spent(**kept["spent"])})


@contextmanager
def working(systems: Sequence[System], shelf: Shelf) -> Iterator[list[Worker]]:
    """The systems, each in its process."""
    with ExitStack() as stack:
        workers = []
        for system in systems:
            command = [sys.executable, "-m", "eval.peers.serve", "ask", system.name, "--shelf", str(shelf.folder)]
            process = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=QUIET)  # noqa: S603
            )
            stack.callback(process.terminate)
            workers.append(Worker(system, process))
        yield workers


def latencies(workers: Sequence[Worker], questions: Sequence[str], *, answering: bool = False) -> dict[str, Latency]:
    """Each system's latency by its name, of retrieval or of whole answers; asked in blocks, in turn."""
    order = random.Random(SEED)
    took: dict[str, list[Spent]] = {worker.system.name: [] for worker in workers}
    for worker in workers:  # what is loaded when first asked for is not counted
        _asked(worker, questions[:BLOCK], answering)
    for first in range(0, len(questions), BLOCK):
        for worker in order.sample(list(workers), len(workers)):
            took[worker.system.name] += _asked(worker, questions[first : first + BLOCK], answering)
    return {name: _latency(some) for name, some in took.items()}


def _asked(worker: Worker, questions: Sequence[str], answering: bool) -> list[Spent]:
    return worker.answer(questions)[1] if answering else worker.search(questions, worker.system.k)[1]


def _latency(spent: Sequence[Spent]) -> Latency:
    p50, p99 = 1000 * np.percentile([one.seconds for one in spent], [50, 99])
    return Latency(float(p50), float(p99), float(1000 * np.mean([one.cpu for one in spent])))


def _spent(told: dict[str, Any]) -> list[Spent]:
    return [Spent(**one) for one in told["spent"]]


def embedding(encode: Callable[[Sequence[str]], object], kinds: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """CPU seconds a text that the model takes, of each kind of texts: in turn, in four goes."""
    took = dict.fromkeys(kinds, 0.0)
    for quarter in range(4):
        for name, texts in kinds.items():
            began = Spent.now()
            encode(texts[quarter::4])
            took[name] += (Spent.now() - began).cpu
    return {name: seconds / len(kinds[name]) for name, seconds in took.items()}


def _build(store: str, shelf: Shelf, articles: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.peers.serve", "build", store]
    command += ["--shelf", str(shelf.folder), "--articles", str(articles)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=QUIET)  # noqa: S603
    if done.returncode:
        raise GroundwireError(f"the store {store} could not be built; what is wrong stands above")
    built: dict[str, Any] = json.loads(done.stdout)
    return built
