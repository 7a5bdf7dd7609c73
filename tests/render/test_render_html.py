"""A saved answer as a page, as Markdown with footnotes and as annotations: all is there, and none of it is live."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from rag.errors import UsageError
from rag.render import saved
from rag.render.address import at_quote, web_address
from rag.render.annotation import to_jsonld
from rag.render.contract import to_json
from rag.render.footnotes import to_markdown
from rag.render.html import to_html
from rag.render.incoming import SavedCitation
from rag.render.safe import one_line, printable
from rag.render.saved import Exported
from rag.standing import Standing, Verdict, stand
from rag.types import (
    Answer,
    Article,
    Citation,
    Disagreement,
    Hit,
    NearCopies,
    Passage,
    ProducedBy,
    Reference,
    ShortAnswer,
    Side,
    SkipKind,
    SkippedSpan,
    Span,
    Statement,
)
from rag.verify import compose

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    '"><a href="javascript:alert(1)">x</a>',
    "' onmouseover='alert(1)",
    "<!-- --><base href=//evil.example><meta http-equiv=refresh content=0>",
    "&lt;script&gt; &#x3c;b&#x3e; &amp;amp;",
    "\u202eevil\u2066 \x1b[31m\x00\u200b\ud800",
    "]]><svg/onload=alert(1)>",
    "[x](javascript:alert(1)) ![y](//evil.example) [^1]: evil\n[^2]",
    "javascript:alert(1)",
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=40))

OURS = {
    *("html", "head", "meta", "title", "style", "body", "a", "div", "header", "main", "section", "article", "footer"),
    *("p", "h1", "h2", "h3", "ol", "ul", "li", "blockquote", "span", "strong", "mark"),
}
OUR_ATTRIBUTES = {
    *(
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "href",
        "id",
        "dir",
        "aria-label",
        "aria-labelledby",
    ),
    *("rel", "role"),
}


@dataclass
class Page(HTMLParser):
    """What the standard library's parser makes of a page."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    style: str = ""
    open_: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag != "meta":
            self.open_.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open_ and self.open_[-1] == "style":
            self.style += data
            return
        self.texts.append(data)
        if "mark" in self.open_:
            self.marked.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def all(self, tag: str, name: str) -> list[str]:
        return [attrs[name] or "" for found, attrs in self.elements if found == tag and name in attrs]

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.elements if "id" in attrs]


def parsed(page: str) -> Page:
    found = Page()
    found.feed(page)
    found.close()
    assert found.open_ == []
    return found


def an_article(
    words: str = "A duck swam.", *, url: str | None = None, after: str = " It left at noon.", key: str = "duck.txt"
) -> Article:
    text = f"Menu\n\n{words}{after}"
    known = {"title": words, "publisher": words, "authors": (words,), "published": "2020-04-01"}
    skipped = (SkippedSpan(0, 4, SkipKind.BOILERPLATE),)
    return Article(key=key, text=text, url=url, path="/home/me/news/duck.txt", skipped=skipped, **known)  # type: ignore[arg-type]


def an_answer(article: Article, *spans: tuple[int, int]) -> Answer:
    citations = tuple(
        Citation(number, article.id, article.version, start, end, article.text[start:end])
        for number, (start, end) in enumerate(spans, 1)
    )
    statements = tuple(Statement(each.quote, (each.number,)) for each in citations)
    words = citations[0].quote
    return Answer(
        question=words,
        answered=True,
        text=compose(statements),
        statements=statements,
        citations=citations,
        passages=(),
        articles={article.id: article.reference},
        produced_by=ProducedBy(words, "none"),
        short_answer=ShortAnswer(words, 1, *spans[0]),
        disagreements=(Disagreement(words, (Side(words, (1,), words), Side(words, (len(spans),)))),),
    )


def exported(answer: Answer, now: Mapping[str, Article]) -> Exported:
    """As the command does it, with these articles for a corpus."""

    def standing(one: SavedCitation) -> Verdict:
        article = now.get(one.article)
        text, version = (article.text, article.version) if article else (None, None)
        return stand(one, cited_text=None, current_text=text, current_version=version)

    return saved.proved(saved.read(to_json(answer), "answer.json"), standing, now.get)


def of(article: Article, *spans: tuple[int, int], now: Article | None = None) -> Exported:
    return exported(an_answer(article, *(spans or ((6, 18),))), {article.id: now or article})


def gone(article: Article) -> Exported:
    return exported(an_answer(article, (6, 18)), {})


