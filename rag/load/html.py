"""Web pages as browsers save them, and fragments of HTML: the article is extracted, with what the page says of it.

A page that shows no article (a consent wall, an empty frame that only a script would fill, a subscription offer) is
refused with the reason: its furniture must never be cited as news.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from rag.clean import agency_credit
from rag.load.source import Found, Loaded, Unreadable, read_whole
from rag.load.url import canonical_url, is_web_url
from rag.types import Article
from rag.webpage import NotParsed, PageMetadata, PageText, WebPage, read_page

# A news brief of one sentence is an article; less than one is none.
_SHORTEST = 80
# What says why a page shows no article is short itself.
_LONGEST_WALL = 1500
_WALLS = (
    (
        re.compile(
            r"(?:enable|activate|turn on|requires?|need) (?:\w+ ){0,3}javascript|without javascript"
            r"|javascript (?:is |has been |must be )?(?:disabled|deactivated|required|enabled)"
            r"|javascript (?:\w+ ){0,4}(?:aktivieren|deaktiviert)|activer javascript"
            r"|(?:habilit|activ)[ae]r? (?:\w+ ){0,2}javascript|checking your browser|are you a robot"
            r"|unusual (?:traffic|activity)|verify (?:that )?you are (?:a )?human"
            r"|access (?:to this page has been )?denied",
            re.IGNORECASE,
        ),
        "shows its article only to a browser that runs scripts; open it in one and save it from there",
    ),
    (
        re.compile(
            r"(?:accept|consent|agree|zustimm|einwillig|akzeptier|accepter|acept|accett|consent)\w*.{0,200}(?:cookies|tracking)"
            r"|(?:cookies|tracking).{0,200}(?:accept|consent|agree|zustimm|einwillig|akzeptier|accepter|acept|accett)",
            re.IGNORECASE | re.DOTALL,
        ),
        "holds a request to accept cookies in place of its article; answer it in a browser and save the page then",
    ),
    (
        re.compile(
            r"(?:subscri(?:be|ption|bers?)|abonn\w+|suscri\w+|registrier\w+|log ?in|sign in|premium|weiterlesen mit)"
            r".{0,150}(?:continue|read|access|unlock|article|artikel|lesen|lire|leer|full|story)",
            re.IGNORECASE | re.DOTALL,
        ),
        "holds an offer to subscribe in place of its article; save it from a browser that is signed in",
    ),
)


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of a page. Raises Unreadable, and whatever reading the stream raises."""
    source = read_whole(stream)
    try:
        page = read_page(source, url=found.options.url, encoding=found.options.encoding)
    except NotParsed as error:
        raise Unreadable(str(error)) from None
    yield loaded(found, page, source, url=found.options.url)


def loaded(found: Found, page: WebPage, source: bytes, *, url: str | None) -> Loaded:
    """The article of a page that was read. Raises Unreadable where it shows none."""
    _must_be_article(page)
    said = page.metadata
    named = said.url if said.url and is_web_url(said.url) else url
    address = canonical_url(named) if named else None
    article = Article(
        key=address or found.key_path,
        text=page.text.text,
        title=said.title,
        publisher=said.publisher,
        authors=said.authors,
        published=said.published,
        url=address,
        path=os.path.abspath(found.file),  # noqa: PTH100 (resolve() would follow links: the user's own name stays)
        skipped=page.text.skipped,
        published_from=said.published_from,
        updated=said.updated,
        updated_from=said.updated_from,
        section=said.section,
        language=said.language,
        agency=agency_credit(page.text.text, (*said.authors, *said.organisations), said.publisher),
    )
    is_of_a_file = address is not None and found.bytes_at is None
    return Loaded(article, source, (page.lost,) if page.lost else (), found.key_path if is_of_a_file else None)


def _must_be_article(page: WebPage) -> None:
    body = " ".join(page.text.body.split())
    if len(body) >= _SHORTEST:
        reason = next(
            (reason for wall, reason in _WALLS if len(body) <= _LONGEST_WALL and _mostly(page.text, wall)), None
        )
        if reason is None:
            return
        raise Unreadable(reason)
    if page.lost:
        raise Unreadable(f"cannot be read: {page.lost}, and no article stands before it")
    if not page.metadata.free:
        raise Unreadable(
            "says that its article must be paid for, and does not hold it; save it where you are signed in"
        )
    raise Unreadable(
        next(
            (reason for wall, reason in _WALLS if wall.search(page.shown)),
            "holds no article: there is no running text in it; if a browser shows one, save it there as a whole page",
        )
    )


def _mostly(text: PageText, wall: re.Pattern[str]) -> bool:
    """The paragraphs that the pattern is found in are most of the body."""
    paragraphs = [one for one in text.body.split("\n") if one.strip()]
    about = sum(len(one) for one in paragraphs if wall.search(one))
    return 2 * about > sum(map(len, paragraphs))


__all__ = ["PageMetadata", "load", "loaded"]
