"""What a process that reads files is told, and what it gives back: frames on a pipe.

A frame is a header in JSON and raw bytes beside it. Whoever reads one trusts nothing in it: a parser that a file has
taken over can write what it likes, and all that can come of it is one `Rejected`. So sizes are bounded before anything
is read into memory, every field is checked for its type, and nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

from rag.load.source import MAX_ARTICLE_BYTES, MEGABYTE, Found, Loaded, LoadOptions
from rag.types import Article, Origin, Rejected, SkipKind, SkippedSpan

MAX_HEADER = 64 * MEGABYTE
"""A million marked spans have 30 MB."""

MAX_BODY = 4 * MAX_ARTICLE_BYTES
"""An article of 20 MB in an encoding of one byte a character may have four in UTF-8."""

_LENGTHS = struct.Struct(">III")  # of the header and of the two bodies
_UNSTORABLE = frozenset("\0")


class BadFrame(Exception):
    """What came through the pipe is no frame."""


@dataclass(frozen=True, slots=True)
class Request:
    """A file to read, or the bytes of one."""

    found: Found
    seconds: float
    """Processor time that may pass without a result."""
    content: bytes | None = None
    """Read in place of the file."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has started and loaded what it needs for a file: from here on the time is the file's."""


@dataclass(frozen=True, slots=True)
class Item:
    """One article or refusal, and how many bytes of the file had been read by then."""

    one: Loaded | Rejected
    read: int

    @property
    def size(self) -> int:
        """About how much memory it holds."""
        if isinstance(self.one, Rejected):
            return 500
        return 500 + len(self.one.article.text) + len(self.one.source) + 100 * len(self.one.article.skipped)


@dataclass(frozen=True, slots=True)
class End:
    """The file was dealt with."""

    sha256: str | None = None
    """Of the file's own bytes; None where they were not read to their end."""
    leaves: bool = False
    """Whether the process ends now, because it has grown; another one goes on."""


def write_request(stream: BinaryIO, request: Request) -> None:
    """Tell what to read."""
    found = request.found
    header = {
        "file": os.fspath(found.file),
        "key_path": found.key_path,
        "bytes_at": None if found.bytes_at is None else os.fspath(found.bytes_at),
        "format": found.format,
        "columns": dict(found.options.columns),
        "url": found.options.url,
        "encoding": found.options.encoding,
        "seconds": request.seconds,
        "given": request.content is not None,
    }
    _write(stream, header, request.content or b"", b"")


def read_request(stream: BinaryIO) -> Request | None:
    """What to read next; None where nothing will come any more."""
    frame = _read(stream)
    if frame is None:
        return None
    header, content, _ = frame
    bytes_at = _string_or_none(header["bytes_at"])
    found = Found(
        Path(_string(header["file"])),
        _string(header["key_path"]),
        LoadOptions(
            {_string(key): _string(value) for key, value in _mapping(header["columns"]).items()},
            _string_or_none(header["url"]),
            _string_or_none(header["encoding"]),
        ),
        _string_or_none(header["format"]),
        None if bytes_at is None else Path(bytes_at),
    )
    return Request(found, float(str(header["seconds"])), content if header["given"] else None)


def write_reply(stream: BinaryIO, reply: Ready | Item | End) -> None:
    """Give back what was read. Raises BadFrame, before anything is written, for an article that is none."""
    if isinstance(reply, Ready):
        _write(stream, {"kind": "ready"}, b"", b"")
    elif isinstance(reply, End):
        _write(stream, {"kind": "end", "sha256": reply.sha256, "leaves": reply.leaves}, b"", b"")
    elif isinstance(reply.one, Rejected):
        one = reply.one
        _write(stream, {"kind": "rejected", "where": one.where, "reason": one.reason, "read": reply.read}, b"", b"")
    else:
        article, source = reply.one.article, reply.one.source
        known = {field.name: getattr(article, field.name) for field in fields(article) if field.name != "text"}
        known["skipped"] = [(span.start, span.end, span.kind) for span in article.skipped]
        header = {"kind": "article", "article": known, "notes": reply.one.notes, "read": reply.read}
        header["own_key"] = reply.one.own_key
        try:
            _article(json.loads(json.dumps(known)), article.text)
            text = article.text.encode("utf-8")
        except (TypeError, ValueError) as error:
            raise BadFrame(str(error)) from error
        _write(stream, header, text, source)


