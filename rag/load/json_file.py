"""JSON: an article, a list of articles, or an object that holds such a list, as news APIs answer.

Read as a stream of events, so that a list may be larger than memory. See `rag.load.records` for the names of fields.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import ijson

from rag.load import records
from rag.load.source import MAX_ARTICLE_BYTES, MAX_FILE_BYTES, MEGABYTE, Found, Loaded, Unreadable
from rag.types import Rejected

CONTAINERS = frozenset(
    {
        "articles",
        "data",
        "docs",
        "documents",
        "hits",
        "items",
        "news",
        "posts",
        "response",
        "results",
        "stories",
        "value",
    }
)
"""What the objects and lists are called that hold the articles in what a news API or a search engine answers."""

DEEPEST = 64
"""Levels of nesting that an article may have; a program wrote what is deeper, or malice."""

_OPENING, _CLOSING = frozenset({"start_map", "start_array"}), frozenset({"end_map", "end_array"})


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The articles of a JSON file. Raises Unreadable, and whatever reading the stream raises."""
    records.check_fields(found.options.columns)
    count = 0
    for one in records.told_apart(found, "article", _articles(found, stream)):
        count += 1
        yield one
    if not count:
        raise Unreadable('holds no article: neither an object with a "text" nor a list of such objects')


def _articles(found: Found, stream: BinaryIO) -> Iterator[tuple[int, Loaded | Unreadable]]:
    for number, record in enumerate(_records(stream), 1):
        try:
            if isinstance(record, Unreadable):
                raise record
            opened = records.opened(record, found.options.columns)
            columns = records.Columns.recognised(opened, found.options.columns)
            yield number, records.loaded(found, opened, columns)
        except Unreadable as error:
            yield number, error


def _records(stream: BinaryIO) -> Iterator[records.Record | Unreadable]:
    """The objects that may be articles: those of a list at the top or in a container, else the top ones themselves."""
    walk = _Walk()
    try:
        events = ijson.basic_parse(_Bounded(stream), multiple_values=True, use_float=True, buf_size=MEGABYTE)
        for event, value in events:
            found = walk.take(event, value)
            if found is not None:
                yield found
    except ijson.JSONError as error:
        raise Unreadable(f"is not JSON: {_said(error)}; what stands before that was read") from None


class _Bounded:
    """A stream without its byte order mark, that ends with an error where it is too long."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        if not self._read:
            if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise Unreadable("is UTF-16; convert it, for example with: iconv -f UTF-16 -t UTF-8")
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        self._read += len(chunk)
        if self._read > MAX_FILE_BYTES:
            raise Unreadable(f"holds more than {MAX_FILE_BYTES // MEGABYTE} MB; the rest was left out")
        return chunk


@dataclass(slots=True)
class _Object:
    """An object that is being read."""

    depth: int
    """How many objects and lists it stands in."""
    builder: ijson.ObjectBuilder = field(default_factory=ijson.ObjectBuilder)
    size: int = 0
    """Characters and values in it."""

    def take(self, event: str, value: object) -> None:
        self.size += 1 + (len(value) if isinstance(value, str) else 0)
        # Too long is found out at its end; what it holds till then is not kept.
        if self.size <= MAX_ARTICLE_BYTES or event in _OPENING or event in _CLOSING:
            self.builder.event(event, value)

    def made(self) -> records.Record | Unreadable:
        if self.size > MAX_ARTICLE_BYTES:
            return Unreadable(f"is longer than {MAX_ARTICLE_BYTES // MEGABYTE} MB, too much for one article")
        made: records.Record = self.builder.value
        return made


@dataclass(slots=True)
class _Walk:
    """Where in the file the parser is, and the objects that it is in."""

    path: list[str | None] = field(default_factory=list)
    """Of each open object its present key, of each open list None."""
    top: _Object | None = None
    listed: _Object | None = None
    """An object of a list of articles; it is no part of `top`."""
    lists: int = 0
    """Articles that were found in lists within `top`."""

    def take(self, event: str, value: object) -> records.Record | Unreadable | None:
        """An object that is complete with this event."""
        if event == "map_key":
            self.path[-1] = str(value)
        if event in _CLOSING:
            self.path.pop()
        if event == "start_map":
            self._begin()
        building = self.listed or self.top
        if building is not None:
            building.take(event, value)
        if event in _OPENING:
            self.path.append(None)
            if len(self.path) > DEEPEST:
                raise Unreadable("is nested too deeply to hold articles")
        return self._ended() if event == "end_map" else None

    def _begin(self) -> None:
        """An object begins: at the top, or as one of a list that is called as lists of articles are."""
        if not self.path:
            self.top, self.lists = _Object(0), 0
        elif self.listed is None and self.path[-1] is None and all(one in CONTAINERS for one in self.path[:-1]):
            self.listed = _Object(len(self.path))

    def _ended(self) -> records.Record | Unreadable | None:
        if self.listed is not None:
            if len(self.path) > self.listed.depth:
                return None
            made, self.listed = self.listed.made(), None
            self.lists += 1
            return made
        if self.path or self.top is None:
            return None
        around, self.top = self.top.made(), None
        # What stands around a list of articles is one itself only where it has a text of its own.
        return None if self.lists and not _has_text(around) else around


def _has_text(record: records.Record | Unreadable) -> bool:
    return not isinstance(record, Unreadable) and "text" in records.Columns.fields(records.opened(record, {}))


def _said(error: Exception) -> str:
    """The parser's own words, without its picture of the place."""
    said = error.args[0] if error.args else "it cannot be read"
    line = (said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)).split("\n", maxsplit=1)[0]
    return line.removeprefix("parse error: ").removeprefix("lexical error: ").strip().rstrip(".")
