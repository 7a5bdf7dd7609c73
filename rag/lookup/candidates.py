"""Which articles may hold the words that are looked up: what the indexes name, and what stands outside passages.

Whether they do, their texts alone say.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.alignment import words
from rag.catalog import Catalog
from rag.indexes import Indexes
from rag.lexical import IndexUnusable, LexicalIndex, terms
from rag.lookup.outside import Outside
from rag.lookup.shelf import batches
from rag.lookup.wanted import LONGEST, Wanted
from rag.scope import Scope
from rag.types import Span
from rag.vectors import Vector

MOST_ARTICLES = 200
"""Articles that are read because they may hold the words."""
MOST_HAVING = 8_000
"""Passages. A word in more of them says too little to be worth asking where."""
TELLING = 8
"""Words of the text, the rarest, that name the articles."""
ENOUGH = 4
"""Articles. So few are read sooner than further words are asked about."""
ALIKE = 40
"""Passages of each engine among which the closest words are looked for."""
SCAN_SECONDS = 3.0
"""For reading articles one by one, where the indexes cannot tell."""


@dataclass(frozen=True, slots=True)
class Near:
    """An article, and a stretch of it in which closest words may stand; offsets in its text."""

    number: int
    span: Span


class Candidates:
    """Names the articles of one corpus; several threads may use one."""

    def __init__(self, catalog: Catalog, indexes: Indexes) -> None:
        self._catalog, self._indexes = catalog, indexes
        self._outside = Outside(catalog)

    def named(self, wanted: Wanted, scope: Scope) -> tuple[list[int], bool]:
        """The articles that may hold the words, and whether no other can.

        In an article with all the words the rarest of them stand in one passage or in neighbours, or else a half of
        the words stands outside passages.
        """
        return self._naming(wanted, wanted.chunks, scope)

    def named_if_cut(self, wanted: Wanted, scope: Scope) -> tuple[list[int], bool]:
        """The same, if the first and the last word may be cut."""
        inner = wanted.chunks[1:-1]
        return self._naming(wanted, inner, scope) if inner else ([], True)

    def near(self, wanted: Wanted, scope: Scope) -> tuple[list[int], bool]:
        """The articles with passages that hold many of the words: a caption may be among the words."""
        return list(dict.fromkeys(one.number for one in self._near_passages(wanted, scope))), False

    def alike(self, wanted: Wanted, scope: Scope) -> list[Near]:
        """Passages with many of the words, and articles with many of them outside passages."""
        outside = [number for number in self._outside.alike(wanted.text) if self._counts(number, scope)]
        return [*self._near_passages(wanted, scope), *(Near(number, Span(0, LONGEST)) for number in outside)]

    def of_like_meaning(self, vector: Vector, scope: Scope) -> list[Near]:
        """The passages nearest in meaning."""
        hits = self._indexes.search_dense(vector, ALIKE // 2, scope)
        stored = self._catalog.passages(hit.number for hit in hits)
        return [Near(one.article, Span(one.passage.start, one.passage.end)) for one in stored.values()]

    def read(self, wanted: Wanted, scope: Scope) -> tuple[list[int], bool]:
        """The articles with one of the words, by reading all of them; the second is whether there was time for all."""
        until = time.monotonic() + SCAN_SECONDS
        given = [word.text.lower() for word in words(wanted.text)]
        telling = sorted([word for word in given if word.isascii()] or given, key=len)[-3:]
        may: list[int] = []
        done = True
        for some in batches(self._catalog.all_numbers()):
            done = time.monotonic() < until and len(may) <= MOST_ARTICLES
            if not done:
                break
            for number, reference in self._catalog.references(some):
                text = (self._catalog.text(number, reference.version) or "").lower()
                if not telling or any(word in text for word in telling):
                    may.append(number)
        return [number for number in may if self._counts(number, scope)], done

    def _naming(self, wanted: Wanted, chunks: Sequence[str], scope: Scope) -> tuple[list[int], bool]:
        reach = 2 + len(wanted.text) // 300
        try:
            index = self._indexes.lexical()
            found = _neighbours(index, _rarest(chunks, index), scope, reach)
        except IndexUnusable:
            return [], False  # looking for passages with many of the words builds it anew
        middle = (len(chunks) + 1) // 2
        halves = [" ".join(half) for half in (chunks[:middle], chunks[middle:]) if half]
        outside = [number for number in self._outside.holding(halves) if self._counts(number, scope)]
        return list(dict.fromkeys([*(found or ()), *outside])), found is not None and self._outside.is_known

    def _near_passages(self, wanted: Wanted, scope: Scope) -> list[Near]:
        """Passages with many of the words, the best first."""
        hits = self._indexes.search_lexical(list(dict.fromkeys(terms(wanted.text))), ALIKE, scope)
        stored = self._catalog.passages(hit.number for hit in hits)
        near = [stored[hit.number] for hit in hits if hit.number in stored]
        return [Near(one.article, Span(one.passage.start, one.passage.end)) for one in near]

    def _counts(self, number: int, scope: Scope) -> bool:
        if scope.everything:
            return True
        named = scope.articles is None or number in scope.articles
        return named and self._catalog.articles_in(replace(scope, articles=(number,))) > 0


def _rarest(chunks: Sequence[str], index: LexicalIndex) -> list[str]:
    """The terms of the words that tell articles apart best, the rarest first."""
    found = dict.fromkeys(term for chunk in chunks for term in terms(chunk))
    return sorted(found, key=index.document_frequency)[:TELLING]


def _neighbours(index: LexicalIndex, rarest: Sequence[str], scope: Scope, reach: int) -> list[int] | None:
    """The articles in which each of the terms stands within `reach` passages of the first; None: too common to tell.

    An article's passages are numbered one after the other.
    """
    first = index.passages_with(rarest[0], scope, MOST_HAVING) if rarest else None
    if first is None:
        return None
    near = np.array(sorted(first), dtype=np.int64)
    for term in rarest[1:]:
        having = index.passages_with(term, scope, MOST_HAVING) if len(near) > ENOUGH else None
        if having is None:
            break
        others = np.array([*sorted(having), np.iinfo(np.int64).max], dtype=np.int64)
        near = near[others[np.searchsorted(others, near - reach)] <= near + reach]
    return list(dict.fromkeys(first[int(number)] for number in near))
