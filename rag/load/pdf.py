"""PDF, read with PDFium: the words and where they stand; `pdf_layout` and `pdf_text` make reading text of them.

Why PDFium: of pypdf, pdfminer.six, pdfplumber and PDFium it is by far the quickest and reads the most files, and it
tells where every letter stands; the order of reading is our own (`docs/formats.md` has the figures). PyMuPDF would
serve as well, under a licence that this project cannot use. PDFium is native code and not safe in threads: this loader
runs in a process of its own.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

import pypdfium2
from lxml import etree
from pypdfium2 import raw

from rag.load.blocks import Properties, article, authors_of, composed, date_of, language_of, storable, title_of
from rag.load.pdf_layout import Word, reading_order
from rag.load.pdf_text import Page, blocks, running_heads
from rag.load.source import Found, Loaded, Unreadable, read_whole

_MOST_PAGES = 3000
_MOST_PICTURES = 200
"""Of a page; more of them are the tiles of one picture."""
_FEWEST_LETTERS = 20
"""Of a document; fewer are a stamp on a picture."""
_LIGATURES = dict(zip(map(chr, range(0xFB00, 0xFB07)), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_ASCENT = 0.75
"""How high letters are, in font sizes; what fonts say of themselves is less even."""
_NOT_A_LETTER = re.compile("[\ufffd\ue000-\uf8ff]")


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of a PDF. Raises Unreadable, and whatever reading the stream raises."""
    source = read_whole(stream)
    document = _opened(source)
    try:
        read = [_page(document, number) for number in range(len(document))]
        _must_hold_text(read)
        whole = composed(blocks(read), pages=len(read))
        _must_be_letters(whole.text)
        said = _properties(document, source)
        made = article(found, found.key_path, whole, said, heads=running_heads(read))
        yield Loaded(made, source, _notes(read))
    finally:
        document.close()


def _opened(source: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(source)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise Unreadable("is locked with a password; save a copy without one, for example by printing it") from None
        raise Unreadable("is not a whole PDF; fetch it or save it again") from None
    if not pages:
        raise Unreadable("has no pages; fetch it or save it again")
    if pages > _MOST_PAGES:
        raise Unreadable(f"has {pages} pages, more than {_MOST_PAGES}; split it")
    return document


def _must_hold_text(pages: list[Page]) -> None:
    letters = sum(len(word.text) for page in pages for line in page.lines for word in line.words)
    if letters >= _FEWEST_LETTERS:
        return
    if any(page.pictures for page in pages):
        raise Unreadable("holds pictures of pages, no text; run OCR first, for example: ocrmypdf IN.pdf OUT.pdf")
    raise Unreadable("holds no text" if not letters else "holds next to no text: it is no article")


def _must_be_letters(text: str) -> None:
    """Some programs leave out of a PDF which letters its shapes are."""
    if len(_NOT_A_LETTER.findall(text)) * 5 > len(text):
        raise Unreadable(
            "does not tell which letters it shows; run OCR, for example: ocrmypdf --force-ocr IN.pdf OUT.pdf"
        )


def _notes(pages: list[Page]) -> tuple[str, ...]:
    """What the user should know was not read."""
    bare = [str(number) for number, page in enumerate(pages, 1) if page.pictures and not page.lines]
    if not bare:
        return ()
    which = f"page {bare[0]} is a picture" if len(bare) == 1 else f"pages {', '.join(bare[:20])} are pictures"
    return (f"{which} without text, and was not read; OCR would make it readable",)


# One page.


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        raise Unreadable(f"is damaged: its page {number + 1} cannot be read; fetch it or save it again") from None
    text = page.get_textpage()
    try:
        words = _upright(list(_words(text.raw)))
        return Page(tuple(reading_order(words)), tuple(_pictures(page)))
    finally:
        text.close()
        page.close()


_Turned = tuple[int, Word]
"""A word, and by how many quarters of a turn it is turned; its place as if it were not."""


def _words(text: Any) -> Iterator[_Turned]:
    """The words of a page in its drawing order."""
    letters: list[str] = []
    first = 0
    styles: dict[int, _Style] = {}
    unicode = raw.FPDFText_GetUnicode
    for index in range(raw.FPDFText_CountChars(text)):
        code = unicode(text, index)
        letter = "-" if code == 2 else chr(code)  # PDFium's own mark for a hyphen at the end of a line
        if not letter.isspace() and letter != "\0":
            if not letters:
                first = index
            letters.append(letter)
        if letters and (letter.isspace() or code == 2):
            yield from _word(text, letters, first, styles)
            letters = []
    if letters:
        yield from _word(text, letters, first, styles)


class _Style:
    """How the letters of one text object are set."""

    __slots__ = ("bold", "italic", "quarter", "size")

    def __init__(self, text: Any, index: int) -> None:
        flags = ctypes.c_int()
        name = ctypes.create_string_buffer(128)
        raw.FPDFText_GetFontInfo(text, index, name, len(name), flags)
        lower = name.value.decode("utf-8", "replace").lower()
        weight = raw.FPDFText_GetFontWeight(text, index)
        self.bold = weight >= 600 or any(part in lower for part in ("bold", "black", "heavy", "semibold", "demi"))
        self.italic = bool(flags.value & 64) or "italic" in lower or "oblique" in lower
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text, index, matrix)
        # A program may set letters of size 1 and enlarge them; the heights of their boxes differ from font to font.
        self.size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
        self.quarter = -round(raw.FPDFText_GetCharAngle(text, index) / (math.pi / 2)) % 4  # clockwise


