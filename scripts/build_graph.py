"""Makes the graphs of all-MiniLM-L6-v2, without weights: `rag/onnx/minilm-fp32.onnx` and `minilm-int8.onnx`; and those
of the reader, which has the same body and another head: `reader-fp32.onnx` and `reader-int8.onnx`.

    python scripts/build_graph.py            write both
    python scripts/build_graph.py --check    say whether the committed ones are what this script makes

Needs `onnx` (a development dependency), and nothing else: no PyTorch, no weights, no network. The same script makes
the same bytes each time; `tests/test_graph.py` holds that.

All take `input_ids` and `attention_mask`, int32 [batch, tokens]. The first two give `embedding`, float32 [batch, 384],
rows of unit length: BERT's encoder, then the mean over the tokens that the mask keeps, then L2 normalisation, as
sentence-transformers does. The reader's give `logits`, float32 [batch, tokens, 4]: does an answer begin at the token,
end there, does what stands there tell that its sentence answers; and, of a claim's tokens, is this not supported.
Token types are all 0. The weights are initializers without data ("external"), handed over from memory when the model
is loaded; their names say what they are:

    encoder.layer.0.output.dense.weight            that tensor of model.safetensors, as it is, [out, in]
    encoder.layer.0.output.dense.weight.int8       the same, quantised per output channel, [in, out]
    encoder.layer.0.output.dense.weight.scale      and the scale of each channel, float32 [out]

Three choices were made with a stopwatch (ONNX Runtime 1.31, two cores with AVX-512, passages of 190 tokens):

* `com.microsoft` operators stand where they are the runtime's own fused kernels: `EmbedLayerNormalization`,
  `MultiHeadAttention` (no transposes, and the mask applied inside), `BiasGelu` (the erf GELU) and
  `MatMulIntegerToFloat`. They agree with the plain operators to 2e-7.
* `Add` and `LayerNormalization` are *not* the fused `SkipLayerNormalization`: that kernel takes 2.5 times as long
  as the two together. `rag/minilm.py` therefore keeps the optimiser from fusing them.
* int8 quantises the activations per token (each row by its own largest magnitude), not per batch as
  `DynamicQuantizeLinear` does. It costs a twentieth of the speed, and buys that a vector does not depend on what
  else is in the batch, and a cosine to fp32 of .996 (lowest .992) instead of .993 (lowest .983).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

FOLDER = Path(__file__).resolve().parent.parent / "rag" / "onnx"
LAYERS, HEADS, HIDDEN, FEED_FORWARD = 6, 12, 384, 1536
OUTPUTS = 4
"""Of the reader, for each token."""
VOCABULARY, POSITIONS, TOKEN_TYPES = 30522, 512, 2
EPSILON = 1e-12
"""Of LayerNorm: `layer_norm_eps` in the model's config.json."""

OPSET = 18
IR_VERSION = 9
"""Both are read by every ONNX Runtime since 1.15."""
FUSED = "com.microsoft"


class Graph:
    """Nodes and initializers in the order in which they were made; names are counted, so they never vary."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add one node; the name of its first output."""
        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], output, domain=domain, **attributes))
        return output

    def weight(self, name: str, *shape: int, kind: int = TensorProto.FLOAT) -> str:
        """Declare a tensor that is handed over when the model is loaded."""
        tensor = onnx.TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="model.safetensors")  # required, and never opened
        self.initializers[name] = tensor
        return name

    def constant(self, name: str, kind: int, shape: list[int], values: list[float]) -> str:
        """A number that belongs to the graph."""
        self.initializers[name] = helper.make_tensor(name, kind, shape, values)
        return name

    def layer_norm(self, x: str, name: str) -> str:
        scale, bias = self.weight(f"{name}.weight", HIDDEN), self.weight(f"{name}.bias", HIDDEN)
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)


