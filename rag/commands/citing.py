"""`cite` and `export`: references for a bibliography, and a saved answer as a page to keep."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands import outputs
from rag.commands.common import CorpusOption, characters, opened, say, settings
from rag.commands.inputs import read_text
from rag.errors import CannotWrite, Exit, GroundwireError, NotFound, UsageError

if TYPE_CHECKING:
    from rag.corpus import Corpus
    from rag.render.incoming import SavedCitation
    from rag.render.references import Cited, Entry
    from rag.render.saved import Exported
    from rag.standing import Verdict
    from rag.types import Article


_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")


class CiteFormat(StrEnum):
    """What `cite` writes."""

    BIBTEX = "bibtex"
    RIS = "ris"
    CSL_JSON = "csl-json"


class ExportFormat(StrEnum):
    """What `export` writes."""

    MARKDOWN = "markdown"
    HTML = "html"
    ANNOTATIONS = "annotations"


_SUFFIXES = {
    ".md": ExportFormat.MARKDOWN,
    ".html": ExportFormat.HTML,
    ".htm": ExportFormat.HTML,
    ".jsonld": ExportFormat.ANNOTATIONS,
}


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(cite)
    app.command()(export)


def cite(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CITATION|ARTICLE…",
            help="Ids of citations, or articles by key, beginning of id, path or URL.",
            callback=characters,
        ),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="ANSWER.json", help="All citations of a saved answer; - for standard input."),
    ] = None,
    format_: Annotated[CiteFormat | None, typer.Option("--format", help="bibtex unless set.")] = None,
    style: Annotated[
        str | None,
        typer.Option(
            "--style", metavar="STYLE", help="Formatted: apa, chicago, mla or a .csl file.", callback=characters
        ),
    ] = None,
    accessed: Annotated[
        str | None,
        typer.Option("--accessed", metavar="DATE", help="When it was read; else the day on which it was added."),
    ] = None,
    corpus: CorpusOption = None,
) -> None:
    """Print references for a bibliography: BibTeX, RIS, CSL-JSON, or formatted in a style.

    One entry an article, with the quotes as a note. What is not known is left out and named on standard error. With
    --from, citations that no longer hold are named and left out, and the exit code is 5.
    """
    from rag.render.references import entries

    if bool(names) == (from_ is not None):
        raise UsageError("name citations or articles, or a saved answer with --from ANSWER.json, one of the two")
    if format_ is not None and style is not None:
        raise UsageError("--format and --style exclude each other; choose one")
    day = _day(accessed)
    with opened(settings(corpus)) as opened_corpus:
        if from_ is not None:
            cited, failing = _of_answers(opened_corpus, from_, day)
        else:
            cited, failing = [_named(opened_corpus, name, day) for name in names or ()], []
    made = entries(cited)
    text = _references(made, format_ or CiteFormat.BIBTEX, style)
    _print(text)
    say(f"{entry.key}: missing: {', '.join(entry.missing)}" for entry in made if entry.missing)
    say(failing)
    raise typer.Exit(Exit.PROOF_FAILED if failing else Exit.DONE)


def export(
    answer: Annotated[
        str, typer.Argument(metavar="ANSWER.json", help="What ask --json printed; - for standard input.")
    ],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="Where to; - for standard output.", callback=characters),
    ] = "-",
    format_: Annotated[
        ExportFormat | None, typer.Option("--format", help="Else by the file's ending: .md, .html or .jsonld.")
    ] = None,
    corpus: CorpusOption = None,
) -> None:
    """Make a saved answer into a page to keep: Markdown with footnotes, one HTML file, or W3C Web Annotations.

    Every citation is checked against the corpus first. What no longer holds is marked as such, and the exit code is 5.
    """
    from rag.render import saved

    chosen = format_ or _by_ending(output)
    read = saved.read(read_text(answer, "export takes a file that ask --json printed"), answer)
    with opened(settings(corpus)) as opened_corpus:
        _protect(output, (answer, opened_corpus.settings.corpus))
        exported = saved.proved(
            read, lambda one: _standing(opened_corpus, one), lambda name: _article(opened_corpus, name)
        )
    text = _rendered(exported, chosen)
    if output == "-":
        _print(text)
    else:
        _write(Path(output), text)
    say(_failures(exported))
    raise typer.Exit(Exit.DONE if exported.holds else Exit.PROOF_FAILED)


# -- cite --------------------------------------------------------------------------------------------------------


def _references(made: Sequence[Entry], format_: CiteFormat, style: str | None) -> str:
    from rag.render import references

    if style is not None:
        return references.formatted(made, style)
    write = {
        CiteFormat.BIBTEX: references.to_bibtex,
        CiteFormat.RIS: references.to_ris,
        CiteFormat.CSL_JSON: references.to_csl_json,
    }
    return write[format_](made)


def _named(corpus: Corpus, name: str, accessed: str | None) -> Cited:
    from rag.render.references import Cited

    found = corpus.cited(name)
    quotes = () if found.quote is None else (found.quote,)
    pages = {found.quote: found.page} if found.quote is not None and found.page is not None else {}
    return Cited(found.reference, accessed or _local_day(found.added), quotes, pages)


def _of_answers(corpus: Corpus, file: str, accessed: str | None) -> tuple[list[Cited], list[str]]:
    """What the citations of a saved answer come to, and a line for each that no longer holds."""
    from rag.render import incoming
    from rag.render.references import Cited

    cited, failing = [], []
    for answer in incoming.read_saved(read_text(file, "--from takes a file that ask --json printed"), file):
        for one in answer.citations:
            named = _held(corpus, one)
            if named is None:
                failing.append(
                    f"{answer.where}: citation {one.number} no longer holds ({_standing(corpus, one).standing})"
                )
                continue
            reference = _named(corpus, named, accessed)
            cited.append(Cited(reference.reference, reference.accessed, (one.quote,), reference.pages))
    if not cited and not failing:
        raise NotFound(f"{file} holds no citation; there is nothing to cite")
    return cited, failing


def _held(corpus: Corpus, one: SavedCitation) -> str | None:
    """A name of what is cited: its id where that version is held and says the quote, else the article if it does."""
    from rag.types import span_id

    if not _ARTICLE_ID.fullmatch(one.article):
        return None
    name = span_id(one.article, one.version, one.start, one.end)
    with suppress(NotFound):
        if corpus.cited(name).quote == one.quote:
            return name
    return one.article if _standing(corpus, one).holds else None


def _day(given: str | None) -> str | None:
    from rag.dates import parse_published

    if given is None:
        return None
    found = parse_published(given) or ""
    if not re.match(r"\d{4}-\d\d-\d\d", found):
        raise UsageError(f"--accessed takes a day, such as 2024-05-31, not {given[:40]!r}")
    return found[:10]


def _local_day(moment: str) -> str:
    """The day here on which something was added; today where the catalog does not say."""
    try:
        return datetime.fromisoformat(moment).astimezone().date().isoformat()
    except (ValueError, OSError, OverflowError):
        return _today()


def _today() -> str:
    return date.today().isoformat()


# -- export ------------------------------------------------------------------------------------------------------


def _by_ending(output: str) -> ExportFormat:
    found = _SUFFIXES.get(Path(output).suffix.lower())
    if found is None:
        raise UsageError(
            "name a format: --format markdown, html or annotations, or with -o a file ending in .md, .html or .jsonld"
        )
    return found


def _rendered(exported: Exported, chosen: ExportFormat) -> str:
    if chosen is ExportFormat.HTML:
        from rag.render.html import to_html

        return to_html(exported, checked=_today())
    if chosen is ExportFormat.MARKDOWN:
        from rag.render.footnotes import to_markdown

        return to_markdown(exported)
    from rag.render.annotation import to_jsonld

    return to_jsonld(exported)


def _standing(corpus: Corpus, one: SavedCitation) -> Verdict:
    """How a citation stands; what is no article's id is gone without asking for it."""
    from rag.standing import Standing, Verdict

    return corpus.standing(one) if _ARTICLE_ID.fullmatch(one.article) else Verdict(Standing.GONE)


