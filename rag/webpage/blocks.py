"""A parsed page as the run of its blocks: paragraphs, headings, list items, table rows, captions, in reading order.

Knows elements, not languages or sites: which blocks are the article is decided elsewhere (`body.py`). White space is
folded as a browser would show it; a block's text holds line ends only where the page breaks lines (<br>, <pre>).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

_UNSEEN = frozenset(
    {
        *("head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed"),
        *("applet", "canvas", "audio", "video", "map", "select", "datalist", "textarea", "button", "input"),
        *("progress", "meter", "dialog", "title", "meta", "link", "frameset"),
    }
)
_BLOCKS = frozenset(
    {
        *("html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dir"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("summary", "table", "caption", "thead", "tbody", "tfoot", "tr", "ul"),
    }
)
_CELLS = frozenset({"td", "th"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Told of each block: which of these it stands in.
_PLACES = frozenset(
    {
        *("article", "main", "aside", "nav", "footer", "header", "figure", "figcaption", "caption"),
        *("blockquote", "li", "table", "form", "pre", "address", "dt", "dd"),
    }
)
_SPACE = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?")
# Not white space to a browser, but of no width; a soft hyphen is where a word may break, not part of it.
_NO_WIDTH = re.compile("[\u200b\u2060\ufeff\u00ad]")
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
# A page of more is a dump; and the longest class lists say nothing more after this.
MOST_BLOCKS = 20_000
_LONGEST_MARKS = 400
_MOST_MARKS = 8


class BlockKind(StrEnum):
    """What the page's own elements say a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    ROW = "row"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text without a block-level element inside."""

    text: str
    kind: BlockKind
    level: int
    """Of a heading, 1 to 6; else 0."""
    places: frozenset[str]
    """Which of the elements that say something of their content it stands in: article, nav, li …"""
    marks: tuple[str, ...]
    """Classes, ids and roles, in lower case, of its own element and of those around it: one string an element, the
    innermost first, those without any left out."""
    linked: int
    """How many characters of the text are links."""
    hidden: bool
    """The page says that it is not shown."""

    @classmethod
    def of_text(cls, text: str) -> Block:
        """A paragraph of which nothing is known but its text."""
        return cls(text, BlockKind.PARAGRAPH, 0, frozenset(), (), 0, hidden=False)


@dataclass(slots=True)
class _Open:
    """An element that is open while the tree is walked."""

    tag: str
    marks: str
    hidden: bool


def read_blocks(tree: etree._Element) -> list[Block]:
    """The page's blocks in reading order, at most MOST_BLOCKS; what is never shown (scripts, controls) is left out."""
    walk = _Walk()
    skipping: etree._Element | None = None
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if len(walk.blocks) >= MOST_BLOCKS:
            break
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if skipping is None and (tag in _UNSEEN or not tag):
                skipping = element
            if skipping is None:
                walk.open(element, tag)
        elif skipping is not None:
            if element is skipping:
                skipping = None
                walk.add(element.tail)
        else:
            walk.close(element, tag)
    walk.flush()
    return walk.blocks


class _Walk:
    """The block that is being read, and the elements around it."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._open: list[_Open] = []
        self._pieces: list[str] = []
        self._linked = 0
        self._links = 0
        self._preformatted = 0

    def open(self, element: etree._Element, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
        elif tag in _CELLS and any(piece.strip() for piece in self._pieces):
            self._pieces.append(" | ")
        elif tag == "br":
            self._break()
        if tag == "a":
            self._links += 1
        elif tag == "pre":
            self._preformatted += 1
        if tag in _BLOCKS or tag in _CELLS or tag == "span":
            self._open.append(_Open(tag, _marks(element), _is_hidden(element)))
        self.add(element.text)

    def close(self, element: etree._Element, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
        if tag == "a":
            self._links -= 1
        elif tag == "pre":
            self._preformatted -= 1
        if tag in _BLOCKS or tag in _CELLS or tag == "span":
            self._open.pop()
        self.add(element.tail)

    def _break(self) -> None:
        """A line ends; where the line is empty, the paragraph does."""
        last = next((piece for piece in reversed(self._pieces) if piece.strip(" \t")), "")
        if last.endswith("\n"):
            self.flush()
        else:
            self._pieces.append("\n")

    def add(self, text: str | None) -> None:
        if not text or (not self._pieces and text.isspace()):
            return
        text = _NO_WIDTH.sub("", text)
        if not self._preformatted:
            text = text.replace("\n", " ").replace("\r", " ")
        self._pieces.append(text)
        if self._links:
            self._linked += len(text.strip())

    def flush(self) -> None:
        """The block that ends here, if any of it can be seen."""
        pieces, linked = self._pieces, self._linked
        if not pieces:
            return
        self._pieces, self._linked = [], 0
        text = _folded("".join(pieces))
        if not text or not self._open:
            return
        blocks = [one for one in self._open if one.tag in _BLOCKS]
        own = blocks[-1] if blocks else self._open[-1]
        places = frozenset(one.tag for one in blocks) & _PLACES
        marks = tuple(one.marks for one in reversed(self._open) if one.marks)[:_MOST_MARKS]
        heading = next((one.tag for one in reversed(blocks) if one.tag in HEADINGS), None)
        hidden = any(one.hidden for one in self._open)
        level = int(heading[1]) if heading else 0
        self.blocks.append(Block(text, _kind(own.tag, places, level), level, places, marks, linked, hidden))


def _kind(tag: str, places: frozenset[str], level: int) -> BlockKind:
    if level:
        return BlockKind.HEADING
    if places & {"figcaption", "caption"}:
        return BlockKind.CAPTION
    if tag == "tr":
        return BlockKind.ROW
    return BlockKind.ITEM if places & {"li", "dt", "dd"} else BlockKind.PARAGRAPH


def _folded(text: str) -> str:
    folded = _BREAKS.sub("\n", _SPACE.sub(" ", text)).strip()
    return re.sub(r"\n{3,}", "\n\n", folded).strip("| \n")


def _marks(element: etree._Element) -> str:
    own = (element.get("class"), element.get("id"), element.get("role"), element.get("itemprop"))
    return " ".join(one for one in own if one)[:_LONGEST_MARKS].lower()


def _is_hidden(element: etree._Element) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    return _HIDDEN.search(element.get("style") or "") is not None
