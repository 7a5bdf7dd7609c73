"""From the body of an article to passages: runs of whole sentences that one embedding can hold.

Pure: text and skipped spans in, passages out. It must not know LlamaIndex (that is `rag.node_parser`), whose import
costs a second, nor where passages are stored.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from rag.sentences import RULES, sentences, wrap_width
from rag.types import Passage, SkippedSpan, Span

SIZE = 900
"""The default size of a passage in code points: about 200 tokens of English to MiniLM, which reads 256."""

_VERSION = "1"  # of the packing below; the rules for sentences have their own


def splitter_id(size: int = SIZE) -> str:
    """Names the algorithm, its version, the version of the sentence rules and the size: part of the fingerprint."""
    return f"sentences-{size}/{_VERSION}.{RULES}"


def passages(text: str, skipped: Sequence[SkippedSpan], size: int = SIZE) -> list[Passage]:
    """The body of `text` as passages of whole sentences, in order; every sentence of the body is in exactly one.

    No sentence and no passage touches a skipped span; these may come in any order and overlap. A passage is at most
    `size` code points long from its start to its end, except where a single sentence is longer (up to
    `rag.sentences.MAX_SENTENCE`): it stands alone. Raises ValueError when `size` is less than 1.
    """
    if size < 1:
        raise ValueError(f"a passage holds at least 1 code point, not {size}")
    width = wrap_width(text)
    return [
        passage
        for region in _body(skipped, len(text))
        for passage in _packed(text, sentences(text, region.start, region.end, width), size)
    ]


def _body(skipped: Sequence[SkippedSpan], length: int) -> Iterator[Span]:
    """The ranges between the skipped spans."""
    at = 0
    for span in sorted(skipped, key=lambda span: span.start):
        if at < span.start:
            yield Span(at, min(span.start, length))
        at = max(at, span.end)
    if at < length:
        yield Span(at, length)


def _packed(text: str, run: list[Span], size: int) -> Iterator[Passage]:
    """Consecutive sentences as passages of about equal size, ended with a paragraph where that costs little."""
    ends = [span.end for span in run]
    first = 0
    while first < len(run):
        stop = _stop(text, run, ends, first, size)
        yield Passage(run[first].start, run[stop - 1].end, tuple(run[first:stop]))
        first = stop


def _stop(text: str, run: list[Span], ends: list[int], first: int, size: int) -> int:
    """The index after the last sentence of the passage that begins with sentence `first`.

    What is left is shared out evenly over the fewest passages that can hold it, so that no tiny one is left at the end.
    """
    start = run[first].start
    left = ends[-1] - start
    if left <= size or first + 1 == len(run):
        return len(run)
    fewest = -(-left // size)
    target = left / fewest
    lowest = max(bisect_right(ends, start + target / 2, first), first + 1)
    highest = max(bisect_right(ends, start + size, first), first + 1)

    def cost(stop: int) -> float:
        gap = text[ends[stop - 1] : run[stop].start]
        lines = max(gap.count("\n"), gap.count("\r"))  # CRLF is one
        inside = 0.0 if lines > 1 else 0.5 if lines else 1.0  # a blank line, a line break, no break
        overflow = ends[-1] - run[stop].start > (fewest - 1) * size
        return abs(ends[stop - 1] - start - target) + inside * size / 6 + overflow * size

    return min(range(min(lowest, highest), highest + 1), key=cost)
