"""Where a quote comes from: every level on the seeds, and what must hold of any quote."""

from __future__ import annotations

import io
import json
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import SEEDS
from rich.console import Console

from rag import Corpus, Filters, commands
from rag.alignment import words
from rag.config import Settings
from rag.errors import NotFound, UsageError
from rag.folding import folded, variations
from rag.quotes import Kind, Level, Lookup, Sort
from rag.render import contract, found

TEXTS = {file.name: file.read_bytes().decode() for file in sorted(SEEDS.iterdir())}
CLAIMS = "Claims about the Patriot system intercepting the rockets are not true"
PATRIOT = "000_2ce9419c5abb0b4f.txt"
SPUTNIK = "001_517eb0478e77d970.txt"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory):
    """The seeds, by words alone."""
    folder = tmp_path_factory.mktemp("shelf")
    with Corpus.open(settings=Settings(folder / "news.db", folder / "cache", model="none"), create=True) as corpus:
        corpus.add([SEEDS])
        yield corpus


def places(told: Lookup) -> list[tuple[str, int, int]]:
    """File, start and end of every citation; that each quote stands there is checked against the files."""
    made = []
    for match in told.matches:
        file = Path(match.article.path or "").name
        for citation in match.citations:
            assert TEXTS[file][citation.start : citation.end] == citation.quote
            assert TEXTS[file][max(0, citation.start - 32) : citation.start] == citation.prefix
            assert TEXTS[file][citation.end : citation.end + 32] == citation.suffix
            made.append((file, citation.start, citation.end))
    return made


# -- the levels, offsets counted by hand ------------------------------------------------------------------------


def test_an_exact_quote_is_found_where_it_stands_with_its_speaker(shelf: Corpus):
    told = shelf.lookup(CLAIMS)
    assert (told.level, told.occurrences, told.articles, told.complete) == (Level.EXACT, 1, 1, True)
    assert places(told) == [(PATRIOT, 999, 1068)]
    (match,) = told.matches
    assert match.speaker is not None
    assert (match.speaker.name, match.speaker.start, match.speaker.resolved) == ("Muhammadi", 1071, False)
    assert match.context_text.startswith("“Claims") and match.context_text.endswith("Ain al-Asad base.")
    assert (match.similarity, match.differences, match.but_for) == (1.0, (), ())


def test_every_place_is_found_and_counted_however_few_are_shown(shelf: Corpus):
    told = shelf.lookup("Ain al-Asad", most=3)
    wanted = sum(text.count("Ain al-Asad") for text in TEXTS.values())
    assert (told.occurrences, told.articles, told.complete) == (wanted, 4, True)
    assert len(told.matches) == 3
    assert [match.citations[0].number for match in told.matches] == [1, 2, 3]


@pytest.mark.parametrize(
    "caption",
    [
        "An archive photo of Ain al-Asad base in Anbar Province, western Iraq. AP",
        "BULENT KILICUS soldiers work on a Patriot",
        "The US has 5,200 troops in Iraq as part of an anti-IS coalition [Getty/ Archive]",
        "Asharq Al-awsat English Middle-east",
        "Заголовок открываемого материала",
    ],
)
def test_what_cleaning_skipped_is_found(shelf: Corpus, caption: str):
    told = shelf.lookup(caption)
    assert told.level is Level.EXACT
    assert len(places(told)) == 1


def test_a_quote_that_runs_over_several_passages_is_found(shelf: Corpus):
    text = TEXTS[SPUTNIK]
    told = shelf.lookup(text[300:4100])
    assert told.level is Level.EXACT
    assert places(told) == [(SPUTNIK, 300, 300 + len(text[300:4100].rstrip()))]


@pytest.mark.parametrize(
    ("given_text", "but_for"),
    [
        ("Claims about the  Patriot system\nintercepting the rockets are not true", ("white space",)),
        ("«Claims about the Patriot system intercepting the rockets are not true»", ("quotation marks",)),
        ("Claims about the Pa\u00adtriot system intercepting the rockets are not true", ("forms of characters",)),
    ],
)
def test_other_white_space_and_quotation_marks_do_not_matter(shelf: Corpus, given_text: str, but_for: tuple[str, ...]):
    told = shelf.lookup(given_text)
    assert told.level is Level.MARKS
    assert places(told) == [(PATRIOT, 999, 1068)]
    assert told.matches[0].but_for == but_for


