"""Names in a claim, and whether a text names the same, in one form or another.

Pure rules on English. Careful in both directions: a surname stands for the full name, "WHO" for the World Health
Organization, "Iranian" for Iran, "Suleimani" for Soleimani; "Iraq" never for Iran.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import dropwhile, pairwise

from rag import alignment
from rag.alignment import Word
from rag.lexical import skeleton
from rag.query import FUNCTION_WORDS

TITLES = frozenset("mr mrs ms dr sir lord lady prof sen rep gov gen maj lt col capt sgt adm jr sr st".split())  # noqa: SIM905
"""No part of a name: an article gives a title once, a claim gives it or not."""

RANKS = frozenset(
    """
    president vice general major colonel lieutenant captain admiral commander chief minister prime secretary senator
    governor chairman chairwoman director ambassador professor doctor judge justice officer spokesman spokeswoman
    spokesperson former
    """.split()  # noqa: SIM905
)
"""The same: "General McKenzie"."""

_DAYS_AND_MONTHS = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    """.split()  # noqa: SIM905
)
_ENDINGS = ("s", "ing", "ed", "ly", "tion", "sion", "ment", "ness", "ity")
"""Of common words that begin a sentence: "Officials", "Investigators"."""

_OPENINGS = frozenset(
    """
    furthermore moreover meanwhile still overall instead nevertheless nonetheless finally besides hence therefore
    earlier later soon today yesterday tomorrow dear hello please yet eventually whereas despite regarding upon
    """.split()  # noqa: SIM905
)
"""Words that begin sentences, and name nothing."""

_BEGINS = re.compile(r"(?:^|[.!?:…\n])[\s\"'`´‘’‚“”„«»()\[\]—–-]*$")


_PARTICLES = frozenset("al el ul bin ibn de del di da van von der den le la".split())  # noqa: SIM905


def names(text: str, found: Sequence[Word], small: Container[str]) -> list[list[Word]]:
    """The names among the words of a claim, each as its words; weekdays and months are none.

    `small`: the words that claim or article write in lower case.
    """
    runs: list[list[Word]] = []
    last = -1
    for place, word in enumerate(found):
        if not _is_name(text, found, place, small):
            continue
        if runs and _goes_on(text, found[last : place + 1]):
            runs[-1].append(word)
        else:
            runs.append([word])
        last = place
    bare = (list(dropwhile(lambda word: word.key in TITLES | RANKS, run)) for run in runs)
    return [run for run in bare if run]


def _goes_on(text: str, between: Sequence[Word]) -> bool:
    """Whether the last of these words is of one name with the first: "Ain al-Asad", "Gen. K. McKenzie"."""
    if not all(word.key in _PARTICLES for word in between[1:-1]):
        return False
    short = len(between[0].text) == 1 or between[0].key in TITLES
    gaps = (text[one.end : other.start] for one, other in pairwise(between))
    return all(gap.strip(" -‑–'’." if short else " -‑'’") == "" for gap in gaps)


def _is_name(text: str, found: Sequence[Word], place: int, small: Container[str]) -> bool:
    word = found[place]
    if not word.text[0].isupper() or word.key in _DAYS_AND_MONTHS or word.key in alignment.NUMBER_WORDS:
        return False
    if word.text.isupper() and len(word.key) > 1 and text != text.upper():
        return True  # "WHO", "US": no pronouns
    if word.text == "I" or word.key in FUNCTION_WORDS | alignment.NEGATIONS | _OPENINGS:
        return False
    if not _BEGINS.search(text, max(0, word.start - 8), word.start):
        return True
    if word.key in small:
        return False
    follows = found[place + 1] if place + 1 < len(found) else None
    if follows is not None and follows.text[0].isupper() and text[word.end : follows.start].strip(" ") == "":
        return follows.key not in FUNCTION_WORDS
    return not word.key.endswith(_ENDINGS)


