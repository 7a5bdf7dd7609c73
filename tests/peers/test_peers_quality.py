"""What is told of a system's passages, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from eval.bench.realtimeqa import Question
from eval.peers.quality import joined, outcomes, read
from eval.peers.systems import Retrieved
from rag.minilm import Vectors


def test_the_gold_counts_at_the_rank_of_its_passage():
    passages = [_passage("Nothing here."), _passage("It was Lisbon, he said."), _passage("Porto.")]
    found = outcomes([_asked("Lisbon"), _asked("Porto")], [passages, passages], _letters)
    assert found["hit@1"] == [False, False]
    assert found["hit@5"] == [True, True]


def test_a_gold_string_that_the_cut_divides_does_not_count():
    at_the_edge = [_passage("word " * 98), _passage("New York is large.")]
    over_the_edge = [_passage("word " * 99), _passage("New York is large.")]
    found = outcomes([_asked("New York")] * 2, [at_the_edge, over_the_edge], _letters)
    assert found["words@100"] == [True, False]
    assert found["words@300"] == [True, True]


def test_equal_length_is_of_words_not_of_passages():
    one_long = [_passage("word " * 350 + "Lisbon.")]
    many_short = [_passage("word " * 50)] * 4 + [_passage("Lisbon.")]
    found = outcomes([_asked("Lisbon")] * 2, [one_long, many_short], _letters)
    assert found["hit@1"] == [True, False]
    assert found["words@300"] == [False, True]


def test_the_gold_article_is_told_over_questions_with_evidence_alone():
    asked = [_asked("x", evidence="a"), _asked("x", evidence="b"), _asked("x"), _asked("x", "a", answerable=False)]
    found = outcomes(asked, [[_passage("x", "a")]] * 4, _letters)
    assert found["article@10"] == [True, False, True]
    assert len(found["hit@1"]) == 3


def test_the_reader_puts_the_nearest_sentence_first_and_no_sentence_twice():
    passages = [_passage("Bees hum all day here. Aaa aaa aaa."), _passage("Aaa aaa aaa. Cats sleep all day here.")]
    answer = read("aaaa", passages, _letters)
    assert answer.startswith("Aaa aaa aaa. ")
    assert answer.count("Aaa") == 1
    assert "Bees" in answer and "Cats" in answer


def test_the_reader_sees_the_first_three_hundred_words_of_everybody():
    long = " ".join(f"Word{n} stands in this sentence here." for n in range(200))
    assert "Lisbon" not in read("x", [_passage(long), _passage("Lisbon is a town.")], _letters)
    assert "Lisbon" in read("x", [_passage("Lisbon is a town."), _passage(long)], _letters)


def test_nothing_retrieved_answers_nothing():
    assert read("x", [], _letters) == ""
    found = outcomes([_asked("Lisbon")], [[]], _letters)
    assert not any(any(values) for values in found.values())


def test_passages_are_joined_in_their_order():
    assert joined([_passage("one"), _passage("two")]).split() == ["one", "two"]


@pytest.mark.parametrize("words", [61, 59])
def test_an_answer_counts_up_to_sixty_words(words: int):
    passages = [_passage("word " * words + "Lisbon.")]
    assert outcomes([_asked("Lisbon")], [passages], _letters)["same reader"] == [words < 60]


def _asked(gold: str, evidence: str | None = None, *, answerable: bool = True) -> Question:
    there = frozenset([evidence] if evidence else [])
    return Question("1", "Where?", gold, "2022-01-01", "dev", answerable, there)


def _passage(text: str, article: str = "") -> Retrieved:
    return Retrieved(text, article)


def _letters(texts: Sequence[str]) -> Vectors:
    """A stand-in for MiniLM: unit vectors of how often each letter occurs."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    counts = np.array([[text.lower().count(letter) for letter in letters] for text in texts], np.float32) + 1e-3
    unit: Vectors = counts / np.linalg.norm(counts, axis=1, keepdims=True)
    return unit
