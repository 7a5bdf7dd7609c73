from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clean import PageReading, read_page, split_authors
from rag.types import SkipKind

SEEDS = Path(__file__).parent.parent / "seeds"


def seed(number: str) -> str:
    (file,) = SEEDS.glob(f"{number}_*.txt")
    return file.read_bytes().decode("utf-8")


def skipped(text: str, page: PageReading) -> list[tuple[str, str]]:
    return [(span.kind.value, text[span.start : span.end]) for span in page.skipped]


def body(text: str, page: PageReading) -> str:
    left, done = [], 0
    for span in page.skipped:
        left.append(text[done : span.start])
        done = span.end
    return "".join([*left, text[done:]])


PROSE = (
    "The ministry said on Monday that the two sides had agreed to meet again next week.\n\n"
    "Officials in the capital confirmed that the talks would be held behind closed doors.\n\n"
    "Nobody was hurt in the incident, according to the police."
)


# --- the seeds -------------------------------------------------------------------------------------------------------


def test_seed_000() -> None:
    text = seed("000")
    page = read_page(text)
    title = "Conflicting News About US Patriot System Intercepting Rockets in Iraq"
    assert page.title == title
    assert page.publisher == "Asharq Al-awsat"
    assert page.authors == ("Hamza Mustafa",)
    assert page.published == "2020-04-01T10:15:00"
    assert skipped(text, page) == [
        (
            "boilerplate",
            "Asharq Al-awsat English Middle-east and International News and Opinion from Asharq Al-awsat Newspaper",
        ),
        ("title", title),
        ("title", title),
        ("date", "Wednesday, 1 April, 2020 - 10:15"),
        ("caption", "An archive photo of Ain al-Asad base in Anbar Province, western Iraq. AP"),
        ("byline", "Baghdad - Hamza Mustafa"),
        ("boilerplate", "Editor Picks"),
    ]
    assert "A day after their deployment in western Iraq, Patriot batteries intercepted" in body(text, page)
    assert "He said the rockets fell in the desert, without causing any damage." in body(text, page)


def test_seed_001() -> None:
    text = seed("001")
    page = read_page(text)
    title = "US Deploys Patriot System in Iraq to Tackle ‘Another Potential Iranian Attack’ – Report"
    assert page.title == title
    assert page.publisher == "Sputnik International"
    assert page.authors == ()
    assert page.published is None  # "On 10 March" and "© AFP 2023" are not when it was published
    assert skipped(text, page) == [
        ("boilerplate", "- Sputnik International"),
        (
            "boilerplate",
            "Get the latest news from around the world, live coverage, off-beat stories, features and analysis.",
        ),
        ("title", title),
        ("caption", "© AFP 2023 / BULENT KILICUS soldiers work on a Patriot missile system"),
        ("caption", "US soldiers work on a Patriot missile system - Sputnik International"),
        ("heading", "Iran Stages Missile Attack on US Bases in Iraq in Response to Soleimani Killing"),
        ("boilerplate", "To participate in the discussion"),
        ("boilerplate", "log in or register"),
        ("boilerplate", "Заголовок открываемого материала"),
    ]
    assert "On 10 March, General Kenneth McKenzie, chief of the US Central Command, said" in body(text, page)


def test_seed_002() -> None:
    text = seed("002")
    page = read_page(text)
    title = "Rockets strike Iraq's Ain al-Asad base hosting US troops"
    assert page.title == title
    assert page.publisher is None
    assert page.authors == ()
    assert page.published == "2019-12-04"
    assert skipped(text, page) == [
        ("title", title),
        ("title", title),
        ("boilerplate", "2 min read"),
        ("date", "04 December, 2019"),
        ("caption", "The US has 5,200 troops in Iraq as part of an anti-IS coalition [Getty/ Archive]"),
        (
            "boilerplate",
            "Read more: Normalisation breeds impunity - Deafening silence as Israel strikes multiple Arab states",
        ),
        ("boilerplate", "Follow us\xa0on Twitter\xa0and\xa0Instagram\xa0to stay connected"),
        ("boilerplate", "Tags"),
    ]
    assert "A US military base in Iraq's Anbar province was struck by five rockets on Tuesday" in body(text, page)
    assert "The US currently has\xa05,200 troops in Iraq" in body(text, page)


