"""From the training sets' files to what the model learns from."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.answer.pairs import Pairs
from rag.errors import UsageError
from rag.types import Span
from train import groups, sources
from train.encoding import Encoded, batch, batches, encoded
from train.groups import Group, Hardness, Read
from train.sources import Asked

TEXT = "The ferry sank off Trondheim. Fourteen people were aboard, the coast guard said."


def squad(*contexts: str, answer: str | None = "Fourteen") -> bytes:
    """One article a context, each with one question."""
    return json.dumps(
        {
            "data": [
                {
                    "title": f"No_{number}",
                    "paragraphs": [
                        {
                            "context": context,
                            "qas": [
                                {
                                    "question": f" How many, {number}? ",
                                    "answers": [{"text": answer, "answer_start": context.index(answer)}]
                                    if answer
                                    else [],
                                    "is_impossible": not answer,
                                }
                            ],
                        }
                    ],
                }
                for number, context in enumerate(contexts)
            ]
        }
    ).encode()


def found(name: str, content: bytes) -> list[Asked]:
    return list(sources.SOURCES[name][1](name, content))


def words(asked: Asked, spans: Sequence[Span]) -> list[str]:
    return [asked.text[span.start : span.end] for span in spans]


# -- the files -------------------------------------------------------------------------------------------------


def test_squad_gives_answers_where_they_stand_and_every_other_article_is_left_for_measuring():
    (first, third) = found("squad-2.0", squad(TEXT, TEXT, TEXT))
    assert (first.title, third.title) == ("No 0", "No 2")
    assert first.question == "How many, 0?"
    assert words(first, first.answers) == ["Fourteen"]
    assert [one.is_answered for one in found("new-wiki", squad(TEXT, TEXT, answer=None))] == [False, False]


def test_an_answer_that_does_not_stand_where_it_is_said_to_is_left_out():
    assert found("reddit", squad(TEXT).replace(b'"answer_start": 30', b'"answer_start": 31')) == []


def test_natural_questions_mark_every_place_of_the_answer_as_whole_words():
    gold = {
        "title": "T",
        "chunked_long_answer": "1901 or 19012, in 1901.",
        "long_answer": "",
        "short_answers": ["1901"],
    }
    (one,) = found("nq", json.dumps({"question": "when", "nq_annotated_gold": gold}).encode())
    assert one.question == "when?"
    assert [span.start for span in one.answers] == [0, 18]


def test_selqa_gives_whole_sentences():
    row = {"question": "Q", "article": "A", "candidates": ["One is.", "Two are.", "Three."], "answers": [1, 2]}
    (one,) = found("selqa", json.dumps([row]).encode())
    assert words(one, one.sentences) == ["Two are.", "Three."]
    assert one.answers == ()


def test_a_lone_sentence_stands_among_its_neighbours():
    lines = [f"sentence {number} is `` here '' .\tquestion {number} ?" for number in range(12)]
    made = found("sentences", "\n".join(lines).encode())
    assert len(made) == 12
    for number, one in enumerate(made):
        assert words(one, one.sentences) == [f'sentence {number} is " here ".']
        assert 1 < one.text.count("sentence") <= sources.NEIGHBOURS
    assert len({one.sentences[0].start == 0 for one in made[5:]}) == 2  # its place tells nothing


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match=r"dev-v2.0.open20.json is missing; name the folder .* --bench"):
        sources.read(tmp_path)


def test_files_are_read_packed_and_named_with_their_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(squad(TEXT), mtime=0))
    monkeypatch.setattr(sources, "SOURCES", {"a": ("a.json.gz", sources._squad)})
    assert [one.source for one in sources.read(tmp_path)] == ["a"]
    assert list(sources.hashes(tmp_path)) == ["a.json.gz"]


# -- groups ----------------------------------------------------------------------------------------------------


def asked(number: int, text: str, answer: str | None) -> Asked:
    spans = (Span(text.index(answer), text.index(answer) + len(answer)),) if answer else ()
    return Asked("s", f"How many people were aboard ferry {number}?", f"T{number}", text, spans)


def texts(count: int) -> list[str]:
    return [
        f"Ferry {number} sank. {number + 100} people were aboard ferry {number}. It rained." for number in range(count)
    ]


def test_a_group_is_the_passage_that_answers_and_hard_ones_that_do_not():
    some = [asked(number, text, f"{number + 100}") for number, text in enumerate(texts(40))]
    made = groups.groups(some, {"s": 100}, Hardness(others=2), seed=1)
    assert len(made) == sum(not groups.is_aside(one) for one in some)
    for group in made:
        right, *wrong = group.passages
        (answer,) = (right.text[span.start : span.end] for span in right.answers)
        assert right.right == (1,)
        assert len(wrong) == 2
        for one in wrong:
            assert one.right == one.answers == ()
            assert answer not in one.text.split()
            assert "people were aboard ferry" in one.text
    assert groups.groups(some, {"s": 100}, Hardness(others=2), seed=1) == made
    assert len(groups.groups(some, {"s": 7}, Hardness(others=2), seed=1)) == 7
    assert groups.groups(some, {}, Hardness(others=2), seed=1) == []


def test_a_question_that_its_text_does_not_answer_is_a_group_of_that_text_alone():
    some = [
        one for one in (asked(number, text, None) for number, text in enumerate(texts(20))) if not groups.is_aside(one)
    ]
    made = groups.groups(some, {"s": 100}, Hardness(others=2), seed=1)
    assert [len(group.passages) for group in made] == [1] * len(some)
    assert all(group.passages[0].right == () for group in made)


def test_about_one_text_in_twelve_is_kept_aside_with_all_its_questions():
    aside = [groups.is_aside(asked(1, text, None)) for text in texts(2000)]
    assert 100 < sum(aside) < 240
    assert aside == [groups.is_aside(asked(2, text, None)) for text in texts(2000)]


def test_the_passage_that_answers_without_what_answers_does_not():
    some = [asked(number, text, f"{number + 100}") for number, text in enumerate(texts(40))]
    made = groups.groups(some, {"s": 100}, Hardness(without=1.0), seed=1)
    for group in made:
        right, left = group.passages
        number = right.text.split()[1]
        assert left.text == f"Ferry {number} sank. It rained."
        assert [left.text[span.start : span.end] for span in left.sentences] == [f"Ferry {number} sank.", "It rained."]
        assert left.right == left.answers == ()


def test_a_question_is_asked_once_more_with_one_thing_changed_and_is_not_answered():
    some = [asked(number, text, f"{number + 100}") for number, text in enumerate(texts(40))]
    made = groups.groups(some, {"s": 100}, Hardness(changed=1.0), seed=1)
    plain = {one.question for one in some}
    changed = [group for group in made if group.question not in plain]
    assert len(changed) > 10
    for group in changed:
        (passage,) = group.passages
        assert passage.right == passage.answers == ()
        assert len(passage.sentences) == 3


def test_a_question_stands_behind_a_statement_that_does_not_hold_the_answer():
    some = [asked(number, text, f"{number + 100}") for number, text in enumerate(texts(40))]
    some = [one for one in some if not groups.is_aside(one)]
    long = "After the storm had passed, ferry 7 sank. {} people were aboard ferry {}, of which most were saved."
    some.append(asked(7, long.format(107, 7), "107"))
    made = groups.groups(some, {"s": 100}, Hardness(led=1.0), seed=1)
    assert all(group.passages[0].right == (1,) for group in made)
    (led,) = [group for group in made if group.question.startswith("After")]
    assert led.question == "After the storm had passed, ferry 7 sank. How many people were aboard ferry 7?"
    # Of the others no sentence without the answer has five words.
    assert {group.question for group in made if group is not led} == {one.question for one in some[:-1]}


@pytest.mark.parametrize(
    "text",
    [
        "107 people were aboard. The 107 who were aboard have been saved.",  # holds the answer
        "107 people were aboard. Who can say how it happened to them?",  # asks
        "107 people were aboard. "
        + "The ferry sank "
        + "very " * 25
        + "slowly.",  # too long, and no comma to cut it at
        "107 people were aboard. It sank off Brest.",  # too short
    ],
)
def test_what_can_be_no_statement_leads_to_no_question(text: str):
    one = Asked("s", "How many people were aboard?", "", text, (Span(0, 3),))
    assert groups.groups([one], {"s": 1}, Hardness(led=1.0), seed=1)[0].question == one.question


def test_where_only_the_sentence_that_answers_is_known_it_is_no_statement():
    text = "There were 107 people aboard. The ferry sank off the coast of Brest."
    one = Asked("s", "How many people were aboard?", "", text, (), (Span(0, 29),))
    (group,) = groups.groups([one], {"s": 1}, Hardness(led=1.0), seed=1)
    assert group.question == "The ferry sank off the coast of Brest. How many people were aboard?"


def test_a_statement_ends_at_a_comma_where_it_is_cut():
    text = "When the ferry went down off Trondheim, 107 people were aboard."
    one = Asked("s", "How many people were aboard?", "", text, (Span(40, 43),))
    (group,) = groups.groups([one], {"s": 1}, Hardness(led=1.0), seed=1)
    assert group.question == "When the ferry went down off Trondheim. How many people were aboard?"


# -- arrays ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pairs(model_cache: Path) -> Pairs:
    return Pairs(model_cache / "models" / "all-MiniLM-L6-v2" / "tokenizer.json")


def test_a_passage_is_marked_at_the_tokens_of_its_answer(pairs: Pairs):
    right = Read("Ferry", TEXT, (Span(0, 29), Span(30, 80)), (Span(30, 45),), (1,))
    wrong = Read("Ferry", TEXT, (Span(0, 29), Span(30, 80)))
    ((one, other),) = encoded([Group("s", "How many?", (right, wrong))], pairs)
    (start,), (end,) = one.starts, one.ends
    asked_ids = pairs.question("How many?")
    pair = pairs.pair(asked_ids, "Ferry", TEXT)
    assert TEXT[pair.offsets[start - pair.first][0] : pair.offsets[end - pair.first][1]] == "Fourteen people"
    assert one.right == (1,)
    assert (other.starts, other.ends, other.right) == ((0,), (0,), ())
    assert set(one.sentence) == {-1, 0, 1}


def test_where_only_the_sentence_is_known_no_words_are_marked(pairs: Pairs):
    read = Read("", TEXT, (Span(0, 29), Span(30, 80)), (), (0,), words_known=False)
    ((one,),) = encoded([Group("s", "Where?", (read,))], pairs)
    assert (one.starts, one.ends, one.right) == ((), (), (0,))


def test_a_passage_whose_answer_is_cut_off_is_left_out(pairs: Pairs):
    text = "word " * 400 + "Fourteen."
    read = Read("", text, (Span(0, 2000), Span(2000, 2009)), (Span(2000, 2008),), (1,))
    assert list(encoded([Group("s", "How many?", (read,))], pairs)) == []


def one_of(length: int, right: tuple[int, ...] = ()) -> Encoded:
    sentence = np.array([-1, *[0] * (length - 2), -1])
    marks = (1,) if right else (0,)
    return Encoded(np.arange(length), sentence, marks, marks, right)


def test_a_batch_pads_and_knows_its_groups():
    made = batch([[one_of(4, (0,)), one_of(6)], [one_of(3)]])
    assert made.ids.shape == (3, 6)
    assert made.attended.sum(axis=1).tolist() == [4, 6, 3]
    assert made.text.sum(axis=1).tolist() == [2, 4, 1]
    assert made.starts[:, 0].tolist() == [False, True, True]
    assert made.right.tolist() == [[True], [False], [False]]
    assert made.groups.tolist() == [[0, 1], [2, 3]]  # 3: there is none


def test_every_group_is_in_one_batch_and_batches_keep_to_their_size():
    some = [[one_of(length, (0,)), one_of(length + 2)] for length in range(3, 200)]
    made = list(batches(some, 1000, np.random.default_rng(1)))
    assert sum(len(one.groups) for one in made) == len(some)
    assert all(one.ids.size <= 1000 for one in made)
    again = list(batches(some, 1000, np.random.default_rng(1)))
    assert all(np.array_equal(one.ids, other.ids) for one, other in zip(made, again, strict=True))
