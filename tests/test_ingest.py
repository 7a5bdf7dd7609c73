"""What becomes of files: what is worked on, what is not, and that what was interrupted is completed."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from llama_index.core.embeddings import MockEmbedding

from rag.commands.common import few
from rag.config import Settings
from rag.corpus import Corpus
from rag.errors import CorpusBusy, CorpusMismatch, UsageError
from rag.ingest import READER, Ingest
from rag.load import Brought, Found, LoadOptions, Pool, Reading
from rag.load.fetch import Fetcher
from rag.locks import held

BODY = "Five rockets hit the base on Tuesday, the army said. Nobody was hurt in the attack."


class Counted(MockEmbedding):
    """An embedding that counts the texts it was given, and can be told to fail."""

    seen: int = 0
    fail_after: int = 10**9

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        self.seen += len(texts)
        if self.seen > self.fail_after:
            raise KeyboardInterrupt
        return [[1.0, float(len(text))] for text in texts]

    def _get_query_embedding(self, query: str) -> list[float]:
        return [1.0, float(len(query))]


@pytest.fixture
def embedding() -> Counted:
    return Counted(embed_dim=2)


@pytest.fixture
def corpus(settings: Settings, embedding: Counted):
    with Corpus.open(settings=settings, create=True, embedding=embedding) as opened:
        yield opened


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"{BODY} This is article {name}.")
    return folder


def lines(file: Path, *articles: dict) -> Path:
    file.write_text("".join(json.dumps(one) + "\n" for one in articles))
    return file


def counts(report: object) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, len(report.skipped)  # type: ignore[attr-defined]


def keys(corpus: Corpus) -> list[str]:
    return sorted(reference.key for reference in corpus.articles())


def test_only_what_is_new_or_changed_is_worked_on(corpus: Corpus, embedding: Counted, news: Path):
    assert counts(corpus.add([news])) == (3, 0, 0, 0)
    assert embedding.seen == 3
    assert counts(corpus.add([news])) == (0, 0, 3, 0)
    assert embedding.seen == 3
    (news / "b.txt").write_text(f"{BODY} It was changed.")
    (news / "d.txt").write_text(f"{BODY} It is new.")
    assert counts(corpus.add([news])) == (1, 1, 2, 0)
    assert embedding.seen == 5
    assert keys(corpus) == ["a.txt", "b.txt", "c.txt", "d.txt"]


def test_what_changed_is_found_by_its_new_words_only(corpus: Corpus, news: Path):
    corpus.add([news])
    (news / "b.txt").write_text("The parliament voted on Monday to dissolve itself.")
    corpus.add([news])
    assert [hit.article.key for hit in corpus.search("parliament", k=1).hits] == ["b.txt"]
    assert not any("article b" in hit.text for hit in corpus.search("article b").hits)


def test_the_same_file_named_twice_is_read_once(corpus: Corpus, news: Path):
    assert counts(corpus.add([news, news, news / "a.txt"])) == (3, 0, 0, 0)


def test_a_file_keeps_its_name_however_it_is_added_again(corpus: Corpus, news: Path, tmp_path: Path):
    corpus.add([news])
    corpus.add([tmp_path])
    corpus.add([news / "a.txt"])
    assert keys(corpus) == ["a.txt", "b.txt", "c.txt"]


def test_files_of_one_name_in_two_folders_are_two_articles(corpus: Corpus, news: Path, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("The parliament voted on Monday to dissolve itself.")
    corpus.add([news])
    assert counts(corpus.add([other])) == (1, 0, 0, 0)
    assert keys(corpus) == ["a.txt", "b.txt", "c.txt", "other/a.txt"]
    assert counts(corpus.add([other, news])) == (0, 0, 4, 0)


def test_a_folder_that_moved_holds_the_same_articles(corpus: Corpus, embedding: Counted, news: Path, tmp_path: Path):
    corpus.add([news])
    moved = tmp_path / "elsewhere"
    shutil.move(news, moved)
    assert counts(corpus.add([moved])) == (0, 0, 3, 0)
    assert embedding.seen == 3
    assert {reference.path for reference in corpus.articles()} == {str(moved / f"{name}.txt") for name in "abc"}


def test_metadata_that_changed_is_written_without_embedding_again(corpus: Corpus, embedding: Counted, tmp_path: Path):
    file = lines(tmp_path / "a.jsonl", {"id": "1", "text": BODY, "title": "Old"})
    corpus.add([file])
    lines(file, {"id": "1", "text": BODY, "title": "New title"})
    assert counts(corpus.add([file])) == (0, 1, 0, 0)
    assert [reference.title for reference in corpus.articles()] == ["New title"]
    assert embedding.seen == 1
    assert [hit.lexical_rank for hit in corpus.search("new title").hits] == [1]


def test_many_articles_of_one_file_packed_or_not(corpus: Corpus, tmp_path: Path):
    made = [{"id": str(n), "text": f"{BODY} Number {n}."} for n in range(5)]
    with gzip.open(tmp_path / "a.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(one) + "\n" for one in made)
    assert counts(corpus.add([tmp_path / "a.jsonl.gz"])) == (5, 0, 0, 0)
    assert counts(corpus.add([tmp_path / "a.jsonl.gz"])) == (0, 0, 5, 0)


def test_a_bad_line_is_told_each_time_and_costs_no_other(corpus: Corpus, tmp_path: Path):
    file = tmp_path / "a.jsonl"
    file.write_text(
        json.dumps({"id": "1", "text": BODY}) + "\nnot json\n" + json.dumps({"id": "2", "text": BODY}) + "\n"
    )
    assert counts(corpus.add([file])) == (2, 0, 0, 1)
    again = corpus.add([file])
    assert counts(again) == (0, 0, 2, 1)
    assert "line 2" in again.skipped[0].where + again.skipped[0].reason


def test_a_date_that_is_none_is_told(corpus: Corpus, tmp_path: Path):
    report = corpus.add([lines(tmp_path / "a.jsonl", {"id": "x1", "text": BODY, "published": "someday"})])
    assert counts(report) == (1, 0, 0, 0)
    assert any("someday" in note and "x1" in note for note in report.notes)


def test_no_more_notes_are_shown_than_somebody_reads():
    assert few(["one"] * 50) == ["one"] * 50
    assert few(["one"] * 1251) == [*["one"] * 50, "and 1,201 more notes of this kind"]


def test_an_article_that_was_removed_can_be_added_again(corpus: Corpus, news: Path):
    corpus.add([news])
    corpus.remove(["a.txt"])
    assert keys(corpus) == ["b.txt", "c.txt"]
    assert counts(corpus.add([news])) == (1, 0, 2, 0)


def test_one_of_many_that_was_removed_can_be_added_again(corpus: Corpus, tmp_path: Path):
    file = lines(tmp_path / "a.jsonl", {"id": "1", "text": BODY}, {"id": "2", "text": BODY})
    corpus.add([file])
    corpus.remove(["1"])
    assert counts(corpus.add([file])) == (1, 0, 1, 0)


def test_the_same_article_in_two_files_is_one(corpus: Corpus, tmp_path: Path):
    url = "https://news.example/a"
    first = lines(tmp_path / "1.jsonl", {"url": url, "text": BODY})
    second = lines(tmp_path / "2.jsonl", {"url": url + "#top", "text": BODY + " It was corrected later on."})
    os.utime(first, (1, 1))
    assert counts(corpus.add([first, second])) == (1, 1, 0, 0)
    assert keys(corpus) == [url]


RICH = {"title": "PM resigns", "date": "2022-05-02", "source": "Reuters", "author": "Ann Lee"}
URL = {"url": "https://news.example/a"}


@pytest.mark.parametrize("text", [BODY, f"{BODY} It was corrected later on."])
def test_a_poorer_record_of_an_article_takes_nothing_from_a_richer_one(corpus: Corpus, tmp_path: Path, text: str):
    rich = lines(tmp_path / "1.jsonl", {**URL, **RICH, "text": BODY})
    poor = lines(tmp_path / "2.jsonl", {**URL, "text": text})
    os.utime(rich, (1, 1))
    corpus.add([rich])
    assert counts(corpus.add([poor])) == ((0, 0, 1, 0) if text == BODY else (0, 1, 0, 0))
    (held,) = corpus.articles()
    assert (held.title, held.published, held.publisher, held.authors) == (
        *("PM resigns", "2022-05-02", "Reuters"),
        ("Ann Lee",),
    )
    assert corpus.article(held.id).text == text


def test_what_a_second_file_knows_more_is_filled_in_and_what_it_says_otherwise_is_told(corpus: Corpus, tmp_path: Path):
    first = lines(tmp_path / "1.jsonl", {**URL, "title": "PM resigns", "text": BODY})
    second = lines(tmp_path / "2.jsonl", {**URL, **RICH, "title": "Other", "text": BODY})
    corpus.add([first])
    report = corpus.add([second])
    assert counts(report) == (0, 1, 0, 0)
    assert [note for note in report.notes if "says otherwise of title" in note and str(first) in note]
    (held,) = corpus.articles()
    assert (held.title, held.publisher, held.path) == ("PM resigns", "Reuters", str(first))
    lines(first, {**URL, "text": BODY})  # what the file itself no longer says is dropped
    corpus.add([first])
    assert [one.title for one in corpus.articles()] == [None]


@pytest.mark.parametrize("later", ["updated", "the file"])
@pytest.mark.parametrize("order", ["older first", "newer first"])
def test_of_two_states_of_an_article_the_later_is_present_whichever_comes_first(
    corpus: Corpus, tmp_path: Path, later: str, order: str
):
    newer, older = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    said = {"updated": "2022-05-03T10:00:00Z"} if later == "updated" else {}
    lines(newer, {**URL, "date": "2022-05-02", "text": f"{BODY} It was corrected.", **said})
    lines(older, {**URL, "date": "2022-05-02", "text": BODY})
    os.utime(older, (9, 9) if later == "updated" else (1, 1))
    os.utime(newer, (5, 5))
    files = [older, newer] if order == "older first" else [newer, older]
    corpus.add(files)
    (held,) = corpus.articles()
    assert corpus.article(held.id).text.endswith("It was corrected.")
    assert [one.version for one in corpus.versions(held.id)][1:] == [held.version]
    for _ in range(2):
        assert counts(corpus.sync(tmp_path).ingest)[:2] == (0, 0)


STORIES = {
    "Bridge opens in June": "The minister said on Monday that the bridge would reopen in June after two years of work. "
    "Engineers had found cracks in three of its pillars last spring, and lorries were sent over the old road since "
    "then. The mayor called it good news for every shop in the valley, which had lost a third of its trade.",
    "Rare owl found in harbour": "A snowy owl that nobody had seen so far south for forty years sat on a crane in the "
    "harbour all of Thursday. Dock workers fed it herring until a keeper from the zoo came with a net, which it "
    "watched with some interest before it flew off towards the lighthouse and was not seen there again.",
    "Chess club wins at last": "After eleven seasons at the foot of the table the town's chess club beat the champions "
    "by five games to three on Saturday night. Its captain, a retired baker, offered a draw on the last board and was "
    "refused; twelve moves later his opponent lost a rook and gave him his hand without a word.",
}


def pages(folder: Path, stories: dict[str, str]) -> list[Path]:
    """Web pages that all name their site's front page as their address; each was written after the one before."""
    folder.mkdir()
    made = []
    for number, (title, text) in enumerate(stories.items()):
        page = folder / f"{number}.html"
        page.write_text(
            f"<html><head><title>{title}</title><link rel=canonical href='https://s.example/news/'></head>"
            f"<body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
        )
        os.utime(page, (number, number))
        made.append(page)
    return made


