"""Lines of pages into paragraphs: what repeats on every page goes, broken words and paragraphs are made whole.

Pure: lines in, blocks out; knows no PDF library. What a line is, is told by how it is set (size, weight, indent, gap)
beside the rest of the document; what its words say is left to `rag.clean`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from rag.load.blocks import Block
from rag.load.hyphens import HYPHENS, WORD, joined
from rag.load.pdf_layout import Line
from rag.types import SkipKind

Box = tuple[float, float, float, float]
"""left, bottom, right, top."""


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in reading order, and where its pictures are."""

    lines: tuple[Line, ...]
    pictures: tuple[Box, ...] = ()


@dataclass(slots=True)
class _Paragraph:
    """Lines that belong together, each with the number of its page."""

    lines: list[tuple[Line, int]]
    kind: SkipKind | None = None

    @property
    def first(self) -> Line:
        return self.lines[0][0]

    @property
    def last(self) -> Line:
        return self.lines[-1][0]

    @property
    def text(self) -> str:
        return " ".join(line.text for line, _ in self.lines)


@dataclass(frozen=True, slots=True)
class _Style:
    """How the document's body is set."""

    size: float
    bold: bool
    words: Counter[str] = field(compare=False)
    """In lower case, of all lines, without the halves at their broken ends."""


def blocks(pages: Sequence[Page]) -> list[Block]:
    """The blocks of a document, in reading order; a paragraph that goes over a column or a page is one block."""
    furniture = _running(pages)
    kept = [[line for line in page.lines if id(line) not in furniture] for page in pages]
    style = _style(kept)
    if style is None:
        return []
    made: list[_Paragraph] = []
    for number, (page, lines) in enumerate(zip(pages, kept, strict=True)):
        for paragraph in _paragraphs(lines, number, style):
            paragraph.kind = _kind(paragraph, page, style, first=number == 0)
            _place(made, paragraph, style)
    _mark_title(made, style)
    return [_block(paragraph, style) for paragraph in made]


def running_heads(pages: Sequence[Page]) -> list[str]:
    """What the first page has of what stands on page after page, which is in no block."""
    furniture = _running(pages)
    return [line.text for page in pages[:1] for line in page.lines if id(line) in furniture]


def _style(pages: Iterable[Sequence[Line]]) -> _Style | None:
    sizes: Counter[float] = Counter()
    weights: Counter[bool] = Counter()
    words: Counter[str] = Counter()
    for lines in pages:
        for line in lines:
            for word in line.words:
                sizes[round(word.size * 2) / 2] += len(word.text)
                weights[word.bold] += len(word.text)
        words.update(_whole_words(lines))
    if not sizes:
        return None
    return _Style(sizes.most_common(1)[0][0], weights.most_common(1)[0][0], words)


# What repeats: running heads and feet, page numbers.

