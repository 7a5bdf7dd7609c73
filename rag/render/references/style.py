"""References formatted in a CSL style, by citeproc-py: the one importer of it.

The styles beside this file are our own, for newspaper articles alone and within what citeproc-py carries out: in the
official APA and MLA styles it repeats the title of an article without an author, into the Chicago ones it writes
"Edition." (0.11.1). Any other style can be named by its file.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.render.references.csl import item
from rag.render.references.entry import Entry
from rag.render.safe import cut, one_line

STYLES = ("apa", "chicago", "mla")
"""APA (7th edition), Chicago (18th, notes and bibliography), MLA (9th): those that come with Groundwire."""

LARGEST = 2 * 1024 * 1024
"""Bytes of a style; the biggest official one has 250,000."""

_CSL = "{http://purl.org/net/xbiblio/csl}"


def formatted(entries: Sequence[Entry], style: str) -> str:
    """The entries in the style's order, one a line. `style`: one of `STYLES`, or the path of a .csl file.

    Raises UsageError for what is no style, a style without a bibliography, and one that citeproc-py cannot carry out.
    """
    raw = _read(style)
    _check(raw, style)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fields that it does not know
        try:
            lines = _rendered(entries, raw)
        except Exception as error:  # whatever a style makes it stumble over
            said = cut(f"{type(error).__name__}: {error}", 120)
            raise UsageError(f"{style}: citeproc-py cannot carry this style out ({said}); try another") from error
    return "".join(f"{line}\n" for line in lines)


def _read(style: str) -> bytes:
    if style in STYLES:
        return resources.files(__package__).joinpath(f"{style}.csl").read_bytes()
    wanted = f"--style takes {', '.join(STYLES)} or a .csl file"
    if not style.lower().endswith(".csl"):
        raise UsageError(f"there is no style {style!r} here; {wanted}, such as one from zotero.org/styles")
    try:
        with Path(style).open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{style}: {error.strerror or error}; {wanted}") from error
    if len(raw) > LARGEST:
        raise UsageError(f"{style}: larger than {LARGEST // 1024**2} MB, which no style is; {wanted}")
    return raw


def _check(raw: bytes, style: str) -> None:
    """Raise UsageError where this is no CSL style with a bibliography; nothing outside the file is looked at."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UsageError(f"{style}: this is not XML ({cut(str(error), 100)}); take a .csl file") from error
    if b"<!DOCTYPE" in raw:
        raise UsageError(f"{style}: it has a DOCTYPE, which no CSL style has; take another file")
    if root.tag != f"{_CSL}style":
        raise UsageError(f"{style}: this is not a CSL style; take one from zotero.org/styles")
    if root.find(f"{_CSL}bibliography") is None:
        parent = root.find(f"{_CSL}info/{_CSL}link[@rel='independent-parent']")
        instead = (
            f" it stands for {one_line(parent.get('href', ''))}: take that" if parent is not None else " take another"
        )
        raise UsageError(f"{style}: this style has no bibliography;{instead}")


def _rendered(entries: Sequence[Entry], raw: bytes) -> list[str]:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

    # Without the note, which some styles print: here it holds our quotes.
    items: list[Any] = [{**item(entry), "language": "en"} for entry in entries]
    for one in items:
        one.pop("note", None)
    style = CitationStylesStyle(io.BytesIO(raw), validate=False)
    made = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    for entry in entries:
        made.register(Citation([CitationItem(entry.key)]))
    made.sort()
    titles = {entry.key: entry.title or "" for entry in entries}
    # One by one: of an entry of which nothing is known citeproc-py says nothing at all.
    rendered = ((each.key, style.render_bibliography([each])) for each in made.items)
    return [_tidied(one_line("".join(map(str, lines))), titles[key]) for key, lines in rendered if lines]


def _tidied(line: str, title: str) -> str:
    """What citeproc-py leaves undone (CSL 1.0.2, "punctuation-in-quote"): one stop, inside the quotation mark."""
    if title and title[-1] in "?!…":
        line = re.sub(re.escape(title) + r"(”?)\.(”?)(?=\s|$)", lambda found: title + found[1] + found[2], line)
    return line.replace(f"{title}”.", f"{title}.”") if title and title[-1] not in ".?!…" else line
