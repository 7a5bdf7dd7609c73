"""One claim against the passages that may support it: the best quotes, how likely they support it, what differs.

Of each passage the likeliest sentences, alone and with a neighbour, are compared fact by fact (`facts`) and weighed
(`signs`). The best is the quote; where it lacks a number, a name or a day that another sentence of the same article
has, that is quoted, too. Where none supports the claim, the nearest is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.check import names, words
from rag.check.claim import Claim, Quote, Surroundings
from rag.check.doubts import Doubted, Model, held_against
from rag.check.facts import Compared, Fault, compare
from rag.check.signs import SIGNS, Fit, Weight, fitted, one_each, share, signs
from rag.claims import Reason
from rag.folding import folded
from rag.types import Span

COMPARED = 3
"""Quotes of a passage that are compared fact by fact: those that share most with the claim."""

COMPLETED = 2
"""The best quotes, for which further ones are looked for."""

FURTHER = 2
"""Further quotes of one claim, at most."""

LOOKED_AT = 8
"""Sentences that may be a further quote: those that share most with the claim."""

LONGEST_QUOTE = 700
"""Code points of two sentences that are quoted together."""

WORTH_A_NEIGHBOUR = 0.05
"""What a neighbour has to add to the score, to be quoted along."""

ADDS = 2
"""Words of meaning that a further quote of a supported claim has to add."""

BESIDE = 4
"""Words on either side of a number, of which a further quote must have one."""

COMPLETE = 0.9
"""The share of a claim's words that a quote has which says all of it."""

CLEARLY = 0.1
"""By how much more of its words equal a quote is clearly closer to a claim than another."""

IN_QUOTE = SIGNS.index("in_quote")

WORD_FOR_WORD = 1.0
"""The score of a claim whose words are the quote's."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim and the best quotes for it."""

    quotes: tuple[Quote, ...]
    """The best, then what it lacks; all of one article."""
    passage: int
    """In which of the passages the best is, counted from 0."""
    score: float
    supported: bool
    faults: tuple[Fault, ...]
    compared: Compared
    values: tuple[float, ...]
    """The signs, in the order of `rag.check.signs.SIGNS`."""

    @property
    def closeness(self) -> float:
        """How near the quote comes to the claim, whatever differs."""
        return self.compared.alignment.similarity

    @property
    def denies(self) -> bool:
        """Whether the quote says the opposite."""
        return self.compared.count(Reason.NEGATION) + self.compared.count(Reason.OPPOSITE) > 0


def judge(
    claim: Claim,
    passages: Sequence[Surroundings],
    weight: Weight = one_each,
    model: Model | None = None,
    fit: Fit | None = None,
) -> Judged | None:
    """The best quotes; None where there is no passage. `fit`: in place of the one that ships."""
    fit = fit or fitted(model is not None)
    bench = _Bench(claim, passages, weight, held_against(claim.text, passages, model), fit)
    alone = [
        bench.judged((quote,), place, compare(claim, quote))
        for place in range(len(passages))
        for quote in bench.likeliest(place)
    ]
    ranked = sorted(alone, key=_rank)
    completed = [bench.completed(one) for one in ranked[:COMPLETED] if not one.supported]
    best = min((*completed, *ranked), key=_rank, default=None)
    return None if best is None else _contradicted(best, alone) or bench.rounded_off(best)


def _rank(one: Judged) -> tuple[bool, float, int, Span]:
    """The best first: what supports the claim, by its score; of two neighbours the one, where the other adds little.
    Of what does not, the nearest, whatever differs there."""
    worth = one.score if one.supported else (one.values[IN_QUOTE] + one.closeness) / 2
    return not one.supported, -worth + WORTH_A_NEIGHBOUR * one.quotes[0].is_pair, one.passage, one.quotes[0].span


def _contradicted(best: Judged, alone: Sequence[Judged]) -> Judged | None:
    """A quote that is closer to the claim than the best, and says otherwise; None where there is none.

    Where the best has all of the claim's words, only one that denies it counts: sources may differ.
    """
    if not best.supported or best.score == WORD_FOR_WORD:
        return None
    complete = best.values[IN_QUOTE] >= COMPLETE
    otherwise = [
        one
        for one in alone
        if one.compared.contradicts
        and not any(fault.lacking for fault in one.compared.faults)
        and one.closeness >= best.closeness + (0 if one.denies else CLEARLY)
        and (one.denies or not complete)
    ]
    return max(otherwise, key=lambda one: one.closeness, default=None)


