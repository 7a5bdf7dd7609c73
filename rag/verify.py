"""The proof: what an answer says of its articles is so, or it is not shown.

Pure. It knows no model and no catalog, and it shares no code with what makes answers, so that one mistake cannot both
make a citation wrong and pass it: versions are hashed, white space folded and markers read here once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from rag.types import REFUSAL, Answer, Citation, Disagreement, Hit, Reference, ShortAnswer, Statement, StatementKind


class FaultKind(StrEnum):
    """Which promise of the contract is broken."""

    TEXT = "text"
    """There is no text to prove the citation against."""
    ARTICLE = "article"
    VERSION = "version"
    BOUNDS = "bounds"
    QUOTE = "quote"
    CONTEXT = "context"
    """The words before or after the quote are others."""
    ID = "id"
    NUMBERING = "numbering"
    DANGLING = "dangling"
    """A citation is used that does not exist."""
    UNUSED = "unused"
    STATEMENT = "statement"
    ANSWERED = "answered"
    MARKERS = "markers"
    SHORT_ANSWER = "short answer"
    DISAGREEMENT = "disagreement"
    PASSAGE = "passage"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken promise; the message is one line and holds no text of any article."""

    kind: FaultKind
    message: str


def gate(answer: Answer, texts: Mapping[str, str]) -> Answer:
    """The answer with only what is proved; the very same object where nothing is amiss.

    `texts` maps article ids to `Article.text` of the cited version. A sentence with one faulty citation is dropped
    whole, the rest is numbered anew; with no sentence left the answer is a refusal. One note says what was withheld.
    """
    if not faults(answer, texts):
        return answer
    sound = _sound_citations(answer, texts)
    statements = tuple(
        _with_sound_short(s, sound) for s in answer.statements if answer.answered and not _statement_faults(s, 0, sound)
    )
    short = answer.short_answer if answer.short_answer and not _short_faults(answer.short_answer, sound) else None
    withheld = len(answer.statements) - len(statements)
    trusted = withheld == 0 and short is answer.short_answer
    pruned = replace(
        answer,
        statements=statements,
        short_answer=short,
        disagreements=tuple(_sound_disagreements(answer.disagreements, sound)),
        passages=tuple(hit for hit in answer.passages if not _passage_faults(hit, answer.articles, texts)),
        articles={name: reference for name, reference in answer.articles.items() if reference.id == name},
        # The probability belongs to the answer that was made, not to what is left of it.
        confidence=answer.confidence if trusted and _is_probability(answer.confidence) else None,
        notes=(*answer.notes, _withheld_note(withheld)),
    )
    return _numbered(pruned, sound) if statements else _refused(pruned)


def faults(answer: Answer, texts: Mapping[str, str]) -> tuple[Fault, ...]:
    """Every promise that the answer breaks; empty when it is proved.

    `texts` maps article ids to `Article.text` of the cited version. A citation whose text is not there is a fault; a
    passage is checked where its text is there.
    """
    return (*inner_faults(answer), *_outer_faults(answer, texts))


def inner_faults(answer: Answer) -> tuple[Fault, ...]:
    """Where an answer contradicts itself: what can be said of it without any article's text."""
    return tuple(_inner_faults(answer))


def compose(statements: Sequence[Statement]) -> str:
    """The text of an answer: each sentence, white space folded, and its markers: ``One. [1] Two. [2][3]``."""
    return " ".join(f"{fold(each.text)} {''.join(f'[{n}]' for n in each.citations)}" for each in statements)


def fold(text: str) -> str:
    """Every run of white space (Unicode's, the no-break ones too) as one space; none at the ends."""
    return " ".join(text.split())


def stands_at(quote: str, start: int, end: int, text: str) -> bool:
    """Whether these code points of the text are the quote."""
    # Negative offsets would count from the end, and a slice past the end is silently shorter.
    return 0 <= start < end <= len(text) and text[start:end] == quote


# What an answer says of itself.


