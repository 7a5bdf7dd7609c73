"""Whether the seed questions are as `eval/questions/README.md` has them: spans exact, labels known, two like halves.

Reads the question file and the articles and asks nothing: knows no corpus, no retrieval and no answer.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from rag.clean import read_page
from rag.evaluate.metrics import holds, normalised

KINDS = ("who", "what", "when", "where", "how many", "why", "yes/no")
BY_EVIDENCE = ("why", "yes/no")
"""Kinds without a short answer: they are scored by what is cited."""

UNANSWERABLE = ("near miss", "wrong premise", "other topic")
HALVES = ("open", "locked")
EXPECTED = ("answer", "refuse")

NEARLY_THE_SAME = 0.6
"""Words that two questions share, of the words that either has; from here up one of them asks nothing new."""

APART = 2
"""How many more questions of a sort one half may have than the other."""

TEXTS = ("id", "topic", "question", "kind", "expect", "split")
LISTS = ("accepted", "short", "articles")


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end] == quote` in code points of the decoded seed."""

    article: str
    """File name."""
    start: int
    end: int
    quote: str

    def meets(self, other: Span) -> bool:
        """Whether they share a code point."""
        return self.article == other.article and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the file, each field as the README has it."""

    id: str
    topic: str
    question: str
    kind: str
    expect: str
    split: str
    accepted: tuple[str, ...]
    short: tuple[str, ...]
    articles: tuple[str, ...]
    gold: tuple[Span, ...]
    disagreement: tuple[Span, ...] = ()
    unanswerable: str | None = None

    @property
    def answerable(self) -> bool:
        return self.expect == "answer"


@dataclass(frozen=True, slots=True)
class Seed:
    """An article's decoded file, and where what is not body text stands in it."""

    text: str
    furniture: tuple[tuple[int, int], ...]

    def in_body(self, start: int, end: int) -> bool:
        return all(end <= begin or stop <= start for begin, stop in self.furniture)


@dataclass(frozen=True, slots=True)
class Checked:
    """The questions that could be read, and what does not hold, a line each."""

    questions: tuple[Question, ...]
    problems: tuple[str, ...]


def check(file: Path, folder: Path) -> Checked:
    """Every line of `file` by itself, then all of them together, against the articles in `folder`."""
    seeds = read_seeds(folder)
    questions: list[Question] = []
    problems: list[str] = []
    # Not splitlines: JSON may hold U+2028 as it is.
    for number, line in enumerate(file.read_text("utf-8").removesuffix("\n").split("\n"), 1):
        try:
            questions.append(read_question(line))
        except ValueError as error:
            problems.append(f"{file.name}:{number}: {error}")
    for question in questions:
        problems += [f"{question.id}: {problem}" for problem in of_one(question, seeds)]
    return Checked(tuple(questions), (*problems, *of_all(questions)))


def of_one(question: Question, seeds: Mapping[str, Seed]) -> Iterator[str]:
    """What does not hold of this question, whatever the others are."""
    yield from _labels(question)
    for span in dict.fromkeys((*question.gold, *question.disagreement)):
        yield from _span(span, seeds)
    if question.answerable:
        yield from _evidence(question, seeds)
        yield from _strings(question)
    else:
        yield from _refused(question)


def of_all(questions: Sequence[Question]) -> Iterator[str]:
    """What does not hold between questions."""
    yield from _ids(questions)
    yield from _near_duplicates(questions)
    yield from _topics(questions)
    yield from _shared_gold(questions)
    yield from _balance(questions)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_seeds(folder: Path) -> dict[str, Seed]:
    """By file name; decoded with their line ends as they are."""
    return {file.name: _seed(file.read_bytes().decode("utf-8")) for file in sorted(folder.glob("*.txt"))}


def _seed(text: str) -> Seed:
    return Seed(text, tuple((one.start, one.end) for one in read_page(text).skipped))


def read_question(line: str) -> Question:
    """ValueError, saying what is wrong, where the line has not the README's fields."""
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    _expect_fields(found)
    texts: dict[str, str] = {name: found[name] for name in TEXTS}
    return Question(
        **texts,
        accepted=tuple(found["accepted"]),
        short=tuple(found["short"]),
        articles=tuple(found["articles"]),
        gold=_spans(found["gold"], "gold"),
        disagreement=_spans(found.get("disagreement", []), "disagreement"),
        unanswerable=found.get("unanswerable"),
    )


