"""The lines are made up after the manner of the press."""

from __future__ import annotations

import pytest

from rag.clean import agency_credit, read_page

BODY = "\n\nThe council met on Monday and put off its vote for a week. Nobody was surprised.\n\n"


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("SPRINGFIELD, Ohio (AP) — The council met on Monday.", "AP"),
        ("BERLIN (AP) -- The council met.", "AP"),
        ("LONDON, March 3 (Reuters) - The council met.", "Reuters"),
        ("(Reuters) The council met on Monday.", "Reuters"),
        ("Paris (AFP) – The council met.", "AFP"),
        ("New Delhi [India], June 3 (ANI): The council met.", "ANI"),
        ("By The Associated Press", "AP"),
        ("By Jane Doe, Associated Press", "AP"),
        ("© 2022 The Associated Press. All rights reserved.", "AP"),
        ("Copyright (c) 2022 Agence France-Presse", "AFP"),
        ("Source: AFP", "AFP"),
    ],
)
def test_a_credit_in_the_head_is_read(line: str, agency: str):
    assert agency_credit(f"{line}{BODY}") == agency


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("The Associated Press contributed to this report.", "AP"),
        ("Jane Doe of The Associated Press contributed to this story.", "AP"),
        ("AP Sports Writers Jane Doe and John Roe contributed to this report.", "AP"),
        ("Associated Press writer Jane Doe contributed from Springfield.", "AP"),
        ("Contributing: Jane Doe, USA TODAY; The Associated Press", "AP"),
        ("Reuters contributed reporting.", "Reuters"),
        ("CNN's Jane Doe and Reuters contributed to this report.", "Reuters"),
        ("With reporting by Reuters and Jane Doe", "Reuters"),
        ("Additional reporting by AFP", "AFP"),
    ],
)
def test_a_credit_at_the_end_is_read(line: str, agency: str):
    assert agency_credit(f"{BODY * 60}{line}") == agency


@pytest.mark.parametrize(
    ("author", "agency"),
    [
        ("Reuters", "Reuters"),
        ("Reuters Staff", "Reuters"),
        ("Story by Reuters", "Reuters"),
        ("ASSOCIATED PRESS", "AP"),
        ("Jane Doe, AP Sports Writer", "AP"),
        ("Jane Doe | AFP", "AFP"),
        ("Agence France-Presse", "AFP"),
    ],
)
def test_a_byline_is_read(author: str, agency: str):
    assert agency_credit(BODY, [author]) == agency


@pytest.mark.parametrize(
    "text",
    [
        "The minister told Reuters that prices had contributed to the crisis.",
        "The company, AP reported, will close. Smoking contributed to his death.",
        "A man walks past the gate. (AP Photo/Jane Doe)",
        "A man walks past the gate. Jane Doe/Reuters",
        "The Philadelphia (PA) school board met.",
        "Reuters first reported the talks (Reuters has asked for comment).",
        "The AP poll (AP) named them second.",
        "MAPS (TAP) — The gate opened.",
        "He left the Associated Press to write novels.",
        "The contributing factors are many, the Bloomberg mayoralty among them.",
    ],
)
def test_what_only_names_an_agency_is_no_credit(text: str):
    assert agency_credit(f"{BODY}{text}{BODY}", ["Jane Doe", "Ansa Roe"]) is None


def test_an_agency_s_own_article_is_its_own():
    assert agency_credit(BODY, ["Jane Doe"], "Reuters") == "Reuters"
    assert agency_credit(BODY, [], "The Reuters Gazette") is None


def test_the_dateline_counts_before_who_contributed():
    text = f"PARIS (Reuters) - The council met.{BODY}The Associated Press contributed to this report."
    assert agency_credit(text) == "Reuters"


def test_a_long_text_of_near_credits_is_read_at_once():
    text = "The Associated Press " * 50_000 + "contribute"
    assert agency_credit(text) is None
    assert agency_credit("(" * 100_000 + BODY) is None


def test_reading_a_page_tells_its_agency():
    page = read_page(f"Council puts off its vote again\n\nSPRINGFIELD (AP) — It met.{BODY}")
    assert page.agency == "AP"
