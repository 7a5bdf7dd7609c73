"""Web archives (.mht, .mhtml): a page and what it shows, packed as one MIME message (RFC 2557).

Only the page itself is read; its address is where the archive says that it was saved from.
"""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import BinaryIO

from rag.load import html
from rag.load.source import Found, Loaded, Unreadable, read_whole
from rag.load.url import is_web_url
from rag.webpage import NotParsed, read_page

_PAGES = ("text/html", "application/xhtml+xml")
# Frames, each a page of its own, come before thousands of images in no archive.
_MOST_PARTS = 5_000


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of a web archive. Raises Unreadable, and whatever reading the stream raises."""
    source = read_whole(stream)
    message = _message(source)
    part = _page(message)
    if part is None:
        raise Unreadable("holds no web page: save it again from a browser as a web archive or as HTML")
    url = next((one for one in (found.options.url, *_addresses(message, part)) if one and is_web_url(one)), None)
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        raise Unreadable("is empty: the page in it holds nothing")
    try:
        page = read_page(content, url=url, encoding=part.get_content_charset())
    except NotParsed as error:
        raise Unreadable(str(error)) from None
    yield html.loaded(found, page, source, url=url)


def _message(source: bytes) -> Message:
    try:
        return BytesParser(policy=policy.compat32).parsebytes(source)
    except (ValueError, LookupError, RecursionError):
        raise Unreadable("is not a web archive that can be read; save the page again") from None


def _page(message: Message) -> Message | None:
    """The root of the archive: the part that its header names as the start, else the first page in it."""
    parts = [
        part for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False) if part.get_content_type() in _PAGES
    ]
    start = str(message.get_param("start") or "").strip("<>")
    named = (part for part in parts if start and str(part.get("Content-ID", "")).strip("<> ") == start)
    return next(named, next(iter(parts), None))


def _addresses(message: Message, part: Message) -> Iterator[str]:
    """Where the page was saved from: Chromium's header, the part's own location, the archive's."""
    for holder, name in (
        (message, "Snapshot-Content-Location"),
        (part, "Content-Location"),
        (message, "Content-Location"),
    ):
        yield "".join(str(holder.get(name) or "").split())
