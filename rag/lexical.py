"""Lexical search: BM25 over title, body and publisher. The only importer of tantivy.

The index is derived from the catalog, lives in the user's cache and is thrown away and rebuilt at will. Knows
passage numbers and words; what stands in the articles it gets from whoever fills it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Document, FieldType, Index, Occur, Query

from rag.errors import GroundwireError
from rag.scope import Scope

FORMAT = "tantivy/2"
"""Names the fields and the analyser below; an index with another name is rebuilt."""

FIELD_WEIGHTS = {"body": 1.0, "title": 0.5, "publisher": 0.25}
"""What a match in each field counts, times its BM25."""

MAX_TERMS = 48
"""Of a longer query only the rarest terms are searched for: a question has ten."""

COMMON = 0.1
"""A term in more than this share of the passages is dropped while rarer ones are left (10 times faster, equal
quality)."""

CHANGING_FILES = ("meta.json", ".managed.json")
"""What tantivy replaces with each commit; every other file of an index stays as it was written."""

WRITER_BYTES = 64_000_000
ANALYSER = "news"

_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")
_INNER_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’‘ʼ](?=[^\W\d_])")
_VOWELS = re.compile(r"[aeiouyw]+")
_DOUBLED = re.compile(r"(.)\1+")
LEAST_ALIKE = 0.7
"""Of two spellings of a name: twice the letters in common, in order, over all letters (Ratcliff and Obershelp)."""

SHORTEST_SKELETON = 3
"""Consonants; shorter names have look-alikes everywhere."""


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """One passage as the index takes it."""

    number: int
    article: int
    title: str
    body: str
    publisher: str
    first_day: int
    last_day: int
    undated: bool
    outlet: int


@dataclass(frozen=True, slots=True)
class LexicalHit:
    """A passage's number and its BM25 score."""

    number: int
    score: float


class IndexUnusable(Exception):
    """Tantivy cannot read, write or answer; the caller builds the index anew."""


class LexicalIndex:
    """A tantivy index in a folder, or in memory where there is no folder to write to."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._spellings: dict[str, tuple[str, ...]] = {}
        index.register_tokenizer(ANALYSER, _analyser())

    @classmethod
    def open(cls, folder: Path | None) -> LexicalIndex:
        """Open the index in the folder, making it where there is none; None: in memory.

        Raises IndexUnusable when the folder cannot be read, written or understood.
        """
        with _tantivy_faults():
            if folder is None:
                return cls(Index(_schema()))
            folder.mkdir(parents=True, exist_ok=True)
            return cls(Index(_schema(), path=str(folder)))

    @staticmethod
    def discard(folder: Path) -> None:
        """Throw the index in the folder away."""
        shutil.rmtree(folder, ignore_errors=True)

    def apply(self, gone: Iterable[int], documents: Iterable[LexicalDocument]) -> None:
        """Drop every passage of the articles in `gone`, add the documents, in one commit.

        Doing it again changes nothing, as long as `gone` holds the articles of all the documents. Raises
        IndexUnusable; what was committed before stays.
        """
        made = (_document(document) for document in documents)
        with _tantivy_faults():
            writer = self._index.writer(WRITER_BYTES, 1)
            schema = self._index.schema
            for article in gone:
                writer.delete_documents_by_query(Query.term_query(schema, "article", article))
            for document in made:
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
            self._spellings = {}

    def held(self) -> list[tuple[int, int]]:
        """(passage number, article) of all that it holds. Raises IndexUnusable."""
        with _tantivy_faults():
            searcher = self._index.searcher()
            hits = searcher.search(Query.all_query(), max(len(self), 1), count=False).hits
            places = [address for _, address in hits]
            columns = [searcher.fast_field_values(name, places) if places else [] for name in ("number", "article")]
            return [(int(number or 0), int(article or 0)) for number, article in zip(*columns, strict=True)]

    def reload(self) -> None:
        """See what another process has committed."""
        with _tantivy_faults():
            self._index.reload()
            self._spellings = {}

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def search(self, words: Sequence[str], k: int, scope: Scope) -> list[LexicalHit]:
        """The k best passages for the terms (as `terms` gives them), best first; none of them has to be there.

        Raises IndexUnusable.
        """
        if scope.nothing or k < 1:
            return []
        with _tantivy_faults():
            return self._search(self._telling(words), k, scope)

    def _search(self, wanted_terms: Sequence[str], k: int, scope: Scope) -> list[LexicalHit]:
        if not wanted_terms:
            return []
        schema = self._index.schema
        wanted = [
            (Occur.Should, Query.boost_query(Query.term_query(schema, field, term), weight))
            for term in wanted_terms
            for field, weight in FIELD_WEIGHTS.items()
        ]
        found = Query.boolean_query(wanted)
        limits = [(Occur.Must, Query.const_score_query(limit, 0.0)) for limit in _limits(schema, scope)]
        if limits:
            found = Query.boolean_query([(Occur.Must, found), *limits])
        searcher = self._index.searcher()
        hits = searcher.search(found, k, count=False).hits
        numbers: list[Any] = searcher.fast_field_values("number", [address for _, address in hits]) if hits else []
        return [LexicalHit(int(number), float(score)) for number, (score, _) in zip(numbers, hits, strict=True)]

    def passages_with(self, term: str, scope: Scope, most: int) -> dict[int, int] | None:
        """The passages that hold the term, each with its article, by number; None where they are more than `most`.

        Raises IndexUnusable.
        """
        with _tantivy_faults():
            searcher, schema = self._index.searcher(), self._index.schema
            if searcher.doc_freq("body", term) > most or scope.nothing:
                return {} if scope.nothing else None
            wanted = [Query.const_score_query(Query.term_query(schema, "body", term), 1.0), *_limits(schema, scope)]
            hits = searcher.search(Query.boolean_query([(Occur.Must, one) for one in wanted]), most, count=False).hits
            places = [place for _, place in hits]
            columns = [searcher.fast_field_values(name, places) if places else [] for name in ("number", "article")]
            return {int(number or 0): int(article or 0) for number, article in zip(*columns, strict=True)}

    def document_frequency(self, term: str) -> int:
        """How many passages hold the term (as `terms` gives it) in their body or title."""
        searcher = self._index.searcher()
        return max(int(searcher.doc_freq(field, term)) for field in ("body", "title", "publisher"))

    def spellings(self, term: str) -> tuple[str, ...]:
        """The terms of the corpus that may be another spelling of a name that it does not hold.

        They begin with the same letter and have the same consonants, doubled ones counted once: suleimani and
        soleimani, hizballah and hezbollah. Raises IndexUnusable.
        """
        if term not in self._spellings:
            sound = skeleton(term)
            found: list[str] = []
            if len(sound) >= SHORTEST_SKELETON:
                with _tantivy_faults():
                    like = self._index.searcher().terms_with_prefix("body", term[0])
                found = sorted(other for other, _ in like if skeleton(other) == sound and _alike(other, term))
            self._spellings[term] = tuple(found)
        return self._spellings[term]

    def _telling(self, words: Sequence[str]) -> list[str]:
        """The terms that tell passages apart: the rare ones, or all where none is rare."""
        total = max(len(self), 1)
        frequency = {term: self.document_frequency(term) for term in words}
        present = [term for term in frequency if frequency[term]]
        rare = [term for term in present if frequency[term] <= max(COMMON * total, 50)]
        return sorted(rare or present, key=lambda term: frequency[term])[:MAX_TERMS]


def terms(text: str) -> list[str]:
    """The words of a text as the index knows them: lower-case, without accents, English stems, "U.S." as "us"."""
    return [str(term) for term in _ANALYSE.analyze(_encodable(_plain(text)))]


def _alike(one: str, other: str) -> bool:
    """Whether two terms share most of their letters: Patton is not Putin."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= LEAST_ALIKE


