"""The question file: JSON Lines, one question a line, with what counts as a right answer to it.

Knows the format and nothing of a corpus: what a span or an article's name stands for there is found by
`rag.evaluate.expected`. The format is told in `docs/evaluation.md`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.dates import parse_published
from rag.errors import UsageError
from rag.evaluate.metrics import normalised, squad_tokens
from rag.query import LONGEST

LOCKED = "locked"
SPLITS = ("open", LOCKED)
"""What may be looked at while tuning, and what is scored and never shown."""

FIELDS = (
    *("question", "accepted", "short", "gold", "articles", "expect", "disagreement"),
    *("kind", "split", "id", "topic", "date"),
)
SPAN_FIELDS = ("quote", "article", "start", "end")
"""Those of `gold` and `disagreement`."""

MISSPELT = 0.85
"""From here on a field is taken for a known one misspelt (Ratcliff and Obershelp): "acepted", not "question_id"."""

LIKE = 'a line looks like {"question": "…", "accepted": ["…"]}'


@dataclass(frozen=True, slots=True)
class Gold:
    """A clause that answers, as the file gives it. With offsets: `text[start:end] == quote`, in code points."""

    quote: str
    article: str | None = None
    """A key, the beginning of an id, a URL, a path or a file name; None: wherever the quote stands."""
    start: int | None = None
    end: int | None = None
    """Both None: wherever the quote stands in the article."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the file. What it does not say is empty, and is not measured."""

    id: str
    """Its line number where it has none."""
    question: str
    answerable: bool = True
    kind: str = ""
    topic: str = ""
    split: str = "open"
    gold: tuple[Gold, ...] = ()
    """Every clause that alone answers."""
    accepted: tuple[str, ...] = ()
    """One of them, as whole words, makes an answer right."""
    short: tuple[str, ...] = ()
    """Right short answers, for exact match and token F1."""
    articles: tuple[str, ...] = ()
    disagreement: tuple[Gold, ...] = ()
    """The sides, where there are several."""
    date: str | None = None
    """When it is asked: ISO 8601."""
    line: int = 0
    passed_over: tuple[str, ...] = ()
    """Fields of the line that are not known here; those of a span as "gold: NAME"."""

    @property
    def digest(self) -> str:
        """Of all that it says, but for its place in the file: two questions with one digest are the same."""
        told = {name: value for name, value in asdict(self).items() if name not in {"line", "passed_over"}}
        return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode("utf-8")).hexdigest()[:16]


def parse(text: str, file: str) -> tuple[Question, ...]:
    """The questions in order; empty lines do not count. `file`: its name in errors.

    Raises UsageError, naming file and line, for the first line that is no question.
    """
    found: list[Question] = []
    lines: dict[str, int] = {}
    # Not splitlines: JSON may hold U+2028 as it is.
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            question = _question(line, number)
            if question.id in lines:
                raise _Wrong(f"has the id {question.id[:40]!r}, which line {lines[question.id]} has, too")
        except _Wrong as wrong:
            raise UsageError(f"{file}, line {number}: {wrong}") from wrong.__cause__
        lines[question.id] = number
        found.append(question)
    if not found:
        raise UsageError(f"{file}: holds no question; {LIKE}")
    return tuple(found)


def read(file: Path) -> tuple[Question, ...]:
    """The questions in a file. Raises UsageError as `parse` does, and where it cannot be read."""
    try:
        return parse(file.read_bytes().decode("utf-8-sig"), str(file))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}; give a JSON Lines file of questions") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 (byte {error.start}); write it in UTF-8") from error


class _Wrong(Exception):
    """What is wrong with a line; the message goes on from "FILE, line N: "."""


def _question(line: str, number: int) -> Question:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"is not JSON; {LIKE}") from error
    if not isinstance(found, dict):
        raise _Wrong(f"is no question; {LIKE}")
    fields = _Fields(found)
    asked = fields.text("question")
    if not asked.strip():
        raise _Wrong(f"holds no question; {LIKE}")
    if len(asked) > LONGEST:
        raise _Wrong(f"holds a question of {len(asked):,} characters; at most {LONGEST:,} are taken")
    question = Question(
        id=fields.id() or str(number),
        question=asked,
        answerable=fields.one_of("expect", ("answer", "refuse")) != "refuse",
        kind=fields.text("kind"),
        topic=fields.text("topic"),
        split=fields.one_of("split", SPLITS) or "open",
        gold=fields.spans("gold"),
        accepted=fields.told("accepted", normalised),
        short=fields.told("short", squad_tokens),
        articles=fields.texts("articles"),
        disagreement=fields.spans("disagreement"),
        date=fields.date(),
        line=number,
        passed_over=(*fields.others(FIELDS), *fields.others_of_spans("gold"), *fields.others_of_spans("disagreement")),
    )
    told = question.gold or question.accepted or question.short or question.articles
    if not told and "expect" not in found:
        raise _Wrong('does not say what is right; give one of "accepted", "short", "gold", "articles" or "expect"')
    if not question.answerable and (told or question.disagreement):
        raise _Wrong('is to be refused and yet says what answers it; leave "expect": "refuse" out, or the rest')
    if len({side.quote for side in question.disagreement}) == 1:
        raise _Wrong('"disagreement" has one side; give the words of each side, or leave it out')
    return question