# -- the page ----------------------------------------------------------------------------------------------------


def test_the_quote_is_marked_in_the_whole_article() -> None:
    article = an_article()
    page = parsed(to_html(of(article), checked="2024-05-31"))
    assert page.marked == ["A duck swam."]
    assert ("span", {"class": "skipped"}) in page.elements
    assert "It left at noon." in "".join(page.texts)
    assert "2024-05-31" in "".join(page.texts)
    assert "/home/me" not in "".join(page.texts)


def test_links_lead_to_the_quote_and_back() -> None:
    page = parsed(to_html(of(an_article(), (6, 18), (19, 35)), checked="2024-05-31"))
    here = [link[1:] for link in page.all("a", "href") if link.startswith("#")]
    assert set(here) <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)
    for number in (1, 2):
        assert {f"ref-{number}", f"cite-{number}", f"quote-{number}"} <= set(here)


def test_quotes_that_overlap_or_run_over_paragraphs_are_marked_whole() -> None:
    article = an_article("One two three.", after="\n\nFour five.\n \nSix.")
    spans = ((6, 32), (10, 13), (10, 39), (20, 23))
    page = parsed(to_html(of(article, *spans), checked="2024-05-31"))
    assert "".join(page.marked) == "One two three.Four five.Six."
    assert [f"quote-{n}" in page.ids for n in (1, 2, 3, 4)] == [True] * 4


@given(st.text("ab \n\u00a0", min_size=8, max_size=40), st.lists(st.tuples(st.integers(0, 39), st.integers(1, 40))))
def test_what_is_marked_is_what_is_quoted(text: str, some: list[tuple[int, int]]) -> None:
    spans = [(a, b) for a, b in some if a < b <= len(text)] or [(0, len(text))]
    article = Article(key="x", text=text, skipped=(SkippedSpan(0, 3, SkipKind.TITLE),))
    page = parsed(to_html(of(article, *spans), checked="2024-05-31"))
    told = {place for start, end in spans for place in range(start, end)}
    words = "".join(text[place] for place in sorted(told))
    assert "".join("".join(page.marked).split()) == "".join(words.split())


@pytest.mark.parametrize(("text", "standing"), [("Menu\n\nA goose swam.", "changed"), (None, "gone")])
def test_what_no_longer_holds_is_said_and_marked_nowhere(text: str | None, standing: str) -> None:
    article = an_article()
    found = of(article, now=replace(article, text=text, skipped=())) if text else gone(article)
    raw = to_html(found, checked="2024-05-31")
    page = parsed(raw)
    assert not found.holds
    assert page.marked == []
    assert f"badge {standing}" in page.all("span", "class")
    assert "Not all of this answer holds" in raw
    assert "quote-1" not in page.ids
    assert "#quote-1" not in page.all("a", "href")


def test_a_quote_that_moved_is_marked_where_it_stands_now() -> None:
    article = an_article()
    page = parsed(to_html(of(article, now=replace(article, text=f"Update! {article.text}", skipped=())), checked="x"))
    assert page.marked == ["A duck swam."]
    assert "badge moved" in page.all("span", "class")


def test_a_verdict_that_the_text_belies_marks_nothing() -> None:
    article = an_article()
    read = saved.read(to_json(an_answer(article, (6, 18))), "answer.json")
    found = saved.proved(read, lambda _: Verdict(Standing.EXACT, 0, 12), {article.id: article}.get)
    assert (found.holds, found.proved[0].standing) == (False, Standing.CHANGED)
    assert parsed(to_html(found, checked="x")).marked == []


def a_list(words: str, url: str | None = None) -> Exported:
    """Two sentences of an article, each with the words that answer in the middle of it."""
    first, second = f"A {words} swam.", f"It saw {words} there."
    article = Article(key="ducks.txt", text=f"{first} {second}", title="Ducks", url=url, path="/news/ducks.txt")
    middle = len(first) + 1
    answer = an_answer(article, (0, len(first)), (middle, middle + len(second)))
    shorts = ShortAnswer(words, 1, 2, 2 + len(words)), ShortAnswer(words, 2, middle + 7, middle + 7 + len(words))
    statements = tuple(replace(one, short_answer=short) for one, short in zip(answer.statements, shorts, strict=True))
    return exported(
        replace(answer, statements=statements, short_answer=shorts[0], disagreements=()), {article.id: article}
    )


