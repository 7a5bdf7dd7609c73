from __future__ import annotations

import json
import random
import sqlite3
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.catalog import Catalog
from rag.commands import run
from rag.config import Settings
from rag.corpus import Corpus
from rag.near_copies import FEWEST_WORDS, SHARED, alike, fingerprint, share, shingles
from rag.origins import near_copies
from rag.repeats import Said, said
from rag.types import Article, Origin, Passage, Reference, SkipKind, SkippedSpan, Span

VOCABULARY = [f"{start}{middle}{end}" for start in "bdfgklmnprst" for middle in ("a", "o", "ei") for end in "lnrstd"]


def words(count: int, seed: object) -> list[str]:
    return random.Random(str(seed)).choices(VOCABULARY, k=count)


def an_article(text: Iterable[str] | str, key: str = "a", title: str | None = None) -> Article:
    return Article(key=key, text=text if isinstance(text, str) else " ".join(text), title=title)


def are_alike(one: Iterable[str] | str, other: Iterable[str] | str, *titles: str) -> bool:
    first, last = (titles[0], titles[-1]) if titles else (None, None)
    left, right = fingerprint(an_article(one, title=first)), fingerprint(an_article(other, title=last))
    assert alike(left, right) == alike(right, left)
    return alike(left, right)


WIRE = words(400, "wire")


# -- two articles ----------------------------------------------------------------------------------------------


def test_a_copy_with_a_rewritten_lead_is_alike():
    assert are_alike(WIRE, [*words(80, "lead"), *WIRE[70:]])


def test_a_copy_that_was_cut_is_alike():
    assert are_alike(WIRE, WIRE[:160])


def test_a_copy_that_was_edited_here_and_there_is_alike():
    assert are_alike(WIRE, [word if at % 25 else "changed" for at, word in enumerate(WIRE)])


def test_a_later_state_with_more_to_tell_is_alike():
    assert are_alike(WIRE, [*WIRE, *words(300, "later")])


def test_case_marks_and_white_space_do_not_matter():
    plain = "“It’s over,” he said. " * 3 + " ".join(WIRE)
    assert fingerprint(an_article(plain)).digest == fingerprint(an_article(plain.upper().replace(" ", "\n"))).digest


def test_two_reports_that_share_a_statement_stay_apart():
    statement = words(120, "statement")
    assert not are_alike([*words(300, 1), *statement], [*statement, *words(300, 2)])


def test_an_excerpt_in_a_round_up_stays_apart():
    assert not are_alike(WIRE[:100], [*words(500, 1), *WIRE[:100], *words(500, 2)])


def test_two_articles_among_the_same_furniture_stay_apart():
    gallery = words(3_000, "gallery")
    assert not are_alike([*words(300, 1), *gallery], [*words(300, 2), *gallery])


def test_what_is_short_is_not_compared():
    assert not are_alike(WIRE[: FEWEST_WORDS - 1], WIRE[: FEWEST_WORDS - 1])
    assert are_alike(WIRE[:FEWEST_WORDS], WIRE[:FEWEST_WORDS])
    assert fingerprint(an_article(WIRE[: FEWEST_WORDS - 1])).buckets() == ()
    assert not are_alike("", "")


def test_a_notice_in_the_place_of_two_articles_is_no_copy():
    notice = " ".join(words(120, "notice"))
    assert not are_alike(notice, notice, "Floods in Ohio", "A new coach for the Rovers")
    assert are_alike(notice, notice, "Floods in Ohio", "Floods in Ohio | The Gazette")


STORM = f"Ohio floods after the storm. {' '.join(WIRE[:150])}"


def test_a_copy_under_a_headline_without_a_word_of_the_text_is_alike():
    edited = STORM.replace(WIRE[60], "changed") + " Correction: an earlier version gave another number."
    assert are_alike(STORM, edited, "Ohio floods", "Rivers burst banks")
    assert are_alike(STORM, edited, "Ohio floods", "Deluge")


def test_where_one_title_only_matches_the_text_a_part_in_common_is_not_enough():
    half = f"{STORM} {' '.join(words(150, 'more'))}"
    assert are_alike(STORM, half, "Ohio floods", "Storm in Ohio")
    assert not are_alike(STORM, half, "Ohio floods", "Rivers burst banks")


