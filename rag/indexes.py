"""The two derived indexes of one corpus, and the one mechanism by which both follow the catalog.

Each index lies in a folder of its own in the user's cache with a stamp beside it that says how far it has come. To
catch up, the articles that changed since are dropped and put in again, which may be repeated. An index that followed
another history, has another format, or was not closed cleanly is built anew in a fresh folder, and the stamp is
moved over. The stamp is written last.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from rag import lexical, vectors
from rag.catalog import Catalog, Mark, host
from rag.errors import CannotWrite
from rag.lexical import IndexUnusable, LexicalDocument, LexicalHit, LexicalIndex
from rag.locks import held
from rag.scope import Scope
from rag.types import Reference
from rag.vectors import DenseDocument, DenseHit, StoreUnusable, Vector, VectorStore, exact_search

STEP = 500
"""Articles that an index takes in one go: bounds memory."""

MOST_BEHIND = 200
"""Articles. A vector index that lags by more is not asked: all is searched exactly until it has caught up."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """How far an index has come, and where it lies."""

    format: str
    folder: str
    generation: int
    token: str
    clean: bool
    """False while a store is open for writing that does not survive a kill."""

    @property
    def mark(self) -> Mark:
        """The stand of the catalog that the index has."""
        return Mark(self.generation, bytes.fromhex(self.token))


class Indexes:
    """Lexical and dense search over one catalog, whatever state the cache is in."""

    def __init__(self, catalog: Catalog, cache: Path) -> None:
        # Two copies of one corpus have one id but need not hold the same: the place tells them apart.
        place = sha256(os.fsencode(catalog.path)).hexdigest()[:8]
        self.folder = cache / "indexes" / f"{catalog.corpus_id}-{place}"
        self._catalog = catalog
        self._guard = threading.RLock()
        self._lexical: LexicalIndex | None = None
        self._lexical_stamp: Stamp | None = None
        self._store: VectorStore | None = None
        self._store_stamp: Stamp | None = None
        self._in_memory_mark: Mark | None = None

    def close(self) -> None:
        """Let go of the files."""
        with self._guard:
            self._close_store()
            self._lexical = self._lexical_stamp = self._in_memory_mark = None

    # -- asking ------------------------------------------------------------------------------------------------

    def search_lexical(self, words: Sequence[str], k: int, scope: Scope) -> list[LexicalHit]:
        """The k best passages by BM25. An index that turns out to be damaged is built anew."""
        try:
            return self.lexical().search(words, k, scope)
        except IndexUnusable:
            return self._rebuilt_lexical().search(words, k, scope)

    def _rebuilt_lexical(self) -> LexicalIndex:
        with self._guard:
            self._lexical = self._lexical_stamp = None
            with suppress(OSError):
                (self.folder / "lexical.json").unlink(missing_ok=True)
            return self.lexical()

    def search_dense(self, query: Vector, k: int, scope: Scope) -> list[DenseHit]:
        """The k nearest passages. Asks Chroma as far as it has come and searches the rest, or all, exactly."""
        with self._guard, self._readable_store() as store:
            if store is not None and self._store_stamp is not None:
                behind = self._catalog.changed_since(self._store_stamp.mark)
                if len(behind) <= MOST_BEHIND:
                    try:
                        return self._both(store, query, k, scope, behind)
                    except StoreUnusable:
                        self._spoil()
            return exact_search(query, self._catalog.vectors(scope), k)

    def _both(self, store: VectorStore, query: Vector, k: int, scope: Scope, behind: Sequence[int]) -> list[DenseHit]:
        if not behind:
            return store.search(query, k, scope)
        allowed = behind if scope.articles is None else [number for number in behind if number in scope.articles]
        newer = exact_search(query, self._catalog.vectors(replace(scope, articles=tuple(allowed))), k)
        # The store may still hold passages that are gone: ask for more, and keep what the catalog knows.
        found = store.search(query, k + 10 * len(behind), scope)
        known = self._catalog.passages(hit.number for hit in found)
        stale = set(behind)
        older = [hit for hit in found if hit.number in known and known[hit.number].article not in stale]
        return sorted([*older, *newer], key=lambda hit: -hit.score)[:k]

    def lexical(self) -> LexicalIndex:
        """The lexical index, brought up to date if that can be done now.

        Where the cache cannot be written, an index in memory; where another process is at work, what there is.
        """
        with self._guard:
            newest = self._catalog.mark()
            stamp = self._usable_stamp("lexical", lexical.FORMAT)
            if stamp is None or stamp.mark != newest:
                if self._in_memory_mark == newest and self._lexical is not None:
                    return self._lexical
                try:
                    with held(self.folder / "lock", wait=0.0 if stamp else 10.0) as mine:
                        if mine:
                            self._follow_lexical()
                    stamp = self._usable_stamp("lexical", lexical.FORMAT)
                except (CannotWrite, IndexUnusable, OSError):
                    stamp = None
            if stamp is None:
                return self._lexical_in_memory(newest)
            if self._lexical is None or self._lexical_stamp is None or stamp.folder != self._lexical_stamp.folder:
                try:
                    self._lexical = LexicalIndex.open(self.folder / stamp.folder)
                except IndexUnusable:
                    return self._lexical_in_memory(newest)
            elif stamp != self._lexical_stamp:
                self._lexical.reload()
            self._lexical_stamp, self._in_memory_mark = stamp, None
            return self._lexical

    def _lexical_in_memory(self, newest: Mark) -> LexicalIndex:
        self._lexical, self._lexical_stamp = LexicalIndex.open(None), None
        for numbers in self._everything():
            self._lexical.apply([], self._lexical_documents(numbers))
        self._in_memory_mark = newest
        return self._lexical

    @contextmanager
    def _readable_store(self) -> Iterator[VectorStore | None]:
        """Chroma's store while nobody writes to it; None: do without."""
        with ExitStack() as stack:
            try:
                mine = stack.enter_context(held(self.folder / "lock", shared=True))
            except CannotWrite:
                mine = False
            yield self._opened_store() if mine else None

    def _opened_store(self) -> VectorStore | None:
        stamp = self._usable_stamp("vectors", vectors.FORMAT)
        if stamp is None or not stamp.clean:
            self._close_store()
            return None
        if stamp != self._store_stamp:
            self._close_store()
            try:
                self._store, self._store_stamp = VectorStore(self.folder / stamp.folder), stamp
            except StoreUnusable:
                self._spoil(stamp)
                return None
        return self._store

    def _close_store(self) -> None:
        store, self._store, self._store_stamp = self._store, None, None
        if store is not None:
            try:
                store.close()
            except StoreUnusable:
                return  # it is gone either way, and the stamp says what the folder is worth

    def _spoil(self, stamp: Stamp | None = None) -> None:
        """Mark a store that failed us, so that it is rebuilt by the next to write and asked by nobody until then."""
        stamp = stamp or self._store_stamp
        self._close_store()
        if stamp is not None:
            try:
                self._write_stamp("vectors", replace(stamp, clean=False))
            except OSError:
                return  # read-only: then each process finds out for itself

    # -- following ---------------------------------------------------------------------------------------------

    def follow(self, progress: Callable[[str, int, int], None] | None = None) -> None:
        """Bring both indexes up to the catalog.

        Does nothing that cannot wait when another process is reading or building: the indexes may lag.
        """
        with self._guard:
            newest = self._catalog.mark()
            fresh = [self._usable_stamp(*one) for one in (("lexical", lexical.FORMAT), ("vectors", vectors.FORMAT))]
            if all(stamp is not None and stamp.clean and stamp.mark == newest for stamp in fresh):
                return
            self._close_store()
            with held(self.folder / "lock", wait=5.0) as mine:
                if mine:
                    try:
                        self._follow_lexical(progress)
                        self._follow_vectors(progress)
                    except (IndexUnusable, OSError) as error:
                        raise CannotWrite(
                            f"{self.folder}: the search index could not be brought up to date ({error}); the articles "
                            "are in, and the next command completes it once there is room and permission"
                        ) from error

    def _follow_lexical(self, progress: Callable[[str, int, int], None] | None = None) -> None:
        stamp, newest = self._usable_stamp("lexical", lexical.FORMAT), self._catalog.mark()
        if stamp is not None and stamp.mark == newest:
            return
        if stamp is not None:
            try:
                index = LexicalIndex.open(self.folder / stamp.folder)
                changed = self._catalog.changed_since(stamp.mark)
                self._feed(lambda some: index.apply(some, self._lexical_documents(some)), changed, "lexical", progress)
                self._write_stamp("lexical", _moved(stamp, newest))
                return
            except IndexUnusable:
                pass  # build it anew
        folder = self._fresh_folder("lexical")
        index = LexicalIndex.open(self.folder / folder)
        numbers = self._catalog.all_numbers()
        self._feed(lambda some: index.apply([], self._lexical_documents(some)), numbers, "lexical", progress)
        self._write_stamp("lexical", _new_stamp(lexical.FORMAT, folder, newest))
        self._drop_other_folders("lexical", folder)

    def _follow_vectors(self, progress: Callable[[str, int, int], None] | None = None) -> None:
        """Like the lexical one, but a store is only ever opened when it was closed cleanly."""
        stamp, newest = self._usable_stamp("vectors", vectors.FORMAT), self._catalog.mark()
        if stamp is not None and stamp.clean and stamp.mark == newest:
            return
        try:
            if stamp is not None and stamp.clean:
                changed = self._catalog.changed_since(stamp.mark)
                self._write_stamp("vectors", replace(stamp, clean=False))
                self._fill_store(self.folder / stamp.folder, changed, progress, again=True)
                self._write_stamp("vectors", _moved(stamp, newest))
                return
        except StoreUnusable:
            pass  # build it anew
        folder = self._fresh_folder("vectors")
        numbers = self._catalog.all_numbers()
        try:
            self._fill_store(self.folder / folder, numbers, progress, again=False)
        except StoreUnusable:
            vectors.discard(self.folder / folder)
            return  # exact search stands in; the next to write tries again
        self._write_stamp("vectors", _new_stamp(vectors.FORMAT, folder, newest))
        self._drop_other_folders("vectors", folder)

    def _fill_store(
        self,
        folder: Path,
        numbers: Sequence[int],
        progress: Callable[[str, int, int], None] | None,
        *,
        again: bool,
    ) -> None:
        store = VectorStore(folder)
        try:
            self._feed(
                lambda some: store.apply(some if again else [], self._dense_documents(some)), numbers, "dense", progress
            )
        finally:
            store.close()

    def _feed(
        self,
        apply: Callable[[Sequence[int]], None],
        numbers: Sequence[int],
        name: str,
        progress: Callable[[str, int, int], None] | None,
    ) -> None:
        for first in range(0, len(numbers), STEP):
            apply(numbers[first : first + STEP])
            if progress:
                progress(name, min(first + STEP, len(numbers)), len(numbers))

    # -- what goes in ------------------------------------------------------------------------------------------

    def _everything(self) -> Iterator[list[int]]:
        numbers = self._catalog.all_numbers()
        for first in range(0, len(numbers), STEP):
            yield numbers[first : first + STEP]

    def _lexical_documents(self, numbers: Sequence[int]) -> Iterator[LexicalDocument]:
        for place in self._catalog.places(numbers):
            text = self._catalog.text(place.number, place.reference.version)
            if text is None:
                continue
            for stored in self._catalog.passages_of(place.number):
                yield LexicalDocument(
                    number=stored.number,
                    article=place.number,
                    title=place.reference.title or "",
                    body=text[stored.passage.start : stored.passage.end],
                    publisher=_outlet_words(place.reference),
                    first_day=place.first_day,
                    last_day=place.last_day,
                    undated=place.reference.published is None,
                    outlet=place.outlet,
                )

    def _dense_documents(self, numbers: Sequence[int]) -> Iterator[DenseDocument]:
        for place in self._catalog.places(numbers):
            for number, vector in self._catalog.vectors_of(place.number):
                yield DenseDocument(number, place.number, place.first_day, place.last_day, place.outlet, vector)

    # -- stamps ------------------------------------------------------------------------------------------------

    def _usable_stamp(self, name: str, form: str) -> Stamp | None:
        """The index's stamp, if the index has this format and followed this catalog's history."""
        try:
            stamp = Stamp(**json.loads((self.folder / f"{name}.json").read_bytes()))
            proper = stamp.format == form and Path(stamp.folder).name == stamp.folder
            usable = proper and (self.folder / stamp.folder).is_dir() and self._catalog.holds(stamp.mark)
        except (OSError, ValueError, TypeError):
            return None
        return stamp if usable else None

    def _write_stamp(self, name: str, stamp: Stamp) -> None:
        """Beside and into place, and on the disk before anything builds on it."""
        file = self.folder / f"{name}.json"
        beside = file.with_suffix(f".{secrets.token_hex(4)}")
        try:
            with beside.open("xb") as handle:
                handle.write(json.dumps(asdict(stamp)).encode())
                handle.flush()
                os.fsync(handle.fileno())
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)

    def _fresh_folder(self, name: str) -> str:
        self._drop_other_folders(name, self._named_folder(name))
        return f"{name}-{secrets.token_hex(4)}"

    def _named_folder(self, name: str) -> str:
        try:
            return str(json.loads((self.folder / f"{name}.json").read_bytes())["folder"])
        except (OSError, ValueError, TypeError, KeyError):
            return ""

    def _drop_other_folders(self, name: str, kept: str) -> None:
        for folder in self.folder.glob(f"{name}-*"):
            if folder.name != kept:
                shutil.rmtree(folder, ignore_errors=True)


def _new_stamp(form: str, folder: str, mark: Mark) -> Stamp:
    return Stamp(form, folder, mark.generation, mark.token.hex(), clean=True)


def _moved(stamp: Stamp, mark: Mark) -> Stamp:
    return replace(stamp, generation=mark.generation, token=mark.token.hex(), clean=True)


def _outlet_words(reference: Reference) -> str:
    return f"{reference.publisher or ''} {host(reference.url)}".strip()
