"""A saved answer as one HTML page that loads nothing: the answer, its citations, the cited articles with quotes marked.

The answer's file and the articles are untrusted. Every word of theirs goes through `_words`, every attribute is one of
our own or goes through `_attribute`, and a link leads to this page or to http(s) (`rag.render.address`). No script; the
Content-Security-Policy (Level 3) allows our one style sheet by its hash and nothing else.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from importlib import resources
from itertools import pairwise

from rag.render.address import at_quote, web_address
from rag.render.footnotes import STANDING
from rag.render.head import head
from rag.render.safe import folded, one_line, printable
from rag.render.saved import Exported, Proved, Sentence
from rag.render.shorts import Range, pieces
from rag.render.source import also_in, quotation_marks, who
from rag.standing import Standing
from rag.types import Article, Reference

_BADGES = {
    Standing.EXACT: "exact",
    Standing.MOVED: "moved",
    Standing.CHANGED: "changed",
    Standing.GONE: "article gone",
}
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")


def to_html(exported: Exported, *, checked: str) -> str:
    """The whole page, to be written as UTF-8. `checked`: the day on which the corpus was looked at, ISO 8601."""
    return _Page(exported, checked).html()


class _Page:
    """The page in the making; each method is one part of it."""

    def __init__(self, exported: Exported, checked: str) -> None:
        self._exported = exported
        self._saved = exported.saved
        self._checked = checked
        # A file may give one number to two citations: the first has it.
        self._numbers = {each.cited.number: each for each in reversed(exported.proved)}
        self._referred: set[int] = set()

    def html(self) -> str:
        body = "\n".join((self._header(), self._answer(), self._citations(), *self._articles()))
        title = _words(self._saved.question) or "No question"
        return (
            f'<!doctype html>\n<html lang="en">\n{head(title, _style())}\n<body>\n'
            '<a class="skip" href="#citations">Skip to the citations</a>\n'
            f'<div class="page">\n{body}\n{self._footer()}\n</div>\n</body>\n</html>\n'
        )

    def _header(self) -> str:
        return (
            f'<header>\n<p class="kicker">An answer from Groundwire · {self._summary()}</p>\n'
            f'<h1 dir="auto">{_words(self._saved.question) or "No question"}</h1>\n{self._alert()}</header>\n<main>'
        )

    def _summary(self) -> str:
        proved = self._exported.proved
        holding = sum(each.holds for each in proved)
        many = f"{len(proved)} quote{'' if len(proved) == 1 else 's'}"
        held = "all hold" if holding == len(proved) else f"{holding} of {len(proved)} hold"
        counted = f"{many}, {held}" if len(proved) > 1 else f"{many}, {'holds' if holding else 'does not hold'}"
        return f"{counted if proved else 'no quotes'} · checked on {_words(self._checked)}"

    def _alert(self) -> str:
        faults = [_words(each.message) for each in self._saved.faults]
        failing = [each for each in self._exported.proved if not each.holds]
        faults += [f"[{each.cited.number}] {STANDING[each.standing]}" for each in failing]
        if not faults:
            return ""
        items = "".join(f"<li>{fault}</li>" for fault in faults)
        return f'<div class="alert" role="note">Not all of this answer holds:<ul>{items}</ul></div>\n'

    # -- the answer ------------------------------------------------------------------------------------------------

    def _answer(self) -> str:
        saved = self._saved
        parts = []
        if saved.short_answer is not None and not saved.is_list:
            parts.append(f'<p class="short" dir="auto">{self._said(saved.short_answer)}</p>')
        if saved.answered and saved.is_list:
            items = "\n".join(f'<li dir="auto">{self._said(each)}</li>' for each in saved.sentences)
            parts.append(f'<ul class="answer">\n{items}\n</ul>')
        else:
            said = " ".join(map(self._said, saved.sentences)) if saved.answered else _words(saved.text)
            parts.append(f'<p class="answer" dir="auto">{said}</p>')
        if saved.generated:
            parts.append('<p class="note">Written by a language model. The quotes are the articles’ own words.</p>')
        for dispute in saved.disputes:
            sides = "".join(f'<div class="side" dir="auto">{self._side(side)}</div>' for side in dispute.sides)
            parts.append(f'<h3 dir="auto">Sources differ: {_words(dispute.about)}</h3>{sides}')
        return _section("answer", "Answer", "\n".join(parts))

    def _said(self, sentence: Sentence) -> str:
        return f'<span lang="">{self._with_short(sentence)}</span>{self._marks(sentence.citations)}'

    def _with_short(self, sentence: Sentence) -> str:
        """The words of the sentence; of a list, with what it adds to it marked where it is all of its quote."""
        cited = [each for number in sentence.citations[:1] if (each := self._numbers.get(number))]
        if not self._saved.is_list or not cited or folded(cited[0].cited.quote) != folded(sentence.text):
            return _words(sentence.text)
        return _strong(cited[0].cited.quote, self._saved.shorts.get(cited[0].cited.number))

    def _side(self, side: Sentence) -> str:
        cited = next((self._numbers[number] for number in side.citations if number in self._numbers), None)
        named = who(cited.reference, side.speaker) if cited else one_line(side.speaker or "")
        return f"<strong>{_words(named)}:</strong> {self._said(side)}"

    def _marks(self, numbers: Sequence[int]) -> str:
        """[n] links to the citations; the first one of each number is where its citation leads back to."""
        return "".join(f"&#8288;{self._mark(number)}" for number in numbers if number in self._numbers)

    def _mark(self, number: int) -> str:
        back = "" if number in self._referred else f' id="ref-{number}"'
        self._referred.add(number)
        failing = not self._numbers[number].holds
        kind, said = ("n failing", ", which no longer holds") if failing else ("n", "")
        return f'<a class="{kind}"{back} href="#cite-{number}" aria-label="Citation {number}{said}">[{number}]</a>'

    # -- the citations ---------------------------------------------------------------------------------------------

    def _citations(self) -> str:
        proved = self._exported.proved
        if not proved:
            return '<p class="note" id="citations">Nothing is quoted, so there is nothing to check.</p>'
        items = "\n".join(self._citation(each, each is self._numbers[each.cited.number]) for each in proved)
        return _section("citations", "Citations", f"<ol>\n{items}\n</ol>")

    def _citation(self, one: Proved, first: bool) -> str:
        number = one.cited.number
        named = f' id="cite-{number}"' if first else ""
        where = one.place if one.holds else f"it stood at {one.place}"
        label = f'<a class="n" href="#ref-{number}" aria-label="Back to {number} in the answer">[{number}]</a>'
        if number not in self._referred:
            label = f'<span class="n">[{number}]</span>'
        badge = f'<span class="badge {one.standing}">{_BADGES[one.standing]}</span>'
        told = "; ".join(filter(None, (STANDING[one.standing], where)))
        return (
            f'<li class="cite"{named}>{label}<p class="byline" dir="auto" lang="">{_title(one.reference)}</p>'
            f'<p class="meta">{_about(one.reference)}</p>{_also_in(one)}'
            f'<blockquote dir="auto" lang=""><p>{self._quote(one)}</p></blockquote>'
            f'<p class="where">{badge}{_words(told)}</p>{self._links(one, first)}</li>'
        )

    def _quote(self, one: Proved) -> str:
        """The quote between quotation marks, with the words that answer."""
        opening, closing = quotation_marks(one.cited.quote)
        return f"{opening}{_strong(one.cited.quote, self._saved.shorts.get(one.cited.number))}{closing}"

    def _links(self, one: Proved, first: bool) -> str:
        links = []
        if one.holds and first:
            links.append(f'<a class="here" href="#quote-{one.cited.number}">In the article below</a>')
        text = one.article.text if one.article is not None else ""
        live = at_quote(one.reference.url, text, *one.span) if one.holds else web_address(one.reference.url)
        if live:
            said = "Live page at the quote" if one.holds else "Live page"
            links.append(f'<a href="{_attribute(live)}" rel="noopener noreferrer nofollow">{said}</a>')
        return f'<p class="links">{"".join(links)}</p>' if links else ""

    # -- the articles ----------------------------------------------------------------------------------------------

    def _articles(self) -> Iterator[str]:
        articles = {each.article.id: each.article for each in self._exported.proved if each.article is not None}
        if not articles:
            return
        key = ""
        if any(article.skipped for article in articles.values()):
            key = '<p class="key">Grey: around the article, not part of its body (headings, captions, menus).</p>'
        whole = "\n".join(self._article(number, article) for number, article in enumerate(articles.values(), 1))
        yield _section("articles", "The articles" if len(articles) > 1 else "The article", f"{key}\n{whole}")

    def _article(self, number: int, article: Article) -> str:
        about, address = _about(article.reference), web_address(article.reference.url)
        if address:
            about += f' · <a href="{_attribute(address)}" rel="noopener noreferrer nofollow">{_words(address)}</a>'
        return (
            f'<article class="article" aria-labelledby="article-{number}">\n'
            f'<h3 id="article-{number}" dir="auto" lang="">{_title(article.reference)}</h3>\n'
            f'<p class="meta">{about}</p>\n<div class="text" lang="">\n{self._text(article)}\n</div>\n</article>'
        )

    def _text(self, article: Article) -> str:
        quotes = [each for each in self._numbers.values() if each.holds and each.reference.id == article.id]
        return "\n".join(f'<p dir="auto">{inner}</p>' for inner in _paragraphs(article, quotes))

    def _footer(self) -> str:
        version = _words(self._saved.version)
        return (
            "</main>\n<footer>Made by Groundwire from a saved answer"
            f"{f' of version {version}' if version else ''}. Each quote was compared with the article’s text, "
            "character by character; the page holds that text as it was on the day of the check, and loads nothing"
            ".</footer>"
        )


def _paragraphs(article: Article, quotes: Sequence[Proved]) -> Iterator[str]:
    """The whole text by paragraphs: quotes marked, each led by its anchor, and what is not body dimmed.

    One pass over the places where something begins or ends, however many quotes a file names. What is between two
    paragraphs is not shown; the anchor of a quote that begins there stands before what follows.
    """
    text, gaps = article.text, [found.span() for found in _PARAGRAPH.finditer(article.text)]
    cited, skipped = (
        _changes(each.span for each in quotes),
        _changes((each.start, each.end) for each in article.skipped),
    )
    between = _changes(gaps)
    anchors: defaultdict[int, list[int]] = defaultdict(list)
    for each in quotes:
        anchors[each.span[0]].append(each.cited.number)
    waiting, pieces, depths = list[int](), list[str](), [0, 0, 0]
    for left, right in pairwise(sorted({0, len(text), *cited, *skipped, *between})):
        depths = [depth + change[left] for depth, change in zip(depths, (cited, skipped, between), strict=True)]
        waiting += anchors[left]
        if depths[2]:
            yield from _joined(pieces)
            continue
        pieces += [_anchor(number) for number in waiting]
        waiting = []
        pieces.append(_piece(text[left:right], cited=depths[0] > 0, skipped=depths[1] > 0))
    yield from _joined([*pieces, *map(_anchor, waiting)])


def _changes(spans: Iterable[tuple[int, int]]) -> Counter[int]:
    """How many more spans are open from a place on."""
    changes: Counter[int] = Counter()
    for start, end in spans:
        changes[start] += 1
        changes[end] -= 1
    return changes


def _joined(pieces: list[str]) -> Iterator[str]:
    """The paragraph that the pieces make, if they make one; the pieces are used up."""
    paragraph = "".join(pieces)
    pieces.clear()
    if paragraph.strip():
        yield paragraph


def _piece(text: str, *, cited: bool, skipped: bool) -> str:
    words = escape(printable(text, newlines=True))
    words = f'<span class="skipped">{words}</span>' if skipped else words
    return f"<mark>{words}</mark>" if cited else words


def _anchor(number: int) -> str:
    return f'<a class="n" id="quote-{number}" href="#cite-{number}" aria-label="Quote {number}">[{number}]</a>'


def _title(reference: Reference) -> str:
    return _words(reference.title or "") or "Untitled"


def _about(reference: Reference) -> str:
    """Who published it, who wrote it, when; that the date or the publisher is not known is told."""
    publisher, published = reference.publisher or "publisher unknown", reference.published or "undated"
    return " · ".join(filter(None, map(_words, (publisher, ", ".join(reference.authors), published))))


def _also_in(one: Proved) -> str:
    """Who else has the article's text."""
    return "" if one.near_copies is None else f'<p class="meta" dir="auto">{_words(also_in(one.near_copies))}</p>'


def _section(name: str, title: str, inner: str) -> str:
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{title}</h2>\n{inner}\n</section>'


def _words(text: str) -> str:
    """Words on one line, as text: nothing of them can become an element or an entity."""
    return escape(one_line(text))


def _strong(quote: str, short: Range | None) -> str:
    """The quote as text on one line, the short answer in it as a <strong>."""
    before, words, after = map(escape, pieces(quote, short))
    return f"{before}<strong>{words}</strong>{after}" if words else before


def _attribute(value: str) -> str:
    return escape(value, quote=True)


@cache
def _style() -> str:
    return resources.files(__package__).joinpath("page.css").read_text("utf-8")
