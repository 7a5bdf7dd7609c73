"""The encoder gives the vectors that the model defines, whatever the text and whatever is beside it."""

from __future__ import annotations

import asyncio
import math
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core.base.embeddings.base import BaseEmbedding
from reference_bert import ReferenceBert
from tokenizers import Tokenizer

from rag import encoder
from rag import weights as model_weights
from rag.encoder import MiniLMEmbedding, by_name, model_id
from rag.errors import ConfigError, ModelError
from rag.minilm import TOKENS_PER_BATCH, MiniLM, batches, read_tensors
from rag.weights import Weights

GIVEN_WEIGHTS = os.environ.get("GROUNDWIRE_TEST_WEIGHTS")
"""A cache folder with the weights, where the user's own is not to be used. Read before conftest clears it."""


@pytest.fixture(scope="session")
def weights(request: pytest.FixtureRequest) -> Weights:
    """The real weights; skips where they are nowhere."""
    cache = Path(GIVEN_WEIGHTS) if GIVEN_WEIGHTS else request.getfixturevalue("model_cache")
    return model_weights.load(cache)


@pytest.fixture(scope="session")
def fp32(weights: Weights) -> MiniLM:
    return MiniLM(weights)


@pytest.fixture(scope="session")
def int8(weights: Weights) -> MiniLM:
    return MiniLM(weights, "int8")


LONG = "The committee heard that the bridge had been inspected twice in the year before it fell. " * 30
TEXTS = [
    "",
    "a",
    "Who closed the bridge?",
    "This is an example sentence",
    "Café déjà vu: Ångström measured 1,234.5 kW/h — naïve, isn't it?",
    "東京で地震がありました。",
    "AT&T said on 1 April 2020 that C++ isn't [SEP] a language 🙂🙂",
    "ﬁnancial \u200bzero\u200dwidth \x00 control \x07 characters\r\n\tand\u00a0spaces",
    "Pneumonoultramicroscopicsilicovolcanoconiosis" * 3,
    "The court ruled on Monday that the minister had acted beyond her powers when she ordered the closure.",
    LONG,
]


@pytest.fixture(scope="session")
def expected(weights: Weights) -> np.ndarray:
    """The vectors of TEXTS by the second implementation; tokens by the tokenizer alone, whole texts, uncut."""
    tokenizer = Tokenizer.from_file(str(weights.tokenizer))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    reference = ReferenceBert(weights.tensors)
    vectors = []
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        if len(ids) > 256:
            ids = [*ids[:255], 102]
        vectors.append(reference.embed(ids))
    return np.array(vectors)


# The vectors.


def test_fp32_is_what_the_second_implementation_gives(fp32: MiniLM, expected: np.ndarray) -> None:
    assert np.abs(fp32.encode(TEXTS) - expected).max() < 1e-5


def test_int8_is_near_it(int8: MiniLM, expected: np.ndarray) -> None:
    assert (int8.encode(TEXTS) * expected).sum(axis=1).min() >= 0.98


def test_fp32_is_what_sentence_transformers_publishes(fp32: MiniLM) -> None:
    # The first numbers for this sentence in the documentation of sentence-transformers.
    published = [0.0676569, 0.0634959, 0.0487131, 0.0793049, 0.0374480]
    assert np.abs(fp32.encode(["This is an example sentence"])[0, :5] - published).max() < 1e-5


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_vectors_are_float32_of_unit_length_in_the_order_of_the_texts(
    precision: str, request: pytest.FixtureRequest
) -> None:
    model: MiniLM = request.getfixturevalue(precision)
    vectors = model.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    assert np.abs(model.encode(TEXTS[::-1])[::-1] - vectors).max() < 1e-6


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_vector_does_not_depend_on_what_is_beside_it(precision: str, request: pytest.FixtureRequest) -> None:
    model: MiniLM = request.getfixturevalue(precision)
    alone = np.concatenate([model.encode([text]) for text in TEXTS])
    # Float noise may tip an activation into the next of int8's 255 steps.
    assert np.abs(model.encode(TEXTS) - alone).max() < (1e-6 if precision == "fp32" else 1e-3)


