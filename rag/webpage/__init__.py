"""Web pages: bytes in; the article's text, which of its spans are not body, and what the page says of itself out.

    page = read_page(source)            # NotParsed where it cannot be read
    page.text.text, page.text.skipped
    page.metadata.title

`decoding` bytes → characters · `tree` characters → elements · `blocks` elements → blocks · `body` which blocks are the
article · `extraction` the text made of them · `metadata`, `json_ld`, `dates`, `authors` what the page says of itself.
Pure: knows no file and no network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.webpage.blocks import MOST_BLOCKS, read_blocks
from rag.webpage.decoding import decode_page, is_binary
from rag.webpage.extraction import PageText, read_text
from rag.webpage.metadata import PageMetadata, read_metadata
from rag.webpage.tree import NotParsed, parse_page

__all__ = ["NotParsed", "PageMetadata", "PageText", "WebPage", "read_characters", "read_page"]


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page, read."""

    text: PageText
    metadata: PageMetadata
    lost: str | None
    """What of the page could not be read and why; None where all of it was."""


def read_page(source: bytes, *, url: str | None = None, encoding: str | None = None) -> WebPage:
    """Read a page. ``url``: where it came from; ``encoding``: what came with it. Raises NotParsed."""
    if is_binary(source):
        raise NotParsed("is binary, not a web page; check the file")
    return read_characters(decode_page(source, encoding), url=url)


def read_characters(characters: str, *, url: str | None = None) -> WebPage:
    """Read a page whose characters are known. Raises NotParsed."""
    parsed = parse_page(characters)
    blocks = read_blocks(parsed.tree)
    metadata = read_metadata(parsed.tree, blocks, characters=characters, url=url)
    text = read_text(parsed.tree, blocks, title=metadata.title, given=metadata.body)
    cut = (
        f"it has more than {MOST_BLOCKS:,} paragraphs: what follows was left out"
        if len(blocks) == MOST_BLOCKS
        else None
    )
    return WebPage(text, replace(metadata, body=None), parsed.lost or cut)
