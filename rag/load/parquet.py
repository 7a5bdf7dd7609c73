"""Parquet tables: one article a row, read in batches. See `rag.load.records` for the names of the columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pyarrow.lib import ArrowException
from pyarrow.parquet import ParquetFile

from rag.load import records
from rag.load.source import Found, Loaded, Unreadable
from rag.load.spool import seekable
from rag.types import Rejected

_ROWS = 64
"""Rows that are held at once; of a whole row group there may be a million."""


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The articles of a Parquet file. Raises Unreadable, and whatever reading the stream raises."""
    with seekable(stream) as file:
        try:
            table = ParquetFile(file)
            names = table.schema_arrow.names
            records.check_columns(names, found.options.columns)
            columns = records.Columns.recognised(names, found.options.columns)
            rows = (row for batch in table.iter_batches(batch_size=_ROWS) for row in batch.to_pylist())
            yield from records.told_apart(found, "row", _articles(found, rows, columns))
        except (ArrowException, ValueError, OSError) as error:
            raise Unreadable(f"is not a whole Parquet file ({_first_line(error)}); fetch or write it again") from None


def _articles(
    found: Found, rows: Iterator[records.Record], columns: records.Columns
) -> Iterator[tuple[int, Loaded | Unreadable]]:
    number = 0
    for number, row in enumerate(rows, 1):
        try:
            present = {name: value for name, value in row.items() if value is not None}
            yield number, records.loaded(found, present, columns)
        except Unreadable as error:
            yield number, error
    if not number:
        raise Unreadable("is empty: it holds no articles")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0][:120] or type(error).__name__
