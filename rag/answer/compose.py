"""The answer, put together: the fewest good sentences, each with its citation, and never more words than asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rag.answer.choose import Chosen
from rag.answer.form import ONE_THING, Form
from rag.types import (
    REFUSAL,
    Answer,
    Citation,
    Coverage,
    Hit,
    ProducedBy,
    Reference,
    ShortAnswer,
    Span,
    Statement,
    citation,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, beside the question's words."""

    question: str
    words: int
    produced_by: ProducedBy
    id: str | None = None
    form: Form = ONE_THING


def answer(
    request: Request,
    chosen: Sequence[Chosen],
    hits: Sequence[Hit],
    texts: Mapping[str, str],
    confidence: float | None,
    pages: Mapping[str, Sequence[int]] = MappingProxyType({}),
) -> Answer:
    """The answer made of the chosen sentences, the best one first; its short answer is the best one's.

    Sentences of one article stand in its own order, articles in the order of their best sentence. By article id,
    `texts` holds the cited articles' texts, `pages` where the pages of those that have any begin.
    """
    ordered = _in_reading_order(chosen, hits)
    articles = [hits[one.candidate.hit].article for one in ordered]
    citations = tuple(
        citation(number, article, one.quote, texts[article.id], pages.get(article.id, ()))
        for number, (one, article) in enumerate(zip(ordered, articles, strict=True), 1)
    )
    shorts = [
        None if one.short is None else _short_answer(cited, one.short)
        for one, cited in zip(ordered, citations, strict=True)
    ]
    is_list = request.form.several and sum(short is not None for short in shorts) > 1
    statements = tuple(
        Statement(" ".join(cited.quote.split()), (cited.number,), short_answer=short if is_list else None)
        for cited, short in zip(citations, shorts, strict=True)
    )
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
        short_answer=shorts[ordered.index(chosen[0])],
        id=request.id,
    )


def _in_reading_order(chosen: Sequence[Chosen], hits: Sequence[Hit]) -> list[Chosen]:
    first_seen = {hits[one.candidate.hit].article.id: place for place, one in reversed(list(enumerate(chosen)))}
    return sorted(chosen, key=lambda one: (first_seen[hits[one.candidate.hit].article.id], one.quote))


def _short_answer(cited: Citation, short: Span) -> ShortAnswer:
    words = cited.quote[short.start - cited.start : short.end - cited.start]
    return ShortAnswer(words, cited.number, short.start, short.end)


def refusal(
    request: Request,
    hits: Sequence[Hit],
    unknown_words: Sequence[str],
    confidence: float | None,
    coverage: Coverage | None = None,
) -> Answer:
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
        coverage=coverage,
        id=request.id,
    )


def _articles(hits: Sequence[Hit]) -> dict[str, Reference]:
    return {hit.article.id: hit.article for hit in hits}