@dataclass(frozen=True, slots=True)
class _Fields:
    """A line's fields, each checked when it is asked for."""

    found: Mapping[str, Any]

    def text(self, name: str) -> str:
        value = self.found.get(name)
        if value is not None and not isinstance(value, str):
            raise _Wrong(f'"{name}" is no text')
        odd = next((char for char in value or "" if "\ud800" <= char <= "\udfff"), None)
        if odd is not None:
            raise _Wrong(f'"{name}" holds U+{ord(odd):04X}, which is no character; leave it out')
        return value or ""

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.found.get(name)
        values = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise _Wrong(f'"{name}" is no list of texts')
        if not all(one.strip() for one in values):
            raise _Wrong(f'"{name}" holds an empty text')
        return tuple(values)

    def told(self, name: str, read: Callable[[str], str | list[str]]) -> tuple[str, ...]:
        """Texts with something left of each when it is compared as `read` has it."""
        values = self.texts(name)
        empty = next((one for one in values if not "".join(read(one)).strip()), None)
        if empty is not None:
            raise _Wrong(f'"{name}" holds {empty[:40]!r}, of which nothing is left to compare; give words or numbers')
        return values

    def one_of(self, name: str, known: Sequence[str]) -> str:
        value = self.text(name)
        if value and value not in known:
            raise _Wrong(f'"{name}" is {value[:40]!r}; it takes {" or ".join(known)}')
        return value

    def id(self) -> str:
        value = self.found.get("id")
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text("id")

    def date(self) -> str | None:
        value = self.text("date")
        if value and parse_published(value) is None:
            raise _Wrong(f'"date" is {value[:40]!r}, which is no date; write 2022-06-16')
        return value or None

    def others(self, known: Sequence[str]) -> tuple[str, ...]:
        """The fields that are none of the known ones; one that may be such a one misspelt is an error."""
        others = tuple(name for name in self.found if name not in known)
        for name in others:
            meant = get_close_matches(name.casefold(), known, n=1, cutoff=MISSPELT)
            if meant:
                raise _Wrong(f'{name[:40]!r} is no field; if "{meant[0]}" is meant, write that, else give another name')
        return others

    def others_of_spans(self, name: str) -> tuple[str, ...]:
        """The same of the spans in a field."""
        found = (other for span in self.found.get(name) or () for other in _Fields(span).others(SPAN_FIELDS))
        return tuple(f"{name}: {other}" for other in dict.fromkeys(found))

    def spans(self, name: str) -> tuple[Gold, ...]:
        value = self.found.get(name)
        if value is not None and not isinstance(value, list):
            raise _Wrong(f'"{name}" is no list of spans, such as [{{"quote": "…"}}]')
        return tuple(self._spans(name, value or []))

    def _spans(self, name: str, values: Sequence[object]) -> Iterator[Gold]:
        for value in values:
            if not isinstance(value, dict):
                raise _Wrong(f'"{name}" holds what is no span, such as {{"quote": "…"}}')
            span = _Fields(value)
            quote, article = span.text("quote"), span.text("article") or None
            if not quote.strip():
                raise _Wrong(f'"{name}" holds a span without its words: give each a "quote"')
            if not normalised(quote).strip():
                raise _Wrong(f'"{name}" holds a span {quote[:40]!r}, which has neither letter nor digit; quote words')
            if value.get("article") is not None and not (article or "").strip():
                raise _Wrong(f'"{name}" holds a span whose "article" is empty; name one, or leave it out')
            start, end = value.get("start"), value.get("end")
            if start is None and end is None:
                yield Gold(quote, article)
            elif type(start) is not int or type(end) is not int or not 0 <= start < end:
                raise _Wrong(f'"{name}" holds a span whose "start" and "end" are no range; give both, or neither')
            elif article is None:
                raise _Wrong(f'"{name}" holds a span with offsets and no "article" that they count in')
            else:
                yield Gold(quote, article, start, end)
