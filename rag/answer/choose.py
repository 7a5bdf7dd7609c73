"""Which of the reader's sentences make the answer: the fewest that fit the form that the question asks for.

Knows spans and scores, and no article beyond its passages; `rag.answer.compose` makes the answer of what is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer.form import ONE_THING, Form
from rag.answer.leaning import brought
from rag.answer.reader import Candidate, Reading
from rag.answer.short import items, option, whole
from rag.query import Question
from rag.types import Hit, Span

NEAR_REPEAT = 0.6
"""Share of the shorter sentence's terms that stand in the other; from here on they say the same."""

LISTED = 0.25
"""Where several things are asked for: what a further sentence has to be worth, as a share of what it has to be else."""

ENOUGH = 3
"""Things that one sentence names, where the question does not say how many it asks for: no other is needed."""

KNOWN = 0.5
"""Share of a short answer's terms that another has; from here on it names no other thing."""

Terms = Callable[[str], list[str]]
Decides = Callable[[str], bool]
"""Whether a sentence decides a question that yes or no answers."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of the answer, as it is quoted."""

    candidate: Candidate
    quote: Span
    """The sentence, and those directly before it that it leans on."""
    short: Span | None
    """The words in it that answer; of a question that yes or no answers, none."""


def choose(
    reading: Reading,
    hits: Sequence[Hit],
    words: int,
    terms: Terms,
    form: Form = ONE_THING,
    decides: Decides = lambda sentence: True,
) -> list[Chosen]:
    """The best candidates that fit into `words` together, without near-repeats, the best one first.

    The best one is always taken, however long. One that opens with words that stand for something before it ("He",
    "The latter") brings the sentences before it, if there is room: the best one before others are taken, these when no
    other is wanted. Where the question asks for several things, those that enumerate come first, and each further one
    has to name another; where yes or no answers it, those come first that decide it, and where it gives a choice,
    those that name an option.
    """
    ranked = _ranked(reading, hits, form, decides)
    lists = form.several and ranked[0].short is not None
    least = reading.worth * reading.candidates[0].score * (LISTED if lists else 1)
    kept: list[Chosen] = []
    room = words
    for candidate in ranked:
        length = len(candidate.text.split())
        is_wanted = candidate.score >= least and length <= room and not _is_said(candidate, kept, hits, terms)
        if kept and not (is_wanted and (not lists or _names_another(candidate, kept, hits, terms))):
            continue
        kept.append(Chosen(candidate, candidate.span, _short(candidate, form)))
        room -= length
        if len(kept) == 1:  # who cannot tell whom the best sentence speaks of has no answer
            kept, room = _with_what_it_leans_on(kept, 0, hits, room)
        if lists and _named(kept, hits) >= (form.count or ENOUGH):
            break
    for number in range(1, len(kept)):  # last of all, so that what makes one plain takes no other's place
        kept, room = _with_what_it_leans_on(kept, number, hits, room)
    return kept


def _ranked(reading: Reading, hits: Sequence[Hit], form: Form, decides: Decides) -> list[Candidate]:
    """The candidates, best first; of those that are worth their words first those that fit the form best."""
    least = reading.worth * reading.candidates[0].score

    def fits(one: Candidate) -> tuple[int, ...]:
        if one.score < least:
            return (0,)
        if form.several and one.short is not None:
            most = form.count or ENOUGH
            # What the reader has enumerated is surer than what the sentence goes on with.
            return tuple(min(items(_in(hits[one.hit], span)), most) for span in (_enumerated(one), one.short))
        if form.options is not None:
            return (int(option(form.options, one.text, None) is not None),)
        return (int(form.yes_or_no and decides(one.text)),)

    return sorted(reading.candidates, key=fits, reverse=True)


