"""ZIP and tar archives: every file in them that is of a format that Groundwire reads. Nothing is unpacked to the disk.

Bounded in members, in bytes that unpack from them, and in archives within archives. A member's articles go by the
archive's name and the member's path, and count as articles of the archive's file; of two with one id or URL the first
goes in, and the second is named. What is hidden is left out without a word, as in a folder.
"""

from __future__ import annotations

import io
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO, cast

from rag.load import formats, sniff
from rag.load.source import (
    MAX_FILE_BYTES,
    MEGABYTE,
    READ_ERRORS,
    Found,
    Loaded,
    Unreadable,
    reason,
    shown,
    unpacked,
)
from rag.load.spool import seekable
from rag.types import Rejected, article_id

MAX_MEMBERS = 1_000_000

DEEPEST = 3
"""Archives within archives."""

_ENCRYPTED = 0x1
# ValueError and OverflowError: what zipfile raises for offsets that lead out of the file.
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, NotImplementedError, ValueError, OverflowError)
_UNPACKING = (*_DAMAGED, RuntimeError, *READ_ERRORS)


class _Exhausted(Unreadable):
    """Nothing more is unpacked from this archive."""


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The articles in an archive. Raises Unreadable, and whatever reading the stream raises."""
    buffered: io.BufferedReader[Any] = io.BufferedReader(cast("io.RawIOBase", stream), sniff.SNIFFED)
    yield from _articles(found, buffered, _Budget(MAX_FILE_BYTES, MAX_MEMBERS, DEEPEST))


def _articles(found: Found, buffered: io.BufferedReader[Any], budget: _Budget) -> Iterator[Loaded | Rejected]:
    """The articles in an archive, or in one within it: all of them share what may be unpacked."""
    is_zip = sniff.is_zip(buffered.peek(4)[:4])
    count = 0
    for member in _zip(found, buffered, budget) if is_zip else _tar(found, buffered, budget):
        count += 1
        yield from member.articles() if isinstance(member, _Member) else [member]
    if not count:
        raise Unreadable("is an empty archive: it holds no articles")


@dataclass(slots=True)
class _Budget:
    """What an archive and those in it share: what may still be unpacked, and what they held so far.

    A packed file unpacks to many times its size.
    """

    bytes: int
    members: int
    depth: int
    """Archives that may still be opened within this one."""
    first_in: dict[str, Found] = field(default_factory=dict)
    """By its id, the member that each article was read from."""

    def take_member(self) -> None:
        self.members -= 1
        if self.members < 0:
            raise _Exhausted(f"holds more than {MAX_MEMBERS:,} files; the rest was left out")

    def take(self, count: int) -> None:
        self.bytes -= count
        if self.bytes < 0:
            raise _Exhausted(f"unpacks to more than {MAX_FILE_BYTES // MEGABYTE} MB; the rest was left out")


class _Forward(io.RawIOBase):
    """A member's bytes, which can only be read on. (What tarfile gives cannot even be asked whether it can more.)"""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self._raw.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Counted(_Forward):
    """They are taken off the archive's budget as they are unpacked."""

    def __init__(self, raw: IO[bytes], budget: _Budget) -> None:
        super().__init__(raw)
        self._budget = budget

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = super().readinto(buffer)
        self._budget.take(count)
        return count


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of an archive, as its loader is to see it."""

    found: Found
    """Its path begins with the archive's: no such file is on the disk."""
    archive: Found
    stream: BinaryIO
    budget: _Budget

    def articles(self) -> Iterator[Loaded | Rejected]:
        """Never raises, but for what is wrong with the archive as a whole."""
        try:
            for one in self._loaded():
                yield self._placed(one) if isinstance(one, Loaded) else one
        except _Exhausted:
            raise
        except _UNPACKING as error:
            yield Rejected(shown(self.found.file), _why(error))

    def _loaded(self) -> Iterator[Loaded | Rejected]:
        name = self.found.file.name
        stream: io.BufferedReader[Any] = io.BufferedReader(cast("io.RawIOBase", self.stream), sniff.SNIFFED)
        if sniff.is_gzip(stream.peek(4)):
            gunzipped = _Counted(cast("IO[bytes]", unpacked(stream)), self.budget)
            stream = io.BufferedReader(gunzipped, sniff.SNIFFED)
            name = name.removesuffix(".gz")
        chosen = formats.choose(name, stream.peek(sniff.SNIFFED)[: sniff.SNIFFED])
        if chosen.load != formats.ARCHIVES:
            for one in formats.loader(chosen)(self.found, cast("BinaryIO", stream)):
                yield self._told_apart(one) if isinstance(one, Loaded) else one
            return
        if not self.budget.depth:
            raise Unreadable(f"is an archive within {DEEPEST} others; unpack it")
        self.budget.depth -= 1
        try:
            yield from _articles(self.found, stream, self.budget)
        finally:
            self.budget.depth += 1

    def _told_apart(self, loaded: Loaded) -> Loaded | Rejected:
        """The article, unless another member held one of its key: on the disk they are one file and no two sources."""
        key = loaded.article.key
        first = self.budget.first_in.setdefault(article_id(key), self.found)
        if first is self.found:
            return loaded
        return Rejected(
            shown(self.found.file),
            f"holds {shown(key)} once more, which {shown(first.file)} gave; leave one of them out",
        )

    def _placed(self, loaded: Loaded) -> Loaded:
        """The article lies where the archive lies."""
        path = os.path.abspath(self.archive.file)  # noqa: PTH100 (resolve() would follow links: the user's own name stays)
        return replace(loaded, article=replace(loaded.article, path=path))


