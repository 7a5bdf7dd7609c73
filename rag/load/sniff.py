"""What the first bytes of a file say of its format.

Pure. Only what cannot well be anything else is recognised: a page that begins with its doctype is a web page under
any name, a text with a comma in it is not yet a table. The names of files are looked at elsewhere.
"""

from __future__ import annotations

import codecs
import re

SNIFFED = 4096
"""How many bytes are looked at."""

_ODT = b"application/vnd.oasis.opendocument.text"
_MIMETYPE = b"mimetype"  # the first member of an EPUB or OpenDocument file, stored as it is

_PROLOGUE = rb"(?:\s|<\?xml[^>]{0,400}\?>|<!--(?:[^-]|-(?!->)){0,2000}-->)*"
_HTML = re.compile(_PROLOGUE + rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|title[\s>])", re.IGNORECASE)
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,40}):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)\r?\n?")
# mbox: "From sender Thu Jan  1 00:00:00 2015", then a header.
_MBOX = re.compile(rb"From \S+ +\w{3} \w{3} [ \d]\d \d\d:\d\d(?::\d\d)?[^\r\n]* \d{4}[^\r\n]*\r?\n>?[A-Za-z-]+:")
_MAIL_HEADERS = {b"from", b"to", b"date", b"subject", b"message-id", b"mime-version", b"received", b"return-path"}
_JSON = re.compile(rb"\s*(?:\{\s*(?:\"|\})|\[\s*(?:\{|\[|\"|\]))")
_JSON_LINES = re.compile(rb"\s*\{[^\r\n]*\}[ \t]*\r?\n\s*\{")

# What is none of ours, and what can be done with it.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls); save it as .docx or .csv"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it"),
    (b"BZh", "packed with bzip2; unpack it"),
    (b"\xfd7zXZ\0", "packed with xz; unpack it"),
    (b"\x28\xb5\x2f\xfd", "packed with Zstandard; unpack it"),
    (b"OggS", "an audio or video file"),
    (b"ID3", "an audio file"),
    (b"wOF2", "a font"),
    (b"wOFF", "a font"),
)


def is_gzip(head: bytes) -> bool:
    """Packed with gzip (RFC 1952; 8 is the one method that there is)."""
    return head.startswith(b"\x1f\x8b\x08")


def is_html(head: bytes) -> bool:
    """A page that begins as one does."""
    return _HTML.match(_ascii(head)) is not None


def is_pdf(head: bytes) -> bool:
    """Readers take a PDF whose header stands within the first kilobyte."""
    return b"%PDF-" in head[:1024] and not is_html(head)


def is_rtf(head: bytes) -> bool:
    return head.startswith(b"{\\rtf")


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def is_docx(head: bytes) -> bool:
    return is_zip(head) and (b"word/" in head or (_office(head) and not is_other_office(head)))


def is_odt(head: bytes) -> bool:
    return is_zip(head) and head[30:38] == _MIMETYPE and head[38 : 38 + len(_ODT)] == _ODT


def is_epub(head: bytes) -> bool:
    return is_zip(head) and head[30:38] == _MIMETYPE and head[38:58] == b"application/epub+zip"


def is_other_office(head: bytes) -> bool:
    """A workbook or slides."""
    return is_zip(head) and _office(head) and b"word/" not in head and (b"xl/" in head or b"ppt/" in head)


def is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def is_parquet(head: bytes) -> bool:
    return head.startswith(b"PAR1")


def is_mbox(head: bytes) -> bool:
    return _MBOX.match(head) is not None


def is_mhtml(head: bytes) -> bool:
    """A message whose parts belong to one page."""
    headers = _headers(head)
    return b"multipart/related" in headers.get(b"content-type", b"").lower() and (
        b"snapshot-content-location" in headers or b"text/html" in headers[b"content-type"].lower()
    )


def is_mail(head: bytes) -> bool:
    """Begins with the headers of a message: three that every message has, one of them From."""
    found = _headers(head)
    return not is_mhtml(head) and b"from" in found and len(_MAIL_HEADERS & set(found)) >= 3


def is_json_like(head: bytes) -> bool:
    """Begins as a JSON object or an array of them does."""
    return _JSON.match(head.removeprefix(codecs.BOM_UTF8)) is not None


def is_json(head: bytes) -> bool:
    """So, and not one object on a line and the next on the next."""
    return is_json_like(head) and _JSON_LINES.match(head.removeprefix(codecs.BOM_UTF8)) is None


def foreign(head: bytes) -> str | None:
    """What the file is, where it is certainly nothing that holds articles."""
    if is_other_office(head):
        return "an Office workbook or slides; save a table as .csv, or slides as .pdf"
    if head[:4] == b"RIFF" and head[8:12] in {b"WEBP", b"WAVE", b"AVI "}:
        return "a WebP image" if head[8:12] == b"WEBP" else "an audio or video file"
    if head[4:8] == b"ftyp":
        return "a video or image file"
    return next((name for magic, name in _FOREIGN if head.startswith(magic)), None)


def _office(head: bytes) -> bool:
    return b"[Content_Types].xml" in head or b"_rels/.rels" in head


def _headers(head: bytes) -> dict[bytes, bytes]:
    """The header lines that a file begins with, by their names in lower case."""
    found: dict[bytes, bytes] = {}
    at = 0
    while (line := _HEADER.match(head, at)) is not None and len(found) < 60:
        found.setdefault(line[1].lower(), line[2])
        at = line.end()
    return found


def _ascii(head: bytes) -> bytes:
    """The head as a program sees it that reads ASCII: without marks, UTF-16 as the bytes that its letters have."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[2:].replace(b"\0", b"")
    return head.removeprefix(codecs.BOM_UTF8)
