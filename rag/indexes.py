"""The two derived indexes of one corpus, asked together with the catalog and at one moment of it.

Both lie in the user's cache, where other processes read and write them, and both lag; what is found is of the catalog
as it is all the same, and an index that cannot be used is done without. How they catch up is `rag.following`'s.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from rag import lexical, vectors
from rag.agreement import lexical_faults, vector_faults
from rag.catalog import Catalog, Mark, StoredPassage
from rag.errors import CannotWrite, CorpusDamaged
from rag.following import Follower, Progress
from rag.lexical import IndexUnusable, LexicalHit, LexicalIndex
from rag.locks import held
from rag.scope import Scope
from rag.seals import broken
from rag.stamps import Outrun, Stamp, Stamps
from rag.vectors import DenseHit, StoreUnusable, Vector, VectorStore, exact_search

T = TypeVar("T")

MOST_BEHIND = 200
"""Articles. A vector index that lags by more is not asked: all is searched exactly until it has caught up."""

MAY_LAG = 20
"""A vector index may stay behind by one article in so many, and by MOST_BEHIND, until the next that is added: what is
newer is searched exactly, and opening Chroma's store for each article would take longer than adding it."""

ATTEMPTS = 3
"""How often a question is begun anew because another process brought the indexes further meanwhile."""


