"""BibTeX: ``@article`` with biblatex's ``entrysubtype = {newspaper}``, UTF-8.

Fields as BibTeX (btxdoc.tex, 1988) and biblatex (manual, section 2.2) name them; `annote` holds the quotes, because
`note` would be printed in every bibliography. Zotero takes `annote` for a note, `urldate` for the date of access.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.render.references.entry import Entry, Name

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def to_bibtex(entries: Sequence[Entry]) -> str:
    """The entries as a BibTeX file: one field a line."""
    return "\n".join(_entry(entry) for entry in entries)


def _entry(entry: Entry) -> str:
    lines = "".join(f"  {name:<12} = {value},\n" for name, value in _fields(entry))
    return f"@article{{{entry.key},\n{lines}}}\n"


def _fields(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.authors:
        yield "author", "{" + " and ".join(map(_name, entry.authors)) + "}"
    if entry.title:
        # Braced twice: no style is to write "us" for "US".
        yield "title", "{{" + escaped(entry.title) + "}}"
    if entry.newspaper:
        yield "journal", "{" + escaped(entry.newspaper) + "}"
    yield "entrysubtype", "{newspaper}"
    yield from _date(entry.date)
    if entry.url:
        yield "url", "{" + entry.url + "}"
    yield "urldate", "{{{:04}-{:02}-{:02}}}".format(*entry.accessed)
    if entry.note:
        yield "annote", "{" + escaped(entry.note) + "}"


def _date(date: Sequence[int]) -> Iterator[tuple[str, str]]:
    """BibTeX's year and month besides biblatex's date: each program takes its own."""
    if not date:
        return
    yield "date", "{" + "-".join(f"{part:0{4 if not place else 2}}" for place, part in enumerate(date)) + "}"
    yield "year", f"{{{date[0]:04}}}"
    if len(date) > 1:
        yield "month", _MONTHS[date[1] - 1]


def _name(name: Name) -> str:
    """``Family, Given`` or ``Family, Suffix, Given``; braced where something in it would be taken for structure."""
    if name.literal:
        return "{" + escaped(name.literal) + "}"
    parts = [part for part in (name.family, name.suffix, name.given) if part]
    return ", ".join(_part(part) for part in parts)


def _part(part: str) -> str:
    plain = re.search(r"[,\\{}]|(?:^|\s)and(?:\s|$)", part, re.IGNORECASE) is None
    return escaped(part) if plain else "{" + escaped(part) + "}"


# -- escaping ----------------------------------------------------------------------------------------------------

_ESCAPES = {
    **{char: f"\\{char}" for char in "%$&#_"},
    "\\": "{\\textbackslash}",
    "~": "{\\textasciitilde}",
    "^": "{\\textasciicircum}",
}
_LIVE = re.compile(r"[%$&#_\\~^{}]")
# What TeX fonts make one character of: dashes, quotation marks, guillemets, ?` and !`.
_LIGATURE = re.compile(r"([-'`,<>])(?=\1)|([?!])(?=`)")


def escaped(text: str) -> str:
    """The words of one line as they are, in a braced field, for TeX and for whoever only counts braces.

    BibTeX counts a brace behind a backslash like any other, so only braces that pair are written so; a lone one is
    written as a command.
    """
    paired = _paired_braces(text)
    apart = _LIGATURE.sub(lambda found: found[0] + "\0", text)
    pieces = []
    place = 0
    for char in apart:
        if char == "\0":
            pieces.append("{}")
            continue
        pieces.append(_escape(char, place in paired) if _LIVE.match(char) else char)
        place += 1
    return "".join(pieces)


def _escape(char: str, paired: bool) -> str:
    if char in "{}":
        return f"\\{char}" if paired else ("{\\textbraceleft}" if char == "{" else "{\\textbraceright}")
    return _ESCAPES[char]


def _paired_braces(text: str) -> set[int]:
    """The places of the braces that have a partner."""
    paired: set[int] = set()
    open_: list[int] = []
    for place, char in enumerate(text):
        if char == "{":
            open_.append(place)
        elif char == "}" and open_:
            paired |= {open_.pop(), place}
    return paired
