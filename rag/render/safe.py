"""Article text is untrusted: here it loses what a terminal or a Markdown reader would obey.

For display only. What is quoted, hashed or searched is never cleaned; JSON escapes instead (see `contract`).
"""

from __future__ import annotations

import re
import unicodedata


def printable(text: str, *, newlines: bool = False) -> str:
    """The text with nothing in it that is live in a terminal.

    White space that is a control character becomes a space (line ends become ``\\n`` with `newlines`), line and
    paragraph separators become a space, lone surrogates U+FFFD. Every other control (C0, DEL, C1) and format character
    (bidi controls, zero-width ones and joiners, soft hyphen, byte order mark, tags) is dropped.
    """
    if text.isprintable():
        return text
    if newlines:
        return text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINES)
    return text.translate(_LINE)


def folded(text: str) -> str:
    """Every run of white space as one space; none at the ends."""
    return " ".join(text.split())


def one_line(text: str) -> str:
    """The text as it is shown on one line: `printable`, then `folded`."""
    return folded(printable(text))


def cut(text: str, limit: int) -> str:
    """The text on one line, in at most `limit` code points: cut at a word if it can be, and marked with an ellipsis."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    # A script without spaces, or one endless word, is cut where it is.
    at_word = head.rfind(" ") if line[limit - 1] != " " else len(head)
    return (head[:at_word] if at_word > limit // 2 else head).rstrip() + "…"


def shown_as(char: str) -> str:
    """What `printable` makes of one character; the character itself where it is harmless."""
    category = unicodedata.category(char)
    if category in {"Zl", "Zp"} or (category == "Cc" and char.isspace()):
        return " "
    if category in {"Cc", "Cf"}:
        return ""
    return "\ufffd" if category == "Cs" else char


def markdown_escaped(text: str) -> str:
    """The text on one line, as words only, wherever in a line of Markdown it is put.

    No markup, HTML, entity, link, image, autolink, footnote, table, mathematics or block can come of it, in CommonMark
    or in GitHub's and Pandoc's additions. (GitHub still makes a mail link of a bare address; it hides nothing.)
    """
    return _NUMBERED_ITEM.sub(r"\1\\\2", _LIVE.sub(_escape, one_line(text)))


def markdown_emphasised(before: str, words: str, after: str) -> str:
    """The three on one line, the middle one in bold, where CommonMark would take the asterisks for that: what meets
    them from inside has to be a letter or a digit, or else what meets them from outside no letter or digit."""
    before, words, after = (one.replace(_MARK, "\ufffd") for one in (before, words, after))
    opens = words[:1].isalnum() or not before[-1:].isalnum()
    closes = words[-1:].isalnum() or not after[:1].isalnum()
    if not words.strip() or words != words.strip() or not (opens and closes):
        return markdown_escaped(before + words + after)
    # Escaped as a whole: what is live depends on what stands beside it.
    whole = markdown_escaped(f"{before}{_MARK}{words}{_MARK}{after}")
    return whole.replace(_MARK, "**")


_MARK = "\ue000"
"""A character for private use, which no text has a use for."""


_LIVE = re.compile(
    r"""
    [\\`*_{}\[\]<>#|~$^@]       # always
    | & (?= \#? \w{1,32} ; )    # what would be read as an entity; AT&T stays as it is
    | : (?= // )                # addresses that turn into links by themselves
    | (?<= www ) \.
    | ! \Z                      # our own [n] may follow: no image
    | \A [-+=:]                 # lists, rules, underlined headings, definitions
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBERED_ITEM = re.compile(r"\A(\d{1,9})([.)])(?=\s|\Z)")

# Old Markdown readers do not take a backslash before these.
_ENTITIES = {"<": "&lt;", ">": "&gt;"}


def _escape(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0], "\\" + match[0])


class _Shown(dict[int, str]):
    """A table for `str.translate`, filled with the characters that are met: all of Unicode would take 0.3 s to fill."""

    def __missing__(self, point: int) -> str:
        shown = self[point] = shown_as(chr(point))
        return shown


_LINE = _Shown()
_LINES = _Shown({ord("\n"): "\n"})