def test_other_dashes_do_not_matter(shelf: Corpus):
    told = shelf.lookup("air defence systems, ballistic missile defence systems into Iraq—particularly to protect")
    assert told.level is Level.MARKS
    assert places(told) == [(SPUTNIK, 1319, 1409)]
    assert told.matches[0].but_for == ("white space", "dashes")


def test_letter_case_is_a_level_of_its_own(shelf: Corpus):
    told = shelf.lookup(CLAIMS.lower())
    assert told.level is Level.CASE
    assert places(told) == [(PATRIOT, 999, 1068)]
    assert told.matches[0].but_for == ("letter case",)


def test_a_quote_with_an_ellipsis_is_found_in_parts(shelf: Corpus):
    told = shelf.lookup("bringing air defence systems … against another potential Iranian attack")
    assert told.level is Level.EXACT
    assert places(told) == [(SPUTNIK, 1310, 1338), (SPUTNIK, 1420, 1460)]
    assert [citation.number for citation in told.matches[0].citations] == [1, 2]
    backwards = shelf.lookup("against another potential Iranian attack … bringing air defence systems")
    assert backwards.level in {Level.CLOSEST, Level.NOWHERE}


def test_what_differs_is_told_numbers_negations_and_names_apart(shelf: Corpus):
    told = shelf.lookup(
        "We are not in the process of bringing six air defence systems, ballistic missile defense systems into Iran"
    )
    assert told.level is Level.CLOSEST
    assert places(told) == [(SPUTNIK, 1285, 1383)]
    differ = [(each.kind, each.sort, each.given, each.found) for each in told.matches[0].differences]
    assert differ == [
        (Kind.ADDED, Sort.NEGATION, "not", ""),
        (Kind.ADDED, Sort.NUMBER, "six", ""),
        (Kind.CHANGED, Sort.WORD, "defense", "defence"),
        (Kind.CHANGED, Sort.NAME, "Iran", "Iraq"),
    ]
    assert told.similarity == pytest.approx(14 / 18, abs=1e-4)  # 14 equal of 18 columns
    assert told.matches[0].speaker is not None
    assert told.matches[0].speaker.name == "General Kenneth McKenzie"


def test_a_negation_that_was_left_out_stands_out(shelf: Corpus):
    told = shelf.lookup("Claims about the Patriot system intercepting the rockets are true")
    (each,) = told.matches[0].differences
    assert (told.level, each.kind, each.sort, each.found) == (Level.CLOSEST, Kind.LEFT_OUT, Sort.NEGATION, "not")
    assert TEXTS[PATRIOT][each.start : each.end] == "not"


@pytest.mark.parametrize(
    "text",
    [
        "The central bank of Peru raised rates by nine points on Thursday evening",
        "he said on Monday that",
        "Timbuktu",
        "The parliament of the country in the city was struck by a ministry of the army",
    ],
)
def test_what_stands_nowhere_is_plainly_nowhere(shelf: Corpus, text: str):
    told = shelf.lookup(text)
    assert (told.level, told.matches, told.occurrences) == (Level.NOWHERE, (), 0)


def test_filters_hold(shelf: Corpus):
    with_date = Filters(since="2020-04", until="2020-04")
    assert {place[0] for place in places(shelf.lookup("Ain al-Asad", filters=with_date))} == {PATRIOT}
    assert shelf.lookup(CLAIMS, filters=Filters(until="2019")).level is Level.NOWHERE
    only = Filters(articles=(next(one.id for one in shelf.articles() if (one.path or "").endswith(SPUTNIK)),))
    assert shelf.lookup(CLAIMS, filters=only).level is Level.NOWHERE
    assert shelf.lookup("soldiers work on a Patriot missile system", filters=only).occurrences == 2


def test_an_article_that_was_added_or_removed_counts_at_once(tmp_path: Path):
    place = Settings(tmp_path / "news.db", tmp_path / "cache", model="none")
    file = tmp_path / "one.txt"
    file.write_text("The bridge was opened on Friday.\n\nPhoto: a very long bridge in the evening sun, Reuters")
    with Corpus.open(settings=place, create=True) as corpus:
        with pytest.raises(NotFound):
            corpus.lookup("a very long bridge")
        corpus.add([SEEDS])
        assert corpus.lookup("a very long bridge in the evening sun").level is Level.NOWHERE
        corpus.add([file])
        assert corpus.lookup("a very long bridge in the evening sun").level is Level.EXACT
        corpus.remove([str(file)])
        assert corpus.lookup("a very long bridge in the evening sun").level is Level.NOWHERE