def _expect_fields(found: Mapping[str, Any]) -> None:
    needed = {*TEXTS, *LISTS, "gold"}
    if missing := needed - found.keys():
        raise ValueError(f"no {', '.join(sorted(missing))}")
    if unknown := found.keys() - needed - {"disagreement", "unanswerable"}:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    if wrong := [name for name in TEXTS if not isinstance(found[name], str) or not found[name].strip()]:
        raise ValueError(f"not a text: {', '.join(wrong)}")
    if wrong := [name for name in LISTS if not _texts(found[name])]:
        raise ValueError(f"not a list of texts: {', '.join(wrong)}")


def _texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)


def _spans(found: Any, name: str) -> tuple[Span, ...]:
    try:
        spans = tuple(Span(**one) for one in found)
    except TypeError as error:
        raise ValueError(f"{name} is not a list of article, start, end and quote") from error
    if not all(_texts([one.article, one.quote]) and type(one.start) is type(one.end) is int for one in spans):
        raise ValueError(f"{name}: article and quote are to be texts, start and end whole numbers")
    return spans


# --- one question ----------------------------------------------------------------------------------------------------


def _labels(question: Question) -> Iterator[str]:
    for name, given, known in (
        ("kind", question.kind, KINDS),
        ("split", question.split, HALVES),
        ("expect", question.expect, EXPECTED),
    ):
        if given not in known:
            yield f"{name} is {given!r}, none of {', '.join(known)}"


def _span(span: Span, seeds: Mapping[str, Seed]) -> Iterator[str]:
    seed = seeds.get(span.article)
    if seed is None:
        yield f"{span.article} is not among the articles"
    elif not 0 <= span.start < span.end or seed.text[span.start : span.end] != span.quote:
        yield f"{span.article}[{span.start}:{span.end}] is not {span.quote!r}"
    elif span.quote != span.quote.strip():
        yield f"white space at an end of {span.quote!r}"
    elif not seed.in_body(span.start, span.end):
        yield f"not body text: {span.quote!r}"


def _evidence(question: Question, seeds: Mapping[str, Seed]) -> Iterator[str]:
    gold, sides = question.gold, question.disagreement
    if not gold:
        yield "to be answered, and without gold"
    if len(set(gold)) < len(gold):
        yield "the same gold span twice"
    if missing := {span.article for span in gold} - set(question.articles):
        yield f"gold in articles that do not count: {', '.join(sorted(missing))}"
    if unknown := set(question.articles) - seeds.keys():
        yield f"no such articles: {', '.join(sorted(unknown))}"
    if question.unanswerable is not None:
        yield "to be answered, and said to be unanswerable"
    if sides and len(set(sides)) < 2:
        yield "a disagreement of one side"
    if any(one.meets(other) for one, other in combinations(set(sides), 2)):
        yield "sides of the disagreement overlap"
    if sides and not any(side.meets(span) for side in sides for span in gold):
        yield "no side of the disagreement is gold"
    for quote in {span.quote for span in gold}:
        for again in _elsewhere(quote, question, seeds):
            yield f"stands in {again} too and is not gold there: {quote!r}"


def _elsewhere(quote: str, question: Question, seeds: Mapping[str, Seed]) -> Iterator[str]:
    """Articles whose body has the quote where no gold span is."""
    for name, seed in seeds.items():
        for found in re.finditer(re.escape(quote), seed.text) if quote else ():
            here = Span(name, *found.span(), quote)
            if seed.in_body(here.start, here.end) and not any(here.meets(span) for span in question.gold):
                yield name


