from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from rag.load.html import load
from rag.load.source import Found, Loaded, LoadOptions, Unreadable
from rag.types import Article, Origin, SkipKind

SAMPLES = Path(__file__).parent.parent / "samples"
FIRST = "The ministry said on Monday that both sides had agreed to meet again in Geneva next week."
SECOND = "Another round of negotiations is scheduled for the beginning of summer, officials said."
THIRD = "At least 14 people were killed along the border in March, according to the observers."
STORY = f"<h1>Ceasefire holds as both sides agree to meet</h1><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"


def loaded(content: bytes | str, options: LoadOptions | None = None) -> Loaded:
    source = content.encode() if isinstance(content, str) else content
    found = Found(Path("/news/page.html"), "page.html", options or LoadOptions())
    (one,) = load(found, io.BytesIO(source))
    assert one.source == source
    return one


def article(content: bytes | str, options: LoadOptions | None = None) -> Article:
    return loaded(content, options).article


def page(head: str = "", body: str = STORY) -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


def json_ld(content: str) -> str:
    return f'<script type="application/ld+json">{content}</script>'


def refused(content: bytes | str) -> str:
    with pytest.raises(Unreadable) as error:
        article(content)
    assert "\n" not in str(error.value)
    return str(error.value)


def marked(one: Article) -> list[tuple[str, str]]:
    return [(span.kind.value, one.text[span.start : span.end]) for span in one.skipped]


def sample(name: str) -> Article:
    file = SAMPLES / name
    with file.open("rb") as stream:
        (one,) = load(Found(file, name), stream)
    return one.article


def test_a_page_saved_with_its_files_gives_the_article_and_nothing_of_the_site():
    one = sample("saved-page.html")
    assert one.text == (
        "Ceasefire holds as both sides agree to meet\n\n"
        "First talks since February are to begin in Geneva next week, the ministry says.\n\n"
        "By Jane Roe and John Doe\n\n"
        "1 April 2020\n\n"
        "Soldiers at the border in March. Photo: R. Poe\n\n"
        "The ministry said on Monday that both sides had agreed to meet again in Geneva next week, the first talks "
        "since the understanding of February broke down over the exchange of prisoners.\n\n"
        "“It’s a start,” said Zoë Müller, who speaks for the observers. She would not say whether the long-term "
        "cooperation that was promised in the autumn had been discussed.\n\n"
        "Read more: What the observers saw at the border in March\n\n"
        "What was agreed\n\n"
        "Both sides keep their troops where they stand.\n"
        "The crossing at Northbridge opens on two days a week.\n\n"
        "Month | Killed\n"
        "February | 31\n"
        "March | 14\n\n"
        "We shall not be the first to leave the table, whatever is said about us at home.\n\n"
        "Another round of negotiations is scheduled for the beginning of summer. Until then the ceasefire is to be "
        "extended automatically, unless one of the governments withdraws."
    )
    assert marked(one) == [
        ("title", "Ceasefire holds as both sides agree to meet"),
        ("byline", "By Jane Roe and John Doe"),
        ("date", "1 April 2020"),
        ("caption", "Soldiers at the border in March. Photo: R. Poe"),
        ("boilerplate", "Read more: What the observers saw at the border in March"),
        ("heading", "What was agreed"),
    ]


def test_a_saved_page_says_what_it_is():
    one = sample("saved-page.html")
    assert one.key == one.url == "https://www.dailysample.example/world/2020/04/01/ceasefire-holds/"
    assert one.path == str(SAMPLES / "saved-page.html")
    assert (one.title, one.publisher) == ("Ceasefire holds as both sides agree to meet", "The Daily Sample")
    assert one.authors == ("Jane Roe", "John Doe")
    assert (one.published, one.published_from) == ("2020-04-01T10:15:00+01:00", Origin.JSON_LD)
    assert (one.updated, one.updated_from) == ("2020-04-02T08:00:00+01:00", Origin.JSON_LD)
    assert (one.section, one.language, one.agency) == ("World", "en-gb", None)


def test_a_single_file_page_goes_by_the_address_that_it_was_saved_from():
    one = sample("single-file.html")
    assert one.key == one.url == "https://www.musterblatt.example/stadt/bruecke-gesperrt-1234.html"
    assert (one.title, one.publisher) == ("Nordbrücke bleibt bis Juni gesperrt", "Musterblatt")
    assert one.authors == ("Erika Muster",)
    assert (one.published, one.published_from) == ("2020-04-02", Origin.TEXT)
    assert one.language == "de"
    assert marked(one) == [
        ("title", "Nordbrücke bleibt bis Juni gesperrt"),
        ("byline", "Von Erika Muster, 2. April 2020"),
        ("boilerplate", "Lesen Sie auch: Was die Pendler von der Umleitung halten"),
    ]
    assert "Impressum" not in one.text
    assert "iVBOR" not in one.text


def test_a_page_without_an_address_goes_by_its_path():
    one = article(page())
    assert (one.key, one.url, one.path) == ("page.html", None, "/news/page.html")


def test_a_fetched_page_goes_by_its_canonical_address_on_the_same_site_else_by_where_it_was_fetched():
    fetched = LoadOptions(url="https://news.example.org/a?utm_source=x")
    same = page('<link rel="canonical" href="/stories/a">')
    other = page('<link rel="canonical" href="https://elsewhere.example/a">')
    home = page('<link rel="canonical" href="https://news.example.org/">')
    assert article(same, fetched).key == "https://news.example.org/stories/a"
    assert article(other, fetched).key == "https://news.example.org/a"
    assert article(home, fetched).key == "https://news.example.org/a"


