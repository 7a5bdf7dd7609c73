"""Retrieval: both engines, fused by reciprocal rank. LlamaIndex retrievers, so that they plug in anywhere.

`HybridRetriever.hits` is the algorithm; `_retrieve` gives the same as LlamaIndex nodes, whose ids are span ids and
whose offsets are exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag import near_copies, origins, repeats
from rag.catalog import Catalog, StoredPassage
from rag.dates import days_about
from rag.indexes import Indexes
from rag.lexical import LexicalHit, terms
from rag.query import LONGEST, read
from rag.repeats import Said
from rag.scope import Scope
from rag.sentences import sentences
from rag.types import Answer, Hit, NearCopies, page_at, span_id
from rag.vectors import DenseHit, Vector

RRF_CONSTANT = 60
"""Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet …", SIGIR 2009."""

LEXICAL_WEIGHT = 1.0
DENSE_WEIGHT = 0.5
"""On news, BM25 earns the greater say; see docs/quality.md."""

EVERYTHING = Scope()

NEAR_WEIGHT = 0.5
"""What an engine's finds among the articles of the days about a question's date count, beside its finds among all.
Chosen on the even weeks of RealTimeQA, where the gold stands in the first passage for .61 of the questions without, and
for .66 with it; see docs/quality.md."""
DAYS_BEFORE, DAYS_AFTER = 8, 1
"""Which days these are: a week's, and those that a time zone may add."""

SAME_PASSAGE = 0.8
"""From this share of its runs of words on, a passage stands in a near copy of its article as well."""

MOST_STATES = 3
"""Articles of a cluster, each saying something else, with which the passages of the others are compared."""

DEPTH = 50
"""Passages that each engine gives to the fusion, at least."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage's number with its fused score and what each engine said."""

    number: int
    score: float
    lexical_rank: int | None = None
    dense_rank: int | None = None
    lexical_score: float | None = None
    dense_score: float | None = None


def fuse(
    lexical: Sequence[LexicalHit],
    dense: Sequence[DenseHit],
    near: tuple[Sequence[LexicalHit], Sequence[DenseHit]] = ((), ()),
) -> list[Fused]:
    """Reciprocal rank fusion: the sum of weight / (60 + rank) over the engines; best first, ties by number.

    `near`: what both find among the articles of the days that the question is about; it counts on top of that.
    """
    found: dict[int, Fused] = {}
    for rank, hit in enumerate(lexical, 1):
        score = LEXICAL_WEIGHT / (RRF_CONSTANT + rank)
        found[hit.number] = Fused(hit.number, score, lexical_rank=rank, lexical_score=hit.score)
    for rank, other in enumerate(dense, 1):
        before = found.get(other.number, Fused(other.number, 0.0))
        score = before.score + DENSE_WEIGHT / (RRF_CONSTANT + rank)
        found[other.number] = replace(before, score=score, dense_rank=rank, dense_score=other.score)
    counted = (LEXICAL_WEIGHT, [one.number for one in near[0]]), (DENSE_WEIGHT, [one.number for one in near[1]])
    for weight, numbers in counted:
        for rank, number in enumerate(numbers, 1):
            so_far = found.get(number, Fused(number, 0.0))
            found[number] = replace(so_far, score=so_far.score + NEAR_WEIGHT * weight / (RRF_CONSTANT + rank))
    return sorted(found.values(), key=lambda one: (-one.score, one.number))


