"""MiniLM's encoder with four numbers for each token, in PyTorch: does an answer begin here, end here, does what stands
here tell in which sentence it is; and, of a claim's tokens: is this not supported? The parameters keep the names of
all-MiniLM-L6-v2's file.

The loss has two parts for each of them. One is over a passage alone: its tokens (or sentences) against [CLS], which
stands for "nothing here answers" (Devlin et al., "BERT", NAACL 2019, on SQuAD 2.0). The other is over all the passages
of a question together, so that scores can be compared between passages (the shared norm of Clark and Gardner, "Simple
and effective multi-paragraph reading comprehension", ACL 2018). Where several tokens or sentences are right, their
probabilities are summed.

A claim's loss is the cross-entropy of its doubt, which is the logarithm of its tokens' summed exponentials, and, where
it is known which of them are not supported, that of each token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.minilm import Vectors
from train.encoding import Batch

LAYERS, HEADS, HIDDEN = 6, 12, 384
EPSILON = 1e-12
OUTPUTS = 4
"""Begins, ends, sentence, doubt."""

SHARED = 0.5
"""What the loss over all of a question's passages counts beside that over each alone."""

WRONG = 4.0
"""What a token that is not supported counts beside one that is: there are far fewer."""

NEVER = -1e4
"""A logit of what cannot be."""


