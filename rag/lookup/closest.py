"""The closest words: near places are aligned with the text word by word, and the best that are alike enough kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.alignment import MOST_CELLS, Alignment, align, differences, within, words
from rag.folding import folded
from rag.lookup.candidates import Near
from rag.lookup.matches import match, whole_sentences
from rag.lookup.shelf import Shelf
from rag.lookup.verbatim import Place
from rag.lookup.wanted import Wanted
from rag.quotes import Level, Lookup
from rag.types import Span

THRESHOLD = 0.55
"""The least similarity that is a match. Of sentences of RealTimeQA's articles with two fifths of their words replaced
95 % are above it, of sentences of other news (QAGS) 1 %: `python -m eval.lookup_speed --quality`."""
TELLING_THRESHOLD = 0.8
"""The same where fewer than two of the equal words are more than function words: "he said on" is everywhere."""
ALIGNED = 12
"""Windows of those that are aligned word by word."""


def closest(wanted: Wanted, shelf: Shelf, near: Sequence[Near], complete: bool, most: int) -> Lookup:
    """The places near by that are most alike, all equally, or none; `complete`: whether nothing else can hold it."""
    aligned = list(_aligned(wanted, shelf, _windows(wanted, shelf, near)))
    aligned = [(number, _bounded(one, shelf.texts[number])) for number, one in _best(aligned, 2 * most)]
    best = max((one.similarity for _, one in aligned), default=0.0)
    good = [(number, one) for number, one in aligned if one.similarity > best - 1e-9 and _is_close(one)]
    matches = [
        replace(
            match(wanted, shelf, Level.CLOSEST, Place(number, (one.span,)), at),
            similarity=round(one.similarity, 4),
            differences=differences(one, wanted.text, shelf.texts[number]),
        )
        for at, (number, one) in enumerate(good[:most], 1)
        if one.span is not None
    ]
    return Lookup(
        text=wanted.text,
        level=Level.CLOSEST if matches else Level.NOWHERE,
        matches=tuple(matches),
        occurrences=len(good),
        articles=len({number for number, _ in good}),
        complete=complete and not matches,
        similarity=round(best, 4),
        notes=_titles(wanted, shelf),
    )


def _aligned(wanted: Wanted, shelf: Shelf, windows: Sequence[tuple[int, Span]]) -> Iterator[tuple[int, Alignment]]:
    """The words against each window, the first ones only where the texts are long."""
    given, cells = words(wanted.text), 0
    for number, span in windows:
        held = words(shelf.texts[number], span.start, span.end)
        cells += len(given) * len(held)
        if cells <= MOST_CELLS or number == windows[0][0]:
            yield number, align(given, held)


def _is_close(alignment: Alignment) -> bool:
    return alignment.similarity >= (THRESHOLD if alignment.telling > 1 else TELLING_THRESHOLD)


def _windows(wanted: Wanted, shelf: Shelf, near: Sequence[Near]) -> list[tuple[int, Span]]:
    """The stretches around what was found in which closest words may stand; those with most of the words."""
    reach = 2 * len(wanted.text) + 200
    by_article: dict[int, list[Span]] = {}
    for one in near:
        if one.number in shelf.texts:
            stretch = Span(max(0, one.span.start - reach), min(one.span.end + reach, len(shelf.texts[one.number])))
            by_article.setdefault(one.number, []).append(stretch)
    given = Counter(word.key for word in words(wanted.text))
    found = [(number, span) for number, spans in by_article.items() for span in _merged(spans)]
    held = {
        (number, span): (given & Counter(word.key for word in words(shelf.texts[number], span.start, span.end))).total()
        for number, span in found
    }
    return sorted(found, key=lambda one: -held[one])[:ALIGNED]


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def _best(aligned: Sequence[tuple[int, Alignment]], most: int) -> list[tuple[int, Alignment]]:
    return sorted(aligned, key=lambda one: -one[1].similarity)[:most]


def _bounded(alignment: Alignment, text: str) -> Alignment:
    """The alignment within the sentences that hold its equal words."""
    equal = [
        alignment.found[column[1]]
        for column in alignment.columns
        if column[1] is not None and alignment.is_equal(column)
    ]
    return within(alignment, whole_sentences(text, Span(equal[0].start, equal[-1].end))) if equal else alignment


def _titles(wanted: Wanted, shelf: Shelf) -> tuple[str, ...]:
    """Whose title holds the words: a title that its article's text does not hold cannot be quoted."""
    form = folded(wanted.text, case=True).text
    return tuple(
        f"these words stand in the title of {reference.id}, not in its text"
        for reference in shelf.references.values()
        if reference.title and form in folded(reference.title, case=True).text
    )[:3]
