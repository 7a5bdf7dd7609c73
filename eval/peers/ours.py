"""Groundwire, whole and in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from eval.peers.embedding import Timed
from eval.peers.systems import Answer, Built, Model, Retrieved, Search, Shelf, Spent, folder_bytes
from rag import Corpus, lexical, near_copies, vectors
from rag.catalog import Catalog
from rag.config import NO_MODEL, PASSAGE_SIZE, Settings, load
from rag.errors import GroundwireError
from rag.indexes import Indexes
from rag.ingest import READER
from rag.lexical import terms
from rag.retrieve import embed_query
from rag.schema import MIGRATIONS
from rag.scope import Scope
from rag.split import splitter_id
from rag.stamps import Stamps
from rag.vectors import exact_search

EVERYTHING = Scope()


def index() -> str:
    """Names how articles become passages, and how corpus and indexes keep them: a store with another name is old.

    The version alone, which stays the same between releases, would let it outlive a change.
    """
    formats = f"format-{len(MIGRATIONS)}", lexical.FORMAT, vectors.FORMAT, READER, near_copies.recipe()
    return ";".join([splitter_id(PASSAGE_SIZE), *formats])


def build(folder: Path, articles: Path, remembered: Callable[[], Timed]) -> Built:
    """`groundwire add`, with vectors."""
    return _built(folder, articles, _settings(folder), remembered())


def build_words(folder: Path, articles: Path, _: object) -> Built:
    """`groundwire add --model none`."""
    return _built(folder, articles, _settings(folder, NO_MODEL), None)


def hybrid(shelf: Shelf, model: Model, k: int) -> Search:
    """`Corpus.search`."""
    return _search(_opened(shelf.of("groundwire"), model), k)


def words(shelf: Shelf, model: Model, k: int) -> Search:
    """`Corpus.search` by words alone."""
    return _search(_opened(shelf.of("groundwire-words"), None), k)


def ask_hybrid(shelf: Shelf, model: Model) -> Answer:
    """`Corpus.ask`."""
    return _ask(_opened(shelf.of("groundwire"), model))


def ask_words(shelf: Shelf, model: Model) -> Answer:
    """`Corpus.ask` by words alone."""
    return _ask(_opened(shelf.of("groundwire-words"), None))


def bm25(shelf: Shelf, model: Model, k: int) -> Search:
    """The lexical index, asked for the question's words as they are: no variants of names, no choice of words."""
    parts = _Parts(shelf.of("groundwire-words"))

    def search(question: str) -> list[Retrieved]:
        return parts.passages(hit.number for hit in parts.indexes.search_lexical(terms(question), k, EVERYTHING))

    return search


def dense(shelf: Shelf, model: Model, k: int) -> Search:
    """Chroma's nearest."""
    parts, embedding = _Parts(shelf.of("groundwire")), model()

    def search(question: str) -> list[Retrieved]:
        found = parts.indexes.search_dense(embed_query(embedding, question), k, EVERYTHING)
        return parts.passages(hit.number for hit in found)

    return search


def exact(shelf: Shelf, model: Model, k: int) -> Search:
    """The nearest of all the catalog's vectors, each compared: what HNSW would find if it missed nothing."""
    parts, embedding = _Parts(shelf.of("groundwire")), model()

    def search(question: str) -> list[Retrieved]:
        found = exact_search(embed_query(embedding, question), parts.catalog.vectors(EVERYTHING), k)
        return parts.passages(hit.number for hit in found)

    return search


def check(shelf: Shelf) -> None:
    """Raise GroundwireError where the vector index was given up: then all is searched exactly, which looks like an
    index that is slow and misses nothing."""
    parts = _Parts(shelf.of("groundwire"))
    stamp = Stamps(parts.catalog, parts.indexes.folder).found("vectors")
    if stamp is None or not stamp.clean:
        raise GroundwireError(
            f"{parts.indexes.folder}: the vector index is not in use; remove the store, and run again"
        )


class _Parts:
    """A corpus's catalog and indexes, without what puts them together."""

    def __init__(self, folder: Path) -> None:
        settings = _settings(folder)
        self.catalog = Catalog.open(settings.corpus)
        self.indexes = Indexes(self.catalog, settings.cache)

    def passages(self, numbers: Iterable[int]) -> list[Retrieved]:
        """The passages of these numbers, in this order."""
        wanted = list(numbers)
        stored = self.catalog.passages(wanted)
        articles = self.catalog.present({one.article for one in stored.values()})
        texts = {number: self.catalog.present_text(number, known.version) for number, known in articles.items()}
        return [
            Retrieved(
                texts[stored[number].article][stored[number].passage.start : stored[number].passage.end],
                articles[stored[number].article].id,
            )
            for number in wanted
        ]


def _built(folder: Path, articles: Path, settings: Settings, embedding: Timed | None) -> Built:
    nothing = Spent(0.0, 0.0)
    began = Spent.now() - (embedding.spent if embedding else nothing)
    with Corpus.open(settings=settings, create=True, embedding=embedding) as corpus:
        report = corpus.add([articles])
    if report.skipped:
        first = report.skipped[0]
        raise GroundwireError(f"{first.where}: {first.reason}; not all the articles are in")
    spent = Spent.now() - (embedding.spent if embedding else nothing) - began
    return Built(spent, report.passages, folder_bytes(folder))


@cache
def _opened(folder: Path, model: Model | None) -> Corpus:
    """One for searching and answering, as a program that does both would have it."""
    settings = _settings(folder, None if model else NO_MODEL)
    mine = settings.cache / "models"
    if model and not mine.exists():  # the trained reader leans on the weights, which lie in the user's own cache
        mine.symlink_to(load().cache / "models")
    return Corpus.open(settings=settings, embedding=model() if model else None)


def _settings(folder: Path, model: str | None = None) -> Settings:
    return Settings(folder / "news.db", folder / "cache", model)


def _search(corpus: Corpus, k: int) -> Search:
    def search(question: str) -> list[Retrieved]:
        return [Retrieved(hit.text, hit.article.id) for hit in corpus.search(question, k=k).hits]

    return search


def _ask(corpus: Corpus) -> Answer:
    def answer(question: str) -> str:
        return " ".join(statement.text for statement in corpus.ask(question).statements)

    return answer
