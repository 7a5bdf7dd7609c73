"""Reading articles, texts, passages, vectors and files; each row is proved as it is read."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from zlib import crc32

from rag.catalog.database import MEND, Database, mapped
from rag.catalog.filters import where
from rag.catalog.rows import (
    Counts,
    Place,
    StoredFile,
    StoredPassage,
    StoredVersion,
    place,
    reference,
    stored_passage,
)
from rag.errors import CorpusDamaged, NotFound
from rag.scope import Scope
from rag.types import Article, Reference, SkipKind, SkippedSpan


class Reading(Database):
    """What is in the corpus."""

    # -- articles ----------------------------------------------------------------------------------------------

    def counts(self) -> Counts:
        """How much the corpus holds."""
        with self.snapshot():
            return Counts(
                articles=self._count("article"),
                passages=self._count("passage"),
                # Counting the rows themselves would read every vector.
                vectors=int(self._one("SELECT total(passages * embedded) FROM article")[0]),
                undated=self._count("article WHERE published IS NULL"),
                first=self._earliest("first_day", "ASC"),
                last=self._earliest("last_day", "DESC"),
            )

    def _earliest(self, column: str, order: str) -> str | None:
        rows = self._rows("article", f"WHERE published IS NOT NULL ORDER BY {column} {order} LIMIT 1")
        return reference(rows[0]).published if rows else None

    def _count(self, table: str) -> int:
        return int(self._all(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 (our own names)

    def numbers(self, name: str) -> list[int]:
        """The articles that go by `name`: a key, an id, a URL, a path; else a beginning of an id (4 digits or more)."""
        # A key may look like the id of another article: then both are meant.
        for condition in ("? IN (key, id)", "url = ?", "path = ?"):
            rows = self._all(f"SELECT number FROM article WHERE {condition} ORDER BY number", name)  # noqa: S608
            if rows:
                return [row[0] for row in rows]
        if len(name) < 4 or set(name) - set("0123456789abcdef"):
            return []
        rows = self._all("SELECT number FROM article WHERE id >= ? AND id < ?", name, name + "g")
        return [row[0] for row in rows]

    def number_with_id(self, id: str) -> int | None:
        """The number of the article with this id, whatever keys look like."""
        row = self._one("SELECT number FROM article WHERE id = ?", id)
        return row[0] if row else None

    def number_of(self, key: str) -> int | None:
        """The number of the article with this key."""
        row = self._one("SELECT number FROM article WHERE key = ?", key)
        return row[0] if row else None

    def numbers_under(self, folder: str) -> list[int]:
        """The articles whose files lie, or lay, under the folder, given by its absolute path."""
        first = folder.rstrip("/") + "/"
        # "0" is the character after "/".
        sql = "SELECT number FROM article WHERE path >= ? AND path < ? ORDER BY path, number"
        return [row[0] for row in self._all(sql, first, first[:-1] + "0")]

    def references(self, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, Reference]]:
        """Articles by number, in order of their numbers; None: all, by date and key, the undated last."""
        if numbers is None:
            for row in self._rows("article", "ORDER BY first_day, key"):
                yield row[0], reference(row)
            return
        for one in self.places(list(numbers)):
            yield one.number, one.reference

    def present(self, numbers: Iterable[int]) -> dict[int, Reference]:
        """The articles of passages that are there. Raises CorpusDamaged where one is missing."""
        wanted = set(numbers)
        found = dict(self.references(wanted))
        for number in wanted - set(found):
            raise self._damaged("article", number)
        return found

    def all_numbers(self) -> list[int]:
        """The number of every article, ascending."""
        return [row[0] for row in self._all("SELECT number FROM article ORDER BY number")]

    def places(self, numbers: Sequence[int]) -> Iterator[Place]:
        """What the indexes' filters go by, for each of the articles that is there."""
        for some in chunks(sorted(set(numbers))):
            for row in self._rows("article", f"WHERE number IN ({marks(some)}) ORDER BY number", *some):
                yield place(row)

    def article(self, number: int) -> Article:
        """An article in its present version, whole."""
        with self.snapshot():
            for _, found in self.references([number]):
                text = self.text(number, found.version)
                if text is None:
                    break
                return Article(
                    key=found.key,
                    text=text,
                    title=found.title,
                    publisher=found.publisher,
                    authors=found.authors,
                    published=found.published,
                    url=found.url,
                    path=found.path,
                    skipped=self.skipped(number, found.version),
                    published_from=found.published_from,
                    updated=found.updated,
                    updated_from=found.updated_from,
                    section=found.section,
                    language=found.language,
                    agency=found.agency,
                    pages=self.present_pages(number, found.version),
                )
        raise NotFound(f"there is no article number {number}")

    # -- texts -------------------------------------------------------------------------------------------------

    def text(self, number: int, version: str) -> str | None:
        """One version of an article's text; None where it is not held. Raises CorpusDamaged for a changed one."""
        row = self._one("SELECT text FROM text WHERE article = ? AND version = ?", number, version)
        if row is None:
            return None
        try:
            written = zlib.decompress(row[0])
        except (zlib.error, TypeError):
            written = b""
        if sha256(written).hexdigest() != version:
            raise CorpusDamaged(f"{self.path} is damaged: the text of article number {number} is; {MEND}")
        return written.decode("utf-8")

    def present_text(self, number: int, version: str) -> str:
        """The text of the version that the article has. Raises CorpusDamaged where it is missing or changed."""
        text = self.text(number, version)
        if text is None:
            raise CorpusDamaged(f"{self.path} is damaged: the text of article number {number} is missing; {MEND}")
        return text

    def skipped(self, number: int, version: str) -> tuple[SkippedSpan, ...]:
        """The spans of one version of an article that are not its body. Raises CorpusDamaged for what is no span."""
        for row in self._rows("text", "WHERE article = ? AND version = ?", number, version):
            try:
                return tuple(SkippedSpan(start, end, SkipKind(kind)) for start, end, kind in json.loads(row[2]))
            except (TypeError, ValueError):
                raise self._damaged("article", number) from None
        return ()

    def pages(self, number: int, version: str) -> tuple[int, ...]:
        """Where the pages of one version of an article begin; () where it has none."""
        for row in self._rows("paging", "WHERE article = ? AND version = ?", number, version):
            return tuple(json.loads(row[2]))
        return ()

    def present_pages(self, number: int, version: str) -> tuple[int, ...]:
        """The same of the version that the article has. Raises CorpusDamaged where they are missing."""
        said = next((row[22] for row in self._rows("article", "WHERE number = ?", number)), 0)
        found = self.pages(number, version) if said else ()
        if len(found) != (said or 0):
            raise self._damaged("article", number)
        return found

    def versions(self, number: int) -> list[str]:
        """The versions of an article's text that are held, oldest first."""
        return [one.version for one in self.dated_versions(number)]

    def dated_versions(self, number: int) -> list[StoredVersion]:
        """The same, each with when it came in."""
        rows = self._rows("text", "WHERE article = ? ORDER BY added", number)
        return [StoredVersion(row[1], row[5]) for row in rows]

    # -- passages and vectors ----------------------------------------------------------------------------------

    def passages(self, numbers: Iterable[int]) -> dict[int, StoredPassage]:
        """Passages by number; those that are gone are left out."""
        found: dict[int, StoredPassage] = {}
        for some in chunks(list(numbers)):
            for row in self._rows("passage", f"WHERE number IN ({marks(some)})", *some):
                found[row[0]] = stored_passage(row)
        return found

    def passages_of(self, article: int) -> list[StoredPassage]:
        """The passages of an article, in reading order. Raises CorpusDamaged where one is missing."""
        found = self._rows("passage", "WHERE article = ? ORDER BY start", article)
        said = self._one("SELECT passages FROM article WHERE number = ?", article)
        if len(found) != (said[0] if said else 0):
            raise self._damaged("article", article)
        return [stored_passage(row) for row in found]

    def passages_without_vector(self) -> list[int]:
        """The articles that have passages without a vector."""
        return [row[0] for row in self._all("SELECT number FROM article WHERE embedded = 0 ORDER BY number")]

    def vectors_of(self, article: int) -> list[tuple[int, bytes]]:
        """(passage number, vector) of an article's passages. Raises CorpusDamaged where one is missing."""
        rows = self._rows("vector", "JOIN passage ON passage.number = vector.passage WHERE article = ?", article)
        said = self._one("SELECT passages * embedded FROM article WHERE number = ?", article)
        if len(rows) != (said[0] if said else 0):
            raise self._damaged("article", article)
        return [(number, vector) for number, vector in rows]

    def vectors(self, scope: Scope, batch: int = 4096) -> Iterator[list[tuple[int, bytes]]]:
        """(passage number, vector) of every passage in scope, in batches, so that memory stays flat.

        Raises CorpusDamaged where one is changed, missing or there twice.
        """
        condition, values = where(scope)
        if scope.everything:
            sql = "SELECT passage, vector, sum FROM vector ORDER BY passage"
        else:
            self._prove_articles(scope)
            sql = (
                "SELECT passage.number, vector, vector.sum FROM article JOIN passage ON passage.article = "  # noqa: S608
                f"article.number JOIN vector ON vector.passage = passage.number WHERE {condition}"
            )
        with self.snapshot(), mapped(self.path):
            due = self._db.execute(f"SELECT total(passages * embedded) FROM article WHERE {condition}", values)  # noqa: S608
            missing = int(due.fetchone()[0])
            cursor = self._db.execute(sql, values)
            while rows := cursor.fetchmany(batch):
                proved = self._proved(rows)
                missing -= len(proved)
                yield list(proved.items())
        if missing:
            raise CorpusDamaged(f"{self.path} is damaged: it has lost vectors or has some twice; {MEND}")

    def _prove_articles(self, scope: Scope) -> None:
        """Read the rows that decide what is in scope: all of them, where the scope names no articles."""
        if scope.articles is None:
            self._rows("article", "")
        else:
            list(self.places(scope.articles))

    def _proved(self, rows: Sequence[tuple[int, bytes, int]]) -> dict[int, bytes]:
        """The vectors of these rows; this is read for every passage of a corpus, so it is written to be fast."""
        try:
            proved = {number: vector for number, vector, said in rows if crc32(vector, number & 0xFFFFFFFF) == said}
        except TypeError:
            proved = {}
        if len(proved) < len(rows):
            wrong = next((number for number, _, _ in rows if number not in proved), "twice")
            raise self._damaged("vector", wrong)
        return proved

    # -- files -------------------------------------------------------------------------------------------------

    def file(self, path: str) -> StoredFile | None:
        """A file that was added, by its absolute path."""
        return next((StoredFile(*row) for row in self._rows("file", "WHERE path = ?", path)), None)

    def file_of_key(self, key_path: str) -> StoredFile | None:
        """The file whose articles go by this name."""
        return next((StoredFile(*row) for row in self._rows("file", "WHERE key_path = ?", key_path)), None)

    def files_under(self, folder: str) -> list[StoredFile]:
        """The files that lie, or lay, under the folder, given by its absolute path."""
        first = folder.rstrip("/") + "/"
        rows = self._rows("file", "WHERE path >= ? AND path < ? ORDER BY path", first, first[:-1] + "0")
        return [StoredFile(*row) for row in rows]

    def numbers_from(self, path: str) -> list[int]:
        """The articles that came from the file, given by its absolute path."""
        return [row[0] for row in self._all("SELECT number FROM article WHERE path = ? ORDER BY number", path)]


def chunks(numbers: list[int], size: int = 500) -> Iterator[list[int]]:
    """The numbers in lists that SQLite takes as parameters."""
    for first in range(0, len(numbers), size):
        yield numbers[first : first + size]


def marks(values: Sequence[object]) -> str:
    """As many question marks."""
    return ",".join("?" * len(values))
