"""Where the sentences of English news prose begin and end, exactly.

Pure and deterministic: text in, spans out. It knows nothing of articles, skipped spans or models.

Why our own rules: on RealTimeQA's news and the cases of `tests/test_sentences.py`, pysbd runs at 0.2 million characters
a second, has not moved since 2021 and calls "107-mm." an end; syntok runs at 0.9 and parts "Maj. Gen."; blingfire loses
characters; NLTK's Punkt needs data from the network; sentencex, quick and maintained, keeps a quotation of several
sentences whole by design, where a citation needs the one sentence that says it.

The work is linear in the length of the text: layout gives lines (`_blocks`), a regular expression gives the marks that
may end a sentence, and the word before and the word after decide (`_ends`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from rag.types import Span

MAX_SENTENCE = 1000
"""No span is longer, in code points; longer runs are cut at a comma, a space, or, failing both, anywhere."""

RULES = "1"
"""The version of these rules: raise it with any change that moves a boundary, so that stored spans are made again."""

SPACE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"  # str.isspace
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"  # no width: joiners, direction marks, byte order mark
)
"""What counts as white space: never at the edge of a span, and alone between two spans."""


def sentences(text: str, start: int = 0, end: int | None = None, width: int | None = None) -> list[Span]:
    """The sentences of `text[start:end]`, in order; offsets count code points of `text`.

    Spans are disjoint, not empty, at most `MAX_SENTENCE` long, and hold every character that is not `SPACE`.
    `start` and `end` are taken as a slice takes them. `width` is `wrap_width` of the whole text where the caller cuts
    one text into several ranges; when None it is found from the range.
    """
    start, end, _ = slice(start, end).indices(len(text))
    spans: list[Span] = []
    for block in _blocks(text, start, end, width):
        at = block.start
        for stop in _ends(text, block.start, block.end):
            spans += _fitting(text, at, stop)
            at = stop
        spans += _fitting(text, at, block.end)
    return spans


def wrap_width(text: str, start: int = 0, end: int | None = None) -> int:
    """The width in code points at which the text is hard-wrapped, like mail or a PDF; 0 where lines are paragraphs."""
    start, end, _ = slice(start, end).indices(len(text))
    return _width(text, [joint for lines in _paragraphs(text, start, end) for joint in _joints(lines)])


# Layout: lines, paragraphs, and which line breaks are only wrapping.

_NEWLINE = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BULLET = re.compile(r"[•‣⁃▪▫◦●○■□►▶*+-]\s|[–—]\s+[A-Z]")
_NUMBERED_ITEM = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z])[.)]\s")
_ENDED = tuple(".!?…:;”\"’')]")
_WRAPPED = range(40, 101)
"""Widths at which prose is wrapped: 45 in a narrow PDF column, 65 to 80 in mail and plain text."""


def _blocks(text: str, start: int, end: int, width: int | None) -> Iterator[Span]:
    """Ranges that no sentence crosses: single lines, or the wrapped lines of one paragraph."""
    paragraphs = list(_paragraphs(text, start, end))
    if width is None:
        width = _width(text, [joint for lines in paragraphs for joint in _joints(lines)])
    for lines in paragraphs:
        own = _width(text, _joints(lines)) or width
        first = lines[0].start
        for line, following in _joints(lines):
            if not (own and _is_wrap(text, line, following, own)):
                yield Span(first, line.end)
                first = following.start
        yield Span(first, lines[-1].end)


def _paragraphs(text: str, start: int, end: int) -> Iterator[list[Span]]:
    """Runs of lines without a blank line between them."""
    lines: list[Span] = []
    for match in _LINE.finditer(text, start, end):
        line = _stripped(text, match.start(), match.end())
        if line is None:
            continue
        if lines and len(_NEWLINE.findall(text, lines[-1].end, line.start)) > 1:
            yield lines
            lines = []
        lines.append(line)
    if lines:
        yield lines


def _joints(lines: list[Span]) -> list[tuple[Span, Span]]:
    return list(pairwise(lines))


def _width(text: str, joints: list[tuple[Span, Span]]) -> int:
    """The width that these lines are wrapped at, else 0.

    Wrapped prose shows itself where a full line stops in mid-sentence and the next goes on in lower case: at two or
    more joints, and at half or more of the joints where the line does not end like a sentence. (About one word of
    five in news begins with a capital; headlines, captions and menus nearly always do.)
    """
    lengths = [line.end - line.start for line, _ in joints if line.end - line.start in _WRAPPED]
    if len(lengths) < 2:
        return 0
    width = max(lengths)
    unended = [joint for joint in joints if text[joint[0].end - 1] not in _ENDED]
    going_on = [joint for joint in unended if text[joint[1].start].islower() and _is_wrap(text, *joint, width)]
    return width if len(going_on) >= 2 and 2 * len(going_on) >= len(unended) else 0


def _is_wrap(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether the line break after `line` is only there because the next word did not fit."""
    length = line.end - line.start
    word = text[following.start : min(following.end, following.start + width)].split(maxsplit=1)[0]
    # Fifteen percent of slack: a PDF wraps by the width of its letters, not by their number.
    if not 0.85 * width < length + 1 + len(word) or length > width + 5:
        return False
    if _BULLET.match(text, following.start, following.end):
        return False
    return not (text[line.end - 1] in _ENDED and _NUMBERED_ITEM.match(text, following.start, following.end))