def test_no_texts_give_no_vectors(fp32: MiniLM) -> None:
    assert fp32.encode([]).shape == (0, 384)


def test_threads_share_a_model(fp32: MiniLM) -> None:
    short = TEXTS[:8]
    once = fp32.encode(short)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: fp32.encode(short), range(16)):
            assert np.abs(vectors - once).max() < 1e-6


def test_the_name_tells_model_precision_and_weights(fp32: MiniLM, int8: MiniLM) -> None:
    assert fp32.name == "all-MiniLM-L6-v2/fp32@53aa51172d14"
    assert int8.name == "all-MiniLM-L6-v2/int8@53aa51172d14"


# The texts.


def test_tokens_are_the_vocabularys_own(fp32: MiniLM) -> None:
    # [CLS] hello world [SEP]: lines 101, 7592, 2088 and 102 of BERT's uncased vocabulary.
    assert fp32._tokens("Hello WORLD") == [101, 7592, 2088, 102]
    assert fp32._tokens("") == [101, 102]


def uncut(weights: Weights, text: str) -> list[int]:
    tokenizer = Tokenizer.from_file(str(weights.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    ids: list[int] = tokenizer.encode(text).ids
    return ids


@pytest.mark.parametrize(
    "text",
    [
        "word " * 100_000,
        "x" * 50_000 + " and then a sentence",
        " " * 50_000 + "hello",
        "-" * 4_095 + " [SEP] " + "word " * 4_000,
        ("y" * 150 + " ") * 500,
        "\u0301" * 9_000 + " tail " * 300,
        "一二三" * 10_000,
        "\x00" * 20_000 + "tail " * 300,
        "a\u00a0" * 20_000,
    ],
)
def test_cutting_a_long_text_changes_none_of_its_first_256_tokens(weights: Weights, fp32: MiniLM, text: str) -> None:
    assert fp32._tokens(text) == uncut(weights, text)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=20), st.integers(1, 4_000))
def test_cutting_changes_nothing_for_any_text(weights: Weights, fp32: MiniLM, parts: list[str], times: int) -> None:
    text = (" ".join(parts) + "\n") * times
    assert fp32._tokens(text[:60_000]) == uncut(weights, text[:60_000])


@pytest.mark.parametrize("text", ["word " * 200_000, "x" * 1_000_000, " " * 1_000_000, "é" * 1_000_000])
def test_a_million_characters_are_no_trouble(fp32: MiniLM, text: str) -> None:
    started = time.perf_counter()
    assert np.isfinite(fp32.encode([text])).all()
    assert time.perf_counter() - started < 20


def test_half_a_surrogate_pair_counts_as_nothing(fp32: MiniLM) -> None:
    assert np.array_equal(fp32.encode(["a \ud800b\udfff c"]), fp32.encode(["a b c"]))


@pytest.mark.parametrize("lengths", [[], [256] * 40, [2] * 5_000, [3, 200, 3, 7, 256, 2]])
def test_batches_hold_every_text_once_and_keep_to_their_budget(lengths: list[int]) -> None:
    made = list(batches(lengths))
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))
    for batch in made:
        assert len(batch) * max(lengths[index] for index in batch) <= TOKENS_PER_BATCH


# The file.


@pytest.mark.parametrize(
    "content",
    [b"", b"\x02", b"\xff" * 100, (1 << 62).to_bytes(8, "little") + b"{}", (2).to_bytes(8, "little") + b"[]"],
)
def test_a_file_that_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="is not a safetensors file"):
        read_tensors(tmp_path / "model.safetensors")


def test_a_tensor_beyond_the_end_of_the_file_is_refused(tmp_path: Path) -> None:
    header = b'{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}'
    (tmp_path / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(12))
    with pytest.raises(ModelError):
        read_tensors(tmp_path / "model.safetensors")


