"""The answer as JSON: the contract is `answer.schema.json` beside this file.

What is written so is read back by `rag.render.incoming`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from rag.render.safe import shown_as
from rag.render.source import independence
from rag.types import (
    Answer,
    Citation,
    Coverage,
    Hit,
    NearCopies,
    Origin,
    Reference,
    ShortAnswer,
    Statement,
    span_id,
)

SCHEMA = "groundwire.answer/1"
SEARCH_SCHEMA = "groundwire.search/1"


def to_dict(answer: Answer) -> dict[str, object]:
    """The answer as the schema has it, with the keys `unknown_words` and `notes` besides."""
    named = {} if answer.id is None else {"id": answer.id}
    return {
        "schema": SCHEMA,
        **named,
        "question": answer.question,
        "answered": answer.answered,
        "answer": answer.text,
        "short_answer": _short_answer(answer.short_answer),
        "confidence": answer.confidence,
        "statements": [
            {"text": s.text, "citations": list(s.citations), "kind": str(s.kind), "speaker": s.speaker, **_listed(s)}
            for s in answer.statements
        ],
        "citations": [citation_to_dict(citation) for citation in answer.citations],
        "disagreements": [
            {
                "about": each.about,
                "sides": [
                    {"text": side.text, "speaker": side.speaker, "citations": list(side.citations)}
                    for side in each.sides
                ],
            }
            for each in answer.disagreements
        ],
        "passages": [_passage(hit) for hit in answer.passages],
        "articles": {
            name: article_to_dict(reference, answer.near_copies.get(name))
            for name, reference in answer.articles.items()
        },
        "produced_by": {
            "version": answer.produced_by.version,
            "fingerprint": answer.produced_by.fingerprint,
            "filters": dict(answer.produced_by.filters),
        },
        "timings_ms": dict(answer.timings_ms),
        "unknown_words": list(answer.unknown_words),
        **({} if answer.coverage is None else {"coverage": _coverage(answer.coverage)}),
        "notes": list(answer.notes),
    }


def to_json(answer: Answer, indent: int | None = None) -> str:
    """The answer as JSON text, to be written as UTF-8; without `indent` one line, for one of many (NDJSON).

    Raises ValueError on a number that JSON does not have (NaN, infinity).
    """
    return json_text(to_dict(answer), indent)


def hit_to_dict(hit: Hit) -> dict[str, object]:
    """A search result: a passage as in an answer, its id, and what each engine said of it (null: did not find it)."""
    article, passage = hit.article, hit.passage
    return {
        "id": span_id(article.id, article.version, passage.start, passage.end),
        **_passage(hit),
        "lexical_rank": hit.lexical_rank,
        "dense_rank": hit.dense_rank,
        "lexical_score": hit.lexical_score,
        "dense_score": hit.dense_score,
    }


def hits_to_json(query: str, hits: Sequence[Hit], *, notes: Sequence[str] = (), indent: int | None = None) -> str:
    """What `search` found, best first, and its articles by id, as JSON text; see `to_json`."""
    found = {
        "schema": SEARCH_SCHEMA,
        "query": query,
        "hits": [hit_to_dict(hit) for hit in hits],
        "articles": {hit.article.id: article_to_dict(hit.article, hit.near_copies) for hit in hits},
        "notes": list(notes),
    }
    return json_text(found, indent)


def reference_to_dict(reference: Reference) -> dict[str, object]:
    """An article as the schema has it: unknown is null."""
    return {
        "id": reference.id,
        "version": reference.version,
        "title": reference.title,
        "publisher": reference.publisher,
        "authors": list(reference.authors),
        "published": reference.published,
        "url": reference.url,
        "path": reference.path,
        "published_from": _name(reference.published_from),
        "updated": reference.updated,
        "updated_from": _name(reference.updated_from),
        "section": reference.section,
        "language": reference.language,
        "agency": reference.agency,
    }


def article_to_dict(reference: Reference, copies: NearCopies | None) -> dict[str, object]:
    """The same, with who else has its text, and who has it otherwise, where somebody has."""
    told = reference_to_dict(reference)
    if copies is not None and copies.others:
        told["also_in"] = {
            "articles": [_other(one) for one in copies.others],
            "outlets": copies.outlets,
            "origin": copies.origin,
            "origin_from": ("agency" if copies.credited else "earliest") if copies.origin else None,
            "summary": independence(copies),
        }
    if copies is not None and copies.differing:
        told["differs_in"] = [_other(one) for one in copies.differing]
    return told


def _other(reference: Reference) -> dict[str, object]:
    """What a near copy is told by."""
    names = ("id", "title", "publisher", "published", "url")
    return {name: getattr(reference, name) for name in names}


def _name(origin: Origin | None) -> str | None:
    return None if origin is None else str(origin)


def json_text(value: object, indent: int | None = None) -> str:
    r"""JSON that is safe to look at and still says exactly what the value says.

    What `printable` would drop or replace is written as ``\uXXXX``: nothing in it is live in a terminal, every reader
    gets the very characters back, and all other scripts stay readable.
    """
    raw = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return raw if raw.isprintable() else raw.translate(_ESCAPES)


class _Escapes(dict[int, str]):
    """A table for `str.translate`, filled with the characters that are met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        # json.dumps knows the escapes, surrogate pairs too; but DEL is ASCII, and it leaves ASCII as it is.
        escaped = "\\u007f" if char == "\x7f" else json.dumps(char)[1:-1]
        escape = self[point] = char if shown_as(char) == char else escaped
        return escape


# Inside strings json.dumps has escaped it; what is left of it is the indentation's.
_ESCAPES = _Escapes({ord("\n"): "\n"})


def _short_answer(short: ShortAnswer | None) -> dict[str, object] | None:
    if short is None:
        return None
    return {"text": short.text, "citation": short.citation, "start": short.start, "end": short.end}


def _listed(statement: Statement) -> dict[str, object]:
    """What one of a list has besides."""
    short = _short_answer(statement.short_answer)
    return {} if short is None else {"short_answer": short}


def _coverage(coverage: Coverage) -> dict[str, object]:
    return {
        "articles": coverage.articles,
        "undated": coverage.undated,
        "first": coverage.first,
        "last": coverage.last,
        "missing": list(coverage.missing),
    }


def citation_to_dict(citation: Citation) -> dict[str, object]:
    """A citation in the shape of the contract."""
    return {
        "number": citation.number,
        "id": citation.id,
        "article": citation.article,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "prefix": citation.prefix,
        "suffix": citation.suffix,
        "page": citation.page,
    }


def _passage(hit: Hit) -> dict[str, object]:
    return {
        "article": hit.article.id,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.text,
        "score": hit.score,
        "page": hit.page,
    }
