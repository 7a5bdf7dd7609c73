"""Can the evaluation fail? Real answers to the seed questions, injured; every injury has to be seen.

Each mutation does one thing to one answer and names the measures that have to fall for it; those that concern all
answers together have to break a floor. Two controls change nothing that matters and may not be seen. An injury that is
not seen, and a control that is, is a fault of the evaluation. Locked questions are injured like the others, and
not shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eval import injuries
from eval.gate import Baseline
from eval.injuries import Held
from rag.evaluate.figures import figures
from rag.evaluate.judging import Asked, Judged, Share, judge
from rag.evaluate.measures import Measure
from rag.evaluate.running import Answered
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Mutation:
    """One injury. `injure` gives the injured answer, or None where it cannot be done to this one."""

    name: str
    injure: Callable[[Answered, Held], Answer | None]
    seen_by: tuple[Measure, ...]
    """At least one of them has to fall; none for a control, of which nothing may fall."""
    needed: bool = True
    """Whether some answer has to offer itself to it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a mutation."""

    name: str
    tried: int
    caught: int
    by: tuple[str, ...]
    """The measures that fell, or the floors that broke."""
    is_control: bool
    needed: bool

    @property
    def holds(self) -> bool:
        """Whether it went as it has to."""
        if self.is_control:
            return self.caught == 0
        return self.caught == self.tried and (self.tried > 0 or not self.needed)


def tried(answered: Sequence[Answered], held: Held, floors: Mapping[str, Mapping[str, float]]) -> list[Tried]:
    """Every mutation, tried on every answer that it can be done to. `floors`: those of the answers' mode, by split."""
    return [*(_tried(one, answered, held) for one in MUTATIONS), *_together(answered, held, floors)]


def problems(found: Sequence[Tried]) -> list[str]:
    """A line for each mutation that did not go as it has to."""
    return [
        f"mutation {one.name!r}: "
        + ("seen, though nothing was wrong" if one.is_control else f"caught {one.caught} of {one.tried}")
        for one in found
        if not one.holds
    ]


def lines(found: Sequence[Tried]) -> list[str]:
    """The table, a line for each mutation."""
    return [f"{'mutation':<48}{'caught':>12}  by", *map(_line, found)]


def _line(one: Tried) -> str:
    said = f"{one.caught} of {one.tried}" if one.tried else "none to try"
    return f"{one.name:<48}{said:>12}  {', '.join(one.by)}{'' if one.holds else '   <- NOT AS IT HAS TO BE'}"


def _tried(mutation: Mutation, answered: Sequence[Answered], held: Held) -> Tried:
    by, count, caught = Counter[str](), 0, 0
    for one in answered:
        injured = mutation.injure(one, held)
        if injured is None:
            continue
        count += 1
        fallen = _fallen(one.judged, judge(one.expected, replace(one.asked, answer=injured), held))
        seen = [measure for measure in fallen if measure in mutation.seen_by or not mutation.seen_by]
        caught += bool(seen)
        by.update(seen)
    names = tuple(name for name, _ in by.most_common())
    return Tried(mutation.name, count, caught, names, not mutation.seen_by, mutation.needed)


def _fallen(before: Judged, after: Judged) -> list[Measure]:
    """The measures that are lower than they were, or, of what was not there to measure, less than whole."""
    return [
        measure
        for measure, share in after.shares.items()
        if share.whole and share.part / share.whole < _ratio(before.shares.get(measure))
    ]


def _ratio(share: Share | None) -> float:
    return share.part / share.whole if share and share.whole else 1.0


