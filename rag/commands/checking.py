"""`verify`: does a saved answer still hold?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands.common import CorpusOption, JsonOption, opened, out, print_json, settings
from rag.errors import Exit, UsageError

if TYPE_CHECKING:
    from rag.render.terminal import Checked

LARGEST = 256 * 1024 * 1024
"""Bytes of a file of answers; one answer has ten thousand."""


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
    """Check whether every citation of a saved answer still holds.

    Exact: the quote stands where it stood. Moved: it stands elsewhere in the article. Changed: the article no longer
    has it. Gone: the article is not in the corpus. When one no longer holds, the exit code is 5.
    """
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
        print_json(contract.json_text([_told(each) for each in checked], 2))
    else:
        terminal.verdicts(checked, out())
    holds = all(not each.answer.faults and all(verdict.holds for verdict in each.verdicts) for each in checked)
    raise typer.Exit(Exit.DONE if holds else Exit.PROOF_FAILED)


def _text(file: str) -> str:
    wanted = "verify takes a file that ask --json printed"
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as stream:
                raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise UsageError(f"{file}: larger than {LARGEST // 1024**2} MB; {wanted}")
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}; {wanted}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 (byte {error.start}); {wanted}") from error


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
