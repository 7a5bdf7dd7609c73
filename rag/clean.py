"""Which spans of a press page are its body, and what the page says of itself.

Pure: text in, spans out; knows no file, no network and no site by name. The text is never rewritten: cleaning marks
what is not body (titles, bylines, dates, captions, navigation, mark-up), and offsets count code points of the text
exactly as it was given. A body sentence that is marked can never be cited, so whatever is not clearly furniture is
body. What a page does not say (publisher, date, author) stays unknown.

The rules look at lines: how long one is, whether it ends like a sentence, what surrounds it, and phrases that press
pages share. Each rule sees at most `_LONGEST_FURNITURE` code points, so the work is linear in the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from rag.dates import parse_published
from rag.types import SkipKind, SkippedSpan

# Longer lines are paragraphs; captions are the longest furniture.
_LONGEST_FURNITURE = 400
_LONGEST_TITLE = 200
_LONGEST_HEADING = 100
# A page of more lines is a book or a table: nothing is marked in it, and memory stays bounded.
_MOST_LINES = 50_000
# Title, byline and date stand among the first lines, before the second paragraph.
_HEAD_LINES = 15
# Enough letters to tell in which script a page is written.
_SCRIPT_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a page says of itself, and which of its spans are not body. Unknown is None, never a guess."""

    title: str | None
    publisher: str | None
    authors: tuple[str, ...]
    published: str | None
    """ISO 8601, as precise as the page."""
    skipped: tuple[SkippedSpan, ...]
    """In order, not overlapping; offsets in code points of the text as given."""


def read_page(
    text: str, *, markdown: bool = False, title: str | None = None, authors: Sequence[str] = ()
) -> PageReading:
    """Mark what is not body in ``text`` and read its title, publisher, authors and date where they stand there.

    ``title`` and ``authors`` are what is known from elsewhere: they are recognised in the text, and nothing else is
    taken for the title. Where marking would leave no body at all, nothing is marked. Never raises.
    """
    lines = _lines(text)
    if len(lines) > _MOST_LINES:
        return PageReading(title, None, tuple(authors), None, ())
    page = _Page(lines, title=title, authors=tuple(authors))
    inline: list[SkippedSpan] = []
    if markdown:
        inline = _mark_markdown(page, text)
    _mark_known_phrases(page)
    _mark_other_script(page, text)
    _read_site_name(page)
    _read_dates_and_bylines(page)
    _read_title(page)
    _mark_repeats_of_title_and_site(page)
    _mark_tail(page)
    _mark_headings(page)
    return PageReading(page.title, page.publisher, page.authors, page.published, _spans(text, page.lines, inline))


# --- lines -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Line:
    """A line that is not blank, without the white space around it."""

    start: int
    end: int
    text: str
    """Empty where the line is longer than any furniture: no rule then matches it."""
    gap_before: bool
    """A blank line, or the beginning of the page, stands before it."""
    gap_after: bool = True
    kind: SkipKind | None = None
    within: bool = False
    """Part of a paragraph that was broken into several lines: never furniture."""

    @property
    def free(self) -> bool:
        """Not yet marked, and short enough and free enough to be furniture."""
        return self.kind is None and bool(self.text) and not self.within

    @property
    def alone(self) -> bool:
        return self.gap_before and self.gap_after

    @property
    def prose(self) -> bool:
        """Body by its look: a long line, or words that end like a sentence."""
        if not self.text or len(self.text) > _LONGEST_TITLE:
            return True
        ending = self.text.rstrip(_CLOSERS)[-1:]
        if ending in _QUESTIONS:
            return len(self.text) >= 60
        return ending in _STOPS and (len(self.text) >= 40 or len(self.text.split()) >= 3)


@dataclass(slots=True)
class _Page:
    """The lines of a page and what has been read from them so far."""

    lines: list[_Line]
    title: str | None
    authors: tuple[str, ...]
    publisher: str | None = None
    published: str | None = None

    def first_prose(self) -> int:
        """The index of the first line that is body by its look; the number of lines where there is none."""
        return next((i for i, line in enumerate(self.lines) if line.kind is None and line.prose), len(self.lines))

    def head(self) -> list[_Line]:
        """The lines among which title, byline and date stand: those before the second paragraph."""
        paragraphs = (i for i, line in enumerate(self.lines[:_HEAD_LINES]) if line.kind is None and line.prose)
        next(paragraphs, None)
        return self.lines[: next(paragraphs, _HEAD_LINES)]


