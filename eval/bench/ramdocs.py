"""RAMDocs: questions whose documents hold several right answers, wrong ones and noise.

The documents of a question are a small corpus of their own. A right answer is shown where it stands in a statement or
in a side of a disagreement; a wrong one is shown as if undisputed where it stands in a statement and in no side of a
disagreement.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval.bench.asking import Response, ask
from eval.bench.options import PASSAGES, WORDS, Mode, Options
from eval.bench.progress import tracked
from eval.bench.results import Measured, Row
from eval.bench.sources import records, sample, split_of
from rag import Corpus
from rag.config import NO_MODEL, Settings
from rag.evaluate.metrics import Figure, holds, mean_figure, ratio_figure

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

FILE = "conflicts/ramdocs-first250.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its documents and what they say."""

    id: str
    text: str
    documents: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def split(self) -> str:
        return split_of(self.text)


def run(options: Options) -> Measured:
    """Every question on its own documents, in each mode."""
    asked = [one for one in options.sources.read(FILE, _questions) if one.split in options.splits]
    asked = sample(asked, lambda one: one.id, options.questions(0))
    told = _ask(options, asked)
    rows = [
        Row("answers", split, mode, figure)
        for mode in options.modes
        for split in options.splits
        for figure in figures([(one, responses[mode]) for one, responses in told if one.split == split])
    ]
    return Measured(tuple(rows), options.settings() | {"questions, at most": options.questions(0) or "all"})


def _questions(content: bytes) -> list[Question]:
    # The place counts too: a question may be there twice, with other documents.
    return [
        Question(
            f"{number} {one['question']}",
            one["question"],
            tuple(document["text"] for document in one["documents"]),
            tuple(one["gold_answers"]),
            tuple(one["wrong_answers"]),
        )
        for number, one in enumerate(records(content))
    ]


Pairs = list[tuple[Question, Response]]


def _ask(options: Options, asked: Sequence[Question]) -> list[tuple[Question, dict[Mode, Response]]]:
    """Each question in each mode, on a corpus that is gone afterwards, with its indexes."""
    with ExitStack() as stack:
        model = stack.enter_context(options.model()) if "hybrid" in options.modes else None
        return [(one, _ask_one(options, one, model)) for one in tracked(asked, "RAMDocs")]


def _ask_one(options: Options, one: Question, model: BaseEmbedding | None) -> dict[Mode, Response]:
    told: dict[Mode, Response] = {}
    with tempfile.TemporaryDirectory() as scratch:
        if model is not None:  # the trained reader looks for its weights where the indexes are made
            (Path(scratch) / "models").symlink_to(options.weights / "models")
        settings = Settings(Path(scratch) / "c.db", Path(scratch), k=PASSAGES, words=WORDS)
        lexical = replace(settings, model=NO_MODEL)
        with Corpus.open(settings=settings if model else lexical, create=True, embedding=model) as corpus:
            corpus.add([_file(one, Path(scratch))])
            if model is not None:
                told["hybrid"] = ask(corpus, one.text)
        if "lexical" in options.modes:
            with Corpus.open(settings=lexical) as corpus:
                told["lexical"] = ask(corpus, one.text)
    return told


def _file(one: Question, folder: Path) -> Path:
    """The documents as a JSON Lines file."""
    file = folder / "documents.jsonl"
    lines = [json.dumps({"id": f"document {n}", "text": text}) for n, text in enumerate(one.documents, 1)]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def figures(told: Pairs) -> Iterator[Figure]:
    right = [[_shown(answer, response) for answer in one.right] for one, response in told]
    wrong = [[_undisputed(answer, response) for answer in one.wrong] for one, response in told]
    yield ratio_figure("right answers shown", [sum(some) for some in right], [len(some) for some in right])
    yield ratio_figure(
        "wrong answers shown as if undisputed", [sum(some) for some in wrong], [len(some) for some in wrong]
    )
    several = [some for some in right if len(some) > 1]
    yield mean_figure("all right answers shown, where there are several", [all(some) for some in several])
    yield mean_figure("a right answer shown", [any(some) for some in right])
    yield mean_figure("answered", [response.answer.answered for _, response in told])
    yield mean_figure("a disagreement shown", [bool(response.answer.disagreements) for _, response in told])


def _sides(response: Response) -> list[str]:
    return [side.text for one in response.answer.disagreements for side in one.sides]


def _shown(answer: str, response: Response) -> bool:
    return holds(response.text, [answer]) or any(holds(side, [answer]) for side in _sides(response))


def _undisputed(answer: str, response: Response) -> bool:
    return holds(response.text, [answer]) and not any(holds(side, [answer]) for side in _sides(response))
