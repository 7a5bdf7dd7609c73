"""An article from a record: a line of JSON Lines, a row of a table, an object of a JSON file.

Columns are recognised by the names that newspapers' exports, news APIs and scraping libraries give them, in whatever
case and with whatever between the words; `LoadOptions.columns` names others. What a record says wins over what its
text says of itself. Knows no file format.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from itertools import chain
from math import isnan

from rag.clean import agency_credit, read_page, split_authors
from rag.dates import parse_published
from rag.load.blocks import Composed, merged
from rag.load.fragments import fragment_text, is_fragment
from rag.load.source import MAX_ARTICLE_BYTES, MEGABYTE, Found, Loaded, Unreadable, shown
from rag.load.url import canonical_url, is_web_url
from rag.types import Article, Origin, Rejected, article_id, text_version

Record = Mapping[str, object]

NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "body", "content", "article", "articletext", "articlebody", "articlecontent", "fulltext", "maintext"),
        *("bodytext", "storytext", "textbody", "newstext", "rawtext", "plaintext", "story", "paragraphs"),
    ),
    "title": ("title", "headline", "articletitle", "webtitle", "storytitle", "head", "heading", "newstitle"),
    "authors": ("authors", "author", "byline", "creator", "creators", "writer", "journalist", "authorname"),
    "publisher": (
        *("publisher", "source", "sourcename", "outlet", "publication", "newspaper", "sitename", "site", "media"),
        *("newssource", "publishername"),
    ),
    "published": (
        *("published", "publishdate", "publishedat", "publisheddate", "publicationdate", "datepublished", "pubdate"),
        *("datepublish", "dateofpublication", "webpublicationdate", "publishedon", "date", "datetime", "timestamp"),
    ),
    "updated": ("updated", "updatedat", "dateupdated", "modified", "datemodified", "modifiedat", "lastmodified"),
    "url": ("url", "link", "articleurl", "weburl", "canonicalurl", "permalink", "articlelink", "sourceurl"),
    "id": ("id", "articleid", "docid", "documentid", "guid", "uid", "uuid", "identifier"),
    "section": ("section", "category", "desk", "sectionname", "articlesection", "topic"),
    "language": ("language", "lang", "inlanguage"),
}
"""Of each field, the names of a column that holds it, the likeliest first; lower case, letters and digits alone."""

WRAPPERS = ("fields", "_source", "attributes", "article", "data", "document", "content")
"""What an object is called that holds an article's fields, beside what is said of it."""

# As news APIs end a text that they do not give whole.
_CUT = re.compile(r"\[\+\d+ chars\]\s*\Z")

# Cannot be stored: NUL ends a string for half of the world, a lone surrogate is no character in UTF-8.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# 1973 to 2096: below stands yyyymmdd, which is read as it stands.
_FIRST_SECOND, _LAST_SECOND, _MILLISECONDS = 1e8, 4e9, 1e11
_COUNTED = re.compile(r"\d{9,13}(?:\.\d+)?", re.ASCII)
_NAMING = ("name", "main", "original", "rendered", "title")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.I)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds which field."""

    of: Mapping[str, str]
    """Field to the column's own name."""

    @classmethod
    def recognised(cls, names: Collection[str], given: Mapping[str, str]) -> Columns:
        """Those among these names; `given` (field to column) comes first.

        Raises Unreadable where nothing holds the text. What is given need not be there: other records may have it.
        """
        found = cls.fields(names) | {field: column for field, column in given.items() if column in names}
        if "text" not in found:
            raise Unreadable(_no_text(names, given))
        return cls(found)

    @staticmethod
    def fields(names: Iterable[str]) -> dict[str, str]:
        """Field to column, of the columns with usual names."""
        plain: dict[str, str] = {}
        for name in names:
            plain.setdefault(_plain(name), name)
        found = ((field, next((plain[one] for one in known if one in plain), None)) for field, known in NAMES.items())
        return {field: column for field, column in found if column is not None}


def check_fields(given: Mapping[str, str]) -> None:
    """Raise Unreadable where a column is named for a field that there is none of."""
    unknown = next((field for field in given if field not in NAMES), None)
    if unknown is not None:
        raise Unreadable(f"cannot be read as asked: {unknown!r} is not a field; --map takes {', '.join(NAMES)}")


def _no_text(names: Collection[str], given: Mapping[str, str]) -> str:
    if "text" in given:
        return f'has no "{given["text"]}", which was to hold the text; it has {_listed(names)}'
    return f'has no "text" and nothing of another usual name for it; it has {_listed(names)}; say --map text=NAME'