# What `str.strip` takes for white space, and characters without width: a byte order mark, directions, joiners.
_SPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x2010))
)
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_STOPS = ".…。．！।۔:;"
_QUESTIONS = "?!？؟"
_CLOSERS = "\"'”’»)]*_ "


def _lines(text: str) -> list[_Line]:
    """The lines of ``text`` that are not blank, in order; at most one more than `_MOST_LINES`."""
    lines: list[_Line] = []
    last_end = 0
    for found in _LINE.finditer(text):
        raw = found.group()
        stripped = raw.strip(_SPACE)
        if not stripped:
            continue
        start = found.start() + len(raw) - len(raw.lstrip(_SPACE))
        between = text[last_end:start].replace("\r\n", "\n")
        gap = not lines or len(_BREAK.findall(between)) > 1
        if lines:
            lines[-1].gap_after = gap
        shown = stripped if len(stripped) <= _LONGEST_FURNITURE else ""
        lines.append(_Line(start, start + len(stripped), shown, gap))
        last_end = start + len(stripped)
        if len(lines) > _MOST_LINES:
            break
    _mark_broken_paragraphs(lines, text)
    return lines


_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def _mark_broken_paragraphs(lines: list[_Line], text: str) -> None:
    """Find lines that a hard line break cut from their paragraph: no rule about whole lines holds for them."""
    broken = [
        not after.gap_before
        and text[after.start].islower()
        and text[before.end - 1] not in _STOPS + _QUESTIONS + _CLOSERS
        for before, after in pairwise(lines)
    ]
    for (before, after), is_broken in zip(pairwise(lines), broken, strict=True):
        if is_broken:
            before.within = after.within = True
    # A text set at a fixed width breaks before capitals, too: there only lines that stand alone can be furniture.
    if sum(broken) >= 3 and sum(broken) * 5 >= len(lines):
        for line in lines:
            line.within = line.within or not line.alone


def _spans(text: str, lines: Iterable[_Line], inline: list[SkippedSpan]) -> tuple[SkippedSpan, ...]:
    """The marked lines and spans inside lines, in order, cut where they overlap; none where no body would be left."""
    if text.startswith("\ufeff"):  # a byte order mark belongs to the file, not to the first sentence
        inline = [SkippedSpan(0, 1, SkipKind.MARKUP), *inline]
    marked = [SkippedSpan(line.start, line.end, line.kind) for line in lines if line.kind is not None]
    spans: list[SkippedSpan] = []
    done = 0
    body = False
    for span in sorted([*inline, *marked], key=lambda span: (span.start, -span.end)):
        if span.end <= done:
            continue
        start = max(span.start, done)
        body = body or _WORD.search(text, done, start) is not None
        spans.append(SkippedSpan(start, span.end, span.kind))
        done = span.end
    body = body or _WORD.search(text, done) is not None
    return tuple(spans) if body else tuple(span for span in spans if span.end == 1 and text[0] == "\ufeff")


_WORD = re.compile(r"[^\W_]")


# --- furniture that its words give away ------------------------------------------------------------------------------

