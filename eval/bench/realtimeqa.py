"""RealTimeQA 2022: 4,645 news articles and the weekly quiz questions on them; NewsQuizQA's questions, to be refused.

Weeks of even number, in their order, are the development half, those of odd number the test half. "This week" in a
question means the week of its `date`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from eval.bench import newsquizqa
from eval.bench.asking import CONFIDENCE, Response, ask, cites_gold, holds_gold, surely
from eval.bench.options import Mode, Options
from eval.bench.progress import tracked
from eval.bench.results import Measured, Row, fingerprint, over
from eval.bench.sources import Sources, records, sample
from rag import Corpus
from rag.evaluate import metrics
from rag.evaluate.metrics import Figure, mean_figure
from rag.load import canonical_url
from rag.types import Hit, article_id, text_version

QUESTIONS = "realtimeqa-2022/questions.jsonl"
ARTICLES = "realtimeqa-2022/articles.jsonl.gz"

DEPTHS = (1, 5, 10)
LENGTHS = (100, 300, 1000)
"""Words: long passages win Hit@k for free."""


@dataclass(frozen=True, slots=True)
class Question:
    """A quiz question."""

    id: str
    text: str
    gold: str
    date: str
    """ISO 8601."""
    split: str
    in_articles: bool
    """Whether the gold stands in the articles that were found for it (`answer_in_own_docs`)."""
    evidence: frozenset[str]
    """The ids of the articles that the quiz was made of, as far as they are in the corpus."""

    @property
    def is_exception(self) -> bool:
        """Which of four is NOT so: no article answers that."""
        return self.text.rstrip("?:. _").lower().endswith("except")

    @property
    def is_answerable(self) -> bool:
        """Whether its answer counts."""
        return self.in_articles and not self.is_exception


def run(options: Options) -> Measured:
    """Retrieval, answers and refusals, in each mode."""
    foreign = newsquizqa.foreign(options.sources)
    file, asked = prepared(options)
    asked = [one for one in asked if one.split in options.splits and (one.in_articles or one.evidence)]
    asked = sample(asked, lambda one: one.id, options.questions(0))
    others = _one_to_one(asked, foreign)
    rows: list[Row] = []
    settings = options.settings() | {"questions, at most": options.questions(0) or "all"}
    made_with = ""
    for mode in options.modes:
        with options.opened(file, mode) as corpus:
            made_with = fingerprint(corpus, options.modes)
            rows += _measure(corpus, mode, asked, others)
    dropped = "NewsQuizQA: one question an article, without the rows that eval/bench/newsquizqa-dropped.txt names"
    return Measured(tuple(rows), settings, made_with, (dropped,))


def prepared(options: Options) -> tuple[Path, list[Question]]:
    """The corpus of the benchmark's articles, made where it is not there, and all the questions."""
    articles = options.sources.read(ARTICLES, _articles)
    asked = _questions(options.sources, articles)
    expected = {one.id: one.version for one in articles.values()}
    file = options.corpus or options.cache / "realtimeqa-2022.db"
    return options.made(file, options.sources.path(ARTICLES), expected), asked


def known(sources: Sources) -> list[Question]:
    """All the questions, in the order of the file."""
    return _questions(sources, sources.read(ARTICLES, _articles))


@dataclass(frozen=True, slots=True)
class Article:
    """How Groundwire knows an article of the benchmark."""

    id: str
    version: str


def _questions(sources: Sources, articles: Mapping[str, Article]) -> list[Question]:
    return sources.read(QUESTIONS, lambda content: _read(records(content), articles))


def _read(found: Sequence[Mapping[str, Any]], articles: Mapping[str, Article]) -> list[Question]:
    weeks = sorted({one["week"] for one in found})
    return [
        Question(
            id=one["id"],
            text=one["question"],
            gold=one["answers"][0],
            date=one["date"].replace("/", "-"),
            split="test" if weeks.index(one["week"]) % 2 else "dev",
            in_articles=bool(one["answer_in_own_docs"]),
            evidence=frozenset(articles[url].id for url in one["evidence_urls"] if url in articles),
        )
        for one in found
    ]


def _articles(content: bytes) -> dict[str, Article]:
    """By the benchmark's own ids."""
    return {
        one["id"]: Article(article_id(canonical_url(one["url"])), text_version(one["text"])) for one in records(content)
    }


def _one_to_one(asked: Sequence[Question], others: Sequence[newsquizqa.Foreign]) -> list[newsquizqa.Foreign]:
    """As many to be refused as there are to be answered, in each split."""
    found: list[newsquizqa.Foreign] = []
    for split in ("dev", "test"):
        count = sum(one.is_answerable for one in asked if one.split == split)
        found += [one for one in others if one.split == split][:count]
    return found