def test_a_page_with_something_of_its_own_is_no_copy_of_another_among_its_furniture():
    furniture = " ".join(words(800, "furniture"))
    one, other = f"Ohio floods. {' '.join(words(28, 1))} {furniture}", f"{' '.join(words(30, 2))} {furniture}"
    assert not are_alike(one, other, "Ohio floods", "Rovers coach resigns")


def test_a_notice_with_a_word_of_one_of_its_titles_is_no_copy():
    notice = f"You will agree. {' '.join(words(120, 'notice'))}"
    assert not are_alike(notice, notice, "Will this last?", "A new coach for the Rovers")
    assert not are_alike(notice, notice, "", "A new coach for the Rovers")


def test_what_is_not_body_does_not_count():
    menu, body = " ".join(words(200, "menu")), " ".join(WIRE)
    marked = Article(key="a", text=f"{menu}\n{body}", skipped=(SkippedSpan(0, len(menu), SkipKind.BOILERPLATE),))
    assert fingerprint(marked).digest == fingerprint(an_article(body)).digest


def test_a_script_without_spaces_is_compared_by_its_characters():
    story = "".join(random.Random(1).choices("市議会は月曜日に会合を開き採決を一週間延期した誰も驚かなかった", k=300))
    assert are_alike(story, story[:200])
    assert not are_alike(story, "".join(random.Random(2).sample(story, 300)))


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_the_share_is_that_of_sets_of_words(one: list[str], other: list[str]):
    def runs(text: list[str]) -> set[tuple[str, ...]]:
        return {tuple(text[at : at + 4]) for at in range(len(text) - 3)}

    expected = len(runs(one) & runs(other)) / len(runs(one)) if runs(one) else 0
    assert share(shingles(" ".join(one)), shingles(" ".join(other))) == pytest.approx(expected)


# -- clusters --------------------------------------------------------------------------------------------------

STEP = 100


def version(family: int, place: int) -> str:
    """A text whose first `place` steps are others: neighbours are alike, those further apart are not."""
    return " ".join([*words(500, f"{family} later")[: STEP * place], *words(500, family)[STEP * place :]])


def put(catalog: Catalog, key: str, text: str) -> None:
    catalog.put(Article(key=key, text=text), text.encode(), [Passage(0, len(text), (Span(0, len(text)),))], None)


def clusters(catalog: Catalog) -> set[frozenset[str]]:
    known = {number: reference.key for number, reference in catalog.references()}
    return {frozenset(known[number] for number in cluster) for cluster in catalog.clusters()}


def components(held: dict[str, str]) -> set[frozenset[str]]:
    """The same by comparing each with each."""
    made = {key: fingerprint(an_article(text)) for key, text in held.items()}
    groups = {key: {key} for key in held}
    for one, other in combinations(held, 2):
        met = sum(a == b for a, b in zip(made[one].buckets(), made[other].buckets(), strict=False))
        if met >= SHARED and alike(made[one], made[other]) and groups[one] is not groups[other]:
            groups[one] |= groups[other]
            for key in groups[one]:
                groups[key] = groups[one]
    return {frozenset(group) for group in groups.values() if len(group) > 1}


KEYS = st.sampled_from("abcdefgh")
TEXTS = st.builds(version, st.integers(0, 1), st.integers(0, 4))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(KEYS, st.none() | TEXTS), max_size=24))
def test_clusters_are_those_of_what_is_there_however_it_came_to_be(doings: list[tuple[str, str | None]]):
    """None: the article is removed."""
    with tempfile.TemporaryDirectory() as folder:
        catalog, held = Catalog.open(Path(folder) / "news.db", create=True), dict[str, str]()
        for key, text in doings:
            number = catalog.number_of(key)
            if text is not None:
                put(catalog, key, text)
                held[key] = text
            elif number is not None:
                catalog.remove(number)
                del held[key]
        assert clusters(catalog) == components(held)
        assert list(catalog.copies_faults()) == []
        assert list(catalog.damaged_rows()) == []
        catalog.close()


