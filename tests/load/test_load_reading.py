"""That a file's hash is of the bytes that its articles came from, in whatever order they were read."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from rag.load import Found, Source
from rag.load.source import HashedFile, open_regular
from rag.types import Rejected

CONTENT = bytes(range(256)) * 40


def test_a_file_of_which_its_loader_makes_nothing_is_named(tmp_path: Path, made_up: Path) -> None:
    (tmp_path / "a.poem").write_text("")
    (one,) = Source(Found(tmp_path / "a.poem", "a.poem", format="poem")).articles()
    assert one == Rejected(str(tmp_path / "a.poem"), "holds no articles")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "a.bin"
    made.write_bytes(CONTENT)
    return made


def test_a_file_read_from_its_beginning_is_hashed_to_its_end(file: Path) -> None:
    with open_regular(file) as raw:
        hashed = HashedFile(raw)
        assert (hashed.read(100), hashed.seek(0, os.SEEK_CUR), hashed.tell()) == (CONTENT[:100], 100, 100)
        assert hashed.count == 100
        assert hashed.sha256() == sha256(CONTENT).hexdigest()
        assert hashed.count == len(CONTENT)


def test_a_file_read_from_its_end_is_hashed_all_the_same(file: Path) -> None:
    with open_regular(file) as raw:
        hashed = HashedFile(raw)
        hashed.seek(-10, os.SEEK_END)
        assert hashed.read(10) == CONTENT[-10:]
        hashed.seek(5)
        assert hashed.read(5) == CONTENT[5:10]
        assert hashed.count == len(CONTENT)  # progress never goes back
        assert hashed.sha256() == sha256(CONTENT).hexdigest()
    assert hashed.count == len(CONTENT)  # also when the file is closed


def test_a_file_that_changes_while_it_is_read_out_of_order_has_no_hash(file: Path) -> None:
    with open_regular(file) as raw:
        hashed = HashedFile(raw)
        hashed.seek(10)
        with file.open("ab") as more:
            more.write(b"more")
        assert hashed.sha256() is None


def test_a_file_that_grows_while_it_is_read_in_order_is_hashed_as_it_was_read(file: Path) -> None:
    with open_regular(file) as raw:
        hashed = HashedFile(raw)
        hashed.read(10)
        with file.open("ab") as more:
            more.write(b"more")
        assert hashed.sha256() == sha256(CONTENT + b"more").hexdigest()
