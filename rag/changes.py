"""What differs between two versions of an article, or between a quote and what the article says today. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.alignment import align, differences, words
from rag.quotes import Difference
from rag.sentences import sentences
from rag.types import Span

LEAST_ALIKE = 0.4
"""Of the words of the alignment, the share that are equal: below, they are two sentences, and not one that changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """Words that became others: `new` is `[span.start:span.end]` of the later text."""

    old: str
    new: str
    span: Span
    differences: tuple[Difference, ...]
    """`given` in the old words (offsets in these), `found` in the new ones (offsets in the later text)."""

    def marked(self) -> str:
        """The new words with what went [-so-] and what came {+so+}."""
        pieces, at = list[str](), self.span.start
        for one in self.differences:
            start, end = max(one.start, at), max(one.end, at)
            pieces.append(self.new[at - self.span.start : start - self.span.start])
            went, came = (f"[-{one.given}-]" if one.given else ""), (f"{{+{one.found}+}}" if one.found else "")
            if not came and "".join(pieces).strip():
                went = f" {went}"  # what only went is said to stand at the end of the word before
            elif went:
                went = f"{went} "
            pieces.append(went + came)
            at = end
        return "".join(pieces) + self.new[at - self.span.start :]


def closest(quote: str, text: str) -> Change | None:
    """What the text has nearest to the quote; None where nothing in it is like it."""
    alignment = align(words(quote), words(text))
    span = alignment.span
    if span is None or alignment.similarity < LEAST_ALIKE:
        return None
    return Change(quote, text[span.start : span.end], span, differences(alignment, quote, text))


def between(old: str, new: str) -> Iterator[str]:
    """The sentences that differ, a line each: "- " gone, "+ " come, "~ " changed, with the words that did marked."""
    ours, theirs = _sentences(old), _sentences(new)
    for kind, first, last, start, end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        gone, come = ours[first:last], theirs[start:end]
        for before, after in zip(gone, come, strict=False):
            change = closest(before, after)
            yield from (f"~ {change.marked()}",) if change else (f"- {before}", f"+ {after}")
        yield from (f"- {sentence}" for sentence in gone[len(come) :])
        yield from (f"+ {sentence}" for sentence in come[len(gone) :])


def _sentences(text: str) -> list[str]:
    return [" ".join(text[span.start : span.end].split()) for span in sentences(text, 0, len(text))]
