"""What a process that reads untrusted files may not do: take all memory, run for ever, reach the network.

Each limit holds as far as the system has it; where it has not, the parent's own clock and the frames' bounds remain.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import sys

MEMORY = 2048 * 1024 * 1024
"""Bytes of address space: a document of 20 MB, its parsed tree and the libraries take well under half of it."""

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET, sched.h
_REFUSED = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostby")
_REFUSED_STARTS = ("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system")


def confine() -> None:
    """Give up for good what reading a file does not need. To be called before any thread is started."""
    limit_memory(MEMORY)
    _leave_network()
    sys.addaudithook(_refuse)


def limit_memory(size: int) -> None:
    """At most so much address space, and no core file."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def arm(seconds: float) -> None:
    """Let the kernel end this process once it has used so many seconds of processor time from now; 0 takes it back.

    Processor time: a file is not refused because the machine is busy with something else. SIGPROF ends a process that
    does not handle it, also one that is deep in somebody's C.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _leave_network() -> None:
    """On Linux: move into a network of its own, where there is nothing."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        unshare = ctypes.CDLL(None, use_errno=True).unshare
        # The first takes privileges, the second takes them away: a user who has none loses nothing.
        if unshare(_NEW_NETWORK) != 0 and os.geteuid() != 0:
            unshare(_NEW_USER | _NEW_NETWORK)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED) or event in _REFUSED_STARTS:
        raise OSError(errno.EOPNOTSUPP, f"{event} is not for what reads files")
