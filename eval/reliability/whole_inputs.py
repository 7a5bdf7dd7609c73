"""Whole files of every format, and what becomes of them when they are damaged; for `eval.reliability.inputs`."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from eval.documents import Story, as_docx, as_html, as_mail, as_pdf

STORY = Story(
    title="Snowy owl seen in the harbour of Gdynia",
    authors=("Jane Roe", "John Doe"),
    paragraphs=(
        "A snowy owl was seen in the harbour of Gdynia on Monday, the first in more than eleven years, according to "
        "biologists of the university. Several hundred people came to the quays to look at it.",
        "“It’s a start,” said Zoë Müller, who speaks for the observers. She would not say whether the bird had "
        "followed a cargo ship from the north, nor how long it would stay in the city.",
        "At least 14 owls of this kind were counted along the coast in March, and some 2,300 hours of observation "
        "were given by volunteers. The government’s figures are lower, and disputed by nobody.",
    ),
)
_RECORD = {
    "id": "owl",
    "title": STORY.title,
    "text": "\n\n".join(STORY.paragraphs),
    "authors": list(STORY.authors),
    "published": "2020-04-01",
    "url": "https://news.example/owl",
}


def samples() -> dict[str, bytes]:
    """A whole file of every format, by its suffix."""
    text = f"{STORY.title}\n\n{_RECORD['text']}\n"
    html = as_html(STORY)
    mail = as_mail(STORY, html=True)
    made = {
        ".txt": text.encode(),
        ".md": f"# {text}\n\n- [a list](https://news.example/)\n- **of two**\n".encode(),
        ".jsonl": "".join(json.dumps({**_RECORD, "id": f"owl {n}", "url": ""}) + "\n" for n in range(3)).encode(),
        ".json": json.dumps({"articles": [_RECORD]}).encode(),
        ".html": html,
        ".mhtml": _mhtml(html),
        ".pdf": as_pdf(STORY),
        ".docx": as_docx(STORY),
        ".odt": odt_of(),
        ".rtf": _rtf(),
        ".epub": epub_of(),
        ".eml": mail,
        ".mbox": b"".join(b"From news@sample.example Wed Apr  1 10:15:00 2020\n" + mail + b"\n" for _ in range(2)),
        ".csv": f'id,title,text\nowl,{STORY.title},"{_RECORD["text"]}"\nother,Another,"It left."\n'.encode(),
        ".tsv": f"id\ttitle\ttext\nowl\t{STORY.title}\t{STORY.paragraphs[0]}\n".encode(),
        ".parquet": _parquet(),
    }
    inside = {"a.txt": made[".txt"], "pages/b.html": html, "c.json": made[".json"], "d.pdf": made[".pdf"]}
    return {**made, ".zip": zip_of(inside), ".tar": tar_of(inside), ".tgz": gzip.compress(tar_of(inside), mtime=0)}


def _mhtml(html: bytes) -> bytes:
    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://news.example/owl\r\nSubject: Owl\r\n"
        "Date: Wed, 1 Apr 2020 10:15:00 -0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="----x"\r\n\r\n'
        "------x\r\nContent-Type: text/html\r\nContent-Location: https://news.example/owl\r\n\r\n"
    )
    return head.encode() + html + b"\r\n------x--\r\n"


ODF = "urn:oasis:names:tc:opendocument:xmlns"


def odt_of(body: str | None = None) -> bytes:
    paragraphs = body or "".join(f"<text:p>{text}</text:p>" for text in STORY.paragraphs)
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{ODF}:office:1.0" '
        f'xmlns:text="{ODF}:text:1.0"><office:body><office:text><text:h>{STORY.title}</text:h>{paragraphs}'
        "</office:text></office:body></office:document-content>"
    )
    return zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


def _rtf() -> bytes:
    paragraphs = "".join(
        "".join(char if char.isascii() else f"\\u{ord(char)}?" for char in text) + "\\par\n"
        for text in STORY.paragraphs
    )
    return f"{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Times;}}}}{{\\info{{\\title Owl}}}}\n{paragraphs}}}".encode()


def epub_of(chapter: bytes | None = None) -> bytes:
    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Owls</dc:title></metadata><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    page = (
        chapter
        or (
            f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{STORY.title}</title></head><body>'
            f"<h1>{STORY.title}</h1>{''.join(f'<p>{text}</p>' for text in STORY.paragraphs)}</body></html>"
        ).encode()
    )
    members = {"META-INF/container.xml": container.encode(), "book.opf": package.encode(), "a.xhtml": page}
    return zip_of({"mimetype": b"application/epub+zip", **members})


def _parquet() -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table({"id": ["owl", "other"], "text": [_RECORD["text"], "It left again."]}), made)
    return made.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            packing = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2020, 4, 1, 10, 15, 0)), content, packing)
    return made.getvalue()


def tar_of(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in members.items():
            information = tarfile.TarInfo(name)
            information.size = len(content)
            archive.addfile(information, io.BytesIO(content))
    return made.getvalue()


# -- mutations ---------------------------------------------------------------------------------------------------------


def mutated(content: bytes, others: list[bytes], chance: random.Random) -> tuple[str, bytes]:
    """What was done, and what came of it."""
    name = chance.choice(list(_MUTATIONS))
    return name, _MUTATIONS[name](bytearray(content), others, chance)


def _truncated(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    return bytes(content[: chance.randrange(len(content))])


def _flipped(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 3, 20, 200))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def _with_nuls(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 5, 50))):
        at = chance.randrange(len(content))
        content[at : at + chance.choice((0, 1))] = b"\0" * chance.choice((1, 1, 8))
    return bytes(content)


def _with_other_encodings(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    odd = (
        b"\xed\xa0\x80",
        b"\xff\xfe",
        b"\xc3",
        "caf\u00e9".encode("latin-1"),
        "\u4e2d".encode("gb18030"),
        b"\xef\xbb\xbf",
    )
    for _ in range(chance.choice((1, 5, 50))):
        at = chance.randrange(len(content))
        content[at:at] = chance.choice(odd)
    return bytes(content)


def _spliced(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others)
    return bytes(content[: chance.randrange(len(content))]) + other[chance.randrange(len(other)) :]


def _without_a_part(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    del content[at : at + chance.choice((1, 10, 100, 1000))]
    return bytes(content)


def _with_a_part_often(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    part = content[at : at + chance.choice((1, 10, 100, 1000))]
    content[at:at] = part * chance.choice((2, 10, 1000))
    return bytes(content)


def _with_noise(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    content[at : at + chance.choice((1, 10, 100))] = chance.randbytes(chance.choice((1, 10, 100, 5000)))
    return bytes(content)


def _with_huge_numbers(content: bytearray, others: list[bytes], chance: random.Random) -> bytes:
    digits = [at for at, byte in enumerate(content) if 48 <= byte <= 57]
    for at in sorted(chance.sample(digits, min(len(digits), chance.choice((1, 5, 20)))), reverse=True):
        content[at : at + 1] = chance.choice((b"-1", b"0", b"4294967295", b"9" * 30, b"1e999"))
    return bytes(content)


_MUTATIONS: dict[str, Callable[[bytearray, list[bytes], random.Random], bytes]] = {
    "truncated": _truncated,
    "bits flipped": _flipped,
    "NULs": _with_nuls,
    "mixed encodings": _with_other_encodings,
    "two spliced": _spliced,
    "a part gone": _without_a_part,
    "a part repeated": _with_a_part_often,
    "noise": _with_noise,
    "huge numbers": _with_huge_numbers,
}
