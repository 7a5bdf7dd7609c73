"""A saved answer as Markdown with footnotes (Pandoc, GitHub, Obsidian): ``[^1]`` in the text, the quote at the end."""

from __future__ import annotations

from collections.abc import Iterator

from rag.render.address import at_quote, web_address
from rag.render.safe import folded, one_line
from rag.render.safe import markdown_emphasised as emphasised
from rag.render.safe import markdown_escaped as escaped
from rag.render.saved import Exported, Proved, Sentence
from rag.render.shorts import Range, pieces
from rag.render.source import also_in, byline, quotation_marks, who
from rag.standing import Standing

STANDING = {
    Standing.EXACT: "",
    Standing.MOVED: "the quote now stands elsewhere in the article",
    Standing.CHANGED: "no longer holds: the article does not say these words now",
    Standing.GONE: "cannot be checked: the article is not in the corpus",
}
"""What a reader is told beside a quote."""


def to_markdown(exported: Exported) -> str:
    """The question as heading, the answer with its footnotes, the footnotes."""
    return "\n\n".join(block for block in _blocks(exported) if block) + "\n"


def _blocks(exported: Exported) -> Iterator[str]:
    saved, known = exported.saved, {each.cited.number for each in exported.proved}
    yield f"# {escaped(saved.question) or 'No question'}"
    if saved.faults:
        yield "**This saved answer contradicts itself:** " + escaped("; ".join(each.message for each in saved.faults))
    if not saved.answered:
        yield escaped(saved.text)
    if saved.is_list:
        yield "\n".join(f"- {_listed(exported, each, known)}" for each in saved.sentences)
    else:
        if saved.short_answer is not None:
            yield f"Short answer: {_said(saved.short_answer, known)}"
        yield " ".join(_said(each, known) for each in saved.sentences)
    for dispute in saved.disputes:
        yield f"## Sources differ: {escaped(dispute.about)}"
        yield "\n".join(f"- {_side(exported, side, known)}" for side in dispute.sides)
    if saved.generated:
        yield "Written by a language model; the quotes below are the articles' own words."
    # A footnote that nothing refers to would not be shown.
    unused = [each.cited.number for each in exported.proved if each.cited.number not in _used(exported)]
    yield f"Also quoted: {_marks(unused)}" if unused else ""
    yield from dict.fromkeys(_footnote(each, saved.shorts.get(each.cited.number)) for each in _once(exported))


def _said(sentence: Sentence, known: set[int]) -> str:
    return f"{escaped(sentence.text)}{_marks([number for number in sentence.citations if number in known])}"


def _listed(exported: Exported, sentence: Sentence, known: set[int]) -> str:
    """One of a list, with what it adds to it in bold where it is all of its quote."""
    cited = next((each.cited for each in exported.proved if each.cited.number in sentence.citations[:1]), None)
    if cited is None or folded(cited.quote) != folded(sentence.text):
        return _said(sentence, known)
    marks = _marks([number for number in sentence.citations if number in known])
    return f"{emphasised(*pieces(cited.quote, exported.saved.shorts.get(cited.number)))}{marks}"


def _side(exported: Exported, side: Sentence, known: set[int]) -> str:
    cited = next((each for each in exported.proved if each.cited.number in side.citations), None)
    named = who(cited.reference, side.speaker) if cited else one_line(side.speaker or "")
    return f"{escaped(named)}: {_said(side, known)}"


def _used(exported: Exported) -> set[int]:
    saved = exported.saved
    sides = (side for dispute in saved.disputes for side in dispute.sides)
    short = (saved.short_answer,) if saved.short_answer else ()
    return {number for each in (*saved.sentences, *short, *sides) for number in each.citations}


def _once(exported: Exported) -> list[Proved]:
    """Each number once: a file may give one to two citations."""
    return list({each.cited.number: each for each in reversed(exported.proved)}.values())[::-1]


def _footnote(one: Proved, short: Range | None) -> str:
    start, end = one.span
    where = escaped(one.place)
    note = f" — **{STANDING[one.standing]}**" if STANDING[one.standing] else ""
    text = one.article.text if one.article is not None else ""
    address = at_quote(one.reference.url, text, start, end) if one.holds else web_address(one.reference.url)
    link = f" <{address}>" if address else ""
    opening, closing = quotation_marks(one.cited.quote)
    quote = emphasised(*pieces(one.cited.quote, short))
    said = f"{escaped(byline(one.reference))}: {opening}{quote}{closing}"
    copies = f" — {escaped(also_in(one.near_copies))}" if one.near_copies is not None else ""
    return f"[^{one.cited.number}]: {said} — {where}{note}{copies}{link}"


def _marks(numbers: list[int]) -> str:
    return "".join(f"[^{number}]" for number in numbers)
