"""What is measured: each measure's name, what it is a share of, and what it belongs to.

The definitions are told once, here; reports show them, and `docs/evaluation.md` gives their sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """The measures that are a share: of quotes, of statements, of citations or of questions."""

    EXACT = "quotes exact"
    CITED = "statements cited"
    USED = "citations used"
    REFERENCES = "references right"
    PRINTED = "text as stated"
    SUPPORTED = "statements supported"
    PRECISION = "citation precision"
    RECALL = "citation recall"
    ARTICLE_FIRST = "right article first"
    IN_ANSWER = "gold in answer"
    IN_QUOTE = "gold in a quote"
    GOLD_CITED = "gold span cited"
    EVIDENCE = "evidence (yes/no, why)"
    EXACT_MATCH = "short answer exact"
    TOKEN_F1 = "short answer token F1"  # noqa: S105 (no password)
    REFUSAL_PRECISION = "refusal precision"
    REFUSAL_RECALL = "refusal recall"
    REFUSAL_F1 = "refusal F1"
    SIDES = "sides shown"
    DISAGREED = "disagreements right"
    HIT_1 = "Hit@1"
    HIT_5 = "Hit@5"
    HIT_10 = "Hit@10"
    RECIPROCAL_RANK = "MRR"
    NDCG = "nDCG@10"
    ARTICLE_HIT_1 = "article Hit@1"
    ARTICLE_HIT_5 = "article Hit@5"
    ARTICLE_HIT_10 = "article Hit@10"


class Extra(StrEnum):
    """The measures that are none."""

    BALANCED = "balanced accuracy"
    AUROC = "AUROC of confidence"
    ERROR_80 = "error at 80 % coverage"
    CALIBRATION = "calibration error"
    MEAN = "mean seconds"
    P50 = "p50 seconds"
    P99 = "p99 seconds"


ALWAYS_ONE = frozenset((Measure.EXACT, Measure.CITED, Measure.USED, Measure.REFERENCES, Measure.PRINTED))
"""What Groundwire promises."""

LOWER_IS_BETTER = frozenset((Extra.ERROR_80, Extra.CALIBRATION, Extra.MEAN, Extra.P50, Extra.P99))


@dataclass(frozen=True, slots=True)
class Section:
    """Measures that are shown together."""

    title: str
    measures: tuple[Measure | Extra, ...]


SECTIONS = (
    Section(
        "Citations",
        (
            Measure.EXACT,
            Measure.CITED,
            Measure.USED,
            Measure.REFERENCES,
            Measure.PRINTED,
            Measure.SUPPORTED,
            Measure.PRECISION,
            Measure.RECALL,
            Measure.ARTICLE_FIRST,
        ),
    ),
    Section(
        "Answers",
        (
            Measure.IN_ANSWER,
            Measure.IN_QUOTE,
            Measure.GOLD_CITED,
            Measure.EVIDENCE,
            Measure.EXACT_MATCH,
            Measure.TOKEN_F1,
        ),
    ),
    Section(
        "Refusing",
        (
            Measure.REFUSAL_PRECISION,
            Measure.REFUSAL_RECALL,
            Measure.REFUSAL_F1,
            Extra.BALANCED,
            Extra.AUROC,
            Extra.ERROR_80,
            Extra.CALIBRATION,
        ),
    ),
    Section("Disagreement", (Measure.SIDES, Measure.DISAGREED)),
    Section(
        "Retrieval",
        (
            Measure.HIT_1,
            Measure.HIT_5,
            Measure.HIT_10,
            Measure.RECIPROCAL_RANK,
            Measure.NDCG,
            Measure.ARTICLE_HIT_1,
            Measure.ARTICLE_HIT_5,
            Measure.ARTICLE_HIT_10,
        ),
    ),
    Section("Cost", (Extra.MEAN, Extra.P50, Extra.P99)),
)

ABOUT: dict[Measure | Extra, str] = {
    Measure.EXACT: "of all quotes and short answers: text[start:end] of the article, context and all; must be 1",
    Measure.CITED: "of all statements: with a citation, all of whose citations exist; must be 1",
    Measure.USED: "of all citations: named by a statement or a side of a disagreement; must be 1",
    Measure.REFERENCES: "of all articles that answers show: title, publisher, date and all as in the corpus; must be 1",
    Measure.PRINTED: "of all answers: printed are the statements with their marks, or the refusal alone; must be 1",
    Measure.SUPPORTED: "of all statements: saying what their quotes say, by rules, and nothing twice",
    Measure.PRECISION: "of all citations: sharing half of the shorter of quote and gold span; none where to refuse",
    Measure.RECALL: "of the gold spans of answerable questions: those of which one citation holds at least half",
    Measure.ARTICLE_FIRST: "of the answerable questions: the first citation is to an article that counts",
    Measure.IN_ANSWER: "of the answerable questions: an accepted string in the first 60 words of the statements",
    Measure.IN_QUOTE: "of the answerable questions: an accepted string in one cited quote",
    Measure.GOLD_CITED: "of the answerable questions: one citation holds at least half of a gold span",
    Measure.EVIDENCE: "the same, of the yes/no and why questions alone: there the words of an answer prove little",
    Measure.EXACT_MATCH: "of the answerable questions: the short answer is a right one; none, or a refusal, is wrong",
    Measure.TOKEN_F1: "mean overlap in words of the short answer with the nearest right one; none, or a refusal, is 0",
    Measure.REFUSAL_PRECISION: "of the refused questions: those that the articles do not answer",
    Measure.REFUSAL_RECALL: "of the questions that the articles do not answer: those refused",
    Measure.REFUSAL_F1: "the harmonic mean of the two",
    Extra.BALANCED: "the mean of the shares of rightly answered-at-all and rightly refused",
    Extra.AUROC: "the chance that an answerable question is given more confidence than one that is not",
    Extra.ERROR_80: "of the 80 % of questions with the most confidence: not answered rightly",
    Extra.CALIBRATION: "of all questions: mean distance of confidence and share answered rightly, in ten bins",
    Measure.SIDES: "of all sides of all disagreements: those of which one citation holds at least half",
    Measure.DISAGREED: "of all disagreements shown: every side is one of the question's, and two of them differ",
    Measure.HIT_1: "of the questions with gold: a passage that holds some of it comes first",
    Measure.HIT_5: "the same, among the first five",
    Measure.HIT_10: "the same, among the first ten, or as many as were looked at",
    Measure.RECIPROCAL_RANK: "mean of 1 / rank of the first such passage",
    Measure.NDCG: "discounted gain over all such passages, of the best possible",
    Measure.ARTICLE_HIT_1: "the first passage is of an article that counts",
    Measure.ARTICLE_HIT_5: "the same, among the articles of the first passages, five articles",
    Measure.ARTICLE_HIT_10: "the same, ten articles",
    Extra.MEAN: "from question to checked answer",
    Extra.P50: "half of the questions take no longer",
    Extra.P99: "99 of 100 take no longer",
}
