"""What retrieval found, against the passages that hold gold. The measures are ir-measures'."""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluate.expected import Expected
from rag.evaluate.measures import Measure
from rag.evaluate.metrics import ranking
from rag.types import Answer, Hit, span_id

OF_PASSAGES = {
    "Success@1": Measure.HIT_1,
    "Success@5": Measure.HIT_5,
    "Success@10": Measure.HIT_10,
    "RR": Measure.RECIPROCAL_RANK,
    "nDCG@10": Measure.NDCG,
}
OF_ARTICLES = {
    "Success@1": Measure.ARTICLE_HIT_1,
    "Success@5": Measure.ARTICLE_HIT_5,
    "Success@10": Measure.ARTICLE_HIT_10,
}


def ranks(expected: Sequence[Expected], answers: Sequence[Answer]) -> list[dict[Measure, float]]:
    """What each question earned, in order; nothing where no passage holds gold, or no article is said to count."""
    found: list[dict[Measure, float]] = [{} for _ in expected]
    passages = [[_passage(hit) for hit in answer.passages] for answer in answers]
    articles = [list(dict.fromkeys(hit.article.id for hit in answer.passages)) for answer in answers]
    for measures, relevant, retrieved in (
        (OF_PASSAGES, [one.relevant for one in expected], passages),
        (OF_ARTICLES, [tuple(one.articles) if one.question.answerable else () for one in expected], articles),
    ):
        qrels = {str(number): dict.fromkeys(some, 1) for number, some in enumerate(relevant) if some}
        run = {query: _scored(retrieved[int(query)]) for query in qrels}
        for name, by_query in (ranking(qrels, run, list(measures)) if qrels else {}).items():
            for query, value in by_query.items():
                found[int(query)][measures[name]] = value
    return found


def _passage(hit: Hit) -> str:
    return span_id(hit.article.id, hit.article.version, hit.passage.start, hit.passage.end)


def _scored(best_first: Sequence[str]) -> dict[str, float]:
    """Scores that keep the order: fused ones may tie."""
    return {name: float(len(best_first) - place) for place, name in enumerate(best_first)}
