"""The characters of a text from its bytes, where nothing says how it was encoded.

A byte order mark decides, then UTF-8, which hardly any other text is by chance, then sixteen and thirty-two bits by
where their NULs lie. What is left is one of the encodings of a single alphabet. Of those with Latin letters the one
is taken whose characters beyond ASCII are all letters of one language; of the others, and for East Asia, the one that
charset-normalizer finds, if no other comes near. (charset-normalizer 3.5 alone takes short French, Spanish, Portuguese
and Swedish in Windows-1252 for Windows-1250, and turns "à" into "ŕ".) What is not sure is not read.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from itertools import islice

from rag.load.source import Unreadable

# UTF-32's mark begins with UTF-16's: the longer ones come first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 65_536
_SURE = 0.95
"""The share of the characters beyond ASCII that must be letters of one language, or marks that every press uses."""
_CLEAR = 0.02
"""By how much the next best reading must be worse."""
_FEW = 6
"""Characters beyond ASCII from which a language cannot be told; they are Western, as most texts with few are."""


def decode(source: bytes, told: str | None = None) -> tuple[str, str | None]:
    """The text, with its byte order mark if it has one, and a note where its encoding had to be guessed.

    ``told`` is the encoding that came with the bytes; UTF-8 wins over it. Raises Unreadable where the bytes are no
    text, or could be several.
    """
    marked = next((name for mark, name in _MARKS if source.startswith(mark)), None)
    if marked is not None:
        return _strictly(source, marked), None
    if wide := _wide(source):
        return _strictly(source, wide), f"read as {shown(wide)}, without a byte order mark"
    if b"\0" in source:
        raise Unreadable("is binary, not text (it holds NUL bytes); save its text as a UTF-8 file")
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        return _as_told(source, told) or _guessed(source, error)
    if "\x1b$" in text[:_SAMPLE] and text.isascii():
        return _strictly(source, "iso2022_jp"), "read as ISO-2022-JP"
    return text, None


def _as_told(source: bytes, told: str | None) -> tuple[str, None] | None:
    try:
        return (source.decode(told), None) if told else None
    except (LookupError, ValueError):  # no such encoding, or not this one
        return None


def decoded_best(source: bytes) -> tuple[str, str | None]:
    """The text, as well as it can be read, and a note where its encoding had to be guessed. Never raises."""
    try:
        return decode(source)
    except Unreadable:
        return source.decode("cp1252", "replace").replace(
            "\0", ""
        ), "its characters could not be told; some may be wrong"


def shown(encoding: str) -> str:
    """An encoding's name as people write it."""
    return _SHOWN.get(encoding, encoding.upper().replace("_", "-").replace("ISO8859", "ISO-8859"))


_SHOWN = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp1257": "Windows-1257",
    "cp932": "Shift-JIS",
    "cp949": "EUC-KR",
    "mac_roman": "Mac Roman",
    "big5": "Big5",
}


def _strictly(source: bytes, encoding: str) -> str:
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        name = shown(encoding)
        raise Unreadable(
            f"is not {name} (byte 0x{source[error.start]:02x} at offset {error.start}); save it as UTF-8"
        ) from None


