"""To whom a model's prose gives words, in forms that `rag.speakers`, made for articles, leaves alone.

`Trump: "…"`, `"…" was Trump's answer`, `in the words of Trump`, `Trump is quoted as saying`, `for Trump, …` and
`Trump called it …`. Rules on English; knows nothing of quotes and articles (`rag.evaluate.support` does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TITLE = r"(?:Gen|Maj|Lt|Col|Adm|Brig|Capt|Sgt|Dr|Mr|Mrs|Ms|Sen|Rep|Gov|Prof|St)\."
_CAP = rf"(?:{_TITLE}|(?:(?:al|el|Al|El|ul|bin)-)?(?:(?:[A-Z]\.)+|[A-Z][^\W\d_]*(?:['’-](?!s\b)[^\W\d_]+)*))"
_NAME = rf"(?P<name>{_CAP}(?: (?:(?:of|for|de|del|van|von|bin|ibn|al|and)(?: the)? )?{_CAP}){{0,5}})"
_HIS = r"['’](?:s\b)?"
_THE = r"(?:[Tt]he )?"

_ANSWER = (
    r"(?:answer|reply|response|view|verdict|comment|words|position|claim|account|message|argument|opinion|explanation|"
    r"reaction|statement|assessment|description|version|conclusion|retort)"
)
_CALLED = (
    r"(?:called|calls|described|describes|dismissed|dismisses|praised|praises|condemned|condemns|hailed|hails|branded|"
    r"labell?ed|dubbed|characteri[sz]ed|denounced|denounces|considers|considered|believes|believed|thinks|thought|"
    r"maintains|maintained|remarked|responded|answered|commented|contends|contended|asserted|asserts)\b"
)
_QUOTED_AS = r"(?:is|was|are|were|has been|had been) quoted\b"
_BEGINS = r"(?:^|(?<=[.!?;] )|(?<=[.!?;][”\"’'] ))"

_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_BEGINS}{_THE}{_NAME}: (?=[“\"«‘'A-Z])",
        rf"[”\"»’'] ?[–—-] ?{_NAME}(?=[.]?$)",
        rf"(?<!\w){_NAME}{_HIS}(?: [a-z]+){{0,2}}? {_ANSWER}\b",
        rf"\b{_ANSWER} (?:of|from|by|given by) {_THE}{_NAME}",
        rf"\b[Ii]n the (?:words|view|opinion|eyes|account|telling|judgment) of {_THE}{_NAME}",
        rf"(?<!\w){_NAME} {_QUOTED_AS}",
        rf"\b(?:[Qq]uoting|[Qq]uoted|[Cc]iting|[Cc]ited) {_THE}{_NAME}(?= as\b|[,.]|$)",
        rf"{_BEGINS}(?:For|To) {_THE}{_NAME}, ",
        rf"(?<!\w){_NAME} (?:also |has |had |later |then ){{0,2}}{_CALLED}",
    )
)

AFTER_COLON = 24
"""Code points after "Erbil: " that have to stand there in the quote, too, for it to be the quote's own."""

_NOBODY = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december yesterday today tomorrow he she it they we you i this that these those who
    the a an nobody everyone officials what when where there but and note update correction photo image video source
    """.split()  # noqa: SIM905 (a list of 60 quoted words is no easier to read)
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Somebody named as the one whose words, or view, a text gives."""

    name: str
    start: int
    """Where the name stands in the text."""
    end: int
    phrase: str
    """Name and verb as they stand, of a name before a colon what follows, too: a quote with the same says it itself."""
    rest: str
    """The text without the phrase: what is attributed."""


def attributions(text: str) -> Iterator[Attribution]:
    """Everybody to whom the text gives words in one of these forms."""
    for form in _FORMS:
        for match in form.finditer(text):
            name = match["name"].strip()
            if name.split()[0].casefold() in _NOBODY:
                continue
            start = match.start("name")
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            told = match.end() + (AFTER_COLON if form is _FORMS[0] else 0)
            yield Attribution(name, start, start + len(name), text[match.start() : told].strip(), rest)
