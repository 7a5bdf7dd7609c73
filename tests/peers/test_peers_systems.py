"""The systems find what there is to find, and what was measured is kept and told as it was."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from places import ROOT

from eval.peers import ours, quiz, report
from eval.peers.__main__ import main
from eval.peers.cost import Latency, Making, made
from eval.peers.results import HALVES, Results, as_bits
from eval.peers.systems import STORES, SYSTEMS, Search, Shelf, Spent
from rag import Corpus
from rag.config import Settings
from rag.errors import GroundwireError, UsageError
from rag.types import article_id

TEXTS = {
    "https://a.example/bridge": "The bridge over the Tagus was closed on Monday, the mayor of Lisbon said. It is old.",
    "https://a.example/bees": "Beekeepers in Slovenia count fewer hives each year, a survey found. Mites are blamed.",
    "https://a.example/storm": "A storm damaged the harbour of Porto on Sunday night, officials said. Nobody was hurt.",
}


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    file = tmp_path / "articles.jsonl.gz"
    rows = [{"id": url[8:], "url": url, "title": "News", "text": text} for url, text in TEXTS.items()]
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return file


@pytest.mark.parametrize("opened", [ours.words, ours.bm25])
def test_our_lexical_systems_find_the_article(
    opened: Callable[[Shelf, Callable[[], object], int], Search], articles: Path, tmp_path: Path
):
    shelf = Shelf(tmp_path)
    built = ours.build_words(shelf.of("groundwire-words"), articles, None)
    assert built.passages == 3
    assert built.bytes > 0 and built.spent.cpu > 0
    found = opened(shelf, _no_model, 2)("Which bridge is closed?")
    assert found[0].article == article_id("https://a.example/bridge")
    assert "Tagus" in found[0].text


def test_llamaindex_splits_and_searches_with_its_own_bm25(articles: Path, tmp_path: Path):
    pytest.importorskip("llama_index.retrievers.bm25")
    from eval.peers import llama

    shelf = Shelf(tmp_path)
    assert llama.build_bm25(shelf.of("llama-bm25"), articles, None).passages == 3
    found = llama.bm25(shelf, _no_model, 2)("Which bridge is closed?")
    assert len(found) == 2
    assert found[0].article == article_id("https://a.example/bridge")
    assert found[0].text == TEXTS["https://a.example/bridge"]  # no metadata: only what stands in the article counts


def test_a_store_that_is_whole_is_not_built_again(tmp_path: Path):
    shelf = Shelf(tmp_path)
    kept = {"spent": {"seconds": 4.0, "cpu": 3.0}, "passages": 2, "bytes": 7, "peak": 9, "load": 0.5}
    shelf.of("llama-bm25.json").write_text(json.dumps(kept | {"of": "these"}))
    assert made(shelf, "llama-bm25", tmp_path / "no such file", "these") == Making(Spent(4.0, 3.0), 2, 7, 9, 0.5)


def test_a_store_of_other_articles_or_versions_is_built_again(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT)
    shelf = Shelf(tmp_path / "shelf")
    assert made(shelf, "groundwire-words", articles, "these").passages == 3
    record = shelf.of("groundwire-words.json")
    record.write_text(record.read_text("utf-8").replace('"passages": 3', '"passages": 4'))
    assert made(shelf, "groundwire-words", articles, "these").passages == 4
    assert made(shelf, "groundwire-words", articles, "those").passages == 3


def test_our_stores_are_named_by_what_passages_and_indexes_are_made_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The corpus says the same of itself, but for its indexes."""
    with Corpus.open(settings=Settings(tmp_path / "news.db", tmp_path / "cache", "none"), create=True) as corpus:
        made_with = corpus.fingerprint.removeprefix("no vectors;")
    before = ours.index()
    assert before.startswith(f"{made_with};")
    for module, name in ((ours.lexical, "FORMAT"), (ours.vectors, "FORMAT"), (ours, "READER")):
        with monkeypatch.context() as changed:
            changed.setattr(module, name, "another/1")
            assert ours.index() != before


def test_a_store_that_cannot_be_built_ends_with_a_line_and_leaves_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(ROOT)
    with pytest.raises(GroundwireError, match="groundwire-words could not be built"):
        made(Shelf(tmp_path), "groundwire-words", tmp_path / "no such file", "these")
    assert not (tmp_path / "groundwire-words.json").exists()
    assert "no such file" in capfd.readouterr().err


