"""`add`, `list`, `show`, `remove`, `status`."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands.common import (
    CorpusOption,
    JsonOption,
    ModelOption,
    bar,
    characters,
    err,
    few,
    opened,
    out,
    print_json,
    say,
    settings,
)
from rag.errors import Exit, UsageError

if TYPE_CHECKING:
    from rag.corpus import Version
    from rag.ingest import Progress as Stand
    from rag.types import Span

MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN,…",
        help="Of tables and JSON: which column holds what, such as text=body,title=headline; may be repeated.",
        callback=characters,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(add)
    app.command("list")(list_)
    app.command()(show)
    app.command()(remove)
    app.command()(status)


def add(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="PATH|URL…", help="Files, folders, web addresses, and - for standard input."),
    ],
    columns: MapOption = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="The format of every input, such as csv, where neither its name nor its content tells.",
            callback=characters,
        ),
    ] = None,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Bring articles in; only what is new or changed is worked on.

    Read are text, Markdown, web pages (HTML, MHTML), PDF, DOCX, ODT, RTF, EPUB, e-mail and mailboxes, CSV, TSV, JSON,
    JSON Lines, Parquet, and ZIP and tar archives of these. A file is known by its name and by how it begins.

    A web address is fetched each time that it is given; nothing else uses the network.

    What cannot be read is named with the reason and skipped, and the rest goes in; the exit code is then 7.
    """
    from rag.render import terminal

    if not all(inputs):
        # An unset variable in a script; as a path it would be the working folder.
        raise UsageError("a PATH is empty; name a file or a folder, such as . for this one")
    given = mapped(columns or [])
    chosen = settings(corpus, model)
    is_new = not chosen.corpus.exists()
    with opened(chosen, create=True) as opened_corpus, progress_bar() as (progress, indexing):
        report = opened_corpus.add(
            [sys.stdin.buffer if one == "-" else one for one in inputs],
            columns=given,
            format=format,
            progress=progress,
            indexing=indexing,
        )
    terminal.add_report(
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        skipped=report.skipped,
        seconds=report.seconds,
        console=out(),
        errors=err(),
    )
    if report.embedded:
        say([f"articles that were in already and now have their vectors: {report.embedded:,}"])
    say(few(report.notes))
    if is_new:
        say([f"the corpus is new: {chosen.corpus}"])
    raise typer.Exit(Exit.SKIPPED if report.skipped else Exit.DONE)


def mapped(given: Sequence[str]) -> dict[str, str]:
    """Field to column. A comma within a column's name is one that no FIELD= follows."""
    made: dict[str, str] = {}
    for pair in (one for some in given for one in re.split(r",(?=[a-z_]+=)", some)):
        field, equals, column = pair.partition("=")
        if not (equals and field.strip() and column.strip()):
            raise UsageError(f"--map takes FIELD=COLUMN, such as text=body, not {pair[:40]!r}")
        if made.setdefault(field.strip(), column.strip()) != column.strip():
            raise UsageError(f"--map gives {field.strip()} twice; it can be held by one column alone")
    return made


