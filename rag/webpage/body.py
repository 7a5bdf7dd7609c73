"""Which blocks of a page are its article: trafilatura's choice, corrected by what the page's own structure says.

Trafilatura chooses well among paragraphs and is blind where it costs most: it leaves out the lead that stands apart
below the headline, and keeps links to other articles, offers and labels that stand between paragraphs. What stands
around the body and belongs to the article (headline, byline, date, captions) is kept as well, and marked.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.clean.furniture import folded, is_heading_shaped, known_kind
from rag.clean.lines import CLOSERS, QUESTIONS, STOPS
from rag.dates import parse_published
from rag.types import SkipKind
from rag.webpage import furniture
from rag.webpage.blocks import Block, BlockKind
from rag.webpage.bylines import is_byline

# A lead is a sentence at least; what is shorter below a headline is a kicker, a byline or a button.
_SHORTEST_LEAD, _SHORTEST_UNMARKED_LEAD, _LONGEST_LEAD = 40, 80, 1500
# How many blocks below the headline, or above the first paragraph where there is none, a lead may stand.
_FARTHEST_LEAD = 12
# A paragraph that opens the body has this many characters.
_SHORTEST_PARAGRAPH = 60
# Longer, and it is a paragraph whatever it begins with.
_LONGEST_NOTE, _LONGEST_LINE, _LONGEST_HEADING = 400, 160, 120
_MOSTLY, _HARDLY = 0.7, 0.3
# A class name that would take more of the body than this names the body itself.
_MOST_ASIDE = 0.4
# How a paragraph ends that announces nothing.
_ENDS = tuple(set(STOPS + QUESTIONS) - set(":;"))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A block of the article, and why it is not body; None where it is."""

    block: Block
    kind: SkipKind | None


def choose(blocks: list[Block], extracted: list[bool], title: str | None = None) -> list[Chosen]:
    """The blocks of the article in reading order; ``extracted``: which of them an extractor took for its body."""
    chosen = list(extracted)
    first = _first_paragraph(blocks, chosen)
    if first is None:
        return []
    headline = _headline(blocks, first, title)
    for index in _leads(blocks, chosen, first, headline):
        chosen[index] = True
    kinds = [_kind(block, title) if taken else None for block, taken in zip(blocks, chosen, strict=True)]
    _mark_asides(blocks, chosen, kinds)
    _keep_gallery(blocks, chosen, kinds)
    _mark_headings(blocks, chosen, kinds)
    last = max(i for i, taken in enumerate(chosen) if taken)
    head = _end_of_head(blocks, chosen, kinds)
    for index in range(headline if headline is not None else first, last):
        if not chosen[index] and (kind := _kind_around(blocks[index], title, in_head=index < head)) is not None:
            chosen[index], kinds[index] = True, kind
    return [Chosen(block, kind) for block, taken, kind in zip(blocks, chosen, kinds, strict=True) if taken]


def _first_paragraph(blocks: list[Block], chosen: list[bool]) -> int | None:
    """The block that opens the body: the first long one, else the first."""
    taken = [i for i, one in enumerate(chosen) if one]
    long = (i for i in taken if len(blocks[i].text) >= _SHORTEST_PARAGRAPH and blocks[i].kind is not BlockKind.HEADING)
    return next(long, taken[0] if taken else None)


def _headline(blocks: list[Block], first: int, title: str | None) -> int | None:
    """The block above the body that is the title: the heading that says so, else the nearest h1, else any block."""
    above = range(first, -1, -1)
    named = [i for i in above if _is_title(blocks[i].text, title)]
    headings = [*(i for i in named if blocks[i].level), *(i for i in above if blocks[i].level == 1), *named]
    return next(iter(headings), None)


def _is_title(text: str, title: str | None) -> bool:
    return title is not None and folded(text) == folded(title)


def _leads(blocks: list[Block], chosen: list[bool], first: int, headline: int | None) -> list[int]:
    """The blocks between headline and body that are the article's own opening, and were not chosen."""
    start = max(first - _FARTHEST_LEAD, 0) if headline is None else headline + 1
    return [
        i for i in range(start, first) if not chosen[i] and _is_lead(blocks[i], below_headline=headline is not None)
    ]


def _is_lead(block: Block, *, below_headline: bool) -> bool:
    if block.hidden or block.kind is BlockKind.CAPTION or block.linked > _HARDLY * len(block.text):
        return False
    if any(map(furniture.is_aside, block.marks[:2])) or _kind(block, None) is not None:
        return False
    if not _SHORTEST_LEAD <= len(block.text) <= _LONGEST_LEAD:
        return False
    marked = any(map(furniture.is_lead, block.marks[:4]))
    return marked or (below_headline and len(block.text) >= _SHORTEST_UNMARKED_LEAD)


