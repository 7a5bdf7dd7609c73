"""CSL-JSON (citeproc-js and Zotero; schema csl-data.json of the Citation Style Language 1.0.2), `article-newspaper`."""

from __future__ import annotations

from collections.abc import Sequence

from rag.render.contract import json_text
from rag.render.references.entry import Entry, Name


def to_csl_json(entries: Sequence[Entry]) -> str:
    """The entries as a JSON list, to be written as UTF-8."""
    return json_text([item(entry) for entry in entries], 2) + "\n"


def item(entry: Entry) -> dict[str, object]:
    """One entry as a CSL item; what is not known is not there."""
    known: dict[str, object] = {
        "id": entry.key,
        "type": "article-newspaper",
        "title": entry.title,
        "author": [_name(author) for author in entry.authors],
        "container-title": entry.newspaper,
        "issued": {"date-parts": [list(entry.date)]} if entry.date else None,
        "URL": entry.url,
        "accessed": {"date-parts": [list(entry.accessed)]},
        "note": entry.note,
    }
    return {name: value for name, value in known.items() if value}


def _name(name: Name) -> dict[str, str]:
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix, "literal": name.literal}
    return {part: value for part, value in parts.items() if value}
