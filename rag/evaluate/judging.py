"""One answer held against what its question expects.

Trusts nothing that the answer says of itself: quotes are compared with the article's text as evaluation reads it, and
versions are hashed here. Knows no model, no floor and no corpus; what is not measured on a question is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice

from rag.evaluate import metrics, support
from rag.evaluate.expected import Clause, Expected, Place, Texts
from rag.evaluate.measures import Measure
from rag.render.source import byline
from rag.types import Answer, Citation, Reference, Side, Statement, StatementKind, text_version

LONGEST_ANSWER = 60
"""Words of an answer, and of what it quotes, that are held against gold: one that goes on forever is no answer."""

BY_EVIDENCE = frozenset(("yes/no", "why"))
"""Kinds of questions whose answers are right by what they cite."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer and how long it took."""

    answer: Answer
    seconds: float


@dataclass(frozen=True, slots=True)
class Share:
    """One question's part of a measure: a figure is the sum of the parts over the sum of the wholes."""

    part: float
    whole: float = 1.0


@dataclass(frozen=True, slots=True)
class Quote:
    """A citation as it was judged."""

    number: int
    place: Place
    """Where the answer says it stands."""
    counted: Place
    """As much of it as is held against gold."""
    exact: bool
    golden: bool
    """Whether it overlaps gold."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of an article around quotes and gold."""

    article: str
    name: str
    """Title and publisher, to show."""
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a report shows of a question. There is none of a locked one."""

    question: str
    expected: str
    """In words: the accepted strings, or that nothing answers."""
    statements: tuple[Statement, ...]
    short: str | None
    quotes: tuple[Quote, ...]
    gold: tuple[Place, ...]
    sides: tuple[Place, ...]
    excerpts: tuple[Excerpt, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What one answer earned."""

    id: str
    digest: str
    """Of the question; see `rag.evaluate.questions.Question.digest`."""
    split: str
    kind: str
    answerable: bool
    refused: bool
    right: bool
    """Refused where nothing answers; else an accepted string in the answer or, where the question is one of evidence
    or names no string, gold cited."""
    confidence: float | None
    seconds: float
    shares: Mapping[Measure, Share] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    """In a few words each; empty for a right answer, and for a locked question."""
    shown: Shown | None = None


def judge(expected: Expected, asked: Asked, texts: Texts, ranks: Mapping[Measure, float] | None = None) -> Judged:
    """Hold an answer against what is expected. `ranks`: what retrieval earned (`rag.evaluate.retrieval`)."""
    answer, question = asked.answer, expected.question
    quotes = tuple(_quotes(expected, answer, texts))
    strays = _strays(answer, texts)
    shares = {
        **_of_citations(answer, quotes, strays, texts),
        **(_of_gold(expected, answer, quotes) if question.answerable else {}),
        **_of_refusing(question.answerable, not answer.answered),
        **{measure: Share(value) for measure, value in (ranks or {}).items()},
    }
    if expected.sides:
        shown = sum(_is_cited(side, quotes) for side in expected.sides)
        shares[Measure.SIDES] = Share(shown, len(expected.sides))
    right = _is_right(expected, answer, shares)
    is_open = question.split == "open"
    return Judged(
        id=question.id,
        digest=question.digest,
        split=question.split,
        kind=question.kind,
        answerable=question.answerable,
        refused=not answer.answered,
        right=right,
        confidence=answer.confidence,
        seconds=asked.seconds,
        shares=shares,
        faults=tuple(_faults(question.answerable, answer, shares, strays)) if is_open else (),
        shown=_shown(expected, answer, quotes, texts) if is_open else None,
    )


# -- quotes and statements -----------------------------------------------------------------------------------------


def _quotes(expected: Expected, answer: Answer, texts: Texts) -> Iterator[Quote]:
    """The citations in reading order. All that the statements quote shares `LONGEST_ANSWER` words, or whoever quotes
    whole articles would cite every gold span; what only a disagreement quotes has as many each."""
    in_order: list[Citation] = sorted(answer.citations, key=lambda citation: citation.number)
    stated = {number for statement in answer.statements for number in statement.citations}
    room = LONGEST_ANSWER
    for one in in_order:
        place = Place(one.article, one.start, one.end, one.quote)
        counted = _cut(place, room if one.number in stated else LONGEST_ANSWER)
        room -= len(one.quote.split()) if one.number in stated else 0
        text = texts.text(one.article)
        exact = (
            one.article in answer.articles
            and text_version(text) == one.version
            and 0 <= one.start < one.end
            and text[one.start : one.end] == one.quote
        )
        golden = any(counted.overlap(gold) > 0 for clause in expected.gold for gold in clause)
        yield Quote(one.number, place, counted, exact, golden)


