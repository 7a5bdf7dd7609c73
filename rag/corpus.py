"""The one place where the parts are put together, and the Python API::

from rag import Corpus

with Corpus.open("news.db", create=True) as corpus:
    corpus.add(["seeds"])
    print(corpus.ask("Who denied that the base was the target?").text)
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from rag import config, verify, weights
from rag.catalog import Catalog, Counts
from rag.config import DEFAULT_MODEL, NO_MODEL, PASSAGE_SIZE, PRECISIONS, Settings
from rag.errors import CorpusBusy, CorpusMismatch, GroundwireError, ModelError, NotFound, UsageError
from rag.locks import held
from rag.query import LONGEST
from rag.scope import Scope
from rag.split import splitter_id
from rag.types import Answer, Article, Filters, Hit, ProducedBy, Reference
from rag.version import VERSION

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

    from rag.answer.extract import SentenceReader
    from rag.indexes import Indexes
    from rag.ingest import IngestReport, Progress
    from rag.query_engine import GroundedQueryEngine
    from rag.retrieve import HybridRetriever
    from rag.vectors import Vector

EVERYTHING = Filters()

NO_WEIGHTS = (
    "searching by words alone: the embedding model's weights are not here; get them once with: groundwire model fetch"
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


@dataclass(frozen=True, slots=True)
class Found:
    """What `search` found."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...]


