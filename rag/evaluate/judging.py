"""One answer held against what its question expects.

Trusts nothing that the answer says of itself: quotes are compared with the article's text as evaluation reads it, and
versions are hashed here. Knows no model, no floor and no corpus; what is not measured on a question is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations, islice

from rag.evaluate import metrics, proof
from rag.evaluate.expected import Clause, Expected, Place, Texts
from rag.evaluate.measures import Measure
from rag.render.source import byline
from rag.types import Answer, Disagreement, Statement

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
    ends: bool = False
    """Whether the article does, too."""


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
    strays = proof.strays(answer, texts)
    shares = {
        **_of_proof(answer, quotes, strays, texts),
        **_of_gold(expected, answer, quotes),
        **_of_disagreeing(expected, answer, quotes),
        **_of_refusing(question.answerable, not answer.answered),
        **{measure: Share(value) for measure, value in (ranks or {}).items()},
    }
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
    """The citations in reading order.

    All that the statements quote shares `LONGEST_ANSWER` words, or whoever quotes whole articles would cite every
    gold span; what only disagreements quote shares as many, and is held against their sides alone. A citation that
    nothing names, and any of a refusal, counts for nothing.
    """
    stated, used = _stated(answer), proof.used(answer)
    room = {True: LONGEST_ANSWER, False: LONGEST_ANSWER}
    for one in sorted(answer.citations, key=lambda citation: citation.number):
        is_stated = one.number in stated
        place = Place(one.article, one.start, one.end, one.quote)
        counted = _cut(place, room[is_stated] if one.number in used else 0)
        room[is_stated] -= len(one.quote.split()) if one.number in used else 0
        wanted = expected.gold if is_stated else (*expected.gold, *expected.sides)
        golden = any(_is_near(counted, gold) for clause in wanted for gold in clause)
        yield Quote(one.number, place, counted, proof.is_exact(one, answer, texts), golden)


def _stated(answer: Answer) -> frozenset[int]:
    """The citations that statements name."""
    return frozenset(number for one in answer.statements for number in one.citations if answer.answered)


def _is_near(counted: Place, gold: Place) -> bool:
    """Whether the two share at least half of the code points of the shorter."""
    shared = counted.overlap(gold)
    return shared > 0 and 2 * shared >= min(counted.end - counted.start, gold.end - gold.start)


_WORD = re.compile(r"\S+")


def _cut(place: Place, words: int) -> Place:
    """The beginning of the place, of so many words."""
    found = [match.end() for match in islice(_WORD.finditer(place.quote), max(0, words) + 1)]
    if len(found) <= words:
        return place
    length = found[words - 1] if words > 0 else 0
    return Place(place.article, place.start, min(place.end, place.start + length), place.quote[:length])


def _of_proof(answer: Answer, quotes: Sequence[Quote], strays: Sequence[str], texts: Texts) -> dict[Measure, Share]:
    """What the answer earned whatever was asked."""
    said, numbers = proof.sentences(answer), {one.number for one in quotes}
    cited = sum(bool(one.citations) and numbers.issuperset(one.citations) for one in said)
    exact, whole = sum(one.exact for one in quotes), len(quotes)
    if answer.short_answer is not None:
        exact, whole = exact + proof.is_exact_short(answer, texts), whole + 1
    right = proof.references(answer, texts)
    return {
        Measure.EXACT: Share(exact, whole),
        Measure.CITED: Share(cited, len(said)),
        Measure.USED: Share(len(numbers & proof.used(answer)), len(quotes)),
        Measure.REFERENCES: Share(sum(right), len(right)),
        Measure.PRINTED: Share(float(proof.is_as_stated(answer))),
        Measure.SUPPORTED: Share(len(said) - len(strays), len(said)),
    }


# -- against gold --------------------------------------------------------------------------------------------------


def _of_gold(expected: Expected, answer: Answer, quotes: Sequence[Quote]) -> dict[Measure, Share]:
    question = expected.question
    if not question.answerable:
        return {Measure.PRECISION: Share(0, len(quotes))}
    named = _stated(answer)
    stated = [one for one in quotes if one.number in named]
    earned: dict[Measure, Share] = {}
    if question.accepted:
        said = " ".join(statement.text for statement in answer.statements) if answer.answered else ""
        earned[Measure.IN_ANSWER] = Share(float(metrics.holds(said, question.accepted, LONGEST_ANSWER)))
        earned[Measure.IN_QUOTE] = Share(
            float(any(metrics.holds(one.counted.quote, question.accepted) for one in stated))
        )
    if expected.gold:
        found = sum(_is_cited(clause, stated) for clause in expected.gold)
        earned[Measure.PRECISION] = Share(sum(one.golden for one in quotes), len(quotes))
        earned[Measure.RECALL] = Share(found, len(expected.gold))
        earned[Measure.GOLD_CITED] = Share(float(found > 0))
        if question.kind in BY_EVIDENCE:
            earned[Measure.EVIDENCE] = earned[Measure.GOLD_CITED]
    if expected.articles:
        first = stated[0].place.article if stated else None
        earned[Measure.ARTICLE_FIRST] = Share(float(first in expected.articles))
    if question.short:
        short = answer.short_answer.text if answer.answered and answer.short_answer else ""
        earned[Measure.EXACT_MATCH] = Share(metrics.exact_match(short, question.short))
        earned[Measure.TOKEN_F1] = Share(metrics.token_f1(short, question.short))
    return earned


def _is_cited(clause: Clause, quotes: Sequence[Quote]) -> bool:
    """Whether one citation alone holds at least half of the code points of the clause, wherever that stands."""
    return any(2 * one.counted.overlap(gold) >= gold.end - gold.start for one in quotes for gold in clause)


def _of_disagreeing(expected: Expected, answer: Answer, quotes: Sequence[Quote]) -> dict[Measure, Share]:
    named = proof.used(answer)
    used = [one for one in quotes if one.number in named]
    earned: dict[Measure, Share] = {}
    if expected.sides:
        shown = sum(_is_cited(side, used) for side in expected.sides)
        earned[Measure.SIDES] = Share(shown, len(expected.sides))
    if answer.disagreements:
        right = sum(_is_dispute(one, expected.sides, used) for one in answer.disagreements)
        earned[Measure.DISAGREED] = Share(right, len(answer.disagreements))
    return earned


def _is_dispute(shown: Disagreement, sides: Sequence[Clause], used: Sequence[Quote]) -> bool:
    """Whether each side that is shown cites one of the question's, and two of them cite different ones."""
    by_side = [[one for one in used if one.number in side.citations] for side in shown.sides]
    found = [{place for place, clause in enumerate(sides) if _is_cited(clause, quotes)} for quotes in by_side]
    return all(found) and any(len(one | other) > 1 for one, other in combinations(found, 2))


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