def _zip(found: Found, stream: io.BufferedReader[Any], budget: _Budget) -> Iterator[_Member | Rejected]:
    with seekable(cast("BinaryIO", stream), budget.take) as file, _opened(file) as archive:
        for info in archive.infolist():
            budget.take_member()
            if info.is_dir() or _is_hidden(info.filename):
                continue
            inside = _inside(found, info.filename)
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.flag_bits & _ENCRYPTED:
                yield Rejected(shown(inside.file), "is encrypted; unpack the archive with its password first")
            elif kind and not stat.S_ISREG(kind):
                yield Rejected(shown(inside.file), "is not a regular file but a link or device; it was left out")
            else:
                try:
                    opened = archive.open(info)
                except _UNPACKING as error:
                    yield Rejected(shown(inside.file), _why(error))
                    continue
                with opened:
                    yield _Member(inside, found, cast("BinaryIO", _Counted(opened, budget)), budget)


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _DAMAGED as error:
        raise Unreadable(f"is not a whole ZIP archive ({error}); fetch or pack it again") from None


def _tar(found: Found, stream: io.BufferedReader[Any], budget: _Budget) -> Iterator[_Member | Rejected]:
    try:
        with tarfile.open(fileobj=stream, mode="r|*") as archive:
            for info in archive:
                budget.take_member()
                budget.take(info.size)
                if info.isdir() or _is_hidden(info.name):
                    continue
                inside = _inside(found, info.name)
                opened = archive.extractfile(info) if info.isreg() else None
                if opened is None:
                    yield Rejected(shown(inside.file), "is not a regular file but a link or device; it was left out")
                else:
                    yield _Member(inside, found, cast("BinaryIO", _Forward(opened)), budget)
    except (*_DAMAGED, *READ_ERRORS) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"is not a whole tar archive ({error}); what stands before that was read") from None


def _inside(found: Found, name: str) -> Found:
    """The member as a file below the archive, whatever its path says: nothing leads out of it."""
    path = PurePosixPath("/".join(part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in "/.."))
    text = shown(path.as_posix()).replace("\0", "\\0")
    return replace(found, file=found.file / text, key_path=f"{found.key_path}/{text}", format=None)


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any((part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX" for part in parts)


def _why(error: Exception) -> str:
    if isinstance(error, READ_ERRORS):
        return reason(error)
    return f"cannot be unpacked: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