class Float32:
    """Dense layers with the weights as they are. Tokens lie in one dimension, [batch * tokens, in]: `Gemm` then
    reads the weight matrix [out, in] as the file has it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def prepare(self, x: str) -> str:
        return x

    def dense(self, x: str, name: str, inputs: int, outputs: int) -> str:
        """x @ weight.T, without the bias."""
        return self.graph.op("Gemm", x, self.graph.weight(f"{name}.weight", outputs, inputs), transB=1)


class Int8:
    """Dense layers in 8 bits: each token's activations by that token's largest magnitude, each weight by its output
    channel's."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.one = graph.constant("one", TensorProto.FLOAT, [], [1.0])
        self.zero_point = graph.constant("zero_point", TensorProto.UINT8, [], [128])
        self.last_axis = graph.constant("last_axis", TensorProto.INT64, [1], [-1])
        self.per_step = graph.constant("per_step", TensorProto.FLOAT, [], [1 / 127])
        self.smallest = graph.constant("smallest_step", TensorProto.FLOAT, [], [1e-12])
        self.prepared: dict[str, tuple[str, str]] = {}

    def prepare(self, x: str) -> str:
        """Quantise the rows of x once for the layers that share it (query, key and value)."""
        op = self.graph.op
        largest = op("ReduceMax", op("Abs", x), self.last_axis, keepdims=1)
        step = op("Max", op("Mul", largest, self.per_step), self.smallest)  # a row of zeros must not divide by zero
        # With a scale of 1 this rounds and shifts: the rows were divided by their own steps just before.
        rounded = op("QuantizeLinear", op("Div", x, step), self.one, self.zero_point)
        self.prepared[rounded] = (rounded, step)
        return rounded

    def dense(self, x: str, name: str, inputs: int, outputs: int) -> str:
        rounded, step = self.prepared[x]
        weight = self.graph.weight(f"{name}.weight.int8", inputs, outputs, kind=TensorProto.INT8)
        scale = self.graph.weight(f"{name}.weight.scale", outputs)
        product = self.graph.op("MatMulIntegerToFloat", rounded, weight, self.one, scale, self.zero_point, domain=FUSED)
        return self.graph.op("Mul", product, step)


def build(precision: str, head: Callable[[Graph, str, str], onnx.ValueInfoProto], name: str) -> onnx.ModelProto:
    """The whole graph: embeddings, six layers, the head. `precision` is "fp32" or "int8"."""
    graph = Graph()
    layers: Float32 | Int8 = Float32(graph) if precision == "fp32" else Int8(graph)
    graph.constant("flat", TensorProto.INT64, [2], [-1, HIDDEN])
    x = embeddings(graph)
    shape = graph.op("Shape", x)
    x = graph.op("Reshape", x, "flat")
    for number in range(LAYERS):
        x = attention(graph, layers, x, shape, f"encoder.layer.{number}.attention")
        x = feed_forward(graph, layers, x, f"encoder.layer.{number}")
    return model(graph, head(graph, x, shape), f"{name}/{precision}")


def embeddings(graph: Graph) -> str:
    """Words + positions + token type 0, normalised: [batch, tokens, 384]."""
    words = graph.weight("embeddings.word_embeddings.weight", VOCABULARY, HIDDEN)
    positions = graph.weight("embeddings.position_embeddings.weight", POSITIONS, HIDDEN)
    types = graph.weight("embeddings.token_type_embeddings.weight", TOKEN_TYPES, HIDDEN)
    zero = graph.constant("zero", TensorProto.INT64, [], [0])
    # Every token has type 0, so its row is added to the positions once, when the session folds constants.
    shifted = graph.op("Add", positions, graph.op("Gather", types, zero, axis=0))
    scale, bias = (graph.weight(f"embeddings.LayerNorm.{part}", HIDDEN) for part in ("weight", "bias"))
    inputs = ["input_ids", "", words, shifted, "", scale, bias]
    graph.nodes.append(
        helper.make_node(
            "EmbedLayerNormalization", inputs, ["embedded", "lengths"], "embedded", domain=FUSED, epsilon=EPSILON
        )
    )
    return "embedded"


def attention(graph: Graph, layers: Float32 | Int8, x: str, shape: str, name: str) -> str:
    """Twelve heads, the output projection, the residual and its norm. x is flat; attention itself needs the batch."""
    prepared = layers.prepare(x)
    heads = [
        graph.op("Reshape", layers.dense(prepared, f"{name}.self.{part}", HIDDEN, HIDDEN), shape)
        for part in ("query", "key", "value")
    ]
    biases = [graph.weight(f"{name}.self.{part}.bias", HIDDEN) for part in ("query", "key", "value")]
    bias = graph.op("Concat", *biases, axis=0)
    mixed = graph.op("MultiHeadAttention", *heads, bias, "attention_mask", domain=FUSED, num_heads=HEADS)
    flat = layers.prepare(graph.op("Reshape", mixed, "flat"))
    return residual(graph, layers.dense(flat, f"{name}.output.dense", HIDDEN, HIDDEN), x, f"{name}.output")