# Marks that may end a sentence, and the words that say whether they do.

_MARK = re.compile(
    r"""(?P<mark> \.(?:[ \xa0]\.)+ | [.!?…‽]+ )
        (?P<closers> (?: [”’»›)\]}"'*†‡¹²³⁰⁴-⁹] | “(?=\s|$)
            | [ \xa0\u2009\u202f] (?: ” | (?<=[’'].)" ) (?=\s|$) )* )
        (?P<note> (?:[ \xa0]?\[\d{1,3}\])* )
      | \s(?=[•‣▪●■◦]\s)""",
    re.VERBOSE,
)
_GAP = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_OPENERS = re.compile(r"""["'“‘„«‹(\[{¿¡—–\-\s]*""")
_BEFORE_WORD = "\"'“‘„«‹([{¿¡—–-/…”’*"
_SHORTENED = re.compile(r"(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}|Ph\.D|[BM]\.(?:Sc|Ed|Phil)|LL\.[BMD]")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# A period after these never ends a sentence: a name or an explanation follows.
_TITLES = _words(
    """Mr Mrs Ms Mx Dr Drs Prof Profs Gen Gens Maj Lt Lts Col Cols Capt Capts Cpt Sgt Cpl Adm Cmdr Cdr Brig Pvt Pfc Spc
    Cmsgt Rep Reps Sen Sens Gov Govs Pres Amb Rev Revs Hon Rt Fr Msgr Messrs Mme Mlle Supt Det Insp Sec Atty Asst Assoc
    Mt Ft Ste vs v cf viz incl esp Avg avg approx e.g i.e"""
)
# After these a numeral does not begin a sentence.
_BEFORE_NUMERAL = _words(
    """No no Nos nos Vol Vols vol Fig Figs fig Pt pt Art art Ch ch p pp c ca est ver ext Ext Tel Op
    Mar Jun Jul Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun"""
)
# After these a sentence ends only where the next word is a usual first word.
_ABBREVIATIONS = _words(
    """Jan Feb Apr Aug Sept Sep Oct Nov Dec
    Inc Corp Co Cos Ltd Plc Bros Assn Dept Univ Intl Natl Jr Sr Esq St Sts Ave Blvd Rd Hwy Pkwy al mm
    Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa Tenn
    Tex Vt Va Wash Wis Wyo Ont Que"""
)
# Names that end in an exclamation mark.
_EXCLAIMING = _words("Yahoo Jeopardy Yum E")

