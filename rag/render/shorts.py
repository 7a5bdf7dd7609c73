"""The short answer in its quote: the quote in three pieces, each on one line and cleaned for display."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.render.safe import printable
from rag.types import Answer

_SPACE = re.compile(r"\s+")

Range = tuple[int, int]
"""Code points of a quote."""


def in_quotes(answer: Answer) -> Mapping[int, Range]:
    """By citation number, where in its quote the words stand that answer."""
    starts = {one.number: one.start for one in answer.citations}
    given = (*(one.short_answer for one in answer.statements), answer.short_answer)
    return {
        one.citation: (one.start - starts[one.citation], one.end - starts[one.citation])
        for one in given
        if one is not None and one.citation in starts
    }


def pieces(quote: str, short: Range | None) -> tuple[str, str, str]:
    """What stands before the short answer, it, and what stands after it. All stands before it where there is none,
    where it does not lie in the quote, and where it is all of the quote. Joined they are the quote on one line."""
    start, end = short or (0, 0)
    if not (0 <= start < end <= len(quote) and end - start < len(quote)):
        start = end = len(quote)
    before, words, after = (_SPACE.sub(" ", printable(one)) for one in (quote[:start], quote[start:end], quote[end:]))
    if not words.strip():
        return (before + words + after).strip(), "", ""
    return before.lstrip(), words, after.rstrip()
