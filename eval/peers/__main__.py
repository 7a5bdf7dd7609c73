"""Groundwire beside its peers, on RealTimeQA-2022: quality and cost, in one run.

Run as ``python -m eval.peers [--bench DIR] [--cache DIR] [--corpus FILE] [--systems NAME …] [--limit N]``, with the
extra `peers` installed and the model's weights in the user's cache. The table in `docs/peers.md` and its plot are made
of the results, which are kept beside this file; ``--report`` makes them again without measuring. A run of some systems
or questions only is printed, not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eval.bench.realtimeqa import Question
from eval.peers import cost, quality, quiz, report
from eval.peers.quality import Encode
from eval.peers.quiz import Source
from eval.peers.results import Results, as_bits
from eval.peers.systems import SYSTEMS, Retrieved, Shelf, System
from rag.errors import Exit, GroundwireError, UsageError
from rag.evaluate.metrics import holds
from rag.split import passages

if TYPE_CHECKING:
    from eval.remembered import Remembered

TIMED = 200
ANSWERED = 60
"""Questions that are timed: retrieval, and whole answers, which take longer."""

SAMPLE = 40
"""Articles whose texts tell the speed of embedding."""

PACKAGES = (
    "llama-index-core",
    "llama-index-retrievers-bm25",
    "llama-index-vector-stores-chroma",
    "chromadb",
    "bm25s",
    "groundwire",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or the exit code of what is wrong, after one line that says it."""
    try:
        _main(_parser().parse_args(arguments))
    except GroundwireError as error:
        _say(str(error))
        return error.exit_code
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path("peers.cache"), help="where the indexes are kept")
    parser.add_argument("--corpus", type=Path, help="of eval.bench realtimeqa: its vectors are used again")
    parser.add_argument("--systems", nargs="*", choices=[one.name for one in SYSTEMS])
    parser.add_argument("--limit", type=int, help="questions, at most")
    parser.add_argument("--report", action="store_true", help="only make table and plot again")
    return parser


def _main(given: argparse.Namespace) -> None:
    """Measure, keep, and report."""
    if given.report:
        report.write(Results.read())
        return
    systems = [one for one in SYSTEMS if not given.systems or one.name in given.systems]
    if given.limit is not None and given.limit < 1:
        raise UsageError(f"--limit takes 1 question or more, not {given.limit}")
    results = measured(systems, given.bench, Shelf(given.cache), given.corpus, given.limit)
    if len(systems) == len(SYSTEMS) and given.limit is None:
        results.write()
        report.write(results)
    print(report.tables(results))


def measured(systems: Sequence[System], bench: Path, shelf: Shelf, corpus: Path | None, limit: int | None) -> Results:
    """Build what is not there, ask every system everything, then time them."""
    from eval.peers import ours
    from eval.remembered import Remembered, model
    from rag.config import load

    file = quiz.file(bench)
    sources = quiz.sources(file)
    asked = quiz.questions(bench)[:limit]
    weights = model(load().cache)
    embedding = Remembered(weights, shelf.of("vectors.db"))
    if corpus:
        _take_over(embedding, corpus)
    inputs = {
        "articles": sha256(file.read_bytes()).hexdigest(),
        "questions": sha256("\n".join(one.text for one in asked).encode()).hexdigest(),
        "model": weights.name,
        "index": ours.index(),
    }
    versions = {package: version(package) for package in PACKAGES}
    made_of = json.dumps([inputs["articles"], inputs["model"], inputs["index"], versions])
    makings: dict[str, cost.Making] = {}
    for store in dict.fromkeys(store for system in systems for store in system.stores):
        _say(f"store {store}")
        makings[store] = cost.made(shelf, store, file, made_of)
    with cost.working(systems, shelf) as workers:
        found: dict[str, list[list[Retrieved]]] = {}
        outcomes: dict[str, quality.Outcomes] = {}
        for worker in workers:
            _say(f"quality of {worker.system.label}")
            name = worker.system.name
            found[name], _ = worker.search([one.text for one in asked], worker.system.deep)
            outcomes[name] = quality.outcomes(asked, found[name], embedding.encode)
            if worker.system.ask:
                outcomes[name]["own answer"] = _own_answers(worker, asked)
        timed = [one.text for one in asked if one.is_answerable][:TIMED]
        _say("latency")
        before = os.getloadavg()[0]
        latency = cost.latencies(workers, timed)
        answer_latency = cost.latencies([one for one in workers if one.system.ask], timed[:ANSWERED], answering=True)
        loads = [before, os.getloadavg()[0]]
        if "groundwire" in makings:
            ours.check(shelf)
        peak = {worker.system.name: worker.peak() for worker in workers}
    return Results(
        dev={
            "answerable": as_bits([one.split == "dev" for one in asked if one.is_answerable]),
            "evidence": as_bits([one.split == "dev" for one in asked if one.evidence]),
        },
        outcomes={name: {one: as_bits(some) for one, some in made.items()} for name, made in outcomes.items()},
        latency=latency,
        answer_latency=answer_latency,
        peak=peak,
        makings=makings,
        embedding=_embedding(weights.encode, shelf, sources),
        hnsw_recall=_recall(found.get("dense", []), found.get("exact", [])),
        words={name: _first_words(some) for name, some in found.items()},
        loads=loads,
        machine=f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        versions=versions,
        inputs=inputs,
    )


def _take_over(embedding: Remembered, corpus: Path) -> None:
    """Remember the vectors that a corpus has of its passages."""
    from rag.catalog import Catalog
    from rag.vectors import unpack

    catalog = Catalog.open(corpus)
    _say(f"vectors of {corpus}")
    for place in catalog.places(catalog.all_numbers()):
        text = catalog.present_text(place.number, place.reference.version)
        vectors = dict(catalog.vectors_of(place.number))
        texts = {
            text[one.passage.start : one.passage.end]: vectors[one.number]
            for one in catalog.passages_of(place.number)
            if one.number in vectors
        }
        if not all(map(embedding.knows, texts)):
            embedding.keep(zip(texts, unpack(list(texts.values())), strict=True))
    catalog.close()


def _own_answers(worker: cost.Worker, asked: Sequence[Question]) -> list[bool]:
    answerable = [one for one in asked if one.is_answerable]
    answers, _ = worker.answer([one.text for one in answerable])
    return [
        holds(answer, [one.gold], words=quality.ANSWER_WORDS) for one, answer in zip(answerable, answers, strict=True)
    ]


def _embedding(encode: Encode, shelf: Shelf, sources: Sequence[Source]) -> dict[str, float]:
    """CPU seconds a text by store, of the texts that it embeds of the same few articles."""
    from eval.peers.llama import embedded_texts, split

    some = random.Random(cost.SEED).sample(sources, min(SAMPLE, len(sources)))
    theirs = embedded_texts(split(shelf.of("llama-vectors"), some))
    ours = [one.text[span.start : span.end] for one in some for span in passages(one.text, [])]
    return cost.embedding(encode, {"llama-vectors": theirs, "groundwire": ours})


def _recall(ours: Sequence[Sequence[Retrieved]], exact: Sequence[Sequence[Retrieved]]) -> float:
    """The mean share of the exact ten nearest that are among the ten; NaN where either was not asked."""
    shares = [len(set(some[:10]) & set(all_[:10])) / 10 for some, all_ in zip(ours, exact, strict=False)]
    return float(np.mean(shares)) if shares else float("nan")


def _first_words(found: Sequence[Sequence[Retrieved]]) -> float:
    """Words of a first passage, on average."""
    return float(np.mean([len(some[0].text.split()) for some in found if some]))


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
