"""One size: make the articles, add them, ask. Each stage in a process of its own, so that its peak memory is its own.

Goes through `Corpus` as any program would, with an embedding model that makes its vectors up and costs next to
nothing; only the two engines alone are asked by the doors that `rag.retrieve` uses.
"""

from __future__ import annotations

import gzip
import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from numpy.typing import NDArray
from pydantic import PrivateAttr

from eval.growth import made_up
from eval.peers.serve import peak
from eval.peers.systems import Spent
from rag import Corpus
from rag.catalog import Catalog
from rag.config import Settings
from rag.indexes import Indexes
from rag.ingest import Progress
from rag.lexical import terms
from rag.query import read
from rag.scope import Scope
from rag.vectors import Vector, exact_search

KNOWN = "known"
"""The folder, beside those of the corpora, of what is taken from real news."""

SEED = 20200101
K = 10
DEPTH = 50
"""What each engine gives to the fusion; see rag/retrieve.py."""

QUESTIONS = 200
EXACT_QUESTIONS = 20
"""Exact search over a million vectors takes seconds."""

PARTS = ("catalog", "lexical", "dense", "end")
"""Of adding: reading, cleaning, splitting and writing; the two indexes; closing and sealing them."""

Measured = dict[str, float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Real:
    """What is taken from real news, kept in one file between runs."""

    questions: list[str]
    asked: NDArray[np.float32]
    """The questions' vectors."""
    vectors: NDArray[np.float16]
    """Those of all passages, in the order of `texts`."""
    texts: dict[bytes, int]
    """The sha256 of a passage's text, and its place among the vectors."""

    @classmethod
    def load(cls, folder: Path) -> Real:
        """Read what `prepare` has written; the vectors stay on the disk until they are wanted."""
        digests = np.load(folder / "texts.npy")
        return cls(
            json.loads((folder / "questions.json").read_text("utf-8")),
            np.load(folder / "asked.npy"),
            np.load(folder / "vectors.npy", mmap_mode="r"),
            {digest.tobytes(): place for place, digest in enumerate(digests)},
        )


def prepare(folder: Path, corpus: Path, questions: Sequence[str], embedding: BaseEmbedding) -> None:
    """Take the vectors of a corpus's passages and of the questions out, for every size."""
    folder.mkdir(parents=True, exist_ok=True)
    digests: list[bytes] = []
    packed: list[bytes] = []
    catalog = Catalog.open(corpus)
    for place in catalog.places(catalog.all_numbers()):
        text = catalog.present_text(place.number, place.reference.version)
        vectors = dict(catalog.vectors_of(place.number))
        for one in catalog.passages_of(place.number):
            digests.append(_digest(text[one.passage.start : one.passage.end]))
            packed.append(vectors[one.number])
    catalog.close()
    np.save(folder / "texts.npy", np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32))
    np.save(folder / "vectors.npy", np.frombuffer(b"".join(packed), "<f2").reshape(len(packed), -1))
    np.save(folder / "asked.npy", np.array([embedding.get_query_embedding(one) for one in questions], np.float32))
    (folder / "questions.json").write_text(json.dumps(list(questions)), "utf-8")


class MadeUp(BaseEmbedding):
    """The real vectors of real passages and questions; of any other text a made-up one."""

    _real: Real = PrivateAttr()
    _rng: np.random.Generator = PrivateAttr()
    _asked: dict[str, Vector] = PrivateAttr()
    _spent: Spent = PrivateAttr(default=Spent(0.0, 0.0))

    def __init__(self, real: Real, seed: int = SEED) -> None:
        super().__init__(model_name="made-up")
        self._real, self._rng = real, np.random.default_rng(seed)
        self._asked = dict(zip(real.questions, real.asked, strict=True))

    def encode(self, texts: Sequence[str]) -> Vector:
        """Shape (n, dimensions), unit length."""
        began = Spent.now()
        made = made_up.vectors(self._real.vectors, len(texts), self._rng)
        for place, text in enumerate(texts):
            known = self._real.texts.get(_digest(text))
            if known is not None:
                made[place] = self._real.vectors[known]
        self._spent += Spent.now() - began
        return made

    @property
    def spent(self) -> Spent:
        """What making vectors up took."""
        return self._spent

    def _get_query_embedding(self, query: str) -> Embedding:
        vector: Embedding = self._asked[query].tolist()
        return vector

    def _get_text_embedding(self, text: str) -> Embedding:
        vector: Embedding = self.encode([text])[0].tolist()
        return vector

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return self._get_query_embedding(query)