def feed_forward(graph: Graph, layers: Float32 | Int8, x: str, name: str) -> str:
    """384 → 1536, GELU, 1536 → 384, the residual and its norm."""
    wide = layers.dense(layers.prepare(x), f"{name}.intermediate.dense", HIDDEN, FEED_FORWARD)
    active = graph.op("BiasGelu", wide, graph.weight(f"{name}.intermediate.dense.bias", FEED_FORWARD), domain=FUSED)
    narrow = layers.dense(layers.prepare(active), f"{name}.output.dense", FEED_FORWARD, HIDDEN)
    return residual(graph, narrow, x, f"{name}.output")


def residual(graph: Graph, y: str, x: str, name: str) -> str:
    biased = graph.op("Add", y, graph.weight(f"{name}.dense.bias", HIDDEN))
    return graph.layer_norm(graph.op("Add", biased, x), f"{name}.LayerNorm")


def embedding(graph: Graph, x: str, shape: str) -> onnx.ValueInfoProto:
    """The mean over the tokens that the mask keeps, then unit length. [batch, 1, tokens] @ [batch, tokens, 384] is
    their sum; dividing by their count would change nothing after the normalisation, so it is left out."""
    tokens = graph.op("Reshape", x, shape)
    axis = graph.constant("pooled_axis", TensorProto.INT64, [1], [1])
    mask = graph.op("Unsqueeze", graph.op("Cast", "attention_mask", to=TensorProto.FLOAT), axis)
    total = graph.op("Squeeze", graph.op("MatMul", mask, tokens), axis)
    graph.nodes.append(helper.make_node("LpNormalization", [total], ["embedding"], "embedding", axis=-1, p=2))
    return helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", HIDDEN])


def logits(graph: Graph, x: str, shape: str) -> onnx.ValueInfoProto:
    """Four numbers for each token. `shape`: of the tokens before they were laid in one dimension."""
    weight, bias = graph.weight("head.weight", OUTPUTS, HIDDEN), graph.weight("head.bias", OUTPUTS)
    told = graph.op("Gemm", x, weight, bias, transB=1)
    first = [graph.constant(name, TensorProto.INT64, [1], [at]) for name, at in (("from", 0), ("to", 2))]
    rows = graph.op(
        "Concat", graph.op("Slice", shape, *first), graph.constant("told", TensorProto.INT64, [1], [OUTPUTS]), axis=0
    )
    graph.nodes.append(helper.make_node("Reshape", [told, rows], ["logits"], "logits"))
    return helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "tokens", OUTPUTS])


def model(graph: Graph, output: onnx.ValueInfoProto, name: str) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info(part, TensorProto.INT32, ["batch", "tokens"])
        for part in ("input_ids", "attention_mask")
    ]
    body = helper.make_graph(graph.nodes, name, inputs, [output], list(graph.initializers.values()))
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="groundwire")


KINDS = {"minilm": ("all-MiniLM-L6-v2", embedding), "reader": ("groundwire-reader", logits)}
"""The beginning of a file's name, the graph's name, and its head."""


def graphs() -> dict[str, bytes]:
    """File name to content, for each kind in both precisions."""
    return {
        f"{kind}-{precision}.onnx": build(precision, head, name).SerializeToString(deterministic=True)
        for kind, (name, head) in KINDS.items()
        for precision in ("fp32", "int8")
    }


def _holds(file: Path, content: bytes) -> bool:
    return file.is_file() and file.read_bytes() == content


def main(arguments: list[str]) -> int:
    made = graphs()
    if arguments == ["--check"]:
        stale = [name for name, content in made.items() if not _holds(FOLDER / name, content)]
        print(f"not what this script makes: {', '.join(stale)}" if stale else "the graphs are what this script makes")
        return 1 if stale else 0
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)
        print(f"{FOLDER / name}  {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
