"""The nouns of the project: frozen, slotted, standard library only.

`Article` is where text comes in, `Answer` where it goes out. Every offset counts Unicode code points in
`Article.text`; `end` is exclusive; `article.text[start:end]` is the quoted text, always.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256


def article_id(key: str) -> str:
    """The id of the article with this key: 16 hexadecimal digits (64 bits of SHA-256)."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def text_version(text: str) -> str:
    """The version of an article with this text: its SHA-256, 64 hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points in an article's text."""

    start: int
    end: int


class SkipKind(StrEnum):
    """Why a span of an article's text is not its body."""

    TITLE = "title"
    HEADING = "heading"
    BYLINE = "byline"
    DATE = "date"
    CAPTION = "caption"
    MARKUP = "markup"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True)
class SkippedSpan:
    """A span that cleaning marked as not body. The text itself is never changed."""

    start: int
    end: int
    kind: SkipKind


class Origin(StrEnum):
    """Where what is known of an article was found, such as its date."""

    GIVEN = "given"
    """Told beside the text: a field, a column, an option."""
    JSON_LD = "json-ld"
    META = "meta"
    """A meta element of a web page."""
    ELEMENT = "element"
    """An element of a web page that is made for it: <time>, a byline's class."""
    TEXT = "text"
    """A line of the text itself, such as a byline."""
    URL = "url"
    HEADER = "header"
    """Of an e-mail, or of the answer that brought a page."""
    PROPERTIES = "properties"
    """Of a document, as its program keeps them."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a citation says about its article; everything but the text. Unknown is None, never a guess."""

    id: str
    version: str
    key: str
    title: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    """ISO 8601, as precise as the source: 2020, 2020-04, 2020-04-01 or a date-time."""
    url: str | None = None
    path: str | None = None
    """Where the file was when it was added, absolute."""
    published_from: Origin | None = None
    updated: str | None = None
    """When the article says that it was last changed; ISO 8601, as precise as the source."""
    updated_from: Origin | None = None
    section: str | None = None
    language: str | None = None
    """BCP 47, lower case: en, pt-br."""
    agency: str | None = None
    """The wire agency that the article credits: Reuters, AP."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article as a loader made it."""

    key: str
    """The canonical URL, else the id given with it, else the path relative to the folder that was added."""
    text: str
    title: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    url: str | None = None
    path: str | None = None
    skipped: tuple[SkippedSpan, ...] = ()
    """In order, not overlapping."""
    published_from: Origin | None = None
    updated: str | None = None
    """When the article says that it was last changed; ISO 8601, as precise as the source."""
    updated_from: Origin | None = None
    section: str | None = None
    language: str | None = None
    """BCP 47, lower case: en, pt-br."""
    agency: str | None = None
    """The wire agency that the article credits: Reuters, AP."""
    pages: tuple[int, ...] = ()
    """Where each page of a paged document begins in the text: ascending, the first is 0; empty where there are none."""

    @property
    def id(self) -> str:
        """See `article_id`."""
        return article_id(self.key)

    @property
    def version(self) -> str:
        """See `text_version`."""
        return text_version(self.text)

    @property
    def reference(self) -> Reference:
        """Everything but the text."""
        return Reference(
            id=self.id,
            version=self.version,
            key=self.key,
            title=self.title,
            publisher=self.publisher,
            authors=self.authors,
            published=self.published,
            url=self.url,
            path=self.path,
            published_from=self.published_from,
            updated=self.updated,
            updated_from=self.updated_from,
            section=self.section,
            language=self.language,
            agency=self.agency,
        )


def page_at(pages: Sequence[int], offset: int) -> int | None:
    """The page, counted from 1, on which `offset` of a text lies whose pages begin so; None where it has none."""
    return bisect_right(pages, offset) or None


CONTEXT = 32
"""Code points before and after a quote that a citation carries, so that it can be found in a live page."""


def citation(number: int, article: Reference, quote: Span, text: str, pages: Sequence[int]) -> Citation:
    """The citation of a range of the article's `text`; `pages`: where the pages of it begin, if it has any."""
    start, end = quote.start, quote.end
    return Citation(
        number=number,
        article=article.id,
        version=article.version,
        start=start,
        end=end,
        quote=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        page=page_at(pages, start),
    )