class HybridRetriever(BaseRetriever):
    """Lexical and dense retrieval over one corpus, fused; with no embedding, lexical alone."""

    def __init__(
        self,
        catalog: Catalog,
        indexes: Indexes,
        embedding: BaseEmbedding | None,
        *,
        k: int = 10,
        scope: Scope = EVERYTHING,
        asked_on: str | None = None,
    ) -> None:
        """`asked_on`: the day, ISO 8601, about which the question is asked: articles of the week before it come before
        others that are as good."""
        super().__init__()
        self._catalog, self._indexes, self._embedding = catalog, indexes, embedding
        self._k, self._scope = k, scope
        self._near = None if asked_on is None else _within(scope, days_about(asked_on, DAYS_BEFORE, DAYS_AFTER))

    def hits(self, query: str, vector: Vector | None = None) -> list[Hit]:
        """The k best passages, best first; `vector` is the query's, where the caller has it already."""
        query = query[:LONGEST]
        if self._embedding is None:
            vector = None
        elif vector is None:
            vector = embed_query(self._embedding, query)
        return self._indexes.steady(lambda: self._hits(query, vector))

    def _hits(self, query: str, vector: Vector | None) -> list[Hit]:
        depth = max(DEPTH, self._k)
        words = self._words(query)
        lexical = self._indexes.search_lexical(words, depth, self._scope)
        dense = [] if vector is None else self._indexes.search_dense(vector, depth, self._scope)
        near = [] if self._near is None else self._indexes.search_lexical(words, depth, self._near)
        found: list[LexicalHit | DenseHit] = [*lexical, *dense, *near]
        stored = self._indexes.joined(one.number for one in found)
        return self._shown(fuse(lexical, dense, (near, self._near_ones(dense, stored))), stored)

    def _near_ones(self, dense: Sequence[DenseHit], stored: Mapping[int, StoredPassage]) -> list[DenseHit]:
        """Those that are of the days about the question's date. Among what was found: to ask the vector index for them
        alone takes longer than all else here, and finds no more that answers."""
        if self._near is None:
            return []
        articles = {hit.number: stored[hit.number].article for hit in dense if hit.number in stored}
        near = {
            place.number
            for place in self._catalog.places(list(articles.values()))
            if self._near.covers(place.first_day, place.last_day)
        }
        return [hit for hit in dense if articles.get(hit.number) in near]

    def _words(self, text: str) -> tuple[str, ...]:
        """The terms to search for: of the telling words, or of all where none tells anything."""
        forms = read(text, terms).forms(self._indexes.lexical())
        return tuple(dict.fromkeys(form for some in forms.values() for form in some)) or tuple(terms(text))

    def _shown(self, fused: Sequence[Fused], stored: Mapping[int, StoredPassage]) -> list[Hit]:
        """The first k of them that the catalog holds: an index can never show what it does not.

        Of near copies one article is shown, that of the best hit, unless another says something that it does not.
        """
        found = [(one, stored[one.number]) for one in fused if one.number in stored]
        clusters = self._catalog.near_copies({place.article for _, place in found})
        kept = list(islice(self._folded(found, clusters), self._k))
        return self._hits_at(kept, clusters)

    def _folded(
        self, found: Sequence[tuple[Fused, StoredPassage]], clusters: Mapping[int, Sequence[int]]
    ) -> Iterator[tuple[Fused, StoredPassage]]:
        """What was found, without what an article shown for its cluster says too: in place of that, where it does."""
        shown: defaultdict[int, list[int]] = defaultdict(list)
        seen: set[int] = set()
        for one, place in found:
            cluster = clusters.get(place.article)
            known = [] if cluster is None else shown[cluster[0]]
            before = known[: known.index(place.article)] if place.article in known else known
            folded = (self._same_passage(place, first) for first in before[:MOST_STATES])
            same = next((other for other in folded if other is not None), None)
            if same is None and place.article not in known:
                known.append(place.article)
            there = same or place
            if there.number not in seen:
                seen.add(there.number)
                yield replace(one, number=there.number), there

    def _same_passage(self, place: StoredPassage, article: int) -> StoredPassage | None:
        """The passage of the article that says most of what this one says; None where the article does not say it, or
        says some of it with other numbers, names or negations."""
        text, own = self._text(article), self._text(place.article)
        said = near_copies.shingles(own[place.passage.start : place.passage.end])
        if near_copies.share(said, near_copies.shingles(text)) < SAME_PASSAGE:
            return None
        if repeats.tells_more((own[one.start : one.end] for one in place.passage.sentences), text):
            return None
        best, most = None, 0.0
        for other in self._catalog.passages_of(article):
            share = near_copies.share(said, near_copies.shingles(text[other.passage.start : other.passage.end]))
            if share > most:
                best, most = other, share
        return best

    def _text(self, article: int) -> str:
        return self._catalog.present_text(article, self._catalog.present([article])[article].version)

    def _hits_at(self, kept: Sequence[tuple[Fused, StoredPassage]], clusters: Mapping[int, Sequence[int]]) -> list[Hit]:
        articles = self._catalog.present({place.article for _, place in kept})
        texts = {number: self._catalog.present_text(number, known.version) for number, known in articles.items()}
        pages = {number: self._catalog.present_pages(number, known.version) for number, known in articles.items()}
        shown: defaultdict[int, list[str]] = defaultdict(list)
        for _, place in kept:
            if place.article in clusters:
                text = texts[place.article]
                shown[place.article] += [text[one.start : one.end] for one in place.passage.sentences]
        copies = {number: _copies(self._catalog, number, clusters[number], said) for number, said in shown.items()}
        return [
            Hit(
                article=articles[place.article],
                passage=place.passage,
                text=texts[place.article][place.passage.start : place.passage.end],
                score=one.score,
                lexical_rank=one.lexical_rank,
                dense_rank=one.dense_rank,
                lexical_score=one.lexical_score,
                dense_score=one.dense_score,
                page=page_at(pages[place.article], place.passage.start),
                near_copies=copies.get(place.article),
            )
            for one, place in kept
        ]

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        given = query_bundle.embedding
        vector = None if given is None else np.asarray(given, dtype=np.float32)
        return [as_node(hit) for hit in self.hits(query_bundle.query_str, vector)]


