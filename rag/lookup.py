"""Where a quote comes from: exact, nearly exact, closest, or nowhere.

The lexical index names articles that may hold the words; whether they do, their texts alone say. What stands outside
every passage (captions, headings) is kept folded in memory once somebody looks something up. Only what is in neither
way excluded is looked for by reading all articles, for a bounded time.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate, islice
from threading import Lock

import numpy as np

from rag.alignment import MOST_CELLS, Alignment, align, differences, within, words
from rag.catalog import Catalog, Mark
from rag.errors import UsageError
from rag.folding import Folded, folded, is_whole, variations
from rag.indexes import Indexes
from rag.lexical import IndexUnusable, LexicalIndex, terms
from rag.quotes import Level, Lookup, Match
from rag.scope import Scope
from rag.sentences import sentences
from rag.speakers import speaker
from rag.types import Citation, Reference, Span, page_at
from rag.vectors import Vector

LONGEST = 20_000
"""Code points of a text that is looked up."""

MOST = 20
"""Places that are shown; all are counted."""

THRESHOLD = 0.55
"""The least similarity that is a match. Of sentences of RealTimeQA's articles with two fifths of their words replaced
95 % are above it, of sentences of other news (QAGS) 1 %: `python -m eval.lookup_speed --quality`."""
TELLING_THRESHOLD = 0.8
"""The same where fewer than two of the equal words are more than function words: "he said on" is everywhere."""

MOST_ARTICLES = 200
"""Articles that are read because they may hold the words."""
MOST_HAVING = 8_000
"""Passages. A word in more of them says too little to be worth asking where."""
TELLING = 8
"""Words of the text, the rarest, that name the articles."""
ENOUGH = 4
"""Articles. So few are read sooner than further words are asked about."""
MOST_IN_ONE = 1000
"""Places that are counted in one article."""
ALIKE = 40
"""Passages of each engine among which the closest words are looked for."""
ALIGNED = 12
"""Windows of those that are aligned word by word."""
MOST_OUTSIDE = 20_000
"""Articles. In a larger corpus what stands outside passages is not kept in memory."""
SCAN_SECONDS = 3.0
"""For reading articles one by one, where the indexes cannot tell."""
FEW = 4
"""Words. So few may be cut in mid-word or stand anywhere: not finding them in the index proves nothing."""

BEGINNING = 250
"""Words of a long text by which articles are chosen that may hold it."""
CONTEXT = 32

VERBATIM = (Level.EXACT, Level.MARKS, Level.CASE)

_ELLIPSIS = re.compile(r"\s*[\[(]?(?:…|\.[ \xa0]?\.[ \xa0]?\.(?:[ \xa0]?\.)?)[\])]?\s*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The text that is looked up, in the forms that it is looked for in."""

    text: str
    parts: tuple[str, ...]
    """What stands between or beside ellipses; empty where there is none."""

    @classmethod
    def read(cls, text: str) -> Wanted:
        """Raises UsageError for a text that is empty or too long."""
        text = text.strip()
        if not any(char.isalnum() for char in text):
            raise UsageError("there are no words to look up; put the quote in quotation marks after the command")
        if len(text) > LONGEST:
            raise UsageError(
                f"the text has {len(text):,} characters; at most {LONGEST:,} are looked up: give a part of it"
            )
        parts = tuple(part for part in _ELLIPSIS.split(text) if any(char.isalnum() for char in part))
        return cls(text, parts if text not in parts and all(len(part.split()) > 1 for part in parts) else ())

    @property
    def chunks(self) -> list[str]:
        """What white space parts, of the longest part: the beginning of it."""
        return max(self.parts, key=len, default=self.text).split()[:BEGINNING]

    @property
    def is_short(self) -> bool:
        """Whether it may stand where no index looks: inside a word."""
        return min(len(self.text.split()), len(terms(self.text))) <= FEW

    @property
    def whole_and_parts(self) -> Iterator[tuple[str, ...]]:
        """The text as it is; then what stands between its ellipses, or beside one at its end."""
        yield (self.text,)
        if self.parts:
            yield self.parts


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an article holds the words: one span for each part."""

    number: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """All places at the first level at which there are any."""

    level: Level
    places: tuple[_Place, ...] = ()


@dataclass(frozen=True, slots=True)
class _Near:
    """An article, and a stretch of it in which closest words may stand; offsets in its text."""

    number: int
    span: Span


@dataclass(slots=True)
class _Shelf:
    """The articles that one look-up has taken down, each read and folded once."""

    catalog: Catalog
    references: dict[int, Reference] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    _folded: dict[tuple[int, bool], Folded] = field(default_factory=dict)

    def take(self, numbers: Iterable[int]) -> list[int]:
        """Read these; gives those that are there, each once."""
        asked = list(dict.fromkeys(numbers))
        for number, reference in self.catalog.references([one for one in asked if one not in self.texts]):
            text = self.catalog.text(number, reference.version)
            if text is not None:
                self.references[number], self.texts[number] = reference, text
        return [number for number in asked if number in self.texts]

    def folded(self, number: int, case: bool) -> Folded:
        """The article's text, folded."""
        if (number, case) not in self._folded:
            self._folded[number, case] = folded(self.texts[number], case=case)
        return self._folded[number, case]

    def pages(self, number: int) -> tuple[int, ...]:
        """Where the pages of the article's text begin."""
        return self.catalog.present_pages(number, self.references[number].version)


