"""The trained reader on ONNX Runtime: question and passages in, four numbers for each token out.

Its encoder and head are part of the package (`rag/onnx/reader.safetensors`, int8; made by `train/`); its embeddings are
MiniLM's own, from the user's cache. It knows nothing of articles or answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from rag.answer.pairs import Pair, Pairs
from rag.minilm import Vectors, batches, padded, read_arrays, read_tensors, session
from rag.types import Span
from rag.weights import Weights

TOKENS_PER_BATCH = 1024
"""Padding counted: four passages. Ten are read in 132 ms so, and in 155 ms in batches of 2,048 tokens (two cores)."""

FILE = Path(__file__).parent.parent / "onnx" / "reader.safetensors"


@dataclass(frozen=True, slots=True)
class Told:
    """What the model says of one passage."""

    pair: Pair
    starts: Vectors
    ends: Vectors
    tells: Vectors
    """Logits of the passage's tokens, shape (tokens,): an answer begins here, ends here; what stands here tells that
    its sentence answers."""
    nothing: Vectors
    """The same three of [CLS], shape (3,): nothing in the passage answers."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the model says of a claim, held against one passage."""

    doubt: float
    """Logit: the passage does not support the claim."""
    words: tuple[tuple[Span, float], ...]
    """Of each token of the claim: where it stands in the claim, and the logit that the passage does not support it.
    A claim is read up to its 64th token."""
    told: Told
    """Which of the passage's sentences supports it: `tells`."""


class ReaderModel:
    """The model, loaded. Safe to use from several threads at once."""

    def __init__(self, base: Weights, file: Path = FILE, threads: int | None = None) -> None:
        """`base`: MiniLM's weights, for the embeddings and the tokenizer; `file`: the rest. Raises ModelError."""
        fit = file.with_suffix(".json")
        digest = sha256(file.read_bytes() + (fit.read_bytes() if fit.is_file() else b""))
        self.name = f"reader@{digest.hexdigest()[:12]}"
        """Names the model and its fit: two answers can be compared when this is the same."""
        arrays: dict[str, npt.NDArray[np.generic]] = dict(read_arrays(file))
        arrays |= {name: one for name, one in read_tensors(base.tensors).items() if name.startswith("embeddings.")}
        graph = "reader-int8" if any(name.endswith(".int8") for name in arrays) else "reader-fp32"
        self._pairs = Pairs(base.tokenizer)
        self._session, self._initializers = session(graph, arrays, threads, file)

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Told]:
        """What it says of each passage, given as the title of its article and its text, in their order."""
        asked = self._pairs.question(question)
        return [_told(pair, row) for pair, row in self._run([self._pairs.pair(asked, *one) for one in passages])]

    def doubts(self, claim: str, passages: Sequence[tuple[str, str]]) -> list[Doubt]:
        """Whether each passage, given as above, supports the claim. One without any word is not doubted: -inf."""
        held, places = self._pairs.claim(claim)
        return [
            _doubt(pair, row, places) for pair, row in self._run([self._pairs.pair(held, *one) for one in passages])
        ]

    def _run(self, pairs: Sequence[Pair]) -> list[tuple[Pair, Vectors]]:
        """Each pair with its logits, [tokens, 4]."""
        found: dict[int, Vectors] = {}
        for batch in batches([len(pair.ids) for pair in pairs], TOKENS_PER_BATCH):
            ids, mask = padded([pairs[place].ids for place in batch])
            logits = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            found |= dict(zip(batch, logits, strict=True))
        return [(pair, found[place]) for place, pair in enumerate(pairs)]


def _told(pair: Pair, logits: Vectors) -> Told:
    inside = logits[pair.first : pair.first + len(pair.offsets)]
    return Told(pair, inside[:, 0], inside[:, 1], inside[:, 2], logits[0, :3])


def _doubt(pair: Pair, logits: Vectors, places: Sequence[tuple[int, int]]) -> Doubt:
    each = logits[1 : 1 + len(places), 3]
    words = tuple((Span(start, end), float(one)) for (start, end), one in zip(places, each, strict=True))
    return Doubt(float(np.logaddexp.reduce(each)) if words else -math.inf, words, _told(pair, logits))


_LOADED: dict[tuple[Path, Path], ReaderModel] = {}
_LOADING = Lock()


def load(base: Weights, file: Path = FILE) -> ReaderModel:
    """The model, loaded once in a process, by whichever thread wants it first. Raises ModelError."""
    with _LOADING:
        wanted = (base.tensors, file)
        if wanted not in _LOADED:
            _LOADED[wanted] = ReaderModel(base, file)
        return _LOADED[wanted]
