"""The committed graphs are what the script makes, and fit the file that the weights come from."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from rag.minilm import initializers, read_tensors

onnx = pytest.importorskip("onnx", reason="onnx is a development dependency")

ROOT = Path(__file__).parent.parent
NAMES = ("minilm-fp32.onnx", "minilm-int8.onnx", "reader-fp32.onnx", "reader-int8.onnx")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_graph", ROOT / "scripts" / "build_graph.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def declared(name: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The weights that a graph waits for: name to element type and shape."""
    graph = onnx.load(str(ROOT / "rag" / "onnx" / name), load_external_data=False).graph
    return {
        tensor.name: (np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)).name, tuple(tensor.dims))
        for tensor in graph.initializer
        if tensor.data_location == onnx.TensorProto.EXTERNAL
    }


def test_the_committed_graphs_are_byte_for_byte_what_the_script_makes(script: ModuleType) -> None:
    made = script.graphs()
    assert sorted(made) == sorted(NAMES)
    for name, content in made.items():
        assert (ROOT / "rag" / "onnx" / name).read_bytes() == content, f"{name}: run scripts/build_graph.py"


def test_making_them_twice_gives_the_same_bytes(script: ModuleType) -> None:
    assert script.graphs() == script.graphs()


@pytest.mark.parametrize("name", NAMES)
def test_a_graph_is_valid_small_and_for_a_runtime_of_today(name: str) -> None:
    path = ROOT / "rag" / "onnx" / name
    assert path.stat().st_size < 64 * 1024
    model = onnx.load(str(path), load_external_data=False)
    # No checker here: it insists on opening the external file, which is never there.
    assert {entry.domain: entry.version for entry in model.opset_import} == {"": 18, "com.microsoft": 1}
    assert model.ir_version <= 10
    assert [entry.name for entry in model.graph.input] == ["input_ids", "attention_mask"]
    assert [entry.name for entry in model.graph.output] == ["logits" if name.startswith("reader") else "embedding"]


@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_made_before_it_is_used(name: str) -> None:
    graph = onnx.load(str(ROOT / "rag" / "onnx" / name), load_external_data=False).graph
    known = {entry.name for entry in graph.input} | {tensor.name for tensor in graph.initializer} | {""}
    for node in graph.node:
        assert set(node.input) <= known, node.name
        known |= set(node.output)
    assert {entry.name for entry in graph.output} <= known


def test_fp32_takes_every_tensor_of_the_encoder_as_the_published_layout_has_it() -> None:
    waits_for = declared("minilm-fp32.onnx")
    # 5 of the embeddings and 16 of each of six layers; the file's others are position_ids and BERT's own pooler.
    assert len(waits_for) == 5 + 6 * 16
    assert waits_for["embeddings.word_embeddings.weight"] == ("float32", (30522, 384))
    assert waits_for["encoder.layer.5.intermediate.dense.weight"] == ("float32", (1536, 384))
    assert waits_for["encoder.layer.0.output.dense.weight"] == ("float32", (384, 1536))


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_safetensors_file_gives_exactly_what_the_graph_waits_for(precision: str, model_cache: Path) -> None:
    tensors = read_tensors(model_cache / "models" / "all-MiniLM-L6-v2" / "model.safetensors")
    waits_for = declared(f"minilm-{precision}.onnx")
    assert {name.removesuffix(".int8").removesuffix(".scale") for name in waits_for} <= set(tensors)
    given = initializers(tensors, precision)  # type: ignore[arg-type]
    assert {name: (array.dtype.name, array.shape) for name, array in given.items()} == waits_for
