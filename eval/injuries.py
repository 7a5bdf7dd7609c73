"""Ways to injure a real answer, one thing at a time.

Each takes an answered question and gives the injured answer, or None where it cannot be done to this one. Knows nothing
of what sees it: that is `eval.mutations`.
"""

from __future__ import annotations

import re
from calendar import day_name, month_name
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from rag import speakers
from rag.evaluate.measures import Measure
from rag.evaluate.running import Answered
from rag.sentences import sentences
from rag.split import passages
from rag.types import (
    REFUSAL,
    Answer,
    Citation,
    Disagreement,
    Reference,
    Side,
    Statement,
    StatementKind,
    text_version,
)


@dataclass(frozen=True, slots=True)
class Held:
    """The articles' texts and references by id."""

    texts: Mapping[str, str]
    references: Mapping[str, Reference]

    def text(self, article: str) -> str:
        """The text of the article with this id; empty where there is none."""
        return self.texts.get(article, "")

    def reference(self, article: str) -> Reference | None:
        """What the corpus says of the article with this id; None where there is none."""
        return self.references.get(article)


def same(one: Answered, held: Held) -> Answer | None:
    return one.asked.answer if one.asked.answer.answered else None


def as_prose(one: Answered, held: Held) -> Answer | None:
    """The very words of the quotes, said to be a model's."""
    return _stated(one.asked.answer, lambda statement: statement.text)


def shifted(one: Answered, held: Held) -> Answer | None:
    return _cited(one.asked.answer, lambda cited: replace(cited, start=cited.start + 1, end=cited.end + 1))


def shifted_whole(one: Answered, held: Held) -> Answer | None:
    """Exact where it stands, and no longer what the statement says."""

    def shift(cited: Citation) -> Citation:
        start, end = cited.start + 1, cited.end + 1
        return replace(cited, start=start, end=end, quote=held.text(cited.article)[start:end])

    return _cited(one.asked.answer, shift)


def _other_digit(text: str) -> str | None:
    match = re.search(r"\d", text)
    return match and f"{text[: match.start()]}{(int(match[0]) + 1) % 10}{text[match.end() :]}"


def digit(one: Answered, held: Held) -> Answer | None:
    return _worded(one.asked.answer, _other_digit, quotes_too=True)


def digit_in_statement(one: Answered, held: Held) -> Answer | None:
    return _worded(one.asked.answer, _other_digit)


def digit_in_prose(one: Answered, held: Held) -> Answer | None:
    return _stated(one.asked.answer, lambda statement: _other_digit(statement.text))


def _negated(text: str) -> str | None:
    """With a "not" more, or one less."""
    if " not " in text:
        return text.replace(" not ", " ", 1)
    match = re.search(r" (?:was|were|has|have|had|is|are|will|would)(?= )", text)
    return match and f"{text[: match.end()]} not{text[match.end() :]}"


def negated_prose(one: Answered, held: Held) -> Answer | None:
    return _stated(one.asked.answer, lambda statement: _negated(statement.text))


def speaker_in_both(one: Answered, held: Held) -> Answer | None:
    swapped = _swapped(one.asked.answer, held)
    if swapped is None:
        return None
    old, new = swapped
    return _worded(one.asked.answer, lambda text: text.replace(old, new) if old in text else None, quotes_too=True)


def speaker_in_prose(one: Answered, held: Held) -> Answer | None:
    """ "X said …" becomes "Y said …"; Y stands in the quote, too, where it names another."""
    answer = one.asked.answer

    def swap(statement: Statement) -> str | None:
        names = _names(answer, statement, held)
        said = speakers.speaker(statement.text, 0, len(statement.text))
        return f"{statement.text[: said.start]}{names[1]}{statement.text[said.end :]}" if names and said else None

    return _stated(answer, swap)


FORMS = (
    "{}: “{}”",
    "“{}” was {}’s answer.",
    "“{}”, in the words of {}.",
    "{} is quoted as saying: “{}”",
    "For {}, “{}”",
    "{} answered: “{}”",
)
"""Other ways to say whose words they are; written apart from what reads them."""