def skeleton(term: str) -> str:
    """A term's first letter and its consonants, each run of one once: what spellings of a foreign name share."""
    return term[:1] + _DOUBLED.sub(r"\1", _VOWELS.sub("", term[1:]))


def _encodable(text: str) -> str:
    """Half a surrogate pair, which an argument of the command line may hold, is no character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(text: str) -> str:
    """Marks inside words left out, so that "U.S." and "US", "Sha’abi" and "Shaabi" are one word each."""
    return _DOTTED.sub(lambda match: match.group().replace(".", ""), _INNER_APOSTROPHE.sub("", text))


def _analyser() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


_ANALYSE = _analyser()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("number", "article", "outlet", "first_day", "last_day", "undated"):
        builder.add_unsigned_field(name, stored=False, indexed=True, fast=True)
    for name in FIELD_WEIGHTS:
        builder.add_text_field(name, stored=False, tokenizer_name=ANALYSER, index_option="freq")
    return builder.build()


def _document(document: LexicalDocument) -> Document:
    made = Document()
    for name in ("number", "article", "outlet", "first_day", "last_day"):
        made.add_unsigned(name, getattr(document, name))
    made.add_unsigned("undated", int(document.undated))
    for name in FIELD_WEIGHTS:
        made.add_text(name, _plain(getattr(document, name)))
    return made


def _limits(schema: tantivy.Schema, scope: Scope) -> Sequence[Query]:
    """The scope as queries that must all hold."""
    limits: list[Query] = []
    dated: list[tuple[Occur, Query]] = []
    if scope.since is not None:
        dated.append((Occur.Must, _range(schema, "last_day", scope.since, None)))
    if scope.until is not None:
        dated.append((Occur.Must, _range(schema, "first_day", None, scope.until)))
    if dated:
        both = Query.boolean_query(dated)
        undated = Query.term_query(schema, "undated", 1)
        either = [(Occur.Should, both), (Occur.Should, undated)]
        limits.append(Query.boolean_query(either) if scope.undated else both)
    for field, numbers in (("outlet", scope.outlets), ("article", scope.articles)):
        if numbers is not None:
            limits.append(Query.term_set_query(schema, field, list(numbers)))
    return limits


@contextmanager
def _tantivy_faults() -> Iterator[None]:
    """Whatever goes wrong inside tantivy is one error; its Rust panics are not even `Exception`."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, GroundwireError):
        raise
    except BaseException as fault:
        raise IndexUnusable(f"{type(fault).__name__}: {fault}") from fault


def _range(schema: tantivy.Schema, field: str, lowest: int | None, highest: int | None) -> Query:
    return Query.range_query(schema, field, FieldType.Unsigned, lowest, highest)
