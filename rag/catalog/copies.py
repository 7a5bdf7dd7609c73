"""Near copies: which articles are in one cluster. Brought up to date in the transaction that writes an article.

What is near is said by `rag.near_copies`, from two articles alone; a cluster is a connected component of that. So no
order of adding, changing and removing gives other clusters. Each is named by its lowest article number.
"""

from __future__ import annotations

import struct
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.catalog.reading import Reading, chunks, marks
from rag.types import Article

if TYPE_CHECKING:
    from rag.near_copies import Compared, Fingerprint

REMEMBERED = 256
"""Fingerprints that are kept in memory, some 10 kB each: the candidates of one article are often those of the next."""

AT_ONCE = 50
"""Articles of an older corpus that are compared in one transaction."""


class Copies(Reading):
    """Clusters of near copies."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        super().__init__(path, migrations)
        self._known_fingerprints: OrderedDict[bytes, Fingerprint] = OrderedDict()

    # -- asking ------------------------------------------------------------------------------------------------

    def near_copies(self, numbers: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """Of those of the articles that have near copies, all in their clusters, themselves among them, ascending.

        Raises CorpusDamaged where a cluster lacks what it is named by.
        """
        clusters = {row[0]: row[3] for row in self._sketches(numbers) if row[3] is not None}
        members: dict[int, list[int]] = {}
        for some in chunks(sorted(set(clusters.values()))):
            for row in self._rows("sketch", f"WHERE cluster IN ({marks(some)}) ORDER BY article", *some):
                members.setdefault(row[3], []).append(row[0])
        for number, cluster in clusters.items():
            if not {number, cluster} <= set(members.get(cluster, ())):
                raise self._damaged("sketch", number)
        return {number: tuple(members[cluster]) for number, cluster in clusters.items()}

    def clusters(self) -> Iterator[tuple[int, ...]]:
        """Every cluster of near copies, each ascending."""
        found: dict[int, list[int]] = {}
        for row in self._rows("sketch", "WHERE cluster IS NOT NULL ORDER BY cluster, article"):
            found.setdefault(row[3], []).append(row[0])
        return map(tuple, found.values())

    def not_compared(self) -> int:
        """How many articles wait to be compared, as all do in a corpus of an older format."""
        return self._count("article") - self._count("sketch")

    def copies_faults(self) -> Iterator[str]:
        """Where the clusters are not what the articles' texts make them; nothing is said of what waits."""
        if self.meta("near_copies") != _recipe():
            return
        buckets, wrong = 0, set[int]()
        lowest: dict[int, int] = {}
        for number in [row[0] for row in self._all("SELECT article FROM sketch ORDER BY article")]:
            (row,) = self._sketches([number])
            numbered = _numbered(_unpacked(row[2]))
            buckets += len(numbered)
            held = self._count_in(numbered, number)
            if held < len(numbered):
                wrong.add(number)
            self._link(row, lowest)
        if wrong or buckets != self._count("bucket"):
            yield "the table by which near copies are found is not what was written"
        sizes = Counter(_root(lowest, number) for number in lowest)
        for row in self._rows("sketch", "ORDER BY article"):
            root = _root(lowest, row[0])
            if row[3] != (root if sizes[root] > 1 else None):
                yield f"article {row[0]}: it is not in the cluster of its near copies"

    def _link(self, row: Sequence[Any], lowest: dict[int, int]) -> None:
        """Join an article with those before it that are like it; `lowest` leads to the lowest of its group."""
        number = row[0]
        lowest[number] = number
        mine = self._compared(row)
        for other in self._candidates(number, mine.buckets):
            roots = {_root(lowest, other[0]), _root(lowest, number)} if other[0] < number else set[int]()
            if len(roots) > 1 and mine.is_like(self._compared(other)):
                lowest[max(roots)] = min(roots)

    def _count_in(self, numbered: Sequence[int], article: int) -> int:
        """In how many of the buckets the article is."""
        sql = f"SELECT count(*) FROM bucket WHERE bucket IN ({marks(numbered)}) AND article = ?"  # noqa: S608
        return int(self._one(sql, *numbered, article)[0])

    # -- keeping -----------------------------------------------------------------------------------------------

    def compare_waiting(self, go_on: Callable[[], bool], progress: Callable[[int, int], None] | None = None) -> int:
        """Compare the articles that wait for it while `go_on` says so; gives how many still do."""
        self.use_recipe()
        due = [
            row[0] for row in self._all("SELECT number FROM article WHERE number NOT IN (SELECT article FROM sketch)")
        ]
        done = 0
        for some in chunks(due, AT_ONCE):
            if not go_on():
                break
            with self.transaction():
                for number in some:
                    self._compare(number, self.article(number))
            done += len(some)
            if progress is not None:
                progress(done, len(due))
        return len(due) - done

    def use_recipe(self) -> None:
        """Forget what was made by another recipe: it cannot be compared with what is made now."""
        if self.meta("near_copies") != _recipe():
            self.forget_copies()

    def forget_copies(self) -> None:
        """Begin anew: no article is compared yet."""
        with self.transaction():
            self._forget_copies()

    def _forget_copies(self) -> None:
        self._db.execute("DELETE FROM bucket")
        self._db.execute("DELETE FROM sketch")
        self._set("near_copies", _recipe())

    def _compare(self, number: int, article: Article) -> None:
        """Give an article that was just written its place among the others."""
        from rag import near_copies

        if self.meta("near_copies") != _recipe():
            self._forget_copies()
        made = near_copies.fingerprint(article)
        digest = made.digest if made.comparable else None
        before = next(iter(self._sketches([number])), None)
        if before is not None and digest is not None and before[1] == digest:
            return
        if before is not None:
            self._leave(number)
        buckets = made.buckets()
        self._db.execute(
            "INSERT INTO sketch (article, digest, buckets) VALUES (?, ?, ?)", (number, digest, _packed(buckets))
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO bucket (bucket, article) VALUES (?, ?)",
            [(one, number) for one in _numbered(buckets)],
        )
        self._seal("sketch", "article = ?", number)
        if digest is not None:
            self._remember(digest, made)
            self._join(number, near_copies.Compared(digest, buckets, lambda: made))

    def _join(self, number: int, mine: Compared) -> None:
        """Make one cluster of the article and of all that are like it."""
        like = {number}
        for row in self._candidates(number, mine.buckets):
            name = row[3] or row[0]
            # One of a cluster is enough.
            if name not in like and mine.is_like(self._compared(row)):
                like.add(name)
        if len(like) > 1:
            self._name_cluster(self._in_any(like), min(like))

    def _candidates(self, number: int, buckets: Sequence[int]) -> list[Sequence[Any]]:
        """The rows of those that share enough buckets, the most first."""
        from rag.near_copies import SHARED

        numbered = _numbered(buckets)
        sql = (
            f"SELECT article, count(*) AS bands FROM bucket WHERE bucket IN ({marks(numbered)}) AND article <> ? "  # noqa: S608
            "GROUP BY article HAVING bands >= ?"
        )
        bands = dict(self._all(sql, *numbered, number, SHARED))
        return sorted(self._sketches(bands), key=lambda row: (-bands[row[0]], row[0]))

    def _leave(self, number: int) -> None:
        """Take an article out of its cluster, which may fall apart."""
        from rag import near_copies

        for _, digest, packed, cluster in self._sketches([number]):
            for bucket in _numbered(_unpacked(packed)):
                self._db.execute("DELETE FROM bucket WHERE bucket = ? AND article = ?", (bucket, number))
            self._db.execute("DELETE FROM sketch WHERE article = ?", (number,))
            if cluster is None:
                return
            left = {row[0]: self._compared(row) for row in self._rows("sketch", "WHERE cluster = ?", cluster)}
            twin = any(one.digest == digest for one in left.values())
            for group in [sorted(left)] if twin else near_copies.groups(left):
                self._name_cluster(group, group[0] if len(group) > 1 else None)

    def _in_any(self, names: set[int]) -> list[int]:
        """The articles that are named, or are in a cluster so named."""
        found = set(names)
        for some in chunks(sorted(names)):
            sql = f"SELECT article FROM sketch WHERE cluster IN ({marks(some)})"  # noqa: S608 (our own marks)
            found.update(row[0] for row in self._all(sql, *some))
        return sorted(found)

    def _name_cluster(self, members: Sequence[int], name: int | None) -> None:
        for row in self._sketches(members):
            if row[3] != name:
                self._db.execute("UPDATE sketch SET cluster = ? WHERE article = ?", (name, row[0]))
                self._seal("sketch", "article = ?", row[0])

    # -- rows --------------------------------------------------------------------------------------------------

    def _sketches(self, numbers: Iterable[int]) -> list[Sequence[Any]]:
        found: list[Sequence[Any]] = []
        for some in chunks(sorted(set(numbers))):
            found.extend(self._rows("sketch", f"WHERE article IN ({marks(some)})", *some))
        return found

    def _compared(self, row: Sequence[Any]) -> Compared:
        from rag.near_copies import Compared

        number, digest, packed = row[:3]
        return Compared(digest, _unpacked(packed), lambda: self._fingerprint(number, digest))

    def _fingerprint(self, number: int, digest: bytes) -> Fingerprint:
        """Made of the article again, unless that was done lately."""
        from rag import near_copies

        known = self._known_fingerprints.pop(digest, None) or near_copies.fingerprint(self.article(number))
        self._remember(digest, known)
        return known

    def _remember(self, digest: bytes, made: Fingerprint) -> None:
        self._known_fingerprints[digest] = made
        if len(self._known_fingerprints) > REMEMBERED:
            self._known_fingerprints.popitem(last=False)


def _root(lowest: dict[int, int], number: int) -> int:
    while lowest[number] != number:
        lowest[number] = number = lowest[lowest[number]]
    return number


def _recipe() -> str:
    from rag.near_copies import recipe

    return recipe()


def _packed(buckets: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(buckets)}I", *buckets)


def _unpacked(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 4}I", packed)


def _numbered(buckets: Sequence[int]) -> list[int]:
    """Each with its band, so that only what agrees in the same band meets."""
    return [band << 32 | bucket for band, bucket in enumerate(buckets)]