_PHRASES = frozenset(
    phrase.strip()
    for row in """
    tag|tags|topics|comment|comments|no comments|comments closed|comments are closed|leave a comment
    leave a reply|post a comment|add a comment|view comments|show comments|view all comments|join the discussion
    join the conversation|to participate in the discussion|log in|login|sign in|sign up|register
    log in or register|log in / register|share|share this|share this article|share this story|share this post
    share on facebook|share on twitter|share via email|print|print this article|copy link|tweet|email|e-mail
    email this article|send by email|follow us|listen to this article|advertisement|advertisment|advertising|ad
    sponsored|sponsored content|promoted|promoted content|paid content|story continues below
    story continues below advertisement|article continues below|article continues below advertisement
    article continues after advertisement|story continues after advertisement|continue reading
    continue reading below|read more|read next|read also|see also|see more|learn more|show more|load more
    view more|view all|see all|click here|up next|next article|previous article|next post|previous post
    most read|most popular|most viewed|most shared|most commented|most recent|related|related article
    related articles|related stories|related story|related news|related topics|related content|related coverage
    related posts|related video|related videos|recommended|recommended for you|recommended stories
    recommended reading|editor picks|editors picks|editor's picks|editors' picks|editor's pick|editor's choice
    editors' choice|trending|trending now|popular|popular stories|popular posts|popular news|latest news
    latest stories|latest articles|more news|more stories|more articles|top stories|top news|must read
    must reads|you may also like|you might also like|you may like|you may also be interested in|don't miss
    about author|about the author|about the authors|about the writer|subscribe|subscribe now|subscribe today
    newsletter|newsletters|our newsletter|menu|main menu|home|homepage|search|skip to content
    skip to main content|skip to navigation|back to top|privacy policy|cookie policy|cookie settings
    terms of use|terms of service|terms and conditions|contact us|about us|advertise with us|all rights reserved
    loading|loading...|just watched|must watch|replay|more videos|show caption|hide caption|toggle caption
    enlarge this image|view gallery|view image in fullscreen|get the app|download our app
    """.strip().splitlines()
    for phrase in row.split("|")
)
# What is listed under one of these at the end of a page is other pages' headlines.
_LIST_OPENERS = re.compile(
    r"(?:most (?:read|popular|viewed|shared|commented|recent)|related\b.*|recommended\b.*"
    r"|editor.{0,3} (?:picks?|choice)|trending.*|popular .*|must reads?"
    r"|latest (?:news|stories|articles)|more (?:news|stories|articles)|top (?:stories|news)"
    r"|you (?:may|might) .*|read (?:more|next|also)|see also|tags?|topics|don't miss)"
)
_SOCIAL = (
    r"(?:twitter|facebook|instagram|telegram|tik ?tok|youtube|linkedin|whatsapp|threads|mastodon|flipboard|google news)"
)
_OFFERS = (
    r"(?:newsletters?\b|inbox|subscri|sign up|our (?:[\w-]+ )?(?:app|channel|podcast|page)\b|notifications?\b"
    r"|(?:news|text|e-?mail) alerts?\b|our journalism|local journalism|digital edition)"
)
_I = re.IGNORECASE
_BOILERPLATE = tuple(
    re.compile(pattern, _I)
    for pattern in (
        r"(?:(?:estimated )?read(?:ing)? time:?\s*)\d{1,3}\W?min",
        r"(?:about )?\d{1,3}[ -]?min(?:ute)?s?[ -](?:read|watch|listen|video)\W*$",
        r"(?:read|see|learn|watch|also) (?:more|also|next|read|now|here)\b[^:.]{0,40}:\s*\S",
        r"(?:tags|topics|filed under|keywords|categories|category|posted in|related topics|related)\s*:\s*\S",
        r"(?:you can (?:also )?)?(?:follow|like|find|join) .{0,200}(?:\b(?:on|at)\b.{0,40}" + _SOCIAL + r"|@\w)",
        r"(?:want|would you like|do you|to (?:get|receive|subscribe|read|continue)|thank you for"
        r"|\(?(?:you can (?:also )?)?(?:please )?(?:sign up|subscribe|register|get|receive|join|download|support"
        r"|consider|enter|stay|never miss|keep up|have|what's))\b.{0,300}" + _OFFERS,
        r"(?:sign up|subscribe|register) (?:to|for|here|now|today)\b.{0,300}",
        r".{0,250}\bsign up (?:here|now|today|for|to)\b.{0,80}\b(?:newsletters?|inbox)\b",
        r".{0,250}\b(?:newsletters?|inbox)\b.{0,80}\bsign up (?:here|now|today)\b",
        r"(?:contact|email|e-mail|reach|write to)\b.{0,150}@[\w.]",
        r"(?:we use|this (?:web)?site uses|by (?:continuing|using|clicking)|our (?:web)?site uses).{0,200}\bcookies\b",
        r"(?:©|\(c\) ?\d|copyright (?:©|\(c\)|\d)).{0,200}(?:rights reserved|\d{4}[\w ,.&-]{0,60}$)",
        r".{0,150}\ball rights reserved\b.{0,100}$",
        r"\d[\d,.]*[km]? (?:comments?|shares?|views|likes|retweets|replies)\W*$",
        r"(?:comments?|replies) ?\(\d+\)$",
        r"(?:a version of )?this (?:story|article|report) (?:was )?(?:first|originally) (?:appeared|published)\b",
        r"this (?:story|article|report)(?: and headline)? (?:has been|was) (?:last )?updated"
        r"(?: with [a-z ]{1,40})?\.?$",
        r"(?:please )?(?:enable|turn on) javascript\b|your browser (?:does not|doesn't) support",
        r"just watched .{0,300}\bmust watch\b|video ad feedback\b",
        r"https?://\S+$",
        r"more .{1,60}: ?https?://\S+",
    )
)
# Links to other pages, run into one line with their label: "More: …", "OPINION:Why …" (a link's label loses its space).
_LINK = re.compile(
    r"(?:more|read|watch|listen|recommended|go deeper|gallery|podcasts?|in pictures|in photos)\s*:\s*\S", _I
)
_GLUED_LINK = re.compile(r"[A-Z][^:/@]{1,45}:[A-Z'\"‘“](?!/)")

