"""A run as it is written, read back, compared, and shown; of locked questions no word comes out."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from io import StringIO
from pathlib import Path

import lxml.html
import pytest
from rich.console import Console
from two_articles import DISPUTED, FIVE, HOW_MANY, SIX, UNHURT, WHO_DIED, judged, locked

from rag.errors import UsageError
from rag.evaluate import table
from rag.evaluate.comparing import compare
from rag.evaluate.expected import Place
from rag.evaluate.figures import by_group, figures
from rag.evaluate.judging import Judged
from rag.evaluate.measures import ABOUT, SECTIONS, Extra, Measure
from rag.evaluate.page import to_html
from rag.evaluate.record import from_json, is_run, to_json
from rag.evaluate.running import Run

LIVE = "<script>alert(1)</script>\x1b[31m[/red]"


def run(*found: Judged, **changes: object) -> Run:
    made = Run("2020-04-01T10:15:00+00:00", "1.0", "my.jsonl", {"model": "none", "k": 10}, "q", "a", found)
    return replace(made, **changes)


def secret(expected, given=None) -> Judged:
    hidden = locked(expected)
    return judged(replace(hidden, question=replace(hidden.question, id="s1", question="Secret?")), given)


MIXED = run(judged(HOW_MANY, FIVE), judged(WHO_DIED, UNHURT), judged(DISPUTED, SIX), secret(HOW_MANY, SIX))


def shown(given: Run, **more: object) -> str:
    console = Console(file=StringIO(), width=200, markup=False, highlight=False)
    table.report(given, by_group(given.judged), console)
    return console.file.getvalue()  # type: ignore[attr-defined]


# --- figures ----------------------------------------------------------------------------------------------------------


def test_there_are_figures_of_all_of_each_split_and_of_each_kind() -> None:
    groups = by_group(MIXED.judged)
    assert list(groups) == ["all", "open", "locked", "kind: how many", "kind: who"]
    cited = {name: (of[Measure.GOLD_CITED].value, of[Measure.GOLD_CITED].count) for name, of in groups.items()}
    assert cited["all"] == (1 / 3, 3)
    assert cited["open"] == (1 / 2, 2)
    assert cited["locked"] == (0, 1)
    assert math.isnan(cited["kind: who"][0])


def of_kind(kind: str, split: str, *given: Place | None) -> list[Judged]:
    expected = replace(HOW_MANY, question=replace(HOW_MANY.question, kind=kind, split=split))
    return [judged(expected, one) for one in given]


def cited_by_kind(*found: Judged) -> dict[str, tuple[float, int]]:
    """The figure "gold span cited" of each kind; a value of -1 where it is left out."""
    groups = by_group(found)
    cited = {name: of[Measure.GOLD_CITED] for name, of in groups.items() if name.startswith("kind: ")}
    return {name: (-1 if math.isnan(one.value) else one.value, one.count) for name, one in cited.items()}


def test_no_figure_of_a_kind_tells_of_one_or_two_locked_questions() -> None:
    """Of the open ones it is known that one is right and one wrong: the rest would be what the locked ones earned."""
    told = [*of_kind("a", "open", FIVE, SIX), *of_kind("a", "locked", FIVE, FIVE, SIX)]
    lone = [*of_kind("b", "open", FIVE, SIX), *of_kind("b", "locked", SIX)]
    assert cited_by_kind(*told) == {"kind: a": (3 / 5, 5)}
    # That of "a" is left out, too: from the figure of all and from it that of "b" could be worked out.
    assert cited_by_kind(*told, *lone) == {"kind: a": (-1, 0), "kind: b": (-1, 0)}
    # Of two kinds that are left out with three locked questions between them only the sum could be.
    two = of_kind("c", "locked", SIX, FIVE)
    assert cited_by_kind(*told, *lone, *two) == {"kind: a": (3 / 5, 5), "kind: b": (-1, 0), "kind: c": (-1, 0)}
    # A question without a kind is in the figure of all, and in that of no kind.
    assert cited_by_kind(*told, *of_kind("", "locked", SIX)) == {"kind: a": (-1, 0)}
    assert cited_by_kind(*told, *of_kind("", "locked", SIX, SIX, SIX)) == {"kind: a": (3 / 5, 5)}


def test_a_measure_in_which_few_locked_questions_have_a_say_is_left_out_of_their_kind() -> None:
    """Three are locked, and one of them the articles do not answer: whether it was refused is nobody's business."""
    unanswerable = [judged(replace(WHO_DIED, question=replace(WHO_DIED.question, kind="a", split="locked")))]
    found = by_group([*of_kind("a", "locked", FIVE, SIX, SIX), *unanswerable])["kind: a"]
    assert found[Measure.GOLD_CITED].value == 1 / 3
    assert math.isnan(found[Measure.REFUSAL_RECALL].value)
    assert found[Extra.MEAN].count == 4


