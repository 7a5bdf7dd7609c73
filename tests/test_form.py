"""What form of answer a question asks for, which sentences lean on others, and where a short answer begins and ends."""

from __future__ import annotations

import pytest

from rag.answer.form import Form, form
from rag.answer.leaning import brought, leans
from rag.answer.short import items, option, whole
from rag.sentences import sentences
from rag.types import Span

# -- the form of the answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Which countries signed the treaty?",
        "Which two countries did NATO formally invite to join its alliance this week?",
        "At which two Iraqi bases were Patriot batteries set up on the same Monday?",
        "Which two airfields did Iran's ballistic missiles strike in revenge for Soleymani?",
        "What are the three sources of European Union law?",
        "What are the causes of the strike?",
        "What were the names of the victims?",
        "Who were the signatories of the agreement?",
        "Who were killed in the attack?",
        "Who are the candidates for mayor?",
        "Name the countries that border Iraq.",
        "Name three members of the coalition.",
        "List all bases that were attacked.",
        "List the groups that claimed the attack.",
        "What other names did it have in Roman times?",
        "What types of weapons did they find?",
        "Which European countries have closed their borders?",
        "Which Iraqi bases were hit in January?",
        "What countries had higher statutory tax rates than the United States in 2005?",
        "The talks ended in May. Which parties took part?",
        "In which cities did people protest?",
        "Which people were arrested?",
        "What are some injuries that are common in women's ice hockey?",
        "What four companies won contracts?",
        "From which countries do most visitors come?",
        "Which companies make the vaccine?",
        "What reasons did he give for resigning?",
    ],
)
def test_it_asks_for_several_things(question: str):
    assert form(question).several


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "Who is the prime minister?",
        "Who was killed alongside Suleimani?",
        "Which company manufactures the C-RAM system?",
        "What gas do plants take in for photosynthesis?",
        "What sort of unrest held Iraq in its grip when the five rockets fell?",
        "What happens next?",
        "What causes cancer?",
        "Who are the Houthis?",
        "What are quarks?",
        "What are the attackers called?",
        "Which news agency reported it?",
        "Which of the two bases was hit first?",
        "Which one of its products did Coca-Cola discontinue?",
        "What two-time champion lost?",
        "How many countries signed the treaty?",
        "Where are many Americans moving?",
        "Name the capital of France.",
        "Name the country that borders Iraq.",
        "Which airline announced a deal this week to buy Spirit Airlines?",
        "Did the countries sign?",
        "When did the countries sign the treaty?",
        "Which virus is spreading?",
        "Which US national park was impacted by severe flooding this week that washed out roads and bridges?",
        "Which of these shows had the most nominations?",
        "Which show received the most nominations for the 2022 Emmy Awards?",
        "Which London borough is the cheapest to rent in?",
        "The COO of which company was arrested and accused of biting a man’s nose after a college football game?",
        "Which 23-time grand slam tennis champion is set to retire after the US Open?",
        "Who keeps insisting that American soldiers should leave their bases in Iraq?",
        "What made Kazemi send the counter-terrorism force?",
        "What did the fighters do after they were set free?",
        "What does Washington want?",
        "What is Boss Hogg's first name?",
        "Which general commands the troops?",
        "What makes planes fly?",
        "What drives prices?",
        "Who leads the talks?",
        "Which minister says taxes will rise?",
        "What name was given to the twins?",
        "What 2 percent target was missed?",
        "Which president met ministers?",
        "What are they called?",
        "Who are they?",
        "To whom did the articles apply?",
    ],
)
def test_it_asks_for_no_list(question: str):
    assert not form(question).several


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("Which two countries signed?", 2),
        ("What are the three sources of law?", 3),
        ("Name 5 members of the team.", 5),
        ("At which two bases were they set up?", 2),
        ("Which countries signed?", None),
        ("Which 50 countries signed?", None),
    ],
)
def test_how_many_it_asks_for(question: str, count: int | None):
    assert form(question).count == count


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Did Iran warn Iraq?", Form(yes_or_no=True)),
        ("isn’t it closed?", Form(yes_or_no=True)),
        ("The governor signed the bill on Monday. Did the court object?", Form(yes_or_no=True)),
        ("Did he resign or not?", Form(yes_or_no=True)),
        ("Was anybody killed or wounded?", Form(yes_or_no=True)),
        ("Were five or more killed?", Form(yes_or_no=True)),
        ("Was it Iran or Iraq?", Form(options=("Was it Iran", "Iraq"))),
        ("Which is older, Rome or Athens?", Form(options=("Which is older, Rome", "Athens"))),
        ("Who or what hit the base?", Form()),
        ("Who is the U.S. president?", Form()),
        ("Island life: who lives there?", Form()),
        ("", Form()),
    ],
)
def test_yes_or_no_or_one_of_two(question: str, expected: Form):
    assert form(question) == expected


