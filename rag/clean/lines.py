"""A page as lines: what each looks like, what stands around it, and the spans of those that are marked.

Pure; knows line breaks, gaps and the ends of sentences, and must not know a single word of any language, nor what makes
a line furniture. Offsets count code points of the text exactly as it was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from rag.types import SkipKind, SkippedSpan

# Longer lines are paragraphs; captions are the longest furniture.
_LONGEST_FURNITURE = 400
LONGEST_TITLE = 200
# A page of more lines is a book or a table: nothing is marked in it, and memory stays bounded.
MOST_LINES = 50_000
# Title, byline and date stand among the first lines, before the second paragraph.
_HEAD_LINES = 15
# What `str.strip` takes for white space, and characters without width: a byte order mark, directions, joiners.
_SPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x2010))
)
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
WORD = re.compile(r"[^\W_]")
STOPS = ".…。．！।۔:;"
QUESTIONS = "?!？؟"
CLOSERS = "\"'”’»)]*_ "


@dataclass(slots=True)
class Line:
    """A line that is not blank, without the white space around it."""

    start: int
    end: int
    text: str
    """Empty where the line is longer than any furniture: no rule then matches it."""
    gap_before: bool
    """A blank line, or the beginning of the page, stands before it."""
    gap_after: bool = True
    kind: SkipKind | None = None
    within: bool = False
    """Part of a paragraph that was broken into several lines: never furniture."""

    @property
    def free(self) -> bool:
        """Not yet marked, and short enough and free enough to be furniture."""
        return self.kind is None and bool(self.text) and not self.within

    @property
    def alone(self) -> bool:
        return self.gap_before and self.gap_after

    @property
    def prose(self) -> bool:
        """Body by its look: a long line, or words that end like a sentence."""
        if not self.text or len(self.text) > LONGEST_TITLE:
            return True
        ending = self.text.rstrip(CLOSERS)[-1:]
        if ending in QUESTIONS:
            return len(self.text) >= 60
        return ending in STOPS and (len(self.text) >= 40 or len(self.text.split()) >= 3)


@dataclass(slots=True)
class Page:
    """The lines of a page and what has been read from them so far."""

    lines: list[Line]
    title: str | None
    authors: tuple[str, ...]
    publisher: str | None = None
    published: str | None = None

    def first_prose(self) -> int:
        """The index of the first line that is body by its look; the number of lines where there is none."""
        return next((i for i, line in enumerate(self.lines) if line.kind is None and line.prose), len(self.lines))

    def head(self) -> list[Line]:
        """The lines among which title, byline and date stand: those before the second paragraph."""
        paragraphs = (i for i, line in enumerate(self.lines[:_HEAD_LINES]) if line.kind is None and line.prose)
        next(paragraphs, None)
        return self.lines[: next(paragraphs, _HEAD_LINES)]


def read_lines(text: str) -> list[Line]:
    """The lines of ``text`` that are not blank, in order; at most one more than `MOST_LINES`."""
    lines: list[Line] = []
    last_end = 0
    for found in _LINE.finditer(text):
        raw = found.group()
        stripped = raw.strip(_SPACE)
        if not stripped:
            continue
        start = found.start() + len(raw) - len(raw.lstrip(_SPACE))
        between = text[last_end:start].replace("\r\n", "\n")
        gap = not lines or len(_BREAK.findall(between)) > 1
        if lines:
            lines[-1].gap_after = gap
        shown = stripped if len(stripped) <= _LONGEST_FURNITURE else ""
        lines.append(Line(start, start + len(stripped), shown, gap))
        last_end = start + len(stripped)
        if len(lines) > MOST_LINES:
            break
    _mark_broken_paragraphs(lines, text)
    return lines


def _mark_broken_paragraphs(lines: list[Line], text: str) -> None:
    """Find lines that a hard line break cut from their paragraph: no rule about whole lines holds for them."""
    broken = [
        not after.gap_before and text[after.start].islower() and text[before.end - 1] not in STOPS + QUESTIONS + CLOSERS
        for before, after in pairwise(lines)
    ]
    for (before, after), is_broken in zip(pairwise(lines), broken, strict=True):
        if is_broken:
            before.within = after.within = True
    # A text set at a fixed width breaks before capitals, too: there only lines that stand alone can be furniture.
    if sum(broken) >= 3 and sum(broken) * 5 >= len(lines):
        for line in lines:
            line.within = line.within or not line.alone


def marked_spans(text: str, lines: Iterable[Line], inline: list[SkippedSpan]) -> tuple[SkippedSpan, ...]:
    """The marked lines and spans inside lines, in order, cut where they overlap; none where no body would be left."""
    if text.startswith("\ufeff"):  # a byte order mark belongs to the file, not to the first sentence
        inline = [SkippedSpan(0, 1, SkipKind.MARKUP), *inline]
    marked = [SkippedSpan(line.start, line.end, line.kind) for line in lines if line.kind is not None]
    spans: list[SkippedSpan] = []
    done = 0
    body = False
    for span in sorted([*inline, *marked], key=lambda span: (span.start, -span.end)):
        if span.end <= done:
            continue
        start = max(span.start, done)
        body = body or WORD.search(text, done, start) is not None
        spans.append(SkippedSpan(start, span.end, span.kind))
        done = span.end
    body = body or WORD.search(text, done) is not None
    return tuple(spans) if body else tuple(span for span in spans if span.end == 1 and text[0] == "\ufeff")
