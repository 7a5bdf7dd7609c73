"""Tables as text: CSV, TSV and their kin. One article a row; the first row names the columns.

Read row by row, so that a table may be larger than memory. See `rag.load.records` for the names of the columns.
"""

from __future__ import annotations

import codecs
import csv
import io
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import BinaryIO

from rag.load import records
from rag.load.source import MAX_ARTICLE_BYTES, MAX_FILE_BYTES, MEGABYTE, Found, Loaded, Unreadable
from rag.types import Rejected

_SEPARATORS = (",", "\t", ";", "|")
_SAMPLE = 256 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The articles of a table. Raises Unreadable, and whatever reading the stream raises."""
    # The limit is the interpreter's own, and as wide as an article may be for everything that we read.
    csv.field_size_limit(MAX_ARTICLE_BYTES)
    start = stream.read(_SAMPLE)
    encoding = _encoding(start, whole=len(start) < _SAMPLE)
    # A row of its own after the last one, unless that ends inside a quote.
    end = secrets.token_hex(16)
    lines = chain(_lines(start, stream, encoding), [end])
    separator = _separator(start.decode(encoding, "replace"), found)
    rows = csv.reader(lines, delimiter=separator, strict=False)
    header = [name.strip() for name in _row(rows) or ()]
    if not any(header) or header == [end]:
        raise Unreadable("is empty: it holds no articles")
    records.check_columns(header, found.options.columns)
    columns = _columns(header, found)
    yield from records.told_apart(found, "line", _articles(found, header, rows, columns, end))


def _articles(
    found: Found, header: Sequence[str], rows: Iterator[list[str]], columns: records.Columns, end: str
) -> Iterator[tuple[int, Loaded | Unreadable]]:
    """Each row's article by the line that the row begins on."""
    began = _line_of(rows) + 1
    while (row := _row(rows)) is not None:
        number, began = began, _line_of(rows) + 1
        if row == [end]:
            return
        if not any(value.strip() for value in row):
            continue
        if row[-1].endswith(end):
            yield number, Unreadable("opens a quote that is never closed; this row and what follows it were left out")
            return
        try:
            yield number, _read(found, header, row, columns)
        except Unreadable as error:
            yield number, error


def _read(found: Found, header: Sequence[str], row: Sequence[str], columns: records.Columns) -> Loaded:
    if len(row) > len(header) and any(value.strip() for value in row[len(header) :]):
        raise Unreadable(
            f"has {len(row)} columns, where the first line names {len(header)}; "
            "put a value that holds the separator in quotes"
        )
    return records.loaded(found, _record(header, row), columns)


def _record(header: Sequence[str], row: Sequence[str]) -> dict[str, object]:
    """An empty cell says nothing."""
    record: dict[str, object] = {}
    for name, value in zip(header, row, strict=False):
        if value and name not in record:
            record[name] = value
    return record


def _columns(header: Sequence[str], found: Found) -> records.Columns:
    columns = records.Columns.recognised([name for name in header if name], found.options.columns)
    repeated = next((one for one in columns.of.values() if header.count(one) > 1), None)
    if repeated is not None:
        raise Unreadable(f"names the column {repeated!r} twice; rename one of them")
    return columns


def _row(rows: Iterator[list[str]]) -> list[str] | None:
    """The next row; None after the last. Raises Unreadable where what follows cannot be told apart."""
    try:
        return next(rows, None)
    except csv.Error as error:
        raise Unreadable(
            f"cannot be read beyond line {_line_of(rows)} ({error}): a quote that is opened there is not closed, "
            f"or a value is longer than {MAX_ARTICLE_BYTES // MEGABYTE} MB"
        ) from None


def _line_of(rows: Iterator[list[str]]) -> int:
    return int(getattr(rows, "line_num", 0))


def _separator(sample: str, found: Found) -> str:
    """What parts the columns: that which makes the first row name a text column, else the commonest in it."""
    of_name = "\t" if found.file.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")) else ","
    candidates = sorted(_SEPARATORS, key=lambda one: one != of_name)
    first = {one: _first_row(sample, one) for one in candidates}
    for one in candidates:
        with suppress(Unreadable):
            records.Columns.recognised([name.strip() for name in first[one]], found.options.columns)
            return one
    return max(candidates, key=lambda one: len(first[one]))


def _first_row(sample: str, separator: str) -> list[str]:
    with suppress(csv.Error):
        return next(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), [])
    return []


def _encoding(start: bytes, *, whole: bool) -> str:
    """Of a byte order mark, else UTF-8, else Windows-1252, which spreadsheets of the West write."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=whole)
    except UnicodeDecodeError:
        return _other_encoding(start)
    return "utf-8"


def _other_encoding(start: bytes) -> str:
    try:
        start.decode("cp1252")
    except UnicodeDecodeError:
        raise Unreadable("is not UTF-8; convert it, for example with: iconv -f WINDOWS-1252 -t UTF-8") from None
    return "cp1252"


def _lines(start: bytes, stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines with their ends, none longer than an article may be."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rest, read, number, chunk = "", 0, 0, start
    while True:
        read += len(chunk)
        if read > MAX_FILE_BYTES:
            raise Unreadable(f"holds more than {MAX_FILE_BYTES // MEGABYTE} MB; line {number} was the last one read")
        try:
            text = rest + decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise Unreadable(f"is not {encoding.upper()} after line {number} ({error.reason}); convert it") from None
        # No translation, and no other line breaks of Unicode: those may stand inside a value.
        lines = list(io.StringIO(text, newline=""))
        # The last line may go on in the next chunk, and a carriage return may be the first half of its end.
        rest = lines.pop() if chunk and lines else ""
        number += len(lines)
        yield from lines
        if len(rest) > MAX_ARTICLE_BYTES:
            raise Unreadable(f"has a line of more than {MAX_ARTICLE_BYTES // MEGABYTE} MB after line {number}")
        if not chunk:
            return
        chunk = stream.read(_SAMPLE)
