"""`lookup`: where does this quote come from?"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands.common import (
    ArticleOption,
    CorpusOption,
    JsonOption,
    ModelOption,
    PublisherOption,
    SinceOption,
    UndatedOption,
    UntilOption,
    bar,
    characters,
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
    from rag.types import Filters

LARGEST = 1_000_000
"""Bytes of a file with a quote; a quote has hundreds."""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(lookup)


def lookup(
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT",
            help="The quote; - reads it from standard input. What names a file here is read from it, and a line says "
            "so; to look up such a name itself, give it by standard input.",
            callback=characters,
        ),
    ] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="FILE", help="Read the quote from this file.")] = None,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            help='Look up every line {"text": "…", "id": "…"} of a JSON Lines file (- for standard input), each with '
            "one line of JSON, in order.",
        ),
    ] = None,
    json_: JsonOption = False,
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, max=1000, help="Places that are shown; all are counted.")
    ] = 20,
    since: SinceOption = None,
    until: UntilOption = None,
    undated: UndatedOption = False,
    publisher: PublisherOption = None,
    article: ArticleOption = None,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Find where a quote comes from, and who says it.

    Exact; else exact but for white space, quotation marks and dashes; else but for letter case; else the closest words,
    with what differs marked; else nowhere, and the exit code is 3. "A … B" is looked for in parts, in one article.
    """
    if sum(one is not None for one in (text, file, batch)) != 1:
        raise UsageError("lookup takes one of: the quote itself, --file FILE, --batch FILE")
    chosen = filters(since, until, undated, publisher, article)
    wanted = None if batch is not None else _wanted(text, file)
    with opened(settings(corpus, model)) as opened_corpus:
        if batch is not None:
            raise typer.Exit(_batch(opened_corpus, batch, chosen, most))
        _one(opened_corpus, wanted or "", chosen, most, json_=json_)


def _one(corpus: Corpus, wanted: str, chosen: Filters, most: int, *, json_: bool) -> None:
    from rag.quotes import Level
    from rag.render import found as rendered

    found = corpus.lookup(wanted, filters=chosen, most=most)
    say(found.notes)
    if json_:
        print_json(rendered.to_json(found, indent=2))
    else:
        rendered.show(found, out(), base=here())
    raise typer.Exit(Exit.NO_ANSWER if found.level is Level.NOWHERE else Exit.DONE)


# -- where the quote is ----------------------------------------------------------------------------------------


def _wanted(text: str | None, file: str | None) -> str:
    """The quote: as typed, from standard input, or from a file."""
    if file is not None:
        return _read(file, "--file takes a text file with the quote")
    if text == "-":
        return _decoded(sys.stdin.buffer.read(LARGEST + 1), "standard input", "it takes a quote")
    if text and _is_file(text):
        say([f"reading the quote from the file {text}"])
        return _read(text, "to look up its name, give it by standard input")
    return text or ""


def _is_file(text: str) -> bool:
    try:
        return len(text) < 256 and "\n" not in text and Path(text).is_file()
    except (OSError, ValueError):
        return False  # no name that a file could have


def _read(file: str, wanted: str) -> str:
    try:
        with Path(file).open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: {getattr(error, 'strerror', None) or error}; {wanted}") from error
    return _decoded(raw, file, wanted)


def _decoded(raw: bytes, where: str, wanted: str) -> str:
    if len(raw) > LARGEST:
        raise UsageError(f"{where}: larger than {LARGEST:,} bytes; {wanted}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: not UTF-8 (byte {error.start}); {wanted}") from error


# -- many ------------------------------------------------------------------------------------------------------

_LINE = 'a line looks like {"text": "…", "id": "…"}'


def _batch(corpus: Corpus, file: str, chosen: Filters, most: int) -> Exit:
    """One line of JSON for each line, in order. A line that holds no text is named and passed over."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

    from rag.render import found as rendered

    corpus.retriever(filters=chosen)  # raise now what would be wrong with every line
    done = passed_over = 0
    told: set[str] = set()
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    with opened_batch(file) as (stream, size), bar(*columns, disable=sys.stdout.isatty()) as shown:
        task = shown.add_task("looking up", total=size)
        for number, line in enumerate(batch_lines(stream), 1):
            shown.update(task, advance=len(line), description=f"{done:,} looked up")
            if not line.strip():
                continue
            try:
                asked = batch_line(line, "text")
                found = replace(corpus.lookup(asked.text, filters=chosen, most=most), id=asked.id)
            except UsageError as error:
                passed_over += 1
                say([f"{file}, line {number}: {error}; passed over"])
                continue
            done += 1
            say(note for note in found.notes if note not in told)
            told.update(found.notes)
            print_json(rendered.to_json(found))
    if not done and not passed_over:
        say([f"{file}: holds no text; {_LINE}"])
    return Exit.SKIPPED if passed_over else Exit.DONE
