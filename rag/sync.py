"""Mirroring a folder: what is new or changed comes in, what moved keeps its articles, what is gone goes.

Nothing is taken out that came from elsewhere, or that might still be there: a folder or file that cannot be read now
keeps its articles. Files are moved first and articles removed last, each in a transaction of its own, so that a run
that was stopped is completed by the next.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from rag.catalog import Catalog, StoredFile, StoredPassage, StoredVersion
from rag.errors import UsageError
from rag.ingest import Ingest, IngestReport, Shelf
from rag.load import Found, discover, file_sha256, shown
from rag.types import Article, Passage, Reference, Rejected, SkippedSpan


@dataclass(frozen=True, slots=True)
class Change:
    """An article that came in or was updated."""

    kind: str
    """added or updated"""
    key: str
    id: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A file that lies elsewhere now, known by its bytes; absolute paths."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What was done, or would be."""

    ingest: IngestReport
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    removed: tuple[Reference, ...]
    notes: tuple[str, ...]


class SyncedShelf(Shelf, Protocol):
    """What mirroring needs of the catalog beyond what adding needs."""

    def files_under(self, folder: str) -> list[StoredFile]: ...
    def numbers_under(self, folder: str) -> list[int]: ...
    def move_file(self, file: StoredFile, path: str) -> None: ...
    def drop_file(self, path: str) -> None: ...
    def remove(self, number: int) -> None: ...


def sync(shelf: SyncedShelf, folder: Path, ingest: Ingest, even_if_empty: bool) -> SyncReport:
    """Make what came from the folder what is in it. Raises UsageError where the folder cannot be told to be so."""
    under = os.path.abspath(folder)  # noqa: PTH100 (resolve() would follow links: the user's own name stays)
    files, unread = _listed(folder)
    if not files and not even_if_empty:
        _refuse_to_empty(shelf, folder, under)
    moved = list(_moved(shelf, under, files, unread))
    changes: list[Change] = []
    ingest.compares = True
    ingest.notice = lambda kind, article: changes.append(Change(kind, article.key, article.id))
    report = ingest.run([folder]) if files else IngestReport(skipped=tuple(unread))
    gone, notes = _gone(shelf, under, ingest, {_absolute(one.file) for one in files}, report.skipped)
    for number, _ in gone:
        shelf.remove(number)
    for file in shelf.files_under(under):
        if not shelf.numbers_from(file.path) and not os.path.lexists(file.path):
            shelf.drop_file(file.path)
    removed = tuple(reference for _, reference in gone)
    return SyncReport(report, tuple(changes), tuple(moved), removed, (*report.notes, *notes))


def _listed(folder: Path) -> tuple[list[Found], list[Rejected]]:
    """What lies in the folder. Raises UsageError where that cannot be seen."""
    try:
        next(folder.iterdir(), None)
    except NotADirectoryError:
        raise UsageError(f"{folder} is not a folder; sync mirrors a folder, add takes files") from None
    except FileNotFoundError:
        raise UsageError(f"{folder} does not exist; nothing was changed: check the path") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{folder} cannot be read ({why}); nothing was changed") from error
    found = list(discover(folder))
    files = [one for one in found if isinstance(one, Found)]
    # It was listed just now: what is said of the folder itself is that it holds nothing.
    refused = [one for one in found if isinstance(one, Rejected) and one.where != shown(folder)]
    return files, refused


def _refuse_to_empty(shelf: SyncedShelf, folder: Path, under: str) -> None:
    """A disk that is not mounted looks like an empty folder."""
    count = len(shelf.numbers_under(under))
    if count:
        raise UsageError(
            f"{folder} holds no articles now, and {count:,} in the corpus came from it; nothing was removed: to take "
            "them out, say --even-if-empty"
        )


def _moved(shelf: SyncedShelf, under: str, files: Sequence[Found], unread: Sequence[Rejected]) -> Iterator[Moved]:
    """Tell the shelf of every file that is gone while a new one has its bytes."""
    there = {_absolute(one.file) for one in files}
    gone: dict[str, list[StoredFile]] = {}
    for file in shelf.files_under(under):
        if file.sha256 is not None and file.path not in there and _is_gone(file.path, unread):
            gone.setdefault(file.sha256, []).append(file)
    for one in files if gone else ():
        path = _absolute(one.file)
        same = gone.get(file_sha256(one.file) or "") if shelf.file(path) is None else None
        if same:
            file = next((each for each in same if Path(each.path).name == one.file.name), same[0])
            same.remove(file)
            shelf.move_file(file, path)
            yield Moved(file.path, path)


