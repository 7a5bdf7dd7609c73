"""Write the samples that lie beside this file: `python -m tests.samples.make`.

Those of LibreOffice are what it makes of `story.docx` (``soffice --headless --convert-to odt story.docx``, and so on);
with `soffice` on the path they are written, too.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from eval.documents import Setting, Story, as_mail, as_pdf, repacked

HERE = Path(__file__).parent

STORY = Story(
    title="Ceasefire holds as both sides agree to meet",
    authors=("Jane Roe", "John Doe"),
    publisher="The Daily Sample",
    published=datetime(2020, 4, 1, 10, 15, tzinfo=UTC),
    paragraphs=(
        "The ministry said on Monday that both sides had agreed to meet again in Geneva next week, the first talks "
        "since the understanding of February broke down over the exchange of prisoners.",
        "“It’s a start,” said Zoë Müller, who speaks for the US-led observers. She would not say whether the long-term "
        "co-operation that was promised in the autumn had been discussed, nor who would attend.",
        "At least 14 people were killed along the border in March, according to the observers, and some 2,300 left "
        "their homes. The government’s figures are lower: it counts nine dead, and disputes that anybody fled.",
        "International organisations have repeatedly criticised the administration for its characterisation of the "
        "disagreement. Humanitarian convoys were interrupted notwithstanding assurances that transportation would be "
        "unaffected, and representatives of neighbouring municipalities complained of insufficient communication.",
        "Another round of negotiations is scheduled for the beginning of summer. Until then the ceasefire is to be "
        "extended automatically, unless one of the governments withdraws with a fortnight’s notice.",
    ),
)


def story_docx() -> bytes:
    """A document with whatever a document has beside its text: changes, a comment, a footnote's neighbours."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = "Microsoft Word - draft3.doc", "Jane Roe"
    properties.created = datetime(2020, 4, 1, 10, 15)
    properties.modified = datetime(2020, 4, 2, 9, 0)
    document.sections[0].header.paragraphs[0].text = "The Daily Sample, April 2020"
    document.add_heading(STORY.title, 0)
    document.add_paragraph("By Jane Roe and John Doe")
    document.add_paragraph(STORY.paragraphs[0])
    document.add_heading("What was agreed", 1)
    changed = document.add_paragraph("The talks will ")
    for element in (
        '<w:del {ns} w:id="1" w:author="x"><w:r><w:delText xml:space="preserve">never </w:delText></w:r></w:del>',
        '<w:ins {ns} w:id="2" w:author="x"><w:r><w:t xml:space="preserve">soon </w:t></w:r></w:ins>',
    ):
        changed._p.append(parse_xml(element.format(ns=nsdecls("w"))))
    changed.add_run("resume in Geneva.")
    document.add_paragraph("The prisoners come first.", style="List Bullet")
    document.add_paragraph("The border comes second.", style="List Bullet")
    table = document.add_table(2, 3)
    for row, cells in zip(table.rows, (("City", "Dead", "Injured"), ("Baghdad", "3", "12")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("Figure 1. The border at dusk.", style="Caption")
    hidden = document.add_paragraph("Nobody was hurt.")
    hidden.add_run(" This is hidden.").font.hidden = True
    comment = document.add_comment(hidden.runs[:1], text="Is this so?", author="editor")
    comment._comment_elm.attrib.pop(qn("w:date"))
    buffer = io.BytesIO()
    document.save(buffer)
    return repacked(buffer.getvalue())


def magazine_epub() -> bytes:
    """An issue with a cover and two articles."""

    def page(title: str, body: str) -> str:
        return (
            '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
            f"<head><title>{title}</title><style>p {{ margin: 0 }}</style></head><body>{body}</body></html>"
        )

    first = "".join(f"<p>{text}</p>" for text in STORY.paragraphs)
    second = f"<h2>Rain at last</h2><p>It rained in Basra<sup>1</sup> on Sunday.</p><p>{STORY.paragraphs[3]}</p>"
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/issue.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OEBPS/issue.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Weekly Sample 14/2020</dc:title>'
        "<dc:publisher>Sample Press</dc:publisher><dc:creator>The Editors</dc:creator><dc:language>en-GB</dc:language>"
        "<dc:date>2020-04-03</dc:date></metadata><manifest>"
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="a" href="text/truce.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="text/rain%20at%20last.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="cover"/><itemref idref="a"/><itemref idref="b"/></spine></package>',
        "OEBPS/nav.xhtml": page("Contents", '<nav><ol><li><a href="text/truce.xhtml">The truce</a></li></ol></nav>'),
        "OEBPS/cover.xhtml": page("Cover", "<p>The Weekly Sample</p>"),
        "OEBPS/text/truce.xhtml": page("truce", first),
        "OEBPS/text/rain at last.xhtml": page("rain", second),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 4, 3, 0, 0, 0)), content)
    return buffer.getvalue()


