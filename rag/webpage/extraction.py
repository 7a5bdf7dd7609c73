"""The text of a web page's article: one string, made once, of which every quote is a slice.

The only importer of trafilatura. Must not know what the page says of itself beside its text (`metadata.py`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from lxml import html
from trafilatura import extract

from rag.types import SkipKind, SkippedSpan
from rag.webpage.blocks import Block, BlockKind
from rag.webpage.body import Chosen, choose
from rag.webpage.decoding import storable
from rag.webpage.overlap import Overlap

# It reports pages that it cannot read; so do we, in our own words.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

# The text that a page gives to search engines is taken where the page shows less than this share of it.
_LESS = 0.6
_SHORTEST_GIVEN = 500
_PROSE = 80
# A block of which less than this was extracted was not taken.
_TAKEN = 0.5
# The largest of a thousand pages of the press has half as many elements.
_MOST_ELEMENTS, _MOST_CHARACTERS = 20_000, 2_000_000


@dataclass(frozen=True, slots=True)
class PageText:
    """A page's article, and which of its spans are not body."""

    text: str
    skipped: tuple[SkippedSpan, ...]
    """In order, not overlapping; offsets in code points."""

    @property
    def body(self) -> str:
        """The text without what is marked, for measuring; offsets do not hold in it."""
        pieces, done = [], 0
        for span in self.skipped:
            pieces.append(self.text[done : span.start])
            done = span.end
        return "".join([*pieces, self.text[done:]])


def read_text(
    tree: html.HtmlElement, blocks: list[Block], *, title: str | None = None, given: str | None = None
) -> PageText:
    """The article on a page; empty where there is none.

    ``given`` is the article's text as the page tells it to machines (JSON-LD's articleBody). The tree is used up.
    """
    extracted = None if _is_large(tree, blocks) else extract(tree, include_comments=False)
    if extracted:
        overlap = Overlap(extracted)
        taken = [overlap.share(block.text) >= _TAKEN for block in blocks]
    else:
        taken = [_is_prose(block) for block in blocks]
    chosen = choose(blocks, taken, title)
    body = sum(len(one.block.text) for one in chosen if one.kind is None)
    if given is not None and len(given) >= _SHORTEST_GIVEN and body < _LESS * len(given):
        chosen = _with_given(chosen, given)
    return _composed(chosen)


def _is_large(tree: html.HtmlElement, blocks: list[Block]) -> bool:
    """Longer than articles are, so that the extractor, which goes over a page up to six times, would take seconds."""
    return sum(1 for _ in tree.iter()) > _MOST_ELEMENTS or sum(len(block.text) for block in blocks) > _MOST_CHARACTERS


def _is_prose(block: Block) -> bool:
    """Where there is nothing of the extractor's: what is long and hardly linked, outside of navigation."""
    return (
        len(block.text) >= _PROSE
        and block.linked * 4 < len(block.text)
        and not block.hidden
        and not block.places & {"nav", "footer", "aside"}
    )


def _with_given(chosen: list[Chosen], given: str) -> list[Chosen]:
    """The head of the article as the page shows it, and the text that the page gives beside it."""
    overlap = Overlap(given)
    head = [one for one in chosen if one.kind is not None and one.kind is not SkipKind.HEADING]
    lines = filter(None, (" ".join(line.split()) for line in given.splitlines()))
    body = [Block.of_text(line) for line in lines]
    return [*(one for one in head if not overlap.share(one.block.text)), *(Chosen(block, None) for block in body)]


def _composed(chosen: list[Chosen]) -> PageText:
    """The blocks one below the other: items and rows line by line, a blank line around everything else."""
    parts: list[str] = []
    skipped: list[SkippedSpan] = []
    at = 0
    before: Block | None = None
    seen: set[str] = set()
    for one in chosen:
        text = storable(one.block.text).strip()
        # Headlines and captions stand on many pages twice, for two widths of screen; so do whole paragraphs.
        if not text or (text in seen and (one.kind is not None or len(text) >= _PROSE)):
            continue
        seen.add(text)
        between = "" if before is None else "\n" if _same_list(before, one.block) else "\n\n"
        at += len(between)
        if one.kind is not None:
            skipped.append(SkippedSpan(at, at + len(text), one.kind))
        parts += (between, text)
        at += len(text)
        before = one.block
    return PageText("".join(parts), tuple(skipped))


def _same_list(before: Block, after: Block) -> bool:
    return before.kind is after.kind and after.kind in (BlockKind.ITEM, BlockKind.ROW)
