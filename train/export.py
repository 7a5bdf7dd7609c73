"""What ships: the trained tensors in 8 bits, as the graph `rag/onnx/reader-int8.onnx` names them.

Run as ``python -m train.export FOLDER``, the folder being what `python -m train` has written. Needs no PyTorch.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from rag.answer.model import FILE
from rag.minilm import Vectors, quantised, read_tensors


def main() -> None:
    """Write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=FILE)
    given = parser.parse_args()
    save_file(packed(given.folder / "reader.safetensors"), given.out)
    print(f"{given.out}  {given.out.stat().st_size / 1e6:.1f} MB")


def packed(trained: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The dense layers of the encoder as int8 [in, out] with a scale for each output; the rest as it is."""
    made: dict[str, npt.NDArray[np.generic]] = {}
    for name, tensor in read_tensors(trained).items():
        if _in_8_bits(name, tensor):
            made[f"{name}.int8"], made[f"{name}.scale"] = quantised(tensor)
        else:
            made[name] = np.ascontiguousarray(tensor)
    return made


def rounded(tensors: Mapping[str, Vectors]) -> dict[str, Vectors]:
    """The same as they ship: those that are packed in 8 bits, and unpacked again."""
    made = dict(tensors)
    for name, tensor in tensors.items():
        if _in_8_bits(name, tensor):
            weight, scale = quantised(tensor)
            made[name] = np.ascontiguousarray(weight.T * scale[:, None])
    return made


def _in_8_bits(name: str, tensor: Vectors) -> bool:
    return name.startswith("encoder.") and tensor.ndim == 2


if __name__ == "__main__":
    main()
