"""Whatever is put in: one clear line, its exit code, never a traceback; the other files go in and nothing is lost."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from places import SEEDS

from rag import commands

ROOT = Path(__file__).parent.parent
LEXICAL = "groundwire: searching by words alone"
NEW = "groundwire: the corpus is new: "

GOOD = (
    "A snowy owl was seen in the harbour of Gdynia. Biologists said the owl had probably followed a cargo ship south."
)
QUESTION = "Where was the snowy owl seen?"


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on standard error, but for the notes that have nothing to do with what went wrong."""
        return [line for line in self.err.splitlines() if not line.startswith((LEXICAL, NEW))]


Groundwire = Callable[..., Told]


@pytest.fixture
def groundwire(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Groundwire:
    """Runs a command in this process, and holds that it never shows a traceback nor blames itself."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Told:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = commands.run([str(one) for one in arguments])
        printed = capsys.readouterr()
        return clean(Told(code, printed.out, printed.err))

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good article, and place for what is bad."""
    made = tmp_path / "press"
    made.mkdir()
    (made / "good.txt").write_text(GOOD)
    return made


@pytest.fixture
def owl(groundwire: Groundwire, folder: Path) -> Groundwire:
    """With the good article in the corpus."""
    assert groundwire("add", folder).code == 0
    return groundwire


def clean(told: Told) -> Told:
    assert "Traceback" not in told.out + told.err
    assert "a fault of ours" not in told.err
    return told


def command(*arguments: str | Path | bytes) -> list[str | Path | bytes]:
    return [sys.executable, str(ROOT / "cli.py"), *arguments]


def in_subprocess(*arguments: str | Path | bytes, before: Sequence[str] = ()) -> Told:
    """The command in a process of its own; `before`: what Python is to run first."""
    python, *rest = command(*arguments)
    done = subprocess.run(
        [python, *before, *rest], capture_output=True, text=True, errors="replace", check=False, timeout=60
    )
    return clean(Told(done.returncode, done.stdout, done.stderr))


DROP = (
    "import ctypes, os, sys\n"
    "for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH\n"
    "    assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
"""Starts Python as a user whom permissions bind: root is one without these two capabilities."""


def bound(*arguments: str | Path) -> Told:
    """The command as a user whom permissions bind."""
    if os.geteuid() != 0:
        return in_subprocess(*arguments)
    if sys.platform != "linux":
        pytest.skip("root is bound by nothing here")
    return in_subprocess(*arguments, before=["-c", DROP])


def articles_in(corpus: Path) -> int:
    """How many articles the file holds, by SQLite alone; 0 while there is none."""
    if not corpus.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{corpus.as_uri()}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM article").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def write_articles(file: Path, count: int) -> None:
    """So many different articles, each of a few passages."""
    sentences = " ".join(f"The owl number {{0}} was seen {place} times in the harbour." for place in range(60))
    lines = (json.dumps({"id": f"owl-{number}", "text": sentences.format(number)}) for number in range(count))
    file.write_text("\n".join(lines))


# -- files -----------------------------------------------------------------------------------------------------------


def broken_link(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere.txt")


def looping_link(path: Path) -> None:
    path.symlink_to(path)


def gigantic(path: Path) -> None:
    hole(path, 3 * 1024**3)


def hole(path: Path, size: int) -> None:
    """A file of so many NULs that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(size)


BAD_FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "empty": ("empty.txt", lambda path: path.write_bytes(b""), "is empty: it holds no text"),
    "blank": ("blank.txt", lambda path: path.write_text(" \n\t\n"), "is empty: it holds no text"),
    "binary": ("photo.txt", lambda path: path.write_bytes(b"\x89PNG\r\n\0\0"), "is binary, not text"),
    "wrongly encoded": (
        "latin.txt",
        lambda path: path.write_bytes(
            "Zo\u00eb met Zo\u00eb.".encode() + b" Caf\xe9 \x81\x8d\x8f\x90\x9d society met."
        ),
        "; convert it, for example with: iconv -f WINDOWS-1252 -t UTF-8",
    ),
    "gigantic": ("gigantic.txt", gigantic, "holds more than 20 MB, too much for one article; split it"),
    "endless line": ("endless.jsonl", lambda path: hole(path, 100 * 1024**2), "too much for one article"),
    "broken link": ("link.txt", broken_link, "is a link to something that does not exist; remove it or restore"),
    "looping link": ("loop.txt", looping_link, "is a link that leads back to itself; remove it"),
    "pipe": ("pipe.txt", os.mkfifo, "is not a regular file but a pipe, socket or device; it was not opened"),
    "not gzip": ("packed.txt.gz", lambda path: path.write_text("not packed"), "is not a whole gzip file"),
    "another format": ("table.xlsx", lambda path: path.write_bytes(b"PK"), "is not a format that Groundwire reads"),
    "no JSON": ("broken.jsonl", lambda path: path.write_text("{"), "is not JSON"),
    "no text": ("empty.jsonl", lambda path: path.write_text('{"title": "x"}'), 'has no "text"'),
}


@pytest.mark.parametrize("bad", BAD_FILES)
def test_a_bad_file_is_named_with_its_reason_and_the_others_go_in(
    groundwire: Groundwire, folder: Path, bad: str
) -> None:
    name, make, reason = BAD_FILES[bad]
    make(folder / name)
    began = time.monotonic()
    told = groundwire("add", folder)
    assert told.code == 7
    assert told.out.startswith("1 added, 1 skipped in ")
    assert len(told.said) == 1
    assert told.said[0].startswith(f"skipped {folder}/{name}")
    assert reason in told.said[0]
    assert time.monotonic() - began < 20  # a gigantic file is not read to its end, a pipe not waited for
    assert groundwire("ask", QUESTION).code == 0


@pytest.mark.parametrize("bad", ["empty", "binary", "pipe", "broken link", "looping link", "gigantic"])
def test_a_bad_file_given_by_name_is_named_just_as_well(groundwire: Groundwire, folder: Path, bad: str) -> None:
    name, make, reason = BAD_FILES[bad]
    make(folder / name)
    told = groundwire("add", folder / name, folder / "good.txt")
    assert told.code == 7
    assert told.out.startswith("1 added, 1 skipped in ")
    assert len(told.said) == 1
    assert told.said[0].startswith(f"skipped {folder}/{name}: ")
    assert reason in told.said[0]


def test_a_path_that_is_not_there_is_named_and_the_others_go_in(groundwire: Groundwire, folder: Path) -> None:
    told = groundwire("add", folder / "gone.txt", folder)
    assert (told.code, told.out.split(" in ")[0]) == (7, "1 added, 1 skipped")
    assert told.said == [f"skipped {folder}/gone.txt: does not exist; check the path"]


def test_a_folder_without_articles_is_named_with_what_would_be_one(groundwire: Groundwire, folder: Path) -> None:
    (folder / "nothing" / "here").mkdir(parents=True)
    told = groundwire("add", folder / "nothing", folder)
    assert (told.code, told.out.split(" in ")[0]) == (7, "1 added, 1 skipped")
    assert len(told.said) == 1
    assert told.said[0].startswith(f"skipped {folder}/nothing: holds no articles; Groundwire reads .txt")


def test_a_file_that_may_not_be_read_is_named_and_the_others_go_in(tmp_path: Path) -> None:
    press = tmp_path / "press"
    press.mkdir()
    (press / "good.txt").write_text(GOOD)
    (press / "secret.txt").write_text(GOOD)
    (press / "secret.txt").chmod(0)
    (press / "locked").mkdir(mode=0)
    told = bound("add", press, "--corpus", tmp_path / "news.db")
    assert (told.code, told.out.split(" in ")[0]) == (7, "1 added, 2 skipped")
    assert [line.split(": ")[0] for line in told.said] == [f"skipped {press}/locked", f"skipped {press}/secret.txt"]
    assert all("may not be read: permission denied; change its permissions" in line for line in told.said)


def test_links_that_lead_in_a_circle_end(groundwire: Groundwire, folder: Path) -> None:
    (folder / "again").symlink_to(folder)
    told = groundwire("add", folder)
    assert (told.code, told.out.split(" in ")[0]) == (7, "1 added, 1 skipped")
    assert told.said == [f"skipped {folder}/again: is a link to a folder that is read already; left out"]


def test_a_file_whose_name_is_not_utf8_is_named_and_the_others_go_in(groundwire: Groundwire, folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text(GOOD)
    told = groundwire("add", folder)
    assert (told.code, told.out.split(" in ")[0]) == (7, "1 added, 1 skipped")
    assert told.said == [f"skipped {folder}/caf\\udce9.txt: has a name that is not UTF-8; rename it"]


def test_bad_lines_of_json_lines_are_named_by_number_and_the_others_go_in(groundwire: Groundwire, folder: Path) -> None:
    file = folder / "news.jsonl"
    lines = [
        json.dumps({"text": GOOD, "id": "one"}).encode(),
        b'{"text": 5}',
        b'{"text": "caf\xe9"}',
        b'{"text": "half a pair: \\ud800"}',
        b"[" * 50_000,
        json.dumps({"text": GOOD.replace("snowy", "tawny"), "id": "two"}).encode(),
    ]
    file.write_bytes(b"\n".join(lines))
    told = groundwire("add", file)
    assert (told.code, told.out.split(" in ")[0]) == (7, "2 added, 4 skipped")
    assert [line.split(": ")[0] for line in told.said] == [f"skipped {file}, line {number}" for number in (2, 3, 4, 5)]


def test_what_was_refused_is_said_each_time(groundwire: Groundwire, folder: Path) -> None:
    (folder / "empty.txt").touch()
    first, second = groundwire("add", folder), groundwire("add", folder)
    assert (first.said, first.code) == (second.said, second.code)
    assert second.out.startswith("0 added, 1 unchanged, 1 skipped in ")


def test_a_skip_line_cannot_be_forged_by_a_file_name(groundwire: Groundwire, folder: Path) -> None:
    (folder / "a\nskipped b\x1b[31m.txt").touch()
    told = groundwire("add", folder)
    assert len(told.said) == 1
    assert "\x1b" not in told.err


# -- questions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ask", "search"])
@pytest.mark.parametrize("text", ["", "   ", "\n\t\u00a0"])
def test_an_empty_question_is_said(owl: Groundwire, name: str, text: str) -> None:
    told = owl(name, text)
    what = "question" if name == "ask" else "query"
    assert (told.code, told.out) == (2, "")
    assert told.said == [f"groundwire: the {what} is empty; put it in quotation marks after the command"]


@pytest.mark.parametrize("name", ["ask", "search"])
def test_a_question_of_100_000_characters_is_too_long(owl: Groundwire, name: str) -> None:
    told = owl(name, "owl " * 25_000)
    what = "question" if name == "ask" else "query"
    assert (told.code, told.out) == (2, "")
    assert told.said == [f"groundwire: the {what} has 100,000 characters; at most 4,000 are taken: ask a shorter one"]


OPERATORS = [
    "AT&T",
    "C++",
    '"',
    '"snowy',
    "[",
    "title:x AND (",
    "owl AND NOT snowy)",
    "*",
    "owl*",
    "owl~2",
    "+owl -snowy",
    "body:[a TO b]",
    "{}",
    "\\",
    "owl\\",
    "^5",
    "' OR 1=1; --",
    "%s %d {0}",
    "[red]owl[/red]",
    ":owl:",
    "?!",
    "🦉",
    "\u202eowl",
    "owl\x00owl",
    "\x1b[31mowl",
]


@pytest.mark.parametrize("text", OPERATORS)
def test_nothing_in_a_question_is_an_operator(owl: Groundwire, text: str) -> None:
    for told in (owl("ask", text), owl("ask", "--json", text), owl("ask", "--markdown", text), owl("search", text)):
        assert told.code in {0, 3}
        assert "\x1b" not in told.out + told.err
        assert len(told.said) <= 1  # "no passage matches the query"
    assert json.loads(owl("ask", "--json", text).out)["question"] == text


@pytest.mark.parametrize("query", ["snowy owl", "title:snowy AND (owl", '"owl snowy"', "+snowy +owl", "-snowy owl?"])
def test_operators_around_words_do_not_change_what_is_found(owl: Groundwire, query: str) -> None:
    told = owl("search", "--json", "--", query)
    assert [hit["text"] for hit in json.loads(told.out)["hits"]] == [GOOD]


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "caf\udce9"],
        ["search", "caf\udce9"],
        ["show", "caf\udce9"],
        ["remove", "caf\udce9"],
        ["ask", "owl", "--publisher", "caf\udce9"],
        ["ask", "owl", "--article", "caf\udce9"],
        ["ask", "owl", "--model", "caf\udce9"],
    ],
)
def test_bytes_that_are_not_utf8_on_the_command_line_are_said(owl: Groundwire, arguments: list[str]) -> None:
    told = owl(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.said == [r"groundwire: 'caf\udce9' holds the byte 0xe9, which is not UTF-8; write it in UTF-8"]


def test_paths_on_the_command_line_may_be_any_bytes(own_folders: Path, folder: Path) -> None:
    told = in_subprocess("add", folder, "--corpus", b"caf\xe9.db")
    assert (told.code, told.out.split(" in ")[0]) == (0, "1 added")
    assert Path(os.fsdecode(os.fsencode(own_folders) + b"/caf\xe9.db")).is_file()
    missing = in_subprocess("add", b"\xff.txt", "--corpus", b"caf\xe9.db")
    assert (missing.code, missing.said) == (7, [r"skipped \udcff.txt: does not exist; check the path"])
    assert in_subprocess("verify", b"\xff.json").code == 2


# -- what articles hold ----------------------------------------------------------------------------------------------

HOSTILE = {
    "escape sequence": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "C1 control": "\x9b31mred \x9d0;title\x9c",
    "backspaces": "deny\b\b\b\bconfirm \x7f",
    "carriage return": "The owl was seen.\rThe owl was never there.",
    "bidi": "\u202eseen reven\u202c \u2066isolated\u2069",
    "zero width": "ow\u200bl \ufeff \u00ad",
    "Rich markup": "[bold red]owl[/bold red] [link=http://evil.example]here[/link] [/nonsense]",
    "emoji code": ":owl: :skull:",
    "Markdown": "[click](javascript:alert(1)) <script>alert(1)</script> ![x](http://evil.example/x.png) `rm -rf`",
    "other": "tabs\tand\x0bvertical\x0cfeeds \u2028 \u2029 \x85",
}
LIVE = ("\x1b", "\x07", "\x9b", "\x9d", "\b", "\x7f", "\r", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\x85")


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_in_an_article_is_live_where_it_is_shown(groundwire: Groundwire, folder: Path, kind: str) -> None:
    hostile = HOSTILE[kind]
    text = f"A hostile owl was seen in Gdynia on {hostile} Monday morning."
    record = {
        "id": f"key {hostile}",
        "title": f"Title {hostile} end",
        "publisher": f"Pub {hostile} end",
        "authors": [f"By {hostile}"],
        "text": text,
    }
    (folder / "hostile.jsonl").write_text(json.dumps(record))
    added = groundwire("add", folder)
    assert added.code == 0
    identity = next(line for line in groundwire("list").out.splitlines() if "Title" in line).split("\t")[0]

    question = "Where was the hostile owl seen on Monday?"
    shown = {
        "ask": groundwire("ask", question),
        "markdown": groundwire("ask", question, "--markdown"),
        "search": groundwire("search", "hostile owl"),
        "list": groundwire("list"),
        "show": groundwire("show", identity),
        "remove": groundwire("remove", identity),
    }
    for name, told in shown.items():
        assert told.code == 0, name
        assert not [char for char in LIVE if char in told.out + told.err], name
    # Rich takes no markup from it: what looks like a tag is shown as it is.
    if kind in {"Rich markup", "emoji code"}:
        assert all(hostile in shown[name].out for name in ("ask", "search", "show", "list"))
    if kind == "Markdown":
        assert "[click](" not in shown["markdown"].out
        assert "<script>" not in shown["markdown"].out
    assert len(shown["list"].out.splitlines()) == 2
    assert {line.count("\t") for line in shown["list"].out.splitlines()} == {4}


@pytest.mark.parametrize("kind", HOSTILE)
def test_json_gives_an_article_back_exactly_with_nothing_live_in_it(
    groundwire: Groundwire, folder: Path, kind: str
) -> None:
    text = f"A hostile owl was seen in Gdynia on {HOSTILE[kind]} Monday morning."
    (folder / "hostile.jsonl").write_text(json.dumps({"id": "h", "title": HOSTILE[kind], "text": text}))
    groundwire("add", folder)
    for arguments in (["ask", "Where was the hostile owl seen on Monday?"], ["search", "hostile owl"], ["list"]):
        told = groundwire(*arguments, "--json")
        assert told.code == 0
        assert not [char for char in LIVE if char in told.out]
    answer = json.loads(groundwire("ask", "Where was the hostile owl seen on Monday?", "--json").out)
    assert answer["citations"]
    for citation in answer["citations"]:
        if answer["articles"][citation["article"]]["title"] == HOSTILE[kind].strip():
            assert text[citation["start"] : citation["end"]] == citation["quote"]


# -- the disk --------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A file system of this size; skips where none can be mounted."""
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="mounting a small disk takes root")
def test_a_full_disk_is_said_and_what_was_in_stays_and_the_rest_goes_in_later(
    groundwire: Groundwire, tmp_path: Path
) -> None:
    source = tmp_path / "owls.jsonl"
    write_articles(source, 200)
    with small_disk(tmp_path / "small", "400k") as disk:
        corpus = disk / "news.db"
        full = groundwire("add", source, "--corpus", corpus)
        assert (full.code, full.out, len(full.said)) == (8, "", 1)
        assert full.said[0].startswith(f"groundwire: {corpus}: ")
        assert "make room" in full.said[0]
        kept = articles_in(corpus)
        assert 0 < kept < 200
        assert len(groundwire("list", "--corpus", corpus).out.splitlines()) == kept
        assert groundwire("ask", "How often was the owl number 0 seen?", "--corpus", corpus).code in {0, 3}
        subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
        rest = groundwire("add", source, "--corpus", corpus)
        assert (rest.code, rest.out.split(" in ")[0]) == (0, f"{200 - kept} added, {kept} unchanged")


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="mounting a small disk takes root")
def test_a_disk_too_full_for_the_index_loses_no_article_and_questions_are_answered(
    groundwire: Groundwire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, corpus = tmp_path / "owls.jsonl", tmp_path / "news.db"
    write_articles(source, 50)
    with small_disk(tmp_path / "small", "16k") as disk:
        monkeypatch.setenv("GROUNDWIRE_CACHE", str(disk / "cache"))
        told = groundwire("add", source, "--corpus", corpus)
        assert articles_in(corpus) == 50
        assert (told.code, len(told.said)) == (8, 1)
        assert told.said[0].startswith(f"groundwire: {disk}/cache/indexes/")
        assert "the articles are in" in told.said[0]
        found = groundwire("search", "owl number 7", "--corpus", corpus)
        assert found.code == 0
        assert "The owl number 7 was seen" in found.out


def test_a_limit_on_the_size_of_files_is_said_and_what_was_in_stays(own_folders: Path, tmp_path: Path) -> None:
    source, corpus = tmp_path / "owls.jsonl", tmp_path / "news.db"
    write_articles(source, 100)

    limited = (
        "import os, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    full = in_subprocess("add", source, "--corpus", corpus, before=["-c", limited])
    assert (full.code, len(full.said)) == (8, 1)
    assert full.said[0].startswith(f"groundwire: {corpus}: ")
    kept = articles_in(corpus)
    assert 0 < kept < 100
    assert in_subprocess("add", source, "--corpus", corpus).out.startswith(f"{100 - kept} added, {kept} unchanged in ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [["list"], ["ask", QUESTION, "--json"]])
def test_output_that_cannot_be_written_is_said(owl: Groundwire, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command(*arguments), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    told = clean(Told(done.returncode, "", done.stderr))
    assert (told.code, len(told.said)) == (8, 1)
    assert "No space left on device; make room" in told.said[0]


def test_streams_that_are_closed_are_no_fault_and_the_corpus_stays_whole(
    owl: Groundwire, own_folders: Path, folder: Path
) -> None:
    (folder / "more.txt").write_text(GOOD.replace("snowy", "tawny"))
    shell = f'exec "{sys.executable}" "{ROOT}/cli.py" add "{folder}" <&- >&- 2>&-'
    assert subprocess.run(["/bin/sh", "-c", shell], check=False, timeout=60).returncode == 0
    assert articles_in(own_folders / "data/groundwire/groundwire.db") == 2
    assert owl("ask", "Where was the tawny owl seen?").code == 0


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """A corpus of a file and folder that may only be read; the owl is in it."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    source = tmp_path / "good.txt"
    source.write_text(GOOD)
    assert commands.run(["add", str(source), "--corpus", str(shelf / "news.db")]) == 0
    for file in shelf.iterdir():
        file.chmod(0o444)
    shelf.chmod(0o555)
    return shelf / "news.db"


def test_a_read_only_corpus_can_be_asked_and_not_added_to(read_only: Path, tmp_path: Path) -> None:
    for arguments in (["ask", QUESTION], ["list"]):
        told = bound(*arguments, "--corpus", read_only)
        assert (told.code, told.said) == (0, [])
    more = tmp_path / "more.txt"
    more.write_text(GOOD.replace("snowy", "tawny"))
    for arguments in (["add", more], ["remove", "good.txt"]):
        refused = bound(*arguments, "--corpus", read_only)
        assert (refused.code, refused.out, len(refused.said)) == (8, "", 1)
        assert refused.said[0].startswith(f"groundwire: {read_only}")
    assert articles_in(read_only) == 1


def test_a_corpus_file_that_may_not_be_read_is_said(read_only: Path, tmp_path: Path) -> None:
    read_only.chmod(0)
    told = bound("ask", QUESTION, "--corpus", read_only)
    assert (told.code, told.out, len(told.said)) == (8, "", 1)
    assert told.said[0].startswith(f"groundwire: {read_only}: ")
    assert "permission" in told.said[0]


def test_a_corpus_cannot_be_made_where_nothing_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)
    source = tmp_path / "good.txt"
    source.write_text(GOOD)
    for corpus in (tmp_path / "closed/news.db", tmp_path / "closed/deeper/news.db"):
        told = bound("add", source, "--corpus", corpus)
        assert (told.code, told.out, len(told.said)) == (8, "", 1)
        assert told.said[0].startswith(f"groundwire: {corpus}")


def test_a_read_only_cache_loses_no_article_and_questions_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir(mode=0o555)
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(tmp_path / "cache"))
    source, corpus = tmp_path / "good.txt", tmp_path / "news.db"
    source.write_text(GOOD)
    told = bound("add", source, "--corpus", corpus)
    # The article is in; that the index is not, is said.
    assert (told.code, len(told.said)) == (8, 1)
    assert told.said[0].startswith(f"groundwire: {tmp_path}/cache/")
    assert articles_in(corpus) == 1
    asked = bound("ask", QUESTION, "--corpus", corpus)
    assert (asked.code, asked.said) == (0, [])
    assert GOOD.partition(". ")[0] in asked.out


# -- other processes, signals ----------------------------------------------------------------------------------------


@contextmanager
def another_writer(corpus: Path) -> Iterator[None]:
    """Another process that holds the writer's lock."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom rag.locks import held\n"
        "with held(Path(sys.argv[1])) as mine:\n    print(mine, flush=True)\n    sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", script, f"{corpus}.lock"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield
        process.communicate()


def test_a_second_writer_is_refused_within_a_second_and_asking_goes_on(
    owl: Groundwire, own_folders: Path, folder: Path
) -> None:
    corpus = own_folders / "data/groundwire/groundwire.db"
    with another_writer(corpus):
        for arguments in (["add", folder], ["remove", "good.txt"]):
            began = time.monotonic()
            told = owl(*arguments)
            assert time.monotonic() - began < 1
            assert (told.code, told.out) == (6, "")
            assert told.said == [
                f"groundwire: {corpus}: another process is writing to it; try again when it has finished"
            ]
        assert owl("ask", QUESTION).code == 0
    assert owl("add", folder).code == 0


@pytest.mark.parametrize(
    ("number", "code", "line"),
    [
        (signal.SIGINT, 130, "groundwire: interrupted; what was done stays"),
        (signal.SIGTERM, 143, "groundwire: terminated; what was done stays"),
    ],
)
def test_an_interrupted_add_says_so_keeps_what_was_done_and_is_completed_by_the_next(
    groundwire: Groundwire, tmp_path: Path, number: signal.Signals, code: int, line: str
) -> None:
    source, corpus = tmp_path / "owls.jsonl", tmp_path / "news.db"
    write_articles(source, 600)
    arguments = command("add", source, "--corpus", corpus)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while articles_in(corpus) < 5 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (code, "", f"{line}\n")
    kept = articles_in(corpus)
    assert 5 <= kept < 600
    told = groundwire("add", source, "--corpus", corpus)
    assert (told.code, told.out.split(" in ")[0]) == (0, f"{600 - kept} added, {kept} unchanged")
    assert groundwire("search", "owl number 599", "--corpus", corpus).code == 0


def test_an_interrupt_while_waiting_for_a_question_is_one_line(owl: Groundwire) -> None:
    with subprocess.Popen(
        command("ask", "--json"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{QUESTION}\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["answered"]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert Told(130, "", err).said == ["groundwire: interrupted; what was done stays"]


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"]])
def test_a_reader_that_has_seen_enough_is_no_fault(
    groundwire: Groundwire, tmp_path: Path, arguments: list[str]
) -> None:
    source = tmp_path / "owls.jsonl"
    write_articles(source, 100)
    groundwire("add", source)
    reading, writing = os.pipe()
    os.close(reading)  # before the first byte: the worst that head can do
    done = subprocess.run(command(*arguments), stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, Told(0, "", done.stderr).said) == (0, [])


# -- the corpus file -------------------------------------------------------------------------------------------------


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
        db.commit()


def newer(path: Path) -> None:
    assert commands.run(["add", str(SEEDS), "--corpus", str(path)]) == 0
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 999")
        db.commit()


def cut_short(path: Path) -> None:
    assert commands.run(["add", str(SEEDS), "--corpus", str(path)]) == 0
    path.write_bytes(path.read_bytes()[:5000])


BAD_CORPORA: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "a folder": (Path.mkdir, 2, "is not a file; --corpus takes the corpus file itself, such as news.db"),
    "a text file": (lambda path: path.write_text("Dear diary, " * 100), 5, "is damaged or not a Groundwire corpus"),
    "an article": (lambda path: path.write_text("Owl."), 5, "is damaged or not a Groundwire corpus"),
    "a foreign database": (foreign, 5, "is a database, but not a Groundwire corpus; it was left as it is"),
    "a newer format": (newer, 2, "made by a newer version of Groundwire than this one"),
    "cut short": (cut_short, 5, "is damaged or not a Groundwire corpus"),
}


@pytest.mark.parametrize("kind", BAD_CORPORA)
@pytest.mark.parametrize("arguments", [["add", str(SEEDS)], ["ask", QUESTION], ["list"]])
def test_what_is_no_corpus_is_said_and_left_as_it_is(
    groundwire: Groundwire, tmp_path: Path, kind: str, arguments: list[str]
) -> None:
    make, code, reason = BAD_CORPORA[kind]
    corpus = tmp_path / "news.db"
    make(corpus)
    before = corpus.read_bytes() if corpus.is_file() else None
    told = groundwire(*arguments, "--corpus", corpus)
    assert (told.code, told.out, len(told.said)) == (code, "", 1)
    assert told.said[0].startswith(f"groundwire: {corpus}")
    assert reason in told.said[0]
    assert (corpus.read_bytes() if corpus.is_file() else None) == before


def test_an_empty_file_may_become_a_corpus_but_holds_nothing_to_ask(
    groundwire: Groundwire, tmp_path: Path, folder: Path
) -> None:
    corpus = tmp_path / "news.db"
    corpus.touch()
    told = groundwire("ask", QUESTION, "--corpus", corpus)
    assert (told.code, told.out) == (4, "")
    assert told.said == [f"groundwire: nothing is indexed in {corpus}; begin with: groundwire add PATH"]
    assert groundwire("add", folder, "--corpus", corpus).code == 0


# -- saved answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"not json", "this is not JSON"),
        (b"{}", "has no `schema`"),
        (b'{"schema": "other/1"}', "is not a groundwire.answer/1"),
        (b"[1, 2]", "answer.json"),
        (b"\xff\xfe", "not UTF-8 (byte 0)"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\0" * 1000, "this is not JSON"),
    ],
)
def test_what_is_no_saved_answer_is_said(owl: Groundwire, tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "answer.json"
    file.write_bytes(content)
    told = owl("verify", file)
    assert (told.code, told.out, len(told.said)) == (2, "", 1)
    assert told.said[0].startswith(f"groundwire: {file}")
    assert reason in told.said[0]


@pytest.mark.parametrize("make", [None, Path.mkdir, gigantic])
def test_a_saved_answer_that_cannot_be_read_is_said(
    owl: Groundwire, tmp_path: Path, make: Callable[[Path], object] | None
) -> None:
    file = tmp_path / "answer.json"
    if make is not None:
        make(file)
    told = owl("verify", file)
    assert (told.code, told.out, len(told.said)) == (2, "", 1)
    assert told.said[0].startswith(f"groundwire: {file}: ")
    assert told.said[0].endswith("; verify takes a file that ask --json printed")


# -- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"k = ", "cannot be read as TOML"),
        (b"\xff", "cannot be read as TOML"),
        (b"colour = 'red'", "unknown setting 'colour'; known are corpus, cache, model, k, words"),
        (b"k = 0", "k takes a whole number from 1 to 1000, not '0'"),
        (b"k = true", "k takes a whole number from 1 to 1000, not 'True'"),
        (b"corpus = 5", "corpus takes a text in quotation marks"),
    ],
)
def test_a_bad_settings_file_is_named_with_the_setting(
    groundwire: Groundwire, own_folders: Path, content: bytes, reason: str
) -> None:
    file = own_folders / "groundwire.toml"
    file.write_bytes(content)
    told = groundwire("list")
    assert (told.code, told.out, len(told.said)) == (2, "", 1)
    assert told.said[0].startswith(f"groundwire: {file}: ")
    assert reason in told.said[0]


def test_a_bad_variable_is_named(groundwire: Groundwire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_K", "ten")
    told = groundwire("list")
    assert (told.code, told.out) == (2, "")
    assert told.said == ["groundwire: GROUNDWIRE_K: k takes a whole number from 1 to 1000, not 'ten'"]


def test_a_working_folder_that_is_gone_is_said(own_folders: Path) -> None:
    gone = own_folders / "gone"
    gone.mkdir()
    shell = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" "{ROOT}/cli.py" list'
    done = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=False, timeout=60)
    told = clean(Told(done.returncode, done.stdout, done.stderr))
    assert (told.code, told.out) == (2, "")
    assert told.said == ["groundwire: the working folder is gone or may not be read; change to another one"]
