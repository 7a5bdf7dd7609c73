"""The question file: what it may hold, what is refused with its line, and what it stands for in a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.config import Settings
from rag.corpus import Corpus
from rag.errors import UsageError
from rag.evaluate.expected import Articles, expect
from rag.evaluate.questions import Gold, Question, parse, read

SEEDS = Path(__file__).parents[2] / "seeds"
FIRST, THIRD = "000_2ce9419c5abb0b4f.txt", "002_97a80949d63a5cbb.txt"


def line(**fields: object) -> str:
    return json.dumps({"question": "Who?", **fields})


def test_everything_but_the_question_and_one_thing_that_is_right_may_be_left_out() -> None:
    (found,) = parse('\ufeff\n{"question": "Who?", "accepted": "me"}\n\n', "f")
    assert found == Question(id="2", question="Who?", accepted=("me",), line=2)


def test_all_fields_are_read() -> None:
    (found,) = parse(
        line(
            id=7, kind="who", topic="t", split="locked", date="2020-04-01", short=["me"], articles=["x.txt"],
            gold=[{"quote": "q"}, {"quote": "q", "article": "x.txt"},
                  {"quote": "q", "article": "x.txt", "start": 0, "end": 1}],
            disagreement=[{"quote": "r"}, {"quote": "s", "seen": 1}], more="is passed over",
        ),
        "f",
    )  # fmt: skip
    assert (found.id, found.kind, found.topic, found.split, found.date) == ("7", "who", "t", "locked", "2020-04-01")
    assert found.gold == (Gold("q"), Gold("q", "x.txt"), Gold("q", "x.txt", 0, 1))
    assert found.disagreement == (Gold("r"), Gold("s"))
    assert found.passed_over == ("more", "disagreement: seen")


def test_lines_keep_their_order_and_a_line_separator_inside_a_text() -> None:
    found = parse("\n".join([line(id="b", short="x\u2028y"), line(id="a", expect="refuse")]), "f")
    assert [one.id for one in found] == ["b", "a"]
    assert found[0].short == ("x\u2028y",)
    assert not found[1].answerable


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is no question"),
        ("{}", "holds no question"),
        ('{"question": " "}', "holds no question"),
        ('{"question": 3}', '"question" is no text'),
        (line(), "does not say what is right"),
        (line(expect="perhaps"), "\"expect\" is 'perhaps'; it takes answer or refuse"),
        (line(expect="refuse", accepted=["me"]), "is to be refused and yet"),
        (line(accepted=[""]), '"accepted" holds an empty text'),
        (line(accepted=[1]), '"accepted" is no list of texts'),
        (line(short={"a": 1}), '"short" is no list of texts'),
        (line(gold="q"), '"gold" is no list of spans'),
        (line(gold=["q"]), '"gold" holds what is no span'),
        (line(gold=[{"article": "x"}]), "a span without its words"),
        (line(gold=[{"quote": "q", "start": 0, "end": 1}]), 'offsets and no "article"'),
        (line(gold=[{"quote": "q", "article": "x", "start": 0}]), '"start" and "end" are no range'),
        (line(gold=[{"quote": "q", "article": "x", "start": True, "end": 2}]), '"start" and "end" are no range'),
        (line(expect="answer", split="secret"), "it takes open or locked"),
        (line(expect="answer", date="tomorrow"), "which is no date"),
        ('{"question": "\\ud800", "expect": "answer"}', "U+D800, which is no character"),
        ("[" * 100_000, "is not JSON"),
        (line(question="x" * 4001, expect="answer"), "a question of 4,001 characters; at most 4,000 are taken"),
        (line(accepted=["five", "?!"]), "\"accepted\" holds '?!', of which nothing is left to compare"),
        (line(short="The"), "\"short\" holds 'The', of which nothing is left to compare"),
        (line(gold=[{"quote": "q"}], acepted=["me"]), "'acepted' is no field; if \"accepted\" is meant"),
        (line(Accepted=["me"]), "'Accepted' is no field; if \"accepted\" is meant"),
        (line(gold=[{"quote": "q", "articles": "x"}]), "'articles' is no field; if \"article\" is meant"),
        (line(gold=[{"quote": "q", "article": ""}]), '"article" is empty; name one, or leave it out'),
        (line(gold=[{"quote": "!!!"}]), "\"gold\" holds a span '!!!', which has neither letter nor digit"),
        (line(accepted="x", disagreement=[{"quote": "r"}]), '"disagreement" has one side'),
        (
            line(accepted="x", disagreement=[{"quote": "r", "article": "a"}, {"quote": "r", "article": "b"}]),
            '"disagreement" has one side',
        ),
    ],
)
def test_a_bad_line_is_one_error_that_names_file_and_line(given: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(line(expect="answer") + "\n" + given, "my.jsonl")
    assert str(error.value).startswith("my.jsonl, line 2: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_question_as_long_as_is_taken_is_one() -> None:
    (found,) = parse(line(question="x" * 4000, accepted=["5 %", "東京"]), "f")
    assert found.accepted == ("5 %", "東京")


@pytest.mark.parametrize("name", ["unanswerable", "question_id", "source", "answers", "note", "data"])
def test_a_field_that_is_like_no_known_one_is_passed_over(name: str) -> None:
    (found,) = parse(line(accepted="me", **{name: "x"}), "f")
    assert found.passed_over == (name,)


def test_an_article_that_is_null_is_not_named() -> None:
    (found,) = parse(line(gold=[{"quote": "q", "article": None}]), "f")
    assert found.gold == (Gold("q"),)


def test_an_id_stands_once() -> None:
    with pytest.raises(UsageError, match=r"line 2: has the id 'a', which line 1 has, too"):
        parse("\n".join([line(id="a", expect="answer")] * 2), "f")


@pytest.mark.parametrize("given", [b"", b"\n\n"])
def test_a_file_without_a_question_says_what_one_looks_like(tmp_path: Path, given: bytes) -> None:
    (tmp_path / "f").write_bytes(given)
    with pytest.raises(UsageError, match="holds no question; a line looks like"):
        read(tmp_path / "f")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.jsonl: No such file"):
        read(tmp_path / "none.jsonl")
    (tmp_path / "latin").write_bytes(b'{"question": "\xe9"}')
    with pytest.raises(UsageError, match=r"latin: not UTF-8 \(byte 14\)"):
        read(tmp_path / "latin")


def test_two_questions_have_one_digest_only_if_they_say_the_same() -> None:
    (one,) = parse(line(id="a", accepted=["me"]), "f")
    assert one.digest == replace(one, line=9, passed_over=("note",)).digest
    assert one.digest != replace(one, accepted=("you",)).digest


# --- in a corpus ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Articles]:
    folder = tmp_path_factory.mktemp("corpus")
    with Corpus.open(create=True, settings=Settings(corpus=folder / "news.db", cache=folder / "cache")) as corpus:
        corpus.add([SEEDS])
        yield Articles(corpus)


QUESTION = Question(id="1", question="Who?", line=3)


def test_a_quote_alone_is_found_wherever_it_stands(articles: Articles) -> None:
    """ "Ain al-Asad base in" stands in the caption and in a paragraph of one article, and in others."""
    found = expect(replace(QUESTION, gold=(Gold("Ain al-Asad base in"),)), articles, "f")
    (clause,) = found.gold
    assert len({place.article for place in clause}) >= 2
    assert all(articles.text(one.article)[one.start : one.end] == one.quote for one in clause)
    assert found.articles == {place.article for place in clause}


def test_a_quote_is_looked_for_in_the_article_that_is_named(articles: Articles) -> None:
    found = expect(replace(QUESTION, gold=(Gold("Ain al-Asad base", FIRST),)), articles, "f")
    assert {place.article for place in found.gold[0]} == {articles.named(FIRST).id}


@pytest.mark.parametrize("form", ["file name", "key", "path", "id", "beginning of id"])
def test_an_article_is_named_as_everywhere_or_by_its_file_name(articles: Articles, form: str) -> None:
    known = articles.named(FIRST)
    name = {
        "file name": FIRST,
        "key": known.key,
        "path": str(SEEDS / FIRST),
        "id": known.id,
        "beginning of id": known.id[:8],
    }[form]
    assert expect(replace(QUESTION, articles=(name,)), articles, "f").articles == {known.id}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"articles": ("nowhere.txt",)}, "there is no article 'nowhere.txt'"),
        ({"gold": (Gold("Words that no one wrote.", FIRST),)}, "does not stand in '000_2ce9419c5abb0b4f.txt'"),
        ({"gold": (Gold("Words that no one wrote."),)}, "does not stand in the corpus"),
        ({"gold": (Gold("Conflicting", FIRST, 0, 11),)}, "does not stand at 0–11"),
        ({"disagreement": (Gold("Words that no one wrote."),)}, "does not stand in the corpus"),
    ],
)
def test_what_the_corpus_does_not_hold_is_an_error_that_names_the_line(
    articles: Articles, change: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError) as error:
        expect(replace(QUESTION, **change), articles, "my.jsonl")
    assert str(error.value).startswith("my.jsonl, line 3: ")
    assert said in str(error.value)


def test_the_passages_that_hold_gold_are_those_that_retrieval_gives(articles: Articles) -> None:
    gold = Gold("No casualties were reported when the missiles struck", THIRD)
    found = expect(replace(QUESTION, gold=(gold,)), articles, "f")
    hits = articles.corpus.search("casualties missiles Ain al-Asad", k=50).hits
    by_id = {f"{hit.article.id}@{hit.article.version[:12]}:{hit.passage.start}-{hit.passage.end}": hit for hit in hits}
    assert len(found.relevant) == 1
    assert gold.quote in by_id[found.relevant[0]].text


def test_articles_can_be_read_from_elsewhere_than_the_corpus(articles: Articles) -> None:
    other = Articles(articles.corpus, {FIRST: "Other words."})
    assert other.text(other.named(FIRST).id) == "Other words."
    assert other.text(other.named(THIRD).id) == (SEEDS / THIRD).read_bytes().decode("utf-8")
    assert other.text("0" * 16) == ""
