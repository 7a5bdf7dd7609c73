"""Documents that are a ZIP of XML parts (DOCX, ODT, EPUB): their parts, within bounds.

No part is unpacked further than the limits below, whatever its headers promise; no entity is resolved and nothing is
fetched. Knows no document format.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import BinaryIO

from lxml import etree

from rag.load.source import MEGABYTE, Unreadable, read_whole

_MOST_OF_A_PART = 48 * MEGABYTE
_MOST_IN_ALL = 128 * MEGABYTE
_MOST_PARTS = 20_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the files of old Office programs begin, and new ones that are locked with a password."""


class Package:
    """One document, open in memory."""

    def __init__(self, stream: BinaryIO, kind: str) -> None:
        """Raises Unreadable where it is no whole ZIP. ``kind``: what it should be, for messages ("Word document")."""
        self.source = read_whole(stream)
        self._kind = kind
        self._left = _MOST_IN_ALL
        if self.source.startswith(_OLE):
            raise Unreadable(f"is not a {kind} but an older one, or locked with a password; save it anew without one")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(self.source))
            self._names = set(self._archive.namelist())
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError):
            raise Unreadable(f"is not a whole {kind}; fetch it or save it again") from None
        if len(self._names) > _MOST_PARTS:
            raise Unreadable(f"has more than {_MOST_PARTS} parts, too many for a {kind}")

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def part(self, name: str) -> bytes:
        """The bytes of a part. Raises Unreadable where it is missing, damaged, locked or too large."""
        try:
            if self._archive.getinfo(name).flag_bits & 1:
                raise Unreadable("is locked with a password; save a copy without one")
            with self._archive.open(name) as opened:
                content = opened.read(min(_MOST_OF_A_PART, self._left) + 1)
        except KeyError:
            raise Unreadable(f"is not a whole {self._kind}: its {name} is missing") from None
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
            raise Unreadable(f"is damaged: its {name} cannot be unpacked; fetch it or save it again") from None
        self._left -= len(content)
        if len(content) > _MOST_OF_A_PART or self._left < 0:
            raise Unreadable(f"unpacks to more than {_MOST_OF_A_PART // MEGABYTE} MB, too much for one document")
        return content

    def xml(self, name: str) -> etree._Element:
        """A part's root element. Raises Unreadable as `part` does, and where it is not XML."""
        root = parsed(self.part(name))
        if root is None:
            raise Unreadable(f"is damaged: its {name} is not XML; fetch it or save it again")
        return root

    def xml_if_there(self, name: str) -> etree._Element | None:
        """A part's root element; None where the part is missing or of no use: what is read is not the text."""
        try:
            return parsed(self.part(name)) if name in self else None
        except Unreadable:
            return None


def parsed(xml: bytes) -> etree._Element | None:
    """The root of an XML document; None where it is none. No entity is resolved, nothing is fetched."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local(element: etree._Element) -> str:
    """An element's name without its namespace; empty for a comment, an entity or an instruction."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """The value of an attribute, whatever its namespace."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def text_of(root: etree._Element | None, name: str) -> str | None:
    """The text of the first element of this local name that has any."""
    return next(iter(texts_of(root, name)), None)


def texts_of(root: etree._Element | None, name: str) -> list[str]:
    """The texts of the elements of this local name, without those that have none."""
    if root is None:
        return []
    found = (" ".join("".join(map(str, one.itertext())).split()) for one in root.iter(f"{{*}}{name}"))
    return [one for one in found if one]
