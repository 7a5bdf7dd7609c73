"""The facts of a claim against a quote: which of its words differ, and why. Rules, no model.

Numbers have to stand in the quote. A name may stand in the passage around it, in the title or in the byline, for the
quote says "he" or "the base"; but where quote and claim say the same with one name in place of another, it differs. A
day may stand there, too, unless the quote names a day of its own. Nothing may be denied on one side alone. Whoever is
said to say it has to be the one to whom the article gives it; what only somebody says, and the claim says outright, is
told as such, and is no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag import alignment
from rag.alignment import Alignment, Word
from rag.check import days, names, numbers, words
from rag.check.claim import Claim, Quote
from rag.check.names import RANKS, TITLES, Named
from rag.check.numbers import Number
from rag.claims import Reason
from rag.folding import folded
from rag.quotes import Speaker

ALIKE = 0.4
"""Share of equal words from which on a name that stands where the quote has another is taken for changed."""

LONGEST_CHANGE = 4
"""Words, of a run that is changed into another."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Words of a claim that differ: `[start:end]` of the claim."""

    start: int
    end: int
    reason: Reason
    told: str
    decisive: bool = True
    lacking: bool = False
    """It does not stand there, and nothing else stands in its place: another sentence may have it."""

    def overlaps(self, other: Fault) -> bool:
        """Whether both are of the same words."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Compared:
    """A claim against a quote."""

    faults: tuple[Fault, ...]
    said_by: Speaker | None
    """The article only says that this one said so, and the claim says it outright."""
    alignment: Alignment

    @property
    def decisive(self) -> int:
        """How many faults decide."""
        return sum(one.decisive for one in self.faults)

    @property
    def decides(self) -> bool:
        """Whether it is unsupported, whatever else is said for it."""
        return self.decisive > 0

    @property
    def contradicts(self) -> bool:
        """Whether something there says otherwise."""
        return any(one.decisive and not one.lacking for one in self.faults)

    def without(self, found: Sequence[Fault]) -> Compared:
        """Less what was found elsewhere."""
        return replace(self, faults=tuple(one for one in self.faults if one not in found))

    def count(self, reason: Reason) -> int:
        """How many decisive faults are of this reason."""
        return sum(one.decisive and one.reason is reason for one in self.faults)


def compare(claim: Claim, quote: Quote) -> Compared:
    """What of the claim the quote does not say."""
    aligned = alignment.align(_by_stem(claim.words), _by_stem(quote.words))
    said = _who_says(quote, aligned)
    faults = [
        *_numbers(claim, quote),
        *_counts(claim, quote),
        *_names(claim, quote, aligned),
        *_days(claim, quote),
        *_negations(claim, quote),
        *_opposites(claim, quote, aligned),
        *_quotations(claim, quote),
        *_speakers(claim, quote, said),
    ]
    given = [one for one in faults if one.reason is Reason.SPEAKER]
    faults = [one for one in faults if one.reason is not Reason.NAME or not any(map(one.overlaps, given))]
    faults.sort(key=lambda one: (one.start, one.end))
    outright = said is not None and claim.speaker is None and not _is_named(said.name, claim.words)
    return Compared(tuple(faults), said if outright else None, aligned)


def _by_stem(found: Iterable[Word]) -> list[Word]:
    """Words that are equal where their stems are: "missiles", "missile"."""
    return [replace(word, key=words.stem(word.text)) for word in found]


# -- numbers ---------------------------------------------------------------------------------------------------


def _numbers(claim: Claim, quote: Quote) -> Iterator[Fault]:
    there = quote.numbers
    spare = [one for one in there if not any(numbers.agree(ours, one) for ours in claim.numbers)]
    for one in claim.numbers:
        if not numbers.held(one, there):
            like = [other for other in spare if other.unit is one.unit and not other.is_pronoun]
            told = f"the quote has {like[0].text}" if len(like) == 1 else "not in the quote"
            yield Fault(one.start, one.end, Reason.NUMBER, told, lacking=len(like) != 1)


def _counts(claim: Claim, quote: Quote) -> Iterator[Fault]:
    """Numbers that changed places: each stands in the quote, and counts something else there."""
    text = quote.around.source.text
    there = _counted(text, quote.words, quote.numbers)
    for stem, (one, word) in _counted(claim.text, claim.words, claim.numbers).items():
        if stem not in there or not numbers.held(one, quote.numbers):
            continue
        theirs = there[stem][0]
        # "one" is no number of a claim's, where it may be nobody.
        has_changed = theirs.is_pronoun or any(numbers.agree(ours, theirs) for ours in claim.numbers)
        if has_changed and not numbers.agree(one, theirs):
            yield Fault(one.start, one.end, Reason.NUMBER, f"the quote has {theirs.text} for “{word.text}”")


def _counted(text: str, found: Iterable[Word], counts: Iterable[Number]) -> dict[str, tuple[Number, Word]]:
    """What is counted: the stem of the word of meaning right after a number, or but one."""
    every = list(found)
    made: dict[str, tuple[Number, Word]] = {}
    for one in counts:
        after = [word for word in every if one.end <= word.start][:2]
        for word in after:
            if any(mark in ",;:." for mark in text[one.end : word.start]):
                break
            if words.is_content(word) and not word.text[0].isdigit():
                made.setdefault(words.stem(word.text), (one, word))
                break
    return made


# -- names and days --------------------------------------------------------------------------------------------


def _names(claim: Claim, quote: Quote, aligned: Alignment) -> Iterator[Fault]:
    around, article = quote.around.named, quote.around.source.named
    here = Named.of(_closest_sentence(quote, aligned))
    found = names.names(claim.text, claim.words, claim.small | quote.around.small)
    for name in found:
        known = [around.holds(name, word) for word in name]
        # A longer form of a name that stands there: the article gives it once, and the surname from then on.
        lacking = [
            word
            for word, is_known in zip(name, known, strict=True)
            if not is_known and not (any(known) and article.holds(name, word))
        ]
        if lacking:
            yield Fault(lacking[0].start, lacking[-1].end, Reason.NAME, "not in the passage", lacking=True)
        elif not any(here.holds(name, word) for word in name):
            other = _in_its_place(claim, quote, aligned, name)
            if other:
                yield Fault(name[0].start, name[-1].end, Reason.NAME, f"the quote has {other}")


def _closest_sentence(quote: Quote, aligned: Alignment) -> list[Word]:
    """The words of the quote's sentence that has most of the claim's."""
    equal = [aligned.found[there].start for _, there in filter(aligned.is_equal, aligned.columns) if there is not None]
    inside = [one for one in quote.around.sentences if quote.span.start <= one.start and one.end <= quote.span.end]
    best = max(inside, key=lambda one: sum(one.start <= at < one.end for at in equal), default=quote.span)
    return [word for word in quote.words if best.start <= word.start < best.end]


def _in_its_place(claim: Claim, quote: Quote, aligned: Alignment, name: list[Word]) -> str:
    """The name of the quote that stands where the claim has this one; "" where none does."""
    if aligned.similarity < ALIKE:
        return ""
    claimed = Named.of(claim.words)
    for change in alignment.differences(aligned, claim.text, quote.around.source.text):
        inside = change.given_start <= name[0].start and name[-1].end <= change.given_end
        if inside and len(change.given.split()) <= LONGEST_CHANGE and len(change.found.split()) <= LONGEST_CHANGE:
            theirs = [word for word in quote.words if change.start <= word.start and word.end <= change.end]
            capital = [word for word in theirs if word.text[0].isupper() and words.is_content(word)]
            if capital and not any(claimed.holds(capital, word) for word in capital):
                return change.found
    return ""


def _days(claim: Claim, quote: Quote) -> Iterator[Fault]:
    published, around = quote.around.source.published, quote.around.moments
    own = quote.moments
    for one in claim.moments:
        # A day of the passage is the quote's own unless this names another.
        there = [other for other in own if other.is_day] if one.is_day else own
        named = [*there, *days.moments(quote.around.source.title)] if there else around
        stated = not (one.is_day and there)
        if days.given(one, named, published if stated else None) or _completed(one, there, published):
            continue
        if (
            one.year is not None
            and one.month is None
            and any(other.value == one.year for other in quote.around.numbers)
        ):
            continue
        bare = bool(there) and one.year is not None and there[0].year is None and published is None
        told = "not in the passage" if not there else f"the quote has {there[0].text}{', and no year' if bare else ''}"
        yield Fault(one.start, one.end, Reason.DATE, told, lacking=not there)


def _completed(one: days.Moment, there: list[days.Moment], published: str | None) -> bool:
    """Whether one of the quote's own days is meant; that the article is of the day does not count."""
    meant = [other for moment in there for other in days.completed(moment, published)]
    return bool(meant) and days.given(one, meant, None)


