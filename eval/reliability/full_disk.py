"""A disk that fills up, at many sizes; a corpus and a cache that may only be read.

The disk is a tmpfs of its own where one can be mounted, else a limit on the size of files. With too little room: one
line that says so, exit code 8, asking works from what is there; with room again the same command completes it.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from eval.reliability.signals import command
from eval.reliability.world import Child, contents, in_child, opened, opened_by_name, written
from rag.config import Settings
from rag.errors import CannotWrite, GroundwireError
from rag.near_copies import recipe

ARTICLES = 60
NOBODY = 65534


@dataclass(slots=True)
class Figures:
    """What came of it."""

    how: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """What is to be 0."""
        return len(self.wrong)

    def lines(self) -> list[str]:
        """For people."""
        told = ", ".join(f"{count} {what}" for what, count in self.outcomes.items())
        return [f"{self.how}: {told}", f"not as promised: {len(self.wrong)}", *self.wrong[:8]]


def run(count: int, seed: int = 0) -> Figures:
    """So many sizes, the corpus and the cache by turns on the small disk; then read-only, as nobody."""
    figures, chance = Figures(), random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        place.chmod(0o755)
        (place / "news").mkdir()
        for number in range(ARTICLES):
            (place / f"news/a{number}.txt").write_text(written(chance, 20))
        whole = in_child(lambda: _filled(Settings(place / "whole.db", place / "whole"), place / "news"))
        for number in range(count):
            kilobytes = 24 + 1000 * (number // 2) // max(1, (count + 1) // 2)
            _on_a_small_disk(place, figures, kilobytes, whole, cache=bool(number % 2))
        _read_only(place, figures)
    return figures


def _filled(settings: Settings, news: Path) -> dict[str, Any]:
    with opened(settings, create=True) as corpus:
        corpus.add([news])
        return contents(corpus)


def _on_a_small_disk(place: Path, figures: Figures, kilobytes: int, whole: dict[str, Any], *, cache: bool) -> None:
    name = f"{'the cache' if cache else 'the corpus'} on {kilobytes} KB"
    with _disk(place / "disk", kilobytes, figures) as (disk, limit, widen):
        ours, theirs = (place / "roomy", disk) if cache else (disk, place / "roomy")
        settings = Settings(ours / "news.db", theirs / "cache")
        os.environ["GROUNDWIRE_CACHE"] = str(settings.cache)
        arguments = ["add", str(place / "news"), "--corpus", str(settings.corpus)]
        code, said = _told(place, arguments, limit)
        figures.outcomes["filled up" if code else "had room"] += 1
        if code not in {0, 8} or said.count("\n") > 1 or "Traceback" in said:
            figures.wrong.append(f"{name}: add: {code}, {said!r}")
        if code == 8 and settings.corpus.exists():
            asked, said = _told(place, ["search", "harbour of Gdynia", "--corpus", str(settings.corpus)], limit)
            none_in = not in_child(lambda: _count(settings))
            if asked not in ({4, 8} if none_in else {0}):
                figures.wrong.append(f"{name}: search: {asked}, {said!r}")
        widen()
        code, said = _told(place, arguments, None)
        if code or in_child(lambda: _contents(settings)) != whole:
            figures.wrong.append(f"{name}: with room again: {code}, {said!r}")
    shutil.rmtree(place / "roomy", ignore_errors=True)


def _told(place: Path, arguments: list[str], limit: int | None) -> tuple[int, str]:
    """Exit code and standard error of a command, with files limited to so many bytes."""
    from rag.commands import asking

    reading, ready = os.pipe()

    def work() -> Any:
        asking.opened = opened_by_name  # type: ignore[attr-defined]
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return command(arguments, place / "said", ready)

    code, _ = Child(work).result()
    for descriptor in (reading, ready):
        os.close(descriptor)
    return code, (place / "said").read_text()


@contextmanager
def _disk(place: Path, kilobytes: int, figures: Figures) -> Iterator[tuple[Path, int | None, Any]]:
    """A folder on a disk of this size; what limits files where none can be mounted; and what gives it room."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and shutil.which("mount") and not subprocess.run(mount, check=False).returncode  # noqa: S603
    figures.how = "a tmpfs of its own" if mounted else "a limit on the size of files"
    try:
        if mounted:
            wider = ["mount", "-o", "remount,size=64m", str(place)]
            yield place, None, lambda: subprocess.run(wider, check=True)  # noqa: S603
        else:
            yield place, kilobytes * 1024, lambda: None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)  # noqa: S603, S607
        shutil.rmtree(place)


def _read_only(place: Path, figures: Figures) -> None:
    """Asking and adding where corpus and cache may only be read; as nobody where we are root."""
    for what in ("corpus", "cache", "corpus and cache"):
        shelf = place / "shelf"
        shutil.rmtree(shelf, ignore_errors=True)
        settings = Settings(shelf / "corpus" / "news.db", shelf / "cache")
        in_child(partial(_filled, settings, place / "news"))
        for path in [shelf, *shelf.rglob("*")]:
            path.chmod(0o777 if path.is_dir() else 0o666)
        for part in what.split(" and "):
            for path in [shelf / part, *(shelf / part).rglob("*")]:
                path.chmod(0o555 if path.is_dir() else 0o444)
        (place / "news/more.txt").write_text(written(random.Random(9), 8))
        asked, code = in_child(partial(_as_nobody, settings, place / "news"))
        (place / "news/more.txt").unlink()
        figures.outcomes[f"{what} read-only: asked" if asked else f"{what} read-only: not asked"] += 1
        if not asked or code != (8 if "corpus" in what or "cache" in what else 0):
            figures.wrong.append(f"{what} read-only: asked {asked}, adding gave {code}")
        for path in [shelf, *shelf.rglob("*")]:
            path.chmod(0o777)


def _as_nobody(settings: Settings, news: Path) -> tuple[bool, int]:
    recipe()  # loads libraries, which may lie where nobody may not read
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    with opened(settings) as corpus:
        found = bool(corpus.search("harbour of Gdynia").hits)
    try:
        with opened(settings) as corpus:
            corpus.add([news])
    except GroundwireError as error:
        return found, int(error.exit_code)
    return found, 0


def _count(settings: Settings) -> int:
    """How many articles are in; none where there was not even room for the tables."""
    with suppress(CannotWrite), opened(settings) as corpus:
        return corpus.status().counts.articles
    return 0


def _contents(settings: Settings) -> dict[str, Any]:
    with opened(settings) as corpus:
        return contents(corpus)
