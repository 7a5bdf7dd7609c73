"""What is measured: the stores that are built, and the systems that search in them. Knows none of them from inside.

A system is loaded by name in a process of its own (`eval.peers.serve`), so that its memory is its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage as a system gives it: what a reader, or a language model, would be shown."""

    text: str
    article: str
    """The article's id in Groundwire: everybody keeps the URL, of which it is made."""


Search = Callable[[str], list[Retrieved]]
"""The question, and its passages, best first."""

Model = Callable[[], "BaseEmbedding"]
"""What loads the embedding model, which not every system needs."""

Answer = Callable[[str], str]
"""The question, and the answer's text; empty where it is refused."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Time: as it passes, and as processors were at work, which what else the machine does hardly changes."""

    seconds: float
    cpu: float
    """Seconds of all the process's threads together."""

    @classmethod
    def now(cls) -> Spent:
        """The clocks as they stand."""
        return cls(time.perf_counter(), time.process_time())

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.seconds - other.seconds, self.cpu - other.cpu)

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.seconds + other.seconds, self.cpu + other.cpu)


@dataclass(frozen=True, slots=True)
class Built:
    """What making a store took."""

    spent: Spent
    """Embedding apart."""
    passages: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder in which every store has its own."""

    folder: Path

    def of(self, store: str) -> Path:
        """Where a store lies, or will."""
        return self.folder / store


STORES = {
    "llama-vectors": "eval.peers.llama:build_vectors",
    "llama-bm25": "eval.peers.llama:build_bm25",
    "groundwire": "eval.peers.ours:build",
    "groundwire-words": "eval.peers.ours:build_words",
}
"""What builds each store: module and function."""


@dataclass(frozen=True, slots=True)
class System:
    """One row of the table."""

    name: str
    label: str
    stores: tuple[str, ...]
    """What it needs on the disk."""
    search: str
    """What opens it for searching: module and function."""
    k: int
    """Passages that it gives when its speed is measured."""
    deep: int
    """Passages that it gives when its quality is: what 1,000 words take, but where k is what defines it."""
    ask: str | None = None
    """What opens it for answering, where it answers."""
    is_part: bool = False
    """A part of Groundwire, there to tell what each part does: its stores hold more than it needs."""


SYSTEMS = (
    System("llama-2", "LlamaIndex, defaults, top 2", ("llama-vectors",), "eval.peers.llama:vectors", 2, 2),
    System("llama-10", "LlamaIndex, defaults, top 10", ("llama-vectors",), "eval.peers.llama:vectors", 10, 10),
    System("llama-bm25", "LlamaIndex, BM25, top 10", ("llama-bm25",), "eval.peers.llama:bm25", 10, 10),
    System(
        "llama-fusion",
        "LlamaIndex, both fused, top 10",
        ("llama-vectors", "llama-bm25"),
        "eval.peers.llama:fusion",
        10,
        10,
    ),
    System("bm25", "our BM25 alone", ("groundwire-words",), "eval.peers.ours:bm25", 10, 20, is_part=True),
    System("dense", "our vectors alone, HNSW", ("groundwire",), "eval.peers.ours:dense", 10, 20, is_part=True),
    System("exact", "our vectors alone, exact", ("groundwire",), "eval.peers.ours:exact", 10, 20, is_part=True),
    System(
        "words",
        "Groundwire, words alone",
        ("groundwire-words",),
        "eval.peers.ours:words",
        10,
        20,
        ask="eval.peers.ours:ask_words",
    ),
    System(
        "groundwire", "Groundwire", ("groundwire",), "eval.peers.ours:hybrid", 10, 20, ask="eval.peers.ours:ask_hybrid"
    ),
)

OURS = "groundwire"
"""The system that the others are compared with."""


def folder_bytes(folder: Path) -> int:
    """What the files in a folder take."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
