"""What a person reads in a terminal, by Rich; plain text when piped, with NO_COLOR or on a dumb terminal.

Article text never reaches Rich's markup: it is cleaned (`safe`) and put into `Text`, which obeys nothing. On a terminal
lines are wrapped to its width; piped they are left whole, so that paths and quotes can be searched for.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, TextIO

from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from rag.render.incoming import SavedAnswer, SavedCitation
from rag.render.safe import cut, one_line, printable
from rag.render.shorts import Range, in_quotes, pieces
from rag.render.source import (
    NEAREST,
    also_in,
    by_number,
    byline,
    chance,
    covered,
    independence,
    place,
    quotation_marks,
    quoted,
    who,
)
from rag.standing import Standing, Verdict
from rag.types import (
    Answer,
    Article,
    Citation,
    Hit,
    NearCopies,
    Origin,
    Reference,
    Rejected,
    Span,
    Statement,
    StatementKind,
    span_id,
)

PIPED_PASSAGE = 200
"""Code points of such a passage where there is no terminal whose width could tell."""
SHORT_QUOTE = 60
NARROWEST = 20
"""Columns; a narrower terminal breaks the lines itself."""

_ORIGINS = {
    Origin.GIVEN: "what was told beside the text",
    Origin.JSON_LD: "the page's JSON-LD",
    Origin.META: "the page's meta elements",
    Origin.ELEMENT: "an element of the page",
    Origin.TEXT: "a line of the text",
    Origin.URL: "the URL",
    Origin.HEADER: "the header",
    Origin.PROPERTIES: "the document's properties",
}
_COLOURS = {Standing.EXACT: "green", Standing.MOVED: "yellow", Standing.CHANGED: "red", Standing.GONE: "red"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A saved answer and how each of its citations stands, in their order."""

    answer: SavedAnswer
    verdicts: tuple[Verdict, ...]


def console_for(stream: TextIO) -> Console:
    """A console on this stream that takes nothing for markup.

    Characters that the stream's encoding does not have are shown as question marks from here on, instead of an error.
    """
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    # NO_COLOR alone would leave bold and dim.
    colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(file=stream, markup=False, emoji=False, highlight=False, color_system=colours)


def answer(result: Answer, console: Console, *, base: str | None = None) -> None:
    """The answer with its [n], then every cited quote; or the refusal, then the nearest passages.

    Files are named relative to the folder `base` where they are in it. Notes are the caller's to show.
    """
    if result.answered:
        write(console, _prose(result))
        _disagreements(result, console)
        _sources(result, console, base)
    else:
        write(console, Text(one_line(result.text), "bold"))
    if result.unknown_words:
        words = ", ".join(map(one_line, result.unknown_words))
        write(console, Text(f"\nWords that stand nowhere in the corpus: {words}"))
    if result.coverage is not None and (told := covered(result.coverage)):
        write(console, Text("\n" + "\n".join(told)))
    if not result.answered:
        if said := chance(result.confidence, answered=False):
            write(console, Text(f"\n{said}", "dim"))
        _nearest(result, console, base)


def search_results(hits: Sequence[Hit], console: Console, *, base: str | None = None) -> None:
    """Passages, best first: rank, fused score, the rank that each engine gave, the article, the words, the place."""
    told: set[str] = set()
    for rank, hit in enumerate(hits, 1):
        if rank > 1:
            write(console, Text())
        found = [
            f"{engine} #{at}"
            for engine, at in (("lexical", hit.lexical_rank), ("dense", hit.dense_rank))
            if at is not None
        ]
        write(console, Text(f"{rank}. {hit.score:.4f}  {', '.join(found)}".rstrip(), "bold"))
        write(console, Text(byline(hit.article)), 3)
        write(console, Text(one_line(hit.text)), 3)
        if hit.near_copies is not None and hit.article.id not in told:
            told.add(hit.article.id)
            write(console, Text(also_in(hit.near_copies), "dim"), 3)
        write(console, _hit_place(hit, base), 3)


