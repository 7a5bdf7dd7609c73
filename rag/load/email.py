"""E-mail: the message's text, with quoted messages, signatures and legal notices marked as not its own.

Also reads one message for `rag.load.mbox`. Attachments in a format that Groundwire reads are articles of their own; the
others are named. A .msg file of Outlook is another format, and not read.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import Message
from typing import BinaryIO

from rag.load import formats, sniff
from rag.load.blocks import Block, Composed, article, composed, merged, one_line, storable
from rag.load.encodings import decoded_best
from rag.load.mail_head import Head, codec, file_name, read_head
from rag.load.mail_text import not_its_own
from rag.load.markup import markup_blocks, markup_root
from rag.load.source import READ_ERRORS, Found, Loaded, Unreadable, read_whole, reason, shown
from rag.load.url import canonical_url
from rag.types import Origin, Rejected, SkippedSpan

_MOST_PARTS = 300
_DEEPEST = 4
"""Messages in messages."""
_MOST_BOUNDARIES = 100
_MOST_LOOKS = 10_000_000
"""Boundaries times lines: the parser looks for each boundary that is open at every line."""


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The message, and its attachments that can be read. Raises Unreadable, and whatever reading the stream raises."""
    yield from articles(found, read_whole(stream), found.key_path)


def articles(found: Found, source: bytes, name: str) -> Iterator[Loaded | Rejected]:
    """One message's article and those of its attachments. Raises Unreadable where it holds no text.

    ``name`` is what it goes by if it has no Message-ID; a "*" in it stands for the version of its text.
    """
    message = _parsed(source)
    parts = _parts(message)
    head = read_head(message)
    whole = _text(parts, found)
    key = (head.url and canonical_url(head.url)) or head.identity or name
    notes = list(parts.notes)
    taken: set[str] = set()
    attached = [one for part in parts.attached for one in _attachment(found, key, part, head, notes, taken)]
    if whole is None:
        if not any(isinstance(one, Loaded) for one in attached):
            raise Unreadable(_no_text(parts, attached))
    else:
        made = article(found, key, whole, head.said, origin=Origin.HEADER, said_first=True)
        if "*" in name and key == name:
            made = replace(made, key=name.replace("*", made.version[:12]))
        attached.insert(0, Loaded(replace(made, url=head.url), source))
    yield from _told_apart(found, attached, notes)


def _told_apart(found: Found, loaded: list[Loaded | Rejected], notes: list[str]) -> Iterator[Loaded | Rejected]:
    """Of two articles with one key the first, which the other is said to repeat; the notes go with the very first."""
    keys: set[str] = set()
    for one in loaded:
        if isinstance(one, Rejected):
            yield one
        elif one.article.key in keys:
            yield Rejected(
                found.where, f"holds {shown(one.article.key)} once more among what is attached; leave it out"
            )
        else:
            yield one if keys else replace(one, notes=(*notes, *one.notes))
            keys.add(one.article.key)


def _no_text(parts: _Parts, attached: list[Loaded | Rejected]) -> str:
    if parts.locked:
        return "is encrypted; save it decrypted from your mail program"
    return "holds no text" + (", and none of its attachments could be read" if attached or parts.notes else "")


_BOUNDARY = re.compile(rb"\bboundary\s*=", re.IGNORECASE)


def _parsed(source: bytes) -> Message:
    boundaries = len(_BOUNDARY.findall(source))
    if boundaries > _MOST_BOUNDARIES or boundaries * source.count(b"\n") > _MOST_LOOKS:
        raise Unreadable("has too many parts within each other to be a message")
    try:
        message = message_from_bytes(source, policy=policy.compat32)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError, IndexError):
        raise Unreadable("is damaged: its parts cannot be told apart; save it again") from None
    if not any(message.get(name) for name in ("From", "Date", "Subject", "Message-ID", "To", "Received")):
        raise Unreadable("is no e-mail: it has none of the usual headers")
    return message


# The parts.


@dataclass(slots=True)
class _Parts:
    """What a message holds."""

    texts: list[Message] = field(default_factory=list)
    attached: list[Message] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    locked: bool = False


def _parts(message: Message) -> _Parts:
    """The parts that are its text, of several wordings the best one, and those that are attached."""
    parts = _Parts()
    pending = [message]
    for _ in range(_MOST_PARTS):
        if not pending:
            return parts
        part = pending.pop()
        kind = part.get_content_type()
        if kind in {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}:
            parts.locked = True
        elif kind == "multipart/alternative":
            pending += _best(_children(part))
        elif kind == "multipart/related":
            pending += _children(part)[:1]
        elif part.is_multipart() and part.get_content_maintype() == "multipart":
            pending += reversed(_children(part))
        elif kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
            parts.texts.append(part)
        elif not _is_decoration(part, kind):
            parts.attached.append(part)
    parts.notes.append(f"has more than {_MOST_PARTS} parts; the rest was left out")
    return parts


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _best(wordings: list[Message]) -> list[Message]:
    """Plain text, but for one that only says that there is HTML."""
    plain = [one for one in wordings if one.get_content_type() == "text/plain"]
    marked_up = [one for one in wordings if one.get_content_type() != "text/plain"]
    if not plain or not marked_up:
        return wordings[-1:] if not plain else plain[:1]
    inside = (one for part in marked_up for one in (part, *_children(part)))
    html = next((one for one in inside if one.get_content_type() == "text/html"), None)
    if html is None:
        return plain[:1]
    words = len(_decoded(plain[0])[0].split())
    there = sum(len(block.text.split()) for block in _html_blocks(html))
    return plain[:1] if words * 3 >= there else [html]