@contextmanager
def progress_bar() -> Iterator[tuple[Callable[[Stand], None], Callable[[str, int, int], None]]]:
    """A progress bar on standard error: what is read, then what is indexed."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    began = time.monotonic()
    with bar(*columns) as shown:
        reading = shown.add_task("reading", total=None)
        indexing = shown.add_task("indexing", total=None, visible=False)

        def told(stand: Stand) -> None:
            shown.update(
                reading,
                completed=stand.done_bytes,
                total=stand.total_bytes or None,
                description=f"{stand.articles:,} articles, {stand.articles / (time.monotonic() - began + 1e-9):,.1f}/s",
            )

        def indexed(name: str, done: int, total: int) -> None:
            shown.update(indexing, completed=done, total=total, description=f"{name} index", visible=done < total)

        yield told, indexed


def list_(corpus: CorpusOption = None, json_: JsonOption = False) -> None:
    """List the articles by date, the undated last.

    Piped: one article a line, separated by tabs: id, date, publisher, title, key; what is unknown is empty.
    """
    from rag.origins import near_copies
    from rag.render import contract, terminal

    with opened(settings(corpus)) as opened_corpus:
        copies = {one.id: near_copies(one, cluster) for cluster in opened_corpus.clusters() for one in cluster}
        if json_:
            for reference in opened_corpus.articles():
                print_json(contract.json_text(contract.article_to_dict(reference, copies.get(reference.id))))
        else:
            counts = {name: len(found.others) for name, found in copies.items()}
            terminal.article_list(opened_corpus.articles(), out(), counts)


def show(
    article: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE", help="A key, a unique beginning of an id, a path or a URL.", callback=characters
        ),
    ],
    span: Annotated[str | None, typer.Option("--span", metavar="S:E", help="Highlight the characters S to E.")] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help="List the versions of its text, and what changed from each to the next.")
    ] = False,
    corpus: CorpusOption = None,
) -> None:
    """Show an article: what is known of it, and its text.

    What cleaning took for no part of the article is dim, or stands between ⟦ and ⟧ where there are no colours.
    """
    from rag.render import terminal

    if versions and span is not None:
        raise UsageError("--versions and --span exclude each other; choose one")
    with opened(settings(corpus)) as opened_corpus:
        if versions:
            _show_versions(opened_corpus.versions(article))
            return
        found = opened_corpus.article(article)
        marked = _span(span, len(found.text)) if span is not None else None
        terminal.article(found, out(), marked, opened_corpus.near_copies(found.id))


def _show_versions(versions: Sequence[Version]) -> None:
    from rag.render.safe import one_line

    for held in versions:
        print(f"{held.added[:19]}Z  {held.version[:12]}  {held.length:,} characters")  # noqa: T201
        for line in held.changes:
            print(f"  {one_line(line)}")  # noqa: T201


def _span(given: str, length: int) -> Span:
    from rag.types import Span

    start, colon, end = given.partition(":")
    if not (colon and start.isdecimal() and end.isdecimal() and int(start) < int(end) <= length):
        raise UsageError(f"--span takes START:END within 0:{length}, such as 0:{min(80, length)}, not {given[:40]!r}")
    return Span(int(start), int(end))


def remove(
    articles: Annotated[
        list[str],
        typer.Argument(metavar="ARTICLE…", help="Keys, unique beginnings of ids, paths or URLs.", callback=characters),
    ],
    corpus: CorpusOption = None,
) -> None:
    """Take articles out.

    A path takes out all that came from it. When one ARTICLE is unknown, none is taken out.
    """
    from rag.render.safe import one_line

    with opened(settings(corpus)) as opened_corpus:
        removed = opened_corpus.remove(articles)
    for reference in removed.articles:
        print(f"removed {reference.id}  {one_line(reference.title or reference.key)}")  # noqa: T201


def status(corpus: CorpusOption = None, model: ModelOption = None, json_: JsonOption = False) -> None:
    """Show what is indexed and with what."""
    from rag.render.safe import one_line

    with opened(settings(corpus, model)) as opened_corpus:
        found = opened_corpus.status()
    counts = found.counts
    told: dict[str, object] = {
        "corpus": str(found.path),
        "articles": counts.articles,
        "passages": counts.passages,
        "with vectors": counts.vectors,
        "undated": counts.undated,
        "near copies": found.in_clusters,
        "clusters": found.clusters,
        **({"not compared": found.not_compared} if found.not_compared else {}),
        "dates": f"{counts.first} to {counts.last}" if counts.first else "none known",
        "size": found.bytes,
        "indexes": str(found.indexes),
        "index size": found.index_bytes,
        "model": found.model,
        "weights here": found.weights,
        "fingerprint": found.fingerprint,
    }
    if json_:
        print(json.dumps({name.replace(" ", "_"): value for name, value in told.items()}, indent=2))  # noqa: T201
        return
    for name, value in told.items():
        print(f"{name:<13} {_plain(name, value, one_line)}")  # noqa: T201


def _plain(name: str, value: object, shown: Callable[[str], str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no (groundwire model fetch gets them)"
    if name.endswith("size") and isinstance(value, int):
        return f"{value / 1e6:,.1f} MB"
    return f"{value:,}" if isinstance(value, int) else shown(str(value))
