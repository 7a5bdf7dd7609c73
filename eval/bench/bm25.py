"""BM25 in forty lines, apart from Groundwire: what benchmark lists are made with and systems are held against.

Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, with the inverse document frequency of Lucene,
log(1 + (N - n + 0.5) / (n + 0.5)), which is never negative. Words are runs of letters and digits in lower case: nothing
is stemmed, nothing is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K1, B = 1.5, 0.75

Floats = NDArray[np.float64]


def words(text: str) -> list[str]:
    """Runs of letters and digits, in lower case."""
    return re.findall(r"[^\W_]+", text.lower())


class BM25:
    """Scores of a fixed list of documents."""

    def __init__(self, documents: Sequence[str]) -> None:
        read = [words(document) for document in documents]
        lengths = np.array([len(one) for one in read], dtype=float)
        mean = lengths.mean() if read else 1.0
        held: dict[str, list[tuple[int, int]]] = {}
        for number, one in enumerate(read):
            for word, count in Counter(one).items():
                held.setdefault(word, []).append((number, count))
        self._size = len(read)
        self._postings: dict[str, tuple[NDArray[np.intp], Floats]] = {}
        for word, found in held.items():
            where = np.array([number for number, _ in found], dtype=np.intp)
            times = np.array([count for _, count in found], dtype=float)
            idf = np.log1p((self._size - len(found) + 0.5) / (len(found) + 0.5))
            room = K1 * (1 - B + B * lengths[where] / max(mean, 1e-9))
            self._postings[word] = where, idf * times * (K1 + 1) / (times + room)

    def scores(self, query: str) -> Floats:
        """Of each document, shape (documents,)."""
        total = np.zeros(self._size)
        for word in words(query):
            if word in self._postings:
                where, weight = self._postings[word]
                total[where] += weight
        return total

    def top(self, query: str, k: int) -> list[int]:
        """The numbers of the k best documents, best first, ties by number; none that shares no word."""
        scores = self.scores(query)
        best = np.argsort(-scores, kind="stable")[:k]
        return [int(number) for number in best if scores[number] > 0]