_WORD = re.compile(r"\S+")


def _cut(place: Place, words: int) -> Place:
    """The beginning of the place, of so many words."""
    found = [match.end() for match in islice(_WORD.finditer(place.quote), max(0, words) + 1)]
    if len(found) <= words:
        return place
    length = found[words - 1] if words > 0 else 0
    return Place(place.article, place.start, min(place.end, place.start + length), place.quote[:length])


def _sentences(answer: Answer) -> list[Statement]:
    """Everything that the answer says of its articles: its statements, and the sides of its disagreements."""
    sides: list[Side] = [side for dispute in answer.disagreements for side in dispute.sides]
    return [*answer.statements, *map(_as_statement, sides)]


def _as_statement(side: Side) -> Statement:
    return Statement(side.text, side.citations, StatementKind.EXTRACTED, side.speaker)


def _strays(answer: Answer, texts: Texts) -> list[str]:
    """Of each sentence that does not say what its quotes say: in what it strays."""
    cited = {one.number: one for one in answer.citations}
    found = [
        support.faults(sentence, [_quoted(cited[n], answer.articles, texts) for n in sentence.citations if n in cited])
        for sentence in _sentences(answer)
    ]
    return ["; ".join(reasons) for reasons in found if reasons]


def _quoted(one: Citation, articles: Mapping[str, Reference], texts: Texts) -> support.Quoted:
    known = articles.get(one.article)
    about = " ".join(filter(None, (known.publisher, *known.authors))) if known else ""
    return support.Quoted(texts.text(one.article), one.start, one.end, about)


def _of_citations(answer: Answer, quotes: Sequence[Quote], strays: Sequence[str], texts: Texts) -> dict[Measure, Share]:
    sentences, numbers = _sentences(answer), {one.number for one in quotes}
    cited = sum(bool(one.citations) and numbers.issuperset(one.citations) for one in sentences)
    exact, whole = sum(one.exact for one in quotes), len(quotes)
    if answer.short_answer is not None:
        exact, whole = exact + _is_exact_short(answer, texts), whole + 1
    return {
        Measure.EXACT: Share(exact, whole),
        Measure.CITED: Share(cited, len(sentences)),
        Measure.SUPPORTED: Share(len(sentences) - len(strays), len(sentences)),
    }


def _is_exact_short(answer: Answer, texts: Texts) -> bool:
    """Whether the short answer stands where it says, inside the quote of its citation."""
    short = answer.short_answer
    cited = next((one for one in answer.citations if short and one.number == short.citation), None)
    if short is None or cited is None:
        return False
    inside = cited.start <= short.start < short.end <= cited.end
    return inside and texts.text(cited.article)[short.start : short.end] == short.text


# -- against gold --------------------------------------------------------------------------------------------------


def _of_gold(expected: Expected, answer: Answer, quotes: Sequence[Quote]) -> dict[Measure, Share]:
    question = expected.question
    earned: dict[Measure, Share] = {}
    if question.accepted:
        said = " ".join(statement.text for statement in answer.statements) if answer.answered else ""
        earned[Measure.IN_ANSWER] = Share(float(metrics.holds(said, question.accepted, LONGEST_ANSWER)))
        earned[Measure.IN_QUOTE] = Share(
            float(any(metrics.holds(one.counted.quote, question.accepted) for one in quotes))
        )
    if expected.gold:
        found = sum(_is_cited(clause, quotes) for clause in expected.gold)
        earned[Measure.PRECISION] = Share(sum(one.golden for one in quotes), len(quotes))
        earned[Measure.RECALL] = Share(found, len(expected.gold))
        earned[Measure.GOLD_CITED] = Share(float(found > 0))
        if question.kind in BY_EVIDENCE:
            earned[Measure.EVIDENCE] = earned[Measure.GOLD_CITED]
    if expected.articles:
        first = quotes[0].place.article if quotes else None
        earned[Measure.ARTICLE_FIRST] = Share(float(first in expected.articles))
    if question.short:
        short = answer.short_answer.text if answer.answered and answer.short_answer else ""
        earned[Measure.EXACT_MATCH] = Share(metrics.exact_match(short, question.short))
        earned[Measure.TOKEN_F1] = Share(metrics.token_f1(short, question.short))
    return earned


