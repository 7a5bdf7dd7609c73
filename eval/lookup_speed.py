"""How fast `lookup` is, and where its threshold lies.

Run as ``python -m eval.lookup_speed --corpus FILE [--quotes N] [--seed N]``: the median and the 99th percentile of
looking up N real quotes of the corpus, drawn at random, warm; and the share that was found exactly, at the place that
it was drawn from, which has to be 1. A third of them are sentences, a third runs of two to five sentences, a third
words from anywhere in the article, captions and headings included. Leaves with 1 where a quote was not found, or where
the 99th percentile is over the target.

``--quality [--bench DIR]`` measures what a threshold on similarity does: sentences of the corpus with every so-manieth
word replaced, which should be found in their article, against sentences of other news (QAGS, CNN and Daily Mail),
which should not.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag import Article, Corpus
from rag.alignment import words
from rag.config import load
from rag.quotes import Level, Lookup
from rag.sentences import sentences

TARGET = 50.0
"""Milliseconds for an exact quote in 50,000 passages."""
RUNS = 3
"""Of each quote; the quickest counts, so that what else the machine does counts less. Nothing is remembered."""
SHORTEST = 5
"""Words; "CNN" is no quote."""
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


@dataclass(frozen=True, slots=True)
class Quote:
    """What is looked up, and where it was taken from."""

    text: str
    article: str
    start: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--quotes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--bench", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", help="none: by words alone")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    with Corpus.open(settings=load({"corpus": given.corpus, "model": given.model})) as corpus:
        if given.quality:
            _quality(corpus, given.bench, given.quotes, chance)
        else:
            sys.exit(0 if _speed(corpus, given.quotes, chance) else 1)


def _speed(corpus: Corpus, count: int, chance: random.Random) -> bool:
    drawn = [_drawn(corpus.article(one), number, chance) for number, one in enumerate(_some(corpus, count, chance))]
    began = time.perf_counter()
    corpus.lookup(drawn[0].text)
    cold = 1000 * (time.perf_counter() - began)
    took: list[float] = []
    missed: list[Quote] = []
    for quote in drawn:
        found = corpus.lookup(quote.text, most=1000)
        took.append(min(_milliseconds(corpus, quote) for _ in range(RUNS)))
        if not _holds(found, quote):
            missed.append(quote)
    counts = corpus.status().counts
    p99 = float(np.percentile(took, 99))
    print(f"{counts.articles:,} articles, {counts.passages:,} passages; {len(drawn)} quotes")
    print(f"found exactly, where they were taken from: {1 - len(missed) / len(drawn):.3f}")
    print(
        f"warm: p50 {statistics.median(took):.1f} ms, p99 {p99:.1f} ms, most {max(took):.1f} ms (target {TARGET:g} ms)"
    )
    print(f"the first look-up, which reads what stands outside passages: {cold:.0f} ms")
    for quote in missed:
        print(f"missed: {quote.article} at {quote.start}: {quote.text[:80]!r}")
    return not missed and p99 <= TARGET


def _milliseconds(corpus: Corpus, quote: Quote) -> float:
    began = time.perf_counter()
    corpus.lookup(quote.text)
    return 1000 * (time.perf_counter() - began)


def _holds(found: Lookup, quote: Quote) -> bool:
    places = {(match.article.id, match.citations[0].start) for match in found.matches}
    return found.level is Level.EXACT and (quote.article, quote.start) in places


def _some(corpus: Corpus, count: int, chance: random.Random) -> list[str]:
    """Ids of articles, drawn with replacement where there are few."""
    return chance.choices(sorted(reference.id for reference in corpus.articles()), k=count)


def _drawn(article: Article, number: int, chance: random.Random) -> Quote:
    spans = sentences(article.text)
    if number % 3 == 2 or len([one for one in spans if len(words(article.text, one.start, one.end)) >= SHORTEST]) < 6:
        found = words(article.text)
        first = chance.randrange(max(1, len(found) - 30))
        last = min(first + chance.randrange(6, 30), len(found) - 1)
        start, end = found[first].start, found[last].end
    else:
        first = chance.randrange(len(spans) - 5)
        last = first + (chance.randrange(1, 5) if number % 3 else 0)
        start, end = spans[first].start, spans[last].end
        if len(words(article.text, start, end)) < SHORTEST:
            return _drawn(article, number, chance)
    return Quote(article.text[start:end], article.id, start)


# -- the threshold ---------------------------------------------------------------------------------------------


def _quality(corpus: Corpus, bench: Path, count: int, chance: random.Random) -> None:
    file = bench / "grounding" / "qags-cnndm.jsonl"
    if not file.is_file():
        sys.exit(f"{file} is not there; --bench DIR names the folder of the benchmark data")
    own = list(_own(corpus, count, chance))
    foreign = chance.sample(sorted(set(_foreign(file))), count)
    vocabulary = [word.text for text in foreign for word in words(text)]
    print("| words replaced | " + " | ".join(f"found at {one:g}" for one in THRESHOLDS) + " | right article |")
    print("|---" * (len(THRESHOLDS) + 2) + "|")
    for share in SHARES:
        found = [(corpus.lookup(_changed(one.text, share, vocabulary, chance)), one) for one in own]
        right = [any(match.article.id == one.article for match in told.matches) for told, one in found if told.matches]
        told = _shares([one.similarity for one, _ in found])
        print(f"| {share:.0%} | {told} | {np.mean(right) if right else 0:.3f} |")
    print(f"| other news | {_shares([corpus.lookup(one).similarity for one in foreign])} | |")


def _shares(similarities: Sequence[float]) -> str:
    return " | ".join(f"{np.mean([one >= least for one in similarities]):.3f}" for least in THRESHOLDS)


def _own(corpus: Corpus, count: int, chance: random.Random) -> Iterator[Quote]:
    for name in _some(corpus, count, chance):
        article = corpus.article(name)
        spans = [one for one in sentences(article.text) if 6 <= len(words(article.text, one.start, one.end)) <= 60]
        if spans:
            span = chance.choice(spans)
            yield Quote(article.text[span.start : span.end], article.id, span.start)


def _foreign(file: Path) -> Iterator[str]:
    for line in file.read_text("utf-8").splitlines():
        text = str(json.loads(line)["article"])
        for span in sentences(text):
            if 6 <= len(words(text, span.start, span.end)) <= 60:
                yield text[span.start : span.end]


def _changed(text: str, share: float, vocabulary: Sequence[str], chance: random.Random) -> str:
    """The text with that share of its words, one at least, replaced by words of other texts."""
    found = words(text)
    made = text
    for word in sorted(chance.sample(found, max(1, round(share * len(found)))), key=lambda one: -one.start):
        made = made[: word.start] + chance.choice(vocabulary) + made[word.end :]
    return made


if __name__ == "__main__":
    main()
