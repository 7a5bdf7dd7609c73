"""The catalog: a corpus is one SQLite file, and it is the one truth.

One transaction an article, in WAL mode with `synchronous=FULL`: an article is wholly in or wholly out. Everything
else (the lexical index, the vector index) follows the `change` table and can be thrown away. Knows nothing of
models, engines or how articles are read; vectors are bytes here.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag.dates import date_range
from rag.errors import CannotWrite, CorpusBusy, CorpusDamaged, CorpusMismatch, GroundwireError, NotFound, UsageError
from rag.schema import APPLICATION_ID, MIGRATIONS
from rag.scope import UNDATED_FIRST, UNDATED_LAST, Scope
from rag.types import Article, Filters, Passage, Reference, SkipKind, SkippedSpan, Span

BUSY_SECONDS = 0.5
"""How long a statement waits for another process's transaction; ours take milliseconds."""


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
class Counts:
    """How much a corpus holds."""

    articles: int
    passages: int
    vectors: int
    undated: int
    first: str | None
    """The earliest `published`, as it stands."""
    last: str | None


class Catalog:
    """One corpus file. Safe to read from several threads; one thread at a time may write."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        self.path = path
        self._migrations = migrations
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._uri = path.absolute().as_uri()

    # -- opening -----------------------------------------------------------------------------------------------

    @classmethod
    def open(cls, path: Path, *, create: bool = False, migrations: Sequence[str] = MIGRATIONS) -> Catalog:
        """Open the corpus at `path`; an older format is brought up to date in place, a newer one is left alone.

        Raises NotFound, CorpusDamaged, CorpusMismatch, CannotWrite or CorpusBusy.
        """
        path = Path(os.path.realpath(path))
        if not path.exists():
            if not create:
                raise NotFound(f"nothing is indexed: there is no corpus at {path}; begin with: groundwire add PATH")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CannotWrite(f"{path}: {error.strerror}; choose another place with --corpus FILE") from error
        elif not path.is_file():
            raise UsageError(f"{path} is not a file; --corpus takes the corpus file itself, such as news.db")
        catalog = cls(path, migrations)
        try:
            with _mapped(path):
                catalog._bring_up_to_date()
        except BaseException:
            catalog.close()
            raise
        return catalog

    def close(self) -> None:
        """Close every connection; the last one to close folds the write-ahead log into the file."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    @property
    def _db(self) -> sqlite3.Connection:
        """This thread's own connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with _mapped(self.path):
                connection = self._connect()
            self._local.connection = connection
            with self._guard:
                self._connections.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        suffix = "?immutable=1" if self._stands_still() else ""
        connection = sqlite3.connect(
            self._uri + suffix, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # FULL: a commit that was reported has reached the disk.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _stands_still(self) -> bool:
        """Whether the file lies where nothing can be written, and no write-ahead log waits beside it.

        SQLite cannot read a WAL database in a read-only folder unless it is told that nobody changes it.
        """
        log = self.path.with_name(self.path.name + "-wal")
        writable = os.access(self.path.parent, os.W_OK)
        return self.path.exists() and not writable and not (log.exists() and log.stat().st_size)

    def _bring_up_to_date(self) -> None:
        db = self._db
        found = _pragma(db, "user_version")
        newest = len(self._migrations)
        if _pragma(db, "application_id") != APPLICATION_ID:
            if found or db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise CorpusDamaged(f"{self.path} is a database, but not a Groundwire corpus; it was left as it is")
            db.execute("PRAGMA journal_mode=WAL")
        if found > newest:
            raise CorpusMismatch(
                f"{self.path} has format {found}, made by a newer version of Groundwire than this one (format "
                f"{newest}); it was left as it is: upgrade groundwire to open it"
            )
        if found < newest:
            self._migrate(newest)

    def _migrate(self, newest: int) -> None:
        with self.transaction():
            found = _pragma(self._db, "user_version")  # again: another process may have been quicker
            for step in self._migrations[found:]:
                for statement in _statements(step):
                    self._db.execute(statement)
            if not found:
                self._set("corpus", secrets.token_hex(16))
                self._db.execute(f"PRAGMA application_id={APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version={newest}")

    # -- transactions ------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside becomes permanent together, or not at all."""
        with _mapped(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._is_inside():
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever others write meanwhile."""
        if self._is_inside():
            yield
            return
        with _mapped(self.path):
            self._db.execute("BEGIN")
        try:
            yield
        finally:
            if self._is_inside():
                self._db.execute("ROLLBACK")

    def _is_inside(self) -> bool:
        return self._db.in_transaction

    # -- what the corpus was made with -------------------------------------------------------------------------

    def meta(self, name: str) -> str | None:
        """A named value of the corpus itself."""
        row = self._one("SELECT value FROM meta WHERE name = ?", name)
        return row[0] if row else None

    def set_meta(self, name: str, value: str) -> None:
        """Write a named value of the corpus itself."""
        with self.transaction():
            self._set(name, value)

    def _set(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))

    @property
    def format(self) -> int:
        """The number of the format."""
        return len(self._migrations)

    @property
    def corpus_id(self) -> str:
        """The corpus's own id, given when it was made."""
        value = self.meta("corpus")
        if value is None:
            raise CorpusDamaged(f"{self.path} has no id; it is not whole: put a backup back, or add the articles anew")
        return value

    # -- history -----------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """The newest change."""
        row = self._one("SELECT generation, token FROM change ORDER BY generation DESC LIMIT 1")
        return Mark(*row) if row else Mark(0, b"")

    def holds(self, mark: Mark) -> bool:
        """Whether this history once stood at `mark`."""
        if mark.generation == 0:
            return True
        return self._one("SELECT 1 FROM change WHERE generation = ? AND token = ?", *mark_values(mark)) is not None

    def changed_since(self, mark: Mark) -> list[int]:
        """The numbers of the articles that were written or removed since."""
        rows = self._all("SELECT DISTINCT article FROM change WHERE generation > ? ORDER BY article", mark.generation)
        return [row[0] for row in rows]

    def _note_change(self, article: int) -> None:
        self._db.execute("INSERT INTO change (token, article) VALUES (?, ?)", (secrets.token_bytes(8), article))

    # -- writing articles --------------------------------------------------------------------------------------

    def put(
        self, article: Article, source: bytes, passages: Sequence[Passage], vectors: Sequence[bytes] | None
    ) -> None:
        """Write the article, its passages and their vectors (None: to be made later) in one transaction.

        An article with this key is replaced: its older text stays, its older passages go.
        """
        now = _now()
        with self.transaction():
            number = self._put_article(article, now)
            self._put_text(number, article, source, now)
            self._db.execute("DELETE FROM passage WHERE article = ?", (number,))
            for position, passage in enumerate(passages):
                cursor = self._db.execute(
                    "INSERT INTO passage (article, start, end, sentences) VALUES (?, ?, ?, ?)",
                    (number, passage.start, passage.end, _packed(passage)),
                )
                if vectors is not None:
                    self._db.execute("INSERT INTO vector VALUES (?, ?)", (cursor.lastrowid, vectors[position]))
            self._note_change(number)

    def put_reference(self, article: Article) -> None:
        """Write down what else is known of an article whose text is in already."""
        with self.transaction():
            self._note_change(self._put_article(article, _now()))

    def _put_article(self, article: Article, now: str) -> int:
        first, last = date_range(article.published) if article.published else (UNDATED_FIRST, UNDATED_LAST)
        values = {
            "id": article.id,
            "key": article.key,
            "version": article.version,
            "title": article.title,
            "publisher": article.publisher,
            "authors": json.dumps(article.authors),
            "published": article.published,
            "first_day": first,
            "last_day": last,
            "outlet": self._outlet(article),
            "url": article.url,
            "path": article.path,
            "changed": now,
        }
        names = ", ".join(values)
        row = self._db.execute(
            f"INSERT INTO article ({names}) VALUES ({', '.join(':' + name for name in values)}) "  # noqa: S608 (our names)
            f"ON CONFLICT (key) DO UPDATE SET {', '.join(f'{name} = :{name}' for name in values)} RETURNING number",
            values,
        ).fetchone()
        return int(row[0])

    def _outlet(self, article: Article) -> int:
        who = (article.publisher or "", host(article.url))
        self._db.execute("INSERT OR IGNORE INTO outlet (publisher, host) VALUES (?, ?)", who)
        row = self._db.execute("SELECT number FROM outlet WHERE publisher = ? AND host = ?", who).fetchone()
        return int(row[0])

    def _put_text(self, number: int, article: Article, source: bytes, now: str) -> None:
        encoding = "utf-8" if article.text.encode("utf-8") == source else None
        self._db.execute(
            "INSERT OR REPLACE INTO text VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                article.version,
                zlib.compress(article.text.encode("utf-8"), 6),
                json.dumps([(span.start, span.end, span.kind) for span in article.skipped]),
                encoding,
                None if encoding else zlib.compress(source, 6),
                sha256(source).hexdigest(),
                now,
            ),
        )

    def remove(self, number: int) -> None:
        """Take an article out, with every version of its text; its file counts as new from now on."""
        with self.transaction():
            row = self._db.execute("SELECT path FROM article WHERE number = ?", (number,)).fetchone()
            if row is None:
                return
            self._db.execute("UPDATE file SET sha256 = NULL WHERE path = ?", row)
            self._db.execute("DELETE FROM article WHERE number = ?", (number,))
            self._db.execute(
                "DELETE FROM file WHERE path = ? AND NOT EXISTS (SELECT 1 FROM article WHERE path = ?)", row * 2
            )
            self._note_change(number)

    def put_vectors(self, article: int, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Write the vectors (passage number, vector) of an article that had none."""
        with self.transaction():
            self._db.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", vectors)
            self._note_change(article)

    # -- files -------------------------------------------------------------------------------------------------

    def file(self, path: str) -> StoredFile | None:
        """A file that was added, by its absolute path."""
        row = self._one("SELECT path, key_path, sha256, reader, articles FROM file WHERE path = ?", path)
        return StoredFile(*row) if row else None

    def file_of_key(self, key_path: str) -> StoredFile | None:
        """The file whose articles go by this name."""
        row = self._one("SELECT path, key_path, sha256, reader, articles FROM file WHERE key_path = ?", key_path)
        return StoredFile(*row) if row else None

    def put_file(self, file: StoredFile) -> None:
        """Write down how far a file is; a file of the same name that lay elsewhere has moved."""
        with self.transaction():
            self._db.execute("DELETE FROM file WHERE path = ? OR key_path = ?", (file.path, file.key_path))
            self._db.execute(
                "INSERT INTO file (path, key_path, sha256, reader, articles) VALUES (?, ?, ?, ?, ?)",
                (file.path, file.key_path, file.sha256, file.reader, file.articles),
            )

    # -- reading articles --------------------------------------------------------------------------------------

    def counts(self) -> Counts:
        """How much the corpus holds."""
        with self.snapshot():
            return Counts(
                articles=self._count("article"),
                passages=self._count("passage"),
                vectors=self._count("vector"),
                undated=self._count("article WHERE published IS NULL"),
                first=self._earliest("first_day", "ASC"),
                last=self._earliest("last_day", "DESC"),
            )

    def _earliest(self, column: str, order: str) -> str | None:
        row = self._one(
            f"SELECT published FROM article WHERE published IS NOT NULL ORDER BY {column} {order} LIMIT 1"  # noqa: S608
        )
        return row[0] if row else None

    def _count(self, table: str) -> int:
        return int(self._all(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 (our own names)

    def numbers(self, name: str) -> list[int]:
        """The articles that go by `name`: a key, an id, a URL, a path; else a beginning of an id (4 digits or more)."""
        for column in ("key", "id", "url", "path"):
            rows = self._all(f"SELECT number FROM article WHERE {column} = ? ORDER BY number", name)  # noqa: S608
            if rows:
                return [row[0] for row in rows]
        if len(name) < 4 or set(name) - set("0123456789abcdef"):
            return []
        rows = self._all("SELECT number FROM article WHERE id >= ? AND id < ?", name, name + "g")
        return [row[0] for row in rows]

    def number_of(self, key: str) -> int | None:
        """The number of the article with this key."""
        row = self._one("SELECT number FROM article WHERE key = ?", key)
        return row[0] if row else None

    def references(self, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, Reference]]:
        """Articles by number, in order of their numbers; None: all, by date and key, the undated last."""
        if numbers is None:
            order = "ORDER BY first_day, key"
            for row in self._all(f"SELECT number, {_REFERENCE} FROM article {order}"):  # noqa: S608
                yield row[0], _reference(row[1:])
            return
        for some in _chunks(sorted(set(numbers))):
            for row in self._all(
                f"SELECT number, {_REFERENCE} FROM article WHERE number IN ({_marks(some)}) ORDER BY number",  # noqa: S608
                *some,
            ):
                yield row[0], _reference(row[1:])

    def all_numbers(self) -> list[int]:
        """The number of every article, ascending."""
        return [row[0] for row in self._all("SELECT number FROM article ORDER BY number")]

    def places(self, numbers: Sequence[int]) -> Iterator[Place]:
        """What the indexes' filters go by, for each of the articles that is there."""
        for some in _chunks(sorted(numbers)):
            for row in self._all(
                f"SELECT number, first_day, last_day, outlet, {_REFERENCE} FROM article "  # noqa: S608
                f"WHERE number IN ({_marks(some)}) ORDER BY number",
                *some,
            ):
                yield Place(row[0], row[1], row[2], row[3], _reference(row[4:]))

    def article(self, number: int) -> Article:
        """An article in its present version, whole."""
        with self.snapshot():
            for _, reference in self.references([number]):
                text = self.text(number, reference.version)
                if text is None:
                    break
                return Article(
                    key=reference.key,
                    text=text,
                    title=reference.title,
                    publisher=reference.publisher,
                    authors=reference.authors,
                    published=reference.published,
                    url=reference.url,
                    path=reference.path,
                    skipped=self.skipped(number, reference.version),
                )
        raise CorpusDamaged(f"{self.path}: article number {number} has no text; put a backup back, or add it anew")

    def text(self, number: int, version: str) -> str | None:
        """The text of one version of an article, proved by its hash; None where it is not held.

        Raises CorpusDamaged when what is held is not what was written.
        """
        row = self._one("SELECT text FROM text WHERE article = ? AND version = ?", number, version)
        if row is None:
            return None
        try:
            written = zlib.decompress(row[0])
        except zlib.error:
            written = b""
        if sha256(written).hexdigest() != version:
            raise CorpusDamaged(
                f"{self.path}: the text of article number {number} is damaged; remove that article and add it anew"
            )
        return written.decode("utf-8")

    def skipped(self, number: int, version: str) -> tuple[SkippedSpan, ...]:
        """The spans of one version of an article that are not its body."""
        row = self._one("SELECT skipped FROM text WHERE article = ? AND version = ?", number, version)
        return tuple(
            SkippedSpan(start, end, SkipKind(kind)) for start, end, kind in json.loads(row[0] if row else "[]")
        )

    def versions(self, number: int) -> list[str]:
        """The versions of an article's text that are held, oldest first."""
        return [row[0] for row in self._all("SELECT version FROM text WHERE article = ? ORDER BY added", number)]

    # -- reading passages --------------------------------------------------------------------------------------

    def passages(self, numbers: Iterable[int]) -> dict[int, StoredPassage]:
        """Passages by number; those that are gone are left out."""
        found: dict[int, StoredPassage] = {}
        for some in _chunks(list(numbers)):
            sql = f"SELECT number, article, start, end, sentences FROM passage WHERE number IN ({_marks(some)})"  # noqa: S608
            for row in self._all(sql, *some):
                found[row[0]] = _stored(row)
        return found

    def passages_of(self, article: int) -> list[StoredPassage]:
        """The passages of an article, in reading order."""
        sql = "SELECT number, article, start, end, sentences FROM passage WHERE article = ? ORDER BY start"
        return [_stored(row) for row in self._all(sql, article)]

    def passages_without_vector(self) -> list[int]:
        """The articles that have passages without a vector."""
        sql = (
            "SELECT DISTINCT article FROM passage LEFT JOIN vector ON vector.passage = number "
            "WHERE vector.passage IS NULL ORDER BY article"
        )
        return [row[0] for row in self._all(sql)]

    def vectors_of(self, article: int) -> list[tuple[int, bytes]]:
        """(passage number, vector) of an article's passages."""
        sql = "SELECT number, vector FROM passage JOIN vector ON vector.passage = number WHERE article = ?"
        return self._all(sql, article)

    def vectors(self, scope: Scope, batch: int = 4096) -> Iterator[list[tuple[int, bytes]]]:
        """(passage number, vector) of every passage in scope, in batches, so that memory stays flat."""
        if scope.everything:
            sql, values = "SELECT passage, vector FROM vector", tuple[object, ...]()
        else:
            where, values = _where(scope)
            sql = (
                "SELECT passage.number, vector FROM article JOIN passage ON passage.article = article.number "  # noqa: S608
                f"JOIN vector ON vector.passage = passage.number WHERE {where}"
            )
        with _mapped(self.path):
            cursor = self._db.execute(sql, values)
            while rows := cursor.fetchmany(batch):
                yield rows

    # -- filters -----------------------------------------------------------------------------------------------

    def scope(self, filters: Filters) -> Scope:
        """What the filters come to here. A publisher is named by its name or its host, without regard to case.

        Raises UsageError for a publisher that no article has, naming those there are, and for dates in reverse.
        """
        since = date_range(filters.since)[0] if filters.since else None
        until = date_range(filters.until)[1] if filters.until else None
        if since is not None and until is not None and since > until:
            raise UsageError(f"--since {filters.since} is later than --until {filters.until}; exchange them")
        return Scope(
            since=since,
            until=until,
            undated=filters.undated,
            outlets=self._outlets(filters.publishers) if filters.publishers else None,
            articles=self._named(filters.articles) if filters.articles else None,
        )

    def _outlets(self, publishers: Sequence[str]) -> tuple[int, ...]:
        known = self._all(
            "SELECT DISTINCT o.number, o.publisher, o.host FROM outlet o JOIN article ON outlet = o.number"
        )
        found: set[int] = set()
        for wanted in publishers:
            matching = {number for number, name, site in known if _same_outlet(wanted, name, site)}
            if not matching:
                names = sorted({name or site for _, name, site in known} - {""})
                listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
                raise UsageError(f"no article is by publisher {wanted!r}; publishers here: {listed or 'none is known'}")
            found |= matching
        return tuple(sorted(found))

    def _named(self, ids: Sequence[str]) -> tuple[int, ...]:
        return tuple(sorted({number for one in ids for number in self.numbers(one)}))

    def undated_left_out(self, scope: Scope) -> int:
        """How many articles are out of scope only because they have no date."""
        if not scope.dated or scope.undated:
            return 0
        where, values = _where(Scope(outlets=scope.outlets, articles=scope.articles))
        return int(self._all(f"SELECT count(*) FROM article WHERE published IS NULL AND {where}", *values)[0][0])  # noqa: S608

    def articles_in(self, scope: Scope) -> int:
        """How many articles are in scope."""
        where, values = _where(scope)
        return int(self._all(f"SELECT count(*) FROM article WHERE {where}", *values)[0][0])  # noqa: S608

    # -- helpers -----------------------------------------------------------------------------------------------

    def _all(self, sql: str, *values: object) -> list[Any]:
        with _mapped(self.path):
            return self._db.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: object) -> Any:
        with _mapped(self.path):
            return self._db.execute(sql, values).fetchone()


