"""`doctor` finds what is damaged, and puts right what can be; what reads a damaged row says so and answers nothing."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest

from eval.reliability.world import DIMENSIONS, MadeUp, contents
from rag import commands, vectors
from rag.catalog import Catalog
from rag.config import Settings
from rag.corpus import Corpus
from rag.errors import CorpusDamaged
from rag.scope import Scope
from rag.seals import broken, seal
from rag.vectors import VectorStore, pack

SAMPLES = Path(__file__).parent / "samples"
BODY = "Five rockets hit the base on Tuesday, the army said. Nobody was hurt in the attack."
RECORD = {"id": "wire", "title": "A title", "publisher": "The Wire", "published": "2020-04", "text": f"{BODY} Sixth."}


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"{BODY} This is article {name}.")
    (folder / "d.jsonl").write_text(json.dumps(RECORD))
    return folder


@pytest.fixture
def corpus(settings: Settings, news: Path) -> Iterator[Corpus]:
    with opened(settings) as made:
        made.add([news])
        (news / "a.txt").write_text(f"{BODY} This is article a, which was changed.")
        made.add([news])
    with opened(settings) as made:
        yield made


def opened(settings: Settings) -> Corpus:
    return Corpus.open(settings=settings, create=True, embedding=MadeUp(embed_dim=DIMENSIONS))


def spoil(corpus: Corpus, sql: str) -> None:
    """Change the file behind everybody's back."""
    with closing(sqlite3.connect(corpus.settings.corpus)) as db:
        assert db.execute(sql).rowcount, sql
        db.commit()


def lines(corpus: Corpus) -> list[str]:
    return [finding.line for finding in corpus.doctor()]


def number(corpus: Corpus, key: str) -> int:
    found = corpus._catalog.number_of(key)
    assert found is not None
    return found


def test_a_whole_corpus_has_nothing_wrong(corpus: Corpus):
    assert corpus.doctor() == []
    assert corpus.doctor(repair=True) == []


DERIVED = {
    "a title": "UPDATE article SET title = 'Another title' WHERE key = 'wire'",
    "a publisher": "UPDATE article SET publisher = 'The Tribune' WHERE key = 'wire'",
    "a date": "UPDATE article SET published = '2021-04' WHERE key = 'wire'",
    "days": "UPDATE article SET first_day = 20210401, last_day = 20210430 WHERE key = 'wire'",
    "a key": "UPDATE article SET key = 'fire' WHERE key = 'wire'",
    "an id": "UPDATE article SET id = 'ffffffffffffffff' WHERE key = 'wire'",
    "a version": "UPDATE article SET version = 'ff' || substr(version, 3) WHERE key = 'wire'",
    "authors": "UPDATE article SET authors = '[' WHERE key = 'wire'",
    "a text that has its source": "UPDATE text SET text = zeroblob(9) WHERE article = (SELECT number FROM article "
    "WHERE key = 'wire')",
    "spans": "UPDATE text SET skipped = '[[0, 9, \"title\"]]' WHERE article = 2",
    "a passage's start": "UPDATE passage SET start = start + 1 WHERE article = 2",
    "a passage's end": "UPDATE passage SET end = 5000 WHERE article = 2",
    "sentences": "UPDATE passage SET sentences = zeroblob(8) WHERE article = 2",
    "half a sentence": "UPDATE passage SET sentences = x'00' WHERE article = 2",
    "a passage's article": "UPDATE passage SET article = 3 WHERE article = 2",
    "a lost passage": "DELETE FROM passage WHERE article = 2",
    "a vector": "UPDATE vector SET vector = zeroblob(32) WHERE passage = (SELECT max(passage) FROM vector)",
    "a shorter vector": "UPDATE vector SET vector = x'0000' WHERE passage = (SELECT max(passage) FROM vector)",
    "a lost vector": "DELETE FROM vector WHERE passage = (SELECT max(passage) FROM vector)",
    "a file": "UPDATE file SET key_path = 'other.txt' WHERE key_path = 'b.txt'",
    "a change": "UPDATE change SET article = 4 WHERE generation = 2",
    "an outlet": "UPDATE outlet SET publisher = 'The Tribune' WHERE publisher = 'The Wire'",
}


