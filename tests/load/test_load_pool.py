"""Files read by other processes: what hangs, crashes or lies costs one file, and nothing else."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import pytest

import rag
from rag.load import Found, Loaded, LoadOptions, Pool
from rag.load import pool as pool_module
from rag.load.frames import (
    _FIELDS,
    MAX_BODY,
    BadFrame,
    End,
    Item,
    Ready,
    Request,
    read_reply,
    read_request,
    write_reply,
    write_request,
)
from rag.types import Article, Origin, Rejected, SkipKind, SkippedSpan

Write = Callable[[str, str | bytes], Path]

BUSY = " by the clock; the machine may be too busy or the disk too far away: add it once more"

pytestmark = pytest.mark.usefixtures("made_up")


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Two processes that give up soon, however busy the machine is."""
    with Pool(workers=2, seconds=1.0, patience=60.0) as opened:
        yield opened


def read(pool: Pool, *files: Path) -> list[list[str]]:
    """Of each file the texts of its articles and the reasons of what was refused; all are opened ahead."""
    readings = [pool.open(Found(file, file.name)) for file in files]
    return [
        [one.reason if isinstance(one, Rejected) else one.article.text for one in reading.articles()]
        for reading in readings
    ]


def test_articles_come_in_the_order_of_the_files_however_many_processes_read(write: Write) -> None:
    files = [write(f"{n:02}.poem", "".join(f"Line {m} of {n}.\n" for m in range(n % 7))) for n in range(40)]
    expected = [[f"Line {m} of {n}." for m in range(n % 7)] or ["holds no articles"] for n in range(40)]
    for workers in (1, 3):
        with Pool(workers=workers) as pool:
            assert read(pool, *files) == expected


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("hang", "took more than 1 s of processor time to read; it was left out"),
        ("crash", "crashed its reader (SIGSEGV); open it with its program and save it anew"),
        ("leave", "crashed its reader (exit code 3); open it with its program and save it anew"),
        ("memory", "needs more memory than 2,048 MB to read; split it"),
        ("recurse", "is nested too deeply to be read"),
        (
            "raise",
            "cannot be read as an odd file: KeyError: 'a\\ntwo-line key'; open it with its program and save it anew",
        ),
        ("connect", "cannot be read: socket.getaddrinfo is not for what reads files"),
        ("start", "cannot be read: os.system is not for what reads files"),
    ],
)
def test_what_goes_wrong_costs_one_file(pool: Pool, write: Write, what: str, reason: str) -> None:
    good, bad, after = write("a.poem", "Roses."), write("b.odd", what), write("c.poem", "Violets.")
    assert read(pool, good, bad, after) == [["Roses."], [reason], ["Violets."]]


def test_what_came_before_the_fault_is_kept_and_the_file_counts_as_not_read(pool: Pool, write: Write) -> None:
    reading = pool.open(Found(write("b.odd", "hang-after-one"), "b.odd"))
    first, second = reading.articles()
    assert isinstance(first, Loaded)
    assert isinstance(second, Rejected)
    assert reading.sha256() is None


def test_a_format_whose_library_is_missing_is_said_once(pool: Pool, write: Write) -> None:
    good, lacking = write("a.poem", "Roses."), write("b.lacking", "x")
    assert read(pool, lacking, good) == [["is a lacking file; to read it: pip install made-up-lacking"], ["Roses."]]


def test_a_fault_of_a_file_before_is_not_put_down_to_the_next(write: Write) -> None:
    files = [write(f"{n}.odd", "crash-second") for n in range(4)]
    with Pool(workers=1) as pool:
        assert read(pool, *files) == [["It was asked to crash-second."]] * 4


def test_the_time_that_a_process_takes_to_start_is_not_put_down_to_its_file(write: Write) -> None:
    with Pool(workers=1, seconds=1.0, patience=2.0) as pool:
        assert read(pool, write("a.late", "Roses.")) == [["Roses."]]


def test_a_process_that_does_not_start_is_said_to_be_the_reason(write: Write) -> None:
    with Pool(workers=1, starting=1.0) as pool:
        assert read(pool, write("a.late", "Roses.")) == [[f"gave nothing for 1 s{BUSY}"]]


def test_what_only_the_clock_ended_is_tried_once_more_in_a_new_process(write: Write, tmp_path: Path) -> None:
    once, ever = write("1.odd", f"sleep-once {tmp_path / 'marker'}"), write("2.odd", "sleep")
    with Pool(workers=2, seconds=1.0, patience=3.0) as pool:
        assert read(pool, once, ever) == [["It was asked to sleep-once."], [f"gave nothing for 3 s{BUSY}"]]


@pytest.mark.parametrize("what", ["nul", "half", "spans"])
def test_what_is_no_article_is_refused_before_it_is_sent(pool: Pool, write: Write, what: str) -> None:
    refused, article = read(pool, write("b.odd", what))[0]
    assert refused.startswith("was read as what cannot be an article (")
    assert article == f"It was asked to {what}."


def test_what_a_library_prints_harms_nothing(pool: Pool, write: Write) -> None:
    assert read(pool, write("b.odd", "print")) == [["It was asked to print."]]


