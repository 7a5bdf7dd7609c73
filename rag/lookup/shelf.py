"""The articles that one look-up reads: each taken from the catalog once, and folded once.

Knows nothing of what is looked for in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.catalog import Catalog
from rag.folding import Folded, folded
from rag.types import Reference


@dataclass(slots=True)
class Shelf:
    """The articles that one look-up has taken down, each read and folded once."""

    catalog: Catalog
    references: dict[int, Reference] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    _folded: dict[tuple[int, bool], Folded] = field(default_factory=dict)

    def take(self, numbers: Iterable[int]) -> list[int]:
        """Read these; gives those that are there, each once."""
        asked = list(dict.fromkeys(numbers))
        for number, reference in self.catalog.references([one for one in asked if one not in self.texts]):
            text = self.catalog.text(number, reference.version)
            if text is not None:
                self.references[number], self.texts[number] = reference, text
        return [number for number in asked if number in self.texts]

    def folded(self, number: int, case: bool) -> Folded:
        """The article's text, folded."""
        if (number, case) not in self._folded:
            self._folded[number, case] = folded(self.texts[number], case=case)
        return self._folded[number, case]

    def pages(self, number: int) -> tuple[int, ...]:
        """Where the pages of the article's text begin."""
        return self.catalog.present_pages(number, self.references[number].version)


def batches(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """The articles, so many at a time as are read in one go."""
    for first in range(0, len(numbers), size):
        yield numbers[first : first + size]
