"""The file, the connections, the transactions, and what SQLite's errors come to. The only importer of sqlite3."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

from rag.catalog.rows import COLUMNS, OF_A_VERSION, Mark, checksum, row_sum, vector_checksum
from rag.errors import CannotWrite, CorpusBusy, CorpusDamaged, CorpusMismatch, GroundwireError, NotFound, UsageError
from rag.schema import APPLICATION_ID, MIGRATIONS

BUSY_SECONDS = 0.5
"""How long a statement waits for another process's transaction; ours take milliseconds."""

MEND = "see what is wrong with: groundwire doctor, and mend it with: groundwire doctor --repair"


class Held:
    """A connection for as long as somebody holds it: that of a thread closes when the thread ends. (A connection alone
    would wait for the garbage collector: its cache of statements refers back to it.)"""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


class Database:
    """One corpus file. Safe to read from several threads; one thread at a time may write."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        self.path = path
        self._migrations = migrations
        self._local = threading.local()
        self._held: WeakSet[Held] = WeakSet()
        self._guard = threading.Lock()
        self._uri = path.absolute().as_uri()
        self._columns = COLUMNS

    # -- opening -----------------------------------------------------------------------------------------------

    @classmethod
    def open(cls, path: Path, *, create: bool = False, migrations: Sequence[str] = MIGRATIONS) -> Self:
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
            with mapped(path):
                catalog._bring_up_to_date()
        except BaseException:
            catalog.close()
            raise
        return catalog

    def close(self) -> None:
        """Close every connection; the last one to close folds the write-ahead log into the file."""
        with self._guard:
            for held in list(self._held):
                held.connection.close()
            self._held.clear()
            self._local = threading.local()

    @property
    def _db(self) -> sqlite3.Connection:
        """This thread's own connection."""
        held: Held | None = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = self._another()
        return held.connection

    def _another(self) -> Held:
        with mapped(self.path):
            held = Held(self._connect())
        with self._guard:
            self._held.add(held)
        return held

    def _connect(self) -> sqlite3.Connection:
        suffix = "?immutable=1" if self._stands_still() else ""
        connection = sqlite3.connect(
            self._uri + suffix,
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        # FULL: a commit that was reported has reached the disk.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cell_size_check=ON")
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
        found, newest = pragma(db, "user_version"), len(self._migrations)
        holds_tables = bool(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        if pragma(db, "application_id") != APPLICATION_ID:
            if found or holds_tables:
                raise CorpusDamaged(f"{self.path} is a database, but not a Groundwire corpus; it was left as it is")
            db.execute("PRAGMA journal_mode=WAL")
        elif found < 1 and holds_tables:
            raise CorpusDamaged(f"{self.path} is damaged: it has lost its format's number; put a backup back")
        if found > newest:
            raise CorpusMismatch(
                f"{self.path} has format {found}, made by a newer version of Groundwire than this one (format "
                f"{newest}); it was left as it is: upgrade groundwire to open it"
            )
        if found < newest:
            self._migrate(newest)

    def _migrate(self, newest: int) -> None:
        self._db.create_function("row_sum", -1, checksum, deterministic=True)
        self._db.create_function("vector_sum", 2, vector_checksum, deterministic=True)
        with self.transaction():
            found = pragma(self._db, "user_version")  # again: another process may have been quicker
            for step in self._migrations[found:]:
                for statement in _statements(step):
                    self._db.execute(statement)
            if not found:
                self._db.execute(f"PRAGMA application_id={APPLICATION_ID}")
                self._set("corpus", secrets.token_hex(16))
            self._db.execute(f"PRAGMA user_version={newest}")

    # -- transactions ------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside becomes permanent together, or not at all."""
        with mapped(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self.is_inside():
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever others write meanwhile."""
        if self.is_inside():
            yield
            return
        with mapped(self.path):
            self._db.execute("BEGIN")
        try:
            yield
        finally:
            if self.is_inside():
                self._db.execute("ROLLBACK")

    def is_inside(self) -> bool:
        """Whether this thread is inside a transaction or a snapshot."""
        return self._db.in_transaction

    # -- what the corpus was made with -------------------------------------------------------------------------

    def meta(self, name: str) -> str | None:
        """A named value of the corpus itself."""
        for row in self._rows("meta", "WHERE name = ?", name):
            return str(row[1])
        return None

    def set_meta(self, name: str, value: str) -> None:
        """Write a named value of the corpus itself."""
        with self.transaction():
            self._set(name, value)

    def _set(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))
        self._seal("meta", "name = ?", name)

    @property
    def format(self) -> int:
        """The number of the format."""
        return len(self._migrations)

    @property
    def corpus_id(self) -> str:
        """The corpus's own id, given when it was made."""
        value = self.meta("corpus")
        if value is None:
            raise CorpusDamaged(f"{self.path} has no id, it is not whole; {MEND}")
        return value

    # -- history -----------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """The newest change."""
        for generation, token, _ in self._rows("change", "ORDER BY generation DESC LIMIT 1"):
            return Mark(generation, token)
        return Mark(0, b"")

    def holds(self, mark: Mark) -> bool:
        """Whether this history once stood at `mark`."""
        return self._holds(self._db, mark)

    def holds_now(self, mark: Mark) -> bool:
        """The same of the history as it is at this moment, also from inside an older snapshot."""
        with self._fresh() as connection:
            return self._holds(connection, mark)

    def mark_now(self) -> Mark:
        """The newest change at this moment, also from inside an older snapshot."""
        with self._fresh() as connection, mapped(self.path):
            row = connection.execute("SELECT generation, token FROM change ORDER BY generation DESC").fetchone()
        return Mark(*row) if row else Mark(0, b"")

    @contextmanager
    def _fresh(self) -> Iterator[sqlite3.Connection]:
        held = self._another()
        try:
            yield held.connection
        finally:
            held.connection.close()

    def _holds(self, db: sqlite3.Connection, mark: Mark) -> bool:
        if mark.generation == 0:
            return True
        sql = "SELECT 1 FROM change WHERE generation = ? AND token = ?"
        with mapped(self.path):
            return db.execute(sql, (mark.generation, mark.token)).fetchone() is not None

    def changed_since(self, mark: Mark) -> list[int]:
        """The numbers of the articles that were written or removed since."""
        rows = self._rows("change", "WHERE generation > ?", mark.generation)
        return sorted({row[2] for row in rows})

    # -- rows --------------------------------------------------------------------------------------------------

    def _rows(self, table: str, rest: str, *values: object) -> list[Any]:
        """Rows of a table, in the order of its COLUMNS, each proved by its sum. Raises CorpusDamaged."""
        names = self._columns[table]
        if not names:
            return []
        columns = ", ".join(f"{table}.{name}" for name in names)
        found = self._all(f"SELECT {columns}, {table}.sum FROM {table} {rest}", *values)  # noqa: S608 (our own names)
        for row in found:
            if row_sum(table, row[:-1]) != row[-1]:
                raise self._damaged(table, row[0])
        return [(*row[:-1], *(None,) * (len(COLUMNS[table]) - len(names))) for row in found]

    def _damaged(self, table: str, name: object) -> CorpusDamaged:
        what = f"the {table} row {str(name)[:60]!r}" if isinstance(name, str) else f"{table} number {name}"
        return CorpusDamaged(f"{self.path} is damaged: {what} is not what was written; {MEND}")

    def _seal(self, table: str, where: str, *values: object) -> None:
        """Give rows that were just written their sums.

        Not by a function in SQL: an interrupt that falls into one is swallowed by SQLite.
        """
        columns = COLUMNS[table]
        names = columns[:2] if table in OF_A_VERSION else columns[:1]
        rows = self._db.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}", values).fetchall()  # noqa: S608
        self._db.executemany(
            f"UPDATE {table} SET sum = ? WHERE {' AND '.join(f'{name} = ?' for name in names)}",  # noqa: S608
            [(row_sum(table, row), *row[: len(names)]) for row in rows],
        )

    def _all(self, sql: str, *values: object) -> list[Any]:
        with mapped(self.path):
            return self._db.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: object) -> Any:
        with mapped(self.path):
            return self._db.execute(sql, values).fetchone()


def pragma(db: sqlite3.Connection, name: str) -> int:
    """A number that a PRAGMA gives."""
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
def mapped(path: Path) -> Iterator[None]:
    """Turn what SQLite says into our errors, in one line that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _our_error(path, error) from error
    except UnicodeDecodeError as error:  # what SQLite says of a damaged file may quote it
        raise CorpusDamaged(f"{path} is damaged (its tables are not what was written); {MEND}") from error


def _our_error(path: Path, error: sqlite3.Error) -> GroundwireError:
    full_code = getattr(error, "sqlite_errorcode", 0)
    code = full_code & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return CannotWrite(f"{path}: the disk is full; make room and run the same command again, nothing is lost")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}:
        return CannotWrite(f"{path}: cannot be written or opened here ({error}); check its permissions and its folder")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return CorpusBusy(f"{path}: another process is writing to it; try again when it has finished")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return CorpusDamaged(
            f"{path} is damaged or not a Groundwire corpus ({error}); save what can be read with: groundwire doctor "
            "--repair, or put a backup back"
        )
    if code == sqlite3.SQLITE_IOERR and full_code != _SHORT_READ:
        return CannotWrite(f"{path}: reading or writing failed ({error}); check the disk and its free space")
    if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError) or "user-defined function" in str(error):
        return GroundwireError(f"{path}: {error}")
    # Our statements are fixed and tried: what else SQLite finds wrong with them, it finds wrong with the file.
    return CorpusDamaged(f"{path} is damaged ({error}); {MEND}")


_SHORT_READ = 522  # SQLITE_IOERR_SHORT_READ: the file is shorter than it says