MUTATIONS = (
    Mutation("control: nothing changed", injuries.same, ()),
    Mutation("control: the quotes' words, as prose", injuries.as_prose, ()),
    Mutation("a quote's offsets shifted by one", injuries.shifted, (Measure.EXACT,)),
    Mutation("a quote shifted by one, words and offsets", injuries.shifted_whole, (Measure.SUPPORTED,)),
    Mutation("a changed digit in statement and quote", injuries.digit, (Measure.EXACT,)),
    Mutation("a changed digit in the statement", injuries.digit_in_statement, (Measure.SUPPORTED,)),
    Mutation("a changed digit in prose", injuries.digit_in_prose, (Measure.SUPPORTED,)),
    Mutation("a swapped speaker in statement and quote", injuries.speaker_in_both, (Measure.EXACT,)),
    Mutation("a swapped speaker in prose", injuries.speaker_in_prose, (Measure.SUPPORTED,)),
    Mutation("a swapped speaker, said in another form", injuries.speaker_in_another_form, (Measure.SUPPORTED,)),
    Mutation("two figures that changed places in prose", injuries.swapped_figures, (Measure.SUPPORTED,)),
    Mutation("a speaker named who did not say so", injuries.speaker_field, (Measure.SUPPORTED,)),
    Mutation("a not more or less in prose", injuries.negated_prose, (Measure.SUPPORTED,)),
    Mutation("a citation to another article", injuries.other_article, (Measure.EXACT,)),
    Mutation("an exact quote of another article", injuries.other_words, (Measure.GOLD_CITED, Measure.ARTICLE_FIRST)),
    Mutation("the whole article for a quote", injuries.whole_article, (Measure.GOLD_CITED, Measure.IN_ANSWER)),
    Mutation("citations that nothing names", injuries.padded, (Measure.USED,)),
    Mutation("a dropped citation", injuries.dropped, (Measure.CITED,)),
    Mutation("a citation that does not exist", injuries.dangling, (Measure.CITED,)),
    Mutation("another version of the article", injuries.forged, (Measure.EXACT,)),
    Mutation("a short answer that is not in the quote", injuries.short, (Measure.EXACT,), needed=False),
    Mutation("an answer to an unanswerable question", injuries.invented, (Measure.REFUSAL_RECALL,)),
    Mutation(
        "a right answer refused", injuries.refused, (Measure.GOLD_CITED, Measure.IN_ANSWER, Measure.ARTICLE_FIRST)
    ),
    Mutation("a refusal with its answer beside it", injuries.half_refused, (Measure.PRINTED,)),
    Mutation("a refusal with citations", injuries.half_refused_by_citations, (Measure.PRINTED,)),
    Mutation("another text than the statements", injuries.another_text, (Measure.PRINTED,)),
    Mutation("a sentence more in the text alone", injuries.more_text, (Measure.PRINTED,)),
    Mutation("another publisher of a cited article", injuries.another_publisher, (Measure.REFERENCES,)),
    Mutation("another title of a cited article", injuries.another_title, (Measure.REFERENCES,)),
    Mutation("another URL of a cited article", injuries.another_url, (Measure.REFERENCES,)),
    Mutation("another author of a cited article", injuries.another_author, (Measure.REFERENCES,)),
    Mutation("another date of a cited article", injuries.another_date, (Measure.REFERENCES,)),
    Mutation("other words before a quote", injuries.another_prefix, (Measure.EXACT,)),
    Mutation("other words after a quote", injuries.another_suffix, (Measure.EXACT,)),
    Mutation("a disagreement that is none", injuries.invented_disagreement, (Measure.DISAGREED,)),
    Mutation("one statement five times", injuries.repeated, (Measure.SUPPORTED,)),
    Mutation("the answer after sixty words of talk", injuries.buried, (Measure.IN_ANSWER,)),
)


# -- all answers together ------------------------------------------------------------------------------------------


def _together(answered: Sequence[Answered], held: Held, floors: Mapping[str, Mapping[str, float]]) -> Iterator[Tried]:
    """What one answer cannot show: every split's floors have to break. Where none are pinned, nothing is tried."""
    changes: tuple[tuple[str, Callable[[Answered], Asked]], ...] = (
        ("a refusal of everything", lambda one: replace(one.asked, answer=injuries.refusal(one.asked.answer))),
        ("one answer to everything", lambda one: replace(one.asked, answer=_one_answer(one, answered))),
    )
    for name, change in changes:
        judged = [judge(one.expected, change(one), held) for one in answered]
        broken, by = 0, Counter[str]()
        for split in floors:
            measured = figures([one for one in judged if one.split == split])
            ranked = {name: value for name, value in floors[split].items() if "Hit@" not in name}
            lines = [
                line
                for line in Baseline(floors={"": {split: ranked}}).below({"": {split: measured}})
                if "below" in line
            ]
            broken += bool(lines)
            by.update(line.split(": ", 1)[1].partition(" is ")[0] for line in lines)
        yield Tried(name, len(floors), broken, tuple(measure for measure, _ in by.most_common()), False, needed=False)


def _one_answer(one: Answered, answered: Sequence[Answered]) -> Answer:
    first = next(each.asked.answer for each in answered if each.asked.answer.answered)
    return replace(first, question=one.expected.question.question)
