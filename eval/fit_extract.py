"""Fit the weights of `rag.answer.extract` on SQuAD 2.0 articles (`../shared/data/squad2-open`, CC BY-SA 4.0).

The paragraphs of every other Wikipedia article become the corpus. Questions on them teach which sentence to choose;
these, against unanswerable ones and questions on the articles left out, teach when to refuse. A third of the questions
is kept aside and only measured on. Run as ``python -m eval.fit_extract --bench DIR``; it prints what to write into
`extract.py`. It knows nothing of the seeds and of the news questions that the project is measured on.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import Corpus, lexical, query
from rag.answer.extract import SentenceReader
from rag.config import Settings, load

ANSWERED = {"HYBRID": 0.95, "LEXICAL": 0.85}
"""The share of the answerable questions that is to be answered. Words alone tell less: more has to be refused."""

QUESTIONS = 250
"""Of each of the three sorts."""

FEATURES = ("cosine", "sentence", "passage", "rank", "kind")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; `answers` are empty where it should be refused."""

    question: str
    paragraph: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """The signs of each candidate sentence, shape (sentences, features), and which sentences answer."""

    signs: Floats
    right: NDArray[np.bool_]
    answerable: bool


def main() -> None:
    """Fit, and print the weights and how they do on the questions kept aside."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="of each of the three sorts")
    given = parser.parse_args()
    folder = given.bench / "squad2-open"
    if not folder.is_dir():
        sys.exit(f"{folder} is not there; --bench DIR names the folder of the benchmark data")
    articles = [*_articles(folder / "dev-v2.0.open20.json"), *_articles(folder / "dev-v1.1.extra.json")]
    held, absent = articles[::2], articles[1::2]
    asked = drawn(held, absent, given.questions)
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(Path(scratch) / "squad.db", load().cache)
        with Corpus.open(settings=settings, create=True) as corpus:
            report = corpus.add([_paragraphs(held, Path(scratch) / "paragraphs.jsonl")])
            print(f"{len(held)} articles, {report.added} paragraphs, {len(asked)} questions")
        for name, model in (("HYBRID", None), ("LEXICAL", "none")):
            with Corpus.open(settings=replace(settings, model=model)) as corpus:
                judged = [_judge(corpus, one) for one in asked]
                _fit(name, judged, FEATURES if model is None else FEATURES[1:])


def _articles(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["data"]
    return found


def _paragraphs(articles: Sequence[dict[str, Any]], file: Path) -> Path:
    """Each paragraph as an article of a JSON Lines file."""
    with file.open("w", encoding="utf-8") as out:
        for article in articles:
            for number, paragraph in enumerate(article["paragraphs"]):
                title = article["title"].replace("_", " ")
                line = {"id": f"{article['title']}/{number}", "title": title, "text": paragraph["context"]}
                out.write(json.dumps(line) + "\n")
    return file


def drawn(held: Sequence[dict[str, Any]], absent: Sequence[dict[str, Any]], size: int = QUESTIONS) -> list[Asked]:
    """Questions that the corpus answers, that only look so, and on articles it does not hold; in mixed order."""
    dice = random.Random(6)
    ours, theirs = list(_questions(held)), list(_questions(absent))
    sorts = (
        [one for one in ours if one.answers],
        [one for one in ours if not one.answers],
        [Asked(one.question, one.paragraph, ()) for one in theirs],
    )
    chosen = [one for sort in sorts for one in dice.sample(sort, min(size, len(sort)))]
    dice.shuffle(chosen)
    return chosen


def _questions(articles: Sequence[dict[str, Any]]) -> Iterator[Asked]:
    for article in articles:
        for number, paragraph in enumerate(article["paragraphs"]):
            for one in paragraph["qas"]:
                answers = tuple(sorted({answer["text"] for answer in one["answers"]}))
                yield Asked(one["question"], f"{article['title']}/{number}", answers)


def _judge(corpus: Corpus, asked: Asked) -> Judged:
    """What the reader sees for one question, and whether each sentence holds the answer in the right paragraph."""
    reader, hits = corpus.prepare(asked.question, trained=False)
    assert isinstance(reader, SentenceReader)
    evidence = reader.evidence(query.read(asked.question, lexical.terms), hits)
    keys = [hit.article.key for hit in hits]
    right = [keys[one.hit] == asked.paragraph and any(text in one.text for text in asked.answers) for one in evidence]
    signs = np.array([[getattr(one, name) for name in FEATURES] for one in evidence]).reshape(-1, len(FEATURES))
    return Judged(signs, np.array(right, dtype=bool), bool(asked.answers))


def _fit(name: str, judged: Sequence[Judged], features: Sequence[str]) -> None:
    used = [FEATURES.index(feature) for feature in features]
    judged = [replace(one, signs=one.signs[:, used]) for one in judged]
    third = len(judged) // 3
    aside, taught = judged[:third], judged[third:]
    weights = _choice_weights([one for one in taught if one.right.any()])
    weights /= weights[features.index("sentence")]  # only ratios matter for the choice
    print(f"{name} = Weights({_told(features, weights)})")
    seen = _Sight(features, weights)
    answerable = np.array([one.answerable for one in taught])
    grounds = _grounds(np.array([seen.of(one) for one in taught]), answerable, ANSWERED[name])
    print(f"{name}_GROUNDS = Grounds({_told(('cosine', 'sentence', 'passage'), grounds[:3])}, least={-grounds[3]:.2f})")
    print(f"  kept aside ({third} questions): {_measure(aside, seen, grounds)}")


def _told(names: Sequence[str], values: Floats) -> str:
    return ", ".join(f"{name}={value:.2f}" for name, value in zip(names, values, strict=False))


def _choice_weights(judged: Sequence[Judged], steps: int = 3000, rate: float = 0.5) -> Floats:
    """Softmax regression over the sentences of each question: gradient ascent on the mean log-likelihood of a right
    one, with a slight pull to zero."""
    weights = np.zeros(judged[0].signs.shape[1])
    for _ in range(steps):
        gradient = -0.001 * weights
        for one in judged:
            likely = _softmax(one.signs @ weights)
            wanted = likely * one.right / (likely @ one.right)
            gradient += (wanted - likely) @ one.signs / len(judged)
        weights += rate * gradient
    return weights


def _softmax(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max())
    shares: Floats = raised / raised.sum()
    return shares


@dataclass(frozen=True, slots=True)
class _Sight:
    """What the decision to answer sees of a question, given the choice of its best sentence."""

    features: Sequence[str]
    weights: Floats

    def of(self, one: Judged) -> Floats:
        """Highest cosine, the best sentence's own coverage and its passage's, and 1."""
        if not len(one.signs):
            return np.array([0.0, 0.0, 0.0, 1.0])
        best = one.signs[(one.signs @ self.weights).argmax()]
        cosine = one.signs[:, self.features.index("cosine")].max() if "cosine" in self.features else 0.0
        return np.array([cosine, best[self.features.index("sentence")], best[self.features.index("passage")], 1.0])

    def right(self, one: Judged) -> bool:
        """Whether the best sentence is a right one."""
        return bool(len(one.signs) and one.right[(one.signs @ self.weights).argmax()])


def _grounds(
    seen: Floats, answerable: NDArray[np.bool_], answered: float, steps: int = 4000, rate: float = 0.5
) -> Floats:
    """Logistic regression, answerable and not weighing the same, over standardised signs; weights for the signs as
    they are; and the constant with which the share `answered` of the answerable questions is answered."""
    middle, spread = seen.mean(0), seen.std(0)
    middle[3], spread[spread < 1e-9] = 0.0, 1.0
    scaled, share = (seen - middle) / spread, answerable.mean()
    weight = np.where(answerable, 0.5 / share, 0.5 / (1 - share)) / len(seen)
    found = np.zeros(4)
    for _ in range(steps):
        likely = 1 / (1 + np.exp(-scaled @ found))
        found += rate * ((weight * (answerable - likely)) @ scaled - 0.001 * found)
    found /= spread
    # Not where the two errors balance, which refuses one answerable question in ten. What is off the topic is told
    # apart all the same; near misses often are not.
    found[3] = -np.quantile(seen[answerable, :3] @ found[:3], 1 - answered)
    return found


def _measure(judged: Sequence[Judged], seen: _Sight, grounds: Floats) -> str:
    answerable = np.array([one.answerable for one in judged])
    answered = np.array([seen.of(one) @ grounds > 0 for one in judged])
    reachable = [seen.right(one) for one in judged if one.right.any()]
    among = len(reachable) / max(1, answerable.sum())
    refused = ~answered[~answerable]
    return (
        f"right sentence first {np.mean(reachable):.3f} of those that have it among their candidates ({among:.3f}); "
        f"answered {answered[answerable].mean():.3f} of the answerable, refused {refused.mean():.3f} of the others; "
        f"balanced {(answered[answerable].mean() + refused.mean()) / 2:.3f}"
    )


if __name__ == "__main__":
    main()
