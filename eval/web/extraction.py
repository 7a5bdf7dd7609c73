"""How well the article is cut out of a page: segments that must, and must not, be in its text.

``python -m eval.web.extraction [--bench DIR] [--others]``. A segment counts once, wherever it stands;
F = 2PR / (P + R), over all segments. "body" is the article's text without anything that is marked as skipped; "text" is
that with the headings inside the article, which are kept for reading and never quoted. ``--others`` measures
trafilatura and jusText on the same pages, too.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator

from eval.web.pages import Page, parser, read_pages
from rag.types import SkipKind
from rag.webpage import NotParsed, PageText, read_page

Extractor = Callable[[bytes], str]


def main() -> None:
    """Print precision, recall, F and pages a second for each extractor and half."""
    made = parser(__doc__)
    made.add_argument("--others", action="store_true", help="measure other extractors on the same pages")
    given = made.parse_args()
    pages = read_pages(given.bench)
    print(f"{'':24}{'half':6}{'pages':>6}{'P':>8}{'R':>8}{'F':>8}{'empty':>7}{'pages/s':>9}")
    for name, extract in (EXTRACTORS | (OTHERS if given.others else {})).items():
        started = time.process_time()
        texts = [extract(page.content) for page in pages]
        speed = len(pages) / (time.process_time() - started)
        for half in ("dev", "test", "all"):
            chosen = [(page, text) for page, text in zip(pages, texts, strict=True) if half in ("all", page.half)]
            print(f"{name:24}{half:6}{len(chosen):6}{_row(chosen)}{speed:9.1f}")


def _row(chosen: list[tuple[Page, str]]) -> str:
    right = sum(segment in text for page, text in chosen for segment in page.wanted)
    wrong = sum(segment in text for page, text in chosen for segment in page.unwanted)
    wanted = sum(len(page.wanted) for page, _ in chosen)
    precision, recall = right / ((right + wrong) or 1), right / wanted
    f = 2 * precision * recall / ((precision + recall) or 1)
    empty = sum(not text.strip() for _, text in chosen)
    return f"{precision:8.4f}{recall:8.4f}{f:8.4f}{empty:7}"


def body(content: bytes) -> str:
    """What can be quoted of the page."""
    page = _read(content)
    return page.body if page else ""


def text(content: bytes) -> str:
    """The same with the article's own headings."""
    page = _read(content)
    return "".join(_without(page, keeping=SkipKind.HEADING)) if page else ""


def _read(content: bytes) -> PageText | None:
    try:
        return read_page(content).text
    except NotParsed:
        return None


def _without(page: PageText, keeping: SkipKind) -> Iterator[str]:
    done = 0
    for span in page.skipped:
        if span.kind is not keeping:
            yield page.text[done : span.start]
            done = span.end
    yield page.text[done:]


def _trafilatura(**options: bool) -> Extractor:
    def extract(content: bytes) -> str:
        return importlib.import_module("trafilatura").extract(content, include_comments=False, **options) or ""

    return extract


def _justext(content: bytes) -> str:
    """With the stop words of all its languages, as in trafilatura's own comparison."""
    tool = importlib.import_module("justext")
    stop_words = frozenset(word for language in tool.get_stoplists() for word in tool.get_stoplist(language))
    try:
        paragraphs = tool.justext(content, stop_words, 50, 200, 0.1, 0.2, 0.2, 200, True)
    except ValueError:  # nothing but white space, to lxml
        return ""
    return "\n".join(one.text for one in paragraphs if not one.is_boilerplate)


EXTRACTORS: dict[str, Extractor] = {"groundwire, body": body, "groundwire, text": text}
OTHERS: dict[str, Extractor] = {
    "trafilatura": _trafilatura(),
    "trafilatura, fast": _trafilatura(fast=True),
    "trafilatura, precision": _trafilatura(favor_precision=True),
    "trafilatura, recall": _trafilatura(favor_recall=True),
    "jusText": _justext,
}

if __name__ == "__main__":
    main()
