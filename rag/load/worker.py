"""The process that reads untrusted files: ``python -m rag.load.worker``, started by `rag.load.pool` alone.

It takes requests on its standard input and gives replies on its standard output; see `rag.load.frames`. It ends when
its input does, which is when its parent does, however that came about.
"""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO

from rag.load import formats
from rag.load.confine import MEMORY, arm, confine, peak_memory
from rag.load.frames import BadFrame, End, Item, Ready, Request, read_request, write_reply
from rag.load.reading import Source, loaded_from, placed, recognise
from rag.load.source import MEGABYTE, READ_ERRORS, Found, Loaded, reason
from rag.types import Rejected

GROWN = 700 * MEGABYTE
"""A process that has held more than this is replaced, for memory is seldom given back."""

MOST_FILES = 1000
"""After so many files likewise: libraries leak."""


def main() -> None:
    """Serve until there is nothing more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the parent's to handle
    asked, replies = _pipes()
    confine()
    waiting: SimpleQueue[Request] = SimpleQueue()
    Thread(target=_listen, args=(asked, waiting), daemon=True).start()
    with suppress(BrokenPipeError):
        for served in range(1, MOST_FILES + 1):
            digest = _serve(waiting.get(), replies)
            leaves = served == MOST_FILES or peak_memory() > GROWN
            write_reply(replies, End(digest, leaves))
            if leaves:
                break
    os._exit(0)  # whatever a library's threads are still about


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Where requests come from and replies go; what a library prints goes nowhere."""
    asked, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return asked, replies


def _listen(asked: BinaryIO, waiting: SimpleQueue[Request]) -> None:
    """Pass requests on; when there is nobody to ask any more, end the process, whatever it is doing."""
    with suppress(BadFrame, EOFError, OSError, KeyError, TypeError, ValueError):
        while (request := read_request(asked)) is not None:
            waiting.put(request)
    os._exit(0)


def _serve(request: Request, replies: BinaryIO) -> str | None:
    """Read one file; gives its hash, where it was read to its end."""
    found, source = request.found, Source(request.found)
    one: Loaded | Rejected | None
    what = "file"
    articles: Iterator[Loaded | Rejected] = iter(())
    begun = False
    while True:
        try:
            if not begun:
                begun = True  # once only: what cannot be prepared is said, and that is all
                what = _prepared(request)  # importing libraries takes time that is not the file's
                write_reply(replies, Ready())
                articles = source.articles() if request.content is None else _given(found, request.content)
            arm(request.seconds)
            one = next(articles, None)
        except Exception as error:  # other people's parsers: whatever they raise is what is wrong with the file
            one = Rejected(found.where, _why(error, what))
            articles = iter(())
        finally:
            arm(0)
        if one is None:
            return source.sha256()
        try:
            write_reply(replies, Item(one, source.bytes_read))
        except BadFrame as error:
            said = f"was read as what cannot be an article ({error}); it was left out"
            write_reply(replies, Item(Rejected(found.where, said), source.bytes_read))


def _prepared(request: Request) -> str:
    """What the file is, once all that is needed to read it is loaded."""
    format = formats.named(request.found.format) if request.found.format else recognise(request.found).format
    formats.loader(format)
    return formats.article_of(format.name)


def _given(found: Found, content: bytes) -> Iterator[Loaded | Rejected]:
    for one in loaded_from(found, io.BytesIO(content), is_kept=True):  # type: ignore[arg-type]
        yield placed(found, one)


def _why(error: Exception, what: str) -> str:
    match error:
        case MemoryError():
            return f"needs more memory than {MEMORY // MEGABYTE:,} MB to read; split it"
        case RecursionError():
            return "is nested too deeply to be read"
        case _ if isinstance(error, READ_ERRORS):
            return reason(error)
    said = " ".join(str(error).split())[:150]
    kind = type(error).__name__
    return f"cannot be read as {what}: {kind}{f': {said}' if said else ''}; open it with its program and save it anew"


if __name__ == "__main__":
    main()
