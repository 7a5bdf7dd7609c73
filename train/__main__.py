"""Train the reader: ``python -m train [--bench DIR] [--out FOLDER]``, with the extra `train` installed.

Two hours on two cores, minutes on a GPU. Writes the trained tensors (float32, safetensors) and a record of the run:
data with hashes, settings, and the loss as it fell. `python -m train.export` makes of them what ships.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from rag import weights
from rag.answer.pairs import Pairs
from rag.config import load
from rag.errors import Exit, GroundwireError
from rag.minilm import read_tensors
from train import groups, sources
from train.encoding import Batch, Encoded, batches, encoded
from train.network import Network, loss

WANTED = {
    "squad-2.0": 4000,
    "squad-1.1": 3000,
    "new-wiki": 6000,
    "nq": 3000,
    "selqa": 800,
    "covid-qa": 800,
    "reddit": 3000,
    "amazon": 2500,
    "sentences": 5000,
}
"""Questions of each set, at most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run goes by."""

    seed: int = 20200101
    others: int = 1
    """Passages that do not answer, beside each that does."""
    epochs: int = 1
    tokens: int = 4096
    """In a batch, with its padding."""
    rate: float = 1e-4
    """The highest learning rate, after warming up."""
    warm_up: float = 0.06
    decay: float = 0.01
    clip: float = 1.0


def main() -> int:
    """0, or the exit code of what is wrong, after one line that says it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("reader.training"))
    parser.add_argument("--epochs", type=int, default=Plan().epochs)
    parser.add_argument("--others", type=int, default=Plan().others)
    parser.add_argument("--rate", type=float, default=Plan().rate)
    parser.add_argument("--share", type=float, default=1.0, help="of the questions, to try something")
    given = parser.parse_args()
    try:
        train(Plan(others=given.others, epochs=given.epochs, rate=given.rate), given.bench, given.out, given.share)
    except GroundwireError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return Exit.DONE


def train(plan: Plan, bench: Path, out: Path, share: float = 1.0) -> None:
    """Read, encode, learn, write."""
    torch.manual_seed(plan.seed)
    base = weights.load(load().cache)
    wanted = {source: round(share * count) for source, count in WANTED.items()}
    made = groups.groups(sources.read(bench), wanted, plan.others, plan.seed)
    examples = list(encoded(made, Pairs(base.tokenizer)))
    network = Network(read_tensors(base.tensors))
    record = asdict(plan) | {"questions": len(examples), "wanted": wanted, "data": sources.hashes(bench)}
    _say(f"{len(examples):,} questions, {sum(len(one.ids) for some in examples for one in some):,} tokens")
    out.mkdir(parents=True, exist_ok=True)
    curve = _learn(network, examples, plan, out)
    save_file(network.tensors(), out / "reader.safetensors")
    (out / "record.json").write_text(json.dumps(record | {"loss": curve}, indent=1) + "\n", "utf-8")


def _learn(network: Network, examples: Sequence[Sequence[Encoded]], plan: Plan, out: Path) -> list[float]:
    """The mean loss over each hundred steps."""
    chance = np.random.default_rng(plan.seed)
    plans = [batch for _ in range(plan.epochs) for batch in batches(examples, plan.tokens, chance)]
    plain = [one for name, one in network.named_parameters() if name.endswith("bias") or "LayerNorm" in name]
    dense = [one for name, one in network.named_parameters() if not (name.endswith("bias") or "LayerNorm" in name)]
    kinds = [{"params": dense, "weight_decay": plan.decay}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(kinds, lr=plan.rate, betas=(0.9, 0.98))
    warm = max(1, round(plan.warm_up * len(plans)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (len(plans) - step) / (len(plans) - warm))
    )
    curve: list[float] = []
    recent: list[float] = []
    began, tokens = time.monotonic(), 0
    for step, batch in enumerate(plans, 1):
        recent.append(_step(network, batch, optimiser, plan))
        schedule.step()
        tokens += batch.ids.size
        if step % 50 == 0 or step == len(plans):
            rate = tokens / (time.monotonic() - began)
            curve.append(round(float(np.mean(recent)), 4))
            recent = []
            _say(f"step {step:,} of {len(plans):,}  loss {curve[-1]:.3f}  {rate:,.0f} tokens a second")
        if step % 500 == 0:
            save_file(network.tensors(), out / "reader.safetensors")
    return curve


def _step(network: Network, batch: Batch, optimiser: torch.optim.Optimizer, plan: Plan) -> float:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = network(torch.from_numpy(batch.ids), torch.from_numpy(batch.attended))
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
