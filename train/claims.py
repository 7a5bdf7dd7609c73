"""What the claim check learns from: a claim, a text, whether the text supports it, and which of its words it does not.

Three kinds. Written ones, of sets whose licence lets a model ship (SummEdits, WiCE, FEVER-symmetric). Questions made
into statements with their answer, or with that of another question on the same paragraph (Demszky, Guu and Liang,
"Transforming question answering datasets into natural language inference datasets", 2018). And sentences of the
training texts in which one thing was changed (Kryściński et al., "Evaluating the factual consistency of abstractive
text summarization", EMNLP 2020): a number, a name, a negation, an opposite, a word. Knows nothing of tokens.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from pathlib import Path

from rag.errors import UsageError
from rag.lexical import terms
from rag.sentences import sentences
from rag.types import Span
from train import changes
from train.sources import Asked

SUMMEDITS = ("podcast", "qmsumm", "sales_call", "sales_email")
"""The domains that are trained on. ectsum, samsum and scitldr are kept to measure on."""

WINDOW = 900
"""Code points of a text that are read beside a claim, at most: as a passage."""

AROUND = 5
"""Sentences of a paragraph that a made claim is read beside, at most."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim and the text that it is held against."""

    source: str
    claim: str
    text: str
    supported: bool
    wrong: tuple[Span, ...] | None = ()
    """The words of the claim that are not supported; None where they are not known."""
    sentences: tuple[Span, ...] = ()
    """Of the text."""
    right: tuple[int, ...] = ()
    """The sentences that support it, where they are known."""


def read(folder: Path, asked: Sequence[Asked], made: int, stated: int, chance: random.Random) -> list[Claim]:
    """All that is written, so many sentences changed (as many again are not), and so many questions stated."""
    written = [*_fever(folder), *_wice(folder)]
    for domain in SUMMEDITS:
        written += _summedits(folder, domain)
    return written + list(_changed(asked, made, chance)) + list(_stated(asked, stated, chance))


def files(folder: Path) -> dict[str, str]:
    """The sha256 of each file, for the record of a training run."""
    names = [_SUMMEDITS.format(domain) for domain in SUMMEDITS] + [_WICE, _FEVER]
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}


# -- written ---------------------------------------------------------------------------------------------------

_SUMMEDITS = "grounding/summedits_{}.json.gz"
_WICE = "grounding/wice-dev.jsonl"
_FEVER = "grounding/fever-symmetric-dev.jsonl"


