"""What retrieval is worth, told from the passages that a system gave and the gold string. Knows no system.

Long passages win Hit@k for free, so systems are compared at equal length above all: the passages put one after another
in their order and cut at so many words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.bench.realtimeqa import Question
from eval.peers.systems import Retrieved
from rag.evaluate.metrics import holds
from rag.minilm import Vectors
from rag.sentences import sentences, wrap_width

DEPTHS = (1, 5, 10)
LENGTHS = (100, 300, 1000)
"""Words."""

ANSWER_WORDS = 60
READ_WORDS = 300
"""What is looked through for sentences to answer with: the same length for everybody."""

Encode = Callable[[Sequence[str]], Vectors]
Outcomes = dict[str, list[bool]]
"""A measure's name, and for each question that it is over whether it holds."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A column."""

    name: str
    label: str


MEASURES = (
    *(Measure(f"hit@{k}", f"gold in the first {k} passage{'s'[: k > 1]}") for k in DEPTHS),
    *(Measure(f"words@{n}", f"in the first {n:,} words") for n in LENGTHS),
    Measure("article@10", "gold article in the first 10"),
    Measure("same reader", "gold in the 60 words of the same reader"),
    Measure("own answer", "gold in its own answer"),
)


def outcomes(asked: Sequence[Question], found: Sequence[Sequence[Retrieved]], encode: Encode) -> Outcomes:
    """Whether each measure holds, question by question; `found` are the questions' passages, best first."""
    answerable = [(one, some) for one, some in zip(asked, found, strict=True) if one.is_answerable]
    made: Outcomes = {}
    for k in DEPTHS:
        made[f"hit@{k}"] = [any(holds(p.text, [one.gold]) for p in some[:k]) for one, some in answerable]
    for n in LENGTHS:
        made[f"words@{n}"] = [holds(joined(some), [one.gold], words=n) for one, some in answerable]
    made["article@10"] = [
        any(passage.article in one.evidence for passage in some[:10])
        for one, some in zip(asked, found, strict=True)
        if one.evidence
    ]
    made["same reader"] = [
        holds(read(one.text, some, encode), [one.gold], words=ANSWER_WORDS) for one, some in answerable
    ]
    return made


def joined(passages: Sequence[Retrieved]) -> str:
    """The passages one after another."""
    return "\n".join(passage.text for passage in passages)


def read(question: str, passages: Sequence[Retrieved], encode: Encode) -> str:
    """An answer without a language model: the sentences nearest to the question by cosine, best first.

    Nobody's own way of answering, and everybody gets it: LlamaIndex has none without a language model.
    """
    some = list(dict.fromkeys(_sentences(passages)))
    if not some:
        return ""
    cosines = encode(some) @ encode([question])[0]
    return " ".join(some[place] for place in np.argsort(-cosines, kind="stable"))


def _sentences(passages: Sequence[Retrieved]) -> list[str]:
    """Those of the first READ_WORDS words."""
    made: list[str] = []
    room = READ_WORDS
    for passage in passages:
        text = passage.text
        for span in sentences(text, 0, len(text), wrap_width(text)):
            sentence = " ".join(text[span.start : span.end].split())
            room -= sentence.count(" ") + 1
            if room < 0:
                return made
            made.append(sentence)
    return made