def _is_decoration(part: Message, kind: str) -> bool:
    """Pictures of the mail's own layout, and what proves or formats it."""
    if kind in {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}:
        return True
    if kind in {"message/delivery-status", "text/x-amp-html", "text/calendar"}:
        return True
    return part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"


# The text.


def _text(parts: _Parts, found: Found) -> Composed | None:
    """The text of all text parts, marked; None where there is none."""
    made: list[Composed] = []
    for part in parts.texts:
        if part.get_content_type() == "text/html":
            made.append(composed(_html_blocks(part)))
        else:
            text, note = _decoded(part)
            parts.notes += [note] if note else []
            made.append(Composed(_tidy(_reflowed(text, part)), (), ()))
    text = ""
    skipped: tuple[SkippedSpan, ...] = ()
    for one in made:
        if not one.text.strip():
            continue
        at = len(text) + 2 if text else 0
        text = f"{text}\n\n{one.text}" if text else one.text
        skipped += tuple(replace(span, start=span.start + at, end=span.end + at) for span in one.skipped)
    return Composed(text, merged(skipped, not_its_own(text)), ()) if text.strip() else None


def _html_blocks(part: Message) -> list[Block]:
    root = markup_root(_decoded(part)[0])
    return markup_blocks(root) if root is not None else []


def _decoded(part: Message) -> tuple[str, str | None]:
    """The characters of a text part, and a note where they had to be guessed."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    said = codec(part.get_content_charset())
    if said is not None:
        try:
            return content.decode(said), None
        except (UnicodeDecodeError, ValueError):
            pass
    return decoded_best(content)


def _tidy(text: str) -> str:
    return storable(text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")


def _reflowed(text: str, part: Message) -> str:
    """A part in "format=flowed" (RFC 3676) with its paragraphs in one line again: there a line ends in a space."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    deletes = str(part.get_param("delsp") or "").lower() == "yes"
    made: list[str] = []
    goes_on, depth = False, ""
    for line in text.replace("\r\n", "\n").split("\n"):
        quotes = line[: len(line) - len(line.lstrip(">"))]
        bare = line[len(quotes) :].removeprefix(" ")
        if goes_on and quotes == depth and bare != "-- ":
            made[-1] += bare
        else:
            made.append(f"{quotes} {bare}" if quotes else bare)
        depth, goes_on = quotes, bare.endswith(" ") and bare != "-- "
        if goes_on and deletes:
            made[-1] = made[-1][:-1]
    return "\n".join(made)


# Attachments.


def _attachment(
    found: Found, key: str, part: Message, head: Head, notes: list[str], taken: set[str]
) -> list[Loaded | Rejected]:
    """The articles of an attachment; one that cannot be read is put into the notes by its name.

    ``taken``: the names of those before it; where one has its name, it is numbered.
    """
    kind = part.get_content_type()
    name = one_line(file_name(part)).replace("/", "_") or ("message.eml" if kind == "message/rfc822" else "")
    name = _free(name, taken)
    content = _content(part)
    called = f"{name} ({kind})" if name else f"an attachment ({kind})"
    if formats.by_suffix(name) is None or not content:
        notes.append(f"{called} was attached and not read")
        return []
    inner = replace(found, file=found.file / name, key_path=f"{key}#{name}", format=None)
    if inner.key_path.count("#") > _DEEPEST:
        notes.append(f"{called} was attached and not read: messages lie too deep within each other")
        return []
    try:
        return [_placed(one, found, head) for one in _read(inner, name, content)]
    except READ_ERRORS as error:
        notes.append(f"{name} was attached and not read: it {reason(error)}")
        return []


def _free(name: str, taken: set[str]) -> str:
    """ "report.pdf", then "report (2).pdf"."""
    stem, dot, suffix = name.rpartition(".")
    free, number = name, 1
    while name and free in taken:
        number += 1
        free = f"{stem} ({number}){dot}{suffix}"
    taken.add(free)
    return free


def _read(inner: Found, name: str, content: bytes) -> list[Loaded | Rejected]:
    chosen = formats.choose(name, content[: sniff.SNIFFED])
    return list(formats.loader(chosen)(inner, io.BytesIO(content)))


def _placed(one: Loaded | Rejected, found: Found, head: Head) -> Loaded | Rejected:
    """An attachment lies where its message lies, and was there on the day on which that was sent."""
    if isinstance(one, Rejected):
        return one
    made = replace(one.article, path=os.path.abspath(found.file))  # noqa: PTH100 (the user's own name stays)
    if made.published is None and head.said.created is not None:
        made = replace(made, published=head.said.created, published_from=Origin.HEADER)
    return replace(one, article=made)


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inside = _children(part)
        return inside[0].as_bytes() if inside else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
