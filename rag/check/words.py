"""The words of a claim and of what is cited: which carry meaning, what is denied, what is the opposite.

Pure rules on English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag import alignment
from rag.alignment import Word
from rag.lexical import terms
from rag.query import FUNCTION_WORDS

_POSSESSIVE = re.compile(r"['’ʼ]s\b|(?<=s)['’ʼ](?=\s)")

SAYING = frozenset(
    """
    said say says saying told tell tells according added adds stressed noted claimed claims argued wrote tweeted
    reported reports revealed stated warned insisted explained confirmed confirms statement that
    """.split()  # noqa: SIM905 (a list of 25 quoted words is no easier to read)
)
"""Words of an attribution: no part of what is attributed."""


def words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of `text[start:end]`, without the ’s of possessives; offsets count code points of `text`."""
    return alignment.words(_POSSESSIVE.sub(lambda match: " " * len(match[0]), text), start, end)


_UNITS = {
    form: unit
    for unit, forms in {
        "km": "kilometre kilometer kilometres kilometers kms",
        "kg": "kilo kilos kilogram kilograms kilogramme kilogrammes",
        "m": "metre meter metres meters",
        "ton": "tonne tonnes tons",
        "mph": "mph",
    }.items()
    for form in forms.split()
}


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """What forms of a word share, a unit and its abbreviation among them."""
    if word.casefold() in _UNITS:
        return _UNITS[word.casefold()]
    found = terms(word)
    return found[0] if found else word.casefold()


def is_content(word: Word) -> bool:
    """Whether it carries meaning of its own."""
    return word.key not in FUNCTION_WORDS and word.key not in SAYING and len(word.key) > 1


def stems(found: Sequence[Word]) -> set[str]:
    """The stems of those that carry meaning."""
    return {stem(word.text) for word in found if is_content(word)}


# -- what is denied --------------------------------------------------------------------------------------------

NEGATIONS = frozenset(
    """
    not no never none nobody nothing neither nor cannot without false untrue incorrect hardly barely unable
    """.split()  # noqa: SIM905
)
DENIALS = re.compile(r"(?:den(?:y|ie[sd]|ying)|reject\w*|refut\w*|refus\w*|fail(?:s|ed|ing)?|disput\w*)$")
_CONTRACTED = re.compile(r"n['’ʼ]t$", re.IGNORECASE)
_PARTS = re.compile(r"[,;:.()–—]")

REACH = {False: 1, True: 6}
"""Words of meaning that a negation reaches, and that "denied" reaches."""

BESIDE = 2
"""Words of meaning on either side of a negation: two that deny one thing share one of them."""

BEFORE = 120
"""Code points before "is not true" that this may deny."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A word that denies, and the stems of what it denies."""

    word: Word
    stems: frozenset[str]
    around: frozenset[str]
    """With what else stands beside it, before and after: "killed no troops", "did not kill troops"."""

    def denies(self, said: set[str]) -> bool:
        """Whether it denies what these stems say: half of what it reaches."""
        return bool(self.stems) and 2 * len(self.stems & said) >= len(self.stems)


def denials(text: str, found: Sequence[Word]) -> list[Denial]:
    """Everything that the text denies."""
    return [
        Denial(word, frozenset(_reached(text, found, place)), frozenset(_beside(found, place)))
        for place, word in enumerate(found)
        if word.key in NEGATIONS or _CONTRACTED.search(word.text) or DENIALS.match(word.key)
    ]


def _beside(found: Sequence[Word], place: int) -> Iterator[str]:
    """The stems of the words of meaning beside a negation; of all, where it is one like "denied"."""
    before = [stem(word.text) for word in found[:place] if is_content(word)]
    after = [stem(word.text) for word in found[place + 1 :] if is_content(word) and word.key not in _ADVERBS]
    whole = bool(DENIALS.match(found[place].key))
    yield from (before if whole else before[-BESIDE:])
    yield from (after if whole else after[:BESIDE])