def article_list(
    references: Iterable[Reference], console: Console, copies: Mapping[str, int] = MappingProxyType({})
) -> None:
    """One article a line: id, date, publisher, title, key.

    On a terminal a table, with how many others have nearly the same text (`copies`, by article id); otherwise
    tab-separated without a heading, an unknown field empty, for scripts to read.
    """
    listed = list(references) if console.is_terminal else references
    rows = ([one_line(field or "") for field in _fields(reference)] for reference in listed)
    if not console.is_terminal:
        for row in rows:
            # As a segment: Rich would make spaces of the tabs in a Text.
            console.print(Segments([Segment("\t".join(row) + "\n")]), soft_wrap=True, end="")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "date"):
        table.add_column(name, no_wrap=True)
    table.add_column("publisher", overflow="fold")
    table.add_column("title", overflow="fold", min_width=NARROWEST)
    table.add_column("key", overflow="fold")
    if copies:
        table.add_column("copies", justify="right")
    for reference, row in zip(listed, rows, strict=True):
        count = [Text(str(copies.get(reference.id, "")))] if copies else []
        table.add_row(*(Text(field) for field in row), *count)
    console.print(table)


def article(found: Article, console: Console, highlight: Span | None = None, copies: NearCopies | None = None) -> None:
    """What is known of an article, then its text as it stands, control characters left out.

    What is not body (`skipped`) is dim, and the highlighted span reversed; without colour they stand between
    ``⟦kind: ⟧`` and ``»«``.
    """
    known = {
        "title": found.title,
        "publisher": found.publisher,
        "authors": ", ".join(found.authors),
        "published": _with_origin(found.published, found.published_from),
        "updated": _with_origin(found.updated, found.updated_from),
        "agency": found.agency,
        "section": found.section,
        "language": found.language,
        "pages": f"{len(found.pages):,}" if found.pages else None,
        "url": found.url,
        "file": found.path,
        "key": found.key,
        "id": found.id,
        "version": found.version,
        "also in": None if copies is None else independence(copies),
    }
    for name, value in known.items():
        if value:
            write(console, Text(f"{name:<10} {one_line(value)}", "bold" if name == "title" else ""))
    for other in copies.others if copies is not None else ():
        write(console, Text(f"{other.id}  {byline(other)}", "dim"), 11)
    write(console, Text())
    write(console, _body(found, highlight, marked=_is_plain(console)))


def verdicts(checked: Sequence[Checked], console: Console, now: Mapping[str, str] = MappingProxyType({})) -> None:
    """One line a citation of saved answers: number, standing, title, the quote's beginning, a note; then the sum.

    `now`: by the ids of citations that changed, what the article says in their place; a line below each.
    """
    for each in checked:
        if len(checked) > 1:
            write(console, Text(cut(each.answer.question, 2 * SHORT_QUOTE), "bold"))
        for citation, verdict in zip(each.answer.citations, each.verdicts, strict=True):
            write(console, _verdict_line(citation, verdict))
            if citation.id in now:
                write(console, Text(f"now: {one_line(now[citation.id])}"), 4)
        for fault in each.answer.faults:
            write(console, Text.assemble(("fault", "red"), f"   {fault.message}"))
    write(console, Text(_verdict_sum(checked), "bold"))


def add_report(
    *,
    added: int,
    updated: int,
    unchanged: int,
    skipped: Sequence[Rejected],
    seconds: float,
    console: Console,
    errors: Console | None = None,
    removed: int = 0,
) -> None:
    """What `add` did: one line with the counts on `console`, one a skipped input on `errors` (else on `console`)."""
    for rejected in skipped:
        write(errors or console, Text(f"skipped {one_line(rejected.where)}: {one_line(rejected.reason)}"))
    counts = {"updated": updated, "unchanged": unchanged, "removed": removed, "skipped": len(skipped)}
    told = [f"{added} added", *(f"{count} {name}" for name, count in counts.items() if count)]
    write(console, Text(f"{', '.join(told)} in {seconds:.1f} s"))


