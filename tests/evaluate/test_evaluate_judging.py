"""One answer held against its question; every expected value is worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from two_articles import (
    DENIED,
    DISPUTED,
    FIVE,
    HELD,
    HOW_MANY,
    NORTH,
    NORTH_ID,
    REFERENCES,
    SIX,
    UNHURT,
    WHO_DIED,
    answer,
    judged,
    locked,
)

from rag.evaluate.expected import Expected, Place
from rag.evaluate.figures import figures
from rag.evaluate.judging import Judged
from rag.evaluate.measures import ALWAYS_ONE, Measure
from rag.types import REFUSAL, Answer, Citation, Disagreement, Reference, ShortAnswer, Side, Statement, StatementKind


def values(*found: Judged) -> dict[str, float]:
    """The figures that are shares, those that are 1 left out."""
    measured = figures(found)
    return {name: measured[name].value for name in Measure if measured[name].count and measured[name].value != 1.0}


RIGHT = [judged(HOW_MANY, FIVE), judged(WHO_DIED), judged(DISPUTED, FIVE, DENIED)]
"""An answer, a refusal and both sides of a dispute; the denial overlaps no gold span."""
NO_SHORT = {"short answer exact": 0.0, "short answer token F1": 0.0}
"""None of the answers has a short one, where one is expected."""


def test_the_spans_of_these_tests_are_exact() -> None:
    assert all(HELD.text(one.article)[one.start : one.end] == one.quote for one in (FIVE, DENIED, SIX, UNHURT))


def test_right_answers_and_right_refusals_score_one() -> None:
    assert values(*RIGHT[:2]) == NO_SHORT
    assert [one.right for one in RIGHT] == [True, True, True]
    assert [one.faults for one in RIGHT] == [(), (), ()]


def test_a_citation_beside_the_gold_lowers_citation_precision_alone() -> None:
    assert values(*RIGHT) == {**NO_SHORT, "citation precision": 2 / 3}


def test_a_shifted_quote_is_not_exact() -> None:
    found = judged(HOW_MANY, replace(FIVE, start=1, end=27))
    assert values(found)["quotes exact"] == 0.0
    assert "a quote is not exact" in found.faults


@pytest.mark.parametrize(
    "change",
    [
        lambda cited: replace(cited, version="0" * 64),
        lambda cited: replace(cited, article="c" * 16),
        lambda cited: replace(cited, start=5, end=5, quote=""),
        lambda cited: replace(cited, start=-58, end=-32),
        lambda cited: replace(cited, quote=cited.quote.replace("Five", "Nine")),
        lambda cited: replace(cited, prefix="No: "),
        lambda cited: replace(cited, suffix=" The army agreed"),
    ],
    ids=["another version", "unknown article", "empty", "negative offsets", "other words", "before it", "after it"],
)
def test_what_does_not_stand_there_is_not_exact(change: Callable[[Citation], Citation]) -> None:
    made = answer(FIVE)
    assert judged(HOW_MANY, replace(made, citations=(change(made.citations[0]),))).shares[Measure.EXACT].part == 0


def test_a_quote_of_an_article_that_the_answer_does_not_describe_is_not_exact() -> None:
    assert judged(HOW_MANY, replace(answer(FIVE), articles={})).shares[Measure.EXACT].part == 0


def test_what_stands_around_a_quote_may_be_told() -> None:
    made = answer(DENIED)
    around = replace(made.citations[0], prefix="fell at dawn. ", suffix=" ")
    assert judged(HOW_MANY, replace(made, citations=(around,))).shares[Measure.EXACT].part == 1


# -- what is shown beside the statements -------------------------------------------------------------------------------


def test_citations_that_nothing_names_earn_no_gold_and_are_a_fault() -> None:
    """A wrong answer, padded with the right article: it stays wrong."""
    why = replace(HOW_MANY, question=replace(HOW_MANY.question, kind="why"))
    wrong, padding = answer(SIX), answer(SIX, FIVE, DENIED)
    padded = judged(why, replace(wrong, citations=padding.citations))
    assert not padded.right
    assert [padded.shares[one].part for one in (Measure.GOLD_CITED, Measure.RECALL, Measure.IN_QUOTE)] == [0, 0, 0]
    assert (padded.shares[Measure.PRECISION].part, padded.shares[Measure.PRECISION].whole) == (0, 3)
    assert (padded.shares[Measure.USED].part, padded.shares[Measure.USED].whole) == (1, 3)
    assert "a citation that nothing uses" in padded.faults


def test_what_only_a_disagreement_quotes_earns_sides_and_no_gold() -> None:
    sides = (Side(FIVE.quote, (2,)), Side(DENIED.quote, (3,)))
    made = replace(answer(SIX), citations=answer(SIX, FIVE, DENIED).citations)
    found = judged(DISPUTED, replace(made, disagreements=(Disagreement("rockets", sides),)))
    assert [found.shares[one].part for one in (Measure.GOLD_CITED, Measure.SIDES, Measure.USED)] == [0, 2, 3]


def test_sixty_words_of_all_that_disagreements_quote_count() -> None:
    long = "word " * 60 + NORTH
    first, gold = Place(NORTH_ID, 0, 299, long[:299]), Place(NORTH_ID, 300, 326, FIVE.quote)
    held = replace(DISPUTED, sides=((gold,),))
    made = replace(
        answer(SIX),
        citations=answer(SIX, first, gold).citations,
        disagreements=(Disagreement("rockets", (Side(first.quote, (2,)), Side(gold.quote, (3,)))),),
    )
    assert judged(held, made).shares[Measure.SIDES].part == 0


def test_a_refusal_earns_nothing_by_what_stands_beside_it() -> None:
    found = judged(HOW_MANY, replace(answer(FIVE), answered=False, text=REFUSAL))
    nothing = (Measure.IN_ANSWER, Measure.IN_QUOTE, Measure.GOLD_CITED, Measure.RECALL, Measure.ARTICLE_FIRST)
    assert [found.shares[one].part for one in (*nothing, Measure.USED, Measure.PRINTED)] == [0] * 7
    assert "a refusal that claims something: statements, citations" in found.faults


@pytest.mark.parametrize(
    ("text", "as_stated"),
    [
        (f"{FIVE.quote} [1] {DENIED.quote} [2]", True),
        (f"{FIVE.quote} [1]\n\n{DENIED.quote} [2]\n", True),
        (f"{FIVE.quote} [2] {DENIED.quote} [1]", False),
        (f"{FIVE.quote} {DENIED.quote}", False),
        (f"{FIVE.quote} [1]", False),
        (f"{FIVE.quote} [1] {DENIED.quote} [2] And more.", False),
        ("Nine rockets fell. [1] The army agreed. [2]", False),
        ("", False),
    ],
    ids=["as it is", "in paragraphs", "other marks", "no marks", "one left out", "one more", "others", "nothing"],
)
def test_the_text_is_the_statements_with_their_marks(text: str, as_stated: bool) -> None:
    found = judged(DISPUTED, replace(answer(FIVE, DENIED), text=text))
    assert found.shares[Measure.PRINTED].part == as_stated
    assert ("the text is not what the statements say" in found.faults) is not as_stated


def test_two_marks_of_one_statement_are_read_however_they_are_set() -> None:
    both = (Statement(FIVE.quote, (1, 2)),)
    for marks in ("[1][2]", "[1] [2]", "[1, 2]"):
        made = replace(answer(FIVE, FIVE), statements=both, text=f"{FIVE.quote} {marks}")
        assert judged(HOW_MANY, made).shares[Measure.PRINTED].part == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda known: replace(known, publisher="The Daily Invention"),
        lambda known: replace(known, title="Another"),
        lambda known: replace(known, url="https://invented.example"),
        lambda known: replace(known, authors=("Nobody",)),
        lambda known: replace(known, published="1999"),
    ],
    ids=["publisher", "title", "URL", "author", "date"],
)
def test_an_article_is_described_as_the_corpus_has_it(change: Callable[[Reference], Reference]) -> None:
    forged = {**REFERENCES, NORTH_ID: change(REFERENCES[NORTH_ID])}
    found = judged(HOW_MANY, replace(answer(FIVE), articles=forged))
    assert (found.shares[Measure.REFERENCES].part, found.shares[Measure.REFERENCES].whole) == (1, 2)
    assert found.faults == ("an article is not described as the corpus has it",)


def test_a_publisher_that_the_answer_made_up_bears_no_statement_out() -> None:
    """Prose may name who published its article, as the corpus knows it, not as the answer says."""
    prose = (Statement("Five rockets fell at dawn, The Invention reported.", (1,), StatementKind.GENERATED),)
    forged = {**REFERENCES, NORTH_ID: replace(REFERENCES[NORTH_ID], publisher="The Invention")}
    found = judged(HOW_MANY, replace(answer(FIVE), statements=prose, articles=forged))
    assert found.shares[Measure.SUPPORTED].part == 0


def test_a_statement_said_again_is_not_supported() -> None:
    found = judged(HOW_MANY, answer(FIVE, FIVE, FIVE))
    assert (found.shares[Measure.SUPPORTED].part, found.shares[Measure.SUPPORTED].whole) == (1, 3)
    assert "a statement goes beyond its quotes: it was said before" in found.faults


@pytest.mark.parametrize(
    ("sides", "right"),
    [(((1,), (2,)), 1), (((1,), (1,)), 0), (((1,),), 0), (((1,), (3,)), 0), (((1,), (2,), (3,)), 0)],
    ids=["both", "one twice", "one alone", "another instead", "another beside them"],
)
def test_a_disagreement_is_right_where_its_sides_are_the_question_s(
    sides: tuple[tuple[int, ...], ...], right: int
) -> None:
    quoted = (FIVE, DENIED, SIX)
    shown = Disagreement("rockets", tuple(Side(quoted[one[0] - 1].quote, one) for one in sides))
    found = judged(DISPUTED, replace(answer(*quoted), disagreements=(shown,)))
    assert found.shares[Measure.DISAGREED].part == right
    assert ("a disagreement that is none" in found.faults) is not bool(right)
    assert judged(HOW_MANY, replace(answer(*quoted), disagreements=(shown,))).shares[Measure.DISAGREED].part == 0


def test_where_no_disagreement_is_shown_none_is_measured() -> None:
    assert Measure.DISAGREED not in judged(DISPUTED, FIVE).shares


@pytest.mark.parametrize(("start", "golden"), [(14, 0), (13, 1)])
def test_a_citation_is_precise_where_it_shares_half_of_the_shorter(start: int, golden: int) -> None:
    """The gold span has 26 code points, the quote more."""
    long = Place(NORTH_ID, start, 57, NORTH[start:57])
    assert judged(HOW_MANY, long).shares[Measure.PRECISION].part == golden


@pytest.mark.parametrize("numbers", [(), (7,), (1, 7)])
def test_a_statement_without_a_citation_or_with_one_that_does_not_exist_is_not_cited(numbers: tuple[int, ...]) -> None:
    found = judged(HOW_MANY, replace(answer(FIVE), statements=(Statement(FIVE.quote, numbers),)))
    assert found.shares[Measure.CITED].part == 0
    assert "a statement without citation" in found.faults


def test_a_side_of_a_disagreement_is_held_to_its_citation_like_a_statement() -> None:
    sides = (Side(FIVE.quote, (1,)), Side("Nobody knows.", (2,)))
    told = replace(answer(FIVE, DENIED), disagreements=(Disagreement("rockets", sides),))
    found = judged(DISPUTED, told).shares[Measure.SUPPORTED]
    assert (found.part, found.whole) == (3, 4)


def test_a_citation_to_the_wrong_article_earns_nothing_of_the_gold() -> None:
    found = judged(HOW_MANY, SIX)
    lowered = ("citation precision", "citation recall", "right article first", "gold in answer", "gold in a quote")
    assert values(found) == {**NO_SHORT, **dict.fromkeys((*lowered, "gold span cited"), 0.0)}
    assert found.faults == ("no accepted string", "gold not cited", "another article first")
    assert not found.right


def test_the_right_article_second_lowers_right_article_first() -> None:
    assert values(judged(HOW_MANY, SIX, FIVE)) == {**NO_SHORT, "citation precision": 0.5, "right article first": 0.0}


def test_first_is_the_lowest_number_not_the_first_in_the_list() -> None:
    made = answer(FIVE, SIX)
    assert judged(HOW_MANY, replace(made, citations=made.citations[::-1])).shares[Measure.ARTICLE_FIRST].part == 1


def test_an_answer_to_an_unanswerable_question_lowers_refusal_recall() -> None:
    wrong = judged(WHO_DIED, UNHURT)
    assert values(judged(HOW_MANY, FIVE), judged(WHO_DIED), wrong) == {
        **NO_SHORT, "refusal recall": 0.5, "refusal F1": 2 / 3, "citation precision": 0.5,
    }  # fmt: skip
    assert wrong.faults == ("answered, though no article does",)
    assert not wrong.right


def test_a_refused_answerable_question_is_wrong_in_all_that_it_left_unanswered() -> None:
    refused = judged(HOW_MANY)
    found = values(refused, judged(WHO_DIED))
    assert found["refusal precision"] == 0.5
    assert found["refusal F1"] == 2 / 3
    assert [found[name] for name in ("gold in answer", "gold span cited", "right article first")] == [0, 0, 0]
    assert refused.faults == ("refused",)


@pytest.mark.parametrize(("end", "cited"), [(12, False), (13, True)])
def test_half_of_the_gold_span_has_to_be_cited(end: int, cited: bool) -> None:
    """The gold span has 26 code points."""
    found = judged(HOW_MANY, Place(NORTH_ID, 0, end, NORTH[:end]))
    assert found.shares[Measure.GOLD_CITED].part == cited
    assert found.shares[Measure.PRECISION].part == 1


def test_two_quarters_in_two_citations_do_not_make_a_half() -> None:
    quarters = [Place(NORTH_ID, 0, 7, NORTH[:7]), Place(NORTH_ID, 7, 14, NORTH[7:14])]
    assert judged(HOW_MANY, *quarters).shares[Measure.GOLD_CITED].part == 0


def test_a_clause_that_stands_twice_is_cited_at_either_place_and_counts_once() -> None:
    twice = replace(HOW_MANY, gold=((SIX, FIVE),))
    found = judged(twice, FIVE).shares[Measure.RECALL]
    assert (found.part, found.whole) == (1, 1)


def test_of_two_clauses_one_cited_is_half_of_the_recall() -> None:
    two = replace(HOW_MANY, gold=((FIVE,), (DENIED,)))
    assert values(judged(two, FIVE)) == {**NO_SHORT, "citation recall": 0.5}


def test_one_side_of_two_is_half_of_the_sides() -> None:
    found = judged(DISPUTED, FIVE)
    assert values(found) == {**NO_SHORT, "sides shown": 0.5}
    assert found.faults == ("a side is missing",)


def says(text: str) -> Answer:
    return replace(answer(FIVE), statements=(Statement(text, (1,), StatementKind.GENERATED),))


def test_the_accepted_string_counts_within_sixty_words_and_as_whole_words() -> None:
    def found(text: str) -> float:
        return judged(HOW_MANY, says(text)).shares[Measure.IN_ANSWER].part

    assert found("word " * 58 + "“five\xa0Rockets”")
    assert not found("word " * 59 + "five rockets")
    assert not found("Twenty-five rocketsful")
    assert found("Twenty-five rockets")  # the hyphen is a space: an accepted string has to be chosen with care


def test_what_is_quoted_beyond_sixty_words_earns_nothing() -> None:
    """Or whoever quotes whole articles would cite every gold span."""
    long = "word " * 60 + NORTH
    gold = Place(NORTH_ID, 300, 326, FIVE.quote)
    held = type(HELD)({NORTH_ID: long})
    assert held.text(NORTH_ID)[300:326] == gold.quote
    expected = replace(HOW_MANY, gold=((gold,),))
    whole = judged(expected, replace(FIVE, start=0, end=len(long), quote=long))
    near = judged(expected, replace(FIVE, start=295, end=len(long), quote=long[295:]))
    assert [one.shares[Measure.GOLD_CITED].part for one in (whole, near)] == [0, 1]
    assert [one.shares[Measure.IN_QUOTE].part for one in (whole, near)] == [0, 1]


@pytest.mark.parametrize(
    ("text", "start", "end", "exact", "match"),
    [("Five", 0, 4, 2, 1.0), ("Five", 1, 5, 1, 1.0), ("Five rockets", 0, 12, 2, 0.0), ("The", 27, 30, 1, 0.0)],
    ids=["right", "shifted", "too long", "outside the quote"],
)
def test_a_short_answer_is_exact_inside_its_quote_and_matched(
    text: str, start: int, end: int, exact: int, match: float
) -> None:
    found = judged(HOW_MANY, replace(answer(FIVE), short_answer=ShortAnswer(text, 1, start, end)))
    assert found.shares[Measure.EXACT].part == exact
    assert found.shares[Measure.EXACT].whole == 2
    assert found.shares[Measure.EXACT_MATCH].part == match


def test_no_short_answer_and_a_refusal_are_the_empty_string() -> None:
    assert [judged(HOW_MANY, made).shares[Measure.TOKEN_F1].part for made in (answer(FIVE), answer())] == [0, 0]
    assert Measure.TOKEN_F1 not in judged(WHO_DIED).shares


def test_why_and_yes_no_are_right_by_what_they_cite() -> None:
    """The words of a yes/no answer prove little: "five rockets" stands in an answer that cites the other article."""
    made = replace(answer(SIX), statements=(Statement("Five rockets fell.", (1,), StatementKind.GENERATED),))
    asked = replace(HOW_MANY, question=replace(HOW_MANY.question, kind="yes/no"))
    found = judged(asked, made)
    assert found.shares[Measure.IN_ANSWER].part == 1
    assert found.shares[Measure.EVIDENCE].part == 0
    assert not found.right
    assert judged(HOW_MANY, made).right
    assert Measure.EVIDENCE not in judged(HOW_MANY, made).shares


def test_what_the_question_does_not_say_is_not_measured() -> None:
    bare = Expected(replace(HOW_MANY.question, accepted=(), short=()))
    found = judged(bare, SIX)
    told = (*ALWAYS_ONE, Measure.SUPPORTED)
    refusing = (Measure.REFUSAL_PRECISION, Measure.REFUSAL_RECALL, Measure.REFUSAL_F1)
    assert set(found.shares) == {*told, *refusing}
    assert found.right  # it was to be answered, and was


def test_of_a_locked_question_no_word_is_kept() -> None:
    found = judged(locked(HOW_MANY), SIX)
    assert (found.faults, found.shown) == ((), None)
    assert found.shares == judged(HOW_MANY, SIX).shares


def test_an_excerpt_holds_quotes_and_gold_where_they_stand() -> None:
    shown = judged(HOW_MANY, SIX).shown
    assert shown is not None
    assert {one.article: HELD.text(one.article)[one.start : one.start + len(one.text)] for one in shown.excerpts} == {
        one.article: one.text for one in shown.excerpts
    }
    assert [one.article for one in shown.excerpts] == [SIX.article, NORTH_ID]


def test_of_gold_that_stands_everywhere_a_few_places_are_shown() -> None:
    many = replace(HOW_MANY, gold=(tuple(replace(FIVE, start=n, end=n + 1) for n in range(26)),))
    cited, elsewhere = judged(many, FIVE).shown, judged(many, SIX).shown
    assert cited is not None
    assert elsewhere is not None
    assert (len(cited.gold), len(elsewhere.gold)) == (26, 2)
