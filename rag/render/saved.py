"""A saved answer with all that `export` shows, and what the corpus of today says of each of its citations.

What is proved comes through `incoming.read_saved`, which checks every field. What only decorates (a publisher's name,
the words around a quote) is taken where it has the right type; else it is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import UsageError
from rag.render import incoming
from rag.render.shorts import Range
from rag.render.source import place
from rag.standing import Standing, Verdict
from rag.types import CONTEXT, Article, NearCopies, Reference
from rag.verify import Fault


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer and the numbers of its citations; a side of a disagreement says whose it is."""

    text: str
    citations: tuple[int, ...]
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """Where sources differ."""

    about: str
    sides: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer as its file tells it: nobody has vouched for any of it."""

    where: str
    question: str
    answered: bool
    text: str
    sentences: tuple[Sentence, ...]
    short_answer: Sentence | None
    disputes: tuple[Dispute, ...]
    citations: tuple[incoming.SavedCitation, ...]
    shorts: Mapping[int, Range]
    """Citation number to where the short answer stands in its quote, where the quote says so."""
    is_list: bool
    """Whether its sentences answer one beside the other."""
    pages: Mapping[int, int]
    """Citation number to page, where one is given."""
    references: Mapping[str, Reference]
    """The articles as they were when the answer was made; shown only where the corpus has them no more."""
    generated: bool
    """Whether a language model wrote some of it."""
    version: str
    """Of the Groundwire that made it."""
    faults: tuple[Fault, ...]
    near_copies: Mapping[str, NearCopies]
    """Article id to who else had its text, as the file tells it."""


@dataclass(frozen=True, slots=True)
class Proved:
    """A citation, how it stands, and its article as it is now (None: not in the corpus)."""

    cited: incoming.SavedCitation
    verdict: Verdict
    article: Article | None
    reference: Reference
    page: int | None = None
    near_copies: NearCopies | None = None

    @property
    def holds(self) -> bool:
        """Whether the article's present text says these words at `verdict.start`: looked at once more, here."""
        article, verdict = self.article, self.verdict
        if article is None or not verdict.holds or verdict.start is None or verdict.end is None:
            return False
        return article.text[verdict.start : verdict.end] == self.cited.quote

    @property
    def standing(self) -> Standing:
        """As in the verdict; what holds by the verdict and not by the text has changed between two looks."""
        return Standing.CHANGED if self.verdict.holds and not self.holds else self.verdict.standing

    @property
    def span(self) -> tuple[int, int]:
        """Where the quote stands: now, if it holds; else where it stood."""
        if self.holds and self.verdict.start is not None and self.verdict.end is not None:
            return self.verdict.start, self.verdict.end
        return self.cited.start, self.cited.end

    @property
    def place(self) -> str:
        """Where the quote stands: the file by its bare name, since the page goes to others; the offsets."""
        folder = (self.reference.path or "").replace("\\", "/").rpartition("/")[0]
        return place(self.reference, *self.span, page=self.page, base=folder)

    @property
    def around(self) -> tuple[str, str]:
        """Up to 32 code points before and after the quote; empty where it does not hold."""
        if self.article is None or not self.holds:
            return "", ""
        start, end = self.span
        return self.article.text[max(start - CONTEXT, 0) : start], self.article.text[end : end + CONTEXT]


@dataclass(frozen=True, slots=True)
class Exported:
    """A saved answer and how each citation stands, in their order."""

    saved: Saved
    proved: tuple[Proved, ...]

    @property
    def holds(self) -> bool:
        """Whether all of it does."""
        return not self.saved.faults and all(one.holds for one in self.proved)


