"""The form of the answer that a question asks for: one thing, several things, yes or no, one of two.

Rules on English questions, careful rather than complete: what they do not know asks for one thing. Pure; knows no
article and no model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 12
"""Things that a question can count in words or figures; "which 50 countries" is a list that no sentence gives."""


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer to the question has to look like."""

    several: bool = False
    """Whether it asks for several things."""
    count: int | None = None
    """How many, where it says so."""
    yes_or_no: bool = False
    options: tuple[str, str] | None = None
    """The words around the "or" of a question that gives a choice; the options are the end of one and the beginning
    of the other."""


ONE_THING = Form()


def form(question: str) -> Form:
    """What the question asks for, by its last clause that asks."""
    asked = " ".join(question.split())
    last = _LAST_SENTENCE.search(asked)
    options = _options(last[0] if last else asked)
    if options is not None:
        return Form(options=options)
    if _YES_OR_NO.match(last[0] if last else asked):
        return Form(yes_or_no=True)
    clause = _asking(asked)
    for rule in (_counted, _imperative, _of_people, _named_by_article, _with_plural):
        several = rule(clause)
        if several is not None:
            return several
    return Form()


_AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)(?:n[o’']?t)?"
)
_PLURAL_AUXILIARY = r"(?:are|were|do|did|have|had|can|could|will|would|should|must|may|might)(?:n[o’']?t)?"
_PREPOSITION = r"(?:about|after|against|among|at|before|between|by|during|for|from|in|into|of|on|to|under|with)"

_LAST_SENTENCE = re.compile(rf"(?<=[a-z\d”\"][.!?] ){_AUXILIARY}\b[^.!?]*\?$", re.I)
"""One that asks, after others that tell."""
_YES_OR_NO = re.compile(rf"(?:and |but |so )?{_AUXILIARY}\b", re.I)
_CHOICE = re.compile(rf"{_AUXILIARY}\b.* or |(?:who|which|what)\b.*, [^,]+ or [^,]+$", re.I)
_ANY = re.compile(r"\b(?:any\w*|either|ever)\b", re.I)
_OR = re.compile(r",? or (?!not\b|more\b|less\b|so\b|fewer\b|older\b|younger\b|later\b|earlier\b)", re.I)


def _options(asked: str) -> tuple[str, str] | None:
    """ "Was it Iran or Iraq?", "Which is older, Rome or Athens?"; not "Was anybody killed or hurt?"."""
    if not _CHOICE.match(asked) or _ANY.search(asked) or len(_OR.findall(asked)) != 1:
        return None
    before, after = _OR.split(asked.rstrip("?!. "), maxsplit=1)
    return (before, after) if before and after else None


_ASKS = re.compile(
    rf"(?:(?:^|[.!;:,?] ?)(?:and |but |so )?(?:{_PREPOSITION} )?|\b{_PREPOSITION} )(which|what|who(?:m)?)\b"
    r"|(?:^|[.!;:?] ?)(?:please )?(?:name|list|enumerate|give)\b",
    re.I,
)


def _asking(asked: str) -> str:
    """From the last word that asks, with a preposition before it left out."""
    last = None
    for match in _ASKS.finditer(asked):
        last = match
    if last is None:
        return ""
    start = last.start(1) if last[1] else last.start() + len(last[0]) - len(last[0].split()[-1])
    return asked[start:].rstrip("?!. :")


_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: number for number, word in enumerate(_WORDS, 2)}
_NUMBER = rf"(?:{'|'.join(_NUMBERS)}|\d{{1,2}})"
_COUNTED = re.compile(
    rf"(?:which|what|who|name|list|give)(?: (?:is|are|were|was))?(?: (?:the|any|all|other|at least|up to))*"
    rf" (?P<number>{_NUMBER})(?![-–\w.,:%])"
    r" (?!(?:or|of|years? old|times|percent|per|million|billion|thousand|hundred)\b)",
    re.I,
)


def _counted(clause: str) -> Form | None:
    """ "Which two countries …", "What are the three …", "name five …"; not "which of the two"."""
    found = _COUNTED.match(clause)
    if found is None:
        return None
    words = found["number"].lower()
    number = _NUMBERS.get(words) or int(words)
    return Form(several=True, count=number) if 2 <= number <= MOST else Form()


_IMPERATIVE = re.compile(r"(?:name|list|enumerate|give)\b(?: me| us)?\s*(?P<rest>.*)", re.I)


def _imperative(clause: str) -> Form | None:
    """ "List the countries that …", "Name some reasons …"; not "Name the capital of …"."""
    found = _IMPERATIVE.match(clause)
    if found is None:
        return None
    words = found["rest"].split()
    every = bool(re.match(r"(?:all|some|several|every|each|any)\b", found["rest"], re.I))
    return Form(several=every or _plural_head(words))


_ENDS_OPEN = re.compile(
    rf"\b(?:{_PREPOSITION}|like|called|named|titled|known as|referred to as|nicknamed|termed|worth|based)$", re.I
)


