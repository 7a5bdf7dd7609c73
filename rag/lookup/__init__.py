"""Where a quote comes from: exact, nearly exact, closest, or nowhere.

The lexical index names articles that may hold the words; whether they do, their texts alone say. What stands outside
every passage (captions, headings) is kept folded in memory once somebody looks something up. Only what is in neither
way excluded is looked for by reading all articles, for a bounded time.

`wanted` the text · `candidates` which articles · `outside` what no index has · `shelf` their texts, read once ·
`verbatim` word for word · `closest` the closest words · `matches` what is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.catalog import Catalog
from rag.indexes import Indexes
from rag.lookup.candidates import MOST_ARTICLES, Candidates, Near
from rag.lookup.closest import closest
from rag.lookup.matches import told
from rag.lookup.shelf import Shelf
from rag.lookup.verbatim import verbatim
from rag.lookup.wanted import Wanted
from rag.quotes import Lookup
from rag.scope import Scope
from rag.vectors import Vector

MOST = 20
"""Places that are shown; all are counted."""


class Finder:
    """Looks up quotes in one corpus; several threads may use one."""

    def __init__(self, catalog: Catalog, indexes: Indexes) -> None:
        self._catalog, self._candidates = catalog, Candidates(catalog, indexes)

    def find(self, text: str, scope: Scope, vector: Callable[[], Vector | None], *, most: int = MOST) -> Lookup:
        """Where the text comes from. `vector` makes its vector where its words are not enough.

        Raises UsageError for a text that is empty or longer than `LONGEST`. To be called inside a snapshot.
        """
        wanted, shelf = Wanted.read(text), Shelf(self._catalog)
        may, complete = self._exactly(wanted, shelf, scope)
        found = verbatim(wanted, shelf, may)
        near: list[Near] = []
        if not found.places:
            near = self._candidates.alike(wanted, scope)
            found = verbatim(wanted, shelf, shelf.take(one.number for one in near))
        if not found.places and (wanted.is_short or not complete):
            numbers, complete = self._candidates.read(wanted, scope)
            found = verbatim(wanted, shelf, shelf.take(numbers[:MOST_ARTICLES]))
            complete = complete and len(numbers) <= MOST_ARTICLES
        if found.places:
            return told(wanted, shelf, found, complete, most)
        nearest = closest(wanted, shelf, near, complete, most)
        return nearest if nearest.matches else self._by_meaning(wanted, shelf, near, scope, vector(), nearest, most)

    def _by_meaning(
        self,
        wanted: Wanted,
        shelf: Shelf,
        near: Sequence[Near],
        scope: Scope,
        vector: Vector | None,
        nearest: Lookup,
        most: int,
    ) -> Lookup:
        """The closest words among passages of like meaning, too. Last, for the model takes seconds to load."""
        further = [] if vector is None else self._candidates.of_like_meaning(vector, scope)
        if not further:
            return nearest
        shelf.take(one.number for one in further)
        return closest(wanted, shelf, [*near, *further], nearest.complete, most)

    def _exactly(self, wanted: Wanted, shelf: Shelf, scope: Scope) -> tuple[list[int], bool]:
        """The articles that hold the very words, and whether they are all of them.

        Where none does: those that were read, and whether they are all that may hold them in another form.
        """
        read: list[int] = []
        sure = True
        ask = self._candidates
        for look in (ask.named, ask.named_if_cut, ask.near):
            numbers, complete = look(wanted, scope)
            taken = shelf.take(numbers[:MOST_ARTICLES])
            exact = [number for number in taken if wanted.text in shelf.texts[number]]
            if exact:
                return exact, complete and len(numbers) <= MOST_ARTICLES
            sure = sure and (look == ask.near or (complete and len(numbers) <= MOST_ARTICLES))
            read += taken
        return list(dict.fromkeys(read))[:MOST_ARTICLES], sure
