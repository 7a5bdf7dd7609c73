"""Files that a command writes where the user says: never over what was read, nor over anybody's database."""

from __future__ import annotations

import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from rag.errors import CannotWrite, UsageError


def check(file: Path, kept: Iterable[Path]) -> None:
    """Raise UsageError where the file cannot be written, is one of `kept`, or is a database or a part of one."""
    if not file.parent.is_dir() or file.is_dir():
        raise UsageError(f"{file}: cannot be written there; name a file in a folder that is there")
    if any(same(file, other) for other in kept):
        raise UsageError(f"{file} is what is read; write to another file")
    if _is_of_a_database(file):
        raise UsageError(f"{file} is a database, or a part of one, such as a corpus; write to another file")


def same(one: Path, other: Path) -> bool:
    """Whether both names are of one file."""
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except (OSError, RuntimeError):
        return False  # one of them is not there yet; a link that leads to itself cannot be written to either


_BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal", ".lock")


def _is_of_a_database(file: Path) -> bool:
    """Whether it is a SQLite file, or is or would be what SQLite and a corpus keep beside one."""
    path = str(file.resolve())
    return any(_is_sqlite(Path(path.removesuffix(end))) for end in _BESIDE_A_DATABASE if path.endswith(end))


def _is_sqlite(file: Path) -> bool:
    try:
        with file.open("rb") if file.is_file() else BytesIO() as opened_file:
            return opened_file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False  # what cannot be read is told of when it is written


def write(name: str | Path, text: str) -> None:
    """Write beside and move into place. Raises CannotWrite."""
    file = Path(name)
    try:
        put(file, text)
    except OSError as error:
        raise CannotWrite(f"{file}: {error.strerror or error}; make room or choose another place") from error


def put(file: Path, text: str) -> None:
    """Write beside and move into place; a device or a pipe is written to as it is. Raises OSError."""
    if file.exists() and not file.is_file():
        file.write_text(text, "utf-8")
        return
    beside = file.with_name(f".{file.name[:200]}.{os.getpid()}.part")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
