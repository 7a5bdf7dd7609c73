"""DOCX: the document as its author sees it with all changes accepted.

What was inserted is in, what was deleted is out; comments, headers and footers are out; footnotes follow the text. Read
from the XML itself: python-docx, the usual library, leaves out inserted text, footnotes and text boxes.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
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
from rag.load.source import Found, Loaded
from rag.types import SkipKind

_DEEPEST = 60
"""Tables, boxes and changes within each other."""
_OUT = frozenset(
    {"del", "moveFrom", "delText", "instrText", "Fallback", "rPr", "pPr", "commentReference", "delInstrText"}
)


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of a Word document. Raises Unreadable, and whatever reading the stream raises."""
    package = Package(stream, "Word document")
    main = _main_part(package)
    reading = _Reading(_styles(package, main))
    body = package.xml(main)
    blocks = [*reading.blocks(body), *_notes(package, main, reading)]
    yield Loaded(
        article(found, found.key_path, composed(blocks), _properties(package, reading)),
        package.source,
        tuple(reading.lost),
    )


def _main_part(package: Package) -> str:
    relations = package.xml_if_there("_rels/.rels")
    for relation in relations if relations is not None else ():
        if (attribute(relation, "Type") or "").endswith("/officeDocument"):
            return posixpath.normpath((attribute(relation, "Target") or "").lstrip("/"))
    return "word/document.xml"


def _notes(package: Package, main: str, reading: _Reading) -> Iterator[Block]:
    """Footnotes, then endnotes, in their order."""
    folder = posixpath.dirname(main)
    for part, name in (("footnotes.xml", "footnote"), ("endnotes.xml", "endnote")):
        root = package.xml_if_there(posixpath.join(folder, part))
        for note in root if root is not None else ():
            # The two that every file has are the lines that part notes from the text.
            if local(note) == name and attribute(note, "type") in {None, "normal"}:
                yield from reading.blocks(note)


# Styles.


@dataclass(frozen=True, slots=True)
class _Styles:
    kinds: dict[str, SkipKind]
    """By a style's id, where it is not one of body text."""
    language: str | None


def _styles(package: Package, main: str) -> _Styles:
    root = package.xml_if_there(posixpath.join(posixpath.dirname(main), "styles.xml"))
    kinds: dict[str, SkipKind] = {}
    based: dict[str, str] = {}
    language = None
    for style in root if root is not None else ():
        if local(style) == "docDefaults":
            language = next((attribute(one, "val") for one in style.iter("{*}lang")), None)
        identity = attribute(style, "styleId")
        if local(style) != "style" or identity is None:
            continue
        name = next((attribute(one, "val") or "" for one in style if local(one) == "name"), "")
        outline = next((attribute(one, "val") for one in style.iter("{*}outlineLvl")), None)
        based[identity] = next((attribute(one, "val") or "" for one in style if local(one) == "basedOn"), "")
        if kind := _kind_of_style(name, outline):
            kinds[identity] = kind
    for identity in based:
        ancestor = identity
        for _ in range(10):
            ancestor = based.get(ancestor, "")
            if ancestor in kinds:
                kinds.setdefault(identity, kinds[ancestor])
                break
    return _Styles(kinds, language)


def _kind_of_style(name: str, outline: str | None) -> SkipKind | None:
    """By the name of a built-in style, which is English in every Word."""
    name = name.lower()
    if name == "title":
        return SkipKind.TITLE
    if name == "caption":
        return SkipKind.CAPTION
    if name.startswith("toc ") or name in {"table of figures", "header", "footer"}:
        return SkipKind.BOILERPLATE
    return SkipKind.HEADING if name.startswith("heading") or (outline or "9") < "9" else None


# The text.