def test_different_stories_that_claim_one_address_all_stay(corpus: Corpus, tmp_path: Path):
    files = pages(tmp_path / "s", STORIES)
    report = corpus.add(files)
    assert counts(report) == (3, 0, 0, 0)
    assert keys(corpus) == ["1.html", "2.html", "https://s.example/news/"]
    assert {one.title for one in corpus.articles()} == set(STORIES)
    assert [one.url for one in corpus.articles() if one.key.endswith(".html")] == [None, None]
    assert report.notes == tuple(
        f"{file}: {file.name}: https://s.example/news/ is not taken for its address, which is that of another story, "
        f"in {files[0]}"
        for file in files[1:]
    )
    assert counts(corpus.sync(tmp_path / "s").ingest) == (0, 0, 3, 0)
    files[1].write_text(files[1].read_text().replace("forty years", "fifty years"))
    synced = corpus.sync(tmp_path / "s")
    assert (counts(synced.ingest), synced.removed) == ((0, 1, 2, 0), ())
    assert keys(corpus) == ["1.html", "2.html", "https://s.example/news/"]


def test_a_text_that_takes_the_place_of_another_files_is_told(corpus: Corpus, tmp_path: Path):
    (title, text) = next(iter(STORIES.items()))
    old, new = pages(tmp_path / "s", {title: text, "Bridge opens in July": text.replace("June", "July")})
    report = corpus.add([old, new])
    assert counts(report) == (1, 1, 0, 0)
    assert report.notes == (
        f"{new}: https://s.example/news/: takes the place of the text in {old}, which is kept as an older version; if "
        "they are two articles, one of them states a wrong address",
    )
    assert corpus.sync(tmp_path / "s").notes == ()


