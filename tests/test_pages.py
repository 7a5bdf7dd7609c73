"""Citations of what is not plain text: the page of a paged document, the live page of a saved one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.catalog import Catalog
from rag.commands import run
from rag.config import PASSAGE_SIZE, Settings
from rag.corpus import Corpus
from rag.render import saved
from rag.render.annotation import to_jsonld
from rag.render.contract import to_json
from rag.render.footnotes import to_markdown
from rag.split import passages
from rag.types import Article, page_at

FIRST = "The city council of Duckport met on Monday to talk about the harbour.\n"
SECOND = "The old ferry pier will be torn down in March, the mayor said.\n"
THIRD = "A new pier is to open in November with room for two ferries.\n"
REPORT = Article(
    key="report.pdf",
    text=FIRST + SECOND + THIRD,
    title="Harbour report",
    path="/papers/report.pdf",
    pages=(0, len(FIRST), len(FIRST + SECOND)),
)


@pytest.mark.parametrize(("offset", "page"), [(0, 1), (9, 1), (10, 2), (19, 2), (20, 3), (500, 3)])
def test_a_page_begins_where_the_one_before_it_ends(offset: int, page: int):
    assert page_at((0, 10, 20), offset) == page


def test_what_has_no_pages_has_no_page():
    assert page_at((), 7) is None


@pytest.fixture
def paged(settings: Settings) -> Settings:
    catalog = Catalog.open(settings.corpus, create=True)
    made = passages(REPORT.text, (), PASSAGE_SIZE)
    catalog.put(REPORT, b"%PDF", made, None)
    catalog.close()
    return settings


def test_an_answer_names_the_page(paged: Settings):
    with Corpus.open(settings=paged) as corpus:
        answer = corpus.ask("When will the old ferry pier be torn down?")
        cited = answer.citations[0]
        assert (cited.quote, cited.page) == (SECOND.strip(), 2)
        assert answer.passages[0].page == 1
        found = corpus.lookup("A new pier is to open in November with room for two ferries.")
        assert found.matches[0].citations[0].page == 3
        assert corpus.cited(cited.id).page == 2
        exported = saved.proved(saved.read(to_json(answer), "a.json"), corpus.standing, corpus.article)
    assert "report.pdf, page 2, characters" in to_markdown(exported)


def test_the_commands_name_the_page(paged: Settings, capsys: pytest.CaptureFixture[str]):
    common = ["--corpus", str(paged.corpus)]
    assert run(["ask", "When will the old ferry pier be torn down?", *common]) == 0
    shown = capsys.readouterr().out
    assert "/papers/report.pdf, page 2, characters" in shown
    name = shown.partition("· id: ")[2].split()[0]
    assert run(["cite", name, *common]) == 0
    assert "annote       = {“The old ferry pier will be torn down in March, the mayor said.” (p. 2)}" in (
        capsys.readouterr().out
    )


PAGE = """<!doctype html><html lang="en"><head><title>Ferry pier to go | Duckport Post</title>
<link rel="canonical" href="https://duckport.example/pier">
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry pier to go",
"datePublished": "2024-02-01", "publisher": {"name": "Duckport Post"}}</script></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Ferry pier to go</h1>
<p>The city council of Duckport met on Monday to talk about the harbour and its future, and it went on until late.</p>
<p>The old ferry pier will be torn down in %s, the mayor of Duckport said. Nobody on the council spoke against it.</p>
<p>A new pier is to open in November with room for two ferries, and the fares are to stay as they are for now.</p>
</article><footer>© Duckport Post</footer></body></html>"""


@pytest.fixture
def web(settings: Settings, tmp_path: Path) -> tuple[Corpus, Path]:
    file = tmp_path / "pier.html"
    file.write_text(PAGE % "March")
    corpus = Corpus.open(settings=settings, create=True)
    assert corpus.add([file]).added == 1
    return corpus, file


def test_a_quote_of_a_web_page_leads_to_its_live_page(web: tuple[Corpus, Path]):
    corpus, _ = web
    answer = corpus.ask("When will the old ferry pier be torn down?")
    quote = "The old ferry pier will be torn down in March, the mayor of Duckport said."
    assert [one.quote for one in answer.citations][:1] == [quote]
    exported = saved.proved(saved.read(to_json(answer), "a.json"), corpus.standing, corpus.article)
    target = json.loads(to_jsonld(exported))["items"][0]["target"]
    assert target["source"] == "https://duckport.example/pier"
    exact, position = target["selector"]
    text = corpus.article("https://duckport.example/pier").text
    assert exact["exact"] == quote
    assert text[position["start"] : position["end"]] == quote
    assert f"{exact['prefix']}{quote}{exact['suffix']}" in text
    assert "Home" not in exact["prefix"]
    assert "https://duckport.example/pier#:~:text=The%20old%20ferry%20pier" in to_markdown(exported)
    corpus.close()


def test_what_changed_from_one_saved_page_to_the_next_is_told(web: tuple[Corpus, Path]):
    corpus, file = web
    file.write_text(PAGE % "April")
    assert corpus.add([file]).updated == 1
    first, second = corpus.versions("https://duckport.example/pier")
    assert first.changes == ()
    (line,) = second.changes
    assert line.startswith("~ The old ferry pier will be torn down in [-March-] {+April+}, the mayor")
    corpus.close()
