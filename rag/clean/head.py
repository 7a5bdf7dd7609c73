"""What a page says of itself around its head: the site, the title, the date and who wrote it.

Pure: marks the lines of a `Page` and fills in what they say; must not know Markdown, nor guess what no line says.
"""

from __future__ import annotations

import re
from collections import Counter

from rag.clean.furniture import BULLETS, folded
from rag.clean.lines import LONGEST_TITLE, STOPS, Page
from rag.clean.names import is_agency_or_role, is_capitalised, is_name, is_outlet
from rag.dates import parse_published
from rag.types import SkipKind

_I = re.IGNORECASE
_TAGLINE_WORDS = re.compile(
    r"\b(?:news|newspaper|opinion|analysis|coverage|headlines|features|stories|video|videos|photos|sport|sports|business"
    r"|politics|entertainment|weather|updates|interviews|commentary|world|breaking|latest|live)\b",
    _I,
)
_TAGLINE = re.compile(
    r"(?:get|read|find|watch|discover|your|all) .{0,30}\b(?:latest|breaking|top|source|news)\b"
    r"|(?:the )?latest\b|breaking\b",
    _I,
)
_FROM_SITE = re.compile(r".*\bfrom (?P<name>(?:the )?\S.{1,60}?)(?:\s+(?:newspaper|magazine|website|online))?\W*$", _I)


def read_site_name(page: Page) -> None:
    """A site's name and its tagline, where they stand above the title."""
    for index, line in enumerate(page.lines[:5]):
        if not line.free:
            continue
        if index == 0 and line.text[:2] in ("- ", "| ", "– ", "— ") and is_capitalised(line.text[2:], most=5):
            # What is left of "Title - Site" where the title was cut off.
            line.kind, page.publisher = SkipKind.BOILERPLATE, line.text[2:].strip()
        elif _is_tagline(line.text):
            line.kind = SkipKind.BOILERPLATE
            page.publisher = page.publisher or _name_in_tagline(line.text)
        elif line.prose:
            return


def _is_tagline(text: str) -> bool:
    """Several words for what a newspaper holds, in a line that tells no news."""
    if len(text) > 160:
        return False
    kinds = len({found.casefold() for found in _TAGLINE_WORDS.findall(text)})
    return (kinds >= 3 and _TAGLINE.match(text) is not None) or (kinds >= 2 and _name_in_tagline(text) is not None)


def _name_in_tagline(text: str) -> str | None:
    """ "Daily Bugle News and Opinion from Daily Bugle Newspaper" → "Daily Bugle": named at both ends, so no guess."""
    found = _FROM_SITE.fullmatch(text)
    if found is None:
        return None
    name = found["name"].strip()
    return name if folded(text).startswith(folded(name) + " ") and is_capitalised(name, most=6) else None


_LABEL = re.compile(
    r"(?P<label>(?:first |last |originally )?(?:published|updated|modified|posted|created|issued|date|release date))"
    r"(?:\s+(?:on|at))?\s*[:|–—-]?\s*",
    _I,
)
# "New York CNN —": where and by whom, on a line of its own.
_DATELINE = re.compile(r"[A-Z][\w .,()'’-]{1,58}\s(?:—|–|--)")
_BY = re.compile(r"(?:written |words |report |story )?by:?\s+(?P<names>\S.*)", _I)
_SIGNED = re.compile(r"(?:-|–|—|--)\s?(?P<names>[^\d–—]{3,60})")


def read_dates_and_bylines(page: Page) -> None:
    """Lines that are a date or a byline; those in the head say when and by whom the page was written."""
    head = {line.start for line in page.head()}
    dated: dict[str, str] = {}
    for index, line in enumerate(page.lines):
        if not line.free:
            continue
        if (labelled := _date_line(line.text)) is not None:
            line.kind = SkipKind.DATE
            if line.start in head:
                dated.setdefault(*labelled)
        elif (names := _byline(page, index, in_head=line.start in head)) is not None:
            line.kind = SkipKind.BYLINE
            if line.start in head:
                page.authors = page.authors or names
    days = {published for line in page.lines if line.kind is SkipKind.DATE and (published := _plain_date(line.text))}
    if len(days) > 1:
        dated.pop("", None)  # the headings of a chronicle, not the day on which it appeared
    page.published = page.published or dated.get("published") or dated.get("")


def _date_line(text: str) -> tuple[str, str] | None:
    """A line that is nothing but a date, to the day: (label, ISO date); the label is "published", "updated" or ""."""
    if len(text) > 100 or not any(character.isdigit() for character in text):
        return None
    label = ""
    if found := _LABEL.match(text):
        label = "updated" if re.search(r"updated|modified", found["label"], _I) else "published"
        text = text[found.end() :]
    published = parse_published(text)
    # A year or month alone may as well be a heading, a number a figure.
    return (label, published) if published and len(published) >= 10 and not text.strip().isdigit() else None


def _plain_date(text: str) -> str | None:
    found = _date_line(text)
    return found[1] if found and not found[0] else None


def _byline(page: Page, index: int, *, in_head: bool) -> tuple[str, ...] | None:
    """The authors that a byline names (none where it names only an agency); None where the line is no byline."""
    text = page.lines[index].text
    if len(text) > 150:
        return None
    if (found := _BY.fullmatch(text)) and (names := _names(found["names"])) is not None:
        return names
    if _is_signature(page, index):
        return ()
    return _byline_in_head(page, index) if in_head else None


