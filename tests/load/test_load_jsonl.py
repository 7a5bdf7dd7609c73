from __future__ import annotations

import gzip
import io
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.load import Found, Loaded, file_sha256, open_source
from rag.load import jsonl as jsonl_module
from rag.types import Rejected, SkipKind

TEXT = "The ministry said on Monday that the two sides had agreed to meet again."


def read(tmp_path: Path, *lines: object, name: str = "news.jsonl") -> list[Loaded | Rejected]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    file = tmp_path / name
    content = b"\n".join(raw) + b"\n"
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return list(open_source(Found(file, f"sub/{name}")).articles())


def one(tmp_path: Path, line: object) -> Loaded:
    (loaded,) = read(tmp_path, line)
    assert isinstance(loaded, Loaded), loaded
    return loaded


def refusal(tmp_path: Path, line: object) -> str:
    """The reason for refusing the second of three lines; the first and the third must go in."""
    before, rejected, after = read(tmp_path, {"id": "a", "text": TEXT}, line, {"id": "b", "text": TEXT})
    assert isinstance(before, Loaded)
    assert isinstance(after, Loaded)
    assert isinstance(rejected, Rejected), rejected
    assert rejected.where == f"{tmp_path / 'news.jsonl'}, line 2"
    return rejected.reason


def test_all_that_is_given_is_taken(tmp_path: Path) -> None:
    line = {
        "id": "7",
        "url": "https://Example.com/a?utm_source=x#top",
        "title": " Two sides agree ",
        "authors": ["Jane Doe", "John Roe"],
        "publisher": "The Daily Bugle",
        "published": "2022/06/17",
        "text": TEXT,
    }
    loaded = one(tmp_path, line)
    article = loaded.article
    assert article.key == "https://example.com/a"
    assert article.url == "https://Example.com/a?utm_source=x#top"
    assert article.title == "Two sides agree"
    assert article.authors == ("Jane Doe", "John Roe")
    assert article.publisher == "The Daily Bugle"
    assert article.published == "2022-06-17"
    assert article.path == str(tmp_path / "news.jsonl")
    assert article.text == TEXT
    assert article.skipped == ()
    assert loaded.source == json.dumps(line).encode()
    assert loaded.notes == ()


def test_the_key_is_the_url_else_the_id_else_the_text(tmp_path: Path) -> None:
    assert one(tmp_path, {"id": "x/7", "text": TEXT}).article.key == "x/7"
    assert one(tmp_path, {"id": 7, "text": TEXT}).article.key == "7"
    assert one(tmp_path, {"id": "7", "url": "not a web address", "text": TEXT}).article.key == "7"
    digest = sha256(TEXT.encode()).hexdigest()[:12]
    assert one(tmp_path, {"text": TEXT}).article.key == f"sub/news.jsonl#{digest}"


def test_what_is_missing_is_filled_from_the_text(tmp_path: Path) -> None:
    text = f"Two sides agree to talk\n\nBy Jane Doe\n\n1 April 2020\n\n{TEXT}"
    article = one(tmp_path, {"text": text, "title": None, "authors": [], "published": ""}).article
    assert (article.title, article.authors, article.published) == (
        "Two sides agree to talk",
        ("Jane Doe",),
        "2020-04-01",
    )


def test_what_is_given_wins_over_the_text(tmp_path: Path) -> None:
    text = f"Two sides agree to talk\n\nBy Jane Doe\n\n1 April 2020\n\n{TEXT}"
    line = {"text": text, "title": "Given", "authors": "By John Roe and Ann Lee", "publish_date": "2021"}
    article = one(tmp_path, line).article
    assert (article.title, article.authors, article.published) == ("Given", ("John Roe", "Ann Lee"), "2021")
    assert text[: len("Two sides agree to talk")] not in [text[s.start : s.end] for s in article.skipped]


def test_a_year_may_be_a_number(tmp_path: Path) -> None:
    assert one(tmp_path, {"text": TEXT, "published": 2020}).article.published == "2020"


