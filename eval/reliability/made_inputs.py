"""Files that were made to do harm, for `eval.reliability.inputs`: nested, expanding, endless, lying, or no files."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import socket
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from eval.documents import as_docx
from eval.reliability.whole_inputs import ODF, STORY, epub_of, odt_of, tar_of, zip_of
from rag.load.formats import BUILT_IN

DEEP = 100_000
_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha ha ha ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
)


def harmful(size: int) -> Iterator[tuple[str, str, bytes]]:
    """The kind, the end of the file's name, and the content; what is packed unpacks to so many bytes."""
    yield from _nested()
    yield from _entities()
    yield from _bombs(size)
    yield from _long()
    yield from _odd_characters()
    yield from _lying_archives()
    yield from _lying_pdfs()


def _nested() -> Iterator[tuple[str, str, bytes]]:
    kind = f"nested {DEEP:,} deep"
    for element in ("div", "table", "b", "ul><li", "blockquote", "svg", "select"):
        yield kind, ".html", b"<!doctype html>" + f"<{element}>".encode() * DEEP + b"Deep down there was an owl."
    yield kind, ".html", b"<!doctype html><!--" * DEEP
    yield kind, ".html", b"<a " * DEEP
    yield kind, ".html", b'<html><script type="application/ld+json">' + b"[" * DEEP + b"</script><p>An owl was seen."
    for opening in (b"[", b'{"a":', b'{"text":[', b'[{"text":"x","a":'):
        yield kind, ".json", opening * DEEP
        yield kind, ".jsonl", opening * DEEP
    yield kind, ".json", b"[" * DEEP + b"]" * DEEP
    yield kind, ".rtf", b"{\\rtf1 " + b"{" * DEEP + b"An owl." + b"}" * DEEP
    yield kind, ".rtf", b"{\\rtf1 " + b"{\\*\\x " * DEEP
    yield kind, ".md", b"> " * DEEP + b"An owl was seen."
    yield kind, ".md", b"[" * DEEP
    yield kind, ".md", b"*" * DEEP + b"a" + b"_" * DEEP
    yield kind, ".odt", odt_of("<text:span>" * DEEP + "An owl." + "</text:span>" * DEEP)
    yield kind, ".docx", _docx(b"<w:p>" * DEEP)
    yield kind, ".docx", _docx(b"<w:tbl><w:tr><w:tc>" * DEEP + b"</w:tc></w:tr></w:tbl>" * DEEP)
    yield kind, ".epub", epub_of(b"<html><body>" + b"<div>" * DEEP)
    yield kind, ".eml", _mime(2000)
    yield kind, ".eml", b"From: a\nTo: b\nDate: c\nSubject: d\n" + b"Content-Type: message/rfc822\n\n" * 20_000
    yield kind, ".mhtml", _mime(2000).replace(b"mixed", b"related")
    packed = b"An owl was seen in the harbour."
    for _ in range(30):
        packed = zip_of({"a.zip": packed})
    yield "archives in archives", ".zip", packed
    for _ in range(30):
        packed = gzip.compress(packed, mtime=0)
    yield "archives in archives", ".gz", packed
    yield "archives in archives", ".txt.gz", packed


def _docx(body: bytes) -> bytes:
    """The sample with another body."""
    word = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = b'<?xml version="1.0"?><w:document ' + word + b"><w:body>" + body + b"</w:body></w:document>"
    return _with_member(as_docx(STORY), "word/document.xml", document)


def _with_member(archive: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        return zip_of({each: content if each == name else read.read(each) for each in read.namelist()})


def _mime(deep: int) -> bytes:
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(deep))
    begin, end = (
        "From: a@b\r\nTo: c@d\r\nSubject: e\r\nMIME-Version: 1.0\r\n",
        "Content-Type: text/plain\r\n\r\nAn owl.",
    )
    return f"{begin}{head}{end}".encode()


def _entities() -> Iterator[tuple[str, str, bytes]]:
    laughs = (_LAUGHS + "]>").encode()
    external = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY % b SYSTEM "http://127.0.0.1/x">%b;]>'
    for name, entities in (("billion laughs", laughs), ("external entities", external)):
        page = b'<?xml version="1.0"?>' + entities + b"<html><body><p>An owl was seen. &a;&m;&l;</p></body></html>"
        yield name, ".xhtml", page
        yield name, ".html", page
        yield name, ".epub", epub_of(page)
        content = entities + f'<o:document-content xmlns:o="{ODF}:office:1.0">&a;&m;&l;</o:document-content>'.encode()
        yield name, ".odt", zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content})
        word = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        document = entities + b'<w:document xmlns:w="' + word + b'"><w:body><w:p>&a;&m;&l;</w:p></w:body></w:document>'
        for member in ("word/document.xml", "docProps/core.xml", "[Content_Types].xml"):
            yield name, ".docx", _with_member(as_docx(STORY), member, document)


