"""Dense search: nearest neighbours by cosine. The only importer of chromadb.

Chroma's store is derived from the catalog's vectors, lives in the user's cache and is thrown away and rebuilt at
will, without embedding again. It is the vector index, never the memory: a store that was not closed cleanly is never
opened (see `indexes.py`), and `exact_search` over the catalog's own vectors stands in whenever there is none.
"""

from __future__ import annotations

import heapq
import logging
import os
import shutil
import sqlite3
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rag.errors import GroundwireError
from rag.scope import UNDATED_FIRST, Scope

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

FORMAT = "chroma/1"
"""Names the store's fields and settings; a store with another name is rebuilt."""

COLLECTION = "passages"

EF = 128
"""How widely HNSW looks, when building and when searching; Chroma's default is 100."""

SYNC_EVERY = 1000
"""Vectors after which Chroma writes its graph down; what came later is worked in again on each opening."""

BATCH = 2000
"""Vectors in one call; Chroma takes at most 5,461."""

Vector = NDArray[np.float32]


_names: set[str] = set()
_naming = threading.Lock()
"""What the open stores' folders are called, and who may ask for a name."""


class StoreUnusable(Exception):
    """Chroma cannot read, write or answer; the caller does without it, and rebuilds it when it may write."""


@dataclass(frozen=True, slots=True)
class DenseDocument:
    """One passage as the store takes it; `vector` as the catalog holds it."""

    number: int
    article: int
    first_day: int
    last_day: int
    outlet: int
    vector: bytes


@dataclass(frozen=True, slots=True)
class DenseHit:
    """A passage's number and its cosine similarity to the query, -1 to 1."""

    number: int
    score: float


def pack(vectors: NDArray[np.float32]) -> list[bytes]:
    """Unit vectors, shape (n, dimensions), as the catalog holds them: little-endian float16.

    Half the space; it moves a cosine by less than 0.001.
    """
    return [row.tobytes() for row in vectors.astype("<f2")]


def unpack(packed: Sequence[bytes]) -> Vector:
    """The reverse of `pack`: shape (n, dimensions), float32."""
    return np.frombuffer(b"".join(packed), dtype="<f2").reshape(len(packed), -1).astype(np.float32)


def exact_search(query: Vector, batches: Iterable[Sequence[tuple[int, bytes]]], k: int) -> list[DenseHit]:
    """The k nearest of (passage number, packed vector), best first; reads each vector once and keeps none."""
    best: list[tuple[float, int]] = []
    for batch in batches:
        scores = unpack([vector for _, vector in batch]) @ query
        top = np.argpartition(-scores, k - 1)[:k] if len(scores) > k else np.arange(len(scores))
        best = heapq.nlargest(k, [*best, *((float(scores[i]), -batch[i][0]) for i in top)])
    return [DenseHit(-number, score) for score, number in best]


class VectorStore:
    """A Chroma store in a folder. One process at a time may write, and none may read meanwhile."""

    def __init__(self, folder: Path) -> None:
        """Open the store, making it where there is none. Raises StoreUnusable."""
        with _chroma_faults():
            # It would tell of a .env file in the working folder that it cannot read.
            logging.getLogger("dotenv.main").addHandler(logging.NullHandler())
            import chromadb
            from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration
            from chromadb.config import Settings

            folder.mkdir(parents=True, exist_ok=True)

            class OurSettings(Settings):
                """Chroma's settings, and nothing of the environment or of a .env file: these can name a server."""

                @classmethod
                def settings_customise_sources(  # type: ignore[override]
                    cls, _kind: Any, init_settings: Any, **_others: Any
                ) -> Any:
                    return (init_settings,)

            self._name = _taken(folder)
            try:
                self._client = chromadb.PersistentClient(self._name, settings=OurSettings(anonymized_telemetry=False))
                self._collection: Collection = self._client.get_or_create_collection(
                    COLLECTION,
                    embedding_function=None,
                    configuration=CreateCollectionConfiguration(
                        hnsw=CreateHNSWConfiguration(
                            space="cosine", ef_construction=EF, ef_search=EF, sync_threshold=SYNC_EVERY
                        )
                    ),
                )
            except BaseException:
                _names.discard(self._name)
                raise

    def close(self) -> None:
        """Write down what is pending and let go of the files."""
        with _chroma_faults():
            try:
                self._client.close()  # type: ignore[attr-defined]
            finally:
                _names.discard(self._name)

    def apply(self, gone: Sequence[int], documents: Iterable[DenseDocument]) -> None:
        """Drop every passage of the articles in `gone` and add the documents. Raises StoreUnusable."""
        with _chroma_faults():
            for first in range(0, len(gone) if self._collection.count() else 0, 500):
                self._collection.delete(where=_where(Scope(articles=tuple(gone[first : first + 500]))))
            for batch in _batched(documents, BATCH):
                self._collection.upsert(
                    ids=[str(document.number) for document in batch],
                    embeddings=unpack([document.vector for document in batch]),
                    metadatas=[_metadata(document) for document in batch],
                )

    def search(self, query: Vector, k: int, scope: Scope) -> list[DenseHit]:
        """The k nearest in scope, best first, as far as HNSW finds them. Raises StoreUnusable."""
        if scope.nothing or k < 1:
            return []
        with _chroma_faults():
            found = self._collection.query(
                query_embeddings=query.reshape(1, -1), n_results=k, where=_where(scope), include=["distances"]
            )
            distances = (found["distances"] or [[]])[0]
            return [
                DenseHit(int(number), 1.0 - float(distance))
                for number, distance in zip(found["ids"][0], distances, strict=True)
            ]

    def held(self, batch: int = BATCH) -> Iterator[list[tuple[int, int, Vector]]]:
        """(passage number, article, vector) of all that it holds, in batches. Raises StoreUnusable."""
        with _chroma_faults():
            for first in range(0, self._collection.count(), batch):
                got: Any = self._collection.get(limit=batch, offset=first, include=["embeddings", "metadatas"])
                yield [
                    (int(number), int(known["article"]), np.asarray(vector, dtype=np.float32))
                    for number, known, vector in zip(got["ids"], got["metadatas"], got["embeddings"], strict=True)
                ]

    def __len__(self) -> int:
        with _chroma_faults():
            return int(self._collection.count())


