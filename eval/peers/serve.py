"""One store built, or one system asked, in a process of its own, so that its memory is its own.

Run as ``python -m eval.peers.serve build|ask NAME …`` by `eval.peers` alone. `build` prints what building took. `ask`
reads requests from standard input, a JSON line each, and answers each with one:
``{"search": [questions], "k": n}``, ``{"answer": [questions]}``, ``{"peak": true}``.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.peers.systems import STORES, SYSTEMS, Answer, Search, Shelf, Spent
from rag.config import load

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

VECTORS = "vectors.db"


def main() -> None:
    """Build or ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=("build", "ask"))
    parser.add_argument("name")
    parser.add_argument("--shelf", type=Path, required=True)
    parser.add_argument("--articles", type=Path)
    given = parser.parse_args()
    if given.work == "build":
        print(json.dumps(_build(given.name, Shelf(given.shelf), given.articles)))
        return
    system = _Opened(given.name, Shelf(given.shelf))
    for line in sys.stdin:
        print(json.dumps(system.told(json.loads(line))), flush=True)


def _build(name: str, shelf: Shelf, articles: Path) -> dict[str, Any]:
    from eval.peers.embedding import Timed
    from eval.remembered import model

    shelf.of(name).mkdir(parents=True)
    built = _named(STORES[name])(shelf.of(name), articles, lambda: Timed(model(load().cache), shelf.of(VECTORS)))
    return asdict(built) | {"peak": peak()}


class _Opened:
    """A system, opened for what it is asked for, when it is first asked for it."""

    def __init__(self, name: str, shelf: Shelf) -> None:
        self._system = next(one for one in SYSTEMS if one.name == name)
        self._shelf = shelf
        self._searches: dict[int, Search] = {}
        self._answer: Answer | None = None

    def told(self, request: dict[str, Any]) -> dict[str, Any]:
        """What is asked for."""
        if "search" in request:
            return self._search(request["search"], request["k"])
        if "answer" in request:
            return self._answers(request["answer"])
        return {"peak": peak()}

    def _search(self, questions: list[str], k: int) -> dict[str, Any]:
        if k not in self._searches:
            self._searches[k] = _named(self._system.search)(self._shelf, _model, k)
        search, spent, found = self._searches[k], [], []
        for question in questions:
            began = Spent.now()
            passages = search(question)
            spent.append(asdict(Spent.now() - began))
            found.append([asdict(one) for one in passages])
        return {"spent": spent, "found": found}

    def _answers(self, questions: list[str]) -> dict[str, Any]:
        if self._answer is None:
            assert self._system.ask is not None
            self._answer = _named(self._system.ask)(self._shelf, _model)
        spent, answers = [], []
        for question in questions:
            began = Spent.now()
            answers.append(self._answer(question))
            spent.append(asdict(Spent.now() - began))
        return {"spent": spent, "answers": answers}


def _model() -> BaseEmbedding:
    from rag.encoder import by_name

    return by_name("minilm", load().cache)


def peak() -> int:
    """Bytes: the most that this process ever held. (What `getrusage` says of a child begins with its parent's.)"""
    status = Path("/proc/self/status").read_text("utf-8")
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def _named(place: str) -> Any:
    module, _, function = place.partition(":")
    return getattr(import_module(module), function)


if __name__ == "__main__":
    main()
