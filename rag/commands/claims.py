"""`check`: do the articles support what a draft says?"""

from __future__ import annotations

from typing import Annotated

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
    filters,
    here,
    opened,
    out,
    print_json,
    say,
    settings,
)
from rag.commands.inputs import read_text
from rag.errors import Exit


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(check)


def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The draft: plain text or Markdown, UTF-8; - for standard input.")
    ],
    json_: JsonOption = False,
    k: Annotated[
        int | None,
        typer.Option("-k", metavar="N", min=1, max=1000, help="Passages to look at for each sentence; 8 unless set."),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    undated: UndatedOption = False,
    publisher: PublisherOption = None,
    article: ArticleOption = None,
    corpus: CorpusOption = None,
    model: ModelOption = None,
) -> None:
    """Check a draft against the articles: each sentence with its source, or "unsupported".

    Names, numbers, dates and negations of a sentence have to be the quote's, and so has whoever is said to say it; the
    words that differ are marked. Headings, questions and what claims nothing are named as such. When a sentence is
    unsupported, the exit code is 5.
    """
    from rag.render import drafts

    chosen = filters(since, until, undated, publisher, article)
    draft = read_text(file, "check takes a draft as plain text or Markdown")
    with opened(settings(corpus, model)) as opened_corpus:
        found = opened_corpus.check(draft, filters=chosen, k=k)
    say(found.notes)
    if json_:
        print_json(drafts.to_json(found, 2))
    else:
        drafts.show(found, out(), base=here())
    raise typer.Exit(Exit.DONE if found.holds else Exit.PROOF_FAILED)