def test_seed_003() -> None:
    text = seed("003")
    page = read_page(text)
    title = "Rockets are aimed at the Ain al-Asad military base, which houses US forces in western Iraq"
    assert page.title == title
    assert (page.publisher, page.authors, page.published) == (None, (), None)
    assert skipped(text, page) == [
        ("title", title),
        ("heading", "Turkish warplanes launch new air strikes on Iraqi Kurdistan"),
        ("boilerplate", "About Author"),
        ("boilerplate", "Comments are closed."),
    ]


def test_seed_004() -> None:
    text = seed("004")
    page = read_page(text)
    title = "US battening down hatches for future Shi’ite militia conflict"
    assert page.title == title
    assert page.publisher == "The Jerusalem Post"
    assert (page.authors, page.published) == ((), None)
    assert skipped(text, page) == [
        ("boilerplate", "The Jerusalem Post"),
        ("title", title),
        ("boilerplate", "Newspapers in English"),
        ("boilerplate", "Newspapers from Israel"),
    ]
    assert "A request by The Jerusalem Post to the coalition for clarification" in body(text, page)


# --- furniture of other pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Advertisement", "boilerplate"),
        ("Share this article", "boilerplate"),
        ("3 min read", "boilerplate"),
        ("Reading time: 4 minutes", "boilerplate"),
        ("Most read", "boilerplate"),
        ("READ MORE: Why the talks failed", "boilerplate"),
        ("More:Five things to know about the talks", "boilerplate"),
        ("Follow @somebody on Twitter", "boilerplate"),
        ("Sign up for our newsletter to get the best stories in your inbox.", "boilerplate"),
        ("We use cookies to give you the best experience on our site.", "boilerplate"),
        ("© 2022 The Daily Bugle. All rights reserved.", "boilerplate"),
        ("12 comments", "boilerplate"),
        ("Home > News > Middle East", "boilerplate"),
        ("Tags: Iraq, rockets, talks", "boilerplate"),
        ("https://example.com/story", "boilerplate"),
        ("Новости дня", "boilerplate"),
        ("* * *", "markup"),
        ("A soldier stands guard in the capital on Monday. Jane Roe/Pool/Getty Images", "caption"),
        ("Protesters near the palace (AP Photo/Jane Roe)", "caption"),
        ("FILE PHOTO: A soldier stands guard", "caption"),
        ("Photo: Jane Roe", "caption"),
        ("(Reporting by Jane Roe; Editing by John Doe)", "byline"),
        ("Contributing: The Associated Press", "byline"),
        ("By Jane Roe", "byline"),
        ("– Jane Roe", "byline"),
        ("What happens next?", "heading"),
        ("A long road to peace", "heading"),
        ("3. Ukraine", "heading"),
        ("1 April 2020", "date"),
    ],
)
def test_furniture_between_paragraphs_is_marked(line: str, kind: str) -> None:
    first, rest = PROSE.split("\n\n", 1)
    text = f"{first}\n\n{line}\n\n{rest}"
    assert skipped(text, read_page(text)) == [(kind, line)]


@pytest.mark.parametrize(
    "line",
    [
        "It rained.",
        "“We will not give up,” he said",
        "“I was protected,” he said. “Generally, it was pretty cool.”",
        "• Assistant Pastor at St. Mary. St. Clair, PA",
        "The report was first published by Reuters.",
        "By Tuesday, the fires had reached the town of Paradise.",
        "Users who sign up for the service pay ten dollars a month, the company said.",
        "Follow the money, prosecutors were told on Monday.",
        "The company shares data on Facebook with its partners, according to the complaint.",
        "Advertisement spending fell by 12 percent in 2021.",
        "Related crimes rose in the same year, the police said.",
        "• Births: 3,750,850",
        "Median household income: $55,462",
        "Mr. Smith said: “Follow us.”",
        "Comments are closed to the public, the court ruled, until the trial is over.",
        "“Мы готовы к переговорам.”",
        "(CNN) The president arrived in the capital on Monday.",
        "WASHINGTON (AP) — The president signed the bill on Monday.",
    ],
)
def test_a_line_that_may_be_body_is_body(line: str) -> None:
    first, rest = PROSE.split("\n\n", 1)
    text = f"{first}\n\n{line}\n\n{rest}"
    assert skipped(text, read_page(text)) == []


