"""A saved quote, and the text of today: exact, moved, changed, or gone."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.standing import Standing, stand
from rag.types import Citation

OLD = "A ferry sank. Two drowned."
OLD_VERSION = hashlib.sha256(OLD.encode()).hexdigest()


def standing(current, *, held=True, quote="Two drowned.", start=14, same=False):
    return stand(
        Citation(1, "a", OLD_VERSION, start, start + len(quote), quote),
        cited_text=OLD if held else None,
        current_text=current,
        current_version=OLD_VERSION if same else hashlib.sha256((current or "").encode()).hexdigest(),
    )


def told(verdict):
    return verdict.standing, verdict.start, verdict.end, verdict.note


def test_a_quote_of_the_current_version_is_exact():
    assert told(standing(OLD, same=True)) == (Standing.EXACT, 14, 26, "")
    assert standing(OLD, same=True).holds


def test_a_quote_at_its_place_in_a_newer_version_is_exact_with_a_note():
    verdict = standing(OLD + " One swam.")
    assert told(verdict) == (Standing.EXACT, 14, 26, "the article has changed elsewhere since")


def test_a_quote_that_stands_elsewhere_has_moved_to_the_nearest_place():
    assert told(standing("Two drowned. A ferry sank. Two drowned. Two drowned.")) == (
        Standing.MOVED,
        27,
        39,
        "",
    )
    assert told(standing("Two drowned." + "." * 40 + "Two drowned.")) == (Standing.MOVED, 0, 12, "")


def test_a_quote_that_is_no_longer_there_has_changed():
    verdict = standing("A ferry sank. Three drowned.")
    assert told(verdict) == (Standing.CHANGED, None, None, "the cited version still holds these words")
    assert not verdict.holds
    assert standing("Three drowned.", held=False).note == "the cited version is no longer held"


def test_a_quote_of_an_article_that_is_gone():
    assert told(standing(None)) == (Standing.GONE, None, None, "the cited version is still held")
    assert told(standing(None, held=False)) == (Standing.GONE, None, None, "")


@pytest.mark.parametrize("current", [OLD, "Another text.", None])
def test_a_quote_that_the_cited_version_never_held_is_told(current):
    verdict = standing(current, quote="Ten drowned.", same=current == OLD)
    assert verdict.standing is (Standing.GONE if current is None else Standing.CHANGED)
    assert verdict.note == "the cited version does not hold these words"


def test_offsets_that_were_wrong_from_the_start_are_told():
    verdict = standing(OLD, start=3, same=True)
    assert told(verdict) == (Standing.MOVED, 14, 26, "the cited version holds these words, but not at these offsets")


@pytest.mark.parametrize("start", [-5, 10**15])
def test_offsets_far_outside_are_no_trouble(start):
    assert standing(OLD, start=start, same=True).start == 14


def test_an_empty_quote_stands_nowhere():
    assert standing(OLD, quote="").standing is Standing.CHANGED


@given(st.text("ab", max_size=12), st.text("ab", min_size=1, max_size=3), st.integers(-2, 14))
def test_the_nearest_place_is_the_nearest_of_all(text, quote, start):
    places = [at for at in range(len(text)) if text[at : at + len(quote)] == quote]
    cited = Citation(1, "a", "v", start, start + len(quote), quote)
    verdict = stand(cited, cited_text=None, current_text=text, current_version="w")
    if not places:
        assert verdict.standing is Standing.CHANGED
        return
    assert verdict.start in places
    clamped = min(max(start, 0), len(text))
    assert abs(verdict.start - clamped) == min(abs(at - clamped) for at in places)


def test_it_knows_no_model_and_no_catalog():
    seen = (
        "import sys; import rag; before = set(sys.modules); import rag.standing;"
        "print(sorted(m for m in set(sys.modules) - before if m.split('.')[0] not in sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['rag.standing', 'rag.types', 'rag.verify']"
