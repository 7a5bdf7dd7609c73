"""How an article and a place in it are named, alike in every format: one line of plain words, cleaned for display."""

from __future__ import annotations

from collections.abc import Mapping

from rag.render.safe import one_line
from rag.types import Answer, Citation, Reference

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
    line = one_line(text)
    return f"«{line}»" if any(mark in line for mark in '“”"') else f"“{line}”"


def place(reference: Reference, start: int, end: int, *, page: int | None = None, base: str | None = None) -> str:
    """Where in the article: ``file, page 2, characters 412–598``, `end` exclusive; the file relative to `base`.

    An article that came by URL has no file; its address is shown beside this.
    """
    parts = [_file(reference, base), f"page {page}" if page is not None else "", f"characters {start}–{end}"]
    return ", ".join(part for part in parts if part)


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
