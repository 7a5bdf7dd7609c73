"""Which loader reads what: by name, by content, by what other distributions add."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.load import Found, discover, formats, open_source
from rag.load.reading import recognise
from rag.load.source import Unreadable
from rag.types import Rejected

Write = Callable[[str, str | bytes], Path]

HTML = b"<!DOCTYPE html>\n<html><head><title>x</title></head><body><p>Hello.</p></body></html>"
MAIL = (
    b"From: A <a@example.org>\r\nTo: b@example.org\r\nSubject: Hello\r\nDate: Mon, 1 Jun 2020 10:00:00 +0000\r\n\r\nHi."
)
MHTML = (
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://news.example/a\r\nSubject: x\r\n"
    b"Date: Mon, 1 Jun 2020 10:00:00 -0000\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----x"\r\n\r\n'
)


def zipped(*names: str, first: bytes = b"x") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, first)
    return made.getvalue()


def tarred() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    return made.getvalue()


CONTENTS = {
    "web page": HTML,
    "MHTML page": MHTML,
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "Word document": zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
    "OpenDocument text": zipped("mimetype", first=b"application/vnd.oasis.opendocument.text"),
    "EPUB": zipped("mimetype", first=b"application/epub+zip"),
    "RTF": b"{\\rtf1\\ansi Hello.}",
    "e-mail": MAIL,
    "mailbox": b"From a@example.org Mon Jun  1 10:00:00 2020\n" + MAIL,
    "JSON": b'[{"text": "Hello."}]',
    "JSON Lines": b'{"text": "Hello."}\n{"text": "Goodbye."}\n',
    "Parquet": b"PAR1\x15\x04",
    "ZIP archive": zipped("a.txt"),
    "tar archive": tarred(),
}


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.csv", "a", "page.php"])
def test_what_lies_under_the_wrong_name_is_taken_for_what_it_is(kind: str, name: str) -> None:
    assert formats.choose(name, CONTENTS[kind]).name == kind


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_lies_under_its_own_name_stays_what_it_is(kind: str) -> None:
    format = formats.named(kind)
    for suffix in format.suffixes:
        assert formats.choose(f"a{suffix}", CONTENTS[kind]) is format
        assert formats.choose(f"a{suffix}.gz", b"content that tells nothing") is format


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xef\xbb\xbf  <!-- saved from url=(0026)https://news.example/ -->\r\n<html lang=en>", "web page"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">', "web page"),
        ("<html>".encode("utf-16"), "web page"),
        (b"<article>A fragment says too little.</article>", "plain text"),
        (b"From the beginning, nobody believed him.\nNote: he was right.", "plain text"),
        (b"From: the editor\n\nDear reader, this is a letter.", "plain text"),
        (b"Subject: weather\nMayor: A. Smith\nPlace: Gdynia\n", "plain text"),
        (b"[1] A footnote stands first.", "plain text"),
        (b"{ braces } in a text", "plain text"),
        (b"PK is the code of Pakistan.", "plain text"),
    ],
)
def test_a_text_is_only_taken_for_something_else_when_it_can_be_nothing_else(content: bytes, kind: str) -> None:
    assert formats.choose("a.txt", content).name == kind


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n", "is a PNG image under the name of another format (.txt); it holds no article"),
        ("a", b"\xff\xd8\xff\xe0", "is a JPEG image; it holds no article"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Office document (.doc, .xls); save it as .docx"),
        ("a.zip", zipped("[Content_Types].xml", "xl/workbook.xml"), "is an Office workbook or slides; save a table"),
        ("a.xlsx", zipped("a.bin"), ""),
        ("a.xyz", b"Hello.", "is not a format that Groundwire reads: .xyz (it reads .txt, .md, "),
    ],
)
def test_what_is_none_of_ours_is_refused_with_the_reason(name: str, content: bytes, reason: str) -> None:
    if not reason:  # a ZIP archive by its content
        assert formats.choose(name, content).name == "ZIP archive"
        return
    with pytest.raises(Unreadable) as refused:
        formats.choose(name, content)
    assert str(refused.value).startswith(reason)


def test_what_the_user_says_is_taken_at_his_word() -> None:
    assert formats.choose("a.html", HTML, "plain text") is formats.TEXT
    assert formats.named("HTML") is formats.named(".htm") is formats.named("web page")
    with pytest.raises(Unreadable, match='"xls" is no format that Groundwire reads; there are txt, md, '):
        formats.named("xls")


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a"])
def test_gzip_is_unpacked_whatever_the_name(write: Write, name: str) -> None:
    file = write(name, gzip.compress(b"It was packed."))
    (loaded,) = open_source(Found(file, name)).articles()
    assert not isinstance(loaded, Rejected)
    assert (loaded.article.text, loaded.source) == ("It was packed.", b"It was packed.")


def test_a_packed_page_under_the_name_of_a_text_is_a_page(write: Write) -> None:
    file = write("a.txt", gzip.compress(HTML))
    assert recognise(Found(file, "a.txt")).format.name == "web page"


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("a.TXT", ".txt"),
        ("a.json.gz", ".json"),
        ("a.tar.gz", ".tar"),
        ("a.tgz", ".tgz"),
        ("a", ""),
        (".txt", ""),
        ("a.", ""),
        ("a.b.c", ".c"),
    ],
)
def test_the_end_of_a_name_tells_below_gz(name: str, end: str) -> None:
    assert formats.suffix(name) == end


def test_every_suffix_belongs_to_one_format() -> None:
    suffixes = [suffix for one in formats.BUILT_IN for suffix in one.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert formats.what_is_read().startswith(".txt, .md, ")


@pytest.mark.parametrize(
    ("name", "with_article"),
    [("PDF", "a PDF"), ("RTF", "an RTF"), ("e-mail", "an e-mail"), ("MHTML page", "an MHTML page")],
)
def test_formats_are_named_in_english(name: str, with_article: str) -> None:
    assert formats.article_of(name) == with_article


# -- formats of other distributions ------------------------------------------------------------------------------------


def test_another_distribution_adds_a_format(made_up: Path, write: Write) -> None:
    file = write("a.poem", "Roses are red.\nViolets are blue.\n")
    assert [one.key_path for one in discover(file.parent) if isinstance(one, Found)] == ["a.poem"]
    texts = [one.article.text for one in open_source(Found(file, "a.poem")).articles()]  # type: ignore[union-attr]
    assert texts == ["Roses are red.", "Violets are blue."]
    assert formats.choose("a.txt", b"POEM, by its content").name == "poem"
    assert ".poem" in formats.what_is_read()


def test_a_format_that_cannot_be_used_is_named_in_a_line_and_costs_nothing_else(made_up: Path) -> None:
    names = [one.name for one in formats.registry().formats]
    assert names[-4:] == ["poem", "odd file", "late file", "lacking file"]
    assert len(names) == len(formats.BUILT_IN) + 4
    assert formats.registry().broken == (
        'the format "taken" of made-up 1.0 cannot be used: ValueError: plain text (.txt) is there already',
        'the format "none" of made-up 1.0 cannot be used: ValueError: it is no rag.load.formats.Format',
        "the format \"missing\" of made-up 1.0 cannot be used: ModuleNotFoundError: No module named 'made_up_missing'",
    )


def test_a_format_whose_library_is_missing_says_what_to_install(made_up: Path, write: Write) -> None:
    file = write("a.lacking", "x")
    (one,) = open_source(Found(file, "a.lacking")).articles()
    assert one == Rejected(str(file), "is a lacking file; to read it: pip install made-up-lacking")
    extra = formats.Format("PDF", (".pdf",), "rag.load.nowhere:load", extra="documents")
    with pytest.raises(Unreadable, match=r"is a PDF; to read it: pip install 'groundwire\[documents\]'"):
        formats.loader(extra)
