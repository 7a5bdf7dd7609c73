"""Groundwire: ask a pile of news articles; every sentence of the answer carries an exact quote.

The public names, loaded when they are first asked for, so that `groundwire --help` does not wait for LlamaIndex.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rag.version import VERSION as __version__

# ONNX Runtime (since 1.31) makes a device id and a queue of events in the user's cache as soon as it is imported, and
# sends them to its maker; nothing of the kind happens here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    from rag.corpus import Corpus, Found, Status
    from rag.errors import GroundwireError
    from rag.types import Answer, Article, Citation, Filters, Hit, NearCopies, Passage, Reference, Span, Statement

_HOME = {
    "Corpus": "rag.corpus",
    "Found": "rag.corpus",
    "Status": "rag.corpus",
    "GroundwireError": "rag.errors",
    "Answer": "rag.types",
    "Article": "rag.types",
    "Citation": "rag.types",
    "Filters": "rag.types",
    "Hit": "rag.types",
    "NearCopies": "rag.types",
    "Passage": "rag.types",
    "Reference": "rag.types",
    "Span": "rag.types",
    "Statement": "rag.types",
}

__all__ = [
    "Answer",
    "Article",
    "Citation",
    "Corpus",
    "Filters",
    "Found",
    "GroundwireError",
    "Hit",
    "NearCopies",
    "Passage",
    "Reference",
    "Span",
    "Statement",
    "Status",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