_FIRST_WORD = re.compile(
    r"""(?: The|A|An|He|She|It|We|They|You|I|This|That|These|Those|There|Here|In|On|At|By|For|From|With|Without|After
          | Before|During|Since|Until|While|When|Where|Why|How|What|Who|Which|Whether|If|Although|Though|Because|As|But
          | And|Or|Nor|So|Yet|However|Moreover|Meanwhile|Nevertheless|Still|Also|Then|Now|Once|Such|Some|Many|Most|Much
          | More|Several|All|Both|Each|Every|Another|Other|Others|Its|His|Her|Their|Our|My|Your|Not|No|Nobody|Nothing
          | One|Two|Three|Four|Five|Over|Between|Among|Despite|According|Instead|Later|Earlier|Last|Today|Yesterday|Just
          | Even|Only|To|Are|Is|Was|Were|Do|Does|Did|Has|Have|Had|Can|Could|Would|Should|Unlike|Under(?!\s{1,2}Secretar)
        )(?=[\s,’']) | M(?:r|s|rs)\.\s""",
    re.VERBOSE,
)
# "9 a.m. Monday", "8 p.m. ET", "7 p.m. Kyiv time" go on; any other capital after a time of day begins a sentence.
_AFTER_TIME = re.compile(
    r"""\d | (?: [A-Z]{1,3}T|GMT|UTC|BST|Eastern|Pacific|Central|Mountain|Greenwich
          | (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days? | Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun
          | January|February|March|April|May|June|July|August|September|October|November|December
          | Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec )\b
      | [A-Z]\w+\s{1,2}(?:\w+\s{1,2})?[Tt]ime\b""",
    re.VERBOSE,
)
# “Why?” Smith asked: the question is inside the sentence.
_SAID = "said|says|reported|asked|asks|added|wrote|writes|tweeted|replied|told|shouted|yelled|joked|quipped|exclaimed"
_ATTRIBUTION = re.compile(
    rf"(?!(?:He|She|They|It|I|We|The|But|And)\s)(?:[A-Z][\w.’'-]{{0,30}}\s{{1,2}}){{1,5}}(?:{_SAID})\b"
)

