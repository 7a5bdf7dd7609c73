"""Which articles count, in the terms that every engine holds: days as integers, outlet and article numbers.

`Filters` is what a person asks for; a `Scope` is what it comes to in one corpus. The catalog makes it, and the
catalog, the lexical index and the vector index each carry it out; a test holds that they agree.
"""

from __future__ import annotations

from dataclasses import dataclass

UNDATED_FIRST = 99_999_999
"""`first_day` of an article without a date: later than any `until`."""
UNDATED_LAST = 0
"""`last_day` of an article without a date: earlier than any `since`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Days are yyyymmdd. An article counts when the days that its date may mean overlap with since..until."""

    since: int | None = None
    until: int | None = None
    undated: bool = False
    outlets: tuple[int, ...] | None = None
    articles: tuple[int, ...] | None = None
    """Catalog row numbers; None: all."""

    @property
    def dated(self) -> bool:
        """Whether it says anything of dates."""
        return self.since is not None or self.until is not None

    @property
    def everything(self) -> bool:
        """Whether every article counts."""
        return not self.dated and self.outlets is None and self.articles is None

    @property
    def nothing(self) -> bool:
        """Whether it is plain already that no article counts."""
        return self.outlets == () or self.articles == ()

    def covers(self, first_day: int, last_day: int) -> bool:
        """Whether an article that is of one of these days is in since..until."""
        if self.dated and first_day == UNDATED_FIRST:
            return self.undated
        return (self.since is None or last_day >= self.since) and (self.until is None or first_day <= self.until)
