"""A stream that can be read from its end, where ZIP and Parquet keep their indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from rag.load.source import MAX_FILE_BYTES, MEGABYTE, Unreadable

_IN_MEMORY = 32 * MEGABYTE


@contextmanager
def seekable(stream: BinaryIO, take: Callable[[int], None] = lambda count: None) -> Iterator[IO[bytes]]:
    """The stream itself where it can be sought in, else a copy, in memory while it is small, gone afterwards.

    `take` is told of every byte that is copied. Raises Unreadable where there are more than MAX_FILE_BYTES.
    """
    if stream.seekable():
        yield cast("IO[bytes]", stream)
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
        while chunk := stream.read(MEGABYTE):
            take(len(chunk))
            copy.write(chunk)
            if copy.tell() > MAX_FILE_BYTES:
                raise Unreadable(f"holds more than {MAX_FILE_BYTES // MEGABYTE} MB; split it")
        copy.seek(0)
        yield copy
