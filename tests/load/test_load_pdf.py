from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from eval.documents import Setting, Story, as_pdf
from rag.load.hyphens import joined
from rag.load.pdf import load
from rag.load.pdf_layout import Word, reading_order
from rag.load.source import Found, Loaded, Unreadable
from rag.types import Article, Origin, SkipKind

SAMPLES = Path(__file__).parent.parent / "samples"
TITLE = "Ceasefire holds as both sides agree to meet"


def read(content: bytes) -> Loaded:
    (loaded,) = load(Found(Path("/news/a.pdf"), "a.pdf"), io.BytesIO(content))
    return loaded


def sample(name: str) -> Article:
    return read((SAMPLES / name).read_bytes()).article


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(content)
    return str(refused.value)


def body(article: Article) -> list[str]:
    """The paragraphs that are not marked."""
    text, at, kept = article.text, 0, []
    for span in article.skipped:
        kept.append(text[at : span.start])
        at = span.end
    kept.append(text[at:])
    return [part.strip() for piece in kept for part in piece.split("\n\n") if part.strip()]


def marked(article: Article, kind: SkipKind) -> list[str]:
    return [article.text[span.start : span.end] for span in article.skipped if span.kind is kind]


def drawn(*lines: tuple[float, float, str, str, float]) -> bytes:
    """A page with lines at (x, y) in a font of a size."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for x, y, text, font, size in lines:
        canvas.setFont(font, size)
        canvas.drawString(x, y, text)
    canvas.save()
    return buffer.getvalue()


def column(x: float, top: float, lines: Sequence[str], size: float = 10) -> list[tuple[float, float, str, str, float]]:
    return [(x, top - 12 * number, line, "Helvetica", size) for number, line in enumerate(lines)]


# The whole of a sample.


@pytest.mark.parametrize("name", ["one-column.pdf", "three-columns.pdf"])
def test_a_story_comes_back_in_paragraphs_whatever_its_columns(name: str) -> None:
    article = sample(name)
    paragraphs = body(article)
    assert [paragraph.split()[0] for paragraph in paragraphs] == ["The", "“It’s", "At", "International", "Another"]
    assert paragraphs[2] == (
        "At least 14 people were killed along the border in March, according to the observers, and some 2,300 left "
        "their homes. The government’s figures are lower: it counts nine dead, and disputes that anybody fled."
    )
    assert "US-led observers. She would not say whether the long-term" in paragraphs[1]
    assert marked(article, SkipKind.TITLE) == [TITLE]
    assert marked(article, SkipKind.BOILERPLATE) == ["The Daily Sample | 01.04.2020"]
    assert (article.title, article.authors) == (TITLE, ("Jane Roe", "John Doe"))
    # The file's own date is of the year 2000: the date below the byline wins.
    assert (article.published, article.published_from) == ("2020-04-01", Origin.TEXT)
    assert (article.language, article.pages) == ("en-gb", (0,))


def test_a_pdf_of_a_word_processor_is_read_with_its_title_from_the_page() -> None:
    article = sample("story.pdf")
    assert article.title == TITLE  # its properties say "Microsoft Word - draft3.doc"
    assert marked(article, SkipKind.HEADING) == ["What was agreed"]
    assert marked(article, SkipKind.CAPTION) == ["Figure 1. The border at dusk."]
    assert "Baghdad 3 12" in body(article)
    assert "The prisoners come first." in body(article)
    assert "This is hidden." not in article.text
    # The head of the page; its file is of another year.
    assert (article.published, article.published_from) == ("2020-04", Origin.TEXT)


def bulletin(*heads: str, opening: str = "It rained in Basra on Sunday, and the river rose.") -> bytes:
    """A page for each head, the first with the opening; reportlab says that it made the file on 1 January 2000."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for page, head in enumerate(heads):
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 800, head)
        canvas.drawString(60, 740, "The rain went on." if page else opening)
        for number in range(12):
            canvas.drawString(60, 700 - 12 * number, "The ministry said that the talks about the water had not begun.")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("The Daily Sample, April 2020", "2020-04"),
        ("The Daily Sample, Wednesday, April 1, 2020", "2020-04-01"),
        ("1 April 2020 | The Daily Sample", "2020-04-01"),
        ("The Daily Sample – April 2020 {}", "2020-04"),
        ("{} | The Daily Sample, 1 April 2020", "2020-04-01"),
    ],
)
def test_a_running_head_tells_the_date(head: str, published: str) -> None:
    article = read(bulletin(head.format(1), head.format(2))).article
    assert "Daily Sample" not in article.text
    assert (article.published, article.published_from) == (published, Origin.TEXT)