def _is_cited(clause: Clause, quotes: Sequence[Quote]) -> bool:
    """Whether one citation alone holds at least half of the code points of the clause, wherever that stands."""
    return any(2 * one.counted.overlap(gold) >= gold.end - gold.start for one in quotes for gold in clause)


def _of_refusing(answerable: bool, refused: bool) -> dict[Measure, Share]:
    rightly = float(refused and not answerable)
    return {
        Measure.REFUSAL_PRECISION: Share(rightly, float(refused)),
        Measure.REFUSAL_RECALL: Share(rightly, float(not answerable)),
        Measure.REFUSAL_F1: Share(2 * rightly, float(refused) + float(not answerable)),
    }


def _is_right(expected: Expected, answer: Answer, shares: Mapping[Measure, Share]) -> bool:
    if not expected.question.answerable or not answer.answered:
        return answer.answered == expected.question.answerable
    by_evidence = expected.question.kind in BY_EVIDENCE and Measure.GOLD_CITED in shares
    order = (Measure.IN_ANSWER, Measure.GOLD_CITED, Measure.EXACT_MATCH, Measure.ARTICLE_FIRST)
    deciding = Measure.GOLD_CITED if by_evidence else next((one for one in order if one in shares), None)
    return deciding is None or shares[deciding].part > 0


# -- faults --------------------------------------------------------------------------------------------------------

_FAULTS = {
    Measure.IN_ANSWER: "no accepted string",
    Measure.GOLD_CITED: "gold not cited",
    Measure.ARTICLE_FIRST: "another article first",
}


def _faults(answerable: bool, answer: Answer, shares: Mapping[Measure, Share], strays: Iterable[str]) -> Iterator[str]:
    refused = not answer.answered
    if shares[Measure.EXACT].part < shares[Measure.EXACT].whole:
        yield "a quote is not exact"
    if shares[Measure.CITED].part < shares[Measure.CITED].whole:
        yield "a statement without citation"
    yield from (f"a statement goes beyond its quotes: {reason}" for reason in strays)
    if refused == answerable:
        yield "refused" if refused else "answered, though no article does"
    if refused or not answerable:
        return
    yield from (said for measure, said in _FAULTS.items() if measure in shares and not shares[measure].part)
    if answer.short_answer is not None and Measure.EXACT_MATCH in shares and not shares[Measure.EXACT_MATCH].part:
        yield "another short answer"
    if Measure.SIDES in shares and shares[Measure.SIDES].part < shares[Measure.SIDES].whole:
        yield "a side is missing"


# -- to be shown ---------------------------------------------------------------------------------------------------

AROUND = 240
"""Code points of an article that are shown before and after quotes and gold."""


def _shown(expected: Expected, answer: Answer, quotes: Sequence[Quote], texts: Texts) -> Shown:
    question = expected.question
    cited = {one.place.article for one in quotes}
    gold, sides = tuple(_near(expected.gold, cited)), tuple(_near(expected.sides, cited))
    names = {**expected.names, **{name: byline(reference) for name, reference in answer.articles.items()}}
    places = [*(one.place for one in quotes), *gold, *sides]
    return Shown(
        question=question.question,
        expected=" · ".join(question.short or question.accepted) if question.answerable else "no article answers",
        statements=answer.statements,
        short=answer.short_answer.text if answer.short_answer else None,
        quotes=tuple(quotes),
        gold=gold,
        sides=sides,
        excerpts=tuple(_excerpts(places, texts, names)),
    )


FEW = 2
"""Places of a clause that are shown beside those in cited articles: "Elon Musk" stands in hundreds."""


def _near(clauses: Sequence[Clause], cited: Set[str]) -> Iterator[Place]:
    for clause in clauses:
        yield from (place for place in clause if place.article in cited)
        yield from [place for place in clause if place.article not in cited][:FEW]


def _excerpts(places: Sequence[Place], texts: Texts, names: Mapping[str, str]) -> Iterator[Excerpt]:
    """The stretches around the places, those that meet as one; articles in the order of their first place."""
    for article in dict.fromkeys(place.article for place in places):
        text, merged = texts.text(article), list[list[int]]()
        for place in sorted((one for one in places if one.article == article), key=lambda one: one.start):
            start, end = max(0, place.start - AROUND), min(len(text), place.end + AROUND)
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        for start, end in merged:
            first = start if start == 0 else text.find(" ", start, start + 30) + 1 or start
            last = end if end == len(text) else max(text.rfind(" ", end - 30, end), 0) or end
            yield Excerpt(article, names.get(article, article), first, text[first:last])