# -- articles ----------------------------------------------------------------------------------------------------------


def write_real(file: Path, first: int, end: int, folder: Path) -> None:
    """The real articles from one number to another."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        (folder / "real.jsonl").write_text("".join(itertools.islice(lines, first, end)), "utf-8")


def write_made_up(file: Path, first: int, end: int, folder: Path) -> None:
    """Made-up articles from one number to another."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    dates = [row["publish_date"] for row in rows if row.get("publish_date")]
    chain = made_up.Chain([row["text"] for row in rows])
    made_up.write(made_up.articles(chain, dates, np.random.default_rng(SEED + first), first), end - first, folder)


# -- adding ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Laps:
    """Which part of adding takes how long, told by what `Corpus.add` says of its progress."""

    trail: Path
    """Where each stand is written after an index has followed: a run that never ends has told something."""
    spent: dict[str, Spent] = field(default_factory=lambda: dict.fromkeys(PARTS, Spent(0.0, 0.0)))
    _last: Spent = field(default_factory=Spent.now)
    _was: str = "catalog"

    def article(self, stand: Progress) -> None:
        """An article was read. The time since the last step of an index went into closing and sealing it."""
        has_followed = self._was != "catalog"
        self._lap("end" if has_followed else "catalog", "catalog")
        if has_followed:
            with self.trail.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"passages": stand.passages, **self.flat()}) + "\n")

    def index(self, name: str, _done: int, _all: int) -> None:
        """An index took some articles."""
        self._lap(name, name)

    def close(self) -> None:
        """Adding has returned."""
        self._lap("end", "end")

    def flat(self) -> Measured:
        """Each part's seconds, and its CPU seconds."""
        return {f"{part}_{kind}": value for part, one in self.spent.items() for kind, value in asdict(one).items()}

    def _lap(self, part: str, was: str) -> None:
        now = Spent.now()
        self.spent[part] += now - self._last
        self._last, self._was = now, was


def add(home: Path, articles: Path) -> Measured:
    """What bringing these articles in takes, and the bytes of all that is in then."""
    embedding = MadeUp(Real.load(home.parent / KNOWN), SEED + int(articles.name))
    settings = Settings(home / "news.db", home / "cache")
    with Corpus.open(settings=settings, create=True, embedding=embedding) as corpus:
        before = peak()
        laps = Laps(home / "trail.jsonl")
        report = corpus.add([articles], progress=laps.article, indexing=laps.index)
        laps.close()
        laps.spent["catalog"] -= embedding.spent
        status = corpus.status()
        one_more = _timed(lambda: corpus.add([_one_article(home, articles.name)]))
    parts = {name: status.indexes.glob(f"{name}-*") for name in ("lexical", "vectors")}
    return {
        "articles": report.added,
        "skipped": len(report.skipped),
        "passages": report.passages,
        "source_bytes": sum(file.stat().st_size for file in articles.glob("*.jsonl")),
        **laps.flat(),
        "made_up_seconds": embedding.spent.seconds,
        "one_more_seconds": one_more,
        "corpus_bytes": status.bytes,
        "lexical_bytes": sum(_bytes(folder) for folder in parts["lexical"]),
        "dense_bytes": sum(_bytes(folder) for folder in parts["vectors"]),
        "peak": peak(),
        "peak_before": before,
    }