def read_reply(stream: BinaryIO) -> Ready | Item | End:
    """What was read. Raises BadFrame for anything else, and EOFError where the process has ended."""
    frame = _read(stream)
    if frame is None:
        raise EOFError
    header, text, source = frame
    try:
        match header["kind"]:
            case "ready":
                return Ready()
            case "end":
                return End(_digest(header["sha256"]), header["leaves"] is True)
            case "rejected":
                return Item(Rejected(_string(header["where"]), _string(header["reason"])), _count(header["read"]))
            case "article":
                article = _article(_mapping(header["article"]), text.decode("utf-8"))
                notes = tuple(_string(note) for note in _list(header["notes"]))
                own_key = _string_or_none(header["own_key"])
                return Item(Loaded(article, source, notes, own_key), _count(header["read"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadFrame(str(error)) from error
    raise BadFrame("a kind that there is not")


def _write(stream: BinaryIO, header: Mapping[str, object], first: bytes, second: bytes) -> None:
    told = json.dumps(header).encode("ascii")
    if len(told) > MAX_HEADER or max(len(first), len(second)) > MAX_BODY:
        raise BadFrame("too much for a frame")
    stream.write(_LENGTHS.pack(len(told), len(first), len(second)))
    for part in (told, first, second):
        stream.write(part)
    stream.flush()


def _read(stream: BinaryIO) -> tuple[Mapping[str, object], bytes, bytes] | None:
    lengths = stream.read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise EOFError
    sizes = _LENGTHS.unpack(lengths)
    if sizes[0] > MAX_HEADER or max(sizes[1:]) > MAX_BODY:
        raise BadFrame("longer than any frame")
    parts = [stream.read(size) for size in sizes]
    if any(len(part) < size for part, size in zip(parts, sizes, strict=True)):
        raise EOFError
    try:
        return _mapping(json.loads(parts[0].decode("ascii"))), parts[1], parts[2]
    except (ValueError, TypeError, RecursionError) as error:
        raise BadFrame(str(error)) from error


def _article(known: Mapping[str, object], text: str) -> Article:
    """The article, with everything about it checked. Raises TypeError and ValueError."""
    if known.keys() != _FIELDS.keys():
        raise ValueError("not the fields of an article")
    if not _UNSTORABLE.isdisjoint(text):
        raise ValueError("a text that cannot be stored")
    made = Article(text=text, **{name: read(known[name]) for name, read in _FIELDS.items()})
    at = 0
    for span in made.skipped:
        if not at <= span.start < span.end <= len(text):
            raise ValueError("spans that are not in order")
        at = span.end
    if made.pages and (made.pages[0] != 0 or list(made.pages) != sorted(made.pages) or made.pages[-1] > len(text)):
        raise ValueError("pages that are not in order")
    return made


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    value.encode("utf-8")  # raises ValueError for half a pair
    if not _UNSTORABLE.isdisjoint(value):
        raise ValueError("a string that cannot be stored")
    return value


def _string_or_none(value: object) -> str | None:
    return None if value is None else _string(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not a count")
    return value


def _digest(value: object) -> str | None:
    if value is None:
        return None
    told = _string(value)
    if len(told) != 64 or not set(told) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256")
    return told


def _spans(value: object) -> tuple[SkippedSpan, ...]:
    made = []
    for one in _list(value):
        start, end, kind = _list(one)
        made.append(SkippedSpan(_count(start), _count(end), SkipKind(_string(kind))))
    return tuple(made)


def _origin(value: object) -> Origin | None:
    return None if value is None else Origin(_string(value))


def _strings(value: object) -> tuple[str, ...]:
    return tuple(_string(one) for one in _list(value))


# How each field of an article is read; a test holds that none is missing.
_FIELDS: Mapping[str, Callable[[object], Any]] = {
    "key": _string,
    "title": _string_or_none,
    "publisher": _string_or_none,
    "authors": _strings,
    "published": _string_or_none,
    "url": _string_or_none,
    "path": _string_or_none,
    "skipped": _spans,
    "published_from": _origin,
    "updated": _string_or_none,
    "updated_from": _origin,
    "section": _string_or_none,
    "language": _string_or_none,
    "agency": _string_or_none,
    "pages": lambda value: tuple(_count(one) for one in _list(value)),
}
