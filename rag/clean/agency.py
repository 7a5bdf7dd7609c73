"""Which wire agency an article credits: its dateline, its byline, a copyright line, who contributed.

Pure: what a page says in, a name out. An agency that is only quoted ("…, Reuters reported") or that took a photograph
is no credit; where nothing says so plainly, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

HEAD, TAIL = 2_000, 3_000
"""Code points at the beginning and at the end of a text where credits stand."""

_NAMES = {
    "AP": r"(?:The )?Associated Press|AP",
    "Reuters": r"(?:Thomson )?Reuters",
    "AFP": r"Agence[ -]France[ -]Presse|AFP",
    "UPI": r"United Press International|UPI",
    "PA Media": r"PA Media|(?:The )?Press Association",
    "dpa": r"Deutsche Presse-Agentur|dpa|DPA",
    "EFE": r"Agencia EFE|EFE",
    "ANSA": r"ANSA",
    "Xinhua": r"Xinhua(?: News Agency)?",
    "Kyodo": r"Kyodo(?: News)?",
    "Yonhap": r"Yonhap(?: News Agency)?",
    "TASS": r"TASS",
    "Anadolu": r"Anadolu(?: (?:Agency|Ajans[ıi]))?",
    "PTI": r"Press Trust of India|PTI",
    "ANI": r"Asian News International|ANI",
    "IANS": r"Indo-Asian News Service|IANS",
    "Canadian Press": r"(?:The )?Canadian Press",
    "AAP": r"Australian Associated Press|AAP",
    "Bloomberg": r"Bloomberg(?: News)?",
    "Tribune News Service": r"Tribune News Service|TNS",
}
_ANY = "|".join(_NAMES.values())
_AGENCY = rf"(?<![\w/-])(?:{_ANY})(?![\w/])"
_WRITERS = r"(?:[A-Z][\w ]{0,30} )?(?:writer|reporter|correspondent|journalist|editor)s?"

# "LONDON, March 3 (Reuters) -", "(AP) —": at the beginning of a line; "(Reuters) The": of the text.
_DATELINE = re.compile(
    rf"^[^\n()\[\]]{{0,60}}(?:\[[^\n\]]{{0,20}}\][^\n()]{{0,30}})?\((?P<who>{_ANY})\)\s*(?:--|[-–—:])"
    rf"|\A\s*\((?P<first>{_ANY})\)\s",
    re.MULTILINE,
)
_BYLINE = re.compile(
    rf"(?:by\s+|story(?: by)?\s+)?(?P<who>{_ANY})(?:\s+(?:staff|news|agency|{_WRITERS}))*"
    rf"|[^,|/]{{2,60}}(?:,\s*|\s+[|/]\s*|\s+(?:of|for|with)\s+|\s+\()(?P<with>{_ANY})\)?(?:\s+{_WRITERS})?",
    re.IGNORECASE,
)
_BYLINE_LINE = re.compile(r"^(?:by|story by)\s+(?P<names>[^\n.]{2,100})$", re.MULTILINE | re.IGNORECASE)

_RIGHTS = rf"(?:©|\(c\)|copyright)[\s©]*(?:\(c\)\s*)?(?:\d{{4}}[\s,]*)?(?:by\s+)?(?P<who>{_ANY})(?![\w/])"
_SOURCE_LINE = rf"^(?:sources?|agency|agencies|via)\s*[:—–-]\s*(?P<who>{_ANY})\W*$"
_WITH = r"(?:additional |further )?(?:files|reporting|information|reports|inputs) (?:from|by)"
_REPORT = r"(?:report|story|article|piece)"
_CREDITS = (
    # What a part of a text has to hold for the pattern to be worth trying, in lower case.
    (("©", "(c)", "copyright"), re.compile(_RIGHTS, re.IGNORECASE)),
    (("source", "agenc", "via"), re.compile(_SOURCE_LINE, re.MULTILINE | re.IGNORECASE)),
    (("with ",), re.compile(rf"\b[Ww]ith {_WITH} (?P<who>{_AGENCY})")),
    (("additional reporting",), re.compile(rf"\b[Aa]dditional reporting (?:from|by) (?P<who>{_AGENCY})")),
    (("contribut",), re.compile(rf"\b[Cc]ontribut(?:ing|ors?):[^\n]{{0,120}}?(?P<who>{_AGENCY})")),
    (
        ("contribut",),
        re.compile(
            rf"(?P<who>{_AGENCY})[^.\n]{{0,160}}?\bcontribut(?:ed|ing)"
            rf"(?:\s*\.?\s*$|\s+reporting\b|\s+to\s+(?:this|the)\s+{_REPORT}\b)",
            re.MULTILINE,
        ),
    ),
    (("contribut",), re.compile(rf"(?P<who>{_AGENCY})\s+{_WRITERS}\b[^.\n]{{0,120}}\bcontributed\b")),
)


def agency_credit(text: str, authors: Sequence[str] = (), publisher: str | None = None) -> str | None:
    """The agency by its usual short name, such as AP, Reuters or AFP; None where the article credits none.

    A dateline counts before a byline, the agency's own site before both, and who contributed comes last.
    """
    if publisher is not None and (own := _named(publisher)) is not None:
        return own
    head, tail = text[:HEAD], text[-TAIL:] if len(text) > HEAD else ""
    if dateline := _DATELINE.search(head):
        return _named(dateline["who"] or dateline["first"])
    lines = (found["names"] for found in _BYLINE_LINE.finditer(head[:600]))
    for author in (*authors, *lines):
        if byline := _BYLINE.fullmatch(author.strip()):
            return _named(byline["who"] or byline["with"])
    parts = [(part, part.lower()) for part in (tail, head)]
    for hints, credit in _CREDITS:
        for part, lowered in parts:
            if any(hint in lowered for hint in hints) and (found := credit.search(part)):
                return _named(found["who"])
    return None


def _named(name: str) -> str | None:
    """The short name of what is one of the agency's names, whole."""
    plain = name.strip()
    return next((short for short, names in _NAMES.items() if re.fullmatch(names, plain, re.IGNORECASE)), None)
