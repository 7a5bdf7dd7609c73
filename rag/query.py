"""The question: which of its words tell what it asks for. Pure; what a term is, the lexical index says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rag.errors import UsageError

LONGEST = 4000
"""Code points of a question that are looked at; a question has a hundred."""

_WORD = re.compile(r"\w+(?:['’.&\-]\w+)*\.?", re.UNICODE)

# Words that carry the grammar of a question, not its subject.
FUNCTION_WORDS = frozenset(
    """
    a about above according after again against all also although am among an and another any anybody anyone
    anything are aren't around article articles as at away be became because become been before being below
    between both but by came can can't cannot come could couldn't did didn't do does doesn't doing don't done down
    during each either else ever every everybody everyone everything exactly few for from further get gets give
    given go goes going got had hadn't happen happened happens has hasn't have haven't having he her here hers
    herself him himself his how how's however i if in into is isn't it it's its itself just know known let like
    made make makes many may me might more most much must my myself name named near news no nor not of off often
    on once one ones only onto or other others our ours out over own per please quite rather really report
    reported reports s said same say says shall she should since so some somebody someone something such tell than
    that that's the their theirs them themselves then there there's these they thing this those though through
    thus to together too toward towards under until up upon us use used very was wasn't way we were weren't what
    what's when where where's whether which while who who's whom whose why will with within without won't would
    yes you your yours
    """.split()  # noqa: SIM905 (a list of 200 quoted words is no easier to read)
)


class Vocabulary(Protocol):
    """What the corpus knows of words."""

    def document_frequency(self, term: str) -> int:
        """How many passages hold the term."""
        ...

    def spellings(self, term: str) -> tuple[str, ...]:
        """The terms of the corpus that may be another spelling of a name that it does not hold."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """A telling word of a question, as it stands there, and its index terms."""

    text: str
    terms: tuple[str, ...]

    @property
    def is_name(self) -> bool:
        """Whether it names something, by its capital or its digits: no other word can stand for it."""
        return self.text[0].isupper() or any(char.isdigit() for char in self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its telling words."""

    text: str
    words: tuple[Word, ...]

    def forms(self, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
        """Each term of the question, and the terms of the corpus that stand for it: itself, another spelling of a
        name, or none."""
        found: dict[str, tuple[str, ...]] = {}
        for word in self.words:
            for term in word.terms:
                if vocabulary.document_frequency(term):
                    found[term] = (term,)
                else:
                    found[term] = vocabulary.spellings(term) if word.is_name else ()
        return found

    def unknown(self, vocabulary: Vocabulary) -> tuple[str, ...]:
        """The words that stand nowhere in the corpus, in no spelling."""
        forms = self.forms(vocabulary)
        return tuple(word.text for word in self.words if not any(forms[term] for term in word.terms))


def read(text: str, terms: Callable[[str], list[str]]) -> Question:
    """Find the telling words. Raises UsageError for a question without any character to look for."""
    folded = " ".join(text.split())
    if not folded:
        raise UsageError("the question is empty; put it in quotation marks after the command")
    looked_at = folded[:LONGEST]
    shouted = looked_at == looked_at.upper()
    found: dict[str, Word] = {}
    for match in _WORD.finditer(looked_at):
        word = match.group().rstrip(".") if match.group().count(".") == 1 else match.group()
        # "us" is a pronoun, "US" a country.
        is_country = word == "US" and not shouted
        if word.lower().replace("’", "'") in FUNCTION_WORDS and not is_country:
            continue
        of_word = tuple(terms(word))
        if of_word:
            found.setdefault(word, Word(word, of_word))
    return Question(looked_at, tuple(found.values()))