def _inner_faults(answer: Answer) -> Iterator[Fault]:
    by_number = {citation.number: citation for citation in answer.citations}
    for name, reference in answer.articles.items():
        if reference.id != name:
            yield Fault(FaultKind.ARTICLE, "an article stands under an id that is not its own")
    for citation in answer.citations:
        yield from _citation_faults(citation, answer.articles)
    yield from _numbering_faults(answer)
    for place, statement in enumerate(answer.statements, 1):
        yield from _statement_faults(statement, place, by_number)
        yield from _listed_faults(statement, place, by_number)
    if answer.short_answer is not None:
        yield from _short_faults(answer.short_answer, by_number)
    for disagreement in answer.disagreements:
        yield from _disagreement_faults(disagreement, by_number)
    yield from _answered_faults(answer)
    if not _is_probability(answer.confidence):
        yield Fault(FaultKind.CONFIDENCE, "the confidence is not a probability")


def _citation_faults(citation: Citation, articles: Mapping[str, Reference]) -> Iterator[Fault]:
    """What is wrong with a citation whatever its article's text is."""
    name = f"citation {citation.number}"
    reference = articles.get(citation.article)
    if reference is None or reference.id != citation.article:
        yield Fault(FaultKind.ARTICLE, f"{name} names an article that the answer does not list")
    elif reference.version != citation.version:
        yield Fault(FaultKind.VERSION, f"{name} and the list of articles name two versions")
    if not 0 <= citation.start < citation.end:
        yield Fault(FaultKind.BOUNDS, f"{name} does not end after its start")
    elif citation.end - citation.start != len(citation.quote):
        yield Fault(FaultKind.QUOTE, f"{name} has a quote of another length than its span")


def _numbering_faults(answer: Answer) -> Iterator[Fault]:
    numbers = [citation.number for citation in answer.citations]
    used = list(dict.fromkeys(_uses(answer)))
    known = [number for number in used if number in numbers]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Fault(FaultKind.NUMBERING, "the citations are not numbered 1 to n")
    elif known != sorted(known):
        yield Fault(FaultKind.NUMBERING, "the citations are not numbered in reading order")
    for number in used:
        if number not in numbers:
            yield Fault(FaultKind.DANGLING, f"citation {number} is used and does not exist")
    for number in numbers:
        if number not in used:
            yield Fault(FaultKind.UNUSED, f"citation {number} is not used")


def _uses(answer: Answer) -> Iterator[int]:
    """Citation numbers as a reader meets them."""
    for statement in answer.statements:
        yield from statement.citations
    if answer.short_answer is not None:
        yield answer.short_answer.citation
    for disagreement in answer.disagreements:
        for side in disagreement.sides:
            yield from side.citations


def _statement_faults(statement: Statement, place: int, citations: Mapping[int, Citation]) -> tuple[Fault, ...]:
    """What keeps a statement from being shown, given the citations that may be relied on."""
    words = fold(statement.text)
    if not words:
        return (Fault(FaultKind.STATEMENT, f"statement {place} is empty"),)
    if not statement.citations:
        return (Fault(FaultKind.STATEMENT, f"statement {place} cites nothing"),)
    quotes = [citations[number].quote for number in statement.citations if number in citations]
    if len(quotes) < len(statement.citations):
        return (Fault(FaultKind.DANGLING, f"statement {place} cites what does not exist"),)
    if statement.kind is StatementKind.EXTRACTED and not _is_made_of(words, quotes):
        return (Fault(FaultKind.STATEMENT, f"statement {place} is not its quote"),)
    return ()


def _listed_faults(statement: Statement, place: int, citations: Mapping[int, Citation]) -> tuple[Fault, ...]:
    """What is wrong with the short answer of one of a list."""
    short = statement.short_answer
    if short is None:
        return ()
    if short.citation not in statement.citations:
        return (Fault(FaultKind.SHORT_ANSWER, f"the short answer of statement {place} is of another citation"),)
    return _short_faults(short, citations)


