"""RealTimeQA 2022 (`../shared/data/realtimeqa-2022`): retrieval and answers, scored as its README says.

Run as ``python -m eval.realtimeqa --corpus FILE [--bench DIR]``. The corpus is made once (embedding takes
half an hour on two cores) and used again. The weeks of even number are one half of the questions, those of odd number
the other: whatever is tuned on one is measured on the other.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag import Corpus
from rag.commands import run
from rag.config import load
from rag.types import Hit

WORDS = 60
DEPTHS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Question:
    """A quiz question whose answer stands in the articles."""

    text: str
    gold: str
    even: bool
    """Whether its week has an even number in the order of weeks."""


def main() -> None:
    """Print the figures, for both halves and with and without the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--corpus", type=Path, required=True, help="made where it is not there yet")
    parser.add_argument("--limit", type=int, help="questions of each sort")
    given = parser.parse_args()
    open_corpus(given.corpus, given.bench)
    asked = questions(given.bench)[: given.limit]
    foreign = unanswerable(given.bench, len(asked))
    for name, model in (("hybrid", None), ("lexical", "none")):
        with Corpus.open(settings=load({"corpus": given.corpus, "model": model})) as corpus:
            print(f"{name}:")
            _retrieval(corpus, asked)
            _answers(corpus, asked, foreign)


def open_corpus(file: Path, bench: Path) -> None:
    """Make sure that the corpus holds the articles, and nothing else; leaves with a clear line where it cannot."""
    articles = bench / "realtimeqa-2022" / "articles.jsonl.gz"
    if not articles.is_file():
        sys.exit(f"{articles} is not there; --bench DIR names the folder of the benchmark data")
    if run(["add", str(articles), "--corpus", str(file)]):
        sys.exit(f"{file} could not be made; the line above says why")


def questions(bench: Path) -> list[Question]:
    """Those whose answer stands in the articles that were found for them."""
    lines = (bench / "realtimeqa-2022" / "questions.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    weeks = sorted({one["week"] for one in found})
    return [
        Question(one["question"], one["answers"][0], weeks.index(one["week"]) % 2 == 0)
        for one in found
        if one["answer_in_own_docs"] and not one["question"].rstrip("?: ").lower().endswith("except")
    ]


def unanswerable(bench: Path, count: int) -> list[str]:
    """NewsQuizQA questions, which other articles answer: every n-th, so that no two are of one article.

    Some few may be answered by these articles by chance; they count against the system here.
    """
    with (bench / "newsquizqa" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["question"] for row in rows[:: max(1, len(rows) // count)]][:count]


def normalised(text: str) -> str:
    """Lower-case, runs of what is neither letter nor digit as one space, one space at both ends."""
    return f" {re.sub(r'[^0-9a-z]+', ' ', text.lower()).strip()} "


def _retrieval(corpus: Corpus, asked: Sequence[Question]) -> None:
    ranks = [_rank(corpus.search(one.text, k=max(DEPTHS)).hits, one.gold) for one in asked]
    for half, even in (("even weeks", True), ("odd weeks", False)):
        some = [rank for rank, one in zip(ranks, asked, strict=True) if one.even is even]
        told = "  ".join(f"@{k} {np.mean([rank <= k for rank in some]):.3f}" for k in DEPTHS)
        print(f"  gold in the first k passages, {half} ({len(some)}): {told}")


def _rank(hits: Sequence[Hit], gold: str) -> float:
    wanted = normalised(gold)
    return next((rank for rank, hit in enumerate(hits, 1) if wanted in normalised(hit.text)), np.inf)


def _answers(corpus: Corpus, asked: Sequence[Question], foreign: Sequence[str]) -> None:
    answered: list[bool] = []
    right: list[bool] = []
    for one in asked:
        answer = corpus.ask(one.text, words=WORDS)
        text = " ".join(" ".join(statement.text for statement in answer.statements).split()[:WORDS])
        answered.append(answer.answered)
        right.append(normalised(one.gold) in normalised(text))
    for half, even in (("even weeks", True), ("odd weeks", False)):
        some = [n for n, one in enumerate(asked) if one.even is even]
        among = np.mean([right[n] for n in some])
        given = np.mean([answered[n] for n in some])
        print(f"  gold in the answer, {half}: {among:.3f}; answered {given:.3f}")
    refused = np.mean([not corpus.ask(one).answered for one in foreign])
    print(f"  NewsQuizQA refused: {refused:.3f}; balanced accuracy {(refused + np.mean(answered)) / 2:.3f}")


if __name__ == "__main__":
    main()
