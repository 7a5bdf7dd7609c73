"""The trained reader's way from what the model says to sentences, short answer and confidence; the model is made up."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from places import SEEDS

import rag
from rag import Corpus, lexical, query
from rag.answer.learned import GROUNDS, PASSAGES, SIGNS, Fit, LearnedReader, fitted, grounds, trimmed
from rag.answer.model import Told
from rag.answer.pairs import Pair
from rag.answer.reader import Candidate, Reading, by_reading
from rag.config import NO_MODEL, Settings
from rag.types import Filters, Hit, Span

QUESTION = "When will training of Iraqi forces resume?"
PLAIN = Fit((1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0.0, 0.5, 0.8)
"""The best sentence is what tells most; the confidence is how much more it tells than that nothing answers."""


class Saying:
    """Says of every token that it does not answer, but for the words that it is told to point at."""

    def __init__(self, words: str, nothing: float = 0.0, tokens: int = 10_000) -> None:
        self.words, self.nothing, self.tokens = words, nothing, tokens
        self.asked: list[tuple[str, str]] = []

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Told]:
        assert question == QUESTION
        self.asked += passages
        return [self._told(text) for _, text in passages]

    def _told(self, text: str) -> Told:
        offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)][: self.tokens]
        starts, ends, tells = (np.full(len(offsets), -5.0, np.float32) for _ in range(3))
        place = text.find(self.words)
        for at, (start, end) in enumerate(offsets):
            if place <= start < place + len(self.words) and place >= 0:
                tells[at] = 300.0
                starts[at] = 5.0 if start == place else -5.0
                ends[at] = 5.0 if end == place + len(self.words) else -5.0
        pair = Pair([1, 2, *range(len(offsets)), 3], 2, offsets)
        return Told(pair, starts, ends, tells, np.full(3, self.nothing, np.float32))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("seeds")
    with Corpus.open(settings=Settings(folder / "news.db", folder / "cache"), create=True) as made:
        made.add([SEEDS])
        yield made


@pytest.fixture(scope="module")
def hits(corpus: Corpus) -> list[Hit]:
    return list(corpus.search(QUESTION, k=12).hits)


def read(corpus: Corpus, hits: Sequence[Hit], model: Saying, fit: Fit = PLAIN, least: float | None = None) -> Reading:
    index = corpus._indexes.lexical()
    reader = LearnedReader(cast("Any", model), lexical.terms, index, len(index), fit, least)
    return reader.read(query.read(QUESTION, lexical.terms), hits)


def test_the_sentence_that_the_model_points_at_comes_first_with_its_words(corpus: Corpus, hits: list[Hit]):
    reading = read(corpus, hits, Saying("after Ramadan"))
    best = reading.candidates[0]
    assert "after Ramadan" in best.text
    hit = hits[best.hit]
    assert best.short is not None
    assert hit.text[best.short.start - hit.passage.start : best.short.end - hit.passage.start] == "after Ramadan"
    assert best.span.start <= best.short.start < best.short.end <= best.span.end
    assert reading.answers
    assert sum(one.score for one in reading.candidates) == pytest.approx(1)


def test_where_the_model_says_that_nothing_answers_there_is_no_answer_and_no_short_one(corpus: Corpus, hits: list[Hit]):
    reading = read(corpus, hits, Saying("no such words"))
    assert not reading.answers
    assert reading.confidence == pytest.approx(1 / (1 + math.exp(5)))
    assert reading.strength == pytest.approx(-5)
    assert {one.short for one in reading.candidates} == {None}


@pytest.mark.parametrize(("least", "answers"), [(0.0, True), (0.006, True), (0.007, False), (1.0, False)])
def test_the_user_says_how_sure_it_has_to_be(corpus: Corpus, hits: list[Hit], least: float, answers: bool):
    assert read(corpus, hits, Saying("no such words"), least=least).answers is answers


def test_what_the_question_s_words_say_counts_as_the_fit_has_it(corpus: Corpus, hits: list[Hit]):
    by_words = Fit((0.0,) * 4 + (1.0, 0.0, 0.0, 0.0), PLAIN.grounds, 0.0, 0.5, 0.8)
    best = read(corpus, hits, Saying("no such words"), by_words).candidates[0]
    assert {"training", "resume"} <= set(best.text.split())


def test_only_the_best_passages_are_read_and_with_their_titles(corpus: Corpus, hits: list[Hit]):
    model = Saying("after Ramadan")
    read(corpus, hits, model)
    assert model.asked == [(hit.article.title, hit.text) for hit in hits[:PASSAGES]]


def test_a_sentence_that_the_model_could_not_read_is_no_candidate(corpus: Corpus, hits: list[Hit]):
    reading = read(corpus, hits[:1], Saying("x", tokens=5))
    assert [one.span for one in reading.candidates] == [hits[0].passage.sentences[0]]


def test_nothing_to_read_is_no_answer(corpus: Corpus):
    reading = read(corpus, [], Saying("x"))
    assert (reading.candidates, reading.answers, reading.confidence) == ((), False, 0.0)


def test_grounds_are_the_largest_margins_and_how_many_passages_there_are(corpus: Corpus, hits: list[Hit]):
    index = corpus._indexes.lexical()
    reader = LearnedReader(cast("Any", Saying("after Ramadan")), lexical.terms, index, len(index), PLAIN)
    signs = reader.signs(query.read(QUESTION, lexical.terms), hits)
    told = dict(zip(GROUNDS, grounds(signs, 100.0), strict=True))
    assert told["tells_margin"] == max(one.said.tells for one in signs)  # the model says 0 for nothing
    assert told["words_margin"] == 10.0
    assert told["many"] == pytest.approx(math.log(100))
    assert {len(one.values()) for one in signs} == {len(SIGNS)}
    assert grounds(signs, 0.0)[2] == 0.0


def test_among_fewer_passages_the_same_grounds_make_more_sure(corpus: Corpus, hits: list[Hit]):
    fit = replace(PLAIN, grounds=(0.0, 0.0, -0.5))
    index = corpus._indexes.lexical()
    model = cast("Any", Saying("after Ramadan"))
    asked = query.read(QUESTION, lexical.terms)

    def sure(searched: float | None) -> float | None:
        return (
            LearnedReader(model, lexical.terms, index, len(index), fit, searched=searched).read(asked, hits).confidence
        )

    assert sure(4.0) == pytest.approx(1 / 3)  # odds of 4 ** -0.5
    assert sure(None) == sure(float(len(index)))


def test_a_filter_leaves_fewer_passages_to_search(model_cache: Path, tmp_path: Path):
    with Corpus.open(settings=Settings(tmp_path / "news.db", model_cache), create=True) as corpus:
        corpus.add([SEEDS])
        everything, _ = corpus.prepare(QUESTION)
        one, _ = corpus.prepare(QUESTION, filters=Filters(articles=(next(corpus.articles()).id,)))
    assert isinstance(everything, LearnedReader)
    assert isinstance(one, LearnedReader)
    assert one._searched == pytest.approx(everything._searched / 5)


def test_passages_stand_in_the_order_of_their_best_sentences(corpus: Corpus, hits: list[Hit]):
    last = next(place for place in range(PASSAGES - 1, 0, -1) if hits[place].passage.sentences)
    words = hits[last].text[hits[last].passage.sentences[0].start - hits[last].passage.start :][:25]
    reading = read(corpus, hits, Saying(words))
    moved, order = by_reading(reading, hits)
    assert order[0] == hits[last]
    assert sorted(map(id, order)) == sorted(map(id, hits))
    assert order[-1] == hits[-1]  # was not read
    for before, after in zip(reading.candidates, moved.candidates, strict=True):
        assert (before.text, hits[before.hit]) == (after.text, order[after.hit])


@pytest.mark.parametrize(
    ("scores", "shares", "order"),
    [
        ((0.03, 0.03), (0.4, 0.6), [1, 0]),
        ((0.03, 0.02), (0.4, 0.6), [0, 1]),  # 0.01 counts 5, the better sentence log(1.5) = 0.4
        ((0.03, 0.02), (0.001, 0.999), [1, 0]),  # log(999) = 6.9
        ((0.03, 0.03), (0.0, 1.0), [1, 0]),
        ((0.01, 0.03), (1.0, None), [0, 1]),  # what has no candidate stays behind, however well it was found
    ],
)
def test_what_was_found_much_better_is_not_put_behind_a_sentence_that_is_a_little_better(
    hits: list[Hit], scores: tuple[float, float], shares: tuple[float, float | None], order: list[int]
):
    found = [replace(hit, score=score) for hit, score in zip(hits, scores, strict=False)]
    candidates = [Candidate(n, Span(0, 1), "", share) for n, share in enumerate(shares) if share is not None]
    candidates.sort(key=lambda one: -one.score)
    moved, now = by_reading(Reading(tuple(candidates), answers=True, strength=0.0), found)
    assert now == [found[place] for place in order]
    assert [now[one.hit] for one in moved.candidates] == [found[one.hit] for one in candidates]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("International Resistance”", "International Resistance"),
        ("“International Resistance”", "International Resistance"),
        ("“Yes” or “no”", "“Yes” or “no”"),
        ("the Quds Force (IRGC)", "the Quds Force (IRGC)"),
        ("(IRGC) Quds Force", "(IRGC) Quds Force"),
        ("IRGC)", "IRGC"),
        ("(IRGC", "IRGC"),
        ("5,200.", "5,200"),
        ("$1.5 billion,", "$1.5 billion"),
        ("the soldiers’", "the soldiers"),
        ('"so"', "so"),
        (".”", None),
        ("", None),
    ],
)
def test_a_short_answer_has_no_stop_and_no_half_of_a_pair_at_its_ends(words: str, left: str | None):
    text = f"He said {words} to them."
    span = trimmed(text, 8, 8 + len(words))
    assert (span and text[span.start : span.end]) == left


# -- what is said of it ------------------------------------------------------------------------------------------


def test_the_help_names_the_threshold_that_ships():
    told = (Path(rag.__file__).parent / "commands" / "asking.py").read_text("utf-8")
    assert f"at least this probability; {fitted().threshold} unless set" in told


def test_without_the_trained_reader_a_wished_for_confidence_is_told_not_to_count(tmp_path: Path):
    settings = Settings(tmp_path / "news.db", tmp_path / "cache", NO_MODEL, min_confidence=0.9)
    with Corpus.open(settings=settings, create=True) as corpus:
        corpus.add([SEEDS])
        answer = corpus.ask("How many US troops are there in Iraq?")
    assert answer.confidence is None
    assert any("--min-confidence was not applied" in note for note in answer.notes)