def _bombs(size: int) -> Iterator[tuple[str, str, bytes]]:
    zeros, spaces = bytes(size), b" " * size
    yield "zip bomb", ".docx", _with_member(as_docx(STORY), "word/document.xml", spaces)
    yield "zip bomb", ".odt", zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": spaces})
    yield "zip bomb", ".epub", epub_of(spaces)
    yield "zip bomb", ".zip", zip_of({f"{n}.txt": zeros for n in range(2)})
    packed = gzip.compress(zeros, 1, mtime=0)
    for end in sorted({one.suffixes[0] for one in BUILT_IN}):
        yield "gzip bomb", f"{end}.gz", packed
    yield "gzip bomb", ".tgz", packed
    yield "gzip bomb", ".jsonl.gz", gzip.compress(b'{"text":"' + spaces, 1, mtime=0)
    yield "gzip bomb", ".csv.gz", gzip.compress(b'text\n"' + spaces, 1, mtime=0)
    yield "gzip bomb", ".html.gz", gzip.compress(b"<!doctype html><p>" + spaces, 1, mtime=0)
    yield "bzip2 bomb", ".tar", bz2.compress(zeros)
    yield "overlapping members", ".zip", _overlapping()
    yield "flate bomb", ".pdf", _pdf(zlib.compress(spaces, 9), b"/Filter /FlateDecode")
    twice = zlib.compress(zlib.compress(zeros, 9), 9)
    yield "flate bomb", ".pdf", _pdf(twice, b"/Filter [/FlateDecode /FlateDecode]")


def _overlapping() -> bytes:
    """Many names for one member: a small archive that unpacks to much (42.zip's modern cousin)."""
    inside = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = inside.compress(b" " * 20_000_000) + inside.flush()
    made = bytearray(zip_of({"0000.txt": b""})[:0])
    check, size = zlib.crc32(b" " * 20_000_000), 20_000_000
    name = b"0000.txt"
    local = b"PK\3\4\x14\0\0\0\x08\0\0\0\0\0" + b"".join(n.to_bytes(4, "little") for n in (check, len(content), size))
    made += local + len(name).to_bytes(2, "little") + b"\0\0" + name + content
    start = len(made)
    for n in range(2000):
        central = b"PK\1\2\x14\0\x14\0\0\0\x08\0\0\0\0\0"
        central += b"".join(m.to_bytes(4, "little") for m in (check, len(content), size))
        made += central + len(name).to_bytes(2, "little") + bytes(16) + f"{n:04}.txt".encode()
    end = (2000).to_bytes(2, "little") * 2 + (len(made) - start).to_bytes(4, "little") + start.to_bytes(4, "little")
    return bytes(made + b"PK\5\6\0\0\0\0" + end + b"\0\0")


def _long() -> Iterator[tuple[str, str, bytes]]:
    ends = [one.suffixes[0] for one in BUILT_IN]
    words = b"the owl was seen " * 250_000  # 4 MB without an end of line
    quotes, commas = b'"' * 4_000_000, b"," * 4_000_000
    for end in ends:
        yield "endless line", end, words
        yield "one character", end, b"a" * 19_000_000
        yield "line ends", end, b"\n" * 4_000_000
        yield "only NULs", end, bytes(4_000_000)
        yield "empty", end, b""
        yield "one byte", end, b"\x80"
    for content in (quotes, commas, b'text\n"' + b"a" * 4_000_000, b"text\n" + b"a,b\n" * 500_000, commas + b"\ntext"):
        yield "endless row", ".csv", content
        yield "endless row", ".tsv", content.replace(b",", b"\t")
    yield "many attributes", ".html", b"<!doctype html><p " + b"a=b " * 500_000 + b">An owl."
    yield "many elements", ".html", b"<!doctype html>" + b"<p>An owl was seen.</p>" * 200_000
    yield "many links", ".html", b"<!doctype html>" + b"<a href=x>owl</a> " * 200_000
    yield (
        "many meta elements",
        ".html",
        b"<!doctype html>" + b'<meta name="author" content="A B">' * 100_000 + b"<p>An owl.",
    )
    yield "many headers", ".eml", b"".join(b"X-%d: a\n" % n for n in range(200_000)) + b"From: a\n\nAn owl."
    yield (
        "one long header",
        ".eml",
        b"From: a\nTo: b\nSubject: " + b"=?utf-8?q?a?= " * 200_000 + b"\n\nAn owl was seen.",
    )
    yield (
        "many recipients",
        ".eml",
        b"Subject: a\nDate: b\nFrom: " + b'"a (b" <c@d>, ' * 100_000 + b"\n\nAn owl was seen.",
    )
    yield "many messages", ".mbox", b"From a@b Wed Apr  1 10:15:00 2020\nFrom: a\nTo: b\n\nAn owl.\n\n" * 20_000
    yield "many members", ".zip", zip_of({f"{n}.txt": b"An owl was seen." for n in range(3000)})
    yield "many members", ".tar", tar_of({f"{n}.txt": b"An owl was seen." for n in range(3000)})
    yield "many control words", ".rtf", b"{\\rtf1 " + b"\\u-10179?\\b \\'e9" * 200_000 + b"}"
    yield "a number of a million digits", ".json", b'[{"text": "An owl was seen.", "id": ' + b"9" * 1_000_000 + b"}]"
    yield "a number of a million digits", ".jsonl", b'{"text": "An owl was seen.", "id": ' + b"9" * 1_000_000 + b"}"
    yield "many fields", ".json", json.dumps([{f"f{n}": n for n in range(200_000)}]).encode()
    yield (
        "a long date",
        ".html",
        b'<html><meta property="article:published_time" content="' + b"2020-" * 500_000 + b'"><p>An owl.',
    )


