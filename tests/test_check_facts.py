"""The facts of a claim against a quote: numbers, names, days, negations, opposites, quotations, speakers."""

from __future__ import annotations

import pytest

from rag.check.claim import Claim, Quote, Source, Surroundings
from rag.check.days import moments
from rag.check.facts import compare
from rag.check.numbers import numbers
from rag.check.words import are_opposites, stem
from rag.claims import Reason
from rag.sentences import sentences
from rag.types import Span


def differing(claim: str, quote: str, *, around: str = "", published: str | None = None, title: str = "", by: str = ""):
    """What differs: the words of the claim, the reason and what is told; `around`: what goes before the quote."""
    text = f"{around} {quote}".strip()
    source = Source(text, title, published, by)
    passage = Surroundings.read(source, Span(0, len(text)), sentences(text))
    found = compare(Claim.read(claim), Quote.read(passage, Span(len(text) - len(quote), len(text))))
    return [(claim[one.start : one.end], one.reason, one.told) for one in found.faults if one.decisive]


def reasons(claim: str, quote: str, **given: str):
    """The reasons alone."""
    return [reason for _, reason, _ in differing(claim, quote, **given)]


# -- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("The city has 1.5 million people.", "The city has 1,500,000 people."),
        ("Twelve people died.", "12 people died."),
        ("Rates rose 5 percent.", "Rates rose 5% in the year."),
        ("Rates rose five per cent.", "Rates rose 5 percentage points."),
        ("The dam cost $4bn.", "The dam cost more than four billion dollars."),
        ("Two dozen missiles were fired.", "They fired 24 missiles."),
        ("About 1.5 million people fled.", "In all 1,483,200 people fled."),
        ("Some 200 people came.", "The hall counted 196 people who came."),
        ("More than 200 people came.", "They counted 215 people who came."),
        ("Nearly 200 people came.", "They counted 196 people who came."),
        ("Prices rose 10 percent.", "Prices rose between 10 and 20 percent."),
        ("The third attempt failed.", "The 3rd attempt failed."),
        ("The train left at 3.30 pm.", "The train left at 15:30."),
        ("One of them died.", "A man among them died."),  # "one" is nobody's number
    ],
)
def test_the_same_number_in_another_form_is_the_same(claim: str, quote: str):
    assert reasons(claim, quote) == []


@pytest.mark.parametrize(
    ("claim", "quote", "words", "told"),
    [
        ("Twelve people died.", "13 people died.", "Twelve", "the quote has 13"),
        ("Rates rose 5 percent.", "Rates rose for 5 years.", "5", "not in the quote"),
        (
            "The city has 1.5 million people.",
            "The city has 1.6 million people.",
            "1.5 million",
            "the quote has 1.6 million",
        ),
        ("In all 1.5 million people fled.", "In all 1,483,200 people fled.", "1.5 million", "the quote has 1,483,200"),
        ("More than 200 people came.", "They counted 196 people who came.", "200", "the quote has 196"),
        ("Nearly 200 people came.", "They counted 215 people who came.", "200", "the quote has 215"),
        ("More than 200 people came.", "Fewer than 200 people came.", "200", "the quote has 200"),
        ("Two dozen missiles were fired.", "They fired two missiles.", "Two dozen", "the quote has two"),
    ],
)
def test_another_number_is_told_with_what_the_quote_has(claim: str, quote: str, words: str, told: str):
    assert (words, Reason.NUMBER, told) in differing(claim, quote)


def test_a_number_of_the_passage_is_not_one_of_the_quote():
    assert reasons("He had 7 dogs.", "He had dogs in the house.", around="He had 7 cats.") == [Reason.NUMBER]


def test_numbers_that_changed_places_differ():
    found = differing("Police counted 12 dead and 47 injured.", "Police counted 47 dead and 12 injured.")
    assert found == [
        ("12", Reason.NUMBER, "the quote has 47 for “dead”"),
        ("47", Reason.NUMBER, "the quote has 12 for “injured”"),
    ]


def test_numbers_are_read_in_digits_and_words():
    text = "three hundred thousand five hundred men, $3m, 5 m of rope, several dozen boats, the 1990s, half a million"
    assert [one.value for one in numbers(text)] == [300_500, 3_000_000, 5, -12, 1990, 500_000]


