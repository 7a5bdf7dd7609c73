"""What a person's filters come to in this corpus."""

from __future__ import annotations

from collections.abc import Sequence

from rag.catalog.filters import same_outlet, where
from rag.catalog.reading import Reading
from rag.catalog.rows import reference
from rag.dates import date_range
from rag.errors import UsageError
from rag.scope import Scope
from rag.types import Coverage, Filters


class Scoping(Reading):
    """Filters."""

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
        known = self._rows("outlet", "WHERE number IN (SELECT outlet FROM article)")
        found: set[int] = set()
        for wanted in publishers:
            matching = {number for number, name, site in known if same_outlet(wanted, name, site)}
            if not matching:
                names = sorted({name or site for _, name, site in known} - {""})
                listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
                raise UsageError(f"no article is by publisher {wanted!r}; publishers here: {listed or 'none is known'}")
            found |= matching
        return tuple(sorted(found))

    def _named(self, ids: Sequence[str]) -> tuple[int, ...]:
        return tuple(sorted({number for one in ids if (number := self.number_with_id(one)) is not None}))

    def undated_left_out(self, scope: Scope) -> int:
        """How many articles are out of scope only because they have no date."""
        if not scope.dated or scope.undated:
            return 0
        condition, values = where(Scope(outlets=scope.outlets, articles=scope.articles))
        return self._count_where(f"published IS NULL AND {condition}", values)

    def articles_in(self, scope: Scope) -> int:
        """How many articles are in scope."""
        return self._count_where(*where(scope))

    def coverage(self, scope: Scope, times: Sequence[str] = ()) -> Coverage:
        """Of when the articles in scope are, and in which of these times, ISO 8601, none of them is dated."""
        # An undated article begins after every day and ends before it: it is first and last only among undated ones.
        condition, values = where(scope)
        with self.snapshot():
            return Coverage(
                articles=self._count_where(condition, values),
                undated=self._count_where(f"published IS NULL AND {condition}", values),
                first=self._day(f"WHERE {condition} ORDER BY first_day LIMIT 1", values),
                last=self._day(f"WHERE {condition} ORDER BY last_day DESC LIMIT 1", values),
                missing=tuple(time for time in times if not self._count_where(*_within(condition, values, time))),
            )

    def _day(self, rest: str, values: Sequence[object]) -> str | None:
        rows = self._rows("article", rest, *values)
        published = reference(rows[0]).published if rows else None
        return None if published is None else published.partition("T")[0]

    def _count_where(self, condition: str, values: Sequence[object]) -> int:
        return int(self._all(f"SELECT count(*) FROM article WHERE {condition}", *values)[0][0])  # noqa: S608


def _within(condition: str, values: Sequence[object], time: str) -> tuple[str, tuple[object, ...]]:
    """The condition, and that the article's date may fall in this time."""
    first, last = date_range(time)
    return f"{condition} AND article.last_day >= ? AND article.first_day <= ?", (*values, first, last)