# An answer.


def _prose(result: Answer) -> Text:
    prose = Text()
    if result.short_answer is not None and not result.is_list:
        prose.append(one_line(result.short_answer.text), "bold")
        prose.append_text(_marks((result.short_answer.citation,))).append("\n\n")
    for place_, statement in enumerate(result.statements):
        if result.is_list:
            # In front, since bold is lost where this is piped.
            prose.append("\n" if place_ else "").append("• ")
            if statement.short_answer is not None:
                prose.append(one_line(statement.short_answer.text), "bold").append(" — ")
        elif place_:
            prose.append(" ")
        prose.append(one_line(statement.text)).append_text(_marks(statement.citations))
    if any(statement.kind is StatementKind.GENERATED for statement in result.statements):
        prose.append("\n\nWritten by a language model; the quotes below are exact.", "dim")
    if said := chance(result.confidence, answered=True):
        prose.append(f"\n\n{said}", "dim")
    return prose


def _marked(quote: str, short: Range | None) -> Text:
    """The quote on one line, and in it the words that answer."""
    before, words, after = pieces(quote, short)
    return Text.assemble(before, (words, "bold"), after)


def _marks(numbers: tuple[int, ...]) -> Text:
    return Text(" ").append("".join(f"[{number}]" for number in numbers), "cyan")


def _disagreements(result: Answer, console: Console) -> None:
    cited = by_number(result)
    for disagreement in result.disagreements:
        write(console, Text(f"\nSources differ: {one_line(disagreement.about)}", "bold"))
        for side in disagreement.sides:
            reference = result.articles[cited[side.citations[0]].article]
            line = Text(f"{who(reference, side.speaker)}: {one_line(side.text)}")
            write(console, line.append_text(_marks(side.citations)), 2)


def _sources(result: Answer, console: Console, base: str | None) -> None:
    write(console, Text("\nSources", "bold"))
    first: dict[str, int] = {}
    copies, shorts = result.near_copies, in_quotes(result)
    for citation in result.citations:
        reference = result.articles[citation.article]
        before = first.setdefault(citation.article, citation.number)
        named = byline(reference) if before == citation.number else f"the same article as [{before}]"
        write(console, Text.assemble((f"[{citation.number}]", "cyan"), f" {named}"))
        said_by = _speakers(result.statements, citation)
        if said_by:
            write(console, Text(f"said by {said_by}"), 4)
        opening, closing = quotation_marks(citation.quote)
        marked = _marked(citation.quote, shorts.get(citation.number))
        write(console, Text.assemble(opening, marked, closing), 4)
        if reference.url and before == citation.number:
            write(console, Text(one_line(reference.url), "dim"), 4)
        if before == citation.number and citation.article in copies:
            write(console, Text(also_in(copies[citation.article]), "dim"), 4)
        where = place(reference, citation.start, citation.end, page=citation.page, base=base)
        write(console, Text(f"{where} · id: {one_line(citation.id)}", "dim"), 4)


def _speakers(statements: Iterable[Statement], citation: Citation) -> str:
    """Who says it in the article, by the statements that cite it."""
    names = (s.speaker for s in statements if s.speaker and citation.number in s.citations)
    return ", ".join(dict.fromkeys(map(one_line, names)))


def _nearest(result: Answer, console: Console, base: str | None) -> None:
    if result.passages:
        write(console, Text("\nNearest passages", "bold"))
    # About two lines.
    limit = 2 * max(console.width - 6, NARROWEST) if console.is_terminal else PIPED_PASSAGE
    for hit in result.passages[:NEAREST]:
        write(console, Text(byline(hit.article)))
        write(console, Text(quoted(cut(hit.text, limit))), 4)
        if hit.near_copies is not None:
            write(console, Text(also_in(hit.near_copies), "dim"), 4)
        write(console, _hit_place(hit, base), 4)


