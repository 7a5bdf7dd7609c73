"""What `doctor` needs: looking at rows that may be damaged, and putting right what can be derived again."""

from __future__ import annotations

import secrets
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from rag.catalog.database import Held, mapped
from rag.catalog.reading import chunks, marks
from rag.catalog.rows import COLUMNS, OF_A_VERSION, StoredFile, host, row_sum
from rag.catalog.writing import Writing
from rag.errors import CorpusDamaged
from rag.schema import MIGRATIONS
from rag.types import Article, Passage


@dataclass(frozen=True, slots=True)
class Damage:
    """A row that is not what was written."""

    table: str
    name: str | int | None
    """What names the row: its first column."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What still stands of an article whose rows cannot all be trusted; nothing of it is proved."""

    key: str
    identity: str
    path: str | None
    sources: tuple[tuple[str, bytes], ...]
    """(version, source bytes), the newest first."""


class Checking(Writing):
    """For `doctor` alone."""

    # -- looking -----------------------------------------------------------------------------------------------

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file, at most twenty lines."""
        found = [str(row[0]) for row in self._all("PRAGMA integrity_check(20)") if row[0] != "ok"]
        loose = self._all("PRAGMA foreign_key_check")
        return found + [f"row {row[1]} of {row[0]} belongs to nothing" for row in loose[:20]]

    def damaged_rows(self) -> Iterator[Damage]:
        """Every row whose values are not what was written."""
        with mapped(self.path):
            for table, columns in COLUMNS.items():
                cursor = self._lenient().execute(f"SELECT {', '.join(columns)}, sum FROM {table}")  # noqa: S608
                for row in cursor:
                    if row_sum(table, row[:-1]) != row[-1]:
                        yield Damage(table, row[0])

    def owner(self, damage: Damage) -> int | None:
        """The number of the article that a row belongs to; None for a row of no article."""
        if damage.table in {"article", "text", "paging"}:
            return int(damage.name) if isinstance(damage.name, int) else None
        if damage.table not in {"passage", "vector"}:
            return None
        row = self._one("SELECT article FROM passage WHERE number = ?", damage.name)
        return row[0] if row and isinstance(row[0], int) else None

    def remains(self, number: int) -> Remains | None:
        """What stands in an article's rows, whether or not it is right; None where there is no such article."""
        with mapped(self.path):
            db = self._lenient()
            row = db.execute("SELECT key, id, path FROM article WHERE number = ?", (number,)).fetchone()
            if row is None:
                return None
            sql = "SELECT version, text, encoding, source FROM text WHERE article = ? ORDER BY added DESC"
            sources: list[tuple[str, bytes]] = []
            for version, text, encoding, source in db.execute(sql, (number,)):
                with suppress(zlib.error, TypeError):
                    sources.append((str(version), zlib.decompress(text if encoding else source)))
        key, identity, path = (_characters(value) for value in row)
        return Remains(key or "", identity or "", path, tuple(sources))

    def source(self, number: int, version: str) -> bytes | None:
        """The bytes that one version of an article was read from; None where they are missing or damaged."""
        row = self._one("SELECT text, encoding, source FROM text WHERE article = ? AND version = ?", number, version)
        try:
            return None if row is None else zlib.decompress(row[0] if row[1] else row[2])
        except (zlib.error, TypeError):
            return None

    def source_hash(self, number: int, version: str) -> str | None:
        """What the source bytes of a version are proved by. Raises CorpusDamaged."""
        rows = self._rows("text", "WHERE article = ? AND version = ?", number, version)
        return next((row[4] for row in rows), None)

    def embedded_articles(self) -> set[int]:
        """The articles whose passages have their vectors."""
        return {row[0] for row in self._all("SELECT number FROM article WHERE embedded = 1")}

    def passage_articles(self) -> dict[int, int]:
        """The article of every passage, by their numbers."""
        return dict(self._all("SELECT number, article FROM passage"))

    def vectors_at(self, passages: Sequence[int]) -> dict[int, bytes]:
        """The vectors of these passages. Raises CorpusDamaged."""
        found: dict[int, bytes] = {}
        for some in chunks(list(passages)):
            found.update(self._rows("vector", f"WHERE passage IN ({marks(some)})", *some))
        return found

    def _lenient(self) -> sqlite3.Connection:
        """A connection that gives text that is not UTF-8 as well: what is damaged may be looked at."""
        held: Held | None = getattr(self._local, "lenient", None)
        if held is None:
            held = self._local.lenient = self._another()
            held.connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        return held.connection

    # -- a file that SQLite cannot read whole ------------------------------------------------------------------

    @classmethod
    def unproved(cls, path: Path) -> Self:
        """A catalog over a file of this format, however its header looks; only for reading, and only to save it.

        Of a file of format 2 what it has is read: what could not be read whole could not be brought up to date.
        """
        catalog = cls(path, MIGRATIONS)
        there = {table: catalog._columns_there(table) for table in COLUMNS}
        catalog._columns = {table: tuple(name for name in COLUMNS[table] if name in there[table]) for table in COLUMNS}
        return catalog

    def _columns_there(self, table: str) -> set[str]:
        """The columns that a table has; all that it should have where that cannot be read."""
        try:
            return {row[1] for row in self._all(f"PRAGMA table_info({table})")}
        except CorpusDamaged:
            return set(COLUMNS[table])

    def numbers_that_can_be_read(self) -> list[int]:
        """The articles whose numbers can be had, by one way or another."""
        found: set[int] = set()
        for sql in (
            "SELECT number FROM article",
            "SELECT number FROM article ORDER BY number DESC",
            "SELECT number FROM article ORDER BY path",
            "SELECT number FROM article ORDER BY key",
            "SELECT article FROM text",
            "SELECT article FROM passage",
        ):
            with suppress(CorpusDamaged), mapped(self.path):
                # One by one: what comes before the damage counts.
                found.update(row[0] for row in self._db.execute(sql) if isinstance(row[0], int))
        return sorted(found)

    def adopt(self, other: Checking) -> None:
        """Take over the id, the model and the files of another catalog, as far as they are proved."""
        for name in ("corpus", "splitter", "model", "model_name"):
            with suppress(CorpusDamaged):
                value = other.meta(name)
                if value is not None:
                    self.set_meta(name, value)
        paths = {reference.path for _, reference in self.references() if reference.path}
        for path in sorted(paths):
            with suppress(CorpusDamaged):
                file = other.file(path)
                if file is not None:
                    # Not wholly worked through: what was lost comes back when the file is added again.
                    self.put_file(StoredFile(file.path, file.key_path, None, file.reader, file.articles))

    # -- putting right -----------------------------------------------------------------------------------------

    def reindex(self) -> None:
        """Make SQLite's own indexes anew."""
        with self.transaction():
            self._db.execute("REINDEX")

    def mend_id(self) -> bool:
        """Give the corpus a new id where its own is damaged: only the place of its indexes hangs on it."""
        with suppress(CorpusDamaged):
            return not self.corpus_id
        self.set_meta("corpus", secrets.token_hex(16))
        return True

    def restore(
        self, number: int, article: Article, source: bytes, passages: Sequence[Passage], vectors: Sequence[bytes] | None
    ) -> None:
        """Write an article over the rows that it has under this number."""
        with self.transaction():
            self._db.execute("DELETE FROM article WHERE number <> ? AND id = ?", (number, article.id))
            self._db.execute("UPDATE article SET key = ?, id = ? WHERE number = ?", (article.key, article.id, number))
            self._db.execute("DELETE FROM text WHERE article = ? AND version = ?", (number, article.version))
        self.put(article, source, passages, vectors)

    def drop_orphans(self) -> None:
        """Let go of rows that belong to no article."""
        with self.transaction():
            for table in ("text", "paging", "passage"):
                self._db.execute(f"DELETE FROM {table} WHERE article NOT IN (SELECT number FROM article)")  # noqa: S608
            self._db.execute("DELETE FROM vector WHERE passage NOT IN (SELECT number FROM passage)")

    def drop_version(self, number: int, version: str) -> None:
        """Let go of one version of an article's text."""
        with self.transaction():
            for table in OF_A_VERSION:
                self._db.execute(f"DELETE FROM {table} WHERE article = ? AND version = ?", (number, version))  # noqa: S608

    def mend_row(self, damage: Damage) -> bool:
        """Put right a row of no article; gives whether it could be."""
        with self.transaction():
            match damage.table:
                case "file":
                    raw = str(damage.name).encode("utf-8", "surrogateescape")
                    self._db.execute("DELETE FROM file WHERE path = CAST(? AS TEXT)", (raw,))
                case "change":
                    # A fresh token: no index followed to it, so whatever stood there, they are built anew.
                    self._db.execute(
                        "UPDATE change SET token = ? WHERE generation = ?", (secrets.token_bytes(8), damage.name)
                    )
                    self._seal("change", "generation = ?", damage.name)
                case "outlet":
                    return self._mend_outlet(damage.name)
                case _:
                    return False
        return True

    def _mend_outlet(self, number: object) -> bool:
        row: Any = self._one("SELECT publisher, url FROM article WHERE outlet = ? LIMIT 1", number)
        if row is None:
            self._db.execute("DELETE FROM outlet WHERE number = ?", (number,))
            return True
        who = (row[0] or "", host(row[1]))
        if self._one("SELECT 1 FROM outlet WHERE publisher = ? AND host = ? AND number <> ?", *who, number):
            return False
        self._db.execute("UPDATE outlet SET publisher = ?, host = ? WHERE number = ?", (*who, number))
        self._seal("outlet", "number = ?", number)
        return True


def _characters(value: object) -> str | None:
    """A text that is one; None for anything else."""
    if not isinstance(value, str):
        return None
    return None if any("\ud800" <= character <= "\udfff" for character in value) else value