@pytest.mark.parametrize("text", ["", "  \n", "…", "“ ”", "x" * 20_001])
def test_what_cannot_be_looked_up_is_told_in_a_line(shelf: Corpus, text: str):
    with pytest.raises(UsageError) as error:
        shelf.lookup(text)
    assert "\n" not in str(error.value)


# -- any quote ---------------------------------------------------------------------------------------------------


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, int, int]:
    """A file, and from the beginning of one of its words to the end of another, six words or more."""
    file = draw(st.sampled_from(sorted(TEXTS)))
    found_words = words(TEXTS[file])
    first = draw(st.integers(0, len(found_words) - 6))
    last = draw(st.integers(first + 5, min(first + 200, len(found_words) - 1)))
    return file, found_words[first].start, found_words[last].end


@settings(max_examples=150, deadline=None)
@given(spans())
def test_any_words_of_an_article_are_found_exactly(shelf: Corpus, span: tuple[str, int, int]):
    file, start, end = span
    told = shelf.lookup(TEXTS[file][start:end], most=1000)
    assert told.level is Level.EXACT
    assert span in places(told)


@settings(max_examples=100, deadline=None)
@given(spans(), st.integers(0, 5), st.integers(0, 5))
def test_so_are_words_that_are_cut_at_the_ends(shelf: Corpus, span: tuple[str, int, int], before: int, after: int):
    file, start, end = span
    quote = TEXTS[file][start + before : end - after].strip()
    told = shelf.lookup(quote, most=1000)
    assert told.level is Level.EXACT
    assert all(TEXTS[name][a:b] == quote for name, a, b in places(told))


VARIED = {
    " ": [" ", "  ", "\n", "\u00a0", " \u200b", "\t "],
    "“": ["«", '"', "‘"],
    "”": ["»", '"', "’"],
    "’": ["'", "ʼ"],
    "'": ["’"],
    '"': ["“"],
    "-": ["‑", "–", "—"],
    "–": ["-", "—", "--"],
    "—": ["–", "-"],
}


@settings(max_examples=150, deadline=None)
@given(spans(), st.randoms(use_true_random=False))
def test_marks_may_vary_and_the_span_stays_the_same(shelf: Corpus, span: tuple[str, int, int], chance: random.Random):
    file, start, end = span
    quote = TEXTS[file][start:end]
    varied = "".join(chance.choice([char, *VARIED.get(char, [char])]) for char in quote)
    told = shelf.lookup(varied, most=1000)
    assert told.level is (Level.EXACT if varied == quote else Level.MARKS)
    assert span in places(told)


@settings(max_examples=100, deadline=None)
@given(spans(), st.data())
def test_one_changed_word_is_the_one_that_is_marked(shelf: Corpus, span: tuple[str, int, int], data: st.DataObject):
    file, start, end = span
    quote = TEXTS[file][start:end]
    inner = words(quote)[1:-1]
    word = data.draw(st.sampled_from(inner))
    told = shelf.lookup(quote[: word.start] + "xylophone" + quote[word.end :])
    assert told.level is Level.CLOSEST
    assert places(told)
    # Where the words stand twice in an article, the first place is given.
    match = next(one for one in told.matches if one.citations[0].quote == quote)
    at = match.citations[0].start
    (each,) = match.differences
    assert (each.kind, each.given, each.found) == (Kind.CHANGED, "xylophone", word.text)
    assert (each.start - at, each.end - at) == (word.start, word.end)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="aZ é“”\"'’-–—…. \u00ad\u200b\u202e\x1b[31m<b>\n\t\0ﬁ½", min_size=1, max_size=200))
