"""JSON Lines: one article a line, with whatever is known of it.

``text`` and any of ``id``, ``url``, ``title``, ``authors`` (a list, or one string), ``publisher``, and ``published`` or
``publish_date``. What is given wins over what the text says of itself. A line that is no article is rejected by its
number, and the others go in.
"""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from rag.clean import read_page, split_authors
from rag.dates import parse_published
from rag.load.source import MAX_ARTICLE_BYTES, MAX_FILE_BYTES, MEGABYTE, Found, Loaded, Unreadable, shown
from rag.load.url import canonical_url, is_web_url
from rag.types import Article, Rejected, article_id, text_version

_CHUNK = MEGABYTE
# Cannot be stored: NUL ends a string for half of the world, a lone surrogate is no character in UTF-8.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

_Record = dict[str, object]


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The articles of a JSON Lines file, read line by line. Raises Unreadable, and whatever reading the stream raises.

    An article's key is its canonical URL, else its id, else ``<key path>#<12 digits of its text's version>``: a line
    with neither is known by its text, so it stays the same article when lines around it come and go.
    """
    lines_of: dict[str, int] = {}
    number = 0
    for number, line in _lines(stream):
        where = f"{shown(found.file)}, line {number}"
        try:
            loaded = _loaded(found, line)
        except Unreadable as error:
            yield Rejected(where, str(error))
            continue
        # The short id instead of the key: a file may hold a million of them.
        first = lines_of.setdefault(article_id(loaded.article.key), number)
        if first == number:
            yield loaded
        else:
            yield Rejected(where, f"has the same id or URL as line {first}; give it its own, or leave it out")
    if not number:
        raise Unreadable("is empty: it holds no articles")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, numbered from 1, without their ends; None for one that is too long."""
    number = read = 0
    while line := stream.readline(MAX_ARTICLE_BYTES + 1):
        number += 1
        if number == 1:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise Unreadable("is UTF-16; convert it, for example with: iconv -f UTF-16 -t UTF-8")
            line = line.removeprefix(codecs.BOM_UTF8)
        read += len(line)
        if len(line) > MAX_ARTICLE_BYTES and not line.endswith(b"\n"):
            read += _skip_line(stream)
            yield number, None
        elif line.strip():
            yield number, line.rstrip(b"\r\n")
        if read > MAX_FILE_BYTES:
            raise Unreadable(
                f"holds more than {MAX_FILE_BYTES // MEGABYTE} MB; what follows line {number} was left out"
            )


def _skip_line(stream: BinaryIO) -> int:
    """Read to the end of the line; returns how many bytes that were."""
    read = 0
    while rest := stream.readline(_CHUNK):
        read += len(rest)
        if rest.endswith(b"\n") or read > MAX_FILE_BYTES:
            break
    return read


def _loaded(found: Found, line: bytes | None) -> Loaded:
    """The article on a line. Raises Unreadable where there is none."""
    if line is None:
        raise Unreadable(f"is longer than {MAX_ARTICLE_BYTES // MEGABYTE} MB, too much for one article")
    record = _record(line)
    text = _string(record, "text")
    if not text.strip():
        raise Unreadable('has no "text"' if "text" not in record else 'its "text" is empty')
    title, url, authors = _string(record, "title").strip(), _string(record, "url").strip(), _authors(record)
    given = _date(record)
    page = read_page(text, title=title or None, authors=authors)
    notes = (
        [f'"{given}" is not a date: the article is taken as undated'] if given and not parse_published(given) else []
    )
    if url and not is_web_url(url):
        notes.append(f'"{url}" is not a web address and was left out')
    article = Article(
        key=_key(found, record, url, text),
        text=text,
        title=page.title,
        publisher=_string(record, "publisher").strip() or page.publisher,
        authors=page.authors,
        published=parse_published(given) if given else page.published,
        url=url if is_web_url(url) else None,
        path=os.path.abspath(found.file),  # noqa: PTH100 (resolve() would follow links: the user's own name stays)
        skipped=page.skipped,
    )
    return Loaded(article, line, tuple(notes))


def _record(line: bytes) -> _Record:
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 (byte 0x{line[error.start]:02x} at offset {error.start} of the line)") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: {error.msg} at character {error.pos + 1}") from None
    except ValueError as error:  # NaN, Infinity, integers of thousands of digits
        raise Unreadable(f"is not JSON that can be read: {error}") from None
    except RecursionError:
        raise Unreadable("is nested too deeply to be an article") from None
    if not isinstance(record, dict):
        raise Unreadable('is not a JSON object such as {"text": "..."}')
    return record


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _string(record: _Record, name: str) -> str:
    """The text of a field; empty where it is missing or null. Raises Unreadable where it is anything else."""
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f'its "{name}" is not a string')
    return _storable(value, name)


def _storable(value: str, name: str) -> str:
    if found := _UNSTORABLE.search(value):
        raise Unreadable(f'its "{name}" holds U+{ord(found.group()):04X}, which cannot be stored; remove it')
    return value


def _authors(record: _Record) -> tuple[str, ...]:
    value = record.get("authors")
    if not isinstance(value, list):
        return split_authors(_string(record, "authors"))
    names = [_storable(name, "authors").strip() for name in value if isinstance(name, str)]
    if len(names) < len(value):
        raise Unreadable('its "authors" is not a list of strings')
    return tuple(dict.fromkeys(filter(None, names)))


def _date(record: _Record) -> str:
    """What is given as the date; a bare year may be a number."""
    for name in ("published", "publish_date"):
        value = record.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if given := _string(record, name).strip():
            return given
    return ""


def _key(found: Found, record: _Record, url: str, text: str) -> str:
    value = record.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise Unreadable('its "id" is neither a string nor a whole number')
    if is_web_url(url):
        return canonical_url(url)
    return _storable((value or "").strip(), "id") or f"{found.key_path}#{text_version(text)[:12]}"
