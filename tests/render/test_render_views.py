"""What a person reads: the terminal and Markdown."""

from __future__ import annotations

import io
import subprocess
import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console
from rich.text import Text

from rag.render import terminal
from rag.render.contract import to_json
from rag.render.incoming import read_saved
from rag.render.markdown import to_markdown
from rag.render.safe import markdown_emphasised, one_line
from rag.render.source import also_in, chance, independence
from rag.standing import Standing, Verdict
from rag.types import (
    REFUSAL,
    Answer,
    Article,
    Citation,
    Coverage,
    Disagreement,
    Hit,
    NearCopies,
    Origin,
    Passage,
    ProducedBy,
    Reference,
    Rejected,
    ShortAnswer,
    Side,
    SkipKind,
    SkippedSpan,
    Span,
    Statement,
    StatementKind,
)
from rag.verify import compose


def an_answer(words: str = "A duck\u00a0swam.", name: str | None = "Pond Post", url: str | None = None) -> Answer:
    """An answer whose every text is made of these words, with every part that an answer can have."""
    text = f"Title\n\n{words} It left at noon."
    article = Article(
        key="duck.txt",
        text=text,
        title=name,
        publisher=name,
        published="2020-04-01",
        url=url,
        path="/news/2020/duck.txt",
    )
    end = 7 + len(words)
    quotes = (
        Citation(1, article.id, article.version, 7, end, words),
        Citation(2, article.id, article.version, end + 1, len(text), "It left at noon.", page=3),
    )
    statements = (
        Statement(words, (1,)),
        Statement("It left at noon.", (2,), StatementKind.GENERATED, speaker=name and f"{name} speaker"),
    )
    return Answer(
        question=f"What of {words}",
        answered=True,
        text=compose(statements),
        statements=statements,
        citations=quotes,
        passages=(Hit(article.reference, Passage(7, end, (Span(7, end),)), words, 0.03, lexical_rank=3, dense_rank=1),),
        articles={article.id: article.reference},
        produced_by=ProducedBy("0.1.0", "none"),
        short_answer=ShortAnswer(words, 1, 7, end),
        confidence=0.823,
        disagreements=(Disagreement(words, (Side(words, (1,), name), Side("At noon", (2,)))),),
        unknown_words=(words,),
        notes=(words,),
    )


def refused(answer: Answer) -> Answer:
    return replace(
        answer, answered=False, text=REFUSAL, statements=(), citations=(), short_answer=None, disagreements=()
    )


ANSWER = an_answer()
ARTICLE_ID, VERSION = ANSWER.citations[0].article, ANSWER.citations[0].version


def piped() -> Console:
    return Console(file=io.StringIO(), markup=False, emoji=False, highlight=False)


def on_terminal(width: int = 40, **settings: object) -> Console:
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        width=width,
        color_system="standard",
        markup=False,
        emoji=False,
        highlight=False,
        **settings,
    )


def printed(console: Console) -> str:
    return console.file.getvalue()


def id_of(start: int, end: int) -> str:
    return f"{ARTICLE_ID}@{VERSION[:12]}:{start}-{end}"


def test_an_answer_when_piped():
    console = piped()
    terminal.answer(replace(ANSWER, unknown_words=("goose",)), console, base="/news")
    assert (
        printed(console)
        == f"""\
A duck swam. [1]

A duck swam. [1] It left at noon. [2]

Written by a language model; the quotes below are exact.

Probability of being right: 82%

Sources differ: A duck swam.
  Pond Post (Pond Post, 2020-04-01): A duck swam. [1]
  Pond Post, 2020-04-01: At noon [2]

Sources
[1] Pond Post · Pond Post · 2020-04-01
    “A duck swam.”
    2020/duck.txt, characters 7–19 · id: {id_of(7, 19)}
[2] the same article as [1]
    said by Pond Post speaker
    “It left at noon.”
    2020/duck.txt, page 3, characters 20–36 · id: {id_of(20, 36)}

Words that stand nowhere in the corpus: goose
"""
    )


