"""`groundwire eval` as a user runs it, on the seeds by words alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rag.commands import run
from rag.config import Settings
from rag.corpus import Corpus

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "questions.jsonl"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    with Corpus.open(create=True, settings=Settings(corpus=folder / "news.db", cache=folder / "cache")) as made:
        made.add([ROOT / "seeds"])
    return folder / "news.db"


def evaluated(corpus: Path, *arguments: object) -> int:
    return run(["eval", *map(str, arguments), "--corpus", str(corpus), "--model", "none"])


def written(folder: Path, *lines: object) -> Path:
    file = folder / "mine.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return file


FORCES = {
    "question": "Which forces withdrawing from Syria would stay in Iraq temporarily?",
    "accepted": ["american troops"],
}
HIDDEN = {"question": "Who denied the attack?", "accepted": ["muhammadi"], "split": "locked", "id": "hidden"}


def test_the_example_is_scored(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(corpus, EXAMPLE) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{len(EXAMPLE.read_text('utf-8').splitlines())} questions of questions.jsonl")
    assert "quotes exact                1.000" in out
    assert "gold in answer" in out
    assert "Hit@5" in out


def test_the_example_has_no_question_of_the_seed_questions() -> None:
    def words(file: Path) -> set[str]:
        return {json.loads(line)["question"].lower() for line in file.read_text("utf-8").splitlines()}

    assert not words(EXAMPLE) & words(ROOT / "eval" / "questions" / "seeds.jsonl")


def test_a_run_is_written_compared_with_itself_and_made_into_a_page(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, FORCES, HIDDEN)
    saved, page = tmp_path / "run.json", tmp_path / "report.html"
    assert evaluated(corpus, file, "--json", saved, "--html", page, "--with-locked") == 0
    capsys.readouterr()
    assert run(["eval", str(saved), "--compare", str(saved), "--html", str(tmp_path / "again.html")]) == 0
    out = capsys.readouterr().out
    assert "Compared over 2 questions" in out
    assert "Better: 0" in out
    for shown in (out, saved.read_text("utf-8"), page.read_text("utf-8")):
        assert HIDDEN["question"] not in shown
    assert json.loads(saved.read_text("utf-8"))["sha256"]["articles"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["again.html", "mine.jsonl", "report.html", "run.json"]


def test_json_on_standard_output_is_all_there_is(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluated(corpus, written(tmp_path, FORCES), "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "groundwire.evaluation/1"


def test_fields_that_are_none_are_named_once(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fields = dict.fromkeys(("source", "seen by", "rank", "weight", "\x1b[31m"), 1)
    file = written(tmp_path, FORCES | fields | {"extra": 2}, {**FORCES, "id": "again", "source": 1})
    assert evaluated(corpus, file, "--json", tmp_path / "run.json") == 0
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "passed over" in line)
    assert "mine.jsonl: passed over, being no fields of a question: 'source' (2 questions), 'seen by' (1 q" in line
    assert line.endswith("'\\x1b[31m' (1 question), 1 more")


def test_k_and_words_are_used_and_told(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(corpus, written(tmp_path, FORCES), "-k", 2, "--words", 9, "--json", "-") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["settings"]["k"], told["settings"]["words"]) == (2, 9)


@pytest.mark.parametrize(("split", "many"), [("open", 1), ("locked", 1)])
def test_one_split_alone(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], split: str, many: int
) -> None:
    assert evaluated(corpus, written(tmp_path, FORCES, HIDDEN), "--split", split) == 0
    assert capsys.readouterr().out.startswith(f"{many} questions")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{file}", "--split", "secret"], "--split takes open or locked"),
        (["{file}", "--split", "locked"], "holds no locked question"),
        (["{file}", "--json", "{tmp}/none/run.json"], "cannot be written there"),
        (["{file}", "--html", "{file}"], "is what is read"),
        (["{file}", "--html", "{tmp}/a", "--json", "{tmp}/a"], "name one file"),
        (["{file}", "--html", "{tmp}/a", "--json", "{tmp}/../{tmp.name}/a"], "name one file"),
        (["{file}", "--html", "-"], "--html writes a page to a file"),
        (["{file}", "--with-locked"], "--with-locked says what --json writes"),
        (["{file}", "--compare", "{file}"], "is no run that groundwire eval --json wrote"),
        (["{tmp}/none.jsonl"], "No such file"),
        (["{tmp}"], "Is a directory"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    file = written(tmp_path, FORCES)
    assert evaluated(corpus, *(one.format(file=file, tmp=tmp_path) for one in arguments)) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert [one.name for one in tmp_path.iterdir()] == ["mine.jsonl"]


@pytest.mark.parametrize("option", ["--json", "--html"])
@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal", ".lock", " by a link"])
def test_a_corpus_is_not_overwritten_nor_what_lies_beside_it(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, end: str
) -> None:
    (tmp_path / "link").symlink_to(corpus)
    output = tmp_path / "link" if end == " by a link" else corpus.with_name(corpus.name + end)
    before, beside = corpus.read_bytes(), sorted(corpus.parent.iterdir())
    assert evaluated(corpus, written(tmp_path, FORCES), option, output) == 2
    told = capsys.readouterr()
    assert "is a database, or a part of one" in told.err
    assert told.err.count("\n") == 1
    assert corpus.read_bytes() == before
    assert sorted(corpus.parent.iterdir()) == beside


def test_no_database_is_overwritten_whosever_it_is_nor_a_run_that_is_read(corpus: Path, tmp_path: Path) -> None:
    saved, other = tmp_path / "run.json", tmp_path / "bookmarks"
    other.write_bytes(b"SQLite format 3\0" + bytes(84))
    assert evaluated(corpus, written(tmp_path, FORCES), "--json", saved) == 0
    before = saved.read_bytes(), other.read_bytes()
    assert run(["eval", str(saved), "--html", str(other)]) == 2
    (tmp_path / "same.json").hardlink_to(saved)
    assert run(["eval", str(saved), "--json", str(tmp_path / "same.json")]) == 2
    assert evaluated(corpus, written(tmp_path, FORCES), "--compare", saved, "--json", saved) == 2
    assert (saved.read_bytes(), other.read_bytes()) == before


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_was_asked_before_a_signal_is_not_promised_to_stay(
    corpus: Path, tmp_path: Path, stop: signal.Signals, code: int
) -> None:
    """The signal comes with the first question."""
    file = written(tmp_path, FORCES, HIDDEN)
    arguments = ["eval", str(file), "--corpus", str(corpus), "--model", "none", "--json", str(tmp_path / "run.json")]
    code_to_run = (
        "import os, sys\n"
        "from rag import commands\n"
        "from rag.corpus import Corpus\n"
        "asked = Corpus.ask\n"
        "def ask(self, *given, **more):\n"
        f"    os.kill(os.getpid(), {int(stop)})\n"
        "    return asked(self, *given, **more)\n"
        "Corpus.ask = ask\n"
        "commands.main(sys.argv[1:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code_to_run, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == code
    assert "nothing is written: what was asked has to be asked again" in done.stderr
    assert "stays" not in done.stderr
    assert not (tmp_path / "run.json").exists()


def test_of_locked_questions_the_figures_are_saved_and_their_inexact_quotes_count(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "run.json"
    assert evaluated(corpus, written(tmp_path, FORCES, HIDDEN), "--json", saved) == 0
    assert "hidden" not in saved.read_text("utf-8")
    told = json.loads(saved.read_text("utf-8"))
    assert told["figures"]["locked"]["quotes exact"]["value"] == 1
    told["figures"]["all"]["quotes exact"]["value"] = 0.5
    saved.write_text(json.dumps(told), "utf-8")
    assert run(["eval", str(saved)]) == 5


def test_a_bad_line_is_named(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, FORCES, "{")
    assert evaluated(corpus, file) == 2
    assert f"{file}, line 2: is not JSON" in capsys.readouterr().err


def test_gold_that_is_not_in_the_corpus_is_named(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, FORCES, {"question": "Who?", "gold": [{"quote": "Words that no one wrote."}]})
    assert evaluated(corpus, file) == 2
    assert f"{file}, line 2: 'Words that no one wrote.' does not stand in the corpus" in capsys.readouterr().err


def test_an_empty_corpus_is_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Corpus.open(create=True, settings=Settings(corpus=tmp_path / "empty.db", cache=tmp_path / "cache")):
        pass
    assert evaluated(tmp_path / "empty.db", written(tmp_path, FORCES)) == 4
    assert "nothing is indexed" in capsys.readouterr().err


def test_a_quote_that_is_not_exact_makes_a_saved_run_5(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "run.json"
    assert evaluated(corpus, EXAMPLE, "--json", saved) == 0
    told = json.loads(saved.read_text("utf-8"))
    told["questions"][0]["shares"]["quotes exact"] = [0, 1]
    saved.write_text(json.dumps(told), "utf-8")
    assert run(["eval", str(saved)]) == 5


def test_a_run_that_was_made_is_not_asked_again(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "run.json"
    evaluated(corpus, written(tmp_path, FORCES), "--json", saved)
    capsys.readouterr()
    assert evaluated(corpus, saved) == 2
    assert "is a run that was made" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["ir_measures", "scipy"])
def test_without_the_extra_there_is_the_pip_line_before_any_work(tmp_path: Path, package: str) -> None:
    """A module of that name that cannot be found, in a process of its own: nothing here is patched."""
    code = (
        "import sys, importlib.abc\n"
        "class Absent(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] == {package!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from rag.commands import main\n"
        "main(['eval', 'none.jsonl', '--corpus', 'none.db'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"evaluating needs {package}" in done.stderr
    assert "pip install 'groundwire[eval]'" in done.stderr
    assert done.stderr.count("\n") == 1
