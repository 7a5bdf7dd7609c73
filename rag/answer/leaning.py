"""Sentences that lean on what stands before them: "He said", "The latter", "These attacks", "The company".

Rules on English news prose, careful rather than complete: a sentence leans only where it opens with words that stand
for something else, and nothing in what it opens with names it. Pure; knows no question and no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Span

FARTHEST = 2
"""Sentences that are brought before one, at most."""

FEWEST = 3
"""Words; what is shorter is a heading or a name, and tells nobody who "he" is."""

_OPENS = (
    r"[\"'“‘(\[]*(?:(?:But|And|So|Yet|Or|Then|Still|Also|Later|Now|Here|There|However|Meanwhile|Instead|Moreover"
    r"|Furthermore|Nevertheless|Nonetheless|Thus|Therefore|Afterwards?|Earlier|Besides|Though|Because|When|While|If|As"
    r"|After|Before|Since|Although|In addition|As a result|At the time|In response|For example|Of course),? )?"
)
"""A mark that opens, and a word that joins the sentence to the one before it."""

_PRONOUN = re.compile(_OPENS + r"(?:[Hh]e|[Ss]he|[Tt]hey|[Ii]t)(?:[’'](?:s|d|ll|re|ve))?(?= )")
_SAYS_WHAT_IT_IS = re.compile(
    _OPENS + r"[Ii]t(?: (?:is|was|will be|would be|may be|has been|had been|remains|remained|became)|[’']s)"
    r" (?:not |still |also |now |yet |very |only )*"
    r"(?:(?:un)?(?:clear|known|likely|certain|sure)|(?:im)?possible|important|(?:un)?usual|rare|easy|hard|difficult|true|time"
    r"|thought|believed|reported|said|feared|hoped|expected|estimated|understood|alleged|announced|confirmed|revealed"
    r"|the (?:first|second|third|last|latest|\w+est|only|most \w+) |not until|in |on |at )"
)
"""An "it" that stands for what follows: "It is not known whether …", "It was the first time that …"."""

_POSSESSIVE = re.compile(_OPENS + r"(?:[Hh]is|[Hh]er|[Tt]heir|[Ii]ts) (?!Majesty|Excellency|Holiness|Royal|Highness)\w")
_POINTS = re.compile(
    _OPENS
    + r"(?:[Tt]his|[Tt]hat|[Tt]hese|[Tt]hose) (?!who\b|with\b|(?:\w+ )?(?:week|weekend|month|year|morning|evening"
    r"|afternoon|night|summer|winter|spring|fall|autumn|season|decade|century|time)s?\b|[A-Z])\w"
)
_THE_ONE = re.compile(_OPENS + r"[Tt]he (?:latter|former|two|three|four|pair|duo|trio|same)\b(?! [A-Z])")
_BOTH = re.compile(
    _OPENS + r"(?:[Bb]oth|[Nn]either|[Ee]ither)(?= (?:of (?:them|these|those|the)\b|[a-z]))(?! of [A-Z])"
)
_SUCH = re.compile(_OPENS + r"[Ss]uch (?!as\b)[a-z]")

_ROLES = (
    "actor|actress|agency|airline|author|automaker|bank|bill|bloc|board|body|boy|carmaker|chain|chancellor|child|church"
    "|city|club|coach|column|commander|commission|committee|company|council|country|couple|court|crew|deal|department"
    "|director|documentary|drug|duke|duchess|film|firm|flight|foundation|general|giant|girl|governor|group|hospital"
    "|judge|king|law|lawmaker|lawsuit|lawyer|league|man|mayor|measure|men|minister|ministry|motion|movie|network|officer"
    "|official|operation|organi[sz]ation|outlet|panel|party|plan|plane|plant|platform|player|policy|pope|president"
    "|prime minister|prince|princess|producer|programme?|project|proposal|queen|reality star|regulator|report|retailer"
    "|rocket|rockets|ruling|school|senator|series|ship|shooter|show|singer|sisters?|brothers?|soldiers?|spokes\\w+|star"
    "|state|statement|store|strike|studio|study|superstar|survey|suspects?|team|teen|teenager|telescope|tower|town|track"
    "|troops|tv|university|vaccine|vessel|victims?|village|volcano|website|woman|women|writer|attack|attacks|blast"
    "|explosion|incident|shooting|crash|earthquake|quake|storm|hurricane|fire|blaze|flooding|announcement|decision"
    "|agreement|move|fighters|militants|rebels|protesters|militia|militias|missile|missiles|drone|drones|base"
)
_ROLE = re.compile(
    _OPENS + rf"[Tt]he (?:\d+-year-old )?(?:{_ROLES})(?:[’']s?)?"
    # What goes on about it says who is meant: "the president of", "the man who", "the company that".
    r" (?!of\b|in\b|at\b|on\b|from\b|for\b|behind\b|near\b|against\b|with\b|to\b|by\b|between\b|who\b|whose\b|that\b"
    r"|which\b|where\b|known\b|called\b|named\b|and\b|or\b)(?P<goes_on>[a-z][^,.;:]*)"
)
_VERB = r"(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|does|did|said|says|told|\w+ed)\b"
_UP_TO_THE_VERB = re.compile(rf"(?:(?!{_VERB})[\w’'-]+ )*")

_LEANS = (_POSSESSIVE, _POINTS, _THE_ONE, _BOTH, _SUCH)


def leans(sentence: str) -> bool:
    """Whether it opens with what stands for something said before, and with no name."""
    if _PRONOUN.match(sentence):
        return not _SAYS_WHAT_IT_IS.match(sentence)
    if any(rule.match(sentence) for rule in _LEANS):
        return True
    role = _ROLE.match(sentence)
    subject = _UP_TO_THE_VERB.match(role["goes_on"]) if role else None
    return subject is not None and not re.search(r"[A-Z]", subject[0])


def brought(text: str, start: int, sentences: Sequence[Span], place: int, room: int) -> int:
    """The first of the sentences that the one at `place` needs to be understood: `place` itself where it leans on none.

    `text` begins at `start` of the article; `room`: words that they may take. Of a sentence that leans on one that
    leans itself both are brought, or as many as there is room for. Only what stands directly before it, with nothing
    but white space between: a quote runs on.
    """
    first = place
    while first > max(0, place - FARTHEST):
        here, before = sentences[first], sentences[first - 1]
        gap = text[before.end - start : here.start - start].strip()
        length = len(text[before.start - start : before.end - start].split())
        if gap or not FEWEST <= length <= room or not leans(text[here.start - start : here.end - start]):
            break
        first, room = first - 1, room - length
    return first