def _of_people(clause: str) -> Form | None:
    """ "Who were the signatories?", "Who are running for …"; not "Who are the Houthis?", which asks what they are."""
    found = re.match(r"who (?:are|were) (?P<rest>.+)", clause, re.I)
    if found is None:
        return None
    words = found["rest"].split()
    if words[0].lower() in {"you", "we", "they", "these", "those"}:
        return Form()
    if words[0].lower() in {"the", "some", "all", "both"}:
        return Form(several=_plural_head(words[1:]))
    # "Who were killed", "who are running": a plural verb alone, with nobody named.
    return Form(several=words[0].islower() and words[0].endswith(("ed", "en", "ing", "ught")))


def _named_by_article(clause: str) -> Form | None:
    """ "What are the causes of …", "Which are the countries …"; not "What are quarks?", nor "What are they called?"."""
    found = re.match(r"(?:what|which) (?:are|were) (?:the|some|all|other)(?: of the)? (?P<rest>.+)", clause, re.I)
    if found is None:
        return None
    return Form(several=_plural_head(found["rest"].split()) and not _ENDS_OPEN.search(clause))


def _with_plural(clause: str) -> Form | None:
    """ "Which countries signed …", "What other names did …"; not "What happens …", nor "Which company makes …"."""
    found = re.match(r"(?P<asks>which|what) (?P<rest>.+)", clause, re.I)
    if found is None:
        return None
    words = found["rest"].split()
    for place, word in enumerate(words[:_LONGEST_HEAD]):
        if _NO_ADJECTIVE.fullmatch(word):
            return None
        if _is_plural(word):
            is_plain = place == 0 and found["asks"].lower() == "which"
            is_noun = _is_noun(" ".join(words[place + 1 :]), is_plain=is_plain)
            return Form(several=is_noun and not _ENDS_OPEN.search(clause))
    return None


_LONGEST_HEAD = 4
"""Words up to the noun in "which other major European airlines"."""
_NO_ADJECTIVE = re.compile(rf"{_AUXILIARY}|{_PREPOSITION}|the|a|an|his|her|its|their|says|said|\w+(?<!-)\w+ed", re.I)
_BEGINS_AFTER_A_NOUN = re.compile(
    rf"(?:{_PLURAL_AUXILIARY}|who|whose|{_PREPOSITION} .*\b{_PLURAL_AUXILIARY}|\w{{2,}}ed|won|made|took|left|lost|met"
    r"|led|sent|fell|got|gave|saw|said|went|came|ran|held|kept|paid|sold|bought|built|broke|began|hit|put|set|cut|beat)\b",
    re.I,
)
_DETERMINER = re.compile(r"(?:the|a|an|his|her|its|their)\b", re.I)


def _is_noun(after: str, *, is_plain: bool) -> bool:
    """Whether a word that looks like a plural is one, and no verb: by what follows it.

    "Which countries signed" is plain. Else ("which company manufactures the …", "what drives …") only an auxiliary, a
    verb in the past, or a phrase that an auxiliary follows makes it a noun.
    """
    if is_plain:
        return not re.match(r"of (?:the|these|those)\b", after, re.I) and not _DETERMINER.match(after)
    return bool(_BEGINS_AFTER_A_NOUN.match(after))


_IRREGULAR = frozenset(("people", "men", "women", "children", "criteria", "phenomena"))
_NO_PLURAL = frozenset(
    """is was has does his its this as us news series species headquarters politics economics physics mathematics
    statistics athletics gymnastics measles diabetes always perhaps happens makes comes goes keeps gives remains
    follows leads lies drives says wants seems becomes gas chaos christmas bias atlas texas kansas arkansas paris lens
    """.split()  # noqa: SIM905 (a list of quoted words is no easier to read)
)


def _is_plural(word: str) -> bool:
    plain = word.strip("“”\"'’(),").lower()
    looks_so = len(plain) > 3 and plain.endswith("s") and not plain.endswith(("ss", "us", "is", "'s", "’s"))
    return plain in _IRREGULAR or (looks_so and plain not in _NO_PLURAL and plain.replace("-", "").isalpha())


_LONGEST_NOUN_PHRASE = 7
_NO_PART_OF_A_NAME = re.compile(
    rf"(?:{_PREPOSITION}|{_AUXILIARY}|that|which|who|whom|whose|where|when|and|,.*|{_NUMBER})", re.I
)


def _plural_head(words: list[str]) -> bool:
    """Whether the noun phrase that these words begin with is headed by a plural: its last word before what goes on
    about it ("the leading causes of …", "the men who …", "the names given to …")."""
    if words and words[0].lower() in {"the", "all", "some", "any", "other", "several"}:
        words = words[1:]
    last = ""
    for word in words[:_LONGEST_NOUN_PHRASE]:
        if _NO_PART_OF_A_NAME.fullmatch(word) or (last and _is_plural(last)):
            break
        last = word
    # "the Houthis", "the Taliban fighters": a people's name asks who they are.
    return bool(last) and _is_plural(last) and not last[0].isupper()
