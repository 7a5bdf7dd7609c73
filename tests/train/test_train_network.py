"""The network that is trained, and the graph that runs, are one; the loss says what its sources say. Needs PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install 'groundwire[train]'")

from safetensors.numpy import save_file  # noqa: E402

from rag import weights  # noqa: E402
from rag.answer.model import ReaderModel  # noqa: E402
from rag.answer.pairs import Pairs  # noqa: E402
from rag.minilm import read_tensors  # noqa: E402
from rag.types import Span  # noqa: E402
from train.__main__ import STAGES, _shared  # noqa: E402
from train.encoding import Encoded, batch  # noqa: E402
from train.export import packed, rounded  # noqa: E402
from train.network import OUTPUTS, WRONG, Network, loss  # noqa: E402

PASSAGES = [("Ferry", "The ferry sank off Trondheim. Fourteen people were aboard."), ("", "It rained in Brest.")]


@pytest.fixture(scope="module")
def network(model_cache: Path) -> Network:
    torch.manual_seed(1)
    return Network(read_tensors(weights.load(model_cache).tensors))


def test_what_runs_says_what_was_trained(network: Network, model_cache: Path, tmp_path: Path):
    base = weights.load(model_cache)
    save_file(network.tensors(), tmp_path / "fp32.safetensors")
    save_file(packed(tmp_path / "fp32.safetensors"), tmp_path / "int8.safetensors")
    pairs = Pairs(base.tokenizer)
    runs = {
        name: ReaderModel(base, tmp_path / f"{name}.safetensors").read("Who?", PASSAGES) for name in ("fp32", "int8")
    }
    for place, (title, text) in enumerate(PASSAGES):
        pair = pairs.pair(pairs.question("Who?"), title, text)
        ids = torch.tensor([pair.ids])
        logits = network(ids, torch.ones_like(ids, dtype=torch.bool))[0].detach().numpy()
        for name, tolerance in (("fp32", 1e-4), ("int8", 0.15)):
            told = runs[name][place]
            inside = logits[pair.first : pair.first + len(pair.offsets)]
            assert np.abs(np.stack([told.starts, told.ends, told.tells], 1) - inside[:, :3]).max() < tolerance
            assert np.abs(told.nothing - logits[0, :3]).max() < tolerance
    (doubt,) = ReaderModel(base, tmp_path / "fp32.safetensors").doubts("It rained.", PASSAGES[1:])
    head, places = pairs.claim("It rained.")
    ids = torch.tensor([pairs.pair(head, *PASSAGES[1]).ids])
    each = network(ids, torch.ones_like(ids, dtype=torch.bool))[0, 1 : 1 + len(places), 3].detach()
    assert doubt.doubt == pytest.approx(float(each.logsumexp(0)), abs=1e-4)
    assert [span for span, _ in doubt.words] == [Span(0, 2), Span(3, 9), Span(9, 10)]
    assert [one for _, one in doubt.words] == pytest.approx(each.tolist(), abs=1e-4)


def test_rounded_weights_are_those_that_ship(network: Network, tmp_path: Path):
    save_file(network.tensors(), tmp_path / "fp32.safetensors")
    shipped, made = packed(tmp_path / "fp32.safetensors"), rounded(network.tensors())
    name = "encoder.layer.0.output.dense.weight"
    by_hand = shipped[f"{name}.int8"].T.astype(np.float32) * np.asarray(shipped[f"{name}.scale"])[:, None]
    assert np.array_equal(made[name], by_hand)
    assert not np.array_equal(made[name], network.tensors()[name])
    assert np.array_equal(made["head.weight"], network.tensors()["head.weight"])
    assert set(made) == set(network.tensors())


def test_padding_changes_nothing(network: Network):
    ids = torch.tensor([[101, 2040, 102, 102, 2009, 15000, 102]])
    padded = torch.cat([ids, torch.zeros(1, 5, dtype=torch.long)], 1)
    alone = network(ids, torch.ones_like(ids, dtype=torch.bool))
    beside = network(padded, padded != 0)
    assert torch.allclose(alone, beside[:, :7], atol=1e-5)


def test_the_loss_by_hand():
    """One question, two passages of two tokens between [CLS] and [SEP]; each token is a sentence."""
    right = Encoded(np.arange(4), np.array([-1, 0, 1, -1]), (1,), (1,), (0,))
    wrong = Encoded(np.arange(4), np.array([-1, 0, 1, -1]), (0,), (0,), ())
    made = batch([[right, wrong]])
    logits = torch.zeros(2, 4, 4)
    alone, together = np.log(3), np.log(4)  # two tokens and [CLS]; four tokens of both passages
    assert float(loss(logits, made)) == pytest.approx(2 * alone + 0.5 * 2 * together, rel=1e-5)
    logits[0, 1] = 50.0
    logits[1, 0] = 50.0
    assert float(loss(logits, made)) == pytest.approx(0, abs=1e-4)


def test_unknown_words_cost_nothing_but_their_sentence_does():
    known = batch([[Encoded(np.arange(4), np.array([-1, 0, 1, -1]), (), (), (0,))]])
    logits = torch.zeros(1, 4, 4)
    assert float(loss(logits, known)) == pytest.approx(np.log(3) + 0.5 * np.log(2), rel=1e-5)


def test_a_claim_costs_what_its_doubt_and_its_words_cost():
    """Two tokens of a claim, the second wrong; a text of one sentence, which supports it or does not."""
    place = np.array([-1, -1, -1, -1, 0, -1])
    wrong = Encoded(np.arange(6), place, (), (), (), claim=2, supported=False, wrong=(2,))
    made, logits = batch([[wrong]]), torch.zeros(1, 6, 4)
    whole = -np.log(2 / 3)  # the sigmoid of log(1 + 1)
    each = (1 + WRONG) * np.log(2) / 2
    assert float(loss(logits, made)) == pytest.approx(whole + each, rel=1e-5)
    logits[0, 1, 3], logits[0, 2, 3] = -50.0, 50.0
    assert float(loss(logits, made)) == pytest.approx(0, abs=1e-4)
    unknown = Encoded(np.arange(6), place, (), (), (), claim=2, supported=False, wrong=None)
    assert float(loss(torch.zeros(1, 6, 4), batch([[unknown]]))) == pytest.approx(whole, rel=1e-5)
    right = Encoded(np.arange(6), place, (), (), (), claim=2)
    both = float(loss(torch.zeros(1, 6, 4), batch([[right]])))
    assert both == pytest.approx(-np.log(1 / 3) + np.log(2), rel=1e-5)


def test_a_head_with_fewer_outputs_is_kept_as_its_first():
    before = {"head.weight": np.ones((3, 384), np.float32), "head.bias": np.full(3, 2.0, np.float32)}
    made = Network(before).tensors()
    assert made["head.weight"].shape == (OUTPUTS, 384)
    assert (made["head.weight"][:3] == 1).all()
    assert (made["head.bias"][:3] == 2).all()


def test_of_a_stage_that_ends_early_a_share_ends_as_early():
    assert [one.steps for one in _shared(0.1)] == [None if one.steps is None else one.steps // 10 for one in STAGES]
    assert _shared(0.0001)[2].steps == 1
    assert _shared(1.0) == list(STAGES)
