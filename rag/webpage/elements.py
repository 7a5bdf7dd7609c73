"""What an element says of itself, and whether it stands in the article or beside it."""

from __future__ import annotations

import re

from lxml import html

_BESIDE = re.compile(
    r"(?<![a-z])(?:comment(?!s-(?:open|closed)|-?status|ed)|kommentar|respond(?![a-z])|testimonial)"
    r"|(?<![a-z-])(?:related|sidebar|widget(?!\s+blog)|(?:site-|page-)?footer|recommend|teaser-?list|more-|latest|popular|calendar)"
)
# No line that names a date or an author is longer, and no text is read further.
LONGEST_LINE = 160


def marks(element: html.HtmlElement) -> str:
    """Its class, id and microdata property, in lower case."""
    said = (element.get("class"), element.get("id"), element.get("itemprop"))
    return " ".join(one for one in said if one)[:300].lower()


def marked_beside(mark: str) -> bool:
    """A class or id that names comments, other articles or the page's own footer."""
    return _BESIDE.search(mark) is not None


def is_beside(element: html.HtmlElement) -> bool:
    """Stands with the comments, with other articles or in the page's own footer."""
    for one in (element, *element.iterancestors()):
        if one.tag in ("body", "html"):
            return False
        if one.tag in ("aside", "nav") or marked_beside(marks(one)):
            return True
        if one.tag == "article":  # its own footer may name the author
            return False
        if one.tag == "footer" and not any(parent.tag in ("article", "main") for parent in one.iterancestors()):
            return True
    return False


def short_text(element: html.HtmlElement) -> str:
    """The beginning of its text, white space folded."""
    pieces, length = [], 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece)
        if length > 4 * LONGEST_LINE:
            break
    return " ".join(" ".join(pieces).split())
