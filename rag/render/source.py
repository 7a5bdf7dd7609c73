"""How an article and a place in it are named, alike in every format: one line of plain words, cleaned for display."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from rag.dates import in_words
from rag.render.safe import cut, one_line
from rag.types import Answer, Citation, Coverage, NearCopies, Reference

NEAREST = 3
"""Passages shown with a refusal."""


def byline(reference: Reference) -> str:
    """``publisher · title · date``. What is not known is said: whether a source has a date is part of its worth."""
    return f"{_publisher(reference)} · {one_line(reference.title or '') or 'untitled'} · {_date(reference)}"


def who(reference: Reference, speaker: str | None) -> str:
    """Who says it, where and when: ``speaker (publisher, date)``; the article's own voice is ``publisher, date``."""
    said = one_line(speaker or "")
    where = f"{_publisher(reference)}, {_date(reference)}"
    return f"{said} ({where})" if said else where


def quoted(text: str) -> str:
    """The words on one line between quotation marks, other ones than their own."""
    opening, closing = quotation_marks(text)
    return f"{opening}{one_line(text)}{closing}"


def quotation_marks(text: str) -> tuple[str, str]:
    """Such as the words do not hold themselves."""
    return ("«", "»") if any(mark in text for mark in '“”"') else ("“", "”")


def covered(coverage: Coverage) -> list[str]:
    """Of when the articles are that did not answer, in a sentence each: their dates, and what the question asks of."""
    dated, undated = coverage.articles - coverage.undated, coverage.undated
    told = []
    if coverage.first is not None and coverage.last is not None:
        first, last = _day(coverage.first), _day(coverage.last)
        which = "The article asked is" if dated == 1 else "The articles asked are"
        others = f"; {undated:,} {'is' if undated == 1 else 'are'} undated" if undated else ""
        told.append(f"{which} dated {first}{f' to {last}' if last != first else ''}{others}.")
    elif coverage.articles:
        told.append("No article asked is dated.")
    if coverage.missing and coverage.first is not None:
        named = " and ".join(map(_day, coverage.missing))
        told.append(f"The question names {named}: no article asked is dated then.")
    return told


UNDER = 0.005
"""A probability below it would be shown as nought."""


def chance(confidence: float | None, *, answered: bool) -> str:
    """How sure the reader is, in words; empty where it does not say."""
    if confidence is None:
        return ""
    whose = "Probability" if answered else "The best candidate’s probability"
    return f"{whose} of being right: {'under 1%' if confidence < UNDER else f'{confidence:.0%}'}"


def _day(published: str) -> str:
    return one_line(in_words(published))


def place(reference: Reference, start: int, end: int, *, page: int | None = None, base: str | None = None) -> str:
    """Where in the article: ``file, page 2, characters 412–598``, `end` exclusive; the file relative to `base`.

    An article that came by URL has no file; its address is shown beside this.
    """
    parts = [_file(reference, base), f"page {page}" if page is not None else "", f"characters {start}–{end}"]
    return ", ".join(part for part in parts if part)


MOST_NAMED = 4
"""Outlets that are named of those that have nearly the same text."""


def also_in(copies: NearCopies) -> str:
    """``also in: The Gazette, The Tribune; 3 outlets, 1 origin (Reuters)``: who else has the text, each once; and
    ``differs in: The Courier``, who has another number, name or negation there."""
    also = f"also in: {_names(copies.others)}; {independence(copies)}" if copies.others else ""
    differs = f"differs in: {_names(copies.differing)}" if copies.differing else ""
    return "; ".join(part for part in (also, differs) if part)


def _names(those: Sequence[Reference]) -> str:
    named = list(dict.fromkeys(_named(one) for one in those))
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"{', '.join(named[:MOST_NAMED])}{more}"


def independence(copies: NearCopies) -> str:
    """``4 outlets, 1 origin (Reuters)``: how many sources it looks like, and how many it is."""
    many, articles = copies.outlets, len(copies.others) + 1
    sources = f"{many} outlets" if many > 1 else f"{articles} articles of 1 outlet" if many else f"{articles} articles"
    origin = one_line(copies.origin or "")
    if not origin:
        return f"{sources}, 1 origin (unknown)"
    return f"{sources}, 1 origin ({origin}{'' if copies.credited or many < 2 else ', the earliest'})"


def _named(reference: Reference) -> str:
    """The outlet, else the title, else the file: what a reader knows an article by."""
    for name in (reference.publisher, _host(reference.url), reference.title, reference.key):
        if shown := cut(name or "", 60):
            return shown
    return "untitled"


def by_number(answer: Answer) -> Mapping[int, Citation]:
    """The citations by their numbers."""
    return {citation.number: citation for citation in answer.citations}


def _publisher(reference: Reference) -> str:
    return one_line(reference.publisher or "") or "publisher unknown"


def _date(reference: Reference) -> str:
    return one_line(reference.published or "") or "undated"


def _file(reference: Reference, base: str | None) -> str:
    if reference.path is None:
        return "" if reference.url else one_line(reference.key)
    folder = (base or "").rstrip("/\\")
    inside = folder and reference.path.startswith((f"{folder}/", f"{folder}\\"))
    return one_line(reference.path[len(folder) + 1 :] if inside else reference.path)


def _host(url: str | None) -> str:
    with suppress(ValueError):
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    return ""
