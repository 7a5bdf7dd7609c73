"""RealTimeQA-2022 as every system here is given it: the articles, and the questions that count.

How the benchmark is read and scored stands in `eval.bench.realtimeqa`.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

from eval.bench.realtimeqa import ARTICLES, Question, known
from eval.bench.sources import Sources, records


@dataclass(frozen=True, slots=True)
class Source:
    """An article as it came."""

    url: str
    title: str
    text: str


def file(bench: Path) -> Path:
    """The file of articles. Raises UsageError where it is missing."""
    return Sources(bench).path(ARTICLES)


def sources(articles: Path) -> list[Source]:
    """Every article of the file, in its order."""
    rows = records(gzip.decompress(articles.read_bytes()))
    return [Source(row["url"], row["title"] or "", row["text"]) for row in rows]


def questions(bench: Path) -> list[Question]:
    """Those whose answer, or whose evidence, stands in the articles. Raises UsageError where the data is missing."""
    found = known(Sources(bench))
    return [one for one in found if not one.is_exception and (one.in_articles or one.evidence)]
