"""The trials of `eval.reliability`, small; docs/reliability.md has the figures of their full size."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from eval.reliability import hostile, world
from eval.reliability.hostile import Figures
from rag.config import Settings
from rag.errors import CorpusDamaged
from rag.indexes import MOST_BEHIND, Indexes
from rag.seals import broken, seal
from rag.stamps import Outrun

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("kills", 25),
        ("signals", 8),
        ("full-disk", 6),
        ("bit-flips", 20),
        ("concurrency", 6),
        ("hostile", 12),
        ("inputs", 150),
    ],
)
def test_it_cannot_be_broken(name: str, count: int) -> None:
    """In a process of its own: its children are forked, which the engines' threads would not survive."""
    done = subprocess.run(
        [sys.executable, "-m", "eval.reliability", name, "--count", str(count), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {name: 0}


def test_the_trial_of_hostile_texts_sees_what_is_live() -> None:
    figures = Figures()
    hostile._harmless("out", "fine\n\tfine", "x", figures)
    hostile._judge_html("<p class=x>fine &lt;script&gt;</p>", "x", figures)
    assert figures.live == []
    hostile._harmless("out", "\x1b[31m", "x", figures)
    hostile._judge_html("<p onclick=x>", "x", figures)
    hostile._judge_html("<script>x</script>", "x", figures)
    hostile._judge_reference("bibtex", "@a{x}\n@b{y}\n", "x", figures)
    assert len(figures.live) == 4


# -- moments that the trials meet only by chance -----------------------------------------------------------------------


@pytest.fixture
def filled(settings: Settings, tmp_path: Path) -> Settings:
    """A corpus of 60 articles: enough for the vector index to be left behind a little."""
    (tmp_path / "news").mkdir()
    for number in range(60):
        (tmp_path / f"news/a{number}.txt").write_text(f"Owl number {number} was seen in Oslo. It flew on to Bergen.")
    with world.opened(settings, create=True) as corpus:
        corpus.add([tmp_path / "news"])
    return settings


def generation(indexes: Indexes, name: str) -> int:
    return int(json.loads((indexes.folder / f"{name}.json").read_text())["generation"])


def test_a_snapshot_that_an_index_has_outrun_is_taken_anew(filled: Settings, tmp_path: Path) -> None:
    """Another process writes, and brings the indexes on, while a question is being read."""
    (tmp_path / "more.txt").write_text("Owl number 99 was seen in Turin.")
    with world.opened(filled) as asking, world.opened(filled) as writing:
        before = sorted(path.name for path in asking._indexes.folder.iterdir())
        seen: list[int] = []

        def work() -> list[str]:
            seen.append(len(list(asking.articles())))
            if len(seen) == 1:
                thread = threading.Thread(target=lambda: writing.add([tmp_path / "more.txt"]))
                thread.start()
                thread.join()
            return [hit.article.key for hit in asking.search("Owl number 99 Turin", k=1).hits]

        assert asking._indexes.steady(work) == ["more.txt"]
        assert seen == [60, 61]
        # And nobody has built an index anew for the older moment.
        assert sorted(path.name for path in asking._indexes.folder.iterdir()) == before


def test_who_is_always_outrun_is_answered_all_the_same(filled: Settings, tmp_path: Path) -> None:
    with world.opened(filled) as asking, world.opened(filled) as writing:
        turns = 0

        def work() -> int:
            nonlocal turns
            turns += 1
            assert asking.status().counts.articles >= 60
            (tmp_path / "more.txt").write_text(f"Owl number {99 + turns} was seen in Turin.")
            thread = threading.Thread(target=lambda: writing.add([tmp_path / "more.txt"]))
            thread.start()
            thread.join()
            return len(asking.search("Owl number 7", k=5).hits)

        assert asking._indexes.steady(work) == 5
        assert turns == 4


def test_the_vector_index_may_lag_a_little_and_what_it_lacks_is_found(filled: Settings, tmp_path: Path) -> None:
    with world.opened(filled) as corpus:
        indexes = corpus._indexes
        stood = generation(indexes, "vectors")
        for number in range(3):
            (tmp_path / f"new{number}.txt").write_text(f"A ferry with {number} lights reached Porto.")
            corpus.add([tmp_path / f"new{number}.txt"])
        assert generation(indexes, "vectors") == stood
        assert generation(indexes, "lexical") == stood + 3
        for number in range(3):
            hits = corpus.search(f"A ferry with {number} lights reached Porto.", k=1).hits
            assert [(hit.article.key, hit.dense_rank) for hit in hits] == [(f"new{number}.txt", 1)]
        (tmp_path / "new3.txt").write_text("A ferry with 3 lights reached Porto.")
        corpus.add([tmp_path / "new3.txt"])
        assert generation(indexes, "vectors") == stood + 4  # one in 20 of 60 articles is 3
        assert corpus.doctor() == []


def test_many_articles_bring_the_vector_index_up_at_once(filled: Settings, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(MOST_BEHIND + 1):
        (tmp_path / f"many/b{number}.txt").write_text(f"Ferry number {number} reached Porto.")
    with world.opened(filled) as corpus:
        corpus.add([tmp_path / "many"])
        assert generation(corpus._indexes, "vectors") == corpus._catalog.mark().generation


def test_a_passage_that_the_catalog_lost_is_told_and_one_that_an_index_has_too_long_is_not(filled: Settings) -> None:
    with world.opened(filled) as corpus:
        corpus.search("owl")
        assert corpus._indexes.joined([1]).keys() == {1}
        with corpus._catalog.snapshot(), pytest.raises(Outrun):
            corpus._indexes.joined([1, 9999])
        with pytest.raises(CorpusDamaged, match="groundwire doctor"):
            corpus._indexes.steady(lambda: corpus._indexes.joined([1, 9999]))
        corpus._catalog.remove(1)  # behind the indexes' back
        assert corpus._indexes.joined([1, 2]).keys() == {2}


def test_seals_see_every_kind_of_change(tmp_path: Path) -> None:
    for name in ("a", "deep/b"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes(range(256)) * 100)
    (tmp_path / "x.lock").touch()
    seals = seal(tmp_path, lambda file: (10, 20) if file.name == "a" else ())
    assert sorted(seals) == ["a", "deep/b"]
    assert broken(tmp_path, seals) is None

    def with_byte(name: str, at: int) -> str | None:
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        found = broken(tmp_path, seals)
        (tmp_path / name).write_bytes(content)
        return found

    assert [with_byte("a", at) for at in (9, 10, 19, 20, 25_599)] == ["a", None, None, "a", "a"]
    assert with_byte("deep/b", 0) == "deep/b"
    assert broken(tmp_path, seals, unless=["deep/b"]) is None
    (tmp_path / "a").write_bytes((tmp_path / "a").read_bytes() + b"grown")
    assert broken(tmp_path, seals) is None  # a file that readers change may grow
    (tmp_path / "deep/b").write_bytes((tmp_path / "deep/b").read_bytes() + b"grown")
    assert broken(tmp_path, seals) == "deep/b"
    (tmp_path / "deep/b").unlink()
    assert broken(tmp_path, seals) == "deep/b"
