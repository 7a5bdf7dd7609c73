"""Who speaks, as far as the article itself says so.

Pure rules on English news prose: text and span in, the exact span of the speaker's name out, or None. Careful rather
than complete: a quotation with no plain attribution has no speaker, and "he" is somebody only where one person alone
can be meant. Knows nothing of indexes or models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.query import FUNCTION_WORDS
from rag.quotes import Speaker
from rag.sentences import sentences, wrap_width
from rag.types import Span

LONGEST_PARAGRAPH = 20_000
"""Code points; in a longer one nobody is looked for."""

# -- patterns --------------------------------------------------------------------------------------------------

_LETTERS = r"[^\W\d_]"
_CAP = (
    rf"(?:(?:[A-Z]\.){{1,3}}|(?:[A-Z]|[dDlLO]['’](?=[A-Z])|(?:al|el|Al|El|ul|bin)-(?=[A-Z])){_LETTERS}*"
    rf"(?:['’.-](?!s\b)(?={_LETTERS}){_LETTERS}+)*)"
)
_TITLE = r"(?:Maj|Gen|Lt|Col|Brig|Adm|Capt|Sgt|Cmdr|Sen|Rep|Gov|Dr|Mr|Mrs|Ms|Prof|Rev|Supt|Det|Insp|Sr|Jr|St)\.[ ]?"
_JOINT = r"(?:of(?:[ ]the)?|for|and|de|del|da|di|van|von|der|den|bin|ibn|al|el|la|le|&)"
_PROPER = rf"(?:{_TITLE})*{_CAP}(?:[ ](?:{_TITLE})*(?:{_JOINT}[ ])?{_CAP}){{0,7}}"

# Sources without a name of their own, as articles put them: "Iraqi security sources", "the Iraqi statement".
_HEAD = (
    r"(?:sources?|officials?|spokes(?:man|woman|person|people)|statement|authorities|police|military|army|government|"
    r"ministry|ministers?|agency|company|report|researchers?|prosecutors?|lawyers?|attorneys?|scientists?|experts?|"
    r"analysts?|economists?|investigators?|witnesses|doctors?|diplomats?|lawmakers?|organi[sz]ation|department|"
    r"commission|committee|channel|network|newspaper|outlet|captions?|media|office|team|group|coalition)"
)
_DESCRIBED = rf"(?:(?:[Tt]he|[Aa]n?|[Tt]wo|[Tt]hree|[Ss]everal|[Ss]ome)[ ])?(?:[\w’'-]{{1,30}}[ ]){{0,4}}?{_HEAD}\b"
_WHO = (
    rf"(?:(?P<pronoun>(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey)\b)|(?P<name>(?:[Tt]he[ ])?{_PROPER})"
    rf"|(?P<described>{_DESCRIBED}))"
)
_ASIDE = r"(?:,[ ][^.!?“”\"\n]{1,120}?,|[ ]\([^()\n]{1,60}\))?"
_AUX = r"(?:(?:has|have|had|also|later|then|previously|reportedly|repeatedly|earlier)[ ]){0,3}"
_SAID = (
    r"(?:said|says|say|saying|told|tells|telling|added|adds|adding|stressed|stresses|stressing|denied|denies|denying|"
    r"confirmed|confirms|noted|notes|claimed|claims|claiming|argued|argues|wrote|writes|tweeted|"
    r"tweets|reported|reports|revealed|reveals|stated|states|warned|warns|insisted|insists|explained|explains|"
    r"acknowledged|acknowledges|admitted|admits|declared|declares|blamed|blames|suggested|suggests|testified|recalled|"
    r"recalls|concluded|concludes|predicted|predicts|vowed|alleged|alleges|asked|asks|replied|replies|demanded|"
    r"demands|urged|urges|joked|quipped|exclaimed)\b"
)
_EDGE = r"(?<![\w’'.-])"

_SAYS = re.compile(rf"{_EDGE}{_WHO}{_ASIDE}[ ]{_AUX}{_SAID}")
_INVERTED = re.compile(rf"{_EDGE}{_SAID}[ ]{_WHO}")
_INVERTED_CLAUSE = re.compile(rf"(?:,|”)[ ](?:{_SAID})[ ]{_WHO}(?=[,.]|$)")
_ACCORDING = re.compile(rf"\b[Aa]ccording[ ]to[ ](?:[a-z]+[ ]){{0,2}}?{_WHO}")
_CLAUSE = re.compile(r"(?:^|[,;:—–-][ ]|\b(?:but|and|while|as|that|after)[ ])$")
_TO_THE_WORDS = re.compile(r"[\s,–—-]*")
_QUOTED = re.compile(r"“[^“”]*(?:”|$)|\"[^\"]*(?:\"|$)|«[^«»]*(?:»|$)|(?<!\w)‘[^‘“”]{1,2000}?[,.!?]’(?!\w)")

# Other spaces are spaces here; one character each, so that offsets stay.
_SPACES = str.maketrans(dict.fromkeys("\xa0\u2007\u2009\u200a\u202f", " "))

_NO_NAMES = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december yesterday today tomorrow meanwhile however moreover still officials nobody
    everyone read more image photo video
    """.split()  # noqa: SIM905 (a list of 30 quoted words is no easier to read)
)
_BODIES = frozenset(
    """
    news media cell agency ministry department command committee council pentagon congress senate house white army
    force forces units unit group party union league nations court police office bureau service services times post
    press tv television radio university institute center centre organization organisation association company corp
    corporation inc bank fund commission board administration government state states us uk eu un coalition states
    """.split()  # noqa: SIM905
)
"""Words of names that are no person's."""
_THINGS = re.compile(
    r"[ ](?:base|airbase|air|airport|area|region|district|province|village|city|county|street|river|system|missiles?|"
    r"rockets?|troops|forces|militants|militias?|officials?|sources|government|war|deal|agreement)\b"
)
_PLACED = re.compile(r"\b(?:[Tt]he|[Ii]n|[Aa]t|of|from|near|to|[Oo]n|into|across|via)[ ]$")


