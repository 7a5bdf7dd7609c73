from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from rag.load import delimited, json_file
from rag.load import parquet as parquet_module
from rag.load.source import Found, Loaded, LoadOptions, Unreadable
from rag.types import Origin, Rejected

TEXT = "The ministry said on Monday that the two sides had agreed to meet again."
OTHER = "The opposition said on Tuesday that nobody had asked it before the vote."


def read(load, content: bytes, name: str, columns: dict[str, str] | None = None) -> list[Loaded | Rejected]:
    found = Found(Path("/news") / name, name, LoadOptions(columns=columns or {}))
    return list(load(found, io.BytesIO(content)))


def table(content: str | bytes, name: str = "news.csv", **columns: str) -> list[Loaded | Rejected]:
    return read(delimited.load, content.encode() if isinstance(content, str) else content, name, columns)


def the(loaded: list[Loaded | Rejected]) -> Loaded:
    (one,) = loaded
    assert isinstance(one, Loaded), one
    return one


def refused(load, content: bytes, name: str, columns: dict[str, str] | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read(load, content, name, columns)
    return str(caught.value)


# --- delimited -----------------------------------------------------------------------------------------------------


def test_usual_names_of_columns_are_recognised_whatever_their_case_and_marks() -> None:
    content = (
        "Article ID;Head-line;By line;Source;Publish_Date;Last Modified;Article Text;Category;Lang\n"
        f'7;"Talks; again";By Jane Doe and John Roe;The Daily Bugle;2020-04-01;2020-04-02;"{TEXT}";World;EN\n'
    ).replace("By line", "byline")
    article = the(table(content)).article
    assert article.key == "7"
    assert article.title == "Talks; again"
    assert article.authors == ("Jane Doe", "John Roe")
    assert article.publisher == "The Daily Bugle"
    assert (article.published, article.published_from) == ("2020-04-01", Origin.GIVEN)
    assert (article.updated, article.updated_from) == ("2020-04-02", Origin.GIVEN)
    assert article.text == TEXT
    assert (article.section, article.language) == ("World", "en")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_separator_and_the_line_ends_are_found_out(separator: str, end: str) -> None:
    content = end.join(separator.join(row) for row in [("title", "text"), ("A", TEXT), ("B", OTHER)])
    first, second = table(content)
    assert isinstance(first, Loaded)
    assert isinstance(second, Loaded)
    assert [(one.article.title, one.article.text) for one in (first, second)] == [("A", TEXT), ("B", OTHER)]


def test_line_breaks_and_quotes_stand_inside_quoted_values() -> None:
    text = f'He said "no".\r\n\r\n{TEXT}\u2028{OTHER}'
    written = io.StringIO()
    csv.writer(written).writerows([["id", "text"], ["a", text]])
    assert the(table(written.getvalue())).article.text == text


def test_a_table_larger_than_one_chunk_is_read_whole() -> None:
    written = io.StringIO()
    rows = [[str(number), f"{TEXT} {'é' * number}"] for number in range(1500)]
    csv.writer(written).writerows([["id", "text"], *rows])
    content = written.getvalue().encode()
    assert len(content) > 4 * 256 * 1024
    assert [[one.article.key, one.article.text] for one in table(content) if isinstance(one, Loaded)] == rows


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("cp1252", b"")],
)
def test_the_encoding_is_found_out(encoding: str, mark: bytes) -> None:
    content = mark + "id,text\n1,The café’s owner said so again and again.\n".encode(encoding)
    assert the(table(content)).article.text == "The café’s owner said so again and again."


def test_columns_can_be_named_for_what_they_hold() -> None:
    loaded = the(table(f"kop,tekst\nTalks,{TEXT}\n", text="tekst", title="kop"))
    assert (loaded.article.title, loaded.article.text) == ("Talks", TEXT)
    # Kept so that it can be read again by nobody who knows of the mapping.
    assert json.loads(loaded.source) == {"title": "Talks", "text": TEXT}


def test_a_named_column_wins_over_one_of_a_usual_name() -> None:
    assert the(table(f"text,summary\n{TEXT},{OTHER}\n", text="summary")).article.text == OTHER


def test_bad_rows_are_named_by_their_line_and_the_others_go_in() -> None:
    content = f'id,text\n1,"{TEXT}\n\nMore."\n2,\n\n3,{OTHER},{OTHER}\n1,{OTHER}\n4,{OTHER}\n'
    told = [one.article.key if isinstance(one, Loaded) else (one.where, one.reason) for one in table(content)]
    assert told == [
        "1",
        ("/news/news.csv, line 5", 'its "text" is empty'),
        (
            "/news/news.csv, line 7",
            "has 3 columns, where the first line names 2; put a value that holds the separator in quotes",
        ),
        ("/news/news.csv, line 8", "has the same id or URL as line 2; give it its own, or leave it out"),
        "4",
    ]


def test_a_row_without_id_and_url_is_known_by_its_text() -> None:
    before = [one.article.key for one in table(f"text\n{TEXT}\n{OTHER}\n") if isinstance(one, Loaded)]
    after = [one.article.key for one in table(f"text\n{OTHER}\n{TEXT}\n") if isinstance(one, Loaded)]
    assert before == after[::-1]
    assert len(set(before)) == 2


