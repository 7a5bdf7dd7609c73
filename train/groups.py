"""From questions to what the model learns from: a question with the passage that answers it and passages that do not.

Passages are cut as Groundwire cuts articles. The others are the hardest that can be had: the best by BM25 among all
the passages of the same set that do not hold the answer's words; the same passage without the sentence that answers;
and the same passage, asked a question in which one thing was changed. Knows nothing of tokens.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby

from rag.lexical import LexicalDocument, LexicalIndex, terms
from rag.scope import Scope
from rag.split import passages
from rag.types import Passage, Span
from train import changes
from train.sources import Asked

CANDIDATES = 12
"""Of so many best passages that do not answer, those beside the one that does are drawn."""

ASIDE = 12


@dataclass(frozen=True, slots=True)
class Read:
    """A passage to be read for a question; spans count from its beginning."""

    title: str
    text: str
    sentences: tuple[Span, ...]
    answers: tuple[Span, ...] = ()
    right: tuple[int, ...] = ()
    """Which of the sentences answer."""
    words_known: bool = True
    """False where a sentence is known to answer, and not with which words."""


@dataclass(frozen=True, slots=True)
class Group:
    """A question, and passages that are told apart."""

    source: str
    question: str
    passages: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Hardness:
    """How the passages that do not answer are come by."""

    others: int = 1
    """Passages that do not answer, beside each that does."""
    without: float = 0.0
    """The share of questions for which one of them is the passage that answers without what answers, if that goes."""
    changed: float = 0.0
    """The share of questions that are asked once more, one thing in them changed, of the same passage: it does not
    answer that."""
    led: float = 0.0
    """The share of questions that stand behind a statement, as a quiz has them: what repeats the statement does not
    answer."""


def is_aside(asked: Asked) -> bool:
    """Whether the question's text is kept out of training, to fit on what the reader says of texts that it has not
    seen: one in twelve, by its hash."""
    return int(sha256(asked.text.encode()).hexdigest()[:8], 16) % ASIDE == 0


def groups(asked: Iterable[Asked], wanted: Mapping[str, int], hardness: Hardness, seed: int) -> list[Group]:
    """Of each set as many questions as `wanted` says, at most, each with passages that do not answer; none on a text
    that is kept aside."""
    made: list[Group] = []
    for source, some in groupby((one for one in asked if not is_aside(one)), lambda one: one.source):
        made += _of_one_set(source, list(some), wanted.get(source, 0), hardness, random.Random(f"{seed} {source}"))
    return made


def _of_one_set(
    source: str, asked: Sequence[Asked], wanted: int, hardness: Hardness, chance: random.Random
) -> list[Group]:
    drawn = chance.sample(asked, min(wanted, len(asked)))
    near = _Pool(drawn)
    instead = changes.pool(one.question + " " + one.text for one in chance.sample(drawn, min(300, len(drawn))))
    found: list[Group] = []
    for plain in drawn:
        own = [_read(plain, passage) for passage in near.passages[plain.text]]
        answering = [read for read in own if read.right]
        texts = {plain.text[span.start : span.end] for span in plain.answers}
        one = plain
        if hardness.led and chance.random() < hardness.led:
            one = replace(plain, question=_led(plain.question, chance.choice(answering or own), texts, chance))
        if answering:
            left = _without(answering[0], texts) if chance.random() < hardness.without else None
            wrong = [left] if left else near.hardest(one, texts, chance, hardness.others)
            found.append(Group(source, one.question, (answering[0], *wrong)))
            if chance.random() < hardness.changed:
                changed = changes.change(plain.question, answering[0].text, instead, chance, changes.QUESTION_RULES)
                if changed:
                    found.append(Group(source, changed[0], (_blank(answering[0]),)))
        elif not one.is_answered:
            found.append(Group(source, one.question, (chance.choice(own),)))
    return found


LEAST_LED, MOST_LED = 5, 25
"""Words of a statement that a question stands behind."""


def _led(question: str, read: Read, answers: Iterable[str], chance: random.Random) -> str:
    """The question behind a statement out of the text: a sentence, or its beginning, that does not hold the answer as
    far as its words are known; the question alone where there is none."""
    held = [words.casefold() for words in answers]
    found: list[str] = []
    for place, span in enumerate(read.sentences):
        first = min(
            (answer.start for answer in read.answers if span.start <= answer.start < span.end), default=span.end
        )
        if place in read.right and first == span.end:
            continue  # nobody knows which of its words answer
        said = _beginning(read.text[span.start : first], is_whole=first == span.end)
        if said and not any(_stands_in(words, said.casefold()) for words in held):
            found.append(said)
    return f"{chance.choice(found)} {question}" if found else question


def _beginning(text: str, *, is_whole: bool) -> str:
    """As much of a sentence as can stand by itself, up to a comma where it is cut; nothing where too little is left."""
    words = text.split()
    if not is_whole or len(words) > MOST_LED:
        commas = [number for number, word in enumerate(words[:MOST_LED], 1) if word.endswith((",", ";", ":"))]
        words = words[: commas[-1]] if commas else []
    return " ".join(words).rstrip(",;:. ") + "." if len(words) >= LEAST_LED and "?" not in text else ""


def _blank(read: Read) -> Read:
    """The same passage, answering nothing."""
    return Read(read.title, read.text, read.sentences)


def _without(read: Read, answers: Iterable[str]) -> Read | None:
    """The passage without the sentences that answer, or that hold the answer's words; None where nothing is left."""
    kept = [
        read.text[span.start : span.end]
        for place, span in enumerate(read.sentences)
        if place not in read.right
        and not any(_stands_in(words.casefold(), read.text[span.start : span.end].casefold()) for words in answers)
    ]
    spans, at = [], 0
    for sentence in kept:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    return Read(read.title, " ".join(kept), tuple(spans)) if kept else None


