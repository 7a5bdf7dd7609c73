"""Bringing articles in: what has changed, and bringing the catalog to it.

An article goes in by one transaction, with its passages and vectors. What is interrupted is completed by the next
run: a file counts as worked through only when all of it is in.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Protocol

from rag.catalog import StoredFile, StoredPassage, StoredVersion
from rag.load import (
    DEFAULTS,
    Found,
    Loaded,
    LoadOptions,
    Pool,
    Reading,
    broken_formats,
    discover,
    file_sha256,
)
from rag.split import passages
from rag.states import completed, conflicts, is_later
from rag.types import Article, Passage, Reference, Rejected, SkippedSpan
from rag.vectors import Vector, pack

READER = "reader/2"
"""Names how files are read and cleaned; a file that an older reader worked through is read again."""

EMBED_AT_ONCE = 256
"""Passages that wait for each other, so that the encoder can sort them by length; bounds what a kill costs."""

AHEAD = 32
"""Files that are looked at before their turn, so that they can be read while others are embedded."""

COMMIT_EVERY = 2000
"""Articles after which the indexes follow, so that a long `add` can be asked from meanwhile."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an `add` is. Bytes are of the source files as they lie on the disk; a compressed one moves in steps."""

    done_bytes: int
    total_bytes: int
    articles: int
    passages: int
    file: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every input."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    embedded: int = 0
    """Articles that were in already and got the vectors that they lacked."""
    passages: int = 0
    skipped: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    embedding_seconds: float = 0.0


Encode = Callable[[Sequence[str]], Vector]


class Shelf(Protocol):
    """Where articles are put: the catalog, or what only pretends to be one (see `rag.sync`)."""

    def file(self, path: str) -> StoredFile | None: ...
    def file_of_key(self, key_path: str) -> StoredFile | None: ...
    def put_file(self, file: StoredFile) -> None: ...
    def numbers_from(self, path: str) -> list[int]: ...
    def number_of(self, key: str) -> int | None: ...
    def references(self, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, Reference]]: ...
    def article(self, number: int) -> Article: ...
    def skipped(self, number: int, version: str) -> tuple[SkippedSpan, ...]: ...
    def passages_of(self, article: int) -> list[StoredPassage]: ...
    def passages_without_vector(self) -> list[int]: ...
    def put(
        self, article: Article, source: bytes, passages: Sequence[Passage], vectors: Sequence[bytes] | None
    ) -> None: ...
    def dated_versions(self, number: int) -> list[StoredVersion]: ...
    def source(self, number: int, version: str) -> bytes | None: ...
    def put_reference(self, article: Article, source: bytes) -> None: ...
    def keep_text(self, article: Article, source: bytes, added: str) -> None: ...
    def put_vectors(self, article: int, vectors: Sequence[tuple[int, bytes]]) -> None: ...


@dataclass(slots=True)
class _Waiting:
    """An article that waits for its vectors."""

    article: Article
    source: bytes
    passages: list[Passage]


@dataclass(frozen=True, slots=True)
class _Coming:
    """A file before its turn."""

    found: Found
    named: Found
    """With the name that its articles go by, as far as that can be told before its turn."""
    stored: StoredFile | None
    """What is known of it."""
    reading: Reading | None
    """None where it has not changed since it was worked through."""


