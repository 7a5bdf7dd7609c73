"""Where sentences end: tables worked out by hand, the seed articles, and properties over any text."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import MAX_SENTENCE, SPACE, sentences, wrap_width

SEEDS = Path(__file__).parent.parent / "seeds"

WHOLE = [
    "Maj. Gen. Qassim al-Muhammadi denied that the attack targeted Ain al-Asad base.",
    "Lt. Gen. Pat White commands the coalition.",
    "Brig.Gen. William Seely has said the task force will leave.",
    "He met Brig. Gen. Yahya Rasool on Sunday.",
    "The base hosts U.S. troops.",
    "The U.S. President spoke, and U.S. Ambassador Linda Thomas-Greenfield listened.",
    "The U.N. Security Council met.",
    "The U.N. General Assembly will vote in New York.",
    "Photos of 107-mm. rockets were posted online Sunday.",
    "Mr. Smith and Mrs. Jones met Dr. No.",
    "The Jan. 6 committee met on Sept. 11, 2022.",
    "They came at 6 a.m. on Monday.",
    "It starts at 8 p.m. ET on CNN.",
    "It starts at 8 p.m. Eastern time.",
    "He lives at No. 10 Downing Street.",
    "The St. Louis Cardinals won at St. Stephen's.",
    "Apple Inc. said on Friday that Ford Motor Co. and Exxon Mobil Corp. agreed.",
    "J. K. Rowling wrote it, as did J.K. Simmons and J.R.R. Tolkien.",
    "Col. Myles B. Caggins III, the spokesman, denied it.",
    "George W. Bush and John F. Kennedy were presidents.",
    "About 3.5 million people paid $1.2 billion, or .5 percent.",
    "In Roe v. Wade the court, in Ali vs. Frazier the crowd decided.",
    "Some, e.g. Finland, and others, i.e. Sweden, joined.",
    "Some, e.g., Finland, joined.",
    "A study by Smith et al. found no link.",
    "She has a Ph.D. in physics.",
    "Robert F. Kennedy Jr. said no, and Sammy Davis Jr. sang.",
    "Sen. Dianne Feinstein, D-Calif., and Rep. Liz Cheney met Gov. Kay Ivey.",
    "Rep. Adam Schiff (D-Calif.) spoke.",
    "The base is approx. 100 miles away.",
    "See https://www.example.com/a.b?c=d.e and www.bbc.co.uk or Al.com for more.",
    "It was ... a long day.",
    "It was… a long day.",
    "He was, well... not there.",
    "'Why?' he asked.",
    "“What is this?” she asked.",
    "“Stop!” they shouted.",
    "Yahoo! said it would sell.",
    "1. January 6",
    "12. The last item",
    "a) The first item",
    "He ran on Node.Js and ASP.NET and read Salon.com daily.",
    "She wrote “The End.” and left.",
    "He was born in Washington D.C. in 1950.",
    "The Washington, D.C. Court of Appeals ruled.",
    "The U.S.-led coalition left, and U.S.’s allies stayed.",
    "The U.S., the U.K. and the E.U. agreed.",
    "Fig. 3 and pp. 10-12 show it, cf. Art. 5 of the treaty.",
    "The vote was 5-4 (see p. 12).",
    "Guests vs. Hosts",
    "He (Mr. X.) left.",
    "The Hon. John Smith and the Rev. Martin Luther King Jr. spoke.",
    "He has 1,000.50 dollars and 5.2.1 installed.",
    "“We are in the process of bringing air defence systems”, he said, in an apparent reference.",
    "The firm, Toys R Us Inc., closed.",
    "He served as Lt. Cmdr. and Sgt. Maj. John Doe did too.",
    "St. Patrick's Day parade on Fifth Ave. in New York.",
    "Guardians of the Galaxy Vol. 3 opened.",
    "The U.S. Federal Reserve and the U.S. Food and Drug Administration agreed.",
    "At 9:30 a.m. Tuesday the court sat.",
    "At 11 a.m. June 5 the court sat, at 7 p.m. Kyiv time it rose.",
    "I can’t believe it!!! he wrote.",
    "He said: “No.” — and left.",
    "Is this the end of Jeopardy! as we know it?",
    "The U.S. Supreme Court on Friday overturned Roe v. Wade.",
    "P.J. O’Rourke and Samuel L. Jackson",
    "Dwayne “The Rock” Johnson left.",
    "“What a great day, isn’t it?” House Speaker Nancy Pelosi said.",
    "It was . . . a long day.",
    "The dial-in is 602-267-1600 ext. 1, the Avg. SAT score 1310.",
    "“‘What is your model?’ ” she said.",
    "Yahoo! News and Jeopardy! champions",
    "The U.S. Under Secretary left.",
    "He met Gen. He Weidong.",
    "...and then it rained.",
]

BROKEN = [
    ["“Claims about it are not true,” Muhammadi said.", "Next came the rockets."],
    ["“He left.”", "She stayed."],
    ["(He left.)", "She stayed."],
    ["He left.”", "“She stayed."],
    ["He left [in May].", "She stayed."],
    ["They live in the U.S.", "The troops left."],
    ["It opened at 9 a.m.", "He was late."],
    ["It closed at 5 p.m.", "In May it moved."],
    ["He joined Apple Inc.", "It was a job."],
    ["He met Robert Downey Jr.", "The actor smiled."],
    ["It happened on Jan. 6.", "The mob was angry."],
    ["It was in Washington, D.C.", "But nobody came."],
    ["It has cars, trucks, etc.", "The list is long."],
    ["He has a Ph.D.", "She has none."],
    ["Who won?", "We did!", "They left."],
    ["What?!", "He left!!", "Yes."],
    ["He went to the U.S.", "“We are sorry,” he said."],
    ["It ended.", "The next day it rained."],
    ["“Peace is near.", "We believe it.", "It will come,” he said."],
    ["It was over...", "The crowd left."],
    ["It was over…", "The crowd left."],
    ["He left. [1]", "She stayed."],
    ["He left.[12]", "She stayed."],
    ["He left.*", "She stayed."],
    ["It was a 3.", "5 people died."],
    ["He was No. 10.", "He won."],
    ["It came in 2020.", "2021 was worse."],
    ["He said no.", "She said yes."],
    ["Is it so?", "‘Yes,’ she said."],
    ["It was vitamin C.", "It helps."],
    ["It was plan B.", "We had no other."],
    ["He called me and I.", "But no."],
    ["The iPhone is out.", "iPhone sales rose."],
    ["He read it on Salon.com.", "She did not."],
    ["Did he?", "(He did.)", "So it was."],
    ["“Did he?”", "He did."],
    ["“He did!”", "“Why?”", "No answer came."],
    ["He lives on Main St.", "The house is old."],
    ["It lost $1.2 billion.", "$3 was left."],
    ["They met Mr. Smith.", "Mr. Jones left."],
    ["The war in the U.S.", "However, it ended."],
    ["It fell 3.5%.", "Oil rose 2%."],
    ["He was born in 1950 (in Rome).", "He died there."],
    ["It took three min.", "The next took ten."],
    ["He said “I left.”", "Then he slept."],
    ["He won.", "C.I.A. officials smiled."],
    ["We saw Louis XIV.", "He was king."],
    ["They met at 5 p.m.", "Police said so."],
    ["Doors open at 6:30 p.m.", "Marquee Theatre, Tempe."],
    ["He rose.", "al-Shabab denied it."],
    ["It was . . . long . . .", "The crowd left."],
    ["Wash hands.", "2. Rinse them.", "3. Dry them."],
    ["He earns $40,000.", "€3 is left."],
    ["“Why?”", "He asked again."],
    ["He called it over.”", "(He was wrong.)", "[It was not.]"],
]

UNSPACED = [
    ["The war ended.", "The next day it rained."],
    ["“It is over,” he said.", "“Go home."],
    ["He left.”", "She stayed."],
    ['"He left."', "She stayed."],
    ["The war ended.", '"We are sorry," he said.'],
    ["It happened in Iraq.", "The troops left."],
    ["Is it over?", "Nobody knows."],
]

# As they stand in the seed articles.
SEEDED = [
    ("000", "Maj. Gen. Qassim al-Muhammadi denied that the attack targeted Ain al-Asad base."),
    ("000", "He said the rockets fell in the desert, without causing any damage."),
    (
        "000",
        "“Claims about the Patriot system intercepting the rockets are not true,” Muhammadi said, stressing that the "
        "rockets landed about 40 km from Ain al-Asad base.",
    ),
    ("000", "Wednesday, 1 April, 2020 - 10:15"),
    ("002", "04 December, 2019"),
    ("004", "Photos of 107-mm. rockets were posted online Sunday."),
]


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def folded(text: str) -> list[str]:
    """Sentences with their line breaks folded, to compare wrapped text with text that is not."""
    return [" ".join(sentence.split()) for sentence in cut(text)]


@pytest.mark.parametrize("sentence", WHOLE)
def test_a_sentence_stays_whole(sentence: str) -> None:
    assert cut(sentence) == [sentence]


@pytest.mark.parametrize("parts", BROKEN, ids=" ".join)
@pytest.mark.parametrize("space", [" ", "  ", "\u00a0", "\u200b "], ids=["space", "two", "no-break", "zero-width"])
def test_sentences_are_parted(parts: list[str], space: str) -> None:
    assert cut(space.join(parts)) == parts


@pytest.mark.parametrize("parts", UNSPACED, ids="".join)
def test_a_lost_space_still_parts(parts: list[str]) -> None:
    assert cut("".join(parts)) == parts


@pytest.mark.parametrize(
    "whole",
    ["node.Js is old", "Al.com says", "Brig.Gen. Seely", "x.com/a.The end", "St.Louis lost", "Booking.Com fell"],
)
def test_a_dot_inside_a_name_does_not_part(whole: str) -> None:
    assert cut(whole) == [whole]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f"], ids=["space", "no-break", "thin", "narrow"])
def test_a_closing_quote_set_apart_stays_with_its_sentence(space: str) -> None:
    assert cut(f"He said, “She asked, ‘What is it?’{space}” Then she left.") == [
        f"He said, “She asked, ‘What is it?’{space}”",
        "Then she left.",
    ]


@pytest.mark.parametrize(("seed", "sentence"), SEEDED)
def test_sentences_of_the_seed_articles(seed: str, sentence: str) -> None:
    (path,) = SEEDS.glob(f"{seed}_*.txt")
    assert sentence in cut(path.read_text(encoding="utf-8"))


def test_brigadier_general_written_as_one_word_in_a_seed_article() -> None:
    (path,) = SEEDS.glob("004_*.txt")
    (sentence,) = [found for found in cut(path.read_text(encoding="utf-8")) if "Seely" in found]
    assert sentence.startswith("Brig.Gen. William Seely has said Task Force Iraq")


# Layout. The same text with each kind of line break.

BREAKS = pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028"], ids=["LF", "CRLF", "CR", "LS"])

PAGE = [
    "Rockets hit base",
    "A photo of the base. AP",
    "Baghdad - Hamza Mustafa",
    "Two rockets fell, sources said. No one died.",
]

MAIL = [
    "A day after their deployment in western Iraq, Patriot batteries",
    "intercepted two rockets targeting Ain al-Asad base, which hosts U.S.",
    "troops, said Maj. Gen. Qassim al-Muhammadi of the army. The attack",
    "only resulted in material damage. He said the rockets fell in the",
    "desert.",
]
MAIL_SENTENCES = [
    "A day after their deployment in western Iraq, Patriot batteries intercepted two rockets targeting Ain al-Asad "
    "base, which hosts U.S. troops, said Maj. Gen. Qassim al-Muhammadi of the army.",
    "The attack only resulted in material damage.",
    "He said the rockets fell in the desert.",
]


@BREAKS
def test_lines_of_a_page_are_sentences_of_their_own(newline: str) -> None:
    expected = [*PAGE[:1], "A photo of the base.", "AP", PAGE[2], "Two rockets fell, sources said.", "No one died."]
    assert cut(newline.join(PAGE)) == expected
    assert wrap_width(newline.join(PAGE)) == 0


@BREAKS
def test_a_blank_line_parts(newline: str) -> None:
    assert cut(f"the first{newline} {newline}the second") == ["the first", "the second"]


@BREAKS
def test_wrapped_lines_are_read_on(newline: str) -> None:
    assert wrap_width(newline.join(MAIL)) == 68
    assert folded(newline.join(MAIL)) == MAIL_SENTENCES


@BREAKS
def test_a_short_paragraph_is_read_by_the_width_of_the_text(newline: str) -> None:
    short = [
        "Washington deployed Patriot missile defense batteries in Ain al-Asad",
        "Base and Harir, which is in Erbil.",
    ]
    text = newline.join([*MAIL, "", *short])
    assert folded(text) == [*MAIL_SENTENCES, " ".join(short)]


def test_a_headline_over_wrapped_lines_stands_alone() -> None:
    assert folded("\n".join(["Rockets hit Iraqi base", *MAIL])) == ["Rockets hit Iraqi base", *MAIL_SENTENCES]


def test_a_wrapped_paragraph_does_not_join_the_lines_of_a_page() -> None:
    menu = ["Home", "World news", "Sport", "Subscribe", "Log in", "Weather today"]
    assert folded("\n".join([*menu, "", *MAIL])) == [*menu, *MAIL_SENTENCES]


def test_headlines_of_one_width_are_not_taken_for_wrapped_prose() -> None:
    lines = [
        "Rockets strike the base that hosts American troops in western Iraq",
        "Patriot systems are sent to Iraq to stop another attack from Iran",
        "Baghdad says nothing on the Patriot batteries sent by Washington",
    ]
    assert cut("\n".join(lines)) == lines


def test_bullets_part() -> None:
    wrapped = "\n".join([*MAIL[:-1], "- desert and more of the desert, and then yet more of the desert", "* the end"])
    assert folded(wrapped)[-3:] == [
        "He said the rockets fell in the",
        "- desert and more of the desert, and then yet more of the desert",
        "* the end",
    ]
    assert cut("• one thing\n• another thing") == ["• one thing", "• another thing"]
    assert cut("Today: • one thing • another thing") == ["Today:", "• one thing", "• another thing"]


# Length.


def test_a_run_without_punctuation_is_cut_at_spaces() -> None:
    text = "word " * 500
    found = cut(text)
    assert " ".join(found) == text.strip()
    assert [len(part) for part in found] == [999, 999, 499]


def test_a_run_is_rather_cut_at_a_comma() -> None:
    text = "a" * 700 + ", " + "b " * 300
    assert [len(part) for part in cut(text)] == [701, 599]


def test_a_run_without_spaces_is_cut_anywhere() -> None:
    assert [len(part) for part in cut("x" * 2500)] == [1000, 1000, 500]


def test_a_cut_does_not_part_a_letter_from_its_accent() -> None:
    text = "e\u0301" * 300 + "x" + "e\u0301" * 400
    assert not any(unicodedata.combining(part[0]) for part in cut(text))
    assert "".join(cut(text)) == text


# Any text.


def test_space_is_what_python_calls_space_and_what_has_no_width() -> None:
    assert {char for char in map(chr, range(0x110000)) if char.isspace()} <= set(SPACE)
    assert all(char.isspace() or unicodedata.category(char) == "Cf" for char in SPACE)


LIKE_NEWS = st.lists(
    st.sampled_from(
        [
            "The",
            "troops",
            "U.S.",
            "a.m.",
            "Gen.",
            "J.",
            "No.",
            "6",
            "1.",
            "end.",
            "what?!",
            "...",
            "…",
            "“",
            ".”",
            '."',
            "(",
            ".)",
            "[1]",
            "•",
            "-",
            "\n",
            "\r\n",
            "\n\n",
            "\u00a0",
            "\u200b",
            ",",
            "x" * 300,
            "the.Next",
            "http://a.b/c?d=E.",
            "said",
            "Smith",
        ]
    ),
    max_size=60,
).flatmap(lambda words: st.sampled_from([" ".join(words), "".join(words)]))
TEXTS = st.text() | st.text(alphabet='.!?…"”’ \n\r\tAa1•-\u200b\u0301\U0001f600', max_size=300) | LIKE_NEWS


@given(TEXTS, st.integers(0, 50), st.integers(0, 400))
def test_spans_are_in_order_disjoint_bare_short_and_hold_all_ink(text: str, start: int, end: int) -> None:
    at = min(start, len(text))
    for span in sentences(text, start, end):
        assert start <= span.start < span.end <= end
        assert span.end - span.start <= MAX_SENTENCE
        assert text[span.start] not in SPACE
        assert text[span.end - 1] not in SPACE
        assert span.start >= at
        assert not text[at : span.start].strip(SPACE)
        at = span.end
    assert not text[at:end].strip(SPACE)


@given(TEXTS)
def test_a_range_of_a_text_is_cut_like_the_same_text_alone(text: str) -> None:
    inside = sentences("Before it. " + text + " After it.", 11, 11 + len(text))
    assert [(span.start - 11, span.end - 11) for span in inside] == [(span.start, span.end) for span in sentences(text)]


@pytest.mark.parametrize(
    "unit",
    [
        ".",
        "a.",
        ". ",
        "x",
        "( ",
        ". (",
        "“",
        '."',
        'abc."',
        "[1]",
        ". [1]",
        "\n",
        "a\n",
        "the\n\n",
        " ",
        "U.S. ",
        "A",
        "a.m. A",
        "! Smith ",
        "?” Aa ",
        "• ",
        "- ",
        "e\u0301",
        'abc."The abc',
        ".\u200b",
        "the word\r\n",
    ],
)
def test_time_is_linear_in_the_length(unit: str) -> None:
    text = unit * (400_000 // len(unit))
    begin = time.process_time()
    sentences(text)
    # Some tenths of a second; work that grows with the square takes minutes.
    assert time.process_time() - begin < 10
