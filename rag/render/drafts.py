"""What `check` found of a draft: for the terminal and as JSON.

The JSON, ``groundwire.check/1``::

    schema         "groundwire.check/1"
    holds          whether every claim is supported
    sentences      all of the draft, in order:
        start, end     in the draft
        text           `draft[start:end]`, markup included
        verdict        "supported", "unsupported", or "heading", "question", "no claim" for what claims nothing
        citations      the numbers of its quotes, the one that says most of it first; of an unsupported sentence, of
                       the nearest
        score          how likely the quote supports it, 0 to 1; null for what claims nothing
        said_by        null, or name, start, end (offsets in the article's text), resolved: the article only says that
                       this one said so, and the sentence says it outright
        differing      in order: start, end (in the draft), text, reason ("number", "name", "date", "negation",
                       "opposite", "speaker", "quotation", "doubt"), told (in words), decisive (unsupported because of
                       it)
    citations      as in groundwire.answer/1, so that whatever takes an answer's citations takes these
    articles       as there
    notes          one line each
    timings_ms     milliseconds by name

Offsets count code points; `end` is exclusive.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from rag.claims import Checked, CheckedSentence, Differing, Reason, Verdict
from rag.quotes import Speaker
from rag.render.contract import citation_to_dict, json_text, reference_to_dict
from rag.render.safe import cut, one_line, printable
from rag.render.source import byline, place, quoted
from rag.render.terminal import write
from rag.types import Citation

SCHEMA = "groundwire.check/1"

SHORT = 100
"""Code points that are shown of what claims nothing."""

_COLOURS = {Verdict.SUPPORTED: "green", Verdict.UNSUPPORTED: "red"}


# JSON.


def to_dict(checked: Checked) -> dict[str, object]:
    """The result as this module's docstring has it."""
    return {
        "schema": SCHEMA,
        "holds": checked.holds,
        "sentences": [_sentence(one) for one in checked.sentences],
        "citations": [citation_to_dict(citation) for citation in checked.citations],
        "articles": {name: reference_to_dict(reference) for name, reference in checked.articles.items()},
        "notes": list(checked.notes),
        "timings_ms": dict(checked.timings_ms),
    }


def to_json(checked: Checked, indent: int | None = None) -> str:
    """The result as JSON text."""
    return json_text(to_dict(checked), indent)


def _sentence(one: CheckedSentence) -> dict[str, object]:
    return {
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "verdict": str(one.verdict),
        "citations": list(one.citations),
        "score": one.score,
        "said_by": _speaker(one.said_by),
        "differing": [_differing(each) for each in one.differing],
    }


def _differing(each: Differing) -> dict[str, object]:
    return {
        "start": each.start,
        "end": each.end,
        "text": each.text,
        "reason": str(each.reason),
        "told": each.told,
        "decisive": each.decisive,
    }


def _speaker(speaker: Speaker | None) -> dict[str, object] | None:
    if speaker is None:
        return None
    return {"name": speaker.name, "start": speaker.start, "end": speaker.end, "resolved": speaker.resolved}


# The terminal.


def show(checked: Checked, console: Console, *, base: str | None = None) -> None:
    """Sentence by sentence: the verdict, the words that differ marked, the quote; then the sum."""
    cited = {citation.number: citation for citation in checked.citations}
    told: set[int] = set()
    for one in checked.sentences:
        if not one.verdict.is_claim:
            write(console, Text(f"{one.verdict}: {cut(one.text, SHORT)}", "dim"))
            write(console, Text())
            continue
        write(console, _head(one))
        for each in one.differing:
            if each.reason is not Reason.DOUBT:
                write(console, _told(each), 4)
        doubted = [each for each in one.differing if each.reason is Reason.DOUBT]
        if doubted:
            write(console, _doubted(doubted), 4)
        if one.said_by is not None:
            write(console, Text(f"attributed to {one_line(one.said_by.name)} in the source", "yellow"), 4)
        for number in one.citations:
            if number in told:
                write(console, Text.assemble((f"[{number}]", "cyan"), " as above"), 4)
            else:
                told.add(number)
                _show_quote(cited[number], one, checked, console, base)
        write(console, Text())
    write(console, Text(_sum(checked), "bold"))


def _head(one: CheckedSentence) -> Text:
    """The verdict and the sentence, with what differs between marks that need no colour."""
    line = Text.assemble((f"{one.verdict}", f"bold {_COLOURS[one.verdict]}"), ": ")
    at = one.start
    for each in one.differing:
        if each.start < at:
            continue
        line.append(_shown(one.text[at - one.start : each.start - one.start]))
        marked = f"{{+{one_line(each.text)}+}}" if each.decisive else f"{{{one_line(each.text)}}}"
        line.append(marked, "red" if each.decisive else "yellow")
        at = each.end
    return line.append(_shown(one.text[at - one.start :]).rstrip())


def _told(each: Differing) -> Text:
    style = "bold red" if each.decisive else "bold yellow"
    return Text.assemble((f"{each.reason}", style), f" {quoted(cut(each.text, 80))}: {one_line(each.told)}")


def _doubted(those: list[Differing]) -> Text:
    """Words that tell against it without deciding, on one line."""
    told = dict.fromkeys(each.told for each in those)
    return Text(
        "; ".join(f"{one_line(name)}: {', '.join(_words(those, name))}" for name in told),
        "dim",
    )


def _words(those: list[Differing], told: str) -> list[str]:
    return [quoted(cut(each.text, 60)) for each in those if each.told == told]


def _show_quote(citation: Citation, one: CheckedSentence, checked: Checked, console: Console, base: str | None) -> None:
    reference = checked.articles[citation.article]
    nearest = "" if one.verdict is Verdict.SUPPORTED else "nearest: "
    write(console, Text.assemble(nearest, (f"[{citation.number}]", "cyan"), f" {byline(reference)}"), 4)
    write(console, Text(quoted(citation.quote)), 8)
    if reference.url:
        write(console, Text(one_line(reference.url), "dim"), 8)
    where = place(reference, citation.start, citation.end, page=citation.page, base=base)
    write(console, Text(f"{where} · id: {one_line(citation.id)}", "dim"), 8)


def _sum(checked: Checked) -> str:
    supported, claims = checked.count(Verdict.SUPPORTED), sum(one.verdict.is_claim for one in checked.sentences)
    others = {verdict: checked.count(verdict) for verdict in (Verdict.HEADING, Verdict.QUESTION, Verdict.NO_CLAIM)}
    names = {Verdict.HEADING: "heading", Verdict.QUESTION: "question", Verdict.NO_CLAIM: "without a claim"}
    rest = [
        f"{count} {names[verdict]}{'s' if count > 1 and verdict is not Verdict.NO_CLAIM else ''}"
        for verdict, count in others.items()
        if count
    ]
    told = f"{supported} of {claims} {'sentence' if claims == 1 else 'sentences'} supported"
    return ", ".join([told if claims else "nothing here is a claim", *rest])


def _shown(text: str) -> str:
    """On one line, with the spaces at its ends."""
    return " ".join(printable(text).split(" "))