def _gone(
    shelf: SyncedShelf, under: str, ingest: Ingest, there: set[str], unread: Sequence[Rejected]
) -> tuple[list[tuple[int, Reference]], list[str]]:
    """The articles that came from under the folder and are in it no more, and notes on what cannot be told."""
    seen = frozenset[str]().union(*ingest.keys_read.values())
    gone: list[tuple[int, Reference]] = []
    kept: dict[str, int] = {}
    for number, reference in shelf.references(shelf.numbers_under(under)):
        path = reference.path or ""
        if path in there:
            keys = ingest.keys_read.get(path)
            missing = keys is not None and reference.key not in keys
        else:
            missing = _is_gone(path, unread)
            if not missing:
                kept[path] = kept.get(path, 0) + 1
        if missing and reference.key not in seen:
            gone.append((number, reference))
    notes = [f"{path} cannot be read now: what came from it stays ({count:,})" for path, count in kept.items()]
    return gone, notes[:20]


def _is_gone(path: str, unread: Sequence[Rejected]) -> bool:
    """Whether nothing is at the path, as far as can be seen: it does not lie in what could not be read."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return not any(_lies_in(path, _absolute(Path(one.where))) for one in unread)
    except (OSError, ValueError):
        return False
    return Path(path).is_dir()  # a folder has taken its place


def _lies_in(path: str, where: str) -> bool:
    return path == where or path.startswith(where.rstrip("/") + "/") or where.startswith(f"{path}, line ")


def _absolute(file: Path) -> str:
    return os.path.abspath(file)  # noqa: PTH100 (as above)


@dataclass(slots=True)
class Rehearsal:
    """A shelf that shows what the catalog holds and only pretends to take what it is given."""

    catalog: Catalog
    _paths: dict[str, str] = field(default_factory=dict)
    """Files that would be moved: where they would lie, by where they lie in the catalog."""

    def file(self, path: str) -> StoredFile | None:
        """A file, under the path that it would have."""
        old = next((old for old, new in self._paths.items() if new == path), path)
        found = self.catalog.file(old)
        return None if found is None or (path in self._paths and old == path) else replace(found, path=path)

    def file_of_key(self, key_path: str) -> StoredFile | None:
        """The file whose articles go by this name."""
        found = self.catalog.file_of_key(key_path)
        return None if found is None else replace(found, path=self._paths.get(found.path, found.path))

    def files_under(self, folder: str) -> list[StoredFile]:
        """As the catalog has them."""
        return [one for one in self.catalog.files_under(folder) if one.path not in self._paths]

    def numbers_under(self, folder: str) -> list[int]:
        """As the catalog has them."""
        return self.catalog.numbers_under(folder)

    def numbers_from(self, path: str) -> list[int]:
        """The articles of a file, under the path that it would have."""
        old = next((old for old, new in self._paths.items() if new == path), path)
        return self.catalog.numbers_from(old)

    def number_of(self, key: str) -> int | None:
        """As the catalog has it."""
        return self.catalog.number_of(key)

    def references(self, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, Reference]]:
        """The articles, under the paths that they would have."""
        for number, found in self.catalog.references(numbers):
            yield number, replace(found, path=self._paths.get(found.path or "", found.path))

    def article(self, number: int) -> Article:
        """As the catalog has it."""
        return self.catalog.article(number)

    def skipped(self, number: int, version: str) -> tuple[SkippedSpan, ...]:
        """As the catalog has them."""
        return self.catalog.skipped(number, version)

    def passages_of(self, article: int) -> list[StoredPassage]:
        """As the catalog has them."""
        return self.catalog.passages_of(article)

    def passages_without_vector(self) -> list[int]:
        """None: a rehearsal embeds nothing."""
        return []

    def move_file(self, file: StoredFile, path: str) -> None:
        """Only remembered."""
        self._paths[file.path] = path

    def put(
        self, article: Article, source: bytes, passages: Sequence[Passage], vectors: Sequence[bytes] | None
    ) -> None:
        """Nothing."""

    def dated_versions(self, number: int) -> list[StoredVersion]:
        """As the catalog has them."""
        return self.catalog.dated_versions(number)

    def source(self, number: int, version: str) -> bytes | None:
        """As the catalog has it."""
        return self.catalog.source(number, version)

    def keep_text(self, article: Article, source: bytes, added: str) -> None:
        """Nothing."""

    def put_reference(self, article: Article, source: bytes) -> None:
        """Nothing."""

    def put_vectors(self, article: int, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Nothing."""

    def put_file(self, file: StoredFile) -> None:
        """Nothing."""

    def drop_file(self, path: str) -> None:
        """Nothing."""

    def remove(self, number: int) -> None:
        """Nothing."""
