"""What the benchmarks share: reading files, halves and samples, tables and records, BM25, the command."""

from __future__ import annotations

import gzip
import json
import math
import sqlite3
from pathlib import Path

import pytest

from eval.bench import ramdocs, results
from eval.bench.__main__ import MODULES, main
from eval.bench.bm25 import BM25, K1, B
from eval.bench.options import Options
from eval.bench.results import Measured, Result, Row
from eval.bench.sources import Sources, records, sample, split_of
from rag import Corpus
from rag.config import Settings
from rag.errors import UsageError
from rag.evaluate.metrics import Figure
from rag.types import article_id, text_version

# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_unpacked_and_its_hash_is_that_of_the_bytes_as_they_lie_there(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"x": 1}\n\n{"x": 2}\n', mtime=0))
    sources = Sources(tmp_path)
    assert sources.read("a.jsonl.gz", records) == [{"x": 1}, {"x": 2}]
    from hashlib import sha256

    assert sources.hashes == {"a.jsonl.gz": sha256((tmp_path / "a.jsonl.gz").read_bytes()).hexdigest()}


def test_a_line_separator_inside_a_record_ends_no_line() -> None:
    assert records('{"x": "a\u2028b\u0085c"}\r\n{"x": 2}'.encode()) == [{"x": "a\u2028b\u0085c"}, {"x": 2}]


def test_what_is_missing_is_named_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        Sources(tmp_path).read("sub/a.json", json.loads)
    assert str(tmp_path / "sub" / "a.json") in str(told.value)
    assert "--bench" in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "content", [b"", b"not gzip", gzip.compress(b'{"x": '), gzip.compress(b'{"x": 1}')[:-9], gzip.compress(b"\xff\xfe")]
)
def test_a_corrupt_file_is_one_line_that_names_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(content)
    with pytest.raises(UsageError, match=r"a\.jsonl\.gz is not the benchmark's file") as told:
        Sources(tmp_path).read("a.jsonl.gz", lambda content: [one["x"] for one in records(content)])
    assert "\n" not in str(told.value)


def test_the_halves_are_about_equal_and_a_sample_keeps_order_and_grows_by_adding() -> None:
    keys = [f"key {n}" for n in range(1000)]
    assert 450 < sum(split_of(key) == "dev" for key in keys) < 550
    few, more = sample(keys, str, 10), sample(keys, str, 20)
    assert len(few) == 10 and set(few) < set(more) and few == sorted(few, key=keys.index)
    assert sample(keys, str, 0) == keys


# --- corpora ---------------------------------------------------------------------------------------------------------


def _options(folder: Path, **given: object) -> Options:
    return Options(Sources(folder), folder / "cache", folder / "cache", modes=("lexical",), **given)  # type: ignore[arg-type]


def test_a_corpus_is_made_once_carried_on_and_refused_when_it_holds_anything_else(tmp_path: Path) -> None:
    texts = {"a": "The bridge was closed on Monday.", "b": "The school opened again on Friday."}
    lines = [json.dumps({"id": key, "text": text}) for key, text in texts.items()]
    (tmp_path / "all.jsonl").write_text("\n".join(lines))
    (tmp_path / "one.jsonl").write_text(lines[0])
    expected = {article_id(key): text_version(text) for key, text in texts.items()}
    file = tmp_path / "c.db"
    options = _options(tmp_path)
    with Corpus.open(settings=Settings(file, tmp_path / "cache", "none"), create=True) as corpus:
        corpus.add([tmp_path / "one.jsonl"])
    assert options.made(file, tmp_path / "all.jsonl", expected) == file
    with Corpus.open(settings=Settings(file, tmp_path / "cache", "none")) as corpus:
        assert {one.id: one.version for one in corpus.articles()} == expected
    before = file.stat().st_mtime_ns
    options.made(file, tmp_path / "all.jsonl", expected)
    assert file.stat().st_mtime_ns == before
    with pytest.raises(UsageError, match="1 articles that are not the benchmark's"):
        options.made(file, tmp_path / "one.jsonl", {article_id("a"): text_version(texts["a"])})


def test_hybrid_without_weights_says_how_to_get_them(tmp_path: Path) -> None:
    options = Options(Sources(tmp_path), tmp_path, tmp_path)
    with pytest.raises(UsageError, match=r"model fetch.*--mode lexical"):
        options.made(tmp_path / "c.db", tmp_path / "a.jsonl", {})
    assert not (tmp_path / "c.db").exists()


def test_remembered_vectors_are_the_model_s_own_bit_for_bit(model_cache: Path, tmp_path: Path) -> None:
    options = Options(Sources(tmp_path), tmp_path, model_cache)
    texts = ["The bridge was closed.", "The school was opened.", "The bridge was closed."]
    with options.model() as model:
        first = model.encode(texts)
        plain = super(type(model), model).encode(texts)
    with options.model() as model:
        again = model.encode([*texts[::-1], "Another."])
    assert first.tobytes() == plain.tobytes() == again[2::-1].tobytes()


@pytest.mark.parametrize("damage", ["garbage from the start", "in the middle"])
def test_a_damaged_memory_of_vectors_is_one_line_that_says_which_file_to_delete(
    model_cache: Path, tmp_path: Path, damage: str
) -> None:
    options, file = Options(Sources(tmp_path), tmp_path, model_cache), tmp_path / "vectors.sqlite"
    if damage == "in the middle":
        with options.model() as model:
            model.encode([f"Sentence {n}." for n in range(20)])
        content = bytearray(file.read_bytes())
        content[4096:] = b"\xa5" * (len(content) - 4096)
        file.write_bytes(content)
    else:
        file.write_bytes(b"no database " * 400)
    with (
        pytest.raises(UsageError, match=r"vectors\.sqlite: cannot be used .* delete it") as told,
        options.model() as model,
    ):
        model.encode([f"Sentence {n}." for n in range(20)])
    assert "\n" not in str(told.value)


