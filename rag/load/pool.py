"""Files read by other processes, ahead of whoever wants their articles.

A parser that hangs, crashes or takes all memory costs one file: its process is ended and replaced, and the file is
rejected with the reason. Articles come in the order of the files, and are those that one process would give. Formats
in which nothing can hang are read in this process, when their turn comes.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Self

from rag.load.frames import BadFrame, End, Item, Request, read_reply, write_request
from rag.load.process import Seat, ended, used_its_time
from rag.load.reading import Reading, Source, recognise
from rag.load.source import MEGABYTE, READ_ERRORS, Found, Loaded, reason
from rag.types import Rejected

SECONDS = 5.0
"""Processor time without a result after which a file is given up; one second more for each whole megabyte of it."""

MOST_SECONDS = 25.0

PATIENCE = 6.0
"""How many times longer it may take by the clock: the machine may be busy, or the disk far away."""

STARTING = 60.0
"""Seconds by the clock until a process has started and loaded what a file needs; no file is to blame for them."""

BUDGET = 64 * MEGABYTE
"""What may be read ahead; beyond it one article for each process."""

MOST_WORKERS = 4
"""Who embeds needs the processors too."""

_BUSY = "; the machine may be too busy or the disk too far away: add it once more"

_TICK = 0.1
"""Seconds between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """Why a file was not read."""

    why: str
    by_clock: bool = False
    """Whether only the clock ended it: on a machine less busy it might have been read."""


@dataclass(slots=True)
class _Ahead:
    """What the threads share; `changed` guards it."""

    budget: int
    changed: Condition = field(default_factory=Condition)
    jobs: deque[_Job] = field(default_factory=deque)
    """Not yet begun."""
    held: int = 0
    """Bytes of articles that wait to be taken."""
    idle: int = 0
    """Threads that wait for a job."""
    closing: Event = field(default_factory=Event)


