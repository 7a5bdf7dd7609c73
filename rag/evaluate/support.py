"""Does a statement say what its quotes say? Rules, no model; careful rather than generous.

An extracted statement is its quote. Of generated prose every number, name and date has to stand in a quote, numbers
beside what they count there; negation has to be of the same parity, and whoever is said to say something
(`rag.speakers`, `rag.evaluate.attribution`) has to be the one to whom the article gives the words. That is needed, not
enough: prose that passes can still twist what it quotes, and some that is right fails, such as one that leaves out half
of a sentence with a "not" in it.

Shares no code with what writes answers or proves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag import alignment, speakers
from rag.alignment import Word
from rag.evaluate.attribution import attributions
from rag.query import FUNCTION_WORDS
from rag.types import Statement, StatementKind

_COUNTED = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty
""".split()  # noqa: SIM905 (a list of 21 quoted words is no easier to read)
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBER_WORDS = {word: str(value) for value, word in enumerate(_COUNTED)} | {
    word: str(10 * value) for value, word in enumerate(_TENS, 3)
}
MAGNITUDES = frozenset(("dozen", "dozens", "hundred", "hundreds", "thousand", "thousands", "million", "billion"))

NEGATIONS = frozenset(
    """
    not no never none nobody nothing neither cannot without false untrue incorrect
    deny denies denied denying reject rejects rejected rejecting refute refutes refuted
    """.split()  # noqa: SIM905
)
"""With everything that ends in n't. "Denied that it was" and "said it was not" are of one parity."""

SAYING = frozenset(
    """
    said say says saying told tell tells according added adds stressed noted claimed claims argued wrote tweeted
    reported reports revealed stated warned insisted explained confirmed confirms that
    """.split()  # noqa: SIM905
)
"""Words of an attribution: no part of what is attributed."""