def _is_made_of(words: str, quotes: Sequence[str]) -> bool:
    """Whether the words are what every quote says, or the quotes one after the other."""
    return all(fold(quote) == words for quote in quotes) or fold(" ".join(quotes)) == words


def _short_faults(short: ShortAnswer, citations: Mapping[int, Citation]) -> tuple[Fault, ...]:
    citation = citations.get(short.citation)
    if citation is None:
        return (Fault(FaultKind.DANGLING, "the short answer cites what does not exist"),)
    if not citation.start <= short.start < short.end <= citation.end:
        return (Fault(FaultKind.SHORT_ANSWER, "the short answer lies outside the quote that it cites"),)
    if citation.quote[short.start - citation.start : short.end - citation.start] != short.text:
        return (Fault(FaultKind.SHORT_ANSWER, "the short answer is not what stands at its offsets"),)
    return ()


def _disagreement_faults(disagreement: Disagreement, citations: Mapping[int, Citation]) -> Iterator[Fault]:
    if len(disagreement.sides) < 2:
        yield Fault(FaultKind.DISAGREEMENT, "a disagreement has fewer than two sides")
    for side in disagreement.sides:
        if not side.citations:
            yield Fault(FaultKind.DISAGREEMENT, "a side of a disagreement cites nothing")
        elif any(number not in citations for number in side.citations):
            yield Fault(FaultKind.DANGLING, "a side of a disagreement cites what does not exist")


def _answered_faults(answer: Answer) -> Iterator[Fault]:
    if answer.answered != bool(answer.statements):
        yield Fault(FaultKind.ANSWERED, "an answer has statements, and a refusal none")
    if answer.answered:
        yield from _marker_faults(answer)
        return
    if answer.short_answer is not None or answer.disagreements:
        yield Fault(FaultKind.ANSWERED, "a refusal claims something")
    if answer.text != REFUSAL:
        yield Fault(FaultKind.ANSWERED, "the text of a refusal is not the refusal")


def _marker_faults(answer: Answer) -> Iterator[Fault]:
    """Read the text from left to right: every statement, then its markers, then the next, and nothing else.

    A pattern for ``[n]`` would take brackets in the articles' own words for markers.
    """
    rest = fold(answer.text)
    for place, statement in enumerate(answer.statements, 1):
        for piece in (fold(statement.text), *(f"[{number}]" for number in statement.citations)):
            if not rest.startswith(piece):
                yield Fault(FaultKind.MARKERS, f"the text and statement {place} with its markers do not agree")
                return
            rest = rest[len(piece) :].lstrip()
    if rest:
        yield Fault(FaultKind.MARKERS, "the text goes on after the last statement")


def _is_probability(confidence: float | None) -> bool:
    return confidence is None or 0 <= confidence <= 1


# What an answer says of its articles.


def _outer_faults(answer: Answer, texts: Mapping[str, str]) -> Iterator[Fault]:
    for citation in answer.citations:
        text = texts.get(citation.article)
        yield from _quote_faults(citation, text)
        if text is not None and not _context_stands(citation, text):
            yield Fault(FaultKind.CONTEXT, f"the words around citation {citation.number} are others")
    for hit in answer.passages:
        yield from _passage_faults(hit, answer.articles, texts)


def _quote_faults(citation: Citation, text: str | None) -> Iterator[Fault]:
    name = f"citation {citation.number}"
    if text is None:
        yield Fault(FaultKind.TEXT, f"{name} names an article whose text is not here")
        return
    if citation.version != _version(text):
        yield Fault(FaultKind.VERSION, f"{name} names another version of the text")
    if citation.end > len(text):
        yield Fault(FaultKind.BOUNDS, f"{name} ends after its article")
    elif not stands_at(citation.quote, citation.start, citation.end, text):
        yield Fault(FaultKind.QUOTE, f"{name} has a quote that does not stand at its offsets")


