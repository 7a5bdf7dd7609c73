"""W3C Web Annotation Data Model (Recommendation, 2017), as JSON-LD: one annotation for each citation of an answer.

Each has the sentences that the quote carries as its body, and as its target the article at its address, else at a URN,
with a TextQuoteSelector (exact, prefix, suffix) and a TextPositionSelector (code points of `Article.text`, `end`
exclusive: the text that was quoted from, not the live page's). A quote that no longer holds has no position.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from rag.render.address import web_address
from rag.render.contract import json_text
from rag.render.saved import Exported, Proved, Sentence
from rag.types import Reference

CONTEXT = ("http://www.w3.org/ns/anno.jsonld", {"standing": "urn:groundwire:standing"})
GENERATOR = "Groundwire"


def to_jsonld(exported: Exported) -> str:
    """An AnnotationPage as JSON text, to be written as UTF-8."""
    page = {
        "@context": list(CONTEXT),
        "id": _id("page", exported.saved.question, *(each.cited.id for each in exported.proved)),
        "type": "AnnotationPage",
        "items": [_annotation(exported, each) for each in exported.proved],
    }
    return json_text(page, 2) + "\n"


def _annotation(exported: Exported, one: Proved) -> dict[str, object]:
    saved = exported.saved
    bodies = [
        {"type": "TextualBody", "value": each.text, "format": "text/plain", "purpose": "describing"}
        for each in _sentences(exported, one.cited.number)
    ]
    return {
        "id": _id("annotation", saved.question, str(one.cited.number), one.cited.id),
        "type": "Annotation",
        "motivation": "describing" if bodies else "highlighting",
        "generator": {"type": "Software", "name": f"{GENERATOR} {saved.version}"},
        "standing": str(one.standing),
        **({"body": bodies} if bodies else {}),
        "target": {"type": "SpecificResource", "source": source(one.reference), "selector": _selectors(one)},
    }


def _sentences(exported: Exported, number: int) -> Iterator[Sentence]:
    saved = exported.saved
    for each in (*saved.sentences, *(side for dispute in saved.disputes for side in dispute.sides)):
        if number in each.citations:
            yield each


def _selectors(one: Proved) -> list[dict[str, object]]:
    prefix, suffix = one.around
    context = {name: words for name, words in (("prefix", prefix), ("suffix", suffix)) if words}
    exact: dict[str, object] = {"type": "TextQuoteSelector", "exact": one.cited.quote, **context}
    if not one.holds:
        return [exact]
    start, end = one.span
    return [exact, {"type": "TextPositionSelector", "start": start, "end": end}]


def source(reference: Reference) -> str:
    """The article's web address, else a URN that holds its id."""
    named = quote(reference.id.encode("utf-8", "replace"), safe="")
    return web_address(reference.url) or f"urn:groundwire:article:{named}"


def _id(*parts: str) -> str:
    """The same for the same answer: a version 5 UUID (RFC 9562)."""
    text = "\0".join(parts).encode("utf-8", "replace").decode("utf-8")
    return uuid5(NAMESPACE_URL, text).urn
