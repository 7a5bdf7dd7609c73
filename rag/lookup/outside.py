"""What stands outside every passage (captions, headings): kept folded in memory, for no index has it.

Read once somebody looks something up; then it follows the catalog's changes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from threading import Lock

from rag.alignment import words
from rag.catalog import Catalog, Mark
from rag.folding import folded
from rag.lookup.shelf import batches

MOST_OUTSIDE = 20_000
"""Articles. In a larger corpus what stands outside passages is not kept in memory."""


class Outside:
    """What stands outside passages, by article. Several threads may use one."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._guard = catalog, Lock()
        self._mark: Mark | None = None
        self._by_article: dict[int, str] = {}
        self._joined, self._ends, self._numbers = "", list[int](), list[int]()

    @property
    def is_known(self) -> bool:
        """Whether what stands outside passages is here, as of now."""
        with self._guard:
            return self._is_here()

    def holding(self, runs: Sequence[str]) -> list[int]:
        """The articles that hold one of the runs of words outside passages; none where that is not known."""
        with self._guard:
            here = self._is_here()
            return [number for run in runs for number in self._find(folded(run, case=True).text)] if here else []

    def alike(self, text: str, most: int = 5) -> list[int]:
        """The articles that hold half of the longer words, or more, outside passages; most of them first."""
        telling = {folded(word.text, case=True).text for word in words(text) if len(word.text) > 3}
        with self._guard:
            if not telling or not self._is_here():
                return []
            counts = {
                number: sum(word in held for word in telling) for number, held in self._by_article.items() if held
            }
        best = sorted(counts, key=lambda number: -counts[number])[:most]
        return [number for number in best if 2 * counts[number] >= len(telling)]

    def _find(self, run: str) -> Iterator[int]:
        at = self._joined.find(run) if run else -1
        while at >= 0:
            place = bisect_right(self._ends, at)
            yield self._numbers[place]
            at = self._joined.find(run, self._ends[place])

    def _is_here(self) -> bool:
        """Bring it up to the catalog; whether that can be done."""
        newest = self._catalog.mark()
        if newest == self._mark:
            return True
        known = self._mark is not None and self._catalog.holds(self._mark)
        numbers = self._catalog.changed_since(self._mark) if known and self._mark else self._catalog.all_numbers()
        if len(numbers) > MOST_OUTSIDE or len(self._by_article) > MOST_OUTSIDE:
            return False
        if not known:
            self._by_article.clear()
        self._read(numbers)
        self._mark = newest
        return True

    def _read(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._by_article.pop(number, None)
        for some in batches(numbers):
            for number, reference in self._catalog.references(some):
                skipped = self._catalog.skipped(number, reference.version)
                text = (self._catalog.text(number, reference.version) or "") if skipped else ""
                held = "\n".join(text[span.start : span.end] for span in skipped)
                self._by_article[number] = folded(held, case=True).text
        self._numbers = list(self._by_article)
        self._joined = "\0".join(self._by_article.values())
        self._ends = list(accumulate(len(held) + 1 for held in self._by_article.values()))