def _context_stands(citation: Citation, text: str) -> bool:
    """Whether prefix and suffix stand just before and just after the span; empty ones say nothing."""
    before = max(citation.start - len(citation.prefix), 0)
    after = citation.end + len(citation.suffix)
    return text[before : citation.start] == citation.prefix and text[citation.end : after] == citation.suffix


def _passage_faults(hit: Hit, articles: Mapping[str, Reference], texts: Mapping[str, str]) -> tuple[Fault, ...]:
    reference = articles.get(hit.article.id)
    if reference is None or (reference.id, reference.version) != (hit.article.id, hit.article.version):
        return (Fault(FaultKind.PASSAGE, "a passage names an article that the answer does not list"),)
    start, end, text = hit.passage.start, hit.passage.end, texts.get(hit.article.id)
    if not 0 <= start < end or end - start != len(hit.text):
        return (Fault(FaultKind.PASSAGE, "a passage has another length than its span"),)
    if text is not None and (_version(text) != hit.article.version or not stands_at(hit.text, start, end, text)):
        return (Fault(FaultKind.PASSAGE, "a passage does not stand at its offsets"),)
    return ()


def _version(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# What is left of an answer.


def _sound_citations(answer: Answer, texts: Mapping[str, str]) -> dict[int, Citation]:
    """The proved citations by number; surroundings that are not proved are left out of them."""
    times = Counter(citation.number for citation in answer.citations)
    sound = {}
    for citation in answer.citations:
        text = texts.get(citation.article)
        broken = [*_citation_faults(citation, answer.articles), *_quote_faults(citation, text)]
        # A number that two citations share proves nothing: a sentence with it could mean either.
        if text is None or broken or times[citation.number] > 1:
            continue
        if not _context_stands(citation, text):
            citation = replace(citation, prefix="", suffix="")  # noqa: PLW2901  (the same citation, less said)
        sound[citation.number] = citation
    return sound


def _with_sound_short(statement: Statement, sound: Mapping[int, Citation]) -> Statement:
    """The statement, without a short answer that is not proved."""
    return replace(statement, short_answer=None) if _listed_faults(statement, 0, sound) else statement


def _sound_disagreements(found: Iterable[Disagreement], sound: Mapping[int, Citation]) -> Iterator[Disagreement]:
    """Disagreements that still have two sides when those without proof are gone."""
    for disagreement in found:
        sides = tuple(s for s in disagreement.sides if s.citations and all(n in sound for n in s.citations))
        if len(sides) >= 2:
            yield replace(disagreement, sides=sides)


def _numbered(answer: Answer, sound: Mapping[int, Citation]) -> Answer:
    """The answer with its citations numbered anew in reading order, and its text composed from them."""
    new = {old: number for number, old in enumerate(dict.fromkeys(_uses(answer)), 1)}

    def renumber(numbers: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(new[number] for number in numbers)

    def renumbered(short: ShortAnswer | None) -> ShortAnswer | None:
        return replace(short, citation=new[short.citation]) if short else None

    statements = tuple(
        replace(each, citations=renumber(each.citations), short_answer=renumbered(each.short_answer))
        for each in answer.statements
    )
    return replace(
        answer,
        text=compose(statements),
        statements=statements,
        citations=tuple(replace(sound[old], number=number) for old, number in new.items()),
        short_answer=renumbered(answer.short_answer),
        disagreements=tuple(
            replace(each, sides=tuple(replace(side, citations=renumber(side.citations)) for side in each.sides))
            for each in answer.disagreements
        ),
    )


def _refused(answer: Answer) -> Answer:
    return replace(
        answer, answered=False, text=REFUSAL, statements=(), citations=(), short_answer=None, disagreements=()
    )


def _withheld_note(sentences: int) -> str:
    if sentences == 0:
        return "Part of the answer failed the proof and was put right or left out."
    if sentences == 1:
        return "1 sentence was withheld because its quote failed the proof."
    return f"{sentences} sentences were withheld because their quotes failed the proof."
