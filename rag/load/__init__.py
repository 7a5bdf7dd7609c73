"""From files to articles, or to named reasons why not.

`discover` lists the files under a path; a `Pool` reads them, those of formats that can hang or crash a parser in other
processes::

    with Pool() as pool:
        for found in discover(path):                # Found | Rejected
            reading = pool.open(found)
            for one in reading.articles():          # Loaded | Rejected, one at a time
                ...
            reading.sha256()                        # of the file as it was just read

Nothing here raises for what a file or folder is or holds. Formats are registered in `rag.load.formats`, one file each.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rag.errors import UsageError
from rag.load.brought import Brought
from rag.load.folders import discover
from rag.load.formats import by_suffix, choose, named, registry
from rag.load.pool import Pool
from rag.load.reading import Reading, Source
from rag.load.sniff import SNIFFED
from rag.load.source import DEFAULTS, READ_ERRORS, Found, Loaded, LoadOptions, Unreadable, file_sha256, reason, shown
from rag.load.url import canonical_url
from rag.types import Rejected

__all__ = [
    "DEFAULTS",
    "Brought",
    "Found",
    "LoadOptions",
    "Loaded",
    "Pool",
    "Reading",
    "Source",
    "asked",
    "broken_formats",
    "canonical_url",
    "discover",
    "file_sha256",
    "open_source",
    "reread",
    "shown",
]


def open_source(found: Found) -> Source:
    """The file, ready to be read in this process; nothing is opened yet."""
    return Source(found)


def asked(columns: Mapping[str, str], format: str | None) -> LoadOptions:
    """What the user says of inputs. Raises UsageError for a field or a format that there is none of."""
    from rag.load.records import check_fields

    try:
        check_fields(columns)
        if format is not None:
            named(format)
    except Unreadable as error:
        raise UsageError(str(error)) from error
    return LoadOptions(columns)


def broken_formats() -> tuple[str, ...]:
    """One line for each format of another distribution that cannot be used."""
    return registry().broken


def reread(file: Path, key_path: str, content: bytes, pool: Pool) -> Loaded | Rejected:
    """The article that bytes are which were kept from a file of this name; nothing is opened."""
    named = next((name for name in (key_path, file.name) if by_suffix(name) is not None), file.name)
    try:
        format = choose(named, content[:SNIFFED])
    except READ_ERRORS as error:
        return Rejected(shown(file), reason(error))
    for one in pool.read(Found(file, key_path, format=format.name), content).articles():
        return one
    return Rejected(shown(file), "holds no article")
