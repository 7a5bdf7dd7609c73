"""The catalog: a corpus is one SQLite file, and it is the one truth.

One transaction an article, in WAL mode with `synchronous=FULL`: an article is wholly in or wholly out. Everything
else (the lexical index, the vector index) follows the `change` table and can be thrown away. Every row carries a sum
that is checked when it is read: what was damaged on the disk is told, never given. Knows nothing of models, engines
or how articles are read; vectors are bytes here.
"""

from __future__ import annotations

from rag.catalog.checking import Checking, Damage
from rag.catalog.database import BUSY_SECONDS
from rag.catalog.rows import (
    Counts,
    Mark,
    Place,
    StoredFile,
    StoredPassage,
    StoredVersion,
    host,
)
from rag.catalog.scoping import Scoping

__all__ = [
    "BUSY_SECONDS",
    "Catalog",
    "Counts",
    "Damage",
    "Mark",
    "Place",
    "StoredFile",
    "StoredPassage",
    "StoredVersion",
    "host",
]


class Catalog(Checking, Scoping):
    """One corpus file. Safe to read from several threads; one thread at a time may write."""
