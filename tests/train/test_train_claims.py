"""From written and made claims to what the claim check learns from."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from rag.answer.pairs import Pairs
from rag.errors import UsageError
from rag.types import Span
from train import changes, claims
from train.claims import Claim
from train.encoding import claims as encoded
from train.sources import Asked

TEXT = "The ferry Astrid sank off Trondheim in 2019. Fourteen people were aboard. Captain Lund was not hurt."


def words(claim: Claim) -> list[str]:
    return [claim.claim[span.start : span.end] for span in claim.wrong or ()]


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    folder = tmp_path / "grounding"
    folder.mkdir()
    fever = [{"claim": "It sank .", "evidence": "The ferry -LRB- Astrid -RRB- sank .", "label": "SUPPORTS"}]
    fever.append({"claim": "It flew .", "evidence": "The ferry sank .", "label": "REFUTES"})
    (folder / "fever-symmetric-dev.jsonl").write_text("\n".join(map(json.dumps, fever)))
    wice = {
        "claim": "The ferry sank.",
        "evidence": ["Menu", "Old news.", "The ferry sank.", "It rained.", "More"],
        "supporting_sentences": [[2]],
        "label": "supported",
    }
    (folder / "wice-dev.jsonl").write_text(json.dumps(wice))
    original = "The ferry sank in 2019. It rained."
    edits = [("The ferry sank in 2018. It rained.", 0), ("The boat sank in 2019. It rained.", 1)]
    edits.append(("The ferry rose in 2019. It snowed.", 0))
    rows = [{"doc": TEXT, "original_summary": original, "summary": one, "label": label} for one, label in edits]
    for domain in claims.SUMMEDITS:
        (folder / f"summedits_{domain}.json.gz").write_bytes(gzip.compress(json.dumps(rows).encode()))
    return tmp_path


def test_written_claims_are_read_with_what_is_known_of_them(bench: Path):
    made = claims.read(bench, [], 0, 0, random.Random(1))
    fever = [one for one in made if one.source == "fever"]
    assert [(one.claim, one.supported, one.wrong) for one in fever] == [
        ("It sank.", True, ()),
        ("It flew.", False, None),
    ]
    assert fever[0].text == "The ferry (Astrid) sank."
    (wice,) = [one for one in made if one.source == "wice"]
    assert wice.text == "Old news. The ferry sank. It rained."
    assert [wice.text[wice.sentences[place].start : wice.sentences[place].end] for place in wice.right] == [
        "The ferry sank."
    ]


def test_of_an_edited_summary_the_new_words_are_wrong_where_the_edit_made_it_wrong(bench: Path):
    made = [one for one in claims.read(bench, [], 0, 0, random.Random(1)) if one.source == "podcast"]
    assert [(one.claim, one.supported, words(one)) for one in made] == [
        ("The ferry sank in 2018.", False, ["2018"]),
        ("It rained.", True, []),
        ("The boat sank in 2019.", True, []),
        ("It rained.", True, []),
    ]  # of the third, nobody knows which of its two edits is wrong


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match=r"fever-symmetric-dev.jsonl is missing; name the folder .* --bench"):
        claims.read(tmp_path, [], 0, 0, random.Random(1))


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Who led the ferry?", "Lund led the ferry."),
        ("What was the name of the ferry?", "Lund was the name of the ferry."),
        ("Which captain won a prize ?", "Lund won a prize."),
        ("Who did the ferry carry?", None),
        ("When was it sunk?", None),
        ("What year did it sink?", None),
    ],
)
def test_a_question_for_the_subject_becomes_a_statement(question: str, statement: str | None):
    assert claims._statement(question, "Lund") == statement


def asked(question: str, answer: str) -> Asked:
    return Asked("s", question, "", TEXT, (Span(TEXT.index(answer), TEXT.index(answer) + len(answer)),))


def test_a_stated_question_is_supported_with_its_own_answer_alone(bench: Path):
    some = [asked("Who was the captain?", "Lund"), asked("What is the ferry called?", "Astrid")]
    seen = set()
    for seed in range(30):
        for one in claims.read(bench, some, 0, 2, random.Random(seed)):
            if one.source == "stated":
                seen.add((one.claim, one.supported, tuple(words(one))))
                assert all("Lund" in one.text[one.sentences[n].start :] or "Astrid" in one.text for n in one.right)
    assert seen == {
        ("Lund was the captain.", True, ()),
        ("Astrid was the captain.", False, ("Astrid",)),
        ("Astrid is the ferry called.", True, ()),
        ("Lund is the ferry called.", False, ("Lund",)),
    }


def test_a_sentence_is_changed_in_one_place_which_is_marked(bench: Path):
    made = [one for one in claims.read(bench, [asked("?", "Lund")], 40, 0, random.Random(1)) if one.source == "changed"]
    assert len(made) == 80
    for right, wrong in zip(made[::2], made[1::2], strict=True):
        assert right.supported
        assert not wrong.supported
        assert right.text[right.sentences[right.right[0]].start :].startswith(right.claim[:8])
        (span,) = wrong.wrong or ()
        assert wrong.claim != right.claim
        assert wrong.claim[: span.start] == right.claim[: span.start]
        after = len(wrong.claim) - span.end
        assert wrong.claim[span.end :] == right.claim[len(right.claim) - after :]


def test_a_change_is_of_the_kind_of_what_it_replaces():
    pool = changes.pool(["In 1066 Harold fell at Hastings, fighting bravely."])
    for seed in range(40):
        changed = changes.change("Everybody in Oslo was young in 2019.", "", pool, random.Random(seed))
        if changed is None:
            continue
        text, span = changed
        kinds = {"old", "fighting", "was not", "Harold", "Hastings", "1066"}
        assert text[span.start : span.end] in kinds or text[span.start : span.end].isdigit()
    assert changes.change("So it goes.", "", pool, random.Random(1)) is None


def test_the_words_of_a_claim_that_are_wrong_are_marked(model_cache: Path):
    pairs = Pairs(model_cache / "models" / "all-MiniLM-L6-v2" / "tokenizer.json")
    spans = (Span(0, 10), Span(11, 21))
    wrong = Claim("s", "It snowed.", "It rained. Lund swam.", False, (Span(3, 9),), spans)
    right = Claim("s", "Lund swam.", "It rained. Lund swam.", True, (), spans, (1,))
    ((one,), (other,)) = encoded([wrong, right], pairs)
    assert pairs.claim("It snowed.")[1] == [(0, 2), (3, 7), (7, 9), (9, 10)]
    assert (one.claim, one.supported, one.wrong, one.starts, one.right) == (4, False, (2, 3), (), ())
    assert (other.supported, other.wrong, other.starts, other.right) == (True, (), (), (1,))
    long = Claim("s", "so " * 80 + "wrong.", "It rained.", False, (Span(240, 245),), (Span(0, 10),))
    assert list(encoded([long], pairs)) == []  # what is wrong with it is cut off