_CONTRACTED = re.compile(r"n['’]t\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s\b")
_TITLES = frozenset(("mr", "mrs", "ms", "dr", "gen", "general", "maj", "lt", "col", "brig", "the", "president", "sir"))


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote in its article: `text[start:end]`."""

    text: str
    start: int
    end: int
    names: str = ""
    """Who published and who wrote it: prose may name them."""

    @property
    def quote(self) -> str:
        """The quoted words."""
        return self.text[self.start : self.end]


def faults(statement: Statement, quotes: Sequence[Quoted]) -> tuple[str, ...]:
    """What the statement says that its quotes do not, in a few words each; empty where they bear it out."""
    if not quotes:
        return ("it has no quote",)
    return (*_other_words(statement, quotes), *_other_speaker(statement, quotes))


def _other_words(statement: Statement, quotes: Sequence[Quoted]) -> Iterator[str]:
    if statement.kind is StatementKind.EXTRACTED:
        if statement.text.split() not in [quote.quote.split() for quote in quotes]:
            yield "it is not its quote"
        return
    there = [word for quote in quotes for word in words(quote.quote)]
    yield from _missing("the number", numbers(words(statement.text)), numbers(there, read_one=True))
    yield from _other_counts(statement.text, [quote.quote for quote in quotes])
    yield from _missing("the name", names(statement.text, quotes), {word.key for word in there})
    nearest = max(quotes, key=lambda quote: _shared(statement.text, quote.quote))
    if negations(statement.text) % 2 not in {negations(nearest.quote) % 2, sum(negations(q.quote) for q in quotes) % 2}:
        yield "its negation is another"


def _missing(what: str, wanted: Iterable[str], there: Iterable[str]) -> Iterator[str]:
    lacking = sorted(set(wanted) - set(there))
    if lacking:
        yield f"{what} {', '.join(lacking)} is in no quote"


def _shared(text: str, quote: str) -> int:
    return len(_content(words(text)) & _content(words(quote)))


def _content(found: Iterable[Word]) -> set[str]:
    return {word.key for word in found} - FUNCTION_WORDS - SAYING


# -- words, numbers, names -----------------------------------------------------------------------------------------


def words(text: str) -> list[Word]:
    """The words, without the ’s of possessives."""
    return alignment.words(_POSSESSIVE.sub(lambda match: " " * len(match[0]), text))


def numbers(found: Iterable[Word], *, read_one: bool = False) -> set[str]:
    """Numbers in digits or words, as digits; and magnitudes. A "one" counts only with `read_one`: it may be nobody."""
    read: set[str] = set()
    for word in found:
        if word.key[:1].isdigit():
            read.add(word.key)
        elif word.key in MAGNITUDES:
            read.add(word.key.removesuffix("s"))
        elif word.key in NUMBER_WORDS and (read_one or word.key != "one"):
            read.add(NUMBER_WORDS[word.key])
    return read


_PARTED = re.compile(r"[,;:.()–—]")
_JOINING = frozenset(("and", "or", "but", "while", "whereas", "plus", "nor", "with"))
_PASSED_OVER = FUNCTION_WORDS - _JOINING


def counted(text: str) -> dict[str, set[str]]:
    """Content words to the numbers beside them: the nearest on either side, in the same clause."""
    found: dict[str, set[str]] = {}
    every = words(text)
    for place, word in enumerate(every):
        of_word = numbers([word], read_one=True) - MAGNITUDES
        for number in of_word:
            for step in (1, -1):
                beside = _beside(text, every, place, step)
                if beside is not None:
                    found.setdefault(beside, set()).add(number)
    return found


def _beside(text: str, every: Sequence[Word], place: int, step: int) -> str | None:
    """The nearest content word that way; None where a number, a joining word or a comma comes first."""
    at = place + step
    while 0 <= at < len(every):
        one, other = sorted((every[at - step], every[at]), key=lambda word: word.start)
        key = every[at].key
        if _PARTED.search(text[one.end : other.start]) or key in _JOINING:
            return None
        if key not in MAGNITUDES and (numbers([every[at]]) or key not in _PASSED_OVER):
            return None if numbers([every[at]]) else key
        at += step
    return None


def _other_counts(text: str, quotes: Iterable[str]) -> Iterator[str]:
    """Numbers that changed places: beside a word another than in the quotes, whose own stands elsewhere in the text."""
    there: dict[str, set[str]] = {}
    for quote in quotes:
        for word, some in counted(quote).items():
            there.setdefault(word, set()).update(some)
    said, every = counted(text), numbers(words(text), read_one=True)
    for word, some in sorted(said.items()):
        if word in there and not some & there[word] and every & there[word]:
            right = ", ".join(sorted(every & there[word]))
            yield f"beside {word!r} the quote has {right}, not {', '.join(sorted(some))}"
            return


def names(text: str, quotes: Sequence[Quoted]) -> set[str]:
    """The keys of capitalised words, weekdays and months among them, but for what the article itself names.

    The first word of a sentence is one where the article never writes it small.
    """
    found = words(text)
    allowed = {word.key for quote in quotes for word in words(quote.names)}
    allowed |= {word.key for quote in quotes for word in words(_speaker_of(quote.text, quote.start, quote.end))}
    small = {word.text for quote in quotes for word in words(quote.text)}
    capital = set[str]()
    for place, word in enumerate(found):
        begins = place == 0 or text[found[place - 1].end : word.start].strip(" “\"'‘’”")[-1:] in tuple(".!?")
        common = word.key in FUNCTION_WORDS | SAYING | NUMBER_WORDS.keys() or (begins and word.text.lower() in small)
        if word.text[:1].isupper() and not (common and word.text != "US"):
            capital.add(word.key)
    return capital - allowed


def negations(text: str) -> int:
    """How many words of the text deny something."""
    return len(_CONTRACTED.findall(text)) + sum(word.key in NEGATIONS for word in alignment.words(text))


# -- who says so ---------------------------------------------------------------------------------------------------


def _other_speaker(statement: Statement, quotes: Sequence[Quoted]) -> Iterator[str]:
    """Whoever the statement gives its words to, where the article does not."""
    if statement.speaker and not any(_agree(statement.speaker, _given(statement.text, quote)) for quote in quotes):
        yield f"the article does not give it to {statement.speaker}"
    if statement.kind is StatementKind.EXTRACTED:
        return
    for name, attributed in _attributed(statement.text, quotes):
        if not any(_agree(name, _given(attributed, quote)) for quote in quotes):
            yield f"the article does not say that {name} said so"


def _attributed(text: str, quotes: Sequence[Quoted]) -> Iterator[tuple[str, str]]:
    """Whoever the prose gives words to, each once, and those words."""
    said = speakers.speaker(text, 0, len(text))
    if said is not None and not said.resolved:
        yield said.name, text[: said.start] + text[said.end :]
    seen = [said.name] if said is not None else []
    for one in attributions(text):
        is_quoted = any(one.phrase in " ".join(quote.quote.split()) for quote in quotes)
        if not is_quoted and not any(_agree(one.name, name) for name in seen):
            seen.append(one.name)
            yield one.name, one.rest


def _given(text: str, quote: Quoted) -> str:
    """To whom the article gives those words of the quote that the text repeats."""
    wanted = [word for word in words(text) if word.key not in SAYING]
    here = words(quote.quote)
    aligned = alignment.align(wanted, here)
    same = [there for column in aligned.columns if aligned.is_equal(column) and (there := column[1]) is not None]
    telling = [here[at] for at in same if here[at].key not in FUNCTION_WORDS]
    if telling:
        of_these = _speaker_of(quote.text, quote.start + telling[0].start, quote.start + telling[-1].end)
        if of_these:
            return of_these
    return _speaker_of(quote.text, quote.start, quote.end)


def _speaker_of(text: str, start: int, end: int) -> str:
    found = speakers.speaker(text, start, end) if start < end else None
    return found.name if found else ""


def _agree(one: str, other: str) -> bool:
    """Whether two names may be one person's or body's: all words of the shorter stand in the other."""
    mine, theirs = ({word.key for word in words(name)} - _TITLES for name in (one, other))
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)
