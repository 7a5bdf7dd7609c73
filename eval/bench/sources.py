"""Where the benchmark files lie, and the proof of which bytes were measured on.

Knows nothing of what is in them: how a file is understood, each benchmark says in the function that it gives to `read`.
"""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import tarfile
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from rag.errors import UsageError

Parsed = TypeVar("Parsed")

WRONG = (
    *(ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError),
    *(OSError, zlib.error, lzma.LZMAError, tarfile.TarError, csv.Error),
)
"""What reading a file raises that is not what it should be."""


class Sources:
    """The folder of the benchmark data; remembers the SHA-256 of each file that was read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.hashes: dict[str, str] = {}
        """Of each file read, by its path within the folder."""

    def path(self, name: str) -> Path:
        """The file itself. Raises UsageError where it is not there."""
        file = self.root / name
        if not file.is_file():
            raise UsageError(f"{file.absolute()} is not there; --bench DIR names the folder of the benchmark data")
        return file

    def read(self, name: str, parse: Callable[[bytes], Parsed]) -> Parsed:
        """What `parse` makes of the file's bytes, unpacked where its name ends in .gz.

        Raises UsageError, in one line that names the file, where it is missing or is not what `parse` expects.
        """
        file = self.path(name)
        try:
            content = file.read_bytes()
            self.hashes[name] = sha256(content).hexdigest()
            unpacked = gzip.decompress(content) if name.endswith(".gz") else content
            if not unpacked.strip():
                raise ValueError("it is empty")
            return parse(unpacked)
        except UsageError:
            raise
        except WRONG as error:
            told = " ".join(f"{type(error).__name__}: {error}".split())[:160]
            raise UsageError(f"{file.absolute()} is not the benchmark's file ({told}); get it anew") from error


def records(content: bytes) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    # Not splitlines: JSON may hold U+2028 as it is.
    return [json.loads(line) for line in content.decode("utf-8").split("\n") if line.strip()]


def first_half(key: str) -> bool:
    """Which half something belongs to, by the hash of its key: stable, whatever stands beside it."""
    return sha256(key.encode("utf-8", "surrogatepass")).digest()[0] % 2 == 0


def split_of(key: str) -> str:
    """ "dev" or "test", by the hash of the key."""
    return "dev" if first_half(key) else "test"


Item = TypeVar("Item")


def sample(items: Sequence[Item], key: Callable[[Item], str], limit: int) -> list[Item]:
    """The same `limit` items each time, drawn by the hash of their keys and left in their order; all for 0."""
    if not limit or len(items) <= limit:
        return list(items)
    drawn = sorted(range(len(items)), key=lambda n: sha256(f"sample {key(items[n])}".encode()).digest())[:limit]
    return [items[n] for n in sorted(drawn)]