def test_a_list_stands_one_to_a_line_with_its_words_marked() -> None:
    page = to_html(a_list("grey duck"), checked="x")
    tree = lxml_html.document_fromstring(page)
    items = tree.xpath("//ul[@class='answer']/li")
    assert [item.text_content().replace("\u2060", "") for item in items] == [
        "A grey duck swam.[1]",
        "It saw grey duck there.[2]",
    ]
    assert [item.xpath(".//strong/text()") for item in items] == [["grey duck"], ["grey duck"]]
    assert [quote.xpath(".//strong/text()") for quote in tree.xpath("//blockquote")] == [["grey duck"], ["grey duck"]]
    assert not tree.xpath("//p[@class='short']")
    lines = to_markdown(a_list("grey duck")).split("\n\n")
    assert lines[1] == "- A **grey duck** swam.[^1]\n- It saw **grey duck** there.[^2]"
    assert "“A **grey duck** swam.”" in lines[-2]


def test_the_short_answer_is_marked_in_its_quote() -> None:
    answer = replace(an_answer(an_article(), (6, 18)), short_answer=ShortAnswer("swam", 1, 13, 17))
    found = exported(answer, {an_article().id: an_article()})
    tree = lxml_html.document_fromstring(to_html(found, checked="x"))
    assert tree.xpath("//blockquote//text()") == ["“A duck ", "swam", ".”"]
    assert tree.xpath("//blockquote//strong/text()") == ["swam"]
    assert "“A duck **swam**.”" in to_markdown(found)


def test_a_short_answer_that_does_not_stand_where_its_file_says_is_marked_nowhere() -> None:
    for short in (ShortAnswer("swam", 1, 12, 16), ShortAnswer("swam", 7, 13, 17), ShortAnswer("swam", 1, 90, 94)):
        found = exported(replace(an_answer(an_article(), (6, 18)), short_answer=short), {an_article().id: an_article()})
        tree = lxml_html.document_fromstring(to_html(found, checked="x"))
        assert tree.xpath("//blockquote//text()") == ["“A duck swam.”"]
        assert "swam**" not in to_markdown(found)


@given(TEXTS)
@example(HOSTILE[0])
@example(HOSTILE[6])
@example(HOSTILE[9])
def test_hostile_words_of_a_list_are_words_too(words: str) -> None:
    plain = words.encode("utf-8", "replace").decode()
    page = hold_inert(to_html(a_list(plain, url=plain), checked="2024-05-31"))
    assert one_line(f"A {plain} swam.") in one_line("".join(page.texts))
    raw = to_markdown(a_list(plain))
    assert set(re.findall(FOOTNOTE, raw)) == {"1", "2"}
    assert re.findall(r"(?m)^\[\^(\d+)\]:", raw) == ["1", "2"]


def test_a_refusal_is_a_page_too() -> None:
    answer = replace(
        an_answer(an_article(), (6, 18)),
        answered=False,
        text="The articles do not answer this question.",
        statements=(),
        citations=(),
        short_answer=None,
        disagreements=(),
    )
    page = "".join(parsed(to_html(exported(answer, {}), checked="x")).texts)
    assert "The articles do not answer this question." in page
    assert "[^1]" not in to_markdown(exported(answer, {}))


# -- nothing is live ---------------------------------------------------------------------------------------------


def links(page: Page) -> Iterator[str]:
    for _, attrs in page.elements:
        yield from (attrs[name] or "" for name in ("href", "src", "action", "srcset", "data") if name in attrs)


def hold_inert(raw: str) -> Page:
    page = parsed(raw)
    assert {tag for tag, _ in page.elements} <= OURS
    assert {name for _, attrs in page.elements for name in attrs} <= OUR_ATTRIBUTES
    assert all(link.startswith("#") or urlsplit(link).scheme in {"http", "https"} for link in links(page))
    assert page.comments == []
    assert raw == printable(raw, newlines=True)  # no control and no bidi character
    digest = b64encode(sha256(page.style.encode()).digest()).decode()
    (policy,) = [attrs["content"] for _, attrs in page.elements if "http-equiv" in attrs]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    again = lxml_html.document_fromstring(raw)
    counted = [element.tag for element in again.iter() if isinstance(element.tag, str)]
    assert sorted(counted) == sorted(tag for tag, _ in page.elements)
    return page