@pytest.mark.parametrize(
    "head",
    [
        "The Daily Sample",
        "The Daily Sample, 2020",
        "Printed on 20 November 2026",
        "The Daily Sample, 20 November 2026, 13:14",
        "30 February 2020 | The Daily Sample",
    ],
)
def test_what_a_running_head_holds_beside_a_date_is_none(head: str) -> None:
    article = read(bulletin(head, head)).article
    assert (article.published or "")[:10] == "2000-01-01"
    assert article.published_from is Origin.PROPERTIES


def test_a_line_of_the_text_that_ends_with_a_month_is_no_date() -> None:
    article = read(bulletin("The Daily Sample", "The Daily Sample", opening="The bridge at Basra, April 2003")).article
    assert article.published_from is Origin.PROPERTIES


def test_a_date_line_that_is_a_month_alone_is_the_date() -> None:
    article = read(bulletin("The Daily Sample", "The Daily Sample", opening="April 2020")).article
    assert (article.published, article.published_from) == ("2020-04", Origin.TEXT)


def test_what_is_named_as_the_date_of_publication_is_more_than_the_files_own() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<r:Description xmlns:p="p" xmlns:x="x" p:publicationDate="2020-04-01" x:CreateDate="2021-05-06"/>'
        b"</r:RDF></x:xmpmeta>"
    )
    article = read(bulletin("The Daily Sample", "The Daily Sample") + packet).article
    assert (article.published, article.published_from) == ("2020-04-01", Origin.GIVEN)


def test_pages_begin_where_their_text_does_and_a_sentence_across_them_is_whole() -> None:
    names = [f"{one}{other}" for one in ("Ba", "Mo", "Er", "Na", "Ka", "Di") for other in "bdfgklmnrs"]
    paragraphs = tuple(
        f"The observers at {name} say that the border was quiet for the whole of the week at {name}, and that nobody "
        f"crossed it on foot or otherwise. The next report from {name} is due before the end of the month."
        for name in names
    )
    content = as_pdf(Story(TITLE, paragraphs), Setting(columns=2))
    article = read(content).article
    assert body(article) == list(paragraphs)
    # Each page draws its head and its number first: the third line is the first one of its body.
    first_lines = [page.get_textpage().get_text_range().splitlines()[2] for page in pypdfium2.PdfDocument(content)]
    assert len(article.pages) == len(first_lines) == 3
    assert article.pages[0] == 0
    for start, line in list(zip(article.pages, first_lines, strict=True))[1:]:
        assert article.text[start:].startswith(line.rstrip("\ufffe-"))
    assert "The Daily Sample" not in article.text


# Columns.


def words(rows: Sequence[tuple[float, float, str]]) -> list[Word]:
    """Words of six points a letter, in the order given."""
    made: list[Word] = []
    for x, y, text in rows:
        at = x
        for word in text.split():
            made.append(Word(word, at, at + 6 * len(word), y, 10, y + 7.5, bold=False, italic=False, index=len(made)))
            at += 6 * len(word) + 4
    return made


LEFT = ["The ministry said that both sides", "had agreed to meet in the coming", "week, in Geneva or in another"]
RIGHT = ["place that both of them trust. It", "gave no further details, nor did", "the observers on the border do."]


def order(rows: Sequence[tuple[float, float, str]]) -> list[str]:
    return [line.text for line in reading_order(words(rows))]


def test_columns_are_read_one_after_the_other_although_their_lines_are_level() -> None:
    rows = [(50, 700 - 12 * n, text) for n, text in enumerate(LEFT)]
    rows += [(280, 700 - 12 * n, text) for n, text in enumerate(RIGHT)]
    assert order(rows) == LEFT + RIGHT
    by_height = sorted(rows, key=lambda row: (-row[1], row[0]))
    assert order(by_height) == LEFT + RIGHT


