"""What of a mail's text is not its own: quoted messages, signatures, and what mailing programs put below.

Pure: text in, spans out. The text is never changed; a forwarded message is what the mail is about, and stays body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.clean.lines import MOST_LINES
from rag.types import SkipKind, SkippedSpan

_I = re.IGNORECASE
_LINE = re.compile(r"[^\n]+|(?<=\n)(?=\n)|^(?=\n)")
_QUOTED = re.compile(r" {0,3}[>|](?!-)")
_ATTRIBUTION = re.compile(
    r"(?:(?:On|Am|Le|El|Il|Em|Op|Den|W dniu)\b.{5,300}|.{3,120}<[^<>@\s]+@[^<>\s]+>.{0,60}|.{2,80})"
    r"\b(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|pisze)(?:\s[^:]{1,80})?\s*:$",
    _I | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"[-_ ]{2,}\s*(?:original message|original-nachricht|ursprüngliche nachricht|message d'origine|mensaje original)"
    r"\s*[-_ ]*$|_{20,}$",
    _I,
)
_FORWARDED = re.compile(
    r"[-_> ]*\s*(?:begin forwarded message|(?:original )?forwarded message|weitergeleitete nachricht|message transféré"
    r"|mensaje reenviado)\b.{0,10}$",
    _I,
)
_HEADER = re.compile(
    r"\*?(?:from|sent|date|to|cc|bcc|subject|reply-to|von|gesendet|datum|an|betreff|de|envoyé|à|objet|enviado|para"
    r"|asunto)\s?:\*?\s",
    _I,
)
_SIGNATURE = re.compile(r"--\s?$")
_LONGEST_SIGNATURE = 15
"""Lines; more below two dashes is text."""
_LIST_FOOT = re.compile(r"(?:_{30,}|-{30,}|--~--~-+.*|={30,})$")
_OWN_WORDS = r"(?:e-?mail |subscription |newsletter )?(?:preferences|subscriptions?|settings)"
_FOOT = re.compile(
    r"(?:sent|gesendet|enviado|envoyé) (?:from|von|desde|de|depuis) (?:my|mein|mi|mon|outlook|mail|yahoo|proton)\b"
    r".{0,60}$"
    r"|get outlook for\b.{0,40}$"
    r"|.{0,200}\bunsubscribe\b.{0,300}$"
    r"|(?:you (?:are receiving|received|are subscribed|['’]re receiving)|this (?:e-?mail|message) was sent to)\b"
    r".{0,200}\b(?:e-?mail|message|because|list|newsletter|group|subscri)"
    r"|.{0,40}\b(?:view|read|open) (?:this|it|the) (?:e-?mail|message|newsletter)?\s*"
    r"(?:online|in (?:your|a|the) (?:web )?browser)"
    r"|(?:view|read) (?:in|online|in your|in a) ?(?:browser|web version)?$"
    rf"|(?:manage|update|change) (?:your )?{_OWN_WORDS}\b"
    r"|(?:was this (?:e-?mail )?forwarded to you|forward(?:ed)? this (?:e-?mail|newsletter)|forward to a friend)"
    r"|if you (?:have trouble|are having trouble|can(?:no|')t) (?:reading|viewing|see|read|view)\b",
    _I,
)
_THIS_MAIL = r"this (?:e-?mail|message|communication)\b"
_LEGAL = re.compile(
    r"(?:(?:(?:important|legal|confidentiality)\b.{0,30}(?:notice|note|disclaimer)|disclaimer)\b.{0,20}:?"
    rf"|(?:the (?:information|contents?) (?:contained )?(?:in|of) )?{_THIS_MAIL}"
    r".{0,200}\b(?:confidential|privileged|intended (?:only|solely|for)|virus)"
    rf"|(?:the )?information (?:contained )?in {_THIS_MAIL}.{{0,200}}\b(?:confidential|privileged)"
    r"|if you (?:are not|have received this).{0,80}(?:intended recipient|in error))",
    _I | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def not_its_own(text: str) -> tuple[SkippedSpan, ...]:
    """The spans of a mail's text that are no part of what its sender wrote or forwarded, in order.

    Where nothing else would be left, what is quoted is what the mail brings, and only its foot is marked.
    """
    if text.count("\n") > MOST_LINES:
        return ()
    lines = [_Line(found.start(), found.group().rstrip()) for found in _LINE.finditer(text)]
    foot = set(_foot(lines))
    marked = foot | set(_quoted(lines))
    if not _leaves_text(lines, marked):
        marked = foot
    if not _leaves_text(lines, marked):
        return ()
    found = (lines[number] for number in sorted(marked))
    return tuple(SkippedSpan(line.start, line.end, SkipKind.BOILERPLATE) for line in found if line.text.strip())


def _leaves_text(lines: list[_Line], marked: set[int]) -> bool:
    return any(line.text.strip() for number, line in enumerate(lines) if number not in marked)


def _quoted(lines: list[_Line]) -> Iterator[int]:
    """The numbers of the lines of other messages, with the line that says whose they are."""
    for number, line in enumerate(lines):
        if _QUOTED.match(line.text):
            yield number
            if number and not _QUOTED.match(lines[number - 1].text):
                yield from _attribution(lines, number)
        elif line.text[-1:] == ":" and _ATTRIBUTION.fullmatch(line.text.strip()) and not _is_followed(lines, number):
            yield number
        elif _FORWARDED.match(line.text):
            yield number
            yield from _headers(lines, number + 1)
        elif _ORIGINAL.match(line.text):
            headers = list(_headers(lines, number + 1))
            if len(headers) < 2:
                continue
            yield number
            yield from headers
            # With nothing before it the message is forwarded, and is what the mail is about.
            if any(other.text.strip() for other in lines[:number]):
                yield from range(number, len(lines))
                return


def _attribution(lines: list[_Line], quote: int) -> Iterator[int]:
    """ "On Monday Jane Roe wrote:", in up to three lines above a quotation."""
    above = [n for n in range(max(0, quote - 4), quote) if lines[n].text.strip()]
    for first in reversed(range(len(above))):
        said = " ".join(lines[n].text.strip() for n in above[first:])
        if said.endswith(":") and _ATTRIBUTION.fullmatch(said):
            yield from above[first:]
            return


def _is_followed(lines: list[_Line], number: int) -> bool:
    """Whether the line after it, blank ones apart, is the writer's own: then it only reports what somebody wrote."""
    following = next((line.text for line in lines[number + 1 :] if line.text.strip()), ">")
    return not _QUOTED.match(following)


