"""The place of one process that reads files: started when it is needed, ended at once, and filled anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import rag

_ROOT = str(Path(rag.__file__).parent.parent)


class Seat:
    """Belongs to one thread; any other may set it the clock and `stop` what sits in it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.deadline: float | None = None
        """When it is to be stopped, on the monotonic clock; None while nothing is waited for."""
        self.is_late = False
        """Whether it was stopped for that."""

    @property
    def is_empty(self) -> bool:
        """Whether whoever asks next gets a new process."""
        return self._process is None

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        process = self._process
        return None if process is None else process.pid

    def pipes(self) -> tuple[BinaryIO, BinaryIO]:
        """Where requests go and replies come from. Raises OSError where no process can be started."""
        self.is_late = False
        if self._process is None:
            self._process = _started()
        return cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)

    def stop(self) -> None:
        """End the process at once; who waits for a reply sees its end."""
        process = self._process
        if process is not None:
            with suppress(OSError):
                process.kill()

    def clear(self) -> int:
        """End the process and forget it; gives its exit code, negative for the signal that ended it first."""
        process, self._process = self._process, None
        if process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)  # it may be about to end by itself, and how is worth knowing
        with suppress(OSError):
            process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what it was not told any more
                cast("BinaryIO", pipe).close()
        return process.wait()


def _started() -> subprocess.Popen[bytes]:
    if not sys.executable:
        raise OSError("this Python does not know its own program")
    return subprocess.Popen(
        # -P: the folder that the user is in is not searched for modules.
        [sys.executable, "-P", "-m", "rag.load.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if os.environ.get("GROUNDWIRE_DEBUG") else subprocess.DEVNULL,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(dict.fromkeys([_ROOT, *filter(None, sys.path)])),
            "OMP_NUM_THREADS": "1",
        },
        # Ctrl-C goes to the terminal's whole group: it is the parent's to handle.
        process_group=0 if os.name == "posix" else None,
    )


def ended(code: int) -> str:
    """How a process ended, for a message."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def used_its_time(code: int) -> bool:
    """Whether the kernel ended it because its processor time was up; see `rag.load.confine.arm`."""
    return hasattr(signal, "SIGPROF") and code == -signal.SIGPROF
