"""What `lookup` found: for the terminal and as JSON.

The JSON, ``groundwire.lookup/1``::

    schema         "groundwire.lookup/1"
    id             the text's own id, in a batch that gave one
    text           what was looked up, without white space at its ends
    level          "exact", "marks", "case", "closest" or "nowhere"; see `rag.quotes.Level`
    occurrences, articles_found     how many places there are, in how many articles; matches shows the first of them
    complete       whether the two counts are all; false: at least so many (at "closest": other places may be as close)
    similarity     the best that was found, 0 to 1, also where it was not good enough
    matches        for each place:
        article        the id of the article, a key of `articles`
        citations      numbers of `citations`: one, or one for each part of a text with "…" in it
        similarity     of the columns of the word by word alignment, the share whose words are equal
        but_for        at "marks" and "case": in what it differs: "white space", "quotation marks", "dashes",
                       "forms of characters", "letter case"
        differences    at "closest", in order: kind ("changed", "added": in the text only, "left out": in the article
                       only), class ("number", "negation", "name", "word"), given with given_start and given_end
                       (offsets in `text`), found with start and end (offsets in the article's text)
        speaker        null, or name, start, end (offsets in the article's text), resolved (whether it says "he" there)
        context        start, end, text: the sentences that hold it
    citations      as in groundwire.answer/1, so that whatever takes an answer's citations takes these
    articles       as there
    notes          one line each
    timings_ms     milliseconds by name

Offsets count code points; `end` is exclusive.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from rag.quotes import Difference, Level, Lookup, Match, Sort, Speaker
from rag.render.contract import citation_to_dict, json_text, reference_to_dict
from rag.render.safe import cut, one_line, printable
from rag.render.source import byline, place, quoted
from rag.render.terminal import write
from rag.types import Citation

SCHEMA = "groundwire.lookup/1"

LONGEST_CONTEXT = 400
"""Code points of the sentences around a quote that are shown."""

_HEADS = {
    Level.EXACT: "Exact",
    Level.MARKS: "Exact but for white space, quotation marks, dashes or forms of characters",
    Level.CASE: "Exact but for letter case",
    Level.CLOSEST: "Not word for word",
}
_LEGEND = "[-in the article-] {+in the text that was looked up+}"


# JSON.


def to_dict(found: Lookup) -> dict[str, object]:
    """The result as this module's docstring has it."""
    named = {} if found.id is None else {"id": found.id}
    return {
        "schema": SCHEMA,
        **named,
        "text": found.text,
        "level": str(found.level),
        "occurrences": found.occurrences,
        "articles_found": found.articles,
        "complete": found.complete,
        "similarity": found.similarity,
        "matches": [_match(match) for match in found.matches],
        "citations": [citation_to_dict(citation) for match in found.matches for citation in match.citations],
        "articles": {match.article.id: reference_to_dict(match.article) for match in found.matches},
        "notes": list(found.notes),
        "timings_ms": dict(found.timings_ms),
    }


def to_json(found: Lookup, indent: int | None = None) -> str:
    """The result as JSON text; without `indent` one line, for one of many."""
    return json_text(to_dict(found), indent)


def _match(match: Match) -> dict[str, object]:
    return {
        "article": match.article.id,
        "citations": [citation.number for citation in match.citations],
        "similarity": match.similarity,
        "but_for": list(match.but_for),
        "differences": [_difference(each) for each in match.differences],
        "speaker": _speaker(match.speaker),
        "context": {"start": match.context.start, "end": match.context.end, "text": match.context_text},
    }


def _difference(each: Difference) -> dict[str, object]:
    return {
        "kind": str(each.kind),
        "class": str(each.sort),
        "given": each.given,
        "given_start": each.given_start,
        "given_end": each.given_end,
        "found": each.found,
        "start": each.start,
        "end": each.end,
    }