# “ended.The next”: so plainly two sentences that a space must have been lost.
_NEXT_UNSPACED = re.compile(r"[A-Z][a-z]*(?=[\s,’'])")
_AFTER_DOT = _words("Com Net Org Js Io Gov Edu Uk Py Ai Co Tv")
_UNSPACED_WORD = re.compile(r"[A-Za-z’'-]*[a-z]{3,}")


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences end inside a block, its own end left out. The text between two ends may begin with space."""
    first = start
    for match in _MARK.finditer(text, start, end):
        stop = match.end()
        if match.lastgroup is None:  # before a bullet in mid-line
            yield stop
            first = stop
            continue
        if match.start() == first or stop >= end:  # a mark that opens a sentence; the end of the block
            continue
        gap = _GAP.match(text, stop, end)
        if gap is None:
            stop = _unspaced_end(text, first, match, end)
            if stop:
                yield stop
                first = stop
        elif _is_end(text, first, match, gap.end(), end):
            yield stop
            first = gap.end()


def _is_end(text: str, first: int, match: re.Match[str], following: int, end: int) -> bool:
    """Whether the mark, followed by space, ends the sentence begun at `first`; the text goes on at `following`."""
    opened = _OPENERS.match(text, following, end)
    at = opened.end() if opened else following
    if at < end and text[at].islower() and not _begins_small(text, at):
        return False
    mark = match["mark"]
    word = _word_before(text, first, match.start())
    if "!" in mark or "?" in mark:
        return not _is_inside(text, match, word, at, end)
    if mark != ".":
        return True
    if match.start() - first == len(word) and _is_item(word):
        return False
    return _ends_after(text, word, at, end)


def _ends_after(text: str, word: str, at: int, end: int) -> bool:
    """Whether a single period after `word` ends a sentence, where the next word, not in lower case, stands at `at`."""
    last = word.rpartition(".")[2].rpartition("-")[2]
    if last in _TITLES or word in _TITLES:
        return False
    if word in {"a.m", "p.m", "A.M", "P.M"}:
        return not _AFTER_TIME.match(text, at, end)
    if last in _BEFORE_NUMERAL:
        return not text[at : at + 1].isdigit()
    if (len(word) == 1 and word.isalpha()) or last in _ABBREVIATIONS or _SHORTENED.fullmatch(word):
        return _FIRST_WORD.match(text, at, end) is not None
    return True


def _is_inside(text: str, match: re.Match[str], word: str, at: int, end: int) -> bool:
    """Whether ? or ! stands inside a sentence: in a name, or at the end of a quotation before its speaker."""
    if word in _EXCLAIMING and match["mark"] == "!":
        return not _FIRST_WORD.match(text, at, end)
    return match["closers"][:1] in tuple("”’\"'") and _ATTRIBUTION.match(text, at, end) is not None


def _is_item(word: str) -> bool:
    """Whether this word, first in its sentence and followed by a period, numbers an item: 1. or iv. or b."""
    return len(word) <= 3 and (word.isdecimal() or word in {"ii", "iii", "iv", "vi", "vii"} or len(word) == 1)


def _begins_small(text: str, at: int) -> bool:
    """Whether a sentence may begin with this word although it is in lower case: iPhone, eBay, al-Shabab."""
    return text[at + 1 : at + 2].isupper() or (text[at + 2 : at + 3] == "-" and text[at + 3 : at + 4].isupper())


def _word_before(text: str, first: int, mark: int) -> str:
    """The word that the mark follows, without opening quotes; empty after a space. Looks back 32 characters."""
    tail = text[max(first, mark - 32) : mark]
    if not tail or tail[-1].isspace():
        return ""
    return tail.split()[-1].lstrip(_BEFORE_WORD)


def _unspaced_end(text: str, first: int, match: re.Match[str], end: int) -> int:
    """Where a sentence ends although no space follows the mark; 0 where that is not plain."""
    stop = match.end()
    word = _word_before(text, first, match.start())
    if match["mark"] not in {".", "!", "?"} or not _UNSPACED_WORD.fullmatch(word) or word in _EXCLAIMING:
        return 0
    if word in _TITLES or word in _ABBREVIATIONS:
        return 0
    opened = _OPENERS.match(text, stop, end)
    following = _NEXT_UNSPACED.match(text, opened.end() if opened else stop, end)
    if following is None or following[0] in _AFTER_DOT:
        return 0
    if not word.islower() and not _FIRST_WORD.match(text, following.start(), end):
        return 0
    if match["closers"] == '"' and text.count('"', first, match.start()) % 2 == 0:
        stop -= 1  # a straight quote that opens what follows; counted last, so that each count ends a sentence
    return stop


# Edges and length.


def _stripped(text: str, start: int, end: int) -> Span | None:
    """The range without white space at its edges; None where nothing is left."""
    inner = text[start:end].lstrip(SPACE)
    start = end - len(inner)
    inner = inner.rstrip(SPACE)
    return Span(start, start + len(inner)) if inner else None


def _fitting(text: str, start: int, end: int) -> Iterator[Span]:
    """The range as one span, or as several where it is longer than `MAX_SENTENCE`."""
    span = _stripped(text, start, end)
    if span is None:
        return
    start, end = span.start, span.end
    while end - start > MAX_SENTENCE:
        cut = _cut(text, start)
        yield Span(start, start + len(text[start:cut].rstrip(SPACE)))
        start = cut
        while text[start] in SPACE:
            start += 1
    yield Span(start, end)


def _cut(text: str, start: int) -> int:
    """Where to cut a run that is too long: after a comma or semicolon in its second half, at a space, or anywhere."""
    half, limit = start + MAX_SENTENCE // 2, start + MAX_SENTENCE
    for pause in ("; ", ", ", " "):
        cut = text.rfind(pause, half, limit)
        if cut >= 0:
            return cut + len(pause)
    space = max(text.rfind(char, start, limit + 1) for char in SPACE)
    if space >= 0:
        return min(space + 1, limit)
    cut = limit
    while cut > half and unicodedata.combining(text[cut]):
        cut -= 1
    return cut
