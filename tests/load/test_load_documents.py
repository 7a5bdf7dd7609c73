from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from rag.load import docx, epub, odt, package, rtf
from rag.load.blocks import Block, authors_of, composed, date_of, language_of, storable, title_of
from rag.load.source import Found, Loaded, Unreadable
from rag.types import Article, Origin, Rejected, SkipKind, SkippedSpan

SAMPLES = Path(__file__).parent.parent / "samples"
TITLE = "Ceasefire holds as both sides agree to meet"
Load = Callable[[Found, BinaryIO], Iterator[Loaded | Rejected]]
LOADERS: dict[str, Load] = {".docx": docx.load, ".odt": odt.load, ".rtf": rtf.load, ".epub": epub.load}


def read(suffix: str, content: bytes) -> list[Loaded | Rejected]:
    return list(LOADERS[suffix](Found(Path(f"/news/a{suffix}"), f"a{suffix}"), io.BytesIO(content)))


def article(suffix: str, content: bytes) -> Article:
    (loaded,) = read(suffix, content)
    assert isinstance(loaded, Loaded)
    assert loaded.source == content
    return loaded.article


def refusal(suffix: str, content: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(suffix, content)
    return str(refused.value)


def marked(found: Article) -> list[tuple[str, str]]:
    return [(span.kind.value, found.text[span.start : span.end]) for span in found.skipped]


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(body: str, **more: str) -> bytes:
    return zipped(word__document_xml=f"<w:document {W}><w:body>{body}</w:body></w:document>", **more)


def p(*texts: str, properties: str = "") -> str:
    runs = "".join(f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' for text in texts)
    return f"<w:p>{properties}{runs}</w:p>"


# The same document out of three programs' formats.


@pytest.mark.parametrize("name", ["story.docx", "story.odt", "story.rtf"])
def test_a_document_is_what_its_author_sees_with_all_changes_accepted(name: str) -> None:
    found = article(Path(name).suffix, (SAMPLES / name).read_bytes())
    assert found.text.split("\n\n") == [
        TITLE,
        "By Jane Roe and John Doe",
        "The ministry said on Monday that both sides had agreed to meet again in Geneva next week, the first talks "
        "since the understanding of February broke down over the exchange of prisoners.",
        "What was agreed",
        "The talks will soon resume in Geneva.",  # "never" is deleted, "soon" inserted
        "The prisoners come first.",
        "The border comes second.",
        "City | Dead | Injured",
        "Baghdad | 3 | 12",
        "Figure 1. The border at dusk.",
        "Nobody was hurt.",  # what follows is hidden; the comment and the header are out
    ]
    assert marked(found) == [
        ("title", TITLE),
        ("byline", "By Jane Roe and John Doe"),
        ("heading", "What was agreed"),
        ("caption", "Figure 1. The border at dusk."),
    ]
    assert found.title == TITLE  # the properties say "Microsoft Word - draft3.doc"
    assert found.authors == ("Jane Roe", "John Doe")
    assert (found.published or "")[:19] == "2020-04-01T10:15:00"
    assert found.published_from is Origin.PROPERTIES
    assert ((found.updated or "")[:19], found.language) == ("2020-04-02T09:00:00", "en-us")


# DOCX.


def test_a_paragraph_whose_end_was_deleted_runs_on() -> None:
    deleted = "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"
    assert article(".docx", word(p("The talks ", properties=deleted) + p("go on."))).text == "The talks go on."


def test_text_that_was_moved_stands_where_it_was_moved_to() -> None:
    run = "<w:r><w:t>They met. </w:t></w:r>"
    body = f"<w:p><w:moveFrom>{run}</w:moveFrom></w:p>{p('First.')}<w:p><w:moveTo>{run}</w:moveTo></w:p>"
    assert article(".docx", word(body)).text == "First.\n\nThey met."


def test_footnotes_follow_the_text_and_leave_no_mark_in_it() -> None:
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body = f"<w:p><w:r><w:t>It was said</w:t></w:r>{mark}<w:r><w:t>. They met.</w:t></w:r></w:p>"
    notes = (
        f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0">{p("---")}</w:footnote>'
        f'<w:footnote w:id="2">{p("By two officials.")}</w:footnote></w:footnotes>'
    )
    found = article(".docx", word(body, word__footnotes_xml=notes))
    assert found.text == "It was said. They met.\n\nBy two officials."


def test_of_a_field_only_the_result_is_text() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "x"</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>the ministry</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = f"<w:p><w:r><w:t xml:space='preserve'>So says </w:t></w:r>{field}<w:r><w:t>.</w:t></w:r></w:p>"
    assert article(".docx", word(body)).text == "So says the ministry."


def test_a_text_box_follows_its_paragraph_once() -> None:
    box = f"<w:txbxContent>{p('Inside.')}</w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = (
        f"<mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    )
    assert article(".docx", word(f"<w:p><w:r><w:t>Outside.</w:t></w:r><w:r>{both}</w:r></w:p>")).text == (
        "Outside.\n\nInside."
    )


def test_breaks_tabs_and_hyphens_are_what_they_stand_for() -> None:
    body = "<w:p><w:r><w:t>US</w:t><w:noBreakHyphen/><w:t>led</w:t><w:tab/><w:t>co</w:t><w:softHyphen/><w:t>op</w:t>"
    body += "<w:br/><w:t>Next line</w:t></w:r></w:p>"
    assert article(".docx", word(body)).text == "US-led coop\nNext line"


def test_a_table_of_facts_is_read_by_rows_and_one_that_holds_text_in_place_by_cells() -> None:
    def table(*rows: tuple[str, ...]) -> str:
        cells = "".join("<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in row) + "</w:tr>" for row in rows)
        return f"<w:tbl>{cells}</w:tbl>"

    facts = table((p("Basra"), p("3")), (p("Mosul"), p("14")))
    assert article(".docx", word(p("The dead:") + facts)).text == "The dead:\n\nBasra | 3\n\nMosul | 14"
    layout = table((p("One paragraph.") + p("Another."), p("At the side.")))
    assert article(".docx", word(layout)).text == "One paragraph.\n\nAnother.\n\nAt the side."


def test_a_style_is_what_the_style_is_that_it_is_based_on() -> None:
    styles = (
        f'<w:styles {W}><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="Eigen"><w:name w:val="Unsere"/><w:basedOn w:val="berschrift1"/></w:style></w:styles>'
    )
    own = '<w:pPr><w:pStyle w:val="Eigen"/></w:pPr>'
    found = article(".docx", word(p("Die Lage", properties=own) + p("Sie bleibt gut."), word__styles_xml=styles))
    assert marked(found) == [("heading", "Die Lage")]


def test_an_old_or_locked_document_is_told_from_a_damaged_one() -> None:
    assert "an older one, or locked with a password" in refusal(
        ".docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 999
    )
    assert refusal(".docx", b"PK\x03\x04 broken").startswith("is not a whole Word document")
    assert refusal(".docx", zipped(other_xml="<a/>")).startswith("is not a whole Word document: its word/document.xml")
    assert refusal(".docx", word("")) == "holds no text"


# ODT.

NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)


def writer(body: str, **more: str) -> bytes:
    content = f"<office:document {NAMES}><office:body><office:text>{body}</office:text></office:body></office:document>"
    return zipped(content_xml=content, **more)


def test_white_space_in_an_odt_is_what_its_elements_say() -> None:
    body = "<text:p>One\n  line<text:s text:c='2'/>and<text:tab/>more<text:line-break/>below.</text:p>"
    assert article(".odt", writer(body)).text == "One line and more\nbelow."


def test_deleted_text_and_comments_of_an_odt_are_out_and_notes_follow() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>Gone.</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes><text:p>It was said<text:note><text:note-citation>1"
        "</text:note-citation><text:note-body><text:p>By two officials.</text:p></text:note-body></text:note>."
        "<office:annotation><text:p>Really?</text:p></office:annotation></text:p>"
        "<text:list><text:list-item><text:p>An item.</text:p></text:list-item></text:list>"
    )
    assert article(".odt", writer(body)).text == "It was said.\n\nAn item.\n\nBy two officials."


def test_a_list_of_contents_is_no_body() -> None:
    contents = "<text:index-body><text:p>Chapter 1 … 3</text:p></text:index-body>"
    body = f"<text:table-of-content>{contents}</text:table-of-content><text:p>The text.</text:p>"
    assert marked(article(".odt", writer(body))) == [("boilerplate", "Chapter 1 … 3")]


def test_a_locked_odt_and_a_spreadsheet_are_refused() -> None:
    manifest = '<manifest><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>'
    assert refusal(".odt", zipped(content_xml="x", **{"META-INF__manifest_xml": manifest})).startswith("is locked")
    sheet = f"<office:document {NAMES}><office:body><office:spreadsheet/></office:body></office:document>"
    assert refusal(".odt", zipped(content_xml=sheet)) == "is an OpenDocument file of another kind, not a text"


# RTF.


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (r"The talks go on.\par They met.", "The talks go on.\n\nThey met."),
        (r"\ldblquote Caf\'e9\rdblquote\emdash yes", "“Café”—yes"),
        (r"{\uc1\u8220?The talks\u8221?}", "“The talks”"),
        (r"{\uc0\u8220 The talks}", "“The talks"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"{\f1 \'cc\'e8\'f0}", "Мир"),  # the font's alphabet is Cyrillic
        (r"{\f2 \'83A}", "ア"),  # the second byte of two, written as a letter
        (r"A{\v hidden} word{\deleted gone}.", "A word."),
        (r"It was said{\footnote By two officials.}. They met.", "It was said. They met.\n\nBy two officials."),
        (r"{\header Page 1}Text.{\*\unknown x}{\pict 00ff}", "Text."),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt the ministry}} said.", "the ministry said."),
        (r"\trowd\intbl Basra\cell 3\cell\row\pard Text.", "Basra | 3\n\nText."),
        (r"Text{\bin5 }}}}}}.", "Text."),
        (r"non\_breaking\~space soft\-hyphen \{x\}", "non-breaking space softhyphen {x}"),
    ],
)
def test_rtf_is_what_its_words_stand_for(code: str, text: str) -> None:
    fonts = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 Mincho;}}"
    document = rf"{{\rtf1\ansi\ansicpg1252{fonts}{{\colortbl;\red0;}}{code}\par}}"
    assert article(".rtf", document.encode("latin-1")).text == text