@dataclass(frozen=True, slots=True)
class _Said:
    """An attribution that was found: whom it names, as a span of the text."""

    start: int
    end: int
    pronoun: bool = False


# -- the way through -------------------------------------------------------------------------------------------


def speaker(text: str, start: int, end: int) -> Speaker | None:
    """Who says `text[start:end]`, as the text around it says; None where it does not say so plainly.

    Inside quotation marks: whoever the quotation is attributed to, in its own sentence or, when it goes on, in the
    one before. Otherwise: to whom it is attributed in the one sentence that holds it.
    """
    given, text = text, text.translate(_SPACES)
    block = _paragraph(text, start)
    if not 0 <= start < end <= block.end or block.end - block.start > LONGEST_PARAGRAPH:
        return None
    quotation = _around(text, block, start, end)
    if quotation is not None:
        found = _of_quotation(text, block, quotation)
    else:
        held = [one for one in sentences(text, block.start, block.end) if one.start < end and start < one.end]
        found = _of_sentence(text, block, held[0], Span(start, end)) if len(held) == 1 else None
    resolved = found is not None and found.pronoun
    if found is not None and found.pronoun:
        found = _meant(text, block, found)
    return None if found is None else Speaker(given[found.start : found.end], found.start, found.end, resolved)


def _paragraph(text: str, at: int) -> Span:
    """The paragraph around an offset: between blank lines where lines are wrapped, else the line."""
    before, after = text.rfind("\n\n", 0, at + 1), text.find("\n\n", at)
    block = Span(before + 2 if before >= 0 else 0, after if after >= 0 else len(text))
    if block.end - block.start <= LONGEST_PARAGRAPH and wrap_width(text, block.start, block.end):
        return block
    end = text.find("\n", at, block.end)
    return Span(max(block.start, text.rfind("\n", block.start, at) + 1), end if end >= 0 else block.end)


def _before(text: str, block: Span) -> Span | None:
    """The paragraph before."""
    at = len(text[: block.start].rstrip())
    return _paragraph(text, at - 1) if at else None