@dataclass(frozen=True, slots=True)
class NearCopies:
    """Who else has nearly the same text as an article; see `rag.near_copies`."""

    others: tuple[Reference, ...]
    """By date, the undated last; the article itself is not among them. Beside a quote: those that hold it, with the
    same numbers, names and negations."""
    outlets: int
    """Outlets that have the text, the article's own among them; 0 where no outlet is known."""
    origin: str | None = None
    """Where the text is likely from: the wire agency that they credit, else the outlet that had it first."""
    credited: bool = False
    """Whether `origin` is an agency that some of them credit."""
    differing: tuple[Reference, ...] = ()
    """By date: those that say what is shown of the article with another number, name or negation; none of `others`."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that did not become an article, and why; `where` names the file and, in one of many, the line."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one version of an article."""

    start: int
    end: int
    sentences: tuple[Span, ...]
    """In order, not overlapping; the first starts at `start`, the last ends at `end`."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles count. Dates are ISO 8601, as precise as the user gave them; both ends are inclusive."""

    since: str | None = None
    until: str | None = None
    undated: bool = False
    """Keep articles without a date although `since` or `until` is given."""
    publishers: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    """Article ids."""

    def as_dict(self) -> dict[str, object]:
        """Only what was asked for, for `produced_by.filters`."""
        named: dict[str, object] = {
            "since": self.since,
            "until": self.until,
            "undated": self.undated,
            "publisher": list(self.publishers),
            "article": list(self.articles),
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found, with what each engine said of it."""

    article: Reference
    passage: Passage
    text: str
    score: float
    """The fused score (reciprocal rank fusion); higher is better; comparable within one query only."""
    lexical_rank: int | None = None
    """1-based; None where the lexical engine did not find it."""
    dense_rank: int | None = None
    lexical_score: float | None = None
    """BM25."""
    dense_score: float | None = None
    """Cosine similarity, -1 to 1."""
    page: int | None = None
    """Where the passage begins, of a paged document."""
    near_copies: NearCopies | None = None
    """Whose passages like this one were folded into it; None where the article has none."""


class StatementKind(StrEnum):
    """How a statement's text came to be."""

    EXTRACTED = "extracted"
    GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class Citation:
    """An exact quote: `article.text[start:end] == quote`, code point by code point."""

    number: int
    """1..n in reading order."""
    article: str
    """The article's id; the article stands in `Answer.articles`."""
    version: str
    start: int
    end: int
    quote: str
    prefix: str = ""
    """Up to 32 code points before the quote (W3C TextQuoteSelector)."""
    suffix: str = ""
    page: int | None = None

    @property
    def id(self) -> str:
        """Enough to find the span again: ``<article id>@<first 12 of the version>:<start>-<end>``."""
        return span_id(self.article, self.version, self.start, self.end)


def span_id(article: str, version: str, start: int, end: int) -> str:
    """The id of a span of one version of an article; also the LlamaIndex node id of a passage."""
    return f"{article}@{version[:12]}:{start}-{end}"


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """The few words that answer: `text` is `[start:end]` of the cited article's text, inside the quote."""

    text: str
    citation: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, with those before it that it leans on. Extracted: equal to its quote once white space
    is folded."""

    text: str
    citations: tuple[int, ...]
    kind: StatementKind = StatementKind.EXTRACTED
    speaker: str | None = None
    short_answer: ShortAnswer | None = None
    """Of a list, the thing that it adds; its citation is among the statement's."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a disagreement."""

    text: str
    citations: tuple[int, ...]
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where sources differ: who says what."""

    about: str
    sides: tuple[Side, ...]


REFUSAL = "The articles do not answer this question."
"""The whole text of a refused answer: a refusal claims nothing."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of when the articles are that were asked."""

    articles: int
    undated: int
    first: str | None
    """The earliest day, ISO 8601, as precise as the source; None where no article is dated."""
    last: str | None
    missing: tuple[str, ...] = ()
    """Years, months and days that the question names and no article is dated in, ISO 8601."""


@dataclass(frozen=True, slots=True)
class ProducedBy:
    """What made an answer, so that it can be made again."""

    version: str
    fingerprint: str
    filters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question, and the proof of it; see `rag/render/answer.schema.json`."""

    question: str
    answered: bool
    text: str
    """For reading, with [n] markers; statements and citations are the data."""
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Hit, ...]
    """What retrieval found, best first, whether or not it was cited."""
    articles: Mapping[str, Reference]
    """Article id to article, for every article that a citation or a passage names."""
    produced_by: ProducedBy
    short_answer: ShortAnswer | None = None
    confidence: float | None = None
    disagreements: tuple[Disagreement, ...] = ()
    unknown_words: tuple[str, ...] = ()
    """Words of the question that stand nowhere in the corpus."""
    coverage: Coverage | None = None
    """Of a refusal."""
    notes: tuple[str, ...] = ()
    """One line each: what the reader should know, such as that retrieval was lexical alone."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    id: str | None = None
    """Repeats the question's own id in batch mode."""

    @property
    def is_list(self) -> bool:
        """Whether its statements answer one beside the other, each with a thing of its own."""
        return any(one.short_answer is not None for one in self.statements)

    @property
    def near_copies(self) -> Mapping[str, NearCopies]:
        """Article id to its near copies, for the articles of the passages that have any."""
        return {hit.article.id: hit.near_copies for hit in self.passages if hit.near_copies is not None}
