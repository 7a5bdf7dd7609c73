"""Two files of one article: which state of it is the later, what each knows that the other does not, and whether
they are of one article at all.

Knows nothing of files or of the catalog; `rag.ingest` acts on it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rag.dates import date_range
from rag.near_copies import fingerprint, share
from rag.types import Article, Reference

_TOLD = ("title", "publisher", "authors", "published")
"""What a reader would miss: two files that differ in these are told of."""

UNRELATED = 0.05
"""Share of the shorter text's runs of words below which nothing is left of it in the other: one story keeps its names
and its quotes through every state, and two of one paper share hardly more than its formulas."""


def is_later(new: Reference, held: Reference) -> bool | None:
    """Whether the new state was updated, or else published, after the one held; None where the dates do not tell."""
    ours, theirs = (one.updated or one.published for one in (new, held))
    if ours is None or theirs is None:
        return None
    our_moment, their_moment = _moment(ours), _moment(theirs)
    if our_moment and their_moment and (our_moment.tzinfo is None) == (their_moment.tzinfo is None):
        return None if our_moment == their_moment else our_moment > their_moment
    (first, last), (their_first, their_last) = date_range(ours), date_range(theirs)
    if first > their_last:
        return True
    return False if last < their_first else None


def completed(article: Article, other: Article | Reference) -> Article:
    """The article with what it does not know and the other states. When a text was updated is told of it alone."""
    known = replace(
        article,
        title=article.title or other.title,
        publisher=article.publisher or other.publisher,
        authors=article.authors or other.authors,
        section=article.section or other.section,
        language=article.language or other.language,
        agency=article.agency or other.agency,
    )
    if known.published is None:
        known = replace(known, published=other.published, published_from=other.published_from)
    if known.updated is None and known.version == other.version:
        known = replace(known, updated=other.updated, updated_from=other.updated_from)
    return known


def conflicts(new: Reference, held: Reference) -> tuple[str, ...]:
    """The names of what both state, and state otherwise."""
    return tuple(
        name
        for name in _TOLD
        if getattr(new, name) and getattr(held, name) and getattr(new, name) != getattr(held, name)
    )


def are_two_stories(one: Article, other: Article) -> bool:
    """Whether neither titles nor texts agree, so that an address which both claim cannot be that of both.

    False where there is not enough to tell: no title, or a text as short as a notice that an article was withdrawn.
    """
    ours, theirs = fingerprint(one), fingerprint(other)
    if not (ours.title and theirs.title and ours.comparable and theirs.comparable) or ours.title == theirs.title:
        return False
    shared = (share(ours.shingles, theirs.shingles), share(theirs.shingles, ours.shingles))
    return max(shared) < UNRELATED


def _moment(written: str) -> datetime | None:
    """The moment of a date that has a time of day."""
    if "T" not in written:
        return None
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None
