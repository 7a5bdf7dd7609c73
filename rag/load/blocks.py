"""A document's text, put together from its blocks, so that offsets are exact by construction.

Every loader whose files hold more than plain text (PDF, word processors, books, mail) parses its own format into
blocks and hands them to `composed` and `article`. Knows no format, and does no reading.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.clean import read_page, split_authors
from rag.dates import parse_published
from rag.load.source import Found, Unreadable
from rag.types import Article, Origin, SkipKind, SkippedSpan

BETWEEN = "\n\n"
"""Stands between two blocks: a blank line, so that no sentence goes across."""

_LONGEST_CELL = 200
"""Of a table of facts; longer cells are text that a table holds in place."""

# Cannot be stored, or says nothing: NUL and the other controls, lone surrogates, noncharacters, the soft hyphen.
_UNSTORABLE = re.compile("[\0-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\xad]")
_SPACES = re.compile(r"[ \t\r\f\v\xa0\u2000-\u200b\u202f\u205f\u3000\ufeff]+")
# A program's name for a file that nobody gave a title.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)|(?:powerpoint|pdf) presentation|untitled|word document)\b.*"
    r"|unspecified|anonymous|unnamed|unknown|none|null|(?:new|neues) (?:document|dokument)"
    r"|(?:document|dokument|sin título|sans titre|ohne titel|senza titolo|no ?title|title)[ _-]?\d*"
    r"|(?:default|print|layout|slide|page)[ _-]?\d*"
    r"|.*\.(?:docx?|dotx?|odt|rtf|pdf|ps|tex|dvi|indd|qxd|qxp|pub|pmd|p65|fm|html?|txt|tmp|eps|ai|cdr)"
    r"|\W*[\w.-]*\d[\w.-]*|(?:https?|file):.*",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"(?i:user|users|admin|administrator|author|owner|unknown|anonymous|unspecified|unnamed|none|null|guest|root|microsoft"
    r"|microsoft office.*|hewlett.packard.*|hp|dell|reportlab.*|libreoffice.*|openoffice.*|apache poi|(?:un)?titled"
    r"|default|autor|benutzer|utilisateur|usuario|office|adobe.*|acrobat.*|python-docx)"
    r"|.*\\.*|\W*|.*\d{3,}.*|[a-z]{1,8}"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, caption or cell row; its text holds no blank line."""

    text: str
    kind: SkipKind | None = None
    """None for body."""
    page: int = 0
    """Counts from 0: where the block begins."""
    page_breaks: tuple[int, ...] = ()
    """Offsets in `text` at which the pages after `page` begin."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What the blocks make together."""

    text: str
    skipped: tuple[SkippedSpan, ...]
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Properties:
    """What a document's program says of it. Unknown is None; what is plainly a program's own word is unknown, too."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    """ISO 8601, as the other dates; where it is named as the date of publication, not as the file's."""
    created: str | None = None
    modified: str | None = None
    language: str | None = None
    section: str | None = None


def composed(blocks: Iterable[Block], pages: int = 0) -> Composed:
    """The blocks, one after the other. ``pages``: how many the document has, 0 where it has none."""
    parts: list[str] = []
    skipped: list[SkippedSpan] = []
    starts: dict[int, int] = {}
    at = 0
    for block in blocks:
        if not block.text:
            continue
        if parts:
            parts.append(BETWEEN)
            at += len(BETWEEN)
        starts.setdefault(block.page, at)
        for number, offset in enumerate(block.page_breaks, block.page + 1):
            starts[number] = at + offset
        parts.append(block.text)
        if block.kind is not None:
            skipped.append(SkippedSpan(at, at + len(block.text), block.kind))
        at += len(block.text)
    return Composed("".join(parts), tuple(skipped), _page_starts(starts, pages, at))


def _page_starts(starts: dict[int, int], pages: int, length: int) -> tuple[int, ...]:
    """The start of every page; one without text begins where the next one does."""
    following = length
    found: list[int] = []
    for number in reversed(range(pages)):
        following = min(following, starts.get(number, following)) if number else 0
        found.append(following)
    return tuple(reversed(found))


def paragraph_blocks(text: str, kind: SkipKind | None) -> Iterator[Block]:
    """A paragraph's text, whose line breaks are its author's: a blank line in it parts two paragraphs."""
    lines: list[str] = []
    for line in [*storable(text).split("\n"), ""]:
        if bare := one_line(line):
            lines.append(bare)
        elif lines:
            yield Block("\n".join(lines), kind)
            lines = []


def row_blocks(rows: Sequence[Sequence[Sequence[Block]]]) -> Iterator[Block]:
    """A table: rows of cells of blocks. A row is one block, unless the table only lays out text."""
    lays_out = any(len(cell) > 1 or (cell and len(cell[0].text) > _LONGEST_CELL) for row in rows for cell in row)
    for row in rows:
        if lays_out or len(row) == 1:
            yield from (block for cell in row for block in cell)
        elif line := " | ".join(" ".join(cell[0].text.split()) for cell in row if cell):
            yield Block(line)