def test_what_is_left_out_of_a_kind_comes_out_in_no_report() -> None:
    lone = run(*of_kind("a", "open", FIVE, SIX), *of_kind("a", "locked", FIVE))
    groups = by_group(lone.judged)
    saved = json.loads(to_json(lone, groups))["figures"]["kind: a"]
    assert all(one["value"] is one["low"] is one["high"] is None for one in saved.values())
    (row,) = lxml.html.document_fromstring(to_html(lone, groups)).xpath("//tr[th='a']")
    assert [cell.text_content() for cell in row.xpath("td")] == ["3", "–", "–", "–", "–"]
    (line,) = [one for one in shown(lone).splitlines() if one.startswith("a  ")]
    assert line.split() == ["a", "3", "–", "–", "–", "–"]


def test_without_confidence_nothing_is_said_of_it() -> None:
    found = figures(MIXED.judged)
    assert all(math.isnan(found[name].value) for name in (Extra.AUROC, Extra.ERROR_80, Extra.CALIBRATION))
    (line,) = [one for one in shown(MIXED).splitlines() if one.startswith("Not measured: ")]
    assert "AUROC of confidence, error at 80 % coverage, calibration error" in line


def test_confidence_is_held_against_answerable_and_right() -> None:
    given = [
        replace(judged(HOW_MANY, FIVE), confidence=0.9),
        replace(judged(HOW_MANY, SIX), confidence=0.8),
        replace(judged(WHO_DIED), confidence=0.1),
    ]
    found = figures(given)
    assert found[Extra.AUROC].value == 1.0
    assert found[Extra.ERROR_80].value == 0.5  # of the first two, one
    # 0.9 right (off by 0.1), 0.8 wrong (off by 0.8), 0.1 rightly refused, which answers nothing (off by 0.1).
    assert found[Extra.CALIBRATION].value == pytest.approx(1 / 3)


def test_an_answer_without_confidence_among_others_counts_as_sure_of_nothing() -> None:
    """Whoever keeps quiet on the question that went wrong is no better calibrated, and not surer of the other."""
    told = [replace(judged(HOW_MANY, FIVE), confidence=0.4), replace(judged(HOW_MANY, SIX), confidence=0.0)]
    silent = [told[0], replace(told[1], confidence=None)]
    assert figures(silent)[Extra.CALIBRATION] == figures(told)[Extra.CALIBRATION]
    assert figures(silent)[Extra.CALIBRATION].count == 2
    right = replace(judged(HOW_MANY, FIVE), confidence=None)
    assert figures([told[0], right])[Extra.CALIBRATION].value == pytest.approx(0.8)  # off by 0.6 and by 1


def test_seconds_are_the_questions_own() -> None:
    found = figures([judged(HOW_MANY, FIVE, seconds=one) for one in (1.0, 2.0, 6.0)])
    assert (found[Extra.MEAN].value, found[Extra.P50].value) == (3.0, 2.0)


def test_every_measure_is_shown_somewhere_and_told_what_it_is() -> None:
    listed = [measure for section in SECTIONS for measure in section.measures]
    assert sorted(listed) == sorted([*Measure, *Extra])
    assert set(ABOUT) == set(listed)


