"""Ask the seed questions, measure the answers, and hold the floors that are pinned in `eval/baseline.json`::

    python -m eval.seeds
    python -m eval.seeds --json figures.json
    python -m eval.seeds --update-baseline [--margin 0.05] [--lower]

Every mode asks the same questions of a fresh corpus in a temporary folder: `hybrid` with the embedding model, where its
weights lie in the user's cache, and `lexical` by words alone. What each figure means stands at `Figures`; the format of
the questions in `eval/questions/README.md`. Questions of the locked half are scored and never shown.

Exits with 0 where every floor holds, else with 1. Uses the public API alone: knows nothing of how an answer is made.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from math import floor
from pathlib import Path

from rag import config, weights
from rag.config import Settings
from rag.corpus import Corpus
from rag.types import Answer, Citation

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
QUESTIONS = ROOT / "eval" / "questions" / "seeds.jsonl"
BASELINE = ROOT / "eval" / "baseline.json"

HALVES = ("open", "locked")
LONGEST_ANSWER = 60
"""Words of an answer that are read for the accepted strings."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print, compare; returns the exit code."""
    options = _options(arguments)
    questions, texts, pinned = load_questions(QUESTIONS), seed_texts(SEEDS), Baseline.read(BASELINE)
    cache = config.load().cache
    runs = {mode: judge_all(questions, ask(questions, mode, cache), texts) for mode in _modes(cache)}
    figures = {mode: by_half(judged) for mode, judged in runs.items()}
    hashes = data_hashes()
    for mode, judged in runs.items():
        print("\n".join([*table(mode, figures[mode]), "", *failure_lines(mode, judged), ""]))
    if options.json:
        options.json.write_text(as_json(figures, runs, hashes), "utf-8")
    if options.update_baseline:
        pinned = pinned.updated(figures, hashes, margin=options.margin, lower=options.lower)
        pinned.write(BASELINE)
    problems = pinned.problems(figures, hashes)
    if options.require_weights and "hybrid" not in runs:
        problems.append("hybrid was not measured: no model weights in the cache; get them with: groundwire model fetch")
    print("\n".join(problems) or f"Every floor of {', '.join(runs)} holds.")
    return 1 if problems else 0


# --- questions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gold:
    """A clause of a seed article that answers: `text[start:end] == quote`, in code points of the decoded file."""

    article: str
    """File name."""
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the question file; see `eval/questions/README.md`."""

    id: str
    topic: str
    question: str
    kind: str
    answerable: bool
    split: str
    gold: tuple[Gold, ...] = ()
    accepted: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    disagreement: tuple[Gold, ...] = ()


def load_questions(file: Path) -> tuple[Question, ...]:
    """The questions in order. ValueError, naming the line, where one is not as the README says."""
    lines = file.read_text("utf-8").splitlines()
    return tuple(_question(line, f"{file}:{number}") for number, line in enumerate(lines, 1))


def _question(line: str, where: str) -> Question:
    try:
        found = json.loads(line)
        question = Question(
            id=found["id"],
            topic=found["topic"],
            question=found["question"],
            kind=found["kind"],
            answerable={"answer": True, "refuse": False}[found["expect"]],
            split=found["split"],
            gold=tuple(Gold(**span) for span in found["gold"]),
            accepted=tuple(found["accepted"]),
            articles=tuple(found["articles"]),
            disagreement=tuple(Gold(**span) for span in found.get("disagreement", ())),
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{where}: not a question as eval/questions/README.md has it: {error!r}") from error
    if question.split not in HALVES:
        raise ValueError(f"{where}: split is {question.split!r}, neither of {HALVES}")
    return question


def seed_texts(folder: Path) -> dict[str, str]:
    """File name to decoded file, with its line ends as they are."""
    return {file.name: file.read_bytes().decode("utf-8") for file in sorted(folder.glob("*.txt"))}


def data_hashes() -> dict[str, str]:
    """File name to SHA-256, of the question file and of every seed."""
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in (QUESTIONS, *sorted(SEEDS.glob("*.txt")))}


# --- asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer and how long it took."""

    answer: Answer
    seconds: float


def _modes(cache: Path) -> tuple[str, ...]:
    return ("hybrid", "lexical") if weights.present(cache) else ("lexical",)


def ask(questions: Iterable[Question], mode: str, cache: Path) -> list[Asked]:
    """Every question's answer, from a corpus of the seeds that is thrown away. `cache`: where the weights lie."""
    with tempfile.TemporaryDirectory() as name:
        own_cache = Path(name) / "cache"
        own_cache.mkdir()
        if mode == "hybrid":
            (own_cache / "models").symlink_to(cache / "models")
        with Corpus.open(create=True, settings=Settings(corpus=Path(name) / "seeds.db", cache=own_cache)) as corpus:
            corpus.add([SEEDS])
            return [_timed(corpus, question) for question in questions]


