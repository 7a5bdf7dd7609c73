"""A draft, taken apart: its sentences, and which of them claim nothing.

Pure: text in (plain or Markdown), pieces out, whose offsets count code points of the draft. Markup, citation marks
(`[1]`, `[^1]`) and addresses are blanked, never the draft's words; nothing is passed over in silence: what is no claim
is given as what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.claims import Verdict
from rag.query import FUNCTION_WORDS
from rag.sentences import sentences
from rag.types import Span

LONGEST = 1_000_000
"""Code points of a draft; a book has half a million."""

FEWEST_WORDS = 3
"""Of a sentence that claims something."""

HEADING_WORDS = 12
"""Words of a line without a full stop that may be a heading."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of the draft, `[start:end]` of it, or a run of lines that claims nothing."""

    start: int
    end: int
    verdict: Verdict | None
    """What it is; None: a claim."""
    text: str = ""
    """Of a claim: its words without markup, on one line."""
    places: tuple[int, ...] = ()
    """Of each code point of `text`, where it stands in the draft."""

    def in_draft(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stands in the draft."""
        return Span(self.places[start], self.places[end - 1] + 1)


def pieces(draft: str) -> list[Piece]:
    """All of a draft, in order."""
    found: list[Piece] = []
    blank = _joined(_without_markup(draft))
    for block in _blocks(draft, blank):
        if block.verdict is not None:
            trimmed = _trimmed(draft, block.start, block.end)
            found += [Piece(trimmed.start, trimmed.end, block.verdict)] if trimmed else []
            continue
        found += _of_prose(draft, blank, block.start, block.end)
    return found


def _of_prose(draft: str, blank: str, start: int, end: int) -> Iterator[Piece]:
    at = start
    for span in sentences(blank, start, end):
        # Marks after the full stop belong to the sentence before them.
        stop = _marks_end(draft, span.end, end)
        begin = max(at, span.start)
        if begin >= span.end:
            continue
        text, places = _folded(blank, begin, span.end)
        at = max(stop, span.end)
        if text:
            yield Piece(places[0], at, _kind(text), text, tuple(places))


def _kind(text: str) -> Verdict | None:
    """What a sentence is that is no claim; None for a claim."""
    words = re.findall(r"[^\W_]+(?:['’.,-][^\W_]+)*", text)
    telling = [word for word in words if word.casefold() not in FUNCTION_WORDS]
    if text.rstrip("\"'”’»)] ").endswith("?"):
        return Verdict.QUESTION
    few = len(words) < FEWEST_WORDS or len(telling) < (2 if text.endswith("!") else 1)
    announces = text.rstrip().endswith(":") and len(words) <= HEADING_WORDS
    if few or announces or _OWN.match(text):
        return Verdict.NO_CLAIM
    return None


_OWN = re.compile(
    r"Probability of being right: \d|Written by a language model;|Groundwire \d+\.\d|Words that stand nowhere in"
)
"""What Groundwire itself writes beside an answer."""


def _folded(blank: str, start: int, end: int) -> tuple[str, list[int]]:
    """The words on one line, and where each character stands; no space before a mark that ends a clause."""
    kept: list[str] = []
    places: list[int] = []
    for place in range(start, end):
        char = blank[place]
        if char.isspace() or char in "\u200b\ufeff":
            if kept and kept[-1] != " ":
                kept.append(" ")
                places.append(place)
            continue
        if char in ".,;:!?)" and kept and kept[-1] == " ":
            kept.pop()
            places.pop()
        kept.append(char)
        places.append(place)
    while kept and kept[-1] == " ":
        kept.pop()
        places.pop()
    return "".join(kept), places


def _trimmed(draft: str, start: int, end: int) -> Span | None:
    text = draft[start:end]
    left, right = len(text) - len(text.lstrip()), len(text.rstrip())
    return Span(start + left, start + right) if left < right else None


# -- blocks ----------------------------------------------------------------------------------------------------

_FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)")
_HASHES = re.compile(r"[ ]{0,3}#{1,6}(?:[ \t]|$)")
_UNDERLINE = re.compile(r"[ ]{0,3}(?:=+|-{2,})[ \t]*$")
_RULE = re.compile(r"[ ]{0,3}(?:(?:\*[ ]?){3,}|(?:-[ ]?){3,}|(?:_[ ]?){3,})$")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?=\S)")
_NOTE = re.compile(r"[ ]{0,3}(?:\[\^?[\w-]{1,40}\]:|\[\d{1,4}\](?=[ \t]*[^\s\[(.,;:]))")
_TABLE = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_SOURCES = re.compile(
    r"\W*(?:sources?|references?|bibliography|works cited|footnotes?|notes|citations?|nearest passages)\W*$", re.I
)
_INDENTED = re.compile(r"(?: {4}|\t)\S")


def _blocks(draft: str, blank: str) -> Iterator[Piece]:
    """Runs of lines: paragraphs and items (verdict None: prose), and what is none."""
    lines = [Span(match.start(), match.end()) for match in re.finditer(r"[^\n]*(?:\n|$)", draft) if match[0]]
    at, among_sources = 0, False
    while at < len(lines):
        line = draft[lines[at].start : lines[at].end].rstrip("\r\n")
        if not line.strip():
            at += 1
            continue
        stop, verdict = _block(draft, blank, lines, at)
        if verdict is Verdict.HEADING:
            among_sources = bool(_SOURCES.match(line))
        elif among_sources:
            verdict = Verdict.NO_CLAIM
        yield Piece(lines[at].start, lines[stop - 1].end, verdict)
        at = stop


def _block(draft: str, blank: str, lines: list[Span], at: int) -> tuple[int, Verdict | None]:
    """Where the block that begins with this line ends, and what it is."""

    def line(number: int) -> str:
        return draft[lines[number].start : lines[number].end].rstrip("\r\n") if number < len(lines) else ""

    first = line(at)
    fence = _FENCE.match(first)
    if fence or (at == 0 and first.strip() == "---" and any(line(n).strip() == "---" for n in range(1, len(lines)))):
        mark = fence[1] if fence else "---"
        closing = next((n for n in range(at + 1, len(lines)) if line(n).strip().startswith(mark)), len(lines) - 1)
        return closing + 1, Verdict.NO_CLAIM
    if _HASHES.match(first):
        return at + 1, Verdict.HEADING
    if _RULE.match(first) or _TABLE.match(first):
        return at + 1, Verdict.NO_CLAIM
    if _UNDERLINE.match(line(at + 1)) and not _ITEM.match(first):
        return at + 2, Verdict.HEADING
    if _NOTE.match(first):
        stop = at + 1
        while _INDENTED.match(line(stop)) or (line(stop).strip() and not _starts_anew(line(stop))):
            stop += 1
        return stop, Verdict.NO_CLAIM
    stop = at + 1
    while line(stop).strip() and not _starts_anew(line(stop)) and not _UNDERLINE.match(line(stop + 1)):
        stop += 1
    alone = not line(stop).strip() or (_SOURCES.match(first) and _NOTE.match(line(stop)))
    if stop == at + 1 and alone and not _ITEM.match(first) and _is_heading(blank[lines[at].start : lines[at].end]):
        return stop, Verdict.HEADING
    return stop, None


def _starts_anew(line: str) -> bool:
    return any(form.match(line) for form in (_FENCE, _HASHES, _RULE, _ITEM, _NOTE, _TABLE))


def _is_heading(line: str) -> bool:
    """A short line of its own, without its markup, that does not end like a sentence."""
    bare = line.strip()
    if not bare or bare[-1] in '.!?…:;,"”’»)' or bare[0].isdigit() or _OWN.match(bare):
        return False
    return len(bare.split()) <= HEADING_WORDS


# -- markup ----------------------------------------------------------------------------------------------------

_MARK = re.compile(r"[ \t]*(?:\[\^?[\w-]{1,40}(?:[,;–-]\s?\d{1,4})*\](?![(:])|<sup>[^<>]{1,20}</sup>|[¹²³⁰-⁹]+)")
_BLANKED = re.compile(
    r"""
    (?P<comment> <!--.*?--> )
  | (?P<image> !\[[^\]\n]*\]\([^)\n]*\) )
  | \[(?!\^?\d{1,4}\])(?P<link>[^\]\n]{1,500})\](?: \([^)\n]*\) | \[[^\]\n]{0,80}\] )
  | (?P<mark> \[\^?\d{1,4}(?:[,;–-]\s?\d{1,4})*\] | \[\^[\w-]{1,40}\] )
  | (?P<superscript> <sup>[^<>]{1,20}</sup> | (?<=\w|[.,;”"'’])[¹²³⁰-⁹]+ )
  | (?P<tag> </?[A-Za-z][^<>\n]{0,200}> )
  | (?P<address> <?\bhttps?://[^\s<>)]+>? )
  | (?P<opening> ^[ \t]*(?:>[ \t]?)+ )
  | (?P<item> ^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+ )
  | (?P<escape> \\(?=[!-/:-@\[-`{-~]) )
  | (?P<emphasis> \*{1,3}|~~|`+ | (?<!\w)_{1,3}(?=\S) | (?<=\S)_{1,3}(?!\w) )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


def _without_markup(draft: str) -> str:
    """The draft with spaces in place of markup; as long as it is."""

    def blanked(match: re.Match[str]) -> str:
        if match.lastgroup != "link":
            return re.sub(r"[^\n]", " ", match[0])
        start, end = (at - match.start() for at in match.span("link"))
        return " " * start + match["link"] + " " * (len(match[0]) - end)

    return _BLANKED.sub(blanked, draft)


_WRAPPED = re.compile(r"(?<=[^\s.!?…:;”\"])[ \t]*\r?\n[ \t]*(?=[a-z0-9(])")
"""A line break inside a sentence."""


def _joined(blank: str) -> str:
    """With a space for each line break inside a sentence: Markdown's paragraphs go over several lines."""
    return _WRAPPED.sub(lambda match: " " * len(match[0]), blank)


def _marks_end(draft: str, at: int, end: int) -> int:
    """Where the citation marks end that follow a sentence."""
    while match := _MARK.match(draft, at, end):
        at = match.end()
    return at
