"""Cost as the corpus grows: 1,000 to 63,000 real passages, 100,000 to 1,000,000 made-up ones.

Run as ``python -m eval.growth --corpus FILE [--bench DIR] [--cache DIR] [--series NAME …] [--most N]``. FILE is the
corpus of `eval.bench realtimeqa`; its vectors are used again, so that nothing is embedded. There are two corpora, one
of real articles and one of made-up ones; each grows from size to size and is asked at each. What is measured at a size
stands in `eval/growth/results/` at once, and a run that was broken off goes on after the last of them; ``--again``
begins anew. A million passages take two hours or three on two cores, and six gigabytes of disk. ``--report`` only makes
the table in `docs/peers.md` and the plots again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.growth import measure, report
from eval.peers import quiz
from rag.errors import Exit, GroundwireError, UsageError

RESULTS = Path(__file__).parent / "results"

REAL = {1_000: 95, 10_000: 747, 63_443: 4_645}
"""Passages, about, and the real articles that they are of."""

PASSAGES_AN_ARTICLE = 13.37
"""Of the made-up ones: of the real ones, 13.66."""

MADE_UP = {size: round(size / PASSAGES_AN_ARTICLE) for size in (100_000, 300_000, 600_000, 1_000_000)}

SERIES = {"real": REAL, "made-up": MADE_UP}


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or the exit code of what is wrong, after one line that says it."""
    try:
        _main(_parser().parse_args(arguments))
    except GroundwireError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--corpus", type=Path, help="of eval.bench realtimeqa; needed once")
    parser.add_argument("--cache", type=Path, default=Path("growth.cache"), help="where the corpora are made")
    parser.add_argument("--series", nargs="*", choices=list(SERIES), default=list(SERIES))
    parser.add_argument("--most", type=int, default=max(MADE_UP), help="passages: leave larger sizes out")
    parser.add_argument("--again", action="store_true", help="forget what was measured")
    parser.add_argument("--report", action="store_true", help="only make table and plots again")
    parser.add_argument("--stage", nargs=3, metavar=("STAGE", "HOME", "ARTICLES"), help=argparse.SUPPRESS)
    return parser


def _main(given: argparse.Namespace) -> None:
    """Measure the sizes that are not there yet, and report all."""
    if given.stage:
        stage, home, articles = given.stage
        print(json.dumps(measure.STAGES[stage](Path(home), Path(articles))))
        return
    if not given.report:
        file = quiz.file(given.bench)
        if not (given.cache / "known" / "questions.json").is_file():
            _prepare(given.cache / "known", given.corpus, given.bench)
        for name in given.series:
            _grow(name, file, given.cache / name, given.most, given.again)
    report.write(RESULTS)


def _prepare(folder: Path, corpus: Path | None, bench: Path) -> None:
    if corpus is None or not corpus.is_file():
        raise UsageError(
            "--corpus FILE names RealTimeQA's corpus, whose vectors are used again; make it with: "
            "python -m eval.bench realtimeqa"
        )
    from rag.config import load
    from rag.encoder import by_name

    asked = [one.text for one in quiz.questions(bench) if one.is_answerable]
    measure.prepare(folder, corpus, asked, by_name("minilm", load().cache))


def _grow(name: str, file: Path, home: Path, most: int, again: bool) -> None:
    """One corpus from size to size; what a run before has measured is not measured again."""
    sizes = {size: articles for size, articles in SERIES[name].items() if size <= most}
    done = [size for size in sizes if _result(name, size).is_file()]
    if len(done) == len(sizes) and not again:
        return  # and the corpus, which may be larger, stays
    if again or not done or _stand(home) != done[-1]:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        done = []
    before = sizes[done[-1]] if done else 0
    for size, articles in sizes.items():
        if size in done:
            continue
        folder = home / "articles" / str(size)
        if name == "real":
            measure.write_real(file, before, articles, folder)
        else:
            measure.write_made_up(file, before, articles, folder)
        (home / "stand").write_text("growing")
        _measure(name, size, home, folder)
        (home / "stand").write_text(str(size))
        shutil.rmtree(folder)
        before = articles


def _measure(name: str, size: int, home: Path, articles: Path) -> None:
    measured: dict[str, object] = {"series": name, "size": size, "load_before": os.getloadavg()[0]}
    for stage in measure.STAGES:
        print(f"{size:,} {name} passages: {stage}", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "eval.growth", "--stage", stage, str(home), str(articles)]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)  # noqa: S603
        if done.returncode:
            raise GroundwireError(f"{home}: {stage} of {size:,} passages ended early; what is wrong stands above")
        measured |= json.loads(done.stdout)
    measured["load_after"] = os.getloadavg()[0]
    RESULTS.mkdir(exist_ok=True)
    _result(name, size).write_text(json.dumps(measured, indent=1) + "\n", "utf-8")


def _stand(home: Path) -> int | None:
    """The size that the corpus has; None where it was broken off between two."""
    try:
        return int((home / "stand").read_text())
    except (OSError, ValueError):
        return None


def _result(name: str, size: int) -> Path:
    return RESULTS / f"{name}-{size}.json"


if __name__ == "__main__":
    sys.exit(main())
