"""A saved answer, read back: a file that anybody may have written.

Every field that is used is checked by hand, and what is wrong is said in one line. Whether its quotes hold is for
`rag.verify` and the corpus to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rag.errors import UsageError
from rag.render.contract import SCHEMA
from rag.render.safe import cut, one_line
from rag.types import (
    Answer,
    Citation,
    Disagreement,
    ProducedBy,
    Reference,
    ShortAnswer,
    Side,
    Statement,
    StatementKind,
)
from rag.verify import Fault, FaultKind, inner_faults

LARGEST_OFFSET = 2**53
"""Beyond it JSON numbers are no longer exact in every reader (RFC 8259, section 6)."""


@dataclass(frozen=True, slots=True)
class SavedCitation:
    """A citation as a saved answer tells it; `version` and `title` come from its list of articles."""

    number: int
    id: str
    article: str
    version: str
    start: int
    end: int
    quote: str
    title: str | None


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What is to be proved of a saved answer."""

    where: str
    """The file and, in one of many, the line; for messages."""
    question: str
    id: str | None
    citations: tuple[SavedCitation, ...]
    faults: tuple[Fault, ...]
    """Where the answer contradicts itself, whatever the corpus says: a sentence that is not its quote."""


def read_saved(raw: str, where: str) -> tuple[SavedAnswer, ...]:
    """The answers of a saved file: one JSON object, or one a line (NDJSON).

    `where` names the file in messages. Raises UsageError, in one line, for what is not JSON or not an answer.
    """
    shown = one_line(where)
    return tuple(_saved(_Field(place, "", value)) for place, value in _values(raw.removeprefix("\ufeff"), shown))


def _values(raw: str, where: str) -> Iterator[tuple[str, object]]:
    """Each JSON value of the file, and where it stands."""
    lines = [(number, line) for number, line in enumerate(raw.split("\n"), 1) if line.strip()]
    if not lines:
        raise UsageError(f"{where} is empty: it should hold an answer that `ask --json` wrote.")
    # A first line that is JSON by itself makes it one of many; an indented answer starts with a lone brace.
    if len(lines) == 1 or not _is_json(lines[0][1]):
        yield where, _parsed(raw, where)
        return
    for number, line in lines:
        yield _at(where, number), _parsed(line, where, number)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except json.JSONDecodeError:
        return False
    except (ValueError, RecursionError):
        return True  # JSON by its looks; reading it for good says what is wrong
    return True


