from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import date_range, days_about, in_words, named_in, parse_filter_date, parse_published
from rag.errors import UsageError

MONTHS = "January February March April May June July August September October November December"


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("2020", "2020"),
        ("2020-04", "2020-04"),
        ("2020-04-01", "2020-04-01"),
        ("2022/06/17", "2022-06-17"),
        ("2022/6/7", "2022-06-07"),
        ("20200401", "2020-04-01"),
        ("20200401T101500Z", "2020-04-01T10:15:00Z"),
        ("2020-04-01T10:15:00Z", "2020-04-01T10:15:00Z"),
        ("2020-04-01T10:15:00.123456Z", "2020-04-01T10:15:00Z"),
        ("2020-04-01T10:15:00+03:00", "2020-04-01T10:15:00+03:00"),
        ("2020-04-01T10:15:00-0430", "2020-04-01T10:15:00-04:30"),
        ("2020-04-01T10:15:00+00:00", "2020-04-01T10:15:00Z"),
        ("2020-04-01T10:15", "2020-04-01T10:15:00"),
        ("2020-04-01 10:15:09", "2020-04-01T10:15:09"),
        ("2020-04-01 10:15:09 UTC", "2020-04-01T10:15:09Z"),
        ("Wednesday, 1 April, 2020 - 10:15", "2020-04-01T10:15:00"),
        ("04 December, 2019", "2019-12-04"),
        ("  04\u00a0December, 2019 \n", "2019-12-04"),
        ("04 December 2019", "2019-12-04"),
        ("April 1, 2020", "2020-04-01"),
        ("april 1 2020", "2020-04-01"),
        ("April 1st, 2020", "2020-04-01"),
        ("1st of April 2020", "2020-04-01"),
        ("1 Apr 2020", "2020-04-01"),
        ("1-Apr-2020", "2020-04-01"),
        ("Sept. 3, 2021", "2021-09-03"),
        ("April 2020", "2020-04"),
        ("2020 April 1", "2020-04-01"),
        ("Apr. 1, 2020 10:15 a.m. ET", "2020-04-01T10:15:00"),
        ("Apr. 1, 2020 at 10:15 p.m. (EDT)", "2020-04-01T22:15:00"),
        ("April 1, 2020 12:05 AM", "2020-04-01T00:05:00"),
        ("April 1, 2020 12:05 PM", "2020-04-01T12:05:00"),
        ("April 1, 2020, 7 a.m.", "2020-04-01T07:00:00"),
        ("10:15 AM EDT, Wed April 1, 2020", "2020-04-01T10:15:00"),
        ("Wed, 01 Apr 2020 10:15:00 GMT", "2020-04-01T10:15:00Z"),
        ("Wed, 01 Apr 2020 10:15:00 +0300", "2020-04-01T10:15:00+03:00"),
        ("Wed, 01 Apr 2020 10:15:00 +0300 (AST)", "2020-04-01T10:15:00+03:00"),
        ("1 April 2020 | 10:15 GMT+3", None),
        ("1 April 2020 | 10:15 GMT+03", "2020-04-01T10:15:00+03:00"),
        ("29 February 2020", "2020-02-29"),
    ],
)
def test_a_date_becomes_iso_as_precise_as_its_source(raw: str, iso: str | None) -> None:
    assert parse_published(raw) == iso


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "04/05/2020",
        "13/05/2020",
        "5.4.2020",
        "2020-13-01",
        "2020-02-30",
        "29 February 2019",
        "31 April 2020",
        "2020-04-01T25:00:00",
        "2020-04-01T10:61",
        "2020-04-01T10:15:00+25:00",
        "April 1, 2020 13:00 p.m.",
        "0000-01-01",
        "1234",
        "99999",
        "1585734900",
        "yesterday",
        "On 10 March",
        "10 March",
        "Monday",
        "April",
        "10:15",
        "On 3 January 2020, a drone attack",
        "1 April 2020 and 2 April 2020",
        "Published 1 April 2020",
        "© AFP 2023",
        "2020-04-01\x00",
        "٢٠٢٠",
        "1" * 1000,
        "April 1, 2020 " * 1000,
    ],
)
def test_what_is_not_one_clear_date_is_none(raw: str) -> None:
    assert parse_published(raw) is None