class Pool:
    """The processes, each with a thread that feeds it. To be closed, which ends them at once."""

    def __init__(
        self,
        *,
        workers: int | None = None,
        seconds: float = SECONDS,
        patience: float = PATIENCE,
        starting: float = STARTING,
        budget: int = BUDGET,
    ) -> None:
        self._most = workers or max(1, min(MOST_WORKERS, os.cpu_count() or 1))
        self._seconds, self._patience, self._starting = seconds, patience, starting
        self._ahead = _Ahead(budget)
        self.seats: list[Seat] = []
        """For measuring: where the processes are."""
        self._threads: list[Thread] = []

    def open(self, found: Found, *, at_once: bool = False) -> Reading:
        """The file, on its way in: what another process has to read is begun, after what was opened before it.

        `at_once`: beside all that was opened before it, in a process of its own.
        """
        try:
            known = recognise(found)
        except READ_ERRORS as error:
            return _Refused(Rejected(found.where, reason(error)))
        named = replace(found, format=known.format.name)
        if not known.format.isolated:
            return Source(named)
        return self._begun(Request(named, self._limit(known.size)), at_once=at_once)

    def read(self, found: Found, content: bytes) -> Reading:
        """The articles in bytes that were kept of a file; its format has to be told."""
        return self._begun(Request(found, self._limit(len(content)), content), at_once=False)

    def close(self) -> None:
        """End every process."""
        self._ahead.closing.set()
        with self._ahead.changed:
            self._ahead.jobs.clear()
            for seat in self.seats:
                seat.stop()
            self._ahead.changed.notify_all()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _limit(self, size: int) -> float:
        return max(self._seconds, min(MOST_SECONDS, self._seconds + size // MEGABYTE))

    def _begun(self, request: Request, *, at_once: bool) -> _Job:
        ahead = self._ahead
        job = _Job(ahead, request)
        with ahead.changed:
            if not self._threads:
                self._start(self._watch)
            if at_once:
                self._seat(iter([job]))
                return job
            ahead.jobs.append(job)
            if len(ahead.jobs) > ahead.idle and len(self.seats) < self._most:
                self._seat(self._queued())
            ahead.changed.notify_all()
        return job

    def _seat(self, jobs: Iterator[_Job]) -> None:
        seat = Seat()
        self.seats.append(seat)
        self._start(lambda: self._serve(seat, jobs))

    def _start(self, work: Callable[[], None]) -> None:
        thread = Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    # -- in the threads ----------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """End what takes too long by the clock."""
        while not self._ahead.closing.wait(_TICK):
            now = time.monotonic()
            for seat in list(self.seats):
                if seat.deadline is not None and now > seat.deadline:
                    seat.is_late = True
                    seat.stop()

    def _queued(self) -> Iterator[_Job]:
        ahead = self._ahead
        while True:
            with ahead.changed:
                ahead.idle += 1
                while not ahead.jobs and not ahead.closing.is_set():
                    ahead.changed.wait()
                ahead.idle -= 1
                if ahead.closing.is_set():
                    return
                job = ahead.jobs.popleft()
            yield job

    def _serve(self, seat: Seat, jobs: Iterator[_Job]) -> None:
        for job in jobs:
            was_empty = seat.is_empty
            failed = self._carried_out(seat, job)
            # In a new process: the fault may be that of a file before, or of a moment when the machine was busy.
            by_chance = failed is not None and (failed.by_clock or not was_empty)
            if by_chance and not job.given and not self._ahead.closing.is_set():
                failed = self._carried_out(seat, job)
            if failed is not None:
                job.put(Item(Rejected(job.request.found.where, failed.why), 0))
                job.end(None)
        seat.clear()

    def _carried_out(self, seat: Seat, job: _Job) -> _Failed | None:
        """Have a file read; gives why that failed, if it did."""
        request, allowed, is_ready = job.request, self._starting, False
        try:
            requests, replies = seat.pipes()
            if self._ahead.closing.is_set():
                seat.stop()  # started behind the back of `close`
            write_request(requests, request)
            while True:
                seat.deadline = time.monotonic() + allowed
                reply = read_reply(replies)
                seat.deadline = None
                allowed = self._patience * request.seconds
                if isinstance(reply, End):
                    break
                if isinstance(reply, Item):
                    job.put(Item(_at_home(request.found, reply.one), reply.read))
                elif is_ready:
                    raise BadFrame("ready twice: it plays for time")
                is_ready = True
        except (EOFError, BrokenPipeError):
            code, late = seat.clear(), seat.is_late
            if used_its_time(code):
                return _Failed(f"took more than {request.seconds:.0f} s of processor time to read; it was left out")
            if late:
                return _Failed(f"gave nothing for {allowed:.0f} s by the clock{_BUSY}", by_clock=True)
            return _Failed(f"crashed its reader ({ended(code)}); open it with its program and save it anew")
        except BadFrame:
            seat.clear()
            return _Failed("made its reader give back what is no article; it was left out")
        except OSError as error:
            seat.clear()
            return _Failed(f"was not read: no process can be started for it here ({error.strerror or error})")
        finally:
            seat.deadline = None
        if reply.leaves:
            seat.clear()
        job.end(reply.sha256)
        return None


class _Job:
    """One file that another process reads; its articles wait here."""

    def __init__(self, ahead: _Ahead, request: Request) -> None:
        self.request = request
        self.given = 0
        """How many articles and refusals came."""
        self._ahead = ahead
        self._items: list[Item] = []
        self._is_wanted = self._is_done = self._is_dropped = False
        self._sha256: str | None = None
        self._read = 0

    @property
    def bytes_read(self) -> int:
        """How far the file had been read when the last article that was taken was found."""
        return self._read

    def sha256(self) -> str | None:
        """Of the file's own bytes; None until all of its articles were taken, and where it was not read to its end."""
        return self._sha256 if self._is_done and not self._items else None

    def articles(self) -> Iterator[Loaded | Rejected]:
        """As they come."""
        ahead = self._ahead
        try:
            with ahead.changed:
                self._is_wanted = True
                ahead.changed.notify_all()
            while items := self._taken():
                for item in items:
                    self._read = item.read
                    yield item.one
        finally:
            self.drop()

    def drop(self) -> None:
        """Nobody wants what is left of it."""
        ahead = self._ahead
        with ahead.changed:
            self._is_dropped = True
            ahead.held -= sum(item.size for item in self._items)
            self._items = []
            ahead.changed.notify_all()

    def put(self, item: Item) -> None:
        """Keep an article until it is taken; waits while too much is kept already."""
        ahead = self._ahead
        with ahead.changed:
            while ahead.held + item.size > ahead.budget and not self._may_grow():
                ahead.changed.wait()
            self.given += 1
            if self._is_dropped:
                return
            self._items.append(item)
            ahead.held += item.size
            if len(self._items) == 1:  # else whoever waits for it knows
                ahead.changed.notify_all()

    def end(self, sha256: str | None) -> None:
        """Nothing more will come."""
        with self._ahead.changed:
            self._is_done, self._sha256 = True, sha256
            self._ahead.changed.notify_all()

    def _may_grow(self) -> bool:
        """Whoever is waited for goes on, or all would wait; and so does what nobody wants any more."""
        return (self._is_wanted and not self._items) or self._is_dropped or self._ahead.closing.is_set()

    def _taken(self) -> list[Item]:
        """All that waits, for a table may have a million rows; nothing once there is no more."""
        ahead = self._ahead
        with ahead.changed:
            while not self._items and not self._is_done and not ahead.closing.is_set():
                ahead.changed.wait()
            items, self._items = self._items, []
            ahead.held -= sum(item.size for item in items)
            ahead.changed.notify_all()
            return items


class _Refused:
    """A file that was not even begun."""

    bytes_read = 0

    def __init__(self, rejected: Rejected) -> None:
        self._rejected = rejected

    def articles(self) -> Iterator[Loaded | Rejected]:
        yield self._rejected

    def sha256(self) -> str | None:
        return None

    def drop(self) -> None:
        pass


def _at_home(found: Found, one: Loaded | Rejected) -> Loaded | Rejected:
    """What came, with the path that is known here, whatever its reader says of that."""
    if isinstance(one, Rejected):
        return one
    path = None if found.bytes_at is not None else os.path.abspath(found.file)  # noqa: PTH100 (resolve() would follow links)
    return replace(one, article=replace(one.article, path=path))
