"""Which articles have nearly the same text: syndicated wire copy, a lead rewritten, a later state under another URL.

Pure: articles in, verdicts out; knows no catalog. The same event is not the same text: what is compared is runs of
words of the body, never what they mean. `Fingerprint` is what an article is compared by; its buckets say which pairs
are worth comparing (MinHash with banding: Broder 1997; Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets",
chapter 3); `alike` is the verdict. It hangs on the two articles alone, so that the clusters, the connected components,
are the same in whatever order articles come and go.

The numbers were chosen on 4,645 news articles; docs/near-copies.md says how, and how right the verdicts are.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from rag.types import Article

if TYPE_CHECKING:
    from datasketch import MinHash

Shingles = npt.NDArray[np.uint64]
"""Hashes of the runs of words, ascending, each once. Two of a hundred million share one by chance about once."""

WIDTH = 4
"""Words of a shingle."""

FEWEST_WORDS = 50
"""Shorter texts are not compared: a correction, a caption, a notice."""

BANDS, ROWS, SHARED = 20, 2, 2
"""Minimum hashes in rows of two; a pair is compared that agrees in two bands. Of pairs with a resemblance of one half,
97.6 % are; of those with a fiftieth, 1 in 30,000."""

RESEMBLANCE = 0.5
"""Shingles in both, of those in either (Jaccard): from here on two texts are nearly the same ..."""

CONTAINMENT, CUT_RESEMBLANCE = 0.8, 0.25
"""... or from here on, of the shingles of the shorter, with so much resemblance: a copy that was cut."""

OWN = 200
"""Words that the shorter may have by itself, at most: more is an article of its own, whatever furniture they share."""

COHERENCE = 0.34
"""Share of a title's words that stand in a text which is its article's. A notice that stands in the place of an article
("by registering you agree …") has fewer; such a text is compared only under the same title, ..."""

SURE_COHERENCE, SURE_WORDS = 0.5, 2
"""... or with a text that has so large a share and so many of its own title's words: a headline can be free of the
text's words ("PM quits"), a notice that stands under several titles says none of them but by chance ..."""

SURE_RESEMBLANCE, SURE_OWN = 0.8, 20
"""... and then with so much resemblance, and so few words that the shorter has by itself."""

_MADE_BY = "3"
"""Goes up when any of this gives other fingerprints."""

# One character of a script without spaces, else a word.
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|\w+")
_SITE = re.compile(r"\s[|–—-]\s[^|–—-]*\Z")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an article is compared by."""

    runs: Shingles
    """The runs of words as they follow each other."""
    shingles: Shingles
    """The same, each once, ascending."""
    title: frozenset[str]
    """Beginnings of the title's telling words."""
    said: int
    """How many of them stand in the text."""

    @property
    def coherent(self) -> bool:
        """Whether the text says what its title does; see COHERENCE."""
        return self.said >= COHERENCE * len(self.title)

    @property
    def surely_coherent(self) -> bool:
        """Whether that is hardly by chance; see SURE_COHERENCE."""
        return self.said >= max(SURE_WORDS, SURE_COHERENCE * len(self.title))

    @property
    def comparable(self) -> bool:
        """Whether there is enough to compare."""
        return len(self.shingles) > FEWEST_WORDS - WIDTH

    @property
    def digest(self) -> bytes:
        """Of all of it, 16 bytes: what has the same is alike, if there is enough to compare."""
        made = blake2b(self.runs.astype("<u8").tobytes(), digest_size=16)
        made.update(f"{self.said}{sorted(self.title)}".encode())
        return made.digest()

    def buckets(self) -> tuple[int, ...]:
        """One number below 2^32 for each band; () where there is not enough to compare."""
        if not self.comparable:
            return ()
        made = _minhash().copy()
        made.update_batch((self.shingles & np.uint64(0xFFFFFFFF)).tolist())
        rows = made.hashvalues.astype("<u4").reshape(BANDS, ROWS)
        return tuple(crc32(row.tobytes()) for row in rows)


@dataclass(frozen=True, slots=True)
class Compared:
    """An article as it is kept for comparing; its fingerprint is made again only when two are worth comparing."""

    digest: bytes | None
    """None: there is not enough to compare."""
    buckets: tuple[int, ...]
    fingerprint: Callable[[], Fingerprint]

    def is_like(self, other: Compared) -> bool:
        """Whether two that share enough buckets are near copies."""
        return self.digest == other.digest or alike(self.fingerprint(), other.fingerprint())


def fingerprint(article: Article) -> Fingerprint:
    """What the article is compared by: its body, without the spans that are skipped, and its title's words."""
    words = _WORD.findall(_body(article).casefold())
    title = _title_words(article.title or "")
    said = len(title & {word[:5] for word in set(words)})
    runs = _runs(words)
    return Fingerprint(runs, np.unique(runs), title, said)