def _word(text: Any, letters: list[str], first: int, styles: dict[int, _Style]) -> Iterator[_Turned]:
    """The word whose letters begin at this index; nothing where it has no place."""
    written = _letters("".join(letters))
    if not written:
        return
    key = ctypes.cast(raw.FPDFText_GetTextObject(text, first), ctypes.c_void_p).value or 0
    style = styles.get(key)
    if style is None:
        style = styles[key] = _Style(text, first)
    begin, end = _loose(text, first), _loose(text, first + len(letters) - 1)
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, first, x, y)
    if style.quarter:
        begin, end = _turned(begin, style.quarter), _turned(end, style.quarter)
    base = _turned((x.value, y.value, x.value, y.value), style.quarter)[1]
    if not 0 < style.size < 2000:
        return
    yield (
        style.quarter,
        Word(
            written,
            *(min(begin[0], end[0]), max(begin[2], end[2]), base, style.size, base + _ASCENT * style.size),
            *(style.bold, style.italic, first),
        ),
    )


_Box = tuple[float, float, float, float]


def _loose(text: Any, index: int) -> _Box:
    """The box that a letter is set in, whatever its shape: left, bottom, right, top."""
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, box)
    return (box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top))


def _turned(box: _Box, quarter: int) -> _Box:
    """The box after turning the page back by as many quarters, so that its text is upright."""
    left, bottom, right, top = box
    for _ in range(quarter):
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top


def _letters(written: str) -> str:
    """One word's letters as they are typed: ligatures apart, halves of surrogates together, no soft hyphen inside."""
    for ligature, letters in _LIGATURES.items():
        written = written.replace(ligature, letters)
    written = written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    end = "\xad" if written.endswith("\xad") else ""
    return storable(written) + end


def _upright(words: list[_Turned]) -> list[Word]:
    """The words that stand as most of the page does; what is set across it (a watermark, a credit) is left out."""
    if not words:
        return []
    usual = Counter(quarter for quarter, _ in words).most_common(1)[0][0]
    return [word for quarter, word in words if quarter == usual]


def _pictures(page: pypdfium2.PdfPage) -> Iterator[_Box]:
    for number, one in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        if number == _MOST_PICTURES:
            return
        yield one.get_bounds()


# What the document says of itself.


def _properties(document: pypdfium2.PdfDocument, source: bytes) -> Properties:
    """From its XMP packet, else from its information dictionary."""
    info = {name: storable(value) for name, value in document.get_metadata_dict(skip_empty=True).items()}
    xmp = _xmp(source)
    people = xmp.get("creator") or [info.get("Author", "")]
    created, modified = _pdf_date(info.get("CreationDate", "")), _pdf_date(info.get("ModDate", ""))
    return Properties(
        title=title_of(_first(xmp, "title")) or title_of(info.get("Title")),
        authors=authors_of(*people),
        publisher=_first(xmp, "publicationName") or _first(xmp, "publisher"),
        published=date_of(_first(xmp, "publicationDate")),
        created=date_of(_first(xmp, "CreateDate")) or created,
        modified=modified if modified != created else None,
        language=language_of(_language(document) or _first(xmp, "language")),
    )


def _pdf_date(raw_date: str) -> str | None:
    """D:20200401101500+03'00' → 2020-04-01T10:15:00+03:00."""
    found = re.match(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?", raw_date.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, utc, hours, minutes = found.groups()
    date = "-".join(part for part in (year, month, day) if part)
    if day is None or minute is None:
        return date_of(date)
    zone = utc or (f"{hours}:{minutes or '00'}" if hours else "")
    return date_of(f"{date}T{hour}:{minute}:{second or '00'}{zone}") or date_of(date)


def _language(document: pypdfium2.PdfDocument) -> str | None:
    size = raw.FPDFCatalog_GetLanguage(document.raw, None, 0)
    if not 2 < size < 200:
        return None
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFCatalog_GetLanguage(document.raw, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


_PACKET = re.compile(rb"<x:xmpmeta\b.{0,200000}?</x:xmpmeta>", re.DOTALL)


def _xmp(source: bytes) -> dict[str, list[str]]:
    """The values of the document's last XMP packet by their local names; it lies in the file as plain XML."""
    at = source.rfind(b"<x:xmpmeta")
    packet = _PACKET.match(source, at) if at >= 0 else None
    if packet is None:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(packet.group(), parser)
    except etree.XMLSyntaxError:
        return {}
    found: dict[str, list[str]] = {}
    for description in root.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"):
        for name, value in description.attrib.items():
            found.setdefault(etree.QName(name).localname, []).append(storable(str(value)))
        for child in description.iterchildren(etree.Element):
            values = [storable(text) for text in map(str, child.itertext()) if text.strip()]
            found.setdefault(etree.QName(child).localname, []).extend(values)
    return found


def _first(values: dict[str, list[str]], name: str) -> str | None:
    return next((value.strip() for value in values.get(name, ()) if value.strip()), None)
