"""Articles on their way into the catalog: they wait for their vectors, and a file for its articles.

An article is written with its passages and vectors in one transaction; a file counts as worked through only when all
of it is in. Knows nothing of how files are read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rag.catalog import StoredFile
from rag.ingest.report import Tally
from rag.ingest.shelf import Shelf
from rag.types import Article, Passage
from rag.vectors import Vector, pack

EMBED_AT_ONCE = 256
"""Passages that wait for each other, so that the encoder can sort them by length; bounds what a kill costs."""

COMMIT_EVERY = 2000
"""Articles after which the indexes follow, so that a long `add` can be asked from meanwhile."""

Encode = Callable[[Sequence[str]], Vector]


@dataclass(slots=True)
class _Waiting:
    """An article that waits for its vectors."""

    article: Article
    source: bytes
    passages: list[Passage]


@dataclass(slots=True)
class Writing:
    """What waits to be written."""

    catalog: Shelf
    encode: Encode | None
    tally: Tally
    commit: Callable[[], None]
    notice: Callable[[str, Article], None]
    _waiting: list[_Waiting] = field(default_factory=list)
    _finished: list[StoredFile] = field(default_factory=list)
    _since_commit: int = 0

    @property
    def waiting(self) -> int:
        """How many articles wait."""
        return len(self._waiting)

    def holds(self, key: str) -> bool:
        """Whether the article with this key waits."""
        return any(one.article.key == key for one in self._waiting)

    def add(self, article: Article, source: bytes, passages: list[Passage]) -> None:
        """Let an article wait, until there are enough."""
        self._waiting.append(_Waiting(article, source, passages))
        if self.encode is None or sum(len(one.passages) for one in self._waiting) >= EMBED_AT_ONCE:
            self.flush()

    def finish(self, file: StoredFile) -> None:
        """Write down that a file was worked through, once all its articles are in."""
        self._finished.append(file)
        if not self._waiting:
            self.flush()

    def flush(self) -> None:
        """Embed what waits and write it, an article at a time; then the files that are complete with it."""
        waiting, self._waiting = self._waiting, []
        vectors = self._embed([_texts(one) for one in waiting])
        for one, its_vectors in zip(waiting, vectors, strict=True):
            is_new = self.catalog.number_of(one.article.key) is None
            self.catalog.put(one.article, one.source, one.passages, its_vectors)
            self.tally.count(added=int(is_new), updated=int(not is_new), passages=len(one.passages))
            self.notice("added" if is_new else "updated", one.article)
            self._since_commit += 1
        for file in self._finished:
            self.catalog.put_file(file)
        self._finished = []
        if self._since_commit >= COMMIT_EVERY:
            self._since_commit = 0
            self.commit()

    def complete(self) -> None:
        """Give vectors to the passages that came in without a model."""
        if self.encode is None:
            return
        for number in self.catalog.passages_without_vector():
            article = self.catalog.article(number)
            stored = self.catalog.passages_of(number)
            texts = [embedded_text(article, one.passage) for one in stored]
            (vectors,) = self._embed([texts])
            if vectors is not None:
                self.catalog.put_vectors(number, [(one.number, v) for one, v in zip(stored, vectors, strict=True)])
            self.tally.count(embedded=1)

    def _embed(self, texts: Sequence[Sequence[str]]) -> list[list[bytes] | None]:
        """The packed vectors of each article's passages; None without an encoder."""
        if self.encode is None or not texts:
            return [None] * len(texts)
        began = time.monotonic()
        packed = pack(self.encode([text for some in texts for text in some]))
        self.tally.count(embedding_seconds=time.monotonic() - began)
        split: list[list[bytes] | None] = []
        for some in texts:
            split.append(packed[: len(some)])
            packed = packed[len(some) :]
        return split


def embedded_text(article: Article, passage: Passage) -> str:
    """What the encoder reads of a passage."""
    return article.text[passage.start : passage.end]


def _texts(waiting: _Waiting) -> list[str]:
    return [embedded_text(waiting.article, passage) for passage in waiting.passages]
