"""What retrieval found against the passages that hold gold; ranks and gains by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from two_articles import HOW_MANY, NORTH_ID, REFERENCES, SOUTH_ID, WHO_DIED, answer

from rag.evaluate.measures import Measure
from rag.evaluate.retrieval import ranks
from rag.types import Answer, Hit, Passage, Span, span_id


def hit(article: str, start: int) -> Hit:
    passage = Passage(start, start + 10, (Span(start, start + 10),))
    return Hit(REFERENCES[article], passage, "", score=0.5)  # ties: the order alone counts


def found(*hits: Hit) -> Answer:
    return replace(answer(), passages=hits)


def name(article: str, start: int) -> str:
    return span_id(article, REFERENCES[article].version, start, start + 10)


ASKED = replace(HOW_MANY, relevant=(name(NORTH_ID, 0), name(NORTH_ID, 10)))


def test_the_second_and_the_fourth_of_two_relevant_passages() -> None:
    hits = [hit(SOUTH_ID, 0), hit(NORTH_ID, 10), hit(SOUTH_ID, 10), hit(NORTH_ID, 0)]
    (earned,) = ranks([ASKED], [found(*hits)])
    gained = 1 / math.log2(3) + 1 / math.log2(5)
    assert earned[Measure.RECIPROCAL_RANK] == 0.5
    assert [earned[one] for one in (Measure.HIT_1, Measure.HIT_5, Measure.HIT_10)] == [0, 1, 1]
    assert earned[Measure.NDCG] == pytest.approx(gained / (1 + 1 / math.log2(3)), abs=1e-4)
    assert [earned[one] for one in (Measure.ARTICLE_HIT_1, Measure.ARTICLE_HIT_5)] == [0, 1]


def test_articles_count_once_whatever_their_passages() -> None:
    hits = [hit(SOUTH_ID, 10 * n) for n in range(6)] + [hit(NORTH_ID, 0)]
    (earned,) = ranks([ASKED], [found(*hits)])
    assert earned[Measure.HIT_5] == 0
    assert earned[Measure.ARTICLE_HIT_5] == 1


def test_nothing_found_is_zero_and_nothing_relevant_is_not_measured() -> None:
    earned = ranks([ASKED, WHO_DIED, HOW_MANY], [found(), found(hit(NORTH_ID, 0)), found(hit(NORTH_ID, 0))])
    assert earned[0][Measure.HIT_10] == 0
    assert earned[1] == {}
    assert set(earned[2]) == {Measure.ARTICLE_HIT_1, Measure.ARTICLE_HIT_5, Measure.ARTICLE_HIT_10}
