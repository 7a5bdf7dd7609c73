"""ODT, the documents of LibreOffice: the text as it stands with all recorded changes accepted.

Deleted text lies apart in the file and is left out; comments, headers and footers are out; notes follow the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from lxml import etree

from rag.load.blocks import (
    Block,
    Properties,
    article,
    authors_of,
    composed,
    date_of,
    language_of,
    paragraph_blocks,
    row_blocks,
    title_of,
)
from rag.load.package import Package, attribute, local, text_of
from rag.load.source import Found, Loaded, Unreadable
from rag.types import SkipKind

_DEEPEST = 60
_OUT = frozenset(
    {
        *("tracked-changes", "annotation", "annotation-end", "sequence-decls", "forms", "variable-decls", "ruby-text"),
        *("user-field-decls", "hidden-text", "hidden-paragraph", "script", "object", "image", "event-listeners"),
    }
)
_INDEXES = frozenset(
    {
        *("table-of-content", "illustration-index", "table-index", "alphabetical-index", "user-index", "object-index"),
        "bibliography",
    }
)
_MOST_SPACES = 100


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of an ODT. Raises Unreadable, and whatever reading the stream raises."""
    package = Package(stream, "OpenDocument text")
    manifest = package.xml_if_there("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
        raise Unreadable("is locked with a password; save a copy without one")
    content = package.xml("content.xml")
    styles = _Styles(content, package.xml_if_there("styles.xml"))
    body = next((one for one in content.iter("{*}body") for one in one if local(one) == "text"), None)
    if body is None:
        raise Unreadable("is an OpenDocument file of another kind, not a text")
    reading = _Reading(styles)
    blocks = list(reading.blocks(body))
    whole = composed([*blocks, *reading.notes])
    yield Loaded(article(found, found.key_path, whole, _properties(package, styles)), package.source)


class _Styles:
    """What paragraphs are by their styles, and the language that the document is set in."""

    def __init__(self, content: etree._Element, styles: etree._Element | None) -> None:
        self._parents: dict[str, str] = {}
        self.hidden: set[str] = set()
        """The names of the styles whose text is not shown."""
        self.language: str | None = None
        for root in (styles, content):
            for style in root.iter("{*}style") if root is not None else ():
                name, parent = attribute(style, "name"), attribute(style, "parent-style-name")
                if name and parent:
                    self._parents[name] = parent
                if name and any(
                    attribute(one, "display") == "none" for one in style.iterchildren("{*}text-properties")
                ):
                    self.hidden.add(name)
        for default in styles.iter("{*}default-style") if styles is not None else ():
            properties = next(default.iter("{*}text-properties"), None)
            if attribute(default, "family") == "paragraph" and properties is not None:
                parts = (attribute(properties, "language"), attribute(properties, "country"))
                self.language = language_of("-".join(part for part in parts if part and part != "none"))

    def kind(self, paragraph: etree._Element) -> SkipKind | None:
        """What a paragraph is by its style or one that this is based on; their names are English in every language."""
        if local(paragraph) == "h":
            return SkipKind.HEADING
        name = attribute(paragraph, "style-name") or ""
        for _ in range(10):
            if name == "Title":
                return SkipKind.TITLE
            if name.startswith("Heading"):
                return SkipKind.HEADING
            if name.lower() in {"caption", "illustration", "figure", "drawing", "table"}:
                return SkipKind.CAPTION
            name = self._parents.get(name, "")
        return None


@dataclass(slots=True)
class _Reading:
    styles: _Styles
    notes: list[Block] = field(default_factory=list)
    """Foot- and endnotes in their order."""

    def blocks(self, root: etree._Element, depth: int = 0, kind: SkipKind | None = None) -> Iterator[Block]:
        """The blocks under an element that holds paragraphs, lists and tables."""
        if depth > _DEEPEST:
            return
        for element in root:
            name = local(element)
            if name in {"p", "h"}:
                text, boxes = self._paragraph(element, depth)
                yield from paragraph_blocks(text, kind or self.styles.kind(element))
                for box in boxes:
                    yield from self.blocks(box, depth + 1, kind)
            elif name == "table":
                rows = [row for row in element.iter("{*}table-row") if _table_of(row) is element]
                yield from row_blocks([list(self._row(row, depth)) for row in rows])
            elif name in _INDEXES:
                yield from self.blocks(element, depth + 1, SkipKind.BOILERPLATE)
            elif name and name not in _OUT:
                yield from self.blocks(element, depth + 1, kind)

    def _row(self, row: etree._Element, depth: int) -> Iterator[list[Block]]:
        for cell in row.iterchildren("{*}table-cell"):
            yield list(self.blocks(cell, depth + 1))

    def _paragraph(self, paragraph: etree._Element, depth: int) -> tuple[str, list[etree._Element]]:
        """The text of a paragraph, and the text boxes that are anchored in it."""
        parts: list[str] = []
        boxes: list[etree._Element] = []
        pending: list[etree._Element | str] = _content(paragraph)
        while pending:
            one = pending.pop()
            if isinstance(one, str):
                parts.append(one)
                continue
            name = local(one)
            if name == "text-box":
                boxes.append(one)
            elif name == "note":
                for body in one.iterchildren("{*}note-body"):
                    self.notes.extend(self.blocks(body, depth + 1))
            elif (written := _written(one, name)) is not None:
                parts.append(written)
            elif name and name not in _OUT and attribute(one, "style-name") not in self.styles.hidden:
                pending.extend(_content(one))
        return "".join(parts), boxes


def _content(element: etree._Element) -> list[etree._Element | str]:
    """Text and elements under an element, the last one first; white space in the file is one space."""
    found: list[etree._Element | str] = [_folded(element.text)]
    for child in element:
        found += [child, _folded(child.tail)]
    return found[::-1]


def _folded(text: str | None) -> str:
    return " ".join(f"|{text}|".split())[1:-1] if text else ""


def _written(element: etree._Element, name: str) -> str | None:
    """What an empty element stands for; None for one that is looked into."""
    if name == "s":
        count = attribute(element, "c") or "1"
        return " " * min(int(count) if count.isdecimal() else 1, _MOST_SPACES)
    return {"tab": "\t", "line-break": "\n", "soft-page-break": ""}.get(name)


def _table_of(row: etree._Element) -> etree._Element | None:
    return next((one for one in row.iterancestors() if local(one) == "table"), None)


def _properties(package: Package, styles: _Styles) -> Properties:
    meta = package.xml_if_there("meta.xml")
    created, modified = date_of(text_of(meta, "creation-date")), date_of(text_of(meta, "date"))
    return Properties(
        title=title_of(text_of(meta, "title")),
        authors=authors_of(text_of(meta, "initial-creator") or text_of(meta, "creator") or ""),
        created=created or modified,
        modified=modified if created and modified != created else None,
        language=language_of(text_of(meta, "language")) or styles.language,
    )
