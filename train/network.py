"""MiniLM's encoder with three numbers for each token, in PyTorch: does an answer begin here, end here, and does what
stands here tell in which sentence it is? The parameters keep the names of all-MiniLM-L6-v2's file.

The loss has two parts for each of them. One is over a passage alone: its tokens (or sentences) against [CLS], which
stands for "nothing here answers" (Devlin et al., "BERT", NAACL 2019, on SQuAD 2.0). The other is over all the passages
of a question together, so that scores can be compared between passages (the shared norm of Clark and Gardner, "Simple
and effective multi-paragraph reading comprehension", ACL 2018). Where several tokens or sentences are right, their
probabilities are summed.
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
OUTPUTS = 3
"""Begins, ends, sentence."""

SHARED = 0.5
"""What the loss over all of a question's passages counts beside that over each alone."""

NEVER = -1e4
"""A logit of what cannot be."""


class Network(nn.Module):
    """Tokens to three logits each. The embeddings stay as they are: they are MiniLM's own when it is used."""

    def __init__(self, tensors: Mapping[str, Vectors]) -> None:
        """`tensors`: all-MiniLM-L6-v2's, by name; `head.weight` and `head.bias` among them where it was trained."""
        super().__init__()
        self.fixed = {name: torch.tensor(tensors[name]) for name in tensors if name.startswith("embeddings.")}
        learned = {name: tensors[name] for name in tensors if name.startswith(("encoder.", "head."))}
        self.learned = nn.ParameterDict({_key(name): nn.Parameter(torch.tensor(one)) for name, one in learned.items()})
        if "head.weight" not in tensors:
            self.learned[_key("head.weight")] = nn.Parameter(0.02 * torch.randn(OUTPUTS, HIDDEN))
            self.learned[_key("head.bias")] = nn.Parameter(torch.zeros(OUTPUTS))

    def forward(self, ids: Tensor, attended: Tensor) -> Tensor:
        """`ids`, `attended`: [P, T]; the logits, [P, T, 3]."""
        mask = attended[:, None, None, :]
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
        mixed = functional.scaled_dot_product_attention(*heads, attn_mask=mask)
        mixed = mixed.transpose(1, 2).reshape(passages, tokens, HIDDEN)
        x = self._norm(x + self._dense(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        wide = functional.gelu(self._dense(x, f"{name}.intermediate.dense"))
        return self._norm(x + self._dense(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _dense(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self.learned[_key(f"{name}.weight")], self.learned[_key(f"{name}.bias")])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        scale, bias = self.learned[_key(f"{name}.weight")], self.learned[_key(f"{name}.bias")]
        return functional.layer_norm(x, (HIDDEN,), scale, bias, EPSILON)


def loss(logits: Tensor, batch: Batch) -> Tensor:
    """The mean over the batch; see the module."""
    given: dict[str, Any] = {
        name: torch.from_numpy(getattr(batch, name))
        for name in ("text", "starts", "ends", "sentence", "right", "groups")
    }
    begins, ends, tells = logits.unbind(-1)
    nothing = given["starts"][:, 0]
    total = torch.zeros(())
    for scores, marked in ((begins, given["starts"]), (ends, given["ends"])):
        total = total + 0.5 * _alone(scores[:, 0], scores, given["text"], marked, nothing)
        total = total + 0.5 * SHARED * _together(scores, given["text"], marked & given["text"], given["groups"])
    sentences = _by_sentence(tells, given["sentence"], given["right"].shape[1])
    there = sentences > NEVER
    total = total + _alone(tells[:, 0], sentences, there, given["right"], nothing)
    return total + SHARED * _together(sentences, there, given["right"], given["groups"])


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


def _key(name: str) -> str:
    """A ParameterDict takes no dots."""
    return name.replace(".", "/")


def _name(key: str) -> str:
    return key.replace("/", ".")
