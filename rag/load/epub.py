"""EPUB: the issue of a magazine or a book, one article a chapter.

A chapter is a file of the spine, in reading order, that holds enough text to be one: covers, lists of contents and
imprints hold less. Its key is the book's with `#` and the file's name, so that it stays the same article when another
chapter is put before it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO
from urllib.parse import unquote

from lxml import etree

from rag.load.blocks import (
    Block,
    Properties,
    article,
    authors_of,
    composed,
    date_of,
    language_of,
    one_line,
    title_of,
)
from rag.load.markup import markup_blocks, markup_root
from rag.load.package import Package, attribute, local, text_of, texts_of
from rag.load.source import Found, Loaded, Unreadable
from rag.types import Rejected, SkipKind

_FEWEST_LETTERS = 150
"""Of the body of a chapter; fewer are a title page, an imprint, a dedication."""
_MARKUP = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"})
_LOCKED_FONTS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})


@dataclass(frozen=True, slots=True)
class _Book:
    """What its package document says."""

    said: Properties
    chapters: tuple[str, ...]
    """The names of the spine's files, in reading order."""
    titles: dict[str, str]
    """By the name of a file, what the list of contents calls it."""


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded | Rejected]:
    """The chapters of a book. Raises Unreadable, and whatever reading the stream raises."""
    package = Package(stream, "EPUB")
    _must_not_be_locked(package)
    book = _book(package)
    count = 0
    for name in book.chapters:
        where = f"{found.where}, {name}"
        try:
            content = package.part(name)
        except Unreadable as error:
            yield Rejected(where, str(error))
            continue
        root = markup_root(content)
        blocks = markup_blocks(root, drops_notes=True) if root is not None else []
        if sum(len(block.text) for block in blocks if block.kind is None) < _FEWEST_LETTERS:
            continue
        count += 1
        yield _chapter(found, content, book, name, blocks)
    if not count:
        raise Unreadable("holds no chapter with text")


def _chapter(found: Found, content: bytes, book: _Book, name: str, blocks: list[Block]) -> Loaded:
    titled, title = _titled(blocks)
    said = replace(book.said, title=title or book.titles.get(name) or book.said.title, section=book.said.title)
    return Loaded(article(found, f"{found.key_path}#{name}", composed(titled), said), content)


def _titled(blocks: list[Block]) -> tuple[list[Block], str | None]:
    """The first heading, where it stands above the text, is the chapter's title."""
    for number, block in enumerate(blocks):
        if block.kind is SkipKind.HEADING:
            made = [*blocks[:number], replace(block, kind=SkipKind.TITLE), *blocks[number + 1 :]]
            return made, " ".join(block.text.split())
        if block.kind is None and len(block.text) > 200:
            break
    return blocks, None


def _must_not_be_locked(package: Package) -> None:
    rights = package.xml_if_there("META-INF/encryption.xml")
    if rights is None:
        return
    methods = {attribute(one, "Algorithm") for one in rights.iter("{*}EncryptionMethod")}
    if methods - _LOCKED_FONTS:
        raise Unreadable("is locked by its seller (DRM); only a copy without it can be read")


def _book(package: Package) -> _Book:
    container = package.xml("META-INF/container.xml")
    opf = next((attribute(one, "full-path") for one in container.iter("{*}rootfile")), None)
    if not opf:
        raise Unreadable("is not a whole EPUB: it does not name its package document")
    root = package.xml(opf)
    folder = posixpath.dirname(opf)
    items = {attribute(one, "id"): one for one in root.iter("{*}item")}
    spine = (items.get(attribute(one, "idref")) for one in root.iter("{*}itemref"))
    chapters = [
        _path(folder, attribute(one, "href") or "")
        for one in spine
        if one is not None
        and attribute(one, "media-type") in _MARKUP
        and "nav" not in (attribute(one, "properties") or "").split()
    ]
    return _Book(_properties(root), tuple(dict.fromkeys(chapters)), _titles(package, folder, items.values()))


def _path(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))


def _titles(package: Package, folder: str, items: Iterable[etree._Element]) -> dict[str, str]:
    """From the list of contents: EPUB 3's navigation document, else EPUB 2's NCX."""
    found: dict[str, str] = {}
    for item in items:
        href = _path(folder, attribute(item, "href") or "")
        base = posixpath.dirname(href)
        if "nav" in (attribute(item, "properties") or "").split():
            root = package.xml_if_there(href)
            for link in root.iter("{*}a") if root is not None else ():
                found.setdefault(_path(base, attribute(link, "href") or ""), one_line(_text(link)))
        elif attribute(item, "media-type") == "application/x-dtbncx+xml":
            root = package.xml_if_there(href)
            for point in root.iter("{*}navPoint") if root is not None else ():
                target = next((attribute(one, "src") for one in point.iterchildren("{*}content")), None)
                label = next((_text(one) for one in point.iterchildren("{*}navLabel")), "")
                found.setdefault(_path(base, target or ""), one_line(label))
    return {name: title for name, title in found.items() if title}


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext()))


def _properties(root: etree._Element) -> Properties:
    metadata = next((one for one in root if local(one) == "metadata"), None)
    dates = [date_of(one) for one in texts_of(metadata, "date")]
    return Properties(
        title=title_of(text_of(metadata, "title")),
        authors=tuple(name for one in texts_of(metadata, "creator") for name in authors_of(one)),
        publisher=text_of(metadata, "publisher"),
        published=next((one for one in dates if one), None),
        language=language_of(text_of(metadata, "language")),
    )
