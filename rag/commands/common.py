"""What the commands share: options, consoles, notes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from rag.config import Settings
    from rag.corpus import Corpus
    from rag.types import Filters

CorpusOption = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        metavar="FILE",
        help="The corpus file. Else GROUNDWIRE_CORPUS, the nearest groundwire.db walking up, the user's data folder.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", help="The embedding model: minilm, minilm-int8, huggingface:NAME, …"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only articles from this day, month or year on.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Only articles up to then, inclusive.")
]
UndatedOption = Annotated[
    bool, typer.Option("--undated", help="With --since or --until: keep articles without a date.")
]
PublisherOption = Annotated[
    list[str] | None, typer.Option("--publisher", metavar="NAME", help="Only this publisher or site; may be repeated.")
]
ArticleOption = Annotated[
    list[str] | None, typer.Option("--article", metavar="ARTICLE", help="Only this article; may be repeated.")
]
KOption = Annotated[int | None, typer.Option("-k", min=1, max=1000, help="How many passages to look at (10).")]


def settings(
    corpus: Path | None = None, model: str | None = None, *, k: int | None = None, words: int | None = None
) -> Settings:
    """The settings of this run."""
    from rag import config

    return config.load({"corpus": corpus, "model": model, "k": k, "words": words})


def opened(chosen: Settings, *, create: bool = False) -> Corpus:
    """The corpus that the settings name."""
    from rag.corpus import Corpus

    return Corpus.open(settings=chosen, create=create)


def filters(
    since: str | None, until: str | None, undated: bool, publisher: list[str] | None, article: list[str] | None
) -> Filters:
    """The filters as asked for. Raises UsageError for what is not a date."""
    from rag.dates import parse_filter_date
    from rag.types import Filters

    return Filters(
        since=parse_filter_date(since) if since else None,
        until=parse_filter_date(until) if until else None,
        undated=undated,
        publishers=tuple(publisher or ()),
        articles=tuple(article or ()),
    )


def out() -> Console:
    """Where results go."""
    from rag.render.terminal import console_for

    return console_for(sys.stdout)


def err() -> Console:
    """Where everything else goes."""
    from rag.render.terminal import console_for

    return console_for(sys.stderr)


def say(lines: Iterable[str]) -> None:
    """Notes to the user, one line each, on standard error."""
    from rag.render.safe import one_line

    for line in lines:
        print(f"groundwire: {one_line(line)}", file=sys.stderr)  # noqa: T201


def here() -> str:
    """The folder that paths are shown from."""
    try:
        return str(Path.cwd())
    except OSError:
        return "/"
