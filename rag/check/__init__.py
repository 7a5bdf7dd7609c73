"""Does a quote support this sentence? For prose that is not verbatim: a language model's, a user's draft.

`draft` takes the text apart · `claim` what a sentence and a passage say, read once · `numbers`, `days`, `names`,
`words` the kinds of facts · `facts` what differs between a claim and a quote · `signs` how much that counts ·
`judging` the best quote for one claim. This module puts them together for a whole draft; where passages
come from, it is told.

What is shown as a source is exact (`article.text[start:end] == quote`); that it supports the sentence is a judgement,
by rules that err on the side of doubt and a score that is right most of the time (docs/checking.md has the figures).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.check import draft as drafts
from rag.check.claim import Claim, Quote, Source, Surroundings, lower_case
from rag.check.doubts import Model
from rag.check.draft import Piece
from rag.check.judging import Judged, judge, merged
from rag.check.signs import usable
from rag.check.words import words as words_of
from rag.claims import Checked, CheckedSentence, Differing, Verdict
from rag.errors import UsageError
from rag.query import LONGEST, Vocabulary
from rag.quotes import Lookup
from rag.sentences import sentences
from rag.types import Citation, Hit, Reference, Span, citation
from rag.verify import stands_at

PASSAGES = 8
"""Passages that are looked at for each sentence."""

_PRONOUNS = frozenset("he she it they his her its their this these that those him them the".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Articles:
    """Where passages come from: a corpus, as far as checking needs it."""

    search: Callable[[str], Sequence[Hit]]
    """The passages nearest to a text, best first."""
    text: Callable[[Reference], str]
    """The text of an article."""
    lookup: Callable[[str], Lookup]
    """Where a quotation stands, word for word."""
    vocabulary: Vocabulary
    passages: int
    """How many the corpus holds."""
    pages: Callable[[Reference], Sequence[int]] = lambda _: ()
    """Where the pages of an article's text begin."""


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks drafts against articles."""

    articles: Articles
    model: Model | None = None
    _sources: dict[str, Source] = field(default_factory=dict)
    _read: dict[tuple[str, Span], Surroundings] = field(default_factory=dict)

    def check(self, draft: str) -> Checked:
        """Each sentence of the draft with its source. Raises UsageError for a draft that is empty or too long."""
        began = time.perf_counter()
        if not draft.strip():
            raise UsageError("the draft is empty; give a text with a sentence in it")
        if len(draft) > drafts.LONGEST:
            raise UsageError(
                f"the draft has {len(draft):,} characters; at most {drafts.LONGEST:,} are checked: give a part of it"
            )
        pieces = drafts.pieces(draft)
        small = lower_case([word for piece in pieces for word in words_of(piece.text)])
        book = _Citations(self.articles)
        made: list[CheckedSentence] = []
        before = ""
        for piece in pieces:
            if piece.verdict is None:
                made.append(self._claim(draft, piece, before, small, book))
                before = piece.text
            else:
                made.append(CheckedSentence(piece.start, piece.end, draft[piece.start : piece.end], piece.verdict))
        took = round(1000 * (time.perf_counter() - began), 2)
        return Checked(tuple(made), tuple(book.citations), book.articles, timings_ms={"check": took})

    def _claim(self, draft: str, piece: Piece, before: str, small: frozenset[str], book: _Citations) -> CheckedSentence:
        claim = Claim.read(piece.text, small)
        found = list(self._passages(claim, before))
        judged = judge(claim, [around for _, around in found], self._weight, self.model)
        if judged is None:
            return CheckedSentence(
                piece.start, piece.end, draft[piece.start : piece.end], Verdict.UNSUPPORTED, score=0.0
            )
        reference, _ = found[judged.passage]
        return CheckedSentence(
            start=piece.start,
            end=piece.end,
            text=draft[piece.start : piece.end],
            verdict=Verdict.SUPPORTED if judged.supported else Verdict.UNSUPPORTED,
            citations=tuple(book.numbers(reference, judged.quotes)),
            score=round(judged.score, 4),
            differing=tuple(_differing(draft, piece, judged)),
            # Of several quotes nobody knows here who says which part of the claim.
            said_by=judged.compared.said_by if judged.supported and len(judged.quotes) == 1 else None,
        )

    # -- what a sentence may rest on ---------------------------------------------------------------------------

    def _passages(self, claim: Claim, before: str) -> Iterator[tuple[Reference, Surroundings]]:
        """The passages nearest to the claim, and those that hold what it quotes."""
        seen: set[tuple[str, Span]] = set()
        for reference, span, held in (*self._quoted(claim), *self._near(claim, before)):
            if (reference.id, span) not in seen:
                seen.add((reference.id, span))
                yield reference, self._surroundings(reference, span, held)

    def _near(self, claim: Claim, before: str) -> Iterator[tuple[Reference, Span, tuple[Span, ...]]]:
        """By search; a sentence that begins with "He" brings the one before it along."""
        first = claim.words[0].key if claim.words else ""
        query = f"{before} {claim.text}" if first in _PRONOUNS and before else claim.text
        for hit in self.articles.search(query[:LONGEST]):
            passage = hit.passage
            yield hit.article, Span(passage.start, passage.end), passage.sentences

    def _quoted(self, claim: Claim) -> Iterator[tuple[Reference, Span, tuple[Span, ...]]]:
        """By look-up of its quotations."""
        for span in claim.quotations:
            found = self.articles.lookup(claim.text[span.start : span.end])
            if found.is_verbatim:
                for match in found.matches[:PASSAGES]:
                    text = self.articles.text(match.article)
                    held = tuple(sentences(text, match.context.start, match.context.end))
                    yield match.article, match.context, held

    def _surroundings(self, reference: Reference, span: Span, held: tuple[Span, ...]) -> Surroundings:
        key = (reference.id, span)
        if key not in self._read:
            if reference.id not in self._sources:
                by = [reference.publisher, *reference.authors, reference.agency]
                self._sources[reference.id] = Source(
                    self.articles.text(reference),
                    reference.title or "",
                    reference.published,
                    ", ".join(name for name in by if name),
                )
            self._read[key] = Surroundings.read(self._sources[reference.id], span, held)
        return self._read[key]

    def _weight(self, stem: str) -> float:
        """Inverse document frequency: log(1 + N / (1 + df))."""
        return math.log(1 + self.articles.passages / (1 + self.articles.vocabulary.document_frequency(stem)))


def _differing(draft: str, piece: Piece, judged: Judged) -> Iterator[Differing]:
    for one in merged(judged.faults, piece.text):
        span = piece.in_draft(one.start, one.end)
        yield Differing(span.start, span.end, draft[span.start : span.end], one.reason, one.told, one.decisive)


class _Citations:
    """The quotes of a draft, each once, numbered as they come."""

    def __init__(self, articles: Articles) -> None:
        self._articles = articles
        self.citations: list[Citation] = []
        self.articles: dict[str, Reference] = {}

    def numbers(self, reference: Reference, quotes: Sequence[Quote]) -> Iterator[int]:
        """The numbers of a sentence's quotes, the one that says most of it first."""
        for quote in quotes:
            number = self._number(reference, quote.around.source.text, quote.span)
            if number is not None:
                yield number

    def _number(self, reference: Reference, text: str, quote: Span) -> int | None:
        """The number of a quote; None where it does not stand there, which then is not shown."""
        for known in self.citations:
            if (known.article, known.start, known.end) == (reference.id, quote.start, quote.end):
                return known.number
        words_there = text[quote.start : quote.end]
        if not stands_at(words_there, quote.start, quote.end, text):
            return None
        self.articles[reference.id] = reference
        pages = self._articles.pages(reference)
        self.citations.append(citation(len(self.citations) + 1, reference, quote, text, pages))
        return len(self.citations)


__all__ = ["PASSAGES", "Articles", "Checker", "usable"]
