"""RTF, with a reader of our own: deleted and hidden text, headers and comments are out, footnotes follow the text.

striprtf, the usual library, keeps deleted and hidden text, leaves footnotes out, and drops what the document says of
itself and which paragraphs are headings.
"""

from __future__ import annotations

import codecs
import locale
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from rag.load.blocks import (
    Block,
    Properties,
    article,
    authors_of,
    composed,
    date_of,
    language_of,
    one_line,
    paragraph_blocks,
    row_blocks,
    title_of,
)
from rag.load.source import Found, Loaded, Unreadable, read_whole
from rag.types import SkipKind


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of an RTF document. Raises Unreadable, and whatever reading the stream raises."""
    source = read_whole(stream)
    if not source.lstrip().startswith(b"{\\rtf"):
        raise Unreadable('is not RTF: it does not begin with "{\\rtf"; save it again')
    reader = _Reader()
    reader.read(source.decode("latin-1"))
    whole = composed([*reader.blocks, *reader.notes])
    yield Loaded(article(found, found.key_path, whole, _properties(reader)), source)


# Groups that hold no text of the document, beside all those that begin with "\*".
_OUT = frozenset(
    """colortbl pict objdata header footer headerl headerr headerf footerl footerr footerf themedata datastore
    colorschememapping latentstyles listtable listoverridetable rsidtbl generator xmlnstbl fldinst bkmkstart bkmkend
    annotation atnid atnauthor atndate atnref atnicn nonshppict txe xe tc tcn listtext pntext filetbl revtbl mmathPr
    private template userprops docvar ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn shprslt""".split()  # noqa: SIM905
)
_CHARACTERS = {
    **{"tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“"},
    **{"rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "page": " ", "softline": " "},
}
_SYMBOLS = {"~": "\xa0", "_": "-", "-": "", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n", "|": "", ":": ""}
_DEEPEST = 1000
"""Groups within groups."""
_ENDS = frozenset({"par", "sect", "cell", "nestcell", "row", "nestrow"})
# By a font's \fcharset, as the specification has it.
_CODE_PAGES = {
    **{0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253"},
    **{162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874"},
    **{238: "cp1250", 254: "cp437", 255: "cp850"},
}
_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<symbol>[^a-zA-Z'])"
    r"|(?P<brace>[{}])|[\r\n\0]+|(?P<text>[^\\{}\r\n\0]+)|\\",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _State:
    """What holds until the end of the group."""

    out: bool = False
    """Nothing in the group is text."""
    hidden: bool = False
    deleted: bool = False
    into: str = ""
    """The part of the header that the group belongs to: fonttbl, stylesheet, info, or one of info's own."""
    unicode_skip: int = 1
    """Characters after a \\u that say the same to programs without Unicode."""
    code_page: str | None = None
    kind: SkipKind | None = None
    table: bool = False
    story: bool = False
    """The group is a footnote or a text box."""


