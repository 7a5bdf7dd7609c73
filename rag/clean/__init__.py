"""Which spans of a press page are its body, and what the page says of itself.

Pure: text in, spans out; knows no file, no network and no site by name. The text is never rewritten: cleaning marks
what is not body (titles, bylines, dates, captions, navigation, mark-up), and offsets count code points of the text
exactly as it was given. A body sentence that is marked can never be cited, so whatever is not clearly furniture is
body. What a page does not say (publisher, date, author) stays unknown.

The rules look at lines (`lines.py`): how long one is, whether it ends like a sentence, what surrounds it, and phrases
that press pages share (`furniture.py`). No rule sees a line longer than furniture can be, so the work is linear in the
text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.clean.agency import agency_credit
from rag.clean.furniture import is_heading_shaped, is_label, is_phrase, known_kind, latin_share, opens_list
from rag.clean.head import mark_repeats_of_title_and_site, read_dates_and_bylines, read_site_name, read_title
from rag.clean.lines import MOST_LINES, Line, Page, marked_spans, read_lines
from rag.clean.markdown import mark_markdown
from rag.clean.names import split_authors
from rag.types import SkipKind, SkippedSpan

__all__ = ["PageReading", "agency_credit", "read_page", "split_authors"]

# Enough letters to tell in which script a page is written.
_SCRIPT_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a page says of itself, and which of its spans are not body. Unknown is None, never a guess."""

    title: str | None
    publisher: str | None
    authors: tuple[str, ...]
    published: str | None
    """ISO 8601, as precise as the page."""
    skipped: tuple[SkippedSpan, ...]
    """In order, not overlapping; offsets in code points of the text as given."""
    agency: str | None = None
    """The wire agency that it credits; see `rag.clean.agency`."""


def read_page(
    text: str, *, markdown: bool = False, title: str | None = None, authors: Sequence[str] = ()
) -> PageReading:
    """Mark what is not body in ``text`` and read its title, publisher, authors and date where they stand there.

    ``title`` and ``authors`` are what is known from elsewhere: they are recognised in the text, and nothing else is
    taken for the title. Where marking would leave no body at all, nothing is marked. Never raises.
    """
    lines = read_lines(text)
    if len(lines) > MOST_LINES:
        return PageReading(title, None, tuple(authors), None, (), agency_credit(text, authors))
    page = Page(lines, title=title, authors=tuple(authors))
    inline: list[SkippedSpan] = []
    if markdown:
        inline = mark_markdown(page, text)
    _mark_known_phrases(page)
    _mark_other_script(page, text)
    read_site_name(page)
    read_dates_and_bylines(page)
    read_title(page)
    mark_repeats_of_title_and_site(page)
    _mark_tail(page)
    _mark_headings(page)
    return PageReading(
        title=page.title,
        publisher=page.publisher,
        authors=page.authors,
        published=page.published,
        skipped=marked_spans(text, page.lines, inline),
        agency=agency_credit(text, page.authors, page.publisher),
    )


def _mark_known_phrases(page: Page) -> None:
    """Mark the lines whose own words say that they are furniture."""
    for line in page.lines:
        if line.kind is None and line.text and (not line.within or is_phrase(line.text)):
            line.kind = known_kind(line.text)


def _mark_other_script(page: Page, text: str) -> None:
    """In a page in Latin letters, a short line in another script is the site's own furniture."""
    if latin_share(text[:_SCRIPT_SAMPLE]) < 0.8:
        return
    for line in page.lines:
        if line.free and not line.prose and latin_share(line.text) < 0.2:
            line.kind = SkipKind.BOILERPLATE


def _mark_tail(page: Page) -> None:
    """Navigation after the last paragraph: headlines under "Most read", and a few bare labels."""
    last = max((i for i, line in enumerate(page.lines) if line.kind is None and line.prose), default=-1)
    tail = page.lines[last + 1 :]
    if last < 0:
        return
    opener = next((i for i, line in enumerate(tail) if line.text and opens_list(line.text)), None)
    if opener is not None:
        for line in tail[opener:]:
            if line.free:
                line.kind = SkipKind.BOILERPLATE
    bare = [line for line in tail if line.kind is None]
    paragraphs = sum(1 for line in page.lines if line.kind is None and line.prose)
    # A list that closes an article is longer, or its paragraph announces it with a colon.
    if (
        paragraphs >= 3
        and len(bare) <= 4
        and not _announces(page.lines[last])
        and all(line.free and is_label(line.text) for line in bare)
    ):
        for line in bare:
            line.kind = SkipKind.BOILERPLATE


def _mark_headings(page: Page) -> None:
    """A short line without a full stop that stands alone between two paragraphs."""
    for index, line in enumerate(page.lines):
        if not (line.free and line.alone and is_heading_shaped(line.text)):
            continue
        before = next((other for other in reversed(page.lines[max(0, index - 4) : index]) if other.kind is None), None)
        after = next((other for other in page.lines[index + 1 : index + 4] if other.kind is None), None)
        if (
            before is not None
            and before.prose
            and not _announces(before)
            and after is not None
            and _is_paragraph(after)
        ):
            line.kind = SkipKind.HEADING


def _is_paragraph(line: Line) -> bool:
    return line.prose and not _announces(line) and (not line.text or len(line.text) >= 60)


def _announces(line: Line) -> bool:
    return line.text.endswith(":")
