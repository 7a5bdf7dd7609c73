from __future__ import annotations

import pytest

from rag.types import Origin
from rag.webpage import PageMetadata, read_characters
from rag.webpage.bylines import is_byline, names_in
from rag.webpage.written_dates import Habit, date_in

STORY = (
    "<p>The ministry said on Monday that both sides had agreed to meet again in Geneva next week.</p>"
    "<p>Another round of negotiations is scheduled for the beginning of summer, officials said.</p>"
)


def said(head: str = "", body: str = "<h1>Ceasefire holds</h1>" + STORY, url: str | None = None) -> PageMetadata:
    return read_characters(f"<html><head>{head}</head><body>{body}</body></html>", url=url).metadata


def json_ld(content: str) -> str:
    return f'<script type="application/ld+json">{content}</script>'


@pytest.mark.parametrize(
    ("head", "heading", "title", "publisher"),
    [
        ("<title>Ceasefire holds | The Daily Bugle</title>", "Ceasefire holds", "Ceasefire holds", "The Daily Bugle"),
        # The name of the site is known: it is cut off, also where it is not the last part.
        (
            '<title>The Daily Bugle - Ceasefire holds</title><meta property="og:site_name" content="The Daily Bugle">',
            "",
            "Ceasefire holds",
            "The Daily Bugle",
        ),
        # A blog's own name is its h1.
        ("<title>Why I left | A quiet corner</title>", "A quiet corner", "Why I left", "A quiet corner"),
        # A kicker above the headline is no part of it.
        (
            '<meta property="og:title" content="Ceasefire holds">',
            "Middle East Ceasefire holds",
            "Ceasefire holds",
            None,
        ),
        # What readers see, where the page's own words for machines differ in a word or two.
        (
            '<meta property="og:title" content="Ceasefire holds in the north, for now">',
            "Ceasefire holds in the north",
            "Ceasefire holds in the north",
            None,
        ),
        ('<meta property="og:title" content="Ceasefire holds">', "The Daily Bugle", "Ceasefire holds", None),
        ("<title>Ceasefire holds</title>", "", "Ceasefire holds", None),
        ("", "Ceasefire holds", "Ceasefire holds", None),
        ("", "", None, None),
    ],
)
def test_the_title_is_the_headline_and_the_rest_of_it_the_publisher(
    head: str, heading: str, title: str | None, publisher: str | None
):
    found = said(
        head, (f"<h1>{heading}</h1>" if heading else "") + ("<h2>Why I left</h2>" if "corner" in head else "") + STORY
    )
    assert (found.title, found.publisher) == (title, publisher)


@pytest.mark.parametrize(
    ("head", "publisher"),
    [
        ('<meta property="og:site_name" content="The Daily Bugle">', "The Daily Bugle"),
        ('<meta property="og:site_name" content="The Daily Bugle | News and sport">', "The Daily Bugle"),
        (json_ld('{"@type":"NewsArticle","publisher":{"name":"The Daily Bugle"}}'), "The Daily Bugle"),
        (
            json_ld(
                '{"@graph":[{"@type":"Organization","@id":"#o","name":"Bugle"},{"@type":"Article","publisher":{"@id":"#o"}}]}'
            ),
            "Bugle",
        ),
        ('<meta name="application-name" content="Bugle">', "Bugle"),
        # A domain is a name only where there is no other.
        (
            '<meta property="og:site_name" content="bugle.example"><meta name="application-name" content="Bugle">',
            "Bugle",
        ),
        ('<meta property="og:site_name" content="bugle.example">', "bugle.example"),
        ('<meta name="copyright" content="© Bugle Ltd. All rights reserved">', None),
        ('<meta property="og:site_name" content="Ceasefire holds">', None),
        ('<link rel="canonical" href="https://bugle.example/a">', None),
    ],
)
def test_the_publisher_is_what_the_page_calls_its_site_and_never_guessed_from_its_address(
    head: str, publisher: str | None
):
    assert said(head).publisher == publisher


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Jane Roe", ["Jane Roe"]),
        ("By Jane Roe and John Doe, Reuters", ["Jane Roe", "John Doe"]),
        ("Von Erika Muster, 2. April 2020", ["Erika Muster"]),
        ("Par Marie Exemple", ["Marie Exemple"]),
        ("Por: Juan Pérez y Ana Gómez", ["Juan Pérez", "Ana Gómez"]),
        ("Roe, Jane", ["Jane Roe"]),
        ("Posted on September 21, 2020 by Adi Roe", ["Adi Roe"]),
        ("oz on December 4, 2006", ["oz"]),
        ("Jane Roe | The Daily Bugle", ["Jane Roe"]),
        ("Zeige alle Beiträge von Erika Muster", ["Erika Muster"]),
        ("Ludwig van Beethoven", ["Ludwig van Beethoven"]),
        ("آسيا العتروس", ["آسيا العتروس"]),
        ("https://www.facebook.com/bugle", []),
        ("admin", []),
        ("Die Redaktion", []),
        ("Bugle Media GmbH", []),
        ("What the observers saw at the border", []),
        ("", []),
    ],
)
def test_names_are_read_out_of_bylines(line: str, names: list[str]):
    assert names_in(line) == names


