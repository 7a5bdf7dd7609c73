"""Does an index hold what the catalog holds? Each function gives one line for every way in which it does not.

An index that is not there, or of another format or history, is no fault: it is made anew when it is wanted. What
changed since an index last followed is left out of the comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from rag import lexical, vectors
from rag.catalog import Catalog
from rag.lexical import IndexUnusable, LexicalIndex
from rag.seals import broken
from rag.stamps import Stamp, Stamps
from rag.vectors import StoreUnusable, VectorStore, unpack

CLOSE = 1e-3
"""The most by which a number of a vector may differ: the catalog's have half precision."""


def lexical_faults(catalog: Catalog, stamps: Stamps) -> Iterator[str]:
    """What is wrong with the lexical index."""
    stamp = stamps.usable("lexical", lexical.FORMAT)
    if stamp is None:
        return
    file = broken(stamps.folder / stamp.folder, stamp.files)
    if file is not None:
        yield f"the lexical index is damaged: {file} is not what was written"
        return
    try:
        held = LexicalIndex.open(stamps.folder / stamp.folder).held()
    except IndexUnusable as error:
        yield f"the lexical index cannot be read: {error}"
        return
    yield from _differences("lexical", held, catalog, stamp)


def vector_faults(catalog: Catalog, stamps: Stamps) -> Iterator[str]:
    """What is wrong with Chroma's store. One that is being replaced (not clean) is no fault: it is never opened."""
    stamp = stamps.usable("vectors", vectors.FORMAT)
    if stamp is None or not stamp.clean:
        return
    file = broken(stamps.folder / stamp.folder, stamp.files)
    if file is not None:
        yield f"the vector index is damaged: {file} is not what was written"
        return
    try:
        store = VectorStore(stamps.folder / stamp.folder)
        try:
            yield from _vector_differences(store, catalog, stamp)
        finally:
            store.close()
    except StoreUnusable as error:
        yield f"the vector index cannot be read: {error}"


def _vector_differences(store: VectorStore, catalog: Catalog, stamp: Stamp) -> Iterator[str]:
    held: list[tuple[int, int]] = []
    wrong = 0
    stale = set(catalog.changed_since(stamp.mark))
    for batch in store.held():
        held.extend((number, article) for number, article, _ in batch)
        ours = catalog.vectors_at([number for number, _, _ in batch])
        for number, article, vector in batch:
            if number in ours and article not in stale:
                mine = unpack([ours[number]])[0]
                wrong += mine.shape != vector.shape or bool(np.abs(mine - vector).max() > CLOSE)
    if wrong:
        yield f"the vector index has other vectors than the corpus: {wrong:,}"
    embedded = catalog.embedded_articles()
    yield from _differences("vector", held, catalog, stamp, only=embedded)


def _differences(
    name: str, held: Iterable[tuple[int, int]], catalog: Catalog, stamp: Stamp, only: set[int] | None = None
) -> Iterator[str]:
    stale = set(catalog.changed_since(stamp.mark))
    found = [(number, article) for number, article in held if article not in stale]
    due = {
        (number, article)
        for number, article in catalog.passage_articles().items()
        if article not in stale and (only is None or article in only)
    }
    lacks, more, twice = len(due - set(found)), len(set(found) - due), len(found) - len(set(found))
    for count, what in ((lacks, "lacks passages"), (more, "has passages too many"), (twice, "has passages twice")):
        if count:
            yield f"the {name} index {what}: {count:,}"
