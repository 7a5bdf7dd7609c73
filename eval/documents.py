"""Write a story as the documents that people have: PDF in columns, DOCX, e-mail and others.

For measuring how well a story comes back out of each, and for the samples in `tests/samples`. Needs the packages of
the extra `dev`. The files are the same on every run: their dates are the story's own.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

import docx
import pyphen
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

_GUTTER, _MARGIN, _LEADING = 16.0, 56.0, 1.2


@dataclass(frozen=True, slots=True)
class Story:
    """What is written: `paragraphs` are the body."""

    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    publisher: str = "The Daily Sample"
    published: datetime = datetime(2020, 4, 1, 10, 15, tzinfo=UTC)


# PDF.


@dataclass(frozen=True, slots=True)
class Setting:
    """How a PDF is set."""

    columns: int = 1
    size: float = 10.0
    hyphenated: bool = True
    justified: bool = True
    indented: bool = False
    """Paragraphs begin with an indent, not after a gap."""
    running: bool = True
    """A head and a page number on every page."""
    picture: bool = False


def as_pdf(story: Story, setting: Setting = Setting()) -> bytes:
    """A4 pages with a headline across the columns, a byline, and the body."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang="en-GB")
    canvas.setTitle(story.title)
    canvas.setAuthor("; ".join(story.authors))
    canvas.setCreator("")
    width, height = A4
    top = height - 90
    canvas.setFont("Times-Bold", 20)
    for line in _lines(story.title, "Times-Bold", 20, width - 2 * _MARGIN, hyphenated=False):
        canvas.drawString(_MARGIN, top, line.text)
        top -= 24
    canvas.setFont("Times-Italic", 9)
    byline = f"By {' and '.join(story.authors)}" if story.authors else ""
    for extra in filter(None, (byline, f"{story.published.day} {story.published:%B %Y}")):
        canvas.drawString(_MARGIN, top, extra)
        top -= 14
    _body(canvas, story, setting, top - 10)
    canvas.save()
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Set:
    """A line as it is set."""

    text: str
    first: bool
    last: bool


def _body(canvas: Canvas, story: Story, setting: Setting, top: float) -> None:
    width, height = A4
    column_width = (width - 2 * _MARGIN - (setting.columns - 1) * _GUTTER) / setting.columns
    font, size, step = "Times-Roman", setting.size, setting.size * _LEADING
    page, column, y = 1, 0, top
    _furniture(canvas, story, setting, page)
    for paragraph in story.paragraphs:
        indent = 1.4 * size if setting.indented else 0.0
        for line in _lines(paragraph, font, size, column_width, indent, hyphenated=setting.hyphenated):
            if y < _MARGIN + 20:
                column, y = column + 1, top
                if column == setting.columns:
                    canvas.showPage()
                    page, column, top = page + 1, 0, height - 80
                    y = top
                    _furniture(canvas, story, setting, page)
            _draw(canvas, line, _MARGIN + column * (column_width + _GUTTER), y, column_width, indent, setting)
            y -= step
        y -= 0 if setting.indented else 0.6 * step
    canvas.showPage()


def _draw(canvas: Canvas, line: _Set, x: float, y: float, width: float, indent: float, setting: Setting) -> None:
    text = canvas.beginText(x + (indent if line.first else 0), y)
    text.setFont("Times-Roman", setting.size)
    room = width - (indent if line.first else 0) - stringWidth(line.text, "Times-Roman", setting.size)
    spread = setting.justified and not line.last and " " in line.text
    text.setWordSpace(room / line.text.count(" ") if spread else 0)
    text.textOut(line.text)
    canvas.drawText(text)


def _furniture(canvas: Canvas, story: Story, setting: Setting, page: int) -> None:
    if not setting.running:
        return
    width, height = A4
    canvas.setFont("Times-Roman", 8)
    canvas.drawString(_MARGIN, height - 40, f"{story.publisher}  |  {story.published:%d.%m.%Y}")
    canvas.drawCentredString(width / 2, 30, f"{page}")


