"""Web pages: bytes in; the article's text, which of its spans are not body, and what the page says of itself out.

    page = read_page(source)            # NotParsed where it cannot be read
    page.text.text, page.text.skipped
    page.metadata.title

`decoding` bytes → characters · `tree` characters → elements · `blocks` elements → blocks · `body` which blocks are the
article · `extraction` the text made of them · `metadata`, `json_ld`, `dates`, `authors`, `bylines` what the page says
of itself · `language` what it is written in. Pure: knows no file and no network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.webpage.blocks import MOST_BLOCKS, read_blocks
from rag.webpage.decoding import decode_page, is_binary
from rag.webpage.extraction import PageText, read_text
from rag.webpage.language import language_of
from rag.webpage.metadata import PageMetadata, read_metadata
from rag.webpage.tree import NotParsed, parse_page

__all__ = ["NotParsed", "PageMetadata", "PageText", "WebPage", "read_characters", "read_page"]


_MOST_NOTICES, _MOST_SHOWN, _LONGEST_SHOWN = 20, 200, 5_000


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page, read."""

    text: PageText
    metadata: PageMetadata
    shown: str
    """The beginning of all that the page shows, also to a browser that runs no scripts: what it says in place of an
    article."""
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
    without_scripts = [" ".join(one.itertext()) for one in list(parsed.tree.iter("noscript"))[:_MOST_NOTICES]]
    shown = "\n".join([*without_scripts, *(block.text for block in blocks[:_MOST_SHOWN])])[:_LONGEST_SHOWN]
    text = read_text(parsed.tree, blocks, title=metadata.title, given=metadata.body)
    cut = (
        f"it has more than {MOST_BLOCKS:,} paragraphs: what follows was left out"
        if len(blocks) == MOST_BLOCKS
        else None
    )
    language = metadata.language or language_of(text.body)
    return WebPage(text, replace(metadata, body=None, language=language), shown, parsed.lost or cut)
