"""How the two derived indexes follow the catalog: brought up from where they are, or built anew.

Each lies in a folder of its own with a stamp beside it that says how far it has come. To catch up, the articles that
changed since are dropped and put in again, which may be repeated. One that is damaged or was not closed cleanly is
built anew in a fresh folder, and the stamp is moved over. The stamp is written last. Knows nothing of who asks, and
takes it that nobody else writes: that is for `rag.indexes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rag import lexical, vectors
from rag.catalog import Catalog, Mark, host
from rag.lexical import IndexUnusable, LexicalDocument, LexicalIndex
from rag.seals import broken, seal
from rag.stamps import Stamp, Stamps
from rag.types import Reference
from rag.vectors import DenseDocument, StoreUnusable, VectorStore

STEP = 500
"""Articles that an index takes in one go: bounds memory."""

Progress = Callable[[str, int, int], None]
"""Called with the index's name, the articles that are in it, and how many there will be."""


class Follower:
    """Brings the indexes of one corpus up to its catalog."""

    def __init__(self, catalog: Catalog, stamps: Stamps) -> None:
        self._catalog, self._stamps = catalog, stamps

    def follow_lexical(self, stamp: Stamp | None, progress: Progress | None = None) -> None:
        """Bring the lexical index up from where its stamp says that it is; without one, build it."""
        newest = self._catalog.mark()
        if stamp is not None and stamp.mark == newest:
            return
        if stamp is not None and broken(self._stamps.folder / stamp.folder, stamp.files) is None:
            try:
                index = LexicalIndex.open(self._stamps.folder / stamp.folder)
                changed = self._catalog.changed_since(stamp.mark)
                self._feed(
                    lambda some: index.apply(some, lexical_documents(self._catalog, some)), changed, "lexical", progress
                )
                self._stamp("lexical", lexical.FORMAT, stamp.folder, newest)
                return
            except IndexUnusable:
                pass  # build it anew
        self.build_lexical(progress)

    def build_lexical(self, progress: Progress | None = None) -> None:
        """Anew, in a fresh folder."""
        folder, newest = self._stamps.fresh_folder("lexical"), self._catalog.mark()
        index = LexicalIndex.open(self._stamps.folder / folder)
        numbers = self._catalog.all_numbers()
        self._feed(lambda some: index.apply([], lexical_documents(self._catalog, some)), numbers, "lexical", progress)
        self._stamp("lexical", lexical.FORMAT, folder, newest)
        self._stamps.drop_other_folders("lexical", folder)

    def lexical_in_memory(self) -> LexicalIndex:
        """The lexical index for where no folder can be had."""
        index = LexicalIndex.open(None)
        numbers = self._catalog.all_numbers()
        self._feed(lambda some: index.apply([], lexical_documents(self._catalog, some)), numbers, "lexical", None)
        return index

    def follow_vectors(self, stamp: Stamp | None, progress: Progress | None = None) -> None:
        """Like the lexical one, but a store is only ever opened when it was closed cleanly."""
        newest = self._catalog.mark()
        if stamp is not None and stamp.clean and stamp.mark == newest:
            return
        if stamp is not None and stamp.clean and broken(self._stamps.folder / stamp.folder, stamp.files) is None:
            try:
                changed = self._catalog.changed_since(stamp.mark)
                self._stamps.write("vectors", replace(stamp, clean=False))
                self._fill_store(self._stamps.folder / stamp.folder, changed, progress, again=True)
                self._stamp("vectors", vectors.FORMAT, stamp.folder, newest)
                return
            except StoreUnusable:
                pass  # build it anew
        self.build_vectors(progress)

    def build_vectors(self, progress: Progress | None = None) -> None:
        """Anew, in a fresh folder."""
        folder, newest = self._stamps.fresh_folder("vectors"), self._catalog.mark()
        try:
            self._fill_store(self._stamps.folder / folder, self._catalog.all_numbers(), progress, again=False)
        except StoreUnusable:
            vectors.discard(self._stamps.folder / folder)
            return  # exact search stands in; the next to write tries again
        self._stamp("vectors", vectors.FORMAT, folder, newest)
        self._stamps.drop_other_folders("vectors", folder)

    def _stamp(self, name: str, form: str, folder: str, mark: Mark) -> None:
        """Say that the index has come so far, and what its files are now."""
        files = seal(self._stamps.folder / folder, vectors.changed_by_reading if name == "vectors" else None)
        self._stamps.write(name, Stamp(form, folder, mark.generation, mark.token.hex(), clean=True, files=files))

    def _fill_store(self, folder: Path, numbers: Sequence[int], progress: Progress | None, *, again: bool) -> None:
        store = VectorStore(folder)
        try:
            self._feed(
                lambda some: store.apply(some if again else [], dense_documents(self._catalog, some)),
                numbers,
                "dense",
                progress,
            )
        finally:
            store.close()

    def _feed(
        self,
        apply: Callable[[Sequence[int]], None],
        numbers: Sequence[int],
        name: str,
        progress: Progress | None,
    ) -> None:
        for first in range(0, len(numbers), STEP):
            apply(numbers[first : first + STEP])
            if progress:
                progress(name, min(first + STEP, len(numbers)), len(numbers))


def lexical_documents(catalog: Catalog, numbers: Sequence[int]) -> Iterator[LexicalDocument]:
    """What the lexical index holds of the articles."""
    for place in catalog.places(numbers):
        text = catalog.present_text(place.number, place.reference.version)
        for stored in catalog.passages_of(place.number):
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


def dense_documents(catalog: Catalog, numbers: Sequence[int]) -> Iterator[DenseDocument]:
    """What the vector index holds of the articles."""
    for place in catalog.places(numbers):
        for number, vector in catalog.vectors_of(place.number):
            yield DenseDocument(number, place.number, place.first_day, place.last_day, place.outlet, vector)


def _outlet_words(reference: Reference) -> str:
    return f"{reference.publisher or ''} {host(reference.url)}".strip()
