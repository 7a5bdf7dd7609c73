"""What every reference format is made from: fields on one line, names in parts, dates as precise as their source.

Fields are folded (`rag.render.safe.one_line`): every run of white space is one space, control, bidi and other invisible
characters are gone. No format can carry those, and nobody would want to read them in a bibliography.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.clean.names import is_agency_or_role, is_outlet
from rag.render.address import web_address
from rag.render.safe import one_line
from rag.types import Origin, Reference


@dataclass(frozen=True, slots=True)
class Cited:
    """An article to be cited."""

    reference: Reference
    accessed: str
    """The day that it was read, ISO 8601."""
    quotes: tuple[str, ...] = ()
    pages: Mapping[str, int] = field(default_factory=dict)
    """By quote, the page of a paged document on which it stands."""


@dataclass(frozen=True, slots=True)
class Name:
    """An author: `family` and perhaps `given` and `suffix`, or an organisation or one-word name as `literal`."""

    family: str = ""
    given: str = ""
    suffix: str = ""
    literal: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One reference. Every text is on one line and holds no control characters; unknown is None."""

    key: str
    """ASCII letters, digits and hyphens; unique in one output."""
    title: str | None
    authors: tuple[Name, ...]
    newspaper: str | None
    date: tuple[int, ...]
    """Year; year, month; or year, month, day. Empty: unknown, or known of the file alone."""
    url: str | None
    """http or https, in the characters of RFC 3986."""
    accessed: tuple[int, int, int]
    quotes: tuple[str, ...]
    """Each between quotation marks, with the page of the document where it has any: ``“A duck swam.” (p. 3)``."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What a reader will miss, in words."""
        known = {
            "author": self.authors,
            "title": self.title,
            "newspaper": self.newspaper,
            "date": self.date,
            "URL": self.url,
        }
        return tuple(name for name, value in known.items() if not value)

    @property
    def note(self) -> str:
        """The quotes, for the note field; empty where there are none.

        The page stands here and not in a field for pages: it is that of the document, such as a PDF, not the paper's.
        """
        return " ".join(self.quotes)


def entries(cited: Iterable[Cited]) -> tuple[Entry, ...]:
    """One entry an article, in the order in which they were first named, with all its quotes.

    Keys are publisher, year and first telling word of the title, such as ``asharq2020conflicting``. Where two articles
    would share one, each has four or more digits of its article id behind it, whatever the order.
    """
    by_article: dict[str, Cited] = {}
    for one in cited:
        before = by_article.setdefault(one.reference.id, replace(one, quotes=()))
        quotes = dict.fromkeys((*before.quotes, *_marked(one)))
        by_article[one.reference.id] = replace(before, quotes=tuple(quotes))
    made = [(one.reference.id, _entry(one)) for one in by_article.values()]
    return tuple(_with_unique_keys(made))


def _entry(cited: Cited) -> Entry:
    reference = cited.reference
    authors = tuple(name(author) for author in map(one_line, reference.authors) if author)
    # When a file was made is not when its article was published.
    stated = reference.published_from is not Origin.PROPERTIES
    date = iso_parts(reference.published or "") if stated else ()
    accessed = iso_parts(cited.accessed)
    if len(accessed) != 3:
        raise ValueError(f"not a day: {cited.accessed!r}")
    title, newspaper = one_line(reference.title or "") or None, one_line(reference.publisher or "") or None
    url = web_address(reference.url)
    key = _key(newspaper, authors, date, title) or f"article{reference.id}"
    return Entry(key, title, authors, newspaper, date, url, (accessed[0], accessed[1], accessed[2]), cited.quotes)


def _marked(cited: Cited) -> Iterator[str]:
    for quote in cited.quotes:
        if shown := one_line(quote):
            page = cited.pages.get(quote)
            yield f"“{shown}”" if page is None else f"“{shown}” (p. {page})"


def iso_parts(date: str) -> tuple[int, ...]:
    """Year, month and day of an ISO 8601 date or date-time, as many as it has; empty for anything else."""
    found = re.match(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?(?=T|\Z)", date, re.ASCII)
    return tuple(int(part) for part in found.groups() if part) if found else ()


# -- names -------------------------------------------------------------------------------------------------------

_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


def name(author: str) -> Name:
    """A byline's name in parts: the last word is the family's, with the particles in lower case before it.

    "Hamza Mustafa" → Mustafa, Hamza; "Daphne van der Berg" → van der Berg, Daphne. One word, an agency, an outlet or a
    role stays whole.
    """
    family, comma, given = (part.strip() for part in author.partition(","))
    if comma and family and given and "," not in given and not is_outlet(author):
        return Name(family=family, given=given)
    words = author.split()
    if len(words) < 2 or comma or is_agency_or_role(author) or any(char.isdigit() for char in author):
        return Name(literal=author)
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    first = len(words) - 1
    while first > 1 and words[first - 1].islower() and words[first - 1].isalpha():
        first -= 1
    return Name(family=" ".join(words[first:]), given=" ".join(words[:first]), suffix=suffix)


# -- keys --------------------------------------------------------------------------------------------------------

_SKIPPED = {
    "a",
    "an",
    "the",
    "of",
    "and",
    "in",
    "on",
    "at",
    "for",
    "to",
    "from",
    "with",
    "by",
    "is",
    "are",
    "was",
    "as",
}
_SKIPPED |= {"how", "why", "what", "who", "when", "us"}


def _key(newspaper: str | None, authors: Sequence[Name], date: Sequence[int], title: str | None) -> str:
    who = next(_words(newspaper or ""), "") or next(
        (word for author in authors for word in _words(author.family or author.literal)), ""
    )
    what = next(_words(title or ""), "")
    return f"{who or 'anon'}{date[0] if date else 'nd'}{what}" if who or what else ""


def _words(text: str) -> Iterator[str]:
    """The telling words in ASCII and lower case; a word of another script is passed over."""
    plain = unicodedata.normalize("NFKD", text).lower().replace("'", "").replace("’", "")
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    for word in re.findall(r"[^\W_]+", plain):
        if word.isascii() and word not in _SKIPPED:
            yield word[:20]


def _with_unique_keys(made: Sequence[tuple[str, Entry]]) -> Iterator[Entry]:
    sharing: defaultdict[str, list[str]] = defaultdict(list)
    for article, entry in made:
        sharing[entry.key].append(article)
    for article, entry in made:
        among = sharing[entry.key]
        if len(among) == 1:
            yield entry
            continue
        # A hyphen stands in no key without a suffix, so that a suffixed one can equal none of those.
        digits = next((n for n in range(4, 16) if len({one[:n] for one in among}) == len(among)), 16)
        yield replace(entry, key=f"{entry.key}-{article[:digits]}")
