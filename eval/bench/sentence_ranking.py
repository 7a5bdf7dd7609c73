"""TrecQA, WikiQA and SelQA: given a question and sentences, which of them answer it?

Groundwire's own readers rank them: the sentences of a question become passages, the words' frequencies are those of
the whole file. WikiQA's and SelQA's sentences are those of one article, in its order. TrecQA's are from many: each is a
passage by itself to the trained reader, in the order that BM25 gives them, as retrieval would. What a reader never
shows (fragments, questions) comes last. Beside it, in the same table, what it has to beat: BM25 alone and the cosine of
MiniLM alone. Nothing is fitted here but one threshold, WikiQA's, on its development part.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from eval.bench.bm25 import BM25
from eval.bench.options import Mode, Options
from eval.bench.progress import tracked
from eval.bench.results import Measured, Row, over
from eval.bench.sources import Sources, sample
from rag import lexical, query, weights
from rag.answer.extract import SentenceReader
from rag.answer.learned import LearnedReader, fitted
from rag.answer.model import load
from rag.answer.reader import Reader, Reading
from rag.evaluate import metrics
from rag.evaluate.metrics import Figure, mean_figure
from rag.lexical import LexicalDocument, LexicalIndex
from rag.split import SIZE
from rag.types import Hit, Passage, Reference, Span
from rag.vectors import Vector

Encode = Callable[[Sequence[str]], Vector]
Marks = NDArray[np.bool_]

UNRANKED = -1e6
"""The score of a sentence that the reader leaves out."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its candidate sentences."""

    text: str
    sentences: tuple[str, ...]
    right: tuple[bool, ...]
    loose: bool = False
    """They are from many articles, in no order that says anything."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The scores that a system gives a question's sentences, and how sure it is that one of them answers."""

    scores: tuple[float, ...]
    strength: float
    answers: bool
    """Whether it would answer, by its own threshold; True of what never refuses."""


def run_trecqa(options: Options) -> Measured:
    """The training part is for development, clean-dev for testing."""
    return _run(options, "TrecQA", {split: _trecqa(options.sources, split) for split in options.splits})


def run_wikiqa(options: Options) -> Measured:
    """The training part is for development (and for the threshold), the development part for testing."""
    parts = {split: _wikiqa(options.sources, split) for split in ("dev", "test")}
    return _run(options, "WikiQA", parts, triggering=True)


def run_selqa(options: Options) -> Measured:
    """The development part is among the training data, the test part for testing."""
    return _run(options, "SelQA", {split: _selqa(options.sources, split) for split in options.splits})


def _run(options: Options, name: str, parts: Mapping[str, list[Question]], triggering: bool = False) -> Measured:
    told: dict[tuple[str, str], list[Ranked]] = {}
    asked = {split: sample(questions, lambda one: one.text, options.questions(0)) for split, questions in parts.items()}
    for split, questions in asked.items():
        told[split, "BM25"] = _by_bm25(parts[split], questions)
        for mode in options.modes:
            told[split, mode] = _by_groundwire(options, mode, parts[split], questions, f"{name}, {split}, {mode}")
        if "hybrid" in options.modes:
            with options.model() as model:
                told[split, "MiniLM"] = _by_cosine(model.encode, questions)
    rows = [
        Row("ranking", split, system, figure)
        for split in options.splits
        for system in (*options.modes, "BM25", "MiniLM")
        if (split, system) in told
        for figure in ranking(asked[split], told[split, system])
    ]
    if triggering:
        for system in options.modes:
            threshold = _best_threshold(asked["dev"], told["dev", system])
            for split in options.splits:
                figures = triggering_figures(asked[split], told[split, system], threshold)
                rows += [Row("triggering", split, system, one) for one in figures]
    return Measured(
        tuple(rows), options.settings() | {"questions of each split, at most": options.questions(0) or "all"}
    )


# --- the files -------------------------------------------------------------------------------------------------------


def _trecqa(sources: Sources, split: str) -> list[Question]:
    """Four files, a line a pair: the number of the question, its tokens, the sentence's tokens, whether it answers."""
    folder = {"dev": "trecqa-train", "test": "trecqa-clean-dev"}[split]
    columns = [sources.read(f"sentence-ranking/{folder}/{file}", _lines) for file in ("id.txt", "a.toks", "b.toks")]
    labels = sources.read(f"sentence-ranking/{folder}/sim.txt", _lines)
    if len({len(column) for column in (*columns, labels)}) != 1:
        sources.read(
            f"sentence-ranking/{folder}/id.txt", lambda _: _fail("its lines are not as many as those beside it")
        )
    numbers, questions, sentences = columns
    found = _grouped(zip(numbers, questions, sentences, (one == "1" for one in labels), strict=True))
    return [replace(one, loose=True) for one in found]