@pytest.mark.parametrize("given", [1585734900, 1585734900.25, 1585734900000])
def test_a_date_may_be_the_seconds_or_milliseconds_since_1970(tmp_path: Path, given: float) -> None:
    assert one(tmp_path, {"text": TEXT, "timestamp": given}).article.published == "2020-04-01T09:55:00Z"


@pytest.mark.parametrize("given", ["04/05/2020", "25/05/2020 - 26/05/2020", "31/31/2020", "yesterday", 7.5])
def test_a_date_that_is_none_leaves_the_article_undated_and_says_so(tmp_path: Path, given: object) -> None:
    loaded = one(tmp_path, {"text": f"A title of five words\n\n1 May 2021\n\n{TEXT}", "published": given})
    assert loaded.article.published is None
    assert loaded.notes == (f'"{given}" is not a date: the article is taken as undated',)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("25/05/2020", "2020-05-25"),
        ("12/31/2020 10:15", "2020-12-31T10:15:00"),
        ("01.04.2020", "2020-04-01"),
        ("04/04/2020", "2020-04-04"),
        ("12. März 2020, 10:15 Uhr", "2020-03-12T10:15:00"),
    ],
)
def test_a_date_that_can_be_but_one_day_is_that_day_however_it_is_written(
    tmp_path: Path, given: str, meant: str
) -> None:
    loaded = one(tmp_path, {"text": TEXT, "published": given, "updated": given})
    assert (loaded.article.published, loaded.article.updated, loaded.notes) == (meant, meant, ())


@pytest.mark.parametrize(
    ("given", "names", "agency"),
    [
        ("By Jane Roe and John Doe", ("Jane Roe", "John Doe"), None),
        ({"original": "By Jane Roe and John Doe"}, ("Jane Roe", "John Doe"), None),
        (["By Jane Roe and John Doe"], ("Jane Roe", "John Doe"), None),
        ([{"name": "Jane Roe"}, "Jane Roe and John Doe"], ("Jane Roe", "John Doe"), None),
        ("By JANE ROE, Reuters", ("JANE ROE",), "Reuters"),
        (["By JANE ROE, Reuters"], ("JANE ROE",), "Reuters"),
        (["Roe, Jane", "García Márquez, Gabriel José"], ("Roe, Jane", "García Márquez, Gabriel José"), None),
        ("Reuters", ("Reuters",), "Reuters"),
        (None, (), None),
    ],
)
def test_a_byline_names_people_and_their_agency_in_whatever_it_stands(
    tmp_path: Path, given: object, names: tuple[str, ...], agency: str | None
) -> None:
    article = one(tmp_path, {"text": TEXT, "author": given}).article
    assert (article.authors, article.agency) == (names, agency)


def test_an_address_that_is_not_of_the_web_is_left_out(tmp_path: Path) -> None:
    loaded = one(tmp_path, {"id": "1", "text": TEXT, "url": "javascript:alert(1)"})
    assert loaded.article.url is None
    assert len(loaded.notes) == 1


def test_a_body_of_html_goes_in_as_what_it_shows_and_its_source_stays(tmp_path: Path) -> None:
    line = {
        "webTitle": "A plan",
        "fields": {
            "body": "\n<p>The minister said M&amp;S <a href='/x'>would stay</a>.</p>"
            "<h2>What next</h2><p>Talks go on.</p>"
            "<figure><img src='x.jpg' alt=''><figcaption>The minister</figcaption></figure>"
            "<ul><li>One point stands.</li></ul><script>track()</script>"
        },
    }
    loaded = one(tmp_path, line)
    text = "The minister said M&S would stay.\n\nWhat next\n\nTalks go on.\n\nThe minister\n\nOne point stands."
    assert loaded.article.text == text
    marked = {text[span.start : span.end]: span.kind for span in loaded.article.skipped}
    assert marked["What next"] is SkipKind.HEADING
    assert marked["The minister"] is SkipKind.CAPTION
    assert not any("said" in words or "Talks" in words for words in marked)
    assert loaded.source == json.dumps(line).encode()


