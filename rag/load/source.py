"""Bytes from the disk, safely: what a loader is given, what it gives back, and why a file may not be read.

Knows no format. Nothing but regular files is ever opened, and no file can take more memory than the limits below.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

from rag.types import Article

MEGABYTE = 1024 * 1024
# The whole Bible has 5 MB: a longer "article" is a dump, and everything downstream holds one article in memory.
MAX_ARTICLE_BYTES = 20 * MEGABYTE
# Read line by line, so this bounds time, not memory: a compressed file can unpack to a thousand times its size.
MAX_FILE_BYTES = 4096 * MEGABYTE
_CHUNK = MEGABYTE


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the user says of an input beside naming it."""

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """Of a table: the column (or field) that holds a thing, by the thing's own name: {"title": "headline"}."""
    url: str | None = None
    """Where the bytes were fetched from, after redirects; as `canonical_url` has it."""
    encoding: str | None = None
    """The character encoding that came with the bytes, such as that of an HTTP header; what the bytes say wins."""


DEFAULTS = LoadOptions()


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read, and the name that its article goes by where nothing in the file says better."""

    file: Path
    key_path: str
    """POSIX path relative to the folder that was added; the file's name where the file itself was added."""
    options: LoadOptions = DEFAULTS
    format: str | None = None
    """The name of its format, where the user told it; else the file's name and content tell."""
    bytes_at: Path | None = None
    """Where its bytes lie, where `file` is only a name: what was fetched, or came through standard input."""

    @property
    def where(self) -> str:
        """What it is called in messages."""
        return shown(self.file) if self.bytes_at is None else (self.options.url or "standard input")


@dataclass(frozen=True, slots=True)
class Loaded:
    """An article with the bytes that it was read from, unpacked: the whole file, or its line of a JSON Lines file."""

    article: Article
    source: bytes
    notes: tuple[str, ...] = ()
    """One line each: what was given with the article and could not be used, such as a date that is none."""
    own_key: str | None = None
    """The name of its file, where its key is an address that it only claims: what it goes by if that is another's."""

    @property
    def by_its_file(self) -> Article:
        """The article under the name of its file, without the address that it claims."""
        return replace(self.article, key=self.own_key or self.article.key, url=None)


class Unreadable(Exception):
    """Why a file was not read, in one line; private to loading: the callers of `rag.load` see it as a `Rejected`."""


class HashedFile(io.RawIOBase):
    """A file that is hashed as it is read from its beginning to its end; who jumps about in it reads it once more."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._digest = sha256()
        self._jumped = False
        self._before = os.fstat(raw.fileno())
        self.count = 0
        """How far it has been read, in bytes."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._raw.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        before = self._raw.tell()
        after = self._raw.seek(offset, whence)
        self._jumped = self._jumped or after != before
        return after

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self._raw.read(len(buffer))
        if not self._jumped:
            self._digest.update(chunk)
        self.count = max(self.count, self._raw.tell())
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def sha256(self) -> str | None:
        """Of the whole file, 64 hexadecimal digits; None where it changed while it was read out of order."""
        if not self._jumped:
            drain(cast("BinaryIO", self))
            return self._digest.hexdigest()
        self._raw.seek(0)
        digest = _digest(self._raw)
        return digest if _state(os.fstat(self._raw.fileno())) == _state(self._before) else None


def open_regular(file: Path) -> BinaryIO:
    """Open a regular file for reading. Raises Unreadable for anything else, which is not even opened, and OSError."""
    _must_be_regular(status(file).st_mode)
    # Had a pipe taken the file's place since, opening it would wait for a writer: O_NONBLOCK does not.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(file, flags)
    try:
        _must_be_regular(os.fstat(descriptor).st_mode)
    except Unreadable:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb", buffering=0)


def status(path: Path) -> os.stat_result:
    """What the system says of a path, links followed. Raises OSError, and Unreadable for what is no path."""
    try:
        return path.stat()
    except ValueError:  # a NUL or a lone surrogate in it
        raise Unreadable("is not a path; check it") from None


def _must_be_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise Unreadable("is a folder, where a file was expected")
    if not stat.S_ISREG(mode):
        raise Unreadable("is not a regular file but a pipe, socket or device; it was not opened")


def unpacked(stream: io.BufferedReader) -> gzip.GzipFile:
    """What a gzip stream holds. Reading it raises what `reason` puts into words."""
    return gzip.GzipFile(fileobj=stream, mode="rb")


def read_whole(stream: BinaryIO) -> bytes:
    """All of an article's bytes. Raises Unreadable where there are more than MAX_ARTICLE_BYTES."""
    content = stream.read(MAX_ARTICLE_BYTES + 1)
    if len(content) > MAX_ARTICLE_BYTES:
        raise Unreadable(f"holds more than {MAX_ARTICLE_BYTES // MEGABYTE} MB, too much for one article; split it")
    return content


def drain(stream: BinaryIO) -> None:
    """Read what is left, so that the hash covers the whole file."""
    while stream.read(_CHUNK):
        pass


def _digest(raw: BinaryIO) -> str:
    digest = sha256()
    while chunk := raw.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _state(status: os.stat_result) -> tuple[int, int, int]:
    """What differs after a write."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def file_sha256(file: Path) -> str | None:
    """The SHA-256 of a file's bytes as they are on disk, 64 hexadecimal digits; None where it cannot be read."""
    try:
        with open_regular(file) as raw:
            return _digest(raw)
    except READ_ERRORS:
        return None


# What reading may raise: our own, the system's errors, and those of a damaged gzip stream.
READ_ERRORS = (Unreadable, OSError, EOFError, zlib.error)


def reason(error: Exception) -> str:
    """Why reading failed, in one line that says what to do."""
    match error:
        case Unreadable():
            return str(error)
        case gzip.BadGzipFile() | EOFError() | zlib.error():
            return "is not a whole gzip file; fetch or pack it again"
        case PermissionError():
            return "may not be read: permission denied; change its permissions or run as a user who may read it"
        case FileNotFoundError():
            return "does not exist; check the path"
        case OSError():
            return f"cannot be read: {error.strerror or error}"
    return f"cannot be read: {error}"


def shown(path: Path | str) -> str:
    """A path for a message; what is no character in it as an escape."""
    return str(path).encode("utf-8", "backslashreplace").decode()
