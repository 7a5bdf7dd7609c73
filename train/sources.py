"""The training sets, each read into the same questions. Only sets whose licence lets a model ship; see docs/reader.md.

Knows the files and nothing of passages, tokens or the model.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.types import Span

NEIGHBOURS = 5
"""Sentences that stand for a paragraph, where a set gives single sentences in the order of their paragraphs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a text."""

    source: str
    question: str
    title: str
    """Of the text; may be empty."""
    text: str
    answers: tuple[Span, ...]
    """The words that answer, in the text; empty where it does not answer, or only the sentence is known."""
    sentences: tuple[Span, ...] = ()
    """The sentences that answer, where only these are known."""

    @property
    def is_answered(self) -> bool:
        """Whether the text answers."""
        return bool(self.answers or self.sentences)


def read(folder: Path) -> list[Asked]:
    """All the questions of all the sets. Raises UsageError where a file is missing."""
    found: list[Asked] = []
    for name, (file, reader) in SOURCES.items():
        found += reader(name, _content(folder / file))
    return found


def hashes(folder: Path) -> dict[str, str]:
    """The sha256 of each file, for the record of a training run."""
    return {file: sha256((folder / file).read_bytes()).hexdigest() for file, _ in SOURCES.values()}


def _content(file: Path) -> bytes:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} is missing; name the folder of the benchmark data with --bench") from error
    return gzip.decompress(raw) if file.suffix == ".gz" else raw


def _squad(name: str, content: bytes) -> Iterator[Asked]:
    """SQuAD's format, versions 1.1 and 2.0."""
    for article in json.loads(content)["data"]:
        yield from _squad_article(name, article)


def _squad_halved(name: str, content: bytes) -> Iterator[Asked]:
    """Every other article: on the rest the reader is measured (the same cut as in `eval.fit_extract`)."""
    for article in json.loads(content)["data"][::2]:
        yield from _squad_article(name, article)


def _squad_article(name: str, article: dict[str, Any]) -> Iterator[Asked]:
    title = article.get("title", "").replace("_", " ")
    for paragraph in article["paragraphs"]:
        text = paragraph["context"]
        for one in paragraph["qas"]:
            starts = {(answer["answer_start"], answer["text"]) for answer in one["answers"]}
            spans = {Span(at, at + len(words)) for at, words in starts if words and text.startswith(words, at)}
            if spans or one.get("is_impossible"):
                yield Asked(name, one["question"].strip(), title, text, tuple(sorted(spans)))


def _natural_questions(name: str, content: bytes) -> Iterator[Asked]:
    """The paragraph that answers, and the short answers wherever they stand in it."""
    for line in content.decode("utf-8").splitlines():
        row = json.loads(line)
        gold = row["nq_annotated_gold"]
        text = gold["chunked_long_answer"] or gold["long_answer"]
        found = [
            Span(*match.span())
            for answer in gold["short_answers"]
            for match in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)", text)
        ]
        if found:
            yield Asked(name, row["question"] + "?", gold["title"], text, tuple(sorted(set(found))))


def _selqa(name: str, content: bytes) -> Iterator[Asked]:
    """Candidate sentences, of which some answer."""
    for row in json.loads(content):
        text, spans = _joined(row["candidates"])
        yield Asked(name, row["question"], row["article"], text, (), tuple(spans[place] for place in row["answers"]))


def _sentence_pairs(name: str, content: bytes) -> Iterator[Asked]:
    """Sentence and question, lower-cased and in the order of their paragraphs: sentences beside it make the text."""
    rows = [_plain(line).split("\t") for line in content.decode("utf-8").splitlines()]
    pairs = [(row[0].strip(), row[1].strip()) for row in rows if len(row) == 2]
    sentences = list(dict.fromkeys(sentence for sentence, _ in pairs))
    place = {sentence: number for number, sentence in enumerate(sentences)}
    for sentence, question in pairs:
        # Where it stands among its neighbours must tell nothing.
        before = int(sha256(question.encode()).hexdigest()[:8], 16) % NEIGHBOURS
        first = max(0, place[sentence] - before)
        text, spans = _joined(sentences[first : first + NEIGHBOURS])
        yield Asked(name, question, "", text, (), (spans[place[sentence] - first],))


def _capital_pairs(name: str, content: bytes) -> Iterator[Asked]:
    """The same with capital letters: our sentences begin with one, so that of the pairs above few are left."""
    for one in _sentence_pairs(name, content):
        begins = {0} | {match.end() for match in re.finditer(r"[.?!] ", one.text)}
        text = "".join(sign.upper() if at in begins else sign for at, sign in enumerate(one.text))
        if len(text) == len(one.text):
            yield replace(one, question=one.question[:1].upper() + one.question[1:], text=text)


def _plain(line: str) -> str:
    """Text whose tokens were set apart, as a writer would have it."""
    line = line.replace("``", '"').replace("''", '"').replace("-lrb- ", "(").replace(" -rrb-", ")")
    return re.sub(r" (?=[,.;:!?)]|'s\b|n't\b)", "", line)


def _joined(sentences: list[str]) -> tuple[str, list[Span]]:
    """The sentences as one text, and where each stands."""
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    return " ".join(sentences), spans


Reader = Callable[[str, bytes], Iterator[Asked]]

SOURCES: dict[str, tuple[str, Reader]] = {
    "squad-2.0": ("squad2-open/dev-v2.0.open20.json", _squad_halved),
    "squad-1.1": ("squad2-open/dev-v1.1.extra.json", _squad_halved),
    "new-wiki": ("training/squadshifts-new_wiki.json.gz", _squad),
    "reddit": ("training/squadshifts-reddit.json.gz", _squad),
    "amazon": ("training/squadshifts-amazon_reviews.json.gz", _squad),
    "covid-qa": ("training/covid-qa.json.gz", _squad),
    "nq": ("training/nq-open-oracle.jsonl.gz", _natural_questions),
    "selqa": ("training/selqa-dev.json", _selqa),
    "sentences": ("training/nqg-sentence-question.tsv.gz", _sentence_pairs),
    "capitals": ("training/nqg-sentence-question.tsv.gz", _capital_pairs),
}
"""Name, file, and what reads it."""