_AGENCY = (
    r"(?:AP|AP Photo|(?:The )?Associated Press|AFP|Agence France-Presse|Reuters|REUTERS|EPA|EPA-EFE|EFE|Getty"
    r"|Getty Images|iStock|Xinhua|TASS|Anadolu(?: Agency)?|PA (?:Images|Wire|Media)|Press Association|DPA|dpa|ANSA"
    r"|Kyodo|Yonhap|UPI|Shutterstock|Alamy|Alamy Stock Photo|Bloomberg|NurPhoto|ZUMA Press|Imago|IMAGO|Sipa|Corbis"
    r"|Wikimedia Commons)"
)
# These are credits only beside a slash or inside brackets: "PA" is also Pennsylvania, "File" any file.
_OWNER = (
    rf"(?:{_AGENCY}|PA|Rex|Flickr|Handout|Courtesy|[Ss]creenshot|FILE|[Ff]ile(?: [Pp]hoto)?|[Aa]rchives?|Pool|POOL"
    r"|NASA)"
)
_CREDIT = tuple(
    re.compile(pattern)
    for pattern in (
        # after a whole sentence: … last December. Phil Noble/Pool/Getty Images
        rf"\w{{2}}[.!?][”\"’)]? ?(?:[^.!?,]{{0,60}}[ /])?{_AGENCY}(?: via [\w ]{{1,20}})?$",
        # in brackets: … an anti-terror coalition [Getty/ Archive]
        rf"[\[(](?:[Pp]hotos?(?: by)?:? )?(?:[^\[\]()]{{0,60}}[/:,] ?)?{_OWNER}(?: ?[/,|][^\[\]()]{{0,60}})?[\])]\.?$",
        rf"\w[ ]?(?:/|© ?|\bvia |[Pp]hoto: ?|[Ii]mage: ?|[Cc]redit: ?){_OWNER}$",
    )
)
_CAPTION = re.compile(
    r"(?:an? )?(?:file|archive|archival|stock|handout|undated) (?:photo|picture|photograph|image|footage)\b"
    r"|FILE\s*[-–—:]|(?-i:FILE PHOTO|PHOTO)\b"
    r"|(?:photo|image|picture|photograph|illustration|video|photo credit|image credit|image source|credit)s?(?: by)?"
    r"\s*:\s*\S"
    r"|(?:photo|photograph|image)s? (?:by|courtesy)\b"
    r"|in this .{0,60}\b(?:file )?(?:photo|image|picture|photograph)\b"
    r"|©",
    _I,
)


def _mark_known_phrases(page: _Page) -> None:
    """Mark the lines whose own words say that they are furniture."""
    for line in page.lines:
        if line.kind is None and line.text and (not line.within or _folded(line.text) in _PHRASES):
            line.kind = _known_kind(line.text)


def _known_kind(text: str) -> SkipKind | None:
    if _WORD.search(text) is None:
        return SkipKind.MARKUP
    if _folded(text).strip(" :.»›>…|-–") in _PHRASES or any(pattern.match(text) for pattern in _BOILERPLATE):
        return SkipKind.BOILERPLATE
    if _is_link(text) or _is_breadcrumb(text):
        return SkipKind.BOILERPLATE
    if _CAPTION.match(text) or any(pattern.search(text) for pattern in _CREDIT):
        return SkipKind.CAPTION
    if _CREDITS.match(text):
        return SkipKind.BYLINE
    return None


def _is_link(text: str) -> bool:
    if text[-1] in _STOPS:
        return False
    if _LINK.match(text):
        return True
    return _GLUED_LINK.match(text) is not None and text[-1] not in _QUESTIONS and len(text.split()) >= 5


def _is_breadcrumb(text: str) -> bool:
    """ "Home > News > Middle East" """
    return len(text) < 120 and len(re.findall(r"\s[>»›]\s", text)) >= 2 and text[-1] not in _STOPS


def _folded(text: str) -> str:
    """For comparing: one case, one kind of space, one kind of apostrophe."""
    return " ".join(text.casefold().replace("’", "'").split())


# --- scripts ---------------------------------------------------------------------------------------------------------


def _mark_other_script(page: _Page, text: str) -> None:
    """In a page in Latin letters, a short line in another script is the site's own furniture."""
    if _latin_share(text[:_SCRIPT_SAMPLE]) < 0.8:
        return
    for line in page.lines:
        if line.free and not line.prose and _latin_share(line.text) < 0.2:
            line.kind = SkipKind.BOILERPLATE


