from __future__ import annotations

import pytest

from rag.types import SkipKind
from rag.webpage import PageText, read_characters
from rag.webpage.blocks import BlockKind, read_blocks
from rag.webpage.overlap import Overlap
from rag.webpage.tree import NotParsed, parse_page

FIRST = "The ministry said on Monday that both sides had agreed to meet again in Geneva next week."
SECOND = "Another round of negotiations is scheduled for the beginning of summer, officials said."
THIRD = "At least 14 people were killed along the border in March, according to the observers."


def text(body: str, head: str = "") -> PageText:
    return read_characters(f"<html><head>{head}</head><body>{body}</body></html>").text


def story(*between: str) -> PageText:
    """The text of an article with this between its second and its third paragraph."""
    inside = "".join(between)
    return text(f"<article><h1>Ceasefire holds</h1><p>{FIRST}</p><p>{SECOND}</p>{inside}<p>{THIRD}</p></article>")


def kind_of(page: PageText, words: str) -> SkipKind | None:
    """Why these words are not body; None where they are. They must stand in the text."""
    at = page.text.index(words)
    return next((span.kind for span in page.skipped if span.start <= at < span.end), None)


def test_paragraphs_are_parted_by_a_blank_line_and_a_line_break_stays_one():
    assert text(f"<p>{FIRST}</p><p>{SECOND}<br>{THIRD}</p>").text == f"{FIRST}\n\n{SECOND}\n{THIRD}"
    assert text(f"<div>{FIRST}<br><br>{SECOND}</div><div>{THIRD}</div>").text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


def test_white_space_is_folded_as_a_browser_shows_it():
    page = text(
        f"<p>  {FIRST.replace(' ', chr(10) + '  ')}\t</p><p>{SECOND.replace('summer', 'sum&shy;mer')}&#8203;</p>"
    )
    assert page.text == f"{FIRST}\n\n{SECOND}"


def test_words_in_inline_elements_stay_in_their_sentence():
    marked_up = FIRST.replace("Geneva", "<a href=/g><b>Gen</b>eva</a>").replace("Monday", "<em>Monday</em>")
    assert text(f"<p>{marked_up}</p><p>{SECOND}</p>").text == f"{FIRST}\n\n{SECOND}"


def test_items_and_rows_stand_line_by_line():
    items = "<ul><li>The crossing at Northbridge opens.</li><li>Both armies stay where they stand.</li></ul>"
    rows = "<table><tr><th>Month</th><th>Killed</th></tr><tr><td>March</td><td>14</td></tr></table>"
    page = story(items, rows)
    assert "\n\nThe crossing at Northbridge opens.\nBoth armies stay where they stand.\n\n" in page.text
    assert "\n\nMonth | Killed\nMarch | 14\n\n" in page.text
    assert kind_of(page, "Both armies") is kind_of(page, "March | 14") is None


@pytest.mark.parametrize(
    "opening",
    [
        '<p class="standfirst">{}</p>',
        '<div class="article-teaser"><p>{}</p></div>',
        '<h2 class="subtitle">{}</h2>',
        "<div>{}</div>",
    ],
)
def test_the_lead_below_the_headline_is_body(opening: str):
    lead = "First talks since February are to begin next week, and nobody knows how long they will last."
    page = text(
        f"<header><h1>Ceasefire holds</h1>{opening.format(lead)}</header>"
        f"<article><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></article>"
    )
    assert page.text.startswith(f"Ceasefire holds\n\n{lead}\n\n{FIRST}")
    assert kind_of(page, lead) is None


@pytest.mark.parametrize(
    ("between", "words", "kind"),
    [
        ('<p><a href="/x">What the observers saw at the border in March</a></p>', "What the", SkipKind.BOILERPLATE),
        ('<p>Read also: <a href="/x">What the observers saw in March</a></p>', "Read also", SkipKind.BOILERPLATE),
        ('<p>Lesen Sie auch: <a href="/x">Was die Beobachter sahen</a></p>', "Lesen Sie", SkipKind.BOILERPLATE),
        ("<p>Suscríbete a nuestro boletín para no perderte nada.</p>", "Suscríbete", SkipKind.BOILERPLATE),
        ("<h2>What was agreed</h2>", "What was", SkipKind.HEADING),
        ("<figure><img><figcaption>Soldiers at the border</figcaption></figure>", "Soldiers", SkipKind.CAPTION),
        ("<p>Foto: Erika Muster/dpa</p>", "Foto", SkipKind.CAPTION),
        (
            '<div class="newsletter-box"><p>The world, every morning, in ten lines.</p></div>',
            "The world",
            SkipKind.BOILERPLATE,
        ),
    ],
)
def test_what_stands_between_paragraphs_and_is_no_body_is_marked_or_left_out(between: str, words: str, kind: SkipKind):
    page = story(between)
    assert words not in page.text or kind_of(page, words) is kind
    assert words not in page.body


def test_a_paragraph_that_begins_like_an_offer_and_is_long_is_body():
    long = "Follow us down to the harbour, the captain said, and see for yourselves what is left of it. " * 6
    assert kind_of(story(f"<p>{long}</p>"), "Follow us") is None


def test_a_class_that_holds_the_whole_body_marks_nothing():
    page = text(f'<div class="subscribe-content"><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div>')
    assert page.body == page.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


