"""Mailboxes in the mbox format: one article a message, read one at a time.

A message begins at a line "From …" after a blank line; what programs wrote as ">From " in a text is "From " again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from rag.load.email import articles
from rag.load.source import MAX_ARTICLE_BYTES, MAX_FILE_BYTES, MEGABYTE, Found, Loaded, Unreadable
from rag.types import Rejected, article_id

_BEGINS = re.compile(rb"From \S.{0,200}\d")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LONGEST_LINE = MEGABYTE


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The messages of a mailbox and their attachments. Raises Unreadable, and whatever reading the stream raises.

    A message without a Message-ID goes by the version of its text, so it stays the same article wherever it stands.
    """
    first_with: dict[str, int] = {}
    number = 0
    for number, message in enumerate(_messages(stream), 1):
        where = f"{found.where}, message {number}"
        try:
            if message is None:
                raise Unreadable(f"is larger than {MAX_ARTICLE_BYTES // MEGABYTE} MB, too much for one article")
            loaded = list(articles(found, message, f"{found.key_path}#*"))
        except Unreadable as error:
            yield Rejected(where, str(error))
            continue
        for one in loaded:
            if isinstance(one, Rejected):
                yield one
                continue
            # The short id instead of the key: a mailbox may hold a million messages.
            first = first_with.setdefault(article_id(one.article.key), number)  # within it, `articles` tells them apart
            if first == number:
                yield one
            else:
                yield Rejected(where, f"is there a second time: it repeats message {first}")
    if not number:
        raise Unreadable("holds no messages")


def _messages(stream: BinaryIO) -> Iterator[bytes | None]:
    """The bytes of each message without its "From " line; None for one that is too large."""
    held: list[bytes] = []
    size = read = 0
    begun = False
    after_blank = True
    while line := stream.readline(_LONGEST_LINE):
        read += len(line)
        if read > MAX_FILE_BYTES:
            raise Unreadable(f"holds more than {MAX_FILE_BYTES // MEGABYTE} MB; what follows was left out")
        if after_blank and _BEGINS.match(line):
            if begun:
                yield _message(held, size)
            held, size, begun = [], 0, True
        elif begun:
            size += len(line)
            if size <= MAX_ARTICLE_BYTES:
                held.append(line)
        elif line.strip():
            raise Unreadable('does not begin with a line "From …", as a mailbox does')
        after_blank = not line.strip()
    if begun:
        yield _message(held, size)


def _message(lines: list[bytes], size: int) -> bytes | None:
    return _ESCAPED.sub(rb"\1", b"".join(lines)) if size <= MAX_ARTICLE_BYTES else None
