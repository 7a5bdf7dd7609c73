"""990 web pages with segments that must, and must not, be in the extracted text (of trafilatura's own tests).

A segment counts once, wherever it stands in the text. An extractor is a function of a page's bytes: Groundwire's own
is what can be quoted of a page. Pages go to the halves by the hash of their host.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import lzma
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from eval.bench.options import Options
from eval.bench.progress import say, tracked
from eval.bench.results import Measured, Row, over
from eval.bench.sources import sample, split_of
from rag.evaluate.metrics import Figure, mean_figure, share

FILE = "html-extraction/trafilatura-pages.tar.xz"

Extractor = Callable[[bytes], str]
"""From a page's bytes to its text; empty where it finds none."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what its text must, and must not, hold."""

    url: str
    content: bytes
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]

    @property
    def split(self) -> str:
        return split_of(urlsplit(self.url).hostname or self.url)


@dataclass(frozen=True, slots=True)
class Counts:
    """Segments of one page."""

    wanted: int
    unwanted: int
    missing: int
    empty: bool


def run(options: Options) -> Measured:
    """Every extractor that is installed, on every page."""
    rows = measure(options, extractors())
    settings = {"splits": list(options.splits), "pages, at most": options.questions(0) or "all"}
    return Measured(rows, settings | {"versions": _versions()})


def measure(options: Options, given: Mapping[str, Extractor]) -> tuple[Row, ...]:
    """The figures of each extractor, by name."""
    pages = [page for page in options.sources.read(FILE, _pages) if page.split in options.splits]
    pages = sample(pages, lambda page: page.url, options.questions(0))
    rows: list[Row] = []
    logging.disable(logging.CRITICAL)  # the extractors tell of each page that they do not like
    try:
        for name, extract in given.items():
            counted = [(page, _count(page, extract(page.content))) for page in tracked(pages, f"HTML, {name}")]
            for split in options.splits:
                mine = [counts for page, counts in counted if page.split == split]
                rows += [Row("segments", split, name, figure) for figure in figures(mine)]
    finally:
        logging.disable(logging.NOTSET)
    return tuple(rows)


def extractors() -> dict[str, Extractor]:
    """By name, as many as are installed; what is missing is said."""
    from eval.web.extraction import body

    found: dict[str, Extractor] = {"Groundwire": body}
    for name, made in (("trafilatura", _trafilatura), ("jusText", _justext)):
        try:
            found[name] = made()
        except ModuleNotFoundError as error:
            say(f"{name} is left out: {error}")
    return found


def _trafilatura() -> Extractor:
    extract = importlib.import_module("trafilatura").extract
    return lambda content: extract(content, include_comments=False) or ""


def _justext() -> Extractor:
    """With the stop words of all its languages, as in trafilatura's own comparison."""
    tool = importlib.import_module("justext")
    stop_words = frozenset(word for language in tool.get_stoplists() for word in tool.get_stoplist(language))

    def extract(content: bytes) -> str:
        try:
            paragraphs = tool.justext(content, stop_words, 50, 200, 0.1, 0.2, 0.2, 200, True)
        except ValueError:  # nothing but white space, to lxml
            return ""
        return "\n".join(one.text for one in paragraphs if not one.is_boilerplate)

    return extract


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str] = {}
    for name in ("trafilatura", "jusText"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _pages(content: bytes) -> list[Page]:
    """The pages lie in eval/ and cache/; evaldata.json says what is to be in them."""
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(content))) as packed:
        files = {
            member.name.rpartition("/")[2]: packed.extractfile(member)
            for member in packed.getmembers()
            if member.isfile()
        }
        held = {name: stream.read() for name, stream in files.items() if stream is not None}
    wanted = json.loads(held["evaldata.json"])
    return [Page(url, held[one["file"]], tuple(one["with"]), tuple(one["without"])) for url, one in wanted.items()]


def _count(page: Page, text: str) -> Counts:
    found = sum(segment in text for segment in page.wanted)
    return Counts(found, sum(segment in text for segment in page.unwanted), len(page.wanted) - found, not text.strip())


def figures(counts: Sequence[Counts]) -> Iterator[Figure]:
    columns = ([one.wanted for one in counts], [one.unwanted for one in counts], [one.missing for one in counts])
    yield over("F", _f, *columns)
    yield over("precision", lambda wanted, unwanted, _: _share(wanted, unwanted), *columns)
    yield over("recall", lambda wanted, _, missing: _share(wanted, missing), *columns)
    yield mean_figure("pages without any text", [one.empty for one in counts])


def _share(part: NDArray[np.int_], rest: NDArray[np.int_]) -> float:
    return share(float(part.sum()), float(part.sum() + rest.sum()))


def _f(wanted: NDArray[np.int_], unwanted: NDArray[np.int_], missing: NDArray[np.int_]) -> float:
    return share(2 * float(wanted.sum()), float(2 * wanted.sum() + unwanted.sum() + missing.sum()))