_BROKEN = {
    Measure.EXACT: "a quote is not exact",
    Measure.CITED: "a statement without citation",
    Measure.USED: "a citation that nothing uses",
    Measure.REFERENCES: "an article is not described as the corpus has it",
}
_FAULTS = {
    Measure.IN_ANSWER: "no accepted string",
    Measure.GOLD_CITED: "gold not cited",
    Measure.ARTICLE_FIRST: "another article first",
}


def _faults(answerable: bool, answer: Answer, shares: Mapping[Measure, Share], strays: Iterable[str]) -> Iterator[str]:
    refused = not answer.answered
    yield from (said for measure, said in _BROKEN.items() if shares[measure].part < shares[measure].whole)
    if refused and any(proof.claims(answer)):
        yield f"a refusal that claims something: {', '.join(proof.claims(answer))}"
    if not refused and not shares[Measure.PRINTED].part:
        yield "the text is not what the statements say"
    yield from (f"a statement goes beyond its quotes: {reason}" for reason in strays)
    if refused == answerable:
        yield "refused" if refused else "answered, though no article does"
    if Measure.DISAGREED in shares and shares[Measure.DISAGREED].part < shares[Measure.DISAGREED].whole:
        yield "a disagreement that is none"
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
            yield Excerpt(article, names.get(article, article), first, text[first:last], last == len(text))
