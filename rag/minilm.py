"""all-MiniLM-L6-v2 on ONNX Runtime: texts in, vectors of unit length out.

The graph is part of the package (`rag/onnx/`, made by `scripts/build_graph.py`) and holds no weights; they go in from
the memory-mapped safetensors file when the model is loaded. Knows nothing of LlamaIndex, caches or articles. Importing
it costs ONNX Runtime (0.2 s), so it is imported only where a model is wanted.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from rag.errors import ModelError
from rag.weights import Weights

Precision = Literal["fp32", "int8"]
Vectors = npt.NDArray[np.float32]

DIMENSIONS = 384
MAX_TOKENS = 256
"""With the two that begin and end each text; the length with which the model was trained and published."""
TOKENS_PER_BATCH = 2048
"""Padding counted: ten passages of 900 characters. Throughput is the same, within its noise, up to 8,192 tokens; memory
is not: 50 MB more for each doubling."""
INT8_LEVELS = 64
"""Weights are rounded to -64 … 64, not to -127 … 127. Processors without VNNI add pairs of products in 16 bits, where
2 · 255 · 127 does not fit and 2 · 255 · 64 does: so every processor gives the same sums. Costs .001 of cosine."""
FIRST_CUT = 4096
"""Code points. Where to begin looking for a cut in a long text: 256 tokens of English are about 1,200."""

_GRAPHS = Path(__file__).parent / "onnx"
_SURROGATE = re.compile("[\ud800-\udfff]")
_WHITE_SPACE = re.compile("[ \t\n\r]")


class MiniLM:
    """The model, loaded. Safe to use from several threads at once.

    `fp32` is the reproducible choice; `int8` is faster and within .99 of it (cosine). A vector depends on its text
    alone, not on the texts beside it: beyond float noise in neither precision.
    """

    def __init__(self, weights: Weights, precision: Precision = "fp32", threads: int | None = None) -> None:
        """Takes 0.1 to 0.3 s. `threads`: for one batch; None leaves it to ONNX Runtime (one per physical core).

        Raises ModelError where the weights cannot be read as what they should be.
        """
        self.name = f"{weights.name}/{precision}@{weights.sha256[:12]}"
        """Names model, precision and weights: two vectors can be compared when this is the same."""
        self._tokenizer = Tokenizer.from_file(str(weights.tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        arrays = initializers(read_tensors(weights.tensors), precision)
        self._session, self._initializers = session(f"minilm-{precision}", arrays, threads, weights.tensors)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The vectors of the texts: float32 [len(texts), 384], rows of unit length, in the order of the texts.

        Of each text the first 256 tokens count. An empty text has a vector too: that of no words.
        """
        tokens = [self._tokens(text) for text in texts]
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        for batch in batches([len(ids) for ids in tokens]):
            ids, mask = padded([tokens[index] for index in batch])
            vectors[batch] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    def _tokens(self, text: str) -> list[int]:
        """The ids of the first 256 tokens of a text.

        A long text is cut first, always before white space, where a token can never cross; when what is left fills all
        256 places, the rest of the text cannot matter. When it does not (a page of rules, a megabyte without a space)
        the next cut is twice as far, so that the result is exact for every text.
        """
        cut = FIRST_CUT
        while True:
            place = _WHITE_SPACE.search(text, cut)
            start = text[: place.start()] if place else text
            # One text at a time: a batch would start threads in the tokenizer, which then warns on every fork. Half a
            # surrogate pair is no text that it takes; the replacement character is, and is dropped by its clean-up.
            ids: list[int] = self._tokenizer.encode(_SURROGATE.sub("\ufffd", start)).ids
            if place is None or len(ids) == MAX_TOKENS:
                return ids
            cut *= 2


_LOADED: dict[tuple[Path, Precision], MiniLM] = {}
_LOADING = Lock()


def load(weights: Weights, precision: Precision) -> MiniLM:
    """The model, loaded once in a process, by whichever thread wants it first. Raises ModelError."""
    with _LOADING:
        wanted = (weights.tensors, precision)
        if wanted not in _LOADED:
            _LOADED[wanted] = MiniLM(weights, precision)
        return _LOADED[wanted]