def _timed(corpus: Corpus, question: Question) -> Asked:
    start = time.perf_counter()
    answer = corpus.ask(question.question, words=LONGEST_ANSWER, id=question.id)
    return Asked(answer, time.perf_counter() - start)


# --- judging one answer ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """What one answer earned. Counts where a figure is a share of quotes, statements or citations."""

    question: Question
    refused: bool
    seconds: float
    quotes: int
    exact: int
    """Quotes that stand in their article's text at their offsets."""
    statements: int
    cited: int
    """Statements with at least one citation, all of which exist."""
    golden: int
    """Citations that overlap a gold span, by however little."""
    gold_in_answer: bool
    gold_cited: bool
    right_article_first: bool
    sides_cited: bool

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, in a few words each; empty for a right answer."""
        faults = [] if self.exact == self.quotes else ["a quote is not exact"]
        if self.cited != self.statements:
            faults.append("a statement without citation")
        if self.refused == self.question.answerable:
            return (*faults, "refused" if self.refused else "answered, though no article does")
        if self.refused:
            return tuple(faults)
        earned = {
            "no accepted string": self.gold_in_answer,
            "gold not cited": self.gold_cited,
            "another article first": self.right_article_first,
            "a side is missing": self.sides_cited or not self.question.disagreement,
        }
        return (*faults, *(fault for fault, right in earned.items() if not right))


def judge_all(questions: Iterable[Question], asked: Iterable[Asked], texts: Mapping[str, str]) -> tuple[Judged, ...]:
    """Each answer beside its question. `texts`: file name to text."""
    return tuple(judge(question, one, texts) for question, one in zip(questions, asked, strict=True))


def judge(question: Question, asked: Asked, texts: Mapping[str, str]) -> Judged:
    """Hold an answer against the gold of its question."""
    answer = asked.answer
    quoted = _quoted(answer)
    numbers = {citation.number for citation in answer.citations}
    return Judged(
        question=question,
        refused=not answer.answered,
        seconds=asked.seconds,
        quotes=len(quoted),
        exact=sum(texts.get(one.article, "")[one.start : one.end] == one.quote != "" for one in quoted),
        statements=len(answer.statements),
        cited=sum(bool(s.citations) and numbers.issuperset(s.citations) for s in answer.statements),
        golden=sum(any(overlap(one, gold) > 0 for gold in question.gold) for one in quoted),
        gold_in_answer=answer.answered and holds_accepted(question.accepted, answer),
        gold_cited=any(_covers(quoted, gold) for gold in question.gold),
        right_article_first=bool(quoted) and quoted[0].article in question.articles,
        sides_cited=bool(question.disagreement) and all(_covers(quoted, side) for side in question.disagreement),
    )


def normalised(text: str) -> str:
    """Lower case, each run of what is neither letter nor digit one space, a space at both ends."""
    return re.sub(r"[\W_]+", " ", f" {text.lower()} ")


def holds_accepted(accepted: Iterable[str], answer: Answer) -> bool:
    """Whether an accepted string stands, as whole words, in the first `LONGEST_ANSWER` words of the statements."""
    words = " ".join(statement.text for statement in answer.statements).split()
    read = normalised(" ".join(words[:LONGEST_ANSWER]))
    return any(normalised(one) in read for one in accepted)


def overlap(one: Gold, other: Gold) -> int:
    """The code points that two spans share; 0 where they are of different articles."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return max(0, shared) if one.article == other.article else 0


def _covers(quoted: Iterable[Gold], gold: Gold) -> bool:
    """Whether one citation alone holds at least half of the gold span's code points."""
    return any(2 * overlap(one, gold) >= gold.end - gold.start for one in quoted)


def _quoted(answer: Answer) -> list[Gold]:
    """The answer's citations in reading order, with the file name for the article."""
    in_order: list[Citation] = sorted(answer.citations, key=lambda citation: citation.number)
    return [Gold(_file_name(answer, one.article), one.start, one.end, one.quote) for one in in_order]


def _file_name(answer: Answer, article: str) -> str:
    """Empty for an article that the answer does not describe, so that nothing matches it."""
    reference = answer.articles.get(article)
    return Path(reference.path or reference.key).name if reference else ""