def _latin_share(text: str) -> float:
    """Of the letters, how many are Latin (up to U+024F, and U+1E00 to U+1EFF); 1 where there are none."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(character < "\u0250" or "\u1e00" <= character <= "\u1eff" for character in letters)
    return latin / len(letters) if letters else 1.0


# --- the head: site, date, byline, title -----------------------------------------------------------------------------


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_PRESS_WORDS = _words(
    """agency broadcasting chronicle courier daily dispatch examiner express gazette globe guardian herald independent
    inquirer international journal magazine mail media mirror monitor network news newspaper observer online post press
    radio review sentinel standard telegraph television times today tribune tv wire weekly world"""
)
_OUTLETS = _words(
    """reuters bbc cnn afp ap upi npr pbs politico bloomberg axios xinhua tass anadolu cnbc msnbc abc nbc cbs sky
    aljazeera usatoday"""
)
_JOINING = _words("of the and & in for on to a an de la le el al di del und der die das")
_PARTICLES = _words("de da di del della du la le van von der den ten ter bin ibn al el y e dos das zu of")
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


def _read_site_name(page: _Page) -> None:
    """A site's name and its tagline, where they stand above the title."""
    for index, line in enumerate(page.lines[:5]):
        if not line.free:
            continue
        if index == 0 and line.text[:2] in ("- ", "| ", "– ", "— ") and _is_capitalised(line.text[2:], most=5):
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
    return name if _folded(text).startswith(_folded(name) + " ") and _is_capitalised(name, most=6) else None


def _is_capitalised(text: str, most: int) -> bool:
    words = text.split()
    return 0 < len(words) <= most and all(
        word[0].isupper() or word[0].isdigit() or word.casefold() in _JOINING for word in words
    )


def _is_outlet(text: str) -> bool:
    """Looks like the name of a newspaper, broadcaster or agency, and holds a word that says so."""
    words = {word.strip(".,").casefold() for word in text.split()}
    return _is_capitalised(text, most=5) and len(text) <= 50 and bool(words & (_PRESS_WORDS | _OUTLETS))


_LABEL = re.compile(
    r"(?P<label>(?:first |last |originally )?(?:published|updated|modified|posted|created|issued|date|release date))"
    r"(?:\s+(?:on|at))?\s*[:|–—-]?\s*",
    _I,
)
_CREDITS = re.compile(
    r"\(?(?:additional |with )?(?:reporting|writing|editing|contributions?) (?:by|from)\b"
    r"|contribut(?:ing|ed by|ors?)\s*:|contributed by\b|compiled by\b|from .{0,60}\bwire reports?\W*$",
    _I,
)
# "New York CNN —": where and by whom, on a line of its own.
_DATELINE = re.compile(r"[A-Z][\w .,()'’-]{1,58}\s(?:—|–|--)")
_BY = re.compile(r"(?:written |words |report |story )?by:?\s+(?P<names>\S.*)", _I)
_ROLES = re.compile(
    r"(?:\w+ )?(?:staff|senior|chief|special|foreign|political|diplomatic|middle east|news|guest)?\s*"
    r"(?:writer|reporter|correspondent|editor|columnist|contributor|staff|bureau chief|agencies)s?",
    _I,
)
_SIGNED = re.compile(r"(?:-|–|—|--)\s?(?P<names>[^\d–—]{3,60})")


def _read_dates_and_bylines(page: _Page) -> None:
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


def _byline(page: _Page, index: int, *, in_head: bool) -> tuple[str, ...] | None:
    """The authors that a byline names (none where it names only an agency); None where the line is no byline."""
    text = page.lines[index].text
    if len(text) > 150:
        return None
    if (found := _BY.fullmatch(text)) and (names := _names(found["names"])) is not None:
        return names
    if _is_signature(page, index):
        return ()
    return _byline_in_head(page, index) if in_head else None


def _is_signature(page: _Page, index: int) -> bool:
    """ "– Jane Roe" below a paragraph; after a quotation it says who spoke, and is body."""
    found = _SIGNED.fullmatch(page.lines[index].text)
    if found is None or index == 0 or not _names(found["names"]):
        return False
    before = page.lines[index - 1]
    return before.prose and (not before.text or before.text[-1] not in '"”’»')


