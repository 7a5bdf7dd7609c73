"""The words of a PDF page, put into reading order: columns, then lines.

Pure: boxes in, lines out; knows no PDF library, no text conventions and no other page. A page is cut where a clear
strip of white runs through it: down between columns, or across where something that spans the columns (a headline, a
picture's caption) ends them. Columns are told from the columns of a table by their lines, which fill them; a table is
read row by row. Coordinates are points, x to the right and y up, as the reader holds the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

_DEEPEST = 8
"""Columns within columns; more is no page that anyone reads."""

Strip = tuple[float, float]
"""From left to right."""


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without space between them, and where they stand."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    """Of the font, in points."""
    top: float
    bold: bool
    italic: bool
    index: int
    """Where the word comes in the page's own drawing order."""


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one baseline in one column."""

    words: tuple[Word, ...]
    column: tuple[float, float]
    """The left and the right edge of the column that it stands in."""
    column_id: int
    """Tells the columns of a page apart, in reading order."""
    text: str
    left: float
    right: float
    baseline: float
    size: float
    """Of its longest word, as is the baseline: a footnote's mark is smaller and stands higher."""
    bold: bool
    """Whether all of it is."""


def reading_order(words: Sequence[Word]) -> list[Line]:
    """The lines of a page, in the order in which they are read."""
    lines: list[Line] = []
    head, body, foot = _apart(list(words))
    for number, column in enumerate([head, *_columns(body, 0), foot]):
        if not column:
            continue
        edges = (min(word.left for word in column), max(word.right for word in column))
        lines += [_line(row, edges, number) for row in _rows(column)]
    return lines


def _line(row: list[Word], edges: tuple[float, float], number: int) -> Line:
    longest = max(row, key=lambda word: len(word.text))
    return Line(
        words=tuple(row),
        column=edges,
        column_id=number,
        text=" ".join(word.text for word in row),
        left=row[0].left,
        right=max(word.right for word in row),
        baseline=longest.baseline,
        size=longest.size,
        bold=all(word.bold for word in row),
    )


# Cutting the page.


def _apart(words: list[Word]) -> tuple[list[Word], list[Word], list[Word]]:
    """A line at the top and one at the foot that stand apart, as running heads and page numbers do, and the rest."""
    bands = list(_bands(words))
    head: list[Word] = []
    foot: list[Word] = []
    if len(bands) > 2 and _stands_apart(bands[0], bands[1]):
        head = bands.pop(0)
    if len(bands) > 2 and _stands_apart(bands[-1], bands[-2]):
        foot = bands.pop()
    return head, [word for band in bands for word in band], foot


def _stands_apart(band: list[Word], neighbour: list[Word]) -> bool:
    size = median(word.size for word in band)
    if max(word.baseline for word in band) - min(word.baseline for word in band) > 0.5 * size:
        return False
    upper, lower = (band, neighbour) if band[0].baseline > neighbour[0].baseline else (neighbour, band)
    return min(word.baseline for word in upper) - max(word.top for word in lower) > 1.5 * size


def _columns(words: list[Word], depth: int) -> Iterator[list[Word]]:
    """Groups of words, each of which is read line by line, in reading order."""
    if not words:
        return
    if depth >= _DEEPEST:
        yield words
        return
    plain: list[Word] = []
    for group in _groups(words):
        columns = _split(group)
        if len(columns) < 2:
            plain += group
            continue
        if plain:
            yield plain
            plain = []
        for column in columns:
            yield from _columns(column, depth + 1)
    if plain:
        yield plain


def _groups(words: list[Word]) -> Iterator[list[Word]]:
    """The page from top to bottom, in pieces through each of which the same strips of white run down."""
    group: list[Word] = []
    inked: list[Strip] = []
    strips: list[Strip] = []
    for band in _bands(words):
        own_ink = _union((word.left, word.right) for word in band)
        together_ink = _union([*inked, *own_ink])
        own, together = _wide(own_ink, band), _wide(together_ink, group + band)
        if group and ((strips and not together) or (not strips and own) or _begins_anew(group, band, strips)):
            yield group
            group, together_ink, together = [], own_ink, own
        group = group + band
        inked, strips = together_ink, together
    if group:
        yield group


def _bands(words: list[Word]) -> Iterator[list[Word]]:
    """Runs of words from top to bottom, between which a strip of white runs across the whole page."""
    band: list[Word] = []
    lowest = 0.0
    for word in sorted(words, key=lambda word: -word.top):
        if band and word.top < lowest - 0.01:
            yield band
            band = []
        # Without the descenders: they reach into the next line where lines are set tight.
        lowest = min(lowest, word.baseline) if band else word.baseline
        band.append(word)
    if band:
        yield band


