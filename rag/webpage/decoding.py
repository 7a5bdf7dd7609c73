"""The characters of a web page, from its bytes: by its mark, by what came with it, by what it says, else by its look.

Pure. A page that says one encoding and is UTF-8 all the same is read as UTF-8: browsers rewrite the bytes of a page
that they save and leave its word about them, and hardly anything else is by chance valid UTF-8.
"""

from __future__ import annotations

import codecs
import re

# UTF-32's mark begins with UTF-16's: the longer ones come first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers look at 1,024 bytes; saved pages put comments and scripts before what they say.
_HEAD = 16_384
_SAID = re.compile(
    rb"""<(?:meta\b[^>]{0,400}?\bcharset|\?xml\b[^>]{0,200}?\bencoding)\s*=\s*["']?\s*([\w:.-]{2,40})""", re.I
)
# What the encoding standard for the web reads these labels as (https://encoding.spec.whatwg.org/#names-and-labels).
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    # A page that could be read to this word is not written in sixteen bits.
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_UNSTORABLE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SAMPLE = 65_536
_FEW = 24
_BINARY_WITHIN = 1_000_000
_CONTROL_BYTES = bytes([*range(9), *range(14, 27), *range(28, 32), 127])
_ASCII = re.compile(rb"[\0-\x7f]+")
# NUL and the other controls that no text holds; lone surrogates cannot come out of decoding.
_CONTROLS = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f]")


def decode_page(source: bytes, told: str | None = None) -> str:
    """The page's characters, without a byte order mark and controls; ``told`` is the encoding of its HTTP header.

    Bytes that are none in the encoding become U+FFFD. Never raises.
    """
    marked = next(((mark, name) for mark, name in _MARKS if source.startswith(mark)), None)
    if marked is not None:
        text = source[len(marked[0]) :].decode(marked[1], "replace")
    else:
        text = _utf8(source) or source.decode(_known(told) or _said(source) or _looks(source), "replace")
    return _CONTROLS.sub("", text)


def storable(text: str) -> str:
    """Without what is no character: controls, and lone surrogates, which come of JSON's escapes."""
    return _UNSTORABLE.sub(lambda bad: "\ufffd" if "\ud800" <= bad.group() <= "\udfff" else "", text)


def is_binary(source: bytes) -> bool:
    """Holds more controls than a damaged page does: an image, a program, noise."""
    head = source[:_BINARY_WITHIN]
    if any(source.startswith(mark) for mark, _ in _MARKS) or _is_wide(source):
        return False
    return (len(head) - len(head.translate(None, _CONTROL_BYTES))) * 100 > len(head)


def _is_wide(source: bytes) -> bool:
    """Sixteen bits a character, without a mark."""
    return source[:_HEAD].count(b"\0") > len(source[:_HEAD]) // 4


def _utf8(source: bytes) -> str | None:
    if _is_wide(source):
        return source.decode("utf-16-be" if source[:1] == b"\0" else "utf-16-le", "replace")
    try:
        text = source.decode()
    except UnicodeDecodeError:
        return None
    # ISO 2022 and HZ are valid ASCII: there, the page's own word is all there is.
    return None if text.isascii() and _said(source) in {"iso2022_jp", "hz", "utf-7"} else text


def _said(source: bytes) -> str | None:
    found = _SAID.search(source, 0, _HEAD)
    return _known(found[1].decode("ascii", "replace")) if found else None


def _known(label: str | None) -> str | None:
    """Python's name for an encoding; None where there is no such, or where the bytes have been found not to be it."""
    try:
        name = codecs.lookup(label.strip()).name if label else None
        "".encode(name or "x")  # codecs such as "zip" are no encodings
    except (LookupError, ValueError, TypeError):
        return None
    name = _READ_AS.get(name or "", name)
    return None if name in {"utf-8", "utf-7"} else name


def _looks(source: bytes) -> str:
    """The encoding that a detector finds likeliest, from the middle of the page."""
    from charset_normalizer import from_bytes

    # Truncated or with a few broken bytes, UTF-8 is still more UTF-8 than anything else.
    broken = source.decode("utf-8", "replace").count("\ufffd")
    if broken * 50 < len(_ASCII.sub(b"", source)):
        return "utf-8"
    if len(_ASCII.sub(b"", source)) < _FEW:  # too few letters to tell languages apart by
        return "cp1252"
    sample = source[max(0, len(source) // 2 - _SAMPLE // 2) :][:_SAMPLE]
    best = from_bytes(re.sub(rb"<[^>]*>", b" ", sample)).best()
    return _known(best.encoding) or "cp1252" if best else "cp1252"
