"""The words and shapes that press pages share, and what they say a line is: a label, a caption, a credit, a heading.

Pure: the text of one line in, a verdict out; must not know the page, what stands around the line, or any site by name.
"""

from __future__ import annotations

import re

from rag.clean.lines import CLOSERS, QUESTIONS, STOPS, WORD
from rag.clean.names import AGENCY
from rag.types import SkipKind

_I = re.IGNORECASE
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
# These are credits only beside a slash or inside brackets: "PA" is also Pennsylvania, "File" any file.
_OWNER = (
    rf"(?:{AGENCY}|PA|Rex|Flickr|Handout|Courtesy|[Ss]creenshot|FILE|[Ff]ile(?: [Pp]hoto)?|[Aa]rchives?|Pool|POOL"
    r"|NASA)"
)
_CREDIT = tuple(
    re.compile(pattern)
    for pattern in (
        # after a whole sentence: … last December. Phil Noble/Pool/Getty Images
        rf"\w{{2}}[.!?][”\"’)]? ?(?:[^.!?,]{{0,60}}[ /])?{AGENCY}(?: via [\w ]{{1,20}})?$",
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
_CREDITS = re.compile(
    r"\(?(?:additional |with )?(?:reporting|writing|editing|contributions?) (?:by|from)\b"
    r"|contribut(?:ing|ed by|ors?)\s*:|contributed by\b|compiled by\b|from .{0,60}\bwire reports?\W*$",
    _I,
)


def is_phrase(text: str) -> bool:
    return folded(text) in _PHRASES


def opens_list(text: str) -> bool:
    """Announces other pages' headlines, at the end of a page."""
    return _LIST_OPENERS.fullmatch(folded(text)) is not None


def known_kind(text: str) -> SkipKind | None:
    """What the words of a line give it away as, wherever it stands."""
    if WORD.search(text) is None:
        return SkipKind.MARKUP
    if folded(text).strip(" :.»›>…|-–") in _PHRASES or any(pattern.match(text) for pattern in _BOILERPLATE):
        return SkipKind.BOILERPLATE
    if _is_link(text) or _is_breadcrumb(text):
        return SkipKind.BOILERPLATE
    if _CAPTION.match(text) or any(pattern.search(text) for pattern in _CREDIT):
        return SkipKind.CAPTION
    if _CREDITS.match(text):
        return SkipKind.BYLINE
    return None


def _is_link(text: str) -> bool:
    if text[-1] in STOPS:
        return False
    if _LINK.match(text):
        return True
    return _GLUED_LINK.match(text) is not None and text[-1] not in QUESTIONS and len(text.split()) >= 5


def _is_breadcrumb(text: str) -> bool:
    """ "Home > News > Middle East" """
    return len(text) < 120 and len(re.findall(r"\s[>»›]\s", text)) >= 2 and text[-1] not in STOPS


def folded(text: str) -> str:
    """For comparing: one case, one kind of space, one kind of apostrophe."""
    return " ".join(text.casefold().replace("’", "'").split())


_LONGEST_HEADING = 100
_ASKING = frozenset(
    {
        *("what", "who", "whom", "whose", "when", "where", "why", "how", "which", "is", "are", "was", "were", "do"),
        *("does", "did", "can", "could", "will", "would", "should", "has", "have", "so"),
    }
)
_FIGURE = re.compile(r"[:=]\s*[$€£#]?\d|^[\W\d]+$|https?:|@\w")
# ‘“It was cool,” she said’: spoken, so body.
_QUOTED_SENTENCE = re.compile(r"[.,!?][\"”’]")
BULLETS = "•*-–—►▶·▪◦‣+>#|"


def is_heading_shaped(text: str) -> bool:
    """Short, without a figure, and not ending as a sentence of the body does; a question must be asked as one."""
    words = text.split()
    if len(text) > _LONGEST_HEADING or len(words) > 16 or text[0] in BULLETS or _FIGURE.search(text):
        return False
    if text[-1] in QUESTIONS:
        return len(text) <= 60 and words[0].casefold() in _ASKING
    if text.rstrip(CLOSERS)[-1:] in STOPS + QUESTIONS + "," or _QUOTED_SENTENCE.search(text):
        return False
    first = next((character for character in text if character.isalnum()), "")
    return first.isupper() or first.isdigit()


def is_label(text: str) -> bool:
    """A few capitalised words without punctuation, such as a menu holds."""
    words = text.split()
    return (
        0 < len(words) <= 5
        and words[0][0].isupper()
        and text[-1].isalpha()
        and not any(character.isdigit() or character in ':,;"“”' for character in text)
    )


def latin_share(text: str) -> float:
    """Of the letters, how many are Latin (up to U+024F, and U+1E00 to U+1EFF); 1 where there are none."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(character < "\u0250" or "\u1e00" <= character <= "\u1eff" for character in letters)
    return latin / len(letters) if letters else 1.0