# --- figures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1 over a set of judged answers. A share of nothing is 1."""

    exact_quotes: float
    """Of all quotes: those with `text[start:end] == quote` in the decoded seed file. Must be 1."""
    cited_statements: float
    """Of all statements: those with a citation, all of whose citations exist. Must be 1."""
    gold_in_answer: float
    """Of the answerable questions: an accepted string stands, both normalised, in the first 60 words of statements."""
    gold_cited: float
    """Of the answerable questions: one citation holds at least half of the code points of a gold span."""
    right_article_first: float
    """Of the answerable questions: the first citation is to an article that counts as right."""
    citation_precision: float
    """Of the citations in answers to answerable questions: those that overlap a gold span."""
    sides_cited: float
    """Of the questions with a disagreement: each side has a citation that holds at least half of it."""
    refusal_precision: float
    """Of the refused questions: those that were to be refused."""
    refusal_recall: float
    """Of the questions to be refused: those that were."""
    refusal_f1: float
    """The harmonic mean of the two; 0 where both are 0."""


ALWAYS_ONE = ("exact_quotes", "cited_statements")
"""What Groundwire promises: no margin is taken off these floors."""


@dataclass(frozen=True, slots=True)
class Half:
    """The figures of one half, or of both."""

    figures: Figures
    questions: int
    seconds: float
    """A question's mean, from question to checked answer."""


def measure(judged: Sequence[Judged]) -> Figures:
    """The figures of these answers; see `Figures` for each one's definition."""
    answerable = [one for one in judged if one.question.answerable]
    disputed = [one for one in judged if one.question.disagreement]
    refused = [one for one in judged if one.refused]
    rightly = sum(not one.question.answerable for one in refused)
    precision, recall = share(rightly, len(refused)), share(rightly, len(judged) - len(answerable))

    def of_answerable(earned: Callable[[Judged], bool]) -> float:
        return share(sum(map(earned, answerable)), len(answerable))

    return Figures(
        exact_quotes=share(sum(one.exact for one in judged), sum(one.quotes for one in judged)),
        cited_statements=share(sum(one.cited for one in judged), sum(one.statements for one in judged)),
        gold_in_answer=of_answerable(lambda one: one.gold_in_answer),
        gold_cited=of_answerable(lambda one: one.gold_cited),
        right_article_first=of_answerable(lambda one: one.right_article_first),
        citation_precision=share(sum(one.golden for one in answerable), sum(one.quotes for one in answerable)),
        sides_cited=share(sum(one.sides_cited for one in disputed), len(disputed)),
        refusal_precision=precision,
        refusal_recall=recall,
        refusal_f1=harmonic_mean(precision, recall),
    )


def share(part: int, whole: int) -> float:
    """`part / whole`; 1 of nothing."""
    return part / whole if whole else 1.0


def harmonic_mean(one: float, other: float) -> float:
    """2ab / (a + b); 0 where both are 0. Of precision and recall it is F1."""
    return 2 * one * other / (one + other) if one + other else 0.0


def by_half(judged: Sequence[Judged]) -> dict[str, Half]:
    """The figures of the open half, of the locked half, and of both together."""
    parts = {half: [one for one in judged if one.question.split == half] for half in HALVES} | {"both": judged}
    return {
        name: Half(measure(part), len(part), sum(one.seconds for one in part) / max(1, len(part)))
        for name, part in parts.items()
    }


# --- floors ----------------------------------------------------------------------------------------------------------