def test_a_post_of_wordpress_is_an_article(tmp_path: Path) -> None:
    line = {
        "id": 7,
        "date": "2020-04-01T10:00:00",
        "link": "https://example.com/post",
        "author": 3,
        "title": {"rendered": "The minister&#8217;s plan"},
        "content": {
            "rendered": "<!-- wp:paragraph --><p>He spoke.<br>Twice.</p>\n<p>She left.</p>",
            "protected": False,
        },
    }
    article = one(tmp_path, line).article
    assert article.text == "He spoke.\nTwice.\n\nShe left."
    assert (article.title, article.authors, article.key) == ("The minister’s plan", (), "https://example.com/post")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("LONDON &mdash; He spoke.</p><p>She left.</p>", "LONDON — He spoke.\n\nShe left."),
        (["<p>He spoke.</p>", "<p>She left.</p>"], "He spoke.\n\nShe left."),
        ({"rendered": "He spoke of 1 < 2."}, "He spoke of 1 < 2."),
    ],
)
def test_html_is_known_by_its_paragraphs_and_however_it_is_wrapped(tmp_path: Path, given: object, shown: str) -> None:
    assert one(tmp_path, {"id": "a", "content": given}).article.text == shown


@pytest.mark.parametrize(
    "plain",
    [
        "<3 is how he signed it.",
        "Where a < b > c holds, nothing follows.",
        "<p tags are what he wrote about.",
        "<em>Correction</em> of &amp;.",
        "Write </p> to end one, and again </p> to end the next.",
        "He said <b>no</b>.",
    ],
)
def test_text_that_may_be_plain_stays_as_it_is(tmp_path: Path, plain: str) -> None:
    assert one(tmp_path, {"id": "a", "text": plain}).article.text == plain


def test_html_that_would_take_too_long_is_refused(tmp_path: Path) -> None:
    attributes = " ".join(f"a{number}" for number in range(70_000))
    assert refusal(tmp_path, {"text": f"<p {attributes}>He spoke.</p>"}).startswith("holds HTML of more than 60,000")
    assert refusal(tmp_path, {"text": "<p><img src='x'></p>"}) == 'its "text" is empty'


def test_html_entities_and_line_ends_stay(tmp_path: Path) -> None:
    assert one(tmp_path, {"text": "AT&amp;T\r\n said so."}).article.text == "AT&amp;T\r\n said so."


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "is not JSON"),
        (b'{"text": "unclosed', "is not JSON"),
        (b'{"text": "a"} {"text": "b"}', "is not JSON"),
        (b'["a list"]', "is not a JSON object"),
        (b'"a string"', "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b'{"text": NaN}', "is not JSON that can be read: NaN"),
        (b'{"text": "a", "n": -Infinity}', "is not JSON that can be read: -Infinity"),
        (b'{"text": "a", "n": ' + b"9" * 5000 + b"}", "is not JSON that can be read"),
        (b'{"text": "a", "n": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "is nested too deeply"),
        (b'{"text": "caf\xe9"}', "is not UTF-8 (byte 0xe9 at offset 13 of the line)"),
        (b"\x00\x01\x02", "is not JSON"),
        ({}, 'has no "text"'),
        ({"title": "only"}, 'has no "text"'),
        ({"text": ""}, 'its "text" is empty'),
        ({"text": " \n\u00a0"}, 'its "text" is empty'),
        ({"text": None}, 'its "text" is empty'),
        ({"text": 7}, 'its "text" is not a string'),
        ({"text": ["a", 7]}, 'its "text" is not a string'),
        ({"text": "a\0b"}, 'its "text" holds U+0000'),
        (b'{"text": "a\\ud800b"}', 'its "text" holds U+D800'),
        (b'{"text": "a", "title": "\\udfff"}', 'its "title" holds U+DFFF'),
        (b'{"text": "a", "id": "\\ud83d"}', 'its "id" holds U+D83D'),
        ({"text": "a", "title": ["b"]}, 'its "title" is not a string'),
        ({"text": "a", "url": 7}, 'its "url" is not a string'),
        ({"text": "a", "publisher": []}, 'its "publisher" is not a string'),
        ({"text": "a", "authors": [1]}, 'its "authors" is not a list of strings'),
        ({"text": "a", "authors": {"first": "x"}}, 'its "authors" is not a list of strings'),
        ({"text": "a", "published": ["2020"]}, 'its "published" is not a string'),
        ({"text": "a", "published": True}, 'its "published" is not a string'),
        ({"text": "a", "id": 1.5}, 'its "id" is neither a string nor a whole number'),
        ({"text": "a", "id": True}, 'its "id" is neither a string nor a whole number'),
        ({"text": "a", "id": "a"}, "has the same id or URL as line 1"),
    ],
)  # fmt: skip
def test_a_bad_line_is_rejected_and_the_others_go_in(tmp_path: Path, line: object, reason: str) -> None:
    assert refusal(tmp_path, line).startswith(reason)