def test_a_line_is_a_byline_only_where_what_follows_are_names():
    assert is_byline("By Jane Roe")
    assert is_byline("Posted on 21 September 2020 by Jane Roe")
    assert not is_byline("By the end of the week talks may begin")
    assert not is_byline("Von Beginn an war klar, was kommt")
    assert not is_byline("Photo by Jane Roe")
    assert not is_byline("2008 A park was planned by Uwe Neumann", alone=True)


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        (
            json_ld('{"@type":"Article","author":[{"name":"Jane Roe"},{"name":"John Doe"}]}'),
            "",
            ("Jane Roe", "John Doe"),
        ),
        (json_ld('{"@type":"Article","author":"Jane Roe, John Doe"}'), "", ("Jane Roe", "John Doe")),
        (json_ld('{"@type":"Article","author":{"@type":"Organization","name":"Bugle"}}'), "", ()),
        # Of WordPress: the person is a node of its own.
        (
            json_ld(
                '{"@graph":[{"@type":"Article","author":{"@id":"#p"}},{"@type":"Person","@id":"#p","name":"Jane Roe"}]}'
            ),
            "",
            ("Jane Roe",),
        ),
        ('<meta name="author" content="By Jane Roe">', "", ("Jane Roe",)),
        (
            '<meta property="article:author" content="https://x.example/jane"><meta name="byl" content="Jane Roe">',
            "",
            ("Jane Roe",),
        ),
        ('<meta name="author" content="Bugle"><meta property="og:site_name" content="BUGLE">', "", ()),
        ("", '<a rel="author" href="/jane">Jane Roe</a>', ("Jane Roe",)),
        ("", '<div itemprop="author"><img><span itemprop="name">Jane Roe</span>, editor</div>', ("Jane Roe",)),
        ("", '<span class="byline__name">Jane Roe</span>', ("Jane Roe",)),
        ("", "<p>By Jane Roe</p>", ("Jane Roe",)),
        ("", '<div class="comments"><a rel="author" href="/x">Some Reader</a></div>', ()),
    ],
)
def test_authors_are_found_where_pages_name_them(head: str, body: str, authors: tuple[str, ...]):
    assert said(head, f"<article><h1>Ceasefire holds</h1>{body}{STORY}</article>").authors == authors


@pytest.mark.parametrize(
    ("head", "body", "url", "published", "origin"),
    [
        (
            json_ld('{"@type":"Article","datePublished":"2020-04-01T10:15:00.000Z"}'),
            "",
            None,
            "2020-04-01T10:15:00Z",
            Origin.JSON_LD,
        ),
        ('<meta property="article:published_time" content="2020-04-01">', "", None, "2020-04-01", Origin.META),
        (
            "",
            '<time datetime="2020-04-01T10:15+02:00">yesterday</time>',
            None,
            "2020-04-01T10:15:00+02:00",
            Origin.ELEMENT,
        ),
        ("", '<span itemprop="datePublished" content="2020-04">x</span>', None, "2020-04", Origin.ELEMENT),
        ("", "", "https://a.example/2020/04/01/ceasefire", "2020-04-01", Origin.URL),
        ("", "", "https://a.example/2020/04/ceasefire", "2020-04", Origin.URL),
        ("", "<p>Mittwoch, 1. April 2020, 10:15 Uhr</p>", None, "2020-04-01", Origin.TEXT),
        ("", "<p>Publicado el 1 de abril de 2020</p>", None, "2020-04-01", Origin.TEXT),
        ("", "<p>1er avril 2020</p>", None, "2020-04-01", Origin.TEXT),
        ("", "<p>01.04.2020</p>", None, "2020-04-01", Origin.TEXT),
        ("", "<p>Published April 1, 2020 by Jane Roe</p>", None, "2020-04-01", Origin.TEXT),
        # Which is the month, nobody can know.
        ("", "<p>03/04/2020</p>", None, None, None),
        ("", "", None, None, None),
    ],
)
def test_the_date_is_found_where_pages_state_it_and_is_as_precise(
    head: str, body: str, url: str | None, published: str | None, origin: Origin | None
):
    found = said(head, f"<h1>Ceasefire holds</h1>{body}{STORY}", url)
    assert (found.published, found.published_from) == (published, origin)


