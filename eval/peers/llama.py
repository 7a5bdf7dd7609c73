"""LlamaIndex as its documentation starts one off: `SentenceSplitter`, `VectorStoreIndex` on Chroma, BM25, fusion.

Every setting is the library's default but for the embedding model, which is the one that everybody here has, and the
number of passages. Titles go in as metadata, which LlamaIndex embeds, and searches, with the text. This is the only
module here that knows LlamaIndex's stores.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import BaseRetriever, QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import BaseNode, MetadataMode

from eval.peers.embedding import Timed
from eval.peers.quiz import Source, sources
from eval.peers.systems import Built, Model, Retrieved, Search, Shelf, Spent, folder_bytes
from rag.load import canonical_url
from rag.types import article_id

if TYPE_CHECKING:
    from llama_index.retrievers.bm25 import BM25Retriever
    from llama_index.vector_stores.chroma import ChromaVectorStore

COLLECTION = "quickstart"
"""As in the documentation of `ChromaVectorStore`."""


def build_vectors(folder: Path, articles: Path, remembered: Callable[[], Timed]) -> Built:
    """Split, embed, and store in Chroma."""
    embedding = remembered()
    began = Spent.now() - embedding.spent
    nodes = split(folder, sources(articles))
    context = StorageContext.from_defaults(vector_store=_store(folder))
    VectorStoreIndex(nodes, storage_context=context, embed_model=embedding)
    return Built(Spent.now() - embedding.spent - began, len(nodes), folder_bytes(folder))


def build_bm25(folder: Path, articles: Path, _: object) -> Built:
    """Split, and keep a BM25 retriever over the same nodes."""
    from llama_index.retrievers.bm25 import BM25Retriever

    began = Spent.now()
    nodes = split(folder, sources(articles))
    BM25Retriever.from_defaults(nodes=nodes).persist(str(folder))
    return Built(Spent.now() - began, len(nodes), folder_bytes(folder))


def vectors(shelf: Shelf, model: Model, k: int) -> Search:
    """`index.as_retriever(similarity_top_k=k)`."""
    return _search(_vectors(shelf, model, k))


def bm25(shelf: Shelf, model: Model, k: int) -> Search:
    """`BM25Retriever`."""
    return _search(_bm25(shelf, k))


def fusion(shelf: Shelf, model: Model, k: int) -> Search:
    """`QueryFusionRetriever` of both by reciprocal rank; one query, so that no language model is asked for more."""
    both: list[BaseRetriever] = [_vectors(shelf, model, k), _bm25(shelf, k)]
    fused = QueryFusionRetriever(
        both, llm=MockLLM(), mode=FUSION_MODES.RECIPROCAL_RANK, similarity_top_k=k, num_queries=1
    )
    return _search(fused)


def split(folder: Path, articles: Sequence[Source]) -> list[BaseNode]:
    """The articles as LlamaIndex's nodes."""
    _give_nltk_its_data(folder)
    documents = [
        Document(
            text=source.text,
            metadata={"title": source.title, "url": source.url},
            excluded_embed_metadata_keys=["url"],
            excluded_llm_metadata_keys=["url"],
        )
        for source in articles
    ]
    return SentenceSplitter().get_nodes_from_documents(documents)


def embedded_texts(nodes: Sequence[BaseNode]) -> list[str]:
    """What LlamaIndex gives the embedding model to read of its nodes."""
    return [node.get_content(MetadataMode.EMBED) for node in nodes]


def _search(retriever: BaseRetriever) -> Search:
    def search(question: str) -> list[Retrieved]:
        return [
            Retrieved(found.node.get_content(MetadataMode.NONE), article_id(canonical_url(found.node.metadata["url"])))
            for found in retriever.retrieve(question)
        ]

    return search


def _vectors(shelf: Shelf, model: Model, k: int) -> BaseRetriever:
    index = VectorStoreIndex.from_vector_store(_store(shelf.of("llama-vectors")), embed_model=model())
    return index.as_retriever(similarity_top_k=k)


def _bm25(shelf: Shelf, k: int) -> BM25Retriever:
    from llama_index.retrievers.bm25 import BM25Retriever

    retriever = BM25Retriever.from_persist_dir(str(shelf.of("llama-bm25")))
    retriever.similarity_top_k = k
    return retriever


def _store(folder: Path) -> ChromaVectorStore:
    import chromadb
    from chromadb.config import Settings
    from llama_index.vector_stores.chroma import ChromaVectorStore

    client = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
    # Without one of its own, Chroma would attach a function that downloads a model; vectors come from here alone.
    collection = client.get_or_create_collection(COLLECTION, embedding_function=None)
    return ChromaVectorStore(chroma_collection=collection)


def _give_nltk_its_data(folder: Path) -> None:
    """A copy of the data that LlamaIndex brings for its splitter: nltk refuses files with two names, and installers
    that link instead of copying give them two."""
    package = find_spec("llama_index.core")
    assert package is not None and package.origin is not None
    copy = folder.parent / "nltk"
    if not copy.is_dir():
        shutil.copytree(Path(package.origin).parent / "_static" / "nltk_cache", copy)
    os.environ["NLTK_DATA"] = str(copy)