def _fail(reason: str) -> None:
    raise ValueError(reason)


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8").splitlines()


def _wikiqa(sources: Sources, split: str) -> list[Question]:
    if split == "dev":
        return sources.read("sentence-ranking/WikiQA-train.txt", _wikiqa_train)
    return sources.read("sentence-ranking/WikiQA-dev.tsv", _wikiqa_dev)


def _wikiqa_train(content: bytes) -> list[Question]:
    lines = [line.split("\t") for line in content.decode("utf-8").split("\n") if line.strip()]
    return _grouped((question, question, sentence, label == "1") for question, sentence, label in lines)


def _wikiqa_dev(content: bytes) -> list[Question]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    return _grouped((one["QuestionID"], one["Question"], one["Sentence"], one["Label"] == "1") for one in rows)


def _selqa(sources: Sources, split: str) -> list[Question]:
    return sources.read(
        {"dev": "training/selqa-dev.json", "test": "sentence-ranking/selqa-test.json"}[split], _selqa_in
    )


def _selqa_in(content: bytes) -> list[Question]:
    return [
        Question(
            one["question"],
            tuple(one["candidates"]),
            tuple(number in one["answers"] for number in range(len(one["candidates"]))),
        )
        for one in json.loads(content)
    ]


def _grouped(pairs: Iterator[tuple[str, str, str, bool]] | zip[tuple[str, str, str, bool]]) -> list[Question]:
    """From (question's key, question, sentence, right), the lines of a question one after the other."""
    found: list[Question] = []
    for _, group in groupby(pairs, key=lambda one: one[0]):
        some = list(group)
        found.append(Question(some[0][1], tuple(one[2] for one in some), tuple(one[3] for one in some)))
    return found


# --- the systems -----------------------------------------------------------------------------------------------------


def _by_groundwire(
    options: Options, mode: Mode, collection: Sequence[Question], questions: Sequence[Question], what: str
) -> list[Ranked]:
    words = _vocabulary(collection)
    if mode == "lexical":
        reader = SentenceReader(lexical.terms, words, len(words), None)
        return [_read(reader, one, list(_passages(one.sentences))) for one in tracked(questions, what)]
    with options.model():  # says what is missing
        model = load(weights.load(options.weights))
    most = max(len(one.sentences) for one in questions)
    trained = LearnedReader(model, lexical.terms, words, len(words), fitted(), most=most)
    found = _by_bm25(collection, questions)
    hits = [
        _lone(one.sentences, ranked.scores) if one.loose else list(_passages(one.sentences))
        for one, ranked in zip(questions, found, strict=True)
    ]
    return [_read(trained, one, some) for one, some in zip(tracked(questions, what), hits, strict=True)]


def _vocabulary(questions: Sequence[Question]) -> LexicalIndex:
    """All the sentences of a file, as a lexical index in memory: what the reader takes words' frequencies from."""
    index = LexicalIndex.open(None)
    sentences = dict.fromkeys(sentence for one in questions for sentence in one.sentences)
    index.apply((), (LexicalDocument(n, n, "", text, "", 0, 0, True, 0) for n, text in enumerate(sentences, 1)))
    return index


def _read(reader: Reader, one: Question, hits: Sequence[Hit]) -> Ranked:
    """`hits`: the sentences as passages, as retrieval would give them."""
    reading: Reading = reader.read(query.read(one.text, lexical.terms), hits)
    scores = {candidate.span: candidate.score for candidate in reading.candidates}
    strength = float(np.nan_to_num(reading.strength, neginf=UNRANKED))
    return Ranked(tuple(scores.get(span, UNRANKED) for span in _spans(one.sentences)), strength, reading.answers)


def _passages(sentences: Sequence[str]) -> Iterator[Hit]:
    """Runs of sentences that are as long as a passage is, at most, if there are several."""
    text, article = "\n".join(sentences), Reference(id="candidates", version="", key="candidates")
    run: list[Span] = []
    for span in _spans(sentences):
        if run and span.end - run[0].start > SIZE:
            yield Hit(article, Passage(run[0].start, run[-1].end, tuple(run)), text[run[0].start : run[-1].end], 1.0)
            run = []
        run.append(span)
    yield Hit(article, Passage(run[0].start, run[-1].end, tuple(run)), text[run[0].start : run[-1].end], 1.0)