@dataclass(slots=True)
class _Reading:
    """Reads paragraphs and tables; keeps count of the languages that they name, and of what was not read."""

    styles: _Styles
    languages: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    _field_code: int = 0
    """How many fields are open whose instructions, not their results, are being read."""
    _fields: list[bool] = field(default_factory=list)

    def blocks(self, root: etree._Element, depth: int = 0) -> Iterator[Block]:
        """The blocks under an element that holds paragraphs and tables."""
        held = ""
        if depth > _DEEPEST:
            return
        for element in root:
            match local(element):
                case "p":
                    text, boxes = self._paragraph(element)
                    text = held + text
                    held = text if _mark_is_deleted(element) else ""
                    if not held:
                        yield from paragraph_blocks(text, self._kind(element))
                    for box in boxes:
                        yield from self.blocks(box, depth + 1)
                case "tbl":
                    yield from row_blocks([list(self._row(row, depth)) for row in _under(element, "tr")])
                case "altChunk":
                    self.lost.append("holds a document of another kind inside it, which was not read")
                case name if name and name not in _OUT:
                    yield from self.blocks(element, depth + 1)
        yield from paragraph_blocks(held, None)

    def _row(self, row: etree._Element, depth: int) -> Iterator[list[Block]]:
        for cell in _under(row, "tc"):
            yield list(self.blocks(cell, depth + 1))

    def _kind(self, paragraph: etree._Element) -> SkipKind | None:
        for properties in paragraph.iterchildren("{*}pPr"):
            for one in properties:
                if local(one) == "outlineLvl" and (attribute(one, "val") or "9") < "9":
                    return SkipKind.HEADING
                if local(one) == "pStyle":
                    return self.styles.kinds.get(attribute(one, "val") or "")
        return None

    def _paragraph(self, paragraph: etree._Element) -> tuple[str, list[etree._Element]]:
        """The text of a paragraph, and the text boxes that are anchored in it."""
        parts: list[str] = []
        boxes: list[etree._Element] = []
        pending = list(reversed(paragraph))
        while pending:
            element = pending.pop()
            name = local(element)
            if name == "fldChar":
                self._field(attribute(element, "fldCharType"))
            elif name == "txbxContent":
                boxes.append(element)
            elif name == "r":
                if not _is_hidden(element):
                    pending.extend(reversed(element))
                self._count(element)
            elif name and name not in _OUT:
                written = _written(element, name)
                if written is None:
                    pending.extend(reversed(element))
                elif not self._field_code:
                    parts.append(written)
        return "".join(parts), boxes

    def _field(self, kind: str | None) -> None:
        """Of a field such as a page number or link only the result is text, not its instruction."""
        if kind == "begin":
            self._fields.append(True)
        elif kind == "separate" and self._fields:
            self._fields[-1] = False
        elif kind == "end" and self._fields:
            self._fields.pop()
        self._field_code = sum(self._fields)

    def _count(self, run: etree._Element) -> None:
        language = next((attribute(one, "val") for one in run.iterfind("{*}rPr/{*}lang")), None)
        if language or self.styles.language:
            length = sum(len(one.text or "") for one in run.iterchildren("{*}t"))
            self.languages[(language or self.styles.language or "").lower()] += length


_WRITTEN = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "", "ptab": "\t"}


def _written(element: etree._Element, name: str) -> str | None:
    """What a leaf of a run stands for; None for an element that is looked into."""
    if name == "t":
        return element.text or ""
    if name == "br":
        return "\n" if attribute(element, "type") in {None, "textWrapping"} else " "
    if name == "sym":
        return _symbol(attribute(element, "char") or "")
    return _WRITTEN.get(name)


def _symbol(code: str) -> str:
    """Symbol fonts keep their letters where Unicode has none: those are bullets and ornaments."""
    number = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,5}", code) else 0
    return chr(number) if 0x20 <= number < 0xD800 else ""


def _is_hidden(run: etree._Element) -> bool:
    found = run.find("{*}rPr/{*}vanish")
    return found is not None and attribute(found, "val") not in {"0", "false", "off"}


def _mark_is_deleted(paragraph: etree._Element) -> bool:
    """Whether the end of the paragraph was deleted, so that it runs on into the next one."""
    return paragraph.find("{*}pPr/{*}rPr/{*}del") is not None


def _under(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row, also where they stand in a content control or a change."""
    for child in element:
        if local(child) == name:
            yield child
        elif local(child) in {"sdt", "sdtContent", "ins", "customXml", "smartTag", "moveTo"}:
            yield from _under(child, name)


# What the document says of itself.


def _properties(package: Package, reading: _Reading) -> Properties:
    core = package.xml_if_there("docProps/core.xml")
    usual = reading.languages.most_common(1)
    created, modified = date_of(text_of(core, "created")), date_of(text_of(core, "modified"))
    return Properties(
        title=title_of(text_of(core, "title")),
        authors=authors_of(text_of(core, "creator") or ""),
        created=created,
        modified=modified if modified != created else None,
        language=language_of(text_of(core, "language")) or language_of(usual[0][0] if usual else None),
    )
