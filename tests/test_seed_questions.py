"""The seed questions hold, and what holds them to their README sees each way in which a line can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.questions.__main__ import QUESTIONS, SEEDS, main
from eval.questions.check import KINDS, Question, check, of_all, of_one, read_question, read_seeds, table

Line = dict[str, Any]

LINES: dict[str, Line] = {line["id"]: line for line in map(json.loads, QUESTIONS.read_text("utf-8").splitlines())}
TEXTS = read_seeds(SEEDS)
FIRST, SECOND = list(TEXTS)[:2]

DATED, DISPUTED, REFUSED = "seeds-024", "seeds-001", "seeds-066"
"""Of the open half: a date that two articles give; one article's two versions; a near miss."""


def written(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False)


def broken(name: str, change: Callable[[Line], object]) -> Line:
    """A copy of the line after `change`."""
    line: Line = json.loads(written(LINES[name]))
    change(line)
    return line


def span(article: str, start: int, end: int) -> Line:
    return {"article": article, "start": start, "end": end, "quote": TEXTS[article].text[start:end]}


def standing(article: str, quote: str) -> Line:
    start = TEXTS[article].text.index(quote)
    return span(article, start, start + len(quote))


def shift(line: Line, by: int) -> None:
    line["gold"][0]["start"] += by
    line["gold"][0]["end"] += by


def widen(line: Line) -> None:
    """By the white space before the first gold span, quote and all."""
    gold = line["gold"][0]
    line["gold"][0] = span(gold["article"], gold["start"] - 1, gold["end"])


# --- the file as it is -----------------------------------------------------------------------------------------------


def test_the_seed_questions_hold() -> None:
    assert check(QUESTIONS, SEEDS).problems == ()


