"""`verify`: does a saved answer still hold?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands.common import CorpusOption, JsonOption, opened, out, settings
from rag.errors import Exit, UsageError

if TYPE_CHECKING:
    from rag.render.terminal import Checked


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(verify)


def verify(
    file: Annotated[
        str, typer.Argument(metavar="FILE.json", help="What ask --json or ask --batch printed; - for standard input.")
    ],
    json_: JsonOption = False,
    corpus: CorpusOption = None,
) -> None:
    """Check every citation of a saved answer: exact, moved, changed or gone. Exit code 5 when one no longer holds."""
    from rag.render import contract, terminal
    from rag.render.terminal import Checked

    saved = contract.read_saved(_text(file), file)
    with opened(settings(corpus)) as opened_corpus:
        checked = [
            Checked(
                answer,
                tuple(opened_corpus.standing(one) for one in answer.citations),
            )
            for answer in saved
        ]
    if json_:
        print(contract.json_text([_told(each) for each in checked], 2))  # noqa: T201
    else:
        terminal.verdicts(checked, out())
    holds = all(not each.answer.faults and all(verdict.holds for verdict in each.verdicts) for each in checked)
    raise typer.Exit(Exit.DONE if holds else Exit.PROOF_FAILED)


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}; verify takes a file that ask --json printed") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file}: not UTF-8 (byte {error.start}); verify takes a file that ask --json printed"
        ) from error


def _told(each: Checked) -> dict[str, object]:
    return {
        "question": each.answer.question,
        "id": each.answer.id,
        "faults": [fault.message for fault in each.answer.faults],
        "citations": [
            {
                "number": citation.number,
                "id": citation.id,
                "standing": str(verdict.standing),
                "start": verdict.start,
                "end": verdict.end,
                "note": verdict.note,
            }
            for citation, verdict in zip(each.answer.citations, each.verdicts, strict=True)
        ],
    }
