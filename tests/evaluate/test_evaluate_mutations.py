"""The evaluation can fail: real answers to the seed questions, injured, are each caught; and a check that cannot is."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval import injuries, mutations
from eval.gate import Baseline
from eval.mutations import MUTATIONS, Mutation, lines, problems, tried
from eval.seeds import QUESTIONS, Asked, ask
from rag.evaluate.figures import figures
from rag.evaluate.measures import Measure
from rag.evaluate.questions import SPLITS, read


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """By words alone: quick, and with answers that are right, wrong and refused."""
    return ask(read(QUESTIONS), "lexical", tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def found(asked: Asked) -> list[mutations.Tried]:
    measured = {split: figures([one for one in asked.run.judged if one.split == split]) for split in SPLITS}
    floors = Baseline().updated({"lexical": measured}, {}, {}, margin=1.0, lower=True).floors["lexical"]
    return tried(asked.answers, asked.articles, floors)


def test_every_injury_is_caught_and_no_control_is(found: list[mutations.Tried]) -> None:
    assert problems(found) == []


@pytest.mark.parametrize(
    "name",
    [
        "a quote's offsets shifted by one",
        "a changed digit in statement and quote",
        "a changed digit in prose",
        "a swapped speaker in prose",
        "a citation to another article",
        "an exact quote of another article",
        "an answer to an unanswerable question",
        "a dropped citation",
        "citations that nothing names",
        "a refusal with its answer beside it",
        "another text than the statements",
        "another publisher of a cited article",
        "one statement five times",
    ],
)
def test_what_has_to_be_caught_is_tried_on_several_answers(found: list[mutations.Tried], name: str) -> None:
    (one,) = [each for each in found if each.name == name]
    assert one.caught == one.tried >= 10


def test_refusing_everything_and_one_answer_to_everything_break_floors_of_both_halves(
    found: list[mutations.Tried],
) -> None:
    together = found[-2:]
    assert [(one.name, one.caught) for one in together] == [
        ("a refusal of everything", 2),
        ("one answer to everything", 2),
    ]
    assert Measure.REFUSAL_RECALL in together[1].by


def test_an_injury_that_is_not_seen_is_a_problem(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried is put in place of the real mutations: a shifted quote, looked for where it cannot be seen."""
    blind = Mutation("a shifted quote, looked for in refusals", injuries.shifted, (Measure.REFUSAL_RECALL,))
    seen = Mutation("control: shifted after all", injuries.shifted, ())
    idle = Mutation("nothing to do it to", lambda one, held: None, (Measure.EXACT,))
    monkeypatch.setattr(mutations, "MUTATIONS", (blind, seen, idle))
    given = tried(asked.answers, asked.articles, {})
    first, second, third = problems(given)[:3]
    assert first.startswith("mutation 'a shifted quote, looked for in refusals': caught 0 of ")
    assert second == "mutation 'control: shifted after all': seen, though nothing was wrong"
    assert third == "mutation 'nothing to do it to': caught 0 of 0"
    assert "NOT AS IT HAS TO BE" in "\n".join(lines(given))


def test_the_table_shows_no_question(found: list[mutations.Tried]) -> None:
    """Locked ones are injured, too."""
    assert not [one.question for one in read(QUESTIONS) if one.question in "\n".join(lines(found))]


def test_every_injury_has_its_mutation() -> None:
    used = {one.injure.__name__ for one in MUTATIONS}
    source = Path(injuries.__file__).read_text("utf-8")
    assert used == {line[4:].partition("(")[0] for line in source.splitlines() if "(one: Answered, held: Held)" in line}
