"""A byline in words, in the languages of the press: the names that it holds, and whether a line is one.

Pure: one line of text in, names out; knows no page. A name is taken as it is written; what is plainly no person
("admin", a company, a web address) is nobody.
"""

from __future__ import annotations

import re

from rag.clean.names import PARTICLES, is_agency_or_role, is_name
from rag.webpage.furniture import is_credit

_BY = re.compile(
    r"^(?:view all posts by|zeige alle beiträge von|all posts by|post author(?: by)?|(?:pressemitteilung|artikel"
    r"|beitrag|interview|essay|reportage) von|posts by|more from|beitrag von|recipe by)\s+|^(?:(?:written|posted"
    r"|published|story|text|words|reported|geschrieben|verfasst|veröffentlicht|publicado|escrito|publié|scritto"
    r"|ein (?:artikel|beitrag|kommentar|gastbeitrag)|article|interview|kommentar|foto|text und (?:foto"
    r"|bild)e?r?)\s+)?(?:by|von|vom|por|par|di|door|av|przez|autor(?:in|en|es|a)?|author|authors|escrito por"
    r"|redakteur(?:in)?|redaktion)\b\s*:?\s+|^(?:autor(?:in|en|a)?|authors?|text|von|by|por|par|redaktion|redakcja"
    r"|tekst)\s*[:|]\s*",
    re.IGNORECASE,
)
# "Posted on September 21, 2020 by Jane Roe": the name after the date.
_BY_INSIDE = re.compile(
    r"(?:^|[\s|·•,])(?:by|von|por|par|przez|door|autore?)\b:?\s+(?P<names>[^\W\d_].*)", re.IGNORECASE
)
_ON = re.compile(
    r"\s+(?:on|am|el|le|il|op|in|für|for)\s+(?=[\w.]*\s?\d|\w+,|the |der |die )|\s*[|•·]\s*|\s[—–-]\s|\s*\("
    r"|\s+\d{1,2}[./ ]|\s*,?\s+\d{4}\b|\s*(?:updated|published|veröffentlicht|aktualisiert|follow\b|posted"
    r"|illustration|fotos?\b|photos?\b|bilder\b)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s*(?:;|/|\||,|\s+(?:[Aa]nd|AND|[Uu]nd|y|et|e|en|i|och|&|with|mit)\s+)\s*")
_NOBODY = re.compile(
    r"(?:.*admin(?:istrator)?|.*_.*|super user|publisher|posted|\S+ (?:gmbh|ag|verlag|media|inc\.?|ltd\.?|llc"
    r"|magazin|e\.?\s?v)|.*\b(?:gmbh|e\. ?v|inc|ltd|llc|universität|verband|bundesverband|institut|redazione)\b.*"
    r"|redaktion.*|.*redaktion|redacción.*|redaccion.*|rédaction.*|la rédaction.*|redazione.*|redacteur|redakcja.*"
    r"|editor(?:ial)?(?: team| staff| board)?|staff(?: writers?| reporters?)?|team|webmaster|author|autor(?:in)?"
    r"|unknown|anonymous|guest|gast(?:autor)?|user|root|null|none|n/a|undefined|pressemitteilung|presse"
    r"|press release|news desk|newsroom|web ?desk|agencies|agencias?|agenturen|contributors?|[a-z]{2,4}-redaktion"
    r"|home|kontakt|contact|mehr|more|alle artikel.*|by|von)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|de|org|net|fr|at|ch|es|pl|it|info|co|uk)\b", re.IGNORECASE)
LONGEST_BYLINE = 120
_LONGEST_NAME, _MOST_WORDS = 60, 6
_MARK_IN_NAME = re.compile(r"[()?!:„“”\"…*#<>{}\[\]=]")


def is_byline(line: str, *, alone: bool = False) -> bool:
    """Begins with "by", or (unless it is to stand alone) holds it beside a date; and what follows are names alone."""
    dated = any(character.isdigit() for character in line)
    if is_credit(line) or not (_BY.match(line) or (dated and not alone and _BY_INSIDE.search(line))):
        return False
    names = names_in(line)
    return bool(names) and all(dated or is_name(name) for name in names)


def names_in(said: str) -> list[str]:
    """The names in a byline or a field: "By Jane Roe and John Doe, Daily Bugle" → Jane Roe, John Doe."""
    line = " ".join(said.split()).strip(" \"'.,:;|-–—")
    if not line or len(line) > LONGEST_BYLINE or _ADDRESS.match(line):
        return []
    bare = _BY.sub("", line)
    if bare == line and (inside := _BY_INSIDE.search(line)) and any(character.isdigit() for character in line):
        bare = inside["names"]
    if cut := _ON.search(bare, 2):
        bare = bare[: cut.start()]
    parts = [part.strip(" .:@|-–—\"'") for part in _SEPARATORS.split(bare)]
    names = [part for part in parts if part and _may_be_name(part)]
    # "Roe, Jane": one word on each side of the only comma is one person, the family name first.
    if len(names) == 2 and bare.count(",") == 1 and all(len(name.split()) == 1 for name in names):
        return [f"{names[1]} {names[0]}"]
    if len(names) > 1:  # what follows a name is as often a place or a job
        names = [name for name in names if len(name.split()) > 1 and not is_agency_or_role(name)] or names[:1]
    return names


def _may_be_name(text: str) -> bool:
    words = text.split()
    capitalised = all(not word[0].islower() or word.casefold() in PARTICLES for word in words)
    return (
        1 < len(text) <= _LONGEST_NAME
        and len(words) <= _MOST_WORDS
        and (len(words) == 1 or capitalised)
        and not any(character.isdigit() for character in text[:2])
        and not _MARK_IN_NAME.search(text)
        and _ADDRESS.search(text) is None
        and _NOBODY.fullmatch(text) is None
        and any(character.isalpha() for character in text)
    )