@pytest.mark.parametrize(
    ("content", "columns", "reason"),
    [
        (b"", {}, "is empty"),
        (b"\n\n", {}, "is empty"),
        (b"id,summary\n1,x\n", {}, "has no \"text\" and nothing of another usual name for it; it has 'id', 'summary'"),
        (b"id,text\n1,x\n", {"title": "kop", "text": "text"}, "has no column 'kop', which --map names; it has 'id'"),
        (b"id,text\n1,x\n", {"colour": "id"}, "'colour' is not a field; --map takes text, title"),
        (b"text,text\na,b\n", {}, "names the column 'text' twice"),
        (b"id,text\n\x81\x8d,\x9d\n", {}, "is not UTF-8"),
        (b"id,text\n1," + b"x" * (21 * 1024 * 1024), {}, "has a line of more than 20 MB after line 1"),
    ],
)
def test_what_is_no_table_of_articles_is_refused(content: bytes, columns: dict[str, str], reason: str) -> None:
    assert reason in refused(delimited.load, content, "news.csv", columns)


def test_an_unclosed_quote_costs_its_row_and_says_that_the_rest_was_left_out() -> None:
    content = f'id,text\n1,{TEXT}\n2,"{OTHER}\n3,{TEXT} 3\n4,{TEXT} 4'
    assert [one.article.key if isinstance(one, Loaded) else (one.where, one.reason) for one in table(content)] == [
        "1",
        ("/news/news.csv, line 3", "opens a quote that is never closed; this row and what follows it were left out"),
    ]


def test_a_quote_that_is_closed_at_the_very_end_is_whole() -> None:
    assert the(table(f'id,text\n1,"{TEXT}"')).article.text == TEXT


def test_seconds_since_1970_are_read_as_a_date_in_a_table_too() -> None:
    assert the(table(f"date,text\n1585734900,{TEXT}\n")).article.published == "2020-04-01T09:55:00Z"


def test_a_table_with_none_of_the_named_columns_goes_by_the_usual_names() -> None:
    assert the(table(f"headline,body\nTalks,{TEXT}\n", title="kop", text="tekst")).article.title == "Talks"


def test_a_repeated_text_without_an_id_is_said_to_repeat() -> None:
    _, again = table(f"text\n{TEXT}\n{TEXT}\n")
    assert isinstance(again, Rejected)
    assert again.reason == "repeats the text of line 2; leave it out, or give each an id"


def test_a_quote_that_is_never_closed_ends_the_reading_with_a_reason() -> None:
    content = b'id,text\n1,"' + (b"x" * 1000 + b"\n") * 21_000
    assert "a quote that is opened there is not closed" in refused(delimited.load, content, "news.csv")


# --- JSON ----------------------------------------------------------------------------------------------------------


def documents(value: object, **columns: str) -> list[Loaded | Rejected]:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read(json_file.load, content, "news.json", columns)


A, B = {"id": "a", "text": TEXT}, {"id": "b", "text": OTHER}


@pytest.mark.parametrize(
    "value",
    [
        [A, B],
        {"articles": [A, B]},
        {"status": "ok", "totalResults": 2, "articles": [A, B]},
        {"response": {"status": "ok", "results": [A, B]}},
        {"hits": {"total": {"value": 2}, "hits": [{"_id": "x", "_source": A}, {"_id": "y", "_source": B}]}},
        json.dumps(A).encode() + b"\n" + json.dumps(B).encode(),
        b"\xef\xbb\xbf" + json.dumps([A, B]).encode(),
    ],
    ids=["list", "container", "news API", "nested container", "search engine", "one after the other", "marked"],
)
def test_articles_are_found_where_programs_put_them(value: object) -> None:
    found = [(one.article.key, one.article.text) for one in documents(value) if isinstance(one, Loaded)]
    assert found == [("a", TEXT), ("b", OTHER)]


def test_an_object_with_a_text_is_an_article_whatever_lists_it_holds() -> None:
    linked = {"text": TEXT, "title": "Talks", "images": [{"url": "x"}], "authors": [{"name": "Jane Doe"}]}
    article = the(documents(linked)).article
    assert (article.title, article.authors) == ("Talks", ("Jane Doe",))


def test_a_news_api_s_source_and_schema_org_s_article_body_are_read() -> None:
    loaded = the(
        documents(
            {
                "articles": [
                    {
                        "source": {"id": None, "name": "The Daily Bugle"},
                        "publishedAt": "2020-04-01T10:00:00Z",
                        "articleBody": [TEXT, OTHER],
                    }
                ]
            }
        )
    )
    assert loaded.article.publisher == "The Daily Bugle"
    assert loaded.article.text == f"{TEXT}\n\n{OTHER}"
    assert loaded.article.published is not None
    assert loaded.article.published.startswith("2020-04-01T10:00")


def test_fields_in_an_object_of_their_own_are_read_as_some_news_apis_give_them() -> None:
    result = {"webTitle": "Talks", "id": "world/1", "fields": {"bodyText": TEXT, "headline": "Talks"}}
    article = the(documents({"response": {"results": [result]}})).article
    assert (article.key, article.title, article.text) == ("world/1", "Talks", TEXT)