def test_a_refusal_when_piped():
    console = piped()
    terminal.answer(replace(refused(ANSWER), unknown_words=("goose", "moose")), console)
    assert (
        printed(console)
        == f"""\
The articles do not answer this question.

Words that stand nowhere in the corpus: goose, moose

The best candidate’s probability of being right: 82%

Nearest passages
Pond Post · Pond Post · 2020-04-01
    “A duck swam.”
    /news/2020/duck.txt, characters 7–19 · id: {id_of(7, 19)}
"""
    )


def test_what_is_not_known_of_an_article_is_said():
    console = piped()
    reference = replace(ANSWER.articles[ARTICLE_ID], publisher=None, title=None, published=None, path=None)
    terminal.answer(replace(ANSWER, articles={ARTICLE_ID: reference}), console)
    assert "[1] publisher unknown · untitled · undated\n" in printed(console)
    assert "    duck.txt, characters 7–19" in printed(console)


def test_words_that_have_quotation_marks_are_shown_between_others():
    console = piped()
    terminal.answer(an_answer("“A duck swam,” he said."), console)
    assert "    «“A duck swam,” he said.»\n" in printed(console)


def test_on_a_terminal_every_line_fits_and_no_word_is_lost():
    console = on_terminal(width=40, no_color=True)
    long = "A duck swam " * 20 + "quack" * 20 + "."
    terminal.answer(an_answer(long), console)
    lines = printed(console).replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "").splitlines()
    assert max(map(len, lines)) <= 40
    assert "quack" * 20 in "".join("".join(lines).split())


def test_when_piped_no_line_is_broken():
    console = piped()
    long = "A duck swam " * 40 + "."
    terminal.answer(an_answer(long), console)
    assert f"    “{'A duck swam ' * 40}.”\n" in printed(console)


def test_nearest_passages_are_cut_and_three():
    console = piped()
    answer = refused(an_answer("A duck swam " * 40 + "."))
    terminal.answer(replace(answer, passages=answer.passages * 5), console)
    quotes = [line for line in printed(console).splitlines() if line.startswith("    “")]
    assert quotes == [f"    “{('A duck swam ' * 17)[:198].rstrip()}…”"] * 3


def test_search_results_name_rank_score_engines_and_place():
    console = piped()
    found = ANSWER.passages[0]
    terminal.search_results([found, replace(found, score=0.016, lexical_rank=None)], console)
    assert (
        printed(console)
        == f"""\
1. 0.0300  lexical #3, dense #1
   Pond Post · Pond Post · 2020-04-01
   A duck swam.
   /news/2020/duck.txt, characters 7–19 · id: {id_of(7, 19)}

2. 0.0160  dense #1
   Pond Post · Pond Post · 2020-04-01
   A duck swam.
   /news/2020/duck.txt, characters 7–19 · id: {id_of(7, 19)}
"""
    )


COPIES = NearCopies(
    tuple(
        Reference(f"{n}", "", f"{n}", publisher=name, url=f"https://{n}.example/")
        for n, name in enumerate(("The Gazette", "Tribune", "The Gazette", None, "Courier", "Echo"))
    ),
    6,
    "Reuters",
    credited=True,
)
ALSO_IN = "also in: The Gazette, Tribune, 3.example, Courier and 1 more; 6 outlets, 1 origin (Reuters)"


@pytest.mark.parametrize(
    ("copies", "told"),
    [
        (COPIES, "6 outlets, 1 origin (Reuters)"),
        (replace(COPIES, origin="The Gazette", credited=False), "6 outlets, 1 origin (The Gazette, the earliest)"),
        (replace(COPIES, origin=None, credited=False), "6 outlets, 1 origin (unknown)"),
        (NearCopies(COPIES.others[:1], 1, "The Gazette"), "2 articles of 1 outlet, 1 origin (The Gazette)"),
        (NearCopies(COPIES.others[:1], 0), "2 articles, 1 origin (unknown)"),
    ],
)
def test_sources_that_are_one_are_counted_as_one(copies: NearCopies, told: str):
    assert independence(copies) == told


def test_near_copies_that_contradict_are_named_apart():
    other = replace(COPIES.others[0], publisher="The \x1b[2JCourier")
    assert also_in(NearCopies((), 1, differing=(other,))) == "differs in: The [2JCourier"
    assert also_in(replace(COPIES, differing=(other,))) == f"{ALSO_IN}; differs in: The [2JCourier"


