"""What the catalog's rows are outside SQLite, and the checksum that each of them carries.

A flipped bit that SQLite does not notice (in a number, a date, a vector) would change answers in silence: every row
has a CRC-32 of its values, which is checked whenever the row is read.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from rag.errors import CorpusDamaged
from rag.types import Origin, Passage, Reference, Span

COLUMNS: dict[str, tuple[str, ...]] = {
    "meta": ("name", "value"),
    "outlet": ("number", "publisher", "host"),
    "article": (
        *("number", "id", "version", "key", "title", "publisher", "authors", "published", "url", "path"),
        *("first_day", "last_day", "outlet", "changed", "passages", "embedded"),
        *("published_from", "updated", "updated_from", "section", "language", "agency", "pages"),
    ),
    # The text is proved by its version, and the source by its hash.
    "text": ("article", "version", "skipped", "encoding", "source_hash", "added"),
    "paging": ("article", "version", "starts"),
    "sketch": ("article", "digest", "buckets", "cluster"),
    "passage": ("number", "article", "start", "end", "sentences"),
    "vector": ("passage", "vector"),
    "change": ("generation", "token", "article"),
    "file": ("path", "key_path", "sha256", "reader", "articles"),
}
"""Of each table, what its `sum` is over, in this order; what names the row comes first."""

OF_A_VERSION = frozenset({"text", "paging"})
"""The tables whose rows two columns name: an article and a version of its text."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a history has come: the newest change and its token. The empty history is (0, b"")."""

    generation: int
    token: bytes


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage, its own number and that of its article."""

    number: int
    article: int
    passage: Passage


@dataclass(frozen=True, slots=True)
class Place:
    """An article as the indexes' filters see it; days as in `Scope`."""

    number: int
    first_day: int
    last_day: int
    outlet: int
    reference: Reference


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was added."""

    path: str
    key_path: str
    sha256: str | None
    reader: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of an article's text."""

    version: str
    added: str
    """When it came in, ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a corpus holds."""

    articles: int
    passages: int
    vectors: int
    undated: int
    first: str | None
    """The earliest `published`, as it stands."""
    last: str | None


def checksum(*values: object) -> int:
    """The CRC-32 of a row's values. A changed bit, or up to 32 in a row, never goes unnoticed."""
    return crc32(b"\x1f".join(map(_as_bytes, values)))


def vector_checksum(passage: int, vector: bytes) -> int:
    """The same for a vector, four times as fast: there are many."""
    return crc32(vector, passage & 0xFFFFFFFF)


def row_sum(table: str, values: Sequence[Any]) -> int | None:
    """What the `sum` of a row has to be; `values` in the order of COLUMNS. None where they are of no kind that was
    written."""
    try:
        return vector_checksum(*values) if table == "vector" else checksum(*values)
    except (TypeError, ValueError):
        return None


def _as_bytes(value: object) -> bytes:
    if isinstance(value, str):
        return b"s" + value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return b"b" + value
    return b"n" if value is None else f"i{value}".encode()


def reference(row: Sequence[Any]) -> Reference:
    """An article's row, in the order of COLUMNS, as a citation names it."""
    identity, version, key, title, publisher, authors, published, url, path = row[1:10]
    published_from, updated, updated_from, section, language, agency = row[16:22]
    return Reference(
        id=identity,
        version=version,
        key=key,
        title=title,
        publisher=publisher,
        authors=tuple(json.loads(authors)),
        published=published,
        url=url,
        path=path,
        published_from=Origin(published_from) if published_from else None,
        updated=updated,
        updated_from=Origin(updated_from) if updated_from else None,
        section=section,
        language=language,
        agency=agency,
    )


def place(row: Sequence[Any]) -> Place:
    """An article's row, in the order of COLUMNS, as the indexes take it."""
    return Place(row[0], row[10], row[11], row[12], reference(row))


def stored_passage(row: Sequence[Any]) -> StoredPassage:
    """A passage's row. Raises CorpusDamaged for sentences that are none."""
    number, article, start, end, packed = row
    if not packed or len(packed) % 8:
        raise CorpusDamaged(f"passage number {number} is damaged; mend the corpus with: groundwire doctor --repair")
    offsets = struct.unpack(f"<{len(packed) // 4}I", packed)
    sentences = tuple(Span(start + a, start + b) for a, b in zip(offsets[::2], offsets[1::2], strict=True))
    return StoredPassage(number, article, Passage(start, end, sentences))


def packed_sentences(passage: Passage) -> bytes:
    """The passage's sentences as the catalog holds them."""
    offsets = [point - passage.start for span in passage.sentences for point in (span.start, span.end)]
    return struct.pack(f"<{len(offsets)}I", *offsets)


def host(url: str | None) -> str:
    """The host of a URL without "www.", '' where there is none."""
    try:
        name = urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
    return name.removeprefix("www.")