def _lone(sentences: Sequence[str], scores: Sequence[float]) -> list[Hit]:
    """Each sentence as a passage, the best score first; of equal ones that which stands first."""
    article, spans = Reference(id="candidates", version="", key="candidates"), _spans(sentences)
    order = sorted(range(len(sentences)), key=lambda place: -scores[place])
    return [Hit(article, Passage(spans[n].start, spans[n].end, (spans[n],)), sentences[n], scores[n]) for n in order]


def _spans(sentences: Sequence[str]) -> tuple[Span, ...]:
    """Where each of them stands when they are joined by a line break."""
    ends = np.cumsum([len(sentence) + 1 for sentence in sentences])
    return tuple(Span(int(start), int(end) - 1) for start, end in pairwise([0, *ends]))


def _by_bm25(collection: Sequence[Question], questions: Sequence[Question]) -> list[Ranked]:
    """With the frequencies of the whole file, too."""
    sentences = list(dict.fromkeys(sentence for one in collection for sentence in one.sentences))
    place = {sentence: number for number, sentence in enumerate(sentences)}
    engine = BM25(sentences)
    found: list[Ranked] = []
    for one in questions:
        scores = engine.scores(one.text)
        mine = tuple(float(scores[place[sentence]]) for sentence in one.sentences)
        found.append(Ranked(mine, max(mine), answers=True))
    return found


def _by_cosine(encode: Encode, questions: Sequence[Question]) -> list[Ranked]:
    found: list[Ranked] = []
    for one in questions:
        cosines = tuple(float(cosine) for cosine in encode(one.sentences) @ encode([one.text])[0])
        found.append(Ranked(cosines, max(cosines), answers=True))
    return found


# --- scoring ---------------------------------------------------------------------------------------------------------


def ranking(questions: Sequence[Question], ranked: Sequence[Ranked]) -> Iterator[Figure]:
    """Over the questions that have a right sentence. Of equal scores, the sentence that stands first comes first."""
    counted = [(one, mine) for one, mine in zip(questions, ranked, strict=True) if any(one.right)]
    qrels = {f"q{n}": {_name(s): int(right) for s, right in enumerate(one.right)} for n, (one, _) in enumerate(counted)}
    run = {f"q{n}": _places(mine.scores) for n, (_, mine) in enumerate(counted)}
    values = metrics.ranking(qrels, run, ("AP", "RR", "P@1"))
    for measure, name in (("AP", "MAP"), ("RR", "MRR"), ("P@1", "right sentence first")):
        yield mean_figure(name, list(values[measure].values()))


def _name(sentence: int) -> str:
    return f"s{sentence}"


def _places(scores: Sequence[float]) -> dict[str, float]:
    """Scores without ties, for trec_eval breaks them by name."""
    order = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    return {_name(n): float(len(scores) - place) for place, n in enumerate(order)}


def triggering_figures(questions: Sequence[Question], ranked: Sequence[Ranked], threshold: float) -> Iterator[Figure]:
    """Over all questions: right is a best sentence that is right, and is given."""
    first, answerable = _first_right(questions, ranked), [any(one.right) for one in questions]
    for told, given in (
        ("as it refuses", [one.answers for one in ranked]),
        ("threshold of the dev split", [one.strength >= threshold for one in ranked]),
    ):
        for name, statistic in (("precision", _precision), ("recall", _recall), ("F1", _f1)):
            yield over(f"{name}, {told}", statistic, first, given, answerable)
    yield over("AUROC of the reader's raw strength", metrics.auroc, [one.strength for one in ranked], answerable)


def _first_right(questions: Sequence[Question], ranked: Sequence[Ranked]) -> list[bool]:
    return [one.right[int(np.argmax(mine.scores))] for one, mine in zip(questions, ranked, strict=True)]


def _precision(first: Marks, given: Marks, _: Marks) -> float:
    return metrics.share(float((first & given).sum()), float(given.sum()))


def _recall(first: Marks, given: Marks, answerable: Marks) -> float:
    return metrics.share(float((first & given).sum()), float(answerable.sum()))


def _f1(first: Marks, given: Marks, answerable: Marks) -> float:
    return metrics.share(2 * float((first & given).sum()), float(given.sum() + answerable.sum()))


def _best_threshold(questions: Sequence[Question], ranked: Sequence[Ranked]) -> float:
    """The strength from which answering gives the best F1."""
    first, answerable = np.array(_first_right(questions, ranked)), np.array([any(one.right) for one in questions])
    strengths = np.array([one.strength for one in ranked])
    return float(max(np.unique(strengths), key=lambda least: _f1(first, strengths >= least, answerable)))
