"""Ask the seed questions of the seeds written as web pages, PDF, DOCX and e-mail, beside the plain text::

    python -m eval.formats [--mode lexical] [--json figures.json]

Each format is a corpus of its own. Quotes are held against the gold by their words, white space folded, since offsets
differ from file to file: a quote that does not stand in the seed so was not brought in right, and counts as wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.documents import WRITERS, Story, story_paragraphs
from eval.remembered import Remembered, model
from rag import config, weights
from rag.clean import read_page
from rag.config import NO_MODEL, Settings
from rag.corpus import Corpus
from rag.evaluate.metrics import harmonic_mean, holds, share
from rag.types import Answer, SkipKind

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
QUESTIONS = ROOT / "eval" / "questions" / "seeds.jsonl"
PLAIN = "plain text"
_WORDS = 60
"""Words of an answer that are read for the accepted strings, as in `eval.seeds`."""
# What a document says in its properties, headers and headlines, and what only a site has around its stories.
_NOT_WRITTEN = {SkipKind.TITLE, SkipKind.BYLINE, SkipKind.DATE, SkipKind.BOILERPLATE}

Question = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1, defined as in `eval.seeds`."""

    quotes_in_seed: float
    """Of all quotes: those that stand in the seed that they cite, white space folded."""
    gold_in_answer: float
    gold_cited: float
    right_article_first: float
    citation_precision: float
    refusal_f1: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every format and print one table."""
    options = _options(arguments)
    cache = config.load().cache
    modes = [options.mode] if options.mode else ["hybrid", "lexical"] if weights.present(cache) else ["lexical"]
    questions = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    seeds = {file.stem: file.read_bytes().decode("utf-8") for file in sorted(SEEDS.glob("*.txt"))}
    found: dict[str, dict[str, Figures]] = {}
    for mode in modes:
        found[mode] = {}
        print(head(mode), flush=True)
        with tempfile.TemporaryDirectory() as vectors, _model(mode, cache, Path(vectors)) as embedding:
            for name in (PLAIN, *WRITERS):
                with tempfile.TemporaryDirectory() as folder:
                    answers = _answers(Path(folder), name, embedding, questions, seeds)
                found[mode][name] = measure(questions, answers, seeds)
                print(row(name, found[mode][name]), flush=True)
        print()
    if options.json:
        shown = {mode: {name: asdict(one) for name, one in formats.items()} for mode, formats in found.items()}
        options.json.write_text(json.dumps(shown, indent=2) + "\n", "utf-8")
    return 0


def story(text: str) -> Story:
    """A seed as what a program would be told of it."""
    page = read_page(text)
    out = [(span.start, span.end) for span in page.skipped if span.kind in _NOT_WRITTEN]
    day = datetime.fromisoformat(page.published) if page.published else datetime(2020, 4, 1)
    return Story(
        title=page.title or "Without a title",
        paragraphs=story_paragraphs(text.replace("\r\n", "\n"), out),
        authors=page.authors,
        publisher=page.publisher or "The Daily Sample",
        published=day if day.tzinfo else day.replace(tzinfo=UTC),
    )


@contextmanager
def _model(mode: str, cache: Path, folder: Path) -> Iterator[Remembered | None]:
    """The embedding model, which remembers in `folder`: most sentences are the same in all formats."""
    if mode == "lexical":
        yield None
        return
    remembered = Remembered(model(cache), folder / "vectors.sqlite")
    try:
        yield remembered
    finally:
        remembered.close()


def _answers(
    folder: Path, name: str, embedding: Remembered | None, questions: Sequence[Question], seeds: Mapping[str, str]
) -> list[Answer]:
    """Every question's answer, from a corpus of the seeds in this format."""
    files = folder / "files"
    files.mkdir()
    for stem, text in seeds.items():
        if name == PLAIN:
            (files / f"{stem}.txt").write_bytes(text.encode("utf-8"))
        else:
            suffix, write = WRITERS[name]
            (files / f"{stem}{suffix}").write_bytes(write(story(text)))
    settings = Settings(folder / "seeds.db", folder / "cache", NO_MODEL if embedding is None else None)
    with Corpus.open(create=True, settings=settings, embedding=embedding) as corpus:
        report = corpus.add([files])
        if report.added != len(seeds):
            raise RuntimeError(f"{name}: {report.added} of {len(seeds)} seeds went in: {report.skipped}")
        return [corpus.ask(question["question"], words=_WORDS) for question in questions]


