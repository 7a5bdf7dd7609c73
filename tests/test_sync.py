"""`sync` mirrors a folder: what it takes in, follows and takes out, and above all what it never takes out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.reliability.world import DIMENSIONS, MadeUp
from rag import commands
from rag.config import Settings
from rag.corpus import Corpus
from rag.errors import UsageError
from rag.sync import Moved, SyncReport

BODY = "Five rockets hit the base on Tuesday, the army said. Nobody was hurt in the attack."


@pytest.fixture
def corpus(settings: Settings):
    with Corpus.open(settings=settings, create=True, embedding=MadeUp(embed_dim=DIMENSIONS)) as opened:
        yield opened


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        (folder / name).write_text(f"{BODY} This is article {name}.")
    return folder


def lines(file: Path, *articles: dict) -> Path:
    file.write_text("".join(json.dumps(one) + "\n" for one in articles))
    return file


def counts(report: SyncReport) -> tuple[int, int, int, int, int]:
    done = report.ingest
    return done.added, done.updated, done.unchanged, len(report.moved), len(report.removed)


def keys(corpus: Corpus) -> list[str]:
    return sorted(reference.key for reference in corpus.articles())


def state(corpus: Corpus) -> list[tuple[str, str, str, str | None]]:
    return [(one.key, one.id, one.version, one.path) for one in corpus.articles()]


def test_what_is_new_changed_and_gone_is_followed(corpus: Corpus, news: Path):
    assert counts(corpus.sync(news)) == (3, 0, 0, 0, 0)
    (news / "a.txt").write_text(f"{BODY} It was changed.")
    (news / "d.txt").write_text(f"{BODY} It is new.")
    (news / "b.txt").unlink()
    report = corpus.sync(news)
    assert counts(report) == (1, 1, 1, 0, 1)
    assert [(one.kind, one.key) for one in report.changes] == [("updated", "a.txt"), ("added", "d.txt")]
    assert [one.key for one in report.removed] == ["b.txt"]
    assert keys(corpus) == ["a.txt", "d.txt", "deep/c.txt"]
    assert not any("article b" in hit.text for hit in corpus.search("article b").hits)
    assert counts(corpus.sync(news)) == (0, 0, 3, 0, 0)


def test_a_moved_file_keeps_its_article_and_so_its_citations(corpus: Corpus, news: Path):
    corpus.sync(news)
    before = corpus.article("b.txt").id
    (news / "b.txt").rename(news / "deep" / "renamed.txt")
    report = corpus.sync(news)
    assert counts(report) == (0, 0, 3, 1, 0)
    assert report.moved == (Moved(str(news / "b.txt"), str(news / "deep/renamed.txt")),)
    moved = corpus.article(before)
    assert (moved.key, moved.path) == ("b.txt", str(news / "deep/renamed.txt"))
    assert counts(corpus.sync(news)) == (0, 0, 3, 0, 0)
    (news / "b.txt").write_text(f"{BODY} Another one takes its old place.")
    assert counts(corpus.sync(news)) == (1, 0, 3, 0, 0)
    assert corpus.article(before).path == str(news / "deep/renamed.txt")


def test_a_folder_that_was_renamed_within_keeps_its_articles(corpus: Corpus, news: Path):
    corpus.sync(news)
    ids = {one.id for one in corpus.articles()}
    (news / "deep").rename(news / "deeper")
    assert counts(corpus.sync(news)) == (0, 0, 3, 1, 0)
    assert {one.id for one in corpus.articles()} == ids


def test_of_two_equal_files_that_moved_each_goes_to_its_own_name(corpus: Corpus, news: Path):
    for name in ("x.txt", "y.txt"):
        (news / name).write_text(BODY)
    corpus.sync(news)
    (news / "new").mkdir()
    for name in ("x.txt", "y.txt"):
        (news / name).rename(news / "new" / name)
    assert counts(corpus.sync(news)) == (0, 0, 5, 2, 0)
    assert Path(corpus.article("x.txt").path or "") == news / "new/x.txt"
    assert Path(corpus.article("y.txt").path or "") == news / "new/y.txt"


def test_a_copy_is_a_new_article_and_no_move(corpus: Corpus, news: Path):
    corpus.sync(news)
    shutil.copy(news / "a.txt", news / "copy.txt")
    assert counts(corpus.sync(news)) == (1, 0, 3, 0, 0)


def test_lines_that_are_gone_from_a_json_lines_file_go(corpus: Corpus, news: Path):
    file = lines(news / "wire.jsonl", *({"id": str(n), "text": f"{BODY} Number {n}."} for n in range(4)))
    corpus.sync(news)
    lines(file, *({"id": str(n), "text": f"{BODY} Number {n}."} for n in (0, 2)))
    report = corpus.sync(news)
    assert sorted(one.key for one in report.removed) == ["1", "3"]
    assert keys(corpus) == ["0", "2", "a.txt", "b.txt", "deep/c.txt"]


def test_lines_that_an_add_left_behind_go_with_the_next_sync(corpus: Corpus, news: Path):
    """As when a sync was killed after it had read the file and before it took the lines out."""
    file = lines(news / "wire.jsonl", {"id": "1", "text": BODY}, {"id": "2", "text": BODY})
    corpus.sync(news)
    lines(file, {"id": "2", "text": BODY})
    corpus.add([news])
    assert "1" in keys(corpus)
    assert [one.key for one in corpus.sync(news).removed] == ["1"]


def test_a_line_that_is_in_another_file_too_stays(corpus: Corpus, news: Path):
    lines(news / "1.jsonl", {"id": "x", "text": BODY}, {"id": "y", "text": BODY})
    second = lines(news / "2.jsonl", {"id": "x", "text": BODY}, {"id": "z", "text": BODY})
    corpus.sync(news)
    lines(second, {"id": "z", "text": BODY})
    assert counts(corpus.sync(news))[4] == 0
    assert {"x", "y", "z"} <= set(keys(corpus))
    second.unlink()
    assert [one.key for one in corpus.sync(news).removed] == ["z"]


def test_when_the_newer_of_two_files_of_one_url_is_deleted_add_keeps_its_text_and_sync_takes_the_other(
    corpus: Corpus, news: Path
):
    url = "https://wire.example/a"
    lines(news / "1.jsonl", {"url": url, "published": "2020-04-01", "text": f"{BODY} First."})
    newer = lines(news / "2.jsonl", {"url": url, "published": "2020-04-02", "text": f"{BODY} Second."})
    corpus.add([news])
    newer.unlink()
    corpus.add([news])
    assert corpus.article(url).text.endswith("Second.")
    report = corpus.sync(news)
    assert corpus.article(url).text.endswith("First.")
    assert report.removed == ()
    assert len(corpus.versions(url)) == 2


def test_a_table_with_columns_of_other_names_is_followed_as_the_user_says(corpus: Corpus, news: Path):
    table = news / "table.csv"
    table.write_text(f'kop,tekst,id\nRows,"{BODY} First.",1\n')
    columns = {"text": "tekst", "title": "kop"}
    corpus.sync(news, columns=columns)
    table.write_text(f'kop,tekst,id\nRows,"{BODY} Second.",1\n')
    assert [change.kind for change in corpus.sync(news, columns=columns, rehearse=True).changes] == ["updated"]
    corpus.sync(news, columns=columns)
    assert corpus.article("1").text == f"{BODY} Second."
    assert corpus.sync(news, columns=columns).changes == ()


# -- what stays ------------------------------------------------------------------------------------------------


def test_what_came_from_elsewhere_stays(corpus: Corpus, news: Path, tmp_path: Path):
    for name in ("news-more", "new", "other"):  # names that begin alike
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(f"{BODY} From {name}.")
        corpus.add([tmp_path / name])
        shutil.rmtree(tmp_path / name)
    corpus.sync(news)
    (news / "a.txt").unlink()
    assert [one.key for one in corpus.sync(news).removed] == ["a.txt"]
    assert keys(corpus) == ["b.txt", "deep/c.txt", "new.txt", "news-more.txt", "other.txt"]


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_a_folder_that_is_none_takes_nothing_out(corpus: Corpus, news: Path, kind: str):
    corpus.sync(news)
    shutil.rmtree(news)
    if kind == "a file":
        news.write_text(BODY)
    before = state(corpus)
    with pytest.raises(
        UsageError, match="does not exist; nothing was changed" if kind == "missing" else "not a folder"
    ):
        corpus.sync(news)
    assert state(corpus) == before


def test_an_empty_folder_takes_nothing_out_unless_that_is_said(corpus: Corpus, news: Path):
    corpus.sync(news)
    shutil.rmtree(news)
    news.mkdir()
    with pytest.raises(UsageError, match=r"3 in the corpus came from it; nothing was removed.*--even-if-empty"):
        corpus.sync(news)
    assert len(keys(corpus)) == 3
    assert counts(corpus.sync(news, even_if_empty=True)) == (0, 0, 0, 0, 3)
    assert keys(corpus) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda news: (news / "a.txt").write_bytes(b"\x89PNG\0\0"),
        lambda news: (news / "a.txt").write_bytes(b""),
        lambda news: ((news / "a.txt").unlink(), (news / "a.txt").symlink_to(news / "nowhere")),
        lambda news: ((news / "a.txt").unlink(), os.mkfifo(news / "a.txt")),
    ],
    ids=["binary", "empty", "broken link", "pipe"],
)
def test_what_cannot_be_read_now_stays(corpus: Corpus, news: Path, spoil: Callable[[Path], object]):
    corpus.sync(news)
    spoil(news)
    report = corpus.sync(news)
    assert report.removed == ()
    assert len(report.ingest.skipped) == 1
    assert "a.txt" in keys(corpus)


def test_a_folder_that_may_not_be_read_keeps_its_articles(corpus: Corpus, news: Path, monkeypatch: pytest.MonkeyPatch):
    corpus.sync(news)
    (news / "b.txt").unlink()
    scandir = os.scandir

    def refused(path: object) -> object:  # as root is never refused, the system is made to
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    (news / "deep" / "c.txt").unlink()
    report = corpus.sync(news)
    assert [one.key for one in report.removed] == ["b.txt"]
    assert any(str(news / "deep/c.txt") in note for note in report.notes)
    assert keys(corpus) == ["a.txt", "deep/c.txt"]


def test_a_file_with_a_part_that_cannot_be_read_loses_no_line(corpus: Corpus, news: Path):
    file = lines(news / "wire.jsonl", {"id": "1", "text": BODY}, {"id": "2", "text": BODY})
    corpus.sync(news)
    file.write_text(json.dumps({"id": "2", "text": BODY}) + '\n{"id": "1", "te\n')
    report = corpus.sync(news)
    assert (report.removed, len(report.ingest.skipped)) == ((), 1)
    assert {"1", "2"} <= set(keys(corpus))


# -- rehearsing ------------------------------------------------------------------------------------------------


def test_a_rehearsal_says_what_then_is_done_and_changes_nothing(corpus: Corpus, news: Path):
    corpus.sync(news)
    lines(news / "wire.jsonl", {"id": "1", "text": BODY}, {"id": "2", "text": BODY})
    corpus.sync(news)
    lines(news / "wire.jsonl", {"id": "2", "text": BODY}, {"id": "3", "text": BODY})
    (news / "a.txt").write_text(f"{BODY} It was changed.")
    (news / "b.txt").rename(news / "moved.txt")
    (news / "deep/c.txt").unlink()
    before, mark = state(corpus), corpus._catalog.mark()
    said = corpus.sync(news, rehearse=True)
    assert (state(corpus), corpus._catalog.mark()) == (before, mark)
    done = corpus.sync(news)
    assert counts(said) == counts(done) == (1, 1, 2, 1, 2)
    assert (said.changes, said.moved) == (done.changes, done.moved)
    assert [one.key for one in said.removed] == [one.key for one in done.removed]


def test_the_command_rehearses_where_there_is_no_corpus_yet(
    news: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "new.db"
    assert commands.run(["sync", str(news), "--dry-run", "--corpus", str(file), "--model", "none"]) == 0
    told = capsys.readouterr()
    assert [line.split("  ")[1] for line in told.out.splitlines()[:-1]] == ["a.txt", "b.txt", "deep/c.txt"]
    assert all(line.startswith("would be added ") for line in told.out.splitlines()[:-1])
    assert "nothing was changed" in told.err
    assert not file.exists()


def test_the_command_names_what_moved_and_what_went(news: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ["sync", str(news), "--corpus", str(tmp_path / "new.db"), "--model", "none"]
    assert commands.run(arguments) == 0
    (news / "a.txt").unlink()
    (news / "b.txt").rename(news / "z.txt")
    capsys.readouterr()
    assert commands.run(arguments) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"moved {news}/b.txt → {news}/z.txt"
    assert told[1].startswith("removed ")
    assert told[2].startswith("0 added, 2 unchanged, 1 removed in ")


def test_the_command_says_a_missing_folder_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert commands.run(["sync", str(tmp_path / "none"), "--corpus", str(tmp_path / "new.db")]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"groundwire: {tmp_path}/none does not exist; nothing was changed: check the path"
    ]