def test_near_copies_are_named_once_under_a_citation_and_a_passage():
    copied = replace(ANSWER, passages=(replace(ANSWER.passages[0], near_copies=COPIES, page=4),))
    shown = piped()
    terminal.answer(copied, shown)
    assert printed(shown).count(f"\n    {ALSO_IN}\n") == 1
    found = piped()
    terminal.search_results(copied.passages, found)
    assert f"\n   {ALSO_IN}\n   /news/2020/duck.txt, page 4, characters 7–19" in printed(found)
    assert f"\n\n{ALSO_IN}\n\n" in to_markdown(copied)
    assert f"\n\n{ALSO_IN}\n\n" in to_markdown(refused(copied))


def test_an_article_is_shown_with_where_its_dates_were_found_and_who_has_it_too():
    console = piped()
    known = Article(
        key="duck.txt",
        text="A duck swam.",
        published="2020-04-01",
        published_from=Origin.JSON_LD,
        updated="2020-04-02",
        updated_from=Origin.META,
        section="Pond\x1b[2J life",
        language="pt-br",
        agency="AP",
        pages=(0, 7),
    )
    terminal.article(known, console, copies=replace(COPIES, others=COPIES.others[:1]))
    assert printed(console).splitlines()[:13] == [
        "published  2020-04-01 (by the page's JSON-LD)",
        "updated    2020-04-02 (by the page's meta elements)",
        "agency     AP",
        "section    Pond[2J life",
        "language   pt-br",
        "pages      2",
        "key        duck.txt",
        f"id         {known.id}",
        f"version    {known.version}",
        "also in    6 outlets, 1 origin (Reuters)",
        "           0  The Gazette · untitled · undated",
        "",
        "A duck swam.",
    ]


def test_markdown_leads_to_the_quote_in_the_live_page():
    quote = replace(ANSWER.citations[0], prefix="ater came. Then late one morning ", suffix=" It left at noo")
    shown = to_markdown(replace(an_answer(url="https://pond.example/a"), citations=(quote, ANSWER.citations[1])))
    assert "<https://pond.example/a#:~:text=Then%20late%20one%20morning-,A%20duck%20swam.,-It%20left%20at>, " in shown


def test_articles_are_listed_for_scripts_one_a_line_tab_separated():
    console = piped()
    reference = replace(ANSWER.articles[ARTICLE_ID], title="Two\tparts\n" + "x" * 300, published=None)
    terminal.article_list([reference, reference], console)
    assert printed(console) == f"{ARTICLE_ID}\t\tPond Post\tTwo parts {'x' * 300}\tduck.txt\n" * 2


def test_a_table_of_articles_says_how_many_others_have_the_text():
    console = on_terminal(120)
    references = [ANSWER.articles[ARTICLE_ID], COPIES.others[0]]
    terminal.article_list(iter(references), console, {ARTICLE_ID: 5})
    heading, one, other = (line.split() for line in Text.from_ansi(printed(console)).plain.splitlines())
    assert heading[-1] == "copies"
    assert one[-1] == "5"
    assert other[-1] == "0"  # its key
    piped_ = piped()
    terminal.article_list(iter(references), piped_, {ARTICLE_ID: 5})
    assert [line.count("\t") for line in printed(piped_).splitlines()] == [4, 4]


def test_articles_are_listed_as_a_table_on_a_terminal():
    console = on_terminal(width=100, no_color=True)
    terminal.article_list([ANSWER.articles[ARTICLE_ID]], console)
    assert printed(console).splitlines()[1].split() == [
        ARTICLE_ID,
        "2020-04-01",
        "Pond",
        "Post",
        "Pond",
        "Post",
        "duck.txt",
    ]


SHOWN = Article(
    key="k",
    text="Photo: AP\n\nA duck swam.\tIt left.\n",
    title="T",
    skipped=(SkippedSpan(0, 9, SkipKind.CAPTION),),
)


def test_an_article_is_shown_with_marks_where_there_is_no_colour():
    console = piped()
    terminal.article(SHOWN, console, Span(13, 17))
    assert (
        printed(console)
        == f"""\
title      T
key        k
id         {SHOWN.id}
version    {SHOWN.version}

⟦caption: Photo: AP⟧

A »duck« swam. It left.

"""
    )


