"""The catalog, the lexical index and the vector index: that they agree, and that an index can always be had again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import lexical, vectors
from rag.catalog import Catalog
from rag.indexes import Indexes
from rag.lexical import LexicalIndex, terms
from rag.locks import held
from rag.scope import Scope
from rag.types import Article, Filters, Passage, Span
from rag.vectors import StoreUnusable, VectorStore, exact_search, pack, unpack

DIMENSIONS = 8
EVERYTHING = Scope()
OUTLETS = ("The Wire", "Daily Bugle", None)


def vector_of(seed: int) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
    return made / np.linalg.norm(made)


def put(catalog: Catalog, key: str, words: str = "rockets hit the base", **known: object) -> int:
    article = Article(key=key, text=words, title=key, **known)  # type: ignore[arg-type]
    passage = Passage(0, len(words), (Span(0, len(words)),))
    catalog.put(article, words.encode(), [passage], pack(vector_of(sum(key.encode()))[None]))
    number = catalog.number_of(key)
    assert number is not None
    return number


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog.open(tmp_path / "news.db", create=True)
    yield opened
    opened.close()


@pytest.fixture
def indexes(catalog: Catalog, tmp_path: Path) -> Iterator[Indexes]:
    made = Indexes(catalog, tmp_path / "cache")
    yield made
    made.close()


def found_articles(catalog: Catalog, hits: list) -> set[int]:
    return {one.article for one in catalog.passages(hit.number for hit in hits).values()}


def stamp(indexes: Indexes, name: str) -> dict:
    return json.loads((indexes.folder / f"{name}.json").read_text())


# -- words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. troops", ["the", "us", "troop"]),
        ("US troops’", ["us", "troop"]),
        ("chargé d’affaires", ["charg", "daffair"]),
        ('AT&T, C++ and [brackets] "quotes"', ["at", "t", "c", "and", "bracket", "quot"]),
        ("107-mm. rockets", ["107", "mm", "rocket"]),
        ("", []),
        ("\x00\x1b[31m", ["31m"]),
    ],
)
def test_words_become_terms(text: str, expected: list[str]):
    assert terms(text) == expected


def test_title_and_publisher_are_searched_too():
    index = LexicalIndex.open(None)
    fields = {"first_day": 1, "last_day": 1, "undated": False, "outlet": 1}
    index.apply(
        [],
        [
            lexical.LexicalDocument(number=1, article=1, title="Rockets", body="nothing", publisher="", **fields),
            lexical.LexicalDocument(number=2, article=2, title="", body="nothing", publisher="Daily Rocket", **fields),
            lexical.LexicalDocument(number=3, article=3, title="", body="one rocket here", publisher="", **fields),
            lexical.LexicalDocument(number=4, article=4, title="", body="nothing", publisher="", **fields),
        ],
    )
    assert [hit.number for hit in index.search(["rocket"], 9, EVERYTHING)] == [3, 1, 2]


# -- agreement -------------------------------------------------------------------------------------------------

days = st.dates(date(2019, 11, 1), date(2020, 3, 1))
published = st.one_of(
    st.none(),
    days.map(str),
    days.map(lambda day: str(day)[:7]),
    days.map(lambda day: str(day)[:4]),
    days.map(lambda day: f"{day}T10:15:00+02:00"),
)
filters = st.builds(
    Filters,
    since=st.one_of(st.none(), days.map(str), days.map(lambda day: str(day)[:7])),
    until=st.one_of(st.none(), days.map(str), days.map(lambda day: str(day)[:7])),
    undated=st.booleans(),
    publishers=st.sampled_from([(), ("the wire",), ("Daily Bugle", "The Wire")]),
).filter(lambda made: not (made.since and made.until and made.since > made.until + "~"))


def overlaps(said: str | None, since: str | None, until: str | None, *, undated: bool) -> bool:
    """Worked out a second way: over the days themselves."""
    if since is None and until is None:
        return True
    if said is None:
        return undated
    day, last = date(2018, 1, 1), date(2021, 12, 31)
    while day <= last:
        after = since is None or str(day)[: len(since)] >= since
        before = until is None or str(day)[: len(until)] <= until
        if after and before and str(day).startswith(said[:10]):
            return True
        day += timedelta(days=1)
    return False


@given(st.lists(st.tuples(published, st.sampled_from(OUTLETS)), min_size=4, max_size=12), st.lists(filters, max_size=6))
@settings(max_examples=12, deadline=None)
def test_filters_hold_alike_in_catalog_lexical_and_vector_index(
    tmp_path_factory: pytest.TempPathFactory, made: list, asked: list[Filters]
):
    folder = tmp_path_factory.mktemp("agree")
    catalog = Catalog.open(folder / "news.db", create=True)
    # Every publisher that is asked for has to be there.
    articles = [*made, (None, "The Wire"), ("2020-01-05", "Daily Bugle")]
    numbers = {
        put(catalog, f"a{n}", published=date_, publisher=outlet): (date_, outlet)
        for n, (date_, outlet) in enumerate(articles)
    }
    indexes = Indexes(catalog, folder / "cache")
    indexes.follow()
    for wanted in [*asked, Filters()]:
        names = {name.casefold() for name in wanted.publishers}
        expected = {
            number
            for number, (said, outlet) in numbers.items()
            if overlaps(said, wanted.since, wanted.until, undated=wanted.undated)
            and (not names or (outlet or "").casefold() in names)
        }
        scope = catalog.scope(wanted)
        assert catalog.articles_in(scope) == len(expected)
        assert found_articles(catalog, indexes.search_lexical(terms("rockets"), 99, scope)) == expected
        assert found_articles(catalog, indexes.search_dense(vector_of(1), 99, scope)) == expected
        exact = exact_search(vector_of(1), catalog.vectors(scope), 99)
        assert found_articles(catalog, exact) == expected
        covered = {one.number for one in catalog.places(list(numbers)) if scope.covers(one.first_day, one.last_day)}
        assert covered == {
            number
            for number, (said, _) in numbers.items()
            if overlaps(said, wanted.since, wanted.until, undated=wanted.undated)
        }
    indexes.close()
    catalog.close()


def test_dense_scores_are_cosines_in_both_ways_of_searching(catalog: Catalog, indexes: Indexes):
    for name in "abcdefgh":
        put(catalog, name)
    query = vector_of(3)
    exact = exact_search(query, catalog.vectors(EVERYTHING), 5)
    expected = sorted((float(query @ vector_of(ord(name))) for name in "abcdefgh"), reverse=True)[:5]
    assert [hit.score for hit in exact] == pytest.approx(expected, abs=2e-3)
    indexes.follow()
    assert [(hit.number, hit.score) for hit in indexes.search_dense(query, 5, EVERYTHING)] == [
        (hit.number, pytest.approx(hit.score, abs=1e-3)) for hit in exact
    ]


@pytest.mark.parametrize(("asked_on", "expected"), [(None, "acb"), ("2022-03-10", "cab"), ("2022-06-01", "acb")])
def test_of_the_nearest_passages_those_of_the_days_asked_about_count_more(
    catalog: Catalog, indexes: Indexes, asked_on: str | None, expected: str
):
    from llama_index.core.embeddings import MockEmbedding

    from rag.retrieve import HybridRetriever

    for name, day in (("a", "2020-01-01"), ("b", None), ("c", "2022-03-08")):
        put(catalog, name, published=day)
    near = sorted("abc", key=lambda name: -float(vector_of(ord("a")) @ vector_of(ord(name))))
    assert near == list("acb")
    asked = HybridRetriever(catalog, indexes, MockEmbedding(embed_dim=DIMENSIONS), asked_on=asked_on)
    assert [hit.article.key for hit in asked.hits("xylophone", vector_of(ord("a")))] == list(expected)


def test_exact_search_over_many_batches_is_search_over_all():
    made = np.random.default_rng(0).normal(size=(500, DIMENSIONS)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    rows = list(enumerate(pack(made), 1))
    batches = [rows[first : first + 7] for first in range(0, 500, 7)]
    expected = np.argsort(-(unpack(pack(made)) @ made[3]), kind="stable")[:20] + 1
    assert [hit.number for hit in exact_search(made[3], batches, 20)] == expected.tolist()


def test_packing_moves_a_cosine_by_less_than_a_thousandth():
    made = np.random.default_rng(0).normal(size=(200, 384)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    assert np.abs(unpack(pack(made)) @ made.T - made @ made.T).max() < 1e-3


# -- following -------------------------------------------------------------------------------------------------


def both(catalog: Catalog, indexes: Indexes) -> tuple[set[int], set[int]]:
    return (
        found_articles(catalog, indexes.search_lexical(terms("rockets"), 99, EVERYTHING)),
        found_articles(catalog, indexes.search_dense(vector_of(1), 99, EVERYTHING)),
    )


def test_indexes_follow_what_is_added_changed_and_removed(catalog: Catalog, indexes: Indexes):
    first, second = put(catalog, "a"), put(catalog, "b")
    indexes.follow()
    assert both(catalog, indexes) == ({first, second}, {first, second})
    third = put(catalog, "c")
    put(catalog, "a", "nothing of the kind")
    catalog.remove(second)
    indexes.follow()
    assert both(catalog, indexes) == ({third}, {first, third})


def test_a_lagging_vector_index_is_completed_from_the_catalog(catalog: Catalog, indexes: Indexes):
    first, second = put(catalog, "a"), put(catalog, "b")
    indexes.follow()
    behind = stamp(indexes, "vectors")["generation"]
    third = put(catalog, "c")
    catalog.remove(second)
    put(catalog, "a", "rockets again")
    assert both(catalog, indexes) == ({first, third}, {first, third})
    assert stamp(indexes, "vectors")["generation"] == behind


def test_asking_needs_no_index_that_was_made_before(catalog: Catalog, indexes: Indexes):
    first = put(catalog, "a")
    assert both(catalog, indexes) == ({first}, {first})


def test_a_store_that_was_not_closed_cleanly_is_never_opened(catalog: Catalog, indexes: Indexes):
    first = put(catalog, "a")
    indexes.follow()
    before = stamp(indexes, "vectors")
    (indexes.folder / "vectors.json").write_text(json.dumps({**before, "clean": False}))
    # Were it opened, this would show: the folder holds rubbish now.
    for file in (indexes.folder / before["folder"]).rglob("*"):
        if file.is_file():
            file.write_bytes(b"rubbish")
    assert both(catalog, indexes) == ({first}, {first})
    indexes.follow()
    after = stamp(indexes, "vectors")
    assert after["clean"]
    assert after["folder"] != before["folder"]
    assert not (indexes.folder / before["folder"]).exists()
    assert both(catalog, indexes) == ({first}, {first})


@pytest.mark.parametrize("name", ["lexical", "vectors"])
def test_an_index_whose_files_are_rubbish_is_built_anew(catalog: Catalog, indexes: Indexes, name: str):
    first = put(catalog, "a")
    indexes.follow()
    indexes.close()
    for file in (indexes.folder / stamp(indexes, name)["folder"]).rglob("*"):
        if file.is_file():
            file.write_bytes(b"rubbish")
    assert both(catalog, indexes) == ({first}, {first})
    second = put(catalog, "b")
    indexes.follow()
    assert both(catalog, indexes) == ({first, second}, {first, second})


def test_an_index_of_another_history_is_built_anew(catalog: Catalog, indexes: Indexes, tmp_path: Path):
    put(catalog, "a")
    catalog.close()
    backup = catalog.path.read_bytes()
    put(catalog, "gone")
    indexes.follow()
    indexes.close()
    catalog.close()
    for name in ("", "-wal", "-shm"):
        catalog.path.with_name(catalog.path.name + name).unlink(missing_ok=True)
    catalog.path.write_bytes(backup)
    put(catalog, "other")  # the generation is the same again, the history is not
    assert both(catalog, indexes) == ({1, 2}, {1, 2})
    assert {reference.key for _, reference in catalog.references([1, 2])} == {"a", "other"}
    assert [hit.score for hit in indexes.search_dense(vector_of(sum(b"other")), 1, EVERYTHING)] == [
        pytest.approx(1, abs=1e-3)
    ]


def test_an_index_of_another_format_is_built_anew(catalog: Catalog, indexes: Indexes):
    put(catalog, "a")
    indexes.follow()
    for name in ("lexical", "vectors"):
        old = stamp(indexes, name)
        (indexes.folder / f"{name}.json").write_text(json.dumps({**old, "format": "older/0"}))
    indexes.follow()
    assert stamp(indexes, "lexical")["format"] == lexical.FORMAT
    assert stamp(indexes, "vectors")["format"] == vectors.FORMAT


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"folder": "../../elsewhere"}', "\x00"])
def test_a_stamp_that_is_none_means_no_index(catalog: Catalog, indexes: Indexes, content: str):
    first = put(catalog, "a")
    indexes.follow()
    for name in ("lexical", "vectors"):
        (indexes.folder / f"{name}.json").write_text(content)
    assert both(catalog, indexes) == ({first}, {first})


def test_a_stamp_never_leads_out_of_the_cache(catalog: Catalog, indexes: Indexes, tmp_path: Path):
    put(catalog, "a")
    indexes.follow()
    for name in ("lexical", "vectors"):
        good = stamp(indexes, name)
        shutil.copytree(indexes.folder / good["folder"], tmp_path / "elsewhere", dirs_exist_ok=True)
        (indexes.folder / f"{name}.json").write_text(json.dumps({**good, "folder": "../../../elsewhere"}))
    indexes.follow()
    assert stamp(indexes, "lexical")["folder"].startswith("lexical-")
    assert stamp(indexes, "vectors")["folder"].startswith("vectors-")


def test_while_another_process_builds_dense_search_is_exact(catalog: Catalog, indexes: Indexes):
    first = put(catalog, "a")
    indexes.follow()
    with held(indexes.folder / "lock") as mine:
        assert mine
        assert found_articles(catalog, indexes.search_dense(vector_of(1), 9, EVERYTHING)) == {first}


def test_the_cache_folder_may_be_a_file_and_asking_still_works(catalog: Catalog, tmp_path: Path):
    (tmp_path / "blocked").write_text("not a folder")
    indexes = Indexes(catalog, tmp_path / "blocked")
    first = put(catalog, "a")
    assert both(catalog, indexes) == ({first}, {first})


def test_whatever_chroma_raises_is_one_error(tmp_path: Path):
    (tmp_path / "store").write_text("not a folder")
    with pytest.raises(StoreUnusable):
        VectorStore(tmp_path / "store")


# -- names -----------------------------------------------------------------------------------------------------


def named(*bodies: str) -> LexicalIndex:
    index = LexicalIndex.open(None)
    fields = {"first_day": 1, "last_day": 1, "undated": False, "outlet": 1, "title": "", "publisher": ""}
    index.apply(
        [], [lexical.LexicalDocument(number=n, article=n, body=body, **fields) for n, body in enumerate(bodies)]
    )
    return index


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("Suleimani", "Soleimani"),
        ("Soleymani", "Soleimani"),
        ("Hizballah", "Hezbollah"),
        ("Mohammadi", "Muhammadi"),
        ("Qasim", "Qassem"),
        ("Zelenskyy", "Zelensky"),
    ],
)
def test_a_name_that_is_spelled_in_another_way_is_recognised(asked: str, held: str):
    (term,), (form,) = terms(asked), terms(held)
    assert named(f"It was {held} who said so.").spellings(term) == (form,)


def test_the_passages_are_found_by_another_spelling(catalog: Catalog, indexes: Indexes):
    from rag import query
    from rag.retrieve import HybridRetriever

    put(catalog, "a", "General Soleimani was killed near the airport of Baghdad.")
    put(catalog, "b", "General Smith was not there at all that day.")
    found = HybridRetriever(catalog, indexes, None).hits("What befell Suleimani?")
    assert [hit.article.key for hit in found] == ["a"]
    asked = query.read("What befell Suleimani and Apple?", terms)
    assert asked.unknown(indexes.lexical()) == ("befell", "Apple")


@pytest.mark.parametrize(("asked", "held"), [("Merkel", "Macron"), ("Ayn", "Ain"), ("Putin", "Patton's men")])
def test_other_names_and_short_ones_are_not(asked: str, held: str):
    (term,) = terms(asked)
    assert named(f"It was {held} who said so.").spellings(term) == ()
