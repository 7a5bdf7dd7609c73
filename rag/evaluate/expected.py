"""What a question expects, in the articles of one corpus: names become ids, quotes become places.

Reads articles for itself: what is exact is decided on `Articles.text` by evaluation's own code, never by asking what
made or proved the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag.config import PASSAGE_SIZE
from rag.errors import NotFound, UsageError
from rag.evaluate.questions import Gold, Question
from rag.render.source import byline
from rag.split import passages
from rag.types import Filters, Passage, Reference

if TYPE_CHECKING:
    from rag.corpus import Corpus

MOST_PLACES = 1000
"""Places at which a quote without offsets may stand; one that stands oftener tells nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """`text[start:end] == quote` in the article with this id."""

    article: str
    start: int
    end: int
    quote: str

    def overlap(self, other: Place) -> int:
        """The code points that both hold; 0 where they are of different articles."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        return max(0, shared) if self.article == other.article else 0


Clause = tuple[Place, ...]
"""One clause, wherever it stands: more places than one where articles repeat it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A question, and what answers it here."""

    question: Question
    gold: tuple[Clause, ...] = ()
    articles: frozenset[str] = frozenset()
    """Ids of those that count as right; empty: nobody says."""
    sides: tuple[Clause, ...] = ()
    relevant: tuple[str, ...] = ()
    """Of the passages that hold gold: `rag.types.span_id`."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What to call the articles that hold gold or a side, by id."""


class Texts(Protocol):
    """Where evaluation reads articles."""

    def text(self, article: str) -> str:
        """The text of the article with this id; empty where there is none."""
        ...

    def reference(self, article: str) -> Reference | None:
        """What the corpus says of the article with this id; None where there is none."""
        ...


@dataclass
class Articles:
    """The articles of a corpus, as evaluation reads them."""

    corpus: Corpus
    decoded: Mapping[str, str] = field(default_factory=dict)
    """File name to text, for those that are read from elsewhere than the corpus: proof that it kept them whole."""
    _known: dict[str, Reference] = field(init=False)
    _texts: dict[str, str] = field(init=False, default_factory=dict)
    _passages: dict[str, list[Passage]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {reference.id: reference for reference in self.corpus.articles()}

    def __len__(self) -> int:
        return len(self._known)

    @property
    def digest(self) -> str:
        """Of all articles and their versions: SHA-256."""
        held = sorted(f"{one.id} {one.version}" for one in self._known.values())
        return sha256("\n".join(held).encode("utf-8")).hexdigest()

    def text(self, article: str) -> str:
        """The text of the article with this id; empty where there is none."""
        if article not in self._known:
            return ""
        if article not in self._texts:
            name = file_name(self._known[article])
            self._texts[article] = self.decoded.get(name) or self.corpus.article(article).text
        return self._texts[article]

    def reference(self, article: str) -> Reference | None:
        """What the corpus says of the article with this id; None where there is none."""
        return self._known.get(article)

    def named(self, name: str) -> Reference:
        """The article that goes by a key, a beginning of an id, a URL, a path or a file name. Raises NotFound."""
        try:
            return self.corpus.article(name).reference
        except NotFound:
            found = [one for one in self._known.values() if file_name(one) == name]
            if len(found) != 1:
                raise
            return found[0]

    def places(self, gold: Gold) -> Clause:
        """Where a gold clause stands. Raises UsageError where it does not, NotFound for an unknown article."""
        article = self.named(gold.article) if gold.article else None
        if article is not None and gold.start is not None and gold.end is not None:
            if self.text(article.id)[gold.start : gold.end] != gold.quote:
                raise UsageError(f"{gold.quote[:60]!r} does not stand at {gold.start}–{gold.end} of {gold.article!r}")
            return (Place(article.id, gold.start, gold.end, gold.quote),)
        where = Filters(articles=(article.id,) if article else ())
        found = self.corpus.lookup(gold.quote, filters=where, most=MOST_PLACES)
        if not found.is_verbatim:
            raise UsageError(f"{gold.quote[:60]!r} does not stand in {repr(gold.article) if article else 'the corpus'}")
        if found.occurrences > MOST_PLACES:
            raise UsageError(f"{gold.quote[:60]!r} stands at more than {MOST_PLACES:,} places; give more of it")
        cited = (one for match in found.matches for one in match.citations)
        return tuple(Place(one.article, one.start, one.end, one.quote) for one in cited)

    def holding(self, places: Iterable[Place]) -> Iterator[tuple[Reference, Passage]]:
        """The passages that hold some of these places, split as the corpus splits them."""
        for place in places:
            if place.article not in self._passages:
                article = self.corpus.article(place.article)
                self._passages[place.article] = passages(article.text, article.skipped, PASSAGE_SIZE)
            for passage in self._passages[place.article]:
                if passage.start < place.end and place.start < passage.end:
                    yield self._known[place.article], passage


def file_name(article: Reference) -> str:
    """The last part of its path, or of its key."""
    return Path(article.path or article.key).name


def expect(question: Question, articles: Articles, file: str) -> Expected:
    """What the question expects of this corpus.

    Raises UsageError, naming file and line, for an article that is not there and a quote that is in none.
    """
    try:
        gold, sides = _clauses(question.gold, articles), _clauses(question.disagreement, articles)
        named = frozenset(articles.named(name).id for name in question.articles)
    except (UsageError, NotFound) as error:
        raise UsageError(f"{file}, line {question.line}: {error}") from error
    places = [place for clause in gold for place in clause]
    held = articles.holding(places)
    relevant = dict.fromkeys(f"{one.id}@{one.version[:12]}:{passage.start}-{passage.end}" for one, passage in held)
    known = [articles.reference(place.article) for clause in (*gold, *sides) for place in clause]
    return Expected(
        question,
        gold,
        articles=named or frozenset(one.article for one in places),
        sides=sides,
        relevant=tuple(relevant),
        names={one.id: byline(one) for one in known if one is not None},
    )


def _clauses(given: Iterable[Gold], articles: Articles) -> tuple[Clause, ...]:
    """Equal words are one clause, wherever they stand."""
    found: dict[str, dict[Place, None]] = {}
    for gold in given:
        found.setdefault(gold.quote, {}).update(dict.fromkeys(articles.places(gold)))
    return tuple(tuple(places) for places in found.values())
