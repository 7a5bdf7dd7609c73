"""Can the evaluation fail? Real answers to the seed questions, injured; every injury has to be seen.

Each mutation does one thing to one answer and names the measures that have to fall for it; those that concern all
answers together have to break a floor. Two controls change nothing that matters and may not be seen. An injury that is
not seen, and a control that is, is a fault of the evaluation. Locked questions are injured like the others, and
not shown.
"""

from __future__ import annotations

import re
from calendar import day_name, month_name
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eval.gate import Baseline
from rag import speakers
from rag.evaluate.figures import figures
from rag.evaluate.judging import Asked, Judged, judge
from rag.evaluate.measures import Measure
from rag.evaluate.running import Answered
from rag.sentences import sentences
from rag.split import passages
from rag.types import REFUSAL, Answer, Citation, Statement, StatementKind, text_version


@dataclass(frozen=True, slots=True)
class Held:
    """The articles' texts by id."""

    texts: Mapping[str, str]

    def text(self, article: str) -> str:
        """The text of the article with this id; empty where there is none."""
        return self.texts.get(article, "")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One injury. `injure` gives the injured answer, or None where it cannot be done to this one."""

    name: str
    injure: Callable[[Answered, Held], Answer | None]
    seen_by: tuple[Measure, ...]
    """At least one of them has to fall; none for a control, of which nothing may fall."""
    needed: bool = True
    """Whether some answer has to offer itself to it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a mutation."""

    name: str
    tried: int
    caught: int
    by: tuple[str, ...]
    """The measures that fell, or the floors that broke."""
    is_control: bool
    needed: bool

    @property
    def holds(self) -> bool:
        """Whether it went as it has to."""
        return (
            (self.caught == 0)
            if self.is_control
            else (self.caught == self.tried and (self.tried > 0 or not self.needed))
        )


def tried(answered: Sequence[Answered], held: Held, floors: Mapping[str, Mapping[str, float]]) -> list[Tried]:
    """Every mutation, tried on every answer that it can be done to. `floors`: those of the answers' mode, by split."""
    return [*(_tried(one, answered, held) for one in MUTATIONS), *_together(answered, held, floors)]


def problems(found: Sequence[Tried]) -> list[str]:
    """A line for each mutation that did not go as it has to."""
    return [
        f"mutation {one.name!r}: "
        + ("seen, though nothing was wrong" if one.is_control else f"caught {one.caught} of {one.tried}")
        for one in found
        if not one.holds
    ]


def lines(found: Sequence[Tried]) -> list[str]:
    """The table, a line for each mutation."""
    return [f"{'mutation':<48}{'caught':>12}  by", *map(_line, found)]


def _line(one: Tried) -> str:
    said = f"{one.caught} of {one.tried}" if one.tried else "none to try"
    return f"{one.name:<48}{said:>12}  {', '.join(one.by)}{'' if one.holds else '   <- NOT AS IT HAS TO BE'}"


def _tried(mutation: Mutation, answered: Sequence[Answered], held: Held) -> Tried:
    by, count, caught = Counter[str](), 0, 0
    for one in answered:
        injured = mutation.injure(one, held)
        if injured is None:
            continue
        count += 1
        fallen = _fallen(one, judge(one.expected, replace(one.asked, answer=injured), held), held)
        seen = [measure for measure in fallen if measure in mutation.seen_by or not mutation.seen_by]
        caught += bool(seen)
        by.update(seen)
    names = tuple(name for name, _ in by.most_common())
    return Tried(mutation.name, count, caught, names, not mutation.seen_by, mutation.needed)


def _fallen(one: Answered, injured: Judged, held: Held) -> list[Measure]:
    """The measures that are lower than they were."""
    before = judge(one.expected, one.asked, held).shares
    return [
        measure
        for measure, share in injured.shares.items()
        if (old := before.get(measure))
        and share.whole
        and (not old.whole or share.part / share.whole < old.part / old.whole)
        and share.part < share.whole
    ]


# -- one answer ----------------------------------------------------------------------------------------------------


def _same(one: Answered, held: Held) -> Answer | None:
    return one.asked.answer if one.asked.answer.answered else None


def _as_prose(one: Answered, held: Held) -> Answer | None:
    """The very words of the quotes, said to be a model's."""
    return _stated(one.asked.answer, lambda statement: statement.text)