def _lines(text: str, font: str, size: float, width: float, indent: float = 0, *, hyphenated: bool) -> Iterator[_Set]:
    """The paragraph broken to the width, by the first fit; its first line is so much shorter as it is indented."""
    hyphens = pyphen.Pyphen(lang="en_US", left=2, right=3) if hyphenated else None
    words, line, room = text.split(), "", width - indent
    first = True
    while words:
        word = words.pop(0)
        tried = f"{line} {word}" if line else word
        if stringWidth(tried, font, size) <= room:
            line = tried
            continue
        fitting = [
            cut
            for cut in _cuts(word, hyphens)
            if stringWidth(f"{line} {cut[0]}" if line else cut[0], font, size) <= room
        ]
        if fitting:
            before, after = max(fitting, key=lambda cut: len(cut[0]))
            line = f"{line} {before}" if line else before
            words.insert(0, after)
        elif line:
            words.insert(0, word)
        else:
            line = word
        yield _Set(line, first, last=False)
        line, first, room = "", False, width
    if line:
        yield _Set(line, first, last=True)


def _cuts(word: str, hyphens: pyphen.Pyphen | None) -> list[tuple[str, str]]:
    """Where a word may be broken: after its own hyphens, or where it may be hyphenated."""
    own = [at + 1 for at, letter in enumerate(word) if letter == "-" and 0 < at < len(word) - 1]
    cuts = [(word[:at], word[at:]) for at in own]
    if hyphens and word.strip("“”‘’\"'.,;:!?()").isalpha():
        cuts += [(before + "-", after) for before, after in hyphens.iterate(word)]
    return cuts


# Word processors.


def as_docx(story: Story) -> bytes:
    """As Word keeps it, with its core properties."""
    document = docx.Document()
    document.core_properties.title = story.title
    document.core_properties.author = "; ".join(story.authors)
    document.core_properties.created = document.core_properties.modified = story.published.replace(tzinfo=None)
    document.add_heading(story.title, 0)
    for paragraph in story.paragraphs:
        document.add_paragraph(paragraph)
    buffer = io.BytesIO()
    document.save(buffer)
    return repacked(buffer.getvalue())


def repacked(archive: bytes) -> bytes:
    """The same ZIP with one date for every member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as read, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            written.writestr(zipfile.ZipInfo(name, (2020, 4, 1, 10, 15, 0)), read.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# Mail and web pages.


def as_mail(story: Story, *, html: bool = False) -> bytes:
    """As a newsletter sends it."""
    message = EmailMessage()
    message["From"] = f"{story.publisher} <news@sample.example>"
    message["To"] = "reader@sample.example"
    message["Subject"] = story.title
    message["Date"] = format_datetime(story.published)
    message["Message-ID"] = f"<{abs(hash_of(story)):x}@sample.example>"
    message["List-Id"] = "<news.sample.example>"
    byline = [f"By {' and '.join(story.authors)}"] if story.authors else []
    message.set_content("\n\n".join([*byline, *story.paragraphs]) + "\n", cte="quoted-printable")
    if html:
        message.add_alternative(as_html(story).decode(), subtype="html", cte="quoted-printable")
        message.set_boundary("=-sample-boundary-=")
    return message.as_bytes()


def hash_of(story: Story) -> int:
    """The same on every machine, unlike `hash`."""
    value = 0
    for letter in story.title:
        value = (value * 131 + ord(letter)) % (1 << 48)
    return value


def as_html(story: Story) -> bytes:
    """A plain page with its metadata."""
    authors = "".join(f'<meta name="author" content="{escape(author)}">' for author in story.authors)
    byline = f'<p class="byline">By {escape(" and ".join(story.authors))}</p>' if story.authors else ""
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(story.title)} | {escape(story.publisher)}</title>
<meta property="og:site_name" content="{escape(story.publisher)}">{authors}
<meta property="article:published_time" content="{story.published.isoformat()}"></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>{escape(story.title)}</h1>{byline}
{body}
</article><footer>All rights reserved</footer></body></html>
""".encode()


WRITERS: dict[str, tuple[str, Callable[[Story], bytes]]] = {
    "HTML": (".html", as_html),
    "PDF, one column": (".pdf", as_pdf),
    "PDF, two columns": (".pdf", lambda story: as_pdf(story, Setting(columns=2))),
    "PDF, three columns": (".pdf", lambda story: as_pdf(story, Setting(columns=3, size=9, indented=True))),
    "DOCX": (".docx", as_docx),
    "e-mail": (".eml", as_mail),
}
"""By the name in the table: the suffix, and what writes it."""


def story_paragraphs(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The body of a text as paragraphs in one line each. ``spans``: what is not body."""
    kept: list[str] = []
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        kept.append(text[at:start])
        at = end
    return tuple(" ".join(part.split()) for piece in kept for part in piece.split("\n\n") if part.strip())