Floors = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Mode to half to the figure's name to its floor."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The floors, and the data that they were measured on."""

    hashes: Mapping[str, str]
    """File name to SHA-256."""
    floors: Floors

    @classmethod
    def read(cls, file: Path) -> Baseline:
        """The baseline in a file; one without floors where there is none yet."""
        if not file.exists():
            return cls({}, {})
        found = json.loads(file.read_text("utf-8"))
        return cls(found["sha256"], found["floors"])

    def write(self, file: Path) -> None:
        """Write beside the file and move into place."""
        beside = file.with_name(file.name + ".new")
        beside.write_text(json.dumps({"sha256": self.hashes, "floors": self.floors}, indent=2) + "\n", "utf-8")
        beside.replace(file)

    def problems(self, measured: Mapping[str, Mapping[str, Half]], hashes: Mapping[str, str]) -> list[str]:
        """What does not hold, a line each, with what to do; empty where all is well."""
        if not self.hashes:
            return ["no floors are pinned yet; pin them with: python -m eval.seeds --update-baseline"]
        return [*self._other_data(hashes), *self._below(measured)]

    def _other_data(self, hashes: Mapping[str, str]) -> list[str]:
        """A line for each file that is not the one that the floors were measured on."""
        return [
            f"{name}: not the file that the floors were pinned on; undo the change, or, where it is meant, pin anew "
            "with: python -m eval.seeds --update-baseline (and --lower where floors have to fall)"
            for name in sorted(self.hashes.keys() | hashes.keys())
            if self.hashes.get(name) != hashes.get(name)
        ]

    def _below(self, measured: Mapping[str, Mapping[str, Half]]) -> list[str]:
        """A line for each figure below its floor, or without one. Modes that were not measured are left alone."""
        lines: list[str] = []
        for mode, half, name, figure in _each(measured):
            pinned = self.floors.get(mode, {}).get(half, {}).get(name)
            if pinned is None:
                lines.append(
                    f"{mode}, {half}: {name} has no floor; pin it with: python -m eval.seeds --update-baseline"
                )
            elif figure < pinned:
                lines.append(f"{mode}, {half}: {name} is {figure:.4f}, below its floor of {pinned:.4f}")
        return lines

    def updated(
        self, measured: Mapping[str, Mapping[str, Half]], hashes: Mapping[str, str], *, margin: float, lower: bool
    ) -> Baseline:
        """With the measured figures, less `margin`, for floors; none falls unless `lower`.

        Floors are rounded down to four digits. The floors of modes that were not measured stay.
        """
        floors = {mode: {half: dict(names) for half, names in halves.items()} for mode, halves in self.floors.items()}
        for mode, half, name, figure in _each(measured):
            names = floors.setdefault(mode, {}).setdefault(half, {})
            wanted = 1.0 if name in ALWAYS_ONE else max(0.0, floor((figure - margin) * 1e4) / 1e4)
            names[name] = wanted if lower else max(wanted, names.get(name, 0.0))
        return Baseline(hashes, floors)


def _each(measured: Mapping[str, Mapping[str, Half]]) -> Iterator[tuple[str, str, str, float]]:
    """Mode, half, name and value of every figure that has a floor."""
    for mode, halves in measured.items():
        for half in HALVES:
            for name, figure in asdict(halves[half].figures).items():
                yield mode, half, name, figure


# --- showing ---------------------------------------------------------------------------------------------------------


def table(mode: str, halves: Mapping[str, Half]) -> list[str]:
    """The figures of one mode, a line each."""
    columns = [halves[name] for name in (*HALVES, "both")]
    figures = [asdict(half.figures) for half in columns]
    return [
        f"{mode:<22}{'open':>8}{'locked':>8}{'both':>8}",
        f"{'questions':<22}" + "".join(f"{half.questions:>8}" for half in columns),
        *(
            f"{name.replace('_', ' '):<22}" + "".join(f"{column[name]:>8.3f}" for column in figures)
            for name in figures[0]
        ),
        f"{'seconds a question':<22}" + "".join(f"{half.seconds:>8.3f}" for half in columns),
    ]


def failure_lines(mode: str, judged: Iterable[Judged]) -> list[str]:
    """A line for each question of the open half that went wrong; of the locked half nothing is shown."""
    failed = [one for one in judged if one.question.split == "open" and one.faults]
    head = f"{mode}: {len(failed)} open questions went wrong" + (":" if failed else "")
    return [head, *(f"  {one.question.id}  {one.question.question}  ({'; '.join(one.faults)})" for one in failed)]


def as_json(
    figures: Mapping[str, Mapping[str, Half]], runs: Mapping[str, Sequence[Judged]], hashes: Mapping[str, str]
) -> str:
    """The figures of every mode and half, and what went wrong in the open half."""
    failed = {
        mode: {one.question.id: one.faults for one in judged if one.question.split == "open" and one.faults}
        for mode, judged in runs.items()
    }
    shown = {mode: {name: asdict(half) for name, half in halves.items()} for mode, halves in figures.items()}
    return json.dumps({"sha256": hashes, "figures": shown, "open_failures": failed}, indent=2) + "\n"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.seeds", description=(__doc__ or "").partition("::")[0] + ".")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file too")
    parser.add_argument("--update-baseline", action="store_true", help="pin the present figures as floors")
    parser.add_argument("--lower", action="store_true", help="with --update-baseline: floors may fall")
    parser.add_argument("--margin", type=float, default=0.0, help="with --update-baseline: pin so much below (0.05)")
    parser.add_argument(
        "--require-weights",
        action="store_true",
        default=bool(os.environ.get("CI")),
        help="fail where hybrid cannot be measured; always so in CI",
    )
    options = parser.parse_args(arguments)
    if (options.lower or options.margin) and not options.update_baseline:
        parser.error("--lower and --margin go with --update-baseline")
    return options


if __name__ == "__main__":
    sys.exit(main())
