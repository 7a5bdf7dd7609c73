"""What a cluster of near copies tells a reader: how many outlets have the text, and where it is likely from.

Pure: references in, `NearCopies` out. Who credits an agency had it from there; else who had it first; where the dates
do not tell, nobody does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

from rag.dates import date_range
from rag.types import NearCopies, Origin, Reference


def near_copies(article: Reference, cluster: Sequence[Reference], differing: Iterable[Reference] = ()) -> NearCopies:
    """What the cluster, the article in it, comes to for a reader of the article, and who has the text otherwise."""
    others = by_date(one for one in cluster if one.id != article.id)
    names = _outlets(cluster)
    agency = _agency(cluster)
    return NearCopies(
        others=others,
        outlets=len({name for name in names.values() if name}),
        origin=agency or _first(cluster, names),
        credited=agency is not None,
        differing=by_date(differing),
    )


def by_date(articles: Iterable[Reference]) -> tuple[Reference, ...]:
    """The articles by date, the undated last."""
    return tuple(sorted(articles, key=_by_date))


def outlet(reference: Reference) -> str:
    """The outlet as it is named: the publisher, else the host of the address; "" where neither is known."""
    return " ".join((reference.publisher or "").split()) or _host(reference)


def _outlets(cluster: Sequence[Reference]) -> Mapping[str, str]:
    """By article id, what tells outlets apart: a publisher names all that comes from a host where it is stated."""
    publishers = {_host(one): outlet(one) for one in cluster if one.publisher and _host(one)}
    return {one.id: _plain(one.publisher or publishers.get(_host(one), _host(one))) for one in cluster}


def _plain(name: str) -> str:
    return " ".join(name.casefold().split()).removeprefix("the ")


def _host(reference: Reference) -> str:
    with suppress(ValueError):
        return (urlsplit(reference.url or "").hostname or "").removeprefix("www.")
    return ""


def _agency(cluster: Sequence[Reference]) -> str | None:
    """The agency that most of those who credit one credit; of two alike the one that comes first by name."""
    credits = Counter(one.agency for one in cluster if one.agency)
    return min(credits, key=lambda name: (-credits[name], name)) if credits else None


def _first(cluster: Sequence[Reference], names: Mapping[str, str]) -> str | None:
    """The outlet that had it before all others, by day, and within a day by the hour where all say it."""
    # When a file was made is not when its article came out.
    stated = (one for one in cluster if one.published and one.published_from is not Origin.PROPERTIES)
    dated = sorted(stated, key=_by_date)
    if len(dated) < len(cluster):
        return None
    first = dated[0]
    rivals = [one for one in dated[1:] if names[one.id] != names[first.id]]
    return (outlet(first) or None) if all(_is_before(first, one) for one in rivals) else None


def _is_before(one: Reference, other: Reference) -> bool:
    """Whether it surely came out earlier."""
    mine, theirs = _moment(one), _moment(other)
    if mine is not None and theirs is not None:
        return mine < theirs
    return date_range(one.published or "")[1] < date_range(other.published or "")[0]


def _moment(reference: Reference) -> datetime | None:
    """The very time, where it is told with its offset from UTC."""
    published = reference.published or ""
    if "T" not in published:
        return None
    with suppress(ValueError):
        read = datetime.fromisoformat(published)
        return read if read.tzinfo is not None else None
    return None


def _by_date(reference: Reference) -> tuple[bool, int, float, str]:
    if not reference.published:
        return True, 0, 0.0, reference.key
    moment = _moment(reference)
    with suppress(OverflowError, OSError):
        return False, date_range(reference.published)[0], moment.timestamp() if moment else 0.0, reference.key
    return False, date_range(reference.published)[0], 0.0, reference.key