def _parsed(raw: str, where: str, line: int | None = None) -> object:
    """The value of the whole file, or of that line of it."""
    try:
        parsed: object = json.loads(raw, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        at = f"line {line or error.lineno}, column {error.colno}"
        raise UsageError(f"{where}, {at}: this is not JSON ({error.msg}).") from None
    except RecursionError:
        raise UsageError(f"{_at(where, line)} is nested too deeply to be an answer.") from None
    except ValueError:
        # NaN and infinity, and whole numbers with more digits than Python converts.
        raise UsageError(f"{_at(where, line)} holds a number that is none or is too large.") from None
    return parsed


def _at(where: str, line: int | None) -> str:
    return where if line is None else f"{where}, line {line}"


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _saved(root: _Field) -> SavedAnswer:
    """Read an answer, field by field; what is not needed for the proof is only looked at for its type."""
    if root.member("schema").value != SCHEMA:
        raise UsageError(f"{root.where} is not a {SCHEMA}: its `schema` says otherwise.")
    articles = {name: _reference(field) for name, field in root.member("articles").members()}
    citations = tuple(_saved_citation(field, articles) for field in root.member("citations").items())
    answer = Answer(
        question=root.member("question").text(),
        answered=root.member("answered").boolean(),
        text=root.member("answer").text(),
        statements=tuple(_statement(field) for field in root.member("statements").items()),
        citations=tuple(Citation(c.number, c.article, c.version, c.start, c.end, c.quote) for c in citations),
        passages=(),
        articles=articles,
        produced_by=_produced_by(root.member("produced_by")),
        short_answer=_short_answer(root.member("short_answer")),
        confidence=root.member("confidence").optional_number(),
        disagreements=tuple(_disagreement(field) for field in root.member("disagreements").items()),
        id=root.optional_member("id").optional_text(),
    )
    root.member("passages").items()
    ids = (
        Fault(FaultKind.ID, f"citation {saved.number} has the id of another span")
        for saved, citation in zip(citations, answer.citations, strict=True)
        if saved.id != citation.id
    )
    return SavedAnswer(root.where, answer.question, answer.id, citations, (*inner_faults(answer), *ids))


def _reference(field: _Field) -> Reference:
    version = field.member("version").text()
    if not re.fullmatch(r"[0-9a-f]{64}", version):
        raise field.member("version").wrong("must be a SHA-256 in 64 hexadecimal digits")
    return Reference(
        id=field.member("id").text(),
        version=version,
        key="",  # not part of the contract: the id stands for it
        title=field.member("title").optional_text(),
        path=field.member("path").optional_text(),
    )


def _saved_citation(field: _Field, articles: Mapping[str, Reference]) -> SavedCitation:
    article = field.member("article").text()
    if article not in articles:
        raise field.member("article").wrong("is not a key of `articles`")
    quote = field.member("quote")
    if not quote.text():
        raise quote.wrong("must not be empty")
    return SavedCitation(
        number=field.member("number").integer(1),
        id=field.member("id").text(),
        article=article,
        version=articles[article].version,
        start=field.member("start").integer(0),
        end=field.member("end").integer(1),
        quote=quote.text(),
        title=articles[article].title,
    )


def _statement(field: _Field) -> Statement:
    kind = field.member("kind")
    if kind.text() not in set(StatementKind):
        raise kind.wrong("must be extracted or generated")
    return Statement(
        text=field.member("text").text(),
        citations=field.member("citations").numbers(),
        kind=StatementKind(kind.text()),
        speaker=field.optional_member("speaker").optional_text(),
        short_answer=_short_answer(field.optional_member("short_answer")),
    )


def _short_answer(field: _Field) -> ShortAnswer | None:
    if field.value is None:
        return None
    return ShortAnswer(
        text=field.member("text").text(),
        citation=field.member("citation").integer(1),
        start=field.member("start").integer(0),
        end=field.member("end").integer(1),
    )


def _disagreement(field: _Field) -> Disagreement:
    return Disagreement(
        about=field.member("about").text(),
        sides=tuple(
            Side(
                text=side.member("text").text(),
                citations=side.member("citations").numbers(),
                speaker=side.optional_member("speaker").optional_text(),
            )
            for side in field.member("sides").items()
        ),
    )


def _produced_by(field: _Field) -> ProducedBy:
    return ProducedBy(field.member("version").text(), field.member("fingerprint").text())


@dataclass(frozen=True, slots=True)
class _Field:
    """A value of the file and the way to it; each method is the value as one type, or a UsageError."""

    where: str
    path: str
    value: object

    def member(self, name: str) -> _Field:
        members = self._object()
        if name not in members:
            raise UsageError(f"{self.where} is not a {SCHEMA}: {self._name()} has no `{name}`.")
        return _Field(self.where, f"{self.path}.{name}".lstrip("."), members[name])

    def optional_member(self, name: str) -> _Field:
        return self.member(name) if name in self._object() else _Field(self.where, f"{self.path}.{name}", None)

    def members(self) -> Iterator[tuple[str, _Field]]:
        for name, value in self._object().items():
            yield name, _Field(self.where, f"{self.path}[{json.dumps(cut(name, 40), ensure_ascii=False)}]", value)

    def items(self) -> tuple[_Field, ...]:
        if not isinstance(self.value, list):
            raise self.wrong("must be a list")
        return tuple(_Field(self.where, f"{self.path}[{place}]", value) for place, value in enumerate(self.value))

    def numbers(self) -> tuple[int, ...]:
        return tuple(field.integer(1) for field in self.items())

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("must be a string")
        return self.value

    def optional_text(self) -> str | None:
        return None if self.value is None else self.text()

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("must be true or false")
        return self.value

    def integer(self, least: int) -> int:
        # JSON's true is an int to Python.
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.wrong("must be a whole number")
        if not least <= self.value <= LARGEST_OFFSET:
            raise self.wrong(f"must be from {least} to {LARGEST_OFFSET}")
        return self.value

    def optional_number(self) -> float | None:
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("must be a number or null")
        # Compared, not converted: a whole number of 4,000 digits is no float.
        if not 0 <= self.value <= 1:
            raise self.wrong("must be from 0 to 1")
        return float(self.value)

    def wrong(self, reason: str) -> UsageError:
        return UsageError(f"{self.where} is not a {SCHEMA}: {self._name()} {reason}.")

    def _object(self) -> dict[str, object]:
        if not isinstance(self.value, dict):
            raise self.wrong("must be an object")
        return self.value

    def _name(self) -> str:
        return f"`{self.path}`" if self.path else "it"
