"""Where articles hold the very words, or the words but for marks or case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from rag.folding import folded, is_whole
from rag.lookup.shelf import Shelf
from rag.lookup.wanted import Wanted
from rag.quotes import Level
from rag.types import Span

MOST_IN_ONE = 1000
"""Places that are counted in one article."""

VERBATIM = (Level.EXACT, Level.MARKS, Level.CASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article holds the words: one span for each part."""

    number: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """All places at the first level at which there are any."""

    level: Level
    places: tuple[Place, ...] = ()


def verbatim(wanted: Wanted, shelf: Shelf, numbers: Sequence[int]) -> Found:
    """The first level at which an article holds the words, and all the places at that level.

    Places inside of words count only where there are no others.
    """
    for parts in wanted.whole_and_parts:
        for level in VERBATIM:
            places = [
                Place(number, spans)
                for number in numbers
                for spans in islice(_chains([_spans(level, part, shelf, number) for part in parts]), MOST_IN_ONE)
            ]
            whole = [one for one in places if all(is_whole(shelf.texts[one.number], span) for span in one.spans)]
            if places:
                return Found(level, tuple(whole or places))
    return Found(Level.NOWHERE)


def _spans(level: Level, part: str, shelf: Shelf, number: int) -> list[Span]:
    if level is Level.EXACT:
        return list(islice(_exact(part, shelf.texts[number]), MOST_IN_ONE))
    case = level is Level.CASE
    for one in _forms(part, case):
        found = list(islice(shelf.folded(number, case).find(one), MOST_IN_ONE))
        if found:
            return found
    return []


@lru_cache(maxsize=64)
def _forms(part: str, case: bool) -> tuple[str, ...]:
    """The part, folded: as it is, without quotation marks around it, without the last full stop or comma in them."""
    form = folded(part, case=case).text
    return tuple(dict.fromkeys((form, form.strip("'"), form.strip("'.,"))))


def _exact(part: str, text: str) -> Iterator[Span]:
    at = text.find(part)
    while at >= 0:
        yield Span(at, at + len(part))
        at = text.find(part, at + len(part))


def _chains(found: Sequence[Sequence[Span]]) -> Iterator[tuple[Span, ...]]:
    """One span of each part, in order; of those that begin with another first part and end alike, the shortest."""
    chains: dict[Span, tuple[Span, ...]] = {}
    for first in found[0]:
        chain: tuple[Span, ...] = (first,)
        for part in found[1:]:
            after = next((span for span in part if span.start >= chain[-1].end), None)
            if after is None:
                break
            chain = (*chain, after)
        if len(chain) == len(found):
            chains[chain[-1] if len(chain) > 1 else first] = chain
    yield from chains.values()
