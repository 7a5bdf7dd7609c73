from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from rag.catalog import Catalog, Mark, StoredFile
from rag.errors import CannotWrite, CorpusDamaged, CorpusMismatch, NotFound, UsageError
from rag.salvage import salvage
from rag.schema import MIGRATIONS
from rag.types import Article, Filters, Origin, Passage, SkipKind, SkippedSpan, Span, text_version

TEXT = "Title\n\nFive rockets hit the base. Nobody was hurt.\n"
PASSAGE = Passage(7, 49, (Span(7, 33), Span(34, 49)))
ARTICLE = Article(
    key="a.txt",
    text=TEXT,
    title="Title",
    publisher="The Wire",
    authors=("Jane Doe",),
    published="2020-04",
    path="/news/a.txt",
    skipped=(SkippedSpan(0, 5, SkipKind.TITLE),),
)
TOLD = replace(
    ARTICLE,
    published_from=Origin.JSON_LD,
    updated="2020-05-01T10:00:00Z",
    updated_from=Origin.META,
    section="World",
    language="pt-br",
    agency="Reuters",
    pages=(0, 7, 34),
)


def put(catalog: Catalog, article: Article = ARTICLE, vectors: list[bytes] | None = None) -> None:
    catalog.put(article, article.text.encode(), [PASSAGE], vectors)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog.open(tmp_path / "news.db", create=True)


def test_the_fixture_is_right():
    assert TEXT[7:33] == "Five rockets hit the base."
    assert TEXT[34:49] == "Nobody was hurt"


def test_an_article_comes_back_as_it_went_in(catalog: Catalog):
    put(catalog)
    assert catalog.article(1) == ARTICLE
    assert [one.passage for one in catalog.passages_of(1)] == [PASSAGE]


def test_all_that_is_known_of_an_article_comes_back(catalog: Catalog):
    put(catalog, TOLD)
    assert catalog.article(1) == TOLD
    assert next(catalog.references())[1] == TOLD.reference


def test_each_version_has_its_own_pages(catalog: Catalog):
    put(catalog, TOLD)
    newer = replace(TOLD, text=TEXT.replace("Five", "Nine"), pages=(0, 34))
    put(catalog, newer)
    assert catalog.pages(1, TOLD.version) == (0, 7, 34)
    assert catalog.article(1) == newer
    put(catalog, replace(newer, pages=()))
    assert catalog.article(1).pages == ()


def test_pages_that_were_lost_are_told(catalog: Catalog):
    put(catalog, TOLD)
    db = sqlite3.connect(catalog.path)
    db.execute("DELETE FROM paging")
    db.commit()
    db.close()
    with pytest.raises(CorpusDamaged, match="article number 1"):
        catalog.article(1)


def test_an_article_survives_closing(catalog: Catalog):
    put(catalog)
    catalog.close()
    assert Catalog.open(catalog.path).article(1) == ARTICLE


def test_source_bytes_that_are_not_the_text_are_kept(catalog: Catalog):
    source = TEXT.encode("utf-16")
    catalog.put(ARTICLE, source, [PASSAGE], None)
    row = sqlite3.connect(catalog.path).execute("SELECT source_hash, source IS NOT NULL FROM text").fetchone()
    assert row == (sha256(source).hexdigest(), 1)


def test_a_changed_article_keeps_its_older_text_and_only_the_newer_passages(catalog: Catalog):
    put(catalog)
    newer = Article(key="a.txt", text="Six rockets hit the base, it says now. Nobody was hurt.")
    catalog.put(newer, newer.text.encode(), [Passage(0, 38, (Span(0, 38),))], None)
    assert catalog.counts().articles == 1
    assert catalog.versions(1) == [ARTICLE.version, newer.version]
    assert catalog.text(1, ARTICLE.version) == TEXT
    assert [one.passage.end for one in catalog.passages_of(1)] == [38]