# -- what is denied, and the opposite --------------------------------------------------------------------------


def _negations(claim: Claim, quote: Quote) -> Iterator[Fault]:
    theirs = quote.denials
    for one in claim.denials:
        # Of what the quote does not speak, it denies nothing either; another sentence may.
        speaks = one.denies(set(quote.stems))
        if (speaks or not theirs) and not any(one.around & other.around for other in theirs):
            told = "not denied in the quote"
            yield Fault(one.word.start, one.word.end, Reason.NEGATION, told, lacking=not speaks)
    for other in theirs:
        if other.denies(set(claim.stems)) and not any(one.around & other.around for one in claim.denials):
            denied = [word for word in claim.words if words.stem(word.text) in other.stems]
            yield Fault(denied[0].start, denied[-1].end, Reason.NEGATION, f"the quote denies it: “{other.word.text}”")


def _opposites(claim: Claim, quote: Quote, aligned: Alignment) -> Iterator[Fault]:
    if len(claim.denials) % 2 != len(quote.denials) % 2:
        return
    ours, theirs = ({words.stem(word.text) for word in found} for found in (claim.words, quote.words))
    for here, there in aligned.columns:
        if here is None:
            continue
        word, mine = aligned.given[here], words.stem(aligned.given[here].text)
        if mine in theirs:
            continue
        paired = there is not None and words.are_opposites(mine, words.stem(aligned.found[there].text))
        other = next((one for one in quote.words if _is_opposite(mine, words.stem(one.text), ours)), None)
        if paired and there is not None:
            yield Fault(word.start, word.end, Reason.OPPOSITE, f"the quote has “{aligned.found[there].text}”")
        elif other is not None and words.is_content(word):
            yield Fault(word.start, word.end, Reason.OPPOSITE, f"the quote has “{other.text}”", decisive=False)