def deciding(question: Question, forms: Mapping[str, Sequence[str]], terms: Terms) -> Decides:
    """What tells whether a sentence decides a question that yes or no answers: it names what the question names, one
    name at least if there are any, and says one of its other words.

    `forms`: as `Question.forms` has them.
    """
    named = [set(forms[term]) for word in question.words if word.is_name for term in word.terms]
    others = [set(forms[term]) for word in question.words if not word.is_name for term in word.terms]

    def decides(sentence: str) -> bool:
        said = set(terms(sentence))
        return all(not some or any(one & said for one in some) for some in (named, others))

    return decides


def _short(candidate: Candidate, form: Form) -> Span | None:
    """The words that answer: all that are enumerated, where several things are asked for; one of both options."""
    if form.yes_or_no:
        return None
    if form.options is not None:
        return _moved(option(form.options, candidate.text, _inside(candidate)), candidate.span.start)
    return _enumerated(candidate) if form.several else candidate.short


def _enumerated(candidate: Candidate) -> Span | None:
    inside = _inside(candidate)
    return None if inside is None else _moved(whole(candidate.text, inside), candidate.span.start)


def _inside(candidate: Candidate) -> Span | None:
    """Its short answer, as a range of the sentence."""
    return _moved(candidate.short, -candidate.span.start)


def _moved(span: Span | None, by: int) -> Span | None:
    return None if span is None else Span(span.start + by, span.end + by)


def _with_what_it_leans_on(
    kept: Sequence[Chosen], number: int, hits: Sequence[Hit], room: int
) -> tuple[list[Chosen], int]:
    """The same with those sentences that the one of this number leans on, as far as there is room; and what is left."""
    one = kept[number]
    others = [*kept[:number], *kept[number + 1 :]]
    hit = hits[one.candidate.hit]
    sentences = hit.passage.sentences
    place = sentences.index(one.candidate.span)
    first = brought(hit.text, hit.passage.start, sentences, place, room)
    taken = [k for k in range(first, place) if any(_overlap(other, hit, sentences[k], hits) for other in others)]
    quote = Span(sentences[taken[-1] + 1 if taken else first].start, one.quote.end)
    room -= len(_in(hit, Span(quote.start, one.quote.start)).split())
    return [*kept[:number], replace(one, quote=quote), *kept[number + 1 :]], room


def _overlap(one: Chosen, hit: Hit, span: Span, hits: Sequence[Hit]) -> bool:
    same = hits[one.candidate.hit].article.id == hit.article.id
    return same and one.quote.start < span.end and span.start < one.quote.end


def _is_said(candidate: Candidate, kept: Sequence[Chosen], hits: Sequence[Hit], terms: Terms) -> bool:
    """Whether it is quoted already, or says what another says."""
    hit = hits[candidate.hit]
    if any(_overlap(other, hit, candidate.span, hits) for other in kept):
        return True
    mine = set(terms(candidate.text))
    for other in kept:
        theirs = set(terms(other.candidate.text))
        if len(mine & theirs) >= NEAR_REPEAT * max(1, min(len(mine), len(theirs))):
            return True
    return False


def _names_another(candidate: Candidate, kept: Sequence[Chosen], hits: Sequence[Hit], terms: Terms) -> bool:
    """Whether its short answer is another than those that are given."""
    if candidate.short is None:
        return False
    mine = set(terms(_in(hits[candidate.hit], candidate.short)))
    given = [set(terms(_in(hits[one.candidate.hit], one.short))) for one in kept if one.short is not None]
    return bool(mine) and all(len(mine & theirs) < KNOWN * min(len(mine), len(theirs)) for theirs in given if theirs)


def _named(kept: Sequence[Chosen], hits: Sequence[Hit]) -> int:
    """How many things they name together."""
    return sum(items(_in(hits[one.candidate.hit], one.short)) for one in kept if one.short is not None)


def _in(hit: Hit, span: Span | None) -> str:
    """The words of the span; none of none."""
    return "" if span is None else hit.text[span.start - hit.passage.start : span.end - hit.passage.start]
