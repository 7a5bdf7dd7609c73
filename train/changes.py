"""One thing of a sentence or question changed, so that its text bears it out no more.

A number, a name, a negation, an opposite, or a word for one of the same ending; what SQuAD 2.0's authors saw people do
(Rajpurkar, Jia and Liang, "Know what you don't know", ACL 2018, table 1). Plain rules on English; knows no models.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence

from rag.types import Span

Pool = Mapping[re.Pattern[str], Sequence[str]]

_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\b")
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][\w’'-]+(?: (?:of |de |van |the )?[A-Z][\w’'-]+)*")
_WORD = re.compile(r"(?<![\w'-])[a-z]{5,}(?![\w'-])")
_HELPS = re.compile(r"\b(?:is|was|are|were|will|can|could|should|would|has been|have been|had been)\b(?! not)", re.I)
_NOT = re.compile(r"\b(?:not|never) |n['’]t\b", re.I)
_PAIRS = (
    "more less|most least|first last|before after|increased decreased|increase decrease|rose fell|won lost|all none|"
    "highest lowest|higher lower|largest smallest|larger smaller|north south|east west|northern southern|young old|"
    "eastern western|early late|earlier later|supported opposed|accepted rejected|best worst|better worse|major minor|"
    "public private|internal external|above below|over under|male female|man woman|his her|he she|always never|"
    "many few|often rarely|true false|success failure|successful unsuccessful|positive negative|began ended|"
    "with without|left right|father mother|son daughter|brother sister|husband wife|agreed refused|allowed banned|"
    "able unable|possible impossible|legal illegal|common rare|simple complex|likely unlikely|strong weak|"
    "inside outside|long short|new old|big small|buy sell|bought sold|gained lost|former current|minimum maximum"
)
_OPPOSITES = {word: other for pair in _PAIRS.split("|") for word, other in (pair.split(), list(reversed(pair.split())))}
_OPPOSITE = re.compile(rf"\b(?:{'|'.join(_OPPOSITES)})\b")
QUESTION_RULES = (_NUMBER, _NAME, _OPPOSITE, _WORD)
"""What can be changed in a question."""

RULES = (_NUMBER, _NAME, _OPPOSITE, _HELPS, _NOT, _WORD)


def pool(texts: Iterable[str]) -> Pool:
    """Numbers, names and words to put in the place of others."""
    some = list(texts)
    return {rule: [found[0] for text in some for found in rule.finditer(text)] for rule in (_NAME, _WORD, _NUMBER)}


def change(
    claim: str, text: str, pool: Pool, chance: random.Random, rules: Sequence[re.Pattern[str]] = RULES
) -> tuple[str, Span] | None:
    """The claim with one thing changed, and where; the kinds that are possible are equally likely. None where it could
    not be done. `text`: what it is held against, half of the time the place that the new thing is from."""
    possible = [rule for rule in rules if rule.search(claim)]
    if not possible:
        return None
    rule = chance.choice(possible)
    match = chance.choice(list(rule.finditer(claim)))
    other = _instead(rule, match[0], claim, text, pool, chance)
    if other is None or other.casefold() == match[0].casefold():
        return None
    changed = claim[: match.start()] + other + claim[match.end() :]
    if rule is _NOT:  # nothing stands there any more: the words beside it are wrong
        before = claim.rfind(" ", 0, max(0, match.start() - 1)) + 1
        after = changed.find(" ", match.start() + 1)
        return changed, Span(before, len(changed) if after < 0 else after)
    return changed, Span(match.start(), match.start() + len(other))


def _instead(rule: re.Pattern[str], words: str, claim: str, text: str, pool: Pool, chance: random.Random) -> str | None:
    if rule is _OPPOSITE:
        return _OPPOSITES[words]
    if rule is _HELPS:
        return f"{words} not"
    if rule is _NOT:
        return ""
    near = [found[0] for found in rule.finditer(text) if found[0] not in claim]
    others = near if near and chance.random() < 0.6 else pool[rule]
    if rule is _WORD:  # of the same ending, so that the grammar gives nothing away
        others = [one for one in others if one[-2:] == words[-2:]]
    if rule is _NUMBER and words.isdigit() and chance.random() < 0.5:
        return str(max(1, int(words) + chance.choice((-10, -3, -2, -1, 1, 2, 3, 10))))
    others = [one for one in others if one not in claim]
    return chance.choice(others) if others else None
