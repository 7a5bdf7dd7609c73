"""The question: which of its words tell what it asks for. Pure; what a term is, the lexical index says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and its telling words: the word as it stands, and its index terms."""

    text: str
    words: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """The index terms of the telling words, each once, in order."""
        return tuple(dict.fromkeys(term for _, terms in self.words for term in terms))


def read(text: str, terms: Callable[[str], list[str]]) -> Question:
    """Find the telling words. Raises UsageError for a question without any character to look for."""
    folded = " ".join(text.split())
    if not folded:
        raise UsageError("the question is empty; put it in quotation marks after the command")
    looked_at = folded[:LONGEST]
    found: dict[str, tuple[str, ...]] = {}
    for match in _WORD.finditer(looked_at):
        word = match.group().rstrip(".") if match.group().count(".") == 1 else match.group()
        # "us" is a pronoun, "US" a country.
        if word.lower().replace("’", "'") in FUNCTION_WORDS and not (word == "US" and folded != folded.upper()):
            continue
        of_word = tuple(terms(word))
        if of_word:
            found.setdefault(word, of_word)
    return Question(looked_at, tuple(found.items()))
