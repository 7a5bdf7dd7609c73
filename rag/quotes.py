"""The nouns of look-up: what is said of where a quote comes from. Frozen, slotted, standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rag.types import Citation, Reference, Span


class Level(StrEnum):
    """How well the words were found; the first of these that holds."""

    EXACT = "exact"
    """`article.text[start:end] == text`, code point by code point."""
    MARKS = "marks"
    """But for white space, quotation marks, dashes, and forms of one character (ligatures, soft hyphens, …)."""
    CASE = "case"
    """The same, but for letter case too."""
    CLOSEST = "closest"
    """Other words stand there; `differences` says which."""
    NOWHERE = "nowhere"


class Kind(StrEnum):
    """What was done to the article's words to make the text that was looked up."""

    CHANGED = "changed"
    ADDED = "added"
    """In the text that was looked up, not in the article."""
    LEFT_OUT = "left out"
    """In the article, not in the text that was looked up."""


class Sort(StrEnum):
    """What kind of word differs, the gravest first."""

    NUMBER = "number"
    NEGATION = "negation"
    NAME = "name"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Difference:
    """One run of words that differ. Offsets count code points; a span is empty where there are no words."""

    kind: Kind
    sort: Sort
    given: str
    """`text[given_start:given_end]` of the text that was looked up."""
    given_start: int
    given_end: int
    found: str
    """`[start:end]` of the article's text."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: `name` is `[start:end]` of the article's text."""

    name: str
    start: int
    end: int
    resolved: bool = False
    """The article says "he" (or the like) there; this is the one whom it means."""


@dataclass(frozen=True, slots=True)
class Match:
    """One place where the words stand, or nearly."""

    article: Reference
    citations: tuple[Citation, ...]
    """One; for a text with "…" in the middle one for each part, in order."""
    context: Span
    """The sentences that hold it, in the article's text."""
    context_text: str
    similarity: float = 1.0
    """Of the alignment's columns (words equal, changed, added, left out), the share that are equal; 1 above
    `Level.CLOSEST`."""
    differences: tuple[Difference, ...] = ()
    but_for: tuple[str, ...] = ()
    """At the levels marks and case: in what the texts differ, in words."""
    speaker: Speaker | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where a text comes from."""

    text: str
    level: Level
    matches: tuple[Match, ...]
    """The first of them, by date of the article and place; at most as many as were asked for."""
    occurrences: int
    """How many places there are in all, shown or not."""
    articles: int
    """How many articles hold them."""
    complete: bool
    """Whether the two counts are all; else they are at least so many."""
    similarity: float
    """The best that was found, whether or not it was good enough."""
    notes: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    id: str | None = None
    """Repeats the text's own id in batch mode."""

    @property
    def is_verbatim(self) -> bool:
        """Whether the very words were found."""
        return self.level not in {Level.CLOSEST, Level.NOWHERE}
