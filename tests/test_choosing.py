"""From what a reader makes of the hits to the answer: which sentences, how many, and which words of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from jsonschema import Draft202012Validator

from rag import Corpus, lexical, query, verify
from rag.answer import compose
from rag.answer.choose import choose, deciding
from rag.answer.form import Form, form
from rag.answer.reader import Candidate, Reading
from rag.catalog import Catalog
from rag.config import PASSAGE_SIZE, Settings
from rag.render.contract import to_dict
from rag.sentences import sentences
from rag.split import passages
from rag.types import Answer, Article, Filters, Hit, Passage, ProducedBy, Span

HEAD = "Treaty\n\n"
FIRST = (
    "Delegates met in Vigo on Monday. France and Spain signed the treaty. Portugal signed it a day later."
    " It had asked for more time. France put its name to it first. Ann Berg led the talks. She praised them all."
)
SECOND = "Italy joined the treaty in May. Nobody else is expected to. Malta and Cyprus stayed away."


def hit_of(name: str, text: str) -> Hit:
    article = Article(key=name, text=HEAD + text)
    start = len(HEAD)
    spans = tuple(Span(one.start + start, one.end + start) for one in sentences(text))
    return Hit(article.reference, Passage(start, start + len(text), spans), text, 0.5)


HITS = [hit_of("first", FIRST), hit_of("second", SECOND)]
TEXTS = {hit.article.id: HEAD + hit.text for hit in HITS}


def reading(*scored: tuple[str, float, str | None], worth: float = 0.2) -> Reading:
    """Sentences by their beginnings, with their scores and short answers."""
    found = []
    for begins, score, short in scored:
        for place, hit in enumerate(HITS):
            for span in hit.passage.sentences:
                text = hit.text[span.start - len(HEAD) : span.end - len(HEAD)]
                if text.startswith(begins):
                    at = span.start + text.index(short) if short else 0
                    words = Span(at, at + len(short)) if short else None
                    found.append(Candidate(place, span, text, score, words))
    assert len(found) == len(scored)
    return Reading(tuple(found), answers=True, strength=1.0, confidence=0.5, worth=worth)


def answer(read: Reading, question: str = "Who signed?", words: int = 60, wanted: Form | None = None) -> Answer:
    asked = query.read(question, lexical.terms)
    forms = {term: (term,) for word in asked.words for term in word.terms}
    wanted = form(question) if wanted is None else wanted
    chosen = choose(read, HITS, words, lexical.terms, wanted, deciding(asked, forms, lexical.terms))
    request = compose.Request(question, words, ProducedBy("0", "none"), form=wanted)
    made = compose.answer(request, chosen, HITS, TEXTS, 0.5)
    assert verify.faults(made, TEXTS) == ()
    return made


def said(made: Answer) -> list[str]:
    return [one.text for one in made.statements]


# -- one thing ---------------------------------------------------------------------------------------------------


def test_further_sentences_are_those_that_are_worth_their_words():
    read = reading(("Ann Berg", 0.5, "Ann Berg"), ("Nobody", 0.1, None), ("Delegates", 0.09, None))
    assert said(answer(read)) == ["Ann Berg led the talks.", "Nobody else is expected to."]


@pytest.mark.parametrize(
    ("best", "words", "expected"),
    [
        ("She praised", 60, ["Ann Berg led the talks. She praised them all."]),
        ("She praised", 8, ["She praised them all."]),
        ("It had asked", 60, ["Portugal signed it a day later. It had asked for more time."]),
        ("Portugal", 60, ["Portugal signed it a day later."]),
        ("Delegates", 60, ["Delegates met in Vigo on Monday."]),
    ],
)
def test_a_sentence_that_leans_on_another_is_quoted_with_it_where_there_is_room(
    best: str, words: int, expected: list[str]
):
    made = answer(reading((best, 0.9, None)), words=words)
    assert said(made) == expected
    assert len(made.text.replace(" [1]", "").split()) <= words


def test_what_is_quoted_already_is_not_brought_and_what_was_brought_not_quoted_again():
    read = reading(("Ann Berg", 0.5, None), ("She praised", 0.4, None))
    assert said(answer(read)) == ["Ann Berg led the talks.", "She praised them all."]
    read = reading(("She praised", 0.5, None), ("Ann Berg", 0.4, None))
    assert said(answer(read)) == ["Ann Berg led the talks. She praised them all."]
    read = reading(("It had asked", 0.5, None), ("Portugal", 0.1, None), ("Ann Berg", 0.01, None))
    assert said(answer(read)) == ["Portugal signed it a day later. It had asked for more time."]


def test_two_back_stops_at_what_is_quoted_already():
    text = "Ann Berg leads the port. She closed it. She opened it at noon."
    hit = hit_of("port", text)
    middle, last = (Candidate(0, hit.passage.sentences[k], t, 0.5) for k, t in ((1, "She closed it."), (2, text[40:])))

    def quoted(*best_first: Candidate) -> list[str]:
        read = Reading(best_first, answers=True, strength=1.0)
        chosen = choose(read, [hit], 60, lambda words: words.split())
        return [text[one.quote.start - 8 : one.quote.end - 8] for one in chosen]

    assert quoted(last, middle) == [text]
    assert quoted(middle, last) == ["Ann Berg leads the port. She closed it.", "She opened it at noon."]


def test_what_makes_the_best_sentence_plain_goes_before_others_and_what_makes_others_plain_behind_them():
    read = reading(("She praised", 0.5, None), ("Italy", 0.4, None))
    assert said(answer(read, words=10)) == ["Ann Berg led the talks. She praised them all."]
    assert len(said(answer(read, words=15))) == 2
    read = reading(("Italy", 0.5, None), ("She praised", 0.4, None), ("Portugal", 0.3, None))
    assert "She praised them all." in said(answer(read, words=16))
    assert "Portugal signed it a day later." in said(answer(read, words=16))


def test_what_a_sentence_leans_on_makes_no_other_a_near_repeat():
    """Of "It had asked …" and the sentence before it, only the first is compared with "Portugal signed it …"."""
    read = reading(("It had asked", 0.5, None), ("France put", 0.4, None), ("France and Spain", 0.3, None))
    assert said(answer(read))[0].startswith("France and Spain signed the treaty.")


def test_the_short_answer_lies_in_the_quote_of_the_best_sentence():
    made = answer(reading(("She praised", 0.5, "them all"), ("Italy", 0.4, "Italy")))
    assert made.short_answer is not None
    assert (made.short_answer.text, made.short_answer.citation) == ("them all", 1)
    assert TEXTS[HITS[0].article.id][made.short_answer.start : made.short_answer.end] == "them all"
    assert not made.is_list


# -- several things ----------------------------------------------------------------------------------------------

WHICH = "Which countries signed the treaty?"


def test_a_sentence_that_enumerates_all_stands_alone():
    read = reading(("Portugal", 0.5, "Portugal"), ("France and Spain", 0.4, "Spain"), ("Italy", 0.3, "Italy"))
    made = answer(read, "Which two countries signed the treaty?")
    assert said(made) == ["France and Spain signed the treaty."]
    assert made.short_answer is not None
    assert made.short_answer.text == "France and Spain"
    assert not made.is_list


def test_each_further_sentence_of_a_list_names_another_thing():
    read = reading(
        ("Portugal", 0.5, "Portugal"),
        ("France put", 0.4, "France"),
        ("Delegates", 0.3, None),
        ("France and Spain", 0.2, "France and Spain"),
        ("Italy", 0.04, "Italy"),
        ("Nobody", 0.01, "Nobody"),
        worth=0.2,
    )
    made = answer(read, WHICH)
    assert said(made) == ["France and Spain signed the treaty.", "Portugal signed it a day later."]
    assert [one.short_answer.text for one in made.statements if one.short_answer] == ["France and Spain", "Portugal"]
    assert made.short_answer == made.statements[0].short_answer
    assert made.is_list
    Draft202012Validator({}).validate(to_dict(made))


def test_what_names_nothing_new_is_no_part_of_a_list():
    read = reading(("France and Spain", 0.5, "Spain"), ("France put", 0.4, "France"), ("Delegates", 0.3, None))
    assert said(answer(read, "Which five countries signed?")) == ["France and Spain signed the treaty."]


def test_a_list_goes_on_below_what_else_is_worth_its_words():
    read = reading(("Portugal", 0.5, "Portugal"), ("Italy", 0.04, "Italy"), ("Nobody", 0.01, "Nobody"))
    assert said(answer(read, WHICH)) == ["Portugal signed it a day later.", "Italy joined the treaty in May."]
    assert said(answer(read, "Who signed?")) == ["Portugal signed it a day later."]
    assert said(answer(read, WHICH, words=9)) == ["Portugal signed it a day later."]


def test_what_the_reader_enumerates_comes_before_what_the_sentence_goes_on_with():
    read = reading(("France and Spain", 0.5, "Spain"), ("Malta", 0.4, "Malta and Cyprus"))
    assert said(answer(read, "Which two countries signed?")) == ["Malta and Cyprus stayed away."]


def test_where_the_reader_finds_no_words_there_is_no_list():
    read = reading(("Portugal", 0.5, None), ("Italy", 0.4, None), ("France put", 0.05, None))
    made = answer(read, WHICH)
    assert said(made) == ["Portugal signed it a day later.", "Italy joined the treaty in May."]
    assert not made.is_list


# -- yes or no, one of two ---------------------------------------------------------------------------------------


def test_yes_or_no_is_answered_by_the_sentence_that_decides_it_and_has_no_short_answer():
    read = reading(("Delegates", 0.5, "Vigo"), ("Italy", 0.4, "Italy"), ("Ann Berg", 0.05, "Ann Berg"))
    made = answer(read, "Did Italy join the treaty?", words=9)
    assert said(made) == ["Italy joined the treaty in May."]
    assert made.short_answer is None
    # One that is worth too little decides nothing.
    assert said(answer(read, "Did Ann Berg lead them?", words=9)) == ["Delegates met in Vigo on Monday."]


@pytest.mark.parametrize(
    ("sentence", "decides"),
    [
        ("Italy joined the treaty in May.", True),
        ("Italians joined it.", False),  # the subject is not named
        ("Italy is a country.", False),  # nothing is said of it
    ],
)
def test_a_sentence_decides_that_names_the_subject_and_says_something_of_it(sentence: str, decides: bool):
    asked = query.read("Did Italy join the treaty?", lexical.terms)
    forms = {term: (term,) for word in asked.words for term in word.terms}
    assert deciding(asked, forms, lexical.terms)(sentence) is decides


def test_of_a_choice_one_option_is_the_short_answer():
    read = reading(("Delegates", 0.5, "Vigo"), ("Portugal", 0.4, "a day later"))
    made = answer(read, "Was it Portugal or Greece?")
    assert made.short_answer is not None
    assert (made.short_answer.text, made.short_answer.citation) == ("Portugal", 2)


# -- a refusal ---------------------------------------------------------------------------------------------------


def stored(settings: Settings, dates: Sequence[str | None]) -> Settings:
    catalog = Catalog.open(settings.corpus, create=True)
    for number, published in enumerate(dates):
        article = Article(
            key=f"{number}.txt", text=f"Ferry number {number} left the port of Vigo.", published=published
        )
        catalog.put(article, b"", passages(article.text, (), PASSAGE_SIZE), None)
    catalog.close()
    return settings


NOWHERE = "Who sang at the Games of Lima"


def test_a_refusal_says_of_when_the_articles_are(settings: Settings):
    dates = ["2020-03-09T10:00:00", "2020-01-03", "2020-02", None, None]
    with Corpus.open(settings=stored(settings, dates)) as corpus:
        coverage = corpus.ask(f"{NOWHERE} in February 2020, in 2021 and on 9 March 2020?").coverage
        assert coverage is not None
        assert (coverage.articles, coverage.undated) == (5, 2)
        assert (coverage.first, coverage.last) == ("2020-01-03", "2020-03-09")
        assert coverage.missing == ("2021",)
        within = corpus.ask(f"{NOWHERE} in January 2020?", filters=Filters(since="2020-02-01")).coverage
        assert within is not None
        assert (within.articles, within.undated, within.first) == (2, 0, "2020-02")
        assert within.missing == ("2020-01",)


def test_where_nothing_is_dated_there_is_no_first_day(settings: Settings):
    with Corpus.open(settings=stored(settings, [None])) as corpus:
        coverage = corpus.ask(f"{NOWHERE}?").coverage
        assert coverage is not None
        assert (coverage.articles, coverage.undated, coverage.first, coverage.last) == (1, 1, None, None)