@given(TEXTS, TEXTS)
@example(HOSTILE[0], HOSTILE[10])
@example(HOSTILE[1], HOSTILE[3])
@example(HOSTILE[2], HOSTILE[8])
@example(HOSTILE[5], HOSTILE[7])
def test_hostile_words_make_no_element_no_attribute_and_no_address(words: str, url: str) -> None:
    plain = words.encode("utf-8", "replace").decode()
    article = an_article(plain, url=url)
    spans = ((6, 6 + len(plain)), (0, len(article.text)))
    baseline = [tag for tag, _ in parsed(to_html(of(an_article("x"), (6, 7), (0, 24)), checked="x")).elements]
    for found in (of(article, *spans), exported(an_answer(article, *spans), {})):
        page = hold_inert(to_html(found, checked="2024-05-31"))
        assert page.elements.count(("style", {})) == 1
        assert one_line(plain) in one_line("".join(page.texts))
    if one_line(plain) and len(plain.split()) == 1 and not web_address(url):
        assert [tag for tag, _ in hold_inert(to_html(of(article, *spans), checked="x")).elements] == baseline


@given(TEXTS)
@example(HOSTILE[0])
@example(HOSTILE[3])
def test_hostile_near_copies_are_words_in_the_page_and_in_footnotes(words: str) -> None:
    plain = words.encode("utf-8", "replace").decode() or "x"
    article = an_article()
    copies = NearCopies((Reference("b" * 16, "", "b", plain, plain, (), plain, plain),), 2, plain)
    hit = Hit(article.reference, Passage(6, 18, (Span(6, 18),)), article.text[6:18], 0.5, near_copies=copies)
    found = exported(replace(an_answer(article, (6, 18)), passages=(hit,)), {article.id: article})
    page = hold_inert(to_html(found, checked="2024-05-31"))
    assert any(text.startswith("also in: ") for text in page.texts)
    footnote = next(line for line in to_markdown(found).splitlines() if line.startswith("[^1]:"))
    assert "also in: " in footnote


def test_half_of_a_surrogate_pair_in_the_file_is_shown_as_unknown() -> None:
    raw = to_json(an_answer(an_article(), (6, 18))).replace("A duck swam.", "A \\ud800 swam.")
    found = saved.proved(saved.read(raw, "x"), lambda _: Verdict(Standing.GONE), lambda _: None)
    hold_inert(to_html(found, checked="x")).feed("")
    for text in (to_html(found, checked="x"), to_markdown(found), to_jsonld(found)):
        text.encode("utf-8")


def test_the_style_sheet_loads_nothing() -> None:
    style = parsed(to_html(of(an_article()), checked="x")).style
    assert not re.search(r"url\(|@import|@font-face|expression|<", style)


def test_a_number_given_twice_and_a_mark_to_nowhere_are_harmless() -> None:
    told = json.loads(to_json(an_answer(an_article(), (6, 18), (19, 35))))
    told["citations"][1]["number"] = 1
    told["statements"][0]["citations"] = [1, 77]
    article = an_article()
    read = saved.read(json.dumps(told), "x")
    found = saved.proved(read, lambda one: Verdict(Standing.EXACT, one.start, one.end), {article.id: article}.get)
    page = hold_inert(to_html(found, checked="x"))
    assert len(set(page.ids)) == len(page.ids)
    assert {link[1:] for link in links(page) if link.startswith("#")} <= set(page.ids)
    assert not found.holds
    assert to_markdown(found).count("\n[^1]: ") == 1