def test_a_headline_across_the_columns_ends_them() -> None:
    rows = [(50, 700 - 12 * n, text) for n, text in enumerate(LEFT)]
    rows += [(280, 700 - 12 * n, text) for n, text in enumerate(RIGHT)]
    across = "A line that goes right across both of the columns of this page here"
    rows += [(50, 650, across)]
    rows += [(50, 630 - 12 * n, text.upper()) for n, text in enumerate(LEFT)]
    rows += [(280, 630 - 12 * n, text.upper()) for n, text in enumerate(RIGHT)]
    assert order(rows) == [*LEFT, *RIGHT, across, *map(str.upper, LEFT), *map(str.upper, RIGHT)]


def test_a_table_is_read_row_by_row() -> None:
    table = [("Baghdad", "3", "12"), ("Basra", "0", "4"), ("Mosul", "14", "60"), ("Erbil", "1", "2")]
    rows = [(50 + 120 * c, 700 - 12 * r, cell) for r, cells in enumerate(table) for c, cell in enumerate(cells)]
    assert order(rows) == ["Baghdad 3 12", "Basra 0 4", "Mosul 14 60", "Erbil 1 2"]


def test_bullets_are_no_column() -> None:
    rows = [(50, 700 - 12 * n, "-") for n in range(3)] + [(80, 700 - 12 * n, text) for n, text in enumerate(LEFT)]
    assert order(rows) == [f"- {text}" for text in LEFT]


def test_a_drop_capital_is_put_before_its_word() -> None:
    small = words([(80, 700, "he ministry said on Monday that"), (80, 688, "both sides had agreed to meet")])
    capital = Word("T", 50, 78, 688, 30, 688 + 22.5, bold=False, italic=False, index=99)
    assert [line.text for line in reading_order([*small, capital])] == [
        "The ministry said on Monday that",
        "both sides had agreed to meet",
    ]


# The ends of lines.


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("the agree-", "ment holds", "the agreement holds"),
        ("the US-", "led force", "the US-led force"),
        ("a five-", "year plan", "a five-year plan"),
        ("on Thurs-", "day they met", "on Thursday they met"),
        ("in 2019-", "20 it was", "in 2019-20 it was"),
        ("the Anglo-", "American talks", "the Anglo-American talks"),
        ("OPERA-", "TION", "OPERATION"),
        ("John Mc-", "Cain said", "John McCain said"),
        ("state-of-", "the-art", "state-of-the-art"),
        ("he said -", "and left", "he said - and left"),
        ("eleven states --", "Alaska", "eleven states -- Alaska"),
        ("an anti-", "government march", "an anti-government march"),
        ("a soft\xad", "ware firm", "a software firm"),
        ("an af-", "ter-hours call", "an after-hours call"),
        ("cost-of-", "living crisis", "cost-of-living crisis"),
        ("Pfizer/", "BioNTech", "Pfizer/BioNTech"),
        ("https://", "x.example", "https://x.example"),
        ("a vacation—", "really", "a vacation—really"),
        ("a vacation", "—really", "a vacation—really"),
        ("a vacation —", "really", "a vacation — really"),
        ("no hyphen", "here", "no hyphen here"),
    ],
)
def test_a_word_at_the_end_of_a_line_is_made_whole(before: str, after: str, whole: str) -> None:
    assert joined(before, after, Counter()) == whole


def test_how_the_document_writes_a_word_elsewhere_decides() -> None:
    assert joined("the re-", "elected man", Counter({"re-elected": 1})) == "the re-elected man"
    assert joined("a self-", "ish guest", Counter({"selfish": 1})) == "a selfish guest"


def test_a_ligature_is_its_letters() -> None:
    from rag.load.pdf import _letters

    assert _letters("o\ufb03ce") == "office"
    assert _letters("\ud83d\ude00") == "😀"
    assert _letters("co\xadop") == "coop"


# Paragraphs and what is none.


