"""Bringing articles in: what has changed, and bringing the catalog to it.

An article goes in by one transaction, with its passages and vectors. What is interrupted is completed by the next
run: a file counts as worked through only when all of it is in.

Here files come in their order, each read ahead of its turn · `entry` one article that was read · `writing` what waits
for its vectors · `report` what became of it all · `shelf` where it goes.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from rag.catalog import StoredFile
from rag.ingest.entry import Entry
from rag.ingest.report import IngestReport, Progress, Tally
from rag.ingest.shelf import Shelf
from rag.ingest.writing import Encode, Writing
from rag.load import (
    DEFAULTS,
    Found,
    LoadOptions,
    Pool,
    Reading,
    broken_formats,
    discover,
    file_sha256,
)
from rag.types import Article, Rejected

__all__ = ["READER", "Encode", "Ingest", "IngestReport", "Progress", "Shelf"]

READER = "reader/2"
"""Names how files are read and cleaned; a file that an older reader worked through is read again."""

AHEAD = 32
"""Files that are looked at before their turn, so that they can be read while others are embedded."""


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
    _tally: Tally = field(default_factory=Tally)
    _writing: Writing = field(init=False)
    _entry: Entry = field(init=False)
    _done_bytes: int = 0
    _total_bytes: int = 0

    def run(self, paths: Iterable[Path], brought: Iterable[Found | Rejected] = ()) -> IngestReport:
        """Bring in everything under the paths, then what was brought; see IngestReport for what became of each."""
        began = time.monotonic()
        paths = list(paths)
        self._writing = Writing(self.catalog, self.encode, self._tally, self.commit, self.notice)
        self._entry = Entry(self.catalog, self.size, self._writing, self._tally, self.notice)
        self._tally.notes.extend(broken_formats())
        if self.progress is not None:
            self._total_bytes = sum(_size(one) for one in _listed(paths) if isinstance(one, Found))
        self._writing.complete()
        with self._pool:
            for coming in self._ahead(self._found(chain(_listed(paths), brought))):
                self._file(coming)
                self._done_bytes += _size(coming.found)
                self._tell(coming.found)
            self._writing.flush()
        return self._tally.report(time.monotonic() - began)

    def _found(self, listed: Iterable[Found | Rejected]) -> Iterator[Found]:
        for one in listed:
            if isinstance(one, Rejected):
                self._tally.skipped.append(one)
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
            self._tally.count(unchanged=stored.articles)
            return
        now_named = self._named(found, stored)
        if reading is None or now_named != named:  # a file whose turn came before has taken the name
            if reading is not None:
                reading.drop()
            named, reading = now_named, self._pool.open(now_named, at_once=True)
        refused, count, keys = len(self._tally.skipped), 0, set[str]()
        for one in reading.articles():
            if isinstance(one, Rejected):
                self._tally.skipped.append(one)
                continue
            if not count and found.bytes_at is None:
                self._remember(named, None, 0)
            loaded = self._entry.told_apart(one)
            count += 1
            if self.compares:
                keys.add(loaded.article.key)
            self._tally.notes.extend(f"{found.where}: {loaded.article.key}: {note}" for note in loaded.notes)
            self._entry.bring(loaded)
            self._tell(found, reading.bytes_read)
        if found.bytes_at is not None:
            return
        # A file with a part that was refused is read again next time: the refusal is said each time.
        digest = reading.sha256() if len(self._tally.skipped) == refused and count else None
        if digest is not None and self.compares:
            self.keys_read[_absolute(found.file)] = frozenset(keys)
        if count:
            self._writing.finish(_stored_file(named, digest, count))

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

    def _tell(self, found: Found, of_this: int = 0) -> None:
        if self.progress is not None:
            so_far = self._tally.so_far
            done = so_far.added + so_far.updated + so_far.unchanged + self._writing.waiting
            self.progress(
                Progress(self._done_bytes + of_this, self._total_bytes, done, so_far.passages, found.file.name)
            )


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
