"""More news than there is: text and vectors of the statistics of real ones, as much as is wanted.

Words follow each other as often as in the real articles (a chain over their bigrams, punctuation and paragraphs
included), and articles are as long. A word that the real articles hold once becomes a new one each time it is drawn:
so often is the next word of real text unseen (Good 1953, after Turing), so that the vocabulary grows with the corpus.
It does so somewhat faster than real news would, whose new words become rarer. A vector is a real one plus a share of
the difference of two others, so that the noise has the spread of real vectors, not that of a ball. Nothing of it says
anything: it is for measuring cost, never quality.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BREAK = "\n\n"
"""A token of its own, so that paragraphs end where they do in the real articles; every text begins after one."""

LANES = 2000
STEPS = 2000
"""So many chains are drawn at once, so far: four million tokens in a few seconds."""

NOISE = 0.5
"""Share of the difference of two real vectors that is added to a third."""

TITLE_WORDS = 10

Numbers = NDArray[np.int64]
Vectors = NDArray[np.float32]


class Chain:
    """Which token follows which, how often."""

    def __init__(self, texts: Sequence[str]) -> None:
        split = [_tokens(text) for text in texts]
        place = {token: number for number, token in enumerate(dict.fromkeys([BREAK, *(t for s in split for t in s)]))}
        self.tokens = list(place)
        self.lengths = np.array([len(some) for some in split])
        stream = np.array([0, *(place[token] for some in split for token in (*some, BREAK))], dtype=np.int64)
        pairs, counts = np.unique(stream[:-1] * len(place) + stream[1:], return_counts=True)
        self._next = pairs % len(place)
        self._until = np.cumsum(counts)
        """Of the pairs in order, how often they and all before them occur."""
        edges = np.searchsorted(pairs // len(place), np.arange(len(place) + 1))
        cumulated = np.concatenate([[0], self._until])
        self._first, self._end = cumulated[edges[:-1]], cumulated[edges[1:]]
        self.once = _once(self.tokens, np.bincount(stream, minlength=len(place)))

    def stream(self, rng: np.random.Generator, lanes: int = LANES, steps: int = STEPS) -> Numbers:
        """`lanes * steps` token numbers; each run of `steps` is one chain."""
        made = np.empty((lanes, steps), dtype=np.int64)
        state = np.zeros(lanes, dtype=np.int64)
        for step in range(steps):
            drawn = rng.integers(self._first[state], self._end[state])
            state = self._next[np.searchsorted(self._until, drawn, side="right")]
            made[:, step] = state
        return made.ravel()


def articles(chain: Chain, dates: Sequence[str], rng: np.random.Generator, first: int) -> Iterator[dict[str, object]]:
    """Made-up articles without end, as lines of a JSONL file hold them; numbered from `first`."""
    left = np.empty(0, dtype=np.int64)
    for number in itertools.count(first):
        length = int(rng.choice(chain.lengths)) + TITLE_WORDS
        while len(left) < length:
            left = np.concatenate([left, chain.stream(rng)])
        words, left = _words(chain, left[:length], rng), left[length:]
        title = " ".join(word for word in words[:TITLE_WORDS] if word != BREAK) or "Untitled"
        yield {
            "id": f"made-up-{number}",
            "url": f"https://news.example/{number}",
            "title": title,
            "publish_date": str(rng.choice(dates)),
            "text": " ".join(words[TITLE_WORDS:]).replace(f" {BREAK} ", BREAK),
        }


def write(made: Iterator[dict[str, object]], count: int, folder: Path, shard: int = 5000) -> None:
    """Write `count` articles to JSONL files in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, count, shard):
        with (folder / f"{first:07}.jsonl").open("w", encoding="utf-8") as file:
            for _ in range(min(shard, count - first)):
                file.write(json.dumps(next(made), ensure_ascii=False) + "\n")


def vectors(real: NDArray[np.floating], count: int, rng: np.random.Generator) -> Vectors:
    """`count` made-up unit vectors of the spread of the real ones."""
    one, other, third = (real[rng.integers(0, len(real), count)].astype(np.float32) for _ in range(3))
    made = one + NOISE * (other - third)
    unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def _tokens(text: str) -> list[str]:
    return [BREAK if token.isspace() else token for token in re.findall(r"\s*\n\s*|\S+", text.strip())]


def _once(tokens: Sequence[str], counts: Numbers) -> frozenset[int]:
    """The tokens that are words, and are met once in all the articles, whatever stands around them."""
    words = [re.sub(r"\W+", "", token).lower() for token in tokens]
    met: Counter[str] = Counter()
    for word, count in zip(words, counts, strict=True):
        met[word] += int(count)
    return frozenset(n for n, word in enumerate(words) if word.isalpha() and len(word) > 3 and met[word] == 1)


def _words(chain: Chain, numbers: Numbers, rng: np.random.Generator) -> list[str]:
    return [_new(chain.tokens[n], rng) if n in chain.once else chain.tokens[n] for n in numbers.tolist()]


def _new(token: str, rng: np.random.Generator) -> str:
    """A word that nobody has met: the letters of a real one shuffled, a letter more, punctuation and capital kept."""
    letters = [char.lower() for char in token if char.isalpha()]
    letters.append(chr(ord("a") + int(rng.integers(26))))
    rng.shuffle(letters)
    word = "".join(letters)
    shape = re.search(r"[^\W\d_].*[^\W\d_]", token)
    if shape is None:
        return word
    if token[shape.start()].isupper():
        word = word.capitalize()
    return token[: shape.start()] + word + token[shape.end() :]