def test_hostile_texts_never_raise_anything_else(shelf: Corpus, text: str):
    try:
        told = shelf.lookup(text)
    except UsageError:
        return
    json.loads(found.to_json(told))
    console = Console(file=io.StringIO(), markup=False)
    found.show(told, console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[31m" not in shown and "\u202e" not in shown


@given(st.text(alphabet="aB é\u0301“'’--–—…. \u00ad\u200b\nﬁ½ß", max_size=60))
def test_a_folded_text_leads_back_to_its_own_characters(text: str):
    made = folded(text, case=True)
    for place in range(len(made.text)):
        span = made.source(place, place + 1)
        assert 0 <= span.start < span.end <= len(text)
        assert made.text[place] in folded(text[span.start : span.end], case=True).text + " "
    assert folded(made.text, case=True).text == made.text


def test_what_varies_is_named():
    assert variations("a “b” c", 'a "b" c') == ("quotation marks",)
    assert variations("a - b", "a–b") == ("white space", "dashes")
    assert variations("ﬁve", "five") == ("forms of characters",)
    assert variations("Five", "five") == ("letter case",)


# -- what is told --------------------------------------------------------------------------------------------------


def test_the_json_is_as_its_docstring_says_and_cites_as_an_answer_does(shelf: Corpus):
    told = found.to_dict(shelf.lookup(CLAIMS))
    assert told["schema"] == "groundwire.lookup/1"
    assert found.__doc__ is not None
    assert all(name in found.__doc__ for name in told)
    citations, articles = told["citations"], told["articles"]
    assert isinstance(citations, list) and isinstance(articles, dict)
    answer = contract.to_dict(shelf.ask("Who denied that Ain al-Asad was the target of the rockets?"))
    assert citations[0].keys() == answer["citations"][0].keys()  # type: ignore[index]
    assert articles[citations[0]["article"]].keys() == next(iter(answer["articles"].values())).keys()  # type: ignore[attr-defined]
    assert citations[0]["id"].endswith(":999-1068")


def test_what_differs_can_be_read_without_colour(shelf: Corpus):
    console = Console(file=io.StringIO(), markup=False)
    found.show(shelf.lookup(CLAIMS.replace("not", "now") + " of seven"), console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "the rockets are [-not-]{+now+} true" in shown
    assert "negation changed: “not” in the article, “now" in shown


# -- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def groundwire(shelf: Corpus, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Runs `lookup` on the seeds; gives exit code, standard output and standard error."""

    def run(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        monkeypatch.setenv("GROUNDWIRE_CACHE", str(shelf.settings.cache))
        capsys.readouterr()
        code = commands.run(["lookup", *arguments, "--corpus", str(shelf.settings.corpus), "--model", "none"])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_the_command_shows_the_place_and_its_exit_code_says_whether_there_is_one(groundwire):
    code, out, err = groundwire(CLAIMS)
    assert (code, err) == (0, "")
    assert "said by Muhammadi" in out and ":999-1068" in out
    code, out, err = groundwire("The central bank of Peru raised rates by nine points")
    assert code == 3
    assert out.startswith("Nowhere")


def test_the_quote_may_come_from_standard_input_or_a_file(groundwire, tmp_path: Path):
    file = tmp_path / "quote.txt"
    file.write_text(CLAIMS + "\n")
    assert ":999-1068" in groundwire("-", stdin=CLAIMS.encode())[1]
    assert ":999-1068" in groundwire("--file", str(file))[1]
    _, out, err = groundwire(str(file))
    assert ":999-1068" in out
    assert err == f"groundwire: reading the quote from the file {file}\n"


def test_a_batch_answers_each_line_in_order(groundwire):
    lines = [{"text": CLAIMS, "id": "a"}, {"text": "Timbuktu"}, {"txt": 1}, {"text": ""}, {"text": "Baghdad", "id": 7}]
    code, out, err = groundwire("--batch", "-", stdin="\n".join(map(json.dumps, lines)).encode())
    told = [json.loads(line) for line in out.splitlines()]
    assert code == 7
    assert [(one.get("id"), one["level"]) for one in told] == [("a", "exact"), (None, "nowhere"), ("7", "exact")]
    assert [line.split(":")[1] for line in err.splitlines()] == [" -, line 3", " -, line 4"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        ["x" * 20_001],
        ["a", "--file", "b"],
        ["--file", "missing.txt"],
        ["--file", "."],
        ["--batch", "missing.jsonl"],
        ["a", "--most", "0"],
        ["a", "--since", "never"],
    ],
)
def test_bad_input_is_one_clear_line(groundwire, arguments: list[str]):
    code, out, err = groundwire(*arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
