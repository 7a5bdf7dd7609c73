"""The parts plug into any LlamaIndex program."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from llama_index.core.base.response.schema import Response
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import MetadataMode, QueryBundle, TextNode
from llama_index.core.tools import QueryEngineTool, RetrieverTool
from places import SEEDS

from rag import Corpus, Filters
from rag.config import Settings


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("llamaindex")
    with Corpus.open(settings=Settings(folder / "news.db", folder / "cache"), create=True) as opened:
        opened.add([SEEDS])
        yield opened


def test_the_retriever_gives_nodes_with_exact_offsets(corpus: Corpus):
    retriever = corpus.retriever(k=4)
    assert isinstance(retriever, BaseRetriever)
    found = retriever.retrieve("Who claimed responsibility?")
    assert len(found) == 4
    for one in found:
        node = one.node
        assert isinstance(node, TextNode)
        text = Path(node.metadata["path"]).read_bytes().decode()
        assert text[node.start_char_idx : node.end_char_idx] == node.text
        assert node.node_id == f"{node.metadata['article_id']}@{node.metadata['version'][:12]}:" + (
            f"{node.start_char_idx}-{node.end_char_idx}"
        )


def test_the_retriever_holds_to_filters(corpus: Corpus):
    nodes = corpus.retriever(filters=Filters(publishers=("Asharq Al-awsat",))).retrieve("rockets")
    assert {one.node.metadata["publisher"] for one in nodes} == {"Asharq Al-awsat"}


def test_the_retriever_serves_somebody_elses_query_engine_and_language_model(corpus: Corpus):
    engine = RetrieverQueryEngine.from_args(
        corpus.retriever(k=3), llm=MockLLM(), node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.001)]
    )
    response = engine.query("Who claimed responsibility?")
    assert len(response.source_nodes) == 3
    assert "International Resistance" in str(response)  # the mock repeats its prompt, which holds the passages


def test_a_language_model_sees_title_and_date_and_no_paths(corpus: Corpus):
    (first, *_) = corpus.retriever(k=1).retrieve("Patriot batteries intercepted two rockets")
    seen = first.node.get_content(MetadataMode.LLM)
    assert "Conflicting News" in seen
    assert "2020-04-01" in seen
    assert str(SEEDS) not in seen


def test_the_query_engine_gives_a_proved_answer(corpus: Corpus):
    response = corpus.query_engine().query("Who denied that Ain al-Asad was the target of the rockets?")
    assert isinstance(response, Response)
    answer = (response.metadata or {})["answer"]
    assert answer.answered
    assert response.response == answer.text
    assert len(response.source_nodes) == len(answer.passages)


def test_the_query_engine_answers_asynchronously_too(corpus: Corpus):
    response = asyncio.run(corpus.query_engine().aquery(QueryBundle("Who claimed responsibility for the attack?")))
    assert "International Resistance" in str(response)


def test_both_can_be_tools_of_an_agent(corpus: Corpus):
    tool = QueryEngineTool.from_defaults(corpus.query_engine(), name="news", description="News")
    assert "International Resistance" in str(tool.call("Who claimed responsibility for the attack?"))
    passages = RetrieverTool.from_defaults(corpus.retriever(k=2), name="passages", description="Passages")
    assert "C-RAM" in str(passages.call("C-RAM"))
