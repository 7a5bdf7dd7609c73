"""Names as the press writes them: people, newspapers, broadcasters and agencies.

Pure: one string in, a verdict or names out; must not know pages, lines or where on a page a name stands.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE
AGENCY = (
    r"(?:AP|AP Photo|(?:The )?Associated Press|AFP|Agence France-Presse|Reuters|REUTERS|EPA|EPA-EFE|EFE|Getty"
    r"|Getty Images|iStock|Xinhua|TASS|Anadolu(?: Agency)?|PA (?:Images|Wire|Media)|Press Association|DPA|dpa|ANSA"
    r"|Kyodo|Yonhap|UPI|Shutterstock|Alamy|Alamy Stock Photo|Bloomberg|NurPhoto|ZUMA Press|Imago|IMAGO|Sipa|Corbis"
    r"|Wikimedia Commons)"
)
_ROLES = re.compile(
    r"(?:\w+ )?(?:staff|senior|chief|special|foreign|political|diplomatic|middle east|news|guest)?\s*"
    r"(?:writer|reporter|correspondent|editor|columnist|contributor|staff|bureau chief|agencies)s?",
    _I,
)


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_PRESS_WORDS = _words(
    """agency broadcasting chronicle courier daily dispatch examiner express gazette globe guardian herald independent
    inquirer international journal magazine mail media mirror monitor network news newspaper observer online post press
    radio review sentinel standard telegraph television times today tribune tv wire weekly world"""
)
_OUTLETS = _words(
    """reuters bbc cnn afp ap upi npr pbs politico bloomberg axios xinhua tass anadolu cnbc msnbc abc nbc cbs sky
    aljazeera usatoday"""
)
_JOINING = _words("of the and & in for on to a an de la le el al di del und der die das")
PARTICLES = _words("de da di del della du la le van von der den ten ter bin ibn al el y e dos das zu of")


def is_agency_or_role(text: str) -> bool:
    """What stands beside a name in a byline: for whom, or as what, that person writes."""
    return _is_agency_or_job(text) or is_outlet(_without_for(text))


def _is_agency_or_job(text: str) -> bool:
    return re.fullmatch(AGENCY, _without_for(text)) is not None or _ROLES.fullmatch(text) is not None


def _without_for(text: str) -> str:
    return re.sub(r"^(?:special (?:to|for)|for|the)\s+", "", text, flags=_I)


def is_outlet(text: str) -> bool:
    """Looks like the name of a newspaper, broadcaster or agency, and holds a word that says so."""
    words = {word.strip(".,").casefold() for word in text.split()}
    return is_capitalised(text, most=5) and len(text) <= 50 and bool(words & (_PRESS_WORDS | _OUTLETS))


def is_capitalised(text: str, most: int) -> bool:
    words = text.split()
    return 0 < len(words) <= most and all(
        word[0].isupper() or word[0].isdigit() or word.casefold() in _JOINING for word in words
    )


def is_name(text: str) -> bool:
    """Two to four capitalised words, as people's names are written."""
    words = text.split()
    if not 2 <= len(words) <= 5 or len(text) > 45 or words[0].casefold() in _JOINING:
        return False
    proper = [word for word in words if word.casefold() not in PARTICLES]
    return 2 <= len(proper) <= 4 and all(
        word[0].isupper() and all(part.isalpha() for part in re.split(r"[-'’.]", word) if part) for word in proper
    )


def split_authors(text: str) -> tuple[str, ...]:
    """The names in one string such as "By Jane Roe and John Doe, Reuters"; what is not read so stays one name."""
    bare = re.sub(r"^by:?\s+", "", text.strip(), flags=_I)
    parts = [part.strip() for part in re.split(r";|\s+(?:and|&)\s+|,\s+", bare) if part.strip()]
    # In a list without "by" only an agency or a job is surely nobody: Emily Post is.
    is_beside = _is_agency_or_job if bare == text.strip() else is_agency_or_role
    people = [part for part in parts if not is_beside(part)]
    # "Roe, Jane" is one person: a comma only parts whole names.
    if len(parts) > 1 and people and all(len(part.split()) > 1 for part in people):
        return tuple(dict.fromkeys(people))
    return (bare,) if bare else ()
