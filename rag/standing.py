"""How a saved quote stands in the corpus of today: exact, moved, changed, or gone.

Pure, like the proof whose measure of a quote it uses: texts come in, no catalog is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from rag.verify import stands_at


class CitedSpan(Protocol):
    """What a citation says, made just now (`Citation`) or read from a file (`SavedCitation`)."""

    @property
    def article(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def quote(self) -> str: ...


class Standing(StrEnum):
    """How a saved quote stands in the corpus of today."""

    EXACT = "exact"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one saved quote stands; `start` and `end` are code points in the current text, None where it is not there."""

    standing: Standing
    start: int | None = None
    end: int | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the article still says these words."""
        return self.standing in {Standing.EXACT, Standing.MOVED}


def stand(
    cited: CitedSpan, *, cited_text: str | None, current_text: str | None, current_version: str | None
) -> Verdict:
    """How a quote that was saved as `[start:end]` of `version` stands now.

    `cited_text` is the text of that version, None where it is no longer held; `current_text` and `current_version`
    are the article's of today, None where the corpus does not hold it. Offsets count code points.
    """
    quote, start, end = cited.quote, cited.start, cited.end
    if cited_text is None and cited.version == current_version:
        cited_text = current_text
    doubt = _doubt(quote, start, end, cited_text)
    if current_text is None:
        return Verdict(Standing.GONE, note=doubt or ("" if cited_text is None else "the cited version is still held"))
    if stands_at(quote, start, end, current_text):
        since = "" if cited.version == current_version else "the article has changed elsewhere since"
        return Verdict(Standing.EXACT, start, end, doubt or since)
    found = _nearest(quote, start, current_text)
    if found is not None:
        return Verdict(Standing.MOVED, found, found + len(quote), doubt)
    held = "the cited version is no longer held" if cited_text is None else "the cited version still holds these words"
    return Verdict(Standing.CHANGED, note=doubt or held)


def _doubt(quote: str, start: int, end: int, cited_text: str | None) -> str:
    """What is wrong with the citation itself, when the version that it cites is held: a forgery, or damage."""
    if cited_text is None or stands_at(quote, start, end, cited_text):
        return ""
    if quote and quote in cited_text:
        return "the cited version holds these words, but not at these offsets"
    return "the cited version does not hold these words"


def _nearest(quote: str, start: int, text: str) -> int | None:
    """The start of the occurrence of the quote that is nearest to `start`; the later one of two as near."""
    if not quote:
        return None
    start = min(max(start, 0), len(text))
    after = text.find(quote, start)
    # Not rfind: it takes quadratic time on texts made for that, where find does not.
    mirrored = text[: start + len(quote)][::-1].find(quote[::-1])
    before = min(start + len(quote), len(text)) - mirrored - len(quote) if mirrored >= 0 else -1
    found = [place for place in (after, before) if place >= 0]
    return min(found, key=lambda place: abs(place - start), default=None)
