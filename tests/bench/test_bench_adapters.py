"""Each benchmark on made-up miniature data: how it is loaded, split and scored. Expected values by hand."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from eval.bench import grounding, html_extraction, newsquizqa, ramdocs, realtimeqa, sentence_ranking, squad
from eval.bench.asking import CONFIDENCE, STRENGTH, Response, surely
from eval.bench.options import Options
from eval.bench.results import Row
from eval.bench.sources import Sources, split_of
from rag.errors import UsageError
from rag.evaluate.metrics import Figure
from rag.types import (
    Answer,
    Citation,
    Disagreement,
    Hit,
    Passage,
    ProducedBy,
    Reference,
    ShortAnswer,
    Side,
    Statement,
    article_id,
)


def options(folder: Path, *splits: str) -> Options:
    return Options(Sources(folder), folder / "cache", folder / "cache", ("lexical",), splits or ("dev", "test"))


def response(
    *said: str,
    article: str = "a",
    start: int = 0,
    short: str | None = None,
    strength: float = 1.0,
    confidence: float | None = None,
    sides: Sequence[str] = (),
    passages: Sequence[tuple[str, str]] = (),
) -> Response:
    """An answer that says this, each sentence cited from `start` on; nothing said is a refusal."""
    citations = tuple(
        Citation(n, article_id(article), "0" * 64, start, start + len(text), text) for n, text in enumerate(said, 1)
    )
    hits = tuple(
        Hit(Reference(article_id(key), "0" * 64, key), Passage(0, len(text), ()), text, 1.0) for key, text in passages
    )
    made = Answer(
        question="?",
        answered=bool(said),
        text="",
        statements=tuple(Statement(one.quote, (one.number,)) for one in citations),
        citations=citations,
        passages=hits,
        articles={},
        produced_by=ProducedBy("0", ""),
        short_answer=None if short is None else ShortAnswer(short, 1, 0, 1),
        confidence=confidence,
        disagreements=(Disagreement("", tuple(Side(text, ()) for text in sides)),) if sides else (),
    )
    return Response(made, strength)


def values(figures: Sequence[Figure]) -> dict[str, float]:
    return {one.name: one.value for one in figures}


def cell(rows: Sequence[Row], split: str, system: str, name: str) -> Figure:
    (found,) = [row.figure for row in rows if (row.split, row.system, row.figure.name) == (split, system, name)]
    return found


# --- RealTimeQA and NewsQuizQA ---------------------------------------------------------------------------------------


def quiz(id: str, text: str = "Who?", gold: str = "Ann Lee", evidence: Sequence[str] = ()) -> realtimeqa.Question:
    keys = frozenset(article_id(key) for key in evidence)
    return realtimeqa.Question(id, text, gold, "2022-06-16", "dev", True, keys)


def realtimeqa_data(folder: Path) -> None:
    """Three articles, four questions in two weeks, five rows of NewsQuizQA on four articles."""
    (folder / "realtimeqa-2022").mkdir()
    (folder / "newsquizqa").mkdir()
    texts = {
        "n.com/bridge": "The mayor, Ann Lee, closed the old bridge on Monday after the storm damaged its pillars.",
        "n.com/school": "Pupils returned to the school in Hill Street on Friday, as the flood water had drained away.",
        "n.com/team": "The team of Norwood won the final by three goals to one before a crowd of nine thousand.",
    }
    articles = [
        {
            "id": id,
            "url": f"https://www.{id}",
            "title": "News",
            "authors": [],
            "publish_date": "2022/06/16",
            "text": text,
        }
        for id, text in texts.items()
    ]
    content = "\n".join(json.dumps(one) for one in articles).encode()
    (folder / "realtimeqa-2022" / "articles.jsonl.gz").write_bytes(gzip.compress(content))

    def question(id: str, text: str, gold: str, own: bool, urls: Sequence[str] = ()) -> dict[str, object]:
        week = id.partition("_")[0]
        rest = {"answers": [gold], "answer_in_own_docs": own, "evidence_urls": list(urls)}
        return {"id": id, "week": week, "date": "2022/06/16", "question": text, **rest}

    questions = [
        question("20220617_0", "Which mayor closed the old bridge after the storm?", "Ann Lee", True, ["n.com/bridge"]),
        question("20220617_1", "The team of Norwood did all of these except:", "final", True),
        question("20220624_0", "Which team won the final before nine thousand?", "Norwood", True, ["n.com/elsewhere"]),
        question("20220624_1", "Which ship sank?", "Vasa", False),
    ]
    (folder / "realtimeqa-2022" / "questions.jsonl").write_text("\n".join(json.dumps(one) for one in questions))
    rows = [
        ("u/0", "Which town's team won the final?", "Norwood"),
        ("u/0", "Which orchestra toured Iceland?", "Halle"),
        *((f"u/{n}", f"Which opera number {n} opened in Vienna?", "Fidelio") for n in range(1, 9)),
    ]
    with (folder / "newsquizqa" / "train.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("url", "question", "answer"), *rows])


def test_questions_that_the_articles_may_answer_are_dropped_by_row_and_one_an_article_is_kept(tmp_path: Path) -> None:
    realtimeqa_data(tmp_path)
    told = newsquizqa.write_list(Sources(tmp_path), tmp_path / "dropped.txt")
    assert told.startswith("1 of 10 rows")
    assert (tmp_path / "dropped.txt").read_text().splitlines()[-1] == "0"
    kept = newsquizqa.foreign(Sources(tmp_path), tmp_path / "dropped.txt")
    assert sorted(one.row for one in kept) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert all(one.split == split_of(f"u/{max(0, one.row - 1)}") for one in kept)


def test_a_list_made_of_other_rows_is_refused(tmp_path: Path) -> None:
    realtimeqa_data(tmp_path)
    with pytest.raises(UsageError, match=r"not the file that newsquizqa-dropped\.txt was made of"):
        newsquizqa.foreign(Sources(tmp_path))


def test_realtimeqa_from_files_to_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    realtimeqa_data(tmp_path)
    newsquizqa.write_list(Sources(tmp_path), tmp_path / "dropped.txt")
    monkeypatch.setattr(newsquizqa, "DROPPED", tmp_path / "dropped.txt")
    rows = realtimeqa.run(options(tmp_path)).rows
    assert cell(rows, "dev", "lexical", "gold in top 1").count == 2
    assert cell(rows, "dev", "lexical", "gold in the answer (60 words)").count == 1, "`except` is left out of answers"
    assert cell(rows, "dev", "lexical", "gold in the answer (60 words)").value == 1
    assert cell(rows, "dev", "lexical", "gold article in top 1").value == 1
    assert cell(rows, "test", "lexical", "gold in top 1").value == 1
    assert cell(rows, "test", "lexical", "gold article in top 1").count == 0, "its evidence is not in the corpus"
    assert cell(rows, "test", "lexical", "balanced accuracy").count == 2, "one to be refused for one to be answered"


def test_a_realtimeqa_file_without_a_field_is_one_clear_line(tmp_path: Path) -> None:
    realtimeqa_data(tmp_path)
    (tmp_path / "realtimeqa-2022" / "questions.jsonl").write_text('{"id": "20220617_0", "week": "20220617"}')
    with pytest.raises(UsageError, match=r"questions\.jsonl is not the benchmark's file \(KeyError"):
        realtimeqa.prepared(options(tmp_path))


def test_hits_count_by_rank_and_by_words() -> None:
    passages = [("b", "word " * 150), ("a", "Then ANN-LEE spoke.")]
    told = [(quiz("1", evidence=["a"]), response("x", passages=passages))]
    found = values(list(realtimeqa.retrieval(told)))
    assert [found[f"gold in top {k}"] for k in (1, 5, 10)] == [0, 1, 1]
    assert [found[f"gold in the first {n} words"] for n in ("100", "300", "1,000")] == [0, 1, 1]
    assert [found[f"gold article in top {k}"] for k in (1, 5)] == [0, 1]


def test_gold_after_the_sixtieth_word_is_in_a_quote_and_not_in_the_answer() -> None:
    told = [(quiz("1"), response("word " * 60 + "Ann Lee.", short="Ann Lee")), (quiz("2"), response())]
    found = values(list(realtimeqa.answers(told)))
    assert found["gold in the answer (60 words)"] == 0
    assert found["gold in a cited quote"] == 0.5
    assert found["short answer: exact match"] == 0.5
    assert found["short answer given at all"] == 0.5


def test_refusing_counts_what_should_be_answered_and_what_should_not() -> None:
    other = newsquizqa.Foreign(0, "?", "dev")
    mine = [(quiz("1"), response("Ann Lee.", strength=3)), (quiz("2"), response(strength=-1))]
    theirs = [(other, response("Bob.", strength=2)), (other, response(strength=-2))]
    found = values(list(realtimeqa.refusing(mine, theirs)))
    assert found["balanced accuracy"] == 0.5
    assert found[f"AUROC of {STRENGTH}"] == 0.75
    assert found[f"error at 80 % coverage, by {STRENGTH}"] == pytest.approx(2 / 3)
    assert found[f"the same, of RealTimeQA's alone, by {STRENGTH}"] == 0.5


def test_confidence_is_used_where_every_answer_has_one() -> None:
    assert surely([response("x", confidence=0.5), response(confidence=0.25)]) == (CONFIDENCE, [0.5, 0.25])
    assert surely([response("x", confidence=0.5), response(strength=-3.0)]) == (STRENGTH, [1.0, -3.0])


def test_calibration_is_over_all_questions_as_the_evaluation_of_a_question_file_has_it() -> None:
    """Right at .9 and a refusal at .2 that answers nothing, a foreign one answered at .6: (.1 + .2 + .6) / 3."""
    mine = [(quiz("1"), response("Ann Lee.", confidence=0.9)), (quiz("2"), response(confidence=0.2))]
    theirs = [(newsquizqa.Foreign(0, "?", "dev"), response("Bob.", confidence=0.6))]
    found = values(list(realtimeqa.refusing(mine, theirs)))
    assert found["calibration error"] == pytest.approx(0.3)


# --- SQuAD -----------------------------------------------------------------------------------------------------------


def asked(*golds: tuple[str, int]) -> squad.Question:
    made = tuple(squad.Gold(text, start) for text, start in golds)
    return squad.Question("q", "?", "a", made, "2.0", "dev")


def test_an_answer_without_a_short_answer_earns_nothing_and_a_refusal_is_the_empty_string() -> None:
    told = [
        (asked(("the storm", 4), ("a storm", 4)), response("So the storm did it.", short="Storm")),
        (asked(("the storm", 4)), response("So the storm did it.")),
        (asked(("the storm", 4)), response()),
        (asked(), response("So the storm did it.")),
        (asked(), response()),
    ]
    found = values(list(squad.figures(told, is_open=False)))
    assert found["HasAns: exact match of the short answer"] == pytest.approx(1 / 3)
    assert found["HasAns: token F1 of the short answer"] == pytest.approx(1 / 3)
    assert found["NoAns: exact match and F1"] == 0.5
    assert found["all: exact match"] == pytest.approx(2 / 5)
    assert found["HasAns: answered"] == pytest.approx(2 / 3)
    assert found["balanced accuracy"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found["F1 of refusing"] == pytest.approx(2 * 1 / (2 + 2))


def test_a_gold_span_counts_by_its_place_and_paragraph_not_by_its_words() -> None:
    quote = "the storm did it."
    told = [
        (asked(("the storm", 10)), response(quote, start=10)),
        (asked(("the storm", 90)), response(quote, start=10)),
        (asked(("the storm", 10)), response(quote, start=10, article="b")),
        (asked(("the storm", 10)), response(quote, start=11)),
    ]
    assert values(list(squad.figures(told, is_open=False)))["HasAns: gold span in a cited quote"] == 0.25


def fillers(number: int) -> str:
    """Words that ask for nothing, other ones for every number."""
    return "".join(("so ", "then ")[number >> bit & 1] for bit in range(8))


def squad_data(folder: Path) -> None:
    """Two articles a version; so many questions that not all of the test half were drawn for fitting."""
    context = "Late on Monday the storm damaged the bridge."
    for file, unanswerable in zip(squad.FILES.values(), (True, False), strict=True):
        articles = []
        for name in ("First", "Second"):
            answer = [{"text": "the storm", "answer_start": context.index("the storm")}]
            qas: list[dict[str, object]] = [
                {
                    "id": f"{file}{name}{n}",
                    "question": f"{name}: {fillers(n)}what damaged the bridge?",
                    "answers": answer,
                }
                for n in range(150)
            ]
            if unanswerable:
                qas += [{"id": f"{file}{name}x", "question": f"{name}: who paid?", "answers": []}]
            articles.append({"title": f"{name}_{unanswerable}", "paragraphs": [{"context": context, "qas": qas}]})
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(json.dumps({"data": articles}))


def test_squad_from_files_to_figures_and_nothing_that_was_fitted_on_is_tested_on(tmp_path: Path) -> None:
    from eval import fit_extract

    squad_data(tmp_path)
    made = Options(Sources(tmp_path), tmp_path / "cache", tmp_path / "cache", ("lexical",), limit=3)
    rows = squad.run(made).rows
    assert {row.part for row in rows} == {
        f"{variant}, version {one}" for variant in ("reading", "open") for one in squad.FILES
    }
    reading = [row for row in rows if row.part == "reading, version 1.1"]
    assert cell(reading, "dev", "lexical", "HasAns: gold span in a cited quote").value == 1
    articles = {version: json.loads((tmp_path / file).read_text())["data"] for version, file in squad.FILES.items()}
    everything = [article for some in articles.values() for article in some]
    fitted = {one.question for one in fit_extract.drawn(everything[::2], everything[1::2])}
    tested = [one.text for version in squad.FILES for one in squad.questions(articles, version, "test")]
    assert tested and not fitted & set(tested) and all(text.startswith("Second") for text in tested)
    assert all(one.text.startswith("First") for one in squad.questions(articles, "2.0", "dev"))


def test_squad_answers_that_do_not_stand_where_they_are_said_to_are_a_corrupt_file(tmp_path: Path) -> None:
    squad_data(tmp_path)
    file = tmp_path / squad.FILES["2.0"]
    file.write_text(file.read_text().replace("Late on Monday", "Late on Tuesday"))
    with pytest.raises(UsageError, match="does not stand where it is said to"):
        squad.run(options(tmp_path))


# --- sentence ranking ------------------------------------------------------------------------------------------------


def test_map_and_mrr_are_over_the_questions_with_a_right_sentence_and_ties_keep_their_order() -> None:
    questions = [
        sentence_ranking.Question("?", ("a", "b", "c"), (False, True, True)),
        sentence_ranking.Question("?", ("a", "b"), (False, True)),
        sentence_ranking.Question("?", ("a", "b"), (False, False)),
    ]
    ranked = [
        sentence_ranking.Ranked((3.0, 2.0, 1.0), 1, answers=True),
        sentence_ranking.Ranked((0.0, 0.0), 1, answers=True),
        sentence_ranking.Ranked((1.0, 0.0), 1, answers=True),
    ]
    found = {one.name: one for one in sentence_ranking.ranking(questions, ranked)}
    assert found["MAP"].value == pytest.approx(((1 / 2 + 2 / 3) / 2 + 1 / 2) / 2)
    assert found["MRR"].value == pytest.approx(1 / 2)
    assert found["MAP"].count == 2


def test_triggering_is_right_where_the_best_sentence_is_and_it_is_not_refused() -> None:
    questions = [
        sentence_ranking.Question("?", ("a", "b"), right) for right in ((True, False), (False, True), (False, False))
    ]
    ranked = [sentence_ranking.Ranked((1.0, 0.0), strength, strength > 0) for strength in (3.0, 2.0, 1.0)]
    found = values(list(sentence_ranking.triggering_figures(questions, ranked, threshold=2.5)))
    assert found["precision, as it refuses"] == pytest.approx(1 / 3)
    assert found["recall, as it refuses"] == pytest.approx(1 / 2)
    assert found["F1, as it refuses"] == pytest.approx(2 / 5)
    assert found["precision, threshold of the dev split"] == 1


def ranking_data(folder: Path) -> None:
    sentences = ["The storm damaged the bridge on Monday .", "Pupils went to the school again .", "A bridge ?"]
    question = "what damaged the bridge ?"
    for part in ("trecqa-train", "trecqa-clean-dev"):
        (folder / "sentence-ranking" / part).mkdir(parents=True)
        for file, lines in (
            ("id.txt", ["1"] * 3),
            ("a.toks", [question] * 3),
            ("b.toks", sentences[::-1]),
            ("sim.txt", ["0", "0", "1"]),
        ):
            (folder / "sentence-ranking" / part / file).write_text("\n".join(lines) + "\n")
    lines = [f"{question}\t{sentence}\t{int(n == 0)}" for n, sentence in enumerate(sentences)]
    (folder / "sentence-ranking" / "WikiQA-train.txt").write_text("\n".join(lines) + "\n")
    head = "QuestionID\tQuestion\tDocumentID\tDocumentTitle\tSentenceID\tSentence\tLabel"
    lines = [f'Q1\t{question}\tD1\t"Bridge\tD1-{n}\t{sentence}\t{int(n == 0)}' for n, sentence in enumerate(sentences)]
    (folder / "sentence-ranking" / "WikiQA-dev.tsv").write_text("\n".join([head, *lines]) + "\n")
    (folder / "training").mkdir()
    for file in ("training/selqa-dev.json", "sentence-ranking/selqa-test.json"):
        (folder / file).write_text(json.dumps([{"question": question, "candidates": sentences, "answers": [0]}]))


@pytest.mark.parametrize("run", [sentence_ranking.run_trecqa, sentence_ranking.run_wikiqa, sentence_ranking.run_selqa])
@pytest.mark.parametrize("split", ["dev", "test"])
def test_each_ranking_set_from_files_to_figures(tmp_path: Path, run: object, split: str) -> None:
    ranking_data(tmp_path)
    measured = run(options(tmp_path, split))  # type: ignore[operator]
    for system in ("lexical", "BM25"):
        assert cell(measured.rows, split, system, "MAP").value == 1
    assert {row.split for row in measured.rows} == {split}


def test_trecqa_files_of_unequal_length_are_a_corrupt_file(tmp_path: Path) -> None:
    ranking_data(tmp_path)
    (tmp_path / "sentence-ranking" / "trecqa-train" / "sim.txt").write_text("0\n")
    with pytest.raises(UsageError, match="not as many as those beside it"):
        sentence_ranking.run_trecqa(options(tmp_path))


# --- RAMDocs ---------------------------------------------------------------------------------------------------------


def test_a_wrong_answer_is_undisputed_unless_a_side_of_a_disagreement_holds_it() -> None:
    one = ramdocs.Question("0", "How many?", (), ("3,559 people", "2,100"), ("10,000 people",))
    shown = response("There were 3,559 people.", "There were 10,000 people.")
    disputed = response("There were 10,000 people.", sides=["3,559 people", "10,000 people"])
    found = values(list(ramdocs.figures([(one, shown)])))
    assert (found["right answers shown"], found["wrong answers shown as if undisputed"]) == (0.5, 1)
    found = values(list(ramdocs.figures([(one, disputed)])))
    assert (found["right answers shown"], found["wrong answers shown as if undisputed"]) == (0.5, 0)
    assert found["a disagreement shown"] == 1


# --- grounding -------------------------------------------------------------------------------------------------------


def grounding_data(folder: Path) -> None:
    (folder / "grounding").mkdir()
    for domain in (*grounding.TRAINED, *grounding.FIXED, *grounding.KEPT_OUT):
        pairs = [{"summary": "A b.", "doc": f"{domain} {n}", "label": str(n % 2)} for n in range(4)]
        (folder / "grounding" / f"summedits_{domain}.json.gz").write_bytes(gzip.compress(json.dumps(pairs).encode()))

    def lines(file: str, records: Sequence[Mapping[str, object]]) -> None:
        (folder / "grounding" / file).write_text("\n".join(json.dumps(one) for one in records))

    def said(*responses: str) -> dict[str, object]:
        return {"sentence": "The bridge was closed.", "responses": [{"response": one} for one in responses]}

    lines(
        "qags-cnndm.jsonl",
        [{"article": "The bridge.", "summary_sentences": [said("yes", "no", "yes"), said("no", "yes", "no")]}],
    )
    labels = ("supported", "partially_supported", "not_supported")
    lines("wice-dev.jsonl", [{"claim": "A.", "evidence": ["One.", "Two."], "label": label} for label in labels])
    lines(
        "fever-symmetric-dev.jsonl",
        [{"claim": "A.", "evidence": "B.", "gold_label": one} for one in ("SUPPORTS", "REFUTES")],
    )


def test_gold_is_the_majority_in_qags_and_whole_support_in_wice(tmp_path: Path) -> None:
    grounding_data(tmp_path)
    sets = grounding.sets(options(tmp_path))
    assert [one.supported for one in sets["QAGS-CNNDM"]] == [True, False]
    assert [one.supported for one in sets["WiCE"]] == [True, False, False]
    assert [one.supported for one in sets["FEVER-symmetric"]] == [True, False]
    assert [one.supported for one in sets["SummEdits"][:4]] == [False, True, False, True]
    assert len(sets["SummEdits"]) == 4 * 2


def test_nothing_that_was_fitted_on_is_reported_as_test(tmp_path: Path) -> None:
    grounding_data(tmp_path)
    splits = {of: {one.split for one in claims} for of, claims in grounding.sets(options(tmp_path)).items()}
    assert splits == {
        grounding.TRAINED_ON: {"dev"},
        grounding.FIXED_ON: {"dev"},
        "SummEdits": {"test"},
        "QAGS-CNNDM": {"test"},
        "WiCE": {"dev"},
        "FEVER-symmetric": {"dev"},
    }
    measured = grounding.run(Options(Sources(tmp_path), tmp_path, tmp_path, ("lexical",), ("test",), limit=2))
    assert {row.part for row in measured.rows} == {"SummEdits", "QAGS-CNNDM"}


def test_every_checker_is_measured_on_every_grounding_set(tmp_path: Path) -> None:
    grounding_data(tmp_path)
    made = Options(Sources(tmp_path), tmp_path / "cache", tmp_path / "cache", ("lexical",), limit=1)
    measured = grounding.run(made)
    assert {(row.part, row.system) for row in measured.rows} == {
        (of, checker) for of in grounding.sets(made) for checker in ALONE
    }
    assert set(measured.settings["thresholds"]) == set(ALONE)  # type: ignore[call-overload]


ALONE = ("words", "words and numbers", "rules", "check, words alone")
"""The checkers that need no model."""


def test_one_threshold_is_taken_from_what_was_fitted_on() -> None:
    fitted = [grounding.Claim("1", "a", True), grounding.Claim("2", "a", False)]
    threshold = grounding.best_threshold(fitted, [0.8, 0.2])
    assert threshold == 0.8
    others = [grounding.Claim("3", "b", True), grounding.Claim("4", "b", False)]
    found = values(list(grounding.figures(others, [0.5, 0.4], threshold)))
    assert (found["balanced accuracy"], found["AUROC"]) == (0.5, 1.0)


def test_groundwires_check_tells_a_changed_number_from_the_right_one() -> None:
    evidence = "The bridge was closed on Monday by 1,200 workers. They went home at night."
    right, wrong = "The bridge was closed by 1,200 workers.", "The bridge was closed by 1,300 workers."
    assert grounding.Rules()(right, evidence) == 0
    assert grounding.Rules()(wrong, evidence) == -1
    assert grounding.Checked()(right, evidence) > grounding.Checked()(wrong, evidence)
    both = grounding.Checked()(f"{right} {wrong}", evidence)
    assert both == grounding.Checked()(wrong, evidence)  # the least supported sentence


def test_the_simple_checkers_count_words_and_miss_no_number() -> None:
    evidence = "The bridge was closed on Monday by 1,200 workers."
    assert grounding.words_held("The bridge closed", evidence) == 1
    assert grounding.words_and_numbers_held("The bridge closed by 1200 workers", evidence) > 0.5
    assert grounding.words_and_numbers_held("The bridge closed by 1300 workers", evidence) < 0


# --- HTML ------------------------------------------------------------------------------------------------------------


def html_data(folder: Path) -> None:
    pages = {
        "eval/one.html": b"keep this too drop",
        "cache/two.html": b"other",
    }
    wanted = {
        "https://one.example/x": {"file": "one.html", "with": ["keep", "absent"], "without": ["drop"]},
        "https://two.example/y": {"file": "two.html", "with": ["other"], "without": []},
    }
    pages["evaldata.json"] = json.dumps(wanted).encode()
    (folder / "html-extraction").mkdir()
    with tarfile.open(folder / html_extraction.FILE, "w:xz") as packed:
        for name, content in pages.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))


def test_an_extractor_is_scored_by_segments_each_counted_once(tmp_path: Path) -> None:
    html_data(tmp_path)
    measured = html_extraction.measure(options(tmp_path), {"whole": lambda page: 2 * page.decode()})
    halves = {split_of("one.example"): (0.5, 0.5, 0.5), split_of("two.example"): (1, 1, 1)}
    if len(halves) == 1:  # both pages in one half: sums, not means
        halves = {split_of("one.example"): (2 / 3, 2 / 3, 2 / 3)}
    for split, (f, precision, recall) in halves.items():
        assert cell(measured, split, "whole", "F").value == pytest.approx(f)
        assert cell(measured, split, "whole", "precision").value == pytest.approx(precision)
        assert cell(measured, split, "whole", "recall").value == pytest.approx(recall)


def test_an_archive_that_is_cut_off_is_a_corrupt_file(tmp_path: Path) -> None:
    html_data(tmp_path)
    file = tmp_path / html_extraction.FILE
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(UsageError, match="not the benchmark's file"):
        html_extraction.run(options(tmp_path))
