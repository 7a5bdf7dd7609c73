"""Marked-up text that is no web page (the HTML of a mail, the chapter of a book) as blocks.

A web page needs `rag.load.html`, which tells the article from the site around it; here everything is text, but for what
is hidden or quoted. Nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from rag.load.blocks import Block, paragraph_blocks, row_blocks
from rag.load.package import local
from rag.types import SkipKind

_OUT = frozenset(
    """head script style template noscript svg math iframe object embed audio video canvas select button textarea input
    form map area link meta title""".split()  # noqa: SIM905
)
_INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rb rp ruby s samp small span
    strike strong sub sup time tt u var wbr img o""".split()  # noqa: SIM905
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?!\.?\d)|font-size\s*:\s*0(?!\.?\d)",
    re.IGNORECASE,
)
_MOST_CELLS_IN_A_ROW = 40


@dataclass(slots=True)
class _Writer:
    """Gathers text until a block ends."""

    made: list[Block] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def end(self, kind: SkipKind | None) -> None:
        text, self.parts = "".join(self.parts), []
        if text.strip():
            self.made.extend(paragraph_blocks(text, kind))


def markup_root(markup: bytes | str) -> etree._Element | None:
    """The root of an HTML or XHTML document, as far as it can be read; None where there is nothing."""
    content = markup.encode("utf-8", "replace") if isinstance(markup, str) else markup
    encoding = "utf-8" if isinstance(markup, str) else None
    parser = etree.HTMLParser(
        encoding=encoding, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, recover=True
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, AssertionError):
        return None


def markup_blocks(root: etree._Element, *, drops_notes: bool = False) -> list[Block]:
    """The blocks under an element. ``drops_notes``: leave out the marks of footnotes, which would follow a sentence's
    end without a space."""
    writer = _Writer()
    # An entry is an element to enter, or the kind with which a block ends when its element has been read.
    pending: list[tuple[etree._Element, SkipKind | None, bool]] = [(root, None, True)]
    while pending:
        element, kind, entering = pending.pop()
        name = local(element)
        if not entering:
            if name not in _INLINE:
                writer.end(kind)
            writer.parts.append(_spaced(element.tail, element))
            continue
        if name in _OUT or not name or _is_hidden(element) or (drops_notes and _is_note_mark(element)):
            writer.parts.append(_spaced(element.tail, element))
            continue
        if name == "br":
            writer.parts += ["\n", _spaced(element.tail, element)]
            continue
        if name == "tr" and (row := _row(element)) is not None:
            writer.end(kind)
            writer.made.extend(row)
            continue
        if name not in _INLINE:
            writer.end(kind)
        kind = _kind(element, name) or kind
        pending.append((element, kind, False))
        writer.parts.append(_spaced(element.text, element))
        pending.extend((child, kind, True) for child in reversed(element))
    writer.end(None)
    return writer.made


def _kind(element: etree._Element, name: str) -> SkipKind | None:
    if name in _HEADINGS:
        return SkipKind.HEADING
    if name in {"figcaption", "caption"}:
        return SkipKind.CAPTION
    if name == "nav" or _is_quoted_mail(element, name):
        return SkipKind.BOILERPLATE
    return None


def _is_quoted_mail(element: etree._Element, name: str) -> bool:
    """What mail programs put around the message that is answered; around one that is forwarded some put the same."""
    classes = element.get("class", "")
    quoted = (name == "blockquote" and element.get("type") == "cite") or "gmail_quote" in classes
    if not (quoted or "moz-cite-prefix" in classes or "yahoo_quoted" in classes):
        return False
    beginning = "".join(text for text, _ in zip(map(str, element.itertext()), range(20), strict=False))
    return "orwarded message" not in beginning


def _row(row: etree._Element) -> list[Block] | None:
    """The row of a table of facts; None where cells only hold other things in place."""
    cells = [cell for cell in row if local(cell) in {"td", "th"}]
    if not 2 <= len(cells) <= _MOST_CELLS_IN_A_ROW or any(len(cell) and _holds_blocks(cell) for cell in cells):
        return None
    texts = ["".join(map(str, cell.itertext())) for cell in cells]
    if any(len(text) > 200 for text in texts) or sum(bool(text.strip()) for text in texts) < 2:
        return None
    return list(row_blocks([[list(paragraph_blocks(" ".join(text.split()), None)) for text in texts]]))


def _holds_blocks(cell: etree._Element) -> bool:
    """More than one paragraph."""
    blocks = [local(one) for one in cell.iterdescendants() if local(one) not in _INLINE]
    return len(blocks) > 1 or any(name not in {"p", "div"} for name in blocks)


def _spaced(text: str | None, element: etree._Element) -> str:
    """The text with each run of white space one space, as a browser shows it."""
    return re.sub(r"\s+", " ", text) if text else ""


def _is_hidden(element: etree._Element) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _HIDDEN.search(element.get("style", "")) is not None
    )


def _is_note_mark(element: etree._Element) -> bool:
    """A number that leads to a footnote."""
    if local(element) not in {"a", "sup"}:
        return False
    text = "".join(map(str, element.itertext())).strip(" []()")
    is_number = text.isdigit() or text in {"*", "†", "‡"}
    leads = element.get("type") == "noteref" or any("noteref" in str(value) for value in element.attrib.values())
    return leads or (is_number and local(element) == "sup")