def test_a_surrogate_pair_is_one_character(tmp_path: Path) -> None:
    assert one(tmp_path, b'{"text": "a \\ud83d\\ude00."}').article.text == "a \U0001f600."


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_no_trouble(tmp_path: Path) -> None:
    line = json.dumps({"text": TEXT}).encode()
    (loaded,) = read(tmp_path, b"\xef\xbb\xbf" + line + b"\r", b"", b"  \r")
    assert isinstance(loaded, Loaded)
    assert loaded.source == line


def test_lines_are_counted_with_the_blank_ones(tmp_path: Path) -> None:
    _, rejected = read(tmp_path, {"text": TEXT}, b"", b"x")
    assert isinstance(rejected, Rejected)
    assert rejected.where.endswith(", line 3")


def test_a_line_over_the_limit_is_rejected_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl_module, "MAX_ARTICLE_BYTES", 200)
    monkeypatch.setattr(jsonl_module, "_CHUNK", 64)
    long, short = read(tmp_path, {"text": "a" * 1000}, {"text": TEXT})
    assert isinstance(long, Rejected)
    assert "too much for one article" in long.reason
    assert isinstance(short, Loaded)


def test_a_file_that_unpacks_without_end_is_left_off_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl_module, "MAX_FILE_BYTES", 1000)
    lines = [{"id": number, "text": TEXT} for number in range(100)]
    *loaded, rejected = read(tmp_path, *lines, name="news.jsonl.gz")
    assert 9 <= len(loaded) <= 11
    assert isinstance(rejected, Rejected)
    assert "what follows line" in rejected.reason


def test_a_packed_file_cut_short_gives_its_whole_lines_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl.gz"
    lines = b"".join(
        json.dumps({"id": n, "text": f"{TEXT} {sha256(bytes([n])).hexdigest()}"}).encode() + b"\n" for n in range(200)
    )
    file.write_bytes(gzip.compress(lines)[:-2000])
    source = open_source(Found(file, file.name))
    *loaded, last = source.articles()
    assert loaded
    assert all(isinstance(item, Loaded) for item in loaded)
    assert isinstance(last, Rejected)
    assert last.reason.startswith("is not a whole gzip file")
    assert source.sha256() is None


def test_utf_16_is_said_once(tmp_path: Path) -> None:
    content = ('{"text": "a"}\n' * 3).encode("utf-16")
    (rejected,) = read(tmp_path, content)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.startswith("is UTF-16")


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (rejected,) = read(tmp_path)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.startswith("is empty")


def test_the_hash_is_of_the_whole_file(tmp_path: Path) -> None:
    read(tmp_path, {"text": TEXT}, b"x", name="news.jsonl.gz")
    file = tmp_path / "news.jsonl.gz"
    source = open_source(Found(file, file.name))
    assert len(list(source.articles())) == 2
    assert source.sha256() == file_sha256(file) == sha256(file.read_bytes()).hexdigest()


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
NAMES = st.sampled_from(["text", "id", "url", "title", "authors", "publisher", "published", "publish_date"])


@given(st.one_of(st.dictionaries(NAMES, json_values), json_values))
def test_any_json_line_is_an_article_or_rejected(value: object) -> None:
    line = json.dumps(value).encode() + b"\n"
    found = Found(Path("news.jsonl"), "news.jsonl")
    (item,) = jsonl_module.load(found, io.BytesIO(line))
    assert isinstance(item, Loaded | Rejected)
    if isinstance(item, Loaded):
        item.article.text.encode()
        item.article.key.encode()