def _hit_place(hit: Hit, base: str | None) -> Text:
    start, end = hit.passage.start, hit.passage.end
    name = span_id(hit.article.id, hit.article.version, start, end)
    address = f"{one_line(hit.article.url)}, " if hit.article.url and hit.article.path is None else ""
    return Text(f"{address}{place(hit.article, start, end, page=hit.page, base=base)} · id: {one_line(name)}", "dim")


# An article.


def _fields(reference: Reference) -> tuple[str | None, ...]:
    return reference.id, reference.published, reference.publisher, reference.title, reference.key


def _with_origin(date: str | None, origin: Origin | None) -> str | None:
    """The date, and where it was found."""
    return date if date is None or origin is None else f"{date} (by {_ORIGINS[origin]})"


def _body(found: Article, highlight: Span | None, *, marked: bool) -> Text:
    """The text in pieces, each with its style, or with marks around what the styles would show."""
    body, length = Text(), len(found.text)
    spans = [(skip.start, min(skip.end, length), f"⟦{skip.kind}: ", "⟧", "dim") for skip in found.skipped]
    if highlight is not None:
        spans.append((max(highlight.start, 0), min(highlight.end, length), "»", "«", "bold reverse"))
    spans = [span for span in spans if span[0] < span[1]]
    edges = sorted({0, length, *(edge for span in spans for edge in span[:2])})
    for start, end in pairwise(edges):
        inside = [span for span in spans if span[0] <= start and end <= span[1]]
        opened = "".join(span[2] for span in inside if span[0] == start)
        closed = "".join(span[3] for span in reversed(inside) if span[1] == end)
        piece = printable(found.text[start:end], newlines=True)
        body.append(f"{opened}{piece}{closed}" if marked else piece, " ".join(span[4] for span in inside))
    return body


# A saved answer.


def _verdict_line(citation: SavedCitation, verdict: Verdict) -> Text:
    standing = verdict.standing
    line = Text.assemble((f"[{citation.number}]", "cyan"), " ", (f"{standing:<7}", _COLOURS[standing]))
    line.append(f" {cut(citation.title or '', SHORT_QUOTE) or 'untitled'} · {quoted(cut(citation.quote, SHORT_QUOTE))}")
    notes = [verdict.note] if verdict.note else []
    if standing is Standing.MOVED:
        notes.insert(0, f"now characters {verdict.start}–{verdict.end}")
    return line.append(f" · {'; '.join(notes)}" if notes else "")


def _verdict_sum(checked: Sequence[Checked]) -> str:
    counts = Counter(verdict.standing for each in checked for verdict in each.verdicts)
    total = counts.total()
    told = f"{total} {'citation' if total == 1 else 'citations'}"
    stands = [f"{counts[standing]} {standing}" for standing in Standing if counts[standing]]
    faults = sum(len(each.answer.faults) for each in checked)
    contradictions = f"; {faults} {'fault' if faults == 1 else 'faults'} in what was saved" if faults else ""
    return f"{told}{': ' if stands else ''}{', '.join(stands)}{contradictions}"


# Lines.


def _is_plain(console: Console) -> bool:
    """Whether dim and reverse cannot be relied on."""
    return not console.is_terminal or console.is_dumb_terminal or console.no_color


def write(console: Console, text: Text, indent: int = 0) -> None:
    """Print text whose lines all start in this column, wrapped where there is a width to wrap to."""
    for line in _lines(console, text, indent):
        # Already wrapped: Rich would pad it, or cut what is longer than the line.
        console.print(Text(" " * indent).append_text(line) if line else line, soft_wrap=True)


def _lines(console: Console, text: Text, indent: int) -> Iterator[Text]:
    for line in text.split("\n", allow_blank=True):
        if console.is_terminal and line:
            for wrapped in line.wrap(console, max(console.width - indent, NARROWEST), overflow="fold"):
                wrapped.rstrip()
                yield wrapped
        else:
            yield line