def locked_pdf(password: str) -> bytes:
    """A PDF whose owner allows nothing; with a password it cannot even be opened."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, encrypt=StandardEncryption(password, "owner", strength=128))
    for number, line in enumerate(("Nobody may copy this line of a locked document.", "It has another one as well.")):
        canvas.drawString(72, 700 - 14 * number, line)
    canvas.save()
    return buffer.getvalue()


def scanned_pdf() -> bytes:
    """A page that is a picture."""
    from PIL import Image

    picture = io.BytesIO()
    Image.new("L", (60, 80), 200).save(picture, "PNG")
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.drawImage(ImageReader(picture), 0, 0, *A4)
    canvas.save()
    return buffer.getvalue()


REPLY = """\
From: =?utf-8?q?Zo=C3=AB_M=C3=BCller?= <zoe@observers.example>
To: jane@sample.example
Subject: =?utf-8?q?Re=3A_The_talks_=E2=80=93_who_comes=3F?=
Date: Tue, 31 Mar 2020 16:20:00 +0200
Message-ID: <reply-1@observers.example>
In-Reply-To: <question-1@sample.example>
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: 8bit

Dear Jane,

both delegations have confirmed that they will come to Geneva on Monday. We \nexpect the ministers themselves.

On Tue, 31 Mar 2020 at 14:02, Jane Roe <jane@sample.example>
wrote:

> Who will attend? Nobody here wants to say.

--\x20
Zoë Müller
Observers' Mission

This e-mail and any attachments are confidential and intended solely for the
addressee.
"""


def mailbox() -> bytes:
    """Three messages, the last one the first one again."""
    newsletter = as_mail(STORY).decode()
    messages = (newsletter, REPLY.replace("Dear Jane,", ">From Geneva, dear Jane,"), newsletter)
    return "".join(f"From sender@sample.example Wed Apr  1 10:15:00 2020\n{message}\n" for message in messages).encode()


def main() -> None:
    """Write them all."""
    samples = {
        "one-column.pdf": as_pdf(STORY),
        "three-columns.pdf": as_pdf(STORY, Setting(columns=3, size=9, indented=True)),
        "owner-locked.pdf": locked_pdf(""),
        "password.pdf": locked_pdf("secret"),
        "scanned.pdf": scanned_pdf(),
        "story.docx": story_docx(),
        "magazine.epub": magazine_epub(),
        "newsletter.eml": as_mail(STORY, html=True),
        "reply.eml": REPLY.encode(),
        "mail.mbox": mailbox(),
        "windows-1252.txt": "\r\n\r\n".join((STORY.title, *STORY.paragraphs)).encode("cp1252"),
    }
    for name, content in samples.items():
        (HERE / name).write_bytes(content)
    soffice = shutil.which("soffice")
    for kind in ("odt", "rtf", "pdf") if soffice else ():
        subprocess.run(
            [str(soffice), "--headless", "--convert-to", kind, "--outdir", str(HERE), str(HERE / "story.docx")],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