_SAME = (
    {"us", "usa", "america", "american", "americans", "unitedstates"},
    {"uk", "britain", "british", "unitedkingdom", "britons"},
    {"eu", "europeanunion"},
    {"un", "unitednations"},
    {"uae", "unitedarabemirates", "emirati"},
    {"france", "french"},
    {"germany", "german", "germans"},
    {"netherlands", "dutch", "holland"},
    {"spain", "spanish", "spaniards"},
    {"greece", "greek", "greeks"},
    {"denmark", "danish", "danes"},
    {"turkey", "turkish", "turks", "turkiye"},
    {"poland", "polish", "poles"},
    {"ireland", "irish"},
    {"wales", "welsh"},
    {"scotland", "scottish", "scots"},
    {"switzerland", "swiss"},
    {"thailand", "thai"},
    {"philippines", "filipino", "philippine", "filipinos"},
    {"isis", "isil", "is", "daesh", "islamicstate"},
)
_ALIASES: dict[str, int] = {name: number for number, some in enumerate(_SAME) for name in some}
_ADJECTIVE = re.compile(r"(?:ians?|ese|ish|ans?|is?|ns?|s)$")
_JOINING = frozenset("of the and for on in de la a to".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Named:
    """All that a text could name: every word of it, and the first letters of its capitalised runs."""

    keys: frozenset[str]
    capital: tuple[str, ...]
    """The keys of words with a capital."""
    initials: frozenset[str]
    joined: frozenset[str]
    """Two or three capitalised words as one: "unitedstates"."""

    @classmethod
    def of(cls, found: Sequence[Word]) -> Named:
        """What these words name."""
        runs = list(_capital_runs(found))
        initials = {"".join(word.key[0] for word in run[i:j]) for run in runs for i, j in _windows(len(run), 2, 6)}
        joined = {"".join(word.key for word in run[i:j]) for run in runs for i, j in _windows(len(run), 2, 3)}
        capital = tuple(dict.fromkeys(word.key for word in found if word.text[0].isupper()))
        return cls(frozenset(word.key for word in found), capital, frozenset(initials), frozenset(joined))

    def holds(self, name: Sequence[Word], word: Word) -> bool:
        """Whether a word of a name stands here, in one form or another."""
        return _holds(self, "".join(one.key for one in name), word.key, word.text, len(name))


def _holds(there: Named, whole: str, key: str, text: str, length: int) -> bool:
    if key in there.keys or whole in there.joined or key in there.joined:
        return True
    alias = _ALIASES.get(whole) if length > 1 else _ALIASES.get(key)
    if alias is not None and any(
        one in _SAME[alias] for one in (*there.capital, *there.joined) if one != "is" or "is" in there.capital
    ):
        return True
    if text[:-1].isupper() and text[-1] == "s" and key[:-1] in there.keys:
        return True  # "PhDs"
    if text.isupper() and 1 < len(key) < 7 and key in there.initials:
        return True  # "WHO", the World Health Organization
    if length > 1 and len(text) == 1:
        return any(other.startswith(key) for other in there.capital)  # "K. McKenzie"
    return any(_is_form(key, other, within=length > 1) for other in there.capital)


def _is_form(one: str, other: str, *, within: bool) -> bool:
    """Whether two names are a place and its people, or two spellings of one name; `within` a longer name."""
    if one[:3] == other[:3] and _root(one) == _root(other):
        return True
    if one[0] != other[0] or skeleton(one) != skeleton(other) or len(skeleton(one)) < (2 if within else 3):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= (0.6 if within else 0.7)


@lru_cache(maxsize=20_000)
def _root(name: str) -> str:
    """ "iran" of Iranian, "iraq" of Iraqi, "chin" of China and Chinese."""
    bare = _ADJECTIVE.sub("", name)
    bare = bare if len(bare) >= 4 else name
    return bare.rstrip("aeiouy") if len(bare.rstrip("aeiouy")) >= 3 else bare


def _capital_runs(found: Sequence[Word]) -> Iterator[list[Word]]:
    run: list[Word] = []
    for word in found:
        if word.text[0].isupper():
            run.append(word)
        elif run and word.key in _JOINING and word.start - run[-1].end < 12:
            continue
        else:
            if len(run) > 1:
                yield run
            run = []
    if len(run) > 1:
        yield run


def _windows(length: int, least: int, most: int) -> Iterator[tuple[int, int]]:
    for begin in range(length):
        for end in range(begin + least, min(begin + most, length) + 1):
            yield begin, end
