"""MiniLM that remembers: what a text's vector is, is worked out once and kept in a file.

So that many systems can be built of the same vectors without paying for them each time, and so that what embedding
costs is told apart from what indexing costs. Knows nothing of who asks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import Embedding
from pydantic import PrivateAttr

from eval.peers.systems import Spent
from rag import minilm, weights
from rag.encoder import MiniLMEmbedding
from rag.minilm import Vectors

AT_ONCE = 512
"""Texts that go to the model in one call; what is interrupted loses no more than these."""


class Remembered(MiniLMEmbedding):
    """The vectors of texts, float32, kept in a SQLite file; questions are always worked out. For one thread.

    It counts as the very model that it remembers for: what is built with it can be asked with `MiniLMEmbedding`.
    """

    _db: sqlite3.Connection = PrivateAttr()
    _spent: Spent = PrivateAttr(default=Spent(0.0, 0.0))

    def __init__(self, model: minilm.MiniLM, file: Path) -> None:
        super().__init__(model, embed_batch_size=AT_ONCE)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, timeout=60, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS vector (text BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    @property
    def spent(self) -> Spent:
        """What vectors took so far, looking up and working out."""
        return self._spent

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The vectors of the texts, shape (n, dimensions), in their order."""
        began = Spent.now()
        known = self._known(texts)
        new = sorted({text for text in texts if text not in known}, key=len)
        for first in range(0, len(new), AT_ONCE):
            some = new[first : first + AT_ONCE]
            known |= self.keep(zip(some, self._model.encode(some), strict=True))
        made = np.empty((len(texts), minilm.DIMENSIONS), np.float32)
        for place, text in enumerate(texts):
            made[place] = known[text]
        self._spent += Spent.now() - began
        return made

    def keep(self, made: Iterable[tuple[str, Vectors]]) -> dict[str, Vectors]:
        """Remember vectors that were made elsewhere, or just now; gives them back."""
        kept = dict(made)
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT OR REPLACE INTO vector VALUES (?, ?)",
            [(_key(text), vector.astype("<f4").tobytes()) for text, vector in kept.items()],
        )
        self._db.execute("COMMIT")
        return kept

    def knows(self, text: str) -> bool:
        """Whether the text's vector is there already."""
        return text in self._known([text])

    def _known(self, texts: Sequence[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        for text in texts:
            row = self._db.execute("SELECT vector FROM vector WHERE text = ?", (_key(text),)).fetchone()
            if row is not None:
                found[text] = np.frombuffer(row[0], "<f4")
        return found

    def _get_query_embedding(self, query: str) -> Embedding:
        vector: Embedding = self._model.encode([query])[0].tolist()
        return vector

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        vectors: list[Embedding] = self.encode(texts).tolist()
        return vectors


def model(cache: Path) -> minilm.MiniLM:
    """The model that everybody here has. Raises ModelError where its weights are not in the user's cache."""
    return minilm.load(weights.load(cache), "fp32")


def _key(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
