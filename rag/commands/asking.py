"""`ask` and `search`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands.common import (
    ArticleOption,
    CorpusOption,
    JsonOption,
    KOption,
    ModelOption,
    PublisherOption,
    SinceOption,
    UndatedOption,
    UntilOption,
    err,
    filters,
    here,
    opened,
    out,
    say,
    settings,
)
from rag.errors import Exit, UsageError

if TYPE_CHECKING:
    from rag.corpus import Corpus
    from rag.types import Answer, Filters

LONGEST_LINE = 1_000_000
"""Code points of one line of a batch; a question has a hundred."""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(ask)
    app.command()(search)


def ask(
    question: Annotated[
        str | None, typer.Argument(help="The question; without one, asks for one after another.")
    ] = None,
    json_: JsonOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch", metavar="FILE", help='Answer every line {"question": …} of a JSON Lines file, or of -.'
        ),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    undated: UndatedOption = False,
    publisher: PublisherOption = None,
    article: ArticleOption = None,
    k: KOption = None,
    words: Annotated[
        int | None, typer.Option("--words", min=1, max=1000, help="Words of an answer at most (60).")
    ] = None,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Answer a question from the articles, every sentence with an exact quote. Exit code 3: they do not answer it."""
    if batch is not None and (question is not None or markdown):
        raise UsageError(
            "--batch takes its questions from the file and prints JSON; leave out the question and --markdown"
        )
    if json_ and markdown:
        raise UsageError("--json and --markdown exclude each other; choose one")
    chosen = filters(since, until, undated, publisher, article)
    with opened(settings(corpus, model, k=k, words=words)) as opened_corpus:
        if batch is not None:
            raise typer.Exit(_batch(opened_corpus, batch, chosen))
        show = _show_json if json_ else _show_markdown if markdown else _show_terminal
        if question is None:
            raise typer.Exit(_converse(opened_corpus, chosen, show))
        answer = opened_corpus.ask(question, filters=chosen)
        say(answer.notes)
        show(answer)
        raise typer.Exit(Exit.DONE if answer.answered else Exit.NO_ANSWER)


def search(
    query: Annotated[str, typer.Argument(help="What to look for; nothing in it is an operator.")],
    json_: JsonOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    undated: UndatedOption = False,
    publisher: PublisherOption = None,
    article: ArticleOption = None,
    k: KOption = None,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Show the passages nearest to a query, ranked, with scores and which engine found each."""
    from rag.render import contract, terminal

    with opened(settings(corpus, model, k=k)) as opened_corpus:
        found = opened_corpus.search(query, filters=filters(since, until, undated, publisher, article))
        say(found.notes)
        if json_:
            print(contract.hits_to_json(query, found.hits, notes=found.notes, indent=2))  # noqa: T201
        else:
            terminal.search_results(found.hits, out(), base=here())
    if not found.hits:
        say(["no passage holds any of these words"])
        raise typer.Exit(Exit.NO_ANSWER)


def _show_terminal(answer: Answer) -> None:
    from rag.render import terminal

    terminal.answer(answer, out(), base=here())


def _show_json(answer: Answer) -> None:
    from rag.render import contract

    print(contract.to_json(answer, indent=2))  # noqa: T201


def _show_markdown(answer: Answer) -> None:
    from rag.render.markdown import to_markdown

    print(to_markdown(answer), end="")  # noqa: T201


# -- one after another -----------------------------------------------------------------------------------------


def _converse(corpus: Corpus, chosen: Filters, show: Callable[[Answer], None]) -> Exit:
    """Ask for questions until there are no more; a person is prompted, a pipe is read line by line."""
    from rag.render.terminal import console_for

    person = sys.stdin.isatty()
    if person:
        say(["ask a question and press Enter; an empty line, or Ctrl-D, ends"])
    while True:
        if person:
            console_for(sys.stderr).print("? ", end="")
        line = sys.stdin.readline()
        if not line or (person and not line.strip()):
            return Exit.DONE
        if not line.strip():
            continue
        try:
            answer = corpus.ask(line.strip(), filters=chosen)
        except UsageError as error:
            say([str(error)])
            continue
        say(answer.notes)
        show(answer)
        print(flush=True)  # noqa: T201


# -- many ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    id: str | None


def _batch(corpus: Corpus, file: str, chosen: Filters) -> Exit:
    """Answer every line as one line of JSON, in order. A line that is no question is named and passed over."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from rag.render import contract

    lines = _lines(file)
    passed_over = 0
    told: set[str] = set()
    bar = Progress(
        TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err(), transient=True
    )
    with bar:
        task = bar.add_task("", total=len(lines))
        for number, line in enumerate(lines, 1):
            bar.advance(task)
            if not line.strip():
                continue
            try:
                asked = _asked(line)
                answer = replace(corpus.ask(asked.question, filters=chosen), id=asked.id)
            except UsageError as error:
                passed_over += 1
                say([f"{file}, line {number}: {error}; passed over"])
                continue
            say(note for note in answer.notes if note not in told)
            told.update(answer.notes)
            print(contract.to_json(answer), flush=True)  # noqa: T201
    return Exit.SKIPPED if passed_over else Exit.DONE


def _lines(file: str) -> list[str]:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(
            f"{file}: {error.strerror or error}; --batch takes a JSON Lines file, or - for standard input"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 (byte {error.start}); save it as UTF-8 and try again") from error


def _asked(line: str) -> _Asked:
    """One line of a batch. Raises UsageError that says what is wrong with it."""
    if len(line) > LONGEST_LINE:
        raise UsageError(f"has {len(line):,} characters")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError('is not JSON; a line looks like {"question": "…", "id": "…"}') from error
    if not isinstance(found, dict) or not isinstance(found.get("question"), str):
        raise UsageError('holds no question; a line looks like {"question": "…", "id": "…"}')
    named, date = found.get("id"), found.get("date")
    if isinstance(named, bool) or not isinstance(named, str | int | None):
        raise UsageError("has an id that is neither text nor a number")
    if date is not None:
        from rag.dates import parse_published

        if not isinstance(date, str) or parse_published(date) is None:
            raise UsageError(f"has a date that is none: {str(date)[:40]!r}; write 2022-06-16")
    return _Asked(found["question"], None if named is None else str(named))