class Finder:
    """Looks up quotes in one corpus; several threads may use one."""

    def __init__(self, catalog: Catalog, indexes: Indexes) -> None:
        self._catalog, self._indexes = catalog, indexes
        self._outside = _Outside(catalog)

    def find(self, text: str, scope: Scope, vector: Callable[[], Vector | None], *, most: int = MOST) -> Lookup:
        """Where the text comes from. `vector` makes its vector where its words are not enough.

        Raises UsageError for a text that is empty or longer than `LONGEST`. To be called inside a snapshot.
        """
        wanted, shelf = Wanted.read(text), _Shelf(self._catalog)
        may, complete = self._exactly(wanted, shelf, scope)
        found = _verbatim(wanted, shelf, may)
        near: list[_Near] = []
        if not found.places:
            near = self._alike(wanted, scope)
            found = _verbatim(wanted, shelf, shelf.take(one.number for one in near))
        if not found.places and (wanted.is_short or not complete):
            found, complete = self._read_all(wanted, shelf, scope)
        if found.places:
            return _told(wanted, shelf, found, complete, most)
        closest = _closest(wanted, shelf, near, complete, most)
        return closest if closest.matches else self._by_meaning(wanted, shelf, near, scope, vector(), closest, most)

    def _by_meaning(
        self,
        wanted: Wanted,
        shelf: _Shelf,
        near: Sequence[_Near],
        scope: Scope,
        vector: Vector | None,
        closest: Lookup,
        most: int,
    ) -> Lookup:
        """The closest words among passages of like meaning, too. Last, for the model takes seconds to load."""
        hits = [] if vector is None else self._indexes.search_dense(vector, ALIKE // 2, scope)
        stored = self._catalog.passages(hit.number for hit in hits)
        further = [_Near(one.article, Span(one.passage.start, one.passage.end)) for one in stored.values()]
        if not further:
            return closest
        shelf.take(one.number for one in further)
        return _closest(wanted, shelf, [*near, *further], closest.complete, most)

    def _exactly(self, wanted: Wanted, shelf: _Shelf, scope: Scope) -> tuple[list[int], bool]:
        """The articles that hold the very words, and whether they are all of them.

        Where none does: those that were read, and whether they are all that may hold them in another form.
        """
        read: list[int] = []
        sure = True
        for look in (self._named, self._named_if_cut, self._near):
            numbers, complete = look(wanted, scope)
            taken = shelf.take(numbers[:MOST_ARTICLES])
            exact = [number for number in taken if wanted.text in shelf.texts[number]]
            if exact:
                return exact, complete and len(numbers) <= MOST_ARTICLES
            sure = sure and (look == self._near or (complete and len(numbers) <= MOST_ARTICLES))
            read += taken
        return list(dict.fromkeys(read))[:MOST_ARTICLES], sure

    # -- which articles ----------------------------------------------------------------------------------------

    def _named(self, wanted: Wanted, scope: Scope) -> tuple[list[int], bool]:
        """The articles that may hold the words, and whether no other can.

        In an article with all the words the rarest of them stand in one passage or in neighbours, or else a half of
        the words stands outside passages.
        """
        return self._naming(wanted, wanted.chunks, scope)

    def _named_if_cut(self, wanted: Wanted, scope: Scope) -> tuple[list[int], bool]:
        """The same, if the first and the last word may be cut."""
        inner = wanted.chunks[1:-1]
        return self._naming(wanted, inner, scope) if inner else ([], True)

    def _near(self, wanted: Wanted, scope: Scope) -> tuple[list[int], bool]:
        """The articles with passages that hold many of the words: a caption may be among the words."""
        return list(dict.fromkeys(one.number for one in self._near_passages(wanted, scope))), False

    def _naming(self, wanted: Wanted, chunks: Sequence[str], scope: Scope) -> tuple[list[int], bool]:
        reach = 2 + len(wanted.text) // 300
        try:
            index = self._indexes.lexical()
            found = _neighbours(index, _rarest(chunks, index), scope, reach)
        except IndexUnusable:
            return [], False  # looking for passages with many of the words builds it anew
        middle = (len(chunks) + 1) // 2
        halves = [" ".join(half) for half in (chunks[:middle], chunks[middle:]) if half]
        outside = [number for number in self._outside.holding(halves) if self._counts(number, scope)]
        return list(dict.fromkeys([*(found or ()), *outside])), found is not None and self._outside.is_known

    def _near_passages(self, wanted: Wanted, scope: Scope) -> list[_Near]:
        """Passages with many of the words, the best first."""
        hits = self._indexes.search_lexical(list(dict.fromkeys(terms(wanted.text))), ALIKE, scope)
        stored = self._catalog.passages(hit.number for hit in hits)
        near = [stored[hit.number] for hit in hits if hit.number in stored]
        return [_Near(one.article, Span(one.passage.start, one.passage.end)) for one in near]

    def _counts(self, number: int, scope: Scope) -> bool:
        if scope.everything:
            return True
        named = scope.articles is None or number in scope.articles
        return named and self._catalog.articles_in(replace(scope, articles=(number,))) > 0

    def _alike(self, wanted: Wanted, scope: Scope) -> list[_Near]:
        """Passages with many of the words, and articles with many of them outside passages."""
        outside = [number for number in self._outside.alike(wanted.text) if self._counts(number, scope)]
        return [*self._near_passages(wanted, scope), *(_Near(number, Span(0, LONGEST)) for number in outside)]

    def _read_all(self, wanted: Wanted, shelf: _Shelf, scope: Scope) -> tuple[_Found, bool]:
        """Read article after article; the second is whether there was time for all."""
        until = time.monotonic() + SCAN_SECONDS
        given = [word.text.lower() for word in words(wanted.text)]
        telling = sorted([word for word in given if word.isascii()] or given, key=len)[-3:]
        may: list[int] = []
        done = True
        for some in _batches(self._catalog.all_numbers()):
            done = time.monotonic() < until and len(may) <= MOST_ARTICLES
            if not done:
                break
            for number, reference in self._catalog.references(some):
                text = (self._catalog.text(number, reference.version) or "").lower()
                if not telling or any(word in text for word in telling):
                    may.append(number)
        inside = [number for number in may if self._counts(number, scope)]
        found = _verbatim(wanted, shelf, shelf.take(inside[:MOST_ARTICLES]))
        return found, done and len(inside) <= MOST_ARTICLES


class _Outside:
    """What stands outside every passage, folded, in memory; follows the catalog's changes."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._guard = catalog, Lock()
        self._mark: Mark | None = None
        self._by_article: dict[int, str] = {}
        self._joined, self._ends, self._numbers = "", list[int](), list[int]()

    @property
    def is_known(self) -> bool:
        """Whether what stands outside passages is here, as of now."""
        with self._guard:
            return self._is_here()

    def holding(self, runs: Sequence[str]) -> list[int]:
        """The articles that hold one of the runs of words outside passages; none where that is not known."""
        with self._guard:
            here = self._is_here()
            return [number for run in runs for number in self._find(folded(run, case=True).text)] if here else []

    def alike(self, text: str, most: int = 5) -> list[int]:
        """The articles that hold half of the longer words, or more, outside passages; most of them first."""
        telling = {folded(word.text, case=True).text for word in words(text) if len(word.text) > 3}
        with self._guard:
            if not telling or not self._is_here():
                return []
            counts = {
                number: sum(word in held for word in telling) for number, held in self._by_article.items() if held
            }
        best = sorted(counts, key=lambda number: -counts[number])[:most]
        return [number for number in best if 2 * counts[number] >= len(telling)]

    def _find(self, run: str) -> Iterator[int]:
        at = self._joined.find(run) if run else -1
        while at >= 0:
            place = bisect_right(self._ends, at)
            yield self._numbers[place]
            at = self._joined.find(run, self._ends[place])

    def _is_here(self) -> bool:
        """Bring it up to the catalog; whether that can be done."""
        newest = self._catalog.mark()
        if newest == self._mark:
            return True
        known = self._mark is not None and self._catalog.holds(self._mark)
        numbers = self._catalog.changed_since(self._mark) if known and self._mark else self._catalog.all_numbers()
        if len(numbers) > MOST_OUTSIDE or len(self._by_article) > MOST_OUTSIDE:
            return False
        if not known:
            self._by_article.clear()
        self._read(numbers)
        self._mark = newest
        return True

    def _read(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._by_article.pop(number, None)
        for some in _batches(numbers):
            for number, reference in self._catalog.references(some):
                skipped = self._catalog.skipped(number, reference.version)
                text = (self._catalog.text(number, reference.version) or "") if skipped else ""
                held = "\n".join(text[span.start : span.end] for span in skipped)
                self._by_article[number] = folded(held, case=True).text
        self._numbers = list(self._by_article)
        self._joined = "\0".join(self._by_article.values())
        self._ends = list(accumulate(len(held) + 1 for held in self._by_article.values()))


def _rarest(chunks: Sequence[str], index: LexicalIndex) -> list[str]:
    """The terms of the words that tell articles apart best, the rarest first."""
    found = dict.fromkeys(term for chunk in chunks for term in terms(chunk))
    return sorted(found, key=index.document_frequency)[:TELLING]


def _neighbours(index: LexicalIndex, rarest: Sequence[str], scope: Scope, reach: int) -> list[int] | None:
    """The articles in which each of the terms stands within `reach` passages of the first; None: too common to tell.

    An article's passages are numbered one after the other.
    """
    first = index.passages_with(rarest[0], scope, MOST_HAVING) if rarest else None
    if first is None:
        return None
    near = np.array(sorted(first), dtype=np.int64)
    for term in rarest[1:]:
        having = index.passages_with(term, scope, MOST_HAVING) if len(near) > ENOUGH else None
        if having is None:
            break
        others = np.array([*sorted(having), np.iinfo(np.int64).max], dtype=np.int64)
        near = near[others[np.searchsorted(others, near - reach)] <= near + reach]
    return list(dict.fromkeys(first[int(number)] for number in near))


def _batches(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    for first in range(0, len(numbers), size):
        yield numbers[first : first + size]


# -- word for word ---------------------------------------------------------------------------------------------


def _verbatim(wanted: Wanted, shelf: _Shelf, numbers: Sequence[int]) -> _Found:
    """The first level at which an article holds the words, and all the places at that level.

    Places inside of words count only where there are no others.
    """
    for parts in wanted.whole_and_parts:
        for level in VERBATIM:
            places = [
                _Place(number, spans)
                for number in numbers
                for spans in islice(_chains([_spans(level, part, shelf, number) for part in parts]), MOST_IN_ONE)
            ]
            whole = [one for one in places if all(is_whole(shelf.texts[one.number], span) for span in one.spans)]
            if places:
                return _Found(level, tuple(whole or places))
    return _Found(Level.NOWHERE)


def _spans(level: Level, part: str, shelf: _Shelf, number: int) -> list[Span]:
    if level is Level.EXACT:
        return list(islice(_exact(part, shelf.texts[number]), MOST_IN_ONE))
    case = level is Level.CASE
    for one in _forms(part, case):
        found = list(islice(shelf.folded(number, case).find(one), MOST_IN_ONE))
        if found:
            return found
    return []


@lru_cache(maxsize=64)
def _forms(part: str, case: bool) -> tuple[str, ...]:
    """The part, folded: as it is, without quotation marks around it, without the last full stop or comma in them."""
    form = folded(part, case=case).text
    return tuple(dict.fromkeys((form, form.strip("'"), form.strip("'.,"))))


def _exact(part: str, text: str) -> Iterator[Span]:
    at = text.find(part)
    while at >= 0:
        yield Span(at, at + len(part))
        at = text.find(part, at + len(part))


def _chains(found: Sequence[Sequence[Span]]) -> Iterator[tuple[Span, ...]]:
    """One span of each part, in order; of those that begin with another first part and end alike, the shortest."""
    chains: dict[Span, tuple[Span, ...]] = {}
    for first in found[0]:
        chain: tuple[Span, ...] = (first,)
        for part in found[1:]:
            after = next((span for span in part if span.start >= chain[-1].end), None)
            if after is None:
                break
            chain = (*chain, after)
        if len(chain) == len(found):
            chains[chain[-1] if len(chain) > 1 else first] = chain
    yield from chains.values()


# -- the closest words -----------------------------------------------------------------------------------------


def _closest(wanted: Wanted, shelf: _Shelf, near: Sequence[_Near], complete: bool, most: int) -> Lookup:
    aligned = list(_aligned(wanted, shelf, _windows(wanted, shelf, near)))
    aligned = [(number, _bounded(one, shelf.texts[number])) for number, one in _best(aligned, 2 * most)]
    best = max((one.similarity for _, one in aligned), default=0.0)
    good = [(number, one) for number, one in aligned if one.similarity > best - 1e-9 and _is_close(one)]
    matches = [
        replace(
            _match(wanted, shelf, Level.CLOSEST, _Place(number, (one.span,)), at),
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


def _aligned(wanted: Wanted, shelf: _Shelf, windows: Sequence[tuple[int, Span]]) -> Iterator[tuple[int, Alignment]]:
    """The words against each window, the first ones only where the texts are long."""
    given, cells = words(wanted.text), 0
    for number, span in windows:
        held = words(shelf.texts[number], span.start, span.end)
        cells += len(given) * len(held)
        if cells <= MOST_CELLS or number == windows[0][0]:
            yield number, align(given, held)


def _is_close(alignment: Alignment) -> bool:
    return alignment.similarity >= (THRESHOLD if alignment.telling > 1 else TELLING_THRESHOLD)


def _windows(wanted: Wanted, shelf: _Shelf, near: Sequence[_Near]) -> list[tuple[int, Span]]:
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
    return within(alignment, _context(text, Span(equal[0].start, equal[-1].end))) if equal else alignment


def _titles(wanted: Wanted, shelf: _Shelf) -> tuple[str, ...]:
    """Whose title holds the words: a title that its article's text does not hold cannot be quoted."""
    form = folded(wanted.text, case=True).text
    return tuple(
        f"these words stand in the title of {reference.id}, not in its text"
        for reference in shelf.references.values()
        if reference.title and form in folded(reference.title, case=True).text
    )[:3]


# -- what is told ----------------------------------------------------------------------------------------------


def _told(wanted: Wanted, shelf: _Shelf, found: _Found, complete: bool, most: int) -> Lookup:
    ordered = sorted(found.places, key=lambda one: (*_age(shelf.references[one.number]), one.spans))
    matches: list[Match] = []
    for place in ordered[:most]:
        matches.append(_match(wanted, shelf, found.level, place, 1 + sum(len(one.citations) for one in matches)))
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


def _match(wanted: Wanted, shelf: _Shelf, level: Level, place: _Place, number: int) -> Match:
    reference, text = shelf.references[place.number], shelf.texts[place.number]
    context = _context(text, Span(place.spans[0].start, place.spans[-1].end))
    parts = wanted.parts if len(wanted.parts) == len(place.spans) else (wanted.text,)
    but_for = dict.fromkeys(
        name
        for part, span in zip(parts, place.spans, strict=True)
        for name in (variations(part, text[span.start : span.end]) if level in {Level.MARKS, Level.CASE} else ())
    )
    return Match(
        article=reference,
        citations=tuple(
            _citation(reference, text, span, at, shelf.pages(place.number))
            for at, span in enumerate(place.spans, number)
        ),
        context=context,
        context_text=text[context.start : context.end],
        but_for=tuple(but_for),
        speaker=speaker(text, place.spans[0].start, place.spans[0].end),
    )


def _citation(reference: Reference, text: str, span: Span, number: int, pages: Sequence[int]) -> Citation:
    return Citation(
        number=number,
        article=reference.id,
        version=reference.version,
        start=span.start,
        end=span.end,
        quote=text[span.start : span.end],
        prefix=text[max(0, span.start - CONTEXT) : span.start],
        suffix=text[span.end : span.end + CONTEXT],
        page=page_at(pages, span.start),
    )


def _context(text: str, span: Span) -> Span:
    """The span with the rest of the sentences that it begins and ends in."""
    begin = max(text.rfind("\n\n", 0, span.start + 1), span.start - 3000, 0)
    end = text.find("\n\n", span.end)
    end = min(end if end >= 0 else len(text), span.end + 3000)
    held = [one for one in sentences(text, begin, end) if one.start < span.end and span.start < one.end]
    return Span(min(span.start, held[0].start), max(span.end, held[-1].end)) if held else span
