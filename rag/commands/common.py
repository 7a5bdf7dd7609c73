"""What the commands share: options, consoles, notes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

    from rag.config import Settings
    from rag.corpus import Corpus
    from rag.types import Filters


def characters(given: str | list[str] | None) -> str | list[str] | None:
    """Words from the command line as they are. Raises UsageError where what was typed is not UTF-8."""
    for text in [given] if isinstance(given, str) else given or []:
        check_characters(text)
    return given


def check_characters(text: str) -> None:
    """Raise UsageError where the text holds what is no character: a byte that was not UTF-8, half of a pair."""
    odd = next((char for char in text if "\ud800" <= char <= "\udfff"), None)
    if odd is None:
        return
    if "\udc80" <= odd <= "\udcff":  # how Python keeps such a byte, see PEP 383
        raise UsageError(
            f"{text[:60]!r} holds the byte 0x{ord(odd) - 0xDC00:02x}, which is not UTF-8; write it in UTF-8"
        )
    raise UsageError(f"{text[:60]!r} holds U+{ord(odd):04X}, which is no character; leave it out")


CorpusOption = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        metavar="FILE",
        readable=False,  # not looked at here: opening it says better what is wrong
        help="The corpus file. Else GROUNDWIRE_CORPUS, the nearest groundwire.db walking up, the user's data folder.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="The embedding model: minilm, minilm-int8, none, huggingface:NAME, …",
        callback=characters,
    ),
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
    list[str] | None,
    typer.Option(
        "--publisher", metavar="NAME", help="Only this publisher or site; may be repeated.", callback=characters
    ),
]
ArticleOption = Annotated[
    list[str] | None,
    typer.Option("--article", metavar="ARTICLE", help="Only this article; may be repeated.", callback=characters),
]
KOption = Annotated[
    int | None,
    typer.Option("-k", metavar="N", min=1, max=1000, help="How many passages to look at; 10 unless set."),
]


def settings(
    corpus: Path | None = None,
    model: str | None = None,
    *,
    k: int | None = None,
    words: int | None = None,
    min_confidence: float | None = None,
) -> Settings:
    """The settings of this run."""
    from rag import config

    return config.load({"corpus": corpus, "model": model, "k": k, "words": words, "min_confidence": min_confidence})


def opened(chosen: Settings, *, create: bool = False) -> Corpus:
    """The corpus that the settings name."""
    from rag.corpus import Corpus

    return Corpus.open(settings=chosen, create=create)


def filters(
    since: str | None, until: str | None, undated: bool, publisher: list[str] | None, article: list[str] | None
) -> Filters:
    """The filters as asked for. Raises UsageError for what is not a date, and for a name that is empty."""
    from rag.types import Filters

    for option, names in (("--publisher", publisher), ("--article", article)):
        if any(not name.strip() for name in names or ()):
            raise UsageError(f"{option} is empty; name one after it, or leave it out")
    return Filters(
        since=day("--since", since),
        until=day("--until", until),
        undated=undated,
        publishers=tuple(publisher or ()),
        articles=tuple(article or ()),
    )


def day(option: str, given: str | None) -> str | None:
    from rag.dates import parse_filter_date

    try:
        return None if given is None else parse_filter_date(given)
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from error


def out() -> Console:
    """Where results go."""
    from rag.render.terminal import console_for

    return console_for(sys.stdout)


def err() -> Console:
    """Where everything else goes."""
    from rag.render.terminal import console_for

    return console_for(sys.stderr)


def bar(*columns: ProgressColumn, disable: bool = False) -> Progress:
    """A progress bar on standard error, where somebody can see it."""
    from rich.progress import Progress

    console = err()
    # Rich would send what is printed meanwhile to the bar's own stream: results belong to standard output.
    return Progress(
        *columns,
        console=console,
        transient=True,
        redirect_stdout=False,
        disable=disable or not console.is_interactive,
    )


def print_json(text: str) -> None:
    """JSON on standard output, as UTF-8 whatever the terminal has (RFC 8259, section 8.1)."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8")
    print(text, flush=True)  # noqa: T201


def say(lines: Iterable[str]) -> None:
    """Notes to the user, one line each, on standard error."""
    from rag.render.safe import one_line

    for line in lines:
        print(f"groundwire: {one_line(line)}", file=sys.stderr)  # noqa: T201


MOST_NOTES = 50


def few(notes: Sequence[str]) -> list[str]:
    """So many notes as somebody will read, and how many more there are."""
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], *([f"and {more:,} more notes of this kind"] if more > 0 else [])]


def here() -> str:
    """The folder that paths are shown from."""
    try:
        return str(Path.cwd())
    except OSError:
        return "/"