def _is_opposite(mine: str, theirs: str, ours: set[str]) -> bool:
    return theirs not in ours and words.are_opposites(mine, theirs)


# -- whose words they are --------------------------------------------------------------------------------------


def _quotations(claim: Claim, quote: Quote) -> Iterator[Fault]:
    for span in claim.quotations:
        form = folded(claim.text[span.start : span.end], case=True).text.strip("'.,;")
        if form and form not in quote.around.folded:
            yield Fault(span.start, span.end, Reason.QUOTATION, "not the words of the passage")


_GOES_ON = re.compile(r"[^.,;“”\"]{0,60}?\bthat\b")


def _who_says(quote: Quote, aligned: Alignment) -> Speaker | None:
    """Who says what the claim has of the quote: not whoever says more after it, "…, and he insists that …"."""
    said = quote.speaker
    equal = [aligned.found[there].end for _, there in filter(aligned.is_equal, aligned.columns) if there is not None]
    if said is None or not equal:
        return said
    follows = max(equal) <= said.start < quote.span.end
    return None if follows and _GOES_ON.match(quote.around.source.text, said.end, quote.span.end) else said


def _speakers(claim: Claim, quote: Quote, said: Speaker | None) -> Iterator[Fault]:
    ours = claim.speaker
    if ours is None:
        return
    name = words.words(ours.name)
    if said is not None and _agree(ours.name, said.name):
        return
    is_there = _is_named(ours.name, words.words(quote.around.source.by)) or _is_named(ours.name, quote.words)
    if is_there and (said is None or _is_named(said.name, claim.words)):
        return
    if not any(word.text[0].isupper() for word in name) and said is None:
        return  # "officials said", and the article says so itself
    told = f"said by {said.name}" if said is not None else "the article does not say that it was said by them"
    yield Fault(ours.start, ours.end, Reason.SPEAKER, told)


def _agree(one: str, other: str) -> bool:
    """Whether two names may be one person's or body's: the words of meaning of the shorter stand in the other."""
    mine, theirs = words.words(one), words.words(other)
    return _is_named(one, theirs) or _is_named(other, mine)


def _is_named(name: str, found: Iterable[Word]) -> bool:
    """Whether these words name it."""
    every = list(found)
    there, own = Named.of(every), [word for word in words.words(name) if words.is_content(word)]
    own = [word for word in own if word.key not in TITLES | RANKS] or own
    stems = {words.stem(word.text) for word in every}
    return bool(own) and all(there.holds(own, word) or words.stem(word.text) in stems for word in own)
