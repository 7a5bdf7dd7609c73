"""What `verify` and `show --versions` say of an article that changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import commands
from rag.changes import between, closest

OLD = "Five rockets hit the base on Tuesday. Nobody was hurt. The army said so."
NEW = "Six rockets hit the base on Tuesday. Nobody was hurt. Two of them did not explode."


@pytest.mark.parametrize(
    ("quote", "marked"),
    [
        ("Five rockets hit the base on Tuesday.", "[-Five-] {+Six+} rockets hit the base on Tuesday"),
        ("Six new rockets hit the base on Tuesday.", "Six [-new-] rockets hit the base on Tuesday"),
        ("Six rockets hit the base.", "Six rockets hit the base"),
        ("Parliament dissolved itself.", None),
        ("", None),
    ],
)
def test_the_words_that_changed_are_marked_in_what_the_article_says_now(quote: str, marked: str | None):
    change = closest(quote, NEW)
    assert (change.marked() if change else None) == marked
    if change:
        assert NEW[change.span.start : change.span.end] == change.new


def test_sentences_that_went_came_and_changed_are_told_apart():
    assert list(between(OLD, NEW)) == [
        "~ [-Five-] {+Six+} rockets hit the base on Tuesday",
        "- The army said so.",
        "+ Two of them did not explode.",
    ]
    assert list(between(OLD, OLD)) == []
    assert list(between("", OLD)) == [f"+ {sentence}." for sentence in OLD.rstrip(".").split(". ")]


@pytest.fixture
def changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A saved answer whose article has changed since."""
    (tmp_path / "a.txt").write_text(OLD)
    arguments = ["--corpus", str(tmp_path / "news.db")]
    assert commands.run(["add", str(tmp_path / "a.txt"), *arguments]) == 0
    capsys.readouterr()
    assert commands.run(["ask", "What hit the base on Tuesday?", "--json", *arguments]) == 0
    (tmp_path / "answer.json").write_text(capsys.readouterr().out)
    (tmp_path / "a.txt").write_text(NEW)
    assert commands.run(["add", str(tmp_path / "a.txt"), *arguments]) == 0
    capsys.readouterr()
    return tmp_path


def test_verify_shows_what_the_article_says_now(changed: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ["verify", str(changed / "answer.json"), "--corpus", str(changed / "news.db")]
    assert commands.run(arguments) == 5
    assert "\n    now: [-Five-] {+Six+} rockets hit the base on Tuesday\n" in capsys.readouterr().out
    assert commands.run([*arguments, "--json"]) == 5
    told = json.loads(capsys.readouterr().out)[0]["citations"]
    assert told[0]["now"] == "Six rockets hit the base on Tuesday"


def test_show_lists_the_versions_with_what_changed(changed: Path, capsys: pytest.CaptureFixture[str]):
    assert commands.run(["show", "a.txt", "--versions", "--corpus", str(changed / "news.db")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in told] == ["20", "20", "  ", "  ", "  "]
    assert told[0].endswith(f"{len(OLD)} characters")
    assert told[2] == "  ~ [-Five-] {+Six+} rockets hit the base on Tuesday"
    assert commands.run(["show", "a.txt", "--versions", "--span", "0:3", "--corpus", str(changed / "news.db")]) == 2