def test_the_day_that_readers_see_wins_over_the_same_moment_in_another_zone():
    ld = json_ld('{"@type":"Article","datePublished":"2019-10-18T22:04:00Z"}')
    found = said(ld, f"<h1>Ceasefire holds</h1><p>19.10.2019, 0:04 Uhr</p>{STORY}")
    assert (found.published, found.published_from) == ("2019-10-19", Origin.TEXT)
    same = json_ld('{"@type":"Article","datePublished":"2019-10-18T02:04:00Z","dateModified":"2019-10-18T02:04:00Z"}')
    once = said(same, f"<h1>Ceasefire holds</h1><p>17.10.2019, 18:04 Uhr</p>{STORY}")
    assert (once.published, once.updated) == ("2019-10-17", None)
    far = said(ld, f"<h1>Ceasefire holds</h1><p>25.10.2019</p>{STORY}")
    assert far.published == "2019-10-18T22:04:00Z"


def test_a_page_is_updated_only_where_it_was_changed_after_it_was_published():
    both = '{{"@type":"Article","datePublished":"2020-04-01T10:00:00Z","dateModified":"{}"}}'
    assert said(json_ld(both.format("2020-04-01T10:00:00Z"))).updated is None
    found = said(json_ld(both.format("2020-04-02T08:00:00Z")))
    assert (found.updated, found.updated_from) == ("2020-04-02T08:00:00Z", Origin.JSON_LD)
    shown = said("", f"<h1>Ceasefire holds</h1><p>1 April 2020, updated 3 April 2020</p>{STORY}")
    assert (shown.published, shown.updated) == ("2020-04-01", "2020-04-03")


@pytest.mark.parametrize(
    ("published", "modified", "updated"),
    [
        ("2020-04-01T10:00:00+02:00", "2020-04-01T09:30:00Z", "2020-04-01T09:30:00Z"),  # 08:00Z
        ("2020-04-01T08:00:00Z", "2020-04-01T10:00:00+02:00", None),  # one moment
        ("2020-04-01T23:30:00-05:00", "2020-04-02T04:00:00Z", None),  # half an hour before
        ("2020-04-01T08:00:00Z", "2020-04-01T10:00:00.500+02:00", None),  # the same second
        ("2020-04-01T10:00:00", "2020-04-01T09:30:00Z", None),  # one has no zone: as they stand
    ],
)
def test_times_in_different_zones_are_compared_as_moments(published: str, modified: str, updated: str | None):
    ld = json_ld(f'{{"@type":"Article","datePublished":"{published}","dateModified":"{modified}"}}')
    assert said(ld).updated == updated


def test_the_dates_of_comments_and_other_articles_are_not_the_page_s():
    aside = '<div class="related"><time datetime="2021-01-01">1 January 2021</time></div>'
    comment = '<div class="comments"><time datetime="2021-02-02">2 February 2021</time></div>'
    assert said("", f"<h1>Ceasefire holds</h1>{STORY}{aside}{comment}").published is None


def test_a_date_in_words_is_read_in_the_languages_of_the_press():
    assert date_in("12. März 2020") == "2020-03-12"
    assert date_in("30 kwietnia 2021, 11:55") == "2021-04-30"
    assert date_in("15 août 2016") == "2016-08-15"
    assert date_in("31/10/2023") == "2023-10-31"
    assert date_in("10/31/2023") == "2023-10-31"
    assert date_in("32. März 2020") is None
    assert date_in("no date at all") is None


def test_a_date_in_numbers_is_a_day_only_where_it_can_be_no_other():
    assert date_in("03/04/2020") is None
    assert date_in("04/04/2020") == "2020-04-04"
    assert date_in("03/04/2020", Habit(day_first=True)) == "2020-04-03"
    assert date_in("03/31/2020", Habit(day_first=True)) == "2020-03-31"
    assert date_in("03/04/2020", Habit(day_first=True, month="2020-03")) == "2020-03-04"
    assert date_in("03/04/2020", Habit(day_first=True, month="2019-12")) == "2020-04-03"
    assert date_in("03/04/2020", Habit(day_first=True, latest="2020-03-05")) == "2020-03-04"


