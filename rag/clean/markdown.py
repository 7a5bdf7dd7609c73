"""What in a page written in Markdown is mark-up: front matter, headings, fences, tables, images, comments.

Pure: marks the lines of a `Page` and reads the fields of its front matter; must not know what makes a plain line
furniture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from rag.clean.lines import MOST_LINES, Line, Page
from rag.clean.names import split_authors
from rag.dates import parse_published
from rag.types import SkipKind, SkippedSpan

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})")
_ATX = re.compile(r"(?P<level>#{1,6})\s+(?P<text>.*?)\s*#*$")
_TABLE = re.compile(r"\|.*\|$|[ :|-]*-\|-[ :|-]*$")
_REFERENCE = re.compile(r"\[[^\]^][^\]]{0,200}\]:\s*\S")
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])")
_FIELD = re.compile(
    r"(?P<name>title|authors?|by|date|published|publisher|source|site)\s*:\s*(?P<value>\S.*)", re.IGNORECASE
)


def mark_markdown(page: Page, text: str) -> list[SkippedSpan]:
    """Mark the lines that are mark-up and read the title; returns the spans of comments and images inside lines."""
    _read_front_matter(page)
    _mark_fences(page)
    for index, line in enumerate(page.lines):
        if line.kind is not None or not line.text:
            continue
        before = page.lines[index - 1] if index else None
        if found := _ATX.fullmatch(line.text):
            _mark_markdown_heading(page, line, found["text"], top=found["level"] == "#")
        elif before is not None and not line.gap_before and before.gap_before and re.fullmatch(r"=+|-{2,}", line.text):
            line.kind = SkipKind.MARKUP
            if before.kind is None and before.text:
                _mark_markdown_heading(page, before, before.text, top=line.text[0] == "=")
        elif _TABLE.fullmatch(line.text) or _REFERENCE.match(line.text):
            line.kind = SkipKind.MARKUP
    images = (SkippedSpan(found.start(), found.end(), SkipKind.MARKUP) for found in _IMAGE.finditer(text))
    return [*islice(_comments(text), MOST_LINES), *islice(images, MOST_LINES)]


def _mark_markdown_heading(page: Page, line: Line, words: str, *, top: bool) -> None:
    is_title = top and page.title is None and bool(words)
    if is_title:
        page.title = words
    line.kind = SkipKind.TITLE if is_title else SkipKind.HEADING


def _read_front_matter(page: Page) -> None:
    """A block between two lines "---" at the very top: its fields, read as plain lines, never as YAML."""
    if not page.lines or page.lines[0].text != "---":
        return
    end = next((i for i, line in enumerate(page.lines[1:200], 1) if line.text in ("---", "...")), None)
    if end is None:
        return
    for line in page.lines[: end + 1]:
        line.kind = SkipKind.MARKUP
        if found := _FIELD.fullmatch(line.text):
            _take_field(page, found["name"].casefold(), found["value"].strip("'\" "))


def _take_field(page: Page, name: str, value: str) -> None:
    if name == "title":
        page.title = page.title or value
    elif name in ("author", "authors", "by"):
        listed = [part.strip(" '\"") for part in value.strip("[]").split(",")] if value.startswith("[") else None
        page.authors = page.authors or tuple(filter(None, listed or split_authors(value)))
    elif name in ("date", "published"):
        page.published = page.published or parse_published(value)
    else:
        page.publisher = page.publisher or value


def _mark_fences(page: Page) -> None:
    """Fenced code. A fence that nothing closes is only a line: what follows it may be the article."""
    opened: int | None = None
    fence = ""
    for index, line in enumerate(page.lines):
        found = _FENCE.match(line.text) if line.kind is None else None
        if found is None:
            continue
        if opened is None:
            opened, fence = index, found["fence"]
            line.kind = SkipKind.MARKUP
        elif line.text.startswith(fence) and not line.text.strip(fence[0]):
            for inside in page.lines[opened : index + 1]:
                inside.kind = SkipKind.MARKUP
            opened = None


def _comments(text: str) -> Iterator[SkippedSpan]:
    """HTML comments; one that nothing closes hides nothing."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield SkippedSpan(start, end + 3, SkipKind.MARKUP)
        start = text.find("<!--", end + 3)