def test_the_readme_gives_the_counts_that_the_checker_prints() -> None:
    shown = "\n".join(table(check(QUESTIONS, SEEDS).questions))
    assert shown in (QUESTIONS.parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize("half", ["open", "locked"])
def test_each_half_covers_every_article_every_kind_and_every_reason_to_refuse(half: str) -> None:
    mine = [line for line in LINES.values() if line["split"] == half]
    assert {name for line in mine for name in line["articles"]} == set(TEXTS)
    assert {line["kind"] for line in mine if line["expect"] == "answer"} == set(KINDS)
    assert {line["kind"] for line in mine if line["expect"] == "refuse"} == set(KINDS)
    assert {line.get("unanswerable") for line in mine} == {None, "near miss", "wrong premise", "other topic"}
    assert sum("disagreement" in line for line in mine) >= 5


def test_most_of_what_is_to_be_refused_is_a_near_miss() -> None:
    refused = [line["unanswerable"] for line in LINES.values() if line["expect"] == "refuse"]
    assert refused.count("near miss") > 2 * (len(refused) - refused.count("near miss"))


# --- one line --------------------------------------------------------------------------------------------------------

FAULTS: list[tuple[str, Callable[[Line], object], str]] = [
    (DATED, lambda line: line.update(kind="which"), "kind is 'which', none of who, what"),
    (DATED, lambda line: line.update(split="both"), "split is 'both', none of open, locked"),
    (REFUSED, lambda line: line.update(expect="skip"), "expect is 'skip', none of answer, refuse"),
    (DATED, lambda line: shift(line, 1), "is not 'On 8 January"),
    (DATED, lambda line: line["gold"][0].update(start=-1), "is not 'On 8 January"),
    (DATED, lambda line: line["gold"][0].update(quote="", start=9, end=9), "[9:9] is not ''"),
    (DATED, lambda line: line["gold"][0].update(quote="on 8 January"), "is not 'on 8 January'"),
    (DISPUTED, lambda line: line["disagreement"][1].update(end=1), "is not '“Claims about"),
    (DATED, widen, "white space at an end of '\\nOn 8 January"),
    (DATED, lambda line: line["gold"].append(span(FIRST, 103, 172)), "not body text: 'Conflicting News"),
    (DATED, lambda line: line["gold"][0].update(article="other.txt"), "other.txt is not among the articles"),
    (DATED, lambda line: line.update(gold=[]), "to be answered, and without gold"),
    (DATED, lambda line: line["gold"].append(line["gold"][0]), "the same gold span twice"),
    (DATED, lambda line: line["articles"].pop(), "gold in articles that do not count: 003_"),
    (DATED, lambda line: line["articles"].append("other.txt"), "no such articles: other.txt"),
    (DATED, lambda line: line.update(unanswerable="near miss"), "to be answered, and said to be unanswerable"),
    (DATED, lambda line: line["gold"].append(standing(SECOND, "Iran’s")), "too and is not gold there: 'Iran’s'"),
    (DATED, lambda line: line["accepted"].append("8 January"), "accepted string not normalised: '8 January'"),
    (DATED, lambda line: line["accepted"].append(""), "accepted string not normalised: ''"),
    (DATED, lambda line: line["accepted"].append("8 jan"), "accepted string in no gold quote: '8 jan'"),
    (DATED, lambda line: line["accepted"].remove("8 january"), "gold quote without accepted string: 'On 8"),
    (DATED, lambda line: line["short"].append("8 january"), "short answer in no gold quote: '8 january'"),
    (DATED, lambda line: line["short"].append(" "), "short answer in no gold quote: ' '"),
    (DATED, lambda line: line["short"].remove("8 January"), "gold quote without short answer: 'On 8"),
    (DATED, lambda line: line.update(short=[]), "a when question without short answers"),
    (DISPUTED, lambda line: line.update(short=["two rockets"]), "a yes/no question with short answers"),
    (DISPUTED, lambda line: line["disagreement"].pop(), "a disagreement of one side"),
    (
        DISPUTED,
        lambda line: line["disagreement"].append(standing(FIRST, "intercepted two rockets")),
        "sides of the disagreement overlap",
    ),
    (DISPUTED, lambda line: line.update(gold=LINES[DATED]["gold"]), "no side of the disagreement is gold"),
    (REFUSED, lambda line: line.update(gold=LINES[DATED]["gold"]), "to be refused, and with gold"),
    (REFUSED, lambda line: line.update(accepted=["8 january"]), "to be refused, and with accepted"),
    (REFUSED, lambda line: line.update(short=["8 January"]), "to be refused, and with short"),
    (REFUSED, lambda line: line.update(articles=[FIRST]), "to be refused, and with articles"),
    (REFUSED, lambda line: line.update(disagreement=LINES[DISPUTED]["gold"]), "to be refused, and with disagreement"),
    (REFUSED, lambda line: line.update(unanswerable="hard"), "unanswerable is 'hard', none of near miss"),
    (REFUSED, lambda line: line.pop("unanswerable"), "unanswerable is None, none of near miss"),
]


@pytest.mark.parametrize(("name", "change", "fault"), FAULTS, ids=[fault for _, _, fault in FAULTS])
def test_a_wrong_line_is_told(name: str, change: Callable[[Line], object], fault: str) -> None:
    assert not list(of_one(read_question(written(LINES[name])), TEXTS))
    assert any(fault in told for told in of_one(read_question(written(broken(name, change))), TEXTS))


def test_an_article_may_count_as_right_without_a_gold_span_in_it() -> None:
    line = broken(DATED, lambda line: line["articles"].append(FIRST))
    assert not list(of_one(read_question(written(line)), TEXTS))


UNREADABLE: list[tuple[Callable[[Line], object], str]] = [
    (lambda line: line.pop("short"), "no short"),
    (lambda line: line.update(answer="yes"), "unknown: answer"),
    (lambda line: line.update(topic=" "), "not a text: topic"),
    (lambda line: line.update(id=24), "not a text: id"),
    (lambda line: line.update(accepted="8 january"), "not a list of texts: accepted"),
    (lambda line: line.update(short=[8]), "not a list of texts: short"),
    (lambda line: line.update(gold=[["a"]]), "gold is not a list of"),
    (lambda line: line.update(gold=None), "gold is not a list of"),
    (lambda line: line.update(disagreement=[{"quote": "8 January"}]), "disagreement is not a list of"),
    (lambda line: line["gold"][0].update(start="352"), "gold: article and quote are to be texts"),
    (lambda line: line["gold"][0].update(article=[FIRST]), "gold: article and quote are to be texts"),
]


@pytest.mark.parametrize(("change", "fault"), UNREADABLE, ids=[fault for _, fault in UNREADABLE])
def test_a_line_that_is_no_question_says_why(change: Callable[[Line], object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_question(written(broken(DATED, change)))


@pytest.mark.parametrize(("line", "fault"), [("{", "not JSON"), ("[]", "not a JSON object")])
def test_a_line_that_is_no_object_says_so(line: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_question(line)


# --- all lines -------------------------------------------------------------------------------------------------------


def questions(*lines: Line) -> list[Question]:
    return [read_question(written(line)) for line in lines]


def test_two_questions_of_one_id_are_told() -> None:
    other = broken("seeds-043", lambda line: line.update(id=DATED))
    assert list(of_all(questions(LINES[DATED], other))) == [f"{DATED}: an id of 2 questions"]


@pytest.mark.parametrize(
    "asked",
    [
        "on what date did Tehran avenge SULEIMANI, by attacking American run bases",
        "On what day did Tehran avenge Soleimani by attacking American-run bases?",
    ],
)
def test_a_question_nearly_asked_before_is_told(asked: str) -> None:
    other = broken(DATED, lambda line: line.update(id="seeds-999", question=asked))
    assert list(of_all(questions(LINES[DATED], other))) == [f"seeds-999: nearly the question of {DATED}"]


def test_a_topic_in_both_halves_is_told() -> None:
    other = broken(REFUSED, lambda line: line.update(topic="january-8", split="locked"))
    assert list(of_all(questions(LINES[DATED], other))) == ["topic january-8: in both halves"]


def test_evidence_of_both_halves_is_told() -> None:
    moved = {"id": "seeds-999", "topic": "other", "question": "When was the base bombarded?", "split": "locked"}
    other = broken(DATED, lambda line: line.update(moved))
    assert list(of_all(questions(LINES[DATED], other))) == [f"seeds-999: gold that {DATED} of the other half has"]


def test_halves_more_than_two_apart_are_told() -> None:
    near = [line for line in LINES.values() if line.get("unanswerable") == "near miss" and line["split"] == "open"]
    kinds = ["who", "what", "when"]
    three = [{**line, "kind": kind} for line, kind in zip(near[:3], kinds, strict=True)]
    assert not list(of_all(questions(*three[:2])))
    assert list(of_all(questions(*three))) == [
        "refuse: 3 open, 0 locked; more than 2 apart",
        "near miss: 3 open, 0 locked; more than 2 apart",
    ]


def test_disagreements_kinds_and_articles_are_balanced_too() -> None:
    disputed = [LINES[name] for name in ("seeds-001", "seeds-022", "seeds-047", "seeds-094")]
    told = list(of_all(questions(*disputed)))
    assert "disagreement: 4 open, 0 locked; more than 2 apart" in told
    assert "answer, yes/no: 4 open, 0 locked; more than 2 apart" in told
    assert not any(FIRST in one for one in told)
    one_article = [{**line, "articles": [FIRST]} for line in disputed]
    assert f"answer, {FIRST}: 4 open, 0 locked; more than 2 apart" in list(of_all(questions(*one_article)))


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_table_counts_by_outcome_kind_and_half() -> None:
    shown = table(questions(LINES[DATED], LINES[DISPUTED], {**LINES[REFUSED], "split": "locked"}))
    counts = [line.rsplit(maxsplit=3) for line in shown[1:]]
    assert [(name.strip(), *map(int, rest)) for name, *rest in counts if rest[-1] != "0"] == [
        ("questions", 2, 1, 3),
        ("to be answered", 2, 0, 2),
        ("when", 1, 0, 1),
        ("yes/no", 1, 0, 1),
        ("one article has two versions", 1, 0, 1),
        ("gold in more than one article", 1, 0, 1),
        ("to be refused", 0, 1, 1),
        ("how many", 0, 1, 1),
        ("near miss", 0, 1, 1),
    ]


def test_a_file_that_holds_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "seeds.jsonl holds." in capsys.readouterr().out


def test_a_file_that_does_not_hold_fails_with_the_line_and_the_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [*map(written, LINES.values()), "{"]
    lines[0] = written(broken(DISPUTED, lambda line: shift(line, 1)))
    file = tmp_path / "broken.jsonl"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    assert main([str(file), "--seeds", str(SEEDS)]) == 1
    told = capsys.readouterr().out
    assert "broken.jsonl:109: not JSON" in told
    assert f"{DISPUTED}: 000_2ce9419c5abb0b4f.txt[423:506] is not 'Patriot batteries" in told
    assert "holds." not in told


@pytest.mark.parametrize("arguments", [["nowhere.jsonl"], ["--seeds", "nowhere"]])
def test_what_is_not_there_is_named(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "nowhere" in capsys.readouterr().err