@pytest.mark.parametrize(
    ("language", "head", "body", "url", "published"),
    [
        # Its own other dates tell, whatever the language of its template.
        ("en-US", "", "<p>03/04/2020</p><p>An earlier story, 25/03/2020</p>", None, "2020-04-03"),
        ("de", "", "<p>03/04/2020</p><p>An earlier story, 03/25/2020</p>", None, "2020-03-04"),
        # Both ways on one page tell nothing, and neither does a language that is written both ways.
        ("en-GB", "", "<p>03/04/2020</p><p>25/03/2020 03/25/2020, in words: " + "so " * 60, None, None),
        ("en", "", "<p>03/04/2020</p>", None, None),
        (None, "", "<p>03/04/2020</p>", None, None),
        # Else its language.
        ("en-US", "", "<p>03/04/2020</p>", None, "2020-03-04"),
        ("en-GB", "", "<p>03/04/2020</p>", None, "2020-04-03"),
        ("fr", "", "<p>Le 03/04/2020 à 10h</p>", None, "2020-04-03"),
        ("es-419", "", "<p>03/04/2020</p>", None, "2020-04-03"),
        # The month in its address comes before all of these, and so does the day of its last change.
        ("en-US", "", "<p>03/04/2020</p>", "https://a.example/2020/04/x", "2020-04-03"),
        ("en", "", "<p>03/04/2020</p>", "https://a.example/2020/03/x", "2020-03-04"),
        ("en", "<meta property='article:modified_time' content='2020-03-20'>", "<p>03/04/2020</p>", None, "2020-03-04"),
        # What a program wrote for machines, it wrote in its own way.
        ("fr", "<meta name='date' content='03/04/2020 10:15:00'>", "", None, "2020"),
    ],
)
def test_which_number_is_the_day_the_page_tells_or_nobody(
    language: str | None, head: str, body: str, url: str | None, published: str | None
):
    attribute = f' lang="{language}"' if language else ""
    page = f"<html{attribute}><head>{head}</head><body><h1>Ceasefire holds</h1>{body}{STORY}</body></html>"
    assert read_characters(page, url=url).metadata.published == published


@pytest.mark.parametrize(
    ("language", "line", "url", "published", "origin"),
    [
        # Only htmldate finds these, and takes the first number for the day.
        ("en", '<span class="dt">01/04/2020</span>', None, "2020", Origin.TEXT),
        ("en", '<span class="dt">01/04/2020</span>', "https://a.example/2021/08/x", "2021-08", Origin.URL),
        ("en-US", '<span class="dt">01/04/2020</span>', None, "2020-01-04", Origin.TEXT),
        ("en-GB", '<span class="dt">01/04/2020</span>', None, "2020-04-01", Origin.TEXT),
        ("en", '<span class="dt">01/04/2020</span><i title="2020-04-01"></i>', None, "2020-04-01", Origin.TEXT),
    ],
)
def test_what_may_be_two_days_is_given_with_its_year_where_nothing_tells(
    language: str, line: str, url: str | None, published: str, origin: Origin
):
    body = f"<h1>Ceasefire holds</h1>{STORY * 3}<div class='pub-info'>{line}</div>{STORY * 3}"
    found = read_characters(f'<html lang="{language}"><body>{body}</body></html>', url=url).metadata
    assert (found.published, found.published_from) == (published, origin)


@pytest.mark.parametrize(
    ("opening", "language"),
    [
        ('<html lang="en-GB">', "en-gb"),
        ('<html lang="de_DE.utf8">', "de-de"),
        ('<html><meta property="og:locale" content="pt_BR">', "pt-br"),
        ('<html><meta http-equiv="Content-Language" content="fr, en">', "fr"),
        ("<html>" + json_ld('{"@type":"Article","inLanguage":"es"}'), "es"),
        ('<html lang="english language">', None),
        ("<html>", None),
    ],
)
def test_the_language_is_what_the_page_says(opening: str, language: str | None):
    page = (
        f"{opening}<body><p>Xqzw vbnm qwrt plkj hgfd zxcv qwrt mnbv lkjh gfds zxcv poiu ytre wqas dfgh jklm nbvc.</p>"
    )
    assert read_characters(page).metadata.language == language


def test_a_long_text_tells_its_language_where_the_page_does_not():
    text = "Die Gespräche sollen in der nächsten Woche beginnen, sagte die Ministerin am Montag vor der Presse. " * 4
    assert read_characters(f"<html><body><p>{text}</p><p>{text}!</p>").metadata.language == "de"


def test_broken_json_ld_is_as_if_it_were_not_there_or_is_mended():
    assert said(json_ld('{"@type":"Article","headline":"Ceasefire holds",}')).title == "Ceasefire holds"
    assert said(json_ld('{"@type":"Article","author":{"name":"Jane Roe"},}')).authors == ("Jane Roe",)
    for broken in ("{", "[" * 3000, "null", '"x"', '{"@type":7,"author":[null,3,{"name":{}}]}', '{"@graph":"x"}'):
        assert said(json_ld(broken)).authors == ()


@pytest.mark.parametrize(
    ("line", "published"),
    [
        # There is no such day: it is not another one.
        ('<time datetime="2020-02-30">30.02.2020</time>', None),
        ("<p>Heute, 31.04.2020</p>", None),
        # A year in two digits is read by htmldate alone, and the page shows the day.
        ('<div class="date">01.04.20</div>', "2020-04-01"),
    ],
)
def test_a_day_that_the_page_does_not_show_is_no_date(line: str, published: str | None):
    found = said(body=f"<h1>Ceasefire holds</h1>{line}{STORY * 3}")
    assert found.published == published
