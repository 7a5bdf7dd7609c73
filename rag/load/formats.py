"""The registry: which loader reads which file, by the end of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import BinaryIO

from rag.load import jsonl, markdown, text
from rag.load.source import Found, Loaded
from rag.types import Rejected

Loader = Callable[[Found, BinaryIO], Iterator[Loaded | Rejected]]

LOADERS: dict[str, Loader] = {
    ".txt": text.load,
    ".text": text.load,
    ".md": markdown.load,
    ".markdown": markdown.load,
    ".jsonl": jsonl.load,
    ".ndjson": jsonl.load,
}


def is_packed(name: str) -> bool:
    """Is the file compressed with gzip, by its name?"""
    return name.lower().endswith(".gz")


def suffix(name: str) -> str:
    """The end of a file's name that tells its format, in lower case, below any ".gz"; empty where it has none."""
    return PurePath(name[:-3] if is_packed(name) else name).suffix.lower()


def loader(name: str) -> Loader:
    """What reads a file of this name; one without a suffix is taken for plain text."""
    return LOADERS.get(suffix(name), text.load)


def what_is_read() -> str:
    """For messages."""
    return f"{', '.join(LOADERS)}, each also with .gz"