@dataclass(frozen=True, slots=True)
class _Bench:
    """One claim before its passages."""

    claim: Claim
    passages: Sequence[Surroundings]
    weight: Weight
    doubts: Sequence[Doubted | None]
    fit: Fit

    def likeliest(self, place: int) -> list[Quote]:
        """The sentences of a passage, and pairs of neighbours, that share most with the claim; the shorter first."""
        passage, doubted = self.passages[place], self.doubts[place]
        telling = None if doubted is None else doubted.telling(passage)
        found = [Quote.read(passage, span) for span in _spans(passage)]
        found.sort(key=lambda one: (one.span != telling, -self._shared(one), one.span.end - one.span.start))
        return found[:COMPARED]

    def _shared(self, quote: Quote) -> float:
        return round(share(self.claim.stems, quote.stems, self.weight), 6)

    def judged(self, quotes: tuple[Quote, ...], place: int, compared: Compared) -> Judged:
        """These quotes, weighed."""
        places = dict.fromkeys((place, *(self.passages.index(one.around) for one in quotes[1:])))
        doubted = Doubted.together([one for n in places if (one := self.doubts[n]) is not None])
        values = signs(self.claim, quotes, compared, self.weight, doubted)
        score = self.fit.score(values)
        if not compared.decides and any(_is_word_for_word(self.claim, one) for one in quotes):
            score = WORD_FOR_WORD
        faults = (*compared.faults, *_doubted(self.claim, quotes, compared, doubted, self.fit))
        return Judged(
            quotes=quotes,
            passage=place,
            score=score,
            supported=score >= self.fit.threshold and not compared.decides,
            faults=tuple(sorted(faults, key=lambda one: (one.start, one.end))),
            compared=compared,
            values=tuple(values),
        )

    def completed(self, one: Judged) -> Judged:
        """With what else the article says, where the quote lacks a fact that another sentence has."""
        quotes, compared = one.quotes, one.compared
        for further in self._others(one.quotes[0]):
            lacking = [fault for fault in compared.faults if fault.lacking]
            if not lacking or len(quotes) > FURTHER:
                break
            still = compare(self.claim, further).faults
            found = [
                fault for fault in lacking if not any(map(fault.overlaps, still)) and self._is_of_it(fault, further)
            ]
            if found:
                quotes = (*quotes, further)
                compared = compared.without(found)
        return self.judged(quotes, one.passage, compared) if len(quotes) > 1 else one

    def rounded_off(self, best: Judged) -> Judged:
        """A claim that is supported, with the other sentences of the article that say what its quote leaves out."""
        quotes = best.quotes
        while best.supported and len(quotes) <= FURTHER:
            left = self.claim.stems.difference(*(one.stems for one in quotes))
            others = [one for one in self._others(best.quotes[0]) if one not in quotes]
            adding = max(others, key=lambda one: len(left & one.stems), default=None)
            if adding is None or len(left & adding.stems) < ADDS or compare(self.claim, adding).contradicts:
                break
            quotes = (*quotes, adding)
        return replace(best, quotes=quotes)

    def _others(self, quote: Quote) -> list[Quote]:
        """Other sentences of the article that share something with the claim."""
        found = [
            Quote.read(passage, span)
            for passage in self.passages
            if passage.source is quote.around.source
            for span in passage.sentences
            if span.end <= quote.span.start or quote.span.end <= span.start
        ]
        sharing = [one for one in found if self.claim.stems & one.stems]
        return sorted(sharing, key=lambda one: (-self._shared(one), one.span))[:LOOKED_AT]

    def _is_of_it(self, fault: Fault, quote: Quote) -> bool:
        """Whether the sentence that has the fact is about the same: it has a word from beside it in the claim."""
        place = next((n for n, word in enumerate(self.claim.words) if word.end > fault.start), 0)
        beside = self.claim.words[max(0, place - BESIDE) : place + 1 + BESIDE]
        own = {words.stem(word.text) for word in self.claim.words if fault.start <= word.start < fault.end}
        return bool((words.stems(beside) - own) & quote.stems)


def _spans(passage: Surroundings) -> Iterator[Span]:
    yield from passage.sentences
    for one, other in pairwise(passage.sentences):
        if other.end - one.start <= LONGEST_QUOTE:
            yield Span(one.start, other.end)


def _is_word_for_word(claim: Claim, quote: Quote) -> bool:
    ours, theirs = (folded(text, case=True).text for text in (claim.text, quote.text))
    return ours.strip("'. ") in theirs


def _doubted(
    claim: Claim, quotes: Sequence[Quote], compared: Compared, doubted: Doubted | None, fit: Fit
) -> Iterator[Fault]:
    """The words that the model doubts; without one, words of meaning that no passage of the quotes holds."""
    taken = [(one.start, one.end) for one in compared.faults]
    taken += [(one.start, one.end) for one in claim.numbers] + [(one.start, one.end) for one in claim.moments]
    # Whether a name is there, `facts` has said.
    for name in names.names(claim.text, claim.words, claim.small | quotes[0].around.small):
        taken += [(word.start, word.end) for word in name]
    for word in claim.words:
        if any(start < word.end and word.start < end for start, end in taken):
            continue
        if doubted is not None:
            if doubted.of(word) > fit.doubts:
                yield Fault(word.start, word.end, Reason.DOUBT, "doubted", decisive=False)
        elif words.is_content(word) and not any(words.stem(word.text) in one.around.stems for one in quotes):
            yield Fault(word.start, word.end, Reason.DOUBT, "not in the passage", decisive=False)


def merged(faults: Sequence[Fault], text: str) -> list[Fault]:
    """Doubted words beside each other as one."""
    made: list[Fault] = []
    for one in faults:
        if made and _are_one(made[-1], one, text):
            made[-1] = replace(made[-1], end=one.end)
        else:
            made.append(one)
    return made


def _are_one(one: Fault, other: Fault, text: str) -> bool:
    doubted = one.reason is Reason.DOUBT and other.reason is Reason.DOUBT
    return doubted and not text[one.end : other.start].strip(" ")