def _union(ranges: Iterable[Strip]) -> list[Strip]:
    """The ranges with those joined that touch, from left to right."""
    joined: list[Strip] = []
    for left, right in sorted(ranges):
        if joined and left <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], right))
        else:
            joined.append((left, right))
    return joined


def _wide(inked: list[Strip], words: Sequence[Word]) -> list[Strip]:
    """The strips of white between what is inked that may part columns: wider than the space between words, the more
    so in few lines."""
    if len(inked) < 2:
        return []
    few = len({round(word.baseline) for word in words}) < 6
    narrowest = median(word.size for word in words) * (1.0 if few else 0.6)
    return [(before[1], after[0]) for before, after in pairwise(inked) if after[0] - before[1] >= narrowest]


def _begins_anew(group: list[Word], band: list[Word], strips: list[Strip]) -> bool:
    """Whether a larger line in one column alone, drawn after all that stands above it, heads a new part of the page."""
    if not strips or median(w.size for w in band) < 1.25 * median(w.size for w in group):
        return False
    return min(word.index for word in band) > max(word.index for word in group)


def _split(words: list[Word]) -> list[list[Word]]:
    """The columns of a group from left to right; the group alone where it has none, or is a table."""
    strips = _wide(_union((word.left, word.right) for word in words), words)
    edges = [(left + right) / 2 for left, right in strips]
    if not edges:
        return [words]
    columns: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
    for word in words:
        columns[sum(word.left > edge for edge in edges)].append(word)
    columns = list(_joined(columns))
    if len(columns) < 2:
        return [words]
    prose = [_is_prose(column) for column in columns]
    drawn_in_turn = all(
        max(word.index for word in one) < min(word.index for word in other) for one, other in pairwise(columns)
    )
    return columns if all(prose) or (drawn_in_turn and any(prose)) else [words]


def _joined(columns: list[list[Word]]) -> Iterator[list[Word]]:
    """A column of bullets, numbers or drop capitals belongs to the one on its right."""
    held: list[Word] = []
    for number, column in enumerate(columns):
        held = held + column
        narrow = max(w.right for w in held) - min(w.left for w in held) < 4 * median(w.size for w in held)
        if not narrow or number + 1 == len(columns):
            yield held
            held = []


def _is_prose(column: list[Word]) -> bool:
    """Whether the lines fill the column, as prose does and the cells of a table do not."""
    rows = _rows(column)
    width = max(word.right for word in column) - min(word.left for word in column)
    filled = [max(word.right for word in row) - row[0].left for row in rows]
    letters = [sum(len(word.text) for word in row) for row in rows]
    return len(rows) >= 2 and median(filled) >= 0.55 * width and median(letters) >= 12


# Lines.


def _rows(column: list[Word]) -> list[list[Word]]:
    """The words of one column as lines from top to bottom, each from left to right."""
    rows: list[list[Word]] = []
    for word in sorted(column, key=lambda word: (-word.baseline, word.left)):
        row = rows[-1] if rows else None
        # Half of the larger one: a superscript stands a third higher, the next line a whole size lower.
        if row is not None and abs(row[0].baseline - word.baseline) < 0.45 * max(row[0].size, word.size):
            row.append(word)
        else:
            rows.append([word])
    for row in rows:
        row.sort(key=lambda word: word.left)
    return _with_drop_capitals(rows)


def _with_drop_capitals(rows: list[list[Word]]) -> list[list[Word]]:
    """A capital that is several lines high is put before the word that it begins."""
    if len(rows) < 2:
        return rows
    usual = median(word.size for row in rows for word in row)
    for number, row in enumerate(rows):
        for word in row:
            if len(word.text) > 2 or word.size < 1.8 * usual or not word.text[:1].isalpha():
                continue
            target = next(
                (other for other in rows[: number + 1] if any(_is_begun_by(word, first, usual) for first in other)),
                None,
            )
            if target is None:
                continue
            row.remove(word)
            first = next(one for one in target if _is_begun_by(word, one, usual))
            glued = Word(
                word.text + first.text,
                *(
                    first.left,
                    first.right,
                    first.baseline,
                    first.size,
                    first.top,
                    first.bold,
                    first.italic,
                    first.index,
                ),
            )
            target[target.index(first)] = glued
            break
    return [row for row in rows if row]


def _is_begun_by(capital: Word, word: Word, usual: float) -> bool:
    """Whether the word stands at the right shoulder of a large capital."""
    return (
        word is not capital
        and word.size < 1.3 * usual
        and -0.2 * usual < word.left - capital.right < 1.5 * usual
        and abs(capital.top - word.top) < usual
    )
