"""What is told of places that were found: their citations, the sentences around them, and who says it."""

from __future__ import annotations

from collections import Counter

from rag.folding import variations
from rag.lookup.shelf import Shelf
from rag.lookup.verbatim import MOST_IN_ONE, Found, Place
from rag.lookup.wanted import Wanted
from rag.quotes import Level, Lookup, Match
from rag.sentences import sentences
from rag.speakers import speaker
from rag.types import Reference, Span, citation


def told(wanted: Wanted, shelf: Shelf, found: Found, complete: bool, most: int) -> Lookup:
    """All the places, of which the oldest articles' are shown."""
    ordered = sorted(found.places, key=lambda one: (*_age(shelf.references[one.number]), one.spans))
    matches: list[Match] = []
    for place in ordered[:most]:
        matches.append(match(wanted, shelf, found.level, place, 1 + sum(len(one.citations) for one in matches)))
    in_each = Counter(one.number for one in found.places)
    return Lookup(
        text=wanted.text,
        level=found.level,
        matches=tuple(matches),
        occurrences=in_each.total(),
        articles=len(in_each),
        complete=complete and max(in_each.values()) < MOST_IN_ONE,
        similarity=1.0,
    )


def _age(reference: Reference) -> tuple[str, str]:
    """Oldest first, the undated last."""
    return reference.published or "~", reference.key


def match(wanted: Wanted, shelf: Shelf, level: Level, place: Place, number: int) -> Match:
    """One place; `number` is that of its first citation."""
    reference, text = shelf.references[place.number], shelf.texts[place.number]
    context = whole_sentences(text, Span(place.spans[0].start, place.spans[-1].end))
    parts = wanted.parts if len(wanted.parts) == len(place.spans) else (wanted.text,)
    but_for = dict.fromkeys(
        name
        for part, span in zip(parts, place.spans, strict=True)
        for name in (variations(part, text[span.start : span.end]) if level in {Level.MARKS, Level.CASE} else ())
    )
    return Match(
        article=reference,
        citations=tuple(
            citation(at, reference, span, text, shelf.pages(place.number))
            for at, span in enumerate(place.spans, number)
        ),
        context=context,
        context_text=text[context.start : context.end],
        but_for=tuple(but_for),
        speaker=speaker(text, place.spans[0].start, place.spans[0].end),
    )


def whole_sentences(text: str, span: Span) -> Span:
    """The span with the rest of the sentences that it begins and ends in."""
    begin = max(text.rfind("\n\n", 0, span.start + 1), span.start - 3000, 0)
    end = text.find("\n\n", span.end)
    end = min(end if end >= 0 else len(text), span.end + 3000)
    held = [one for one in sentences(text, begin, end) if one.start < span.end and span.start < one.end]
    return Span(min(span.start, held[0].start), max(span.end, held[-1].end)) if held else span