# --- as JSON ----------------------------------------------------------------------------------------------------------


def test_a_run_is_read_back_as_it_was_written() -> None:
    text = to_json(MIXED, by_group(MIXED.judged), with_locked=True)
    assert is_run(text)
    assert from_json(text, "f") == MIXED
    told = json.loads(text)
    assert told["schema"] == "groundwire.evaluation/1"
    assert told["figures"]["all"]["gold span cited"]["count"] == 3
    assert told["figures"]["all"]["AUROC of confidence"]["value"] is None


def test_of_the_locked_half_nothing_is_told() -> None:
    groups = by_group(MIXED.judged)
    compared = compare(run(secret(HOW_MANY, FIVE)), run(secret(HOW_MANY, SIX)))
    for text in (to_json(MIXED, groups), to_html(MIXED, groups, compared), shown(MIXED)):
        assert "Secret?" not in text
    assert "s1" not in to_html(MIXED, groups, compared)
    assert "s1" not in shown(MIXED)
    assert "s1" not in to_json(MIXED, groups)
    assert [one["split"] for one in json.loads(to_json(MIXED, groups))["questions"]] == ["open"] * 3
    told = json.loads(to_json(MIXED, groups, with_locked=True))["questions"]
    (kept,) = [one for one in told if one["split"] == "locked"]
    assert not {"faults", "shown"} & set(kept)


def test_a_run_saved_without_its_locked_questions_is_reported_on_as_it_was() -> None:
    groups = by_group(MIXED.judged)
    again = from_json(to_json(MIXED, groups), "f")
    assert (again.hidden, len(again.judged), again.count) == (1, 3, 4)
    for group, figures_of_it in groups.items():
        for name, one in figures_of_it.items():
            assert again.kept[group][name].count == one.count
            assert again.kept[group][name].value == pytest.approx(one.value, abs=1e-6, nan_ok=True)
    console = Console(file=StringIO(), width=200, markup=False, highlight=False)
    table.report(again, again.kept, console)
    assert console.file.getvalue() == shown(MIXED)  # type: ignore[attr-defined]
    assert json.loads(to_json(again, again.kept)) == json.loads(to_json(MIXED, groups))
    assert "4 questions of my.jsonl, 1 of them locked" in to_html(again, again.kept)


def test_a_forged_run_cannot_make_a_locked_question_shown() -> None:
    told = json.loads(to_json(run(judged(HOW_MANY, FIVE)), {}))
    told["questions"][0]["split"] = "locked"
    assert from_json(json.dumps(told), "f").judged[0].shown is None


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.pop("questions"),
        lambda told: told.update(questions=3),
        lambda told: told["questions"][0].update(shares=[]),
        lambda told: told["questions"][0]["shares"].update({"quotes exact": ["x", 1]}),
        lambda told: told["questions"][0]["shown"].pop("quotes"),
        lambda told: told.update(schema="groundwire.evaluation/9"),
        lambda told: told["questions"][0].update(confidence=math.nan),
        lambda told: told["questions"][0].update(confidence=1.5),
        lambda told: told["questions"][0].update(seconds=math.inf),
        lambda told: told["questions"][0].update(seconds=-1),
        lambda told: told["questions"][0]["shares"].update({"quotes exact": [math.nan, 1]}),
        lambda told: told["questions"][0]["shares"].update({"quotes exact": [2, 1]}),
        lambda told: told["questions"][0]["shown"]["excerpts"][0].update(start=math.inf),
        lambda told: told.update({"locked questions left out": 1, "figures": {}}),
    ],
)
def test_what_is_no_run_is_named(change) -> None:
    told = json.loads(to_json(MIXED, {}))
    change(told)
    with pytest.raises(UsageError, match=r"^my\.json: is "):
        from_json(json.dumps(told), "my.json")
    with pytest.raises(UsageError, match=r"^my\.json: is "):
        from_json("{", "my.json")


