"""HTML that stands in a record as the text of its article, as news APIs and content management systems give it.

Says what is HTML beyond doubt, and makes text of it; what is in doubt is plain text and stays as it is.
"""

from __future__ import annotations

import re
from itertools import islice

from rag.load.blocks import Composed, composed
from rag.load.source import Unreadable

MOST_PIECES = 60_000
"""Tags, attributes and words, roughly. libxml2 compares each attribute of a tag with all before it, and lines of JSON
are read in the main process, which nothing ends: so many attributes of one tag take it about five seconds."""
_PIECE = re.compile(r"[\s/\"'<]++")

# Comments may come first: so editors mark their blocks. Nothing is tried twice, so this takes no time on hostile text.
_BEGINS = re.compile(
    r"(?:\s|<!--(?>.*?-->))*+"
    r"<(?:p|div|h[1-6]|figure|ul|ol|dl|blockquote|table|section|article|main|header|footer|aside|details|pre|hr|center"
    r"|html|body)(?:\s[^<>]*)?/?>",
    re.IGNORECASE | re.DOTALL,
)
# One in the middle of a line may be what a text on HTML speaks of.
_PARAGRAPH_ENDS = re.compile(r"</p\s*+>\s*+(?:<|\Z)", re.IGNORECASE)


def is_fragment(text: str) -> bool:
    """Whether it begins with the tag of a block, or ends several paragraphs as HTML does."""
    return _BEGINS.match(text) is not None or len(_PARAGRAPH_ENDS.findall(text)) > 1


def fragment_text(markup: str) -> Composed:
    """The text of a fragment: a blank line between its blocks, headings and captions marked.

    Raises Unreadable where it is too much.
    """
    if sum(1 for _ in islice(_PIECE.finditer(markup), MOST_PIECES + 1)) > MOST_PIECES:
        raise Unreadable(
            f"holds HTML of more than {MOST_PIECES:,} words, tags and attributes, too much for one article"
        )
    # Imported here: it brings lxml along, which records of plain text do not need.
    from rag.load.markup import markup_blocks, markup_root

    root = markup_root(markup)
    return composed(markup_blocks(root) if root is not None else ())
