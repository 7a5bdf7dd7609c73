"""References say what is known and nothing else, and every reader reads back what was written."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from pathlib import Path

import bibtexparser
import pybtex.database
import pytest
import rispy
from bibtexparser.middlewares import SeparateCoAuthors
from hypothesis import example, given
from hypothesis import strategies as st
from pylatexenc import latexwalker, macrospec
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from rag.errors import UsageError
from rag.render.references import Cited, Name, entries, formatted, to_bibtex, to_csl_json, to_ris
from rag.render.references.entry import iso_parts, name
from rag.render.safe import one_line
from rag.types import Origin, Reference, article_id

HOSTILE = (
    "\\input{/etc/passwd}",
    "\\write18{rm -rf ~} $x^2_3$ 100% & #1",
    "}} @article{evil, title = {x}",
    "{ unbalanced \\",
    "}{ the wrong way round",
    "a\nER  - \nTY  - JOUR\nTI  - evil",
    "\nAU  - Evil, Doctor",
    '", month = {x',
    "@string{x = 1} %\n@comment{",
    "O'Neil's ``quoted'' -- and --- <<so>> ,,on'' ?` !`",
    '{"id": 1} <i>x</i> <script>alert(1)</script>',
    "\u202eevil\u2066 \x1b[31m\x00\u200b",
    "﷽ עברית 中文 é e\u0301 ﬁ 🦉",
    " and others",
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60), st.text("\\{}%$&#_^~@,=\"'`-<>?! \nab", max_size=40))


def a_reference(key: str = "weir.txt", **known: object) -> Reference:
    return Reference(id=article_id(key), version="0" * 64, key=key, **known)  # type: ignore[arg-type]


def cited(*quotes: str, key: str = "weir.txt", **known: object) -> Cited:
    return Cited(a_reference(key, **known), "2024-05-31", quotes)


WEIR = cited(
    "Engineers closed the weir.",
    title="Weir closed after rain",
    publisher="Coast Daily",
    authors=("Ana Kovač", "Reuters"),
    published="2022-06-16T10:15:00",
    url="https://www.river.example/weir?a=1&b=2",
)


# -- what is known -----------------------------------------------------------------------------------------------


def test_a_newspaper_article_in_bibtex() -> None:
    assert (
        to_bibtex(entries([WEIR]))
        == """\
