"""The answer, put together: the fewest good sentences, each with its citation, and never more words than asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from rag.answer.reader import Candidate, Reading
from rag.types import REFUSAL, Answer, Citation, Hit, ProducedBy, Reference, ShortAnswer, Span, Statement, page_at

NEAR_REPEAT = 0.6
"""Share of the shorter sentence's terms that stand in the other; from here on they say the same."""

CONTEXT = 32
"""Code points before and after a quote that a citation carries, so that it can be found in a live page."""


_YES_OR_NO = re.compile(
    r"\s*(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)(?:n[o’']?t)?\b(?!.*\bor\b)",
    re.IGNORECASE,
)


_LEANS = re.compile(r"[\"'“‘(]*(?:He|She|They|It|The (?:latter|former))\b")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, beside the question's words."""

    question: str
    words: int
    produced_by: ProducedBy
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Short:
    """The few words that answer."""

    citation: int
    article: str
    span: Span

    def made(self, texts: Mapping[str, str]) -> ShortAnswer:
        """As an answer carries it."""
        start, end = self.span.start, self.span.end
        return ShortAnswer(texts[self.article][start:end], self.citation, start, end)


def choose(reading: Reading, hits: Sequence[Hit], words: int, terms: Callable[[str], list[str]]) -> list[Candidate]:
    """The best candidates that fit into `words` together, without near-repeats, in reading order.

    The best one is always taken, however long; where it opens with a word that stands for something before it ("He",
    "The latter"), so is the sentence before it, if there is room. Sentences of one article stand in its own order;
    articles in the order of their best sentence.
    """
    kept: list[Candidate] = []
    room = words
    for candidate in reading.candidates:
        length = len(candidate.text.split())
        if not kept:
            kept, room = [candidate], words - length
            before = _leant_on(candidate, hits)
            if before is not None and len(before.text.split()) <= room:
                kept.append(before)
                room -= len(before.text.split())
        elif candidate.score < reading.worth * kept[0].score:
            break
        elif length <= room and not _repeats(candidate, kept, terms):
            kept.append(candidate)
            room -= length
    first_seen = {hits[one.hit].article.id: place for place, one in reversed(list(enumerate(kept)))}
    return sorted(kept, key=lambda one: (first_seen[hits[one.hit].article.id], one.span))


def _leant_on(candidate: Candidate, hits: Sequence[Hit]) -> Candidate | None:
    """The sentence that tells whom or what the candidate speaks of, where it does not say so itself."""
    if not _LEANS.match(candidate.text):
        return None
    hit = hits[candidate.hit]
    place = hit.passage.sentences.index(candidate.span)
    if place == 0:
        return None
    span = hit.passage.sentences[place - 1]
    return replace(candidate, span=span, text=hit.text[span.start - hit.passage.start : span.end - hit.passage.start])


def _repeats(candidate: Candidate, kept: Sequence[Candidate], terms: Callable[[str], list[str]]) -> bool:
    mine = set(terms(candidate.text))
    for other in kept:
        theirs = set(terms(other.text))
        if len(mine & theirs) >= NEAR_REPEAT * max(1, min(len(mine), len(theirs))):
            return True
    return False


def short_answer(reading: Reading, chosen: Sequence[Candidate], hits: Sequence[Hit], question: str) -> Short | None:
    """The words that answer: those of the best candidate, but for a question that is answered by yes or no."""
    best = reading.candidates[0]
    if best.short is None or _YES_OR_NO.match(question):
        return None
    return Short(chosen.index(best) + 1, hits[best.hit].article.id, best.short)


def answer(
    request: Request,
    chosen: Sequence[Candidate],
    hits: Sequence[Hit],
    texts: Mapping[str, str],
    confidence: float | None,
    pages: Mapping[str, Sequence[int]] = MappingProxyType({}),
    short: Short | None = None,
) -> Answer:
    """The answer made of the chosen sentences.

    By article id, `texts` holds the cited articles' texts, `pages` where the pages of those that have any begin.
    """
    citations = tuple(
        _citation(number, article, one, texts[article.id], pages.get(article.id, ()))
        for number, one in enumerate(chosen, 1)
        for article in [hits[one.hit].article]
    )
    statements = tuple(Statement(" ".join(one.quote.split()), (one.number,)) for one in citations)
    return Answer(
        question=request.question,
        answered=True,
        text=" ".join(f"{one.text} [{one.citations[0]}]" for one in statements),
        statements=statements,
        citations=citations,
        passages=tuple(hits),
        articles=_articles(hits),
        produced_by=request.produced_by,
        confidence=confidence,
        short_answer=None if short is None else short.made(texts),
        id=request.id,
    )


def refusal(request: Request, hits: Sequence[Hit], unknown_words: Sequence[str], confidence: float | None) -> Answer:
    """No answer, and what came nearest."""
    return Answer(
        question=request.question,
        answered=False,
        text=REFUSAL,
        statements=(),
        citations=(),
        passages=tuple(hits),
        articles=_articles(hits),
        produced_by=request.produced_by,
        confidence=confidence,
        unknown_words=tuple(unknown_words),
        id=request.id,
    )


def _citation(number: int, article: Reference, candidate: Candidate, text: str, pages: Sequence[int]) -> Citation:
    start, end = candidate.span.start, candidate.span.end
    return Citation(
        number=number,
        article=article.id,
        version=article.version,
        start=start,
        end=end,
        quote=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        page=page_at(pages, start),
    )


def _articles(hits: Sequence[Hit]) -> dict[str, Reference]:
    return {hit.article.id: hit.article for hit in hits}