def _taken(folder: Path) -> str:
    """A name for the folder that no other store in this process goes by.

    Chroma lets all clients of one path string share what lies beneath, so that two corpora in one program would close,
    and change, each other's; under names of their own they are as apart as two processes.
    """
    with _naming:
        name = f"{folder}{os.sep}"
        while name in _names:
            name += f".{os.sep}"
        _names.add(name)
        return name


def changed_by_reading(file: Path) -> Sequence[int] | None:
    """The places of a store's file that opening the store to read changes: first and end of each, in bytes.

    Chroma notes each opening in a table of its own, whose page, with the counters in the file's header and the free
    pages that the table may grow into, tells nothing of the vectors. A graph that it has not written down yet it works
    out of its log on each opening, over files that mean nothing: None.
    """
    if file.suffix != ".sqlite3":
        written_down = (file.parent / "index_metadata.pickle").exists()
        return () if written_down else None
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'acquire_write'").fetchall()
        size = int(db.execute("PRAGMA page_size").fetchone()[0])
    with file.open("rb") as stream:
        pages = sorted({int(row[0]) for row in rows} | _free_pages(stream, size))
    # The header: its change counter, its size, its list of free pages, and what wrote it last.
    return (24, 40, 92, 100, *(edge for page in pages for edge in ((page - 1) * size, page * size)))


def _free_pages(stream: BinaryIO, size: int) -> set[int]:
    """The pages on the free list; see https://www.sqlite.org/fileformat.html#the_freelist"""
    found: set[int] = set()
    stream.seek(32)
    trunk = int.from_bytes(stream.read(4), "big")
    while trunk and trunk not in found:
        found.add(trunk)
        stream.seek((trunk - 1) * size)
        trunk, count, *leaves = struct.unpack(f">{size // 4}I", stream.read(size))
        found.update(leaves[:count])
    return found


def discard(folder: Path) -> None:
    """Throw the store in the folder away."""
    shutil.rmtree(folder, ignore_errors=True)


def _metadata(document: DenseDocument) -> dict[str, int]:
    names = ("article", "first_day", "last_day", "outlet")
    return {name: getattr(document, name) for name in names}


def _where(scope: Scope) -> Any:
    """The scope as Chroma's filter; None: everything."""
    terms: list[dict[str, Any]] = []
    dated: list[dict[str, Any]] = []
    if scope.since is not None:
        dated.append({"last_day": {"$gte": scope.since}})
    if scope.until is not None:
        dated.append({"first_day": {"$lte": scope.until}})
    if dated:
        both = _all_of(dated)
        terms.append({"$or": [both, {"first_day": UNDATED_FIRST}]} if scope.undated else both)
    for name, numbers in (("outlet", scope.outlets), ("article", scope.articles)):
        if numbers is not None:
            terms.append({name: {"$in": list(numbers)}})
    return _all_of(terms) if terms else None


def _all_of(terms: list[dict[str, Any]]) -> dict[str, Any]:
    """Chroma wants at least two terms under $and."""
    return terms[0] if len(terms) == 1 else {"$and": terms}


def _batched(documents: Iterable[DenseDocument], size: int) -> Iterator[list[DenseDocument]]:
    batch: list[DenseDocument] = []
    for document in documents:
        batch.append(document)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _chroma_faults() -> Iterator[None]:
    """Whatever goes wrong inside Chroma is one error; its Rust panics are not even `Exception`."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, GroundwireError):
        raise
    except BaseException as fault:
        raise StoreUnusable(f"{type(fault).__name__}: {fault}") from fault
