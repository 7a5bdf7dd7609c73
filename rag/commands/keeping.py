"""`sync`, `doctor`, `rebuild`: keeping a corpus true to a folder, and whole."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands.articles import MapOption, mapped, progress_bar
from rag.commands.common import CorpusOption, ModelOption, err, few, opened, out, say, settings
from rag.errors import CorpusBusy, CorpusDamaged, Exit, UsageError

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.corpus import Corpus
    from rag.doctor import Finding
    from rag.sync import SyncReport


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(sync)
    app.command()(doctor)
    app.command()(rebuild)


def sync(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder to mirror.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    even_if_empty: Annotated[
        bool, typer.Option("--even-if-empty", help="Take everything out where the folder holds no articles any more.")
    ] = False,
    columns: MapOption = None,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Make the corpus hold what a folder holds: what is new comes in, what changed is updated, what is gone goes.

    A file that was moved or renamed within the folder, known by its bytes, keeps its article, so that citations hold.
    What came from elsewhere stays; so does what cannot be read now. The exit code is 7 when something was skipped.
    """
    if not folder:
        raise UsageError("DIR is empty; name a folder, such as . for this one")
    given = mapped(columns or [])
    chosen = settings(corpus, model)
    is_new = not chosen.corpus.exists()
    if dry_run:
        with _looked_at(chosen) as opened_corpus:
            report = opened_corpus.sync(folder, columns=given, rehearse=True, even_if_empty=even_if_empty)
    else:
        with opened(chosen, create=True) as opened_corpus, progress_bar() as (progress, indexing):
            report = opened_corpus.sync(
                folder, columns=given, even_if_empty=even_if_empty, progress=progress, indexing=indexing
            )
    _tell(report, dry_run)
    say(few(report.notes))
    if dry_run:
        say(["this was a rehearsal: nothing was changed"])
    elif is_new:
        say([f"the corpus is new: {chosen.corpus}"])
    raise typer.Exit(Exit.SKIPPED if report.ingest.skipped else Exit.DONE)


@contextmanager
def _looked_at(chosen: Settings) -> Iterator[Corpus]:
    """The corpus for a rehearsal; where there is none yet, an empty one that is thrown away."""
    if chosen.corpus.exists():
        with opened(chosen) as corpus:
            yield corpus
        return
    with (
        tempfile.TemporaryDirectory() as scratch,
        opened(replace(chosen, corpus=Path(scratch) / "news.db", cache=Path(scratch)), create=True) as corpus,
    ):
        yield corpus


def _tell(report: SyncReport, rehearsal: bool) -> None:
    from rag.render import terminal
    from rag.render.safe import one_line

    would = "would be " if rehearsal else ""
    for moved in report.moved:
        print(f"{would}moved {one_line(moved.old)} → {one_line(moved.new)}")  # noqa: T201
    for change in report.changes if rehearsal else ():
        print(f"{would}{change.kind} {change.id}  {one_line(change.key)}")  # noqa: T201
    for reference in report.removed:
        print(f"{would}removed {reference.id}  {one_line(reference.title or reference.key)}")  # noqa: T201
    done = report.ingest
    terminal.add_report(
        added=done.added,
        updated=done.updated,
        unchanged=done.unchanged,
        removed=len(report.removed),
        skipped=done.skipped,
        seconds=done.seconds,
        console=out(),
        errors=err(),
    )


def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Put right what can be; what cannot is taken out and named.")
    ] = False,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Check whether the corpus is whole, both indexes agree with it, and the model's weights are the right ones.

    One line for everything that is wrong; while something is, the exit code is 5.
    """
    chosen = settings(corpus, model)
    try:
        with opened(chosen) as opened_corpus:
            findings = opened_corpus.doctor(repair=repair)
            absent = opened_corpus.absent_indexes() if all(one.mended for one in findings) else []
    except CorpusDamaged:
        if not repair:
            raise
        findings, absent = salvaged(chosen, opened), []
    raise typer.Exit(_told(findings, absent))


def salvaged(chosen: Settings, opens: Callable[[Settings], AbstractContextManager[Corpus]]) -> list[Finding]:
    """The corpus made anew of what can be read, where SQLite cannot read all of it; what was done, what is wrong."""
    from rag.salvage import salvage

    done = salvage(chosen.corpus)
    with opens(chosen) as opened_corpus:
        return [*done, *opened_corpus.doctor(repair=True)]


def _told(findings: list[Finding], absent: list[str]) -> Exit:
    from rag.render.safe import one_line

    for finding in findings:
        print(one_line(finding.line if not finding.mended else f"mended: {finding.line}"))  # noqa: T201
    wrong = sum(not finding.mended for finding in findings)
    if not wrong:
        for name in absent:
            say([f"the {name} index is not built here; that is no fault, and groundwire rebuild builds it"])
        print(f"the corpus is whole{'' if absent else '; the indexes agree with it'}")  # noqa: T201
        return Exit.DONE
    say([f"{wrong:,} {'thing is' if wrong == 1 else 'things are'} wrong; groundwire doctor --repair mends what can be"])
    return Exit.PROOF_FAILED


def rebuild(corpus: CorpusOption = None) -> None:
    """Build both search indexes anew from the corpus; nothing is embedded again, and asking goes on meanwhile."""
    chosen = settings(corpus)
    with opened(chosen) as opened_corpus, progress_bar() as (_, indexing):
        if not opened_corpus.rebuild(indexing):
            raise CorpusBusy(f"{chosen.corpus}: another process is building its indexes; try again when it is done")
    print("both search indexes were built anew")  # noqa: T201
