"""Groundwire's embedding model with a memory on disk, so that a benchmark embeds each sentence once and not each time.

The vectors are those of the model, bit for bit; only measuring how long embedding takes is no use with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import Embedding
from pydantic import PrivateAttr

from rag import weights
from rag.encoder import MiniLMEmbedding
from rag.errors import UsageError
from rag.minilm import DIMENSIONS, Vectors, load

ASKED_AT_ONCE = 500
"""Keys in one query; SQLite takes at least 999."""


class RememberedMiniLM(MiniLMEmbedding):
    """MiniLM, which looks into `file` first. For one thread."""

    _store: sqlite3.Connection = PrivateAttr()
    _file: Path = PrivateAttr()

    def __init__(self, cache: Path, file: Path) -> None:
        """`cache`: where the weights are. Raises ModelError where they are missing, UsageError for a damaged `file`."""
        super().__init__(load(weights.load(cache), "fp32"))
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._store = sqlite3.connect(file, check_same_thread=False)
        with self._named():
            # What is lost with the power is embedded again.
            self._store.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
                "CREATE TABLE IF NOT EXISTS vector (text BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `MiniLMEmbedding.encode`."""
        keys = [self._key(text) for text in texts]
        known = self._known(list(dict.fromkeys(keys)))
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            made = super().encode(list(new.values()))
            known |= dict(zip(new, made, strict=True))
            with self._named(), self._store:
                rows = ((key, known[key].astype("<f4").tobytes()) for key in new)
                self._store.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", rows)
        return np.stack([known[key] for key in keys]) if keys else np.empty((0, DIMENSIONS), np.float32)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def _key(self, text: str) -> bytes:
        return sha256(f"{self.model_name}\0{text}".encode("utf-8", "surrogatepass")).digest()

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        for start in range(0, len(keys), ASKED_AT_ONCE):
            some = keys[start : start + ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT text, vector FROM vector WHERE text IN ({marks})"  # noqa: S608 (question marks alone)
            with self._named():
                rows = self._store.execute(query, some).fetchall()
            found |= {key: np.frombuffer(vector, "<f4") for key, vector in rows if len(vector) == 4 * DIMENSIONS}
        return found

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the file in one line that names it; the file is let go of."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._store.close()
            raise UsageError(
                f"{self._file}: cannot be used to remember vectors ({error}); delete it: it is made anew"
            ) from error

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        vectors: list[Embedding] = self.encode(texts).tolist()
        return vectors