def _article(corpus: Corpus, name: str) -> Article | None:
    """The article with exactly this id: what a file says is no key, path or URL of the corpus."""
    if not _ARTICLE_ID.fullmatch(name):
        return None
    try:
        found = corpus.article(name)
    except NotFound:
        return None
    return found if found.id == name else None


def _failures(exported: Exported) -> Iterator[str]:
    for fault in exported.saved.faults:
        yield f"{exported.saved.where}: {fault.message}"
    for one in exported.proved:
        if not one.holds:
            yield f"{exported.saved.where}: citation {one.cited.number} no longer holds ({one.standing}); it is marked"


# -- files -------------------------------------------------------------------------------------------------------


def _protect(output: str, kept: Sequence[str | Path]) -> None:
    """Raise UsageError where the output would replace what it is made from."""
    for one in kept:
        with suppress(OSError):  # one of them is not there yet, or not a file
            if output != "-" and str(one) != "-" and Path(output).samefile(one):
                raise UsageError(f"{output} is what the page is made from; write to another file")


def _write(file: Path, text: str) -> None:
    try:
        outputs.put(file, text)
    except OSError as error:
        raise _cannot_write(file, error) from error


def _cannot_write(file: Path, error: OSError) -> GroundwireError:
    said = f"{file}: {error.strerror or error}"
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return UsageError(f"{said}; -o takes a file in a folder that is there")
    return CannotWrite(f"{said}; make room or choose another place with -o")


def _print(text: str) -> None:
    """On standard output, as UTF-8 whatever the terminal has: what reads it expects no other."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="strict")
    print(text, end="", flush=True)  # noqa: T201