def test_a_text_without_furniture_is_all_body_and_has_no_title() -> None:
    page = read_page(PROSE)
    assert page == PageReading(None, None, (), None, ())


def test_a_text_broken_at_a_fixed_width_is_not_torn_apart() -> None:
    text = (
        "The president told reporters in the capital on\nMonday that he would sign the bill this week, and\n"
        "that he would do so in spite of objections from\nlawmakers of his own party, who had said\n"
        "Follow us on Twitter\n"
        "was the only message\nthat they had had from him."
    )
    assert read_page(text).skipped == ()
    assert read_page(text).title is None


def test_a_list_that_closes_an_article_is_body() -> None:
    text = f"{PROSE}\n\nThe winners are:\n\nJane Roe\n\nJohn Doe"
    assert read_page(text).skipped == ()


def test_headlines_under_most_read_are_not_body() -> None:
    text = f"{PROSE}\n\nMost read\n\nMan bites dog in the park\n\nDog forgives man"
    assert [words for _, words in skipped(text, read_page(text))] == [
        "Most read",
        "Man bites dog in the park",
        "Dog forgives man",
    ]


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Jane Doe and John Roe, Reuters", ("Jane Doe", "John Roe")),
        ("By JANE DOE", ("JANE DOE",)),
        ("Jane Doe, Associated Press", ("Jane Doe",)),
        ("Jane Doe | The Daily Bugle", ("Jane Doe",)),
        ("By Ludwig van Beethoven", ("Ludwig van Beethoven",)),
        ("By Reuters", ()),
        ("Paris - Jane Doe", ("Jane Doe",)),
    ],
)
def test_authors_are_read_from_the_byline(line: str, authors: tuple[str, ...]) -> None:
    text = f"A title of five words\n\n{line}\n\n{PROSE}"
    page = read_page(text)
    assert page.authors == authors
    assert ("byline", line) in skipped(text, page)


def test_publisher_and_title_are_parted() -> None:
    text = f"Two sides agree to talk | The Daily Bugle\n\n{PROSE}"
    page = read_page(text)
    assert (page.title, page.publisher) == ("Two sides agree to talk", "The Daily Bugle")


def test_a_published_date_wins_over_an_updated_one() -> None:
    text = f"A title of five words\n\nUpdated 3 May 2021\nPublished 1 May 2021\n\n{PROSE}"
    assert read_page(text).published == "2021-05-01"


def test_the_dates_of_a_chronicle_are_not_its_date() -> None:
    first, second, third = PROSE.split("\n\n")
    text = f"A title of five words\n\n1 May 2021\n\n{first}\n\n2 May 2021\n\n{second}\n\n{third}"
    assert read_page(text).published is None


def test_a_given_title_is_found_in_the_text_and_no_other_is_taken() -> None:
    text = f"Two sides agree to talk\n\nA standfirst that has no full stop\n\n{PROSE}"
    page = read_page(text, title="Two sides agree to talk")
    assert skipped(text, page) == [("title", "Two sides agree to talk")]
    assert read_page(PROSE, title="Another").skipped == ()


def test_given_authors_are_found_in_the_text() -> None:
    text = f"Jane Doe\n\n{PROSE}"
    page = read_page(text, title="A title", authors=("Jane Doe",))
    assert skipped(text, page) == [("byline", "Jane Doe")]


@pytest.mark.parametrize("text", ["Most read", "Tags\n\nMost read", "* * *", "By Jane Roe\n", "\ufeffShare"])
def test_a_text_that_is_all_furniture_stays_body(text: str) -> None:
    assert all(span.end <= 1 for span in read_page(text).skipped)