@dataclass(slots=True)
class _Reader:
    """Reads the document from its beginning to its end; what it holds lies in its fields afterwards."""

    blocks: list[Block] = field(default_factory=list)
    notes: list[Block] = field(default_factory=list)
    info: dict[str, str] = field(default_factory=dict)
    dates: dict[str, dict[str, int]] = field(default_factory=dict)
    language: int | None = None
    _state: _State = _State()
    _stack: list[_State] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    _skip: int = 0
    _row: list[list[Block]] = field(default_factory=list)
    _cell: list[Block] = field(default_factory=list)
    _stories: list[tuple[list[str], list[Block], str]] = field(default_factory=list)
    """The paragraphs that footnotes and text boxes interrupt, their cells, and what interrupts them."""
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0
    _code_page: str = "cp1252"
    _kinds: dict[int, SkipKind] = field(default_factory=dict)
    _style: int = 0
    _star: bool = False

    def read(self, text: str) -> None:
        """Raises Unreadable where the document breaks off."""
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                break
            at = token.end()
            if token["brace"]:
                if not self._brace(token["brace"]):
                    break
            elif token["word"]:
                number = int(token["number"]) if token["number"] else None
                if token["word"] == "bin":
                    at += max(number or 0, 0)
                self._word(token["word"], number)
            elif token["byte"]:
                self._byte(int(token["byte"], 16))
            elif token["symbol"]:
                self._symbol(token["symbol"])
            elif token["text"]:
                self._text(token["text"])
        if self._stack:
            raise Unreadable("breaks off before its end; fetch it or save it again")
        self._end_paragraph()

    def _brace(self, brace: str) -> bool:
        """Whether the document goes on."""
        self._decode()
        self._skip = 0
        self._star = False
        if brace == "{":
            if len(self._stack) == _DEEPEST:
                raise Unreadable("has groups nested too deeply to be a document; save it again")
            self._stack.append(self._state)
            self._state = replace(self._state, story=False)
            return True
        if self._state.story:
            self._end_story()
        self._state = self._stack.pop()
        return bool(self._stack)

    # -- what stands in the document ------------------------------------------------------------------------------

    def _text(self, text: str) -> None:
        if self._skip:
            dropped = min(self._skip, len(text))
            text, self._skip = text[dropped:], self._skip - dropped
        if self._bytes and self._is_half():  # the second byte of two may be written as the letter that it is, too
            self._bytes += text[:1].encode("latin-1")
            text = text[1:]
        if text.isascii():
            self._put(text)
        else:
            self._bytes += text.encode("latin-1")

    def _byte(self, byte: int) -> None:
        if self._skip:
            self._skip -= 1
        else:
            self._bytes.append(byte)

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._star = True
        elif self._skip:
            self._skip -= 1
        elif symbol in "\r\n":
            self._end_paragraph()
        else:
            self._put(_SYMBOLS.get(symbol, ""))

    def _put(self, text: str) -> None:
        self._decode()
        state = self._state
        if state.into in {"stylesheet", "fonttbl"} or state.into.startswith("info"):
            self._header(text)
        elif not (state.out or state.hidden or state.deleted):
            self._parts.append(text)

    def _decode(self) -> None:
        """The bytes so far become characters; those of East Asia are two bytes each."""
        if self._bytes:
            content, self._bytes = bytes(self._bytes), bytearray()
            self._put(content.decode(self._state.code_page or self._code_page, "replace"))

    def _is_half(self) -> bool:
        decoder = codecs.getincrementaldecoder(self._state.code_page or self._code_page)("replace")
        decoder.decode(bytes(self._bytes))
        return decoder.getstate()[0] != b""

    def _word(self, word: str, number: int | None) -> None:
        if word == "u":
            self._decode()
            self._put(chr((number or 0) & 0xFFFF))
            self._skip = self._state.unicode_skip
            return
        self._decode()
        is_on = number != 0
        if word in _CHARACTERS:
            self._put(_CHARACTERS[word])
        elif word in _ENDS:
            self._end(word)
        elif word in {"footnote", "shptxt"}:
            self._begin_story(word)
        elif word in {"fonttbl", "stylesheet", "info"}:
            self._state = replace(self._state, into=word)
        elif word in _OUT or self._star:
            self._state = replace(self._state, out=True)
        elif word == "v":
            self._state = replace(self._state, hidden=is_on)
        elif word == "deleted":
            self._state = replace(self._state, deleted=is_on)
        elif word == "plain":
            self._state = replace(self._state, hidden=False, deleted=False, code_page=None)
        elif word == "uc":
            self._state = replace(self._state, unicode_skip=max(number or 0, 0))
        else:
            self._setting(word, number)
        self._star = False

    def _setting(self, word: str, number: int | None) -> None:
        """Fonts, styles, and what the document says of itself."""
        state = self._state
        if state.into.startswith("info"):
            self._said(word, number)
        elif word == "f":
            self._font = number or 0
            if state.into != "fonttbl":
                self._state = replace(state, code_page=self._fonts.get(self._font))
        elif word == "fcharset" and state.into == "fonttbl":
            self._fonts[self._font] = _CODE_PAGES.get(number or 0, self._code_page)
        elif word in {"ansicpg", "mac"}:
            self._code_page = _code_page(number if word == "ansicpg" else 10000)
        elif word == "deflang" or (word == "lang" and self.language is None):
            self.language = number if number in locale.windows_locale else None
        elif word == "s":
            self._style = number or 0
            self._state = replace(state, kind=self._kinds.get(self._style))
        elif word == "outlinelevel" and (number or 0) < 9:
            self._state = replace(state, kind=SkipKind.HEADING)
        elif word == "pard":
            self._state = replace(state, kind=None, table=False)
        elif word in {"intbl", "itap"}:
            self._state = replace(state, table=number != 0)

    def _said(self, word: str, number: int | None) -> None:
        if word in {"yr", "mo", "dy", "hr", "min", "sec"}:
            self.dates.setdefault(self._state.into, {})[word] = number or 0
        elif self._state.into == "info":
            self._state = replace(self._state, into=f"info {word}")

    def _header(self, text: str) -> None:
        state = self._state
        if state.out:
            return
        if state.into == "stylesheet":
            name = text.strip(" ;").lower()
            if name.startswith("heading"):
                self._kinds[self._style] = SkipKind.HEADING
            elif name in {"title", "caption"}:
                self._kinds[self._style] = SkipKind(name)
        elif state.into.startswith("info "):
            name = state.into.removeprefix("info ")
            self.info[name] = self.info.get(name, "") + text

    # -- paragraphs, cells and what stands beside the text -----------------------------------------------------------

    def _end(self, word: str) -> None:
        if word in {"par", "sect"}:
            self._end_paragraph()
        elif word in {"cell", "nestcell"}:
            self._end_cell()
        else:
            self._end_row()

    def _end_paragraph(self) -> None:
        self._decode()
        if self._state.out:
            return
        self._cell += paragraph_blocks(_whole("".join(self._parts)), self._state.kind)
        self._parts = []
        if not self._state.table and not self._stories:
            self.blocks += self._cell
            self._cell = []

    def _end_cell(self) -> None:
        self._cell += paragraph_blocks(_whole("".join(self._parts)), None)
        self._parts = []
        self._row.append(self._cell)
        self._cell = []

    def _end_row(self) -> None:
        row, self._row = self._row, []
        if self._stories:
            self._cell += row_blocks([row])
        else:
            self.blocks += row_blocks([row])

    def _begin_story(self, word: str) -> None:
        self._stories.append((self._parts, self._cell, word))
        self._parts, self._cell = [], []
        self._state = replace(self._state, story=True, out=False, kind=None)

    def _end_story(self) -> None:
        self._end_paragraph()
        told = self._cell
        self._parts, self._cell, word = self._stories.pop()
        if word == "footnote":
            self.notes += told
        else:
            self.blocks += told


def _whole(text: str) -> str:
    """Characters beyond U+FFFF come as two halves."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _code_page(number: int | None) -> str:
    name = {10000: "mac_roman", 65001: "utf-8", 936: "gb18030"}.get(number or 0, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def _properties(reader: _Reader) -> Properties:
    created, modified = _date(reader.dates.get("info creatim")), _date(reader.dates.get("info revtim"))
    return Properties(
        title=title_of(_whole(reader.info.get("title", ""))),
        authors=authors_of(one_line(_whole(reader.info.get("author", "")))),
        created=created,
        modified=modified if modified != created else None,
        language=language_of(locale.windows_locale.get(reader.language or 0)),
    )


def _date(parts: dict[str, int] | None) -> str | None:
    if not parts or not parts.get("dy"):
        return None
    day = f"{parts.get('yr', 0):04}-{parts.get('mo', 0):02}-{parts['dy']:02}"
    return date_of(f"{day}T{parts['hr']:02}:{parts.get('min', 0):02}") if "hr" in parts else date_of(day)