def test_an_indent_a_gap_and_a_short_last_line_each_begin_a_paragraph() -> None:
    by_gap = [*column(50, 700, LEFT), *column(50, 640, RIGHT), *column(50, 560, LEFT)]
    assert len(read(drawn(*by_gap)).article.text.split("\n\n")) == 3
    by_indent = [
        *column(
            50, 700, ["The ministry said that both sides had agreed to meet again", "and did not say where or when."]
        ),
        *column(64, 676, ["Nobody expects the talks to bring about a quick result of"]),
        *column(50, 664, ["any kind, observers on both sides of the border told us then."]),
    ]
    assert len(read(drawn(*by_indent)).article.text.split("\n\n")) == 2


def test_a_paragraph_goes_on_in_the_next_column_where_that_begins_in_small_letters() -> None:
    left = [
        "Both sides agreed on Monday to meet again",
        "in the coming week, as they had done before,",
        "in Geneva or in",
    ]
    right = ["another place that both of them can trust.", "It gave no further details of this, nor did", "the others."]
    found = read(drawn(*column(50, 700, left), *column(320, 700, right))).article
    assert found.text.split("\n\n")[0].startswith(" ".join(left) + " another place that both of them can trust.")


def test_running_heads_and_page_numbers_go_and_what_stands_once_stays() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for page in range(1, 5):
        canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 800, f"Sample Weekly, issue {page + 10}")
        canvas.drawString(290, 30, f"- {page} -")
        for number, line in enumerate(LEFT):
            canvas.drawString(50, 700 - 12 * number, f"{line} {page}")
        canvas.drawString(50, 600, f"Only the page with number {page} of them has this sentence{'.' * page}")
        canvas.showPage()
    canvas.save()
    text = read(buffer.getvalue()).article.text
    assert "Sample Weekly" not in text
    assert "- 2 -" not in text
    assert text.count("Only the page") == 4


def test_what_is_set_across_the_page_is_left_out() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for number, line in enumerate(LEFT):
        canvas.drawString(50, 700 - 12 * number, line)
    canvas.saveState()
    canvas.translate(300, 300)
    canvas.rotate(90)
    canvas.drawString(0, 0, "Photo Agency")
    canvas.restoreState()
    canvas.save()
    assert read(buffer.getvalue()).article.text == " ".join(LEFT)


def test_a_landscape_page_is_read_upright() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.translate(500, 50)
    canvas.rotate(90)
    for number, line in enumerate(LEFT):
        canvas.drawString(0, 300 - 12 * number, line)
    canvas.save()
    assert read(buffer.getvalue()).article.text == " ".join(LEFT)


# What is refused.


def test_a_pdf_that_only_its_owner_may_change_is_read_and_one_with_a_password_is_not() -> None:
    assert sample("owner-locked.pdf").text.startswith("Nobody may copy this line of a locked document.")
    assert refusal((SAMPLES / "password.pdf").read_bytes()).startswith("is locked with a password; save a copy")


def test_a_scan_is_told_from_an_empty_page() -> None:
    assert refusal((SAMPLES / "scanned.pdf").read_bytes()).startswith("holds pictures of pages, no text; run OCR first")
    assert refusal(drawn((50, 700, " ", "Helvetica", 10))) == "holds no text"


def test_a_page_without_text_among_others_is_named() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for number, line in enumerate(LEFT):
        canvas.drawString(50, 700 - 12 * number, line)
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (30, 40), 99)), 0, 0, *A4)
    canvas.showPage()
    canvas.save()
    loaded = read(buffer.getvalue())
    assert loaded.notes == ("page 2 is a picture without text, and was not read; OCR would make it readable",)
    assert loaded.article.pages == (0, len(loaded.article.text))


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4", b"%PDF-1.7\n%%EOF", b"PK\x03\x04", b"<html></html>", b"\x00" * 5000]
)
def test_what_is_no_pdf_is_refused(content: bytes) -> None:
    assert refusal(content).startswith(("is not a whole PDF", "has no pages"))


def test_a_damaged_pdf_is_read_or_refused_and_nothing_else() -> None:
    whole = (SAMPLES / "three-columns.pdf").read_bytes()
    damaged = [whole[: len(whole) * part // 20] for part in range(20)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :] for at in range(0, len(whole), 97)]
    for content in damaged:
        try:
            text = read(content).article.text
        except Unreadable as refused:
            assert ";" in str(refused) or str(refused).startswith("holds")
        else:
            assert text
