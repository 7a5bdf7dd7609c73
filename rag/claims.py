"""The nouns of the claim check: what is said of each sentence of a draft. Frozen, slotted, standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rag.quotes import Speaker
from rag.types import Citation, Reference


class Verdict(StrEnum):
    """What a sentence of a draft is, and, where it claims something, whether the articles bear it out."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    HEADING = "heading"
    QUESTION = "question"
    NO_CLAIM = "no claim"
    """A list of sources, code, a greeting: nothing that an article could bear out."""

    @property
    def is_claim(self) -> bool:
        """Whether it was held against the articles."""
        return self in {Verdict.SUPPORTED, Verdict.UNSUPPORTED}


class Reason(StrEnum):
    """Why words of a claim differ from what is cited."""

    NUMBER = "number"
    NAME = "name"
    DATE = "date"
    NEGATION = "negation"
    OPPOSITE = "opposite"
    """The quote has a word of the opposite meaning: rose, fell."""
    SPEAKER = "speaker"
    QUOTATION = "quotation"
    """In quotation marks, and not the article's words."""
    DOUBT = "doubt"
    """The trained model doubts these words, or no article has them."""


@dataclass(frozen=True, slots=True)
class Differing:
    """Words of the draft that differ from what is cited: `[start:end]` of the draft."""

    start: int
    end: int
    text: str
    reason: Reason
    told: str
    """In a few words: "not in the quote", "the quote has 5,200", "said by Muhammadi"."""
    decisive: bool = True
    """Whether the sentence is unsupported because of it; else it is told for the reader to weigh."""


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """One sentence of a draft, `[start:end]` of it, with its markup."""

    start: int
    end: int
    text: str
    verdict: Verdict
    citations: tuple[int, ...] = ()
    """The numbers of the quotes that support it, the one that says most of it first; of an unsupported one, of the
    nearest. None where the articles have nothing like it."""
    score: float | None = None
    """How likely the quote supports it, 0 to 1; None for what claims nothing."""
    differing: tuple[Differing, ...] = ()
    said_by: Speaker | None = None
    """The article only says that this one said so, and the sentence says it outright."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft, sentence by sentence."""

    sentences: tuple[CheckedSentence, ...]
    citations: tuple[Citation, ...]
    """Numbered in reading order; one for each quote, however many sentences it supports."""
    articles: Mapping[str, Reference]
    """Article id to article, for every article that a citation names."""
    notes: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every claim is supported."""
        return all(one.verdict is not Verdict.UNSUPPORTED for one in self.sentences)

    def count(self, verdict: Verdict) -> int:
        """How many sentences have this verdict."""
        return sum(one.verdict is verdict for one in self.sentences)