def speaker_in_another_form(one: Answered, held: Held) -> Answer | None:
    """The words between quotation marks, given to somebody else in one of `FORMS`, by turns."""
    answer = one.asked.answer
    form = FORMS[len(answer.question) % len(FORMS)]

    def swap(statement: Statement) -> str | None:
        names, words = _names(answer, statement, held), re.search(r"[“\"]([^“”\"]{20,}?)[,.]?[”\"]", statement.text)
        if names is None or words is None:
            return None
        return form.format(words[1], names[1]) if form.startswith("“") else form.format(names[1], words[1])

    return _stated(answer, swap)


def swapped_figures(one: Answered, held: Held) -> Answer | None:
    """Two counts of a quote, each before the other's word."""

    def swap(statement: Statement) -> str | None:
        text = statement.text
        for first, second in pairwise(_COUNT.finditer(text)):
            if first["number"] != second["number"] and first["word"] != second["word"]:
                between, rest = text[first.end("number") : second.start()], text[second.end("number") :]
                return f"{text[: first.start()]}{second['number']}{between}{first['number']}{rest}"
        return None

    return _stated(one.asked.answer, swap)


_COUNT = re.compile(
    r"(?<![\w.,-])(?P<number>\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten) (?P<word>[a-z]{4,})"
)


def speaker_field(one: Answered, held: Held) -> Answer | None:
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


def other_article(one: Answered, held: Held) -> Answer | None:
    """The same words and offsets, another article."""
    answer = one.asked.answer

    def move(cited: Citation) -> Citation:
        other = next(name for name in held.texts if name != cited.article)
        return replace(cited, article=other, version=text_version(held.text(other)))

    moved = _cited(answer, move)
    return moved and replace(moved, articles={**held.references, **answer.articles})


def other_words(one: Answered, held: Held) -> Answer | None:
    """An exact sentence of an article that does not count, in place of an answer that was right."""
    answer = one.asked.answer
    wrong = next((name for name in held.texts if name not in one.expected.articles), None)
    if not answer.answered or not one.judged.right or not one.expected.gold or wrong is None:
        return None
    text = held.text(wrong)
    span = passages(text, ())[0].sentences[0]
    cited = Citation(1, wrong, text_version(text), span.start, span.end, text[span.start : span.end])
    said = Statement(" ".join(cited.quote.split()), (1,))
    known = {**answer.articles, wrong: held.references[wrong]}
    return replace(answer, statements=(said,), citations=(cited,), articles=known, short_answer=None, disagreements=())


def padded(one: Answered, held: Held) -> Answer | None:
    """All of the right articles, in citations that no statement names."""
    answer = one.asked.answer
    wanted = sorted(one.expected.articles)
    if not answer.answered or not wanted:
        return None
    number, more, known = len(answer.citations), list[Citation](), dict(answer.articles)
    for article in wanted:
        text, known[article] = held.text(article), held.references[article]
        for span in [span for passage in passages(text, ()) for span in passage.sentences]:
            number += 1
            quote = text[span.start : span.end]
            more.append(Citation(number, article, text_version(text), span.start, span.end, quote))
    return replace(answer, citations=(*answer.citations, *more), articles=known)


def whole_article(one: Answered, held: Held) -> Answer | None:
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


def dropped(one: Answered, held: Held) -> Answer | None:
    answer = one.asked.answer
    bare = tuple(replace(statement, citations=()) for statement in answer.statements[:1])
    return replace(answer, statements=(*bare, *answer.statements[1:])) if bare else None


def dangling(one: Answered, held: Held) -> Answer | None:
    answer = one.asked.answer
    wild = tuple(replace(statement, citations=(99,)) for statement in answer.statements[:1])
    return replace(answer, statements=(*wild, *answer.statements[1:])) if wild else None


def forged(one: Answered, held: Held) -> Answer | None:
    return _cited(one.asked.answer, lambda cited: replace(cited, version="0" * 64))


def short(one: Answered, held: Held) -> Answer | None:
    answer = one.asked.answer
    if answer.short_answer is None:
        return None
    return replace(answer, short_answer=replace(answer.short_answer, text=answer.short_answer.text + "0"))


def invented(one: Answered, held: Held) -> Answer | None:
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


