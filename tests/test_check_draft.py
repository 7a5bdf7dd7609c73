"""A draft taken apart: which of its sentences are claims, and where they stand in it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.check.draft import pieces


def claims(draft: str) -> list[str]:
    """The texts of the claims."""
    return [piece.text for piece in pieces(draft) if piece.verdict is None]


def kinds(draft: str) -> list[str]:
    """What each piece is."""
    return [str(piece.verdict or "claim") for piece in pieces(draft)]


@pytest.mark.parametrize(
    "draft",
    [
        "The US has 5,200 troops in Iraq [1].",
        "The US has 5,200 troops in Iraq.[1][2]",
        "The US has 5,200 troops in Iraq. [1, 3]",
        "The US has 5,200 troops in Iraq.[^note]",
        "The US has 5,200 troops in Iraq.<sup>2</sup>",
        "The US has 5,200 troops in Iraq.²",
        "The **US** has [5,200 troops](https://x.example/a) in _Iraq_.",
        "> The US has 5,200 troops\n> in Iraq.",
        "- The US has 5,200 troops in Iraq.",
        "2) The US has 5,200 troops in Iraq.",
        "The US <!-- check this --> has 5,200 troops in Iraq.",
    ],
)
def test_markup_and_citation_marks_are_no_words_of_a_claim(draft: str):
    assert claims(draft) == ["The US has 5,200 troops in Iraq."]


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before_it():
    draft = "Five rockets struck the base.[1] Nobody was hurt in the attack. [2][3]"
    assert [draft[piece.start : piece.end] for piece in pieces(draft)] == [
        "Five rockets struck the base.[1]",
        "Nobody was hurt in the attack. [2][3]",
    ]


def test_what_claims_nothing_is_named_and_never_left_out():
    draft = """---
title: A draft
---
# Rockets in Iraq

A subject in a line of its own

Five rockets struck the base on Tuesday. Who fired them?
In summary:

| day | rockets |
|-----|---------|

```sh
rm -rf everything that was there
```
Thank you!

[^1]: The base is in the west of Iraq, says the note.
"""
    assert kinds(draft) == [
        *("no claim", "heading", "heading", "claim", "question", "no claim"),
        *("no claim", "no claim", "no claim", "no claim", "no claim"),
    ]
    assert claims(draft) == ["Five rockets struck the base on Tuesday."]


def test_an_answer_of_groundwire_s_own_is_checked_without_its_sources():
    draft = """5,200 [1]

The US currently has 5,200 troops in Iraq. [1]

Probability of being right: 72%

Sources
[1] publisher unknown · Rockets strike Iraq's base · 2019-12-04
    “The US currently has 5,200 troops in Iraq.”
    seeds/002.txt, characters 598–714 · id: 43067fd7d7490680@642252f72c62:598-714
"""
    assert claims(draft) == ["The US currently has 5,200 troops in Iraq."]
    assert kinds(draft) == ["no claim", "claim", "no claim", "heading", "no claim"]


def test_what_follows_a_heading_called_sources_is_a_list_of_sources_up_to_the_next_heading():
    draft = "## Sources\n\nThe Times had it on page two of its edition.\n\n## More\n\nFive rockets struck the base."
    assert kinds(draft) == ["heading", "no claim", "heading", "claim"]


def test_a_question_that_somebody_asked_is_a_claim():
    assert kinds("“Why should we leave the country?” he asked the reporters.") == ["claim"]


def test_words_of_a_claim_are_found_again_in_the_draft():
    draft = "A **bold**   word and a [link](https://x.example) of it."
    (piece,) = pieces(draft)
    assert piece.text == "A bold word and a link of it."
    start = piece.text.index("link")
    span = piece.in_draft(start, start + 4)
    assert draft[span.start : span.end] == "link"
    assert len(piece.places) == len(piece.text)


MARKDOWN = st.lists(
    st.sampled_from(
        [
            *(
                "Five rockets struck the base. ",
                "Who? ",
                "[1]",
                "[^2]",
                "# ",
                "- ",
                "\n",
                "\n\n",
                "**",
                "`",
                "```\n",
                "| a |",
            ),
            *("[x](y)", "<b>", "> ", "“so it is”", "…", "\u200b", "1. ", "---\n", "Sources\n", "é", "\t", "“"),
        ]
    ),
    max_size=20,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(MARKDOWN)
def test_pieces_are_in_order_and_hold_every_word_of_the_draft(draft: str):
    found = pieces(draft)
    assert all(piece.start < piece.end <= len(draft) for piece in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for piece in found:
        if piece.verdict is None or piece.text:
            kept = [char for char in piece.text if not char.isspace()]
            places = [place for place, char in zip(piece.places, piece.text, strict=True) if not char.isspace()]
            assert [draft[place] for place in places] == kept
    covered = {place for piece in found for place in range(piece.start, piece.end)}
    assert all(
        place in covered for place, char in enumerate(draft) if char.isalpha() and draft[place - 1 : place + 2] == "tru"
    )
