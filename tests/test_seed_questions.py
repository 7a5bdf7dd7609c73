"""The seed questions hold: exact gold spans of body text, and two halves of the same mix."""

from __future__ import annotations

from collections import Counter

import pytest

from eval.seeds import (
    ALWAYS_ONE,
    BASELINE,
    HALVES,
    QUESTIONS,
    SEEDS,
    Baseline,
    Gold,
    Question,
    data_hashes,
    load_questions,
    normalised,
    seed_texts,
)
from rag.clean import read_page

ASKED = load_questions(QUESTIONS)
ANSWERABLE = [question for question in ASKED if question.answerable]
TEXTS = seed_texts(SEEDS)
KINDS = {"who", "what", "when", "where", "how many", "why", "yes/no"}
"""What `eval/questions/README.md` lists."""


def spans(question: Question) -> tuple[Gold, ...]:
    return (*question.gold, *question.disagreement)


def by_id(question: Question) -> str:
    return question.id


def test_there_are_questions_to_answer_and_questions_to_refuse() -> None:
    assert Counter(question.answerable for question in ASKED) == {True: 65, False: 26}


def test_ids_and_questions_are_unique() -> None:
    assert len({question.id for question in ASKED}) == len({question.question for question in ASKED}) == len(ASKED)


@pytest.mark.parametrize("question", ANSWERABLE, ids=by_id)
def test_every_span_is_exact(question: Question) -> None:
    assert [TEXTS[span.article][span.start : span.end] for span in spans(question)] == [
        span.quote for span in spans(question)
    ]
    assert all(span.quote.strip() == span.quote != "" for span in spans(question))


@pytest.mark.parametrize("question", ANSWERABLE, ids=by_id)
def test_every_span_is_body_text(question: Question) -> None:
    for span in spans(question):
        for skipped in read_page(TEXTS[span.article]).skipped:
            assert span.end <= skipped.start or skipped.end <= span.start, span.quote


@pytest.mark.parametrize("question", ANSWERABLE, ids=by_id)
def test_an_answerable_question_has_gold_in_the_right_articles(question: Question) -> None:
    assert {span.article for span in question.gold} == set(question.articles) != set()


@pytest.mark.parametrize("question", ANSWERABLE, ids=by_id)
def test_some_gold_span_holds_an_accepted_string_and_each_string_is_normalised(question: Question) -> None:
    read = "|".join(normalised(span.quote) for span in question.gold)
    assert any(normalised(one) in read for one in question.accepted)
    assert [normalised(one).strip() for one in question.accepted] == list(question.accepted)


def test_a_question_to_refuse_has_no_gold() -> None:
    refused = [question for question in ASKED if not question.answerable]
    assert all((one.gold, one.accepted, one.articles, one.disagreement) == ((), (), (), ()) for one in refused)


def test_a_disagreement_has_two_sides_at_least() -> None:
    sides = [len(set(question.disagreement)) for question in ASKED if question.disagreement]
    assert len(sides) >= 10
    assert min(sides) >= 2


def test_a_topic_stays_in_one_half() -> None:
    assert len({(question.topic, question.split) for question in ASKED}) == len({one.topic for one in ASKED})


def test_the_halves_hold_the_same_mix() -> None:
    """Numbers of questions by outcome, kind and article differ by two at most."""
    mixes = {half: Counter[object]() for half in HALVES}
    for question in ASKED:
        mixes[question.split].update((question.answerable, (question.answerable, question.kind), *question.articles))
    assert all(abs(mixes["open"][one] - mixes["locked"][one]) <= 2 for one in mixes["open"] | mixes["locked"])


@pytest.mark.parametrize("half", HALVES)
def test_each_half_covers_every_article_and_every_kind(half: str) -> None:
    mine = [question for question in ANSWERABLE if question.split == half]
    assert {name for question in mine for name in question.articles} == set(TEXTS)
    assert {question.kind for question in mine} == KINDS


def test_the_baseline_was_pinned_on_these_files() -> None:
    assert Baseline.read(BASELINE).hashes == data_hashes(), "see: python -m eval.seeds"


def test_the_floors_of_what_is_promised_are_one() -> None:
    floors = Baseline.read(BASELINE).floors
    assert set(floors) == {"hybrid", "lexical"}
    for halves in floors.values():
        assert set(halves) == set(HALVES)
        assert all(halves[half][name] == 1.0 for half in HALVES for name in ALWAYS_ONE)
