"""RIS (Reference Manager; Clarivate's "RIS format specifications", 2011): type NEWS, UTF-8, one tag a line.

The format knows no escapes: a value ends with its line, and only a line's beginning can be a tag. Values have no line
ends (`Entry`), so nothing in them can be one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.render.references.entry import Entry, Name


def to_ris(entries: Sequence[Entry]) -> str:
    """The entries as a RIS file."""
    return "\n".join("".join(f"{tag}  - {value}\n" for tag, value in _tags(entry)) for entry in entries)


def _tags(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "TY", "NEWS"
    yield "ID", entry.key
    for author in entry.authors:
        yield "AU", _name(author)
    if entry.title:
        yield "TI", entry.title
    if entry.newspaper:
        yield "T2", entry.newspaper
    if entry.date:
        yield "PY", f"{entry.date[0]:04}"
        yield "DA", _date(entry.date)
    if entry.url:
        yield "UR", entry.url
    yield "Y2", _date(entry.accessed)
    for quote in entry.quotes:
        yield "N1", quote
    yield "ER", ""


def _name(name: Name) -> str:
    """``Family, Given, Suffix``; in a name that stays whole a comma would be taken for that, and is left out."""
    if name.literal:
        return " ".join(name.literal.replace(",", " ").split()) or name.literal
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part)


def _date(parts: Sequence[int]) -> str:
    """``YYYY/MM/DD/``; what is not known is empty."""
    padded = [f"{parts[0]:04}", *(f"{part:02}" for part in parts[1:]), "", ""]
    return "/".join(padded[:3]) + "/"
