"""How fast Groundwire is, and what it takes: ratios in one run, since machines are shared and noisy.

Run as ``python -m eval.speed [--corpus FILE] [--bench DIR] [--json FILE]``: start-up and a cold question against
importing LlamaIndex and Chroma; then, on `realtimeqa-2022`, adding with made-up vectors (what adding costs beside
embedding), bytes, memory, and warm questions on the corpus of `eval.bench realtimeqa`. What the benchmark data is
missing for is left out, in a line.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from llama_index.core.embeddings import MockEmbedding

from eval.bench.options import Options
from eval.bench.realtimeqa import prepared
from eval.bench.sources import Sources
from rag import Corpus
from rag.config import Settings, load
from rag.errors import GroundwireError

ROOT = Path(__file__).parent.parent
QUESTION = "Who denied that the attack targeted Ain al-Asad base?"
IMPORTS = "import llama_index.core, chromadb"
DIMENSIONS = 384


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement."""

    name: str
    value: float
    unit: str
    target: float | None = None
    """At most this, where there is a target."""

    def line(self) -> str:
        """As a row of a Markdown table."""
        missed = "" if self.target is None else f" (target {self.target:g})"
        missed += " **missed**" if self.target is not None and self.value > self.target else ""
        return f"| {self.name} | {self.value:,.3g} {self.unit}{missed} |"


class MadeUp(MockEmbedding):
    """Unit vectors that depend on the text alone and cost next to nothing."""

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        made = np.stack(
            [np.random.default_rng(len(text) * 31 + ord(text[0])).normal(size=DIMENSIONS) for text in texts]
        )
        unit: list[list[float]] = (made / np.linalg.norm(made, axis=1, keepdims=True)).tolist()
        return unit


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--corpus", type=Path, help="the corpus of eval.bench realtimeqa, for warm questions")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--adding", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.adding:
        print(json.dumps(_add(given.adding, given.bench)))
        return
    figures = _start_up(given.runs)
    if (given.bench / "realtimeqa-2022").is_dir():
        figures += _adding(given.bench)
        if given.corpus:
            figures += _asking(given.corpus, given.bench, given.questions)
    else:
        print(f"{given.bench}/realtimeqa-2022 is not there: adding and warm questions are left out", file=sys.stderr)
    print("| measure | value |\n|---|---|")
    for figure in figures:
        print(figure.line())
    if given.json:
        given.json.write_text(
            json.dumps([{"name": f.name, "value": f.value, "unit": f.unit} for f in figures], indent=1)
        )


def _start_up(runs: int) -> list[Figure]:
    """Medians of interleaved runs, so that what else the machine does hits all alike."""
    with tempfile.TemporaryDirectory() as scratch:
        corpus = str(Path(scratch) / "seeds.db")
        cli = [sys.executable, str(ROOT / "cli.py")]
        subprocess.run([*cli, "add", str(ROOT / "seeds"), "--corpus", corpus], check=True, capture_output=True)  # noqa: S603
        commands = {
            "nothing": [sys.executable, "-c", "pass"],
            "help": [*cli, "--help"],
            "imports": [sys.executable, "-c", IMPORTS],
            "ask": [*cli, "ask", QUESTION, "--corpus", corpus],
        }
        took: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                began = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True)  # noqa: S603
                took[name].append(time.perf_counter() - began)
    middle = {name: statistics.median(some) for name, some in took.items()}
    ratios = [ask / imports for ask, imports in zip(took["ask"], took["imports"], strict=True)]
    return [
        Figure("Python alone", middle["nothing"], "s"),
        Figure("`groundwire --help`", middle["help"], "s", 0.3),
        Figure(f'`python -c "{IMPORTS}"`', middle["imports"], "s"),
        Figure("a cold `ask` on the seeds", middle["ask"], "s"),
        Figure("the same, as a multiple of these imports", statistics.median(ratios), "×", 1.5),
    ]


def _adding(bench: Path) -> list[Figure]:
    """In a process of its own, so that its peak memory is its own."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "eval.speed", "--bench", str(bench.absolute()), "--adding", scratch]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
        found: dict[str, float] = json.loads(done.stdout)
    passages = found["passages"]
    return [
        Figure("RealTimeQA 2022: articles", found["articles"], ""),
        Figure("passages", passages, ""),
        Figure("passages added a second, embedding apart", passages / found["seconds"], "/s"),
        Figure(
            "of these seconds: reading, cleaning, splitting, writing", 100 * found["reading"] / found["seconds"], "%"
        ),
        Figure("corpus", found["corpus"] / passages, "bytes a passage"),
        Figure("of these: vectors", DIMENSIONS * 2, "bytes a passage"),
        Figure("indexes (lexical and vector)", found["indexes"] / passages, "bytes a passage"),
        Figure("peak memory while adding, model apart", found["peak"] / 1e6, "MB"),
        Figure(
            "adding one article more, as against to an empty corpus", found["one_more"] - found["first"], "s more", 0.2
        ),
    ]


def _add(scratch: Path, bench: Path) -> dict[str, float]:
    settings = Settings(scratch / "news.db", scratch / "cache")
    embedding = MadeUp(embed_dim=DIMENSIONS)
    with Corpus.open(settings=settings, create=True, embedding=embedding) as corpus:
        began = time.perf_counter()
        report = corpus.add([bench / "realtimeqa-2022" / "articles.jsonl.gz"])
        whole = time.perf_counter() - began
        one_more = _timed(lambda: corpus.add([_one_article(scratch, "more")]))
        status = corpus.status()
    empty = Settings(scratch / "empty.db", scratch / "cache")
    with Corpus.open(settings=empty, create=True, embedding=embedding) as corpus:
        corpus.add([_one_article(scratch, "zero")])  # so that both have loaded what they need
        first = _timed(lambda: corpus.add([_one_article(scratch, "first")]))
    return {
        "articles": report.added,
        "passages": report.passages,
        "seconds": whole - report.embedding_seconds,
        "reading": report.seconds - report.embedding_seconds,
        "corpus": status.bytes,
        "indexes": status.index_bytes,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "one_more": one_more,
        "first": first,
    }


def _one_article(scratch: Path, name: str) -> Path:
    file = scratch / f"{name}.txt"
    file.write_text(f"The {name} bridge was closed on Monday after a storm, the mayor said. It will open again in May.")
    return file


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _asking(file: Path, bench: Path, count: int) -> list[Figure]:
    cache = load().cache
    try:
        _, questions = prepared(Options(Sources(bench), cache / "bench", cache, corpus=file))
    except GroundwireError as error:
        sys.exit(str(error))
    asked = [one.text for one in questions if one.is_answerable][:count]
    figures: list[Figure] = []
    for name, model in (("", None), (", words alone", "none")):
        with Corpus.open(settings=load({"corpus": file, "model": model})) as corpus:
            cold = _timed(lambda opened=corpus: opened.ask(asked[0]))  # type: ignore[misc]
            took = [1000 * _timed(lambda one=one, opened=corpus: opened.ask(one)) for one in asked]  # type: ignore[misc]
        figures += _percentiles(f"a warm `ask`{name}", took)
        figures.append(Figure(f"the first `ask` of a process{name}, imports apart", 1000 * cold, "ms"))
    return figures


def _percentiles(name: str, took: Sequence[float]) -> list[Figure]:
    return [Figure(f"{name}, p{part}", float(np.percentile(took, part)), "ms") for part in (50, 99)]


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    main()