class Indexes:
    """Lexical and dense search over one catalog, whatever state the cache is in."""

    def __init__(self, catalog: Catalog, cache: Path) -> None:
        # Two copies of one corpus have one id but need not hold the same: the place tells them apart.
        place = sha256(os.fsencode(catalog.path)).hexdigest()[:8]
        self.folder = cache / "indexes" / f"{catalog.corpus_id}-{place}"
        self._catalog = catalog
        self._stamps = Stamps(catalog, self.folder)
        self._follower = Follower(catalog, self._stamps)
        self._guard = threading.RLock()
        self._local = threading.local()
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

    # -- one moment --------------------------------------------------------------------------------------------

    def steady(self, work: Callable[[], T]) -> T:
        """What `work` gives when all that it reads, catalog and indexes, is of one moment.

        It is begun anew where another process brings an index further than the snapshot that it reads.
        """
        if self._catalog.is_inside():
            return work()
        for _ in range(ATTEMPTS):
            with suppress(Outrun), self._catalog.snapshot():
                return work()
        with self._pinned(), self._catalog.snapshot():
            return work()

    @contextmanager
    def _pinned(self) -> Iterator[None]:
        """While nobody moves the indexes, or, where that cannot be had, without those that have moved on."""
        with ExitStack() as stack:
            with suppress(CannotWrite):
                stack.enter_context(held(self._lock, shared=True, wait=1.0))
            self._local.pinned = True
            try:
                yield
            finally:
                self._local.pinned = False

    @property
    def _is_pinned(self) -> bool:
        return bool(getattr(self._local, "pinned", False))

    @property
    def _lock(self) -> Path:
        return self.folder / "lock"

    def _usable(self, name: str, form: str) -> Stamp | None:
        try:
            return self._stamps.usable(name, form)
        except Outrun:
            if self._is_pinned:
                return None
            raise

    def joined(self, numbers: Iterable[int]) -> dict[int, StoredPassage]:
        """The passages that the indexes found, by number: an index can never show what the catalog does not hold.

        A passage that an index has and the catalog lacks is left out where the index lags. Raises CorpusDamaged
        where it does not: then the catalog has lost it.
        """
        wanted = list(numbers)
        stored = self._catalog.passages(wanted)
        if len(stored) < len(set(wanted)) and self._is_up_to_date():
            if not self._is_pinned and self._catalog.is_inside():
                raise Outrun  # another thread may have moved the index on under this snapshot: see once more
            raise CorpusDamaged(
                f"{self._catalog.path} is damaged: passages that are indexed are missing; see: groundwire doctor"
            )
        return stored

    def _is_up_to_date(self) -> bool:
        stamp, mark = self._lexical_stamp, self._catalog.mark()
        followed = stamp.mark if stamp is not None else self._in_memory_mark
        return followed == mark and self._catalog.mark_now() == mark

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
                self._stamps.drop("lexical")
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
        older = self._unchanged(store, query, k, scope, set(behind))
        return sorted([*older, *newer], key=lambda hit: -hit.score)[:k]

    def _unchanged(self, store: VectorStore, query: Vector, k: int, scope: Scope, stale: set[int]) -> list[DenseHit]:
        """The k nearest that the store has of articles that are still as it knows them."""
        depth = k + 20
        while True:
            # The store may still hold passages that are gone: ask for more, and keep what the catalog knows.
            found = store.search(query, depth, scope)
            known = self._catalog.passages(hit.number for hit in found)
            kept = [hit for hit in found if hit.number in known and known[hit.number].article not in stale]
            if len(kept) >= k or len(found) < depth:
                return kept[:k]
            depth *= 4

    def lexical(self) -> LexicalIndex:
        """The lexical index, brought up to date if that can be done now.

        Where the cache cannot be written, an index in memory; where another process is at work, what there is.
        """
        with self._guard:
            newest = self._catalog.mark()
            stamp = self._usable("lexical", lexical.FORMAT)
            if (stamp is None or stamp.mark != newest) and self._in_memory_mark == newest and self._lexical is not None:
                return self._lexical
            if (stamp is None or stamp.mark != newest) and not self._is_pinned:
                stamp = self._followed_lexical(wait=0.0 if stamp else 10.0)
            if stamp is None or not self._have_read(stamp):
                return self._lexical_in_memory(newest)
            self._in_memory_mark = None
            assert self._lexical is not None
            return self._lexical

    def _followed_lexical(self, wait: float) -> Stamp | None:
        try:
            with held(self._lock, wait=wait) as mine:
                if mine:
                    self._follower.follow_lexical(self._usable("lexical", lexical.FORMAT))
            return self._usable("lexical", lexical.FORMAT)
        except (CannotWrite, IndexUnusable, OSError):
            return None

    def _have_read(self, stamp: Stamp) -> bool:
        """Have the index that the stamp is of; False where it cannot be had. A damaged one is built anew."""
        for _ in range(2):
            if stamp == self._lexical_stamp and self._lexical is not None:
                return True
            self._lexical = self._lexical_stamp = None
            try:
                if self._is_whole("lexical", stamp):
                    self._lexical, self._lexical_stamp = LexicalIndex.open(self.folder / stamp.folder), stamp
                    return True
                self._stamps.drop("lexical")
            except (IndexUnusable, OSError):
                return False
            found = None if self._is_pinned else self._followed_lexical(wait=10.0)
            if found is None:
                return False
            stamp = found
        return False

    def _is_whole(self, name: str, stamp: Stamp) -> bool:
        """Whether the index's files are as they were left. While another process writes, only what never changes."""
        with ExitStack() as stack:
            try:
                alone = self._is_pinned or stack.enter_context(held(self._lock, shared=True))
            except CannotWrite:
                alone = True
            if broken(self.folder / stamp.folder, stamp.files, () if alone else lexical.CHANGING_FILES) is None:
                return True
            return self._stamps.found(name) != stamp  # another process has moved it on: not damage

    def _lexical_in_memory(self, newest: Mark) -> LexicalIndex:
        if self._in_memory_mark == newest and self._lexical is not None:
            return self._lexical
        self._lexical = self._lexical_stamp = None
        self._lexical = self._follower.lexical_in_memory()
        self._in_memory_mark = newest
        return self._lexical

    @contextmanager
    def _readable_store(self) -> Iterator[VectorStore | None]:
        """Chroma's store while nobody writes to it; None: do without."""
        with ExitStack() as stack:
            try:
                mine = stack.enter_context(held(self._lock, shared=True))
            except CannotWrite:
                mine = False
            yield self._opened_store() if mine else None

    def _opened_store(self) -> VectorStore | None:
        stamp = self._usable("vectors", vectors.FORMAT)
        if stamp is None or not stamp.clean:
            self._close_store()
            return None
        if stamp != self._store_stamp:
            self._close_store()
            if broken(self.folder / stamp.folder, stamp.files) is not None:
                self._spoil(stamp)
                return None
            try:
                self._store, self._store_stamp = VectorStore(self.folder / stamp.folder), stamp
            except StoreUnusable:
                self._spoil(stamp)
                return None
        return self._store

    def _close_store(self) -> None:
        store, self._store, self._store_stamp = self._store, None, None
        if store is not None:
            with suppress(StoreUnusable):  # it is gone either way, and the stamp says what the folder is worth
                store.close()

    def _spoil(self, stamp: Stamp | None = None) -> None:
        """Mark a store that failed us, so that it is rebuilt by the next to write and asked by nobody until then."""
        stamp = stamp or self._store_stamp
        self._close_store()
        if stamp is not None:
            with suppress(OSError):  # read-only: then each process finds out for itself
                self._stamps.write("vectors", replace(stamp, clean=False))

    # -- following ---------------------------------------------------------------------------------------------

    def follow(self, progress: Progress | None = None) -> None:
        """Bring both indexes up to the catalog, or as near as is worth the while.

        Does nothing that cannot wait when another process is reading or building: the indexes may lag.
        """
        with self._guard:
            if self._is_near_enough():
                return
            self._close_store()
            with held(self._lock, wait=5.0) as mine, self._put_into_words():
                if mine:
                    self._follower.follow_lexical(self._usable("lexical", lexical.FORMAT), progress)
                    stamp = self._usable("vectors", vectors.FORMAT)
                    if not self._may_wait(stamp):
                        self._follower.follow_vectors(stamp, progress)

    def rebuild(self, progress: Progress | None = None) -> bool:
        """Build both indexes anew, aside; gives whether it could be done: not while another process is at it."""
        with self._guard:
            self._close_store()
            with held(self._lock, wait=10.0) as mine, self._put_into_words():
                if mine:
                    self._follower.build_lexical(progress)
                    self._follower.build_vectors(progress)
                return mine

    def absent(self) -> list[str]:
        """Which indexes are not here, or followed another corpus: nothing is wrong then, and they are made anew."""
        forms = {"lexical": lexical.FORMAT, "vectors": vectors.FORMAT}
        if not self._catalog.counts().vectors:
            del forms["vectors"]
        return [name for name, form in forms.items() if self._usable(name, form) is None]

    def disagreements(self) -> list[str]:
        """Where the indexes are damaged or do not agree with the catalog, a line each; [] while another writes."""
        with self._guard:
            self.close()
            with ExitStack() as stack:
                with suppress(CannotWrite):  # a cache that cannot be written is not being written
                    if not stack.enter_context(held(self._lock, shared=True, wait=5.0)):
                        return []
                return [*lexical_faults(self._catalog, self._stamps), *vector_faults(self._catalog, self._stamps)]

    @contextmanager
    def _put_into_words(self) -> Iterator[None]:
        try:
            yield
        except (IndexUnusable, OSError) as error:
            raise CannotWrite(
                f"{self.folder}: the search index could not be brought up to date ({error}); the articles "
                "are in, and the next command completes it once there is room and permission"
            ) from error

    def _is_near_enough(self) -> bool:
        stamp = self._usable("lexical", lexical.FORMAT)
        return (
            stamp is not None
            and stamp.mark == self._catalog.mark()
            and self._may_wait(self._usable("vectors", vectors.FORMAT))
        )

    def _may_wait(self, stamp: Stamp | None) -> bool:
        """Whether the vector index lags by so little that it is asked beside an exact search of the rest."""
        if stamp is None or not stamp.clean:
            return False
        behind = len(self._catalog.changed_since(stamp.mark))
        return behind == 0 or behind <= min(MOST_BEHIND, self._catalog.articles_in(Scope()) // MAY_LAG)
