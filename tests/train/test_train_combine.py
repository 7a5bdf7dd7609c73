"""How much each question counts when the reader's signs are weighed."""

from __future__ import annotations

import numpy as np
import pytest

from rag.answer.learned import SIGNS, Said, Sign
from rag.types import Span
from train.combine import UNSEEN_SHARE, Judged, fit_signs


def sentence(sentence: float, rank: float) -> Sign:
    """A sentence of which the model says nothing: its words, and its place, have to tell."""
    return Sign(0, Span(0, 1), "x", Said(None, 0.0, 0.0, 0.0, 0.0), sentence, 0.0, rank, 0.0)


def judged(right: Sign, wrong: Sign, *, unseen: bool) -> Judged:
    return Judged([right, wrong], np.array([True, False]), [], unseen)


def weights(some: list[Judged]) -> dict[str, float]:
    return dict(zip(SIGNS, fit_signs(some).tolist(), strict=True))


def test_questions_of_who_had_not_seen_the_text_count_as_much_however_few_they_are():
    by_words = judged(sentence(1.0, 0.0), sentence(0.0, 1.0), unseen=False)
    by_place = judged(sentence(0.0, 1.0), sentence(1.0, 0.0), unseen=True)
    once, often = (weights([by_words] * count + [by_place]) for count in (1, 30))
    assert once == pytest.approx(often, abs=1e-3)
    assert UNSEEN_SHARE > 0.5
    assert once["rank"] > 0 > once["sentence"]


def test_questions_of_one_kind_count_alike():
    first, second = (judged(sentence(1.0, place), sentence(0.0, 0.5), unseen=False) for place in (0.0, 1.0))
    found = weights([first, second])
    assert found["sentence"] > 0
    assert found["rank"] == pytest.approx(0, abs=1e-3)