def _shifted(one: Answered, held: Held) -> Answer | None:
    return _cited(one.asked.answer, lambda cited: replace(cited, start=cited.start + 1, end=cited.end + 1))


def _shifted_whole(one: Answered, held: Held) -> Answer | None:
    """Exact where it stands, and no longer what the statement says."""

    def shift(cited: Citation) -> Citation:
        start, end = cited.start + 1, cited.end + 1
        return replace(cited, start=start, end=end, quote=held.text(cited.article)[start:end])

    return _cited(one.asked.answer, shift)


def _other_digit(text: str) -> str | None:
    match = re.search(r"\d", text)
    return match and f"{text[: match.start()]}{(int(match[0]) + 1) % 10}{text[match.end() :]}"


def _digit(one: Answered, held: Held) -> Answer | None:
    return _worded(one.asked.answer, _other_digit, quotes_too=True)


def _digit_in_statement(one: Answered, held: Held) -> Answer | None:
    return _worded(one.asked.answer, _other_digit)


def _digit_in_prose(one: Answered, held: Held) -> Answer | None:
    return _stated(one.asked.answer, lambda statement: _other_digit(statement.text))


def _negated(text: str) -> str | None:
    """With a "not" more, or one less."""
    if " not " in text:
        return text.replace(" not ", " ", 1)
    match = re.search(r" (?:was|were|has|have|had|is|are|will|would)(?= )", text)
    return match and f"{text[: match.end()]} not{text[match.end() :]}"


def _negated_prose(one: Answered, held: Held) -> Answer | None:
    return _stated(one.asked.answer, lambda statement: _negated(statement.text))


def _speaker_in_both(one: Answered, held: Held) -> Answer | None:
    swapped = _swapped(one.asked.answer, held)
    if swapped is None:
        return None
    old, new = swapped
    return _worded(one.asked.answer, lambda text: text.replace(old, new) if old in text else None, quotes_too=True)


def _speaker_in_prose(one: Answered, held: Held) -> Answer | None:
    """ "X said …" becomes "Y said …"; Y stands in the quote, too, where it names another."""
    answer = one.asked.answer

    def swap(statement: Statement) -> str | None:
        names = _names(answer, statement, held)
        said = speakers.speaker(statement.text, 0, len(statement.text))
        return f"{statement.text[: said.start]}{names[1]}{statement.text[said.end :]}" if names and said else None

    return _stated(answer, swap)


def _speaker_field(one: Answered, held: Held) -> Answer | None:
    answer = one.asked.answer
    for place, statement in enumerate(answer.statements):
        names = _names(answer, statement, held)
        if names:
            changed = replace(statement, speaker=names[1])
            return replace(answer, statements=(*answer.statements[:place], changed, *answer.statements[place + 1 :]))
    return None


def _swapped(answer: Answer, held: Held) -> tuple[str, str] | None:
    return next(filter(None, (_names(answer, statement, held) for statement in answer.statements)), None)


_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")

_DATES = frozenset((*month_name, *day_name))


def _names(answer: Answer, statement: Statement, held: Held) -> tuple[str, str] | None:
    """Who is said to say so, and somebody else: of the same quote if it names another, else of the article."""
    said = speakers.speaker(statement.text, 0, len(statement.text))
    if said is None or said.resolved:
        return None
    text = held.text(next(one.article for one in answer.citations if one.number in statement.citations))
    every = (speakers.speaker(text, span.start, span.end) for span in sentences(text))
    candidates = [*_NAME.findall(statement.text), *(found.name for found in every if found)]
    taken = {*said.name.split(), *_DATES}
    return next(((said.name, name) for name in candidates if not taken & set(name.split())), None)


def _other_article(one: Answered, held: Held) -> Answer | None:
    """The same words and offsets, another article."""
    answer = one.asked.answer

    def move(cited: Citation) -> Citation:
        other = next(name for name in held.texts if name != cited.article)
        return replace(cited, article=other, version=text_version(held.text(other)))

    moved = _cited(answer, move)
    known = {name: replace(next(iter(answer.articles.values())), id=name) for name in held.texts}
    return moved and replace(moved, articles={**known, **answer.articles})


