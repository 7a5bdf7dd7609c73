"""A draft held against articles: the quote that is chosen, what the model adds, corpus, command, what is shown."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from places import SEEDS
from rich.console import Console

from rag import Corpus, Filters, commands
from rag.answer.model import Doubt, Told
from rag.answer.pairs import Pair
from rag.check import Articles, Checker, usable
from rag.check.claim import Claim, Source, Surroundings
from rag.check.doubts import SURE, UNSURE, Doubted, Model, held_against
from rag.check.judging import Judged, judge
from rag.check.signs import FILE, SIGNS, Fit, fitted
from rag.claims import Checked, CheckedSentence, Differing, Reason, Verdict
from rag.config import Settings
from rag.errors import NotFound, UsageError
from rag.render import drafts
from rag.sentences import sentences
from rag.types import Citation, Reference, Span

TEXTS = {file.name[:3]: file.read_bytes().decode() for file in sorted(SEEDS.iterdir())}


def passages(*texts: str, published: str | None = None) -> list[Surroundings]:
    """Each text as a passage of an article of its own."""
    made = []
    for text in texts:
        source = Source(text, published=published)
        made.append(Surroundings.read(source, Span(0, len(text)), sentences(text)))
    return made


def best(claim: str, *texts: str, model: Model | None = None, fit: Fit | None = None) -> Judged:
    found = judge(Claim.read(claim), passages(*texts), model=model, fit=fit)
    assert found is not None
    return found


def quoted(one: Judged) -> list[str]:
    return [quote.text for quote in one.quotes]


# -- the quote ---------------------------------------------------------------------------------------------------


def test_the_sentence_that_says_it_is_the_quote():
    found = best(
        "The bridge has 40 arches.",
        "It rained in Cork. The bridge at Cork has 40 arches. Nobody came.",
        "The bridge fell.",
    )
    assert (found.supported, found.passage, quoted(found)) == (True, 0, ["The bridge at Cork has 40 arches."])


def test_words_that_are_the_quote_s_own_are_sure():
    assert best("The bridge at Cork has 40 arches.", "The bridge at Cork has 40 arches.").score == 1.0


def test_two_neighbours_are_quoted_where_one_is_not_enough():
    text = "Workers closed the old bridge at Cork. Divers searched the river below it for hours."
    found = best("Workers closed the bridge and divers searched the river.", text)
    assert quoted(found) == [text]


def test_a_fact_that_another_sentence_of_the_article_has_is_quoted_too():
    text = (
        "The ferry sank off the coast of Malta with a cargo of grain. It rained. The harbour master blamed a storm. "
        "The crew of the ferry counted 14 sailors, most of them Greek."
    )
    found = best("The ferry with 14 sailors sank off the coast of Malta with a cargo of grain.", text)
    assert found.supported
    assert quoted(found) == [text[:60], text[text.index("The crew") :]]
    assert found.values[SIGNS.index("further")] == 1


def test_the_other_half_of_a_supported_claim_is_quoted_too():
    text = "The mayor denied that the bridge was sold. It rained. He promised that two new schools would open in Cork."
    found = best("The mayor denied that the bridge was sold and promised new schools in Cork.", text)
    assert found.supported
    assert quoted(found) == [text[:42], text[text.index("He") :]]


def test_a_fact_of_another_article_is_not():
    one = "The ferry sank off the coast of Malta with a cargo of grain."
    other = "The crew of the ferry counted 14 sailors, most of them Greek."
    found = best("The ferry with 14 sailors sank off the coast of Malta with a cargo of grain.", one, other)
    assert not found.supported
    assert [fault.reason for fault in found.faults if fault.decisive] == [Reason.NUMBER]


def test_a_quote_that_denies_the_claim_comes_before_one_that_only_has_its_words():
    denial = "The missile strikes did not kill any US troops."
    words = "Missiles struck where US troops sleep. The commander said that forces killed three men."
    found = best("The missiles killed US troops.", words, denial)
    assert (found.supported, quoted(found)) == (False, [denial])


def test_where_sources_differ_the_one_that_supports_the_claim_is_the_quote():
    found = best(
        "The blast killed 12 people.",
        "The blast in the port killed 47 people.",
        "The blast in the port killed 12 people.",
    )
    assert (found.supported, found.passage) == (True, 1)


def test_what_no_passage_speaks_of_is_unsupported_with_its_words_told():
    found = best("The president of the bank resigned.", "The bridge at Cork has 40 arches.")
    assert not found.supported
    assert {fault.reason for fault in found.faults} == {Reason.DOUBT}
    assert judge(Claim.read("The bridge fell down."), []) is None


# -- the trained model -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Stub:
    """Doubts the words that it is given, in every passage that does not hold them."""

    wrong: Sequence[str] = ()
    tells: str = ""
    """The sentence that it takes the claim to rest on."""
    asked: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)

    def doubts(self, claim: str, passages: Sequence[tuple[str, str]]) -> list[Doubt]:
        self.asked.append((claim, tuple(passages)))
        return [self._doubt(claim, text) for _, text in passages]

    def _doubt(self, claim: str, text: str) -> Doubt:
        places = [(at, at + len(word)) for word, at in _words(claim)]
        logits = [6.0 if claim[s:e] in self.wrong and claim[s:e] not in text else -6.0 for s, e in places]
        offsets = [(at, at + len(word)) for word, at in _words(text)]
        at = text.find(self.tells) if self.tells else -1
        tells = np.array([3.0 if at <= s < at + len(self.tells) else -3.0 for s, _ in offsets], np.float32)
        told = Told(Pair([], 0, offsets), tells, tells, tells, np.zeros(3, np.float32))
        words = tuple((Span(s, e), logit) for (s, e), logit in zip(places, logits, strict=True))
        return Doubt(float(np.logaddexp.reduce(logits)), words, told)


def _words(text: str) -> list[tuple[str, int]]:
    found, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        found.append((word.strip(".,"), at))
        at += len(word)
    return found


@pytest.fixture
def fit(tmp_path: Path) -> Path:
    """A file of fits; in the one with the model its doubt alone decides."""
    file = tmp_path / "check.json"
    kept = {"weights": {"in_quote": 3.0}, "bias": -1.5, "threshold": 0.5}
    model = {"weights": {"doubt": -1.0}, "bias": 0.0, "threshold": 0.5, "doubts": 0.0}
    file.write_text(json.dumps({"words": kept, "model": model}))
    return file


TEXT = "Workers closed the bridge on foot. The mayor opened a school."


def test_words_that_the_model_doubts_make_a_claim_unsupported_and_are_marked(fit: Path):
    claim = "Workers painted the bridge on foot."
    assert best(claim, TEXT, fit=fitted(False, fit)).supported
    found = best(claim, TEXT, model=Stub(wrong=["painted"]), fit=fitted(True, fit))
    assert not found.supported
    assert [(claim[one.start : one.end], one.reason) for one in found.faults] == [("painted", Reason.DOUBT)]
    assert found.values[0] == pytest.approx(6.0, abs=0.01) and found.values[1] == 6.0
    assert best(claim, TEXT, model=Stub(), fit=fitted(True, fit)).supported


def test_the_model_is_asked_once_for_each_claim_with_titles_and_texts():
    stub = Stub()
    judge(Claim.read("The bridge closed."), passages(TEXT, "Other words."), model=stub)
    assert stub.asked == [("The bridge closed.", (("", TEXT), ("", "Other words.")))]


def test_the_sentence_that_the_model_points_at_is_compared_whatever_its_words():
    text = " ".join(
        [*(f"The bridge closed for {n} workers." for n in ("old", "new", "some", "all")), "Nothing stayed open."]
    )
    found = Doubted(*_of(Stub(tells="Nothing stayed open.").doubts("The bridge closed.", [("", text)])[0]))
    (passage,) = passages(text)
    assert found.telling(passage) == passage.sentences[-1]


def _of(one: Doubt):
    return one.words, one.told


def test_a_word_that_one_of_several_passages_supports_is_not_doubted():
    claim, (one, other) = "Workers painted bridges.", passages("Workers slept.", "They painted bridges.")
    both = held_against(claim, [one, other], Stub(wrong=["Workers", "painted", "bridges"]))
    together = Doubted.together([each for each in both if each is not None])
    assert together is not None and together.largest == -6.0
    assert [each.largest for each in both if each is not None] == [6.0, 6.0]


def test_a_claim_without_a_word_is_not_doubted_and_logits_are_bounded():
    told = Stub().doubts("a", [("", "b")])[0].told
    assert Doubted((), told).doubt == SURE
    assert Doubted(((Span(0, 1), 99.0),), told).doubt == UNSURE


def test_a_model_counts_only_once_it_has_been_fitted_how_much(fit: Path):
    stub = Stub()
    assert usable(stub, fit) is stub
    assert usable(object(), fit) is None
    fit.write_text(json.dumps({"words": json.loads(fit.read_text())["words"]}))
    assert usable(stub, fit) is None
    assert fitted(True, fit) == fitted(False, fit)


def test_the_fit_that_ships_names_only_signs_that_there_are():
    kept = json.loads(FILE.read_text("utf-8"))
    for one in kept.values():
        assert set(one["weights"]) <= set(SIGNS)
        assert 0 < one["threshold"] < 1
    assert len(fitted(False).weights) == len(SIGNS)


# -- a corpus ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory):
    """The seeds, by words alone."""
    folder = tmp_path_factory.mktemp("checked")
    with Corpus.open(settings=Settings(folder / "news.db", folder / "cache", model="none"), create=True) as corpus:
        corpus.add([SEEDS])
        yield corpus


def checked(corpus: Corpus, draft: str, **given: Filters) -> Checked:
    """The draft checked; every citation is proved against the corpus, every offset against the draft."""
    found = corpus.check(draft, **given)
    for citation in found.citations:
        text = corpus.article(citation.article).text
        assert text[citation.start : citation.end] == citation.quote
        assert text[: citation.start].endswith(citation.prefix) and text[citation.end :].startswith(citation.suffix)
        assert found.articles[citation.article].version == citation.version
    for one in found.sentences:
        assert draft[one.start : one.end] == one.text
        assert all(draft[each.start : each.end] == each.text for each in one.differing)
        assert all(number in {citation.number for citation in found.citations} for number in one.citations)
    return found


DRAFT = """# Rockets in Iraq

