"""A statement says what its quotes say: injuries are seen, and what an article's own words bear out is let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.clean import read_page
from rag.evaluate.support import Quoted, faults, names, negations, numbers, words
from rag.split import passages
from rag.types import Statement, StatementKind

SEEDS = Path(__file__).parents[2] / "seeds"

ARTICLE = (
    "“The base was not the target,” Maj. Gen. Muhammadi said on Tuesday, and thanked Myles Caggins of the coalition.\n"
    "\n"
    "Caggins said that 5,200 troops had trained two brigades in Iraq’s west.\n"
)


def quote(text: str = ARTICLE, wanted: str = "") -> Quoted:
    start = text.index(wanted or text)
    return Quoted(text, start, start + len(wanted or text.rstrip()))


DENIAL = quote(wanted=ARTICLE.partition("\n")[0])
TRAINED = quote(wanted="Caggins said that 5,200 troops had trained two brigades in Iraq’s west.")


def prose(text: str, *quotes: Quoted, speaker: str | None = None) -> tuple[str, ...]:
    return faults(Statement(text, (1,), StatementKind.GENERATED, speaker), quotes)


def test_an_extracted_statement_is_its_quote_once_white_space_is_folded() -> None:
    text = "Five  rockets\nfell."
    assert faults(Statement("Five rockets fell.", (1,)), [Quoted(text, 0, len(text))]) == ()
    assert faults(Statement("Five rocket fell.", (1,)), [Quoted(text, 0, len(text))]) == ("it is not its quote",)


def test_a_statement_without_a_quote_is_not_borne_out() -> None:
    assert faults(Statement("Five rockets fell.", ()), []) == ("it has no quote",)


@pytest.mark.parametrize(
    "text",
    [
        "The base was not the target, Muhammadi said.",
        "Muhammadi said on Tuesday that the base was not the target.",
        "Muhammadi denied that the base was the target.",
        "According to Maj. Gen. Muhammadi, the base was not the target.",
    ],
)
def test_another_wording_of_the_quote_passes(text: str) -> None:
    assert prose(text, DENIAL) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("The base was the target, Muhammadi said.", "its negation is another"),
        ("The base was not the target, Caggins said.", "the article does not say that Caggins said so"),
        ("Myles Caggins said that the base was not the target.", "the article does not say that Myles Caggins said so"),
        ("The base was not the target, Muhammadi said on Monday.", "the name monday is in no quote"),
        ("The base was not the target, Muhammadi said in Erbil.", "the name erbil is in no quote"),
    ],
    ids=["negation", "swapped, both in the quote", "swapped, in front", "date", "name"],
)
def test_what_the_quote_does_not_say_is_named(text: str, fault: str) -> None:
    assert prose(text, DENIAL) == (fault,)


STARTED = quote("“We did not start it,” Zarif said on Monday, after Trump spoke.\n")
WHO = [
    "{}: “We did not start it.”",
    "{}: We did not start it.",
    "“We did not start it,” was {}’s answer.",
    "“We did not start it” was the reply of {}.",
    "“We did not start it” – {}",
    "They did not start it, in the words of {}.",
    "They did not start it, in {}’s view.",
    "{} was quoted as saying that they did not start it.",
    "For {}, they did not start it.",
    "{} maintained that they did not start it.",
]
"""Written by hand, not by what reads them."""


@pytest.mark.parametrize("form", WHO)
def test_whoever_is_given_the_words_in_another_form_is_held_to_the_article(form: str) -> None:
    assert prose(form.format("Zarif"), STARTED) == ()
    assert prose(form.format("Trump"), STARTED) == ("the article does not say that Trump said so",)


def test_what_the_quote_itself_says_that_somebody_called_something_passes() -> None:
    called = quote("Trump called the attack a disgrace, and Zarif left for Vienna.\n")
    assert prose("Trump called the attack a disgrace.", called) == ()
    assert prose("Zarif called the attack a disgrace.", called) == ("the article does not say that Zarif said so",)


def test_a_name_before_a_colon_may_be_the_quote_s_own() -> None:
    dateline = quote("Erbil: Two rockets fell near the airport.\n")
    assert prose("Erbil: Two rockets fell near the airport.", dateline) == ()


KILLED = quote("Police said that 3 people were killed and 12 injured in 2020.\n")


@pytest.mark.parametrize(
    "text",
    [
        "3 killed, 12 injured.",
        "Three people were killed, and twelve were injured.",
        "The attack killed 3 and injured 12.",
        "In 2020, three people were killed.",
        "12 were injured; the killed were 3.",
    ],
)
def test_figures_may_be_worded_otherwise(text: str) -> None:
    assert prose(text, KILLED) == ()


@pytest.mark.parametrize(
    "text",
    [
        "12 killed, 3 injured.",
        "Twelve people were killed, and three were injured.",
        "The attack killed 12 and injured 3.",
    ],
)
def test_figures_that_changed_places_are_seen(text: str) -> None:
    assert prose(text, KILLED) == ("beside 'injured' the quote has 12, not 3",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Caggins said that 5200 troops had trained 2 brigades in western Iraq.", ()),
        ("Caggins said that 5,300 troops had trained two brigades in Iraq.", ("the number 5300 is in no quote",)),
        ("Caggins said that 5,200 troops had trained three brigades.", ("the number 3 is in no quote",)),
        ("Caggins said that 5,200 million troops trained.", ("the number million is in no quote",)),
    ],
)
def test_numbers_stand_in_the_quote_in_digits_or_words(text: str, found: tuple[str, ...]) -> None:
    assert prose(text, TRAINED) == found


def test_a_speaker_beside_the_statement_is_held_to_the_article() -> None:
    said = Statement(DENIAL.quote, (1,), speaker="Muhammadi")
    assert faults(said, [DENIAL]) == ()
    wrong = Statement(DENIAL.quote, (1,), speaker="Caggins")
    assert faults(wrong, [DENIAL]) == ("the article does not give it to Caggins",)


def test_two_quotes_bear_out_one_statement() -> None:
    assert prose("The base was not the target, and 5,200 troops had trained.", DENIAL, TRAINED) == ()


def test_numbers_are_read_as_digits() -> None:
    assert numbers(words("Two of 5,200, one of 3.5, a dozen")) == {"2", "5200", "3.5", "dozen"}
    assert numbers(words("one"), read_one=True) == {"1"}


@pytest.mark.parametrize(
    ("text", "count"),
    [("It was not so.", 1), ("It wasn’t so, never.", 2), ("He denied it.", 1), ("It fell.", 0), ("neither x nor y", 1)],
)
def test_negations(text: str, count: int) -> None:
    assert negations(text) == count


def test_the_first_word_is_a_name_where_the_article_never_writes_it_small() -> None:
    text = "The soldiers left Erbil."
    assert names("Soldiers left.", [Quoted(text, 0, len(text))]) == set()
    assert names("Erbil is quiet. Basra is not.", [Quoted(text, 0, len(text))]) == {"erbil", "basra"}


def test_every_sentence_of_the_seeds_bears_itself_out_as_prose() -> None:
    """The false alarms, on the only prose that is certainly right: there is none."""
    seen = 0
    for file in sorted(SEEDS.glob("*.txt")):
        text = file.read_bytes().decode("utf-8")
        for span in [span for passage in passages(text, read_page(text).skipped) for span in passage.sentences]:
            quoted = Quoted(text, span.start, span.end)
            seen += 1
            assert prose(" ".join(quoted.quote.split()), quoted) == (), quoted.quote
    assert seen > 100
