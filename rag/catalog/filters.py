"""Filters as SQL, and what a person's filters come to in one corpus."""

from __future__ import annotations

import json

from rag.scope import Scope


def where(scope: Scope) -> tuple[str, tuple[object, ...]]:
    """The scope as a condition over `article`, and its values."""
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


def same_outlet(wanted: str, publisher: str, site: str) -> bool:
    """Whether a publisher is meant by its name or its host, without regard to case."""

    def plain(name: str) -> str:
        return " ".join(name.casefold().split()).removeprefix("the ")

    return plain(wanted) == plain(publisher) or (bool(site) and wanted.casefold().removeprefix("www.") == site)