The US has 5,200 troops in Iraq [1]. The Ain al-Asad base was struck by six rockets on Tuesday.
Claims about the Patriot system intercepting the rockets are not true. Who fired them?

“Claims about the Patriot system intercepting the rockets are not true,” Esper said.
The missile strikes killed US troops. The president of France resigned on Sunday.
"""


def test_a_draft_is_checked_sentence_by_sentence(seeds: Corpus):
    found = checked(seeds, DRAFT)
    assert [str(one.verdict) for one in found.sentences] == [
        *("heading", "supported", "unsupported", "supported", "question"),
        *("unsupported", "unsupported", "unsupported"),
    ]
    assert not found.holds
    _, troops, rockets, claims, _, esper, killed, france = found.sentences
    quotes = {citation.number: citation.quote for citation in found.citations}
    assert "5,200 troops in Iraq, part of a US-led" in quotes[troops.citations[0]]
    assert [(one.text, one.reason, one.told) for one in rockets.differing if one.decisive] == [
        ("six", Reason.NUMBER, "the quote has five")
    ]
    assert claims.said_by is not None and claims.said_by.name == "Muhammadi"
    assert claims.citations == esper.citations  # one quote, one number
    assert ("Esper", Reason.SPEAKER, "said by Muhammadi") in [(o.text, o.reason, o.told) for o in esper.differing]
    assert [(one.text, one.reason) for one in killed.differing if one.decisive] == [("killed", Reason.NEGATION)]
    assert ("France", Reason.NAME) in [(one.text, one.reason) for one in france.differing]


def test_every_sentence_of_an_article_is_supported_by_itself(seeds: Corpus):
    text = TEXTS["002"]
    begin, end = text.index("No casualties"), text.index("Read more")
    found = checked(seeds, text[begin:end])
    assert [one.verdict for one in found.sentences] == [Verdict.SUPPORTED] * len(found.sentences)
    assert len(found.sentences) == 4
    assert found.holds
    assert {one.score for one in found.sentences} == {1.0}


def test_a_quotation_is_found_though_nothing_else_of_the_sentence_is_alike(seeds: Corpus):
    found = checked(seeds, "In an office far away a clerk typed the words “the mechanics of it all” once more.")
    assert any("the mechanics of it all" in citation.quote for citation in found.citations)


def test_filters_hold_and_nothing_is_supported_by_what_they_leave_out(seeds: Corpus):
    draft = "The US has 5,200 troops in Iraq."
    assert checked(seeds, draft, filters=Filters(since="2019-12", until="2019-12")).holds
    assert not checked(seeds, draft, filters=Filters(since="2020-04", until="2020-04")).holds
    nowhere = checked(seeds, draft, filters=Filters(until="1999"))
    assert (nowhere.sentences[0].citations, nowhere.sentences[0].score) == ((), 0.0)


@pytest.mark.parametrize("draft", ["", " \n", "x" * 1_000_001])
def test_a_draft_that_is_none_is_told_in_a_line(seeds: Corpus, draft: str):
    with pytest.raises(UsageError) as error:
        seeds.check(draft)
    assert "\n" not in str(error.value)


def test_an_empty_corpus_says_how_to_begin(tmp_path: Path):
    settings = Settings(tmp_path / "news.db", tmp_path, model="none")
    with Corpus.open(settings=settings, create=True) as corpus, pytest.raises(NotFound, match="groundwire add"):
        corpus.check("The bridge fell down.")


def test_a_sentence_that_begins_with_he_brings_the_one_before_it_along():
    asked: list[str] = []

    def search(text: str) -> list[object]:
        asked.append(text)
        return []

    nothing = Articles(search, str, lambda _: pytest.fail("no quotation"), None, 0)  # type: ignore[arg-type]
    Checker(nothing).check("Muhammadi spoke in Ramadi. He blamed militants.")
    assert asked == ["Muhammadi spoke in Ramadi.", "Muhammadi spoke in Ramadi. He blamed militants."]


# -- what is shown -----------------------------------------------------------------------------------------------


def shown(found: Checked) -> str:
    stream = io.StringIO()
    drafts.show(found, Console(file=stream, markup=False, highlight=False, color_system=None, width=200))
    return stream.getvalue()


def test_the_words_that_differ_are_marked_without_colours(seeds: Corpus):
    lines = shown(seeds.check(DRAFT)).splitlines()
    assert "heading: # Rockets in Iraq" in lines
    assert "unsupported: The Ain al-Asad base was struck by {+six+} rockets on Tuesday." in lines
    assert "    number “six”: the quote has five" in lines
    assert "    attributed to Muhammadi in the source" in lines
    assert "question: Who fired them?" in lines
    assert lines[-1] == "2 of 6 sentences supported, 1 heading, 1 question"


def test_live_characters_of_draft_and_article_are_not_shown():
    reference = Reference("0" * 16, "1" * 64, "key", title="A \x1b[31mtitle")
    differing = (Differing(0, 5, "\x1b[2Jx", Reason.NUMBER, "the quote has \u202e9"),)
    one = CheckedSentence(0, 8, "\x1b[2Jx is", Verdict.UNSUPPORTED, (1,), 0.1, differing)
    citation = Citation(1, "0" * 16, "1" * 64, 0, 6, "\x1b]0;q\x07")
    told = shown(Checked((one,), (citation,), {"0" * 16: reference}))
    assert "\x1b" not in told and "\u202e" not in told and "\x07" not in told
    written = drafts.to_json(Checked((one,), (citation,), {"0" * 16: reference}), 2)
    assert "\x1b" not in written and "\u202e" not in written
    assert json.loads(written)["sentences"][0]["text"] == "\x1b[2Jx is"


def test_the_json_is_what_the_page_says(seeds: Corpus):
    found = seeds.check(DRAFT)
    told = json.loads(drafts.to_json(found))
    assert list(told) == ["schema", "holds", "sentences", "citations", "articles", "notes", "timings_ms"]
    assert (told["schema"], told["holds"]) == ("groundwire.check/1", False)
    for key in ("start", "end", "text", "verdict", "citations", "score", "said_by", "differing"):
        assert all(key in one for one in told["sentences"])
    for name in told["sentences"][0] | {"reason": 0, "told": 0, "decisive": 0}:
        assert f"{name}" in (drafts.__doc__ or "")
    assert {one["article"] for one in told["citations"]} <= set(told["articles"])


# -- the command -------------------------------------------------------------------------------------------------


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = commands.run(["check", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_s_exit_code_says_whether_every_claim_is_supported(
    seeds: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    corpus = ["--corpus", str(seeds.settings.corpus), "--model", "none"]
    draft = tmp_path / "draft.md"
    draft.write_text("# Troops\n\nThe US has 5,200 troops in Iraq.\n")
    code, out, err = ran(capsys, str(draft), *corpus)
    assert (code, err) == (0, "")
    assert "1 of 1 sentence supported, 1 heading" in out
    draft.write_text("The US has 5,300 troops in Iraq.\n")
    code, out, _ = ran(capsys, str(draft), "--json", *corpus)
    assert code == 5
    assert json.loads(out)["sentences"][0]["verdict"] == "unsupported"


def test_a_draft_may_come_from_standard_input(
    seeds: Corpus, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"The US has 5,200 troops in Iraq.")))
    code, _, _ = ran(capsys, "-", "--corpus", str(seeds.settings.corpus), "--model", "none")
    assert code == 0


@pytest.mark.parametrize(("content", "code"), [(None, 2), (b"\xff\xfe", 2), (b" \n", 2)])
def test_a_draft_that_cannot_be_read_is_told_in_one_line(
    seeds: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, code: int
):
    file = tmp_path / "draft.md"
    if content is not None:
        file.write_bytes(content)
    found, out, err = ran(capsys, str(file), "--corpus", str(seeds.settings.corpus))
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert err.startswith("groundwire: ")