def _reached(text: str, found: Sequence[Word], place: int) -> Iterator[str]:
    word = found[place]
    following = found[place + 1] if place + 1 < len(found) else None
    if word.key in {"false", "untrue", "incorrect"} or (following and following.key in {"true", "correct", "accurate"}):
        # "Claims about … are not true"
        yield from (stem(one.text) for one in found[:place] if one.start > word.start - BEFORE and is_content(one))
        return
    left = REACH[bool(DENIALS.match(word.key))]
    for before, after in pairwise(found[place:]):
        if _PARTS.search(text, before.end, after.start) or after.key in _TURNS or not left:
            return
        if is_content(after) and after.key not in _ADVERBS:
            yield stem(after.text)
            left -= 1


_TURNS = frozenset("and but although though while".split())  # noqa: SIM905
_ADVERBS = frozenset("yet ever immediately directly necessarily fully still currently previously been being".split())  # noqa: SIM905


# -- opposites -------------------------------------------------------------------------------------------------

_PAIRS = """
increase decrease; increase reduce; rise fall; rose fell; risen fallen; grow shrink; up down; higher lower; high
low; more less; more fewer; most least; gain lose; gain loss; win lose; won lost; victory defeat; include exclude;
accept reject; accept refuse; approve reject; support oppose; support opposition; allow ban; allow forbid; allow
prevent; permit prohibit; before after; first last; early late; earlier later; old new; young old; north south;
northern southern; east west; eastern western; northwest southeast; northeast southwest; male female; man woman; men
women; boy girl; husband wife; mother father; son daughter; brother sister; above below; over under; inside outside;
begin end; start stop; start end; open close; opened closed; arrive leave; enter exit; join leave; buy sell; bought
sold; hire fire; succeed fail; success failure; legal illegal; guilty innocent; convict acquit; strong weak;
strengthen weaken; stronger weaker; large small; larger smaller; big small; long short; longer shorter; fast slow;
quick slow; faster slower; easy difficult; easy hard; easier harder; good bad; better worse; best worst; positive
negative; optimistic pessimistic; confident uncertain; certain uncertain; safe dangerous; safe unsafe; success
unsuccessful; possible impossible; likely unlikely; able unable; agree disagree; remember forget; love hate; like
dislike; alive dead; survive die; survived died; near far; many few; all none; always never; everyone nobody;
majority minority; maximum minimum; internal external; public private; foreign domestic; urban rural; rich poor; hot
cold; warm cool; day night; morning evening; morning afternoon; morning night; yesterday tomorrow; past future;
temporary permanent; cheap expensive; profit loss; import export; attack defend; expand contract; expand shrink;
widen narrow; deploy withdraw; raise lower; raise cut; upgrade downgrade; improve worsen; simple complex; simple
complicated; same different; similar different; satisfied dissatisfied; happy unhappy; happy sad; useful useless;
known unknown; necessary unnecessary; present absent; supervised unsupervised; explicit implicit; dependent
independent; successful unsuccessful; encourage discourage; advantage disadvantage; benefit harm; appear disappear;
connect disconnect; lead follow; ask answer; lend borrow; give take; push pull; continue stop; continue cease;
continue end; resume suspend; hit miss; pass fail; formerly currently; former current; arrest release; free jail;
"""
_OPPOSITES: dict[str, set[str]] = {}
for _pair in _PAIRS.split(";"):
    if _pair.strip():
        _one, _other = map(stem, _pair.split())
        _OPPOSITES.setdefault(_one, set()).add(_other)
        _OPPOSITES.setdefault(_other, set()).add(_one)


_PREFIXES = ("un", "il", "ir", "non")
"""Of words that are denied by them; "in", "im" and "dis" begin too many others: income, impress, discover."""
SHORTEST = 3
"""Letters of a stem that a prefix turns round: "it" and "unit" are no opposites."""


def are_opposites(one: str, other: str) -> bool:
    """Whether two stems mean the opposite of each other."""
    if other in _OPPOSITES.get(one, ()):
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= SHORTEST and any(long == prefix + short for prefix in _PREFIXES)
