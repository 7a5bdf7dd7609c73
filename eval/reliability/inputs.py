"""Ten thousand files that are broken, lie about themselves or mean harm, over all loaders.

Each is read by itself, and timed; then `groundwire add` is given the folder in which it lies with others. Whatever is
put in: no traceback, no more than five seconds, bounded memory, and every file is either in or skipped with a reason.
"""

from __future__ import annotations

import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from eval.reliability.made_inputs import harmful, planted
from eval.reliability.whole_inputs import mutated, samples
from rag.config import PASSAGE_SIZE
from rag.load import Found, Loaded, Pool, discover, shown
from rag.load.confine import MEMORY
from rag.load.pool import MOST_SECONDS, SECONDS
from rag.split import passages
from rag.types import Rejected

AT_ONCE = 200
"""Files in a folder."""

MOST_ADDING = 1024 * 1024 * 1024
"""Bytes that `add` may hold itself, whatever it is given."""

BOMB = 300 * 1024 * 1024
"""Bytes that something small unpacks to."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

GRACE = 1.0
"""Seconds for ending a process and starting another."""


@dataclass(slots=True)
class Kind:
    """What became of the files of one kind."""

    whole: int = 0
    partly: int = 0
    skipped: int = 0
    slowest: float = 0.0
    """Seconds of processor time."""


@dataclass(slots=True)
class Figures:
    """What came of it."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    articles: int = 0
    given_up: Counter[str] = field(default_factory=Counter)
    worker: int = 0
    """Bytes that a reader held."""
    adding: int = 0
    """Bytes that `add` held itself."""
    wrong: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """What is to be 0."""
        return len(self.wrong)

    @property
    def inputs(self) -> int:
        """How many there were."""
        return sum(kind.whole + kind.partly + kind.skipped for kind in self.kinds.values())

    def lines(self) -> list[str]:
        """For people."""
        megabyte = 1024 * 1024
        ended = ", ".join(f"{count} {why}" for why, count in sorted(self.given_up.items())) or "none"
        return [
            f"{'kind':<34} {'in':>6} {'in part':>8} {'skipped':>8} {'slowest':>9}",
            *(
                f"{name:<34} {kind.whole:>6} {kind.partly:>8} {kind.skipped:>8} {kind.slowest:>7.2f} s"
                for name, kind in sorted(self.kinds.items())
            ),
            f"{self.inputs:,} inputs, {self.articles:,} articles; readers that had to be ended: {ended}",
            f"most memory: of a reader {self.worker / megabyte:,.0f} MB, of add {self.adding / megabyte:,.0f} MB",
            f"not as promised: {len(self.wrong)}",
            *self.wrong[:20],
        ]


def run(count: int, seed: int = 0) -> Figures:
    """So many inputs: all that was made to do harm where `count` is large, and mutations of whole files."""
    figures, chance = Figures(), random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch, Pool(workers=1) as pool:
        place = Path(scratch)
        inputs = _inputs(count, chance)
        if count >= 1000:
            _plant(place / "planted", pool, figures)
        number = 0
        while some := list(islice(inputs, AT_ONCE)):
            folder = place / str(number)
            folder.mkdir()
            for at, (kind, end, content) in enumerate(some):
                file = folder / f"{at}{end}"
                file.write_bytes(content)
                _read(kind, file, pool, figures)
            _add(folder, figures)
            for file in folder.iterdir():
                file.unlink()
            number += 1
            print(f"  {figures.inputs:,} inputs, {figures.failures} not as promised", file=sys.stderr, flush=True)
    return figures