@pytest.mark.parametrize(
    ("published", "days"),
    [
        ("2020", (20200101, 20201231)),
        ("2020-04", (20200401, 20200430)),
        ("2020-02", (20200201, 20200229)),
        ("2019-02", (20190201, 20190228)),
        ("2020-12", (20201201, 20201231)),
        ("2020-04-01", (20200401, 20200401)),
        ("2020-04-01T23:59:00-05:00", (20200401, 20200401)),
        ("2020-04-01T10:15:00Z", (20200401, 20200401)),
        ("2020-04-01T10:15:00", (20200401, 20200401)),
    ],
)
def test_the_days_that_a_date_may_mean(published: str, days: tuple[int, int]) -> None:
    assert date_range(published) == days


@pytest.mark.parametrize(
    "published",
    [
        "",
        "2020-4",
        "2020-00",
        "2020-13",
        "2020-02-30",
        "2020-04-01T25:00:00",
        "April 2020",
        "20200401",
        "0000",
        "2020-04-01 ",
    ],
)
def test_the_range_of_what_is_not_iso_is_an_error(published: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        date_range(published)


def test_a_filter_date_is_parsed_like_any_other() -> None:
    assert parse_filter_date("April 2020") == "2020-04"


@pytest.mark.parametrize("raw", ["04/05/2020", "last week", "\x1b[31mred\n", ""])
def test_a_filter_that_is_no_date_says_so_in_one_printable_line(raw: str) -> None:
    with pytest.raises(UsageError, match="not a date") as error:
        parse_filter_date(raw)
    assert str(error.value).isprintable()


@given(st.text(max_size=60))
def test_no_text_makes_parsing_fail(raw: str) -> None:
    parsed = parse_published(raw)
    if parsed is not None:
        first, last = date_range(parsed)
        assert 15000101 <= first <= last <= 21991231


@given(st.dates(min_value=date(1500, 1, 1), max_value=date(2199, 12, 31)))
def test_every_day_is_read_back_from_its_written_form(day: date) -> None:
    month = MONTHS.split()[day.month - 1]
    iso = f"{day.year:04}-{day.month:02}-{day.day:02}"
    assert parse_published(f"{month} {day.day}, {day.year}") == iso
    assert parse_published(iso) == iso
    assert date_range(iso) == (int(iso.replace("-", "")),) * 2


@pytest.mark.parametrize(
    ("published", "days"),
    [
        ("2022-03-04", (20220224, 20220305)),
        ("2022-03-04T23:00:00Z", (20220224, 20220305)),
        ("2024-03", (20240222, 20240401)),
        ("0001-01-02", (10101, 10103)),
        ("9999-12-31", (99991223, 99991231)),
    ],
)
def test_the_days_about_a_date_are_counted_from_its_first_and_its_last(published: str, days: tuple[int, int]):
    assert days_about(published, 8, 1) == days


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("What happened on 8 April 2020 and in March 2021?", ("2020-04-08", "2021-03")),
        ("Who won the 2022 Games?", ("2022",)),
        ("Were 2000 soldiers sent in 2003?", ("2003",)),
        ("On January 8, 2020, who attacked, and who in early 2019?", ("2020-01-08", "2019")),
        ("In 2019 and in 2019 again?", ("2019",)),
        ("What rose by 2020.5 percent, to 2,020 or 1998?", ()),
        ("Why in May?", ()),
        ("On 31 February 2020?", ("2020-02",)),
        ("", ()),
    ],
)
def test_the_times_that_a_text_names_with_their_year(text: str, named: tuple[str, ...]):
    assert named_in(text) == named


@given(st.text(max_size=200))
def test_what_a_text_names_are_dates(text: str):
    assert all(date_range(one)[0] <= date_range(one)[1] for one in named_in(text))


@pytest.mark.parametrize(
    ("published", "read"),
    [
        ("2020-01-03", "3 January 2020"),
        ("2020-12", "December 2020"),
        ("2020", "2020"),
        ("2020-05-10T10:00:00Z", "10 May 2020"),
    ],
)
def test_a_date_in_words(published: str, read: str):
    assert in_words(published) == read