class Corpus:
    """Articles that can be asked. Several threads may ask one Corpus; one process at a time may add."""

    def __init__(self, catalog: Catalog, settings: Settings, embedding: BaseEmbedding | None = None) -> None:
        """Use `Corpus.open`."""
        self.settings = settings
        self._catalog = catalog
        self._given = embedding
        # What takes long to load is loaded when it is first wanted, once, whichever thread wants it.
        self._guard = RLock()
        self._model: BaseEmbedding | None = None
        self._opened_indexes: Indexes | None = None

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
            corpus = cls(catalog, settings, embedding)
            corpus._check_model_name()
        except BaseException:
            catalog.close()
            raise
        return corpus

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
        id: str | None = None,
    ) -> Answer:
        """Answer from the articles, every sentence with an exact quote, or refuse.

        `k`: passages to look at; `words`: length of the answer at most. Raises UsageError for a question that is
        empty or too long, NotFound where nothing is indexed.
        """
        from rag import lexical, query
        from rag.answer import compose

        clock = _Clock()
        _check_length(question, "question")
        asked = query.read(question, lexical.terms)
        with self._catalog.snapshot():
            scope = self._scope(filters)
            reader, hits = self._prepared(question, scope, k)
            clock.lap("retrieve")
            reading = reader.read(asked, hits)
            clock.lap("read")
            request = compose.Request(
                question=question,
                words=words or self.settings.words,
                produced_by=ProducedBy(VERSION, self.fingerprint, filters.as_dict()),
                id=id,
            )
            texts = self._texts(hits)
        if reading.answers:
            chosen = compose.choose(reading, hits, request.words, lexical.terms)
            made = compose.answer(request, chosen, hits, texts, reading.confidence)
        else:
            unknown = asked.unknown(self._indexes.lexical())
            made = compose.refusal(request, hits, unknown, reading.confidence)
        proved = verify.gate(made, texts)
        clock.lap("verify")
        return replace(proved, notes=(*self._notes(scope), *proved.notes), timings_ms=clock.laps)

    def prepare(
        self, question: str, *, filters: Filters = EVERYTHING, k: int | None = None
    ) -> tuple[SentenceReader, list[Hit]]:
        """What `ask` begins with, for measuring: the reader for a question, and the hits that it reads."""
        _check_length(question, "question")
        return self._prepared(question, self._scope(filters), k)

    def _prepared(self, question: str, scope: Scope, k: int | None) -> tuple[SentenceReader, list[Hit]]:
        from rag import lexical
        from rag.answer.extract import SentenceReader

        vector = self._query_vector(question)
        hits = self._retriever(k, scope).hits(question, vector)
        index = self._indexes.lexical()
        encode = self._encode if vector is not None else None
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
        with self._catalog.snapshot():
            scope = self._scope(filters)
            hits = self._retriever(k, scope).hits(text, self._query_vector(text))
            return Found(tuple(hits), self._notes(scope))

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
        paths: Iterable[str | Path],
        *,
        progress: Callable[[Progress], None] | None = None,
        indexing: Callable[[str, int, int], None] | None = None,
    ) -> IngestReport:
        """Bring in the articles in files and folders; only what is new or changed is worked on.

        Raises CorpusBusy, CannotWrite or CorpusMismatch; what is wrong with an input stands in the report.
        """
        from rag.ingest import Ingest

        with self._writing():
            encode = self._bound_encode()
            ingest = Ingest(
                self._catalog, encode, PASSAGE_SIZE, progress, commit=lambda: self._indexes.follow(indexing)
            )
            report = ingest.run([Path(path) for path in paths])
            self._indexes.follow(indexing)
            without = encode is None and self._model_name != NO_MODEL
        return replace(report, notes=(*report.notes, *([NO_WEIGHTS] if without else [])))

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

    def standing(self, cited: verify.CitedSpan) -> verify.Verdict:
        """Whether a citation of a saved answer still holds."""
        with self._catalog.snapshot():
            numbers = self._catalog.numbers(cited.article)
            current = next((reference for _, reference in self._catalog.references(numbers)), None)
            if current is None or current.id != cited.article:
                return verify.stand(cited, cited_text=None, current_text=None, current_version=None)
            return verify.stand(
                cited,
                cited_text=self._catalog.text(numbers[0], cited.version),
                current_text=self._catalog.text(numbers[0], current.version),
                current_version=current.version,
            )

    def status(self) -> Status:
        """What is indexed and with what."""
        folder = self._indexes.folder
        return Status(
            path=self._catalog.path,
            bytes=_size(self._catalog.path),
            counts=self._catalog.counts(),
            fingerprint=self.fingerprint,
            model=self._model_name,
            weights=self._usable(),
            indexes=folder,
            index_bytes=sum(_size(file) for file in folder.rglob("*")) if folder.is_dir() else 0,
        )

    @property
    def fingerprint(self) -> str:
        """Model, splitter and format: what passages and vectors were made with."""
        model = self._catalog.meta("model") or "no vectors"
        return f"{model};{self._catalog.meta('splitter') or splitter_id(PASSAGE_SIZE)};format-{self._catalog.format}"

    # -- the embedding model -----------------------------------------------------------------------------------

    @property
    def _model_name(self) -> str:
        wanted = self.settings.model
        return NO_MODEL if wanted == NO_MODEL else self._catalog.meta("model_name") or wanted or DEFAULT_MODEL

    def _check_model_name(self) -> None:
        made_with, wanted = self._catalog.meta("model_name"), self.settings.model
        if made_with and wanted not in {None, made_with, NO_MODEL} and self._given is None:
            raise CorpusMismatch(
                f"{self._catalog.path} was made with the model {made_with!r}, not {wanted!r}; leave the model out, or "
                "make another corpus with it: groundwire add PATH --corpus OTHER.db"
            )

    def _usable(self) -> bool:
        if self._given is not None or self._model_name not in PRECISIONS:
            return self._model_name != NO_MODEL
        return weights.present(self.settings.cache)

    @property
    def _embedding(self) -> BaseEmbedding | None:
        """The model; None where its weights are not here. Raises CorpusMismatch when it is not the corpus's own."""
        with self._guard:
            if self._model is None:
                self._model = self._loaded_model()
            return self._model

    def _loaded_model(self) -> BaseEmbedding | None:
        if self._given is None and not self._usable():
            return None
        from rag import encoder

        embedding = self._given or encoder.by_name(self._model_name, self.settings.cache)
        made_with, found = self._catalog.meta("model"), encoder.model_id(embedding)
        if made_with and made_with != found:
            raise CorpusMismatch(
                f"{self._catalog.path} was made with the model {made_with}, not {found}; use that one, or make another "
                "corpus with this one: groundwire add PATH --corpus OTHER.db"
            )
        return embedding

    def warm(self) -> None:
        """Begin to load the model on another thread, while this one imports what else asking needs.

        For programs that ask one question and end; what goes wrong is said when the model is wanted.
        """
        precision = PRECISIONS.get(self._model_name)
        if self._given is None and precision is not None and self._usable():
            Thread(target=_load_ahead, args=(self.settings.cache, precision), daemon=True).start()

    def _bound_encode(self) -> Callable[[Sequence[str]], Vector] | None:
        """The encoder for writing, after the corpus is bound to its model and splitter."""
        splitter, bound = splitter_id(PASSAGE_SIZE), self._catalog.meta("splitter")
        if bound is None:
            self._catalog.set_meta("splitter", splitter)
        elif bound != splitter:
            raise CorpusMismatch(
                f"{self._catalog.path} was made with the splitter {bound}, this version has {splitter}; add the "
                "articles to another corpus: groundwire add PATH --corpus OTHER.db"
            )
        if self._embedding is None:
            return None
        if self._catalog.meta("model") is None:
            from rag import encoder

            self._catalog.set_meta("model_name", self._model_name if self._given is None else "given")
            self._catalog.set_meta("model", encoder.model_id(self._embedding))
        return self._encode

    def _encode(self, texts: Sequence[str]) -> Vector:
        from rag.retrieve import embed_texts

        if self._embedding is None:
            raise ModelError(NO_WEIGHTS)
        return embed_texts(self._embedding, texts)

    def _query_vector(self, text: str) -> Vector | None:
        """The query's vector; None where the corpus has no vectors or the model is not here."""
        from rag.retrieve import embed_query

        if self._catalog.meta("model") is None or self._embedding is None:
            return None
        return embed_query(self._embedding, text)

    # -- helpers -----------------------------------------------------------------------------------------------

    @property
    def _indexes(self) -> Indexes:
        from rag.indexes import Indexes

        with self._guard:
            if self._opened_indexes is None:
                self._opened_indexes = Indexes(self._catalog, self.settings.cache)
            return self._opened_indexes

    def _retriever(self, k: int | None, scope: Scope) -> HybridRetriever:
        from rag.retrieve import HybridRetriever

        embedding = self._embedding if self._catalog.meta("model") else None
        return HybridRetriever(self._catalog, self._indexes, embedding, k=k or self.settings.k, scope=scope)

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

        for form in dict.fromkeys((name, canonical_url(name), os.path.abspath(name))):
            numbers = self._catalog.numbers(form)
            if len(numbers) > 1 and form == name and not self._is_path(name, numbers):
                some = ", ".join(reference.id for _, reference in self._catalog.references(numbers[:5]))
                raise UsageError(f"{name!r} begins the id of {len(numbers)} articles ({some}); give more of it")
            if numbers:
                return numbers
        raise NotFound(f"there is no article {name!r}; see: groundwire list")

    def _is_path(self, name: str, numbers: Sequence[int]) -> bool:
        return all(name in {reference.path, reference.url} for _, reference in self._catalog.references(numbers))

    def _texts(self, hits: Sequence[Hit]) -> dict[str, str]:
        found: dict[str, str] = {}
        for hit in hits:
            if hit.article.id not in found:
                (number,) = self._catalog.numbers(hit.article.id)
                text = self._catalog.text(number, hit.article.version)
                if text is not None:
                    found[hit.article.id] = text
        return found

    def _notes(self, scope: Scope) -> tuple[str, ...]:
        notes: list[str] = []
        left_out = self._catalog.undated_left_out(scope)
        if left_out:
            many = "1 article without a date was" if left_out == 1 else f"{left_out} articles without a date were"
            notes.append(f"{many} left out; keep with --undated")
        if not scope.everything and not self._catalog.articles_in(scope):
            notes.append("no article is within these filters")
        if self._model_name == NO_MODEL:
            return tuple(notes)  # as asked for
        if not self._usable():
            notes.append(NO_WEIGHTS)
        elif self._catalog.meta("model") is None:
            notes.append("searching by words alone: the articles were added without a model; run groundwire add again")
        return tuple(notes)

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


def _load_ahead(cache: Path, precision: Literal["fp32", "int8"]) -> None:
    with suppress(GroundwireError):
        from rag import minilm

        minilm.load(weights.load(cache), precision)


def _check_length(text: str, what: str) -> None:
    if not text.strip():
        raise UsageError(f"the {what} is empty; put it in quotation marks after the command")
    if len(text) > LONGEST:
        raise UsageError(f"the {what} has {len(text):,} characters; at most {LONGEST:,} are taken: ask a shorter one")


def _size(file: Path) -> int:
    with suppress(OSError):
        return file.stat().st_size
    return 0