def _quotations(text: str, block: Span) -> list[Span]:
    """What stands in quotation marks, marks included; one that is not closed goes on to the end of the paragraph."""
    return [Span(*match.span()) for match in _QUOTED.finditer(text, block.start, block.end)]


def _around(text: str, block: Span, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",."):
        end -= 1
    return next((one for one in _quotations(text, block) if one.start <= start and end <= one.end), None)


def _of_quotation(text: str, block: Span, quotation: Span, depth: int = 0) -> _Said | None:
    return (
        _said_after(text, block, quotation)
        or _said_before(text, block, quotation)
        or (_carried_on(text, block, quotation, depth) if depth < 8 else None)
    )


def _said_after(text: str, block: Span, quotation: Span) -> _Said | None:
    """“…,” Smith said; “…,” said Smith; “…,” according to Smith."""
    inner_end = text[quotation.start : quotation.end].rstrip('”"»’ ')[-1:]
    follows = text[quotation.end : quotation.end + 1]
    if inner_end == "." and follows != ",":
        return None  # the sentence is over: what follows is another
    gap = _TO_THE_WORDS.match(text, quotation.end, block.end)
    at = gap.end() if gap else quotation.end
    for pattern in (_SAYS, _INVERTED, _ACCORDING):
        match = pattern.match(text, at, block.end)
        if match is not None:
            found = _named(match)
            if found is not None:
                return found
    return None


def _said_before(text: str, block: Span, quotation: Span) -> _Said | None:
    """Smith said (that): “…”, in the sentence that the quotation begins in; the last who is named before it."""
    held = sentences(text, block.start, block.end)
    sentence = next((one for one in held if one.start <= quotation.start < one.end), None)
    if sentence is None:
        return None
    found = [one for one in _attributions(text, Span(sentence.start, quotation.start)) if one is not None]
    return found[-1] if found else None


def _carried_on(text: str, block: Span, quotation: Span, depth: int) -> _Said | None:
    """The speaker of the quotation before, which this one goes on from: “…,” Smith said. “…”"""
    earlier = [one for one in _quotations(text, block) if one.end <= quotation.start]
    if earlier:
        said = _said_after(text, block, earlier[-1])
        between = Span(earlier[-1].end, quotation.start)
        return said if said is not None and len(list(_attributions(text, between))) <= 1 else None
    before = _before(text, block) if not text[block.start : quotation.start].strip() else None
    if before is None or before.end - before.start > LONGEST_PARAGRAPH:
        return None
    open_ones = [one for one in _quotations(text, before) if one.end == before.end and text[one.end - 1] not in '”"»’']
    return _of_quotation(text, before, open_ones[-1], depth + 1) if open_ones else None


def _of_sentence(text: str, block: Span, sentence: Span, span: Span) -> _Said | None:
    """To whom the words are attributed in a sentence that is not, or not wholly, a quotation.

    The last who is named before them; else the first after them. Words that hold several attributions have none.
    """
    quotations = [_said_after(text, block, one) for one in _quotations(text, sentence)]
    named = [*(one for one in quotations if one is not None), *_attributions(text, sentence)]
    found = sorted(set(named), key=lambda one: one.start)
    before = [one for one in found if one.end <= span.start]
    inside = [one for one in found if one.end > span.start and one.start < span.end]
    after = [one for one in found if one.start >= span.end]
    if before:
        return before[-1]
    chosen = inside if inside else after[:1]
    return chosen[0] if len(chosen) == 1 and _is_main(text, sentence, chosen[0]) else None


def _is_main(text: str, sentence: Span, found: _Said) -> bool:
    """Whether it is the main clause's: near the beginning of the sentence, or of what follows a comma."""
    ahead = text[sentence.start : found.start]
    return len(ahead.rpartition(",")[2].split()) <= 6


# -- attributions ----------------------------------------------------------------------------------------------


def _attributions(text: str, span: Span) -> Iterator[_Said]:
    """Everyone who is said to say something in the span outside quotation marks, in order."""
    masked = text[: span.start] + _QUOTED.sub(lambda match: "”" * len(match[0]), text[span.start : span.end])
    found = [one for pattern in (_SAYS, _INVERTED_CLAUSE, _ACCORDING) for one in _each(pattern, masked, span)]
    yield from sorted(found, key=lambda one: one.start)