def refused(one: Answered, held: Held) -> Answer | None:
    return refusal(one.asked.answer) if one.judged.right and one.expected.question.answerable else None


def half_refused(one: Answered, held: Held) -> Answer | None:
    """Refused in words, with all that was answered still beside it."""
    answer = one.asked.answer
    return replace(answer, answered=False, text=REFUSAL) if one.judged.right and answer.citations else None


def half_refused_by_citations(one: Answered, held: Held) -> Answer | None:
    """Refused in words, with nothing but the citations beside it."""
    answer = one.asked.answer
    return replace(refusal(answer), citations=answer.citations) if one.judged.right and answer.citations else None


def buried(one: Answered, held: Held) -> Answer | None:
    """Sixty words of talk before the answer."""
    answer = one.asked.answer
    if not one.judged.shares.get(Measure.IN_ANSWER) or not one.judged.shares[Measure.IN_ANSWER].part:
        return None
    talk = Statement("Well, " * 60 + answer.statements[0].text, answer.statements[0].citations)
    return replace(answer, statements=(talk, *answer.statements[1:]))


def another_text(one: Answered, held: Held) -> Answer | None:
    """What is printed is an invention; statements and citations are as they were."""
    answer = one.asked.answer
    return replace(answer, text="Nobody knows. [1]") if answer.answered else None


def more_text(one: Answered, held: Held) -> Answer | None:
    answer = one.asked.answer
    return replace(answer, text=f"{answer.text} Nobody knows more. [1]") if answer.answered else None


def another_publisher(one: Answered, held: Held) -> Answer | None:
    return _described(one.asked.answer, lambda known: replace(known, publisher="The Daily Invention"))


def another_title(one: Answered, held: Held) -> Answer | None:
    return _described(one.asked.answer, lambda known: replace(known, title="What nobody wrote"))


def another_url(one: Answered, held: Held) -> Answer | None:
    return _described(one.asked.answer, lambda known: replace(known, url="https://invented.example/story"))


def another_author(one: Answered, held: Held) -> Answer | None:
    return _described(one.asked.answer, lambda known: replace(known, authors=("A. N. Inventor",)))


def another_date(one: Answered, held: Held) -> Answer | None:
    return _described(one.asked.answer, lambda known: replace(known, published="1999-12-31"))


def another_prefix(one: Answered, held: Held) -> Answer | None:
    return _cited(one.asked.answer, lambda cited: replace(cited, prefix="He never said: "))


def another_suffix(one: Answered, held: Held) -> Answer | None:
    return _cited(one.asked.answer, lambda cited: replace(cited, suffix=" Nobody believed it."))


def invented_disagreement(one: Answered, held: Held) -> Answer | None:
    """Two sentences that do not differ, told as sides."""
    answer = one.asked.answer
    if len(answer.statements) < 2 or one.expected.sides:
        return None
    sides = tuple(Side(statement.text, statement.citations) for statement in answer.statements[:2])
    return replace(answer, disagreements=(Disagreement("what happened", sides),))


def repeated(one: Answered, held: Held) -> Answer | None:
    """The first statement five times, printed as often."""
    answer = one.asked.answer
    if not answer.statements:
        return None
    said = answer.statements[0]
    again = f" {said.text} " + "".join(f"[{number}]" for number in said.citations)
    return replace(answer, text=answer.text + 4 * again, statements=(*answer.statements, *[said] * 4))


def refusal(answer: Answer) -> Answer:
    """The answer, refused."""
    return replace(
        answer, answered=False, text=REFUSAL, statements=(), citations=(), short_answer=None, disagreements=()
    )


# -- helpers -------------------------------------------------------------------------------------------------------


def _cited(answer: Answer, change: Callable[[Citation], Citation]) -> Answer | None:
    """With the first citation changed."""
    if not answer.citations:
        return None
    return replace(answer, citations=(change(answer.citations[0]), *answer.citations[1:]))


def _described(answer: Answer, change: Callable[[Reference], Reference]) -> Answer | None:
    """With the article of the first citation described otherwise."""
    if not answer.citations:
        return None
    name = answer.citations[0].article
    return replace(answer, articles={**answer.articles, name: change(answer.articles[name])})


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
