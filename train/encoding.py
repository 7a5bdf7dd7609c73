"""Groups as arrays: tokens, and what the model should say of them.

The first token of each passage's run, [CLS], stands for "nothing here answers".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.answer.pairs import Pairs
from train.claims import Claim
from train.groups import Group, Read

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One passage of a group; arrays over its tokens."""

    ids: Ints
    sentence: Ints
    """The sentence that a token stands in, counted from 0; -1: it stands in none of the passage's."""
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    """The tokens that the answers begin and end with; 0 where nothing answers; none where the words are not known."""
    right: tuple[int, ...]
    """The sentences that answer, or support the claim."""
    claim: int = 0
    """Of a claim, how many tokens it has; they are those behind the first. 0: it is a question."""
    supported: bool = True
    wrong: tuple[int, ...] | None = ()
    """The tokens of a claim that are not supported; None where they are not known."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Passages padded to one length; shapes in passages P, tokens T, sentences S, groups G, passages of a group K."""

    ids: Ints
    """[P, T]"""
    attended: Bools
    """[P, T]: not padding."""
    text: Bools
    """[P, T]: tokens of the passage itself."""
    starts: Bools
    ends: Bools
    """[P, T]: where answers begin and end; at 0 where nothing answers."""
    sentence: Ints
    """[P, T]: the sentence a token stands in; S where in none."""
    right: Bools
    """[P, S]"""
    groups: Ints
    """[G, K]: the passages of each group; P where there is none."""
    claim: Bools
    """[P, T]: tokens of a claim; none of a question's."""
    wrong: Bools
    """[P, T]: those that are not supported."""
    exact: Bools
    """[P]: a claim of which it is known which tokens these are."""
    supported: Bools
    """[P]"""


def encoded(groups: Iterable[Group], pairs: Pairs) -> Iterator[list[Encoded]]:
    """Each group's passages; one whose answer is cut off by the length limit is left out, and a group without any."""
    for group in groups:
        question = pairs.question(group.question)
        made = [_encoded(question, read, pairs) for read in group.passages]
        kept = [one for one in made if one is not None]
        if kept:
            yield kept


def _encoded(question: Sequence[int], read: Read, pairs: Pairs) -> Encoded | None:
    pair = pairs.pair(question, read.title, read.text)
    inside = pair.sentences(read.sentences)
    sentence = np.full(len(pair.ids), -1, np.int64)
    sentence[pair.first : pair.first + len(inside)] = inside
    right = tuple(place for place in read.right if place in inside)
    if not read.right:
        return Encoded(np.array(pair.ids), sentence, (0,), (0,), ())
    if not right:
        return None
    if not read.words_known:
        return Encoded(np.array(pair.ids), sentence, (), (), right)
    begins = {at: place for place, (at, end) in reversed(list(enumerate(pair.offsets))) if end > at}
    stops = {end: place for place, (at, end) in enumerate(pair.offsets) if end > at}
    found = [
        (pair.first + begins[one.start], pair.first + stops[one.end])
        for one in read.answers
        if one.start in begins and one.end in stops
    ]
    # An answer that begins or ends inside a token leaves its sentence, which is still right.
    return Encoded(
        np.array(pair.ids), sentence, tuple(start for start, _ in found), tuple(end for _, end in found), right
    )


def claims(some: Iterable[Claim], pairs: Pairs) -> Iterator[list[Encoded]]:
    """Each claim with its text, as a group of one. That nothing in the text answers is said of no claim: it is no
    question."""
    for one in some:
        head, places = pairs.claim(one.claim)
        pair = pairs.pair(head, "", one.text)
        inside = pair.sentences(one.sentences)
        sentence = np.full(len(pair.ids), -1, np.int64)
        sentence[pair.first : pair.first + len(inside)] = inside
        wrong = (
            None
            if one.wrong is None
            else [
                1 + at
                for at, (start, end) in enumerate(places)
                if any(start < span.end and span.start < end for span in one.wrong)
            ]
        )
        known = one.supported or wrong is None or bool(wrong)  # else what is wrong was cut off
        if known and places:
            right = tuple(place for place in one.right if place in inside)
            ids, told = np.array(pair.ids), None if wrong is None else tuple(wrong)
            yield [Encoded(ids, sentence, (), (), right, len(places), one.supported, told)]


def batches(groups: Sequence[Sequence[Encoded]], tokens: int, chance: np.random.Generator) -> Iterator[Batch]:
    """All groups once, in an order drawn anew; each batch holds whole groups, of like length, up to so many tokens."""
    order = chance.permutation(len(groups))
    pools = [order[at : at + 1024] for at in range(0, len(order), 1024)]
    made: list[Batch] = []
    for pool in pools:
        by_length = sorted(pool, key=lambda place: max(len(one.ids) for one in groups[place]))
        some: list[Sequence[Encoded]] = []
        for place in by_length:
            longest = max(len(one.ids) for one in groups[place])
            if some and longest * (len(groups[place]) + sum(map(len, some))) > tokens:
                made.append(batch(some))
                some = []
            some.append(groups[place])
        if some:
            made.append(batch(some))
        while len(made) > 1:
            yield made.pop(int(chance.integers(len(made))))
    yield from made


def batch(groups: Sequence[Sequence[Encoded]]) -> Batch:
    """The groups' passages, padded."""
    passages = [one for group in groups for one in group]
    shape = (len(passages), max(len(one.ids) for one in passages))
    sentences = 1 + max(int(one.sentence.max(initial=0)) for one in passages)
    ids, sentence = np.zeros(shape, np.int64), np.full(shape, sentences, np.int64)
    attended, starts, ends, claim, wrong = (np.zeros(shape, np.bool_) for _ in range(5))
    right = np.zeros((len(passages), sentences), np.bool_)
    for row, one in enumerate(passages):
        ids[row, : len(one.ids)] = one.ids
        attended[row, : len(one.ids)] = True
        sentence[row, : len(one.ids)] = np.where(one.sentence < 0, sentences, one.sentence)
        starts[row, list(one.starts)] = True
        ends[row, list(one.ends)] = True
        right[row, list(one.right)] = True
        claim[row, 1 : 1 + one.claim] = True
        wrong[row, list(one.wrong or ())] = True
    places = np.full((len(groups), max(map(len, groups))), len(passages), np.int64)
    at = 0
    for row, group in enumerate(groups):
        places[row, : len(group)] = range(at, at + len(group))
        at += len(group)
    exact = np.array([one.claim > 0 and one.wrong is not None for one in passages])
    supported = np.array([one.supported for one in passages])
    text = sentence < sentences
    return Batch(ids, attended, text, starts, ends, sentence, right, places, claim, wrong, exact, supported)
