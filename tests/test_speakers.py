"""Who speaks, by hand on the seeds; the name is exact, and where it is not certain there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SEEDS

from rag.quotes import Speaker
from rag.speakers import speaker


def seed(number: int) -> str:
    (file,) = SEEDS.glob(f"00{number}_*")
    return file.read_bytes().decode()


def says(text: str, words: str) -> str | None:
    """Who says the words in the text; that the name stands at its offsets is checked on the way."""
    start = text.index(words)
    found = speaker(text, start, start + len(words))
    if found is None:
        return None
    assert text[found.start : found.end] == found.name
    return found.name + (" (he)" if found.resolved else "")


IN_SEEDS = [
    (0, "Claims about the Patriot system intercepting the rockets are not true", "Muhammadi"),
    (0, "the rockets landed about 40 km", "Muhammadi"),
    (0, "denied that the attack targeted Ain al-Asad base", "Maj. Gen. Qassim al-Muhammadi"),
    (0, "the rockets fell in the desert", "Muhammadi (he)"),
    (0, "training of Iraqi forces will resume after Ramadan", "Myles B. Caggins"),
    (0, "has supported Iraq with more than four billion dollars", "Caggins"),
    (0, "the coalition will continue to provide assistance", "Caggins (he)"),
    (0, "Patriot batteries intercepted two rockets", "Iraqi security sources"),
    (0, "fell in Al Mamurah village", "the sources"),
    (0, "The attack only resulted in material damage.", None),
    (0, "Conflicting News About US Patriot System", None),
    (1, "We are in the process of bringing air defence systems", "General Kenneth McKenzie (he)"),
    (1, "air defence systems", "General Kenneth McKenzie"),
    (1, "permission", "Defence Secretary Mark Esper"),
    (1, "working with the Iraqi government", "Joint Chiefs Chairman Mark Milley"),
    (1, "the mechanics of it all", "Joint Chiefs Chairman Mark Milley"),
    (1, "on its own terms", "White House National Security Adviser Robert O'Brien"),
    (1, "the country pay the US back", "President Trump"),
    (1, "look pale in comparison", None),  # two were named before "he"
    (2, "temporarily", "US Defence Secretary Mark Esper"),
    (2, "killed three terrorists and destroyed a vehicle", "Noman Zobaei"),
    (2, "north of the Iraqi capital where", "Iraqi security source"),
    (2, "No casualties were reported", None),
    (3, "traumatic brain injuries", "the Pentagon"),
    (3, "two projectiles fell outside the base", "The Security Media Cell"),
    (3, "security forces have launched an investigation", "The Security Media Cell (he)"),
    (3, "International Resistance", None),
    (3, "strongly worded", None),
    (4, "A Katyusha-type rocket fired from Ali Al-Saleh area", "the Iraqi statement"),
    (4, "It is time to shift the focus", "the US"),
    (4, "The US is cutting its troop levels", "Al-Mayadeen media"),
    (4, "There were claims the US had deployed a C-RAM system", None),
    (4, "At the same time, our troops were able to thwart", None),  # nobody is named for this quotation
]


@pytest.mark.parametrize(("number", "words", "who"), IN_SEEDS)
def test_who_speaks_in_the_seeds(number: int, words: str, who: str | None):
    assert says(seed(number), words) == who


FORMS = [
    ("“It is over,” Jane Smith, the mayor, said on Monday.", "It is over", "Jane Smith"),
    ("“It is over,” said Jane Smith.", "It is over", "Jane Smith"),
    ('"It is over," according to the Pentagon.', "It is over", "the Pentagon"),
    ("Jane Smith told reporters: “It is over. We go home.”", "We go home", "Jane Smith"),
    ("“It is over,” Smith said. “We go home.”", "We go home", "Smith"),
    ("“It is over.” Smith said on Monday that the city was safe.", "It is over", None),
    ("“It is over,” he said.", "It is over", None),
    ("John Brown said he was ill. “It is over,” he said.", "It is over", "John Brown (he)"),
    ("John Brown said it was late. Paul Green said it was early. “It is over,” he said.", "It is over", None),
    ("John Brown said he had met Paul Green. “It is over,” he said.", "It is over", None),
    ("Ms. Brown said it was late. “It is over,” he said.", "It is over", None),
    ("The Ministry said it was late. “It is over,” she said.", "It is over", None),
    ("“It is over, and there is more to come,\n\n“It goes on,” Smith said.", "It is over", None),
    ("Smith said: “It is over.\n\n“We go home.”", "We go home", "Smith"),
    ("It is over.", "It is over", None),
    ("On Monday said nobody anything.", "nobody", None),
]


@pytest.mark.parametrize(("text", "words", "who"), FORMS)
def test_who_speaks_by_the_form_of_the_sentence(text: str, words: str, who: str | None):
    assert says(text, words) == who


@given(
    st.text(alphabet='Aa “”"‘’.,\n\tsaid heSmith—\u202e\x1b[', max_size=300), st.integers(-5, 320), st.integers(-5, 320)
)
def test_hostile_texts_have_a_speaker_inside_them_or_none(text: str, start: int, end: int):
    found = speaker(text, start, end)
    assert found is None or (isinstance(found, Speaker) and text[found.start : found.end] == found.name)


@pytest.mark.parametrize("text", ["A " * 9000, "A-" * 9000, "said " * 4000, "“" * 19000, "the " * 4000, ", A" * 6000])
def test_long_hostile_paragraphs_take_no_time(text: str):
    assert speaker(text, 100, 110) is None or True
