"""Embedding models in LlamaIndex's shape: our own MiniLM, and others by name.

This is the only one of the embedding modules that imports LlamaIndex (1 to 3 s): import it where a corpus is opened
with a model, nowhere earlier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from pydantic import PrivateAttr

from rag import weights
from rag.config import PRECISIONS
from rag.errors import ConfigError, ModelError
from rag.minilm import MiniLM, Vectors, load


class MiniLMEmbedding(BaseEmbedding):
    """all-MiniLM-L6-v2 as a LlamaIndex embedding. Vectors are of unit length, so their dot product is the cosine."""

    _model: MiniLM = PrivateAttr()

    def __init__(self, model: MiniLM, *, embed_batch_size: int = 64, **settings: Any) -> None:
        """`settings` are those of `BaseEmbedding`. The batch size is LlamaIndex's, in texts; MiniLM makes its own
        batches, in tokens, out of what it is given."""
        super().__init__(model_name=model.name, embed_batch_size=embed_batch_size, **settings)
        self._model = model

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name for the class in stored settings."""
        return "MiniLMEmbedding"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The vectors as an array, float32 [len(texts), 384]: what to use where no list of floats is asked for."""
        return self._model.encode(texts)

    def _get_query_embedding(self, query: str) -> Embedding:
        return self._get_text_embeddings([query])[0]

    def _get_text_embedding(self, text: str) -> Embedding:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        vectors: list[Embedding] = self._model.encode(texts).tolist()
        return vectors

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embedding(self, text: str) -> Embedding:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)


@dataclass(frozen=True, slots=True)
class Extra:
    """An embedding class that another package brings."""

    module: str
    class_name: str
    keyword: str
    """The argument that takes the model's name."""
    extra: str
    """What to add to `pip install 'groundwire[…]'`."""


EXTRAS = {
    "huggingface": Extra("llama_index.embeddings.huggingface", "HuggingFaceEmbedding", "model_name", "huggingface"),
    "ollama": Extra("llama_index.embeddings.ollama", "OllamaEmbedding", "model_name", "ollama"),
    "openai": Extra("llama_index.embeddings.openai", "OpenAIEmbedding", "model", "openai"),
}


def by_name(name: str, cache: Path) -> BaseEmbedding:
    """The embedding model of that name, loaded: `minilm`, `minilm-int8`, or `huggingface:`, `ollama:` or `openai:` and
    a model's own name.

    Raises ConfigError for a name that is none of these, ModelError where the weights, the package or the model itself
    are missing. `cache` is the user's cache folder; it counts for MiniLM alone.
    """
    if name in PRECISIONS:
        return MiniLMEmbedding(load(weights.load(cache), PRECISIONS[name]))
    prefix, _, model = name.partition(":")
    if prefix not in EXTRAS or not model:
        known = ", ".join([*PRECISIONS, "none", *(f"{prefix}:NAME" for prefix in EXTRAS)])
        raise ConfigError(f"there is no embedding model {name!r}; known are {known}")
    return _from_extra(name, EXTRAS[prefix], model)


def model_id(embedding: BaseEmbedding) -> str:
    """What names the model in an index fingerprint: vectors can be compared only when this is the same."""
    if isinstance(embedding, MiniLMEmbedding):
        return embedding.model_name
    kind = type(embedding)
    for prefix, extra in EXTRAS.items():
        if kind.__name__ == extra.class_name and kind.__module__.startswith(extra.module):
            return f"{prefix}:{embedding.model_name}"
    return f"{kind.__module__}.{kind.__qualname__}:{embedding.model_name}"


def _from_extra(name: str, extra: Extra, model: str) -> BaseEmbedding:
    try:
        kind = getattr(import_module(extra.module), extra.class_name)
    except ImportError as error:
        raise ModelError(
            f"{name} needs a package that is not installed ({error}): pip install 'groundwire[{extra.extra}]'"
        ) from error
    try:
        embedding: BaseEmbedding = kind(**{extra.keyword: model})
    except Exception as error:  # each package has errors of its own, and all mean that the model cannot be used
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(f"{name} cannot be loaded: {reason}") from error
    return embedding
