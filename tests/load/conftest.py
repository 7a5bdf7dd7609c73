"""A distribution that somebody else wrote: formats that hang, crash and worse, installed in a folder of the test's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.load import formats

MADE_UP = '''
import os
import signal
import socket
import sys
import time

from rag.load.formats import Format
from rag.load.source import Loaded, Unreadable
from rag.types import Article, Rejected, SkipKind, SkippedSpan

POEM = Format("poem", (".poem",), "made_up:poem", sniff=lambda head: head.startswith(b"POEM"))
ODD = Format("odd file", (".odd",), "made_up:odd")
TAKEN = Format("other text", (".txt",), "made_up:poem")
LATE = Format("late file", (".late",), "made_up_late:load")
LACKING = Format("lacking file", (".lacking",), "made_up_lacking:load", install="made-up-lacking")
NOT_A_FORMAT = 7


def article(found, text, **more):
    return Loaded(Article(key=f"{found.key_path}#{len(text)}", text=text, **more), text.encode("utf-8", "replace"))


def poem(found, stream):
    """An article a line."""
    for line in stream:
        yield article(found, line.decode().strip())


def odd(found, stream):
    """Does what its first line says."""
    what, _, rest = stream.read().decode().strip().partition(" ")
    if what == "hang":
        while True:
            pass
    if what == "hang-after-one":
        yield article(found, "The first one came.")
        while True:
            pass
    if what == "sleep":
        time.sleep(600)
    if what == "sleep-once":
        if not os.path.exists(rest):
            open(rest, "w").close()
            time.sleep(600)
    if what == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "crash-second":
        counted.append(1)
        if len(counted) > 1:
            os.kill(os.getpid(), signal.SIGSEGV)
    if what == "leave":
        os._exit(3)
    if what == "memory":
        bytearray(64 * 1024**3)
    if what == "raise":
        raise KeyError("a\\ntwo-line key")
    if what == "recurse":
        odd.__call__(deep(found), stream)
    if what == "connect":
        socket.create_connection(("192.0.2.1", 80), 1)
    if what == "start":
        os.system("true")
    if what == "print":
        print("noise", flush=True)
        os.write(1, b"more noise")
        sys.stderr.write("and more")
    if what == "nul":
        yield article(found, "a\\0b")
    if what == "half":
        yield article(found, "a\\ud800b")
    if what == "spans":
        yield article(found, "abc", skipped=(SkippedSpan(2, 9, SkipKind.TITLE),))
    if what == "elsewhere":
        yield article(found, "Its path is a lie.", path="/etc/passwd")
    if what == "big":
        yield article(found, "x" * int(rest))
    yield article(found, f"It was asked to {what}.")


def deep(found):
    return deep(found)


counted = []
'''

LATE = """
import time

from made_up import poem as load

time.sleep(2.5)  # a library that is slow to import, on a machine that is busy
"""

ENTRY_POINTS = """[groundwire.formats]
poem = made_up:POEM
odd = made_up:ODD
taken = made_up:TAKEN
late = made_up:LATE
lacking = made_up:LACKING
none = made_up:NOT_A_FORMAT
missing = made_up_missing:FORMAT
"""


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which the distribution is installed."""
    site = tmp_path / "site"
    information = site / "made_up-1.0.dist-info"
    information.mkdir(parents=True)
    (site / "made_up.py").write_text(MADE_UP)
    (site / "made_up_late.py").write_text(LATE)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(site)
    formats.registry.cache_clear()
    yield site
    formats.registry.cache_clear()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file."""

    def written(name: str, content: str | bytes) -> Path:
        file = tmp_path / "files" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return written