def _each(pattern: re.Pattern[str], text: str, span: Span) -> Iterator[_Said]:
    at = span.start
    while at < span.end and (match := pattern.search(text, at, span.end)):
        found = _named(match)
        # A described source begins a clause: "… , Iraqi security sources said".
        if found is not None and match["described"] and pattern is _SAYS:
            found = found if _CLAUSE.search(text[max(span.start, found.start - 8) : found.start]) else None
        if found is not None:
            yield found
        at = match.end() if found is not None else match.start() + 1


def _named(match: re.Match[str]) -> _Said | None:
    """Whom the pattern names, without words before the name that are none of it."""
    if match["pronoun"]:
        return _Said(*match.span("pronoun"), pronoun=True)
    if match["described"]:
        return _Said(*match.span("described"))
    start, end = match.span("name")
    name = match["name"]
    while name:
        first, _, rest = name.partition(" ")
        bare = first.casefold().rstrip(".,")
        if bare == "the" and rest and _is_nobody(rest.partition(" ")[0]):
            return None
        if bare == "the" or not _is_nobody(first):
            break
        start, name = start + len(first) + 1, rest
    return _Said(start, end) if name and name.casefold() != "the" else None


def _is_nobody(word: str) -> bool:
    plain = word.casefold()
    return (plain in FUNCTION_WORDS and word != "US") or plain in _NO_NAMES


# -- whom a pronoun means --------------------------------------------------------------------------------------


def _meant(text: str, block: Span, found: _Said) -> _Said | None:
    """The one who was named as speaking before, in the same paragraph or else in the one before it.

    Nobody where several were, or where another person's name stands there, too.
    """
    pronoun = text[found.start : found.end].casefold()
    for scope in (Span(block.start, found.start), _before(text, block)):
        if scope is None or scope.end - scope.start > LONGEST_PARAGRAPH:
            return None
        named = [one for one in _attributions(text, scope) if not one.pronoun]
        if named:
            return _certain(text, scope, named, pronoun)
        if any(_others(text, scope, "")):
            return None
    return None


def _certain(text: str, scope: Span, named: list[_Said], pronoun: str) -> _Said | None:
    names = [text[one.start : one.end] for one in named]
    last = {_surname(name) for name in names}
    person = pronoun in {"he", "she"}
    if len(last) > 1 or person is _is_body(names[-1]) or not _fits(names[-1], pronoun):
        return None
    if person and any(_others(text, scope, _surname(names[-1]))):
        return None
    return named[-1]


def _surname(name: str) -> str:
    return name.rpartition(" ")[2].casefold().removeprefix("al-")


def _is_body(name: str) -> bool:
    """Whether it is not a person: "the Pentagon", "Sabereen News", "Iraqi security sources"."""
    own = name.split()
    plural = own[-1].casefold() if own[-1][:1].islower() else ""
    return own[0].casefold() == "the" or bool(plural) or bool({word.casefold() for word in own} & _BODIES)


def _fits(name: str, pronoun: str) -> bool:
    first = name.split(maxsplit=1)[0]
    return not ((pronoun == "she" and first == "Mr.") or (pronoun == "he" and first in {"Mrs.", "Ms."}))


_FULL_NAME = re.compile(rf"{_EDGE}(?:{_TITLE})*{_CAP}(?:[ ](?:{_TITLE})*{_CAP}){{1,5}}")


def _others(text: str, scope: Span, surname: str) -> Iterator[str]:
    """Full names of other people, by their looks: two capitalised words that are no place, thing or body."""
    for match in _FULL_NAME.finditer(text, scope.start, scope.end):
        name = match[0]
        if _PLACED.search(text, max(scope.start, match.start() - 8), match.start()):
            continue
        if _THINGS.match(text, match.end(), scope.end) or _is_body(name) or _surname(name) == surname:
            continue
        if not any(_is_nobody(word) for word in name.split()) and not name.isupper():
            yield name