_REFERENCE = "id, version, key, title, publisher, authors, published, url, path"


def _reference(row: Sequence[Any]) -> Reference:
    identity, version, key, title, publisher, authors, published, url, path = row
    return Reference(identity, version, key, title, publisher, tuple(json.loads(authors)), published, url, path)


def host(url: str | None) -> str:
    """The host of a URL without "www.", '' where there is none."""
    try:
        name = urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
    return name.removeprefix("www.")


def mark_values(mark: Mark) -> tuple[int, bytes]:
    """A mark as SQL takes it."""
    return mark.generation, mark.token


def _same_outlet(wanted: str, publisher: str, site: str) -> bool:
    def plain(name: str) -> str:
        return " ".join(name.casefold().split()).removeprefix("the ")

    return plain(wanted) == plain(publisher) or (bool(site) and wanted.casefold().removeprefix("www.") == site)


def _where(scope: Scope) -> tuple[str, tuple[object, ...]]:
    """The scope as SQL over `article`."""
    terms, values = ["1"], list[object]()
    dated: list[str] = []
    if scope.since is not None:
        dated.append("article.last_day >= ?")
        values.append(scope.since)
    if scope.until is not None:
        dated.append("article.first_day <= ?")
        values.append(scope.until)
    if dated:
        both = " AND ".join(dated)
        terms.append(f"({both} OR article.published IS NULL)" if scope.undated else f"({both})")
    for column, numbers in (("outlet", scope.outlets), ("number", scope.articles)):
        if numbers is not None:
            # As JSON: SQLite bounds the number of parameters.
            terms.append(f"article.{column} IN (SELECT value FROM json_each(?))")  # noqa: S608
            values.append(json.dumps(numbers))
    return " AND ".join(terms), tuple(values)


