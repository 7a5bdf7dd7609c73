"""How right the clusters of near copies are, on RealTimeQA 2022 and on copies made of its articles.

Run as ``python -m eval.near_copies --corpus FILE [--bench DIR]``. The corpus is made once, without a model, and used
again. Two measurements:

- `pairs.jsonl`: pairs near the thresholds on both sides and every pair that was found when they were chosen, labelled
  by reading both texts: is one a copy, a later state or a recycled form of the other? Precision is over all pairs that
  share a cluster now; one that is not labelled is printed, to be labelled. Recall is over the labelled pairs alone.
- Copies made by rule of articles drawn at random: what share is found to be a near copy of its original.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path

from rag import Article, Corpus
from rag.commands import run
from rag.config import load
from rag.near_copies import SHARED, alike, fingerprint

PAIRS = Path(__file__).parent / "pairs.jsonl"
COPIES = 300
LEAD = 80
"""Words of a lead that is written anew."""
EDITED = 20
"""One word in so many is another."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Two articles by their ids, and whether their texts are nearly the same."""

    pair: frozenset[str]
    near: bool


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--corpus", type=Path, required=True, help="made where it is not there yet")
    given = parser.parse_args()
    _make(given.corpus, given.bench)
    with Corpus.open(settings=load({"corpus": given.corpus, "model": "none"})) as corpus:
        corpus.rebuild()
        _clusters(corpus, labelled())
        _made_copies(corpus)


def labelled() -> list[Labelled]:
    """The labelled pairs."""
    lines = map(json.loads, PAIRS.read_text("utf-8").splitlines())
    return [Labelled(frozenset((line["one"], line["other"])), line["near"]) for line in lines]


def _make(file: Path, bench: Path) -> None:
    articles = bench / "realtimeqa-2022" / "articles.jsonl.gz"
    if file.exists():
        return
    if not articles.is_file():
        sys.exit(f"{articles} is not there; --bench DIR names the folder of the benchmark data")
    if run(["add", str(articles), "--corpus", str(file), "--model", "none"]):
        sys.exit(f"{file} could not be made; the line above says why")


def _clusters(corpus: Corpus, known: Sequence[Labelled]) -> None:
    clusters = list(corpus.clusters())
    found = {frozenset((one.id, other.id)) for cluster in clusters for one, other in combinations(cluster, 2)}
    near = {one.pair for one in known if one.near}
    far = {one.pair for one in known if not one.near}
    print(f"{len(clusters)} clusters of {sum(map(len, clusters))} articles, {len(found)} pairs")
    print(f"labelled: {len(near)} near, {len(far)} not")
    judged = found & (near | far)
    if judged:
        right = len(found & near)
        print(f"precision {right}/{len(judged)} = {right / len(judged):.3f}; recall {right}/{len(near)}", end="")
        print(f" = {right / len(near):.3f}")
    for pair in sorted(map(sorted, found - near - far)):
        print(f"not labelled: {' '.join(pair)}")


def _made_copies(corpus: Corpus) -> None:
    chosen = random.Random(1)
    everything = [one.id for one in corpus.articles()]
    articles = [corpus.article(name) for name in chosen.sample(everything, COPIES + 1)]
    print(f"copies made by rule of {COPIES} articles, found:")
    for name, copied in _KINDS.items():
        hits = [
            _is_found(replace(one, skipped=()), copied(one.text.split(), other.text.split(), chosen))
            for one, other in pairwise(articles)
        ]
        print(f"  {name:<40} {sum(hits) / len(hits):.3f}")


def _is_found(article: Article, copied: Sequence[str]) -> bool:
    one, other = fingerprint(article), fingerprint(replace(article, text=" ".join(copied)))
    met = sum(a == b for a, b in zip(one.buckets(), other.buckets(), strict=False))
    return met >= SHARED and alike(one, other)


def _led(text: Sequence[str], other: Sequence[str], chosen: random.Random) -> list[str]:
    return [*other[:LEAD], *text[LEAD:]]


def _half(text: Sequence[str], other: Sequence[str], chosen: random.Random) -> list[str]:
    return list(text[: len(text) // 2])


def _edited(text: Sequence[str], other: Sequence[str], chosen: random.Random) -> list[str]:
    return [chosen.choice(other) if chosen.random() < 1 / EDITED else word for word in text]


def _all(text: Sequence[str], other: Sequence[str], chosen: random.Random) -> list[str]:
    return _led(_edited(text[: 3 * len(text) // 4], other, chosen), other, chosen)


def _another(text: Sequence[str], other: Sequence[str], chosen: random.Random) -> list[str]:
    return list(other)


_KINDS: dict[str, Callable[[Sequence[str], Sequence[str], random.Random], list[str]]] = {
    f"the first {LEAD} words written anew": _led,
    "cut to a half": _half,
    f"one word in {EDITED} another": _edited,
    "a quarter cut and both of these": _all,
    "another article": _another,
}


if __name__ == "__main__":
    main()
