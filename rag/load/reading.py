"""One file, read once: opened, unpacked, recognised, and given to its loader."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol, cast

from rag.load.formats import Format, choose, is_packed, loader
from rag.load.sniff import SNIFFED, is_gzip
from rag.load.source import READ_ERRORS, Found, HashedFile, Loaded, Unreadable, open_regular, reason, unpacked
from rag.types import Rejected


class Reading(Protocol):
    """A file on its way in, wherever it is read."""

    @property
    def bytes_read(self) -> int: ...
    def articles(self) -> Iterator[Loaded | Rejected]: ...
    def sha256(self) -> str | None: ...
    def drop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is."""

    format: Format
    size: int
    """Bytes on the disk."""


class Source:
    """One file, read in this process: its articles, and the hash of the bytes that they came from."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._sha256: str | None = None
        self._hashed: HashedFile | None = None

    @property
    def bytes_read(self) -> int:
        """How much of the file, as it lies on the disk, has been read."""
        return self._hashed.count if self._hashed is not None else 0

    def articles(self) -> Iterator[Loaded | Rejected]:
        """The file's articles in order, and a `Rejected` for each part of it that is none.

        Raises nothing but what a loader raises against its contract. The file is open only while this is consumed,
        and closed when it is exhausted or thrown away.
        """
        found = self._found
        try:
            with open_regular(found.bytes_at or found.file) as raw:
                hashed = self._hashed = HashedFile(raw)
                for one in loaded_from(found, hashed):
                    yield placed(found, one)
                self._sha256 = hashed.sha256()
        except READ_ERRORS as error:
            yield Rejected(found.where, reason(error))

    def sha256(self) -> str | None:
        """The SHA-256 of the file's own bytes, 64 hexadecimal digits; None until it has been read to its end."""
        return self._sha256

    def drop(self) -> None:
        """Nothing has been begun."""


def recognise(found: Found) -> Recognised:
    """What the file is, by its name and by how it begins. Raises what `reason` puts into words."""
    with open_regular(found.bytes_at or found.file) as raw:
        format, _ = _recognised(found, _buffered(cast("io.RawIOBase", raw)))
        return Recognised(format, os.fstat(raw.fileno()).st_size)


def loaded_from(found: Found, stream: io.RawIOBase, is_kept: bool = False) -> Iterator[Loaded | Rejected]:
    """What the loader makes of bytes. ``is_kept``: they were kept of the file, and that is unpacked.

    Raises Unreadable, and whatever reading the stream raises.
    """
    format, content = _recognised(found, _buffered(stream), is_kept)
    is_empty = True
    for one in loader(format)(found, content):
        is_empty = False
        yield one
    if is_empty:
        raise Unreadable("holds no articles")


def placed(found: Found, one: Loaded | Rejected) -> Loaded | Rejected:
    """What was loaded, with where it lies: nowhere, if it came from the web or through standard input."""
    if found.bytes_at is None:
        return one
    if isinstance(one, Rejected):
        return replace(one, where=one.where.replace(str(found.file), found.where, 1))
    article = one.article
    is_the_page = article.url is None and article.key == found.key_path
    return replace(one, article=replace(article, path=None, url=found.options.url if is_the_page else article.url))


def _recognised(found: Found, stream: io.BufferedReader, is_kept: bool = False) -> tuple[Format, BinaryIO]:
    """The format, and the content unpacked."""
    packed = not is_kept and (is_packed(found.file.name) or is_gzip(stream.peek(SNIFFED)))
    content = unpacked(stream) if packed else stream
    return choose(found.file.name, content.peek(SNIFFED)[:SNIFFED], found.format), cast("BinaryIO", content)


def _buffered(stream: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(stream, SNIFFED * 16)