def _byline_in_head(page: _Page, index: int) -> tuple[str, ...] | None:
    """Bylines without "by", which only their place gives away."""
    text = page.lines[index].text
    if _DATELINE.fullmatch(text) or (_is_agency_line(text) and index and page.lines[index - 1].kind is SkipKind.BYLINE):
        return ()
    if _folded(text) in map(_folded, page.authors):
        return page.authors
    parts = re.split(r"\s\|\s|,\s", text)
    if len(parts) > 1:  # "Jane Roe | The Daily Bugle", "Jane Roe, Associated Press"
        return (parts[0],) if _is_name(parts[0]) and all(map(_is_agency_line, parts[1:])) else None
    below = page.lines[index + 1].text if index + 1 < len(page.lines) else ""
    if _is_name(text) and not _is_agency_line(text) and _is_agency_line(below):
        return (text,)
    return _place_and_name(page, index)


def _place_and_name(page: _Page, index: int) -> tuple[str, ...] | None:
    """ "Baghdad - Jane Roe" right above the first paragraph, below other lines."""
    place, dash, name = page.lines[index].text.partition(" - ")
    above = index > 0 and page.lines[index - 1].text != ""
    below = index + 1 < len(page.lines) and page.lines[index + 1].prose
    is_place = _is_capitalised(place, most=3) and not any(character.isdigit() for character in place)
    if dash and above and below and is_place and _is_name(name) and not _is_outlet(name):
        return (name,)
    return None


def _is_agency_line(text: str) -> bool:
    bare = re.sub(r"^(?:special (?:to|for)|for|the)\s+", "", text, flags=_I)
    return re.fullmatch(_AGENCY, bare) is not None or _is_outlet(bare) or _ROLES.fullmatch(text) is not None


def _names(text: str) -> tuple[str, ...] | None:
    """The people in "Jane Roe and John Doe, Reuters"; None where any of it is no name, outlet, role or date."""
    before, _, rest = text.partition(" | ")
    if rest and not (_is_agency_line(rest) or _date_line(rest)):
        return None
    named = re.sub(r"\s+(?:for|of|in|at)\s+(?:the\s+)?[A-Z][\w .]{1,40}$", "", before)
    parts = [part.strip(" .") for part in re.split(r",\s*|\s+(?:and|&)\s+|;\s*", named) if part.strip(" .")]
    people = [part for part in parts if _is_name(part) and not _is_agency_line(part)]
    others = [part for part in parts if part not in people]
    if not parts or not all(_is_agency_line(part) or part.isupper() for part in others):
        return None
    return tuple(dict.fromkeys(people))


def _is_name(text: str) -> bool:
    """Two to four capitalised words, as people's names are written."""
    words = text.split()
    if not 2 <= len(words) <= 5 or len(text) > 45 or words[0].casefold() in _JOINING:
        return False
    proper = [word for word in words if word.casefold() not in _PARTICLES]
    return 2 <= len(proper) <= 4 and all(
        word[0].isupper() and all(part.isalpha() for part in re.split(r"[-'’.]", word) if part) for word in proper
    )


def split_authors(text: str) -> tuple[str, ...]:
    """The names in one string such as "By Jane Roe and John Doe"; what is not read so stays one name."""
    bare = re.sub(r"^by:?\s+", "", text.strip(), flags=_I)
    parts = [part.strip() for part in re.split(r";|\s+(?:and|&)\s+|,\s+", bare) if part.strip()]
    # "Roe, Jane" is one person: a comma only parts whole names.
    if len(parts) > 1 and all(len(part.split()) > 1 for part in parts):
        return tuple(dict.fromkeys(parts))
    return (bare,) if bare else ()


_SEPARATORS = (" | ", " - ", " – ", " — ", " : ", " :: ")


def _read_title(page: _Page) -> None:
    """The title where none is given: a line in the head that is printed twice, else the first that looks like one."""
    body = page.first_prose()
    if page.title is not None or body == len(page.lines):
        return
    if any(line.kind is SkipKind.TITLE for line in page.lines):
        return
    candidates = [line for i, line in enumerate(page.lines[:body]) if line.free and _may_be_title(page, i)]
    if not candidates:
        return
    counts = Counter(_folded(line.text) for line in page.lines if line.kind is None and line.text)
    repeated = [line for line in candidates if counts[_folded(line.text)] > 1]
    first = (repeated or candidates)[0]
    if not repeated and len(candidates) > 1 and _is_outlet(first.text):
        page.publisher = page.publisher or first.text
        first.kind = SkipKind.BOILERPLATE
        first = candidates[1]
    # A bare list of names is more likely a byline; it stays body.
    if len(first.text.split()) < 3 or _names(first.text):
        return
    page.title, site = _split_site(first.text)
    page.publisher = page.publisher or site
    first.kind = SkipKind.TITLE