def test_every_system_needs_stores_that_can_be_built():
    assert {store for one in SYSTEMS for store in one.stores} == set(STORES)


def test_questions_are_those_that_the_articles_answer_or_that_come_from_them(tmp_path: Path):
    rows = [
        _row("a", week="1", answer=True),
        _row("b", week="2", answer=False, evidence=["x"]),
        _row("c", week="2", answer=False, evidence=["gone"]),
        _row("All but which of these, except", week="3", answer=True),
    ]
    folder = tmp_path / "realtimeqa-2022"
    folder.mkdir()
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "articles.jsonl.gz").write_bytes(gzip.compress(b'{"id": "x", "url": "https://x.example/", "text": "t"}'))
    first, second = quiz.questions(tmp_path)
    assert (first.text, first.is_answerable, first.evidence) == ("a", True, frozenset())
    assert (second.text, second.is_answerable, second.evidence) == ("b", False, {article_id("https://x.example/")})


def test_without_the_benchmark_data_there_is_one_clear_line(tmp_path: Path):
    with pytest.raises(UsageError, match="is not there; --bench DIR names"):
        quiz.file(tmp_path)


def test_results_come_back_as_they_were_kept(tmp_path: Path):
    results = _results()
    results.write(tmp_path / "kept" / "peers.json")
    assert Results.read(tmp_path / "kept" / "peers.json") == results


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"latency": {}, "answer_latency": {}, "makings": {}}'])
def test_results_that_are_not_there_or_none_are_one_line(tmp_path: Path, text: str | None):
    if text is not None:
        (tmp_path / "peers.json").write_text(text)
    with pytest.raises(UsageError, match=r"peers\.json: .*measure") as told:
        Results.read(tmp_path / "peers.json")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("limit", [0, -1])
def test_no_question_is_none_to_measure(limit: int, capsys: pytest.CaptureFixture[str]):
    assert main([f"--limit={limit}"]) == 2
    assert capsys.readouterr().err == f"--limit takes 1 question or more, not {limit}\n"


def test_a_half_counts_its_own_weeks_alone():
    results = _results()
    figures = [results.figure("groundwire", "hit@1", half) for half in HALVES]
    assert [(one.value, one.count) for one in figures if one] == [(0.75, 4), (1.0, 2), (0.5, 2)]
    assert results.figure("groundwire", "own answer", HALVES[0]) is None


def test_a_difference_is_theirs_less_ours():
    found = _results().difference("words", "groundwire", "hit@1", HALVES[0])
    assert found is not None
    assert found[0] == pytest.approx(-0.5)
    assert 0 < found[1] <= 1


def test_the_table_tells_every_system_and_marks_ours():
    told = report.tables(_results())
    assert "| **Groundwire** | .750 (.250–1)" in told
    assert "| Groundwire, words alone | −.500" in told
    assert "12.0 / 30.0 ms" in told


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- one: made by the program -->\nold\n<!-- one: end -->\nafter\n")
    report.put(page, "one", "new")
    assert page.read_text() == "before\n<!-- one: made by the program -->\nnew\n<!-- one: end -->\nafter\n"
    with pytest.raises(ValueError, match="has no"):
        report.put(page, "two", "new")


def _no_model() -> object:
    raise AssertionError("a system that goes by words alone loads no model")


def _row(question: str, *, week: str, answer: bool, evidence: list[str] | None = None) -> dict[str, object]:
    return {
        "id": question,
        "date": "2022/01/01",
        "question": question,
        "answers": ["gold"],
        "week": week,
        "answer_in_own_docs": answer,
        "evidence_urls": evidence or [],
    }


def _results() -> Results:
    names = ("words", "groundwire")
    making = Making(Spent(10.0, 5.0), 100, 1_000_000, 2_000_000, 1.5)
    return Results(
        dev={"answerable": "1100", "evidence": "10"},
        outcomes={
            "words": {"hit@1": as_bits([False, False, True, False]), "article@10": "11"},
            "groundwire": {"hit@1": as_bits([True, True, True, False]), "article@10": "10"},
        },
        latency=dict.fromkeys(names, Latency(12.0, 30.0, 11.0)),
        answer_latency={},
        peak=dict.fromkeys(names, 3_000_000),
        makings={"groundwire": making, "groundwire-words": making},
        embedding={"groundwire": 0.5},
        hnsw_recall=0.99,
        words=dict.fromkeys(names, 100.0),
        loads=[1.0, 2.0],
        machine="a machine",
        versions={"chromadb": "1"},
        inputs={},
    )