def _odd_characters() -> Iterator[tuple[str, str, bytes]]:
    odd = "half \\ud800 and \\udc00, \\u0000 and \\uffff"
    yield "half pairs", ".json", f'[{{"text": "{odd}"}}, {{"text": "An owl."}}]'.encode()
    yield "half pairs", ".jsonl", f'{{"text": "{odd}"}}\n{{"text": "An owl.", "title": "{odd}"}}'.encode()
    references = b"An owl &#xD800; was &#0; seen &#x110000; in &#xDFFF; &#1; Gdynia &#xFFFE; on Monday &#99999999999;."
    for end in (".html", ".xhtml", ".md"):
        yield "half pairs", end, b"<!doctype html><html><body><p>" + references * 20
    yield "half pairs", ".epub", epub_of(b"<html><body><p>" + references + b"</p></body></html>")
    yield "half pairs", ".rtf", b"{\\rtf1 An owl \\u-10240? was \\u0? seen \\u99999999? there.\\par}"
    yield "half pairs", ".eml", b"From: a\nTo: b\nSubject: =?utf-8?q?=ED=A0=80=00?=\n\nAn owl \xed\xa0\x80 was \0 seen."
    for encoding in ("utf-7", "x-nonsense", "utf-16", "rot13", "unicode_escape", "idna", "undefined", "zlib", "\u00e9"):
        named = encoding.encode()
        yield (
            "odd encodings",
            ".html",
            b'<html><meta charset="' + named + b'"><p>An owl +AGEAYg- was seen \\ud800 \xff.</p>',
        )
        head = (
            b"From: a\nTo: b\nSubject: =?" + named + b"?q?a=ED?=\nMIME-Version: 1.0\nContent-Type: text/plain; charset="
        )
        yield "odd encodings", ".eml", head + named + b"\n\nAn owl was seen \xed\xa0\x80."
        yield (
            "odd encodings",
            ".xhtml",
            b'<?xml version="1.0" encoding="' + named + b'"?><html><p>An owl was seen.</p></html>',
        )
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp037", "shift_jis", "gb18030", "koi8-r", "utf-7"):
        text = "A snowy owl was seen in the harbour of Gdynia. " * 20
        for end in (".txt", ".html", ".csv", ".json", ".eml"):
            yield "other encodings", end, (f"<!doctype html><p>{text}" if end == ".html" else text).encode(encoding)
    mixed = b"".join(
        f"Zo\u00eb M\u00fcller saw line {n}. ".encode(("utf-8", "latin-1", "utf-16-le", "cp1251")[n % 4], "replace")
        for n in range(400)
    )
    for end in (".txt", ".md", ".html", ".csv", ".eml", ".jsonl"):
        yield "mixed encodings", end, mixed