def _may_be_title(page: _Page, index: int) -> bool:
    line = page.lines[index]
    apart = line.gap_after or page.lines[index + 1].kind is not None
    return apart and len(line.text) <= _LONGEST_TITLE and line.text[0] not in _BULLETS and len(line.text.split()) >= 2


def _split_site(title: str) -> tuple[str, str | None]:
    """ "Ceasefire holds | The Daily Bugle" → the title, and the site where the line clearly names it."""
    for separator in _SEPARATORS:
        before, found, after = title.rpartition(separator)
        if (
            found
            and len(before.split()) >= 3
            and (
                _is_outlet(after)
                or (separator == " | " and (_is_capitalised(after, 4) and not re.search(r"\d", after)))
            )
        ):
            return before.strip(), after.strip()
    return title, None


def _mark_repeats_of_title_and_site(page: _Page) -> None:
    """Mark every further line that is only the title, or a title or caption with the site's name behind it."""
    title = _folded(page.title or "")
    for line in page.lines:
        if not line.free:
            continue
        folded = _folded(line.text)
        if title and (folded == title or _is_title_with_site(folded, title)):
            line.kind = SkipKind.TITLE
        elif page.publisher and folded == _folded(page.publisher):
            line.kind = SkipKind.BOILERPLATE
        elif page.publisher and any(folded.endswith(mark + _folded(page.publisher)) for mark in _SEPARATORS):
            line.kind = SkipKind.CAPTION


def _is_title_with_site(folded: str, title: str) -> bool:
    if title.endswith("..."):  # search engines and feeds cut titles short
        stem = title.rstrip(". ")
        return len(stem) >= 20 and folded.startswith(stem) and folded[-1] not in _STOPS and len(folded) < 2 * len(stem)
    return any(folded.startswith(title + mark) and len(folded) <= len(title) + 40 for mark in _SEPARATORS)


# --- the tail and the headings ---------------------------------------------------------------------------------------

_BULLETS = "•*-–—►▶·▪◦‣+>#|"


def _mark_tail(page: _Page) -> None:
    """Navigation after the last paragraph: headlines under "Most read", and a few bare labels."""
    last = max((i for i, line in enumerate(page.lines) if line.kind is None and line.prose), default=-1)
    tail = page.lines[last + 1 :]
    if last < 0:
        return
    opener = next((i for i, line in enumerate(tail) if line.text and _LIST_OPENERS.fullmatch(_folded(line.text))), None)
    if opener is not None:
        for line in tail[opener:]:
            if line.free:
                line.kind = SkipKind.BOILERPLATE
    bare = [line for line in tail if line.kind is None]
    paragraphs = sum(1 for line in page.lines if line.kind is None and line.prose)
    # A list that closes an article is longer, or its paragraph announces it with a colon.
    if paragraphs >= 3 and len(bare) <= 4 and not _announces(page.lines[last]) and all(map(_is_label, bare)):
        for line in bare:
            line.kind = SkipKind.BOILERPLATE


def _announces(line: _Line) -> bool:
    return line.text.endswith(":")


def _is_label(line: _Line) -> bool:
    words = line.text.split()
    return (
        line.free
        and 0 < len(words) <= 5
        and words[0][0].isupper()
        and line.text[-1].isalpha()
        and not any(character.isdigit() or character in ':,;"“”' for character in line.text)
    )


_ASKING = _words(
    """what who whom whose when where why how which is are was were do does did can could will would should has have
    so"""
)
_FIGURE = re.compile(r"[:=]\s*[$€£#]?\d|^[\W\d]+$|https?:|@\w")

# ‘“It was cool,” she said’: spoken, so body.
_QUOTED_SENTENCE = re.compile(r"[.,!?][\"”’]")


def _mark_headings(page: _Page) -> None:
    """A short line without a full stop that stands alone between two paragraphs."""
    for index, line in enumerate(page.lines):
        if not (line.free and line.alone and _heading_shape(line.text)):
            continue
        before = next((other for other in reversed(page.lines[max(0, index - 4) : index]) if other.kind is None), None)
        after = next((other for other in page.lines[index + 1 : index + 4] if other.kind is None), None)
        if (
            before is not None
            and before.prose
            and not _announces(before)
            and after is not None
            and _is_paragraph(after)
        ):
            line.kind = SkipKind.HEADING


