"""Who wrote a page: where it says so, in the order in which pages are right about it.

Knows elements; the names in a byline are `bylines`' to find. The publisher itself is no author.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import html

from rag.clean.furniture import folded
from rag.webpage.bylines import LONGEST_BYLINE, is_byline, names_in
from rag.webpage.elements import is_beside, marks, short_text
from rag.webpage.json_ld import ArticleNode

_META = (
    *("author", "article:author", "og:article:author", "og:author", "dc.creator", "dc:creator", "dcterms.creator"),
    *("citation_author", "parsely-author", "sailthru.author", "byl", "authors", "creator", "article.author"),
    *("cxenseparse:author", "shareaholic:article_author_name", "rbauthors", "dcterms.creator.aut", "dc.creator.aut"),
)
_MARK = re.compile(
    r"(?<![a-z])(?:by-?line(?:__?names?|-names?|-author)?|author(?:s|-?name|_name|__name|-?link|-byline|-title)?"
    r"|autor(?:en|es|a|name)?|(?:artikel|beitrags?|news)-?autor|post-?author|entry-?author|article-?author"
    r"|article__author|article_author|meta-author|vcard|firma|verfasser|redakteur|creator|contributor-?name|writer"
    r"|nombre-autor|p-author|c-byline|submitted)(?![a-z])"
)
_MOST_AUTHORS = 12


def read_authors(
    tree: html.HtmlElement,
    meta: dict[str, list[str]],
    node: ArticleNode,
    publisher: str | None,
    head: list[str],
) -> tuple[str, ...]:
    """The people who wrote the page, in its order; none where it names none. ``head``: lines around its headline."""
    for said in (
        [one.name for one in node.authors if not one.organisation],
        [value for name in _META for value in meta.get(name, ())],
        list(_elements(tree)),
        [line for line in head if is_byline(line)],
    ):
        if people := _people(said, publisher):
            return people
    return ()


def _people(said: Iterable[str], publisher: str | None) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for one in said:
        for name in names_in(one):
            if publisher is None or _squashed(name) != _squashed(publisher):
                found.setdefault(_squashed(name), name)
    return tuple(found.values())[:_MOST_AUTHORS]


def _squashed(name: str) -> str:
    return re.sub(r"[\W_]", "", folded(name))


def _elements(tree: html.HtmlElement) -> Iterator[str]:
    """What elements made for it say, the surest first: microdata, rel=author, a class that names an author."""
    found = [*_microdata(tree), *_links(tree)]
    if found:
        yield from found
        return
    for element in tree.iter(
        "a", "span", "div", "p", "address", "li", "em", "strong", "small", "h3", "h4", "h5", "h6", "td", "cite", "b"
    ):
        if _MARK.search(marks(element)) and not is_beside(element):
            text = short_text(element)
            if 3 < len(text) <= LONGEST_BYLINE and names_in(text):
                yield text
                return


def _microdata(tree: html.HtmlElement) -> Iterator[str]:
    for element in tree.xpath("//*[@itemprop='author' or @itemprop='creator']")[:20]:
        if is_beside(element):
            continue
        names = element.xpath(".//*[@itemprop='name']")
        yield (
            (names[0].get("content") or short_text(names[0]))
            if names
            else element.get("content") or short_text(element)
        )


def _links(tree: html.HtmlElement) -> Iterator[str]:
    for element in tree.xpath("//a[@rel]")[:2000]:
        if "author" in (element.get("rel") or "").lower().split() and not is_beside(element):
            yield short_text(element)
