"""Is a claim supported by its evidence? SummEdits (seven domains), QAGS on CNN and Daily Mail, WiCE, FEVER-symmetric.

Verbatim answers are grounded by construction: this tests a checker alone, and `Checker` is where one plugs in. The
trained model has seen four domains of SummEdits, WiCE and FEVER-symmetric; on a fifth, samsum, the weights of its
doubts and every checker's threshold were fixed: dev. The other two domains and QAGS are neither trained nor fitted on:
test. Supported, in QAGS: two of the three said yes; in WiCE: wholly.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol

import numpy as np

from eval.bench.options import Options
from eval.bench.progress import tracked
from eval.bench.results import Measured, Row, over
from eval.bench.sources import records, sample
from rag import lexical, weights
from rag.check import usable, words
from rag.check.claim import Claim as CheckedClaim
from rag.check.claim import Source, Surroundings, lower_case
from rag.check.doubts import Model, held_against
from rag.check.judging import Judged, judge
from rag.evaluate import metrics
from rag.evaluate.metrics import Figure
from rag.sentences import sentences
from rag.split import passages
from rag.types import Span
from rag.vectors import Vector

TRAINED = ("podcast", "qmsumm", "sales_call", "sales_email")
FIXED = ("samsum",)
KEPT_OUT = ("ectsum", "scitldr")
TRAINED_ON = "SummEdits, the domains trained on"
FIXED_ON = "SummEdits, samsum"
"""The part whose claims fix the thresholds: the model has not seen it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim (a sentence or some), what it is held against, and whether that supports it."""

    text: str
    evidence: str
    supported: bool
    split: str = "test"
    """ "dev": what was fitted on; "test": what was not."""


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
            threshold = best_threshold(asked[FIXED_ON], scores[FIXED_ON])
            thresholds[name] = round(threshold, 4)
            for of, claims in asked.items():
                split = claims[0].split
                if split in options.splits:
                    rows += [Row(of, split, name, one) for one in figures(claims, scores[of], threshold)]
    settings = {"splits": list(options.splits), "claims of each set, at most": options.questions(0) or "all"}
    return Measured(tuple(rows), settings | {"thresholds": thresholds})


def _checkers(options: Options, stack: ExitStack) -> dict[str, Checker]:
    """Whatever there is to be measured, by name: what there is to beat, then Groundwire's check and parts of it."""
    found: dict[str, Checker] = {"words": words_held, "words and numbers": words_and_numbers_held}
    if "hybrid" in options.modes:
        found["MiniLM"] = NearestSentence(stack.enter_context(options.model()).encode)
    found |= {"rules": Rules(), "check, words alone": Checked()}
    model = reader(options) if "hybrid" in options.modes else None
    if model is not None and usable(model) is not None:
        found |= {"model": Doubts(model), "check": Checked(model)}
    return found


def reader(options: Options) -> Model | None:
    """The trained model, where it can be used here and says what it doubts."""
    if not weights.present(options.weights):
        return None
    from rag.answer import model

    loaded = model.load(weights.load(options.weights))
    return loaded if isinstance(loaded, Model) else None


# --- Groundwire's own ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Read:
    """The passages of the evidence that was held against last, read once: many claims have the same."""

    evidence: str = ""
    passages: list[Surroundings] = field(default_factory=list)

    def of(self, evidence: str) -> list[Surroundings]:
        """Cut as Groundwire cuts an article."""
        if evidence != self.evidence:
            source = Source(evidence)
            found = passages(evidence, ())
            self.passages = [Surroundings.read(source, Span(one.start, one.end), one.sentences) for one in found]
            self.evidence = evidence
        return self.passages


def judged(claim: str, found: Sequence[Surroundings], model: Model | None = None) -> list[Judged]:
    """Each sentence of the claim with its best quote."""
    small = lower_case(words.words(claim))
    read = [CheckedClaim.read(one, small) for one in _sentences(claim)]
    return [best for one in read if (best := judge(one, found, model=model)) is not None]


@dataclass(frozen=True, slots=True)
class Rules:
    """How many facts of the claim differ from its best quotes; the sign turned, so that none is best."""

    read: Read = field(default_factory=Read)

    def __call__(self, claim: str, evidence: str) -> float:
        return -float(sum(one.compared.decisive for one in judged(claim, self.read.of(evidence))))


@dataclass(frozen=True, slots=True)
class Checked:
    """The score of the claim's least supported sentence, less 1 where a fact differs: what `groundwire check` says."""

    model: Model | None = None
    read: Read = field(default_factory=Read)

    def __call__(self, claim: str, evidence: str) -> float:
        found = judged(claim, self.read.of(evidence), self.model)
        return min((one.score - one.compared.decides for one in found), default=0.0)


@dataclass(frozen=True, slots=True)
class Doubts:
    """What the trained model doubts, alone: of each sentence in the passage where it doubts least; the worst."""

    model: Model
    read: Read = field(default_factory=Read)

    def __call__(self, claim: str, evidence: str) -> float:
        found = self.read.of(evidence)
        least = [
            min((one.doubt for one in held_against(text, found, self.model) if one is not None), default=0.0)
            for text in _sentences(claim)
        ]
        return -max(least)


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


def best_threshold(claims: Sequence[Claim], scores: Sequence[float]) -> float:
    """Where the balanced accuracy is best."""
    right = [one.supported for one in claims]
    tried = np.unique(np.array(scores))
    if len(tried) > 200:
        tried = np.quantile(tried, np.linspace(0, 1, 200))
    return float(max(tried, key=lambda least: _accuracy(scores, right, least)))


def _accuracy(scores: Sequence[float], right: Sequence[bool], least: float) -> float:
    found = metrics.balanced_accuracy([score >= least for score in scores], right)
    return 0.0 if math.isnan(found) else found


def figures(claims: Sequence[Claim], scores: Sequence[float], threshold: float) -> Iterator[Figure]:
    right = [one.supported for one in claims]
    yield over("balanced accuracy", metrics.balanced_accuracy, [score >= threshold for score in scores], right)
    yield over("AUROC", metrics.auroc, list(scores), right)


# --- the files -------------------------------------------------------------------------------------------------------


def _some(options: Options, claims: Sequence[Claim]) -> list[Claim]:
    return sample(claims, lambda one: f"{one.text}\0{one.evidence}", options.questions(0))


def sets(options: Options) -> dict[str, list[Claim]]:
    read = options.sources.read

    def edited(names: Sequence[str]) -> list[Claim]:
        return [one for name in names for one in read(f"grounding/summedits_{name}.json.gz", _summedits)]

    def fitted(claims: Sequence[Claim]) -> list[Claim]:
        return [replace(one, split="dev") for one in claims]

    return {
        TRAINED_ON: fitted(edited(TRAINED)),
        FIXED_ON: fitted(edited(FIXED)),
        "SummEdits": edited(KEPT_OUT),
        "QAGS-CNNDM": read("grounding/qags-cnndm.jsonl", _qags),
        "WiCE": fitted(read("grounding/wice-dev.jsonl", _wice)),
        "FEVER-symmetric": fitted(read("grounding/fever-symmetric-dev.jsonl", _fever)),
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