def _other_words(one: Answered, held: Held) -> Answer | None:
    """An exact sentence of an article that does not count, in place of an answer that was right."""
    answer = one.asked.answer
    wrong = next((name for name in held.texts if name not in one.expected.articles), None)
    if not answer.answered or not one.judged.right or not one.expected.gold or wrong is None:
        return None
    text = held.text(wrong)
    span = passages(text, ())[0].sentences[0]
    cited = Citation(1, wrong, text_version(text), span.start, span.end, text[span.start : span.end])
    said = Statement(" ".join(cited.quote.split()), (1,))
    known = {**answer.articles, wrong: replace(next(iter(answer.articles.values())), id=wrong)}
    return replace(answer, statements=(said,), citations=(cited,), articles=known, short_answer=None, disagreements=())


def _whole_article(one: Answered, held: Held) -> Answer | None:
    """Everything quoted, so that gold is in it: beyond the words that count."""
    answer = one.asked.answer
    first = answer.citations[0] if answer.citations else None
    if first is None or not one.judged.right or first.article not in one.expected.articles:
        return None
    text = held.text(first.article)
    ahead = [len(text[: place.start].split()) for clause in one.expected.gold for place in clause]
    if not ahead or min(ahead) < 60:
        return None
    cited = replace(first, number=1, start=0, end=len(text), quote=text)
    said = Statement(" ".join(text.split()), (1,))
    return replace(answer, statements=(said,), citations=(cited,), short_answer=None, disagreements=())


def _dropped(one: Answered, held: Held) -> Answer | None:
    answer = one.asked.answer
    bare = tuple(replace(statement, citations=()) for statement in answer.statements[:1])
    return replace(answer, statements=(*bare, *answer.statements[1:])) if bare else None


def _dangling(one: Answered, held: Held) -> Answer | None:
    answer = one.asked.answer
    wild = tuple(replace(statement, citations=(99,)) for statement in answer.statements[:1])
    return replace(answer, statements=(*wild, *answer.statements[1:])) if wild else None


def _forged(one: Answered, held: Held) -> Answer | None:
    return _cited(one.asked.answer, lambda cited: replace(cited, version="0" * 64))


def _short(one: Answered, held: Held) -> Answer | None:
    answer = one.asked.answer
    if answer.short_answer is None:
        return None
    return replace(answer, short_answer=replace(answer.short_answer, text=answer.short_answer.text + "0"))


def _invented(one: Answered, held: Held) -> Answer | None:
    """What nothing answers, answered with the nearest passage."""
    answer = one.asked.answer
    if one.expected.question.answerable or answer.answered or not answer.passages:
        return None
    hit = answer.passages[0]
    span = hit.passage.sentences[0]
    text = held.text(hit.article.id)
    cited = Citation(1, hit.article.id, hit.article.version, span.start, span.end, text[span.start : span.end])
    said = Statement(" ".join(cited.quote.split()), (1,))
    return replace(answer, answered=True, text=said.text, statements=(said,), citations=(cited,))


def _refused(one: Answered, held: Held) -> Answer | None:
    return refusal(one.asked.answer) if one.judged.right and one.expected.question.answerable else None


def _buried(one: Answered, held: Held) -> Answer | None:
    """Sixty words of talk before the answer."""
    answer = one.asked.answer
    if not one.judged.shares.get(Measure.IN_ANSWER) or not one.judged.shares[Measure.IN_ANSWER].part:
        return None
    talk = Statement("Well, " * 60 + answer.statements[0].text, answer.statements[0].citations)
    return replace(answer, statements=(talk, *answer.statements[1:]))


def refusal(answer: Answer) -> Answer:
    """The answer, refused."""
    return replace(
        answer, answered=False, text=REFUSAL, statements=(), citations=(), short_answer=None, disagreements=()
    )