def test_what_is_printed_twice_is_kept_once():
    page = text(
        f"<h1>Ceasefire holds</h1><p>{FIRST}</p><p>{SECOND}</p><p>{FIRST}</p><h1>Ceasefire holds</h1><p>{THIRD}</p>"
    )
    assert page.text.count(FIRST) == page.text.count("Ceasefire holds") == 1


def test_the_text_that_a_page_gives_to_machines_is_taken_where_it_shows_less():
    whole = "\\n".join([FIRST, SECOND, THIRD] + [f"{THIRD[:-1]}, for the {n}th time." for n in range(10)])
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","articleBody":"{whole}"}}</script>'
    page = text(f"<h1>Ceasefire holds</h1><p>{FIRST}</p>", head)
    assert page.text.startswith(f"Ceasefire holds\n\n{FIRST}\n\n{SECOND}\n\n{THIRD}\n\n")
    assert page.text.count(FIRST) == 1
    assert kind_of(page, "Ceasefire holds") is SkipKind.TITLE


def test_blocks_know_where_they_stand():
    tree = parse_page("<nav class=Menu><a href=/>World</a></nav><main><h2>T</h2><p>a <a href=/x>bc</a></p></main>").tree
    link, heading, paragraph = read_blocks(tree)
    assert (link.text, link.linked, link.places, link.marks) == ("World", 5, {"nav"}, ("menu",))
    assert (heading.kind, heading.level) == (BlockKind.HEADING, 2)
    assert (paragraph.text, paragraph.linked, paragraph.places) == ("a bc", 2, {"main"})


def test_scripts_and_controls_have_no_text():
    tree = parse_page("<p>a<script>b</script><select><option>c</select>d<button>e</button></p><style>f</style>").tree
    assert [block.text for block in read_blocks(tree)] == ["ad"]


def test_readings_beside_characters_are_not_text():
    tree = parse_page("<p><ruby>災害<rp>(</rp><rt>さいがい</rt><rp>)</rp></ruby>に気をつけて</p>").tree
    assert [block.text for block in read_blocks(tree)] == ["災害に気をつけて"]


def test_a_noscript_that_nobody_closed_does_not_swallow_the_page():
    page = text(f"<noscript><img src=x><div><h1>Ceasefire holds</h1><p>{FIRST}</p><p>{SECOND}</p></div>")
    assert page.body.strip() == f"{FIRST}\n\n{SECOND}"
    assert "Turn on" not in text(f"<noscript><p>Turn on scripts.</p></noscript><p>{FIRST}</p><p>{SECOND}</p>").text


def test_a_gallery_s_captions_are_its_body():
    slides = "".join(f"<figure><img><figcaption>{one}</figcaption></figure>" for one in (FIRST, SECOND, THIRD))
    assert text(f"<article><h1>In pictures</h1>{slides}</article>").body.strip() == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


def test_overlap_takes_characters_where_words_are_not_parted():
    found = Overlap("政府は月曜日に双方が再び会談することで合意したと発表した。")
    assert found.share("双方が再び会談することで合意した") == 1.0
    assert found.share("停戦は延長される見通しだと当局者は述べた") == 0.0


def test_overlap_counts_runs_of_words_and_short_lines_only_whole():
    found = Overlap(f"{FIRST}\nWhat was agreed\n")
    assert found.share(FIRST) == found.share("what was AGREED!") == 1.0
    assert found.share(THIRD) == found.share("was agreed") == found.share("") == 0.0
    # 17 words have 14 runs of four, and a word more at each end one more run each.
    assert found.share(f"But {FIRST} Perhaps") == pytest.approx(14 / 16)


def test_a_page_longer_than_articles_are_is_cut_out_by_its_own_structure():
    rows = "".join(
        f"<p>The observers counted {n} vehicles on the road to the border that day, and wrote them down.</p>"
        for n in range(15_000)
    )
    page = text(f"<nav>{'<a href=/x>World</a>' * 50}</nav><h1>What they counted</h1>{rows}")
    assert page.text.startswith("What they counted\n\nThe observers counted 0 vehicles")
    assert page.text.count("\n\n") == 15_000


def test_too_many_tags_are_refused():
    with pytest.raises(NotParsed, match="tags"):
        parse_page("<b>" * 200_000)


@pytest.mark.parametrize(
    ("between", "words", "kind"),
    [
        ("<p><strong>What the talks are about</strong></p>", "What the talks", SkipKind.HEADING),
        ("<p>What the talks are about</p>", "What the talks", SkipKind.HEADING),
        # It ends as a sentence does, is one of several, or is announced.
        ("<p>The talks are about water.</p>", "The talks", None),
        ("<p>What the talks are about</p><p>Who has called for them</p>", "What the talks", None),
        (f"<p>{SECOND} These are the sides:</p><p>The Republic of the North</p>", "The Republic", None),
        ("<ul><li>What the talks are about</li></ul>", "What the talks", None),
        ("<p>What the talks<br>are about</p>", "What the talks", None),
    ],
)
def test_a_short_paragraph_without_a_full_stop_between_two_that_have_one_is_a_subheading(
    between: str, words: str, kind: SkipKind | None
):
    assert kind_of(story(between), words) is kind
