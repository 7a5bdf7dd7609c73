"""Train the reader: ``python -m train [--bench DIR] [--out FOLDER]``, with the extra `train` installed.

Four stages, some four hours on one core. Writes the trained tensors (float32, safetensors) and a record of the run:
data with hashes, settings, and the loss as it fell. `python -m train.export` makes of them what ships.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file

from rag import weights
from rag.answer.pairs import Pairs
from rag.config import load
from rag.errors import Exit, GroundwireError
from rag.minilm import read_tensors
from train import claims, groups, sources
from train.encoding import Batch, Encoded, batches, encoded
from train.encoding import claims as claims_encoded
from train.export import rounded
from train.groups import Hardness
from train.network import Network, loss


@dataclass(frozen=True, slots=True)
class Stage:
    """One pass over some of the data."""

    wanted: Mapping[str, int]
    """Questions of each set, at most."""
    hardness: Hardness
    rate: float
    """The highest learning rate, after warming up."""
    changed: int = 0
    """Sentences to make claims of, right and wrong."""
    stated: int = 0
    """Questions to make claims of. None of either: no claims at all."""
    rounded: bool = False
    """Whether it begins with the stage before in 8 bits, as that shipped, instead of as it was learned."""
    steps: int | None = None
    """After how many steps it ends; the rate falls as if it went on."""


CLAIMED = ("squad-2.0", "squad-1.1", "new-wiki", "nq")
"""The sets whose texts claims are made of."""

STAGES = (
    Stage(
        wanted={
            "squad-2.0": 4000,
            "squad-1.1": 3000,
            "new-wiki": 6000,
            "nq": 3000,
            "selqa": 800,
            "covid-qa": 800,
            "reddit": 3000,
            "amazon": 2500,
            "sentences": 5000,
        },
        hardness=Hardness(),
        rate=1e-4,
    ),
    Stage(
        wanted={
            "squad-2.0": 2500,
            "squad-1.1": 700,
            "new-wiki": 2500,
            "nq": 3000,
            "selqa": 300,
            "capitals": 1000,
        },
        hardness=Hardness(),
        rate=8e-5,
        changed=3000,
        stated=2000,
    ),
    Stage(
        wanted={
            "squad-2.0": 4000,
            "squad-1.1": 3000,
            "new-wiki": 8000,
            "nq": 3000,
            "selqa": 800,
            "covid-qa": 800,
            "reddit": 3500,
            "amazon": 2500,
            "capitals": 11000,
        },
        hardness=Hardness(without=0.1),
        rate=1e-4,
        changed=1000,
        stated=800,
        rounded=True,
        steps=1500,
    ),
    Stage(
        wanted={
            "squad-2.0": 4000,
            "squad-1.1": 3000,
            "new-wiki": 8000,
            "nq": 3000,
            "selqa": 800,
            "covid-qa": 500,
            "reddit": 1500,
            "amazon": 1000,
            "capitals": 5000,
        },
        hardness=Hardness(without=0.1, led=0.35),
        rate=8e-5,
        changed=500,
        stated=500,
    ),
)
"""The second learns the claims, and goes on with the questions. One with passages that nearly answer, and with claims
that are not supported as questions that nothing answers, was tried instead, and left: docs/reader.md says why. The
third sees questions of which most are new to it; it was ended halfway, when it was seen that what repeats a statement
before the question is taken for the answer, and the fourth teaches that."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What all stages go by."""

    seed: int = 20200101
    tokens: int = 4096
    """In a batch, with its padding."""
    warm_up: float = 0.06
    decay: float = 0.01
    clip: float = 1.0
    compiled: bool = False
    """Whether the network is compiled; it says the same, but for rounding."""


Logits = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""What makes logits of tokens, and of which of them count."""


def main() -> int:
    """0, or the exit code of what is wrong, after one line that says it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("reader.training"))
    parser.add_argument("--from", dest="first", type=Path, help="the folder of a run to go on with, some stages done")
    parser.add_argument("--share", type=float, default=1.0, help="of the questions, to try something")
    parser.add_argument("--compile", action="store_true", help="an eighth faster; takes a C++ compiler")
    given = parser.parse_args()
    try:
        train(Plan(compiled=given.compile), given.bench, given.out, given.first, given.share)
    except GroundwireError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return Exit.DONE


