"""JSON Lines: one article a line, with whatever is known of it; see `rag.load.records` for the names of the fields.

A line that is no article is rejected by its number, and the others go in.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from rag.load import records
from rag.load.source import MAX_ARTICLE_BYTES, MAX_FILE_BYTES, MEGABYTE, Found, Loaded, Unreadable
from rag.types import Rejected

_CHUNK = MEGABYTE


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The articles of the file, read line by line. Raises Unreadable, and whatever reading the stream raises."""
    records.check_fields(found.options.columns)
    yield from records.told_apart(found, "line", _articles(found, stream))


def _articles(found: Found, stream: BinaryIO) -> Iterator[tuple[int, Loaded | Unreadable]]:
    number = 0
    for number, line in _lines(stream):
        try:
            yield number, _read(found, line)
        except Unreadable as error:
            yield number, error
    if not number:
        raise Unreadable("is empty: it holds no articles")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, numbered from 1, without their ends; None for one that is too long."""
    number = read = 0
    while line := stream.readline(MAX_ARTICLE_BYTES + 1):
        number += 1
        if number == 1:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise Unreadable("is UTF-16; convert it, for example with: iconv -f UTF-16 -t UTF-8")
            line = line.removeprefix(codecs.BOM_UTF8)
        read += len(line)
        if len(line) > MAX_ARTICLE_BYTES and not line.endswith(b"\n"):
            read += _skip_line(stream)
            yield number, None
        elif line.strip():
            yield number, line.rstrip(b"\r\n")
        if read > MAX_FILE_BYTES:
            raise Unreadable(
                f"holds more than {MAX_FILE_BYTES // MEGABYTE} MB; what follows line {number} was left out"
            )


def _skip_line(stream: BinaryIO) -> int:
    """Read to the end of the line; returns how many bytes that were."""
    read = 0
    while rest := stream.readline(_CHUNK):
        read += len(rest)
        if rest.endswith(b"\n") or read > MAX_FILE_BYTES:
            break
    return read


def _read(found: Found, line: bytes | None) -> Loaded:
    """The article on a line. Raises Unreadable where there is none."""
    if line is None:
        raise Unreadable(f"is longer than {MAX_ARTICLE_BYTES // MEGABYTE} MB, too much for one article")
    given = found.options.columns
    record = records.opened(_record(line), given)
    columns = records.Columns.recognised(record, given)
    # What was asked for with --map has to be kept too, or the line could not be read again.
    return records.loaded(found, record, columns, None if given else line)


def _record(line: bytes) -> records.Record:
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 (byte 0x{line[error.start]:02x} at offset {error.start} of the line)") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: {error.msg} at character {error.pos + 1}") from None
    except ValueError as error:  # NaN, Infinity, integers of thousands of digits
        raise Unreadable(f"is not JSON that can be read: {error}") from None
    except RecursionError:
        raise Unreadable("is nested too deeply to be an article") from None
    if not isinstance(record, dict):
        raise Unreadable('is not a JSON object such as {"text": "..."}')
    return record


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")