@dataclass(slots=True)
class Ingest:
    """One run of `add`."""

    catalog: Shelf
    encode: Encode | None
    size: int
    """Code points of a passage at most."""
    progress: Callable[[Progress], None] | None = None
    commit: Callable[[], None] = lambda: None
    """Called now and then, between articles: the place to let the indexes follow."""
    notice: Callable[[str, Article], None] = lambda kind, article: None
    """Called with "added" or "updated" for each article that is."""
    options: LoadOptions = DEFAULTS
    format: str | None = None
    """The format of every file, where the user told it."""
    compares: bool = False
    """Whether a file that has not changed is read all the same where the corpus holds more or fewer articles from it
    than it has, and `keys_read` is kept."""
    keys_read: dict[str, frozenset[str]] = field(default_factory=dict)
    """By their absolute paths, the files that were read to their ends with nothing refused: the keys in each."""
    _pool: Pool = field(default_factory=Pool)
    _waiting: list[_Waiting] = field(default_factory=list)
    _finished: list[StoredFile] = field(default_factory=list)
    _report: IngestReport = field(default_factory=IngestReport)
    _skipped: list[Rejected] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _since_commit: int = 0
    _done_bytes: int = 0
    _total_bytes: int = 0

    def run(self, paths: Iterable[Path], brought: Iterable[Found | Rejected] = ()) -> IngestReport:
        """Bring in everything under the paths, then what was brought; see IngestReport for what became of each."""
        began = time.monotonic()
        paths = list(paths)
        self._notes.extend(broken_formats())
        if self.progress is not None:
            self._total_bytes = sum(_size(one) for one in _listed(paths) if isinstance(one, Found))
        self._complete()
        with self._pool:
            for coming in self._ahead(self._found(chain(_listed(paths), brought))):
                self._file(coming)
                self._done_bytes += _size(coming.found)
                self._tell(coming.found)
            self._flush()
        return replace(
            self._report, skipped=tuple(self._skipped), notes=tuple(self._notes), seconds=time.monotonic() - began
        )

    def _found(self, listed: Iterable[Found | Rejected]) -> Iterator[Found]:
        for one in listed:
            if isinstance(one, Rejected):
                self._skipped.append(one)
            elif one.bytes_at is not None:
                self._total_bytes += _size(one)
                yield one
            else:
                yield replace(one, options=self.options, format=self.format)

    def _ahead(self, found: Iterable[Found]) -> Iterator[_Coming]:
        """The files in their order, each begun some time before its turn."""
        waiting: deque[_Coming] = deque()
        for one in found:
            waiting.append(self._coming(one))
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()

    def _coming(self, found: Found) -> _Coming:
        stored = self.catalog.file(_absolute(found.file)) if found.bytes_at is None else None
        named = self._named(found, stored)
        reading = None if stored is not None and self._has_same_bytes(found, stored) else self._pool.open(named)
        return _Coming(found, named, stored, reading)

    # -- one file ----------------------------------------------------------------------------------------------

    def _file(self, coming: _Coming) -> None:
        found, named, stored, reading = coming.found, coming.named, coming.stored, coming.reading
        if reading is None and stored is not None and self._holds_all(stored):
            self._count(unchanged=stored.articles)
            return
        now_named = self._named(found, stored)
        if reading is None or now_named != named:  # a file whose turn came before has taken the name
            if reading is not None:
                reading.drop()
            named, reading = now_named, self._pool.open(now_named, at_once=True)
        refused, count, keys = len(self._skipped), 0, set[str]()
        for one in reading.articles():
            if isinstance(one, Rejected):
                self._skipped.append(one)
                continue
            if not count and found.bytes_at is None:
                self._remember(named, None, 0)
            count += 1
            if self.compares:
                keys.add(one.article.key)
            self._notes.extend(f"{found.where}: {one.article.key}: {note}" for note in one.notes)
            self._article(one)
            self._tell(found, reading.bytes_read)
        if found.bytes_at is not None:
            return
        # A file with a part that was refused is read again next time: the refusal is said each time.
        digest = reading.sha256() if len(self._skipped) == refused and count else None
        if digest is not None and self.compares:
            self.keys_read[_absolute(found.file)] = frozenset(keys)
        if count:
            self._finished.append(_stored_file(named, digest, count))
            if not self._waiting:
                self._flush()

    def _has_same_bytes(self, found: Found, stored: StoredFile) -> bool:
        """Whether it was worked through as it is now, and the user says nothing new of how to read it."""
        if stored.sha256 is None or stored.reader != READER or found.format or found.options.columns:
            return False
        return file_sha256(found.file) == stored.sha256

    def _holds_all(self, stored: StoredFile) -> bool:
        return not self.compares or len(self.catalog.numbers_from(stored.path)) == stored.articles

    def _named(self, found: Found, stored: StoredFile | None) -> Found:
        return found if found.bytes_at is not None else replace(found, key_path=self._key_path(found, stored))

    def _key_path(self, found: Found, stored: StoredFile | None) -> str:
        """The name that the file's articles go by.

        The same as before for a file that was added before. A name that belongs to another file which is still
        there, or that held something else, is lengthened by the folders above until it is free; only of a file that is
        gone and held the very same bytes is it taken over: that file has moved. (A disk that is not mounted now is no
        reason to replace what came from it.)
        """
        if stored is not None:
            return stored.key_path
        parts = Path(_absolute(found.file)).parts
        name, depth = found.key_path, len(Path(found.key_path).parts)
        while (other := self.catalog.file_of_key(name)) is not None and depth < len(parts):
            if not Path(other.path).exists() and other.sha256 and other.sha256 == file_sha256(found.file):
                break
            depth += 1
            name = "/".join(parts[-depth:]).lstrip("/") if depth < len(parts) else _absolute(found.file)
        return name

    def _remember(self, found: Found, digest: str | None, count: int) -> None:
        self.catalog.put_file(_stored_file(found, digest, count))

    # -- one article -------------------------------------------------------------------------------------------

    def _article(self, loaded: Loaded) -> None:
        article = loaded.article
        if any(one.article.key == article.key for one in self._waiting):
            self._flush()  # the same article from two files: the later one is compared with the earlier one
        number = self.catalog.number_of(article.key)
        if number is not None:
            held = next(reference for _, reference in self.catalog.references([number]))
            is_another = _comes_from_another(article, held)
            if article.path is None and held.path is not None:  # it came from the web; a file that holds it too stays
                loaded = replace(loaded, article=replace(article, path=held.path))
            article = loaded.article
            same_text = held.version == article.version
            if self._belongs_to_another(article, held):
                if same_text:
                    self._count(unchanged=1)
                else:
                    self._skipped.append(Rejected(article.path or article.key, _taken(article, held)))
                return
            if is_another:
                if not self._is_present(loaded, number, held):
                    self._beside(loaded, number, held)
                    return
                article = completed(article, held)
                loaded = replace(loaded, article=article)
            if same_text and self.catalog.skipped(number, held.version) == article.skipped:
                self._same_text(loaded, held)
                return
        made = passages(article.text, article.skipped, self.size)
        if not made:
            where = article.path or article.key
            self._skipped.append(Rejected(where, "holds no sentence that could be quoted"))
            return
        self._waiting.append(_Waiting(article, loaded.source, made))
        if self.encode is None or sum(len(one.passages) for one in self._waiting) >= EMBED_AT_ONCE:
            self._flush()

    @staticmethod
    def _belongs_to_another(article: Article, held: Reference) -> bool:
        """Whether the article with this id came from another file that is still there. One URL is one article,
        wherever it is found; an id may be given twice by chance, and neither article may push the other out."""
        if "://" in article.key or held.path == article.path or held.path is None:
            return False
        return Path(held.path).exists()

    def _is_present(self, loaded: Loaded, number: int, held: Reference) -> bool:
        """Whether what another file says of an article is its present state, rather than what is held.

        The later date of the two decides, then, of texts that differ, the later file. A text that was set aside once
        stays so: the same files give the same corpus whenever they are read again.
        """
        article, later = loaded.article, is_later(loaded.article.reference, held)
        is_of_now = article.path == held.path  # it came from the web
        if held.version == article.version:
            return later is True
        if article.version in self._added(number) and not is_of_now:
            return False
        return later if later is not None else is_of_now or _changed(article.path) > _changed(held.path)

    def _beside(self, loaded: Loaded, number: int, held: Reference) -> None:
        """Keep what another file says of an article that stays as it is held: what is unknown of it, and the text."""
        article, present = loaded.article, self.catalog.article(number)
        where = f"{article.path}: {article.key}" if article.path != held.path else article.key
        if article.version == held.version:
            if differ := conflicts(article.reference, held):
                self._notes.append(f"{where}: says otherwise of {', '.join(differ)}; what {held.path} says is kept")
        elif article.version not in (added := self._added(number)):
            # Versions are told in the order in which they came: this one stands before the present one.
            before = datetime.fromisoformat(added[held.version]) - timedelta(microseconds=1)
            self.catalog.keep_text(article, loaded.source, before.isoformat(timespec="microseconds"))
            self._notes.append(f"{where}: kept as an older version of what {held.path} holds")
        source = self.catalog.source(number, held.version)
        if source is None:
            self._count(unchanged=1)
        else:
            self._same_text(Loaded(completed(present, article), source), held)

    def _added(self, number: int) -> dict[str, str]:
        return {one.version: one.added for one in self.catalog.dated_versions(number)}

    def _same_text(self, loaded: Loaded, held: Reference) -> None:
        """Write down what else is told of an article now; its passages and vectors stay."""
        article = loaded.article
        if article.reference == held:
            self._count(unchanged=1)
            return
        self.catalog.put_reference(article, loaded.source)
        only_moved = replace(article.reference, path=held.path) == held
        self._count(unchanged=int(only_moved), updated=int(not only_moved))
        if not only_moved:
            self.notice("updated", article)

    def _flush(self) -> None:
        """Embed what waits and write it, an article at a time; then the files that are complete with it."""
        waiting, self._waiting = self._waiting, []
        vectors = self._embed([_texts(one) for one in waiting])
        for one, its_vectors in zip(waiting, vectors, strict=True):
            is_new = self.catalog.number_of(one.article.key) is None
            self.catalog.put(one.article, one.source, one.passages, its_vectors)
            self._count(added=int(is_new), updated=int(not is_new), passages=len(one.passages))
            self.notice("added" if is_new else "updated", one.article)
            self._since_commit += 1
        for file in self._finished:
            self.catalog.put_file(file)
        self._finished = []
        if self._since_commit >= COMMIT_EVERY:
            self._since_commit = 0
            self.commit()

    def _embed(self, texts: Sequence[Sequence[str]]) -> list[list[bytes] | None]:
        """The packed vectors of each article's passages; None without an encoder."""
        if self.encode is None or not texts:
            return [None] * len(texts)
        began = time.monotonic()
        packed = pack(self.encode([text for some in texts for text in some]))
        self._count(embedding_seconds=time.monotonic() - began)
        split: list[list[bytes] | None] = []
        for some in texts:
            split.append(packed[: len(some)])
            packed = packed[len(some) :]
        return split

    def _complete(self) -> None:
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
            self._count(embedded=1)

    # -- counting ----------------------------------------------------------------------------------------------

    def _count(self, **more: float) -> None:
        now = {name: getattr(self._report, name) + value for name, value in more.items()}
        self._report = replace(self._report, **now)

    def _tell(self, found: Found, of_this: int = 0) -> None:
        if self.progress is not None:
            done = self._report.added + self._report.updated + self._report.unchanged + len(self._waiting)
            self.progress(
                Progress(self._done_bytes + of_this, self._total_bytes, done, self._report.passages, found.file.name)
            )