def alike(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two articles are near copies of each other. The same whichever is named first."""
    if not (one.comparable and other.comparable):
        return False
    judged = (one.coherent and other.coherent) or one.title == other.title
    if not (judged or one.surely_coherent or other.surely_coherent):
        return False
    shorter, longer = sorted((one, other), key=lambda each: (len(each.shingles), each.digest))
    if len(shorter.shingles) < CUT_RESEMBLANCE * len(longer.shingles):
        return False
    both = np.intersect1d(one.shingles, other.shingles, assume_unique=True)
    resemblance = len(both) / (len(one.shingles) + len(other.shingles) - len(both))
    containment = len(both) / len(shorter.shingles)
    if not judged:
        return resemblance >= SURE_RESEMBLANCE and _outside(shorter.runs, both) <= SURE_OWN
    enough = resemblance >= RESEMBLANCE or (containment >= CONTAINMENT and resemblance >= CUT_RESEMBLANCE)
    return enough and _outside(shorter.runs, both) <= OWN


def shingles(text: str) -> Shingles:
    """The runs of words of a text."""
    found: Shingles = np.unique(_runs(_WORD.findall(text.casefold())))
    return found


def share(part: Shingles, whole: Shingles) -> float:
    """The share of a text's runs of words that stand in another; 0 where it has none."""
    return len(np.intersect1d(part, whole, assume_unique=True)) / len(part) if len(part) else 0.0


def groups(those: Mapping[int, Compared]) -> list[list[int]]:
    """The connected components of what is given by number, each ascending, in the order of their lowest numbers."""
    waiting = set(those)
    met: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for number, one in those.items():
        for bucket in enumerate(one.buckets):
            met[bucket].add(number)
    found: list[list[int]] = []
    for first in sorted(those):
        if first not in waiting:
            continue
        waiting.remove(first)
        group, due = [first], [first]
        while due:
            one = those[due.pop()]
            shared = Counter(other for bucket in enumerate(one.buckets) for other in met[bucket] & waiting)
            for other, bands in shared.items():
                if bands >= SHARED and one.is_like(those[other]):
                    waiting.remove(other)
                    group.append(other)
                    due.append(other)
            for bucket in enumerate(one.buckets):
                met[bucket] &= waiting
        found.append(sorted(group))
    return found


@cache
def recipe() -> str:
    """Names how fingerprints are made, by this code and by the library: where it differs, they are made anew."""
    some = np.arange(1, 1000, dtype=np.uint64) * _FACTOR
    known = Fingerprint(some, some, frozenset(), said=0)
    return f"near-copies/{_MADE_BY}/{crc32(repr(known.buckets()).encode()):08x}"


def _body(article: Article) -> str:
    starts = chain([0], (span.end for span in article.skipped))
    ends = chain((span.start for span in article.skipped), [len(article.text)])
    return "\n".join(article.text[start:end] for start, end in zip(starts, ends, strict=True))


def _outside(runs: Shingles, shared: Shingles) -> int:
    """How many words stand in none of the shared runs."""
    begins = np.isin(runs, shared)
    covered = np.zeros(len(runs) + WIDTH - 1, dtype=bool)
    for place in range(WIDTH):
        covered[place : place + len(runs)] |= begins
    return int(np.count_nonzero(~covered))


def _runs(words: list[str]) -> Shingles:
    """The hash of every run of WIDTH words, in their order."""
    if len(words) < WIDTH:
        return np.empty(0, dtype=np.uint64)
    known = {word: crc32(word.encode("utf-8", "surrogatepass")) for word in set(words)}
    hashes = np.array([known[word] for word in words], dtype=np.uint64)
    runs = len(words) - WIDTH + 1
    made = np.zeros(runs, dtype=np.uint64)
    for place in range(WIDTH):
        made = made * _FACTOR + hashes[place : place + runs]
    # So that the low bits, which are all that MinHash sees, hang on every bit.
    made ^= made >> np.uint64(32)
    mixed: Shingles = made * _FACTOR ^ (made >> np.uint64(29))
    return mixed


def _title_words(title: str) -> frozenset[str]:
    """The beginnings of its longer words and its numbers, without a site's name at the end."""
    words = _WORD.findall(_SITE.sub("", title).casefold())
    return frozenset(word[:5] for word in words if len(word) > 3 or not word.isascii() or word.isdigit())


@cache
def _minhash() -> MinHash:
    # Imported here: it brings SciPy along, and only what writes needs it.
    from datasketch import MinHash

    # The shingles are hashes already; the scheme is named, since buckets are kept.
    return MinHash(BANDS * ROWS, seed=1, hashfunc=_as_it_is, scheme="affine32")


def _as_it_is(value: Any) -> Any:
    return value