def test_an_rtf_says_who_wrote_it_when_and_which_paragraphs_are_headings() -> None:
    document = (
        r"{\rtf1\ansi\deflang2057{\stylesheet{\s0 Normal;}{\s1 heading 1;}}{\info{\title The truce}{\author Jane Roe}"
        r"{\creatim\yr2020\mo4\dy1\hr10\min15}{\revtim\yr2020\mo4\dy2}}"
        r"\pard\s1 What was agreed\par\pard\s0 They met.\par}"
    )
    found = article(".rtf", document.encode())
    assert (found.title, found.authors, found.language) == ("The truce", ("Jane Roe",), "en-gb")
    assert (found.published, found.updated) == ("2020-04-01T10:15:00", "2020-04-02")
    assert marked(found) == [("heading", "What was agreed")]
    assert found.text == "What was agreed\n\nThey met."


def test_an_rtf_that_breaks_off_is_refused() -> None:
    assert refusal(".rtf", rb"{\rtf1 The talks").startswith("breaks off before its end")
    assert refusal(".rtf", b"The talks").startswith("is not RTF")
    assert refusal(".rtf", b"{\\rtf1 " + b"{" * 100_000 + b"}" * 100_001).startswith("has groups nested")


# EPUB.


def test_each_article_of_an_issue_is_one_and_its_cover_is_none() -> None:
    first, second = read(".epub", (SAMPLES / "magazine.epub").read_bytes())
    assert isinstance(first, Loaded)
    assert isinstance(second, Loaded)
    assert first.article.key == "a.epub#OEBPS/text/truce.xhtml"
    assert first.article.title == "The truce"  # as the list of contents calls it
    assert second.article.title == "Rain at last"
    assert marked(second.article) == [("title", "Rain at last")]
    assert second.article.text.split("\n\n")[1] == "It rained in Basra on Sunday."  # without the footnote's mark
    for one in (first, second):
        assert one.article.publisher == "Sample Press"
        assert one.article.section == "The Weekly Sample 14/2020"
        assert (one.article.published, one.article.language) == ("2020-04-03", "en-gb")
        assert one.article.published_from is Origin.GIVEN  # dc:date is the issue's, not the file's
        assert one.source.startswith(b"<?xml")


