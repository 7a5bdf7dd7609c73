"""After set-up `add` and `ask` open no socket: not in Python, not in native code, not by what a folder's .env says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from places import SEEDS

ROOT = Path(__file__).parent.parent
CLI = str(ROOT / "cli.py")

QUESTION = "Who denied that the base was the target?"
DENIAL = "Maj. Gen. Qassim al-Muhammadi denied that the attack targeted Ain al-Asad base."

GUARD = f"""
import os, socket, sys
from contextlib import suppress

NETWORK = {{"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}}
NAMES = {{"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}}

# urllib3, which LlamaIndex and Chroma import, tries so whether this machine has IPv6; nothing is sent.
HARMLESS = ("socket.bind", ("::1", 0))

def guard(event, arguments):
    if (event, *arguments[1:]) == HARMLESS:
        return
    if event in NAMES or event in NETWORK and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
        os.write(2, f"NETWORK: {{event}} {{arguments[1:]}}\\n".encode())
        os._exit(99)  # an exception could be caught on its way up

sys.addaudithook(guard)
sys.path.insert(0, {str(ROOT)!r})
"""
AS_PROGRAM = GUARD + "from rag.commands import main\nmain(sys.argv[1:])"


def run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, **(environ or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=surroundings)


def adds(start: Sequence[str], cache: Path, corpus: Path, **environ: str) -> None:
    """Hold that `add`, started so, works with the model's own vectors."""
    added = run([*start, "add", str(SEEDS), "--corpus", str(corpus)], {"GROUNDWIRE_CACHE": str(cache), **environ})
    assert (added.returncode, added.stdout.split(" in ")[0]) == (0, "5 added"), added.stderr
    assert added.stderr == f"groundwire: the corpus is new: {corpus}\n"  # not: by words alone


def adds_and_asks(start: Sequence[str], cache: Path, corpus: Path, **environ: str) -> None:
    """Hold that `add` and `ask`, started so, work with the model's own vectors."""
    adds(start, cache, corpus, **environ)
    asked = run(
        [*start, "ask", QUESTION, "--json", "--corpus", str(corpus)], {"GROUNDWIRE_CACHE": str(cache), **environ}
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    assert DENIAL in [one["text"] for one in json.loads(asked.stdout)["statements"]]


# -- Python ----------------------------------------------------------------------------------------------------------


def test_add_and_ask_open_no_socket_in_python(model_cache: Path, tmp_path: Path) -> None:
    adds_and_asks([sys.executable, "-c", AS_PROGRAM], model_cache, tmp_path / "news.db")


def test_without_weights_nothing_is_fetched_either(tmp_path: Path) -> None:
    start = [sys.executable, "-c", AS_PROGRAM]
    corpus = ["--corpus", str(tmp_path / "news.db")]
    assert run([*start, "add", str(SEEDS), *corpus]).returncode == 0
    asked = run([*start, "ask", QUESTION, *corpus])
    assert asked.returncode == 0
    assert asked.stderr.startswith("groundwire: searching by words alone")


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('example.org', 80)",
        "socket.socket().bind(('127.0.0.1', 0))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1:9')",
    ],
)
def test_the_guard_of_these_tests_notices_a_connection(attempt: str) -> None:
    told = run([sys.executable, "-c", f"{GUARD}\nwith suppress(Exception):\n    {attempt}"])
    assert told.returncode == 99
    assert told.stderr.startswith("NETWORK: socket.")


# -- native code -----------------------------------------------------------------------------------------------------


def test_add_and_ask_open_no_socket_in_native_code(model_cache: Path, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None or run([strace, "-o", "/dev/null", "true"]).returncode:
        pytest.skip("strace is not here, or may not trace")
    log = tmp_path / "calls"
    start = [strace, "-f", "-A", "-e", "trace=connect,sendto,sendmsg,listen", "-o", str(log), sys.executable, CLI]
    adds_and_asks(start, model_cache, tmp_path / "news.db")
    calls = log.read_text()
    assert calls.count("+++ exited with 0 +++") >= 3
    assert re.findall(r".*AF_INET.*", calls) == []


def test_add_and_ask_work_where_there_is_no_network_at_all(model_cache: Path, tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or run([unshare, "-rn", "true"]).returncode:
        pytest.skip("a process cannot be cut off from the network here")
    adds_and_asks([unshare, "-rn", sys.executable, CLI], model_cache, tmp_path / "news.db")


# -- what Chroma reads besides ---------------------------------------------------------------------------------------

FOREIGN = {
    "foreign keys and a remote Chroma": {
        "DATABASE_URL": "postgres://x",
        "SECRET": "a=b # c",
        "PORT": "abc",
        "EMPTY": "",
        "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
        "CHROMA_SERVER_HOST": "127.0.0.1",
        "CHROMA_SERVER_HTTP_PORT": "9",
        "CHROMA_OTEL_COLLECTION_ENDPOINT": "http://127.0.0.1:9",
        "CHROMA_OTEL_GRANULARITY": "all",
        "ANONYMIZED_TELEMETRY": "true",
        "IS_PERSISTENT": "false",
        "PERSIST_DIRECTORY": "./elsewhere",
    },
    "values that Chroma refuses": {"CHROMA_SERVER_HTTP_PORT": "abc", "MIGRATIONS": "sideways", "ALLOW_RESET": "maybe"},
    "modules that are not there": {"CHROMA_API_IMPL": "no.such.Thing", "CHROMA_SYSDB_IMPL": "no.such.Thing"},
}
REMOTE, REFUSED, MISSING = FOREIGN


@pytest.mark.parametrize(
    ("kind", "where"), [(REMOTE, ".env"), (REMOTE, "environment"), (REFUSED, ".env"), (MISSING, "environment")]
)
def test_settings_for_chroma_from_elsewhere_change_nothing(
    model_cache: Path, tmp_path: Path, own_folders: Path, kind: str, where: str
) -> None:
    foreign = FOREIGN[kind]
    if where == ".env":
        (own_folders / ".env").write_text("".join(f"{name}={value}\n" for name, value in foreign.items()))
    environ = foreign if where == "environment" else {}
    adds_and_asks([sys.executable, "-c", AS_PROGRAM], model_cache, tmp_path / "news.db", **environ)
    assert not (own_folders / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"no equals sign\n=\n'"])
def test_an_env_file_that_is_none_changes_nothing(
    model_cache: Path, tmp_path: Path, own_folders: Path, content: bytes
) -> None:
    (own_folders / ".env").write_bytes(content)
    adds([sys.executable, "-c", AS_PROGRAM], model_cache, tmp_path / "news.db")
