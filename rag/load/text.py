"""Plain text: the article's text is the decoded file itself, so offsets hold in the file that the user has."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from typing import BinaryIO

from rag.clean import read_page
from rag.load.source import Found, Loaded, Unreadable, read_whole
from rag.types import Article

# UTF-32's mark begins with UTF-16's: the longer ones come first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of a plain-text file. Raises Unreadable, and whatever reading the stream raises."""
    yield load_page(found, read_whole(stream), markdown=False)


def load_page(found: Found, source: bytes, *, markdown: bool) -> Loaded:
    """The article that these bytes are, known by its path. Raises Unreadable where they are not text."""
    text = decode(source)
    page = read_page(text, markdown=markdown)
    article = Article(
        key=found.key_path,
        text=text,
        title=page.title,
        publisher=page.publisher,
        authors=page.authors,
        published=page.published,
        path=os.path.abspath(found.file),  # noqa: PTH100 (resolve() would follow links: the user's own name stays)
        skipped=page.skipped,
    )
    return Loaded(article, source)


def decode(source: bytes) -> str:
    """UTF-8, or UTF-16 or UTF-32 with a byte order mark, which stays in the text. Raises Unreadable otherwise."""
    encoding = next((name for mark, name in _MARKS if source.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in source:
        raise Unreadable("is binary, not text (it holds NUL bytes); save its text as a UTF-8 file")
    try:
        text = source.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(_not_decodable(error)) from None
    if "\0" in text:
        raise Unreadable("is binary, not text (it holds NUL characters); save its text as a UTF-8 file")
    if not text.strip().strip("\ufeff").strip():
        raise Unreadable("is empty: it holds no text")
    return text


def _not_decodable(error: UnicodeDecodeError) -> str:
    encoding = error.encoding.upper()
    found = f"is not {encoding} (byte 0x{error.object[error.start]:02x} at offset {error.start})"
    if encoding != "UTF-8":
        return f"{found}; save it as UTF-8"
    return f"{found}; convert it, for example with: iconv -f WINDOWS-1252 -t UTF-8"