# -- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("McKenzie spoke in Tampa.", "General Kenneth McKenzie spoke in Tampa."),
        ("Mr. McKenzie's troops spoke.", "The troops of McKenzie spoke."),
        ("K. McKenzie spoke.", "Kenneth McKenzie spoke."),
        ("The WHO warned the US.", "The World Health Organization warned the United States."),
        ("American forces left Iraq.", "U.S. forces left Iraq."),
        ("Iran fired first.", "Iranian batteries fired first."),
        ("The Iraqi army left.", "The army of Iraq left."),
        ("Suleimani died in Baghdad.", "Soleimani died in Baghdad."),
        ("Ayn al-Assad was hit.", "Ain al-Asad was hit."),
        ("Orban met Kovács.", "Orbán met Kovacs."),
        ("PhDs spoke in Rome.", "A PhD spoke in Rome."),
        ("Officials spoke in Rome.", "They spoke in Rome."),  # no name, though it begins with a capital
    ],
)
def test_a_name_in_another_form_is_the_same(claim: str, quote: str):
    assert reasons(claim, quote) == []


@pytest.mark.parametrize(
    ("claim", "quote", "words"),
    [
        ("Forces left Iran on foot.", "Forces left Iraq on foot.", "Iran"),
        ("Esper slept in Tampa.", "Kenneth McKenzie slept in Tampa.", "Esper"),
        ("Robert McKenzie slept in Tampa.", "Kenneth McKenzie slept in Tampa.", "Robert"),
        ("The WTO met them.", "The World Health Organization met them.", "WTO"),
    ],
)
def test_another_name_differs(claim: str, quote: str, words: str):
    assert (words, Reason.NAME, "not in the passage") in differing(claim, quote)


def test_a_name_may_stand_in_the_passage_the_title_or_the_byline():
    claim, quote = "Esper did a lot about it in Tampa.", "He did a lot about it in Tampa."
    assert Reason.NAME in reasons(claim, quote)
    assert Reason.NAME not in reasons(claim, quote, around="Mark Esper arrived.")
    assert Reason.NAME not in reasons("The dam at Mosul broke.", "The dam broke.", title="Mosul under water")
    assert reasons("The Gazette reported that the dam broke.", "The dam broke.", by="The Gazette") == []


def test_a_name_that_stands_where_the_quote_has_another_differs_though_the_passage_has_it():
    found = differing(
        "The PMF blamed Iran for the strikes.", "The PMF blamed Israel for the strikes.", around="Iran backs it."
    )
    assert found == [("Iran", Reason.NAME, "the quote has Israel")]


# -- days --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "quote", "published"),
    [
        ("It fell on 8 January 2020.", "It fell on Jan. 8.", "2020-03-30"),
        ("It fell on 28 December 2019.", "It fell on Dec. 28.", "2020-01-10"),
        ("It fell on 8 January 2020.", "It fell on Wednesday.", "2020-01-09"),
        ("It fell on Wednesday.", "It fell on 8 January.", "2020-01-09"),
        ("It fell in January 2020.", "It fell on 8 January 2020.", None),
        ("It fell on 7 January 2020.", "It fell yesterday.", "2020-01-08"),
        ("It fell in 2019.", "It fell last year.", "2020-01-08"),
        ("It fell last week.", "It fell last week.", "2020-01-08"),
        ("On 4 December 2019 it was reported that it fell.", "It was reported that it fell.", "2019-12-04"),
    ],
)
def test_a_day_of_an_article_is_completed_by_its_date(claim: str, quote: str, published: str | None):
    assert reasons(claim, quote, published=published) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "quote", "published", "told"),
    [
        ("It fell on 9 January 2020.", "It fell on Jan. 8.", "2020-03-30", "the quote has Jan. 8"),
        ("It fell on 8 January 2021.", "It fell on Jan. 8.", "2020-03-30", "the quote has Jan. 8"),
        ("It fell on 8 January 2020.", "It fell on Jan. 8.", None, "the quote has Jan. 8, and no year"),
        ("It fell on Monday.", "It fell on Tuesday.", "2019-12-04", "the quote has Tuesday"),
        ("It fell on 4 December 2019.", "It fell on Tuesday.", "2019-12-04", "the quote has Tuesday"),
        ("It fell last week.", "It fell at night.", "2019-12-04", "not in the passage"),
        ("It fell in 2018.", "It fell at night.", "2019-12-04", "not in the passage"),
    ],
)
def test_another_day_differs(claim: str, quote: str, published: str | None, told: str):
    ((_, reason, said),) = differing(claim, quote, published=published)  # type: ignore[arg-type]
    assert (reason, said) == (Reason.DATE, told)


def test_a_verb_is_no_month_and_a_count_no_year():
    assert [one.text for one in moments("They may march with 2000 troops in May 2018.")] == ["May 2018"]


