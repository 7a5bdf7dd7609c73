"""Writing articles, vectors and files: one transaction each, and one change noted for the indexes to follow."""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from rag.catalog.copies import Copies
from rag.catalog.rows import StoredFile, host, packed_sentences, vector_checksum
from rag.dates import date_range
from rag.scope import UNDATED_FIRST, UNDATED_LAST
from rag.types import Article, Passage


class Writing(Copies):
    """What changes the corpus."""

    # -- articles ----------------------------------------------------------------------------------------------

    def put(
        self, article: Article, source: bytes, passages: Sequence[Passage], vectors: Sequence[bytes] | None
    ) -> None:
        """Write the article, its passages and their vectors (None: to be made later) in one transaction.

        An article with this key is replaced: its older text stays, its older passages go.
        """
        now = _now()
        with self.transaction():
            number = self._put_article(article, now)
            self._put_text(number, article, source, self._added(number, article) or now)
            self._put_passages(number, passages, vectors)
            self._compare(number, article)
            self._note_change(number)

    def put_reference(self, article: Article, source: bytes) -> None:
        """Write down what else is known of an article whose text is in already, and the source that says it."""
        now = _now()
        with self.transaction():
            number = self._put_article(article, now)
            self._put_text(number, article, source, self._added(number, article) or now)
            self._compare(number, article)
            self._note_change(number)

    def keep_text(self, article: Article, source: bytes, added: str) -> None:
        """Keep a version of the text of an article that is in, as it was when it first came in: for old citations."""
        number = self.number_of(article.key)
        if number is not None:
            with self.transaction():
                self._put_text(number, article, source, added)

    def _added(self, number: int, article: Article) -> str | None:
        """When this text first came in: a text that comes back was read then."""
        row = self._one("SELECT added FROM text WHERE article = ? AND version = ?", number, article.version)
        return None if row is None else str(row[0])

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
            "published_from": article.published_from,
            "updated": article.updated,
            "updated_from": article.updated_from,
            "section": article.section,
            "language": article.language,
            "agency": article.agency,
            "pages": len(article.pages),
        }
        names = ", ".join(values)
        row = self._db.execute(
            f"INSERT INTO article ({names}) VALUES ({', '.join(':' + name for name in values)}) "  # noqa: S608 (our names)
            f"ON CONFLICT (key) DO UPDATE SET {', '.join(f'{name} = :{name}' for name in values)} RETURNING number",
            values,
        ).fetchone()
        self._seal("article", "number = ?", row[0])
        return int(row[0])

    def _outlet(self, article: Article) -> int:
        who = (article.publisher or "", host(article.url))
        found = self._one("SELECT number FROM outlet WHERE publisher = ? AND host = ?", *who)
        if found is not None:
            return int(found[0])
        number = self._db.execute("INSERT INTO outlet (publisher, host) VALUES (?, ?)", who).lastrowid
        self._seal("outlet", "number = ?", number)
        return int(number or 0)

    def _put_text(self, number: int, article: Article, source: bytes, added: str) -> None:
        encoding = "utf-8" if article.text.encode("utf-8") == source else None
        self._db.execute(
            "INSERT OR REPLACE INTO text (article, version, text, skipped, encoding, source, source_hash, added) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                article.version,
                zlib.compress(article.text.encode("utf-8"), 6),
                json.dumps([(span.start, span.end, span.kind) for span in article.skipped]),
                encoding,
                None if encoding else zlib.compress(source, 6),
                sha256(source).hexdigest(),
                added,
            ),
        )
        self._seal("text", "article = ? AND version = ?", number, article.version)
        self._put_pages(number, article)

    def _put_pages(self, number: int, article: Article) -> None:
        self._db.execute("DELETE FROM paging WHERE article = ? AND version = ?", (number, article.version))
        if article.pages:
            starts = json.dumps(article.pages)
            self._db.execute(
                "INSERT INTO paging (article, version, starts) VALUES (?, ?, ?)", (number, article.version, starts)
            )
            self._seal("paging", "article = ? AND version = ?", number, article.version)

    def _put_passages(self, number: int, passages: Sequence[Passage], vectors: Sequence[bytes] | None) -> None:
        self._db.execute("DELETE FROM passage WHERE article = ?", (number,))
        for position, passage in enumerate(passages):
            cursor = self._db.execute(
                "INSERT INTO passage (article, start, end, sentences) VALUES (?, ?, ?, ?)",
                (number, passage.start, passage.end, packed_sentences(passage)),
            )
            if vectors is not None:
                self._put_vector(int(cursor.lastrowid or 0), vectors[position])
        self._seal("passage", "article = ?", number)
        self._db.execute(
            "UPDATE article SET passages = ?, embedded = ? WHERE number = ?",
            (len(passages), int(vectors is not None), number),
        )
        self._seal("article", "number = ?", number)

    def _put_vector(self, passage: int, vector: bytes) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO vector (passage, vector, sum) VALUES (?, ?, ?)",
            (passage, vector, vector_checksum(passage, vector)),
        )

    def put_vectors(self, article: int, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Write the vectors (passage number, vector) of all passages of an article that had none."""
        with self.transaction():
            for passage, vector in vectors:
                self._put_vector(passage, vector)
            self._db.execute("UPDATE article SET embedded = (passages = ?) WHERE number = ?", (len(vectors), article))
            self._seal("article", "number = ?", article)
            self._note_change(article)

    def remove(self, number: int) -> None:
        """Take an article out, with every version of its text; its file counts as new from now on."""
        with self.transaction():
            row = self._db.execute("SELECT path FROM article WHERE number = ?", (number,)).fetchone()
            if row is None:
                return
            self._leave(number)
            self._db.execute("DELETE FROM article WHERE number = ?", (number,))
            self._forget_file(row[0])
            self._note_change(number)

    def _forget_file(self, path: str | None) -> None:
        """A file that lost an article counts as new; without any, it is not known any more."""
        self._db.execute("UPDATE file SET sha256 = NULL WHERE path = ?", (path,))
        self._db.execute(
            "DELETE FROM file WHERE path = ? AND NOT EXISTS (SELECT 1 FROM article WHERE path = ?)", (path, path)
        )
        self._seal("file", "path = ?", path)

    def _note_change(self, article: int) -> None:
        cursor = self._db.execute(
            "INSERT INTO change (token, article) VALUES (?, ?)", (secrets.token_bytes(8), article)
        )
        self._seal("change", "generation = ?", cursor.lastrowid)

    # -- files -------------------------------------------------------------------------------------------------

    def put_file(self, file: StoredFile) -> None:
        """Write down how far a file is; a file of the same name that lay elsewhere has moved."""
        with self.transaction():
            self._put_file(file)

    def _put_file(self, file: StoredFile) -> None:
        self._db.execute("DELETE FROM file WHERE path = ? OR key_path = ?", (file.path, file.key_path))
        self._db.execute(
            "INSERT INTO file (path, key_path, sha256, reader, articles) VALUES (?, ?, ?, ?, ?)",
            (file.path, file.key_path, file.sha256, file.reader, file.articles),
        )
        self._seal("file", "path = ?", file.path)

    def move_file(self, file: StoredFile, path: str) -> None:
        """The file lies at `path` now: its articles keep their keys and ids."""
        with self.transaction():
            self._put_file(StoredFile(path, file.key_path, file.sha256, file.reader, file.articles))
            for number in self.numbers_from(file.path):
                self._db.execute("UPDATE article SET path = ?, changed = ? WHERE number = ?", (path, _now(), number))
                self._seal("article", "number = ?", number)
                self._note_change(number)
            self._db.execute("DELETE FROM file WHERE path = ?", (file.path,))

    def drop_file(self, path: str) -> None:
        """Forget a file that no article came from."""
        with self.transaction():
            self._forget_file(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
