"""From files to articles, or to named reasons why not.

`discover` lists the files under a path; `open_source` reads one of them::

    for found in discover(path):                    # Found | Rejected
        source = open_source(found)
        for one in source.articles():               # Loaded | Rejected, one at a time
            ...
        source.sha256()                             # of the file as it was just read

Nothing here raises for what a file or folder is or holds. Formats are registered in `rag.load.formats`, one file each.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from rag.load.folders import discover
from rag.load.formats import choose, is_packed, loader
from rag.load.sniff import SNIFFED, is_gzip
from rag.load.source import (
    READ_ERRORS,
    Found,
    HashedFile,
    Loaded,
    file_sha256,
    open_regular,
    reason,
    shown,
    unpacked,
)
from rag.load.url import canonical_url
from rag.types import Rejected

__all__ = ["Found", "Loaded", "Source", "canonical_url", "discover", "file_sha256", "open_source", "reread", "shown"]


class Source:
    """One file, read once: its articles, and the hash of the bytes that they came from."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._sha256: str | None = None
        self._hashed: HashedFile | None = None

    @property
    def bytes_read(self) -> int:
        """How much of the file, as it lies on the disk, has been read."""
        return self._hashed.count if self._hashed is not None else 0

    def articles(self) -> Iterator[Loaded | Rejected]:
        """The file's articles in order, and a `Rejected` for each part of it that is none. Never raises.

        The file is open only while this is consumed, and closed when it is exhausted or thrown away.
        """
        found = self._found
        try:
            with open_regular(found.file) as raw:
                hashed = self._hashed = HashedFile(raw)
                stream = _buffered(hashed)
                yield from _articles(found, stream)
                self._sha256 = hashed.sha256()
        except READ_ERRORS as error:
            yield Rejected(shown(found.file), reason(error))

    def sha256(self) -> str | None:
        """The SHA-256 of the file's own bytes, 64 hexadecimal digits; None until it has been read to its end."""
        return self._sha256


def reread(file: Path, key_path: str, content: BinaryIO) -> Loaded | Rejected:
    """The article that bytes are which were kept from a file of this name; nothing is opened."""
    try:
        for one in _articles(Found(file, key_path), _buffered(content)):
            return one
    except READ_ERRORS as error:
        return Rejected(shown(file), reason(error))
    return Rejected(shown(file), "holds no article")


def _articles(found: Found, stream: io.BufferedReader) -> Iterator[Loaded | Rejected]:
    """What the loader makes of a stream. Raises Unreadable, and whatever reading the stream raises."""
    content = unpacked(stream) if is_packed(found.file.name) or is_gzip(stream.peek(SNIFFED)) else stream
    head = content.peek(SNIFFED)[:SNIFFED]
    yield from loader(choose(found.file.name, head, found.format))(found, cast("BinaryIO", content))


def _buffered(stream: io.RawIOBase | BinaryIO) -> io.BufferedReader:
    return io.BufferedReader(cast("io.RawIOBase", stream), SNIFFED * 16)


def open_source(found: Found) -> Source:
    """The file, ready to be read; nothing is opened yet."""
    return Source(found)
