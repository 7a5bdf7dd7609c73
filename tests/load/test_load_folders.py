from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from rag.load import Found, discover
from rag.types import Rejected


def files(path: Path) -> list[str]:
    return [one.key_path for one in discover(path) if isinstance(one, Found)]


def rejected(path: Path) -> dict[str, str]:
    return {Path(one.where).name: one.reason for one in discover(path) if isinstance(one, Rejected)}


def test_a_file_goes_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x")
    assert list(discover(file)) == [Found(file, "a.txt")]


def test_a_folder_is_walked_in_sorted_order_and_files_go_by_their_path_in_it(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/B.TXT", "a/c/d.jsonl.gz", "c.ndjson", "a.text"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert files(tmp_path) == ["a/B.TXT", "a/c/d.jsonl.gz", "a/z.md", "a.text", "b.txt", "c.ndjson"]
    assert rejected(tmp_path) == {}


def test_hidden_files_and_the_corpus_are_left_out_without_a_word(tmp_path: Path) -> None:
    for name in (
        ".hidden.txt",
        ".git/a.txt",
        "groundwire.db",
        "groundwire.db-wal",
        "groundwire.db-shm",
        "groundwire.db.lock",
        "a.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert files(tmp_path) == ["a.txt"]
    assert rejected(tmp_path) == {}


def test_a_hidden_file_given_by_name_is_read(tmp_path: Path) -> None:
    (tmp_path / ".hidden.txt").write_text("x")
    assert files(tmp_path / ".hidden.txt") == [".hidden.txt"]


def test_other_formats_are_rejected_one_by_one(tmp_path: Path) -> None:
    for name in ("a.txt", "b.xyz", "c.xyz.gz", "README"):
        (tmp_path / name).write_text("x")
    assert files(tmp_path) == ["a.txt"]
    reasons = rejected(tmp_path)
    assert reasons["b.xyz"].startswith("is not a format that Groundwire reads: .xyz (it reads .txt,")
    assert reasons["c.xyz.gz"].startswith("is not a format that Groundwire reads: .xyz (it reads .txt,")
    assert reasons["README"].startswith("is not a format that Groundwire reads: a name without a suffix")


def test_a_file_without_a_suffix_is_read_when_given_by_name_and_another_format_is_not(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("x")
    (tmp_path / "b.xyz").write_text("x")
    assert files(tmp_path / "README") == ["README"]
    assert list(rejected(tmp_path / "b.xyz")) == ["b.xyz"]


def test_a_page_without_a_name_that_tells_is_found_by_its_content(tmp_path: Path) -> None:
    for name in ("article.php", "index.html?id=3", "saved"):
        (tmp_path / name).write_text("<!doctype html><p>x")
    (tmp_path / "notes.php").write_text("x")
    assert files(tmp_path) == ["article.php", "index.html?id=3", "saved"]
    assert files(tmp_path / "article.php") == ["article.php"]
    assert list(rejected(tmp_path)) == ["notes.php"]


def test_the_parts_of_a_saved_page_are_left_out_without_a_word(tmp_path: Path) -> None:
    for name in ("a.html", "a_files/frame.html", "a_files/x.css", "b.htm", "b-Dateien/x.js", "c_files/d.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert files(tmp_path) == ["a.html", "b.htm", "c_files/d.html"]
    assert rejected(tmp_path) == {}


def test_what_no_browser_saves_beside_a_page_is_read_from_its_folder(tmp_path: Path) -> None:
    for name in (
        "Kyiv.html",
        *(
            f"Kyiv files/{part}"
            for part in ("real.txt", "report.pdf", "x.js.download", "photo.jpg", "css", "f(1).txt", "notes.xyz")
        ),
        *(f"Kyiv files/inner/{part}" for part in ("table.json", "frame.html", "letters.woff2")),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert files(tmp_path) == [
        "Kyiv files/inner/table.json",
        "Kyiv files/real.txt",
        "Kyiv files/report.pdf",
        "Kyiv.html",
    ]
    assert list(rejected(tmp_path)) == ["notes.xyz"]


def test_a_missing_path_says_so(tmp_path: Path) -> None:
    assert rejected(tmp_path / "gone") == {"gone": "does not exist; check the path"}


def test_a_folder_without_articles_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert rejected(tmp_path)[tmp_path.name].startswith("holds no articles; Groundwire reads .txt,")


def test_a_broken_and_a_circular_link_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "broken.txt").symlink_to(tmp_path / "gone.txt")
    (tmp_path / "circle.txt").symlink_to(tmp_path / "circle.txt")
    reasons = rejected(tmp_path)
    assert reasons["broken.txt"].startswith("is a link to something that does not exist")
    assert reasons["circle.txt"].startswith("is a link that leads back to itself")


def test_a_link_to_a_file_is_read_and_a_link_to_a_folder_above_is_not(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "sub" / "b.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    assert files(tmp_path) == ["a.txt", "sub/b.txt"]
    assert rejected(tmp_path) == {"loop": "is a link to a folder that is read already; left out"}


def test_pipes_and_sockets_are_rejected_and_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    monkeypatch.chdir(tmp_path)  # a socket's path may be no longer than 107 bytes
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.txt")
        reasons = rejected(tmp_path)
    assert set(reasons) == {"pipe.txt", "socket.txt"}
    assert set(reasons.values()) == {"is not a regular file but a pipe, socket or device; it was not opened"}
    assert rejected(Path("/dev/null")) == {
        "null": "is not a regular file but a pipe, socket or device; it was not opened"
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked").chmod(0)
    try:
        assert "permission denied" in rejected(tmp_path)["locked"]
    finally:
        (tmp_path / "locked").chmod(0o700)


def test_a_folder_that_cannot_be_listed_is_rejected_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.txt").write_text("x")
    listed = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert files(tmp_path) == ["a.txt"]
    assert "permission denied" in rejected(tmp_path)["locked"]


def test_a_name_that_is_not_utf_8_is_rejected_and_can_be_printed(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        (tmp_path / name).write_text("x")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (one,) = discover(tmp_path)
    assert isinstance(one, Rejected)
    assert one.reason == "has a name that is not UTF-8; rename it"
    assert one.where.encode()


@pytest.mark.parametrize("path", ["a\0b.txt", "\ud800.txt", "a/" * 3000 + "b.txt", "x" * 300 + ".txt"])
def test_what_is_no_path_is_rejected(path: str) -> None:
    (one,) = discover(Path(path))
    assert isinstance(one, Rejected)
    assert one.where.encode()


def test_control_characters_in_names_stay(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.txt").write_text("x")
    assert files(tmp_path) == ["a\x1b[31m.txt"]


def test_a_hostile_depth_of_folders_is_walked(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(300):
        path = path / "d"
        path.mkdir()
    (path / "a.txt").write_text("x")
    assert len(files(tmp_path)) == 1
