"""One claim against the passages that may support it: the best quote, how likely it supports the claim, what differs.

Of each passage the likeliest sentences, alone and with a neighbour, are compared fact by fact (`facts`), weighed
(`signs`); the quote is the one that supports the claim best, or comes nearest to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.alignment import Word
from rag.check import words
from rag.check.claim import Claim, Quote, Surroundings
from rag.check.facts import Compared, Fault, compare
from rag.check.signs import Doubt, Fit, Model, Weight, fitted, one_each, share, signs
from rag.claims import Reason
from rag.folding import folded
from rag.types import Span

COMPARED = 3
"""Quotes of a passage that are compared fact by fact: those that share most with the claim."""

LONGEST_QUOTE = 700
"""Code points of two sentences that are quoted together."""

WORD_FOR_WORD = 1.0
"""The score of a claim whose words are the quote's."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim and the best quote for it."""

    passage: int
    """Which of the passages, counted from 0."""
    quote: Span
    score: float
    supported: bool
    faults: tuple[Fault, ...]
    compared: Compared
    values: tuple[float, ...]
    """The signs, in the order of `rag.check.signs.SIGNS`."""


def judge(
    claim: Claim, passages: Sequence[Surroundings], weight: Weight = one_each, model: Model | None = None
) -> Judged | None:
    """The best quote; None where there is no passage."""
    fit = fitted(model is not None)
    doubts = _doubts(claim, passages, model)
    judged = [
        _judged(claim, place, quote, weight, doubts[place], fit)
        for place, passage in enumerate(passages)
        for quote in likeliest(claim, passage, weight, doubts[place])
    ]
    return min(judged, key=lambda one: (not one.supported, -one.score, one.passage, one.quote), default=None)


def _doubts(claim: Claim, passages: Sequence[Surroundings], model: Model | None) -> Sequence[Doubt | None]:
    if model is None:
        return [None] * len(passages)
    pairs = [(one.source.title, one.source.text[one.span.start : one.span.end]) for one in passages]
    return model.doubts(claim.text, pairs)


def likeliest(
    claim: Claim, passage: Surroundings, weight: Weight = one_each, doubt: Doubt | None = None, most: int = COMPARED
) -> list[Quote]:
    """The sentences, and pairs of neighbours, that share most with the claim; the shorter first."""
    found = [Quote.read(passage, span) for span in _spans(passage)]
    telling = _telling(passage, doubt)

    def worth(quote: Quote) -> tuple[float, int]:
        held = share(claim.stems, quote.stems, weight) + telling.get(quote.span, 0.0)
        return -round(held, 6), quote.span.end - quote.span.start

    return sorted(found, key=worth)[:most]


def _spans(passage: Surroundings) -> Iterator[Span]:
    yield from passage.sentences
    for one, other in pairwise(passage.sentences):
        if other.end - one.start <= LONGEST_QUOTE:
            yield Span(one.start, other.end)


def _telling(passage: Surroundings, doubt: Doubt | None) -> dict[Span, float]:
    """A little more for the sentence that the model takes the claim to rest on."""
    if doubt is None:
        return {}
    logits: dict[Span, list[float]] = {}
    for span, logit in doubt.sentences:
        at = passage.span.start + span.start
        holding = next((one for one in passage.sentences if one.start <= at < one.end), None)
        if holding is not None:
            logits.setdefault(holding, []).append(logit)
    means = {one: sum(some) / len(some) for one, some in logits.items()}
    best = max(means, key=lambda one: means[one], default=None)
    return {} if best is None else {best: 0.25}


def _judged(claim: Claim, place: int, quote: Quote, weight: Weight, doubt: Doubt | None, fit: Fit) -> Judged:
    compared = compare(claim, quote)
    values = signs(claim, quote, compared, weight, doubt)
    decisive = any(one.decisive for one in compared.faults)
    score = fit.score(values)
    if not decisive and _is_word_for_word(claim, quote):
        score = WORD_FOR_WORD
    faults = (*compared.faults, *_doubted(claim, quote, compared, doubt, fit))
    return Judged(
        passage=place,
        quote=quote.span,
        score=score,
        supported=score >= fit.threshold and not decisive,
        faults=tuple(sorted(faults, key=lambda one: (one.start, one.end))),
        compared=compared,
        values=tuple(values),
    )


def _is_word_for_word(claim: Claim, quote: Quote) -> bool:
    ours, theirs = (folded(text, case=True).text for text in (claim.text, quote.text))
    return ours.strip("'. ") in theirs


def _doubted(claim: Claim, quote: Quote, compared: Compared, doubt: Doubt | None, fit: Fit) -> Iterator[Fault]:
    """The words that the model doubts; without one, words of meaning that the passage does not hold."""
    taken = [(one.start, one.end) for one in compared.faults]
    for word in claim.words:
        if any(start < word.end and word.start < end for start, end in taken):
            continue
        if doubt is not None:
            worst = max(
                (logit for span, logit in doubt.words if span.start < word.end and word.start < span.end), default=None
            )
            if worst is not None and worst > fit.doubts:
                yield Fault(word.start, word.end, Reason.DOUBT, "doubted", decisive=False)
        elif _is_unheld(claim, word, quote):
            yield Fault(word.start, word.end, Reason.DOUBT, "not in the passage", decisive=False)


def _is_unheld(claim: Claim, word: Word, quote: Quote) -> bool:
    counted = any(one.start < word.end and word.start < one.end for one in (*claim.numbers, *claim.moments))
    return not counted and words.is_content(word) and words.stem(word.text) not in quote.around.stems


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