# --- measuring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a quote stands in a seed whose white space is folded."""

    seed: str
    start: int
    end: int


def measure(questions: Sequence[Question], answers: Sequence[Answer], seeds: Mapping[str, str]) -> Figures:
    """The figures of these answers. ``seeds``: by a file's stem, its text."""
    folded = {stem: _folded(text) for stem, text in seeds.items()}
    quotes = found = golden = answerable_quotes = 0
    in_answer = cited = first = answerable = refused = rightly = unanswerable = 0
    for question, answer in zip(questions, answers, strict=True):
        places = _places(answer, folded)
        quotes += len(answer.citations)
        found += sum(place is not None for place in places)
        refused += not answer.answered
        if question["expect"] != "answer":
            unanswerable += 1
            rightly += not answer.answered
            continue
        answerable += 1
        gold = [place for one in question["gold"] if (place := _gold(one, seeds))]
        said = " ".join(statement.text for statement in answer.statements)
        in_answer += answer.answered and holds(said, question["accepted"], _WORDS)
        cited += any(2 * _overlap(place, one) >= one.end - one.start for place in places if place for one in gold)
        first += bool(places) and places[0] is not None and f"{places[0].seed}.txt" in question["articles"]
        golden += sum(any(_overlap(place, one) > 0 for one in gold) for place in places if place)
        answerable_quotes += len(places)
    return Figures(
        quotes_in_seed=share(found, quotes),
        gold_in_answer=share(in_answer, answerable),
        gold_cited=share(cited, answerable),
        right_article_first=share(first, answerable),
        citation_precision=share(golden, answerable_quotes),
        refusal_f1=harmonic_mean(share(rightly, refused), share(rightly, unanswerable)),
    )


def _folded(text: str) -> str:
    return " ".join(text.split())


def _places(answer: Answer, folded: Mapping[str, str]) -> list[_Place | None]:
    """The answer's citations in reading order; None for one whose words do not stand in its seed."""
    places: list[_Place | None] = []
    for citation in sorted(answer.citations, key=lambda citation: citation.number):
        reference = answer.articles[citation.article]
        seed = Path(reference.path or "").stem
        quote = _folded(citation.quote)
        at = folded.get(seed, "").find(quote)
        places.append(_Place(seed, at, at + len(quote)) if at >= 0 and quote else None)
    return places


def _gold(one: Mapping[str, Any], seeds: Mapping[str, str]) -> _Place | None:
    """A gold span in the folded seed."""
    seed = Path(one["article"]).stem
    before, quote = _folded(seeds[seed][: one["start"]] + "|")[:-1], _folded(one["quote"])
    return _Place(seed, len(before), len(before) + len(quote)) if quote else None


def _overlap(one: _Place, other: _Place) -> int:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return max(0, shared) if one.seed == other.seed else 0


# --- showing ---------------------------------------------------------------------------------------------------------


def head(mode: str) -> str:
    """The first line of a mode's table."""
    return f"{mode:<20}" + "".join(f"{one.name.replace('_', ' '):>21}" for one in fields(Figures))


def row(name: str, figures: Figures) -> str:
    """One format's line."""
    return f"{name:<20}" + "".join(f"{value:>21.3f}" for value in asdict(figures).values())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval.formats", description=(__doc__ or "").partition("::")[0] + "."
    )
    parser.add_argument("--mode", choices=("hybrid", "lexical"), help="measure this mode alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