MUTATIONS = (
    Mutation("control: nothing changed", _same, ()),
    Mutation("control: the quotes' words, as prose", _as_prose, ()),
    Mutation("a quote's offsets shifted by one", _shifted, (Measure.EXACT,)),
    Mutation("a quote shifted by one, words and offsets", _shifted_whole, (Measure.SUPPORTED,)),
    Mutation("a changed digit in statement and quote", _digit, (Measure.EXACT,)),
    Mutation("a changed digit in the statement", _digit_in_statement, (Measure.SUPPORTED,)),
    Mutation("a changed digit in prose", _digit_in_prose, (Measure.SUPPORTED,)),
    Mutation("a swapped speaker in statement and quote", _speaker_in_both, (Measure.EXACT,)),
    Mutation("a swapped speaker in prose", _speaker_in_prose, (Measure.SUPPORTED,)),
    Mutation("a speaker named who did not say so", _speaker_field, (Measure.SUPPORTED,)),
    Mutation("a not more or less in prose", _negated_prose, (Measure.SUPPORTED,)),
    Mutation("a citation to another article", _other_article, (Measure.EXACT,)),
    Mutation("an exact quote of another article", _other_words, (Measure.GOLD_CITED, Measure.ARTICLE_FIRST)),
    Mutation("the whole article for a quote", _whole_article, (Measure.GOLD_CITED, Measure.IN_ANSWER)),
    Mutation("a dropped citation", _dropped, (Measure.CITED,)),
    Mutation("a citation that does not exist", _dangling, (Measure.CITED,)),
    Mutation("another version of the article", _forged, (Measure.EXACT,)),
    Mutation("a short answer that is not in the quote", _short, (Measure.EXACT,), needed=False),
    Mutation("an answer to an unanswerable question", _invented, (Measure.REFUSAL_RECALL,)),
    Mutation("a right answer refused", _refused, (Measure.GOLD_CITED, Measure.IN_ANSWER, Measure.ARTICLE_FIRST)),
    Mutation("the answer after sixty words of talk", _buried, (Measure.IN_ANSWER,)),
)


def _cited(answer: Answer, change: Callable[[Citation], Citation]) -> Answer | None:
    """With the first citation changed."""
    if not answer.citations:
        return None
    return replace(answer, citations=(change(answer.citations[0]), *answer.citations[1:]))


def _worded(answer: Answer, change: Callable[[str], str | None], *, quotes_too: bool = False) -> Answer | None:
    """With the words of the first statement changed that can be; with `quotes_too` those of its quotes as well."""
    for place, statement in enumerate(answer.statements):
        text = change(statement.text)
        if text is None:
            continue
        statements = (*answer.statements[:place], replace(statement, text=text), *answer.statements[place + 1 :])
        citations = tuple(
            replace(one, quote=change(one.quote) or one.quote)
            if quotes_too and one.number in statement.citations
            else one
            for one in answer.citations
        )
        return replace(answer, statements=statements, citations=citations)
    return None


def _stated(answer: Answer, change: Callable[[Statement], str | None]) -> Answer | None:
    """With every statement a model's prose, and the first changed that can be."""
    for place, statement in enumerate(answer.statements):
        text = change(statement)
        if text is not None:
            prose = [replace(each, kind=StatementKind.GENERATED) for each in answer.statements]
            prose[place] = replace(prose[place], text=text)
            return replace(answer, statements=tuple(prose))
    return None


# -- all answers together ------------------------------------------------------------------------------------------


def _together(answered: Sequence[Answered], held: Held, floors: Mapping[str, Mapping[str, float]]) -> Iterator[Tried]:
    """What one answer cannot show: every split's floors have to break. Where none are pinned, nothing is tried."""
    changes: tuple[tuple[str, Callable[[Answered], Asked]], ...] = (
        ("a refusal of everything", lambda one: replace(one.asked, answer=refusal(one.asked.answer))),
        ("one answer to everything", lambda one: replace(one.asked, answer=_one_answer(one, answered))),
    )
    for name, change in changes:
        judged = [judge(one.expected, change(one), held) for one in answered]
        broken, by = 0, Counter[str]()
        for split in floors:
            measured = figures([one for one in judged if one.split == split])
            ranked = {name: value for name, value in floors[split].items() if "Hit@" not in name}
            lines = [
                line
                for line in Baseline(floors={"": {split: ranked}}).below({"": {split: measured}})
                if "below" in line
            ]
            broken += bool(lines)
            by.update(line.split(": ", 1)[1].partition(" is ")[0] for line in lines)
        yield Tried(name, len(floors), broken, tuple(measure for measure, _ in by.most_common()), False, needed=False)


def _one_answer(one: Answered, answered: Sequence[Answered]) -> Answer:
    first = next(each.asked.answer for each in answered if each.asked.answer.answered)
    return replace(first, question=one.expected.question.question)
