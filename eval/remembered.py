"""Groundwire's embedding model with a memory on disk: what a text's vector is, is worked out once.

So that a benchmark embeds each sentence once and not each time, and many systems can be built of the same vectors. The
vectors are those of the model; measuring how long embedding takes is no use with it. Knows nothing of who asks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import Embedding
from pydantic import PrivateAttr

from rag import minilm, weights
from rag.encoder import MiniLMEmbedding
from rag.errors import UsageError
from rag.minilm import DIMENSIONS, Vectors

ASKED_AT_ONCE = 500
"""Keys in one query; SQLite takes at least 999."""

MADE_AT_ONCE = 512
"""Texts that go to the model in one call; what is interrupted loses no more than these."""


class Remembered(MiniLMEmbedding):
    """MiniLM, which looks into `file` first. For one thread.

    It counts as the very model that it remembers for: what is built with it can be asked with `MiniLMEmbedding`.
    """

    _store: sqlite3.Connection = PrivateAttr()
    _file: Path = PrivateAttr()
    _prefix: str = PrivateAttr()

    def __init__(self, model: minilm.MiniLM, file: Path, *, names_model: bool = False) -> None:
        """`names_model`: whether the file's keys say of which model each vector is, so that several can share it.

        Raises UsageError for a damaged file.
        """
        super().__init__(model, embed_batch_size=MADE_AT_ONCE)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file, self._prefix = file, f"{model.name}\0" if names_model else ""
        self._store = sqlite3.connect(file, timeout=60, check_same_thread=False)
        with self._named():
            # What is lost with the power is embedded again.
            self._store.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                "CREATE TABLE IF NOT EXISTS vector (text BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `MiniLMEmbedding.encode`."""
        known = self._known(list(dict.fromkeys(texts)))
        new = sorted((text for text in dict.fromkeys(texts) if text not in known), key=len)
        for first in range(0, len(new), MADE_AT_ONCE):
            some = new[first : first + MADE_AT_ONCE]
            known |= self.keep(zip(some, super().encode(some), strict=True))
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, DIMENSIONS), np.float32)

    def keep(self, made: Iterable[tuple[str, Vectors]]) -> dict[str, Vectors]:
        """Remember vectors that were made elsewhere, or just now; gives them back."""
        kept = dict(made)
        with self._named(), self._store:
            rows = ((self._key(text), vector.astype("<f4").tobytes()) for text, vector in kept.items())
            self._store.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", rows)
        return kept

    def knows(self, text: str) -> bool:
        """Whether the text's vector is there already."""
        return text in self._known([text])

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def _key(self, text: str) -> bytes:
        return sha256(f"{self._prefix}{text}".encode("utf-8", "surrogatepass")).digest()

    def _known(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Of those that are there whole."""
        found: dict[str, Vectors] = {}
        for start in range(0, len(texts), ASKED_AT_ONCE):
            asked = {self._key(text): text for text in texts[start : start + ASKED_AT_ONCE]}
            marks = ",".join("?" * len(asked))
            query = f"SELECT text, vector FROM vector WHERE text IN ({marks})"  # noqa: S608 (question marks alone)
            with self._named():
                rows = self._store.execute(query, list(asked)).fetchall()
            found |= {asked[key]: np.frombuffer(vector, "<f4") for key, vector in rows if len(vector) == 4 * DIMENSIONS}
        return found

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the file in one line that names it; the file is let go of."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._store.close()
            raise UsageError(
                f"{self._file}: cannot be used to remember vectors ({error}); if damaged, delete it: it is made anew"
            ) from error

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        vectors: list[Embedding] = self.encode(texts).tolist()
        return vectors


def model(cache: Path) -> minilm.MiniLM:
    """The model that everybody here has. Raises ModelError where its weights are not in the user's cache."""
    return minilm.load(weights.load(cache), "fp32")