def _strings(question: Question) -> Iterator[str]:
    """Accepted strings and short answers: each in a gold quote, and of each at least one in every gold quote."""
    quotes = [span.quote for span in question.gold]
    for one in question.accepted:
        if one != normalised(one).strip() or not one:
            yield f"accepted string not normalised: {one!r}"
        elif not any(holds(quote, [one]) for quote in quotes):
            yield f"accepted string in no gold quote: {one!r}"
    for one in question.short:
        if not one.strip() or not any(one in quote for quote in quotes):
            yield f"short answer in no gold quote: {one!r}"
    if bool(question.short) == (question.kind in BY_EVIDENCE):
        yield f"a {question.kind} question {'with' if question.short else 'without'} short answers"
    for quote in quotes:
        if not holds(quote, question.accepted):
            yield f"gold quote without accepted string: {quote!r}"
        if question.short and not any(one in quote for one in question.short):
            yield f"gold quote without short answer: {quote!r}"


def _refused(question: Question) -> Iterator[str]:
    for name in ("gold", "accepted", "short", "articles", "disagreement"):
        if getattr(question, name):
            yield f"to be refused, and with {name}"
    if question.unanswerable not in UNANSWERABLE:
        yield f"unanswerable is {question.unanswerable!r}, none of {', '.join(UNANSWERABLE)}"


# --- all questions ---------------------------------------------------------------------------------------------------


def _ids(questions: Iterable[Question]) -> Iterator[str]:
    for name, times in Counter(question.id for question in questions).items():
        if times > 1:
            yield f"{name}: an id of {times} questions"


def _near_duplicates(questions: Iterable[Question]) -> Iterator[str]:
    for one, other in combinations(questions, 2):
        mine, theirs = (set(normalised(each.question).split()) for each in (one, other))
        if len(mine & theirs) >= NEARLY_THE_SAME * len(mine | theirs):
            yield f"{other.id}: nearly the question of {one.id}"


def _topics(questions: Iterable[Question]) -> Iterator[str]:
    halves: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        halves[question.topic].add(question.split)
    yield from (f"topic {topic}: in both halves" for topic, found in halves.items() if len(found) > 1)


def _shared_gold(questions: Iterable[Question]) -> Iterator[str]:
    """What is learnt from the open half should not be the locked half's evidence."""
    for one, other in combinations(questions, 2):
        if one.split != other.split and any(mine.meets(theirs) for mine in one.gold for theirs in other.gold):
            yield f"{other.id}: gold that {one.id} of the other half has"


def _balance(questions: Iterable[Question]) -> Iterator[str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for question in questions:
        outcome = question.expect
        sorts = [outcome, f"{outcome}, {question.kind}", *(f"{outcome}, {name}" for name in question.articles)]
        sorts += [question.unanswerable] if question.unanswerable else []
        sorts += ["disagreement"] if question.disagreement else []
        for sort in sorts:
            counts[sort][question.split] += 1
    for sort, halves in counts.items():
        if abs(halves["open"] - halves["locked"]) > APART:
            yield f"{sort}: {halves['open']} open, {halves['locked']} locked; more than {APART} apart"


# --- showing ---------------------------------------------------------------------------------------------------------


def table(questions: Sequence[Question]) -> list[str]:
    """How many of each sort, a line each: open, locked, both."""
    answered = [one for one in questions if one.answerable]
    refused = [one for one in questions if not one.answerable]
    return [
        f"{'':<34}{'open':>8}{'locked':>8}{'both':>8}",
        _row("questions", questions),
        _row("to be answered", answered),
        *(_row(f"  {kind}", [one for one in answered if one.kind == kind]) for kind in KINDS),
        _row("  articles disagree", [one for one in answered if _disputed_in(one) > 1]),
        _row("  one article has two versions", [one for one in answered if _disputed_in(one) == 1]),
        _row("  gold in more than one article", [one for one in answered if len(one.articles) > 1]),
        _row("to be refused", refused),
        *(_row(f"  {kind}", [one for one in refused if one.kind == kind]) for kind in KINDS),
        *(_row(f"  {sort}", [one for one in refused if one.unanswerable == sort]) for sort in UNANSWERABLE),
    ]


def _row(name: str, questions: Sequence[Question]) -> str:
    halves = Counter(one.split for one in questions)
    return f"{name:<34}" + "".join(f"{halves[half]:>8}" for half in HALVES) + f"{len(questions):>8}"


def _disputed_in(question: Question) -> int:
    """How many articles the sides of its disagreement stand in; 0 where there is none."""
    return len({side.article for side in question.disagreement})
