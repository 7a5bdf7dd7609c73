"""The one place where the parts are put together, and the Python API::

from rag import Corpus

with Corpus.open("news.db", create=True) as corpus:
    corpus.add(["seeds"])
    print(corpus.ask("Who denied that the base was the target?").text)
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from rag import config, verify
from rag.binding import Binding
from rag.catalog import Catalog, Counts
from rag.config import PASSAGE_SIZE, Settings
from rag.errors import CorpusBusy, CorpusDamaged, NotFound, UsageError
from rag.locks import held
from rag.query import LONGEST
from rag.scope import Scope
from rag.standing import CitedSpan, Verdict, stand
from rag.types import Answer, Article, Filters, Hit, NearCopies, ProducedBy, Reference, page_at
from rag.version import VERSION

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

    from rag.answer.reader import Reader, Reading
    from rag.changes import Change
    from rag.check import Articles
    from rag.claims import Checked
    from rag.doctor import Finding
    from rag.indexes import Indexes
    from rag.ingest import IngestReport, Progress
    from rag.lookup import Finder
    from rag.query import Question
    from rag.query_engine import GroundedQueryEngine
    from rag.quotes import Lookup
    from rag.retrieve import HybridRetriever
    from rag.sync import SyncReport

EVERYTHING = Filters()

COMPARING = 20.0
"""Seconds of an `add` or `sync` for comparing what an older corpus holds: some 4,000 articles."""

_CITATION = re.compile(
    r"(?P<article>[0-9a-f]{16})@(?P<version>[0-9a-f]{12}):(?P<start>\d{1,15})-(?P<end>\d{1,15})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Removed:
    """What `remove` took out."""

    articles: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What is indexed and with what."""

    path: Path
    bytes: int
    counts: Counts
    fingerprint: str
    model: str
    """The model that the corpus was made with, or will be."""
    weights: bool
    """Whether that model can be used here."""
    indexes: Path
    index_bytes: int
    clusters: int
    """Of near copies."""
    in_clusters: int
    """Articles that have near copies."""
    not_compared: int
    """Articles that wait to be compared."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an article's text."""

    version: str
    added: str
    """When it came in: ISO 8601, UTC."""
    length: int
    """Code points."""
    changes: tuple[str, ...]
    """Sentences that differ from the version before; see `rag.changes.between`."""


@dataclass(frozen=True, slots=True)
class CitedArticle:
    """What a citation id, or an article's name, stands for."""

    reference: Reference
    """The article as it is known today."""
    added: str
    """When the cited text came into the corpus: ISO 8601, UTC."""
    quote: str | None = None
    """The cited words; None for an article as a whole."""
    page: int | None = None
    """Where they begin, of a paged document."""