def test_an_article_is_shown_dim_and_reversed_in_colour():
    console = on_terminal(width=80)
    terminal.article(SHOWN, console, Span(13, 17))
    assert "\x1b[2mPhoto: AP\x1b[0m\n\nA \x1b[1;7mduck\x1b[0m swam. It left.\n" in printed(console)


@pytest.mark.parametrize("span", [Span(-5, 3), Span(20, 99), Span(50, 60), Span(3, 3), Span(5, 13)])
def test_a_highlight_outside_of_the_text_or_across_a_skipped_span_is_no_trouble(span):
    console = piped()
    terminal.article(SHOWN, console, span)
    assert printed(console).count("»") == printed(console).count("«") <= 1


def test_verdicts_are_one_line_a_citation_and_a_sum():
    console = piped()
    (saved,) = read_saved(to_json(ANSWER), "a.json")
    moved = Verdict(Standing.MOVED, 30, 42, "")
    gone = Verdict(Standing.CHANGED, None, None, "the cited version is no longer held")
    terminal.verdicts([terminal.Checked(saved, (moved, gone))], console)
    assert (
        printed(console)
        == """\
[1] moved   Pond Post · “A duck swam.” · now characters 30–42
[2] changed Pond Post · “It left at noon.” · the cited version is no longer held
2 citations: 1 moved, 1 changed
"""
    )


def test_verdicts_tell_what_contradicts_itself():
    console = piped()
    (saved,) = read_saved(to_json(replace(ANSWER, text="Other. [1]")), "a.json")
    exact = Verdict(Standing.EXACT, 7, 19)
    terminal.verdicts([terminal.Checked(saved, (exact, exact))], console)
    assert printed(console).splitlines()[2:] == [
        "fault   the text and statement 1 with its markers do not agree",
        "2 citations: 2 exact; 1 fault in what was saved",
    ]


def test_the_report_of_adding_names_what_was_skipped_on_its_own_console():
    out, errors = piped(), piped()
    skipped = [Rejected("b\x1b[2J.pdf", "it holds no text")]
    terminal.add_report(added=3, updated=0, unchanged=2, skipped=skipped, seconds=1.26, console=out, errors=errors)
    assert printed(out) == "3 added, 2 unchanged, 1 skipped in 1.3 s\n"
    assert printed(errors) == "skipped b[2J.pdf: it holds no text\n"


def test_a_stream_that_cannot_encode_a_character_shows_a_question_mark():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    terminal.answer(refused(an_answer("東京")), terminal.console_for(stream))
    stream.flush()
    assert b"    ????\n" in raw.getvalue()


def test_markdown_of_an_answer():
    assert (
        to_markdown(replace(ANSWER, unknown_words=("goose",), notes=("Lexical alone.",)))
        == rf"""# What of A duck swam.

Short answer: A duck swam. \[1\]

A duck swam. \[1\] It left at noon. \[2\]

## Sources differ: A duck swam.

- Pond Post (Pond Post, 2020-04-01): A duck swam. \[1\]
- Pond Post, 2020-04-01: At noon \[2\]

## Sources

\[1\] Pond Post · Pond Post · 2020-04-01

> A duck swam.

/news/2020/duck.txt, characters 7–19 · id: {id_of(7, 19).replace("@", chr(92) + "@")}

\[2\] Pond Post · Pond Post · 2020-04-01

> It left at noon.

/news/2020/duck.txt, page 3, characters 20–36 · id: {id_of(20, 36).replace("@", chr(92) + "@")}

Words that stand nowhere in the corpus: goose.

Probability of being right: 82%.

## Notes

- Lexical alone.

Groundwire 0.1.0 (none)
"""
    )


def test_markdown_of_a_refusal():
    assert (
        to_markdown(replace(refused(ANSWER), unknown_words=(), notes=()))
        == rf"""# What of A duck swam.

The articles do not answer this question.

## Nearest passages

Pond Post · Pond Post · 2020-04-01

> A duck swam.

/news/2020/duck.txt, characters 7–19 · id: {id_of(7, 19).replace("@", chr(92) + "@")}

The best candidate’s probability of being right: 82%.

Groundwire 0.1.0 (none)
"""
    )