def _wide(source: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: most characters of any text are below U+0100, or share a high byte."""
    sample = source[:4096]
    sample = sample[: len(sample) // 4 * 4]
    if len(sample) < 8 or len(source) % 2:
        return None
    zeros = [sample[at::4].count(0) / (len(sample) // 4) for at in range(4)]
    if len(source) % 4 == 0 and zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[3] < 0.1:
        return "utf-32-be"
    if len(source) % 4 == 0 and zeros[2] > 0.9 and zeros[3] > 0.9 and zeros[0] < 0.1:
        return "utf-32-le"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if even > 0.5 and odd < 0.05:
        return "utf-16-be"
    return "utf-16-le" if odd > 0.5 and even < 0.05 else None


# Encodings of one alphabet.

_LATIN: dict[str, tuple[str, ...]] = {
    # In the order in which they are preferred where they read a text alike or equally well.
    "cp1252": (
        *("àâæçéèêëîïôœùûüÿ", "äöüßéà", "áéíóúüñªº", "àáâãçéêíóôõúü", "àèéìíîòóù", "àèéíïòóúüç·", "åäöéàü", "æøåéèòôü"),
        *("áðéíóúýþæö", "äëéèêïöüĳáó", "éèêëïîôûáóúíäöüñçã"),
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýžö", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "áäçéëíóöúü"),
    "cp1254": ("çğıöşüâîûİ",),
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äöõüšž"),
    "iso8859_2": ("ąćęłńóśźż", "áčďéěíňóřšťúůýžö", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "iso8859_15": ("àâæçéèêëîïôœùûüÿ", "äöüßéà", "áéíóúüñªº", "àáâãçéêíóôõúü", "åäöéà", "æøåé"),
    "mac_roman": ("àâæçéèêëîïôœùûüÿ", "äöüßéà", "áéíóúüñªº", "àáâãçéêíóôõúü", "àèéìíîòóù", "åäöéà", "æøåé"),
    "cp850": ("àâæçéèêëîïôùûüÿ", "äöüßéà", "áéíóúüñªº", "àáâãçéêíóôõúü", "àèéìíîòóù", "åäöéà", "æøåé"),
}
"""By encoding, the letters beyond ASCII of the languages that are written in it."""
_MARKS_OF_ANY = frozenset("“”‘’‚„–—…«»‹›•·°§£€©®™´¿¡½¼¾²³×\xa0†")
_OTHERS = (
    *("cp1251", "koi8_r", "koi8_u", "iso8859_5", "cp1253", "iso8859_7", "cp1255", "cp1256", "iso8859_6"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949", "cp874"),
)
_MOSTLY_LATIN = 0.25
"""The share of characters beyond ASCII up to which a text has Latin letters: Czech and Turkish have a sixth."""
_LEAST = 8
"""Letters; from fewer nothing can be told."""
_BEYOND = re.compile(rb"[^\x80-\xff]?[\x80-\xff]+[^\x80-\xff]?")
"""Bytes beyond ASCII, with one on either side."""
_MOST_BEYOND = 20_000
"""Of these; more tell no more."""
_CONTROLS = re.compile(rb"[\0-\x08\x0b\x0e-\x1f\x7f]")


def _guessed(source: bytes, error: UnicodeDecodeError) -> tuple[str, str | None]:
    sample = source[:_SAMPLE]
    letters = sum(byte > 0x40 for byte in sample)
    beyond = sum(byte >= 0x80 for byte in sample)
    encoding = None
    if letters >= _LEAST and not _CONTROLS.search(source):
        # A few wrong bytes in megabytes of ASCII may stand behind the sample.
        encoding = _latin(source) if beyond <= _MOSTLY_LATIN * letters else _other(sample)
    if encoding is None:
        raise Unreadable(
            f"is not UTF-8 (byte 0x{source[error.start]:02x} at offset {error.start}), nor plainly anything else; "
            "convert it, for example with: iconv -f WINDOWS-1252 -t UTF-8"
        )
    return _strictly(source, encoding), f"read as {shown(encoding)}"


def _latin(source: bytes) -> str | None:
    """The encoding in which the text is written in one of the Latin alphabets; None where that is not clear."""
    around = b" ".join(found.group() for found in islice(_BEYOND.finditer(source), _MOST_BEYOND))
    readings: dict[str, tuple[float, str]] = {}
    for encoding, languages in _LATIN.items():
        try:
            text = around.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.setdefault(_beyond(text), (_fit(text, languages), encoding))
    ranked = sorted(readings.items(), key=lambda one: -one[1][0])  # stable: the preferred ones stay first
    if not ranked or ranked[0][1][0] < _SURE:
        return None
    best = ranked[0][1][0]
    near = [(beyond, encoding) for beyond, (fit, encoding) in ranked if fit > best - _CLEAR]
    western = next((encoding for _, encoding in near if encoding == "cp1252"), None)
    # A curled apostrophe of Windows' is a letter elsewhere; far more texts are Windows' than not.
    return western or (near[0][1] if len(near) == 1 or len(near[0][0]) <= _FEW else None)


def _beyond(text: str) -> str:
    """The characters beyond ASCII: two encodings that agree on them read the same text."""
    return re.sub(r"[\0-\x7f]+", "", text)


def _fit(text: str, languages: tuple[str, ...]) -> float:
    """The share of the characters beyond ASCII that are letters of the best of the languages, or common marks."""
    counted: Counter[str] = Counter()
    for found in re.finditer(r"[^\0-\x7f]", text):
        letter = found.group()
        before = text[found.start() - 1 : found.start()]
        after = text[found.end() : found.end() + 1]
        # A capital in or at the end of a word or by itself, or a mark between two letters that is no apostrophe or
        # dash, is misread.
        inside = before.islower() and after.islower()
        at_end = letter.isupper() and not after.isalpha() and (before.islower() or before in '.,!?"')
        alone = letter.isupper() and not (before + after).strip() and letter not in "ÀÉÓÖ"
        misread = at_end or alone or (inside and (letter.isupper() or (not letter.isalpha() and letter not in "’·–—…")))
        counted["" if misread else letter.lower() if letter.isalpha() else letter] += 1
    marks = sum(count for letter, count in counted.items() if letter in _MARKS_OF_ANY)
    best = max(
        sum(count for letter, count in counted.items() if letter and letter in language) for language in languages
    )
    return (marks + best) / counted.total()


def _other(sample: bytes) -> str | None:
    """The encoding of another script, where charset-normalizer finds one and no other comes near."""
    from charset_normalizer import from_bytes  # seldom needed

    sample = sample[: sample.rfind(b"\n")] if len(sample) == _SAMPLE and b"\n" in sample else sample
    found = list(from_bytes(sample, cp_isolation=list(_OTHERS), preemptive_behaviour=False))
    if not found:
        return None
    best = found[0]
    near = (one for one in found[1:] if str(one) != str(best) and one.chaos <= best.chaos + 0.02)
    if any(one.coherence >= best.coherence - 0.1 for one in near) or best.chaos > 0.1:
        return None
    return best.encoding