# -- sentences that lean on others -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "He said the rockets fell in the desert.",
        "“He is fine,” said the doctor.",
        "But he did not say when.",
        "However, she denied it.",
        "They were taken to hospital.",
        "It closed on Monday.",
        "The latter declined to comment.",
        "His brother was there.",
        "Their leaders met on Friday.",
        "Its shares rose.",
        "This was the third attack.",
        "These attacks have become common.",
        "Those rockets were made in Iran.",
        "Both sides agreed.",
        "Such attacks are rare.",
        "The company said it would appeal.",
        "The minister resigned on Friday.",
        "The company’s shares fell.",
        "The 25-year-old singer was arrested.",
        "The two men were arrested.",
        "The attack only resulted in material damage.",
    ],
)
def test_it_leans_on_what_stands_before_it(sentence: str):
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Ann Berg leads the port of Vigo.",
        "It is not known whether he survived.",
        "It was the first time that Iran had done so.",
        "This week the president met Putin.",
        "This year’s Oscars were held in May.",
        "Those who were hurt have gone home.",
        "Both Iran and Iraq agreed.",
        "Such as it is, the deal holds.",
        "The president of Iran resigned.",
        "The company that makes Botox said so.",
        "The company Apple rose.",
        "The minister Ali Hassan resigned.",
        "The attack on Ain al-Asad was the third.",
        "Her Majesty opened the session.",
        "The Pentagon said so.",
        "That Tuesday, Biden flew home.",
        "The Iraqi minister said so.",
        "Ships were told to wait outside.",
        "Itaewon was closed.",
        "The group’s leader Ali Hassan said so.",
    ],
)
def test_it_stands_by_itself(sentence: str):
    assert not leans(sentence)


TEXT = "Ann Berg leads the port of Vigo. She closed it to ferries on Monday. It will open in May. Ships wait outside."


@pytest.mark.parametrize(
    ("place", "room", "first"),
    [
        (0, 60, 0),
        (1, 60, 0),
        (2, 60, 0),  # two back: the one before it leans, too
        (2, 13, 1),  # no room for both
        (2, 6, 2),
        (3, 60, 3),
    ],
)
def test_what_it_leans_on_is_brought_as_far_as_there_is_room(place: int, room: int, first: int):
    assert brought(TEXT, 0, sentences(TEXT), place, room) == first
    shifted = [Span(one.start + 100, one.end + 100) for one in sentences(TEXT)]
    assert brought(TEXT, 100, shifted, place, room) == first


def test_only_two_are_brought():
    text = "Ann Berg leads the port. She closed it. She opened it again. She closed it for good."
    assert brought(text, 0, sentences(text), 3, 60) == 1


def test_what_is_no_body_or_no_sentence_is_not_brought():
    text = "Ann Berg leads the port. ADVERTISEMENT She closed it on Monday."
    assert brought(text, 0, (Span(0, 24), Span(39, len(text))), 1, 60) == 1
    assert brought("Vigo She closed it on Monday.", 0, (Span(0, 4), Span(5, 29)), 1, 60) == 1


# -- the short answer --------------------------------------------------------------------------------------------


def at(sentence: str, words: str) -> Span:
    start = sentence.index(words)
    return Span(start, start + len(words))


@pytest.mark.parametrize(
    ("sentence", "short", "expected"),
    [
        ("France, Spain and Italy signed the treaty.", "Spain", "France, Spain and Italy"),
        ("In France, Spain and the United Kingdom, they voted.", "France", "France, Spain and the United Kingdom"),
        ("It was signed by the Netherlands, and Belgium.", "Belgium", "Netherlands, and Belgium"),
        ("Bases at Ain al-Asad and Harir were hit.", "Harir", "Ain al-Asad and Harir"),
        ("He met Ali Hassan, head of the group, and left.", "Ali Hassan", "Ali Hassan"),
        ("France and Spain signed, Italy did not.", "Italy", "Italy"),
        ("It closed on Monday.", "Monday", "Monday"),
        ("Both he and Ann Berg left.", "Ann Berg", "Ann Berg"),
    ],
)
def test_the_whole_enumeration_answers(sentence: str, short: str, expected: str):
    span = whole(sentence, at(sentence, short))
    assert sentence[span.start : span.end] == expected


@pytest.mark.parametrize(
    ("words", "count"),
    [("France, Spain and Italy", 3), ("France, Spain, and Italy", 3), ("France", 1), ("a & b", 2), ("", 0)],
)
def test_the_things_of_an_enumeration_are_counted(words: str, count: int):
    assert items(words) == count


@pytest.mark.parametrize(
    ("question", "sentence", "short", "expected"),
    [
        ("Was it Iran or Iraq?", "Officials blamed Iraq for it.", "Officials", "Iraq"),
        ("Was it Iran or Iraq?", "Officials blamed the militias.", "militias", "militias"),
        ("Was it Iran or Iraq?", "Iran, not Iraq, was blamed.", "Iran", "Iran"),
        ("Was it Iran or Iraq?", "Iran, not Iraq, was blamed.", "blamed", None),
        ("Was it Iran or Iraq?", "Iraqis were blamed.", None, None),
        ("Was the base hit or was it missed?", "The rockets missed the camp.", None, "missed"),
        ("Who won, Donald Trump or Joe Biden?", "Biden was declared the winner over Donald Trump.", "Biden", "Biden"),
        ("Which is older, Rome or Athens?", "Athens is far older.", "far older", "Athens"),
    ],
)
def test_one_of_both_options_answers(question: str, sentence: str, short: str | None, expected: str | None):
    options = form(question).options
    assert options is not None
    span = option(options, sentence, at(sentence, short) if short else None)
    assert (span and sentence[span.start : span.end]) == expected
