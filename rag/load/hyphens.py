"""Words that the end of a line broke, made whole again: "agree-|ment" is one word, "US-|led" keeps its hyphen.

Pure. The document itself is asked first: a word that it writes elsewhere is written so here. Then the shape of the
halves decides, and a few words that stand in English compounds; all others are joined, as most hyphens at line ends are
of the line's making. (A list of 21,719 English words was tried: of what it mended it broke as much again, since "stock"
and "piles", "slow" and "down" are words, too.)
"""

from __future__ import annotations

import re
from collections import Counter

HYPHENS = "-\u2010\xad"
WORD = re.compile(r"[^\W_]+(?:[-‐’'][^\W_]+)*")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_KEEP_BEFORE = _words("self well vice anti non")
_KEEP_AFTER = _words(
    """led based backed old style run born owned linked related ranking level term range scale funded controlled elect
    leading sized of for"""
)
_NUMBERS = _words("one two three four five six seven eight nine ten twenty thirty forty fifty hundred")
_UNITS = _words("year month week day hour minute second mile metre meter foot inch page man time way fold")
_SMALL = _words("a an and as at by for in of on or out the to up off it me de la le al el")


def joined(text: str, line: str, words: Counter[str]) -> str:
    """A paragraph so far and its next line, with the word between them made whole.

    ``words`` counts, in lower case, the words of the document that no line end breaks.
    """
    if _is_closed_up(text, line):
        return text + line
    if text[-1] not in HYPHENS or text[-2:-1].isspace() or text[-2:-1] in HYPHENS:
        return f"{text} {line}"
    before, after = WORD.findall(text[-41:-1]), WORD.match(line)
    if text[-1] == "\xad":
        return text[:-1] + line
    if not before or after is None or not text[-2].isalnum():
        return text + line
    return text + line if _keeps_hyphen(before[-1], after.group(), words) else text[:-1] + line


def _is_closed_up(text: str, line: str) -> bool:
    """Whether the line ends or begins with a mark that has no space on the side where it can be seen."""
    ends = (text[-1] in "/—" and text[-2:-1].isalnum()) or text.endswith("://")
    return ends or (line[0] == "—" and line[1:2].isalnum())


def _keeps_hyphen(before: str, after: str, words: Counter[str]) -> bool:
    one, other = before.lower(), after.lower()
    whole, compound = words[one + other], words[f"{one}-{other}"]
    if whole or compound:
        return compound > whole
    if any(letter.isdigit() for letter in before + after):
        return True
    if "-" in before or "-" in after:  # the line end may break a part of a compound: "af-|ter-hours"
        return _is_compound(one.rpartition("-")[2], other.partition("-")[0]) or one.rpartition("-")[2] in _SMALL
    if before == "Mc":
        return False
    if after[0].isupper():
        return not (before.isupper() and after.isupper() and len(before) > 2)  # "OPERA-|TION", but "US-|Iran"
    if before.isupper() and len(before) > 1:
        return True  # "US-|led"
    return _is_compound(one, other)


def _is_compound(one: str, other: str) -> bool:
    """Whether two words stand here, in lower case, and not the halves of one."""
    return one in _KEEP_BEFORE or other in _KEEP_AFTER or (one in _NUMBERS and other in _UNITS)
