"""Ask the seed questions, measure the answers, hold the floors, and show that the evaluation can fail::

    python -m eval.seeds
    python -m eval.seeds --json figures.json --html report.html
    python -m eval.seeds --update-baseline [--margin 1] [--lower]

Every mode asks the same questions of a fresh corpus in a temporary folder: `hybrid` with the embedding model, where its
weights lie in the user's cache, and `lexical` by words alone. What each figure means stands in `docs/evaluation.md`;
the floors are `eval.gate`'s, the mutations `eval.mutations`'. Questions of the locked half are scored and never shown.

Exits with 0 where every floor holds and every mutation is caught, else with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from eval import mutations
from eval.gate import MOST_MARGIN, Baseline
from eval.injuries import Held
from rag import config, weights
from rag.commands import outputs
from rag.commands.common import out
from rag.config import Settings
from rag.corpus import Corpus
from rag.errors import GroundwireError
from rag.evaluate import table
from rag.evaluate.expected import Articles
from rag.evaluate.figures import Figures, by_group
from rag.evaluate.page import to_html
from rag.evaluate.questions import SPLITS, Question, read
from rag.evaluate.record import to_json
from rag.evaluate.running import Answered, Run, judged, run_of

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
QUESTIONS = ROOT / "eval" / "questions" / "seeds.jsonl"
BASELINE = ROOT / "eval" / "baseline.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print, compare, injure; returns the exit code."""
    options = _options(arguments)
    for file in filter(None, (options.json, options.html)):
        outputs.check(file, [BASELINE, QUESTIONS, *SEEDS.glob("*.txt")])
    pinned, hashes = Baseline.read(BASELINE), data_hashes()
    if options.update_baseline:
        pinned.check_update(lower=options.lower)  # before all is asked
    asked = {mode: ask(read(QUESTIONS), mode, config.load().cache) for mode in _modes(config.load().cache)}
    groups = {mode: by_group(one.run.judged) for mode, one in asked.items()}
    measured = {mode: {split: figures[split] for split in SPLITS} for mode, figures in groups.items()}
    settings = {mode: one.run.settings for mode, one in asked.items()}
    for mode, one in asked.items():
        print(f"\n== {mode} ==")
        table.report(one.run, groups[mode], out())
    _write(options, asked, groups, hashes)
    if options.update_baseline:
        pinned = pinned.updated(measured, hashes, settings, margin=options.margin, lower=options.lower)
        pinned.write(BASELINE)
    problems = pinned.problems(measured, hashes, settings)
    for mode, one in asked.items():
        tried = mutations.tried(one.answers, one.articles, pinned.floors.get(mode, {}))
        print(f"\n== can the evaluation fail? {mode} ==\n" + "\n".join(mutations.lines(tried)))
        problems += [f"{mode}: {line}" for line in mutations.problems(tried)]
    if options.require_weights and "hybrid" not in asked:
        problems.append("hybrid was not measured: no model weights in the cache; get them with: groundwire model fetch")
    if idle := pinned.hold_nothing(asked):
        print(f"\n{len(idle)} floors hold nothing, being 0 (a ceiling: 1):\n" + "\n".join(idle))
    print("\n" + ("\n".join(problems) or f"Every floor of {', '.join(asked)} holds, and every mutation is caught."))
    return 1 if problems else 0


# --- data ------------------------------------------------------------------------------------------------------------


def seed_texts(folder: Path) -> dict[str, str]:
    """File name to decoded file, with its line ends as they are."""
    return {file.name: file.read_bytes().decode("utf-8") for file in sorted(folder.glob("*.txt"))}


def data_hashes() -> dict[str, str]:
    """File name to SHA-256, of the question file and of every seed."""
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in (QUESTIONS, *sorted(SEEDS.glob("*.txt")))}


# --- asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """One mode's answers, judged, and the articles that they were judged by."""

    run: Run
    answers: tuple[Answered, ...]
    articles: Held


def _modes(cache: Path) -> tuple[str, ...]:
    return ("hybrid", "lexical") if weights.present(cache) else ("lexical",)


def ask(questions: Sequence[Question], mode: str, cache: Path) -> Asked:
    """Every question's answer, from a corpus of the seeds that is thrown away. `cache`: where the weights lie."""
    with _corpus(mode, cache) as corpus:
        articles = Articles(corpus, seed_texts(SEEDS))
        answered = judged(corpus, questions, articles, QUESTIONS.name)
        run = run_of(corpus, questions, articles, answered, QUESTIONS.name, _now())
        known = {one.id: one for one in corpus.articles()}
        held = Held({name: articles.text(name) for name in known}, known)
    return Asked(run, tuple(answered), held)


@contextmanager
def _corpus(mode: str, cache: Path) -> Iterator[Corpus]:
    with tempfile.TemporaryDirectory() as name:
        own_cache = Path(name) / "cache"
        own_cache.mkdir()
        if mode == "hybrid":
            (own_cache / "models").symlink_to(cache / "models")
        with Corpus.open(create=True, settings=Settings(corpus=Path(name) / "seeds.db", cache=own_cache)) as corpus:
            corpus.add([SEEDS])
            yield corpus


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


# --- files and options -----------------------------------------------------------------------------------------------


def _write(
    options: argparse.Namespace,
    asked: Mapping[str, Asked],
    groups: Mapping[str, Mapping[str, Figures]],
    hashes: Mapping[str, str],
) -> None:
    if options.json:
        runs = {
            mode: json.loads(to_json(one.run, groups[mode], with_locked=options.with_locked))
            for mode, one in asked.items()
        }
        outputs.write(options.json, json.dumps({"sha256": hashes, "runs": runs}, indent=1) + "\n")
    if options.html:
        best = next(iter(asked))
        outputs.write(options.html, to_html(asked[best].run, groups[best]))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.seeds", description=(__doc__ or "").partition("::")[0] + ".")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every mode's run to this file too")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the first mode's report to this file")
    parser.add_argument(
        "--with-locked",
        action="store_true",
        help="with --json: each locked question's outcome, too; for the record, not for tuning",
    )
    parser.add_argument("--update-baseline", action="store_true", help="pin the present figures as floors")
    parser.add_argument(
        "--lower", action="store_true", help="with --update-baseline: floors may fall, or be pinned afresh"
    )
    parser.add_argument(
        "--margin",
        type=float,
        metavar="N",
        help=f"with --update-baseline: how many questions may tip before a floor breaks, 0 to {MOST_MARGIN:g}; "
        "1 unless set",
    )
    parser.add_argument(
        "--require-weights",
        action="store_true",
        default=bool(os.environ.get("CI")),
        help="fail where hybrid cannot be measured; always so in CI",
    )
    options = parser.parse_args(arguments)
    if (options.lower or options.margin is not None) and not options.update_baseline:
        parser.error("--lower and --margin go with --update-baseline")
    if options.margin is not None and not 0 <= options.margin <= MOST_MARGIN:
        parser.error(f"--margin takes 0 to {MOST_MARGIN:g} questions, not {options.margin:g}")
    if options.with_locked and options.json is None:
        parser.error("--with-locked goes with --json")
    options.margin = 1.0 if options.margin is None else options.margin
    return options


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GroundwireError as error:
        print(f"eval.seeds: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
