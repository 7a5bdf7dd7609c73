"""How much each sign counts, and how sure the reader may be: fitted on questions on texts that it was not trained on.

Run as ``python -m train.combine [--bench DIR]`` after `train.export`. The texts of the training sets become a corpus;
the questions on those that were kept aside are asked of all of it; of the few texts that have the same title, which is
a small corpus on one subject; and of the one text alone. The first two once as they are, and once with the text that
answers left out, so that what comes nearest does not answer. A sentence is right where the accepted words stand in it.
Writes `rag/onnx/reader.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from rag import Corpus, lexical, query, weights
from rag.answer import learned, model
from rag.answer.learned import GROUNDS, SIGNS, Fit, LearnedReader, Sign
from rag.config import DEFAULT_MODEL, Settings, load
from rag.encoder import by_name
from rag.errors import GroundwireError
from rag.evaluate.metrics import holds
from rag.types import Filters, Hit
from train import groups, sources
from train.sources import Asked

ANSWERABLE = {"squad-2.0": 120, "squad-1.1": 80, "new-wiki": 150, "nq": 100, "covid-qa": 40}
"""Questions of each set, at most."""

TITLED = ("squad-2.0", "squad-1.1", "new-wiki")
"""The sets in which several texts have one title."""

SEED, SEED_OF_TITLED, SEED_OF_LONE = 20200101, 7, 11
MOST_OF_ONE_TITLE = 200
LONE = 0.6
"""The share of the questions that are asked of their text alone."""
PENALTY = 1e-3
FEW = 3
"""Of so few texts, none is left that looks as if it answered."""

UNSEEN = frozenset(("nq",))
"""The sets whose questions were asked by people who had not seen the text, as a user has not; many questions of the
others were written by people who had it before them."""
UNSEEN_SHARE = 2 / 3
"""What these count for together when the signs are weighed: else the words that question and text share count for too
much. Chosen on the even weeks of RealTimeQA and the open half of the seed questions; see docs/reader.md."""

ANSWERED = 0.12
WORTH = 0.2
"""From which confidence on there is an answer, and what share of the best sentence's probability a further one needs.
Chosen on the even weeks of RealTimeQA with as many NewsQuizQA questions, and on the open half of the seed questions:
what loses few right answers on either; see docs/reader.md."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """The signs of a question's sentences, and which of them answer; none where nothing does."""

    signs: list[Sign]
    right: NDArray[np.bool_]
    grounds: list[float]
    unseen: bool = False
    """Whether who asked had not seen the text."""


