"""What every test stands on: the user's own folders are out of reach, and so is the network."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from rag import weights
from rag.config import Settings

REAL_CACHE = Path(os.environ.get("GROUNDWIRE_CACHE") or user_cache_path("groundwire", appauthor=False))
"""Before it is put out of reach: the weights, which are only read, lie there."""

# A shell that starts the suite in the background leaves interrupts ignored, and every program below would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Redirect every folder that the program would take for the user's."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("GROUNDWIRE_")]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "GROUNDWIRE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.chdir(home)
    return home


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection to another machine; asyncio's own socket pairs stay allowed."""

    def refuse(self: socket.socket, address: object, *rest: object) -> None:
        raise AssertionError(f"a test tried to reach {address!r}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A corpus and a cache of the test's own; no weights there, so retrieval is lexical."""
    return Settings(corpus=tmp_path / "news.db", cache=tmp_path / "cache")


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that holds the real weights and is otherwise the test's own; skips where they are nowhere."""
    if not weights.present(REAL_CACHE):
        if os.environ.get("CI"):
            pytest.fail("CI runs with the weights: groundwire model fetch")
        pytest.skip("no model weights here; get them with: groundwire model fetch")
    cache = tmp_path_factory.mktemp("cache")
    (cache / "models").symlink_to(REAL_CACHE / "models")
    yield cache
