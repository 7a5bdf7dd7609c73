"""What commands read beside articles: saved answers and batches. Untrusted, bounded, and named when wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rag.commands.common import check_characters
from rag.errors import UsageError

LONGEST_LINE = 1_000_000
"""Bytes of one line of a batch; a question has a hundred."""

LARGEST = 256 * 1024 * 1024
"""Bytes of a file of answers; one answer has ten thousand."""


def read_text(file: str, wanted: str) -> str:
    """A text file, or standard input for "-". Raises UsageError, which ends in what is `wanted`."""
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as stream:
                raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise UsageError(f"{file}: larger than {LARGEST // 1024**2} MB; {wanted}")
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}; {wanted}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 (byte {error.start}); {wanted}") from error


@contextmanager
def opened_batch(file: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The file of questions, or standard input for "-", and its size in bytes where it is known."""
    if file == "-":
        yield sys.stdin.buffer, None
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 (closed below: only opening it is tried)
    except OSError as error:
        raise UsageError(
            f"{file}: {error.strerror or error}; --batch takes a JSON Lines file, or - for standard input"
        ) from error
    with stream:
        yield stream, os.fstat(stream.fileno()).st_size or None


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line of a batch: the text that is asked for, the id that it is given, and all that it holds."""

    text: str
    id: str | None
    fields: Mapping[str, object]


def batch_line(line: bytes, name: str) -> BatchLine:
    """Read a line whose text goes by `name`. Raises UsageError that says what is wrong with it."""
    like = f'a line looks like {{"{name}": "…", "id": "…"}}'
    if len(line) > LONGEST_LINE:
        raise UsageError(f"is longer than {LONGEST_LINE:,} bytes")
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"is not UTF-8 (byte 0x{line[error.start]:02x})") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"is not JSON; {like}") from error
    if not isinstance(found, dict) or not isinstance(found.get(name), str):
        raise UsageError(f"holds no {name}; {like}")
    named = found.get("id")
    if isinstance(named, bool) or not isinstance(named, str | int | None):
        raise UsageError("has an id that is neither text nor a number")
    check_characters(found[name])
    return BatchLine(found[name], None if named is None else str(named), found)


def batch_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Line by line, as they come; of one that is too long only so much that this can be seen."""
    while line := stream.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        yield line