def test_a_cluster_falls_apart_where_what_held_it_together_goes(tmp_path: Path):
    texts = {str(place): version(0, place) for place in range(5)}
    assert components(texts) == {frozenset("01234")}
    assert components({key: texts[key] for key in "0134"}) == {frozenset("01"), frozenset("34")}
    catalog = Catalog.open(tmp_path / "news.db", create=True)
    for key, text in texts.items():
        put(catalog, key, text)
    assert clusters(catalog) == {frozenset("01234")}
    put(catalog, "2", " ".join(words(300, "another story")))
    assert clusters(catalog) == {frozenset("01"), frozenset("34")}
    put(catalog, "2", texts["2"])
    assert clusters(catalog) == {frozenset("01234")}
    catalog.remove(catalog.number_of("2") or 0)
    assert clusters(catalog) == {frozenset("01"), frozenset("34")}


def test_a_title_that_changes_changes_the_verdict(tmp_path: Path):
    catalog = Catalog.open(tmp_path / "news.db", create=True)
    notice = " ".join(words(120, "notice"))
    for key, title in {"a": "Floods in Ohio", "b": "A new coach for the Rovers"}.items():
        article = Article(key=key, text=notice, title=title)
        catalog.put(article, notice.encode(), [Passage(0, 70, (Span(0, 70),))], None)
    assert clusters(catalog) == set()
    catalog.put_reference(replace(article, title="Floods in Ohio"), notice.encode())
    assert clusters(catalog) == {frozenset("ab")}


def test_an_older_corpus_is_compared_bit_by_bit_to_the_same_end(tmp_path: Path):
    catalog = Catalog.open(tmp_path / "news.db", create=True)
    for number in range(60):
        put(catalog, f"{number}", version(number % 20, number % 2))
    before = clusters(catalog)
    assert len(before) == 20
    catalog.forget_copies()
    assert (clusters(catalog), catalog.not_compared()) == (set(), 60)
    once = iter([True, False])
    assert catalog.compare_waiting(lambda: next(once)) == 10
    put(catalog, "0", version(0, 0))
    assert catalog.compare_waiting(lambda: True) == 0
    assert (clusters(catalog), catalog.not_compared()) == (before, 0)


def test_what_was_made_by_another_recipe_is_forgotten(tmp_path: Path):
    catalog = Catalog.open(tmp_path / "news.db", create=True)
    put(catalog, "a", version(0, 0))
    put(catalog, "b", version(0, 0))
    catalog.set_meta("near_copies", "near-copies/0/00000000")
    put(catalog, "c", version(0, 0))
    assert (clusters(catalog), catalog.not_compared()) == (set(), 2)
    catalog.compare_waiting(lambda: True)
    assert clusters(catalog) == {frozenset("abc")}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sketch SET cluster = NULL WHERE article = 2",
        "DELETE FROM bucket WHERE article = 1",
        "INSERT INTO bucket VALUES (7, 7)",
        "UPDATE sketch SET digest = zeroblob(16) WHERE article = 1",
    ],
)
def test_doctor_finds_wrong_clusters_and_puts_them_right(tmp_path: Path, damage: str):
    chosen = Settings(tmp_path / "news.db", tmp_path / "cache")
    (tmp_path / "a.txt").write_text(". ".join(WIRE).capitalize())
    (tmp_path / "b.txt").write_text(". ".join(WIRE).capitalize())
    with Corpus.open(settings=chosen, create=True) as corpus:
        corpus.add([tmp_path / "a.txt", tmp_path / "b.txt"])
        assert corpus.status().clusters == 1
        assert corpus.doctor() == []
    db = sqlite3.connect(chosen.corpus)
    db.execute(damage)
    db.commit()
    db.close()
    with Corpus.open(settings=chosen) as corpus:
        assert corpus.doctor() != []
        assert all(one.mended for one in corpus.doctor(repair=True))
        assert corpus.doctor() == []
        assert corpus.status().clusters == 1


# -- what a reader is told -------------------------------------------------------------------------------------


def a_reference(id: str, publisher: str | None = None, published: str | None = None, **known: str) -> Reference:
    return Reference(id, "", id, publisher=publisher, published=published, **known)


def test_an_agency_that_some_credit_is_the_origin():
    one, other = a_reference("1", "The Gazette", "2020-01-01"), a_reference("2", "Tribune", agency="Reuters")
    told = near_copies(one, [one, other])
    assert (told.others, told.outlets, told.origin, told.credited) == ((other,), 2, "Reuters", True)