# -- what is denied, and the opposite ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "quote", "words"),
    [
        ("The strikes killed US troops.", "The strikes did not kill any US troops.", "killed"),
        ("The strikes didn't kill troops.", "The strikes killed many troops.", "didn't"),
        ("Nobody was hurt in the blast.", "The blast shook the town.", "Nobody"),
        (
            "The attack targeted the base.",
            "The general denied that the attack targeted the base.",
            "attack targeted the base",
        ),
        (
            "The system intercepted the rockets.",
            "Claims that the system intercepted the rockets are not true.",
            "system intercepted the rockets",
        ),
    ],
)
def test_what_one_side_alone_denies_differs(claim: str, quote: str, words: str):
    assert [(found, reason) for found, reason, _ in differing(claim, quote)] == [(words, Reason.NEGATION)]


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("The strikes killed no troops.", "The strikes did not kill any troops."),
        (
            "The base, the general denied, was the target of the attack.",
            "The general denied that the attack targeted the base.",
        ),
        ("The strikes damaged the base.", "Although the strikes did not kill troops, they damaged the base."),
    ],
)
def test_what_both_deny_and_what_neither_speaks_of_does_not(claim: str, quote: str):
    assert Reason.NEGATION not in reasons(claim, quote)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("lawful", "unlawful", True),
        ("regular", "irregular", True),
        ("legal", "illegal", True),
        ("come", "income", False),
        ("it", "unit", False),
        ("soldier", "unlawful", False),
    ],
)
def test_words_are_turned_round_by_a_prefix_that_denies(one: str, other: str, expected: bool):
    assert are_opposites(stem(one), stem(other)) is expected
    assert are_opposites(stem(other), stem(one)) is expected


def test_one_changes_places_with_another_number():
    claim = "It killed one member and three contractors."
    quote = "It killed three members and one contractor."
    assert ("three", Reason.NUMBER) in [(found, reason) for found, reason, _ in differing(claim, quote)]
    assert not differing("It killed three members and one contractor.", quote)


def test_an_opposite_in_its_place_differs_and_twice_turned_it_does_not():
    assert differing("Exports rose in the spring.", "Exports fell in the spring.") == [
        ("rose", Reason.OPPOSITE, "the quote has “fell”")
    ]
    assert Reason.OPPOSITE not in reasons("The test was not easy.", "The test was difficult.")


# -- whose words they are ----------------------------------------------------------------------------------------


def test_words_in_quotation_marks_have_to_be_the_article_s():
    quote = "“We are in the process of bringing air defence systems into Iraq,” he said."
    assert reasons("He spoke of “the process of bringing air defence systems”.", quote) == []
    ((words, reason, _),) = differing("He spoke of “the process of selling air defence systems”.", quote)
    assert (words, reason) == ("the process of selling air defence systems", Reason.QUOTATION)
    assert reasons("He spoke of a “process” of bringing systems.", quote) == []  # one word may be irony


DENIED = "“Claims about the rockets are not true,” Muhammadi said."


def test_a_claim_that_gives_words_to_another_differs():
    found = differing("Claims about the rockets are not true, Esper said.", DENIED, around="Mark Esper came.")
    assert found == [("Esper", Reason.SPEAKER, "said by Muhammadi")]
    assert reasons("Claims about the rockets are not true, General Muhammadi said.", DENIED) == []


def test_what_the_article_says_itself_is_nobody_s_but_its_own():
    found = differing(
        "The rockets fell in the desert, Esper said.", "The rockets fell in the desert.", around="Esper came."
    )
    assert [reason for _, reason, _ in found] == [Reason.SPEAKER]
    assert (
        reasons(
            "The rockets fell in the desert, the Gazette reported.", "The rockets fell in the desert.", by="Gazette"
        )
        == []
    )


def test_what_somebody_says_is_told_where_the_claim_says_it_outright():
    source = Source(DENIED)
    passage = Surroundings.read(source, Span(0, len(DENIED)), sentences(DENIED))
    quote = Quote.read(passage, passage.span)
    outright = compare(Claim.read("Claims about the rockets are not true."), quote)
    assert outright.said_by is not None and outright.said_by.name == "Muhammadi"
    assert not outright.decides
    assert compare(Claim.read("Muhammadi said that claims about the rockets are not true."), quote).said_by is None


def test_who_says_something_else_after_it_does_not_say_it():
    text = "Russia invaded Ukraine in winter, and since then Putin has insisted that it is no war."
    passage = Surroundings.read(Source(text), Span(0, len(text)), sentences(text))
    quote = Quote.read(passage, passage.span)
    assert compare(Claim.read("Russia invaded Ukraine in winter."), quote).said_by is None
    insisted = compare(Claim.read("It is no war."), quote).said_by
    assert insisted is not None and insisted.name == "Putin"
