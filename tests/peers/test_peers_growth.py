"""Made-up news has the statistics of what it is made of, and what was measured is added up over the sizes."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from places import ROOT

from eval.growth import __main__ as growth
from eval.growth import report as growth_report
from eval.growth.made_up import BREAK, Chain, articles, vectors, write
from eval.growth.report import read
from rag.errors import GroundwireError, UsageError

TEXTS = [
    "The mayor spoke. The bridge is closed.\n\nThe mayor left.",
    "The bridge is long.\n\nThe river is wide, Quetzal said.",
]


def test_only_words_that_follow_each_other_in_the_articles_do_so():
    chain = Chain(TEXTS)
    drawn = [chain.tokens[n] for n in chain.stream(np.random.default_rng(1), lanes=1, steps=500)]
    real = f" {BREAK} ".join(["", *(text.replace(BREAK, f" {BREAK} ") for text in TEXTS), ""]).strip(" ").split(" ")
    pairs = set(itertools.pairwise(real))
    assert set(itertools.pairwise(drawn)) <= pairs
    assert {"mayor", "bridge", "river", BREAK} <= set(drawn)


def test_each_follower_comes_as_often_as_in_the_articles():
    chain = Chain(["a b a b a b a c"])
    drawn = [chain.tokens[n] for n in chain.stream(np.random.default_rng(1), lanes=1, steps=20_000)]
    after_a = Counter(second for first, second in itertools.pairwise(drawn) if first == "a")
    assert set(after_a) == {"b", "c"}
    assert after_a["b"] / after_a.total() == pytest.approx(0.75, abs=0.02)


def test_a_word_met_once_becomes_a_new_one_each_time_and_keeps_its_shape():
    chain = Chain(TEXTS)
    once = {chain.tokens[n] for n in chain.once}
    assert once == {"spoke.", "closed.", "left.", "long.", "river", "wide,", "Quetzal", "said."}
    made = list(itertools.islice(articles(chain, ["2022/01/01"], np.random.default_rng(1), 0), 300))
    words = Counter(word for one in made for word in str(one["text"]).split())
    new = [word for word in words if word not in chain.tokens]
    assert len(new) > 200
    assert any(word[0].isupper() and len(word) == len("Quetzal") + 1 for word in new)
    assert any(word.endswith(",") for word in new)


def test_articles_are_as_long_as_the_real_ones_and_numbered_on(tmp_path: Path):
    chain = Chain(TEXTS)
    write(articles(chain, ["2022/01/01"], np.random.default_rng(1), 7), 12, tmp_path, shard=5)
    rows = [json.loads(line) for file in sorted(tmp_path.glob("*.jsonl")) for line in file.read_text().splitlines()]
    assert [row["id"] for row in rows] == [f"made-up-{n}" for n in range(7, 19)]
    assert len(list(tmp_path.glob("*.jsonl"))) == 3
    assert {len(re.findall(r"\n\n|\S+", row["text"])) for row in rows} == {11}
    assert not any(BREAK * 2 in row["text"] for row in rows)


def test_made_up_vectors_are_of_unit_length_and_like_the_real_ones():
    rng = np.random.default_rng(1)
    real = rng.normal([3, 0, 0, 0], [0.1, 1, 1, 0], (500, 4))
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    made = vectors(real, 400, rng)
    assert made.shape == (400, 4)
    assert np.linalg.norm(made, axis=1) == pytest.approx(1)
    assert np.all(made[:, 3] == 0)  # where real vectors do not differ, made-up ones do not either
    assert made.mean(axis=0)[0] > 0.7
    assert len(np.unique(made.round(6), axis=0)) == 400


def test_what_adding_took_is_added_up_from_the_first_passage(tmp_path: Path):
    _kept(tmp_path, 100, passages=100, cpu=2.0, corpus_bytes=10)
    _kept(tmp_path, 300, passages=200, cpu=5.0, corpus_bytes=35)
    first, second = read(tmp_path)
    assert (first["passages"], first["cpu"], first["corpus_bytes"]) == (100, 8, 10)
    assert (second["passages"], second["cpu"], second["corpus_bytes"]) == (300, 28, 35)
    assert second["dense_cpu"] == 7


def test_what_a_passage_takes_is_told_from_size_to_size_and_what_was_lost_is_not_told(tmp_path: Path):
    """Four parts of 2 s over 100 passages, then of 5 s over 200 more."""
    _kept(tmp_path, 100, passages=100, cpu=2.0, corpus_bytes=10)
    _kept(tmp_path, 300, passages=200, cpu=5.0, corpus_bytes=35)
    file = tmp_path / "made-up-600.json"
    _kept(tmp_path, 600, passages=300, cpu=6.0, corpus_bytes=60)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"dense_cpu": None}))
    found = read(tmp_path)
    assert [one["each_passage"] for one in found] == pytest.approx([80, 100, math.nan], nan_ok=True)
    assert [one["each_catalog"] for one in found] == [20, 25, 20]
    assert math.isnan(found[2]["each_dense"]) and math.isnan(found[2]["cpu"])


def test_nothing_measured_is_nothing_to_report(tmp_path: Path):
    assert read(tmp_path / "nowhere") == []
    with pytest.raises(UsageError, match="nowhere: nothing is measured there"):
        growth_report.write(tmp_path / "nowhere")


def test_a_stage_that_fails_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(ROOT)
    with pytest.raises(GroundwireError, match="add of 1,000 passages ended early") as told:
        growth._measure("real", 1000, tmp_path / "real", tmp_path / "articles")
    assert "\n" not in str(told.value)
    assert "texts.npy" in capfd.readouterr().err  # which no run has prepared


def test_a_corpus_that_has_grown_further_stays_where_nothing_is_left_to_measure(tmp_path: Path):
    (tmp_path / "news.db").write_text("of weeks")
    growth._grow("real", tmp_path / "no such file", tmp_path, most=0, again=False)
    growth._grow("real", tmp_path / "no such file", tmp_path, most=1000, again=False)
    assert (tmp_path / "news.db").exists()


def _kept(folder: Path, size: int, *, passages: int, cpu: float, corpus_bytes: int) -> None:
    parts = {f"{part}_{kind}": cpu for part in ("catalog", "lexical", "dense", "end") for kind in ("seconds", "cpu")}
    one = {"series": "made-up", "size": size, "articles": 1, "passages": passages, "source_bytes": 1} | parts
    (folder / f"made-up-{size}.json").write_text(json.dumps(one | {"corpus_bytes": corpus_bytes}))