def a_list(words: str) -> Answer:
    """Two ducks, each with the words that name it, in the middle of its quote."""
    text = f"Title\n\nA {words} swam. It saw {words} there."
    article = Article(key="ducks.txt", text=text, title="Ducks", path="/news/ducks.txt")
    quotes, statements = [], []
    for number, quote in enumerate((f"A {words} swam.", f"It saw {words} there."), 1):
        start = text.index(quote)
        at = start + quote.index(words)
        quotes.append(Citation(number, article.id, article.version, start, start + len(quote), quote))
        short = ShortAnswer(words, number, at, at + len(words))
        statements.append(Statement(" ".join(quote.split()), (number,), short_answer=short))
    return replace(
        ANSWER,
        question="Which ducks swam?",
        text=compose(statements),
        statements=tuple(statements),
        citations=tuple(quotes),
        passages=(),
        articles={article.id: article.reference},
        short_answer=statements[0].short_answer,
        disagreements=(),
        unknown_words=(),
        notes=(),
    )


def test_a_list_stands_one_to_a_line_each_with_its_words_and_its_citation():
    console = piped()
    terminal.answer(a_list("grey duck"), console)
    assert printed(console).startswith(
        "• grey duck — A grey duck swam. [1]\n• grey duck — It saw grey duck there. [2]\n\nProbability"
    )
    blocks = to_markdown(a_list("grey duck")).split("\n\n")
    assert blocks[1] == "- A **grey duck** swam. \\[1\\]\n- It saw **grey duck** there. \\[2\\]"
    assert "> A **grey duck** swam." in blocks


def test_the_short_answer_is_bold_in_its_quote_on_a_terminal():
    console = on_terminal(width=100)
    terminal.answer(a_list("grey duck"), console)
    assert "    “A \x1b[1mgrey duck\x1b[0m swam.”" in printed(console)


@pytest.mark.parametrize(
    ("before", "words", "after", "made"),
    [
        ("for ", "$4", " a gallon", "for **\\$4** a gallon"),
        ("the ", "“Act I”", ", she said", "the **“Act I”**, she said"),
        ("un", "happy", "ness", "un**happy**ness"),
        ("un", "(happy) x", " ness", "un(happy) x ness"),
        ("un ", "x (happy)", "ness", "un x (happy)ness"),
        ("a\ue000b ", "c", " d", "a\ufffdb **c** d"),
        ("a ", "b", "", "a **b**"),
        ("a *", "b", "* c", "a \\***b**\\* c"),
        ("a", " b", " c", "a b c"),
        ("a", "", "", "a"),
    ],
)
def test_what_is_emphasised_is_bold_wherever_markdown_has_a_way_to_say_so(before, words, after, made):
    assert markdown_emphasised(before, words, after) == made
    tokens = MarkdownIt("commonmark").parse(made)
    bold = any(child.type == "strong_open" for token in tokens for child in token.children or ())
    assert bold is ("**" in made)


