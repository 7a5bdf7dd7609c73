"""What an answer claims, held against the articles alone: its quotes, its references, its printed text.

Knows no question and no gold (`rag.evaluate.judging` does), and shares no code with what makes, prints or proves
answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.evaluate import support
from rag.evaluate.expected import Texts
from rag.types import REFUSAL, Answer, Citation, Reference, Side, Statement, StatementKind, text_version


def sentences(answer: Answer) -> list[Statement]:
    """Everything that the answer says of its articles: its statements, and the sides of its disagreements."""
    sides: list[Side] = [side for dispute in answer.disagreements for side in dispute.sides]
    return [*answer.statements, *map(_as_statement, sides)]


def _as_statement(side: Side) -> Statement:
    return Statement(side.text, side.citations, StatementKind.EXTRACTED, side.speaker)


def used(answer: Answer) -> frozenset[int]:
    """The citations that a sentence names; in a refusal, which says nothing, none."""
    return frozenset(number for one in sentences(answer) for number in one.citations if answer.answered)


# -- quotes ----------------------------------------------------------------------------------------------------------


def is_exact(one: Citation, answer: Answer, texts: Texts) -> bool:
    """Whether the quote, and what it is said to stand between, stand there in this version of the article."""
    text = texts.text(one.article)
    return (
        one.article in answer.articles
        and text_version(text) == one.version
        and 0 <= one.start < one.end
        and text[one.start : one.end] == one.quote
        and text[: one.start].endswith(one.prefix)
        and text[one.end :].startswith(one.suffix)
    )


def is_exact_short(answer: Answer, texts: Texts) -> bool:
    """Whether the short answer stands where it says, inside the quote of its citation."""
    short = answer.short_answer
    cited = next((one for one in answer.citations if short and one.number == short.citation), None)
    if short is None or cited is None:
        return False
    inside = cited.start <= short.start < short.end <= cited.end
    return inside and texts.text(cited.article)[short.start : short.end] == short.text


# -- statements ------------------------------------------------------------------------------------------------------


def strays(answer: Answer, texts: Texts) -> list[str]:
    """Of each sentence that does not say what its quotes say, or says what was said before: in what it strays."""
    cited = {one.number: one for one in answer.citations}
    seen = set[str]()
    found: list[str] = []
    for place, sentence in enumerate(sentences(answer)):
        quotes = [_quoted(cited[number], texts) for number in sentence.citations if number in cited]
        reasons = list(support.faults(sentence, quotes))
        said = _folded(sentence.text).casefold()
        if place < len(answer.statements):  # a side may well be one of the statements
            reasons += ["it was said before"] if said in seen else []
            seen.add(said)
        found += ["; ".join(reasons)] if reasons else []
    return found


def _quoted(one: Citation, texts: Texts) -> support.Quoted:
    known = texts.reference(one.article)
    about = " ".join(filter(None, (known.publisher, *known.authors))) if known else ""
    return support.Quoted(texts.text(one.article), one.start, one.end, about)


# -- what is shown beside them -----------------------------------------------------------------------------------------


def references(answer: Answer, texts: Texts) -> list[bool]:
    """Of each article that the answer shows or cites: whether all that is said of it is what the corpus says."""
    said: dict[str, list[Reference | None]] = {name: [one] for name, one in answer.articles.items()}
    for hit in answer.passages:
        said.setdefault(hit.article.id, []).append(hit.article)
    for cited in answer.citations:
        said.setdefault(cited.article, [None])
    known = {name: texts.reference(name) for name in said}
    return [known[name] is not None and all(one == known[name] for one in some) for name, some in said.items()]


_MARKS = re.compile(r"(?: ?\[\d+(?:, ?\d+)*\])+")
_NUMBER = re.compile(r"\d+")


def is_as_stated(answer: Answer) -> bool:
    """Whether the printed text is the statements, each with the marks of its citations; of a refusal, nothing else."""
    if not answer.answered:
        return not any(claims(answer))
    rest = _folded(answer.text)
    for one in answer.statements:
        said = _folded(one.text)
        if not rest.startswith(said):
            return False
        rest = rest[len(said) :]
        marks = _MARKS.match(rest)
        if {int(number) for number in _NUMBER.findall(marks[0] if marks else "")} != set(one.citations):
            return False
        rest = rest[marks.end() if marks else 0 :].lstrip()
    return not rest


def claims(refused: Answer) -> Iterator[str]:
    """What a refusal holds beside its one sentence."""
    if refused.text != REFUSAL:
        yield "another text"
    for name in ("statements", "citations", "short_answer", "disagreements"):
        if getattr(refused, name):
            yield name.replace("_", " ")


def _folded(text: str) -> str:
    return " ".join(text.split())