@pytest.mark.parametrize(
    ("dates", "origin"),
    [
        (("2020-01-01", "2020-01-02", "2020-01-03"), "A"),
        (("2020-01-02", "2020-01-01", "2020-01-01"), None),
        (("2020-01-01T09:00:00+02:00", "2020-01-01T08:00:00Z", "2020-01-02"), "A"),
        (("2020-01-01T09:00:00", "2020-01-01T08:00:00Z", "2020-01-02"), None),
        (("2020-01", "2020-01-31", "2020-02-01"), None),
        (("2020-01-01", "2020-01-02", None), None),
        ((None, None, None), None),
    ],
)
def test_else_the_outlet_that_surely_had_it_first(dates: tuple[str | None, ...], origin: str | None):
    cluster = [a_reference(name, name, date) for name, date in zip("ABC", dates, strict=True)]
    told = near_copies(cluster[1], cluster)
    assert (told.outlets, told.origin, told.credited) == (3, origin, False)


def test_when_a_file_was_made_does_not_tell_who_had_it_first():
    file = a_reference("1", "The Gazette", "2020-01-01", published_from=Origin.PROPERTIES)
    assert near_copies(file, [file, a_reference("2", "Tribune", "2020-01-02")]).origin is None


def test_an_outlet_is_counted_once_by_whatever_name():
    cluster = [
        a_reference("1", "The Gazette", url="https://www.gazette.example/a"),
        a_reference("2", "gazette"),
        a_reference("3", url="https://gazette.example/b"),
        a_reference("4"),
    ]
    assert near_copies(cluster[0], cluster).outlets == 1
    assert near_copies(cluster[3], [cluster[3], a_reference("5")]).outlets == 0


def sentences(seed: str, count: int) -> str:
    return " ".join(" ".join(words(12, f"{seed}{number}")).capitalize() + "." for number in range(count))


STORY = "The harbour ferry Osprey ran aground off Duckport on Monday with ninety people aboard. " + sentences(
    "story", 30
)


@pytest.fixture
def corpus(settings: Settings, tmp_path: Path) -> Iterable[Corpus]:
    lines = [
        {"url": "https://one.example/a", "title": "Ferry Osprey runs aground", "text": f"DUCKPORT (Reuters) - {STORY}"},
        {"url": "https://two.example/b", "title": "Osprey ferry aground", "text": STORY, "date": "2020-01-02"},
        {
            "url": "https://three.example/c",
            "title": "Ferry aground off Duckport",
            "text": f"{STORY}\n\nThe captain, Wilhelmina Pochard, blamed a broken rudder cable.",
        },
        {
            "url": "https://four.example/d",
            "title": "Aboard the Osprey",
            "text": "Our reporter was aboard the ferry Osprey when it ran aground. " + sentences("own", 30),
        },
    ]
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    with Corpus.open(settings=settings, create=True) as opened:
        assert opened.add([file]).added == 4
        yield opened


def test_search_shows_one_of_a_cluster_and_names_the_others(corpus: Corpus):
    hits = corpus.search("ferry Osprey aground").hits
    copies = [hit for hit in hits if hit.near_copies is not None]
    # Beside the one that is shown, only what it does not say.
    assert all("Pochard" in hit.text for hit in copies if hit.article.id != copies[0].article.id)
    assert {hit.article.url for hit in hits if hit.near_copies is None} == {"https://four.example/d"}
    told = copies[0].near_copies
    assert told is not None
    assert len(told.others) == 2
    assert (told.outlets, told.origin, told.credited) == (3, "Reuters", True)


def test_no_passage_is_shown_twice_and_places_are_free_for_others(corpus: Corpus):
    hits = corpus.search("ferry Osprey aground", k=2).hits
    assert {hit.near_copies is None for hit in hits} == {True, False}
    many = corpus.search(" ".join(words(6, "story3")), k=20).hits
    assert len({(hit.article.id, hit.passage.start) for hit in many}) == len(many)


def test_what_only_one_of_a_cluster_says_is_found_there(corpus: Corpus):
    hits = corpus.search("captain Wilhelmina Pochard rudder").hits
    assert hits[0].article.url == "https://three.example/c"


def test_a_folded_hit_is_exact_in_the_article_that_is_shown(corpus: Corpus):
    for query in ("ferry Osprey aground", "Pochard rudder cable", " ".join(words(8, "story20"))):
        for hit in corpus.search(query, k=20).hits:
            assert corpus.article(hit.article.id).text[hit.passage.start : hit.passage.end] == hit.text