def _listed(names: Collection[str]) -> str:
    shown = [repr(name[:40]) for name in list(names)[:8]]
    return ", ".join([*shown, "…"] if len(names) > len(shown) else shown) or "nothing"


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def check_columns(names: Collection[str], given: Mapping[str, str]) -> None:
    """Raise Unreadable where a column is named that a table does not have, though it has another that is named.

    A table with none of them is another one, in the same folder: its columns go by their usual names.
    """
    check_fields(given)
    missing = next((column for column in given.values() if column not in names), None)
    if missing is not None and any(column in names for column in given.values()):
        raise Unreadable(f"has no column {missing!r}, which --map names; it has {_listed(names)}")


def told_apart(
    found: Found, unit: str, items: Iterable[tuple[int, Loaded | Unreadable]]
) -> Iterator[Loaded | Rejected]:
    """The articles of a file that holds many, and a `Rejected` for each record that is none.

    `unit`: what the numbers count, "line" or "row". Two records of one key are one article: the second is rejected.
    """
    first_of: dict[str, int] = {}
    for number, one in items:
        where = f"{shown(found.file)}, {unit} {number}"
        if isinstance(one, Unreadable):
            yield Rejected(where, str(one))
            continue
        # The short id instead of the key: a file may hold a million of them.
        first = first_of.setdefault(article_id(one.article.key), number)
        if first == number:
            yield one
        elif one.article.key.startswith(f"{found.key_path}#"):
            yield Rejected(where, f"repeats the text of {unit} {first}; leave it out, or give each an id")
        else:
            yield Rejected(where, f"has the same id or URL as {unit} {first}; give it its own, or leave it out")


def opened(record: Record, given: Mapping[str, str]) -> Record:
    """The record with what stands one level down in it where that is wanted.

    That is a column told as "outer.inner", and all that an object of `WRAPPERS` holds where nothing beside it is the
    text: so search engines and some news APIs wrap their articles.
    """
    inner: dict[str, object] = {}
    for name in given.values():
        outer, _, rest = name.partition(".")
        within = record.get(outer)
        if rest and name not in record and isinstance(within, Mapping) and rest in within:
            inner[name] = within[rest]
    if "text" not in Columns.fields(record):
        for wrapper in WRAPPERS:
            within = record.get(wrapper)
            if isinstance(within, Mapping) and "text" in Columns.fields(within):
                around = {name: value for name, value in record.items() if name != wrapper}
                return {**within, **around, **inner}
    return {**record, **inner} if inner else record


def loaded(found: Found, record: Record, columns: Columns, source: bytes | None = None) -> Loaded:
    """The article that a record is. Raises Unreadable where it is none.

    Its key is its canonical URL, else its id, else ``<key path>#<12 digits of its text's version>``: a record with
    neither is known by its text, so it stays the same article when records around it come and go. `source`: the bytes
    that the record was read from; else it is kept as a line of JSON, each recognised column under its field's name.
    """
    values = _Values(record, columns)
    body = values.body()
    text = body.text
    if not text.strip():
        raise Unreadable(f'its "{columns.of["text"]}" is empty')
    title, url = values.named("title"), values.string("url").strip()
    published, updated = values.moment("published"), values.moment("updated")
    language = values.string("language").strip()
    page = read_page(text, title=title or None, authors=values.authors())
    when, changed = (_date(published) if published else page.published), _date(updated)
    article = Article(
        key=_key(found, values.identity(), url, text),
        text=text,
        title=page.title,
        publisher=values.named("publisher") or page.publisher,
        authors=page.authors,
        published=when,
        published_from=None if when is None else Origin.GIVEN if published else Origin.TEXT,
        updated=changed,
        updated_from=Origin.GIVEN if changed else None,
        section=values.named("section") or None,
        language=language.lower().replace("_", "-") if _LANGUAGE.fullmatch(language) else None,
        url=url if is_web_url(url) else None,
        path=os.path.abspath(found.file),  # noqa: PTH100 (resolve() would follow links: the user's own name stays)
        skipped=merged(body.skipped, page.skipped),
        agency=page.agency or agency_credit("", values.bylines()),
    )
    notes = []
    if published and when is None:
        notes.append(f'"{published}" is not a date: the article is taken as undated')
    if updated and changed is None:
        notes.append(f'"{updated}" is not a date: when the article was updated is left open')
    if _CUT.search(text):
        notes.append("its text is cut off, and says so at its end: what was asked gave no more of it")
    if url and not is_web_url(url):
        notes.append(f'"{url}" is not a web address and was left out')
    return Loaded(article, as_line(record, columns) if source is None else source, tuple(notes))