_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|p\.|pg\.?|página|pagina)\s*)?(?:\d{1,4}|[ivxl]{1,7})(?:\s*(?:/|of|von|de|di|sur)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_AT_THE_EDGE = 3
"""Lines at the top and at the bottom of a page among which its running heads are."""


def _running(pages: Sequence[Page]) -> set[int]:
    """The ids of the lines that stand on page after page, and of those that only number them."""
    found: set[int] = set()
    seen: dict[str, list[tuple[int, Line]]] = {}
    for number, page in enumerate(pages):
        by_height = sorted(page.lines, key=lambda line: -line.baseline)
        top, bottom = by_height[:_AT_THE_EDGE], by_height[-_AT_THE_EDGE:]
        if len(by_height) > 1:
            found |= {id(line) for line in (by_height[0], by_height[-1]) if _PAGE_NUMBER.fullmatch(line.text)}
        for line in {id(line): line for line in (*top, *bottom)}.values():
            seen.setdefault(_pattern(line.text), []).append((number, line))
    repeated = {id(line) for lines in seen.values() if _repeats(lines, len(pages)) for _, line in lines}
    return found | {
        id(line) for page in pages for line in page.lines if id(line) in repeated and _apart(line, page, repeated)
    }


def _apart(line: Line, page: Page, repeated: set[int]) -> bool:
    """Whether there is more than the space between lines up to the nearest line that does not repeat."""
    others = (abs(other.baseline - line.baseline) for other in page.lines if id(other) not in repeated)
    return min(others, default=math.inf) > 1.4 * line.size


def _pattern(text: str) -> str:
    return " ".join(re.sub(r"\d+", "#", text.casefold()).split())


def _repeats(lines: list[tuple[int, Line]], pages: int) -> bool:
    """On at least two pages and on a third of them (right and left pages differ, parts have their own), and at the same
    height each time."""
    numbers = {number for number, _ in lines}
    if len(numbers) < max(2, -(-pages // 3)) or len(lines) > 2 * len(numbers):
        return False
    heights = [line.baseline for _, line in lines]
    usual = median(heights)
    near = sum(abs(height - usual) < 2 * lines[0][1].size for height in heights)
    return near * 2 > len(heights)


# Paragraphs.


def _paragraphs(lines: Sequence[Line], page: int, style: _Style) -> Iterator[_Paragraph]:
    """The lines of each column, parted where its setting shows a new paragraph."""
    columns: dict[int, list[Line]] = {}
    for line in lines:
        columns.setdefault(line.column_id, []).append(line)
    for column in columns.values():
        setting = _Column(_pitch(column, style), median(line.size for line in column), _edges(column))
        current = _Paragraph([(column[0], page)])
        for before, line in pairwise(column):
            if _parts(before, line, current, setting):
                yield current
                current = _Paragraph([])
            current.lines.append((line, page))
        yield current


@dataclass(frozen=True, slots=True)
class _Column:
    """How a column is set."""

    pitch: float
    """The usual distance between two lines of the body."""
    size: float
    right_edges: dict[int, float]
    """By the size of the letters, where there are lines enough to tell."""


def _edges(column: Sequence[Line]) -> dict[int, float]:
    edges: dict[int, list[float]] = {}
    for line in column:
        edges.setdefault(round(line.size), []).append(line.right)
    return {size: max(rights) for size, rights in edges.items() if len(rights) >= 3}


def _pitch(column: Sequence[Line], style: _Style) -> float:
    """The usual distance between two lines of the body."""
    steps = [
        before.baseline - after.baseline
        for before, after in pairwise(column)
        if abs(before.size - after.size) < 0.5 and 0 < before.baseline - after.baseline < 3 * before.size
    ]
    if not steps:
        return 1.25 * style.size
    counted = Counter(round(step, 1) for step in steps)
    # The smallest of the usual ones: where each paragraph has one or two lines, gaps are as frequent as steps.
    return min(step for step, count in counted.items() if count * 3 >= max(counted.values()))


def _parts(before: Line, line: Line, current: _Paragraph, column: _Column) -> bool:
    """Whether a new paragraph begins with this line."""
    step = before.baseline - line.baseline
    resized = abs(before.size - line.size)
    # One word in bold is emphasis; a whole line in another weight or size is something else.
    if resized > 1 or (
        (resized > 0.08 * line.size or before.bold != line.bold) and min(len(before.words), len(line.words)) > 1
    ):
        return True
    usual = column.pitch * max(1.0, line.size / column.size)
    if step > 1.3 * usual or step < -0.5 * line.size:
        return True
    if _LEADERS.search(before.text) or _LEADERS.search(line.text):
        return True
    em = line.size
    indent = line.left - before.left
    if 0.7 * em < indent < 5 * em and (len(current.lines) > 1 or abs(before.left - before.column[0]) < 0.3 * em):
        return not _BULLET.match(current.first.text) or _ends(before.text)
    if _BULLET.match(line.text) and (_ends(before.text) or _BULLET.match(current.first.text)):
        return True
    if not _ends(before.text) and line.text[0].islower():
        return False
    # The line before stopped although the next word would have fitted: its paragraph was over.
    room = column.right_edges.get(round(before.size), before.column[1]) - before.right
    return room > line.words[0].right - line.words[0].left + (0.8 if _ends(before.text) else 3) * em


# Symbol fonts have their bullets where Unicode has no letters.
_MARK = "[•‣⁃▪▫◦●○■□►▶❖➢\uf000-\uf0ff]"
_BULLET = re.compile(rf"(?:{_MARK}|[–—*-]|\(?\d{1, 2}[.)]|\(?[a-z]\))(?:\s|$)")
# The lines of a list of contents or an index: words, dots, a page.
_LEADERS = re.compile(r"(?:\. ?){5,}\s*[\d, ]{0,20}$")
_BULLET_MARK = re.compile(rf"{_MARK}\s+(?=\S)")
# A footnote's number may follow: "said.12".
_ENDS = re.compile(r"(?:[.!?…:;‽][”\"’'»)\]†*]*|[^\W\d][.!?][”\"’'»)\]]*\d{1,2})$")


def _ends(text: str) -> bool:
    return _ENDS.search(text) is not None


# What a paragraph is.

_LONGEST_HEADING = 200
_CAPTION = re.compile(r"(?:fig(?:ure|\.)|table|map|chart|graphic|graph)\s?\d*\s?[.:]|(?:photo|source|credit)s?:", re.I)


def _kind(paragraph: _Paragraph, page: Page, style: _Style, *, first: bool) -> SkipKind | None:
    text = paragraph.text
    size = median(line.size for line, _ in paragraph.lines)
    is_small = size <= 0.93 * style.size and len(text) < 400
    if is_small and (_is_by_a_picture(paragraph, page) or _CAPTION.match(text)):
        return SkipKind.CAPTION
    if _LEADERS.search(text):
        return SkipKind.BOILERPLATE
    if len(text) > _LONGEST_HEADING or len(paragraph.lines) > 5:
        return None
    if size < 1.15 * style.size and not _ends(text) and _is_at_the_edge(paragraph, page):
        return SkipKind.BOILERPLATE
    larger = size >= 1.15 * style.size
    bolder = paragraph.first.bold and paragraph.last.bold and not style.bold
    if (larger or bolder) and not (_ends(text) and text[-1:] not in '?!…”"’' and not larger):
        # A standfirst is larger, too, and is prose: it ends like a sentence and is longer than a headline's line.
        return (
            None if _ends(text) and text[-1] == "." and len(text) > 60 and size < 1.5 * style.size else SkipKind.HEADING
        )
    return None


def _is_at_the_edge(paragraph: _Paragraph, page: Page) -> bool:
    """Whether it is one line that stands apart at the top or the foot of its page."""
    if len(paragraph.lines) > 1 or len(page.lines) < 3:
        return False
    line = paragraph.first
    heights = [abs(other.baseline - line.baseline) for other in page.lines if other is not line]
    above = sum(other.baseline > line.baseline for other in page.lines)
    return above in {0, len(page.lines) - 1} and min(heights) > 2.5 * line.size


def _is_by_a_picture(paragraph: _Paragraph, page: Page) -> bool:
    first, last = paragraph.first, paragraph.last
    for left, bottom, right, top in page.pictures:
        below = abs(bottom - (first.baseline + first.size)) < 3 * first.size
        above = abs(last.baseline - top) < 2 * first.size
        if (below or above) and first.left < right and first.right > left:
            return True
    return False


def _mark_title(made: Sequence[_Paragraph], style: _Style) -> None:
    """The largest heading on the first page is the title, where it is larger than the other headings."""
    heads = [one for one in made if one.kind is SkipKind.HEADING and one.lines[0][1] == 0]
    if not heads:
        return
    largest = max(heads, key=lambda one: one.first.size)
    if largest.first.size >= 1.15 * style.size and len(largest.text.split()) > 1:
        largest.kind = SkipKind.TITLE


# Paragraphs that go over a column or a page.


def _place(made: list[_Paragraph], paragraph: _Paragraph, style: _Style) -> None:
    """Add a paragraph; one that goes on where the last one stopped is joined to it, and what stood between them
    (captions, footnotes) goes before both."""
    if paragraph.kind is None:
        for back, open_one in enumerate(reversed(made[-6:]), 1):
            if _goes_on(open_one, paragraph, style):
                made.remove(open_one)
                made.append(_Paragraph(open_one.lines + paragraph.lines))
                return
            if not _may_stand_between(open_one, style) or back > 5:
                break
    made.append(paragraph)


def _goes_on(before: _Paragraph, after: _Paragraph, style: _Style) -> bool:
    if before.kind is not None or abs(before.last.size - after.first.size) > 0.08 * style.size:
        return False
    if before.lines[-1][1] == after.lines[0][1] and before.last.column_id == after.first.column_id:
        return False  # parted for a reason
    if _ends(before.text) or before.last.bold != after.first.bold or _BULLET.match(after.first.text):
        return False
    if after.first.text[:1].islower():
        return True
    indented = after.first.left - after.first.column[0] > 0.7 * after.first.size
    full = before.last.column[1] - before.last.right < 6 * before.last.size
    return full and not indented and len(before.text) > 60


def _may_stand_between(paragraph: _Paragraph, style: _Style) -> bool:
    return paragraph.kind is SkipKind.CAPTION or paragraph.first.size <= 0.9 * style.size


# The words at the ends of lines.


def _whole_words(lines: Sequence[Line]) -> Iterator[str]:
    broken = False
    for line in lines:
        found = [match.group().lower() for match in WORD.finditer(line.text)]
        if broken:
            found = found[1:]
        broken = line.text[-1:] in HYPHENS
        yield from found[:-1] if broken else found


def _block(paragraph: _Paragraph, style: _Style) -> Block:
    """The paragraph's text, and where in it further pages begin."""
    text = ""
    breaks: list[int] = []
    first = page = paragraph.lines[0][1]
    for line, number in paragraph.lines:
        text = text + line.text if not text else joined(text, line.text, style.words)
        while page < number:
            breaks.append(len(text) - len(line.text))
            page += 1
    mark = _BULLET_MARK.match(text)
    cut = mark.end() if mark else 0
    shifted = tuple(max(0, offset - cut) for offset in breaks)
    return Block(text[cut:].rstrip("\xad"), paragraph.kind, first, shifted)
