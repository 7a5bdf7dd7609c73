"""The metrics of the seed questions, on answers made by hand; every expected value is worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.seeds import (
    Asked,
    Baseline,
    Figures,
    Gold,
    Half,
    Judged,
    Question,
    as_json,
    ask,
    by_half,
    failure_lines,
    harmonic_mean,
    judge,
    load_questions,
    measure,
    normalised,
    overlap,
    table,
)
from rag.types import REFUSAL, Answer, Citation, ProducedBy, Reference, Statement

#        0         1         2         3         4         5
#        0123456789012345678901234567890123456789012345678901234567
NORTH = "Five rockets fell at dawn. The army denied that any fell. "
SOUTH = "Six rockets fell at noon. No one was hurt in the south."
TEXTS = {"north.txt": NORTH, "south.txt": SOUTH}
IDS = {"north.txt": "a" * 16, "south.txt": "b" * 16}

FIVE = Gold("north.txt", 0, 26, "Five rockets fell at dawn.")
DENIED = Gold("north.txt", 27, 57, "The army denied that any fell.")
SIX = Gold("south.txt", 0, 25, "Six rockets fell at noon.")
UNHURT = Gold("south.txt", 26, 55, "No one was hurt in the south.")

HOW_MANY = Question(
    id="q1",
    topic="rockets",
    question="How many missiles came down in the north?",
    kind="how many",
    answerable=True,
    split="open",
    gold=(FIVE,),
    accepted=("five rockets",),
    articles=("north.txt",),
)
WHO_DIED = Question(id="q2", topic="dead", question="Who died?", kind="who", answerable=False, split="open")
DISPUTED = replace(HOW_MANY, id="q3", disagreement=(FIVE, DENIED))


def answer(*quoted: Gold) -> Asked:
    """One statement for each quote, with its citation; a refusal where there is none."""
    return Asked(
        Answer(
            question="",
            answered=bool(quoted),
            text=" ".join(f"{one.quote} [{n}]" for n, one in enumerate(quoted, 1)) or REFUSAL,
            statements=tuple(Statement(one.quote, (n,)) for n, one in enumerate(quoted, 1)),
            citations=tuple(
                Citation(n, IDS[one.article], "0" * 64, one.start, one.end, one.quote)
                for n, one in enumerate(quoted, 1)
            ),
            passages=(),
            articles={IDS[name]: Reference(IDS[name], "0" * 64, name, path=f"/somewhere/{name}") for name in TEXTS},
            produced_by=ProducedBy("0", "0"),
        ),
        seconds=0.5,
    )


def judged(question: Question, *quoted: Gold) -> Judged:
    return judge(question, answer(*quoted), TEXTS)


PERFECT = Figures(
    exact_quotes=1.0,
    cited_statements=1.0,
    gold_in_answer=1.0,
    gold_cited=1.0,
    right_article_first=1.0,
    citation_precision=1.0,
    sides_cited=1.0,
    refusal_precision=1.0,
    refusal_recall=1.0,
    refusal_f1=1.0,
)
RIGHT = [judged(HOW_MANY, FIVE), judged(WHO_DIED), judged(DISPUTED, FIVE, DENIED)]
"""An answer, a refusal and both sides of a dispute; the denial overlaps no gold span."""
MEASURED = replace(PERFECT, citation_precision=2 / 3)


def test_the_spans_of_these_tests_are_exact() -> None:
    assert all(TEXTS[one.article][one.start : one.end] == one.quote for one in (FIVE, DENIED, SIX, UNHURT))


def test_right_answers_and_right_refusals_score_one() -> None:
    assert measure(RIGHT[:2]) == PERFECT
    assert [one.faults for one in RIGHT] == [(), (), ()]


def test_a_citation_beside_the_gold_lowers_citation_precision_alone() -> None:
    assert measure(RIGHT) == MEASURED


def test_a_shifted_quote_lowers_exact_quotes_alone() -> None:
    shifted = replace(FIVE, start=1, end=27)
    found = [judged(HOW_MANY, shifted), *RIGHT[1:]]
    assert measure(found) == replace(MEASURED, exact_quotes=2 / 3)
    assert found[0].faults == ("a quote is not exact",)


def test_a_quote_of_an_article_that_the_answer_does_not_describe_is_not_exact() -> None:
    asked = answer(FIVE)
    assert judge(HOW_MANY, replace(asked, answer=replace(asked.answer, articles={})), TEXTS).exact == 0


def test_an_empty_quote_is_not_exact() -> None:
    assert judged(HOW_MANY, Gold("north.txt", 5, 5, "")).exact == 0


@pytest.mark.parametrize("numbers", [(), (7,), (1, 7)])
def test_a_statement_without_a_citation_or_with_one_that_does_not_exist_lowers_cited_statements(
    numbers: tuple[int, ...],
) -> None:
    asked = answer(FIVE)
    broken = replace(asked, answer=replace(asked.answer, statements=(Statement(FIVE.quote, numbers),)))
    found = judge(HOW_MANY, broken, TEXTS)
    assert measure([found]) == replace(PERFECT, cited_statements=0.0)
    assert found.faults == ("a statement without citation",)


def test_a_citation_to_the_wrong_article_lowers_article_citation_and_gold() -> None:
    found = [judged(HOW_MANY, SIX), *RIGHT[1:]]
    assert measure(found) == replace(
        MEASURED, gold_in_answer=1 / 2, gold_cited=1 / 2, right_article_first=1 / 2, citation_precision=1 / 3
    )
    assert found[0].faults == ("no accepted string", "gold not cited", "another article first")


def test_the_right_article_second_lowers_right_article_first() -> None:
    found = measure([judged(HOW_MANY, SIX, FIVE)])
    assert found == replace(PERFECT, right_article_first=0.0, citation_precision=1 / 2)


def test_first_is_the_lowest_number_not_the_first_in_the_list() -> None:
    asked = answer(FIVE, SIX)
    turned = replace(asked, answer=replace(asked.answer, citations=asked.answer.citations[::-1]))
    assert judge(HOW_MANY, turned, TEXTS).right_article_first


def test_an_answer_to_an_unanswerable_question_lowers_refusal_recall() -> None:
    found = [judged(HOW_MANY, FIVE), judged(WHO_DIED), judged(WHO_DIED, UNHURT)]
    assert measure(found) == replace(PERFECT, refusal_recall=1 / 2, refusal_f1=2 / 3)
    assert found[2].faults == ("answered, though no article does",)


def test_a_refused_answerable_question_lowers_refusal_precision_and_what_it_left_unanswered() -> None:
    found = [judged(HOW_MANY), judged(WHO_DIED)]
    assert measure(found) == replace(
        PERFECT,
        gold_in_answer=0.0,
        gold_cited=0.0,
        right_article_first=0.0,
        refusal_precision=1 / 2,
        refusal_f1=2 / 3,
    )
    assert found[0].faults == ("refused",)


def test_nothing_rightly_refused_makes_f1_zero() -> None:
    found = measure([judged(HOW_MANY), judged(WHO_DIED, UNHURT)])
    assert (found.refusal_precision, found.refusal_recall, found.refusal_f1) == (0.0, 0.0, 0.0)


def test_one_side_of_two_lowers_sides_cited() -> None:
    found = judged(DISPUTED, FIVE)
    assert measure([found]) == replace(PERFECT, sides_cited=0.0)
    assert found.faults == ("a side is missing",)


@pytest.mark.parametrize(("end", "cited"), [(12, False), (13, True)])
def test_half_of_the_gold_span_has_to_be_cited(end: int, cited: bool) -> None:
    """The gold span has 26 code points."""
    assert judged(HOW_MANY, Gold("north.txt", 0, end, FIVE.quote[:end])).gold_cited is cited


def test_two_quarters_in_two_citations_do_not_make_a_half() -> None:
    quarters = [Gold("north.txt", 0, 7, NORTH[:7]), Gold("north.txt", 7, 14, NORTH[7:14])]
    assert not judged(HOW_MANY, *quarters).gold_cited


def test_the_accepted_string_counts_within_sixty_words_and_as_whole_words() -> None:
    def says(text: str) -> bool:
        asked = answer(FIVE)
        made = replace(asked.answer, statements=(Statement(text, (1,)),))
        return judge(HOW_MANY, replace(asked, answer=made), TEXTS).gold_in_answer

    assert says("word " * 58 + "“five\xa0Rockets”")
    assert not says("word " * 59 + "five rockets")
    assert not says("Twenty-five rocketsful")
    assert says("Twenty-five rockets")  # the hyphen is a space: an accepted string has to be chosen with care


def test_normalised() -> None:
    assert normalised("“Hashd al-Sha’abi”,  5,200_men") == " hashd al sha abi 5 200 men "


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (Gold("north.txt", 20, 30, ""), 6),
        (Gold("north.txt", 26, 30, ""), 0),
        (Gold("north.txt", 40, 50, ""), 0),
        (Gold("south.txt", 0, 26, ""), 0),
    ],
)
def test_overlap(other: Gold, shared: int) -> None:
    assert overlap(FIVE, other) == overlap(other, FIVE) == shared


def test_harmonic_mean() -> None:
    assert harmonic_mean(0.5, 1.0) == 2 / 3
    assert harmonic_mean(0.0, 0.0) == 0.0


def test_halves_are_measured_apart_and_together() -> None:
    locked = judged(replace(HOW_MANY, id="q4", split="locked"))
    halves = by_half([judged(HOW_MANY, FIVE), locked])
    assert {name: (half.questions, half.figures.gold_cited) for name, half in halves.items()} == {
        "open": (1, 1.0),
        "locked": (1, 0.0),
        "both": (2, 0.5),
    }
    assert halves["both"].seconds == 0.5


def test_the_table_shows_open_locked_and_both() -> None:
    halves = by_half([judged(HOW_MANY, FIVE), judged(replace(HOW_MANY, split="locked"))])
    assert "gold cited               1.000   0.000   0.500" in table("lexical", halves)


def test_of_the_locked_half_nothing_is_shown() -> None:
    found = [judged(WHO_DIED, UNHURT), judged(replace(HOW_MANY, id="q5", question="Secret?", split="locked"))]
    assert failure_lines("lexical", found) == [
        "lexical: 1 open questions went wrong:",
        "  q2  Who died?  (answered, though no article does)",
    ]
    shown = as_json({"lexical": by_half(found)}, {"lexical": found}, {})
    assert json.loads(shown)["open_failures"] == {"lexical": {"q2": ["answered, though no article does"]}}
    assert "Secret?" not in shown
    assert "q5" not in shown


# --- floors ----------------------------------------------------------------------------------------------------------


def measured(figures: Figures) -> dict[str, dict[str, Half]]:
    return {"lexical": {half: Half(figures, 1, 0.0) for half in ("open", "locked", "both")}}


HASHES = {"seeds.jsonl": "1"}
PINNED = Baseline({}, {}).updated(measured(MEASURED), HASHES, margin=0.0, lower=False)


def test_present_figures_hold_their_own_floors() -> None:
    assert PINNED.floors["lexical"]["open"]["citation_precision"] == 0.6666
    assert PINNED.problems(measured(MEASURED), HASHES) == []


def test_a_figure_below_its_floor_is_a_problem_in_each_half() -> None:
    assert PINNED.problems(measured(replace(MEASURED, gold_cited=0.5)), HASHES) == [
        "lexical, open: gold_cited is 0.5000, below its floor of 1.0000",
        "lexical, locked: gold_cited is 0.5000, below its floor of 1.0000",
    ]


def test_other_data_is_a_problem_that_says_what_to_do() -> None:
    (line,) = PINNED.problems(measured(MEASURED), {"seeds.jsonl": "2"})
    assert line.startswith("seeds.jsonl: not the file")
    assert "--update-baseline" in line


def test_without_a_baseline_there_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    (line,) = Baseline.read(tmp_path / "none.json").problems(measured(MEASURED), HASHES)
    assert "--update-baseline" in line


def test_a_mode_that_has_no_floors_is_a_problem() -> None:
    found = PINNED.problems({"hybrid": measured(MEASURED)["lexical"]}, HASHES)
    assert found[0] == "hybrid, open: exact_quotes has no floor; pin it with: python -m eval.seeds --update-baseline"


def test_floors_rise_and_never_fall_unless_asked() -> None:
    mixed = measured(replace(MEASURED, gold_cited=0.5, citation_precision=0.75))
    kept = PINNED.updated(mixed, HASHES, margin=0.0, lower=False).floors["lexical"]["open"]
    fallen = PINNED.updated(mixed, HASHES, margin=0.0, lower=True).floors["lexical"]["open"]
    assert (kept["gold_cited"], kept["citation_precision"]) == (1.0, 0.75)
    assert (fallen["gold_cited"], fallen["citation_precision"]) == (0.5, 0.75)


def test_a_margin_is_taken_off_all_but_what_is_promised() -> None:
    floors = Baseline({}, {}).updated(measured(MEASURED), HASHES, margin=0.05, lower=False).floors["lexical"]["open"]
    assert (floors["exact_quotes"], floors["cited_statements"]) == (1.0, 1.0)
    assert (floors["gold_cited"], floors["citation_precision"]) == (0.95, 0.6166)


def test_floors_of_a_mode_that_was_not_measured_stay() -> None:
    both = PINNED.updated({"hybrid": measured(MEASURED)["lexical"]}, HASHES, margin=0.0, lower=True)
    assert both.floors["lexical"] == PINNED.floors["lexical"]


def test_a_baseline_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    PINNED.write(tmp_path / "baseline.json")
    assert Baseline.read(tmp_path / "baseline.json") == PINNED
    assert [file.name for file in tmp_path.iterdir()] == ["baseline.json"]


# --- reading and asking ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"id": "q", "expect": "perhaps"}'])
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(line + "\n", "utf-8")
    with pytest.raises(ValueError, match=r"questions\.jsonl:1: not a question"):
        load_questions(file)


def test_questions_are_asked_of_the_seeds_in_order(tmp_path: Path) -> None:
    asked = ask([HOW_MANY, WHO_DIED], "lexical", tmp_path)
    assert [one.answer.id for one in asked] == ["q1", "q2"]
    assert all(hit.article.publisher or hit.article.path for one in asked for hit in one.answer.passages)
    assert len({reference.path for one in asked for reference in one.answer.articles.values()}) > 1