def test_an_xhtml_page_and_a_fragment_are_read():
    xhtml = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en"><head><title>x</title></head>'
        f"<body>{STORY}</body></html>"
    )
    whole = f"Ceasefire holds as both sides agree to meet\n\n{FIRST}\n\n{SECOND}\n\n{THIRD}"
    assert article(xhtml).text == whole
    assert article(xhtml).language == "en"
    assert article(f"<p>{FIRST}</p><p>{SECOND}").text == f"{FIRST}\n\n{SECOND}"


def test_an_agency_that_is_named_as_the_author_is_credited_and_is_no_person():
    one = article(page(json_ld('{"@type":"NewsArticle","author":{"@type":"Organization","name":"Reuters"}}')))
    assert (one.agency, one.authors) == ("Reuters", ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<p>Please enable JavaScript to view this site.</p>", "scripts"),
        ("<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>", "scripts"),
        (
            "<p>Checking your browser before you can go on to the site that you asked for, this may take a while.</p>",
            "scr",
        ),
        (
            "<h1>Stop</h1><p>We and our partners store and use cookies. Accept all cookies to go on.</p>",
            "cook",
        ),
        (
            "<h1>A story</h1><p>Subscribe now for a pound a week to continue reading this and all articles.</p>",
            "subs",
        ),
        ("<nav><a href=/a>World</a> <a href=/b>Sport</a></nav><div id=root></div>", "no article"),
    ],
)
def test_a_page_that_shows_no_article_is_refused_with_the_reason(body: str, reason: str):
    assert reason in refused(page(body=body))


def test_an_article_about_cookies_and_subscriptions_is_an_article():
    about = (
        "<h1>Who pays for news</h1><p>Only one reader in seven pays for a subscription to read the articles of a "
        f"newspaper, a study has found.</p><p>{FIRST}</p><p>{SECOND}</p>"
    )
    assert "one reader in seven" in article(page(body=about)).text


def test_a_page_that_says_that_it_must_be_paid_for_and_holds_nothing_says_so():
    ld = json_ld('{"@type":"NewsArticle","isAccessibleForFree":"False"}')
    assert "paid for" in refused(page(ld, "<h1>A story</h1><p>The harbour.</p>"))


def test_what_is_nested_too_deeply_is_told_and_what_stands_before_it_is_kept():
    deep = "<div>" * 5000 + f"<p>{THIRD}</p>"
    one = loaded(page(body=f"<h1>A story</h1><p>{FIRST}</p><p>{SECOND}</p>{deep}"))
    assert one.article.text == f"A story\n\n{FIRST}\n\n{SECOND}"
    assert one.notes == ("its elements are nested more than 256 deep: what follows was left out",)
    assert "nested more than 256 deep" in refused(page(body=deep))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "nested divs": "<div>" * 100_000 + FIRST,
    "open tags": STORY + "<a " * 10_000,
    "comments": STORY + "<!--" * 100_000,
    "laughs": f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "ha">{LAUGHS}]><html><body>&l9;{STORY}</body></html>',
    "embedded": f'<img src="data:image/png;base64,{"A" * 12_000_000}">{STORY}',
    "one attribute": f'<div class="{"x " * 6_000_000}">{STORY}',
    "brackets": f'<script type="application/ld+json">{"[" * 100_000}</script>{STORY}',
    "breaks": STORY + "<br>" * 100_000,
    "links": "<ul>" + "<li><a href=x>some words here</a>" * 15_000 + STORY,
    "names": '<meta name="author" content="By A B">' * 50_000 + STORY,
    "blanks": "<p>" + " \n" * 2_000_000 + STORY,
    "letters": f"<p>{'word ' * 500_000}</p>{STORY}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_quickly_in_or_refused(name: str):
    started = time.process_time()
    if name in ("nested divs", "one attribute"):
        assert refused(HOSTILE[name])
    else:
        assert FIRST in article(HOSTILE[name]).text
    assert time.process_time() - started < 5


def test_what_is_too_large_or_no_page_is_refused():
    assert "20 MB" in refused(b"<p>" + b"x" * (20 * 1024 * 1024))
    assert "tags" in refused("<p>ab" * 160_000)
    assert refused("") == refused(" \n ") == "is empty: it holds no text"
    assert "binary" in refused(bytes(range(256)) * 100)


def test_nuls_and_lone_surrogates_never_reach_an_article():
    ld = (
        r'<script type="application/ld+json">{"@type":"NewsArticle","headline":"A\ud800B\u0000C story",'
        r'"author":{"name":"Jane \udfffRoe"}}</script>'
    )
    one = article(page(ld, f"<p>mini&#xD800;stry &#0; {FIRST}</p><p>stry\0 {SECOND}</p>"))
    told = (one.text, one.title or "", *one.authors)
    assert all("\0" not in text and text.encode() for text in told)
    assert one.title == "A\ufffdBC story"
    assert f"stry {SECOND}" in one.text


def test_the_same_bytes_give_the_same_article():
    assert article(page()) == article(page())


def test_skipped_spans_are_in_order_and_lie_in_the_text():
    for name in ("saved-page.html", "single-file.html"):
        one = sample(name)
        ends = [0]
        for span in one.skipped:
            assert ends[-1] <= span.start < span.end <= len(one.text)
            assert one.text[span.start : span.end].strip() == one.text[span.start : span.end]
            ends.append(span.end)
        assert SkipKind.TITLE in {span.kind for span in one.skipped}