def test_a_removed_article_is_gone_with_its_texts_and_passages(catalog: Catalog):
    put(catalog, vectors=[b"\0\0"])
    catalog.remove(1)
    db = sqlite3.connect(catalog.path)
    for table in ("article", "text", "passage", "vector"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert catalog.changed_since(Mark(0, b"")) == [1]


def test_numbers_of_removed_articles_are_never_given_again(catalog: Catalog):
    put(catalog)
    catalog.remove(1)
    put(catalog)
    assert catalog.all_numbers() == [2]


def test_a_fault_inside_a_transaction_leaves_nothing_behind(catalog: Catalog):
    before = catalog.mark()
    with pytest.raises(IndexError):
        catalog.put(ARTICLE, TEXT.encode(), [PASSAGE, PASSAGE], [b"only one vector"])
    assert catalog.counts().articles == 0
    assert catalog.mark() == before


def test_the_history_tells_what_changed_and_knows_its_own_marks(catalog: Catalog):
    put(catalog)
    mark = catalog.mark()
    put(catalog, Article(key="b.txt", text=TEXT))
    assert catalog.changed_since(mark) == [2]
    assert catalog.holds(mark)
    assert catalog.holds(Mark(0, b""))
    assert not catalog.holds(Mark(mark.generation, b"of a copy"))
    assert not catalog.holds(Mark(mark.generation + 5, mark.token))


def test_a_copy_that_went_another_way_does_not_hold_the_others_mark(catalog: Catalog, tmp_path: Path):
    put(catalog)
    catalog.close()
    (tmp_path / "copy.db").write_bytes(catalog.path.read_bytes())
    ours, theirs = Catalog.open(catalog.path), Catalog.open(tmp_path / "copy.db")
    put(ours, Article(key="ours.txt", text=TEXT))
    put(theirs, Article(key="theirs.txt", text=TEXT))
    assert ours.mark().generation == theirs.mark().generation
    assert not ours.holds(theirs.mark())


def test_a_snapshot_does_not_see_what_is_written_meanwhile(catalog: Catalog):
    put(catalog)
    other = Catalog.open(catalog.path)
    with catalog.snapshot():
        assert catalog.counts().articles == 1
        put(other, Article(key="b.txt", text=TEXT))
        assert catalog.counts().articles == 1
    assert catalog.counts().articles == 2


@pytest.mark.parametrize("name", ["a.txt", ARTICLE.id, ARTICLE.id[:6], "/news/a.txt"])
def test_an_article_is_found_by_its_names(catalog: Catalog, name: str):
    put(catalog)
    assert catalog.numbers(name) == [1]


@pytest.mark.parametrize("name", ["", "b.txt", ARTICLE.id[:3], "zzzz", "%", "A.TXT"])
def test_other_names_find_nothing(catalog: Catalog, name: str):
    put(catalog)
    assert catalog.numbers(name) == []


def test_text_that_was_damaged_is_told_never_given(catalog: Catalog):
    put(catalog)
    catalog.close()
    db = sqlite3.connect(catalog.path)
    db.execute("UPDATE text SET text = (SELECT zeroblob(20))")
    db.commit()
    db.close()
    with pytest.raises(CorpusDamaged, match="damaged"):
        Catalog.open(catalog.path).article(1)


# -- opening ---------------------------------------------------------------------------------------------------


def test_no_corpus_says_how_to_begin(tmp_path: Path):
    with pytest.raises(NotFound, match="groundwire add"):
        Catalog.open(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("content", [b"hello, I am a text file that somebody wrote\n" * 50, b"\0" * 5000])
def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path, content: bytes):
    file = tmp_path / "news.db"
    file.write_bytes(content)
    with pytest.raises(CorpusDamaged):
        Catalog.open(file, create=True)
    assert file.read_bytes() == content


def test_somebody_elses_database_is_refused_untouched(tmp_path: Path):
    file = tmp_path / "news.db"
    db = sqlite3.connect(file)
    db.execute("CREATE TABLE theirs (x)")
    db.close()
    before = file.read_bytes()
    with pytest.raises(CorpusDamaged, match="not a Groundwire corpus"):
        Catalog.open(file, create=True)
    assert file.read_bytes() == before


def test_a_folder_is_no_corpus(tmp_path: Path):
    with pytest.raises(UsageError, match="not a file"):
        Catalog.open(tmp_path)


def older(path: Path, form: int) -> Path:
    """A corpus as that format's version wrote it: a.txt in two versions, b.txt without vectors, one article removed."""
    db = sqlite3.connect(path)
    db.executescript((Path(__file__).parent / f"corpora/format-{form}.sql").read_text())
    db.execute("PRAGMA journal_mode=WAL")
    db.close()
    return path


@pytest.mark.parametrize("form", range(1, len(MIGRATIONS)))
def test_an_older_format_is_brought_up_to_date_in_place(tmp_path: Path, form: int):
    catalog = Catalog.open(older(tmp_path / "news.db", form))
    assert catalog.format == len(MIGRATIONS)
    nine = TEXT.replace("Five", "Nine")
    assert catalog.article(1) == replace(ARTICLE, text=nine)
    assert [catalog.text(1, version) for version in catalog.versions(1)] == [TEXT, nine]
    assert [one.passage for one in catalog.passages_of(3)] == [
        Passage(7, 33, (Span(7, 33),)),
        Passage(34, 50, (Span(34, 50),)),
    ]
    assert [vector for _, vector in catalog.vectors_of(1)] == [b"\x00\x3c\x00\x00", b"\x00\x00\x00\x3c"]
    assert catalog.passages_without_vector() == [3]
    assert catalog.file("/news/a.txt") == StoredFile("/news/a.txt", "a.txt", "0" * 64, "reader/1", 1)
    assert list(catalog.damaged_rows()) == []
    put(catalog, Article(key="c.txt", text=TEXT))
    assert catalog.changed_since(Mark(0, b"")) == [1, 3, 4, 5]


@pytest.mark.parametrize("form", range(2, len(MIGRATIONS)))
def test_what_was_damaged_before_stays_known_as_damaged(tmp_path: Path, form: int):
    file = older(tmp_path / "news.db", form)
    db = sqlite3.connect(file)
    db.execute("UPDATE article SET published = '2021-04' WHERE key = 'b.txt'")
    db.commit()
    db.close()
    catalog = Catalog.open(file)
    assert [(one.table, one.name) for one in catalog.damaged_rows()] == [("article", 3)]
    with pytest.raises(CorpusDamaged, match="article number 3"):
        catalog.article(3)


def test_a_corpus_of_format_2_that_cannot_be_brought_up_to_date_is_saved_as_it_is(tmp_path: Path):
    file = older(tmp_path / "news.db", 2)
    catalog = Catalog.unproved(file)
    assert catalog.article(1) == replace(ARTICLE, text=TEXT.replace("Five", "Nine"))
    catalog.close()
    salvage(file)
    saved = Catalog.open(file)
    assert [reference.key for _, reference in saved.references()] == ["a.txt", "b.txt"]
    assert saved.versions(1) == [ARTICLE.version, text_version(TEXT.replace("Five", "Nine"))]


def test_a_step_of_later_is_carried_out_on_what_is_there(tmp_path: Path):
    older = Catalog.open(tmp_path / "news.db", create=True)
    put(older)
    older.close()
    step = "CREATE TABLE more (x); INSERT INTO more SELECT key FROM article;"
    newer = Catalog.open(tmp_path / "news.db", migrations=(*MIGRATIONS, step))
    assert newer.format == len(MIGRATIONS) + 1
    assert newer.article(1) == ARTICLE
    assert sqlite3.connect(tmp_path / "news.db").execute("SELECT x FROM more").fetchall() == [("a.txt",)]


def test_a_step_that_fails_leaves_the_older_format_whole(tmp_path: Path):
    older = Catalog.open(tmp_path / "news.db", create=True)
    put(older)
    older.close()
    with pytest.raises(Exception, match="no such table"):
        Catalog.open(tmp_path / "news.db", migrations=(*MIGRATIONS, "CREATE TABLE more (x); DROP TABLE nowhere;"))
    assert Catalog.open(tmp_path / "news.db").article(1) == ARTICLE


def test_a_newer_format_is_refused_untouched(tmp_path: Path):
    newer = Catalog.open(tmp_path / "news.db", create=True, migrations=(*MIGRATIONS, "CREATE TABLE more (x);"))
    newer.close()
    before = (tmp_path / "news.db").read_bytes()
    with pytest.raises(CorpusMismatch, match="newer version"):
        Catalog.open(tmp_path / "news.db", create=True)
    assert (tmp_path / "news.db").read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_corpus_in_a_read_only_folder_can_be_read_and_not_written(tmp_path: Path):
    folder = tmp_path / "shelf"
    folder.mkdir()
    writer = Catalog.open(folder / "news.db", create=True)
    put(writer)
    writer.close()
    folder.chmod(0o500)
    try:
        reader = Catalog.open(folder / "news.db")
        assert reader.article(1) == ARTICLE
        with pytest.raises(CannotWrite):
            put(reader)
    finally:
        folder.chmod(0o700)


# -- filters ---------------------------------------------------------------------------------------------------


def dated(catalog: Catalog, **published: str | None) -> None:
    for name, date in published.items():
        put(
            catalog, Article(key=name, text=TEXT, published=date, publisher="The Wire", url=f"https://{name}.example/x")
        )


def keys_in(catalog: Catalog, filters: Filters) -> set[str]:
    scope = catalog.scope(filters)
    batches = catalog.vectors(scope)
    numbers = {number for batch in batches for number, _ in batch}
    stored = catalog.passages(numbers)
    return {reference.key for _, reference in catalog.references(one.article for one in stored.values())}


@pytest.mark.parametrize(
    ("since", "until", "undated", "expected"),
    [
        ("2020-04-10", None, False, {"month", "later"}),  # April may mean the 10th or after
        ("2020-05", None, False, {"later"}),
        (None, "2020-04", False, {"day", "month"}),
        (None, "2020-03", False, set()),
        ("2020-04-01", "2020-04-01", False, {"day", "month"}),
        (None, "2020-03", True, {"none"}),
        (None, None, False, {"day", "month", "later", "none"}),
    ],
)
def test_dates_count_when_the_days_they_may_mean_overlap(
    catalog: Catalog, since: str | None, until: str | None, undated: bool, expected: set[str]
):
    for name, date in {"day": "2020-04-01", "month": "2020-04", "later": "2021-01-01T10:00:00Z", "none": None}.items():
        put(catalog, Article(key=name, text=TEXT, published=date), [b"\0\0"])
    filters = Filters(since=since, until=until, undated=undated)
    assert keys_in(catalog, filters) == expected
    assert catalog.articles_in(catalog.scope(filters)) == len(expected)
    left_out = int(bool(since or until) and not undated)
    assert catalog.undated_left_out(catalog.scope(filters)) == left_out


@pytest.mark.parametrize("name", ["The Wire", "the wire", "wire", "WIRE", "one.example", "www.one.example"])
def test_a_publisher_is_named_by_name_or_host(catalog: Catalog, name: str):
    dated(catalog, one=None)
    assert catalog.articles_in(catalog.scope(Filters(publishers=(name,)))) == 1


def test_dates_in_reverse_are_told(catalog: Catalog):
    with pytest.raises(UsageError, match="later than"):
        catalog.scope(Filters(since="2020-02", until="2020-01-31"))


def test_an_unknown_publisher_is_told_which_there_are(catalog: Catalog):
    dated(catalog, one=None)
    with pytest.raises(UsageError, match="The Wire"):
        catalog.scope(Filters(publishers=("The Tribune",)))


# -- files -----------------------------------------------------------------------------------------------------


def test_removing_an_article_makes_its_file_new_again(catalog: Catalog):
    put(catalog)
    catalog.put_file(StoredFile("/news/a.txt", "a.txt", "hash", "reader", 1))
    catalog.remove(1)
    assert catalog.file("/news/a.txt") is None


def test_removing_one_of_many_keeps_the_file_by_name_but_unfinished(catalog: Catalog):
    put(catalog)
    put(catalog, Article(key="b", text=TEXT, path="/news/a.txt"))
    catalog.put_file(StoredFile("/news/a.txt", "a.txt", "hash", "reader", 2))
    catalog.remove(1)
    assert catalog.file("/news/a.txt") == StoredFile("/news/a.txt", "a.txt", None, "reader", 2)