def test_an_interrupted_add_keeps_what_is_done_and_the_next_completes_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rag.ingest.writing.EMBED_AT_ONCE", 2)
    file = lines(tmp_path / "a.jsonl", *({"id": str(n), "text": f"{BODY} Number {n}."} for n in range(9)))
    failing = Counted(embed_dim=2, fail_after=5)
    with Corpus.open(settings=settings, create=True, embedding=failing) as corpus:
        with pytest.raises(KeyboardInterrupt):
            corpus.add([file])
        assert keys(corpus) == ["0", "1", "2", "3"]
    patient = Counted(embed_dim=2)
    with Corpus.open(settings=settings, embedding=patient) as corpus:
        assert counts(corpus.add([file])) == (5, 0, 4, 0)
        assert patient.seen == 5
        assert len(corpus.search("rockets", k=20).hits) == 9
        assert counts(corpus.add([file])) == (0, 0, 9, 0)


def test_what_came_in_without_a_model_gets_its_vectors_later(settings: Settings, news: Path, embedding: Counted):
    with Corpus.open(settings=settings, create=True) as corpus:
        report = corpus.add([news])
        assert any("model fetch" in note for note in report.notes)
        assert corpus.status().counts.vectors == 0
    with Corpus.open(settings=settings, embedding=embedding) as corpus:
        report = corpus.add([])
        assert report.embedded == 3
        assert corpus.status().counts.vectors == corpus.status().counts.passages == 3
        assert all(hit.dense_rank for hit in corpus.search("rockets").hits)


