"""Locks between processes, on files that stay where they are; the system lets go when a process ends, however."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import portalocker

from rag.errors import CannotWrite


@contextmanager
def held(file: Path, *, shared: bool = False, wait: float = 0.0) -> Iterator[bool]:
    """Try to hold the lock for up to `wait` seconds; gives whether it is held.

    Raises CannotWrite when the lock's file cannot be made or opened.
    """
    flags = portalocker.LockFlags.SHARED if shared else portalocker.LockFlags.EXCLUSIVE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("a+b")
    except OSError as error:
        raise CannotWrite(f"{file}: {error.strerror or error}; its folder has to be writable") from error
    with handle:
        yield _try(handle, flags | portalocker.LockFlags.NON_BLOCKING, wait)


def _try(handle: object, flags: portalocker.LockFlags, wait: float) -> bool:
    until = time.monotonic() + wait
    while True:
        try:
            portalocker.lock(handle, flags)  # type: ignore[arg-type]
            return True
        except portalocker.exceptions.BaseLockException:
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)
