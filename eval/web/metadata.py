"""How often publisher, title, authors and date of a page are right, beside trafilatura (whose dates are htmldate's).

``python -m eval.web.metadata [--bench DIR] [--wrong]``. `metadata.jsonl` holds what 65 of the benchmark's pages state,
read by hand from their source; the pages are those whose names have the lowest SHA-256. Each field lists the answers
that are right: a page may state two titles; null (and no authors) is right where it states none. Titles, names and
authors are compared without case, marks and spaces, dates by their day.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from trafilatura import load_html
from trafilatura.metadata import extract_metadata

from eval.web.pages import Page, half, parser, read_pages
from rag.webpage import read_page

LABELS = Path(__file__).with_name("metadata.jsonl")
FIELDS = ("publisher", "title", "authors", "published")


@dataclass(frozen=True, slots=True)
class Said:
    """What a program says of a page."""

    publisher: str | None
    title: str | None
    authors: tuple[str, ...]
    published: str | None


def main() -> None:
    """Print the share of right answers for each field and half."""
    made = parser(__doc__)
    made.add_argument("--wrong", action="store_true", help="list what is wrong, on the half that rules are made on")
    given = made.parse_args()
    labels = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]
    pages = {page.name: page for page in read_pages(given.bench)}
    said = {"groundwire": _ours, "trafilatura": _theirs}
    print(f"{'':14}{'half':6}{'pages':>6}" + "".join(f"{field:>12}" for field in FIELDS))
    for name, read in said.items():
        answers = {one["file"]: read(pages[one["file"]]) for one in labels}
        for part in ("dev", "test", "all"):
            chosen = [one for one in labels if part in ("all", half(one["file"]))]
            shares = [sum(is_right(answers[one["file"]], one, field) for one in chosen) for field in FIELDS]
            print(f"{name:14}{part:6}{len(chosen):6}" + "".join(f"{right / len(chosen):12.3f}" for right in shares))
        if given.wrong and name == "groundwire":
            _list_wrong([one for one in labels if half(one["file"]) == "dev"], answers)


def is_right(said: Said, label: dict[str, list[object]], field: str) -> bool:
    """Is the field one of the answers that the label lists?"""
    value = getattr(said, field)
    return any(_folded(value, field) == _folded(answer, field) for answer in label[field])


def _folded(value: object, field: str) -> object:
    if value is None or field == "published":
        return value[:10] if isinstance(value, str) else None
    if isinstance(value, list | tuple):
        return {_letters(str(one)) for one in value}
    return _letters(str(value))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def _list_wrong(labels: list[dict[str, list[object]]], answers: dict[object, Said]) -> None:
    for label in labels:
        for field in FIELDS:
            said = answers[label["file"]]
            if not is_right(said, label, field):
                print(f"  {str(label['file'])[:40]:40} {field}: {getattr(said, field)!r}, not {label[field]!r}")


def _ours(page: Page) -> Said:
    said = read_page(page.content).metadata
    return Said(said.publisher, said.title, said.authors, said.published)


def _theirs(page: Page) -> Said:
    said = extract_metadata(load_html(page.content))
    authors = tuple(filter(None, (said.author or "").split("; ")))
    return Said(said.sitename, said.title, authors, said.date)


if __name__ == "__main__":
    main()