@article{coast2022weir,
  author       = {Kovač, Ana and {Reuters}},
  title        = {{Weir closed after rain}},
  journal      = {Coast Daily},
  entrysubtype = {newspaper},
  date         = {2022-06-16},
  year         = {2022},
  month        = jun,
  url          = {https://www.river.example/weir?a=1&b=2},
  urldate      = {2024-05-31},
  annote       = {“Engineers closed the weir.”},
}
"""
    )


def test_a_newspaper_article_in_ris() -> None:
    assert to_ris(entries([WEIR])).splitlines() == [
        "TY  - NEWS",
        "ID  - coast2022weir",
        "AU  - Kovač, Ana",
        "AU  - Reuters",
        "TI  - Weir closed after rain",
        "T2  - Coast Daily",
        "PY  - 2022",
        "DA  - 2022/06/16/",
        "UR  - https://www.river.example/weir?a=1&b=2",
        "Y2  - 2024/05/31/",
        "N1  - “Engineers closed the weir.”",
        "ER  - ",
    ]


def test_a_newspaper_article_in_csl_json() -> None:
    assert json.loads(to_csl_json(entries([WEIR]))) == [
        {
            "id": "coast2022weir",
            "type": "article-newspaper",
            "title": "Weir closed after rain",
            "author": [{"family": "Kovač", "given": "Ana"}, {"literal": "Reuters"}],
            "container-title": "Coast Daily",
            "issued": {"date-parts": [[2022, 6, 16]]},
            "URL": "https://www.river.example/weir?a=1&b=2",
            "accessed": {"date-parts": [[2024, 5, 31]]},
            "note": "“Engineers closed the weir.”",
        }
    ]


def test_what_is_missing_is_named_and_nowhere_invented() -> None:
    (entry,) = entries([cited(title="Weir closed")])
    assert entry.missing == ("author", "newspaper", "date", "URL")
    assert set(json.loads(to_csl_json([entry]))[0]) == {"id", "type", "title", "accessed"}
    assert set(pybtex.database.parse_string(to_bibtex([entry]), "bibtex").entries[entry.key].fields) == {
        "title",
        "entrysubtype",
        "urldate",
    }
    assert re.findall("^[A-Z0-9]{2}", to_ris([entry]), re.MULTILINE) == ["TY", "ID", "TI", "Y2", "ER"]


def test_a_date_is_as_precise_as_its_source() -> None:
    assert [
        iso_parts(date) for date in ("2020", "2020-04", "2020-04-01", "2020-04-01T10:15:00Z", "2020-13", "soon")
    ] == [
        (2020,),
        (2020, 4),
        (2020, 4, 1),
        (2020, 4, 1),
        (),
        (),
    ]
    (entry,) = entries([cited(title="Weir", published="2020-04")])
    assert "date         = {2020-04}," in to_bibtex([entry])
    assert "DA  - 2020/04//" in to_ris([entry])


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x", "http://", "x"]
)
def test_only_web_addresses_count(url: str) -> None:
    (entry,) = entries([cited(title="Weir", url=url)])
    assert "URL" in entry.missing


def test_an_address_cannot_end_its_field() -> None:
    (entry,) = entries([cited(title="Weir", url='https://x.example/a}b{c\\d"e<f>é %20#g')])
    assert entry.url is None  # white space
    (entry,) = entries([cited(title="Weir", url='https://x.example/a}b{c\\d"e<f>é%20#g')])
    assert entry.url == "https://x.example/a%7Db%7Bc%5Cd%22e%3Cf%3E%C3%A9%20#g"


@pytest.mark.parametrize(
    ("author", "parts"),
    [
        ("Hamza Mustafa", Name("Mustafa", "Hamza")),
        ("Daphne van der Berg", Name("van der Berg", "Daphne")),
        ("Mohammed bin Salman", Name("bin Salman", "Mohammed")),
        ("Martin Luther King Jr.", Name("King", "Martin Luther", "Jr.")),
        ("Mustafa, Hamza", Name("Mustafa", "Hamza")),
        ("Reuters", Name(literal="Reuters")),
        ("Associated Press", Name(literal="Associated Press")),
        ("王小波", Name(literal="王小波")),
    ],
)
def test_names_in_parts(author: str, parts: Name) -> None:
    assert name(author) == parts


@pytest.mark.parametrize("origin", [Origin.TEXT, None])
def test_when_a_file_was_made_is_not_when_its_article_was_published(origin: Origin | None) -> None:
    known = {"title": "Weir closed", "published": "2026-11-20T13:14:32Z"}
    (stated,) = entries([cited(published_from=origin, **known)])
    (of_the_file,) = made = entries([cited(published_from=Origin.PROPERTIES, **known)])
    assert stated.date == (2026, 11, 20)
    assert of_the_file.date == ()
    assert "date" in of_the_file.missing
    shown = to_bibtex(made) + to_ris(made) + to_csl_json(made) + formatted(made, "apa")
    assert "2026" not in shown
    assert "(n.d.)" in formatted(made, "apa")


# -- keys --------------------------------------------------------------------------------------------------------


def test_keys_that_collide_are_told_apart_by_article_whatever_the_order() -> None:
    same = [cited(key=key, title="Weir closed", publisher="Coast", published="2022") for key in ("a", "b")]
    other = cited(key="c", title="Owl seen", publisher="Coast", published="2022")
    forward = {entry.key for entry in entries([*same, other])}
    assert forward == {f"coast2022weir-{article_id(key)[:4]}" for key in ("a", "b")} | {"coast2022owl"}
    assert forward == {entry.key for entry in entries([other, *reversed(same)])}


def test_a_quote_from_a_paged_document_names_its_page() -> None:
    (entry,) = entries([replace(cited("One.", "Two.\nThree."), pages={"Two.\nThree.": 3})])
    assert entry.note == "“One.” “Two. Three.” (p. 3)"
    assert "annote       = {“One.” “Two. Three.” (p. 3)}" in to_bibtex([entry])
    assert json.loads(to_csl_json([entry]))[0]["note"] == entry.note
    assert "N1  - “Two. Three.” (p. 3)\n" in to_ris([entry])


def test_one_entry_an_article_with_all_its_quotes() -> None:
    (entry,) = entries([cited("One.", title="Weir"), cited("Two.", title="Weir"), cited("One.", title="Weir")])
    assert entry.quotes == ("“One.”", "“Two.”")
    assert to_ris([entry]).count("N1  - ") == 2


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_keys_are_plain_and_unique(told: list[tuple[str, str]]) -> None:
    made = entries(cited(key=str(n), title=title, publisher=who) for n, (title, who) in enumerate(told))
    keys = [entry.key for entry in made]
    assert len(set(keys)) == len(keys) == len(told)
    assert all(re.fullmatch("[a-z0-9-]+", key) for key in keys)


# -- read back by others -----------------------------------------------------------------------------------------

# pylatexenc does not know these two of LaTeX's own (encguide.pdf, table "text symbols").
_CONTEXT = get_default_latex_context_db()
_CONTEXT.add_context_category(
    "braces",
    macros=[MacroTextSpec("textbraceleft", "{"), MacroTextSpec("textbraceright", "}")],
    prepend=True,
)
_WALKER = latexwalker.get_default_latex_context_db()
_WALKER.add_context_category(
    "braces",
    macros=[macrospec.std_macro("textbraceleft", ""), macrospec.std_macro("textbraceright", "")],
    prepend=True,
)


def as_tex_reads(field: str) -> str:
    walker = latexwalker.LatexWalker(field, latex_context=_WALKER, tolerant_parsing=False)
    text = LatexNodes2Text(latex_context=_CONTEXT, strict_latex_spaces=True).nodelist_to_text(
        walker.get_latex_nodes()[0]
    )
    return text.replace("ˆ", "^")  # what it takes \textasciicircum for


def expected(text: str) -> str:
    return one_line(text).replace("ˆ", "^")


@given(TEXTS, TEXTS, TEXTS)
@example(*HOSTILE[:3])
@example(*HOSTILE[3:6])
def test_bibtex_is_read_back_by_two_parsers(title: str, publisher: str, quote: str) -> None:
    written = to_bibtex(entries([cited(quote, key="a", title=title, publisher=publisher), cited(key="b", title="Owl")]))

    library = bibtexparser.parse_string(written)
    assert (len(library.entries), library.failed_blocks) == (2, [])
    assert (library.comments, library.preambles, library.strings) == ([], [], [])
    first = {field.key: field.value for field in library.entries[0].fields}

    parsed = pybtex.database.parse_string(written, "bibtex")
    assert len(parsed.entries) == 2
    fields = dict(next(iter(parsed.entries.values())).fields)

    note = f"“{one_line(quote)}”" if one_line(quote) else ""
    for field, text in (("title", title), ("journal", publisher), ("annote", note)):
        for read in (first, fields):
            assert as_tex_reads(read.get(field, "")) == expected(text)
    known = {field for field, text in (("title", title), ("journal", publisher), ("annote", note)) if one_line(text)}
    assert set(first) == set(fields) == known | {"entrysubtype", "urldate"}
    assert not re.search(r"\\(?!text(?:backslash|asciitilde|asciicircum|braceleft|braceright)\}|[%$&#_{}])", written)


@given(st.lists(TEXTS.filter(one_line), min_size=1, max_size=3))
@example(["Robert and Sons", "A, B, C", "x and y, z"])
def test_bibtex_has_as_many_authors_as_there_are(authors: list[str]) -> None:
    written = to_bibtex(entries([cited(title="x", authors=tuple(authors))]))
    (entry,) = pybtex.database.parse_string(written, "bibtex").entries.values()
    assert len(entry.persons["author"]) == len(authors)
    (other,) = bibtexparser.parse_string(written, append_middleware=[SeparateCoAuthors()]).entries
    assert len(other["author"]) == len(authors)


@given(TEXTS, TEXTS, TEXTS)
@example(*HOSTILE[5:8])
def test_ris_is_read_back(title: str, publisher: str, quote: str) -> None:
    written = to_ris(entries([cited(quote, key="a", title=title, publisher=publisher), cited(key="b", title="Owl")]))
    first, second = rispy.loads(written)
    note = f"“{one_line(quote)}”" if one_line(quote) else ""
    known = {"type_of_reference": "NEWS", "access_date": "2024/05/31/", "id": first["id"]}
    known |= {"title": one_line(title), "secondary_title": one_line(publisher), "notes": [note] if note else []}
    assert first == {field: value for field, value in known.items() if value}
    assert second["title"] == "Owl"


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_csl_json_is_read_back(title: str, publisher: str, author: str, quote: str) -> None:
    made = entries([cited(quote, title=title, publisher=publisher, authors=(author,))])
    (item,) = json.loads(to_csl_json(made))
    assert item.get("title", "") == one_line(title)
    assert item.get("container-title", "") == one_line(publisher)
    assert item.get("note", "“”") == f"“{one_line(quote)}”"
    words = {word for part in item.get("author", []) for word in part.values()}
    assert sorted(" ".join(words).replace(",", " ").split()) == sorted(one_line(author).replace(",", " ").split())
    assert set(item) <= {"id", "type", "title", "container-title", "author", "note", "accessed"}


# -- formatted ---------------------------------------------------------------------------------------------------

UNSIGNED = cited(key="b", title="What now?", publisher="The Post", published="2019-05")
UNDATED = cited(key="c", title="Owl seen", publisher="Coast Daily", url="https://x.example/owl")


@pytest.mark.parametrize(
    ("style", "lines"),
    [
        (
            "apa",
            [
                "Kovač, A., & Reuters. (2022, June 16). Weir closed after rain. Coast Daily. "
                "https://www.river.example/weir?a=1&b=2",
                "Owl seen. (n.d.). Coast Daily. Retrieved May 31, 2024, from https://x.example/owl",
                "What now? (2019, May). The Post.",
            ],
        ),
        (
            "chicago",
            [
                "Coast Daily. “Owl seen.” Accessed May 31, 2024. https://x.example/owl.",
                "Kovač, Ana, and Reuters. “Weir closed after rain.” Coast Daily, June 16, 2022. "
                "https://www.river.example/weir?a=1&b=2.",
                "The Post. “What now?” May 2019.",
            ],
        ),
        (
            "mla",
            [
                "Kovač, Ana, and Reuters. “Weir closed after rain.” Coast Daily, 16 June 2022, "
                "https://www.river.example/weir?a=1&b=2.",
                "“Owl seen.” Coast Daily, https://x.example/owl. Accessed 31 May 2024.",
                "“What now?” The Post, May 2019.",
            ],
        ),
    ],
)
def test_the_styles_that_come_with_it(style: str, lines: list[str]) -> None:
    assert formatted(entries([WEIR, UNSIGNED, UNDATED]), style).splitlines() == lines


@given(TEXTS)
def test_a_hostile_title_is_words_in_every_style(title: str) -> None:
    for style in ("apa", "chicago", "mla"):
        line = formatted(entries([cited(title=title, publisher="Post")]), style)
        assert line.count("\n") == 1
        assert one_line(title).rstrip(".?!… ") in line


CSL = "http://purl.org/net/xbiblio/csl"


def test_another_style_is_named_by_its_file(tmp_path: Path) -> None:
    style = tmp_path / "plain.csl"
    style.write_text(
        f'<style xmlns="{CSL}" class="in-text" version="1.0"><info/><citation><layout/></citation>'
        '<bibliography><layout><text variable="title" suffix="!"/></layout></bibliography></style>'
    )
    assert formatted(entries([WEIR]), str(style)) == "Weir closed after rain!\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("nothing", "this is not XML"),
        ("<html/>", "this is not a CSL style"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><style>&e;</style>', "DOCTYPE"),
        (
            f'<style xmlns="{CSL}"><info><link rel="independent-parent" href="urn:p"/></info></style>',
            "it stands for urn:p: take that",
        ),
        (
            f'<style xmlns="{CSL}"><bibliography><layout><text macro="m"/></layout></bibliography>'
            '<macro name="m"><text macro="m"/></macro></style>',
            "citeproc-py cannot carry this style out",
        ),
    ],
)
def test_what_is_no_style_is_told_in_one_line(tmp_path: Path, raw: str, said: str) -> None:
    style = tmp_path / "bad.csl"
    style.write_text(raw)
    with pytest.raises(UsageError, match=said) as told:
        formatted(entries([WEIR]), str(style))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("style", ["nature", "missing.csl"])
def test_a_style_that_is_not_here(style: str) -> None:
    with warnings.catch_warnings(), pytest.raises(UsageError, match=r"--style takes apa, chicago, mla or a \.csl"):
        formatted(entries([WEIR]), style)
