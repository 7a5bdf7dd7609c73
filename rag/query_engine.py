"""A LlamaIndex query engine whose every response is a proved answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.schema import QueryBundle

from rag.retrieve import as_node
from rag.types import Answer


class GroundedQueryEngine(BaseQueryEngine):
    """Answers from a corpus; no language model is asked.

    A response's text is the answer with [n] markers, its source nodes are the passages that retrieval found, and its
    metadata holds the `Answer` itself under "answer".
    """

    def __init__(self, ask: Callable[[str], Answer]) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._ask = ask

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = self._ask(query_bundle.query_str)
        return Response(
            response=answer.text,
            source_nodes=[as_node(hit) for hit in answer.passages],
            metadata={"answer": answer, "answered": answer.answered},
        )

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}
