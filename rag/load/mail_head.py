"""The headers of an e-mail: decoded, and told as what an article is told of.

Pure: a message in, names and dates out. Knows nothing of its text.
"""

from __future__ import annotations

import binascii
import codecs
import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from rag.clean import split_authors
from rag.clean.names import is_outlet
from rag.dates import parse_published
from rag.load.blocks import Properties, language_of, one_line
from rag.load.encodings import decoded_best
from rag.load.url import is_web_url

_LONGEST_HEADER = 10_000
_FORWARDS = re.compile(r"(?:(?:fwd?|wg|tr|rv|i)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """What a mail's headers say."""

    identity: str | None
    url: str | None
    said: Properties


def read_head(message: Message) -> Head:
    """Who sent it, when, under which subject, and by which names it is known."""
    identity = re.sub(r"\s", "", _header(message, "Message-ID")).strip("<>")
    url = _header(message, "Archived-At").strip("<> ")
    authors, publisher = _sender(message)
    return Head(
        identity=identity if 3 <= len(identity) <= 250 else None,
        url=url if is_web_url(url) else None,
        said=Properties(
            title=_FORWARDS.sub("", _header(message, "Subject"), count=1) or None,
            authors=authors,
            publisher=publisher,
            created=_date(_header(message, "Date")),
            language=language_of(_header(message, "Content-Language").partition(",")[0]),
        ),
    )


def _header(message: Message, name: str) -> str:
    """A header in one line, decoded (RFC 2047); empty where there is none."""
    value = next((value for key, value in message.raw_items() if key.lower() == name.lower()), None)
    if value is None:
        return ""
    # What is not ASCII came in as surrogates, one a byte.
    written, _ = decoded_best(str(value)[:_LONGEST_HEADER].encode("utf-8", "surrogateescape"))
    try:
        parts = decode_header(written)
    except (HeaderParseError, binascii.Error, ValueError):
        return one_line(written)
    return one_line("".join(_word(part, charset) for part, charset in parts))


def _word(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    return part.decode(codec(charset) or "latin-1", "replace") if charset else part.decode("utf-8", "replace")


def _sender(message: Message) -> tuple[tuple[str, ...], str | None]:
    """Who wrote it, and who publishes it: a newsletter's sender is its publisher, any other an author."""
    (name, address), *_ = getaddresses([_header(message, "From")]) or [("", "")]
    name = one_line(name).strip("\"' ")
    is_bulk = message.get("List-Unsubscribe") is not None or message.get("List-Id") is not None
    is_discussion = message.get("List-Post") is not None
    if person := re.fullmatch(r"(.+?)\s+(?:from|at|@|via|\|)\s+(.+)", name):
        return split_authors(person[1]), person[2]
    if name and (is_outlet(name) or (is_bulk and not is_discussion)):
        return (), name
    return (((name,) if name else (address,) if "@" in address else ()), None)


def _date(raw: str) -> str | None:
    try:
        return parse_published(parsedate_to_datetime(raw).isoformat())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def file_name(part: Message) -> str:
    """What an attachment is called; empty where it has no name."""
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    try:
        return "".join(_word(text, charset) for text, charset in decode_header(name))
    except (HeaderParseError, binascii.Error, ValueError):
        return name


def codec(charset: str | None) -> str | None:
    """Python's name of a character encoding that a mail names; None where there is none such."""
    try:
        name = codecs.lookup(charset or "utf-8").name
        "".encode(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    # What says one of these is often Windows': its quotation marks stand where they have controls.
    return {"iso8859-1": "cp1252", "gb2312": "gb18030", "shift_jis": "cp932"}.get(name, name)