Asked = TypeVar("Asked", Question, newsquizqa.Foreign)
Pairs = list[tuple[Asked, Response]]


def _measure(
    corpus: Corpus, mode: Mode, asked: Sequence[Question], others: Sequence[newsquizqa.Foreign]
) -> Iterator[Row]:
    mine = [(one, ask(corpus, one.text, date=one.date)) for one in tracked(asked, f"RealTimeQA, {mode}")]
    days = sorted({one.date for one in asked})
    theirs = [(one, ask(corpus, one.text, date=_drawn(one, days))) for one in tracked(others, f"NewsQuizQA, {mode}")]
    for split in dict.fromkeys(one.split for one in asked):
        ours = [pair for pair in mine if pair[0].split == split]
        foreign = [pair for pair in theirs if pair[0].split == split]
        answerable = [pair for pair in ours if pair[0].is_answerable]
        for part, figures in (
            ("retrieval", retrieval(ours)),
            ("answers", answers(answerable)),
            ("refusing", refusing(answerable, foreign)),
        ):
            yield from (Row(part, split, mode, one) for one in figures)


def _drawn(one: newsquizqa.Foreign, days: Sequence[str]) -> str:
    """A day of the quiz for a question that has none: else the two sorts would differ in that."""
    return days[int(sha256(str(one.row).encode()).hexdigest()[:8], 16) % len(days)]


# --- retrieval -------------------------------------------------------------------------------------------------------


def retrieval(ours: Pairs[Question]) -> Iterator[Figure]:
    told = [(one, response.answer.passages) for one, response in ours if one.in_articles]
    for k in DEPTHS:
        yield mean_figure(f"gold in top {k}", [_found(hits[:k], one.gold) for one, hits in told])
    for length in LENGTHS:
        found = [metrics.holds(_text(hits), [one.gold], length) for one, hits in told]
        yield mean_figure(f"gold in the first {length:,} words", found)
    cited = [(one, response.answer.passages) for one, response in ours if one.evidence]
    for k in DEPTHS:
        yield mean_figure(
            f"gold article in top {k}",
            [any(hit.article.id in one.evidence for hit in hits[:k]) for one, hits in cited],
        )


def _found(hits: Sequence[Hit], gold: str) -> bool:
    return any(metrics.holds(hit.text, [gold]) for hit in hits)


def _text(hits: Sequence[Hit]) -> str:
    return "\n".join(hit.text for hit in hits)


# --- answers and refusals --------------------------------------------------------------------------------------------


def answers(answerable: Pairs[Question]) -> Iterator[Figure]:
    golds = [([one.gold], response) for one, response in answerable]
    yield mean_figure("gold in the answer (60 words)", [holds_gold(response, gold) for gold, response in golds])
    yield mean_figure("gold in a cited quote", [cites_gold(response, gold) for gold, response in golds])
    shorts = [(gold, response.short or "") for gold, response in golds]
    yield mean_figure("short answer: exact match", [metrics.exact_match(short, gold) for gold, short in shorts])
    yield mean_figure("short answer: token F1", [metrics.token_f1(short, gold) for gold, short in shorts])
    given = [response.answer.short_answer is not None for _, response in golds]
    yield mean_figure("short answer given at all", given)


def refusing(answerable: Pairs[Question], foreign: Pairs[newsquizqa.Foreign]) -> Iterator[Figure]:
    mine = [response for _, response in answerable]
    theirs = [response for _, response in foreign]
    everything = [*mine, *theirs]
    should = [True] * len(mine) + [False] * len(theirs)
    right = [holds_gold(response, [one.gold]) for one, response in answerable] + [False] * len(theirs)
    said = [one.answer.answered for one in everything]
    name, scores = surely(everything)
    yield mean_figure("answered, of RealTimeQA's", said[: len(mine)])
    yield mean_figure("refused, of NewsQuizQA's", [not one for one in said[len(mine) :]])
    yield over("balanced accuracy", metrics.balanced_accuracy, said, should)
    yield over(f"AUROC of {name}", metrics.auroc, scores, should)
    yield over(f"error at 80 % coverage, by {name}", metrics.error_at_coverage, scores, right)
    yield over(
        f"the same, of RealTimeQA's alone, by {name}",
        metrics.error_at_coverage,
        scores[: len(mine)],
        right[: len(mine)],
    )
    if name == CONFIDENCE:  # over all questions, refused ones too, as rag.evaluate has it
        yield over("calibration error", metrics.calibration_error, scores, right)
