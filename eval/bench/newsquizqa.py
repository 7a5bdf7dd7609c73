"""NewsQuizQA: questions on other articles, to be refused; and the list of those that RealTimeQA's may answer by chance.

``python -m eval.bench.newsquizqa`` makes the list, `newsquizqa-dropped.txt`: the rows of train.csv whose gold stands in
one of the ten best 200-word passages of RealTimeQA's articles by BM25 over title and passage. It was made once, with
`eval.bench.bm25` alone, so it does not depend on the system under test; that engine finds the gold of RealTimeQA's own
answerable questions in its first 1, 5 and 10 passages for .650, .830 and .890 of them. Row numbers only: no text of the
data is kept here.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from eval.bench.bm25 import BM25
from eval.bench.progress import tracked
from eval.bench.sources import Sources, records, split_of
from rag.errors import GroundwireError, UsageError
from rag.evaluate.metrics import holds

ROWS = "newsquizqa/train.csv"
ARTICLES = "realtimeqa-2022/articles.jsonl.gz"
DROPPED = Path(__file__).parent / "newsquizqa-dropped.txt"

PASSAGE_WORDS, BEST = 200, 10


@dataclass(frozen=True, slots=True)
class Foreign:
    """A question that the articles do not answer."""

    row: int
    """In train.csv, from 0."""
    text: str
    split: str


@dataclass(frozen=True, slots=True)
class QuizRow:
    """A row of train.csv."""

    url: str
    question: str
    answer: str


def foreign(sources: Sources, file: Path | None = None) -> list[Foreign]:
    """One question an article, in an order drawn by the hash of the article's address, which also says the split.

    `file`: the list, where it is not the one beside this module.
    """
    rows = sources.read(ROWS, _rows)
    dropped = _dropped(file or DROPPED, sources.hashes[ROWS])
    kept: dict[str, Foreign] = {}
    for number, row in enumerate(rows):
        if number not in dropped:
            kept.setdefault(row.url, Foreign(number, row.question, split_of(row.url)))
    return [kept[url] for url in sorted(kept, key=lambda url: sha256(url.encode()).digest())]


def _rows(content: bytes) -> list[QuizRow]:
    found = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    rows = [QuizRow(row["url"], row["question"], row["answer"]) for row in found]
    if not rows:
        raise ValueError("it has no rows")
    return rows


def _dropped(file: Path, rows_sha256: str) -> frozenset[int]:
    """The list. Raises UsageError where it was made of other rows than these."""
    text = file.read_text("utf-8")
    if f"{ROWS} {rows_sha256}" not in text:
        raise UsageError(f"{ROWS} is not the file that {file.name} was made of; get it anew")
    return frozenset(int(number) for line in text.splitlines() if line[:1].isdigit() for number in line.split())


# --- the list --------------------------------------------------------------------------------------------------------


def main() -> None:
    """Make the list anew."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.newsquizqa", description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    try:
        print(write_list(Sources(parser.parse_args().bench), DROPPED))
    except GroundwireError as error:
        sys.exit(str(error))


def write_list(sources: Sources, file: Path) -> str:
    """Write the list; returns what was done, in a line."""
    rows = sources.read(ROWS, _rows)
    passages = list(_passages(sources.read(ARTICLES, records)))
    engine = BM25([f"{one.title} {one.text}" for one in passages])
    dropped = [
        number
        for number, row in enumerate(tracked(rows, "NewsQuizQA"))
        if any(holds(passages[one].text, [row.answer]) for one in engine.top(row.question, BEST))
    ]
    file.write_text(_told(sources, dropped, len(rows)), "utf-8")
    return f"{len(dropped):,} of {len(rows):,} rows are dropped: {file}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """200 words of an article, found by its title, too."""

    title: str
    text: str


def _passages(articles: Sequence[dict[str, str]]) -> Iterator[Stretch]:
    for article in articles:
        words = article["text"].split()
        for start in range(0, len(words), PASSAGE_WORDS):
            yield Stretch(article["title"], " ".join(words[start : start + PASSAGE_WORDS]))


def _told(sources: Sources, dropped: Sequence[int], count: int) -> str:
    made_of = "\n".join(f"# {name} {hashed}" for name, hashed in sorted(sources.hashes.items()))
    numbers = textwrap.fill(" ".join(map(str, dropped)), 118)
    return (
        f"# Made by python -m eval.bench.newsquizqa, which says how: rows (from 0) that RealTimeQA's articles may "
        f"answer,\n# {len(dropped)} of {count}. Made of these files:\n{made_of}\n{numbers}\n"
    )


if __name__ == "__main__":
    main()