# -- asking ------------------------------------------------------------------------------------------------------------


def ask_by_words(home: Path, _: Path) -> Measured:
    """Opening, retrieval and whole answers by words alone."""
    questions = Real.load(home.parent / KNOWN).questions[:QUESTIONS]
    settings = Settings(home / "news.db", home / "cache", model="none")
    began = time.perf_counter()
    with Corpus.open(settings=settings) as corpus:
        opened = time.perf_counter() - began
        first = _timed(lambda: corpus.ask(questions[0]))
        found = _percentiles("words", lambda one: corpus.search(one, k=K), questions)
        found |= _percentiles("ask_words", corpus.ask, questions)
    return {"open": opened, "first_ask_words": first, **found, "peak_words": peak()}


def ask_with_vectors(home: Path, _: Path) -> Measured:
    """Each engine alone, both fused, and what HNSW misses. The questions' vectors cost nothing here."""
    known = Real.load(home.parent / KNOWN)
    embedding, pairs = MadeUp(known), list(zip(known.questions, known.asked, strict=True))[:QUESTIONS]
    settings = Settings(home / "news.db", home / "cache")
    with Corpus.open(settings=settings, embedding=embedding) as corpus:
        first = _timed(lambda: corpus.search(pairs[0][0], k=K))
        found = _percentiles("fused", lambda one: corpus.search(one[0], k=K), pairs)
        most = peak()
    catalog = Catalog.open(settings.corpus)
    indexes = Indexes(catalog, settings.cache)
    indexes.search_dense(pairs[0][1], DEPTH, Scope())
    found |= _percentiles("lexical", lambda one: _lexical(indexes, one[0]), pairs)
    found |= _percentiles("dense", lambda one: indexes.search_dense(one[1], DEPTH, Scope()), pairs)
    some = pairs[:EXACT_QUESTIONS]
    found |= _percentiles("exact", lambda one: exact_search(one[1], catalog.vectors(Scope()), DEPTH), some)
    recall = [_recall(indexes, catalog, vector) for _, vector in some]
    indexes.close()
    catalog.close()
    return {"first_fused": first, **found, "hnsw_recall": float(np.mean(recall)), "peak_vectors": most}


def _lexical(indexes: Indexes, question: str) -> object:
    forms = read(question, terms).forms(indexes.lexical())
    words = tuple(dict.fromkeys(form for some in forms.values() for form in some)) or tuple(terms(question))
    return indexes.search_lexical(words, DEPTH, Scope())


def _recall(indexes: Indexes, catalog: Catalog, vector: Vector) -> float:
    """The share of the exact K nearest that HNSW finds."""
    exact = {hit.number for hit in exact_search(vector, catalog.vectors(Scope()), K)}
    return len(exact & {hit.number for hit in indexes.search_dense(vector, K, Scope())}) / K


def _percentiles(name: str, work: Callable[[T], object], given: Sequence[T]) -> Measured:
    for one in given[:3]:
        work(one)
    spent: list[Spent] = []
    for one in given:
        began = Spent.now()
        work(one)
        spent.append(Spent.now() - began)
    p50, p99 = 1000 * np.percentile([one.seconds for one in spent], [50, 99])
    cpu = 1000 * np.mean([one.cpu for one in spent])
    # Adding has its own "lexical_cpu" and "dense_cpu".
    return {f"query_{name}_p50": float(p50), f"query_{name}_p99": float(p99), f"query_{name}_cpu": float(cpu)}


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _one_article(home: Path, name: str) -> Path:
    file = home / f"one-{name}.txt"
    file.write_text("The bridge was closed on Monday after a storm, the mayor said. It will open again in May.")
    return file


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


STAGES: dict[str, Callable[[Path, Path], Measured]] = {"add": add, "words": ask_by_words, "vectors": ask_with_vectors}
"""In this order; each is given the folder of the corpus, and that of the articles that are new."""