def test_offsets_count_every_character_of_the_text_as_given() -> None:
    text = f"\ufeffTwo sides agree to talk\r\n\r\n\u3000{PROSE}\r\n\r\nMost read\r\n"
    page = read_page(text)
    assert skipped(text, page) == [
        ("markup", "\ufeff"),
        ("title", "Two sides agree to talk"),
        ("boilerplate", "Most read"),
    ]


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("Jane Doe", ("Jane Doe",)),
        ("By Jane Doe and John Roe", ("Jane Doe", "John Roe")),
        ("Jane Doe, John Roe", ("Jane Doe", "John Roe")),
        ("Doe, Jane", ("Doe, Jane",)),
        ("By JANE DOE, Reuters", ("JANE DOE",)),
        ("By Jane Doe, Daily Bugle", ("Jane Doe",)),
        ("Jane Doe, Senior Reporter", ("Jane Doe",)),
        ("Jane Doe, Emily Post", ("Jane Doe", "Emily Post")),
        ("By Doe, Jane, Reuters", ("Doe, Jane, Reuters",)),
        ("Reuters, AP", ("Reuters, AP",)),
        ("", ()),
    ],
)
def test_authors_in_one_string_are_parted(raw: str, names: tuple[str, ...]) -> None:
    assert split_authors(raw) == names


# --- Markdown --------------------------------------------------------------------------------------------------------


def test_markdown_markup_is_marked_and_inline_markup_stays() -> None:
    text = """---
title: "From the front matter"
author: Jane Doe
date: 2020-04-01
---

# The first heading

The ministry said on *Monday* that the [two sides](https://example.com) had agreed to meet again.

## A second heading

![A map](map.png) Officials in the capital confirmed that the talks would be held in private.

```
By Jane Roe
```

<!-- a comment
of two lines -->

| one | two |
|-----|-----|
| 1   | 2   |

Nobody was hurt in the incident, according to the police.

[1]: https://example.com
"""
    page = read_page(text, markdown=True)
    assert (page.title, page.authors, page.published) == ("From the front matter", ("Jane Doe",), "2020-04-01")
    assert body(text, page).split("\n\n") and [line for line in body(text, page).splitlines() if line.strip()] == [
        "The ministry said on *Monday* that the [two sides](https://example.com) had agreed to meet again.",
        " Officials in the capital confirmed that the talks would be held in private.",
        "Nobody was hurt in the incident, according to the police.",
    ]


def test_the_first_top_heading_is_the_title_where_none_is_given() -> None:
    text = f"# Two sides *agree*\n\n{PROSE}\n\nA setext heading\n----------------\n\nIt was over."
    page = read_page(text, markdown=True)
    assert page.title == "Two sides *agree*"
    assert skipped(text, page) == [
        ("title", "# Two sides *agree*"),
        ("heading", "A setext heading"),
        ("markup", "----------------"),
    ]


def test_a_fence_or_comment_that_nothing_closes_hides_nothing() -> None:
    text = f"```\n{PROSE}\n\n<!-- and it goes on as it began, without an end."
    assert skipped(text, read_page(text, markdown=True)) == [("markup", "```")]


def test_in_plain_text_markdown_is_only_text() -> None:
    text = f"{PROSE}\n\n# not a heading here."
    assert read_page(text).skipped == ()


# --- any text --------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["\n", "\n\n", "\r\n", "Tags", "By Jane Roe", "1 May 2020", PROSE, "# ", "```", "<!--", "-->", "---", "![", "](",
     "|", "\ufeff", " - ", "AP", "© ", "Read more: ", "title: x", "A title of five words", "Привет"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5))).map("".join)), st.booleans())
def test_spans_are_ordered_apart_and_inside_any_text(text: str, markdown: bool) -> None:
    page = read_page(text, markdown=markdown)
    done = 0
    for span in page.skipped:
        assert done <= span.start < span.end <= len(text)
        assert isinstance(span.kind, SkipKind)
        done = span.end
    had_words = any(character.isalnum() for character in text)
    assert any(character.isalnum() for character in body(text, page)) == had_words


@pytest.mark.parametrize(
    "unit",
    ["a", " ", "\n", "a\n", "a\n\n", "![", "![](", "<!--", "[", "(", "- ", "|", "-", "`", ". ", "A ", "By A B, ",
     "sign up ", "—", "\ufeff", "1:", "A: ", "x" * 399 + "\n", "sign up for " * 33 + "\n",
     "(" * 399 + "\n", "A-" * 199 + "\n"],
)  # fmt: skip
@pytest.mark.parametrize("markdown", [False, True])
def test_a_page_made_to_be_slow_is_read(unit: str, markdown: bool) -> None:
    text = unit * (200_000 // len(unit))
    read_page(text, markdown=markdown)