def test_weights_without_the_tensors_are_refused_by_name(tmp_path: Path, weights: Weights) -> None:
    (tmp_path / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    hollow = Weights("hollow", tmp_path / "model.safetensors", weights.tokenizer, "0" * 64)
    with pytest.raises(ModelError, match=r"model\.safetensors: ONNX Runtime cannot load"):
        MiniLM(hollow)


# LlamaIndex.


@pytest.fixture(scope="session")
def embedding(fp32: MiniLM) -> MiniLMEmbedding:
    return MiniLMEmbedding(fp32)


def test_every_way_in_gives_the_same_vector(embedding: MiniLMEmbedding) -> None:
    text = TEXTS[9]
    want = embedding.encode([text])[0]

    async def asynchronously() -> list[list[float]]:
        return [
            await embedding.aget_query_embedding(text),
            await embedding.aget_text_embedding(text),
            *await embedding.aget_text_embedding_batch([text]),
        ]

    ways = [
        embedding.get_query_embedding(text),
        embedding.get_text_embedding(text),
        *embedding.get_text_embedding_batch([text]),
        *asyncio.run(asynchronously()),
    ]
    assert len(ways) == 6
    for vector in ways:
        assert all(isinstance(value, float) for value in vector)
        assert np.abs(np.array(vector) - want).max() < 1e-6


def test_it_embeds_64_texts_at_a_time(embedding: MiniLMEmbedding) -> None:
    assert embedding.embed_batch_size == 64
    assert len(embedding.get_text_embedding_batch(TEXTS * 8)) == 8 * len(TEXTS)


def test_like_sentences_are_near_and_others_far(embedding: MiniLMEmbedding) -> None:
    near, far = (
        embedding.similarity(embedding.get_text_embedding("The bridge was shut"), embedding.get_text_embedding(other))
        for other in ("They closed the bridge", "Inflation fell to two per cent")
    )
    assert near > 0.7 > 0.3 > far


@pytest.mark.parametrize(("name", "precision"), [("minilm", "fp32"), ("minilm-int8", "int8")])
def test_our_models_go_by_name(weights: Weights, name: str, precision: str) -> None:
    loaded = by_name(name, weights.tensors.parent.parent.parent)
    assert model_id(loaded) == f"all-MiniLM-L6-v2/{precision}@53aa51172d14"


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="groundwire model fetch"):
        by_name("minilm", tmp_path)


@pytest.mark.parametrize("name", ["", "bert", "huggingface:", "cohere:embed", ":x"])
def test_an_unknown_name_lists_the_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="minilm, minilm-int8, none, huggingface:NAME, ollama:NAME, openai:NAME"):
        by_name(name, tmp_path)


class TinyEmbedding(BaseEmbedding):
    """What a package might bring."""

    def _get_query_embedding(self, query: str) -> list[float]:
        return [math.sin(len(query)), 1.0]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_query_embedding(text)


class BrokenEmbedding(TinyEmbedding):
    def __init__(self, **settings: object) -> None:
        raise OSError("no such model\non the hub")


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package `brought_by_test` with the two classes, and names for them."""
    module = ModuleType(__name__)
    module.TinyEmbedding, module.BrokenEmbedding = TinyEmbedding, BrokenEmbedding  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "brought_by_test", module)
    for prefix, kind, home in (
        ("tiny", "TinyEmbedding", "brought_by_test"),
        ("broken", "BrokenEmbedding", "brought_by_test"),
        ("absent", "Any", "llama_index.embeddings.no_such_package"),
    ):
        monkeypatch.setitem(encoder.EXTRAS, prefix, encoder.Extra(home, kind, "model_name", prefix))


@pytest.mark.usefixtures("brought")
def test_a_model_of_another_package_is_made_with_its_own_name(tmp_path: Path) -> None:
    loaded = by_name("tiny:org/model:latest", tmp_path)
    assert isinstance(loaded, TinyEmbedding)
    assert loaded.model_name == "org/model:latest"


@pytest.mark.usefixtures("brought")
def test_a_missing_package_names_the_line_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"pip install 'groundwire\[absent\]'"):
        by_name("absent:x", tmp_path)


@pytest.mark.usefixtures("brought")
def test_a_model_that_does_not_load_says_why_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^broken:x cannot be loaded: no such model on the hub$"):
        by_name("broken:x", tmp_path)


def test_a_model_that_somebody_hands_over_is_named_by_its_class() -> None:
    assert model_id(TinyEmbedding(model_name="t")) == f"{TinyEmbedding.__module__}.TinyEmbedding:t"