def test_an_infinite_number_in_digits_is_no_number() -> None:
    text = to_json(run(judged(HOW_MANY, FIVE)), {})
    for name, value in (("seconds", "0.5"), ("start", "0")):
        forged = text.replace(f'"{name}": {value}', f'"{name}": 1e999')
        assert forged != text
        with pytest.raises(UsageError, match=r"^my\.json: is no run"):
            from_json(forged, "my.json")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"question": "What is \\"groundwire.evaluation/1\\"?", "expect": "refuse"}', False),
        ('{"question": "\\"schema\\": \\"groundwire.evaluation/1\\""}', False),
        ("{" + " " * 500 + '"made": "x", "schema": "groundwire.evaluation/2"}', True),
        ("\ufeff" + '{"schema": "groundwire.evaluation/1"}', True),
        ('{"schema": 1}', False),
        ("[]", False),
        ("{", False),
    ],
)
def test_a_run_is_told_from_questions_by_what_it_is(text: str, told: bool) -> None:
    assert is_run(text) is told


def test_a_measure_of_a_later_version_is_passed_over() -> None:
    told = json.loads(to_json(MIXED, {}, with_locked=True))
    told["questions"][0]["shares"]["charm"] = [1, 1]
    assert from_json(json.dumps(told), "f") == MIXED


# --- compared ---------------------------------------------------------------------------------------------------------


def test_what_got_better_and_what_got_worse_is_told_question_by_question() -> None:
    before = run(judged(HOW_MANY, SIX), judged(WHO_DIED), judged(DISPUTED, FIVE))
    found = compare(before, run(judged(HOW_MANY, FIVE), judged(WHO_DIED, UNHURT), judged(DISPUTED, FIVE)))
    assert [(one.id, one.after) for one in found.better] == [("q1", "right")]
    assert [(one.id, one.before) for one in found.worse] == [("q2", "right")]
    assert found.common == 3
    assert found.notes == ()


def test_a_refusal_is_better_than_a_wrong_answer_and_worse_than_a_right_one() -> None:
    asked = replace(HOW_MANY, question=replace(HOW_MANY.question, accepted=("nine",)))
    one_fault, refusal = run(judged(asked, FIVE)), run(judged(asked))
    assert [len(one.judged[0].faults) for one in (one_fault, refusal)] == [1, 1]
    assert len(compare(one_fault, refusal).better) == 1
    wrong, refused, right = (run(judged(HOW_MANY, *some)) for some in ((SIX,), (), (FIVE,)))
    assert [len(compare(wrong, refused).better), len(compare(refused, right).better)] == [1, 1]
    assert len(compare(right, refused).worse) == 1


def test_locked_questions_are_counted() -> None:
    found = compare(run(secret(HOW_MANY, SIX)), run(secret(HOW_MANY, FIVE)))
    assert (found.better, found.locked_better, found.locked_worse) == ((), 1, 0)


def test_a_difference_of_one_question_may_be_noise_and_one_of_twenty_is_not() -> None:
    def many(right: int) -> Run:
        made = [judged(HOW_MANY, FIVE if n < right else SIX) for n in range(20)]
        return run(*(replace(one, id=str(n)) for n, one in enumerate(made)))

    def verdict(one: Run, other: Run) -> str:
        return next(d.verdict for d in compare(one, other).differences if d.measure is Measure.GOLD_CITED)

    assert verdict(many(0), many(1)) == "may be noise"
    assert verdict(many(0), many(20)) == "more than noise"
    assert verdict(many(3), many(3)) == "same"


