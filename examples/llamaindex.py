"""Groundwire inside a LlamaIndex program: its retriever under another query engine, its query engine as a tool.

Run from the repository: python examples/llamaindex.py. It uses LlamaIndex's mock language model, so that nothing is
downloaded and no key is needed; put any other `LLM` in its place.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.tools import QueryEngineTool

from rag import Corpus

SEEDS = Path(__file__).parent.parent / "seeds"
QUESTION = "Who claimed responsibility for the attack?"


def main() -> None:
    """Plug both in, and ask each."""
    with tempfile.TemporaryDirectory() as folder, Corpus.open(Path(folder) / "news.db", create=True) as corpus:
        corpus.add([SEEDS])

        # Our passages, somebody else's prose: what a language model says is not proved, the passages are exact.
        engine = RetrieverQueryEngine.from_args(corpus.retriever(k=3), llm=MockLLM(max_tokens=60))
        response = engine.query(QUESTION)
        for source in response.source_nodes:
            print(f"{source.score:.4f}  {source.node.node_id}  {source.node.metadata['title']}")

        # Our passages, our answer: every sentence is a quote.
        tool = QueryEngineTool.from_defaults(corpus.query_engine(), name="news", description="Answers from the news")
        print(tool.call(QUESTION).content)


if __name__ == "__main__":
    main()
