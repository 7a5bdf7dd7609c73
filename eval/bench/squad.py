"""SQuAD 2.0 (the 20 articles of its development set that are here) and 13 more articles of version 1.1.

Reading: the paragraph is given, as a filter on the one article that it is. Open: the question is asked of all
paragraphs. `eval.fit_extract` fits on the paragraphs of every other article: these are the development half here, and
the others the test half, without the questions on them that it used as off the topic.

Exact match and F1 are the official script's. Refusing is the empty string. An answer without a short answer is no
string at all: it is wrong whether or not there is an answer, so that saying nothing short earns nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval import fit_extract
from eval.bench.asking import CONFIDENCE, Response, ask, surely
from eval.bench.options import Mode, Options
from eval.bench.progress import tracked
from eval.bench.results import Measured, Row, fingerprint, over
from eval.bench.sources import sample
from rag import Corpus
from rag.evaluate import metrics
from rag.evaluate.metrics import Figure, mean_figure
from rag.types import Filters, article_id, text_version

FILES = {"2.0": "squad2-open/dev-v2.0.open20.json", "1.1": "squad2-open/dev-v1.1.extra.json"}

ENOUGH = 250
"""Questions of each version and split that are asked unless --limit says otherwise."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, which is an article to Groundwire."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Gold:
    """An accepted answer, and where it stands in the paragraph."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `golds` are empty where the paragraph does not answer it."""

    id: str
    text: str
    paragraph: str
    golds: tuple[Gold, ...]
    version: str
    split: str

    @property
    def accepted(self) -> list[str]:
        return [gold.text for gold in self.golds]


def run(options: Options) -> Measured:
    """Both variants, in each mode."""
    articles = {version: options.sources.read(file, _articles) for version, file in FILES.items()}
    paragraphs = [one for some in articles.values() for article in some for one in _paragraphs(article)]
    asked = [
        one
        for version in FILES
        for split in options.splits
        for one in sample(questions(articles, version, split), lambda one: one.id, options.questions(ENOUGH))
    ]
    file = _made(options, paragraphs)
    rows: list[Row] = []
    settings = options.settings() | {"questions of each version and split, at most": options.questions(ENOUGH) or "all"}
    made_with = ""
    for mode in options.modes:
        with options.opened(file, mode) as corpus:
            made_with = fingerprint(corpus, options.modes)
            rows += _measure(corpus, mode, asked)
    note = "short_answer is not given yet: where there is an answer, exact match and F1 are 0 by that alone"
    return Measured(tuple(rows), settings, made_with, () if any(_gives_short(row) for row in rows) else (note,))


def _gives_short(row: Row) -> bool:
    return row.figure.name == GIVEN and row.figure.value > 0


# --- the files -------------------------------------------------------------------------------------------------------


def _articles(content: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(content)["data"]
    for article in found:
        for paragraph in article["paragraphs"]:
            for one in paragraph["qas"]:
                for gold in one["answers"]:
                    start = gold["answer_start"]
                    if paragraph["context"][start : start + len(gold["text"])] != gold["text"]:
                        raise ValueError(f"the answer of {one['id']} does not stand where it is said to")
    return found


def _paragraphs(article: dict[str, Any]) -> Iterator[Paragraph]:
    for number, paragraph in enumerate(article["paragraphs"]):
        title = article["title"].replace("_", " ")
        yield Paragraph(f"{article['title']}/{number}", title, paragraph["context"])


def questions(articles: dict[str, list[dict[str, Any]]], version: str, split: str) -> list[Question]:
    """Of one version and split. See the module on what the halves are."""
    everything = [article for some in articles.values() for article in some]
    fitted, aside = everything[::2], everything[1::2]
    seen = {one.question for one in fit_extract.drawn(fitted, aside)}
    mine = fitted if split == "dev" else aside
    return [
        one
        for article in articles[version]
        if any(article is other for other in mine)
        for one in _asked(article, version, split)
        if split == "dev" or one.text not in seen
    ]


def _asked(article: dict[str, Any], version: str, split: str) -> Iterator[Question]:
    for number, paragraph in enumerate(article["paragraphs"]):
        for one in paragraph["qas"]:
            golds = tuple({Gold(gold["text"], gold["answer_start"]): None for gold in one["answers"]})
            yield Question(one["id"], one["question"], f"{article['title']}/{number}", golds, version, split)


def _made(options: Options, paragraphs: Sequence[Paragraph]) -> Path:
    """The corpus of all paragraphs, each an article."""
    lines = options.cache / "squad-paragraphs.jsonl"
    lines.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps({"id": one.key, "title": one.title, "text": one.text}) + "\n" for one in paragraphs)
    if not lines.is_file() or lines.read_text("utf-8") != text:
        lines.write_text(text, "utf-8")
    expected = {article_id(one.key): text_version(one.text) for one in paragraphs}
    return options.made(options.cache / "squad.db", lines, expected)


