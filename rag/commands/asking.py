"""`ask` and `search`."""

from __future__ import annotations

import sys
from collections.abc import Callable
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
    bar,
    characters,
    check_characters,
    day,
    filters,
    here,
    opened,
    out,
    print_json,
    say,
    settings,
)
from rag.commands.inputs import batch_line, batch_lines, opened_batch
from rag.errors import Exit, UsageError

if TYPE_CHECKING:
    from rag.corpus import Corpus
    from rag.types import Answer, Filters


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(ask)
    app.command()(search)


def ask(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="QUESTION",
            help="The question; without one you are asked for one after another, and from a pipe each line is one.",
            callback=characters,
        ),
    ] = None,
    json_: JsonOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            help='Answer every line {"question": "…", "id": "…"} of a JSON Lines file (- for standard input), each '
            "with one line of JSON, in order.",
        ),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    undated: UndatedOption = False,
    publisher: PublisherOption = None,
    article: ArticleOption = None,
    k: KOption = None,
    words: Annotated[
        int | None,
        typer.Option("--words", metavar="N", min=1, max=1000, help="Words of an answer at most; 60 unless set."),
    ] = None,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            "--min-confidence",
            metavar="P",
            min=0,
            max=1,
            help="Answer only where the answer is right with at least this probability; 0.12 unless set.",
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            "--date",
            metavar="DATE",
            help='The day on which the question is asked, where it says "this week": articles of the week before come '
            "first.",
        ),
    ] = None,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Answer a question; every sentence carries an exact quote.

    When the articles do not answer it, it says so, shows the nearest passages, and the exit code is 3.
    """
    if batch is not None and (question is not None or markdown):
        raise UsageError(
            "--batch takes its questions from the file and prints JSON; leave out the question and --markdown"
        )
    if json_ and markdown:
        raise UsageError("--json and --markdown exclude each other; choose one")
    chosen, asked_on = filters(since, until, undated, publisher, article), day("--date", date)
    with opened(settings(corpus, model, k=k, words=words, min_confidence=min_confidence)) as opened_corpus:
        opened_corpus.warm()
        if batch is not None:
            raise typer.Exit(_batch(opened_corpus, batch, chosen, asked_on))
        if question is None:
            several = _show_json_line if json_ else _show_markdown if markdown else _show_terminal
            raise typer.Exit(_converse(opened_corpus, chosen, asked_on, several))
        answer = opened_corpus.ask(question, filters=chosen, asked_on=asked_on)
        say(answer.notes)
        show = _show_json if json_ else _show_markdown if markdown else _show_terminal
        show(answer)
        raise typer.Exit(Exit.DONE if answer.answered else Exit.NO_ANSWER)


def search(
    query: Annotated[
        str,
        typer.Argument(metavar="QUERY", help="What to look for; nothing in it is an operator.", callback=characters),
    ],
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
    """Show the passages nearest to a query, best first.

    Each with its score and its rank by words (lexical) and by meaning (dense). The exit code is 3 when there is none.
    """
    from rag.render import contract, terminal

    with opened(settings(corpus, model, k=k)) as opened_corpus:
        opened_corpus.warm()
        found = opened_corpus.search(query, filters=filters(since, until, undated, publisher, article))
        say(found.notes)
        if json_:
            print_json(contract.hits_to_json(query, found.hits, notes=found.notes, indent=2))
        else:
            terminal.search_results(found.hits, out(), base=here())
    if not found.hits:
        say(["no passage matches the query"])
        raise typer.Exit(Exit.NO_ANSWER)


def _show_terminal(answer: Answer) -> None:
    from rag.render import terminal

    terminal.answer(answer, out(), base=here())


def _show_json(answer: Answer) -> None:
    from rag.render import contract

    print_json(contract.to_json(answer, indent=2))


def _show_json_line(answer: Answer) -> None:
    from rag.render import contract

    print_json(contract.to_json(answer))


def _show_markdown(answer: Answer) -> None:
    from rag.render.markdown import to_markdown

    print(to_markdown(answer), end="")  # noqa: T201


# -- one after another -----------------------------------------------------------------------------------------


def _converse(corpus: Corpus, chosen: Filters, asked_on: str | None, show: Callable[[Answer], None]) -> Exit:
    """Ask for questions until there are no more; a person is prompted, a pipe is read line by line."""
    from rag.render.terminal import console_for

    _check(corpus, chosen)
    person = sys.stdin.isatty()
    if person:
        say(["ask a question and press Enter; an empty line, or Ctrl-D, ends"])
    _keep_odd_bytes()
    passed_over = 0
    told: set[str] = set()
    while True:
        if person:
            console_for(sys.stderr).print("? ", end="")
        line = sys.stdin.readline()
        if not line or (person and not line.strip()):
            return Exit.SKIPPED if passed_over and not person else Exit.DONE
        if not line.strip():
            continue
        try:
            check_characters(line.strip())
            answer = corpus.ask(line.strip(), filters=chosen, asked_on=asked_on)
        except UsageError as error:
            passed_over += 1
            say([str(error)])
            continue
        say(note for note in answer.notes if note not in told)
        told.update(answer.notes)
        show(answer)
        if show is not _show_json_line:
            print(flush=True)  # noqa: T201


def _check(corpus: Corpus, chosen: Filters) -> None:
    """Raise now what would be wrong with every question: a filter, the model, a corpus without articles."""
    corpus.retriever(filters=chosen)


def _keep_odd_bytes() -> None:
    """Let a line of standard input that is not UTF-8 through, to be refused by itself."""
    reconfigure = getattr(sys.stdin, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="surrogateescape")


# -- many ------------------------------------------------------------------------------------------------------


def _batch(corpus: Corpus, file: str, chosen: Filters, asked_on: str | None) -> Exit:
    """Answer every line as one line of JSON, in order. A line that is no question is named and passed over."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

    from rag.render import contract

    _check(corpus, chosen)
    answered = passed_over = 0
    told: set[str] = set()

    def tell(*notes: str) -> None:
        say(note for note in notes if note not in told)
        told.update(notes)

    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    with opened_batch(file) as (stream, size), bar(*columns, disable=sys.stdout.isatty()) as shown:
        task = shown.add_task("asking", total=size)
        for number, line in enumerate(batch_lines(stream), 1):
            shown.update(task, advance=len(line), description=f"{answered:,} asked")
            if not line.strip():
                continue
            try:
                asked = batch_line(line, "question")
                on = _dated(asked.fields.get("date")) or asked_on
                answer = corpus.ask(asked.text, filters=chosen, asked_on=on, id=asked.id)
            except UsageError as error:
                passed_over += 1
                say([f"{file}, line {number}: {error}; passed over"])
                continue
            answered += 1
            tell(*answer.notes)
            print_json(contract.to_json(answer))
    if not answered and not passed_over:
        say([f'{file}: holds no question; a line looks like {{"question": "…", "id": "…"}}'])
    return Exit.SKIPPED if passed_over else Exit.DONE


def _dated(date: object) -> str | None:
    """The date that a question comes with. Raises UsageError for what is none."""
    if date is None:
        return None
    from rag.dates import parse_published

    found = parse_published(date) if isinstance(date, str) else None
    if found is None:
        raise UsageError(f"has a date that is none: {str(date)[:40]!r}; write 2022-06-16")
    return found
