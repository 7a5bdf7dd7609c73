"""Is a claim supported by its evidence? SummEdits (seven domains), QAGS on CNN and Daily Mail, WiCE, FEVER-symmetric.

Verbatim answers are grounded by construction: this tests a checker alone, and `Checker` is where one plugs in. One
threshold for all four sets, fixed on the development half of the documents of each; the halves go by the hash of the
evidence, so that no document is on both sides. Supported, in QAGS: two of the three said yes; in WiCE: wholly.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eval.bench.options import Options
from eval.bench.progress import tracked
from eval.bench.results import Measured, Row, over
from eval.bench.sources import records, sample, split_of
from rag import lexical
from rag.evaluate import metrics
from rag.evaluate.metrics import Figure
from rag.sentences import sentences
from rag.vectors import Vector

Floats = NDArray[np.float64]

DOMAINS = ("ectsum", "podcast", "qmsumm", "sales_call", "sales_email", "samsum", "scitldr")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim (a sentence or some), what it is held against, and whether that supports it."""

    text: str
    evidence: str
    supported: bool

    @property
    def split(self) -> str:
        return split_of(self.evidence)


class Checker(Protocol):
    """Says how well the evidence supports the claim; higher is better, comparable over all claims."""

    def __call__(self, claim: str, evidence: str) -> float: ...


def run(options: Options) -> Measured:
    """Every checker on every set."""
    asked = {name: _some(options, claims) for name, claims in sets(options).items()}
    rows: list[Row] = []
    thresholds: dict[str, object] = {}
    with ExitStack() as stack:
        for name, checker in _checkers(options, stack).items():
            scores = {
                of: [checker(one.text, one.evidence) for one in tracked(claims, f"{of}, {name}")]
                for of, claims in asked.items()
            }
            threshold = best_threshold(asked, scores)
            thresholds[name] = round(threshold, 4)
            for of, claims in asked.items():
                for split in options.splits:
                    rows += [Row(of, split, name, one) for one in figures(claims, scores[of], split, threshold)]
    settings = {"splits": list(options.splits), "claims of each set, at most": options.questions(0) or "all"}
    return Measured(tuple(rows), settings | {"thresholds": thresholds})


def _checkers(options: Options, stack: ExitStack) -> dict[str, Checker]:
    """Whatever there is to be measured, by name. Groundwire's own checker goes here once it has one."""
    found: dict[str, Checker] = {"words": words_held, "words and numbers": words_and_numbers_held}
    if "hybrid" in options.modes:
        found["MiniLM"] = NearestSentence(stack.enter_context(options.model()).encode)
    return found


# --- what there is to beat -------------------------------------------------------------------------------------------


def words_held(claim: str, evidence: str) -> float:
    """The share of the claim's terms that stand in the evidence; 0 where it has none."""
    wanted = set(lexical.terms(claim))
    return len(wanted & _terms(evidence)) / len(wanted) if wanted else 0.0


def words_and_numbers_held(claim: str, evidence: str) -> float:
    """The same, less 1 where a number of the claim does not stand in the evidence."""
    return words_held(claim, evidence) - float(not _numbers(claim) <= _numbers(evidence))


@lru_cache(maxsize=8)
def _terms(text: str) -> frozenset[str]:
    return frozenset(lexical.terms(text))


def _numbers(text: str) -> set[str]:
    return {found.replace(",", "") for found in re.findall(r"\d+(?:[.,]\d+)*", text)}


@dataclass(frozen=True, slots=True)
class NearestSentence:
    """The cosine of each of the claim's sentences to the nearest sentence of the evidence; the mean over them."""

    encode: Callable[[Sequence[str]], Vector]
    last: dict[str, Vector] = field(default_factory=dict)
    """The vectors of the evidence that was held against last: many claims have the same."""

    def __call__(self, claim: str, evidence: str) -> float:
        if evidence not in self.last:
            self.last.clear()
            self.last[evidence] = self.encode(_sentences(evidence))
        cosines = self.encode(_sentences(claim)) @ self.last[evidence].T
        return float(cosines.max(axis=1).mean())


def _sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)] or [text]


# --- scoring ---------------------------------------------------------------------------------------------------------


def best_threshold(asked: Mapping[str, Sequence[Claim]], scores: Mapping[str, Sequence[float]]) -> float:
    """Where the balanced accuracy is best, on average over the development halves of the sets."""
    halves = []
    for of, claims in asked.items():
        mine = [n for n, one in enumerate(claims) if one.split == "dev"]
        halves.append((np.array([scores[of][n] for n in mine]), np.array([claims[n].supported for n in mine])))
    tried = np.unique(np.concatenate([given for given, _ in halves]))
    if len(tried) > 200:
        tried = np.quantile(tried, np.linspace(0, 1, 200))
    return float(max(tried, key=lambda least: _accuracy(halves, least)))


def _accuracy(halves: Sequence[tuple[Floats, NDArray[np.bool_]]], least: float) -> float:
    """The mean over the sets that hold claims of both kinds; 0 where none does."""
    found = [metrics.balanced_accuracy(list(given >= least), list(right)) for given, right in halves]
    measured = [one for one in found if not math.isnan(one)]
    return sum(measured) / len(measured) if measured else 0.0


def figures(claims: Sequence[Claim], scores: Sequence[float], split: str, threshold: float) -> Iterator[Figure]:
    mine = [n for n, one in enumerate(claims) if one.split == split]
    given, right = [scores[n] for n in mine], [claims[n].supported for n in mine]
    yield over("balanced accuracy", metrics.balanced_accuracy, [score >= threshold for score in given], right)
    yield over("AUROC", metrics.auroc, given, right)


# --- the files -------------------------------------------------------------------------------------------------------


def _some(options: Options, claims: Sequence[Claim]) -> list[Claim]:
    return sample(claims, lambda one: f"{one.text}\0{one.evidence}", options.questions(0))


def sets(options: Options) -> dict[str, list[Claim]]:
    read = options.sources.read
    edits = [one for name in DOMAINS for one in read(f"grounding/summedits_{name}.json.gz", _summedits)]
    return {
        "SummEdits": edits,
        "QAGS-CNNDM": read("grounding/qags-cnndm.jsonl", _qags),
        "WiCE": read("grounding/wice-dev.jsonl", _wice),
        "FEVER-symmetric": read("grounding/fever-symmetric-dev.jsonl", _fever),
    }


def _summedits(content: bytes) -> list[Claim]:
    return [Claim(one["summary"], one["doc"], bool(int(one["label"]))) for one in json.loads(content)]


def _qags(content: bytes) -> list[Claim]:
    return [
        Claim(sentence["sentence"], one["article"], 2 * _yes(sentence["responses"]) > len(sentence["responses"]))
        for one in records(content)
        for sentence in one["summary_sentences"]
    ]


def _yes(responses: Sequence[Mapping[str, str]]) -> int:
    return sum(one["response"] == "yes" for one in responses)


def _wice(content: bytes) -> list[Claim]:
    return [Claim(one["claim"], "\n".join(one["evidence"]), one["label"] == "supported") for one in records(content)]


def _fever(content: bytes) -> list[Claim]:
    return [Claim(one["claim"], one["evidence"], one["gold_label"] == "SUPPORTS") for one in records(content)]
