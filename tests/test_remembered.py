"""Vectors that programs under `eval` remember: files of either kind are read, and nothing is worked out twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from eval import remembered
from eval.remembered import Remembered
from rag.minilm import DIMENSIONS, Vectors


class Stand:
    """In place of the model: a text's vector has its length in every place."""

    name = "stand-in"

    def __init__(self) -> None:
        self.made: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.made.append(list(texts))
        return np.array([[len(text)] * DIMENSIONS for text in texts], np.float32)


@pytest.mark.parametrize("names_model", [False, True])
def test_a_file_that_an_earlier_version_kept_is_read(tmp_path: Path, names_model: bool) -> None:
    """The peers' keys are the texts' sums; those of the benchmarks have the model's name, too."""
    key = sha256(("stand-in\0" if names_model else "").encode() + b"One.").digest()
    with closing(sqlite3.connect(tmp_path / "v")) as file, file:
        file.execute("CREATE TABLE vector (text BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        file.execute("INSERT INTO vector VALUES (?, ?)", (key, np.full(DIMENSIONS, 7, "<f4").tobytes()))
    model = Stand()
    embedding = Remembered(model, tmp_path / "v", names_model=names_model)  # type: ignore[arg-type]
    assert embedding.encode(["One.", "Three.", "One."])[:, 0].tolist() == [7, 6, 7]
    assert model.made == [["Three."]]
    assert embedding.knows("Three.")
    embedding.close()


def test_what_was_made_before_an_interruption_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MADE_AT_ONCE", 2)
    model = Stand()
    embedding = Remembered(model, tmp_path / "v")  # type: ignore[arg-type]
    made = embedding.encode(["ccc", "a", "bb", "a", "dddd"])
    assert made[:, 0].tolist() == [3, 1, 2, 1, 4]
    assert model.made == [["a", "bb"], ["ccc", "dddd"]]
    embedding.close()
    again = Remembered(model, tmp_path / "v")  # type: ignore[arg-type]
    assert again.encode(["dddd", "a"])[:, 0].tolist() == [4, 1]
    assert len(model.made) == 2
    again.close()


def test_vectors_that_came_from_elsewhere_are_kept_as_they_are(tmp_path: Path) -> None:
    model = Stand()
    embedding = Remembered(model, tmp_path / "v")  # type: ignore[arg-type]
    embedding.keep([("One.", np.full(DIMENSIONS, 9, np.float32))])
    assert embedding.get_text_embedding("One.")[0] == 9
    assert embedding.encode([]).shape == (0, DIMENSIONS)
    assert model.made == []
    embedding.close()
