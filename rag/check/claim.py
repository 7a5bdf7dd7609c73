"""A claim, and what it may rest on, each read once: their words, numbers, days, names, and who speaks.

Pure. A claim is one sentence; what it may rest on is a quote in a passage of an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag import speakers
from rag.alignment import Word
from rag.check import days, numbers, words
from rag.check.days import Moment
from rag.check.names import Named
from rag.check.numbers import Number
from rag.check.words import Denial
from rag.folding import folded
from rag.quotes import Speaker
from rag.types import Span

_QUOTATION = re.compile(r"“(?P<curly>[^“”]+)”|\"(?P<straight>[^\"]+)\"|«(?P<angled>[^«»]+)»")

QUOTED_WORDS = 3
"""Words in quotation marks from which on they have to be the article's; fewer may be there for irony."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that is held against articles."""

    text: str
    words: tuple[Word, ...]
    stems: frozenset[str]
    """Of the words that carry meaning, but for numbers and dates."""
    numbers: tuple[Number, ...]
    """Without those of dates, and without "one"."""
    moments: tuple[Moment, ...]
    denials: tuple[Denial, ...]
    quotations: tuple[Span, ...]
    """What stands in quotation marks and has to be an article's words."""
    speaker: Speaker | None
    """Whom the claim names as saying it."""
    small: frozenset[str]
    """Words that the draft writes in lower case."""

    @classmethod
    def read(cls, text: str, small: frozenset[str] = frozenset()) -> Claim:
        """`small`: words that the rest of the draft writes in lower case."""
        found = words.words(text)
        moments = days.moments(text)
        spans = [Span(one.start, one.end) for one in moments]
        counted = numbers.outside(numbers.numbers(text), spans)
        told = [*spans, *(Span(one.start, one.end) for one in counted)]
        others = [word for word in found if not any(one.start < word.end and word.start < one.end for one in told)]
        said = speakers.speaker(text, 0, len(text)) if text else None
        return cls(
            text=text,
            words=tuple(found),
            stems=frozenset(words.stems(others)),
            numbers=tuple(one for one in counted if not one.is_pronoun),
            moments=tuple(moments),
            denials=tuple(words.denials(text, found)),
            quotations=tuple(quotations(text)),
            speaker=None if said is None or said.resolved else said,
            small=small | lower_case(found),
        )


def quotations(text: str) -> list[Span]:
    """What stands in quotation marks, without the marks, where it has words enough to be quoted."""
    found = []
    for match in _QUOTATION.finditer(text):
        start, end = match.span(match.lastgroup or 0)
        if len(text[start:end].split()) >= QUOTED_WORDS:
            found.append(Span(start, end))
    return found


def lower_case(found: Sequence[Word]) -> frozenset[str]:
    """The words that are written in lower case."""
    return frozenset(word.key for word in found if word.text[0].islower())


@dataclass(frozen=True, slots=True)
class Source:
    """An article that may support claims."""

    text: str
    title: str = ""
    published: str | None = None
    """ISO 8601."""
    by: str = ""
    """Outlet, authors, agency: a claim may name them as saying what the article says."""
    _kept: dict[str, object] = field(default_factory=dict, compare=False)

    @property
    def named(self) -> Named:
        """All that the article names, anywhere in it."""
        if "named" not in self._kept:
            self._kept["named"] = Named.of([*words.words(self.title), *words.words(self.by), *words.words(self.text)])
        found = self._kept["named"]
        assert isinstance(found, Named)
        return found

    def speaker(self, span: Span) -> Speaker | None:
        """Who says what stands there."""
        key = f"{span.start}-{span.end}"
        if key not in self._kept:
            self._kept[key] = speakers.speaker(self.text, span.start, span.end)
        found = self._kept[key]
        assert found is None or isinstance(found, Speaker)
        return found


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A passage of a source; offsets count code points of the article's text."""

    source: Source
    span: Span
    sentences: tuple[Span, ...]
    words: tuple[Word, ...]
    stems: frozenset[str]
    numbers: tuple[Number, ...]
    moments: tuple[Moment, ...]
    named: Named
    """What passage, title and byline name."""
    small: frozenset[str]
    folded: str

    @classmethod
    def read(cls, source: Source, span: Span, sentences: Sequence[Span]) -> Surroundings:
        """`sentences`: those of the passage, in order."""
        found = words.words(source.text, span.start, span.end)
        head = [*words.words(source.title), *words.words(source.by)]
        return cls(
            source=source,
            span=span,
            sentences=tuple(sentences),
            words=tuple(found),
            stems=frozenset(words.stems([*found, *words.words(source.title)])),
            numbers=tuple(numbers.numbers(source.text, span.start, span.end)),
            moments=tuple(days.moments(source.text, span.start, span.end)),
            named=Named.of([*head, *found]),
            small=lower_case(found),
            folded=folded(source.text[span.start : span.end], case=True).text,
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage, or two neighbours."""

    around: Surroundings
    span: Span
    words: tuple[Word, ...]
    stems: frozenset[str]

    @classmethod
    def read(cls, around: Surroundings, span: Span) -> Quote:
        found = tuple(word for word in around.words if span.start <= word.start and word.end <= span.end)
        return cls(around, span, found, frozenset(words.stems(found)))

    @property
    def is_pair(self) -> bool:
        """Whether it is two sentences."""
        return self.span not in self.around.sentences

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.around.source.text[self.span.start : self.span.end]

    @property
    def numbers(self) -> list[Number]:
        return [one for one in self.around.numbers if self.span.start <= one.start and one.end <= self.span.end]

    @property
    def moments(self) -> list[Moment]:
        return [one for one in self.around.moments if self.span.start <= one.start and one.end <= self.span.end]

    @property
    def denials(self) -> list[Denial]:
        return words.denials(self.around.source.text, self.words)

    @property
    def speaker(self) -> Speaker | None:
        """Who says it: of its first sentence that somebody says."""
        inside = [one for one in self.around.sentences if self.span.start <= one.start and one.end <= self.span.end]
        return next((said for one in inside if (said := self.around.source.speaker(one)) is not None), None)