def test_a_remembered_vector_that_is_cut_off_is_made_again(model_cache: Path, tmp_path: Path) -> None:
    options = Options(Sources(tmp_path), tmp_path, model_cache)
    with options.model() as model:
        first = model.encode(["The bridge was closed."])
    with sqlite3.connect(tmp_path / "vectors.sqlite") as store:
        store.execute("UPDATE vector SET vector = substr(vector, 1, 100)")
    store.close()
    with options.model() as model:
        assert model.encode(["The bridge was closed."]).tobytes() == first.tobytes()


# --- figures, tables, records ----------------------------------------------------------------------------------------


def test_by_words_alone_the_fingerprint_tells_no_model_whatever_made_the_corpus(tmp_path: Path) -> None:
    class Dense:
        fingerprint = "all-MiniLM-L6-v2/fp32@53aa;sentences-900/1.1;format-2"

    assert results.fingerprint(Dense(), ("hybrid", "lexical")) == Dense.fingerprint  # type: ignore[arg-type]
    assert results.fingerprint(Dense(), ("lexical",)) == "no vectors;sentences-900/1.1;format-2"  # type: ignore[arg-type]
    with Corpus.open(settings=Settings(tmp_path / "c.db", tmp_path / "cache", "none"), create=True) as corpus:
        assert results.fingerprint(corpus, ("lexical",)) == corpus.fingerprint


def test_systems_stand_side_by_side_and_splits_apart() -> None:
    rows = [
        Row("answers", "dev", "hybrid", Figure("F1", 0.5, 0.25, 1.0, 4)),
        Row("answers", "dev", "lexical", Figure("F1", float("nan"), float("nan"), float("nan"), 4)),
        Row("answers", "test", "hybrid", Figure("F1", 0.0, 0.0, 0.0, 5)),
    ]
    made = results.tables(rows)
    assert list(made) == [("answers", "dev"), ("answers", "test")]
    systems, (line,) = made["answers", "dev"]
    assert systems == ("hybrid", "lexical")
    assert (line.name, line.count, line.cells) == ("F1", 4, (".500 [.250, 1.000]", "–"))


def test_a_record_says_what_was_measured_on_and_can_be_read_back(tmp_path: Path) -> None:
    rows = (
        Row("answers", "dev", "hybrid", Figure("F1", 0.5, 0.25, 1.0, 4)),
        Row("answers", "dev", "lexical", Figure("F1", float("nan"), float("nan"), float("nan"), 0)),
    )
    Result("squad", Measured(rows, {"words": 60}), {"a.json": "ff"}, 1.23).write(tmp_path / "out" / "squad.json")
    name, read, rest = results.read(tmp_path / "out" / "squad.json")
    assert name == "squad" and read[0] == rows[0] and math.isnan(read[1].figure.value)
    assert rest["data_sha256"] == {"a.json": "ff"} and rest["settings"] == {"words": 60} and rest["seconds"] == 1.2
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["squad.json"]


# --- BM25 ------------------------------------------------------------------------------------------------------------


def test_bm25_is_the_formula_worked_out_by_hand() -> None:
    engine = BM25(["the cat sat", "the dog", "a bird sang and sang to the bird"])
    mean = (3 + 2 + 8) / 3
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    bird = idf * 2 * (K1 + 1) / (2 + K1 * (1 - B + B * 8 / mean))
    assert engine.scores("BIRD?") == pytest.approx([0, 0, bird])
    assert engine.top("the cat, the cat", 5) == [0, 1, 2]
    assert engine.top("nothing of this", 5) == []


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES)
def test_without_the_data_each_benchmark_is_one_line_and_exit_2(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "--bench", str(tmp_path), "--mode", "lexical"]) == 2
    out, err = capsys.readouterr()
    assert not out
    (line,) = err.splitlines()
    assert line.startswith(f"{name}: {tmp_path}") and "is not there" in line


def test_all_goes_on_after_what_is_missing_and_says_so_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "conflicts"
    folder.mkdir()
    question = {
        "question": "Who closed the bridge?",
        "documents": [{"text": "The mayor closed the bridge on Monday after the storm.", "type": "correct"}],
        "gold_answers": ["the mayor"],
        "wrong_answers": [],
    }
    (folder / "ramdocs-first250.jsonl").write_text(json.dumps(question) + "\n")
    arguments = ["all", "--bench", str(tmp_path), "--mode", "lexical", "--json", str(tmp_path / "out")]
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert "ramdocs, answers" in out
    assert len([line for line in err.splitlines() if "is not there" in line]) == len(MODULES) - 1
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["ramdocs.json"]


def test_a_conflict_is_read_by_the_trained_reader(model_cache: Path, tmp_path: Path) -> None:
    options = Options(Sources(tmp_path), tmp_path, model_cache)
    documents = ("The bridge was closed on Monday for repairs.", "The bridge was closed on Tuesday, officials said.")
    one = ramdocs.Question("q", "When was the bridge closed?", documents, ("Monday",), ("Tuesday",))
    with options.model() as model:
        told = ramdocs._ask_one(options, one, model)
    assert told["hybrid"].answer.confidence is not None
    assert told["lexical"].answer.confidence is None