def _is_signature(page: Page, index: int) -> bool:
    """ "– Jane Roe" below a paragraph; after a quotation it says who spoke, and is body."""
    found = _SIGNED.fullmatch(page.lines[index].text)
    if found is None or index == 0 or not _names(found["names"]):
        return False
    before = page.lines[index - 1]
    return before.prose and (not before.text or before.text[-1] not in '"”’»')


def _byline_in_head(page: Page, index: int) -> tuple[str, ...] | None:
    """Bylines without "by", which only their place gives away."""
    text = page.lines[index].text
    if _DATELINE.fullmatch(text) or (
        is_agency_or_role(text) and index and page.lines[index - 1].kind is SkipKind.BYLINE
    ):
        return ()
    if folded(text) in map(folded, page.authors):
        return page.authors
    parts = re.split(r"\s\|\s|,\s", text)
    if len(parts) > 1:  # "Jane Roe | The Daily Bugle", "Jane Roe, Associated Press"
        return (parts[0],) if is_name(parts[0]) and all(map(is_agency_or_role, parts[1:])) else None
    below = page.lines[index + 1].text if index + 1 < len(page.lines) else ""
    if is_name(text) and not is_agency_or_role(text) and is_agency_or_role(below):
        return (text,)
    return _place_and_name(page, index)


def _place_and_name(page: Page, index: int) -> tuple[str, ...] | None:
    """ "Baghdad - Jane Roe" right above the first paragraph, below other lines."""
    place, dash, name = page.lines[index].text.partition(" - ")
    above = index > 0 and page.lines[index - 1].text != ""
    below = index + 1 < len(page.lines) and page.lines[index + 1].prose
    is_place = is_capitalised(place, most=3) and not any(character.isdigit() for character in place)
    if dash and above and below and is_place and is_name(name) and not is_outlet(name):
        return (name,)
    return None


def _names(text: str) -> tuple[str, ...] | None:
    """The people in "Jane Roe and John Doe, Reuters"; None where any of it is no name, outlet, role or date."""
    before, _, rest = text.partition(" | ")
    if rest and not (is_agency_or_role(rest) or _date_line(rest)):
        return None
    named = re.sub(r"\s+(?:for|of|in|at)\s+(?:the\s+)?[A-Z][\w .]{1,40}$", "", before)
    parts = [part.strip(" .") for part in re.split(r",\s*|\s+(?:and|&)\s+|;\s*", named) if part.strip(" .")]
    people = [part for part in parts if is_name(part) and not is_agency_or_role(part)]
    others = [part for part in parts if part not in people]
    if not parts or not all(is_agency_or_role(part) or part.isupper() for part in others):
        return None
    return tuple(dict.fromkeys(people))


_SEPARATORS = (" | ", " - ", " – ", " — ", " : ", " :: ")


def read_title(page: Page) -> None:
    """The title where none is given: a line in the head that is printed twice, else the first that looks like one."""
    body = page.first_prose()
    if page.title is not None or body == len(page.lines):
        return
    if any(line.kind is SkipKind.TITLE for line in page.lines):
        return
    candidates = [line for i, line in enumerate(page.lines[:body]) if line.free and _may_be_title(page, i)]
    if not candidates:
        return
    counts = Counter(folded(line.text) for line in page.lines if line.kind is None and line.text)
    repeated = [line for line in candidates if counts[folded(line.text)] > 1]
    first = (repeated or candidates)[0]
    if not repeated and len(candidates) > 1 and is_outlet(first.text):
        page.publisher = page.publisher or first.text
        first.kind = SkipKind.BOILERPLATE
        first = candidates[1]
    # A bare list of names is more likely a byline; it stays body.
    if len(first.text.split()) < 3 or _names(first.text):
        return
    page.title, site = _split_site(first.text)
    page.publisher = page.publisher or site
    first.kind = SkipKind.TITLE


def _may_be_title(page: Page, index: int) -> bool:
    line = page.lines[index]
    apart = line.gap_after or page.lines[index + 1].kind is not None
    return apart and len(line.text) <= LONGEST_TITLE and line.text[0] not in BULLETS and len(line.text.split()) >= 2


def _split_site(title: str) -> tuple[str, str | None]:
    """ "Ceasefire holds | The Daily Bugle" → the title, and the site where the line clearly names it."""
    for separator in _SEPARATORS:
        before, found, after = title.rpartition(separator)
        if (
            found
            and len(before.split()) >= 3
            and (
                is_outlet(after) or (separator == " | " and (is_capitalised(after, 4) and not re.search(r"\d", after)))
            )
        ):
            return before.strip(), after.strip()
    return title, None


def mark_repeats_of_title_and_site(page: Page) -> None:
    """Mark every further line that is only the title, or a title or caption with the site's name behind it."""
    title = folded(page.title or "")
    for line in page.lines:
        if not line.free:
            continue
        words = folded(line.text)
        if title and (words == title or _is_title_with_site(words, title)):
            line.kind = SkipKind.TITLE
        elif page.publisher and words == folded(page.publisher):
            line.kind = SkipKind.BOILERPLATE
        elif page.publisher and any(words.endswith(mark + folded(page.publisher)) for mark in _SEPARATORS):
            line.kind = SkipKind.CAPTION


def _is_title_with_site(words: str, title: str) -> bool:
    if title.endswith("..."):  # search engines and feeds cut titles short
        stem = title.rstrip(". ")
        return len(stem) >= 20 and words.startswith(stem) and words[-1] not in STOPS and len(words) < 2 * len(stem)
    return any(words.startswith(title + mark) and len(words) <= len(title) + 40 for mark in _SEPARATORS)