def test_refusing_confidence_and_seconds_are_compared_too() -> None:
    asked = [replace(HOW_MANY, question=replace(HOW_MANY.question, id=str(n))) for n in range(10)]
    none = [replace(WHO_DIED, question=replace(WHO_DIED.question, id=f"n{n}")) for n in range(10)]
    before = [judged(one, FIVE, seconds=0.1) for one in asked] + [judged(one, UNHURT, seconds=0.1) for one in none]
    after = [judged(one, FIVE, seconds=0.2) for one in asked] + [judged(one, seconds=0.2) for one in none]
    unsure = [replace(one, confidence=0.5) for one in before]
    sure = [replace(one, confidence=0.9 if one.answerable else 0.1) for one in after]
    found = {one.measure: one for one in compare(run(*unsure), run(*sure)).differences}
    told = {name: (found[name].before, found[name].after) for name in Extra}
    assert told[Extra.BALANCED] == (0.5, 1.0)
    assert told[Extra.AUROC] == (0.5, 1.0)
    assert told[Extra.ERROR_80] == pytest.approx((0.5, 6 / 16))
    assert told[Extra.CALIBRATION] == pytest.approx((0.0, 0.1))
    assert told[Extra.P50] == (0.1, 0.2)
    for name in (Extra.BALANCED, Extra.AUROC, Extra.MEAN, Extra.P50):
        assert found[name].verdict == "more than noise", name
    without = compare(run(*before), run(*sure)).differences
    assert Extra.AUROC not in {one.measure for one in without}  # one run has no confidence at all


def test_a_comparison_is_written_with_the_run_and_is_no_part_of_it() -> None:
    before, after = run(judged(HOW_MANY, SIX), secret(HOW_MANY, SIX)), run(judged(HOW_MANY, FIVE), secret(HOW_MANY))
    text = to_json(after, by_group(after.judged), compare(before, after))
    told = json.loads(text)["compared"]
    assert (told["questions"], told["better"], told["worse"]) == (2, ["q1"], [])
    assert told["locked"] == {"better": 1, "worse": 0}
    measured = {one["measure"]: (one["before"], one["after"]) for one in told["differences"]}
    assert measured["gold span cited"] == (0.0, 0.5)
    assert measured["p50 seconds"] == (0.5, 0.5)
    assert "s1" not in text
    assert from_json(text, "f").judged == after.judged[:1]


def test_locked_questions_that_a_run_was_saved_without_are_said_not_to_be_compared() -> None:
    saved = from_json(to_json(MIXED, by_group(MIXED.judged)), "f")
    found = compare(saved, MIXED)
    assert found.common == 3
    assert "locked questions (1) are not compared" in found.notes[0]
    hidden = run(secret(HOW_MANY, FIVE))
    with pytest.raises(UsageError, match="no question in common to compare but locked ones"):
        compare(from_json(to_json(hidden, by_group(hidden.judged)), "f"), hidden)


def test_only_common_questions_are_compared_and_what_else_differs_is_said() -> None:
    after = run(judged(HOW_MANY, FIVE), judged(DISPUTED, FIVE), questions="r", articles="b", settings={"k": 5})
    found = compare(run(judged(HOW_MANY, SIX)), after)
    assert found.common == 1
    said = " / ".join(found.notes)
    for part in ("different questions (1 and 2)", "articles are not the same", "k: 10 before, 5 now", "model: none"):
        assert part in said


def test_a_question_that_was_changed_is_another() -> None:
    other = replace(HOW_MANY, question=replace(HOW_MANY.question, accepted=("6",)))
    with pytest.raises(UsageError, match="no question in common"):
        compare(run(judged(HOW_MANY, FIVE)), run(judged(other, FIVE)))


# --- shown ------------------------------------------------------------------------------------------------------------


def test_the_table_says_what_went_wrong_in_the_open_half_alone() -> None:
    text = shown(MIXED)
    assert "2 of 3 questions went wrong; 1 locked ones are not shown" in text
    assert "q2  Who died?  (answered, though no article does)" in text


def live() -> Run:
    asked = replace(HOW_MANY.question, id=LIVE, question=LIVE, kind=LIVE, accepted=(LIVE,), short=(LIVE,))
    return run(judged(replace(HOW_MANY, question=asked), SIX), file=LIVE, notes=(LIVE,), settings={"model": LIVE})


