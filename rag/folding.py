"""Texts compared but for white space, quotation marks, dashes and forms of one character, with the way back.

Pure: a text in, a folded text out and, for every place in it, the offset in the text that it came from. Linear in the
length of the text. Knows nothing of articles.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from rag.types import Span

QUOTATION_MARKS = "\"'`´‘’‚‛“”„‟‹›«»′″‴‵‶〝〞＂＇ʼʹ"
DASHES = "-‐‑‒–—―−⁃﹘﹣－"
UNSEEN = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""What has no width, as a regular expression's ranges: soft hyphen, joiners, direction marks, byte order mark."""

_Q = re.escape(QUOTATION_MARKS)
_D = re.escape(DASHES)

_PIECE = re.compile(
    rf"""(?P<gap> [{UNSEEN}]* \s [\s{UNSEEN}]* )
      |  (?P<unseen> [{UNSEEN}]+ )
      |  (?P<dash> [{_D}] (?: [{_D}{UNSEEN}\s]* [{_D}] )? )
      |  (?P<quote> [{_Q}] (?: [{_Q}{UNSEEN}\s]* [{_Q}] )? )
      |  (?P<plain> (?: [!#-&(-,./0-9:-_a-~] | (?<=[0-9A-Za-z])[ ](?=[0-9A-Za-z]) )+ )
      |  (?P<other> . )""",
    re.VERBOSE | re.DOTALL,
)
_FIXED = {"gap": " ", "unseen": "", "dash": "-", "quote": "'"}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and the way back.

    White space is one space between two letters or digits and nothing elsewhere; runs of dashes are one hyphen, runs
    of quotation marks one apostrophe; what has no width is gone; the rest is decomposed (NFKD: ligatures, full-width
    forms, the ellipsis as three dots) and, with `case`, case-folded.
    """

    text: str
    ends: tuple[int, ...]
    """Where each piece ends in the folded text."""
    sources: tuple[Span, ...]
    """Where each piece came from, in code points of the text itself."""

    def find(self, wanted: str, begin: int = 0) -> Iterator[Span]:
        """Where the folded words stand from `begin` (an offset in the folded text) on, as spans of the text itself.

        They do not overlap; none for empty words.
        """
        at = self.text.find(wanted, begin) if wanted else -1
        while at >= 0:
            yield self.source(at, at + len(wanted))
            at = self.text.find(wanted, at + len(wanted))

    def source(self, start: int, end: int) -> Span:
        """The span of the text itself that `[start:end]` of the folded text came from; `start < end`."""
        first, last = bisect_right(self.ends, start), bisect_right(self.ends, end - 1)
        begun = start - self._begin(first) if self._is_even(first) else 0
        left = self.ends[last] - end if self._is_even(last) else 0
        return Span(self.sources[first].start + begun, self.sources[last].end - left)

    def _begin(self, piece: int) -> int:
        return self.ends[piece - 1] if piece else 0

    def _is_even(self, piece: int) -> bool:
        """Whether the piece has one character for each of the text's own."""
        return self.ends[piece] - self._begin(piece) == self.sources[piece].end - self.sources[piece].start


def folded(text: str, *, case: bool = False) -> Folded:
    """See `Folded`."""
    pieces: list[str] = []
    sources: list[Span] = []
    gap: Span | None = None
    for match in _PIECE.finditer(text):
        made = _made(match, case)
        if match.lastgroup == "gap":
            gap = Span(match.start(), match.end())
        elif made:
            if gap is not None and pieces and pieces[-1][-1].isalnum() and made[0].isalnum():
                pieces.append(" ")
                sources.append(gap)
            gap = None
            pieces.append(made)
            sources.append(Span(match.start(), match.end()))
    return Folded("".join(pieces), tuple(accumulate(map(len, pieces))), tuple(sources))


def _made(match: re.Match[str], case: bool) -> str:
    group = match.lastgroup or "other"
    if group in _FIXED:
        return _FIXED[group]
    made = match[0] if group == "plain" else unicodedata.normalize("NFKD", match[0])
    return made.casefold() if case else made


def is_whole(text: str, span: Span) -> bool:
    """Whether the span neither begins nor ends inside a word."""
    cut_before = span.start > 0 and text[span.start - 1].isalnum() and text[span.start].isalnum()
    cut_after = span.end < len(text) and text[span.end - 1].isalnum() and text[span.end].isalnum()
    return not (cut_before or cut_after)


# Each kind of character, and what is left when all of them are gone.
_KINDS = {
    "white space": re.compile(r"\s+"),
    "quotation marks": re.compile(rf"[{_Q}]"),
    "dashes": re.compile(rf"[{_D}]"),
}
_ALL_KINDS = re.compile(rf"[\s{_Q}{_D}]")


def variations(one: str, other: str) -> tuple[str, ...]:
    """In what two texts differ that fold to the same: white space, quotation marks, dashes, forms of characters,
    letter case."""
    found = [name for name, kind in _KINDS.items() if kind.findall(one.strip()) != kind.findall(other.strip())]
    rest = [_ALL_KINDS.sub("", text) for text in (one, other)]
    if rest[0] != rest[1]:
        plain = [folded(text).text for text in rest]
        cased = [unicodedata.normalize("NFKC", text).casefold() for text in plain]
        found += ["letter case"] if plain[0] != plain[1] and cased[0] == cased[1] else ["forms of characters"]
    elif not found:
        found = ["white space"] if one.split() != other.split() else []
    return tuple(found)