def _stored(row: Sequence[Any]) -> StoredPassage:
    number, article, start, end, packed = row
    if not packed or len(packed) % 8:
        raise CorpusDamaged(f"passage number {number} is damaged; remove its article and add it anew")
    offsets = struct.unpack(f"<{len(packed) // 4}I", packed)
    sentences = tuple(Span(start + a, start + b) for a, b in zip(offsets[::2], offsets[1::2], strict=True))
    return StoredPassage(number, article, Passage(start, end, sentences))


def _packed(passage: Passage) -> bytes:
    offsets = [point - passage.start for span in passage.sentences for point in (span.start, span.end)]
    return struct.pack(f"<{len(offsets)}I", *offsets)


def _chunks(numbers: list[int], size: int = 500) -> Iterator[list[int]]:
    for first in range(0, len(numbers), size):
        yield numbers[first : first + size]


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would end the transaction."""
    gathered = ""
    for piece in script.split(";"):
        gathered += piece + ";"
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """Turn what SQLite says into our errors, in one line that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _our_error(path, error) from error


def _our_error(path: Path, error: sqlite3.Error) -> GroundwireError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return CannotWrite(f"{path}: the disk is full; make room and run the same command again, nothing is lost")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}:
        return CannotWrite(f"{path}: cannot be written or opened here ({error}); check its permissions and its folder")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return CorpusBusy(f"{path}: another process is writing to it; try again when it has finished")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return CorpusDamaged(f"{path} is damaged or not a Groundwire corpus ({error}); put a backup back, or add anew")
    if code == sqlite3.SQLITE_IOERR:
        return CannotWrite(f"{path}: reading or writing failed ({error}); check the disk and its free space")
    return GroundwireError(f"{path}: {error}")
