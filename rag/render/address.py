"""Web addresses as they may be linked: http and https alone, with nothing in them that could end a link early."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

LONGEST_WHOLE = 120
"""Code points of a quote that a text fragment names whole; a longer one is named by its first and last words."""
EDGE_WORDS = 6
CONTEXT_WORDS = 4
_NEAR = 400
"""Code points in which those words stand."""

# RFC 3986, sections 2.2 and 2.3, but for what Markdown, BibTeX and HTML give a meaning; "%" is kept as it stands.
_KEPT = "%:/?#[]@!$&'()*+,;=~"


def web_address(url: str | None) -> str | None:
    """The address, every character outside RFC 3986 percent-encoded; None for what is not http(s) with a host."""
    if url is None:
        return None
    try:
        parts = urlsplit(url.strip())
        known = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # such as an unclosed bracket around an IPv6 address
        return None
    if not known or any(char.isspace() or not char.isprintable() for char in url.strip()):
        return None
    return quote(url.strip(), safe=_KEPT)


def at_quote(url: str | None, text: str, start: int, end: int) -> str | None:
    """The address that opens the live page at `text[start:end]`; None where there is no web address.

    A text directive (URL Fragment Text Directives, WICG): ``#:~:text=prefix-,start,end,-suffix``. A term may not run
    over the end of a paragraph, so context is taken from the quote's own lines only.
    """
    address = web_address(url)
    return address and fragment_joined(address, _directive(text, start, end))


def fragment_joined(address: str, directive: str) -> str:
    """The address with the text directive; a fragment that it has is kept, a directive that it has is not."""
    if not directive:
        return address
    plain = address.partition(":~:")[0]
    return f"{plain}{'' if '#' in plain else '#'}:~:text={directive}"


def _directive(text: str, start: int, end: int) -> str:
    lines = [line.strip() for line in text[start:end].splitlines() if line.strip()]
    if not lines:
        return ""
    before = text[max(start - _NEAR, 0) : start].rpartition("\n")[2].split()[-CONTEXT_WORDS:]
    after = text[end : end + _NEAR].partition("\n")[0].split()[:CONTEXT_WORDS]
    terms = [_encoded(" ".join(before)) + "-"] if before and _starts_word(text, start) else []
    terms += _matched(lines)
    terms += ["-" + _encoded(" ".join(after))] if after and _starts_word(text, end) else []
    return ",".join(terms)


def _matched(lines: list[str]) -> list[str]:
    """The quote whole, or its first and its last words, each from one line."""
    first, last = " ".join(lines[0].split()), " ".join(lines[-1].split())
    if len(lines) == 1 and (len(first) <= LONGEST_WHOLE or len(first.split()) <= 2 * EDGE_WORDS):
        return [_encoded(first)]
    head, tail = first.split()[:EDGE_WORDS], last.split()[-EDGE_WORDS:]
    return [_encoded(" ".join(head)), _encoded(" ".join(tail))]


def _starts_word(text: str, at: int) -> bool:
    """Whether white space stands at the edge: half a word before or after would not be found."""
    return text[at - 1 : at].isspace() or text[at : at + 1].isspace()


def _encoded(term: str) -> str:
    """Percent-encoded UTF-8; "-", "," and "&", which have a meaning in a directive, among the rest."""
    cleaned = re.sub(r"[\ud800-\udfff]", "\ufffd", term)
    return quote(cleaned, safe="").replace("-", "%2D")