def test_a_kind_of_span_that_there_is_none_of_costs_its_article_nothing_and_no_other_anything(corpus: Corpus):
    before = contents(corpus)
    catalog = corpus._catalog
    with catalog.transaction():  # with its right sum: as another version of the program might write it
        for number, version in catalog._all("SELECT article, version FROM text WHERE article IN (2, 3)"):
            catalog._db.execute("UPDATE text SET skipped = '[[0, 9, \"verse\"]]' WHERE article = ?", (number,))
            catalog._seal("text", "article = ? AND version = ?", number, version)
    assert len([line for line in lines(corpus) if "which spans are not its body" in line]) == 2
    assert all(finding.mended for finding in corpus.doctor(repair=True))
    assert contents(corpus) == before


def test_what_is_packed_or_one_of_several_or_came_as_a_stream_is_read_again_as_it_was(
    settings: Settings, tmp_path: Path
):
    """But a chapter is not: it is taken out, and the book is named that it has to be added from and comes back with."""
    folder = tmp_path / "some"
    folder.mkdir()
    page = f"<html><head><title>A page</title></head><body><p>{BODY} Tenth.</p></body></html>".encode()
    (folder / "page.html.gz").write_bytes(gzip.compress(page))
    (folder / "story.rtf.gz").write_bytes(gzip.compress((SAMPLES / "story.rtf").read_bytes()))
    with tarfile.open(folder / "packed.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("page.html")
        member.size = len(page)
        archive.addfile(member, BytesIO(page))
    message = EmailMessage()
    message["From"], message["Message-ID"] = "Jane Roe <roe@wire.example>", "<attached@wire.example>"
    message["Date"], message["Subject"] = "Wed, 01 Apr 2020 10:15:00 +0000", "With a page"
    message.set_content(f"{BODY} The story is attached.")
    message.add_attachment(
        f"<html><body><p>{BODY} Attached.</p></body></html>".encode(), "text", "html", filename="a.html"
    )
    (folder / "mail.eml").write_bytes(message.as_bytes())
    with opened(settings) as made:
        made.add(
            [BytesIO(f'kop,tekst\nRows,"{BODY} Ninth."\n'.encode())],
            columns={"text": "tekst", "title": "kop"},
            format="csv",
        )
        made.add([folder])
        held = {each: made.article(each.key).text for each in made.articles()}
        made.add([SAMPLES / "magazine.epub"])
        chapters = {each.key: made.article(each.key).text for each in made.articles() if each not in held}
    assert len(held) == 6
    with opened(settings) as corpus:
        spoil(corpus, "UPDATE text SET text = zeroblob(9) WHERE encoding IS NULL")
        done = [finding.line for finding in corpus.doctor(repair=True)]
        assert {each: corpus.article(each.key).text for each in corpus.articles() if each.key not in chapters} == held
        lost = [line for line in done if "add it anew" in line]
        assert lost
        assert all(f"add it anew from {SAMPLES / 'magazine.epub'}" in line for line in lost)
        assert corpus.add([SAMPLES / "magazine.epub"]).added == len(lost)
        assert {each: corpus.article(each).text for each in chapters} == chapters


@pytest.mark.parametrize("what", DERIVED)
def test_what_can_be_derived_is_found_and_derived_again(corpus: Corpus, settings: Settings, what: str):
    before = contents(corpus)
    references = sorted(map(str, corpus.articles()))
    spoil(corpus, DERIVED[what])
    assert lines(corpus)
    done = corpus.doctor(repair=True)
    assert done
    assert all(finding.mended for finding in done)
    assert contents(corpus) == before
    assert sorted(map(str, corpus.articles())) == references
    assert lines(corpus) == []
    with opened(settings) as again:
        assert [hit.article.key for hit in again.search("Sixth", k=1).hits] == ["wire"]
        assert again.add([settings.corpus.parent / "news"]).added == 0


def test_a_text_of_any_format_is_read_again_from_the_source_that_was_kept(settings: Settings, tmp_path: Path):
    """Not a text file's, which is its own source, nor a chapter's: its book has to be added anew."""
    folder = tmp_path / "any"
    folder.mkdir()
    page = (SAMPLES / "saved-page.html").read_bytes()
    for name in (
        "story.docx",
        "story.pdf",
        "story.rtf",
        "story.odt",
        "single-file.html",
        "saved-page.mhtml",
    ):
        shutil.copy(SAMPLES / name, folder)
    for name in ("windows-1252.txt", "newsletter.eml", "reply.eml", "mail.mbox"):
        shutil.copy(SAMPLES / name, folder)
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("deep/page.html", page.replace(b"canonical", b"other").replace(b"og:url", b"og:other"))
        archive.writestr("deep/table.csv", f'text,title\n"{BODY} Eighth.",Rows\n')
        archive.writestr("old.txt", f"{BODY} Caf\u00e9s were closed, said the owner\u2019s wife.".encode("cp1252"))
    table = tmp_path / "table.csv"
    table.write_text(f'kop,tekst,text\nRows,"{BODY} Seventh.",x\n')
    with opened(settings) as made:
        made.add([table], columns={"text": "tekst", "title": "kop"})
        report = made.add([folder])
        held = {article.key: made.article(article.key).text for article in made.articles()}
    assert len(held) >= 13, (held.keys(), report.skipped)
    with opened(settings) as corpus:
        spoil(corpus, "UPDATE text SET text = zeroblob(9) WHERE encoding IS NULL")
        done = corpus.doctor(repair=True)
        assert all(finding.mended for finding in done), [one.line for one in done if not one.mended]
        assert {article.key: corpus.article(article.key).text for article in corpus.articles()} == held


def test_a_corpus_whose_id_is_damaged_says_so_and_gets_a_new_one(corpus: Corpus):
    before = contents(corpus)
    spoil(corpus, "UPDATE meta SET value = 'corpus' WHERE name = 'corpus'")
    with pytest.raises(CorpusDamaged, match="groundwire doctor"):
        corpus.doctor()
    assert [finding.mended for finding in corpus.doctor(repair=True)] == [True]
    assert corpus.doctor() == []
    assert contents(corpus) == before


READ = {
    "a title": lambda corpus: list(corpus.articles()),
    "days": lambda corpus: corpus.search("rockets"),
    "a text that has its source": lambda corpus: corpus.search("Sixth"),
    "a passage's start": lambda corpus: corpus.search("rockets"),
    "sentences": lambda corpus: corpus.search("rockets"),
    "half a sentence": lambda corpus: corpus.search("rockets"),
    "a lost passage": lambda corpus: corpus.search("rockets"),
    "a file": lambda corpus: corpus.add([corpus.article("b.txt").path]),
    "a version": lambda corpus: corpus.ask("What hit the base on Tuesday?"),
}


@pytest.mark.parametrize("what", READ)
def test_what_is_damaged_is_told_when_it_is_read_never_given(corpus: Corpus, what: str):
    spoil(corpus, DERIVED[what])
    with pytest.raises(CorpusDamaged, match="groundwire doctor"):
        READ[what](corpus)


@pytest.mark.parametrize("what", ["a vector", "a shorter vector", "a lost vector"])
def test_a_damaged_vector_is_told_when_all_are_searched(corpus: Corpus, what: str):
    spoil(corpus, DERIVED[what])
    with pytest.raises(CorpusDamaged, match="groundwire doctor"):
        list(corpus._catalog.vectors(Scope()))
    with pytest.raises(CorpusDamaged, match="groundwire doctor"):
        list(corpus._catalog.vectors(Scope(since=1, undated=True)))


def test_a_text_that_is_its_own_source_is_taken_out_and_named_and_can_be_added_anew(corpus: Corpus, news: Path):
    before = contents(corpus)
    spoil(corpus, f"UPDATE text SET text = zeroblob(9) WHERE article = {number(corpus, 'b.txt')}")
    assert any("b.txt" in line for line in lines(corpus))
    done = corpus.doctor(repair=True)
    assert [one.line for one in done if "b.txt" in one.line] == [
        f"article {2} (b.txt): its text is lost; it was taken out: add it anew from {news}/b.txt"
    ]
    assert sorted(one.key for one in corpus.articles()) == ["a.txt", "c.txt", "wire"]
    assert lines(corpus) == []
    report = corpus.add([news])
    assert (report.added, report.unchanged) == (1, 3)
    assert contents(corpus) == before


def test_an_older_version_that_is_damaged_goes_and_the_article_stays(corpus: Corpus):
    one = number(corpus, "a.txt")
    older, newer = corpus._catalog.versions(one)
    spoil(corpus, f"UPDATE text SET text = zeroblob(9) WHERE version = '{older}'")
    assert lines(corpus) == [f"article {one} (a.txt): an older version of its text ({older[:12]}) is damaged"]
    assert [finding.mended for finding in corpus.doctor(repair=True)] == [True]
    assert corpus._catalog.versions(one) == [newer]
    assert "which was changed" in corpus.article("a.txt").text


def test_without_the_model_what_lost_its_vector_waits_for_it(corpus: Corpus, settings: Settings):
    before = contents(corpus)
    spoil(corpus, DERIVED["a lost vector"])
    corpus.close()
    with Corpus.open(settings=settings) as without:
        assert [finding.mended for finding in without.doctor(repair=True)] == [True]
        assert without.status().counts.vectors == 3
    with opened(settings) as again:
        assert again.add([]).embedded == 1
        assert contents(again) == before


# -- indexes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lexical", "vectors"])
def test_an_index_that_lost_a_bit_is_found_never_asked_and_built_anew(corpus: Corpus, settings: Settings, name: str):
    right = [(hit.article.key, hit.score) for hit in corpus.search("rockets hit article c").hits]
    folder = corpus.status().indexes
    stamp = json.loads((folder / f"{name}.json").read_text())
    corpus.close()
    file = next(iter(stamp["files"]))
    content = bytearray((folder / stamp["folder"] / file).read_bytes())
    content[len(content) // 2] ^= 16
    (folder / stamp["folder"] / file).write_bytes(content)
    with opened(settings) as again:
        kind = {"lexical": "lexical", "vectors": "vector"}[name]
        assert lines(again) == [f"the {kind} index is damaged: {file} is not what was written"]
        assert [(hit.article.key, hit.score) for hit in again.search("rockets hit article c").hits] == right
        again.doctor(repair=True)
        assert lines(again) == []


def test_an_index_that_does_not_agree_is_found_and_built_anew(corpus: Corpus, settings: Settings):
    folder = corpus.status().indexes
    stamp = json.loads((folder / "vectors.json").read_text())
    corpus.close()
    with closing(VectorStore(folder / stamp["folder"])) as store:
        other = pack(vectors.np.eye(DIMENSIONS, dtype="f4")[:1])[0]
        ours = next(iter(store.held()))[0]
        store.apply([], [vectors.DenseDocument(ours[0], ours[1], 1, 1, 1, other)])
        store.apply([], [vectors.DenseDocument(99, ours[1], 1, 1, 1, other)])
        store.apply([], [])
    stamp["files"] = seal(folder / stamp["folder"], vectors.changed_by_reading)
    (folder / "vectors.json").write_text(json.dumps(stamp))
    with opened(settings) as again:
        assert lines(again) == [
            "the vector index has other vectors than the corpus: 1",
            "the vector index has passages too many: 1",
        ]
        assert all(finding.mended for finding in again.doctor(repair=True))
        assert lines(again) == []


def test_reading_a_store_leaves_its_seals_whole_however_often(tmp_path: Path):
    """Chroma writes to its files on each opening; what it writes is not covered, and everything else is."""
    count = 1200
    made = vectors.np.random.default_rng(0).normal(size=(count, 4)).astype("f4")
    store = VectorStore(tmp_path / "store")
    packed = pack(made)
    store.apply([], (vectors.DenseDocument(n + 1, n // 10, 1, 1, 1, packed[n]) for n in range(count)))
    store.apply(list(range(5)), [])
    store.close()
    seals = seal(tmp_path / "store", vectors.changed_by_reading)
    for _ in range(3):
        with closing(VectorStore(tmp_path / "store")) as again:
            again.search(made[0], 5, Scope())
    with closing(sqlite3.connect(tmp_path / "store/chroma.sqlite3")) as db:  # as a thousand openings would
        db.executemany("INSERT INTO acquire_write (lock_status) VALUES (?)", [(1,)] * 3000)
        db.commit()
    assert broken(tmp_path / "store", seals) is None
    file = tmp_path / "store/chroma.sqlite3"
    content = bytearray(file.read_bytes())
    place = content.index(b"first_day")  # a metadata row: this decides which articles a filter lets through
    content[place] ^= 1
    file.write_bytes(content)
    assert broken(tmp_path / "store", seals) == "chroma.sqlite3"


# -- the file itself -------------------------------------------------------------------------------------------


def pages_of(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as db:
        page: int = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        size: int = db.execute("PRAGMA page_size").fetchone()[0]
    return (page - 1) * size


@pytest.mark.parametrize("table", ["article", "passage", "vector", "text", "article_by_path", "file", "change"])
def test_a_corpus_with_a_page_of_rubbish_is_saved_as_far_as_it_can_be(
    settings: Settings, corpus: Corpus, table: str, capsys: pytest.CaptureFixture[str]
):
    before = contents(corpus)
    corpus.close()
    at = pages_of(settings.corpus, table)
    content = bytearray(settings.corpus.read_bytes())
    content[at : at + 200] = b"\xa5" * 200
    settings.corpus.write_bytes(content)
    arguments = ["doctor", "--corpus", str(settings.corpus)]
    assert commands.run(arguments) == 5
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    assert told.out or len(told.err.splitlines()) == 1
    if table in {"article", "text"}:  # nothing is left to save, and that is said
        assert commands.run([*arguments, "--repair"]) == 5
        assert capsys.readouterr().err.splitlines()
        return
    assert commands.run([*arguments, "--repair"]) == 0
    assert settings.corpus.with_name("news.db.damaged").read_bytes() == content
    assert commands.run(arguments) == 0
    with opened(settings) as again:
        again.add([])
        assert {key: told[0] for key, told in contents(again).items()} == {key: told[0] for key, told in before.items()}
        assert again.add([settings.corpus.parent / "news"]).added == 0


def test_a_sum_that_is_wrong_is_told_of_every_table(corpus: Corpus):
    for table in ("meta", "outlet", "article", "text", "passage", "vector", "change", "file"):
        spoil(corpus, f"UPDATE {table} SET sum = sum + 1")
        assert {one.table for one in corpus._catalog.damaged_rows()} == {table}
        spoil(corpus, f"UPDATE {table} SET sum = sum - 1")
    assert list(corpus._catalog.damaged_rows()) == []


# -- the commands ----------------------------------------------------------------------------------------------


def test_doctor_says_that_all_is_well(
    settings: Settings, corpus: Corpus, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert commands.run(["doctor", "--corpus", str(settings.corpus)]) == 0
    told = capsys.readouterr()  # with another cache than the corpus was made with
    assert told.out == "the corpus is whole\n"
    assert told.err.count("index is not built here") == 2
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(settings.cache))
    assert commands.run(["doctor", "--corpus", str(settings.corpus)]) == 0
    assert capsys.readouterr().out == "the corpus is whole; the indexes agree with it\n"


def test_doctor_says_what_is_wrong_a_line_each(
    settings: Settings, corpus: Corpus, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(settings.cache))
    spoil(corpus, DERIVED["a title"])
    arguments = ["doctor", "--corpus", str(settings.corpus)]
    assert commands.run(arguments) == 5
    told = capsys.readouterr()
    assert told.out == "article 4 (wire): what is known of it is not what was written\n"
    assert told.err == "groundwire: 1 thing is wrong; groundwire doctor --repair mends what can be\n"
    assert commands.run([*arguments, "--repair"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "mended: article 4 (wire): what was damaged was derived again",
        "the corpus is whole; the indexes agree with it",
    ]
    assert commands.run(arguments) == 0


def test_rebuild_builds_both_indexes_in_fresh_folders(
    settings: Settings, corpus: Corpus, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(settings.cache))
    folder = corpus.status().indexes
    before = {path.name for path in folder.iterdir() if path.is_dir()}
    assert commands.run(["rebuild", "--corpus", str(settings.corpus)]) == 0
    after = {path.name for path in folder.iterdir() if path.is_dir()}
    assert sorted(name.partition("-")[0] for name in after) == ["lexical", "vectors"]
    assert not before & after
    assert len(corpus.search("rockets").hits) == 4


def test_a_catalog_over_rubbish_says_so_in_one_line(tmp_path: Path):
    (tmp_path / "news.db").write_bytes(b"SQLite format 3\0" + b"\xa5" * 5000)
    with pytest.raises(CorpusDamaged, match="doctor"):
        Catalog.open(tmp_path / "news.db")


def test_salvage_keeps_every_version_and_the_day_it_came(tmp_path: Path):
    from rag.salvage import salvage

    file = tmp_path / "a.txt"
    settings = Settings(tmp_path / "news.db", tmp_path / "cache")
    with Corpus.open(settings=settings, create=True) as corpus:
        for text in ("Five rockets hit the base on Tuesday, he said.", "Six rockets hit the base on Tuesday, he said."):
            file.write_text(text)
            corpus.add([file])
        before = corpus.versions("a.txt")
    salvage(settings.corpus)
    with Corpus.open(settings=settings) as corpus:
        after = corpus.versions("a.txt")
    assert [(one.version, one.added) for one in after] == [(one.version, one.added) for one in before]
    assert len(after) == 2
