"""A question and a passage as one run of tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.pairs import MAX_TOKENS, QUESTION_TOKENS, TITLE_TOKENS, Pairs
from rag.types import Span

TEXT = "The ferry sank off Trondheim. Fourteen people were aboard, the coast guard said."
SENTENCES = [Span(0, 29), Span(30, 80)]


@pytest.fixture(scope="module")
def pairs(model_cache: Path) -> Pairs:
    return Pairs(model_cache / "models" / "all-MiniLM-L6-v2" / "tokenizer.json")


def test_a_pair_is_question_title_and_passage_each_ended_by_a_separator(pairs: Pairs):
    begin, part = pairs.question("")
    asked = pairs.question("Who was aboard?")
    made = pairs.pair(asked, "A ferry sinks", TEXT)
    assert asked[0] == begin
    assert asked[-1] == part
    assert made.ids[: len(asked)] == asked
    assert [place for place, one in enumerate(made.ids) if one == part] == [
        len(asked) - 1,
        made.first - 1,
        len(made.ids) - 1,
    ]
    assert len(made.offsets) == len(made.ids) - made.first - 1


def test_offsets_point_at_the_words_of_the_passage(pairs: Pairs):
    made = pairs.pair(pairs.question("Who?"), "", TEXT)
    words = [TEXT[start:end] for start, end in made.offsets]
    assert words[:4] == ["The", "ferry", "sank", "off"]
    assert "".join(words) == TEXT.replace(" ", "")


def test_each_token_stands_in_its_sentence_or_in_none(pairs: Pairs):
    made = pairs.pair(pairs.question("Who?"), "", TEXT)
    inside = made.sentences(SENTENCES)
    assert [TEXT[start:end] for (start, end), place in zip(made.offsets, inside, strict=True) if place == 0][-1] == "."
    first = next(place for place, one in enumerate(inside) if one == 1)
    assert TEXT[made.offsets[first][0] :].startswith("Fourteen")
    only_second = made.sentences(SENTENCES[1:])
    assert set(only_second[:first]) == {-1}
    assert set(only_second[first:]) == {0}
    assert set(made.sentences([])) == {-1}


def test_what_is_too_long_is_cut_and_the_passage_keeps_its_place(pairs: Pairs):
    asked = pairs.question("why " * 500)
    assert len(asked) == QUESTION_TOKENS + 2
    made = pairs.pair(asked, "storm " * 500, TEXT * 100)
    assert len(made.ids) == MAX_TOKENS
    assert made.first == len(asked) + TITLE_TOKENS + 1
    assert len(made.offsets) == MAX_TOKENS - made.first - 1


def test_half_a_surrogate_pair_moves_no_offset(pairs: Pairs):
    made = pairs.pair(pairs.question("\ud800?"), "\udfff", "a \ud800 ferry")
    assert made.offsets[-1] == (4, 9)