def test_nothing_of_a_question_is_live_in_a_terminal() -> None:
    assert "\x1b" not in shown(live())


def test_nothing_of_a_question_is_live_in_the_page() -> None:
    given = live()
    page = to_html(given, by_group(given.judged), compare(given, run(*given.judged, articles=LIVE)))
    tree = lxml.html.document_fromstring(page)
    assert not tree.xpath("//script | //img | //iframe | //@onclick | //@style")
    assert "\x1b" not in page
    assert LIVE.partition("\x1b")[0] in tree.text_content()
    assert not [link for link in tree.xpath("//@href") if not link.startswith("#")]


def test_the_page_marks_quotes_and_gold_apart_and_every_anchor_leads_somewhere() -> None:
    page = to_html(MIXED, by_group(MIXED.judged), compare(MIXED, MIXED))
    tree = lxml.html.document_fromstring(page)
    (disputed,) = tree.xpath("//article[.//p[contains(., 'q3')]]")
    assert disputed.xpath("string(.//mark)") == SIX.quote
    assert disputed.xpath(".//span[contains(@class, 'gold')]")[0].text == FIVE.quote
    anchors = {link.removeprefix("#") for link in tree.xpath("//@href")}
    assert anchors <= set(tree.xpath("//@id"))
    assert "1 locked questions are in the figures and not on this page" in tree.text_content()


def test_where_only_gold_says_what_is_right_the_gold_is_what_was_expected() -> None:
    bare = replace(HOW_MANY.question, accepted=(), short=())
    page = to_html(run(judged(replace(HOW_MANY, question=bare), SIX)), by_group(MIXED.judged))
    (expected,) = lxml.html.document_fromstring(page).xpath("//dt[.='Expected']/following-sibling::dd[1]")
    assert expected.text_content() == f"“{FIVE.quote}”"
    anything = replace(HOW_MANY, question=bare, gold=())
    page = to_html(run(judged(anything, SIX)), by_group(MIXED.judged))
    (expected,) = lxml.html.document_fromstring(page).xpath("//dt[.='Expected']/following-sibling::dd[1]")
    assert expected.text_content() == "an answer"


def test_no_ellipsis_stands_where_the_article_ends() -> None:
    asked = run(judged(HOW_MANY, FIVE))
    for made in (asked, from_json(to_json(asked, by_group(asked.judged)), "f")):
        (text,) = lxml.html.document_fromstring(to_html(made, by_group(made.judged))).xpath("//blockquote")
        assert "…" not in text.text_content()


def test_where_there_is_confidence_risk_is_drawn_over_coverage() -> None:
    """The surest is right; the second is wrong and the third a refusal: 0 of 1, 1 of 2, 2 of 3."""
    made = [judged(HOW_MANY, FIVE), judged(HOW_MANY, SIX), judged(WHO_DIED)]
    assert "Risk and coverage" not in to_html(run(*made), by_group(made))
    sure = [replace(one, confidence=c) for one, c in zip(made, (0.9, 0.8, 0.1), strict=True)]
    (line,) = lxml.html.document_fromstring(to_html(run(*sure), by_group(sure))).xpath("//polyline/@points")
    assert line == "34.7,46.0 65.3,25.0 96.0,18.0"


def test_the_page_loads_nothing() -> None:
    page = to_html(MIXED, by_group(MIXED.judged))
    (policy,) = lxml.html.document_fromstring(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "http://" not in page
    assert "https://" not in page


def test_every_measure_is_defined_in_the_docs() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text("utf-8")
    told = docs[docs.index("## What is measured") : docs.index("## How sure")]
    shortened = {
        "refusal recall": "**recall**",
        "refusal F1": "**F1**",
        "mean seconds": "**mean**",
        "p50 seconds": "**p50**",
    }
    hits = {name: f"**{name.rpartition('@')[0]}@1, 5, 10**" for name in Measure if "Hit@" in name}
    for name in [*Measure, *Extra]:
        assert {**shortened, **hits}.get(name, f"**{name}**") in told, name
