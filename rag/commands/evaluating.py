"""`eval`: how good the answers to a file of questions are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands import outputs
from rag.commands.common import (
    CorpusOption,
    KOption,
    ModelOption,
    bar,
    characters,
    opened,
    out,
    print_json,
    say,
    settings,
)
from rag.commands.inputs import read_text
from rag.errors import Exit, UsageError

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.evaluate.questions import Question
    from rag.evaluate.running import Run

WANTED = "eval takes a JSON Lines file of questions, or a run that eval --json wrote"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("eval")(eval_)


def eval_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Questions with what answers them, as JSON Lines; or a run that --json wrote, to report on it again.",
            callback=characters,
        ),
    ],
    json_: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="OUT", help="Write the run as JSON; - for standard output.", callback=characters
        ),
    ] = None,
    html: Annotated[
        str | None, typer.Option("--html", metavar="OUT", help="Write a report as one HTML page.", callback=characters)
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="RUN.json",
            help="Say what got better and what got worse since this run, and whether that is more than noise.",
            callback=characters,
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", metavar="SPLIT", help="Only the open or only the locked questions.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N questions.")
    ] = None,
    k: KOption = None,
    words: Annotated[
        int | None,
        typer.Option("--words", metavar="N", min=1, max=1000, help="Words of an answer at most; 60 unless set."),
    ] = None,
    with_locked: Annotated[
        bool,
        typer.Option(
            "--with-locked",
            help="With --json: each locked question's outcome, too. For the record and for --compare, not for tuning.",
        ),
    ] = False,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Measure how good the answers to a file of questions are: citations, answers, refusing, retrieval, cost.

    Two saved runs are compared with: groundwire eval NEW.json --compare OLD.json. When a quote is not exact, the exit
    code is 5. Needs the extra: pip install 'groundwire[eval]'.
    """
    from rag.evaluate import comparing, figures, record, running, table
    from rag.evaluate.measures import Measure

    running.check_libraries()
    if with_locked and json_ is None:
        raise UsageError("--with-locked says what --json writes; give both")
    _check_outputs(json_, html, (file, compare))
    earlier = None if compare is None else record.from_json(read_text(compare, "--compare takes a run"), compare)
    text = read_text(file, WANTED)
    if record.is_run(text):
        if split or limit or k or words or corpus or model:
            raise UsageError(f"{file} is a run that was made: leave out all but --json, --html and --compare")
        run = record.from_json(text, file)
    else:
        with _told_when_stopped():
            run = _asked(_chosen(text, file, split, limit), file, settings(corpus, model, k=k, words=words))
    groups = run.kept or figures.by_group(run.judged)
    compared = None if earlier is None else comparing.compare(earlier, run)
    if json_ == "-":
        print_json(record.to_json(run, groups, compared, with_locked=with_locked).rstrip("\n"))
    else:
        table.report(run, groups, out())
        if compared is not None:
            table.comparison(compared, out())
    if json_ is not None and json_ != "-":
        outputs.write(json_, record.to_json(run, groups, compared, with_locked=with_locked))
    if html is not None:
        from rag.evaluate.page import to_html

        outputs.write(html, to_html(run, groups, compared))
    # Of a saved run's locked questions nothing is left but the figure; NaN, of no quote at all, is not below 1.
    exact = [one.shares[Measure.EXACT] for one in run.judged]
    broken = any(one.part != one.whole for one in exact) or groups[figures.ALL][Measure.EXACT].value < 1
    raise typer.Exit(Exit.PROOF_FAILED if broken else Exit.DONE)


def _chosen(text: str, file: str, split: str | None, limit: int | None) -> list[Question]:
    from rag.evaluate.questions import SPLITS, parse

    if split is not None and split not in SPLITS:
        raise UsageError(f"--split takes {' or '.join(SPLITS)}, not {split[:40]!r}")
    chosen = [one for one in parse(text, file) if split in (None, one.split)][:limit]
    if not chosen:
        raise UsageError(f"{file}: holds no {split} question; leave out --split")
    return chosen


def _asked(questions: list[Question], file: str, chosen: Settings) -> Run:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    from rag.evaluate.running import run

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with opened(chosen) as opened_corpus, bar(*columns) as shown:
        opened_corpus.warm()
        task = shown.add_task("asking", total=len(questions))
        made = run(
            opened_corpus,
            questions,
            file,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            progress=lambda done: shown.update(task, completed=done),
        )
    say(made.notes)
    return made


@contextmanager
def _told_when_stopped() -> Iterator[None]:
    """Say what comes of questions that were asked when a signal ends the run: nothing."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as stopped:
        said, code = ("interrupted", Exit.INTERRUPTED)
        if isinstance(stopped, SystemExit):
            said, code = ("terminated", Exit.TERMINATED)
        say([f"{said}; nothing is written: what was asked has to be asked again"])
        raise typer.Exit(code) from stopped


def _check_outputs(json_: str | None, html: str | None, inputs: tuple[str | None, ...]) -> None:
    """Raise UsageError, before minutes are spent, for an output that cannot be written or would cost what is there."""
    if html == "-":
        raise UsageError("--html writes a page to a file; name one, such as report.html")
    written = [Path(one) for one in (json_, html) if one is not None and one != "-"]
    kept = [Path(one) for one in inputs if one is not None and one != "-"]
    for one in written:
        outputs.check(one, kept)
    if len(written) == 2 and outputs.same(*written):
        raise UsageError("--json and --html name one file; name two")