def test_a_file_that_an_older_reader_worked_through_is_read_again(
    settings: Settings, news: Path, embedding: Counted, monkeypatch: pytest.MonkeyPatch
):
    with Corpus.open(settings=settings, create=True, embedding=embedding) as corpus:
        corpus.add([news])
        read: list[str] = []

        opened = Pool.open

        def watched(self: Pool, found: Found, *, at_once: bool = False) -> Reading:
            read.append(found.key_path)
            return opened(self, found, at_once=at_once)

        monkeypatch.setattr(Pool, "open", watched)
        corpus.add([news])
        assert read == []
        monkeypatch.setattr("rag.ingest.READER", READER + "newer")
        assert counts(corpus.add([news])) == (0, 0, 3, 0)
        assert len(read) == 3


def test_progress_ends_at_the_whole(corpus: Corpus, news: Path):
    told: list = []
    corpus.add([news], progress=told.append)
    sizes = sum(file.stat().st_size for file in news.iterdir())
    assert (told[-1].done_bytes, told[-1].total_bytes) == (sizes, sizes)
    assert [one.done_bytes for one in told] == sorted(one.done_bytes for one in told)


# -- what other processes read, and what lies in no folder -------------------------------------------------------


def table(file: Path, *texts: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text("text\n" + "".join(f'"{text}"\n' for text in texts))
    return file


def test_files_read_ahead_go_by_the_names_that_their_turn_gives_them(corpus: Corpus, tmp_path: Path):
    first = table(tmp_path / "one/a.csv", f"{BODY} First.")
    second = table(tmp_path / "two/a.csv", "The parliament voted on Monday to dissolve itself.")
    assert counts(corpus.add([first.parent, second.parent])) == (2, 0, 0, 0)
    assert [key.partition("#")[0] for key in keys(corpus)] == ["a.csv", "two/a.csv"]
    assert counts(corpus.add([second.parent, first.parent])) == (0, 0, 2, 0)


def test_many_files_come_in_whole_whoever_reads_them(corpus: Corpus, tmp_path: Path):
    for n in range(80):
        table(tmp_path / f"news/{n}.csv", *(f"{BODY} This is {m} of {n}." for m in range(3)))
    (tmp_path / "news/7.csv").write_text("no,such\n1,2\n")
    report = corpus.add([tmp_path / "news"])
    assert counts(report) == (237, 0, 0, 1)
    assert report.skipped[0].where == str(tmp_path / "news/7.csv")
    assert counts(corpus.add([tmp_path / "news"]))[:3] == (0, 0, 237)


def test_a_stream_is_known_by_its_content(corpus: Corpus):
    for _ in range(2):
        report = corpus.add([BytesIO(BODY.encode()), BytesIO(b"The parliament voted on Monday to dissolve itself.")])
    assert counts(report) == (0, 0, 2, 0)
    assert all(key.startswith("standard-input-") for key in keys(corpus))
    assert [reference.path for reference in corpus.articles()] == [None, None]


def test_columns_and_format_are_as_the_user_says(corpus: Corpus):
    content = f'kopf,inhalt\nRockets,"{BODY}"\n'.encode()
    report = corpus.add([BytesIO(content)], columns={"title": "kopf", "text": "inhalt"}, format="csv")
    assert counts(report) == (1, 0, 0, 0)
    assert [reference.title for reference in corpus.articles()] == ["Rockets"]
    with pytest.raises(UsageError, match="is no format that Groundwire reads"):
        corpus.add([], format="xls")
    with pytest.raises(UsageError, match="'nonsense' is not a field"):
        corpus.add([], columns={"nonsense": "x"})


def test_a_file_is_read_again_where_the_user_says_how(corpus: Corpus, tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text(f'text,a,b\n"{BODY}",One,Two\n')
    for column, title in (("a", "One"), ("b", "Two")):
        corpus.add([file], columns={"title": column})
        assert [reference.title for reference in corpus.articles()] == [title]


def web(pages: dict[str, str]) -> Fetcher:
    """A network that has these pages; robots.txt is nowhere."""

    def answer(request: httpx.Request) -> httpx.Response:
        text = pages.get(request.url.path)
        content = iter([text.encode()]) if text else b""
        return httpx.Response(200 if text else 404, content=content, headers={"Content-Type": "text/plain"})

    return Fetcher(resolve=lambda host, port: ["93.184.216.34"], transport=httpx.MockTransport(answer))


def test_a_page_is_known_by_its_address_and_fetched_each_time(corpus: Corpus, news: Path):
    url, pages = "https://news.example/a", {"/a": f"{BODY} It was on the web."}

    def add(*urls: str) -> tuple[int, int, int, int]:
        with Brought(LoadOptions(), None, web(pages)) as brought:
            return counts(Ingest(corpus._catalog, None, 900).run([], brought.all(urls)))

    assert add(url, f"{url}?utm_source=x", "https://news.example/gone", "http://[") == (1, 0, 1, 2)
    (reference,) = corpus.articles()
    assert (reference.key, reference.url, reference.path) == (url, url, None)
    assert add(url) == (0, 0, 1, 0)
    pages["/a"] = f"{BODY} It was changed."
    assert add(url) == (0, 1, 0, 0)
    assert len(corpus.versions(url)) == 2
    # And mirroring a folder leaves it alone.
    corpus.sync(news)
    assert url in keys(corpus)


def test_what_a_file_holds_stays_the_files_where_it_comes_from_the_web_too(corpus: Corpus, tmp_path: Path):
    url = "https://news.example/a"
    file = lines(tmp_path / "a.jsonl", {"url": url, "text": BODY})
    corpus.add([file])
    with Brought(LoadOptions(), None, web({"/a": BODY})) as brought:
        assert counts(Ingest(corpus._catalog, None, 900).run([], brought.all([url]))) == (0, 0, 1, 0)
    assert [reference.path for reference in corpus.articles()] == [str(file)]


# -- one model, one writer -------------------------------------------------------------------------------------


class Other(MockEmbedding):
    def _get_text_embeddings(self, texts: Sequence[str]) -> list[list[float]]:
        return np.ones((len(texts), 3)).tolist()


def test_another_model_is_refused_and_nothing_is_mixed(settings: Settings, news: Path, embedding: Counted):
    with Corpus.open(settings=settings, create=True, embedding=embedding) as corpus:
        corpus.add([news / "a.txt"])
    with (
        Corpus.open(settings=settings, embedding=Other(embed_dim=3, model_name="another")) as corpus,
        pytest.raises(CorpusMismatch, match="another"),
    ):
        corpus.add([news])
    with Corpus.open(settings=settings, embedding=embedding) as corpus:
        assert keys(corpus) == ["a.txt"]


def test_another_model_by_name_is_refused_with_what_to_do(settings: Settings, news: Path, model_cache: Path):
    from dataclasses import replace

    settings = replace(settings, cache=model_cache)
    with Corpus.open(settings=settings, create=True) as corpus:
        corpus.add([news])
    with pytest.raises(CorpusMismatch, match=r"minilm-int8.*--corpus"):
        Corpus.open(settings=replace(settings, model="minilm-int8"))
    assert Corpus.open(settings=replace(settings, model="minilm")).status().weights


def test_another_splitter_is_refused(corpus: Corpus, news: Path, monkeypatch: pytest.MonkeyPatch):
    corpus.add([news / "a.txt"])
    monkeypatch.setattr("rag.binding.PASSAGE_SIZE", 400)
    with pytest.raises(CorpusMismatch, match="splitter"):
        corpus.add([news])


def test_a_second_writer_is_told_at_once(corpus: Corpus, settings: Settings, news: Path):
    with held(settings.corpus.with_name("news.db.lock")) as mine:
        assert mine
        with pytest.raises(CorpusBusy):
            corpus.add([news])
    assert counts(corpus.add([news])) == (3, 0, 0, 0)


def test_a_folder_that_is_not_there_now_is_not_replaced_by_another(corpus: Corpus, news: Path, tmp_path: Path):
    corpus.add([news])
    shutil.move(news, tmp_path / "unmounted")
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("The parliament voted on Monday to dissolve itself.")
    assert counts(corpus.add([other])) == (1, 0, 0, 0)
    assert keys(corpus) == ["a.txt", "b.txt", "c.txt", "other/a.txt"]


def test_one_id_in_two_files_pushes_neither_article_out(corpus: Corpus, tmp_path: Path):
    first = lines(tmp_path / "1.jsonl", {"id": "1", "text": BODY})
    second = lines(tmp_path / "2.jsonl", {"id": "1", "text": "The parliament voted on Monday to dissolve itself."})
    report = corpus.add([first, second])
    assert counts(report) == (1, 0, 0, 1)
    assert str(first) in report.skipped[0].reason
    assert corpus.article("1").text == BODY


def test_an_id_that_looks_like_another_articles_id_harms_neither(corpus: Corpus, news: Path, tmp_path: Path):
    corpus.add([news / "a.txt"])
    answer = corpus.ask("How many rockets hit the base?")
    target = answer.citations[0]
    forged = lines(tmp_path / "f.jsonl", {"id": target.article, "text": "Roses are red, and violets are blue."})
    corpus.add([forged])
    assert corpus.ask("How many rockets hit the base?").citations[0].article == target.article
    assert corpus.standing(target).standing == "exact"
    assert corpus.cited(target.id).quote == target.quote
    with pytest.raises(UsageError, match="names 2 articles"):
        corpus.article(target.article)


def test_a_text_that_comes_back_keeps_the_day_it_first_came(corpus: Corpus, news: Path):
    text = (news / "a.txt").read_text()
    corpus.add([news])
    first = corpus.cited("a.txt").added
    for changed in ("The parliament voted on Monday to dissolve itself.", text):
        (news / "a.txt").write_text(changed)
        corpus.add([news])
    assert corpus.cited("a.txt").added == first


def test_a_thread_that_ends_leaves_no_file_open(corpus: Corpus, news: Path):
    from threading import Thread

    corpus.add([news])
    open_files = Path("/proc/self/fd")
    if not open_files.is_dir():
        pytest.skip("the system does not tell which files are open")
    before = len(list(open_files.iterdir()))
    for _ in range(20):
        thread = Thread(target=lambda: list(corpus.articles()))
        thread.start()
        thread.join()
    assert len(list(open_files.iterdir())) <= before + 2