def test_a_book_locked_by_its_seller_is_refused_and_one_with_hidden_fonts_is_read() -> None:
    def with_rights(algorithm: str) -> bytes:
        with zipfile.ZipFile(SAMPLES / "magazine.epub") as read_from:
            files = {name: read_from.read(name).decode() for name in read_from.namelist()}
        files["META-INF/encryption.xml"] = f'<encryption><EncryptionMethod Algorithm="{algorithm}"/></encryption>'
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return buffer.getvalue()

    assert refusal(".epub", with_rights("http://www.w3.org/2001/04/xmlenc#aes128-cbc")).startswith(
        "is locked by its sel"
    )
    assert len(read(".epub", with_rights("http://www.idpf.org/2008/embedding"))) == 2


# What is damaged or means harm.


def test_a_part_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "_MOST_OF_A_PART", 1000)
    assert "unpacks to more than" in refusal(".docx", word(p("a" * 2000)))
    assert "unpacks to more than" in refusal(".odt", writer("<text:p>" + "a" * 2000 + "</text:p>"))


@pytest.mark.parametrize("suffix", [".docx", ".odt"])
def test_no_entity_is_resolved_and_nothing_is_fetched(suffix: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    dtd = f'<!DOCTYPE x [<!ENTITY l0 "lol"><!ENTITY file SYSTEM "file:///etc/hostname">{laughs}]>'
    made = {
        ".docx": zipped(
            word__document_xml=f"{dtd}<w:document {W}><w:body>{p('Text&l11;&file;.')}</w:body></w:document>"
        ),
        ".odt": zipped(
            content_xml=f"{dtd}<office:document {NAMES}><office:body><office:text><text:p>Text&l11;&file;.</text:p>"
            "</office:text></office:body></office:document>"
        ),
    }
    try:
        text = article(suffix, made[suffix]).text
    except Unreadable:
        return
    assert text in {"Text.", "Text"}


@pytest.mark.parametrize("name", ["story.docx", "story.odt", "story.rtf", "magazine.epub"])
def test_a_damaged_document_is_read_or_refused_and_nothing_else(name: str) -> None:
    whole = (SAMPLES / name).read_bytes()
    step = max(1, len(whole) // 60)
    damaged = [whole[:at] for at in range(0, len(whole), step)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0x21]) + whole[at + 1 :] for at in range(0, len(whole), step)]
    damaged += [b"%PDF-1.7", b"\0" * 100, b"<html><p>x</p></html>"]
    for content in damaged:
        try:
            loaded = read(Path(name).suffix, content)
        except Unreadable:
            continue
        assert all(isinstance(one, Rejected) or one.article.text for one in loaded)