# -- contrast ----------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    full = colour if len(colour) == 6 else "".join(char * 2 for char in colour)
    parts = (int(full[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_text_has_the_contrast_of_wcag_aa(scheme: int) -> None:
    style = parsed(to_html(of(an_article()), checked="x")).style
    colours: dict[str, str] = {}
    for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:: 2 if scheme == 2 else 1][: scheme + 1]:
        colours |= dict(re.findall(r"--([\w-]+): #([0-9a-f]{3,6});", block))
    pairs = [(ink, paper) for ink in ("ink", "soft", "faint", "link") for paper in ("paper", "card")]
    pairs += [("ink", "mark"), ("ink", "mark-now")]
    pairs += [("good", "good-bg"), ("warn", "warn-bg"), ("bad", "bad-bg"), ("ink", "bad-bg"), ("bad", "paper")]
    low = {pair: ratio for pair in pairs if (ratio := round(contrast(*(colours[name] for name in pair)), 2)) < 4.5}
    assert low == {}


# -- live pages --------------------------------------------------------------------------------------------------


def directive(address: str | None) -> list[str]:
    assert address is not None
    terms = address.partition("#:~:text=")[2].split(",")
    return [f"{'-' * term.startswith('-')}{unquote(term.strip('-'))}{'-' * term.endswith('-')}" for term in terms]


def test_a_short_quote_is_named_whole_with_the_words_around_it() -> None:
    text = "In May, the port said that 1,200 crew & cooks left on-time. Nobody else did so."
    start, end = text.index("1,200"), text.index(" Nobody")
    address = at_quote("https://x.example/a?b=1#c", text, start, end)
    assert address == (
        "https://x.example/a?b=1#c:~:text=the%20port%20said%20that-,1%2C200%20crew%20%26%20cooks%20left%20on%2Dtime.,"
        "-Nobody%20else%20did%20so."
    )


def test_a_long_quote_is_named_by_its_first_and_last_words() -> None:
    text = "Before.\n\n" + " ".join(f"word{n}" for n in range(40)) + "\n\nAfter."
    terms = directive(at_quote("https://x.example/", text, 9, len(text) - 8))
    assert terms == ["word0 word1 word2 word3 word4 word5", "word34 word35 word36 word37 word38 word39"]


def test_a_quote_over_two_paragraphs_is_named_by_words_of_each() -> None:
    assert directive(at_quote("https://x.example/", "One two.\n\nThree four.", 0, 21)) == ["One two.", "Three four."]


@given(st.text(min_size=1, max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_a_directive_has_no_character_of_its_syntax_in_its_terms(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    address = at_quote("https://x.example/", text, start, end)
    assert address is not None
    _, hash_, fragment = address.partition("#:~:text=")
    if hash_:
        assert re.fullmatch(r"(?:[\w.~%]+-,)?[\w.~%]+(?:,[\w.~%]+)?(?:,-[\w.~%]+)?", fragment, re.ASCII)


@pytest.mark.parametrize(
    "url", [*HOSTILE, None, "", "ftp://x.example/", "http:x", "https://[x", "https://x.example/a b"]
)
def test_what_is_no_web_address_is_never_linked(url: str | None) -> None:
    assert web_address(url) is None
    assert at_quote(url, "A duck swam.", 0, 12) is None


def test_the_page_links_the_live_page_at_the_quote() -> None:
    article = an_article(url="https://pond.example/duck?a=1&b=2")
    assert 'href="https://pond.example/duck?a=1&amp;b=2#:~:text=A%20duck%20swam.,-It%20left%20at%20noon."' in to_html(
        of(article), checked="x"
    )
    assert parsed(to_html(gone(article), checked="x")).all("a", "href")[-1] == "https://pond.example/duck?a=1&b=2"


# -- Markdown ----------------------------------------------------------------------------------------------------


def test_markdown_has_a_footnote_for_each_citation() -> None:
    article = an_article(url="https://pond.example/duck")
    lines = to_markdown(of(article, (6, 18), (19, 35))).split("\n\n")
    assert lines[0] == "# A duck swam."
    assert "A duck swam.[^1] It left at noon.[^2]" in lines
    assert lines[-2].startswith("[^1]: A duck swam. · A duck swam. · 2020-04-01: “A duck swam.” — ")
    assert lines[-2].endswith("<https://pond.example/duck#:~:text=A%20duck%20swam.,-It%20left%20at%20noon.>")


# An even number of backslashes before it: they escape each other, not the bracket.
FOOTNOTE = r"(?<!\\)(?:\\\\)*\[\^(\d+)\](?!:)"


@given(TEXTS)
@example(HOSTILE[9])
def test_hostile_words_make_no_markdown(words: str) -> None:
    plain = words.encode("utf-8", "replace").decode()
    article = an_article(plain, url=plain)
    raw = to_markdown(of(article, (6, 6 + len(plain)), (0, len(article.text))))
    assert set(re.findall(FOOTNOTE, raw)) == {"1", "2"}
    assert re.findall(r"(?m)^\[\^(\d+)\]:", raw) == ["1", "2"]
    tokens = MarkdownIt("commonmark").parse(re.sub(r"(?m)^\[\^\d+\]: ", "", re.sub(FOOTNOTE, "", raw)))
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "text_special", "strong_open", "strong_close", "softbreak"}
    assert not {token.type for token in tokens} & {"html_block", "fence", "code_block", "blockquote_open", "table_open"}


# -- W3C Web Annotations -----------------------------------------------------------------------------------------

# Web Annotation Data Model (W3C Recommendation, 23 February 2017): sections 3.1, 3.2.1, 4, 4.2.4, 4.2.5, 5.2.
IRI = {"type": "string", "pattern": '^(?:https?://|urn:)[^\\s<>"{}|\\\\^`]+$'}
QUOTE_SELECTOR = {
    "type": "object",
    "required": ["type", "exact"],
    "properties": {"type": {"const": "TextQuoteSelector"}, "exact": {"type": "string", "minLength": 1}},
    "additionalProperties": {"type": "string"},
}
POSITION_SELECTOR = {
    "type": "object",
    "required": ["type", "start", "end"],
    "properties": {
        "type": {"const": "TextPositionSelector"},
        "start": {"type": "integer", "minimum": 0},
        "end": {"type": "integer", "minimum": 0},
    },
    "additionalProperties": False,
}
ANNOTATION = {
    "type": "object",
    "required": ["id", "type", "target", "motivation"],
    "properties": {
        "id": IRI,
        "type": {"const": "Annotation"},
        "motivation": {"enum": ["describing", "highlighting"]},
        "body": {"type": "array", "items": {"required": ["type", "value"]}},
        "target": {
            "type": "object",
            "required": ["source", "selector"],
            "properties": {
                "source": IRI,
                "selector": {"type": "array", "items": {"oneOf": [QUOTE_SELECTOR, POSITION_SELECTOR]}},
            },
        },
    },
}
PAGE = {
    "type": "object",
    "required": ["@context", "id", "type", "items"],
    "properties": {"id": IRI, "type": {"const": "AnnotationPage"}, "items": {"type": "array", "items": ANNOTATION}},
}


def annotations(found: Exported) -> Sequence[Mapping[str, object]]:
    page = json.loads(to_jsonld(found))
    jsonschema.validate(page, PAGE)
    assert page["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    items: Sequence[Mapping[str, object]] = page["items"]
    assert len({str(item["id"]) for item in items}) == len(items)
    return items


def test_one_annotation_a_citation_with_the_quote_its_context_and_its_place() -> None:
    first, second = annotations(of(an_article(url="https://pond.example/duck"), (6, 18), (19, 35)))
    assert first["target"] == {
        "type": "SpecificResource",
        "source": "https://pond.example/duck",
        "selector": [
            {"type": "TextQuoteSelector", "exact": "A duck swam.", "prefix": "Menu\n\n", "suffix": " It left at noon."},
            {"type": "TextPositionSelector", "start": 6, "end": 18},
        ],
    }
    assert second["standing"] == "exact"


def test_what_no_longer_holds_has_no_place() -> None:
    (item,) = annotations(gone(an_article()))
    assert item["standing"] == "gone"
    assert item["target"] == {
        "type": "SpecificResource",
        "source": f"urn:groundwire:article:{an_article().id}",
        "selector": [{"type": "TextQuoteSelector", "exact": "A duck swam."}],
    }


@given(TEXTS, TEXTS)
def test_annotations_say_hostile_words_as_they_are(words: str, url: str) -> None:
    plain = words.encode("utf-8", "replace").decode()
    (item,) = annotations(of(an_article(plain, url=url), (6, 6 + len(plain))))
    assert item["target"]["selector"][0]["exact"] == plain  # type: ignore[index]


# -- what is read ------------------------------------------------------------------------------------------------


def test_a_file_of_several_answers_is_refused_in_one_line() -> None:
    line = to_json(an_answer(an_article(), (6, 18)))
    with pytest.raises(UsageError, match="holds 2 answers; export takes one"):
        saved.read(f"{line}\n{line}\n", "batch.jsonl")


def test_what_only_decorates_may_be_of_any_type() -> None:
    told = json.loads(to_json(an_answer(an_article(), (6, 18))))
    told["articles"][an_article().id] |= {"publisher": 7, "url": ["x"], "authors": "me", "published": {}}
    told["citations"][0]["page"] = "xii"
    found = saved.proved(saved.read(json.dumps(told), "x"), lambda _: Verdict(Standing.GONE), lambda _: None)
    hold_inert(to_html(found, checked="x"))


def test_lxml_takes_the_page_for_well_formed() -> None:
    raw = to_html(of(an_article()), checked="x")
    parser = etree.HTMLParser(recover=False)
    try:
        lxml_html.document_fromstring(raw, parser=parser)
    except etree.XMLSyntaxError as error:  # libxml2 knows HTML 4 alone
        assert re.search(r"Tag (?:header|main|section|article|footer|mark) invalid", str(error))