@dataclass(frozen=True, slots=True)
class Found:
    """What `search` found."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...]


UNTRAINED = "untrained"
"""Names the reader that needs no training."""


class Corpus:
    """Articles that can be asked. Several threads may ask one Corpus; one process at a time may add."""

    def __init__(self, catalog: Catalog, settings: Settings, embedding: BaseEmbedding | None = None) -> None:
        """Use `Corpus.open`."""
        self.settings = settings
        self._catalog = catalog
        self._binding = Binding(catalog, settings, embedding)
        # What takes long to load is loaded when it is first wanted, once, whichever thread wants it.
        self._guard = RLock()
        self._opened_indexes: Indexes | None = None
        self._opened_finder: Finder | None = None

    @classmethod
    def open(
        cls,
        path: str | Path | None = None,
        *,
        create: bool = False,
        settings: Settings | None = None,
        embedding: BaseEmbedding | None = None,
    ) -> Self:
        """Open the corpus at `path`, else the one that the settings name.

        `embedding`: any LlamaIndex embedding model in place of the one that the settings name; the corpus is bound to
        the one that it was made with. Raises NotFound, CorpusDamaged, CorpusMismatch, CannotWrite, CorpusBusy.
        """
        settings = settings or config.load()
        if path is not None:
            settings = replace(settings, corpus=Path(path))
        catalog = Catalog.open(settings.corpus, create=create)
        try:
            return cls(catalog, settings, embedding)
        except BaseException:
            catalog.close()
            raise

    def close(self) -> None:
        """Let go of every file."""
        if self._opened_indexes is not None:
            self._opened_indexes.close()
        self._catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- asking ------------------------------------------------------------------------------------------------

    def ask(
        self,
        question: str,
        *,
        filters: Filters = EVERYTHING,
        k: int | None = None,
        words: int | None = None,
        asked_on: str | None = None,
        id: str | None = None,
    ) -> Answer:
        """Answer from the articles, every sentence with an exact quote, or refuse.

        `k`: passages to look at; `words`: length of the answer at most; `asked_on`: the day on which the question is
        asked, as ISO 8601, where it asks about "this week": articles of the week before it are preferred. Raises
        UsageError for a question that is empty or too long, NotFound where nothing is indexed.
        """
        from rag import dates, lexical, query
        from rag.answer import compose
        from rag.answer.choose import choose, deciding
        from rag.answer.form import form
        from rag.retrieve import beside_quotes

        clock = _Clock()
        _check_length(question, "question")
        asked = query.read(question, lexical.terms)
        scope, reading, hits, texts, pages = self._indexes.steady(
            lambda: self._read(asked, question, filters, k, asked_on, clock)
        )
        request = compose.Request(
            question=question,
            words=words or self.settings.words,
            produced_by=ProducedBy(VERSION, f"{self.fingerprint};{self.reader}", _asked_with(filters, asked_on)),
            id=id,
            form=form(question),
        )
        if reading.answers:
            decides = deciding(asked, asked.forms(self._indexes.lexical()), lexical.terms)
            chosen = choose(reading, hits, request.words, lexical.terms, request.form, decides)
            made = compose.answer(request, chosen, hits, texts, reading.confidence, pages)
        else:
            unknown = asked.unknown(self._indexes.lexical())
            coverage = self._catalog.coverage(scope, dates.named_in(asked.text))
            made = compose.refusal(request, hits, unknown, reading.confidence, coverage)
        proved = beside_quotes(self._catalog, verify.gate(made, texts))
        clock.lap("verify")
        notes = (*self._notes(scope), *self._unsure(reading), *proved.notes)
        return replace(proved, notes=notes, timings_ms=clock.laps)

    def _read(
        self, asked: Question, question: str, filters: Filters, k: int | None, asked_on: str | None, clock: _Clock
    ) -> tuple[Scope, Reading, list[Hit], dict[str, str], dict[str, tuple[int, ...]]]:
        """What is read of the corpus for an answer, all of one moment."""
        from rag.answer.reader import by_reading

        scope = self._scope(filters)
        reader, hits = self._prepared(question, scope, k, asked_on)
        clock.lap("retrieve")
        reading = reader.read(asked, hits)
        if reading.confidence is not None:  # who was trained tells better than retrieval which passage is best
            reading, hits = by_reading(reading, hits)
        clock.lap("read")
        return scope, reading, hits, *self._texts(hits)

    def prepare(
        self,
        question: str,
        *,
        filters: Filters = EVERYTHING,
        k: int | None = None,
        asked_on: str | None = None,
        trained: bool = True,
    ) -> tuple[Reader, list[Hit]]:
        """What `ask` begins with, for measuring: the reader for a question, and the hits that it reads.

        `trained`: the trained reader, where it can be used here; else the one that needs no training.
        """
        _check_length(question, "question")
        return self._prepared(question, self._scope(filters), k, asked_on, trained=trained)

    def _prepared(
        self, question: str, scope: Scope, k: int | None, asked_on: str | None, *, trained: bool = True
    ) -> tuple[Reader, list[Hit]]:
        from rag import lexical
        from rag.answer.extract import SentenceReader

        vector = self._binding.query_vector(question)
        hits = self._retriever(k, scope, asked_on).hits(question, vector)
        index = self._indexes.lexical()
        model = self._binding.reader if trained else None
        if model is not None:
            from rag.answer.learned import LearnedReader, fitted

            least = self.settings.min_confidence
            share = 1.0 if scope.everything else self._catalog.articles_in(scope) / self._catalog.articles_in(Scope())
            return LearnedReader(model, lexical.terms, index, len(index), fitted(), least, share * len(index)), hits
        encode = self._binding.encode if vector is not None else None
        return SentenceReader(lexical.terms, index, len(index), encode, vector), hits

    def search(
        self,
        text: str,
        *,
        filters: Filters = EVERYTHING,
        k: int | None = None,
    ) -> Found:
        """The passages nearest to the text, best first. Raises as `ask` does."""
        _check_length(text, "query")
        return self._indexes.steady(lambda: self._search(text, filters, k))

    def _search(self, text: str, filters: Filters, k: int | None) -> Found:
        scope = self._scope(filters)
        hits = self._retriever(k, scope).hits(text, self._binding.query_vector(text))
        return Found(tuple(hits), self._notes(scope))

    def lookup(self, text: str, *, filters: Filters = EVERYTHING, most: int = 20, id: str | None = None) -> Lookup:
        """Where a text comes from: the places that hold it, or the closest words, or nowhere; see `rag.quotes`.

        At most `most` places are given, all are counted. Raises UsageError for a text that is empty or longer than
        20,000 characters, and as `search` does.
        """
        began = time.perf_counter()

        def find() -> Lookup:
            scope = self._scope(filters)
            found = self._finder.find(text, scope, lambda: self._binding.query_vector(text), most=most)
            # Word for word, words alone do find it.
            alone = self._words_alone() if found.is_verbatim else ()
            notes = (note for note in self._notes(scope) if note not in alone)
            return replace(found, notes=(*notes, *found.notes), id=id)

        found = self._indexes.steady(find)
        return replace(found, timings_ms={"lookup": round(1000 * (time.perf_counter() - began), 2)})

    def check(self, draft: str, *, filters: Filters = EVERYTHING, k: int | None = None) -> Checked:
        """Each sentence of a draft with the quote that supports it, or "unsupported"; see `rag.claims`.

        `k`: passages to look at for each sentence, 8 unless set. Raises UsageError for a draft that is empty or longer
        than 1,000,000 characters, and as `search` does.
        """
        from rag import check

        def checked() -> Checked:
            scope = self._scope(filters)
            made = check.Checker(self._for_checking(scope, k), check.usable(self._binding.reader)).check(draft)
            return replace(made, notes=(*self._notes(scope), *made.notes))

        return self._indexes.steady(checked)

    def _for_checking(self, scope: Scope, k: int | None) -> Articles:
        from rag.check import PASSAGES, Articles

        def numbered(one: Reference) -> tuple[int, str]:
            return self._number_with_id(one.id), one.version

        retriever, index = self._retriever(k or PASSAGES, scope), self._indexes.lexical()
        return Articles(
            search=lambda text: retriever.hits(text, self._binding.query_vector(text)),
            text=lambda one: self._catalog.present_text(*numbered(one)),
            pages=lambda one: self._catalog.present_pages(*numbered(one)),
            lookup=lambda text: self._finder.find(text, scope, lambda: None, most=PASSAGES),
            vocabulary=index,
            passages=len(index),
        )

    def retriever(
        self,
        *,
        k: int | None = None,
        filters: Filters = EVERYTHING,
    ) -> HybridRetriever:
        """A LlamaIndex retriever over this corpus, for any LlamaIndex program."""
        return self._retriever(k, self._scope(filters))

    def query_engine(
        self,
        *,
        filters: Filters = EVERYTHING,
        k: int | None = None,
    ) -> GroundedQueryEngine:
        """A LlamaIndex query engine over this corpus; its responses carry the Answer in their metadata."""
        from rag.query_engine import GroundedQueryEngine

        return GroundedQueryEngine(lambda question: self.ask(question, filters=filters, k=k))

    # -- articles ----------------------------------------------------------------------------------------------

    def add(
        self,
        inputs: Iterable[str | Path | BinaryIO],
        *,
        columns: Mapping[str, str] | None = None,
        format: str | None = None,
        progress: Callable[[Progress], None] | None = None,
        indexing: Callable[[str, int, int], None] | None = None,
    ) -> IngestReport:
        """Bring in the articles in files and folders, at web addresses, and in streams that are open for reading.

        Only what is new or changed is worked on. `columns`: of tables, field to column, where it has another name
        than the usual ones; `format`: that of every input, where neither names nor contents tell it.

        Raises CorpusBusy, CannotWrite or CorpusMismatch, and UsageError for a field or format that there is none of;
        what is wrong with an input stands in the report.
        """
        from rag.ingest import Ingest
        from rag.load import Brought, asked

        options = asked(columns or {}, format)
        given = list(inputs)
        paths = [Path(one) for one in given if isinstance(one, Path) or (isinstance(one, str) and "://" not in one)]
        others = [one for one in given if not isinstance(one, Path) and (not isinstance(one, str) or "://" in one)]
        with self._writing(), Brought(options, format) as brought:
            encode = self._binding.bind()
            ingest = Ingest(
                self._catalog,
                encode,
                PASSAGE_SIZE,
                progress,
                commit=lambda: self._indexes.follow(indexing),
                options=options,
                format=format,
            )
            report = ingest.run(paths, brought.all(others))
            waiting = self._compare_waiting(COMPARING, indexing)
            self._indexes.follow(indexing)
        return replace(report, notes=(*report.notes, *waiting, *self._words_alone()))

    def sync(
        self,
        folder: str | Path,
        *,
        columns: Mapping[str, str] | None = None,
        rehearse: bool = False,
        even_if_empty: bool = False,
        progress: Callable[[Progress], None] | None = None,
        indexing: Callable[[str, int, int], None] | None = None,
    ) -> SyncReport:
        """Make the corpus hold what the folder holds: bring in, follow what moved, take out what is gone from it.

        What came from elsewhere stays, and so does what cannot be read now. `columns`: as for `add`. `rehearse`:
        only say what would be done.
        Raises UsageError for a folder that is missing, may not be read or, unless `even_if_empty`, is empty now; and
        as `add` does.
        """
        from rag.ingest import Ingest
        from rag.load import asked
        from rag.sync import Rehearsal, sync

        options = asked(columns or {}, None)
        if rehearse:
            rehearsal = Rehearsal(self._catalog)
            ingest = Ingest(rehearsal, None, PASSAGE_SIZE, progress, options=options)
            return sync(rehearsal, Path(folder), ingest, even_if_empty)
        with self._writing():
            encode = self._binding.bind()
            ingest = Ingest(
                self._catalog,
                encode,
                PASSAGE_SIZE,
                progress,
                commit=lambda: self._indexes.follow(indexing),
                options=options,
            )
            report = sync(self._catalog, Path(folder), ingest, even_if_empty)
            waiting = self._compare_waiting(COMPARING, indexing)
            self._indexes.follow(indexing)
        return replace(report, notes=(*report.notes, *waiting, *self._words_alone()))

    def doctor(self, *, repair: bool = False) -> list[Finding]:
        """What is wrong with the corpus, its indexes and the model; with `repair`, what is left or was done.

        Raises CorpusBusy and CannotWrite while repairing, and CorpusDamaged where the file cannot be read at all.
        """
        from rag.doctor import Doctor, Finding

        if not repair:
            return Doctor(
                self._catalog, self._indexes, self._binding.encode_or_none, self._binding.prove_weights
            ).examine()
        with self._writing():
            first = [Finding("the corpus's id was damaged: it has a new one", mended=True)]
            mended = first if self._catalog.mend_id() else []
            doctor = Doctor(self._catalog, self._indexes, self._binding.encode_or_none, self._binding.prove_weights)
            return [*mended, *doctor.repair()]

    def absent_indexes(self) -> list[str]:
        """Which of the indexes, "lexical" and "vectors", are not built here."""
        return self._indexes.absent()

    def rebuild(self, indexing: Callable[[str, int, int], None] | None = None) -> bool:
        """Build both indexes anew; False while another process is building them. Raises CorpusBusy, CannotWrite.

        Articles that were not compared yet, as in a corpus of an older version, are compared for near copies first.
        """
        with self._writing():
            self._compare_waiting(math.inf, indexing)
            return self._indexes.rebuild(indexing)

    def _compare_waiting(self, seconds: float, progress: Callable[[str, int, int], None] | None) -> tuple[str, ...]:
        """Compare the articles that wait for it for so long; a note where some still do."""
        if not self._catalog.not_compared():
            return ()
        end = time.monotonic() + seconds
        told = None if progress is None else lambda done, total: progress("near copies", done, total)
        left = self._catalog.compare_waiting(lambda: time.monotonic() < end, told)
        if not left:
            return ()
        return (
            f"{left:,} articles wait to be compared for near copies; the next add goes on, groundwire rebuild does all",
        )

    def remove(self, names: Sequence[str]) -> Removed:
        """Take articles out, each named by a key, an id, a URL or a path (then all that came from it).

        All of them or, when one is unknown, none. Raises NotFound, UsageError, CorpusBusy, CannotWrite.
        """
        with self._writing():
            numbers = [number for name in names for number in self._numbers(name)]
            gone = tuple(reference for _, reference in self._catalog.references(numbers))
            for number in dict.fromkeys(numbers):
                self._catalog.remove(number)
            self._indexes.follow()
        return Removed(gone)

    def articles(self) -> Iterator[Reference]:
        """Every article, by date, the undated last."""
        return (reference for _, reference in self._catalog.references())

    def article(self, name: str) -> Article:
        """One article, named by a key, a unique beginning of its id, a URL or a path.

        Raises NotFound, and UsageError when several go by the name.
        """
        numbers = self._numbers(name)
        if len(numbers) > 1:
            some = ", ".join(reference.id for _, reference in self._catalog.references(numbers[:5]))
            raise UsageError(f"{len(numbers)} articles go by {name!r}; name one by its id: {some}")
        return self._catalog.article(numbers[0])

    def cited(self, name: str) -> CitedArticle:
        """What is cited by ``<article id>@<first 12 of the version>:<start>-<end>``, or by any name of an article.

        Raises NotFound where the article, that version of it or that span is not held; as `article` for a name.
        """
        span = _CITATION.fullmatch(name)
        with self._catalog.snapshot():
            number = self._number_with_id(span["article"] if span else self.article(name).id)
            named = self._catalog.article(number)
            wanted = span["version"] if span else named.version
            held = next((one for one in self._catalog.dated_versions(number) if one.version.startswith(wanted)), None)
            text = None if held is None else self._catalog.text(number, held.version)
            if held is None or text is None:
                raise NotFound(f"{name}: this version of the article is not held; see: groundwire show {named.id}")
            pages = self._catalog.pages(number, held.version)
            if span and not int(span["start"]) < int(span["end"]) <= len(text):
                raise NotFound(f"{name}: the article has {len(text):,} characters; give the id of a citation whole")
        if not span:
            return CitedArticle(named.reference, held.added)
        start, end = int(span["start"]), int(span["end"])
        return CitedArticle(named.reference, held.added, text[start:end], page_at(pages, start))

    def standing(self, cited: CitedSpan) -> Verdict:
        """Whether a citation of a saved answer still holds."""
        with self._catalog.snapshot():
            number = self._catalog.number_with_id(cited.article)
            if number is None:
                return stand(cited, cited_text=None, current_text=None, current_version=None)
            ((_, current),) = self._catalog.references([number])
            return stand(
                cited,
                cited_text=self._catalog.text(number, cited.version),
                current_text=self._catalog.text(number, current.version),
                current_version=current.version,
            )

    def change(self, cited: CitedSpan) -> Change | None:
        """What the article says today in place of a quote that it has no more; None where there is nothing like it."""
        from rag.changes import closest

        with self._catalog.snapshot():
            number = self._catalog.number_with_id(cited.article)
            return None if number is None else closest(cited.quote, self._catalog.article(number).text)

    def near_copies(self, name: str) -> NearCopies | None:
        """Who else has nearly the text of an article, and where it is likely from; None where nobody has.

        Raises as `article` does.
        """
        from rag import origins

        with self._catalog.snapshot():
            number = self._number_with_id(self.article(name).id)
            cluster = self._catalog.near_copies([number]).get(number)
            if cluster is None:
                return None
            members = self._catalog.present(cluster)
            return origins.near_copies(members[number], list(members.values()))

    def clusters(self) -> Iterator[tuple[Reference, ...]]:
        """The clusters of near copies: of each all its articles, by date, the undated last."""
        from rag import origins

        for cluster in self._catalog.clusters():
            yield origins.by_date(self._catalog.present(cluster).values())

    def versions(self, name: str) -> list[Version]:
        """The versions of an article's text, oldest first, each with what became of the one before it.

        Raises as `article` does.
        """
        from rag.changes import between

        with self._catalog.snapshot():
            number = self._number_with_id(self.article(name).id)
            made: list[Version] = []
            before: str | None = None
            for held in self._catalog.dated_versions(number):
                text = self._catalog.present_text(number, held.version)
                lines = () if before is None else tuple(between(before, text))
                made.append(Version(held.version, held.added, len(text), lines))
                before = text
            return made

    def status(self) -> Status:
        """What is indexed and with what."""
        folder = self._indexes.folder
        clusters = [len(cluster) for cluster in self._catalog.clusters()]
        return Status(
            path=self._catalog.path,
            bytes=_size(self._catalog.path),
            counts=self._catalog.counts(),
            fingerprint=self.fingerprint,
            model=self._binding.name,
            weights=self._binding.usable,
            indexes=folder,
            index_bytes=sum(_size(file) for file in folder.rglob("*")) if folder.is_dir() else 0,
            clusters=len(clusters),
            in_clusters=sum(clusters),
            not_compared=self._catalog.not_compared(),
        )

    @property
    def fingerprint(self) -> str:
        """Model, splitter and format: what passages and vectors were made with."""
        return self._binding.fingerprint

    @property
    def reader(self) -> str:
        """What chooses answers here: the trained reader and its fit, or "untrained"."""
        model = self._binding.reader
        return UNTRAINED if model is None else model.name

    def warm(self) -> None:
        """Begin to load the model beside what else asking needs; for programs that ask one question and end."""
        self._binding.warm()

    # -- helpers -----------------------------------------------------------------------------------------------

    @property
    def _indexes(self) -> Indexes:
        from rag.indexes import Indexes

        with self._guard:
            if self._opened_indexes is None:
                self._opened_indexes = Indexes(self._catalog, self.settings.cache)
            return self._opened_indexes

    @property
    def _finder(self) -> Finder:
        from rag.lookup import Finder

        with self._guard:
            if self._opened_finder is None:
                self._opened_finder = Finder(self._catalog, self._indexes)
            return self._opened_finder

    def _retriever(self, k: int | None, scope: Scope, asked_on: str | None = None) -> HybridRetriever:
        from rag.retrieve import HybridRetriever

        embedding, most = self._binding.asked, k or self.settings.k
        return HybridRetriever(self._catalog, self._indexes, embedding, k=most, scope=scope, asked_on=asked_on)

    def _scope(self, filters: Filters) -> Scope:
        if not self._catalog.mark().generation or not self._catalog.articles_in(Scope()):
            raise NotFound(f"nothing is indexed in {self._catalog.path}; begin with: groundwire add PATH")
        named = tuple(reference.id for name in filters.articles for _, reference in self._named(name))
        return self._catalog.scope(replace(filters, articles=named))

    def _named(self, name: str) -> Iterator[tuple[int, Reference]]:
        return self._catalog.references(self._numbers(name))

    def _numbers(self, name: str) -> list[int]:
        """The articles that go by the name; several only for a path. Raises NotFound, or UsageError for an id that
        is not unique."""
        from rag.load import canonical_url

        absolute = os.path.abspath(name)  # noqa: PTH100 (resolve() would follow links)
        for form in dict.fromkeys((name, canonical_url(name), absolute)):
            numbers = self._catalog.numbers(form)
            if len(numbers) > 1 and form == name and not self._is_path(name, numbers):
                some = ", ".join(reference.id for _, reference in self._catalog.references(numbers[:5]))
                raise UsageError(f"{name!r} names {len(numbers)} articles ({some}); give more of an id, or a path")
            if numbers:
                return numbers
        raise NotFound(f"there is no article {name!r}; see: groundwire list")

    def _number_with_id(self, id: str) -> int:
        """Of the article with this id, whatever the keys of others look like. Raises NotFound."""
        number = self._catalog.number_with_id(id)
        if number is None:
            raise NotFound(f"there is no article {id!r}; see: groundwire list")
        return number

    def _is_path(self, name: str, numbers: Sequence[int]) -> bool:
        return all(name in {reference.path, reference.url} for _, reference in self._catalog.references(numbers))

    def _texts(self, hits: Sequence[Hit]) -> tuple[dict[str, str], dict[str, tuple[int, ...]]]:
        """The texts of the hits' articles, and where the pages of those that are paged begin, by article id."""
        texts: dict[str, str] = {}
        pages: dict[str, tuple[int, ...]] = {}
        for hit in hits:
            known = hit.article
            if known.id not in texts:
                number = self._catalog.number_with_id(known.id)
                if number is None:
                    raise CorpusDamaged(
                        f"{self._catalog.path} is damaged: article {known.id} is not found by its id; mend it "
                        "with: groundwire doctor --repair"
                    )
                texts[known.id] = self._catalog.present_text(number, known.version)
                pages[known.id] = () if hit.page is None else self._catalog.present_pages(number, known.version)
        return texts, pages

    def _notes(self, scope: Scope) -> tuple[str, ...]:
        notes: list[str] = []
        left_out = self._catalog.undated_left_out(scope)
        if left_out:
            many = "1 article without a date was" if left_out == 1 else f"{left_out} articles without a date were"
            notes.append(f"{many} left out; keep with --undated")
        if not scope.everything and not self._catalog.articles_in(scope):
            notes.append("no article is within these filters")
        return (*notes, *self._words_alone())

    def _unsure(self, reading: Reading) -> tuple[str, ...]:
        """What to say where a confidence was asked for, and there is none."""
        if self.settings.min_confidence is None or reading.confidence is not None:
            return ()
        return ("without the trained reader there is no confidence: --min-confidence was not applied",)

    def _words_alone(self) -> tuple[str, ...]:
        """One note where searching is by words alone without being asked to."""
        missing = self._binding.missing
        return () if missing is None else (missing,)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the one writer. Raises CorpusBusy at once when another process is."""
        lock = self._catalog.path.with_name(self._catalog.path.name + ".lock")
        with held(lock, wait=0.3) as mine:
            if not mine:
                raise CorpusBusy(
                    f"{self._catalog.path}: another process is writing to it; try again when it has finished"
                )
            yield


class _Clock:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(1000 * (now - self._last), 2)
        self._last = now


def _asked_with(filters: Filters, asked_on: str | None) -> dict[str, object]:
    """What was asked for beside the question."""
    return dict(filters.as_dict()) | ({} if asked_on is None else {"asked_on": asked_on})


def _check_length(text: str, what: str) -> None:
    if not text.strip():
        raise UsageError(f"the {what} is empty; put it in quotation marks after the command")
    if len(text) > LONGEST:
        raise UsageError(f"the {what} has {len(text):,} characters; at most {LONGEST:,} are taken: ask a shorter one")


def _size(file: Path) -> int:
    with suppress(OSError):
        return file.stat().st_size
    return 0