def _end_of_head(blocks: list[Block], chosen: list[bool], kinds: list[SkipKind | None]) -> int:
    """Where the second long paragraph begins: date and byline stand above it, before or after the lead."""
    long = [
        i for i, block in enumerate(blocks) if chosen[i] and kinds[i] is None and len(block.text) >= _SHORTEST_PARAGRAPH
    ]
    return long[min(1, len(long) - 1)] if long else 0


def _kind(block: Block, title: str | None) -> SkipKind | None:
    """Why a block that was chosen is not body, by what it is and says itself."""
    text = block.text
    if block.level == 1 or _is_title(text, title):
        return SkipKind.TITLE
    if len(text) > _LONGEST_NOTE:  # the text of a gallery stands in its captions
        return None
    if block.kind is BlockKind.CAPTION or any(map(furniture.is_caption, block.marks[:1])):
        return SkipKind.CAPTION
    if _is_link(block) or furniture.is_offer(text) or furniture.is_label(text):
        return SkipKind.BOILERPLATE
    if furniture.is_update(text):
        return SkipKind.DATE
    if is_byline(text, alone=True):
        return SkipKind.BYLINE
    if furniture.is_credit(text) and len(text) <= _LONGEST_LINE:
        return SkipKind.CAPTION
    if (known := known_kind(text)) is not None:
        return known
    return SkipKind.HEADING if block.level and not _is_prose(text) else None


def _is_prose(heading: str) -> bool:
    """A lead that is set as a heading: a whole sentence, or longer than any heading."""
    ending = heading.rstrip("\"'”“’»)")[-1:]
    return len(heading) > _LONGEST_HEADING or (ending in ".!" and len(heading) >= _SHORTEST_PARAGRAPH)


def _is_link(block: Block) -> bool:
    """A paragraph or heading that is nothing but a link, or a label with one."""
    if block.kind not in (BlockKind.PARAGRAPH, BlockKind.HEADING):
        return furniture.announces_link(block.text) and block.linked > _HARDLY * len(block.text)
    return block.linked > _MOSTLY * len(block.text) or (
        furniture.announces_link(block.text)
        and (block.linked > _HARDLY * len(block.text) or len(block.text) <= _SHORTEST_PARAGRAPH)
    )


def _mark_asides(blocks: list[Block], chosen: list[bool], kinds: list[SkipKind | None]) -> None:
    """Mark what stands in a box that its class names as something else than the article."""
    body = [i for i, taken in enumerate(chosen) if taken and kinds[i] is None]
    inside = [i for i in body if any(map(furniture.is_aside, blocks[i].marks[:2]))]
    if sum(len(blocks[i].text) for i in inside) <= _MOST_ASIDE * sum(len(blocks[i].text) for i in body):
        for i in inside:
            kinds[i] = SkipKind.BOILERPLATE


def _keep_gallery(blocks: list[Block], chosen: list[bool], kinds: list[SkipKind | None]) -> None:
    """A gallery tells its story in its captions: where they are longer than the body, they are body."""
    captions = [i for i, kind in enumerate(kinds) if kind is SkipKind.CAPTION]
    body = sum(len(blocks[i].text) for i, taken in enumerate(chosen) if taken and kinds[i] is None)
    if sum(len(blocks[i].text) for i in captions) > body:
        for i in captions:
            kinds[i] = None


def _mark_headings(blocks: list[Block], chosen: list[bool], kinds: list[SkipKind | None]) -> None:
    """A subheading that is set as a paragraph: short, without a full stop, and between two paragraphs that have one."""
    body = [i for i, taken in enumerate(chosen) if taken and kinds[i] is None]
    for before, index, after in zip(body, body[1:], body[2:], strict=False):
        block = blocks[index]
        is_line = block.kind is BlockKind.PARAGRAPH and "\n" not in block.text
        if is_line and is_heading_shaped(block.text) and all(_is_paragraph(blocks[i]) for i in (before, after)):
            kinds[index] = SkipKind.HEADING


def _is_paragraph(block: Block) -> bool:
    """It runs on, ends as a sentence does, and announces nothing."""
    is_long = block.kind is BlockKind.PARAGRAPH and len(block.text) >= _SHORTEST_PARAGRAPH
    return is_long and block.text.rstrip(CLOSERS).endswith(_ENDS)


def _kind_around(block: Block, title: str | None, *, in_head: bool) -> SkipKind | None:
    """What a block that was not chosen is to the article around it; None where it is nothing to it."""
    if block.hidden or len(block.text) > _LONGEST_NOTE:
        return None
    if _is_title(block.text, title) or (in_head and block.level == 1):
        return SkipKind.TITLE
    if block.kind is BlockKind.CAPTION or any(map(furniture.is_caption, block.marks[:1])):
        return SkipKind.CAPTION
    if in_head and len(block.text) <= _LONGEST_LINE:
        if parse_published(block.text) or any(map(furniture.is_date, block.marks[:1])):
            return SkipKind.DATE
        if any(map(furniture.is_byline, block.marks[:1])) or is_byline(block.text):
            return SkipKind.BYLINE
    return None