def embedded_text(article: Article, passage: Passage) -> str:
    """What the encoder reads of a passage."""
    return article.text[passage.start : passage.end]


def _comes_from_another(article: Article, held: Reference) -> bool:
    """Whether the article is held from another file, which is still there. (What a file no longer says, it drops.)"""
    return held.path is not None and held.path != article.path and Path(held.path).exists()


def _changed(file: str | None) -> float:
    """When the file was last written."""
    try:
        return Path(file or "").stat().st_mtime
    except (OSError, ValueError):
        return 0.0


def _taken(article: Article, held: Reference) -> str:
    return f"the id {article.key!r} is that of another article, from {held.path}; give one of them another id"


def _texts(waiting: _Waiting) -> list[str]:
    return [embedded_text(waiting.article, passage) for passage in waiting.passages]


def _stored_file(found: Found, digest: str | None, count: int) -> StoredFile:
    return StoredFile(_absolute(found.file), found.key_path, digest, READER, count)


def _listed(paths: Sequence[Path]) -> Iterator[Found | Rejected]:
    """What lies under the paths, no file twice."""
    seen: set[str] = set()
    for given in paths:
        for one in discover(given):
            if isinstance(one, Found) and len(paths) > 1:
                path = _absolute(one.file)
                if path in seen:
                    continue
                seen.add(path)
            yield one


def _absolute(file: Path) -> str:
    return os.path.abspath(file)  # noqa: PTH100 (resolve() would follow links: the user's own name stays)


def _size(found: Found) -> int:
    try:
        return (found.bytes_at or found.file).stat().st_size
    except OSError:
        return 0
