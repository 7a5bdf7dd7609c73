"""Nothing that a terminal or a Markdown reader would obey is left in article text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.render.safe import cut, folded, markdown_escaped, one_line, printable

anything = st.text(st.characters(codec=None), max_size=80)  # lone surrogates too
marked_up = st.lists(
    st.sampled_from([*"\\`*_{}[]()<>#+-.!|~&;=:@$^/ \n\t1w", "www.", "http://", "amp", "\n\n"]), max_size=40
).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "]8;;http://evillink]8;;"),
        ("\x9b2Jgone", "2Jgone"),
        ("a\x00b\x07c\x7fd", "abcd"),
        ("one\ttwo\nthree\rfour\x0bfive\x85six", "one two three four five six"),
        ("user\u202egnp.exe\u202c \u2066x\u2069", "usergnp.exe x"),
        ("zero\u200bwidth\u2060 soft\u00adhyphen \ufeffbom", "zerowidth softhyphen bom"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("line\u2028and\u2029paragraph", "line and paragraph"),
        ("half\ud83d pair", "half\ufffd pair"),
        ("Ж é 東京 שלום 🦆 [/foo] <b>", "Ж é 東京 שלום 🦆 [/foo] <b>"),
    ],
)
def test_what_is_live_in_a_terminal_is_dropped(text, shown):
    assert printable(text) == shown


def test_line_ends_are_kept_when_asked_for():
    assert printable("a\r\nb\rc\nd\te", newlines=True) == "a\nb\nc\nd e"


@given(anything)
def test_no_control_format_or_surrogate_character_is_left(text):
    left = {unicodedata.category(char) for char in printable(text)}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not {unicodedata.category(c) for c in printable(text, newlines=True) if c != "\n"} & {"Cc", "Cf", "Cs"}


def test_folding():
    assert folded(" a\u00a0\n b\u3000") == "a b"
    assert one_line("\u200b a\x1b\n\n b") == "a b"


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("onetwothree", 5, "onet…"),
        ("one\n\ntwo", 7, "one two"),
    ],
)
def test_cutting_ends_at_a_word_where_there_is_one(text, limit, shown):
    assert cut(text, limit) == shown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("AT&T paid 3.5% - or so - of it.", "AT&T paid 3.5% - or so - of it."),
        ("**bold** and [a](b)", r"\*\*bold\*\* and \[a\](b)"),
        ("<script>&lt;", r"&lt;script&gt;\&lt;"),
        ("1. first", r"1\. first"),
        ("1994. It sank", r"1994\. It sank"),
        ("- item\n\n# heading", r"\- item \# heading"),
        ("see http://evil.example and WWW.evil.example", r"see http\://evil.example and WWW\.evil.example"),
        ("Stop!", r"Stop\!"),
        ("Stop! Now", "Stop! Now"),
    ],
)
def test_only_what_is_live_in_its_place_is_escaped(text, escaped):
    assert markdown_escaped(text) == escaped


@given(anything | marked_up)
@example("www.example.com")
@example("[a]: http://b\n\n[a]")
@example("=\n===")
@example("&#60;b&#62;")
@example("123456789) x")
def test_escaped_text_is_read_back_as_the_very_words(text):
    words = one_line(text)
    for before, after in (("", ""), ("# ", ""), ("> ", ""), ("- ", ""), ("word ", r" \[1\]"), ("> ", r"\[1\](x)")):
        block = f"{before}{markdown_escaped(text)}{after}\n"
        tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse("Above\n\n" + block)
        inline = [child for token in tokens[3:] for child in token.children or ()]
        assert {child.type for child in inline} <= {"text", "text_special"}
        assert not {token.type for token in tokens} & {"html_block", "code_block", "fence", "hr", "table_open"}
        said = "".join(child.content for child in inline)
        marks = {r" \[1\]": " [1]", r"\[1\](x)": "[1](x)", "": ""}[after]
        assert said.strip(" ") == f"{'word ' if before == 'word ' else ''}{words}{marks}".strip(" ").replace(
            "\0", "\ufffd"
        )