def article(
    found: Found,
    key: str,
    whole: Composed,
    said: Properties,
    *,
    origin: Origin = Origin.PROPERTIES,
    said_first: bool = False,
    heads: Sequence[str] = (),
) -> Article:
    """The article that a document is. ``origin``: where ``said`` was found; ``heads``: running heads and feet of the
    first page that are not in the text.

    What a line of the text says of itself (a byline, its date) wins over a document's properties, which tell of the
    file; ``said_first``: its date does not, as the date of a mail is its own. Raises Unreadable where there is no text.
    """
    if not whole.text.strip():
        raise Unreadable("holds no text")
    page = read_page(whole.text, title=said.title or _marked_title(whole), authors=())
    # A copy is older than itself where a program kept the dates of a template.
    updated = said.modified if said.modified and said.modified[:10] >= (said.created or "")[:10] else None
    stated = ((page.published, Origin.TEXT), (said.published, Origin.GIVEN), (_head_date(whole, heads), Origin.TEXT))
    dates = ((said.created, origin), *stated) if said_first else (*stated, (said.created, origin))
    published, published_from = next((one for one in dates if one[0]), (None, None))
    return Article(
        key=key,
        text=whole.text,
        title=page.title,
        publisher=said.publisher or page.publisher,
        authors=page.authors or said.authors,
        published=published,
        published_from=published_from,
        updated=updated,
        updated_from=origin if updated else None,
        section=said.section,
        language=said.language,
        path=os.path.abspath(found.file),  # noqa: PTH100 (resolve() would follow links: the user's own name stays)
        skipped=merged(whole.skipped, page.skipped),
        agency=page.agency,
        pages=whole.pages,
    )


def _marked_title(whole: Composed) -> str | None:
    first = next((span for span in whole.skipped if span.kind is SkipKind.TITLE), None)
    return " ".join(whole.text[first.start : first.end].split()) if first else None


_BETWEEN_PARTS = re.compile(r"\s+[|•·–—-]\s+|\s{3,}")
_PAGE_AT_THE_END = re.compile(r"(?<=\d{4})[,.]?\s+(?:page\s+)?\d{1,4}\Z", re.IGNORECASE)
_LONGEST_HEAD = 120
_FIRST_BLOCKS = 4
"""Among which a line that is nothing but a date is the document's."""


def _head_date(whole: Composed, heads: Iterable[str]) -> str | None:
    """The month or the day that a date line or the head of the first page states: "The Daily Sample, April 2020"."""
    opening: list[str] = []
    kinds = {span.start: span.kind for span in whole.skipped}
    at = 0
    for text in whole.text.split(BETWEEN, _FIRST_BLOCKS)[:_FIRST_BLOCKS]:
        # What a caption or a headline tells of may have been at another time.
        if kinds.get(at) in (None, SkipKind.BOILERPLATE):
            opening.append(text)
        if not at and kinds.get(at) is SkipKind.BOILERPLATE:
            heads = (*heads, text)
        at += len(text) + len(BETWEEN)
    lines = (iso for text in opening if (iso := _stated(text)))
    return next(lines, None) or next((iso for head in heads for iso in _set_off(head)), None)


def _set_off(head: str) -> Iterator[str]:
    """The dates that stand in a running head by themselves, or last, after a comma."""
    if len(head) > _LONGEST_HEAD:
        return
    for part in _BETWEEN_PARTS.split(_PAGE_AT_THE_END.sub("", head.strip())):
        words = part.split(", ")
        yield from (iso for first in range(len(words)) if (iso := _stated(", ".join(words[first:]))))


def _stated(text: str) -> str | None:
    """The date that the text is; with a time of day it is when the page was printed, a year alone is many things."""
    iso = parse_published(text)
    return iso if iso and len("2020-04") <= len(iso) <= len("2020-04-01") else None


def merged(first: Sequence[SkippedSpan], second: Sequence[SkippedSpan]) -> tuple[SkippedSpan, ...]:
    """Both, in order and not overlapping; where two overlap, the earlier one stays whole and the other is cut."""
    spans: list[SkippedSpan] = []
    done = 0
    for span in sorted([*first, *second], key=lambda span: (span.start, -span.end)):
        if span.end > done:
            spans.append(replace(span, start=max(span.start, done)))
            done = span.end
    return tuple(spans)


def storable(text: str) -> str:
    """The text without what cannot be stored, and lone surrogates as the replacement character."""
    return _UNSTORABLE.sub(lambda bad: "\ufffd" if "\ud800" <= bad.group() <= "\udfff" else "", text)


def one_line(text: str) -> str:
    """In one line, each run of white space one space."""
    return " ".join(_SPACES.sub(" ", storable(text)).split())


def title_of(raw: str | None) -> str | None:
    """A title from a document's properties; None where it is the name of a file or a program's own word."""
    title = one_line(raw or "")
    title = re.sub(r"^Microsoft Word - ", "", title)
    return None if len(title) < 4 or len(title) > 300 or _NO_TITLE.fullmatch(_bare(title)) else title


def authors_of(*raw: str) -> tuple[str, ...]:
    """The people whom a document's properties name; logins and programs are nobody."""
    names = (name for one in raw for name in split_authors(one_line(one)))
    return tuple(dict.fromkeys(name for name in names if len(name) < 80 and not _NO_AUTHOR.fullmatch(_bare(name))))


def _bare(said: str) -> str:
    """Without brackets around it: "(anonymous)" is ReportLab's word for nobody."""
    return said.strip("()[]<> ")


def date_of(raw: str | None) -> str | None:
    """An ISO date from a document's properties, without fractions of a second."""
    return parse_published(re.sub(r"(?<=\d\d:\d\d:\d\d)\.\d+", "", (raw or "").strip()))


def language_of(raw: str | None) -> str | None:
    """A BCP 47 tag, in lower case; None where it is none."""
    tag = (raw or "").strip().replace("_", "-").lower()
    return tag if re.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", tag) and tag not in {"und", "x-none"} else None
