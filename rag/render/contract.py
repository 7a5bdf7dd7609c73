"""The answer as JSON, out and in: the contract is `answer.schema.json` beside this file.

What comes in (`read_saved`) is a file that anybody may have written: every field that is used is checked by hand, and
what is wrong is said in one line. Whether its quotes hold is for `rag.verify` and the corpus to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.errors import UsageError
from rag.render.safe import cut, one_line, shown_as
from rag.render.source import independence
from rag.types import (
    Answer,
    Citation,
    Disagreement,
    Hit,
    NearCopies,
    Origin,
    ProducedBy,
    Reference,
    ShortAnswer,
    Side,
    Statement,
    StatementKind,
    span_id,
)
from rag.verify import Fault, FaultKind, inner_faults

SCHEMA = "groundwire.answer/1"
SEARCH_SCHEMA = "groundwire.search/1"

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


# Out.


def to_dict(answer: Answer) -> dict[str, object]:
    """The answer as the schema has it, with the keys `unknown_words` and `notes` besides."""
    named = {} if answer.id is None else {"id": answer.id}
    return {
        "schema": SCHEMA,
        **named,
        "question": answer.question,
        "answered": answer.answered,
        "answer": answer.text,
        "short_answer": _short_answer(answer.short_answer),
        "confidence": answer.confidence,
        "statements": [
            {"text": s.text, "citations": list(s.citations), "kind": str(s.kind), "speaker": s.speaker}
            for s in answer.statements
        ],
        "citations": [citation_to_dict(citation) for citation in answer.citations],
        "disagreements": [
            {
                "about": each.about,
                "sides": [
                    {"text": side.text, "speaker": side.speaker, "citations": list(side.citations)}
                    for side in each.sides
                ],
            }
            for each in answer.disagreements
        ],
        "passages": [_passage(hit) for hit in answer.passages],
        "articles": {
            name: article_to_dict(reference, answer.near_copies.get(name))
            for name, reference in answer.articles.items()
        },
        "produced_by": {
            "version": answer.produced_by.version,
            "fingerprint": answer.produced_by.fingerprint,
            "filters": dict(answer.produced_by.filters),
        },
        "timings_ms": dict(answer.timings_ms),
        "unknown_words": list(answer.unknown_words),
        "notes": list(answer.notes),
    }


def to_json(answer: Answer, indent: int | None = None) -> str:
    """The answer as JSON text, to be written as UTF-8; without `indent` one line, for one of many (NDJSON).

    Raises ValueError on a number that JSON does not have (NaN, infinity).
    """
    return json_text(to_dict(answer), indent)


def hit_to_dict(hit: Hit) -> dict[str, object]:
    """A search result: a passage as in an answer, its id, and what each engine said of it (null: did not find it)."""
    article, passage = hit.article, hit.passage
    return {
        "id": span_id(article.id, article.version, passage.start, passage.end),
        **_passage(hit),
        "lexical_rank": hit.lexical_rank,
        "dense_rank": hit.dense_rank,
        "lexical_score": hit.lexical_score,
        "dense_score": hit.dense_score,
    }


def hits_to_json(query: str, hits: Sequence[Hit], *, notes: Sequence[str] = (), indent: int | None = None) -> str:
    """What `search` found, best first, and its articles by id, as JSON text; see `to_json`."""
    found = {
        "schema": SEARCH_SCHEMA,
        "query": query,
        "hits": [hit_to_dict(hit) for hit in hits],
        "articles": {hit.article.id: article_to_dict(hit.article, hit.near_copies) for hit in hits},
        "notes": list(notes),
    }
    return json_text(found, indent)


def reference_to_dict(reference: Reference) -> dict[str, object]:
    """An article as the schema has it: unknown is null."""
    return {
        "id": reference.id,
        "version": reference.version,
        "title": reference.title,
        "publisher": reference.publisher,
        "authors": list(reference.authors),
        "published": reference.published,
        "url": reference.url,
        "path": reference.path,
        "published_from": _name(reference.published_from),
        "updated": reference.updated,
        "updated_from": _name(reference.updated_from),
        "section": reference.section,
        "language": reference.language,
        "agency": reference.agency,
    }


def article_to_dict(reference: Reference, copies: NearCopies | None) -> dict[str, object]:
    """The same, with who else has its text, where somebody has."""
    if copies is None:
        return reference_to_dict(reference)
    also_in = {
        "articles": [
            {
                "id": other.id,
                "title": other.title,
                "publisher": other.publisher,
                "published": other.published,
                "url": other.url,
            }
            for other in copies.others
        ],
        "outlets": copies.outlets,
        "origin": copies.origin,
        "origin_from": ("agency" if copies.credited else "earliest") if copies.origin else None,
        "summary": independence(copies),
    }
    return {**reference_to_dict(reference), "also_in": also_in}


def _name(origin: Origin | None) -> str | None:
    return None if origin is None else str(origin)


def json_text(value: object, indent: int | None = None) -> str:
    r"""JSON that is safe to look at and still says exactly what the value says.

    What `printable` would drop or replace is written as ``\uXXXX``: nothing in it is live in a terminal, every reader
    gets the very characters back, and all other scripts stay readable.
    """
    raw = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return raw if raw.isprintable() else raw.translate(_ESCAPES)


class _Escapes(dict[int, str]):
    """A table for `str.translate`, filled with the characters that are met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        # json.dumps knows the escapes, surrogate pairs too; but DEL is ASCII, and it leaves ASCII as it is.
        escaped = "\\u007f" if char == "\x7f" else json.dumps(char)[1:-1]
        escape = self[point] = char if shown_as(char) == char else escaped
        return escape


# Inside strings json.dumps has escaped it; what is left of it is the indentation's.
_ESCAPES = _Escapes({ord("\n"): "\n"})


def _short_answer(short: ShortAnswer | None) -> dict[str, object] | None:
    if short is None:
        return None
    return {"text": short.text, "citation": short.citation, "start": short.start, "end": short.end}


def citation_to_dict(citation: Citation) -> dict[str, object]:
    """A citation in the shape of the contract."""
    return {
        "number": citation.number,
        "id": citation.id,
        "article": citation.article,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "prefix": citation.prefix,
        "suffix": citation.suffix,
        "page": citation.page,
    }


def _passage(hit: Hit) -> dict[str, object]:
    return {
        "article": hit.article.id,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.text,
        "score": hit.score,
        "page": hit.page,
    }


# In.


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
        short_answer=_saved_short_answer(root.member("short_answer")),
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
    )


def _saved_short_answer(field: _Field) -> ShortAnswer | None:
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
