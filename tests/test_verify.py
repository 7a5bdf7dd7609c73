"""The proof: each promise of the contract is broken once, and the right fault is named."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import (
    REFUSAL,
    Answer,
    Article,
    Citation,
    Disagreement,
    Hit,
    Passage,
    ProducedBy,
    ShortAnswer,
    Side,
    Span,
    Statement,
    StatementKind,
)
from rag.verify import FaultKind, compose, faults, fold, gate, inner_faults

#       0         1         2         3         4         5         6         7
#       0123456789012345678901234567890123456789012345678901234567890123456789012345678
TEXT = "Port news\n\nThe ferry sank\u00a0in  1994. Nobody drowned. The owner denied everything.\n"
OTHER = "The ferry sank in 1995."
PORT = Article(key="port.txt", text=TEXT, title="Port news")
RIVAL = Article(key="rival.txt", text=OTHER)
TEXTS = {PORT.id: TEXT, RIVAL.id: OTHER}

SANK = Citation(1, PORT.id, PORT.version, 11, 35, "The ferry sank\u00a0in  1994.", "Port news\n\n", " Nobody")
DENIED = Citation(2, PORT.id, PORT.version, 52, 80, "The owner denied everything.", "drowned. ", "\n")
RIVALS = Citation(3, RIVAL.id, RIVAL.version, 0, 23, "The ferry sank in 1995.")

ANSWER = Answer(
    question="When did the ferry sink?",
    answered=True,
    text="The ferry sank in 1994. [1] The owner denied everything. [2]",
    statements=(
        Statement("The ferry sank in 1994.", (1,)),
        Statement("The owner denied everything.", (2,), speaker="the owner"),
    ),
    citations=(SANK, DENIED, RIVALS),
    passages=(
        Hit(PORT.reference, Passage(11, 51, (Span(11, 35), Span(36, 51))), TEXT[11:51], 0.03),
        Hit(RIVAL.reference, Passage(0, 23, (Span(0, 23),)), OTHER, 0.02),
    ),
    articles={PORT.id: PORT.reference, RIVAL.id: RIVAL.reference},
    produced_by=ProducedBy("0.1.0", "none"),
    short_answer=ShortAnswer("1994", 1, 30, 34),
    confidence=0.75,
    disagreements=(Disagreement("the year", (Side("1994", (1,)), Side("1995", (3,)))),),
)
REFUSED = replace(
    ANSWER,
    answered=False,
    text=REFUSAL,
    statements=(),
    citations=(),
    short_answer=None,
    disagreements=(),
    unknown_words=("hovercraft",),
)


def citing(position: int, **changes: object) -> Answer:
    """The answer with one citation changed."""
    citations = list(ANSWER.citations)
    citations[position] = replace(citations[position], **changes)
    return replace(ANSWER, citations=tuple(citations))


def saying(position: int, **changes: object) -> Answer:
    """The answer with one statement changed, and its text composed anew, so that only the statement is wrong."""
    statements = list(ANSWER.statements)
    statements[position] = replace(statements[position], **changes)
    text = " ".join(
        " ".join(each.text.split()) + " " + "".join(f"[{n}]" for n in each.citations) for each in statements
    )
    return replace(ANSWER, statements=tuple(statements), text=text)


def test_a_true_answer_has_no_faults_and_passes_the_gate_as_the_same_object():
    assert faults(ANSWER, TEXTS) == ()
    assert gate(ANSWER, TEXTS) is ANSWER


def test_a_true_refusal_has_no_faults_and_passes_the_gate_as_the_same_object():
    assert faults(REFUSED, TEXTS) == ()
    assert gate(REFUSED, TEXTS) is REFUSED


K = FaultKind
SHORT = ANSWER.short_answer
MUTANTS = {
    "quote one character late": (citing(0, start=12, end=36), {K.QUOTE, K.CONTEXT}),
    "quote with another digit": (citing(2, quote="The ferry sank in 1996."), {K.QUOTE}),
    "quote with white space folded": (citing(0, quote="The ferry sank in 1994.", end=34), {K.QUOTE, K.CONTEXT}),
    "quote shorter than its span": (citing(2, quote="The ferry sank in 1995"), {K.QUOTE}),
    "empty span": (citing(2, start=5, end=5, quote=""), {K.BOUNDS, K.QUOTE}),
    "end before start": (citing(2, start=9, end=5), {K.BOUNDS, K.QUOTE}),
    "negative start that Python would take": (citing(2, start=-23, end=0), {K.BOUNDS, K.QUOTE}),
    "end after the article": (citing(2, end=24, quote=OTHER + "\n"), {K.BOUNDS}),
    "version of another text": (citing(2, version=PORT.version), {K.VERSION}),
    "article not listed": (
        replace(ANSWER, articles={PORT.id: PORT.reference}),
        {K.ARTICLE, K.PASSAGE},
    ),
    "article listed under another's id": (
        replace(ANSWER, articles={PORT.id: PORT.reference, RIVAL.id: PORT.reference}),
        {K.ARTICLE, K.PASSAGE},
    ),
    "article listed in another version": (
        replace(ANSWER, articles={**ANSWER.articles, RIVAL.id: replace(RIVAL.reference, version="0" * 64)}),
        {K.VERSION, K.PASSAGE},
    ),
    "citation of the wrong article": (citing(2, article=PORT.id, version=PORT.version), {K.QUOTE}),
    "article without a text": (citing(2, article="f" * 16), {K.ARTICLE, K.TEXT}),
    "prefix that is elsewhere": (citing(0, prefix="Post news\n\n"), {K.CONTEXT}),
    "prefix longer than what stands before": (citing(0, prefix="x" * 12), {K.CONTEXT}),
    "suffix that is elsewhere": (citing(0, suffix=" Somebody"), {K.CONTEXT}),
    "suffix longer than what stands after": (citing(1, suffix="\n\n"), {K.CONTEXT}),
    "two citations with one number": (citing(2, number=2), {K.NUMBERING, K.DANGLING}),
    "numbers that start at 0": (citing(0, number=0), {K.NUMBERING, K.DANGLING, K.UNUSED}),
    "a citation that nothing uses": (replace(ANSWER, disagreements=()), {K.UNUSED}),
    "numbers out of reading order": (
        replace(
            ANSWER,
            statements=ANSWER.statements[::-1],
            text="The owner denied everything. [2] The ferry sank in 1994. [1]",
        ),
        {K.NUMBERING},
    ),
    "a statement with a changed word": (saying(0, text="The ferry sank in 1995."), {K.STATEMENT}),
    "a statement with a word more": (saying(1, text="The owner denied nearly everything."), {K.STATEMENT}),
    "a statement with only part of its quote": (saying(1, text="The owner denied"), {K.STATEMENT}),
    "an empty statement": (saying(1, text=" \n"), {K.STATEMENT}),
    "a statement without citation": (saying(1, citations=()), {K.STATEMENT, K.UNUSED}),
    "a statement that cites what is not there": (saying(1, citations=(2, 9)), {K.DANGLING}),
    "generated prose without citation": (
        saying(1, text="He lies.", kind=StatementKind.GENERATED, citations=()),
        {K.STATEMENT, K.UNUSED},
    ),
    "answered without statements": (replace(ANSWER, statements=(), text=""), {K.ANSWERED, K.UNUSED}),
    "refused with statements": (replace(ANSWER, answered=False), {K.ANSWERED}),
    "refused with a claim in the text": (replace(REFUSED, text="It sank in 1994."), {K.ANSWERED}),
    "refused with a short answer": (replace(REFUSED, short_answer=SHORT), {K.ANSWERED, K.DANGLING}),
    "a marker with another number": (replace(ANSWER, text=ANSWER.text.replace("[2]", "[3]")), {K.MARKERS}),
    "a marker missing": (replace(ANSWER, text=ANSWER.text.replace(" [1]", "")), {K.MARKERS}),
    "a marker too many": (replace(ANSWER, text=ANSWER.text + "[3]"), {K.MARKERS}),
    "text that no statement has": (replace(ANSWER, text=ANSWER.text + " And more."), {K.MARKERS}),
    "text in front of the statements": (replace(ANSWER, text="Yes. " + ANSWER.text), {K.MARKERS}),
    "short answer with another digit": (
        replace(ANSWER, short_answer=replace(SHORT, text="1995")),
        {K.SHORT_ANSWER},
    ),
    "short answer outside of the quote": (
        replace(ANSWER, short_answer=ShortAnswer("Port", 1, 0, 4)),
        {K.SHORT_ANSWER},
    ),
    "short answer half outside of the quote": (
        replace(ANSWER, short_answer=ShortAnswer("1994. No", 1, 30, 38)),
        {K.SHORT_ANSWER},
    ),
    "short answer of no length": (replace(ANSWER, short_answer=ShortAnswer("", 1, 30, 30)), {K.SHORT_ANSWER}),
    "short answer in another citation's quote": (
        replace(ANSWER, short_answer=replace(SHORT, citation=2)),
        {K.SHORT_ANSWER},
    ),
    "short answer that cites nothing there is": (
        replace(ANSWER, short_answer=replace(SHORT, citation=7)),
        {K.DANGLING},
    ),
    "of a list, words with another digit": (
        saying(0, short_answer=replace(SHORT, text="1995")),
        {K.SHORT_ANSWER},
    ),
    "of a list, words of another statement": (saying(1, short_answer=SHORT), {K.SHORT_ANSWER}),
    "of a list, words that cite nothing there is": (
        saying(0, short_answer=replace(SHORT, citation=7)),
        {K.SHORT_ANSWER},
    ),
    "disagreement with one side": (
        replace(ANSWER, disagreements=(Disagreement("the year", (Side("1995", (3,)),)),)),
        {K.DISAGREEMENT},
    ),
    "disagreement whose side cites nothing": (
        replace(ANSWER, disagreements=(Disagreement("the year", (Side("1994", ()), Side("1995", (3,)))),)),
        {K.DISAGREEMENT},
    ),
    "disagreement that cites what is not there": (
        replace(ANSWER, disagreements=(Disagreement("the year", (Side("1994", (4,)), Side("1995", (3,)))),)),
        {K.DANGLING},
    ),
    "passage with a changed word": (
        replace(ANSWER, passages=(replace(ANSWER.passages[1], text="The ferry sank in 1996."),)),
        {K.PASSAGE},
    ),
    "passage of another length": (
        replace(ANSWER, passages=(replace(ANSWER.passages[1], text="The ferry"),)),
        {K.PASSAGE},
    ),
    "passage of another version": (
        replace(ANSWER, passages=(replace(ANSWER.passages[1], article=replace(RIVAL.reference, version="0" * 64)),)),
        {K.PASSAGE},
    ),
    "confidence above 1": (replace(ANSWER, confidence=1.01), {K.CONFIDENCE}),
    "confidence below 0": (replace(ANSWER, confidence=-0.01), {K.CONFIDENCE}),
    "confidence that is no number": (replace(ANSWER, confidence=float("nan")), {K.CONFIDENCE}),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_promise_is_named(name):
    answer, expected = MUTANTS[name]
    found = {fault.kind for fault in faults(answer, TEXTS)}
    # Moving a citation's span also moves the short answer in it, and changing its quote unsays its statement.
    assert expected <= found <= expected | {K.SHORT_ANSWER, K.STATEMENT}


@pytest.mark.parametrize("name", MUTANTS)
def test_what_the_gate_lets_through_has_no_fault(name):
    answer, _ = MUTANTS[name]
    passed = gate(answer, TEXTS)
    assert faults(passed, TEXTS) == ()
    assert len(passed.notes) == 1
    assert gate(passed, TEXTS) is passed


def test_a_sentence_without_proof_is_withheld_and_the_rest_numbered_anew():
    passed = gate(citing(0, quote="The ferry sank\u00a0in  1995."), TEXTS)
    assert passed.text == "The owner denied everything. [1]"
    assert passed.statements == (Statement("The owner denied everything.", (1,), speaker="the owner"),)
    assert passed.citations == (replace(DENIED, number=1),)
    assert passed.short_answer is None
    assert passed.disagreements == ()
    assert passed.confidence is None
    assert passed.notes == ("1 sentence was withheld because its quote failed the proof.",)


def test_of_a_list_the_words_go_with_their_statement_and_are_numbered_with_it():
    listed = replace(
        saying(1, short_answer=ShortAnswer("owner", 2, 56, 61)),
        citations=(replace(SANK, quote="The ferry sank\u00a0in  1995."), DENIED, RIVALS),
    )
    passed = gate(listed, TEXTS)
    assert [one.short_answer for one in passed.statements] == [ShortAnswer("owner", 1, 56, 61)]
    wrong = gate(saying(1, short_answer=ShortAnswer("1994", 2, 56, 61)), TEXTS)
    assert [one.text for one in wrong.statements] == [one.text for one in ANSWER.statements]
    assert [one.short_answer for one in wrong.statements] == [None, None]


def test_an_answer_without_any_proof_becomes_a_refusal_that_keeps_the_passages():
    passed = gate(
        replace(ANSWER, citations=tuple(replace(c, quote="!" * len(c.quote)) for c in ANSWER.citations)), TEXTS
    )
    assert (passed.answered, passed.text) == (False, "The articles do not answer this question.")
    assert (passed.statements, passed.citations, passed.short_answer, passed.disagreements) == ((), (), None, ())
    assert passed.passages == ANSWER.passages
    assert passed.notes == ("2 sentences were withheld because their quotes failed the proof.",)


def test_false_surroundings_are_left_out_and_the_quote_kept():
    passed = gate(citing(0, prefix="Post news\n\n"), TEXTS)
    assert passed.citations == (replace(SANK, prefix="", suffix=""), DENIED, RIVALS)
    assert passed.statements == ANSWER.statements


def test_a_number_that_two_citations_share_proves_neither():
    passed = gate(citing(2, number=2), TEXTS)
    assert passed.text == "The ferry sank in 1994. [1]"


def test_one_sentence_may_stand_on_the_same_words_in_two_articles_or_on_quotes_in_a_row():
    twice = replace(
        ANSWER,
        text="The ferry sank in 1994. Nobody drowned. [1] [2]",
        statements=(Statement("The ferry sank in 1994. Nobody drowned.", (1, 2)),),
        citations=(SANK, Citation(2, PORT.id, PORT.version, 36, 51, "Nobody drowned.")),
        disagreements=(),
    )
    assert faults(twice, TEXTS) == ()


def test_brackets_in_an_articles_own_words_are_not_taken_for_markers():
    text = "The mayor [3] resigned. [2] He left."
    article = Article(key="wiki", text=text)
    first = Citation(1, article.id, article.version, 0, 27, "The mayor [3] resigned. [2]")
    second = Citation(2, article.id, article.version, 28, 36, "He left.")
    statements = (Statement(first.quote, (1,)), Statement(second.quote, (2,)))
    answer = replace(
        REFUSED,
        answered=True,
        text="The mayor [3] resigned. [2] [1] He left. [2]",
        statements=statements,
        citations=(first, second),
        passages=(),
        articles={article.id: article.reference},
    )
    assert faults(answer, {article.id: text}) == ()
    assert compose(statements) == answer.text


def test_what_can_be_said_without_texts_is_said_without_texts():
    assert inner_faults(ANSWER) == ()
    assert [fault.kind for fault in inner_faults(saying(0, text="The ferry sank in 1995."))] == [K.STATEMENT]


def test_folding_takes_every_white_space_of_unicode_and_nothing_else():
    assert fold("\t a\u00a0\u2003b\r\n\u2028c\u3000") == "a b c"
    assert fold("a\u200bb") == "a\u200bb"


def test_citations_count_code_points_outside_the_basic_plane_once():
    text = "🦆🦆 swim."
    article = Article(key="duck", text=text)
    citation = Citation(1, article.id, hashlib.sha256(text.encode()).hexdigest(), 1, 8, "🦆 swim.")
    answer = replace(
        REFUSED,
        answered=True,
        text="🦆 swim. [1]",
        statements=(Statement("🦆 swim.", (1,)),),
        citations=(citation,),
        passages=(),
        articles={article.id: article.reference},
    )
    assert faults(answer, {article.id: text}) == ()


offsets = st.integers(-3, 90)
mutations = st.fixed_dictionaries(
    {},
    optional={
        "start": offsets,
        "end": offsets,
        "number": st.integers(0, 4),
        "quote": st.text(max_size=9),
        "version": st.sampled_from([PORT.version, RIVAL.version, ""]),
        "article": st.sampled_from([PORT.id, RIVAL.id, ""]),
        "prefix": st.text(max_size=3),
    },
)


@given(
    st.lists(mutations, min_size=3, max_size=3),
    st.permutations(ANSWER.statements),
    st.sampled_from([ANSWER.text, "", "It sank. [1]"]),
    st.booleans(),
)
def test_the_gate_is_tight_for_any_answer(changes, statements, text, answered):
    citations = tuple(replace(c, **change) for c, change in zip(ANSWER.citations, changes, strict=True))
    answer = replace(ANSWER, citations=citations, statements=tuple(statements), text=text, answered=answered)
    passed = gate(answer, TEXTS)
    assert faults(passed, TEXTS) == ()
    for citation in passed.citations:
        assert TEXTS[citation.article][citation.start : citation.end] == citation.quote != ""


def test_the_proof_knows_no_model_and_no_catalog():
    seen = (
        "import sys; import rag; before = set(sys.modules); import rag.verify;"
        "print(sorted(m for m in set(sys.modules) - before if m.split('.')[0] not in sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['rag.types', 'rag.verify']"