def _lying_archives() -> Iterator[tuple[str, str, bytes]]:
    names = (
        "../../../../tmp/owl.txt",
        "/etc/owl.txt",
        "a\nb.txt",
        "a\0b.txt",
        "C:\\owl.txt",
        "x" * 5000 + ".txt",
        "\u202eowl.txt",
    )
    inside = dict.fromkeys(names, b"An owl was seen.")
    yield "paths outside", ".zip", zip_of(inside)
    yield "paths outside", ".tar", tar_of({name.replace("\0", ""): content for name, content in inside.items()})
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, kind in (
            ("a.txt", tarfile.SYMTYPE),
            ("b.txt", tarfile.LNKTYPE),
            ("c.txt", tarfile.FIFOTYPE),
            ("d", tarfile.CHRTYPE),
        ):
            information = tarfile.TarInfo(name)
            information.type, information.linkname = kind, "/etc/passwd"
            archive.addfile(information)
        for size in (2**40, 2**62):
            information = tarfile.TarInfo("huge.txt")
            information.size = size
            made.write(information.tobuf(tarfile.GNU_FORMAT))
    yield "links and devices", ".tar", made.getvalue()
    whole = bytearray(zip_of({"a.txt": b"An owl was seen. " * 1000}))
    for at in range(0, 60):  # the local header, and the central directory's
        for value in (0, 255):
            changed = bytearray(whole)
            changed[at if at < 30 else len(whole) - at - 8] = value
            yield "lying headers", ".zip", bytes(changed)
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive_twice:
        for n in range(3):
            archive_twice.writestr(zipfile.ZipInfo("a.txt"), f"The same name, {n} times.")
    yield "one name often", ".zip", twice.getvalue()


def _pdf(stream: bytes, more: bytes = b"", pages: bytes = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>") -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        pages,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> "
        b"/XObject << /X 4 0 R >> >> >>",
        b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(stream), more, stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % at for at in offsets)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(made))
    return bytes(made + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end)


def _lying_pdfs() -> Iterator[tuple[str, str, bytes]]:
    shown = b"BT /F 12 Tf 20 700 Td (A snowy owl was seen in Gdynia.) Tj ET\n"
    yield "pages in a circle", ".pdf", _pdf(shown, pages=b"<< /Type /Pages /Kids [2 0 R 2 0 R 3 0 R] /Count 3 >>")
    yield "a billion pages", ".pdf", _pdf(shown, pages=b"<< /Type /Pages /Kids [3 0 R] /Count 999999999 >>")
    yield (
        "one page a hundred thousand times",
        ".pdf",
        _pdf(shown, pages=b"<< /Type /Pages /Count 100000 /Kids [" + b"3 0 R " * 100_000 + b"] >>"),
    )
    yield "a form that draws itself", ".pdf", _pdf(b"/X Do\n" * 50, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    yield "much on one page", ".pdf", _pdf(shown * 60_000)
    yield "letters far away", ".pdf", _pdf(b"BT /F 1e9 Tf 1e30 1e30 Td (owl) Tj 0 0 0 0 0 0 Tm (owl) Tj ET\n" * 500)
    yield "saved states", ".pdf", _pdf(b"q " * 500_000 + shown)
    yield "nested arrays", ".pdf", _pdf(b"[" * DEEP + shown)
    yield "nested dictionaries", ".pdf", _pdf(shown, b"/A " + b"<< /A " * DEEP + b"[" * DEEP)


def planted(folder: Path) -> Iterator[tuple[str, Path]]:
    """What is no file, or a file that is odd by where it lies, each under its own name."""
    owl = "A snowy owl was seen in the harbour."

    def made(kind: str, name: str, make: Callable[[Path], object]) -> tuple[str, Path]:
        path = folder / name
        make(path)
        return kind, path

    for end in dict.fromkeys(one.suffixes[0] for one in BUILT_IN):
        yield made("gigantic", f"gigantic{end}", lambda path: _hole(path, 3 * 1024**3))
        yield made("pipe", f"pipe{end}", os.mkfifo)
        yield made("link to itself", f"loop{end}", lambda path: path.symlink_to(path))
        yield made("link to nothing", f"gone{end}", lambda path: path.symlink_to("nowhere"))
        yield made("link to a device", f"device{end}", lambda path: path.symlink_to("/dev/zero"))
        yield made("folder", f"folder{end}", Path.mkdir)
    for name in (
        "a\nb.txt",
        "a\rskipped.txt",
        "\x1b[31m.txt",
        "\u202etxt.exe.txt",
        "a" * 240 + ".txt",
        "-rf.txt",
        "a\tb.html",
    ):
        yield made("odd name", name, lambda path: path.write_text(owl))
    yield made("name that is no UTF-8", os.fsdecode(b"caf\xe9.txt"), lambda path: path.write_text(owl))
    yield made("link to a folder above", "above", lambda path: path.symlink_to(folder))
    yield made("socket", "s.txt", _listening)


def _hole(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _listening(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)
