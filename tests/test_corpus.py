"""From files to proved answers, through the Python API."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from threading import Thread

import jsonschema
import pytest
from places import SEEDS

from rag import Corpus, Filters, verify
from rag.config import Settings
from rag.errors import NotFound, UsageError
from rag.render import contract
from rag.types import REFUSAL, Answer

SCHEMA = json.loads((Path(verify.__file__).parent / "render" / "answer.schema.json").read_text())

ANSWERED = [
    # question, words that a right citation holds, file
    ("Who denied that Ain al-Asad was the target of the rockets?", "Muhammadi denied", "000_2ce9419c5abb0b4f.txt"),
    ("When will training of Iraqi forces resume?", "resume after Ramadan", "000_2ce9419c5abb0b4f.txt"),
    ("Did Iran warn Iraq in advance of its missile strikes?", "advance warning", "001_517eb0478e77d970.txt"),
    ("How many rockets struck the Ain al-Asad base on Tuesday?", "five rockets", "002_97a80949d63a5cbb.txt"),
    ("Who claimed responsibility for the attack?", "International Resistance", "003_7b39c792f8d8761a.txt"),
    ("How many Iraqis has Task Force Iraq helped train?", "250,000 Iraqis", "004_82eb41f5c6af7732.txt"),
]

REFUSED = [
    "Who won the football World Cup in Qatar?",
    "What is the boiling point of tungsten?",
    "When did Apple release the first iPhone?",
]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory):
    """The seeds, by words alone."""
    folder = tmp_path_factory.mktemp("shelf")
    with Corpus.open(settings=Settings(folder / "news.db", folder / "cache"), create=True) as corpus:
        corpus.add([SEEDS])
        yield corpus


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, model_cache: Path):
    """The seeds, with the embedding model."""
    folder = tmp_path_factory.mktemp("library")
    with Corpus.open(settings=Settings(folder / "news.db", model_cache), create=True) as corpus:
        corpus.add([SEEDS])
        yield corpus


def assert_proved(answer: Answer) -> None:
    """Against the files themselves, not against what the program holds of them."""
    texts = {key: Path(reference.path or "").read_bytes().decode() for key, reference in answer.articles.items()}
    assert verify.faults(answer, texts) == ()
    for citation in answer.citations:
        assert texts[citation.article][citation.start : citation.end] == citation.quote
    jsonschema.validate(json.loads(contract.to_json(answer)), SCHEMA)


@pytest.mark.parametrize("which", ["shelf", "library"])
@pytest.mark.parametrize(("question", "words", "file"), ANSWERED)
def test_questions_on_the_seeds_are_answered_with_the_right_citation(
    request: pytest.FixtureRequest, which: str, question: str, words: str, file: str
):
    answer = request.getfixturevalue(which).ask(question)
    assert_proved(answer)
    assert answer.answered
    assert any(
        words in citation.quote and Path(answer.articles[citation.article].path or "").name == file
        for citation in answer.citations
    ), answer.text


@pytest.mark.parametrize("which", ["shelf", "library"])
@pytest.mark.parametrize("question", REFUSED)
def test_questions_that_the_seeds_do_not_answer_are_refused(request: pytest.FixtureRequest, which: str, question: str):
    answer = request.getfixturevalue(which).ask(question)
    assert_proved(answer)
    assert not answer.answered
    assert answer.text == REFUSAL
    assert answer.statements == answer.citations == ()


def test_a_refusal_names_the_words_that_the_corpus_does_not_know(library: Corpus):
    assert library.ask("When did Apple release the first iPhone in Iraq?").unknown_words == ("Apple", "first", "iPhone")


def test_the_trained_reader_says_how_sure_it_is_and_which_words_answer(library: Corpus, shelf: Corpus):
    answer = library.ask(ANSWERED[0][0])
    assert answer.confidence is not None
    assert 0.5 < answer.confidence < 1
    assert answer.short_answer is not None
    assert "Muhammadi" in answer.short_answer.text
    refused = library.ask(REFUSED[0])
    assert refused.confidence is not None
    assert refused.confidence < 0.1
    by_words = shelf.ask(ANSWERED[0][0])
    assert (by_words.confidence, by_words.short_answer) == (None, None)
    assert answer.disagreements == by_words.disagreements == ()


def test_the_user_says_how_sure_an_answer_has_to_be(library: Corpus, model_cache: Path):
    question = ANSWERED[0][0]
    confidence = library.ask(question).confidence
    assert confidence is not None
    for least, answered in ((confidence - 0.01, True), (confidence + 0.01, False)):
        settings = replace(library.settings, min_confidence=least)
        with Corpus.open(settings=settings) as corpus:
            asked = corpus.ask(question)
            assert asked.answered is answered
            assert asked.confidence == pytest.approx(confidence)


def test_an_answer_is_at_most_as_long_as_asked(library: Corpus):
    for words in (20, 40, 60, 120):
        answer = library.ask("What happened at Ain al-Asad?", words=words)
        lengths = [len(statement.text.split()) for statement in answer.statements]
        assert sum(lengths) <= words or len(lengths) == 1


def test_asking_twice_gives_the_same(library: Corpus):
    first, second = (library.ask(ANSWERED[0][0]) for _ in range(2))
    assert replace(first, timings_ms={}) == replace(second, timings_ms={})


def test_without_weights_it_says_so_in_one_note(shelf: Corpus, library: Corpus):
    (note,) = shelf.ask(ANSWERED[0][0]).notes
    assert "model fetch" in note
    assert library.ask(ANSWERED[0][0]).notes == ()


def test_both_engines_find_passages_and_say_so(library: Corpus):
    hits = library.search("rockets at Ain al-Asad", k=5).hits
    assert len(hits) == 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert any(hit.lexical_rank and hit.dense_rank for hit in hits)
    for hit in hits:
        expected = 1 / (60 + hit.lexical_rank) if hit.lexical_rank else 0
        expected += 0.5 / (60 + hit.dense_rank) if hit.dense_rank else 0
        assert hit.score == pytest.approx(expected)


# -- filters ---------------------------------------------------------------------------------------------------


def test_filters_leave_out_and_count_the_undated(library: Corpus):
    found = library.search("rockets", filters=Filters(since="2020-01"))
    assert {hit.article.published for hit in found.hits} == {"2020-04-01T10:15:00"}
    assert "3 articles without a date were left out; keep with --undated" in found.notes
    kept = library.search("rockets", filters=Filters(since="2020-01", undated=True))
    assert {hit.article.published for hit in kept.hits} == {"2020-04-01T10:15:00", None}
    assert not any("left out" in note for note in kept.notes)


def test_filters_by_publisher_and_article(library: Corpus):
    found = library.search("rockets", filters=Filters(publishers=("jerusalem post",)))
    assert {hit.article.publisher for hit in found.hits} == {"The Jerusalem Post"}
    named = library.search("rockets", filters=Filters(articles=("002_97a80949d63a5cbb.txt",)))
    assert {hit.article.key for hit in named.hits} == {"002_97a80949d63a5cbb.txt"}
    answer = library.ask("How many rockets struck?", filters=Filters(articles=("002_97a80949d63a5cbb.txt",)))
    assert answer.produced_by.filters == {"article": ["002_97a80949d63a5cbb.txt"]}


def test_filters_that_leave_nothing_refuse(library: Corpus):
    answer = library.ask(ANSWERED[0][0], filters=Filters(since="2030"))
    assert not answer.answered
    assert answer.passages == ()
    assert "no article is within these filters" in answer.notes


# -- questions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["", "   \n\t ", "\u00a0"])
def test_an_empty_question_is_told(shelf: Corpus, question: str):
    with pytest.raises(UsageError, match="empty"):
        shelf.ask(question)
    with pytest.raises(UsageError, match="empty"):
        shelf.search(question)


def test_a_question_of_100_000_characters_is_told(shelf: Corpus):
    with pytest.raises(UsageError, match="100,000 characters"):
        shelf.ask("x" * 100_000)


@pytest.mark.parametrize(
    "question",
    [
        'AT&T AND (C++ OR "x',
        "[a TO b]",
        "body:rockets^2~ -troops",
        "???",
        "the of and",
        "\x00\x1b[31mrockets",
        "🚀",
        "\ud800",
    ],
)
def test_nothing_in_a_question_is_an_operator_or_breaks_it(library: Corpus, question: str):
    assert_proved(replace(library.ask(question), question="?"))
    library.search(question)


def test_an_empty_corpus_says_how_to_begin(settings: Settings):
    with Corpus.open(settings=settings, create=True) as corpus, pytest.raises(NotFound, match="groundwire add"):
        corpus.ask("Who?")


# -- articles --------------------------------------------------------------------------------------------------


def test_an_article_goes_by_key_id_beginning_path_and_url(shelf: Corpus):
    key = "004_82eb41f5c6af7732.txt"
    (reference,) = [one for one in shelf.articles() if one.key == key]
    for name in (key, reference.id, reference.id[:5], reference.path or "", str(SEEDS / key)):
        assert shelf.article(name).key == key
    with pytest.raises(NotFound, match="groundwire list"):
        shelf.article("no such")


def test_an_article_is_found_by_an_uncanonical_url(settings: Settings, tmp_path: Path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"url": "https://News.example/a?id=1", "text": "It rained all day."}))
    with Corpus.open(settings=settings, create=True) as corpus:
        corpus.add([tmp_path / "a.jsonl"])
        assert corpus.article("https://news.example/a?id=1&utm_source=x#top").text == "It rained all day."


def test_removing_one_unknown_removes_none(settings: Settings):
    with Corpus.open(settings=settings, create=True) as corpus:
        corpus.add([SEEDS])
        with pytest.raises(NotFound):
            corpus.remove(["000_2ce9419c5abb0b4f.txt", "no such"])
        assert corpus.status().counts.articles == 5
        assert len(corpus.remove(["000_2ce9419c5abb0b4f.txt", "000_2ce9419c5abb0b4f.txt"]).articles) == 1
        assert corpus.status().counts.articles == 4
        assert not any(hit.article.key.startswith("000") for hit in corpus.search("Muhammadi").hits)


# -- many at once ----------------------------------------------------------------------------------------------


def test_threads_may_ask_one_corpus(library: Corpus):
    expected = [library.ask(question).text for question, _, _ in ANSWERED]
    found: dict[int, list[str]] = {}

    def ask(number: int) -> None:
        found[number] = [library.ask(question).text for question, _, _ in ANSWERED]

    threads = [Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [expected] * 4


def test_a_corpus_that_moved_is_asked_as_before(tmp_path: Path):
    settings = Settings(tmp_path / "news.db", tmp_path / "cache")
    with Corpus.open(settings=settings, create=True) as corpus:
        corpus.add([SEEDS])
        before = corpus.ask(ANSWERED[0][0])
    (tmp_path / "mailed").mkdir()
    (tmp_path / "news.db").rename(tmp_path / "mailed" / "theirs.db")
    with Corpus.open(tmp_path / "mailed" / "theirs.db", settings=Settings(tmp_path, tmp_path / "another")) as corpus:
        assert replace(corpus.ask(ANSWERED[0][0]), timings_ms={}) == replace(before, timings_ms={})


def test_two_corpora_in_one_program_are_as_apart_as_two_programs(tmp_path: Path, model_cache: Path):
    settings = Settings(tmp_path / "news.db", model_cache)
    question = "How many rockets struck the Ain al-Asad base on Tuesday?"
    late = tmp_path / "late.txt"
    late.write_text("Ferry sinks off Trondheim\n\nA ferry sank off Trondheim on Monday with 14 people aboard.\n")
    with Corpus.open(settings=settings, create=True) as writer:
        writer.add([SEEDS])
        with Corpus.open(settings=settings) as reader:
            found = [hit.article.id for hit in writer.search(question).hits]
            assert [hit.article.id for hit in reader.search(question).hits] == found
            stamp = writer._indexes._stamps.found("vectors")
            assert stamp is not None
            assert stamp.clean
            assert None not in (writer._indexes._store, reader._indexes._store)
            writer.add([late])
            assert reader.search("Which ship sank off Trondheim?").hits[0].article.id not in found
        assert [hit.article.id for hit in writer.search(question).hits][:3] == found[:3]
        stamp = writer._indexes._stamps.found("vectors")
        assert stamp is not None
        assert stamp.clean


WEEKS = {"2022-03-03": "Brest", "2022-03-13": "Gdynia", "2022-03-23": "Vigo", "2022-05-02": "Split"}
STRIKE = "The harbour strike: which port was closed by the strike this week?"


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory):
    """The same story four times, by words alone."""
    folder = tmp_path_factory.mktemp("weekly")
    stories = [
        {"id": day, "title": "Harbour strike", "date": day, "text": f"A strike closed the port of {port} this week."}
        for day, port in WEEKS.items()
    ]
    (folder / "news.jsonl").write_text("\n".join(map(json.dumps, stories)))
    with Corpus.open(settings=Settings(folder / "news.db", folder / "cache"), create=True) as corpus:
        corpus.add([folder / "news.jsonl"])
        yield corpus


@pytest.mark.parametrize(
    ("asked_on", "first"),
    [("2022-03-04", "Brest"), ("2022-03-14", "Gdynia"), ("2022-03-24", "Vigo"), ("2022-05", "Split")],
)
def test_articles_of_the_week_before_the_question_come_first_and_no_other_is_lost(
    weekly: Corpus, asked_on: str, first: str
):
    answer = weekly.ask(STRIKE, asked_on=asked_on)
    assert f"port of {first}" in answer.passages[0].text
    assert {port for port in WEEKS.values() if any(port in hit.text for hit in answer.passages)} == set(WEEKS.values())
    assert answer.produced_by.filters == {"asked_on": asked_on}
    assert weekly.ask(STRIKE).produced_by.filters == {}


def test_a_question_s_date_never_widens_its_filters(weekly: Corpus):
    only = weekly.ask(STRIKE, asked_on="2022-03-14", filters=Filters(since="2022-05-01"))
    assert [hit.article.published for hit in only.passages] == ["2022-05-02"]
    both = weekly.ask(STRIKE, asked_on="2022-03-14", filters=Filters(until="2022-03-15"))
    assert [hit.article.published for hit in both.passages] == ["2022-03-13", "2022-03-03"]