def beside_quotes(catalog: Catalog, answer: Answer) -> Answer:
    """The answer with those near copies of a cited article that hold its quotes, and those that have one otherwise."""
    quotes: defaultdict[str, list[str]] = defaultdict(list)
    for citation in answer.citations:
        if citation.article in answer.near_copies:
            quotes[citation.article] += (citation.quote[one.start : one.end] for one in sentences(citation.quote))
    if not quotes:
        return answer
    copies: dict[str, NearCopies | None] = {}
    with catalog.snapshot():
        for name, said in quotes.items():
            number = catalog.number_with_id(name)
            cluster = None if number is None else catalog.near_copies([number]).get(number)
            copies[name] = _copies(catalog, number, cluster, said, quoted=True) if number and cluster else None
    told = [replace(hit, near_copies=copies.get(hit.article.id, hit.near_copies)) for hit in answer.passages]
    return replace(answer, passages=tuple(told))


def _copies(
    catalog: Catalog, number: int, cluster: Sequence[int], shown: Sequence[str], *, quoted: bool = False
) -> NearCopies | None:
    """Whom to name beside these sentences of the article: who has nearly its text, without those that say one of them
    otherwise; with `quoted`, those alone that say them all."""
    members = catalog.present(cluster)
    verdicts = {
        one: repeats.said(shown, catalog.present_text(one, known.version))
        for one, known in members.items()
        if one != number
    }
    differing = [members[one] for one, verdict in verdicts.items() if verdict is Said.OTHERWISE]
    least = Said.SAME if quoted else Said.NOT
    alike = [members[number], *(members[one] for one, verdict in verdicts.items() if verdict <= least)]
    return origins.near_copies(members[number], alike, differing) if len(alike) > 1 or differing else None


def _within(scope: Scope, days: tuple[int, int]) -> Scope | None:
    """What of the scope falls on these days; None where that is nothing."""
    since, until = max(days[0], scope.since or 0), min(days[1], scope.until or days[1])
    return replace(scope, since=since, until=until, undated=False) if since <= until else None


def embed_query(embedding: BaseEmbedding, query: str) -> Vector:
    """The query's unit vector, shape (dimensions,)."""
    made: Vector = unit(np.asarray([embedding.get_query_embedding(query)], dtype=np.float32))[0]
    return made


def embed_texts(embedding: BaseEmbedding, texts: Sequence[str]) -> Vector:
    """The texts' unit vectors, shape (n, dimensions), float32."""
    # Ours gives an array, and sorts all the texts by length; LlamaIndex's way makes batches first, and lists of floats.
    encode = getattr(embedding, "encode", None)
    made = embedding.get_text_embedding_batch(list(texts)) if encode is None else encode(texts)
    return unit(np.asarray(made, dtype=np.float32))


def unit(vectors: Vector) -> Vector:
    """Each row at length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: Vector = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return made


def as_node(hit: Hit) -> NodeWithScore:
    """A hit as LlamaIndex takes it: `text` is `Article.text[start_char_idx:end_char_idx]`."""
    article, passage = hit.article, hit.passage
    metadata = {
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "publisher": article.publisher,
        "authors": ", ".join(article.authors),
        "published": article.published,
        "url": article.url,
        "path": article.path,
        "lexical_rank": hit.lexical_rank,
        "dense_rank": hit.dense_rank,
        "page": hit.page,
        "near_copies": len(hit.near_copies.others) if hit.near_copies else 0,
    }
    shown = {"title", "publisher", "published"}
    hidden = [name for name in metadata if name not in shown]
    node = TextNode(
        id_=span_id(article.id, article.version, passage.start, passage.end),
        text=hit.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=hit.score)
