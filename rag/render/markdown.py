"""The answer as Markdown (CommonMark), to be kept or sent on: nothing in it but our own marks is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.render.address import at_quote
from rag.render.safe import markdown_emphasised as emphasised
from rag.render.safe import markdown_escaped as escaped
from rag.render.safe import one_line
from rag.render.shorts import in_quotes, pieces
from rag.render.source import NEAREST, also_in, by_number, byline, chance, covered, place, who
from rag.types import Answer, Citation, Hit, Reference, span_id


def to_markdown(answer: Answer) -> str:
    """The question as heading, the answer with its [n], and the cited quotes; a refusal with the nearest passages."""
    return "\n\n".join(_blocks(answer)) + "\n"


def _blocks(answer: Answer) -> Iterator[str]:
    yield f"# {escaped(answer.question) or 'No question'}"
    if answer.answered:
        yield from _answered(answer)
    else:
        yield escaped(answer.text)
        yield from _nearest(answer)
    if answer.unknown_words:
        yield f"Words that stand nowhere in the corpus: {', '.join(map(escaped, answer.unknown_words))}."
    if answer.coverage is not None and (told := covered(answer.coverage)):
        yield escaped(" ".join(told))
    if said := chance(answer.confidence, answered=answer.answered):
        yield escaped(f"{said}.")
    if answer.notes:
        yield "## Notes"
        yield "\n".join(f"- {escaped(note)}" for note in answer.notes)
    yield f"Groundwire {escaped(answer.produced_by.version)} ({escaped(answer.produced_by.fingerprint)})"


def _answered(answer: Answer) -> Iterator[str]:
    shorts = in_quotes(answer)
    if answer.is_list:
        quotes = by_number(answer)
        yield "\n".join(
            f"- {emphasised(*pieces(quotes[number].quote, shorts.get(number)))} {_marks(each.citations)}"
            for each in answer.statements
            for number in each.citations[:1]
        )
    else:
        if answer.short_answer is not None:
            yield f"Short answer: {escaped(answer.short_answer.text)} {_marks((answer.short_answer.citation,))}"
        yield " ".join(f"{escaped(each.text)} {_marks(each.citations)}" for each in answer.statements)
    yield from _disagreements(answer)
    yield "## Sources"
    copies = answer.near_copies
    for citation in answer.citations:
        reference = answer.articles[citation.article]
        yield f"{_marks((citation.number,))} {escaped(byline(reference))}"
        yield f"> {emphasised(*pieces(citation.quote, shorts.get(citation.number)))}"
        if citation.article in copies:
            yield escaped(also_in(copies[citation.article]))
        yield _place(reference, citation)


def _disagreements(answer: Answer) -> Iterator[str]:
    cited = by_number(answer)
    for disagreement in answer.disagreements:
        yield f"## Sources differ: {escaped(disagreement.about)}"
        yield "\n".join(
            f"- {escaped(who(answer.articles[cited[side.citations[0]].article], side.speaker))}: "
            f"{escaped(side.text)} {_marks(side.citations)}"
            for side in disagreement.sides
        )


def _nearest(answer: Answer) -> Iterator[str]:
    if answer.passages:
        yield "## Nearest passages"
    for hit in answer.passages[:NEAREST]:
        yield escaped(byline(hit.article))
        yield f"> {escaped(hit.text)}"
        if hit.near_copies is not None:
            yield escaped(also_in(hit.near_copies))
        yield _place(hit.article, hit)


def _place(reference: Reference, of: Citation | Hit) -> str:
    """Where the quote is to be found: the file or page, the offsets, the id."""
    if isinstance(of, Hit):
        start, end, page = of.passage.start, of.passage.end, of.page
        name = span_id(reference.id, reference.version, start, end)
    else:
        start, end, page, name = of.start, of.end, of.page, of.id
    where = escaped(place(reference, start, end, page=page))
    url = reference.url if isinstance(of, Hit) else _at_quote(reference.url, of)
    address = f"{_address(url)}, " if url else ""
    return f"{address}{where} · id: {escaped(name)}"


def _at_quote(url: str | None, citation: Citation) -> str | None:
    """The address at the quote, where it is a web address; what is known of the text is the words around the quote."""
    # The prefix may begin within a word, and the suffix end so: half a word is none on the page.
    before, after = citation.prefix.partition(" ")[2], citation.suffix.rpartition(" ")[0]
    around = f"{before}{citation.quote}{after}"
    return at_quote(url, around, len(before), len(before) + len(citation.quote)) or url


def _address(url: str) -> str:
    """A web address as a link to itself; any other scheme, and what is no address, as words."""
    # The characters of RFC 3986: without white space and angle brackets nothing can end the link early.
    if re.fullmatch(r"https?://[\w.~:/?#\[\]@!$&'()*+,;=%-]+", url, re.ASCII | re.IGNORECASE):
        return f"<{url}>"
    return escaped(one_line(url))


def _marks(numbers: tuple[int, ...]) -> str:
    # Escaped: beside a link definition in the page that this is pasted into, [1] would be a link.
    return "".join(rf"\[{number}\]" for number in numbers)