def test_an_answer_tells_where_else_it_stands(corpus: Corpus):
    answer = corpus.ask("How many people were aboard the ferry Osprey when it ran aground off Duckport?")
    assert answer.answered
    cited = answer.citations[0].article
    assert answer.near_copies[cited].outlets == 3
    assert corpus.near_copies(cited) == answer.near_copies[cited]


def test_clusters_are_told(corpus: Corpus):
    (cluster,) = corpus.clusters()
    assert [one.url for one in cluster] == [
        "https://two.example/b",
        "https://one.example/a",
        "https://three.example/c",
    ]
    status = corpus.status()
    assert (status.clusters, status.in_clusters, status.not_compared) == (1, 3, 0)
    assert corpus.near_copies("https://four.example/d") is None


def test_an_article_taken_out_leaves_its_cluster(corpus: Corpus):
    corpus.remove(["https://two.example/b", "https://one.example/a"])
    assert list(corpus.clusters()) == []
    assert all(hit.near_copies is None for hit in corpus.search("ferry Osprey aground").hits)


def test_the_words_of_a_title_are_those_that_tell():
    assert fingerprint(an_article(WIRE, title="5 things to know: Osprey - The Gazette")).title == {
        "5",
        "thing",
        "know",
        "ospre",
    }


def test_the_commands_tell_of_clusters(corpus: Corpus, capsys: pytest.CaptureFixture[str]):
    common = ["--corpus", str(corpus.settings.corpus)]
    assert run(["list", "--json", *common]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(len(one["also_in"]["articles"]) for one in listed if "also_in" in one) == [2, 2, 2]
    assert run(["status", "--json", *common]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["near_copies"], status["clusters"]) == (3, 1)
    assert run(["show", "https://one.example/a", *common]) == 0
    assert "also in    3 outlets, 1 origin (Reuters)\n" in capsys.readouterr().out
    assert run(["search", "ferry Osprey aground", *common]) == 0
    # Once for each article: the one that is shown, and the one that has the captain, too.
    assert capsys.readouterr().out.count("also in: ") == 2
    assert run(["ask", "How many people were aboard the ferry Osprey?", *common]) == 0
    assert "3 outlets, 1 origin (Reuters)" in capsys.readouterr().out


COURIER, GAZETTE, TRIBUNE = (f"https://{name}.example/ferry" for name in ("courier", "gazette", "tribune"))
SANK = (
    "The harbour ferry Osprey sank off Duckport on Monday after it hit a rock in thick fog. {} people died when the "
    "ferry sank, the coast guard said. {} Rescue boats took the others to the old pier, where doctors and "
    "neighbours waited with blankets and hot tea until late in the evening. The company that runs the line closed it "
    "for the week and promised to help the families. Divers will go down to the wreck as soon as the weather allows "
    "it, the harbour master told reporters, and a court will hear the officers who stood on the bridge that night."
)
COMMON = "Most passengers were asleep in the cabins."


def three(settings: Settings, tmp_path: Path, courier: str, tribune: str = "") -> Corpus:
    told = {GAZETTE: SANK.format("12", COMMON), TRIBUNE: tribune or SANK.format("12", COMMON), COURIER: courier}
    lines = [
        {"url": url, "title": "Ferry Osprey sinks", "publisher": url[8:].partition(".")[0].title(), "text": text}
        for url, text in told.items()
    ]
    file = tmp_path / "ferry.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    opened = Corpus.open(settings=settings, create=True)
    assert opened.add([file]).added == 3
    assert [len(cluster) for cluster in opened.clusters()] == [3]
    return opened


@pytest.mark.parametrize(
    "courier",
    [
        SANK.format("47", COMMON),
        SANK.format("12", COMMON).replace("Monday", "Tuesday"),
        SANK.format("12", COMMON).replace("Duckport", "Gooseport"),
        SANK.format("12", COMMON).replace("Most passengers were", "Most passengers were not"),
    ],
    ids=["number", "day", "name", "negation"],
)
def test_a_near_copy_that_contradicts_is_not_folded_away(settings: Settings, tmp_path: Path, courier: str):
    with three(settings, tmp_path, courier) as corpus:
        hits = corpus.search("ferry Osprey sank passengers").hits
        shown = {hit.article.url: hit for hit in hits}
        assert len(shown) == 2
        assert COURIER in shown
        assert shown[COURIER].near_copies is not None
        assert len(shown[COURIER].near_copies.differing) == 2
        assert shown[COURIER].near_copies.others == ()


def test_two_that_contradict_the_rest_alike_are_shown_as_one(settings: Settings, tmp_path: Path):
    with three(settings, tmp_path, SANK.format("47", COMMON), SANK.format("47", COMMON)) as corpus:
        hits = corpus.search("ferry Osprey sank passengers").hits
        assert sorted(len(hit.near_copies.others) for hit in hits if hit.near_copies) == [0, 1]


def test_a_copy_that_only_words_it_otherwise_is_folded(settings: Settings, tmp_path: Path):
    courier = "DUCKPORT, March 3 (Reuters) - " + SANK.format("Twelve", "Most passengers slept in the cabins.")
    with three(settings, tmp_path, courier) as corpus:
        (hit,) = corpus.search("ferry Osprey sank passengers").hits
        assert hit.near_copies is not None
        assert (len(hit.near_copies.others), hit.near_copies.differing) == (2, ())


def test_beside_a_quote_stand_those_that_hold_it_and_apart_those_that_contradict_it(settings: Settings, tmp_path: Path):
    with three(settings, tmp_path, SANK.format("47", COMMON)) as corpus:
        answer = corpus.ask("How many people died when the ferry sank?")
        cited = {answer.articles[one.article].url: answer.near_copies[one.article] for one in answer.citations}
        for url, copies in cited.items():
            assert (url == COURIER) == (not copies.others)
            assert {one.url for one in copies.differing} == ({GAZETTE, TRIBUNE} if url == COURIER else {COURIER})
            assert copies.outlets == (1 if url == COURIER else 2)
        assert cited
        assert "47 people died" in " ".join(hit.text for hit in answer.passages)


def test_a_copy_without_the_quoted_sentence_is_not_named_beside_it(settings: Settings, tmp_path: Path):
    whole = SANK.format("12", COMMON)
    cut = whole.replace("12 people died when the ferry sank, the coast guard said. ", "")
    with three(settings, tmp_path, cut) as corpus:
        answer = corpus.ask("How many people died when the ferry sank?")
        (cited,) = {one.article for one in answer.citations if "12 people" in one.quote}
        assert {one.url for one in answer.near_copies[cited].others} == {GAZETTE, TRIBUNE} - {
            answer.articles[cited].url
        }
        assert answer.near_copies[cited].differing == ()


@pytest.mark.parametrize(
    ("sentence", "text", "verdict"),
    [
        ("12 people died when it sank.", "Fog. 12 people\ndied when it sank. More.", Said.SAME),
        ("12 people died when it sank.", "Fog. Twelve people died when it sank. More.", Said.SAME),
        ("12 people died when it sank.", "Fog. 47 people died when it sank. More.", Said.OTHERWISE),
        ("1,200 people died when it sank.", "Fog. 1200 people died when it sank.", Said.SAME),
        ("Two people died when it sank.", "Fog. Three people died when it sank.", Said.OTHERWISE),
        ("All who were aboard survived.", "Fog. Not all who were aboard survived.", Said.OTHERWISE),
        ("The crew did not leave the ship.", "Fog. The crew did leave the ship.", Said.OTHERWISE),
        ("The mayor of Duckport called it a shame.", "The mayor of Gooseport called it a shame.", Said.OTHERWISE),
        ("The mayor later called it a shame.", "The mayor then called it a shame.", Said.SAME),
        ("DUCKPORT (Reuters) - It sank in March.", "ROME (AP) — It sank in March.", Said.SAME),
        ("12 people died when it sank.", "A court will hear the officers.", Said.NOT),
        ("12 people died when it sank.", "", Said.NOT),
    ],
)
def test_how_a_text_says_a_sentence(sentence: str, text: str, verdict: Said):
    assert said([sentence], text) is verdict


def test_of_several_sentences_the_worst_counts():
    assert said(["It sank.", "12 people died when it sank."], "It sank. 9 people died when it sank.") is Said.OTHERWISE
    assert said([], "It sank.") is Said.SAME