def main() -> int:
    """0, or the exit code of what is wrong, after one line that says it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--share", type=float, default=1.0, help="of the questions, to try something")
    parser.add_argument("--reader", type=Path, default=model.FILE)
    parser.add_argument("--out", type=Path, default=learned.FILE)
    given = parser.parse_args()
    try:
        judged = list(_judged(given.bench, given.share, given.reader))
        kept = fit(judged)
    except GroundwireError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    given.out.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(json.dumps(kept, indent=1))
    return 0


def _judged(bench: Path, share: float, reader: Path) -> Iterator[Judged]:
    everything = [one for one in sources.read(bench) if one.source in ANSWERABLE]
    cache = load().cache
    base = weights.load(cache)
    with tempfile.TemporaryDirectory() as folder:
        embedding = by_name(DEFAULT_MODEL, cache)
        settings = Settings(Path(folder) / "texts.db", Path(folder) / "cache")
        with Corpus.open(settings=settings, embedding=embedding, create=True) as corpus:
            corpus.add([_articles(Path(folder), everything)])
            reading = Reading(corpus, model.load(base, reader))
            for asked in _drawn(everything, share, random.Random(SEED)):
                yield from reading.both(asked, None)
            keys: dict[str, list[str]] = {}
            for key, title, _ in _keyed(everything):
                keys.setdefault(title, []).append(key)
            for asked in _drawn(everything, share, random.Random(SEED_OF_TITLED)):
                if asked.source in TITLED:
                    yield from reading.both(asked, keys[asked.title][:MOST_OF_ONE_TITLE])
            own = {text: key for key, _, text in _keyed(everything)}
            for asked in _drawn(everything, LONE * share, random.Random(SEED_OF_LONE)):
                yield from reading.both(asked, [own[asked.text]])


def _drawn(everything: Sequence[Asked], share: float, chance: random.Random) -> list[Asked]:
    """Of each set so many questions on texts kept aside, and of those without an answer half as many."""
    aside = [one for one in everything if groups.is_aside(one)]
    found: list[Asked] = []
    for source, count in ANSWERABLE.items():
        for answered, wanted in ((True, count), (False, count // 2)):
            some = [one for one in aside if one.source == source and one.is_answered == answered]
            found += chance.sample(some, min(round(share * wanted), len(some)))
    return found


def accepted(asked: Asked) -> list[str]:
    """The words that answer."""
    return list(dict.fromkeys(asked.text[span.start : span.end] for span in asked.answers))


def _answers(hit: Hit, asked: Asked) -> bool:
    return hit.text in asked.text or any(_holds(hit.text, words) for words in accepted(asked))


def _articles(folder: Path, everything: Iterable[Asked]) -> Path:
    file = folder / "texts.jsonl"
    lines = (json.dumps({"id": key, "title": title, "text": text}) for key, title, text in _keyed(everything))
    file.write_text("\n".join(lines), "utf-8")
    return file


def _keyed(everything: Iterable[Asked]) -> Iterator[tuple[str, str, str]]:
    """Key, title and text of every text."""
    titles = {one.text: one.title for one in everything}
    for number, (text, title) in enumerate(titles.items()):
        yield f"text-{number}", title, text


class Reading:
    """Asks a corpus, and looks at what the reader makes of it."""

    def __init__(self, corpus: Corpus, reader: model.ReaderModel) -> None:
        self._corpus = corpus
        index = corpus._indexes.lexical()
        self._passages, self._articles = len(index), sum(1 for _ in corpus.articles())
        nothing = Fit((0.0,) * len(SIGNS), (0.0,) * len(GROUNDS), 0.0, 0.0, 0.0)
        self._reader = LearnedReader(reader, lexical.terms, index, len(index), nothing)

    def both(self, asked: Asked, within: Sequence[str] | None) -> Iterator[Judged]:
        """The question as it is; where it is answered, then without what answers. `within`: only these texts."""
        filters = Filters(articles=tuple(within or ()))
        hits = list(self._corpus.search(asked.question, k=2 * learned.PASSAGES, filters=filters).hits)
        searched = self._passages * (1 if within is None else len(within) / self._articles)
        yield self._judged(asked, hits, accepted(asked), searched)
        if asked.is_answered and (within is None or len(within) > FEW):
            others = [hit for hit in hits if not _answers(hit, asked)]
            yield self._judged(asked, others, [], searched)

    def _judged(self, asked: Asked, hits: Sequence[Hit], accepted: Sequence[str], searched: float) -> Judged:
        """Which sentences hold the accepted words."""
        signs = self._reader.signs(query.read(asked.question, lexical.terms), hits)
        right = [any(_holds(one.text, words) for words in accepted) for one in signs]
        why = learned.grounds(signs, searched) if signs else []
        return Judged(signs, np.array(right, np.bool_), why, asked.source in UNSEEN)


def _holds(text: str, words: str) -> bool:
    return holds(text, [words])


# Fitting.


def fit(judged: Sequence[Judged]) -> dict[str, object]:
    """The weights, as they are kept."""
    some = [one for one in judged if one.signs]
    signs = fit_signs(some)
    rows, right = _grounds(some, signs)
    grounds, bias = fit_grounds(rows, right)
    return {
        "signs": dict(zip(SIGNS, np.round(signs, 4).tolist(), strict=True)),
        "grounds": dict(zip(GROUNDS, np.round(grounds, 4).tolist(), strict=True)),
        "bias": round(bias, 4),
        "threshold": ANSWERED,
        "worth": WORTH,
        "fitted on": {
            "questions": len(some),
            "with an answer among the sentences": int(sum(one.right.any() for one in some)),
            "best sentence right, where one is": round(
                float(np.mean([right[n] for n, one in enumerate(some) if one.right.any()])), 4
            ),
        },
    }


def fit_signs(judged: Sequence[Judged]) -> Floats:
    """The weights under which the right sentences have most of the softmax over all sentences of a question, each
    question counting as `_counts` has it."""
    some = [one for one in judged if one.right.any() and not one.right.all()]
    rows = [(_matrix(one.signs), one.right) for one in some]
    scale = np.concatenate([matrix for matrix, _ in rows]).std(axis=0) + 1e-9
    counts = _counts([one.unseen for one in some])

    def cost(scaled: Floats) -> float:
        weights = scaled / scale
        total = 0.0
        for (matrix, right), count in zip(rows, counts, strict=True):
            scores = matrix @ weights
            total += count * float(logsumexp(scores) - logsumexp(scores[right]))
        return total + PENALTY * float(scaled @ scaled)

    found: Floats = minimize(cost, np.zeros(len(SIGNS)), method="L-BFGS-B").x / scale
    return found


def _counts(unseen: Sequence[bool]) -> Floats:
    """What each question counts for, together 1; where there are both kinds, as UNSEEN_SHARE has it."""
    is_unseen = np.array(unseen)
    number = int(is_unseen.sum())
    if number in {0, len(is_unseen)}:
        return np.full(len(is_unseen), 1 / max(1, len(is_unseen)))
    found: Floats = np.where(is_unseen, UNSEEN_SHARE / number, (1 - UNSEEN_SHARE) / (len(is_unseen) - number))
    return found


def _grounds(judged: Sequence[Judged], signs: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """What the confidence is fitted on: the grounds of each answer, and whether its best sentence is right."""
    scores = [_matrix(one.signs) @ signs for one in judged]
    rows = np.array([one.grounds for one in judged])
    right = np.array([one.right[int(np.argmax(some))] for one, some in zip(judged, scores, strict=True)], np.bool_)
    return rows, right


def fit_grounds(rows: Floats, right: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Logistic regression: the weights and the bias."""
    middle, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = (rows - middle) / scale

    def cost(weights: Floats) -> float:
        strength = scaled @ weights[1:] + weights[0]
        return float(np.logaddexp(0, np.where(right, -strength, strength)).mean() + PENALTY * weights[1:] @ weights[1:])

    found: Floats = minimize(cost, np.zeros(1 + rows.shape[1]), method="L-BFGS-B").x
    return found[1:] / scale, float(found[0] - (found[1:] / scale) @ middle)


def _matrix(signs: Sequence[Sign]) -> Floats:
    return np.array([one.values() for one in signs])


if __name__ == "__main__":
    sys.exit(main())
