"""Answers as JSON: what goes out validates against the schema, what comes in is believed in nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import rag.render
from rag.errors import UsageError
from rag.render import saved
from rag.render.contract import hits_to_json, json_text, to_dict, to_json
from rag.render.incoming import SavedCitation, read_saved
from rag.types import (
    REFUSAL,
    Answer,
    Article,
    Citation,
    Coverage,
    Disagreement,
    Hit,
    NearCopies,
    Passage,
    ProducedBy,
    Reference,
    ShortAnswer,
    Side,
    Span,
    Statement,
)
from rag.verify import FaultKind

SCHEMA = json.loads((Path(rag.render.__file__).parent / "answer.schema.json").read_text("utf-8"))
Draft202012Validator.check_schema(SCHEMA)
VALID = Draft202012Validator(SCHEMA)

TEXT = "Duck seen\n\nA duck swam. It left at noon."
ARTICLE = Article(key="duck.txt", text=TEXT, title="Duck seen", authors=("A. Heron",), path="/news/duck.txt")
ANSWER = Answer(
    question="What did the duck do?",
    answered=True,
    text="A duck swam. [1] It left at noon. [2]",
    statements=(Statement("A duck swam.", (1,)), Statement("It left at noon.", (2,), speaker="a heron")),
    citations=(
        Citation(1, ARTICLE.id, ARTICLE.version, 11, 23, "A duck swam.", "Duck seen\n\n", " It left"),
        Citation(2, ARTICLE.id, ARTICLE.version, 24, 40, "It left at noon.", page=3),
    ),
    passages=(Hit(ARTICLE.reference, Passage(11, 40, (Span(11, 23), Span(24, 40))), TEXT[11:40], 0.5, dense_rank=1),),
    articles={ARTICLE.id: ARTICLE.reference},
    produced_by=ProducedBy("0.1.0", "none", {"publisher": ("Pond",)}),
    short_answer=ShortAnswer("swam", 1, 18, 22),
    confidence=0.5,
    disagreements=(Disagreement("when", (Side("noon", (2,)), Side("dawn", (1,), "a heron"))),),
    timings_ms={"retrieve": 1.5},
    notes=("Retrieval was lexical alone.",),
)
REFUSED = replace(
    ANSWER,
    id="q7",
    answered=False,
    text=REFUSAL,
    statements=(),
    citations=(),
    short_answer=None,
    disagreements=(),
    confidence=None,
    unknown_words=("goose",),
)


LIST = replace(
    ANSWER,
    statements=(
        replace(ANSWER.statements[0], short_answer=ANSWER.short_answer),
        replace(ANSWER.statements[1], short_answer=ShortAnswer("noon", 2, 35, 39)),
    ),
)
COVERED = replace(REFUSED, coverage=Coverage(3, 1, "2020-04", "2020-05-01", ("2022",)))


@pytest.mark.parametrize("answer", [ANSWER, REFUSED, LIST, COVERED])
@pytest.mark.parametrize("indent", [None, 2])
def test_what_goes_out_is_valid(answer, indent):
    VALID.validate(json.loads(to_json(answer, indent)))


def test_each_field_stands_where_the_contract_has_it():
    told = to_dict(ANSWER)
    assert list(told)[:13] == ["schema", *[name for name in SCHEMA["required"] if name != "schema"], "timings_ms"]
    assert told["citations"][0] == {
        "number": 1,
        "id": f"{ARTICLE.id}@{ARTICLE.version[:12]}:11-23",
        "article": ARTICLE.id,
        "start": 11,
        "end": 23,
        "quote": "A duck swam.",
        "prefix": "Duck seen\n\n",
        "suffix": " It left",
        "page": None,
    }
    assert told["short_answer"] == {"text": "swam", "citation": 1, "start": 18, "end": 22}
    passage = {"article": ARTICLE.id, "start": 11, "end": 40, "text": TEXT[11:40], "score": 0.5, "page": None}
    assert told["passages"] == [passage]
    assert told["articles"][ARTICLE.id] == {
        "id": ARTICLE.id,
        "version": ARTICLE.version,
        "title": "Duck seen",
        "publisher": None,
        "authors": ["A. Heron"],
        "published": None,
        "url": None,
        "path": "/news/duck.txt",
        "published_from": None,
        "updated": None,
        "updated_from": None,
        "section": None,
        "language": None,
        "agency": None,
    }
    assert (told["unknown_words"], told["notes"]) == ([], ["Retrieval was lexical alone."])
    assert "id" not in told
    assert to_dict(REFUSED)["id"] == "q7"


def test_a_list_says_of_each_statement_what_it_adds_and_is_read_back_with_it():
    told = to_dict(LIST)
    assert [one["short_answer"]["text"] for one in told["statements"]] == ["swam", "noon"]
    assert "short_answer" not in to_dict(ANSWER)["statements"][0]
    assert read_saved(to_json(LIST), "a.json")[0].faults == ()
    read = saved.read(to_json(LIST), "a.json")
    assert (read.is_list, dict(read.shorts)) == (True, {1: (7, 11), 2: (11, 15)})
    assert not saved.read(to_json(ANSWER), "a.json").is_list


@pytest.mark.parametrize(
    "short", [{"start": 34}, {"text": "dawn"}, {"citation": 1}, {"citation": 7}, {"end": 60, "start": 50}]
)
def test_a_list_whose_words_do_not_stand_in_their_quote_contradicts_itself(short):
    told = to_dict(LIST)
    told["statements"][1]["short_answer"] |= short
    (read,) = read_saved(json.dumps(told), "a.json")
    assert [fault.kind for fault in read.faults] == [FaultKind.SHORT_ANSWER]
    assert 2 not in saved.read(json.dumps(told), "a.json").shorts


@pytest.mark.parametrize("short", [{}, "noon", [], {"text": "noon"}, {"text": 1, "citation": 2, "start": 1, "end": 2}])
def test_a_statement_s_short_answer_of_another_shape_is_no_answer(short):
    told = to_dict(LIST)
    told["statements"][1]["short_answer"] = short
    with pytest.raises(UsageError):
        read_saved(json.dumps(told), "a.json")


def test_a_refusal_says_of_when_the_articles_are():
    assert to_dict(COVERED)["coverage"] == {
        "articles": 3,
        "undated": 1,
        "first": "2020-04",
        "last": "2020-05-01",
        "missing": ["2022"],
    }
    assert "coverage" not in to_dict(ANSWER)


OTHER = Reference(
    "b" * 16, "c" * 64, "b", "Duck \x1b[2J*seen*", "The <b>Gazette", (), "2020-04-02", "https://g.example/"
)
COPIED = replace(
    ANSWER,
    passages=(replace(ANSWER.passages[0], page=2, near_copies=NearCopies((OTHER,), 2, "Reuters", credited=True)),),
)


def test_what_is_told_of_near_copies_validates_and_stands_by_their_article():
    told = json.loads(to_json(COPIED))
    assert list(VALID.iter_errors(told)) == []
    assert told["articles"][ARTICLE.id]["also_in"] == {
        "articles": [
            {
                "id": OTHER.id,
                "title": OTHER.title,
                "publisher": "The <b>Gazette",
                "published": "2020-04-02",
                "url": "https://g.example/",
            }
        ],
        "outlets": 2,
        "origin": "Reuters",
        "origin_from": "agency",
        "summary": "2 outlets, 1 origin (Reuters)",
    }
    assert told["passages"][0]["page"] == 2
    found = json.loads(hits_to_json("duck?", COPIED.passages))
    assert found["articles"][ARTICLE.id]["also_in"] == told["articles"][ARTICLE.id]["also_in"]


def test_an_answer_made_before_there_were_these_fields_is_read_still():
    told = to_dict(ANSWER)
    for name in ("published_from", "updated", "updated_from", "section", "language", "agency"):
        del told["articles"][ARTICLE.id][name]
    del told["passages"][0]["page"]
    assert list(VALID.iter_errors(json.loads(json.dumps(told)))) == []
    (saved,) = read_saved(json.dumps(told), "a.json")
    assert saved.faults == ()


@pytest.mark.parametrize(
    "also_in",
    [None, 3, [], {}, {"articles": 3}, {"articles": [], "outlets": 1}, {"articles": [{"id": 3}], "outlets": 1}]
    + [{"articles": [{"id": "b"}], "outlets": outlets} for outlets in (None, "2", True, -1, 10**30)],
)
def test_near_copies_that_a_file_tells_wrongly_are_passed_over(also_in: object):
    told = to_dict(COPIED)
    told["articles"][ARTICLE.id]["also_in"] = also_in
    assert saved.read(json.dumps(told), "a.json").near_copies == {}


def test_near_copies_come_back_from_a_saved_answer():
    copies = saved.read(to_json(COPIED), "a.json").near_copies[ARTICLE.id]
    assert (copies.outlets, copies.origin, copies.credited) == (2, "Reuters", True)
    assert [(one.id, one.publisher) for one in copies.others] == [(OTHER.id, "The <b>Gazette")]


def test_near_copies_that_contradict_stand_apart_and_come_back():
    for others in ((), (OTHER,)):
        copies = NearCopies(others, 2 * len(others), differing=(replace(OTHER, id="c" * 16),))
        told = to_json(replace(ANSWER, passages=(replace(ANSWER.passages[0], near_copies=copies),)))
        assert list(VALID.iter_errors(json.loads(told))) == []
        article = json.loads(told)["articles"][ARTICLE.id]
        assert ("also_in" in article) == bool(others)
        assert [one["id"] for one in article["differs_in"]] == ["c" * 16]
        back = saved.read(told, "a.json").near_copies[ARTICLE.id]
        assert [len(back.others), back.outlets, [one.id for one in back.differing]] == [
            *(len(others), copies.outlets, ["c" * 16]),
        ]


def test_without_indent_an_answer_is_one_line():
    assert to_json(replace(ANSWER, question="a\nb\u2028c\x85d\x0be")).splitlines().__len__() == 1


def test_a_number_that_json_does_not_have_is_not_written():
    with pytest.raises(ValueError, match="JSON"):
        to_json(replace(ANSWER, confidence=float("nan")))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("東京 é 🦆", '"東京 é 🦆"'),
        ("\x1b[2J\x9b\x7f", r'"\u001b[2J\u009b\u007f"'),
        ("\u202e\u200b\u2028\ufeff", r'"\u202e\u200b\u2028\ufeff"'),
        ("\ud800\U000e0041", r'"\ud800\udb40\udc41"'),
        ('"\\\n', r'"\"\\\n"'),
    ],
)
def test_json_is_readable_where_it_is_safe_and_escaped_where_it_is_live(text, written):
    assert json_text(text) == written


@given(st.text(st.characters()), st.none() | st.just(1))
def test_json_gives_back_the_very_characters(text, indent):
    assert json.loads(json_text({"a": [text]}, indent)) == {"a": [text]}


def test_search_results_name_their_articles_and_engines():
    told = json.loads(hits_to_json("duck?", ANSWER.passages, notes=("x",)))
    assert told["hits"] == [
        {
            "id": f"{ARTICLE.id}@{ARTICLE.version[:12]}:11-40",
            "article": ARTICLE.id,
            "start": 11,
            "end": 40,
            "text": TEXT[11:40],
            "score": 0.5,
            "page": None,
            "lexical_rank": None,
            "dense_rank": 1,
            "lexical_score": None,
            "dense_score": None,
        }
    ]
    assert told["articles"] == {ARTICLE.id: to_dict(ANSWER)["articles"][ARTICLE.id]}
    assert (told["schema"], told["query"], told["notes"]) == ("groundwire.search/1", "duck?", ["x"])


# In.


@pytest.mark.parametrize("indent", [None, 2])
def test_a_saved_answer_is_read_back(indent):
    (saved,) = read_saved("\ufeff" + to_json(ANSWER, indent), "a.json")
    assert (saved.where, saved.question, saved.id, saved.faults) == ("a.json", "What did the duck do?", None, ())
    assert saved.citations[1] == SavedCitation(
        2,
        f"{ARTICLE.id}@{ARTICLE.version[:12]}:24-40",
        ARTICLE.id,
        ARTICLE.version,
        24,
        40,
        "It left at noon.",
        "Duck seen",
    )


def test_many_answers_are_read_back_one_a_line():
    first, second = read_saved(f"{to_json(ANSWER)}\n\n{to_json(REFUSED)}\n", "many.json")
    assert (first.where, second.where) == ("many.json, line 1", "many.json, line 3")
    assert (second.id, second.citations, second.faults) == ("q7", (), ())


def changed(*path, to):
    told = json.loads(to_json(ANSWER))
    inner = told
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return told


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (changed("statements", 0, "text", to="A duck sank."), FaultKind.STATEMENT),
        (changed("citations", 0, "quote", to="A duck sank."), FaultKind.STATEMENT),
        (changed("citations", 0, "quote", to="A duck swam"), FaultKind.QUOTE),
        (changed("citations", 0, "id", to="elsewhere"), FaultKind.ID),
        (changed("answer", to="A duck sank. [1] It left at noon. [2]"), FaultKind.MARKERS),
        (changed("short_answer", "text", to="sank"), FaultKind.SHORT_ANSWER),
        (changed("statements", 1, "citations", to=[5]), FaultKind.DANGLING),
        (changed("answered", to=False), FaultKind.ANSWERED),
    ],
)
def test_a_saved_answer_that_was_changed_contradicts_itself(told, kind):
    (saved,) = read_saved(json.dumps(told), "a.json")
    assert kind in {fault.kind for fault in saved.faults}


def missing(name):
    told = json.loads(to_json(ANSWER))
    del told[name]
    return told


NOT_AN_ANSWER = "a.json is not a groundwire.answer/1: "


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("", "a.json is empty: it should hold an answer that `ask --json` wrote."),
        ("What?", "a.json, line 1, column 1: this is not JSON (Expecting value)."),
        (
            "{\n 'a': 1}",
            "a.json, line 2, column 2: this is not JSON (Expecting property name enclosed in double quotes).",
        ),
        ('{}\n{"a"', "a.json, line 1 is not a groundwire.answer/1: it has no `schema`."),
        (to_json(ANSWER) + '\n{"a"', "a.json, line 2, column 5: this is not JSON (Expecting ':' delimiter)."),
        ("[" * 100_000, "a.json is nested too deeply to be an answer."),
        ("9" * 5_000, "a.json holds a number that is none or is too large."),
        ('{"a": NaN}', "a.json holds a number that is none or is too large."),
        ("[]", NOT_AN_ANSWER + "it must be an object."),
        ('{"schema": "groundwire.answer/2"}', "a.json is not a groundwire.answer/1: its `schema` says otherwise."),
        (missing("passages"), NOT_AN_ANSWER + "it has no `passages`."),
        (missing("citations"), NOT_AN_ANSWER + "it has no `citations`."),
        (changed("question", to=None), NOT_AN_ANSWER + "`question` must be a string."),
        (changed("answered", to=1), NOT_AN_ANSWER + "`answered` must be true or false."),
        (changed("citations", to={}), NOT_AN_ANSWER + "`citations` must be a list."),
        (changed("citations", 1, to=7), NOT_AN_ANSWER + "`citations[1]` must be an object."),
        (changed("citations", 0, "start", to=True), NOT_AN_ANSWER + "`citations[0].start` must be a whole number."),
        (changed("citations", 0, "start", to=1.0), NOT_AN_ANSWER + "`citations[0].start` must be a whole number."),
        (
            changed("citations", 0, "start", to=-1),
            NOT_AN_ANSWER + "`citations[0].start` must be from 0 to 9007199254740992.",
        ),
        (
            changed("citations", 0, "end", to=10**30),
            NOT_AN_ANSWER + "`citations[0].end` must be from 1 to 9007199254740992.",
        ),
        (changed("citations", 0, "quote", to=""), NOT_AN_ANSWER + "`citations[0].quote` must not be empty."),
        (
            changed("citations", 0, "article", to="x"),
            NOT_AN_ANSWER + "`citations[0].article` is not a key of `articles`.",
        ),
        (
            changed("statements", 0, "kind", to="made up"),
            NOT_AN_ANSWER + "`statements[0].kind` must be extracted or generated.",
        ),
        (
            changed("statements", 0, "citations", to=["1"]),
            NOT_AN_ANSWER + "`statements[0].citations[0]` must be a whole number.",
        ),
        (changed("confidence", to=10**400), NOT_AN_ANSWER + "`confidence` must be from 0 to 1."),
        (changed("articles", to={"a\x1b[2J": {}}), NOT_AN_ANSWER + '`articles["a[2J"]` has no `version`.'),
        (
            changed("articles", ARTICLE.id, "version", to="abc"),
            NOT_AN_ANSWER + f'`articles["{ARTICLE.id}"].version` must be a SHA-256 in 64 hexadecimal digits.',
        ),
    ],
)
def test_what_is_not_an_answer_is_told_in_one_line(raw, message):
    with pytest.raises(UsageError) as raised:
        read_saved(raw if isinstance(raw, str) else json.dumps(raw), "a.json")
    assert str(raised.value) == message


def test_a_hostile_file_name_is_cleaned():
    with pytest.raises(UsageError, match=r"^\[2Ja b is empty"):
        read_saved("", "\x1b[2Ja\nb")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data(), values)
def test_any_change_to_a_saved_answer_is_read_or_refused(data, value):
    told = json.loads(to_json(ANSWER))
    inner = told
    while isinstance(inner, dict | list) and inner:
        key = data.draw(st.sampled_from(list(inner) if isinstance(inner, dict) else range(len(inner))))
        if not isinstance(inner[key], dict | list) or data.draw(st.booleans()):
            inner[key] = value
            break
        inner = inner[key]
    try:
        read_saved(json.dumps(told), "a.json")
    except UsageError as error:
        assert "\n" not in str(error)