# What the formats share.


def test_offsets_and_pages_are_those_of_the_text_that_the_blocks_make() -> None:
    whole = composed(
        [Block("Title", SkipKind.TITLE), Block("One two", page=0, page_breaks=(4,)), Block("Three", page=3)], pages=5
    )
    assert whole.text == "Title\n\nOne two\n\nThree"
    assert whole.skipped == (SkippedSpan(0, 5, SkipKind.TITLE),)
    # Page 2 begins with "two", page 3 holds nothing and begins where page 4 does, page 5 at the end.
    assert whole.pages == (0, 11, 16, 16, 21)


@pytest.mark.parametrize(
    "name",
    [
        *("Microsoft Word - x.doc", "untitled", "Document1", "report.indd", "scan0001", "https://x.example/a", "   "),
        *("PowerPoint Presentation", "IMG_2041", "Layout 1", "Word Document", "PDF Presentation"),
        *("(anonymous)", "(unspecified)", "[untitled]", "(Untitled) 2", "Microsoft Word - x.docx", "<none>"),
    ],
)
def test_a_program_s_word_is_no_title(name: str) -> None:
    assert title_of(name) is None


@pytest.mark.parametrize(
    "name",
    ["(anonymous)", "(unspecified)", "[unknown]", "python-docx", "untitled", "ReportLab PDF Library", "LibreOffice"],
)
def test_a_program_s_word_is_nobody(name: str) -> None:
    assert authors_of(name) == ()
    assert authors_of("Jane Roe", name) == ("Jane Roe",)


def test_what_was_given_as_title_author_date_and_language_is_taken() -> None:
    assert title_of(" The truce\n of 2020 ") == "The truce of 2020"
    assert title_of("Microsoft Word - The truce of April") == "The truce of April"
    assert authors_of("Jane Roe; John Doe", "admin", "hp", "jroe") == ("Jane Roe", "John Doe")
    assert date_of("2020-04-01T10:15:00.123456789") == "2020-04-01T10:15:00"
    assert date_of("yesterday") is None
    assert [language_of(one) for one in ("en_GB", "DE", "x-none", "English", None)] == ["en-gb", "de", None, None, None]
    assert storable("a\0b\ud800c\xadd") == "ab\ufffdcd"