# --- asking and scoring ----------------------------------------------------------------------------------------------


def _measure(corpus: Corpus, mode: Mode, asked: Sequence[Question]) -> Iterator[Row]:
    variants: dict[str, Callable[[Question], Filters]] = {
        "reading": lambda one: Filters(articles=(article_id(one.paragraph),)),
        "open": lambda _: Filters(),
    }
    for variant, filters in variants.items():
        told = [
            (one, ask(corpus, one.text, filters=filters(one))) for one in tracked(asked, f"SQuAD, {variant}, {mode}")
        ]
        for version, split in dict.fromkeys((one.version, one.split) for one in asked):
            mine = [(one, response) for one, response in told if (one.version, one.split) == (version, split)]
            part = f"{variant}, version {version}"
            yield from (Row(part, split, mode, figure) for figure in figures(mine, variant == "open"))


GIVEN = "short answer given, of the answered"

Pairs = Sequence[tuple[Question, Response]]


def figures(told: Pairs, is_open: bool) -> Iterator[Figure]:
    has = [(one, response) for one, response in told if one.golds]
    lacks = [(one, response) for one, response in told if not one.golds]
    if is_open:
        for k in (1, 5, 10):
            found = [any(_is(hit.article.id, one) for hit in response.answer.passages[:k]) for one, response in has]
            yield mean_figure(f"HasAns: right paragraph in top {k}", found)
    yield mean_figure("HasAns: gold span in a cited quote", [_cites(one, response) for one, response in has])
    yield mean_figure("HasAns: answered", [response.answer.answered for _, response in has])
    if lacks:
        yield mean_figure("NoAns: refused", [not response.answer.answered for _, response in lacks])
        yield from _refusing(told)
    yield mean_figure("HasAns: exact match of the short answer", [_exact(*pair) for pair in has])
    yield mean_figure("HasAns: token F1 of the short answer", [_f1(*pair) for pair in has])
    if lacks:
        yield mean_figure("NoAns: exact match and F1", [_exact(*pair) for pair in lacks])
        yield mean_figure("all: exact match", [_exact(*pair) for pair in told])
        yield mean_figure("all: token F1", [_f1(*pair) for pair in told])
    answered = [response for _, response in told if response.answer.answered]
    yield mean_figure(GIVEN, [response.short is not None for response in answered])


def _refusing(told: Pairs) -> Iterator[Figure]:
    answerable = [bool(one.golds) for one, _ in told]
    said = [response.answer.answered for _, response in told]
    right = [_cites(one, response) for one, response in told]
    name, scores = surely([response for _, response in told])
    yield over("balanced accuracy", metrics.balanced_accuracy, said, answerable)
    yield over("F1 of refusing", _refusal_f1, said, answerable)
    yield over(f"AUROC of {name}", metrics.auroc, scores, answerable)
    yield over(f"error (gold span not cited) at 80 % coverage, by {name}", metrics.error_at_coverage, scores, right)
    if name == CONFIDENCE:  # over all questions, refused ones too, as rag.evaluate has it
        yield over("calibration error (gold span cited)", metrics.calibration_error, scores, right)


def _refusal_f1(said: NDArray[np.bool_], answerable: NDArray[np.bool_]) -> float:
    refused, lacking = ~said, ~answerable
    return metrics.share(2 * float((refused & lacking).sum()), float(refused.sum() + lacking.sum()))


def _is(article: str, one: Question) -> bool:
    return article == article_id(one.paragraph)


def _cites(one: Question, response: Response) -> bool:
    """Whether a quote of the right paragraph holds one of the gold spans, by its place."""
    return any(
        _is(quote.article, one) and quote.start <= gold.start and gold.end <= quote.end
        for quote in response.answer.citations
        for gold in one.golds
    )


def _exact(one: Question, response: Response) -> float:
    return 0.0 if response.short is None else metrics.exact_match(response.short, one.accepted)


def _f1(one: Question, response: Response) -> float:
    return 0.0 if response.short is None else metrics.token_f1(response.short, one.accepted)
