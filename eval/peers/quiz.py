"""RealTimeQA-2022 as every system here is given it: the articles, and the questions that they answer.

Which questions count stands in `eval.realtimeqa`; what this adds is which articles hold the evidence.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = "realtimeqa-2022"


@dataclass(frozen=True, slots=True)
class Source:
    """An article as it came."""

    id: str
    url: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A quiz question."""

    text: str
    gold: str
    even: bool
    """Whether its week has an even number in the order of weeks: the half that may be tuned on."""
    answerable: bool
    """Whether its answer stands in the articles that were found for it."""
    evidence: frozenset[str]
    """The ids of the articles that the quiz was made from, as far as they are among the articles."""


def file(bench: Path) -> Path:
    """The file of articles; leaves with a clear line where it is missing."""
    articles = bench / FOLDER / "articles.jsonl.gz"
    if not articles.is_file():
        sys.exit(f"{articles} is not there; --bench DIR names the folder of the benchmark data")
    return articles


def sources(articles: Path) -> list[Source]:
    """Every article of the file, in its order."""
    with gzip.open(articles, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Source(row["id"], row["url"], row["title"] or "", row["text"]) for row in rows]


def questions(bench: Path, among: Sequence[Source]) -> list[Asked]:
    """The questions whose answer, or evidence, stands in the articles, but for those that end in "except"."""
    lines = (bench / FOLDER / "questions.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    weeks = sorted({one["week"] for one in found})
    there = {source.id for source in among}
    asked = (
        Asked(
            text=one["question"],
            gold=one["answers"][0],
            even=weeks.index(one["week"]) % 2 == 0,
            answerable=one["answer_in_own_docs"],
            evidence=frozenset(one["evidence_urls"] or ()) & there,
        )
        for one in found
        if not one["question"].rstrip("?: ").lower().endswith("except")
    )
    return [one for one in asked if one.answerable or one.evidence]