def _inputs(count: int, chance: random.Random) -> Iterator[tuple[str, str, bytes]]:
    whole = samples()
    made = 0
    for end, content in whole.items():
        for other in whole if count >= 1000 else (end, chance.choice(list(whole))):
            yield ("whole" if end == other else "under a wrong name"), other, content
            made += 1
    for kind, end, content in harmful(BOMB if count >= 1000 else BOMB // 10):
        if count >= 1000 or chance.random() < count / 2000:
            yield kind, end, content
            made += 1
    contents = list(whole.values())
    while made < count:
        end, content = chance.choice(list(whole.items()))
        kind, changed = mutated(content, contents, chance)
        yield kind, end, changed
        made += 1


def _plant(folder: Path, pool: Pool, figures: Figures) -> None:
    folder.mkdir()
    there = list(planted(folder))
    for kind, path in there:
        _read(kind, path, pool, figures)
    _add(folder, figures)
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.unlink()


def _read(kind: str, path: Path, pool: Pool, figures: Figures) -> None:
    """One input, by itself."""
    what = f"{kind}: {shown(path)!r}"
    row = figures.kinds.setdefault(kind, Kind())
    began, used = time.monotonic(), _used(pool)
    read = refused = 0
    limit = SECONDS
    try:
        for found in discover(path):
            if isinstance(found, Rejected):
                refused += 1
                figures.wrong.extend(_faults(what, found))
                continue
            with suppress(OSError):
                limit = max(limit, min(MOST_SECONDS, SECONDS + path.stat().st_size / 1024**2))
            for one in pool.open(found).articles():
                read += isinstance(one, Loaded)
                refused += isinstance(one, Rejected)
                figures.wrong.extend(_faults(what, one))
                if isinstance(one, Rejected) and one.reason.startswith(("took longer", "crashed", "needs more memory")):
                    figures.given_up[one.reason.partition(";")[0]] += 1
                    if "exit code" in one.reason:  # that is no parser's crash, but our own
                        figures.wrong.append(f"{what}: {one.reason}")
    except Exception as error:  # that there is none is what is tried
        figures.wrong.append(f"{what}: {type(error).__name__}: {error}")
    seconds = min(time.monotonic() - began, _used(pool) - used)  # on a machine that has other things to do as well
    figures.articles += read
    row.slowest = max(row.slowest, seconds)
    row.whole, row.partly, row.skipped = (
        row.whole + (read > 0 and not refused),
        row.partly + (read > 0 and refused > 0),
        row.skipped + (not read),
    )
    if not read and not refused and not path.is_dir():
        figures.wrong.append(f"{what}: neither in nor skipped")
    if seconds > max(limit, SECONDS) + GRACE and read + refused < 10:
        figures.wrong.append(f"{what}: took {seconds:.1f} s")
    for pid in _processes(pool):
        figures.worker = max(figures.worker, _peak(Path(f"/proc/{pid}/status")))
    if figures.worker > MEMORY:
        figures.wrong.append(f"{what}: its reader held {figures.worker:,} bytes")


def _faults(what: str, one: Loaded | Rejected | Found) -> Iterator[str]:
    """What is wrong with an outcome."""
    if isinstance(one, Rejected):
        if not one.reason.strip() or "\n" in one.reason or "Traceback" in one.reason or len(one.reason) > 2000:
            yield f"{what}: is no reason: {one.reason[:200]!r}"
        try:
            one.where.encode()
            one.reason.encode()
        except UnicodeEncodeError:
            yield f"{what}: cannot be printed: {one!r}"
    elif isinstance(one, Loaded):
        article = one.article
        told = [article.key, article.text, article.title or "", article.publisher or "", *article.authors]
        if any(_UNSTORABLE.search(text) for text in told):
            yield f"{what}: holds what cannot be stored"
        at = 0
        for span in article.skipped:
            if not at <= span.start < span.end <= len(article.text):
                yield f"{what}: its spans are not in order"
                break
            at = span.end
        for passage in islice(passages(article.text, article.skipped, PASSAGE_SIZE), 50):
            if not 0 <= passage.start < passage.end <= len(article.text):
                yield f"{what}: a passage outside its text"


_ADD = """
import atexit, sys
from pathlib import Path
kept = Path(sys.argv.pop(1))
atexit.register(lambda: kept.write_text(Path("/proc/self/status").read_text()))
from rag.commands import main
main()
"""
"""The command, which leaves behind what the system says of its memory."""


def _add(folder: Path, figures: Figures) -> None:
    """All of a folder, as a user does it."""
    corpus, status = folder.with_suffix(".db"), folder.with_suffix(".status")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _ADD, status, "add", folder, "--corpus", corpus, "--model", "none"],
        capture_output=True,
        env={**os.environ, "GROUNDWIRE_CACHE": str(folder.parent / "cache")},
        check=False,
    )
    told, errors = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    held = _peak(status)
    figures.adding = max(figures.adding, held)
    where = f"add {folder.name}"
    if done.returncode not in {0, 7} or " in " not in told:
        figures.wrong.append(f"{where}: exit code {done.returncode}: {errors[-300:]!r}")
    if "Traceback" in errors or "a fault of ours" in errors:
        figures.wrong.append(f"{where}: {errors[errors.find('Traceback') :][:300]!r}")
    for line in errors.splitlines():
        if not line.startswith(("skipped ", "groundwire: ")):
            figures.wrong.append(f"{where}: a line that begins otherwise: {line[:200]!r}")
    if held > MOST_ADDING:
        figures.wrong.append(f"{where}: held {held:,} bytes")
    for path in corpus.parent.glob(f"{corpus.name}*"):
        path.unlink()


def _processes(pool: Pool) -> list[int]:
    return [seat.pid for seat in pool.seats if seat.pid is not None]


def _used(pool: Pool) -> float:
    """Processor time of this process and of all readers so far, in seconds."""
    mine, gone = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = mine.ru_utime + mine.ru_stime + gone.ru_utime + gone.ru_stime
    for pid in _processes(pool):
        with suppress(OSError):
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seconds += (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def _peak(status: Path) -> int:
    """The most memory that a process has held, in bytes, by what the system says; 0 where it does not tell."""
    with suppress(OSError):
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