def _is_paragraph(line: _Line) -> bool:
    return line.prose and not _announces(line) and (not line.text or len(line.text) >= 60)


def _heading_shape(text: str) -> bool:
    words = text.split()
    if len(text) > _LONGEST_HEADING or len(words) > 16 or text[0] in _BULLETS or _FIGURE.search(text):
        return False
    if text[-1] in _QUESTIONS:
        return len(text) <= 60 and words[0].casefold() in _ASKING
    if text.rstrip(_CLOSERS)[-1:] in _STOPS + _QUESTIONS + "," or _QUOTED_SENTENCE.search(text):
        return False
    first = next((character for character in text if character.isalnum()), "")
    return first.isupper() or first.isdigit()


# --- Markdown --------------------------------------------------------------------------------------------------------

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})")
_ATX = re.compile(r"(?P<level>#{1,6})\s+(?P<text>.*?)\s*#*$")
_TABLE = re.compile(r"\|.*\|$|[ :|-]*-\|-[ :|-]*$")
_REFERENCE = re.compile(r"\[[^\]^][^\]]{0,200}\]:\s*\S")
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])")
_FIELD = re.compile(r"(?P<name>title|authors?|by|date|published|publisher|source|site)\s*:\s*(?P<value>\S.*)", _I)


def _mark_markdown(page: _Page, text: str) -> list[SkippedSpan]:
    """Mark the lines that are mark-up and read the title; returns the spans of comments and images inside lines."""
    _read_front_matter(page)
    _mark_fences(page)
    for index, line in enumerate(page.lines):
        if line.kind is not None or not line.text:
            continue
        before = page.lines[index - 1] if index else None
        if found := _ATX.fullmatch(line.text):
            _mark_markdown_heading(page, line, found["text"], top=found["level"] == "#")
        elif before is not None and not line.gap_before and before.gap_before and re.fullmatch(r"=+|-{2,}", line.text):
            line.kind = SkipKind.MARKUP
            if before.kind is None and before.text:
                _mark_markdown_heading(page, before, before.text, top=line.text[0] == "=")
        elif _TABLE.fullmatch(line.text) or _REFERENCE.match(line.text):
            line.kind = SkipKind.MARKUP
    images = (SkippedSpan(found.start(), found.end(), SkipKind.MARKUP) for found in _IMAGE.finditer(text))
    return [*islice(_comments(text), _MOST_LINES), *islice(images, _MOST_LINES)]


def _mark_markdown_heading(page: _Page, line: _Line, words: str, *, top: bool) -> None:
    is_title = top and page.title is None and bool(words)
    if is_title:
        page.title = words
    line.kind = SkipKind.TITLE if is_title else SkipKind.HEADING


def _read_front_matter(page: _Page) -> None:
    """A block between two lines "---" at the very top: its fields, read as plain lines, never as YAML."""
    if not page.lines or page.lines[0].text != "---":
        return
    end = next((i for i, line in enumerate(page.lines[1:200], 1) if line.text in ("---", "...")), None)
    if end is None:
        return
    for line in page.lines[: end + 1]:
        line.kind = SkipKind.MARKUP
        if found := _FIELD.fullmatch(line.text):
            _take_field(page, found["name"].casefold(), found["value"].strip("'\" "))


def _take_field(page: _Page, name: str, value: str) -> None:
    if name == "title":
        page.title = page.title or value
    elif name in ("author", "authors", "by"):
        listed = [part.strip(" '\"") for part in value.strip("[]").split(",")] if value.startswith("[") else None
        page.authors = page.authors or tuple(filter(None, listed or split_authors(value)))
    elif name in ("date", "published"):
        page.published = page.published or parse_published(value)
    else:
        page.publisher = page.publisher or value


def _mark_fences(page: _Page) -> None:
    """Fenced code. A fence that nothing closes is only a line: what follows it may be the article."""
    opened: int | None = None
    fence = ""
    for index, line in enumerate(page.lines):
        found = _FENCE.match(line.text) if line.kind is None else None
        if found is None:
            continue
        if opened is None:
            opened, fence = index, found["fence"]
            line.kind = SkipKind.MARKUP
        elif line.text.startswith(fence) and not line.text.strip(fence[0]):
            for inside in page.lines[opened : index + 1]:
                inside.kind = SkipKind.MARKUP
            opened = None


def _comments(text: str) -> Iterator[SkippedSpan]:
    """HTML comments; one that nothing closes hides nothing."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield SkippedSpan(start, end + 3, SkipKind.MARKUP)
        start = text.find("<!--", end + 3)