def test_where_an_article_lies_is_not_for_its_reader_to_say(pool: Pool, write: Write) -> None:
    file = write("b.odd", "elsewhere")
    paths = {one.article.path for one in pool.open(Found(file, "b.odd")).articles() if isinstance(one, Loaded)}
    assert paths == {str(file)}


def test_bytes_that_came_from_elsewhere_lie_nowhere(pool: Pool, write: Write) -> None:
    file = write("1", "POEM by pipe.\n")
    found = Found(Path("standard input"), "key", LoadOptions(url="https://news.example/a"), None, file)
    (one,) = pool.open(found).articles()
    assert isinstance(one, Loaded)
    assert (one.article.path, one.article.text) == (None, "POEM by pipe.")
    (one,) = pool.open(replace(found, format="odd file", bytes_at=write("2", "raise"))).articles()
    assert isinstance(one, Rejected)
    assert one.where == "https://news.example/a"


def test_the_hash_is_that_of_the_file(pool: Pool, write: Write) -> None:
    file = write("a.poem", "Roses.\nViolets.\n")
    reading = pool.open(Found(file, "a.poem"))
    assert reading.sha256() is None
    assert len(list(reading.articles())) == 2
    assert reading.sha256() == sha256(file.read_bytes()).hexdigest()
    assert reading.bytes_read == file.stat().st_size


def test_no_more_is_read_ahead_than_there_is_room_for(write: Write) -> None:
    files = [write(f"{n}.odd", "big 100000") for n in range(12)]
    with Pool(workers=2, budget=500_000) as pool:
        readings = [pool.open(Found(file, file.name)) for file in files]
        most = 0
        for reading in readings:
            for one in reading.articles():
                assert isinstance(one, Loaded)
                # Whoever takes as fast as they read sees nothing ahead: give them the time for it, once.
                deadline = time.monotonic() + 10
                while most <= 200_000 and time.monotonic() < deadline:
                    most = max(most, pool._ahead.held)
                most = max(most, pool._ahead.held)
        assert 200_000 < most <= 500_000
        assert pool._ahead.held == 0


def test_an_article_larger_than_the_room_is_read_all_the_same(write: Write) -> None:
    files = [write(f"{n}.odd", "big 100000") for n in range(4)]
    with Pool(workers=2, budget=1000) as pool:
        assert [len(texts) for texts in read(pool, *files)] == [2] * 4


def test_what_nobody_wants_any_more_gives_its_room_back(write: Write) -> None:
    files = [write(f"{n}.odd", "big 100000") for n in range(4)]
    with Pool(workers=1, budget=300_000) as pool:
        first, *rest = [pool.open(Found(file, file.name)) for file in files]
        first.drop()
        for reading in rest:
            next(iter(reading.articles()))  # and no more of it
        assert [len(texts) for texts in read(pool, files[0])] == [2]
        assert pool._ahead.held == 0


def test_a_file_out_of_its_turn_does_not_wait_for_those_before(write: Write) -> None:
    files = [write(f"{n}.odd", "big 100000") for n in range(6)]
    with Pool(workers=1, budget=1000) as pool:
        readings = [pool.open(Found(file, file.name)) for file in files]
        late = pool.open(Found(write("a.poem", "Roses."), "a.poem"), at_once=True)
        assert len(list(late.articles())) == 1
        assert [len(list(reading.articles())) for reading in readings] == [2] * 6


def test_plain_text_needs_no_process(write: Write) -> None:
    with Pool() as pool:
        assert read(pool, write("a.txt", "Roses are red.")) == [["Roses are red."]]
        assert pool._threads == []


