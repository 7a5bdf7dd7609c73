"""Who wrote a page: where it says so, and the names in what it says.

Knows elements and bylines in the languages of the press; a name is taken as the page writes it, and what is plainly no
person (the publisher itself, "admin", a web address) is nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import html

from rag.clean.furniture import folded
from rag.clean.names import is_agency_or_role
from rag.webpage.elements import is_beside, marks, short_text
from rag.webpage.json_ld import ArticleNode

_META = (
    *("author", "article:author", "og:article:author", "og:author", "dc.creator", "dc:creator", "dcterms.creator"),
    *("citation_author", "parsely-author", "sailthru.author", "byl", "authors", "creator", "article.author"),
    *("cxenseparse:author", "shareaholic:article_author_name", "rbauthors", "dcterms.creator.aut", "dc.creator.aut"),
)
_MARK = re.compile(
    r"(?<![a-z])(?:by-?line(?:__?names?|-names?|-author)?|author(?:s|-?name|_name|__name|-?link|-byline|-title)?|autor(?:en|es|a|name)?|(?:artikel|beitrags?|news)-?autor"
    r"|post-?author|entry-?author|article-?author|article__author|article_author|meta-author|vcard|firma|verfasser|redakteur|creator"
    r"|contributor-?name|writer|nombre-autor|p-author|c-byline|submitted)(?![a-z])"
)
_BY = re.compile(
    r"^(?:view all posts by|zeige alle beiträge von|all posts by|posts by|more from|beitrag von|recipe by)\s+|^(?:(?:written|posted|published|story|text|words|reported|geschrieben|verfasst|veröffentlicht|publicado|escrito|publié|scritto"
    r"|ein (?:artikel|beitrag|kommentar|gastbeitrag)|article|interview|kommentar|foto|text und (?:foto|bild)e?r?)\s+)?"
    r"(?:by|von|vom|por|par|di|door|av|przez|autor(?:in|en|es|a)?|author|authors|escrito por|redakteur(?:in)?|redaktion)\b\s*:?\s+"
    r"|^(?:autor(?:in|en|a)?|authors?|text|von|by|por|par|redaktion|redakcja|tekst)\s*[:|]\s*",
    re.IGNORECASE,
)
# "Posted on September 21, 2020 by Jane Roe": the name after the date.
_BY_INSIDE = re.compile(
    r"(?:^|[\s|·•,])(?:by|von|por|par|przez|door|autore?)\b:?\s+(?P<names>[^\W\d_].*)", re.IGNORECASE
)
_ON = re.compile(
    r"\s+(?:on|am|el|le|il|op|in|für|for)\s+(?=[\w.]*\s?\d|\w+,|the |der |die )|\s*[|•·—–]\s|\s-\s|\s*\(|\s+\d{1,2}[./ ]|\s*,?\s+\d{4}\b"
    r"|\s*(?:updated|published|veröffentlicht|aktualisiert|follow\b|posted)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s*(?:;|/|\||,|\s+(?:and|und|y|et|e|en|i|och|&|with|mit)\s+)\s*")
_NOBODY = re.compile(
    r"(?:.*admin(?:istrator)?|.*_.*|super user|publisher|posted|\S+ (?:gmbh|ag|verlag|media|inc\.?|ltd\.?|llc|magazin|e\.?\s?v)"
    r"|.*\b(?:gmbh|e\. ?v|inc|ltd|llc|universität|verband|bundesverband|institut|redazione)\b.*|redaktion.*|.*redaktion|redacción.*|redaccion.*|rédaction.*|la rédaction.*|redazione.*|redacteur|redakcja.*"
    r"|editor(?:ial)?(?: team| staff| board)?|staff(?: writers?| reporters?)?|team|webmaster|author|autor(?:in)?|unknown|anonymous|guest"
    r"|gast(?:autor)?|user|root|null|none|n/a|undefined|pressemitteilung|presse|press release|news desk|newsroom|web ?desk|agencies"
    r"|agencias?|agenturen|contributors?|[a-z]{2,4}-redaktion|home|kontakt|contact|mehr|more|alle artikel.*|by|von)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|de|org|net|fr|at|ch|es|pl|it|info|co|uk)\b", re.IGNORECASE)
_LONGEST, _MOST = 120, 12


def read_authors(
    tree: html.HtmlElement,
    meta: dict[str, list[str]],
    node: ArticleNode,
    publisher: str | None,
    head: list[str],
) -> tuple[str, ...]:
    """The people who wrote the page, in its order; none where it names none. ``head``: the lines around its headline."""
    for said in (
        [one.name for one in node.authors if not one.organisation],
        [value for name in _META for value in meta.get(name, ())],
        list(_elements(tree)),
        [line for line in head if _BY.match(line) or _BY_INSIDE.search(line)],
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
    return tuple(found.values())[:_MOST]


def _squashed(name: str) -> str:
    return re.sub(r"[\W_]", "", folded(name))


def names_in(said: str) -> list[str]:
    """The names in a byline or a field: "By Jane Roe and John Doe, Daily Bugle" → Jane Roe, John Doe."""
    line = " ".join(said.split()).strip(" \"'.,:;|-–—")
    if not line or len(line) > _LONGEST or _ADDRESS.match(line):
        return []
    bare = _BY.sub("", line)
    if bare == line and (inside := _BY_INSIDE.search(line)) and any(character.isdigit() for character in line):
        bare = inside["names"]
    if cut := _ON.search(bare, 2):
        bare = bare[: cut.start()]
    parts = [part.strip(" .:@|-–—\"'") for part in _SEPARATORS.split(bare)]
    names = [part for part in parts if part and _may_be_name(part)]
    # "Roe, Jane": one word on each side of the only comma is one person, the family name first.
    if len(names) == 2 and bare.count(",") == 1 and all(len(name.split()) == 1 for name in names):
        return [f"{names[1]} {names[0]}"]
    if len(names) > 1:  # what follows a name is as often a place or a job
        names = [name for name in names if len(name.split()) > 1 and not is_agency_or_role(name)] or names[:1]
    return names


def _may_be_name(text: str) -> bool:
    return (
        1 < len(text) <= 60
        and len(text.split()) <= 6
        and not any(character.isdigit() for character in text[:2])
        and _ADDRESS.search(text) is None
        and _NOBODY.fullmatch(text) is None
        and any(character.isalpha() for character in text)
    )


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
            if 3 < len(text) <= _LONGEST and names_in(text):
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
