"""Questions asked of a corpus, and the run that comes of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import NO_MODEL, PASSAGE_SIZE
from rag.evaluate import retrieval
from rag.evaluate.expected import Articles, Expected, expect
from rag.evaluate.figures import Figures
from rag.evaluate.judging import Asked, Judged, judge
from rag.evaluate.libraries import library
from rag.evaluate.questions import Question
from rag.version import VERSION

if TYPE_CHECKING:
    from rag.corpus import Corpus

NEEDED = ("scipy", "ir_measures")
"""What the extra `eval` brings; the first is needed by the others."""

MOST_NAMED = 5
"""Unknown fields that are named."""


@dataclass(frozen=True, slots=True)
class Run:
    """Questions, answered and judged, and what they were answered with."""

    made: str
    """When: ISO 8601, UTC."""
    version: str
    """Of Groundwire."""
    file: str
    """The question file's name."""
    settings: Mapping[str, str | int]
    questions: str
    """SHA-256 over all questions' digests."""
    articles: str
    """SHA-256 over all articles' ids and versions."""
    judged: tuple[Judged, ...] = field(default_factory=tuple)
    notes: tuple[str, ...] = ()
    hidden: int = 0
    """Locked questions beside those judged: a saved run has them in its figures alone."""
    kept: Mapping[str, Figures] = field(default_factory=dict)
    """The figures by group of a saved run with hidden questions; empty where what is judged is all there is."""

    @property
    def count(self) -> int:
        """Questions that were asked."""
        return len(self.judged) + self.hidden


def check_libraries() -> None:
    """Raise UsageError, with the pip line, where what evaluating needs is not installed."""
    for name in NEEDED:
        library(name)


@dataclass(frozen=True, slots=True)
class Answered:
    """One question from what it expects to what its answer earned."""

    expected: Expected
    asked: Asked
    judged: Judged


def run(
    corpus: Corpus,
    questions: Sequence[Question],
    file: str,
    *,
    made: str,
    progress: Callable[[int], None] | None = None,
) -> Run:
    """Ask every question, in order, and judge the answers. `file` names the questions, `made` the moment.

    `progress` is told after each question how many are done. Raises UsageError where a question names what the corpus
    does not hold, and as `Corpus.ask` does.
    """
    check_libraries()
    articles = Articles(corpus)
    answered = judged(corpus, questions, articles, file, progress)
    return run_of(corpus, questions, articles, answered, file, made)


def judged(
    corpus: Corpus,
    questions: Sequence[Question],
    articles: Articles,
    file: str,
    progress: Callable[[int], None] | None = None,
) -> list[Answered]:
    """Every question's answer, held against what it expects of these articles. Raises as `run` does."""
    expected = [expect(question, articles, file) for question in questions]
    corpus.ask(questions[0].question)  # what is loaded once is no question's cost
    asked = []
    for number, question in enumerate(questions, 1):
        asked.append(_asked(corpus, question))
        if progress is not None:
            progress(number)
    ranks = retrieval.ranks(expected, [one.answer for one in asked])
    return [
        Answered(wanted, one, judge(wanted, one, articles, its))
        for wanted, one, its in zip(expected, asked, ranks, strict=True)
    ]


def run_of(
    corpus: Corpus,
    questions: Sequence[Question],
    articles: Articles,
    answered: Sequence[Answered],
    file: str,
    made: str,
) -> Run:
    """The run that these answers make."""
    return Run(
        made=made,
        version=VERSION,
        file=Path(file).name,
        settings=settings(corpus),
        questions=digest(questions),
        articles=articles.digest,
        judged=tuple(one.judged for one in answered),
        notes=tuple(
            dict.fromkeys(
                (*_passed_over(questions, file), *(note for one in answered for note in one.asked.answer.notes))
            )
        ),
    )


def digest(questions: Sequence[Question]) -> str:
    """Of these questions in this order: SHA-256."""
    return sha256("\n".join(question.digest for question in questions).encode("utf-8")).hexdigest()


def settings(corpus: Corpus) -> dict[str, str | int]:
    """What the answers depend on beside questions and articles."""
    status = corpus.status()
    return {
        "model": status.model if status.weights else NO_MODEL,
        "fingerprint": status.fingerprint,
        "reader": corpus.reader,
        "k": corpus.settings.k,
        "words": corpus.settings.words,
        "passage size": PASSAGE_SIZE,
    }


def _passed_over(questions: Sequence[Question], file: str) -> Iterator[str]:
    """In one line, the fields that are not known, and how many questions have each."""
    counts = Counter(name for one in questions for name in one.passed_over).most_common()
    told = [f"{name[:40]!r} ({count} question{'s'[: count > 1]})" for name, count in counts[:MOST_NAMED]]
    if len(counts) > MOST_NAMED:
        told.append(f"{len(counts) - MOST_NAMED} more")
    if told:
        yield f"{Path(file).name}: passed over, being no fields of a question: {', '.join(told)}"


def _asked(corpus: Corpus, question: Question) -> Asked:
    start = time.perf_counter()
    answer = corpus.ask(question.question, asked_on=question.date, id=question.id)
    return Asked(answer, time.perf_counter() - start)