def test_where_no_process_can_be_started_that_is_said(
    pool: Pool, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    assert read(pool, write("a.poem", "Roses."), write("a.txt", "Violets.")) == [
        ["was not read: no process can be started for it here (this Python does not know its own program)"],
        ["Violets."],
    ]


def test_kept_bytes_are_read_again(pool: Pool) -> None:
    found = Found(Path("/nowhere/a.poem"), "a.poem", format="poem")
    (one,) = pool.read(found, b"Roses.").articles()
    assert isinstance(one, Loaded)
    assert one.article == Article(key="a.poem#6", text="Roses.", path="/nowhere/a.poem")


# -- that no process is left -------------------------------------------------------------------------------------------


def processes(pool: Pool) -> list[int]:
    return [seat.pid for seat in pool.seats if seat.pid is not None]


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_closing_ends_every_process_whatever_it_is_about(write: Write) -> None:
    began = time.monotonic()
    with Pool(workers=2, seconds=60) as pool:
        readings = [pool.open(Found(write(f"{n}.odd", "hang-after-one"), f"{n}.odd")) for n in range(2)]
        for reading in readings:
            next(iter(reading.articles()))
        pids = processes(pool)
        assert len(pids) == 2
        assert all(runs(pid) for pid in pids)
    assert not any(runs(pid) for pid in pids)
    assert time.monotonic() - began < 30
    assert all(not thread.is_alive() for thread in pool._threads)


PARENT = """
import sys, time
from pathlib import Path
from rag.load import Found, Pool

with Pool(workers=1, seconds=600) as pool:
    reading = pool.open(Found(Path(sys.argv[1]), "a.odd"))
    print(next(iter(reading.articles())).article.text, flush=True)
    print(pool.seats[0].pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_process_ends_when_its_parent_does_however_that_came_about(
    write: Write, made_up: Path, number: signal.Signals
) -> None:
    file = write("a.odd", "hang-after-one")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{made_up}:{Path(rag.__file__).parent.parent}"},
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "The first one came.\n"
        pid = int(parent.stdout.readline())
        assert runs(pid)
        parent.send_signal(number)
        parent.wait(30)
    until = time.monotonic() + 30
    while runs(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not runs(pid)


# -- frames ------------------------------------------------------------------------------------------------------------

ARTICLE = Article(
    key="https://news.example/ä",
    text="A title\nIts text, with 🦉 and ä.",
    title="A title",
    publisher="Example",
    authors=("A", "B"),
    published="2020-04",
    url="https://news.example/ä",
    path="/a",
    skipped=(SkippedSpan(0, 7, SkipKind.TITLE),),
    published_from=Origin.JSON_LD,
    updated="2021",
    updated_from=Origin.META,
    section="World",
    language="en",
    agency="AP",
    pages=(0, 5),
)


def frame(item: Ready | Item | End) -> bytes:
    made = io.BytesIO()
    write_reply(made, item)
    return made.getvalue()


def test_all_that_is_known_of_an_article_passes_through() -> None:
    assert set(_FIELDS) | {"text"} == {field.name for field in fields(Article)}
    items: list[Ready | Item | End] = [
        Item(Loaded(ARTICLE, b"\0\xff", ("a note",), "a.html"), 17),
        Item(Loaded(Article("k", "t"), b""), 0),
        Item(Rejected("a\nb", "why"), 3),
        Ready(),
        End("0" * 64, True),
        End(),
    ]
    stream = io.BytesIO(b"".join(map(frame, items)))
    assert [read_reply(stream) for _ in items] == items
    with pytest.raises(EOFError):
        read_reply(stream)


def test_a_request_passes_through() -> None:
    found = Found(Path("/a/b\nc"), "b", LoadOptions({"text": "body"}, "https://x/", "latin-1"), "PDF", Path("/t"))
    requests = [Request(found, 5.0), Request(Found(Path("/a"), "a"), 1.5, b"")]
    stream = io.BytesIO()
    for one in requests:
        write_request(stream, one)
    stream.seek(0)
    assert [read_request(stream) for _ in requests] == requests
    assert read_request(stream) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"key": 5},
        {"key": None},
        {"title": "a\0"},
        {"title": "\ud800"},
        {"authors": "AB"},
        {"authors": [1]},
        {"skipped": [[0, 7]]},
        {"skipped": [[0, 7, "nonsense"]]},
        {"skipped": [[0, 700, "title"]]},
        {"skipped": [[5, 7, "title"], [0, 3, "title"]]},
        {"skipped": [[-1, 7, "title"]]},
        {"skipped": [[True, 7, "title"]]},
        {"published_from": "nowhere"},
        {"pages": [1]},
        {"pages": [0, 9, 5]},
        {"pages": [0, 900]},
        {"more": 1},
    ],
)
def test_a_frame_that_holds_no_article_is_refused(changed: dict[str, object]) -> None:
    whole = frame(Item(Loaded(ARTICLE, b"source"), 1))
    length = int.from_bytes(whole[:4], "big")
    header = json.loads(whole[12 : 12 + length])
    header["article"].update(changed)
    told = json.dumps(header).encode()
    with pytest.raises(BadFrame):
        read_reply(io.BytesIO(len(told).to_bytes(4, "big") + whole[4:12] + told + whole[12 + length :]))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[" * 100_000,
        b'"x"',
        b"{}",
        b'{"kind": "end"}',
        b'{"kind": "other"}',
        b'{"kind": "end", "sha256": 5}',
        b"\xff",
    ],
)
def test_a_header_that_is_none_is_refused(header: bytes) -> None:
    with pytest.raises(BadFrame):
        read_reply(io.BytesIO(len(header).to_bytes(4, "big") + bytes(8) + header))


def test_a_frame_is_refused_by_its_length_before_it_is_read() -> None:
    class Endless(io.RawIOBase):
        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            raise AssertionError("it was read")

    lengths = [(1, MAX_BODY + 1, 0), (2**32 - 1, 0, 0), (1, 0, 2**32 - 1)]
    for one in lengths:

        class Stream:
            told = b"".join(n.to_bytes(4, "big") for n in one)

            def read(self, size: int) -> bytes:
                told, self.told = self.told, b""
                assert told, "it was read"
                return told

        with pytest.raises(BadFrame, match="longer than any frame"):
            read_reply(Stream())  # type: ignore[arg-type]


def test_the_limit_grows_with_the_file() -> None:
    pool = Pool()
    assert [pool._limit(size << 20) for size in (0, 1, 7, 20, 4000)] == [5, 6, 12, 25, 25]
    assert pool_module.SECONDS == 5