def batches(lengths: Sequence[int], tokens: int = TOKENS_PER_BATCH) -> Iterator[list[int]]:
    """Indices grouped into batches of like length, each at most so many `tokens` when padded; the longest first, so
    that the arena which ONNX Runtime keeps for its tensors is as large as it gets from the start."""
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    while order:
        size = max(1, tokens // lengths[order[0]])
        yield order[:size]
        order = order[size:]


def padded(tokens: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Ids and mask, int32 [texts, the longest of them]; padding has id 0 and mask 0."""
    lengths = np.array([len(ids) for ids in tokens])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.zeros(mask.shape, np.int32)
    ids[mask] = np.concatenate(tokens)
    return ids, mask.astype(np.int32)


# Loading.

Initializers = dict[str, onnxruntime.OrtValue]


def session(
    graph: str, arrays: Mapping[str, npt.NDArray[np.generic]], threads: int | None, source: Path
) -> tuple[onnxruntime.InferenceSession, Initializers]:
    """The session of one of the package's graphs, and the weights that it reads: these must live as long as it does.

    `source`: the file that the weights are from, for the message of the ModelError where they do not fit the graph.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    options.intra_op_num_threads = threads or 0
    # Spinning would keep the cores busy for a while after each query, to save microseconds on the next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The graph is built of the runtime's own kernels; more optimising would put a slower one in place of two of them.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    values = {name: onnxruntime.OrtValue.ortvalue_from_numpy(array) for name, array in arrays.items()}
    options.add_external_initializers(list(values), list(values.values()))
    content = (_GRAPHS / f"{graph}.onnx").read_bytes()
    try:
        made = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no error class of its own that it documents
        reason = " ".join(str(error).split())
        raise ModelError(f"{source}: ONNX Runtime cannot load the model with these weights: {reason}") from error
    return made, values


def read_tensors(path: Path) -> dict[str, Vectors]:
    """The float32 tensors of a safetensors file, by name; see `read_arrays`."""
    return {name: one.view(np.float32) for name, one in read_arrays(path).items() if one.dtype == np.float32}


_TYPES = {"F32": "<f4", "I8": "<i1"}


def read_arrays(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The float32 and int8 tensors of a safetensors file, by name: views of the mapped file, read-only, nothing copied.

    The format (https://github.com/huggingface/safetensors): the length of the header, 8 bytes, little-endian; the
    header, JSON, with type, shape and the place of each tensor after it; the tensors. Raises ModelError where the file
    is not that.
    """
    try:
        with path.open("rb") as stream:
            content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        start = 8 + int.from_bytes(content[:8], "little")
        if start > len(content):
            raise ValueError("its header is longer than the file")
        header = json.loads(content[8:start])
        return {
            name: np.frombuffer(
                content, _TYPES[entry["dtype"]], int(np.prod(entry["shape"])), start + entry["data_offsets"][0]
            ).reshape(entry["shape"])
            for name, entry in header.items()
            if entry.get("dtype") in _TYPES
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ModelError(f"{path} is not a safetensors file that can be read: {error}") from error


def initializers(tensors: Mapping[str, Vectors], precision: Precision) -> dict[str, npt.NDArray[np.generic]]:
    """The model's tensors as the graph of this precision names them (see `scripts/build_graph.py`); ONNX Runtime takes
    no name that the graph does not know. The pooler is BERT's own, which sentence embeddings do not use."""
    made: dict[str, npt.NDArray[np.generic]] = {}
    for name, tensor in tensors.items():
        if name.startswith("pooler."):
            continue
        if precision == "int8" and name.startswith("encoder.") and tensor.ndim == 2:
            made[f"{name}.int8"], made[f"{name}.scale"] = quantised(tensor)
        else:
            made[name] = tensor
    return made


def quantised(weight: Vectors) -> tuple[npt.NDArray[np.int8], Vectors]:
    """A dense layer's weight [out, in] in 8 bits [in, out], and the scale of each output: weight ≈ int8.T * scale."""
    scale = np.maximum(np.abs(weight).max(axis=1) / INT8_LEVELS, np.float32(1e-12)).astype(np.float32)
    rounded = np.rint(weight / scale[:, None]).astype(np.int8)
    return np.ascontiguousarray(rounded.T), scale