class Network(nn.Module):
    """Tokens to four logits each. The embeddings stay as they are: they are MiniLM's own when it is used."""

    def __init__(self, tensors: Mapping[str, Vectors]) -> None:
        """`tensors`: all-MiniLM-L6-v2's, by name; `head.weight` and `head.bias` among them where it was trained, if
        with fewer outputs, then the first."""
        super().__init__()
        self.fixed = {name: torch.tensor(tensors[name]) for name in tensors if name.startswith("embeddings.")}
        learned = {name: tensors[name] for name in tensors if name.startswith("encoder.")}
        self.learned = nn.ParameterDict({_key(name): nn.Parameter(torch.tensor(one)) for name, one in learned.items()})
        for name, fresh in (("weight", 0.02 * torch.randn(OUTPUTS, HIDDEN)), ("bias", torch.zeros(OUTPUTS))):
            had = tensors.get(f"head.{name}")
            if had is not None:
                fresh[: len(had)] = torch.tensor(had)
            self.learned[_key(f"head.{name}")] = nn.Parameter(fresh)

    def forward(self, ids: Tensor, attended: Tensor) -> Tensor:
        """`ids`, `attended`: [P, T]; the logits, [P, T, 4]."""
        mask = torch.zeros_like(attended, dtype=torch.float32).masked_fill(~attended, NEVER)
        x = self._embedded(ids)
        for layer in range(LAYERS):
            x = self._layer(x, mask, f"encoder.layer.{layer}")
        return self._dense(x, "head").float()

    def tensors(self) -> dict[str, Vectors]:
        """What was learned, under the names of the file."""
        return {_name(key): one.detach().float().numpy() for key, one in self.learned.items()}

    def _embedded(self, ids: Tensor) -> Tensor:
        fixed = self.fixed
        places = fixed["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kinds = fixed["embeddings.token_type_embeddings.weight"][0]
        x = fixed["embeddings.word_embeddings.weight"][ids] + places + kinds
        scale, bias = (fixed[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias"))
        return functional.layer_norm(x, (HIDDEN,), scale, bias, EPSILON)

    def _layer(self, x: Tensor, mask: Tensor, name: str) -> Tensor:
        passages, tokens, _ = x.shape
        parts = ("query", "key", "value")
        heads = [
            self._dense(x, f"{name}.attention.self.{part}").view(passages, tokens, HEADS, -1).transpose(1, 2)
            for part in parts
        ]
        mixed = _attended(heads[0], heads[1], heads[2], mask).transpose(1, 2).reshape(passages, tokens, HIDDEN)
        x = self._norm(x + self._dense(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        wide = functional.gelu(self._dense(x, f"{name}.intermediate.dense"))
        return self._norm(x + self._dense(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _dense(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self.learned[_key(f"{name}.weight")], self.learned[_key(f"{name}.bias")])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        scale, bias = self.learned[_key(f"{name}.weight")], self.learned[_key(f"{name}.bias")]
        return functional.layer_norm(x, (HIDDEN,), scale, bias, EPSILON)


def _attended(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """Each [P, heads, T, size]; `mask`: [P, T], added. PyTorch's own is a quarter slower in bfloat16 on a CPU."""
    passages, heads, tokens, size = query.shape
    flat = [one.reshape(passages * heads, tokens, size) for one in (query, key, value)]
    added = mask.to(query.dtype)[:, None, None, :].expand(passages, heads, tokens, tokens).reshape(-1, tokens, tokens)
    scores = torch.baddbmm(added, flat[0], flat[1].transpose(1, 2), alpha=size**-0.5)
    with torch.autocast("cpu", enabled=False):
        shares = functional.softmax(scores, -1)
    return torch.bmm(shares, flat[2]).view(passages, heads, tokens, size)


def loss(logits: Tensor, batch: Batch) -> Tensor:
    """The mean over the batch; see the module."""
    given: dict[str, Any] = {
        name: torch.from_numpy(getattr(batch, name))
        for name in ("text", "starts", "ends", "sentence", "right", "groups", "claim", "wrong", "exact", "supported")
    }
    begins, ends, tells, doubts = logits.unbind(-1)
    nothing = given["starts"][:, 0]
    total = torch.zeros(())
    for scores, marked in ((begins, given["starts"]), (ends, given["ends"])):
        total = total + 0.5 * _alone(scores[:, 0], scores, given["text"], marked, nothing)
        total = total + 0.5 * SHARED * _together(scores, given["text"], marked & given["text"], given["groups"])
    sentences = _by_sentence(tells, given["sentence"], given["right"].shape[1])
    there = sentences > NEVER
    total = total + _alone(tells[:, 0], sentences, there, given["right"], nothing)
    total = total + SHARED * _together(sentences, there, given["right"], given["groups"])
    return total + _of_claims(doubts, given["claim"], given["wrong"], given["exact"], given["supported"])


def _by_sentence(scores: Tensor, sentence: Tensor, count: int) -> Tensor:
    """The mean over each sentence's tokens, [P, S]; NEVER where there is no such sentence."""
    sums = torch.zeros(len(scores), count + 1).scatter_add(1, sentence, scores)
    sizes = torch.zeros(len(scores), count + 1).scatter_add(1, sentence, torch.ones_like(scores))
    return torch.where(sizes > 0, sums / sizes.clamp(min=1), torch.full_like(sums, NEVER))[:, :count]


def _alone(none: Tensor, scores: Tensor, there: Tensor, marked: Tensor, nothing: Tensor) -> Tensor:
    """Over each passage: what is marked, or `none` where nothing answers, against all that is there and `none`."""
    everything = torch.cat([none[:, None], scores.masked_fill(~there, NEVER)], 1).logsumexp(1)
    right = torch.where(nothing, none, scores.masked_fill(~(marked & there), NEVER).logsumexp(1))
    known = nothing | (marked & there).any(1)
    return ((everything - right) * known).sum() / known.sum().clamp(min=1)


def _together(scores: Tensor, there: Tensor, marked: Tensor, groups: Tensor) -> Tensor:
    """Over each group of several passages: what is marked against all that is there."""
    of_passage = scores.masked_fill(~there, NEVER).logsumexp(1)
    of_right = scores.masked_fill(~(marked & there), NEVER).logsumexp(1)
    absent = torch.full((1,), NEVER)
    everything = torch.cat([of_passage, absent])[groups].logsumexp(1)
    right = torch.cat([of_right, absent])[groups].logsumexp(1)
    known = torch.cat([(marked & there).any(1), torch.zeros(1, dtype=torch.bool)])[groups].any(1)
    return ((everything - right) * known).sum() / known.sum().clamp(min=1)


def _of_claims(doubts: Tensor, claim: Tensor, wrong: Tensor, exact: Tensor, supported: Tensor) -> Tensor:
    """Over each claim as a whole, and over the tokens of those of which they are known."""
    is_claim = claim.any(1)
    if not is_claim.any():
        return torch.zeros(())
    cross = functional.binary_cross_entropy_with_logits
    whole = doubts.masked_fill(~claim, NEVER).logsumexp(1)
    total = cross(whole[is_claim], (~supported[is_claim]).float())
    tokens = claim & exact[:, None]
    if tokens.any():
        total = total + cross(doubts[tokens], wrong[tokens].float(), pos_weight=torch.tensor(WRONG))
    return total


def _key(name: str) -> str:
    """A ParameterDict takes no dots."""
    return name.replace(".", "/")


def _name(key: str) -> str:
    return key.replace("/", ".")