def test_a_headline_and_byline_may_be_objects_and_a_title_a_number() -> None:
    article = the(documents({"headline": {"main": "Talks"}, "byline": {"original": "Jane Doe"}, "text": TEXT})).article
    assert (article.title, article.authors) == ("Talks", ("Jane Doe",))
    assert the(documents({"title": 1984, "id": 7.0, "text": TEXT})).article.title == "1984"


def test_a_field_one_level_down_can_be_named() -> None:
    loaded = the(documents({"meta": {"kop": "Talks"}, "story": {"long": TEXT}}, title="meta.kop", text="story.long"))
    assert (loaded.article.title, loaded.article.text) == ("Talks", TEXT)


def test_a_text_that_says_that_it_is_cut_is_told() -> None:
    (note,) = the(documents({"content": f"{TEXT} And then… [+2034 chars]"})).notes
    assert note.startswith("its text is cut off")


def test_what_is_bad_in_a_list_costs_only_itself() -> None:
    told = [
        one.article.key if isinstance(one, Loaded) else (one.where, one.reason)
        for one in documents([A, {"id": "x"}, {"id": "y", "text": "\0"}, B])
    ]
    assert told == [
        "a",
        (
            "/news/news.json, article 2",
            "has no \"text\" and nothing of another usual name for it; it has 'id'; say --map text=NAME",
        ),
        ("/news/news.json, article 3", 'its "text" holds U+0000, which cannot be stored; remove it'),
        "b",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not JSON"),
        (b"[]", "holds no article"),
        (b"[1, 2]", "holds no article"),
        (b'{"articles": []}', 'has no "text"'),
        (b"nonsense", "is not JSON"),
        (b'[{"text": "a"', "is not JSON"),
        (b"[" * 100_000, "is nested too deeply to hold articles"),
        (b'{"a":' * 100_000, "is nested too deeply to hold articles"),
        (b"\xff\xfe[\0", "is UTF-16"),
        (b'["\xff"]', "is not JSON"),
    ],
)
def test_what_is_no_json_of_articles_is_refused(content: bytes, reason: str) -> None:
    found = Found(Path("/news/news.json"), "news.json")
    reasons: list[str] = []
    try:
        reasons += [one.reason for one in json_file.load(found, io.BytesIO(content)) if isinstance(one, Rejected)]
    except Unreadable as error:
        reasons.append(str(error))
    assert any(reason in one for one in reasons), reasons


def test_an_article_too_long_is_named_and_the_next_is_read() -> None:
    long = {"id": "long", "text": "x" * (21 * 1024 * 1024)}
    first, second = documents([long, B])
    assert isinstance(first, Rejected)
    assert "is longer than 20 MB" in first.reason
    assert isinstance(second, Loaded)


# --- Parquet -------------------------------------------------------------------------------------------------------


def columnar(rows: list[dict[str, object]]) -> bytes:
    written = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), written)
    return written.getvalue()


def test_a_parquet_table_is_read_with_its_types() -> None:
    rows = [
        {"id": 1, "content": TEXT, "authors": ["Jane Doe"], "date": date(2020, 4, 1)},
        {"id": 2, "content": OTHER, "authors": None, "date": None},
    ]
    first, second = read(parquet_module.load, columnar(rows), "news.parquet")
    assert isinstance(first, Loaded)
    assert isinstance(second, Loaded)
    assert (first.article.key, first.article.text, first.article.authors) == ("1", TEXT, ("Jane Doe",))
    assert (first.article.published, second.article.published) == ("2020-04-01", None)
    assert json.loads(first.source)["published"] == "2020-04-01"


def test_a_parquet_moment_keeps_its_time() -> None:
    rows = [{"text": TEXT, "published_at": datetime(2020, 4, 1, 10, 30, tzinfo=UTC)}]
    article = the(read(parquet_module.load, columnar(rows), "news.parquet")).article
    assert article.published == "2020-04-01T10:30:00Z"


def test_a_parquet_row_that_is_none_costs_only_itself() -> None:
    rows = [{"id": "a", "text": TEXT}, {"id": "b", "text": None}, {"id": "c", "text": OTHER}]
    told = [
        one.article.key if isinstance(one, Loaded) else (one.where, one.reason)
        for one in read(parquet_module.load, columnar(rows), "news.parquet")
    ]
    assert told == ["a", ("/news/news.parquet, row 2", 'its "text" is empty'), "c"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"nonsense"])
def test_what_is_no_parquet_is_refused(content: bytes) -> None:
    assert "is not a whole Parquet file" in refused(parquet_module.load, content, "news.parquet")


def test_a_parquet_file_that_is_cut_or_damaged_is_refused_or_read() -> None:
    whole = columnar([{"id": str(number), "text": f"{TEXT} {number}"} for number in range(300)])
    for cut in range(0, len(whole), max(1, len(whole) // 40)):
        assert "is not a whole Parquet file" in refused(parquet_module.load, whole[:cut], "news.parquet")
