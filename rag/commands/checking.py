"""`verify`: does a saved answer still hold?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands.common import CorpusOption, JsonOption, opened, out, print_json, settings
from rag.commands.inputs import read_text
from rag.errors import Exit
from rag.standing import Standing

if TYPE_CHECKING:
    from rag.changes import Change
    from rag.render.terminal import Checked


NOTHING_LIKE_IT = "nothing in the article is like it any more"


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
    from rag.render import contract, incoming, terminal
    from rag.render.terminal import Checked

    saved = incoming.read_saved(read_text(file, "verify takes a file that ask --json printed"), file)
    with opened(settings(corpus)) as opened_corpus:
        checked = [
            Checked(
                answer,
                tuple(opened_corpus.standing(one) for one in answer.citations),
            )
            for answer in saved
        ]
        changes = {
            citation.id: opened_corpus.change(citation)
            for each in checked
            for citation, verdict in zip(each.answer.citations, each.verdicts, strict=True)
            if verdict.standing is Standing.CHANGED
        }
    if json_:
        print_json(contract.json_text([_told(each, changes) for each in checked], 2))
    else:
        now = {name: change.marked() if change else NOTHING_LIKE_IT for name, change in changes.items()}
        terminal.verdicts(checked, out(), now)
    holds = all(not each.answer.faults and all(verdict.holds for verdict in each.verdicts) for each in checked)
    raise typer.Exit(Exit.DONE if holds else Exit.PROOF_FAILED)


def _told(each: Checked, changes: Mapping[str, Change | None]) -> dict[str, object]:
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
                "now": change.new if (change := changes.get(citation.id)) else None,
            }
            for citation, verdict in zip(each.answer.citations, each.verdicts, strict=True)
        ],
    }