def _speaker(speaker: Speaker | None) -> dict[str, object] | None:
    if speaker is None:
        return None
    return {"name": speaker.name, "start": speaker.start, "end": speaker.end, "resolved": speaker.resolved}


# The terminal.


def show(found: Lookup, console: Console, *, base: str | None = None) -> None:
    """How well it was found and where; each place as a source of an answer. Files are named relative to `base`."""
    write(console, Text(_head(found), "bold"))
    if any(match.differences for match in found.matches):
        write(console, Text(_LEGEND, "dim"))
    for match in found.matches:
        write(console, Text())
        _show_match(match, console, base)
    left = found.occurrences - len(found.matches)
    if left > 0:
        write(console, Text(f"\n{left} more {'place' if left == 1 else 'places'}; see --most", "dim"))


def _head(found: Lookup) -> str:
    equal = f"{found.similarity:.0%} equal"
    if found.level is Level.NOWHERE:
        return f"Nowhere: no article here holds these words, or words close to them (the closest are {equal})."
    if found.level is Level.CLOSEST:
        return f"{_HEADS[found.level]}; the closest words are {equal}."
    least = "" if found.complete else "at least "
    places = "1 place" if found.occurrences == 1 else f"{found.occurrences} places"
    articles = "1 article" if found.articles == 1 else f"{found.articles} articles"
    return f"{_HEADS[found.level]}: {least}{places} in {articles}."


def _show_match(match: Match, console: Console, base: str | None) -> None:
    numbers = "".join(f"[{citation.number}]" for citation in match.citations)
    write(console, Text.assemble((numbers, "cyan"), f" {byline(match.article)}"))
    if match.speaker is not None:
        meant = " (by a pronoun there)" if match.speaker.resolved else ""
        write(console, Text(f"said by {one_line(match.speaker.name)}{meant}"), 4)
    if match.differences:
        write(console, _marked(match), 4)
        for line in _standing_out(match.differences):
            write(console, line, 4)
    else:
        for citation in match.citations:
            write(console, Text(quoted(citation.quote)), 4)
    if match.but_for:
        write(console, Text(f"but for {', '.join(match.but_for)}"), 4)
    around = one_line(match.context_text)
    if around != one_line(match.citations[0].quote):
        write(console, Text(f"in: {quoted(cut(around, LONGEST_CONTEXT))}", "dim"), 4)
    if match.article.url:
        write(console, Text(one_line(match.article.url), "dim"), 4)
    for citation in match.citations:
        write(console, _place(match, citation, base), 4)


def _place(match: Match, citation: Citation, base: str | None) -> Text:
    where = place(match.article, citation.start, citation.end, page=citation.page, base=base)
    return Text(f"{where} · id: {one_line(citation.id)}", "dim")


def _marked(match: Match) -> Text:
    """The article's words with what differs between marks that need no colour."""
    (citation,) = match.citations
    line, at = Text(), citation.start
    for each in match.differences:
        line.append(_shown(citation.quote[at - citation.start : each.start - citation.start]))
        if each.found:
            line.append(f"[-{one_line(each.found)}-]", "red")
        elif line and not line.plain.endswith(" "):
            line.append(" ")
        if each.given:
            line.append(f"{{+{one_line(each.given)}+}}", "green")
        at = max(at, each.end)
        if not each.found and at == citation.start:
            line.append(" ")
    return line.append(_shown(citation.quote[at - citation.start :]))


def _shown(text: str) -> str:
    """On one line, with the spaces at its ends."""
    return " ".join(printable(text).split(" "))


def _standing_out(differences: tuple[Difference, ...]) -> Iterator[Text]:
    for each in differences:
        if each.sort is not Sort.WORD:
            found, given = (quoted(cut(one, 80)) if one else "nothing" for one in (each.found, each.given))
            yield Text.assemble(
                (f"{each.sort}", "bold yellow"), f" {each.kind}: {found} in the article, {given} in the text"
            )