def read(raw: str, where: str) -> Saved:
    """The one answer of a saved file. Raises UsageError for what is not one answer."""
    found = incoming.read_saved(raw, where)
    if len(found) != 1:
        raise UsageError(
            f"{where} holds {len(found)} answers; export takes one: give it one line of the file (- reads it)"
        )
    told = json.loads(raw.removeprefix("\ufeff"))
    short, checked = told["short_answer"], found[0]
    return Saved(
        where=checked.where,
        question=checked.question,
        answered=told["answered"],
        text=told["answer"],
        sentences=tuple(_sentence(each) for each in told["statements"]),
        short_answer=short and Sentence(short["text"], (short["citation"],)),
        disputes=tuple(
            Dispute(each["about"], tuple(_sentence(side) for side in each["sides"])) for each in told["disagreements"]
        ),
        citations=checked.citations,
        shorts=_shorts(told, checked.citations),
        is_list=any(each.get("short_answer") for each in told["statements"]),
        pages={each["number"]: each["page"] for each in told["citations"] if type(each.get("page")) is int},
        references={name: _reference(name, each) for name, each in told["articles"].items()},
        generated=any(each["kind"] == "generated" for each in told["statements"]),
        version=told["produced_by"]["version"],
        faults=checked.faults,
        near_copies={
            name: copies
            for name, each in told["articles"].items()
            if (copies := _near_copies(each.get("also_in"), each.get("differs_in")))
        },
    )


def proved(
    saved: Saved,
    standing: Callable[[incoming.SavedCitation], Verdict],
    article: Callable[[str], Article | None],
) -> Exported:
    """The answer beside what the corpus says: how a citation stands, and an article by its id."""
    articles = {name: article(name) for name in dict.fromkeys(each.article for each in saved.citations)}
    made = []
    for each in saved.citations:
        now = articles[each.article]
        reference = now.reference if now is not None else saved.references[each.article]
        page, copies = saved.pages.get(each.number), saved.near_copies.get(each.article)
        made.append(Proved(each, standing(each), now, reference, page, copies))
    return Exported(saved, tuple(made))


def _sentence(told: Mapping[str, object]) -> Sentence:
    numbers, speaker = told["citations"], told.get("speaker")
    assert isinstance(numbers, list)
    return Sentence(str(told["text"]), tuple(numbers), speaker if isinstance(speaker, str) else None)


def _shorts(told: Mapping[str, Any], citations: Sequence[incoming.SavedCitation]) -> dict[int, Range]:
    """Where the short answers stand: only what lies in its quote, and says there what it says."""
    quotes = {each.number: each for each in reversed(citations)}
    found: dict[int, Range] = {}
    for short in filter(None, (*(each.get("short_answer") for each in told["statements"]), told["short_answer"])):
        cited = quotes.get(short["citation"])
        start, end = (short[edge] - (cited.start if cited else 0) for edge in ("start", "end"))
        if cited is not None and 0 <= start < end and cited.quote[start:end] == short["text"]:
            found[cited.number] = (start, end)
    return found


def _reference(name: str, told: Mapping[str, object]) -> Reference:
    authors = told.get("authors")
    return Reference(
        id=name,
        version=str(told["version"]),
        key=name,
        title=_text(told.get("title")),
        publisher=_text(told.get("publisher")),
        authors=tuple(each for each in authors if isinstance(each, str)) if isinstance(authors, list) else (),
        published=_text(told.get("published")),
        url=_text(told.get("url")),
        path=_text(told.get("path")),
    )


def _near_copies(told: object, differing: object) -> NearCopies | None:
    """Who else had the text, and who had it otherwise; None where neither is told, or not in the right types."""
    differ = _others(differing)
    also: dict[str, object] = told if isinstance(told, dict) else {}
    others, outlets = _others(also.get("articles")), also.get("outlets")
    if not others or type(outlets) is not int or not 0 <= outlets <= len(others) + 1:
        return NearCopies((), 0, differing=differ) if differ else None
    credited = also.get("origin_from") == "agency"
    return NearCopies(others, outlets, _text(also.get("origin")), credited=credited, differing=differ)


def _others(told: object) -> tuple[Reference, ...]:
    return tuple(
        _reference(one["id"], {**one, "version": ""})
        for one in (told if isinstance(told, list) else ())
        if isinstance(one, dict) and isinstance(one.get("id"), str)
    )


def _text(told: object) -> str | None:
    return told if isinstance(told, str) else None