def links(markdown: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [child.attrs["href"] for token in tokens for child in token.children or () if child.type == "link_open"]


def test_markdown_links_to_web_addresses_alone():
    assert (
        links(to_markdown(an_answer(url="https://pond.example/a_(b)?c=d&e")))[0]
        == "https://pond.example/a_(b)?c=d&e#:~:text=A%20duck%20swam."
    )
    for url in ("javascript:alert(1)", "https://a> <b", "https://a\n# b", "data:text/html,x", "https://a b"):
        assert links(to_markdown(an_answer(url=url))) == []


hostile = (
    st.text(st.characters(codec=None), min_size=1, max_size=60)
    | st.text(
        st.sampled_from(list("\x1b\x9b\x07[]()<>!*_`#-=~|&;:/\\\n\r\t \u202e\u200b\ud800")), min_size=1, max_size=60
    )
    | st.sampled_from(["[/foo]", "[bold]x[/bold]", "<img src=x onerror=y>", "![a](b)", "</p>\n\n<script>", ":duck:"])
)


@given(hostile)
@example("[/foo]\x1b]0;title\x07")
@settings(max_examples=60, deadline=None)
def test_hostile_text_never_raises_and_is_never_live(text):
    article = Article(key=text, text=text, title=text, publisher=text, skipped=(SkippedSpan(0, 1, SkipKind.MARKUP),))
    for made in (an_answer(text, text, text), refused(an_answer(text, text, text))):
        out = [to_markdown(made), to_json(made), to_json(made, 2)]
        (saved,) = read_saved(to_json(made), text)
        for console in (piped(), on_terminal(no_color=True)):
            terminal.answer(made, console)
            terminal.search_results(made.passages, console)
            terminal.article_list([article.reference], console)
            terminal.article(article, console, Span(0, 1))
            verdict = Verdict(Standing.EXACT, 7, 19)
            terminal.verdicts([terminal.Checked(saved, (verdict,) * len(saved.citations))] * 2, console)
            terminal.add_report(
                added=1, updated=1, unchanged=1, skipped=[Rejected(text, text)], seconds=0, console=console
            )
            out.append(printed(console))
        # The styles of the terminal console are ours: bold, dim, reverse, off.
        for style in ("\x1b[1m", "\x1b[2m", "\x1b[1;7m", "\x1b[0m", "\x1b[1;7;2m", "\x1b[1;2;7m"):
            out[-1] = out[-1].replace(style, "")
        for shown in out:
            live = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
            assert live <= {"\n", "\t"}


@given(hostile)
@settings(max_examples=60, deadline=None)
def test_hostile_text_in_markdown_is_words_alone(text):
    for made in (an_answer(text, text), refused(an_answer(text, text))):
        tokens = MarkdownIt("commonmark").enable("table").parse(to_markdown(made))
        inline = {child.type for token in tokens for child in token.children or ()}
        assert inline <= {"text", "text_special"}
        blocks = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens}
        assert blocks <= {"heading", "paragraph", "blockquote", "bullet_list", "list_item", "inline"}
        levels = [token.tag for token in tokens if token.type == "heading_open"]
        assert levels.count("h1") == 1
        assert set(levels) <= {"h1", "h2"}


@given(hostile)
@example("a**b")
@example("&amp;")
@settings(max_examples=60, deadline=None)
def test_hostile_words_of_a_list_are_words_alone_too(text):
    made = a_list(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(to_markdown(made))
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "text_special", "strong_open", "strong_close"}
    shown = "".join(child.content for child in inline)
    assert shown.count("*") == 4 * one_line(text).count("*")  # twice in the list and twice quoted: all its own
    for console in (piped(), on_terminal(no_color=True)):
        terminal.answer(made, console)
        shown = printed(console).replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
        assert {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} <= {"\n", "\t"}
    (saved,) = read_saved(to_json(made), "a.json")
    assert saved.faults == ()


@pytest.mark.parametrize(
    ("coverage", "told"),
    [
        (
            Coverage(14, 12, "2020-01-03", "2020-03-09"),
            ["The articles asked are dated 3 January 2020 to 9 March 2020; 12 are undated."],
        ),
        (Coverage(1, 0, "2020-04", "2020-04"), ["The article asked is dated April 2020."]),
        (
            Coverage(3, 1, "2019", "2020-04-01", ("2021-03", "2022")),
            [
                "The articles asked are dated 2019 to 1 April 2020; 1 is undated.",
                "The question names March 2021 and 2022: no article asked is dated then.",
            ],
        ),
        (Coverage(2, 2, None, None, ("2022",)), ["No article asked is dated."]),
        (Coverage(0, 0, None, None), []),
    ],
)
def test_a_refusal_says_which_days_the_articles_are_of(coverage: Coverage, told: list[str]):
    console = piped()
    terminal.answer(replace(refused(ANSWER), coverage=coverage), console)
    lines = printed(console).splitlines()
    assert [line for line in lines if "asked" in line] == told
    markdown = to_markdown(replace(refused(ANSWER), coverage=coverage)).split("\n\n")
    assert [block for block in markdown if "asked" in block] == ([" ".join(told)] if told else [])


def test_a_chance_that_rounds_to_nought_is_told_as_small():
    assert chance(0.004, answered=False) == "The best candidate’s probability of being right: under 1%"
    assert chance(0.006, answered=True) == "Probability of being right: 1%"
    assert chance(None, answered=True) == ""


def test_rendering_needs_no_engine():
    seen = (
        "import sys, rag.verify, rag.render.terminal, rag.render.incoming, rag.render.markdown;"
        "print({'llama_index', 'chromadb', 'numpy', 'tantivy', 'onnxruntime', 'jsonschema'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