def _lines(file: Path) -> list[str]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} is missing; name the folder of the benchmark data with --bench") from error
    return (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8").splitlines()


def _fever(folder: Path) -> Iterator[Claim]:
    for line in _lines(folder / _FEVER):
        row = json.loads(line)
        supported = row["label"] == "SUPPORTS"
        text = _plain(row["evidence"])
        spans = tuple(sentences(text))
        right = (0,) if supported and len(spans) == 1 else ()
        yield Claim("fever", _plain(row["claim"]), text, supported, () if supported else None, spans, right)


def _wice(folder: Path) -> Iterator[Claim]:
    """The evidence that supports, as far as it does, with the sentences beside it."""
    for line in _lines(folder / _WICE):
        row = json.loads(line)
        supported = row["label"] == "supported"
        wanted = sorted({place for some in row["supporting_sentences"] for place in some})
        wanted = wanted or _nearest(row["claim"], row["evidence"])
        kept = sorted({near for place in wanted for near in (place - 1, place, place + 1)})
        parts = [(place, row["evidence"][place]) for place in kept if 0 <= place < len(row["evidence"])]
        text, spans = _joined([part for _, part in parts])
        right = tuple(number for number, (place, _) in enumerate(parts) if place in wanted) if supported else ()
        yield Claim("wice", row["claim"], text, supported, () if supported else None, spans, right)


def _summedits(folder: Path, domain: str) -> Iterator[Claim]:
    """Each sentence of a summary that was edited. Where the edit made it wrong, the sentence that has it is wrong, and
    of its words those that are new, if they stand together; where several sentences have new words, nobody knows."""
    for row in json.loads("".join(_lines(folder / _SUMMEDITS.format(domain)))):
        summary = row["summary"]
        edited = _edited(row["original_summary"], summary)
        spans = sentences(summary)
        changed = [[_within(one, span) for one in edited if _shared(one, span)] for span in spans]
        for span, inside in zip(spans, changed, strict=True):
            supported = bool(row["label"]) or not inside
            if not supported and sum(map(bool, changed)) > 1:
                continue
            claim = summary[span.start : span.end]
            text, places = evidence(claim, row["doc"])
            wrong = () if supported else tuple(inside) if len(inside) == 1 else None
            yield Claim(domain, claim, text, supported, wrong, places)


def _shared(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _within(one: Span, around: Span) -> Span:
    """The part of it that stands in `around`, counted from its start."""
    return Span(max(one.start, around.start) - around.start, min(one.end, around.end) - around.start)


def _edited(before: str, after: str) -> list[Span]:
    """The words of `after` that `before` does not have; the words around it, where only some were left out."""
    words = [list(re.finditer(r"\w+(?:['’.,-]\w+)*|[^\w\s]", text)) for text in (before, after)]
    found: list[Span] = []
    plain = [[word[0].casefold() for word in some] for some in words]
    for kind, _, _, start, end in SequenceMatcher(None, plain[0], plain[1], autojunk=False).get_opcodes():
        first, stop = (max(0, start - 1), start + 1) if kind == "delete" else (start, end)
        some = words[1][first:stop]
        if kind != "equal" and any(word[0][0].isalnum() for word in some):
            found.append(Span(some[0].start(), some[-1].end()))
    return found


def evidence(claim: str, text: str) -> tuple[str, tuple[Span, ...]]:
    """The sentences of a text that are nearest to a claim, in their order, and where each stands in it."""
    parts = [text[span.start : span.end] for span in sentences(text)]
    room, kept = WINDOW, set[int]()
    for place in _nearest(claim, parts, len(parts)):
        for near in (place, place + 1, place - 1):
            if 0 <= near < len(parts) and near not in kept and len(parts[near]) <= room:
                kept.add(near)
                room -= len(parts[near])
    return _joined([parts[place] for place in sorted(kept)] or [text[:WINDOW]])


def _nearest(claim: str, parts: Sequence[str], count: int = 2) -> list[int]:
    """The places of the parts that share most of the claim's terms, rare ones counting more; best first."""
    held = [set(terms(part)) for part in parts]
    wanted = {term: sum(term in some for some in held) for term in set(terms(claim))}
    score = [sum(1 / wanted[term] for term in some if term in wanted) for some in held]
    return sorted(range(len(parts)), key=lambda place: (-score[place], place))[:count]


def _plain(text: str) -> str:
    """Text whose tokens were set apart, as a writer would have it."""
    for mark, sign in (("-LRB-", "("), ("-RRB-", ")"), ("-LSB-", "["), ("-RSB-", "]"), ("``", '"'), ("''", '"')):
        text = text.replace(mark, sign)
    text = re.sub(r"([(\[]) | (?=[)\],.;:!?]|'s\b|n't\b)", lambda match: match[1] or "", text)
    return text.replace(" -- ", " – ").strip()


def _joined(parts: Sequence[str]) -> tuple[str, tuple[Span, ...]]:
    spans, at = [], 0
    for part in parts:
        spans.append(Span(at, at + len(part)))
        at += len(part) + 1
    return " ".join(parts), tuple(spans)


# -- made of questions -----------------------------------------------------------------------------------------

_SUBJECT = re.compile(r"(?:who|what|which(?: \w+){1,3}?)\s+(?P<rest>(?P<verb>[a-z]+)\b.+?)\s*\?*\s*", re.I)
_INVERTS = frozenset(("do", "does", "did", "can", "could", "will", "would", "shall", "should", "may", "might", "must"))
_VERB = re.compile(r"is|are|was|were|has|had|became|[a-z]+(?:ed|es)|won|led|made|wrote|took|gave|held|ran|said")


def _stated(asked: Iterable[Asked], wanted: int, chance: random.Random) -> Iterator[Claim]:
    """Half of them with the answer of another question on the same text, of the same kind."""
    by_text: dict[str, list[Asked]] = {}
    for one in asked:
        if one.answers:
            by_text.setdefault(one.text, []).append(one)
    some = [(one, beside) for beside in by_text.values() for one in beside if _statement(one.question, "x")]
    for one, beside in chance.sample(some, min(wanted, len(some))):
        words = _words(one)
        others = [other for other in map(_words, beside) if _kind(other) == _kind(words) and not _overlap(one, other)]
        supported = not others or chance.random() < 0.4
        answer = words if supported else chance.choice(others)
        made = _statement(one.question, answer)
        window = _window(one.text, one.answers[0], chance)
        if made and window:
            text, spans, right = window
            wrong = () if supported else (Span(0, len(answer)),)
            yield Claim("stated", made, text, supported, wrong, spans, (right,) if supported else ())


def _words(one: Asked) -> str:
    return one.text[one.answers[0].start : one.answers[0].end]


def _statement(question: str, answer: str) -> str | None:
    """ "Who won the match?" as "Spain won the match."; None where the question is not of that form."""
    match = _SUBJECT.fullmatch(question)
    if match is None or match["verb"].lower() in _INVERTS or not _VERB.fullmatch(match["verb"].lower()):
        return None
    return f"{answer[0].upper()}{answer[1:]} {match['rest']}."


def _kind(words: str) -> str:
    return "number" if re.search(r"\d", words) else "name" if words[:1].isupper() else "words"


def _overlap(one: Asked, other: str) -> bool:
    return any(
        other.casefold() in (accepted := one.text[span.start : span.end].casefold()) or accepted in other.casefold()
        for span in one.answers
    )


# -- made of sentences -----------------------------------------------------------------------------------------

SHORTEST, LONGEST = 6, 45
"""Words of a sentence that is changed."""

_ASIDES = re.compile(r"\s*\([^()]*\)|, (?:which|who|where)\b[^,.;]*(?=[,.;])|^(?:In|On|At|By|During) [^,.]{3,40}, ")


def _changed(asked: Iterable[Asked], wanted: int, chance: random.Random) -> Iterator[Claim]:
    """Sentences of the texts as they are or shortened, and with one thing changed; as many of each."""
    texts = list(dict.fromkeys(one.text for one in asked))
    pool = changes.pool(chance.sample(texts, min(300, len(texts))))
    made = 0
    while made < wanted and texts:
        text = chance.choice(texts)
        spans = sentences(text)
        span = chance.choice(spans) if spans else Span(0, 0)
        claim = text[span.start : span.end]
        if not SHORTEST <= len(claim.split()) <= LONGEST or "\n" in claim:
            continue
        window = _window(text, span, chance)
        if window is None:
            continue
        shorter = _ASIDES.sub("", claim) if chance.random() < 0.5 else claim
        shorter = shorter[:1].upper() + shorter[1:]
        changed = changes.change(shorter, text, pool, chance)
        if changed is None:
            continue
        beside, around, right = window
        yield Claim("changed", shorter, beside, True, (), around, (right,))
        yield Claim("changed", changed[0], beside, False, (changed[1],), around)
        made += 1


def _window(text: str, span: Span, chance: random.Random) -> tuple[str, tuple[Span, ...], int] | None:
    """Some sentences of the text, that of the span among them: they, where each stands, and which it is."""
    spans = sentences(text)
    inside = [place for place, one in enumerate(spans) if one.start <= span.start < one.end]
    if not inside:
        return None
    count = chance.randint(1, AROUND)
    first = max(0, min(inside[0] - chance.randrange(count), len(spans) - count))
    some = spans[first : first + count]
    start, end = some[0].start, some[-1].end
    if end - start > 2 * WINDOW:
        return None
    return text[start:end], tuple(Span(one.start - start, one.end - start) for one in some), inside[0] - first
