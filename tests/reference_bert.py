"""A second implementation of all-MiniLM-L6-v2, to hold the first one to: NumPy, float64, one text at a time.

Written from the paper (Devlin et al. 2018, arXiv:1810.04805) and the model card, as plainly as it can be; it shares no
code with `rag/minilm.py`, not even the reading of the file.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

erf = np.vectorize(math.erf, otypes=[np.float64])


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    content = path.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    tensors = {}
    for name, entry in json.loads(content[8 : 8 + length]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(content[8 + length + begin : 8 + length + end], dtype="<f4")
            tensors[name] = values.reshape(entry["shape"]).astype(np.float64)
    return tensors


class ReferenceBert:
    def __init__(self, path: Path) -> None:
        self.w = read_safetensors(path)

    def embed(self, ids: Sequence[int]) -> np.ndarray:
        """The sentence embedding of one text's token ids, [CLS] and [SEP] among them: float64 [384]."""
        x = self.w["embeddings.word_embeddings.weight"][list(ids)]
        x = x + self.w["embeddings.position_embeddings.weight"][: len(ids)]
        x = x + self.w["embeddings.token_type_embeddings.weight"][0]
        x = self.norm(x, "embeddings.LayerNorm")
        for number in range(6):
            layer = f"encoder.layer.{number}"
            mixed = self.linear(self.attend(x, f"{layer}.attention.self"), f"{layer}.attention.output.dense")
            x = self.norm(mixed + x, f"{layer}.attention.output.LayerNorm")
            wide = self.linear(x, f"{layer}.intermediate.dense")
            wide = 0.5 * wide * (1 + erf(wide / math.sqrt(2)))
            x = self.norm(self.linear(wide, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.w[f"{name}.weight"].T + self.w[f"{name}.bias"]

    def norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * self.w[f"{name}.weight"] + self.w[f"{name}.bias"]

    def attend(self, x: np.ndarray, name: str) -> np.ndarray:
        q, k, v = (self.linear(x, f"{name}.{part}") for part in ("query", "key", "value"))
        heads = []
        for begin in range(0, 384, 32):
            part = slice(begin, begin + 32)
            scores = q[:, part] @ k[:, part].T / math.sqrt(32)
            weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
            heads.append(weights / weights.sum(axis=-1, keepdims=True) @ v[:, part])
        return np.concatenate(heads, axis=-1)