def _read(one: Asked, passage: Passage, *, blank: bool = False) -> Read:
    """A passage of the question's text; `blank`: it is not the question's, and answers nothing."""
    start, end = passage.start, passage.end
    sentences = tuple(Span(span.start - start, span.end - start) for span in passage.sentences)
    inside = [] if blank else [span for span in one.answers if start <= span.start and span.end <= end]
    answers = tuple(Span(span.start - start, span.end - start) for span in inside)
    known = [Span(span.start - start, span.end - start) for span in (() if blank else one.sentences)]
    right = tuple(
        place
        for place, sentence in enumerate(sentences)
        if any(sentence.start <= answer.start < sentence.end for answer in answers)
        # Our sentences are not always the set's: most of one has to stand in the other.
        or any(_shared(sentence, other) > 0.5 * (sentence.end - sentence.start) for other in known)
    )
    text = one.text[start:end]
    return Read(one.title, text, sentences, answers, right, words_known=bool(answers) or not right)


def _shared(one: Span, other: Span) -> int:
    return min(one.end, other.end) - max(one.start, other.start)


class _Pool:
    """All passages of a set, to be searched for those that look as if they answered."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        by_text = {one.text: one for one in asked}
        self.passages = {text: passages(text, []) for text in by_text}
        self._all = [(one, passage) for text, one in by_text.items() for passage in self.passages[text]]
        self._index = LexicalIndex.open(None)
        self._index.apply([], (_document(number, *pair) for number, pair in enumerate(self._all)))

    def hardest(self, asked: Asked, answers: Iterable[str], chance: random.Random, count: int) -> list[Read]:
        """Passages near the question that do not hold its answer."""
        found: list[Read] = []
        held = [answer.casefold() for answer in answers]
        right = [asked.text[span.start : span.end].casefold() for span in asked.sentences]
        for hit in self._index.search(list(dict.fromkeys(terms(asked.question))), 3 * CANDIDATES, Scope()):
            other, passage = self._all[hit.number]
            text = other.text[passage.start : passage.end].casefold()
            # Where only sentences are known, what is beside them in the same text may answer too.
            if (right and other.text == asked.text) or any(_stands_in(words, text) for words in (*held, *right)):
                continue
            found.append(_read(other, passage, blank=True))
            if len(found) == CANDIDATES:
                break
        return chance.sample(found, min(count, len(found)))


def _stands_in(words: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def _document(number: int, one: Asked, passage: Passage) -> LexicalDocument:
    body = one.text[passage.start : passage.end]
    return LexicalDocument(number, number, one.title, body, "", 0, 0, undated=True, outlet=0)