def train(plan: Plan, bench: Path, out: Path, first: Path | None = None, share: float = 1.0) -> None:
    """Stage after stage: read, encode, learn, write. `first`: the folder of a run that has done some of them."""
    torch.manual_seed(plan.seed)
    base = weights.load(load().cache)
    pairs = Pairs(base.tokenizer)
    tensors = read_tensors(base.tensors)
    out.mkdir(parents=True, exist_ok=True)
    record = _recorded(first)
    if first is not None:
        tensors |= read_tensors(first / "reader.safetensors")
    for number, stage in list(enumerate(_shared(share), 1))[len(record) :]:
        network = Network(rounded(tensors) if stage.rounded else tensors)
        examples = _examples(stage, plan, number, bench, pairs, share)
        counted = {
            "questions and claims": len(examples),
            "tokens": sum(len(one.ids) for some in examples for one in some),
        }
        _say(f"stage {number}: " + ", ".join(f"{count:,} {what}" for what, count in counted.items()))
        curve = _learn(network, examples, plan, stage, out)
        tensors |= network.tensors()
        save_file(network.tensors(), out / "reader.safetensors")
        made_with = {"torch": torch.__version__, "compiled": plan.compiled}
        record.append(asdict(stage) | counted | made_with | {"loss": curve})
        data = sources.hashes(bench) | claims.files(bench)
        kept = {"plan": asdict(plan), "data": data, "stages": record}
        (out / "record.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def _shared(share: float) -> list[Stage]:
    """The stages; of the steps of one that ends early the same share as of its questions."""
    return [one if one.steps is None else replace(one, steps=max(1, round(share * one.steps))) for one in STAGES]


def _recorded(first: Path | None) -> list[dict[str, Any]]:
    """What the run before has recorded of its stages."""
    if first is None:
        return []
    stages: list[dict[str, Any]] = json.loads((first / "record.json").read_text("utf-8"))["stages"]
    return stages


def _examples(stage: Stage, plan: Plan, number: int, bench: Path, pairs: Pairs, share: float) -> list[list[Encoded]]:
    everything = sources.read(bench)
    wanted = {source: round(share * count) for source, count in stage.wanted.items()}
    seed = plan.seed + number - 1
    made = list(encoded(groups.groups(everything, wanted, stage.hardness, seed), pairs))
    if stage.changed or stage.stated:
        chance = random.Random(seed)
        some = [one for one in everything if one.source in CLAIMED and not groups.is_aside(one)]
        written = claims.read(bench, some, round(share * stage.changed), round(share * stage.stated), chance)
        some_of = written if share == 1 else chance.sample(written, round(share * len(written)))
        made += claims_encoded(some_of, pairs)
    return made


def _learn(network: Network, examples: Sequence[Sequence[Encoded]], plan: Plan, stage: Stage, out: Path) -> list[float]:
    """The mean loss over each fifty steps."""
    chance = np.random.default_rng(plan.seed)
    plans = list(batches(examples, plan.tokens, chance))
    plain = [one for name, one in network.named_parameters() if name.endswith("bias") or "LayerNorm" in name]
    dense = [one for name, one in network.named_parameters() if not (name.endswith("bias") or "LayerNorm" in name)]
    kinds = [{"params": dense, "weight_decay": plan.decay}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(kinds, lr=stage.rate, betas=(0.9, 0.98), fused=True)
    warm = max(1, round(plan.warm_up * len(plans)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (len(plans) - step) / (len(plans) - warm))
    )
    logits_of: Logits = torch.compile(network, dynamic=True) if plan.compiled else network
    curve: list[float] = []
    recent: list[float] = []
    began, tokens = time.monotonic(), 0
    wanted = plans[: stage.steps]
    for step, batch in enumerate(wanted, 1):
        recent.append(_step(network, logits_of, batch, optimiser, plan))
        schedule.step()
        tokens += batch.ids.size
        if step % 50 == 0 or step == len(wanted):
            speed = tokens / (time.monotonic() - began)
            curve.append(round(float(np.mean(recent)), 4))
            recent = []
            _say(f"step {step:,} of {len(wanted):,}  loss {curve[-1]:.3f}  {speed:,.0f} tokens a second")
        if step % 500 == 0:
            save_file(network.tensors(), out / "reader.safetensors")
    return curve


def _step(network: Network, logits_of: Logits, batch: Batch, optimiser: torch.optim.Optimizer, plan: Plan) -> float:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = logits_of(torch.from_numpy(batch.ids), torch.from_numpy(batch.attended))
    found = loss(logits, batch)
    optimiser.zero_grad()
    found.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), plan.clip)
    optimiser.step()
    return float(found.detach())


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
