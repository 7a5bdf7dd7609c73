"""Plain text: the article's text is the decoded file itself, so offsets hold in the file that the user has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from rag.clean import read_page
from rag.load.encodings import decode
from rag.load.source import Found, Loaded, Unreadable, read_whole
from rag.types import Article, Origin


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of a plain-text file. Raises Unreadable, and whatever reading the stream raises."""
    yield load_page(found, read_whole(stream), markdown=False)


def load_page(found: Found, source: bytes, *, markdown: bool) -> Loaded:
    """The article that these bytes are, known by its path. Raises Unreadable where they are not text."""
    text, note = decode(source, found.options.encoding)
    if "\0" in text:
        raise Unreadable("is binary, not text (it holds NUL characters); save its text as a UTF-8 file")
    if not text.strip().strip("\ufeff").strip():
        raise Unreadable("is empty: it holds no text")
    page = read_page(text, markdown=markdown)
    article = Article(
        key=found.key_path,
        text=text,
        title=page.title,
        publisher=page.publisher,
        authors=page.authors,
        published=page.published,
        published_from=Origin.TEXT if page.published else None,
        path=os.path.abspath(found.file),  # noqa: PTH100 (resolve() would follow links: the user's own name stays)
        skipped=page.skipped,
        agency=page.agency,
    )
    return Loaded(article, source, (note,) if note else ())