def _headers(lines: list[_Line], first: int) -> Iterator[int]:
    """The header lines of a message that stands in another, after a blank line or none."""
    at = first
    while at < len(lines) and not lines[at].text.strip() and at < first + 2:
        at += 1
    while at < len(lines) and _HEADER.match(lines[at].text.strip(" >")):
        yield at
        at += 1


def _foot(lines: list[_Line]) -> Iterator[int]:
    """The numbers of the lines of signatures, list footers and legal notices."""
    last = max((n for n, line in enumerate(lines) if line.text.strip()), default=0)
    for number, line in enumerate(lines):
        signs = _SIGNATURE.fullmatch(line.text) and last - number <= _LONGEST_SIGNATURE
        if signs or (_LIST_FOOT.fullmatch(line.text.strip()) and 0 < last - number <= 8):
            yield from range(number, len(lines))
            break
    for paragraph in _paragraphs(lines):
        words = " ".join(lines[n].text.strip() for n in paragraph)
        if _LEGAL.match(words) or (len(words) < 500 and _FOOT.match(words)):
            yield from paragraph
    yield from (n for n, line in enumerate(lines) if len(line.text) < 200 and _FOOT.match(line.text.strip()))


def _paragraphs(lines: list[_Line]) -> Iterator[list[int]]:
    held: list[int] = []
    for number, line in enumerate(lines):
        if line.text.strip():
            held.append(number)
        elif held:
            yield held
            held = []
    if held:
        yield held
