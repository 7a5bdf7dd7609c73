"""Runs a benchmark by name, prints its tables and, where asked, writes JSON."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from eval.bench.options import Mode, Options
from eval.bench.progress import say
from eval.bench.results import Measured, Result, print_tables
from eval.bench.sources import Sources
from rag.config import load
from rag.errors import Exit, GroundwireError

MODULES = {
    "realtimeqa": "realtimeqa",
    "squad": "squad",
    "trecqa": "sentence_ranking",
    "wikiqa": "sentence_ranking",
    "selqa": "sentence_ranking",
    "ramdocs": "ramdocs",
    "grounding": "grounding",
    "html": "html_extraction",
}
"""Of each benchmark, the module that measures it: its `run`, or its `run_NAME` where it measures several."""

MODES: dict[str, tuple[Mode, ...]] = {
    "hybrid": ("hybrid",),
    "lexical": ("lexical",),
    "both": ("hybrid", "lexical"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or the exit code of what is wrong, after one line that says it."""
    given = _parser().parse_args(arguments)
    names = list(MODULES) if given.name == "all" else [given.name]
    code = Exit.DONE
    for name in names:
        try:
            result = _measured(name, given)
            print_tables(name, result.measured.rows, Console(width=None if sys.stdout.isatty() else 140))
            print("\n".join([*result.measured.notes, f"{result.seconds:.0f} s"]), flush=True)
            if given.json is not None:
                result.write(given.json / f"{name}.json" if given.name == "all" else given.json)
        except GroundwireError as error:
            say(f"{name}: {error}")
            code = error.exit_code
        except KeyboardInterrupt:
            return Exit.INTERRUPTED
    return code


def _measured(name: str, given: argparse.Namespace) -> Result:
    settings = load()
    options = Options(
        sources=Sources(given.bench),
        cache=given.cache or settings.cache / "bench",
        weights=settings.cache,
        modes=MODES[given.mode],
        splits=("dev", "test") if given.split == "all" else (given.split,),
        limit=given.limit,
        corpus=given.corpus,
    )
    began = time.monotonic()
    module = importlib.import_module(f"eval.bench.{MODULES[name]}")
    run: Callable[[Options], Measured] = vars(module).get(f"run_{name}") or module.run
    measured = run(options)
    return Result(name, measured, options.sources.hashes, time.monotonic() - began)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("name", choices=[*MODULES, "all"], metavar="NAME", help=f"{', '.join(MODULES)}, or all")
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"), help="the folder of the benchmark data")
    parser.add_argument("--cache", type=Path, help="where corpora and vectors are kept (the user's cache folder)")
    parser.add_argument("--corpus", type=Path, help="RealTimeQA's corpus, made where it is not there")
    parser.add_argument("--limit", type=_count, help="questions at most; 0: all (each benchmark has its own default)")
    parser.add_argument("--mode", choices=list(MODES), default="both")
    parser.add_argument("--split", choices=["dev", "test", "all"], default="all")
    parser.add_argument("--json", type=Path, help="write the result there; for all, the folder of NAME.json")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"takes a whole number from 0, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
