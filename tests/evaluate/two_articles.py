"""Two made-up articles and answers made by hand, for the tests of evaluation; every span is exact."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rag.evaluate.expected import Expected, Place
from rag.evaluate.judging import Asked, Judged, judge
from rag.evaluate.questions import Question
from rag.types import REFUSAL, Answer, Citation, ProducedBy, Reference, Statement, text_version

#        0         1         2         3         4         5
#        0123456789012345678901234567890123456789012345678901234567
NORTH = "Five rockets fell at dawn. The army denied that any fell. "
SOUTH = "Six rockets fell at noon. No one was hurt in the south."
NORTH_ID, SOUTH_ID = "a" * 16, "b" * 16

FIVE = Place(NORTH_ID, 0, 26, "Five rockets fell at dawn.")
DENIED = Place(NORTH_ID, 27, 57, "The army denied that any fell.")
SIX = Place(SOUTH_ID, 0, 25, "Six rockets fell at noon.")
UNHURT = Place(SOUTH_ID, 26, 55, "No one was hurt in the south.")


@dataclass(frozen=True)
class Held:
    """The articles' texts by id."""

    texts: dict[str, str] = field(default_factory=lambda: {NORTH_ID: NORTH, SOUTH_ID: SOUTH})

    def text(self, article: str) -> str:
        return self.texts.get(article, "")

    def reference(self, article: str) -> Reference | None:
        return REFERENCES.get(article)


HELD = Held()
REFERENCES = {
    name: Reference(name, text_version(text), f"{name[0]}.txt", title=f"Article {name[0]}")
    for name, text in HELD.texts.items()
}

HOW_MANY = Expected(
    Question(
        id="q1",
        question="How many missiles came down in the north?",
        kind="how many",
        accepted=("five rockets",),
        short=("five",),
    ),
    gold=((FIVE,),),
    articles=frozenset((NORTH_ID,)),
)
WHO_DIED = Expected(Question(id="q2", question="Who died?", kind="who", answerable=False))
DISPUTED = replace(HOW_MANY, question=replace(HOW_MANY.question, id="q3"), sides=((FIVE,), (DENIED,)))


def locked(expected: Expected) -> Expected:
    return replace(expected, question=replace(expected.question, split="locked"))


def answer(*quoted: Place) -> Answer:
    """One statement for each quote, with its citation; a refusal where there is none."""
    return Answer(
        question="",
        answered=bool(quoted),
        text=" ".join(f"{one.quote} [{n}]" for n, one in enumerate(quoted, 1)) or REFUSAL,
        statements=tuple(Statement(one.quote, (n,)) for n, one in enumerate(quoted, 1)),
        citations=tuple(
            Citation(n, one.article, REFERENCES[one.article].version, one.start, one.end, one.quote)
            for n, one in enumerate(quoted, 1)
        ),
        passages=(),
        articles=REFERENCES,
        produced_by=ProducedBy("0", "0"),
    )


def judged(expected: Expected, given: Answer | Place | None = None, *more: Place, seconds: float = 0.5) -> Judged:
    """An answer, or one made of these quotes, held against what is expected."""
    made = given if isinstance(given, Answer) else answer(*((given, *more) if given else ()))
    return judge(expected, Asked(made, seconds), HELD)