def _date(given: str) -> str | None:
    """The date that a value is; None where it may be two, or is none."""
    plain = parse_published(given)
    if plain is not None or not any(character.isdigit() for character in given):
        return plain
    # Imported here: it brings the libraries for web pages along, which a table with usual dates does not need.
    from rag.webpage.written_dates import date_alone

    return date_alone(given)


def as_line(record: Record, columns: Columns) -> bytes:
    """The record as a line of JSON that can be read again without being told what its columns mean."""
    field_of = {column: field for field, column in columns.of.items()}
    kept = {name: value for name, value in record.items() if name not in field_of and name not in columns.of}
    named = {field_of[name]: value for name, value in record.items() if name in field_of}
    return json.dumps({**named, **kept}, ensure_ascii=False, default=_as_text).encode("utf-8", "replace")


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _key(found: Found, identity: str, url: str, text: str) -> str:
    if is_web_url(url):
        return canonical_url(url)
    return identity or f"{found.key_path}#{text_version(text)[:12]}"


@dataclass(frozen=True, slots=True)
class _Values:
    """What stands in the recognised columns of a record; each method raises Unreadable for a value that is not so."""

    record: Record
    columns: Columns

    def _value(self, field: str) -> tuple[str, object]:
        column = self.columns.of.get(field, field)
        value = self.record.get(column)
        # "Not a number" is how a table writes that there is nothing.
        return column, None if isinstance(value, float) and isnan(value) else value

    def string(self, field: str) -> str:
        """Empty where it is missing or null."""
        column, value = self._value(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Unreadable(f'its "{column}" is not a string')
        return _storable(value, column)

    def body(self) -> Composed:
        """The text, of HTML what it shows; a list of strings is its paragraphs."""
        column, value = self._value("text")
        if isinstance(value, Mapping):
            value = value.get("rendered")  # as WordPress gives it
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            value = "\n\n".join(value)
        text = _storable(value, column) if isinstance(value, str) else self.string("text")
        if len(text) > MAX_ARTICLE_BYTES:
            raise Unreadable(f"is longer than {MAX_ARTICLE_BYTES // MEGABYTE} MB, too much for one article")
        return fragment_text(text) if is_fragment(text) else Composed(text, (), ())

    def named(self, field: str) -> str:
        """A name; of an object such as {"id": …, "name": …} or {"main": …}, its name; a number as it is written."""
        column, value = self._value(field)
        if isinstance(value, Mapping):
            name = next((one for one in _NAMING if isinstance(value.get(one), str)), "")
            said = str(value.get(name) or "")
            return _storable(unescape(said) if name == "rendered" else said, column).strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.string(field).strip()

    def bylines(self) -> tuple[str, ...]:
        """What names the authors: one string, a list of strings, or objects with a name."""
        column, value = self._value("authors")
        # A bare number is an author's record in the system that the article comes from.
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return ()
        several = value if isinstance(value, list) else [value]
        names = [
            next((one[n] for n in _NAMING if n in one), None) if isinstance(one, Mapping) else one for one in several
        ]
        if not all(isinstance(name, str) for name in names):
            raise Unreadable(f'its "{column}" is not a list of strings')
        return tuple(filter(None, (_storable(str(name), column).strip() for name in names)))

    def authors(self) -> tuple[str, ...]:
        """The people whom these name. In a list a comma stands within a name ("Roe, Jane"), but in a byline."""
        is_list = isinstance(self._value("authors")[1], list)
        read = (
            (one,) if is_list and "," in one and not one.lower().startswith("by ") else split_authors(one)
            for one in self.bylines()
        )
        return tuple(dict.fromkeys(chain.from_iterable(read)))

    def moment(self, field: str) -> str:
        """A date as it was given; a number as a program counts time, a table's own dates in ISO 8601."""
        value = self._value(field)[1]
        if isinstance(value, datetime):
            # A table has no type for a day without a time: midnight to the microsecond is a day.
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(value)
        told = self.string(field).strip()
        return _from_number(float(told)) if _COUNTED.fullmatch(told) else told

    def identity(self) -> str:
        column, value = self._value("id")
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # as a table writes whole numbers where one is missing
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is not None and not isinstance(value, str):
            raise Unreadable(f'its "{column}" is neither a string nor a whole number')
        return _storable((value or "").strip(), column)


def _from_number(value: float) -> str:
    """A year, a day as yyyymmdd, or the seconds or milliseconds since 1970 that programs count."""
    seconds = value / 1000 if value >= _MILLISECONDS else value
    if _FIRST_SECOND <= seconds < _LAST_SECOND:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat()
    return str(value)


def _storable(value: str, name: str) -> str:
    if found := _UNSTORABLE.search(value):
        raise Unreadable(f'its "{name}" holds U+{ord(found.group()):04X}, which cannot be stored; remove it')
    return value
