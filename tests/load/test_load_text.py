from __future__ import annotations

import gzip
import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.load import Found, Loaded, file_sha256, open_source
from rag.load import source as source_module
from rag.load.encodings import decode
from rag.load.source import Unreadable
from rag.types import Rejected, SkipKind

STORY = "Two sides agree to talk\n\nThe ministry said on Monday that the two sides had agreed to meet again.\n"


def read(file: Path) -> list[Loaded | Rejected]:
    return list(open_source(Found(file, file.name)).articles())


def one(file: Path, content: bytes) -> Loaded:
    file.write_bytes(content)
    (loaded,) = read(file)
    assert isinstance(loaded, Loaded)
    return loaded


def refusal(file: Path, content: bytes) -> str:
    file.write_bytes(content)
    (rejected,) = read(file)
    assert isinstance(rejected, Rejected)
    assert rejected.where == str(file)
    return rejected.reason


def test_the_text_is_the_file_itself(tmp_path: Path) -> None:
    content = STORY.replace("\n", "\r\n").encode()
    loaded = one(tmp_path / "a.txt", content)
    assert loaded.article.text.encode() == content
    assert loaded.source == content
    assert loaded.article.key == "a.txt"
    assert loaded.article.path == str(tmp_path / "a.txt")
    assert loaded.article.title == "Two sides agree to talk"
    assert loaded.article.url is None


def test_the_key_is_the_one_that_was_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY)
    (loaded,) = open_source(Found(tmp_path / "a.txt", "sub/a.txt")).articles()
    assert isinstance(loaded, Loaded)
    assert loaded.article.key == "sub/a.txt"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_stays_in_the_text_and_is_no_body(tmp_path: Path, encoding: str) -> None:
    loaded = one(tmp_path / "a.txt", STORY.encode(encoding))
    assert loaded.article.text == "\ufeff" + STORY
    first = loaded.article.skipped[0]
    assert (first.start, first.end, first.kind) == (0, 1, SkipKind.MARKUP)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_each_byte_order_is_read(encoding: str) -> None:
    assert decode(("\ufeff" + STORY).encode(encoding)) == ("\ufeff" + STORY, None)


def test_the_name_without_a_suffix_is_text_and_markdown_is_markdown(tmp_path: Path) -> None:
    assert one(tmp_path / "story", b"# Not a heading here.\n").article.skipped == ()
    assert one(tmp_path / "story.MD", f"# A heading\n\n{STORY}".encode()).article.title == "A heading"


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    loaded = one(tmp_path / "a.txt.gz", gzip.compress(STORY.encode()))
    assert loaded.article.text == STORY
    assert loaded.source == STORY.encode()
    assert loaded.article.key == "a.txt.gz"


def test_what_is_not_utf_8_says_where_and_how_to_convert_it(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.txt", b"a \x81\xfe\x8d thing in Paris") == (
        "is not UTF-8 (byte 0x81 at offset 2), nor plainly anything else; "
        "convert it, for example with: iconv -f WINDOWS-1252 -t UTF-8"
    )


MONDAY = {
    # one sentence in many languages, as its own agencies would write it
    "fr": "Le ministère a déclaré lundi que les deux parties étaient prêtes à se réunir à nouveau.",
    "de": "Das Ministerium erklärte am Montag, beide Seiten hätten größere Zugeständnisse gemacht.",
    "es": "El ministerio señaló el lunes que las partes habían acordado reunirse otra vez este año.",
    "pt": "O ministério informou que as duas partes concordaram em retomar as negociações até março.",
    "sv": "Regeringen sade på måndagen att båda sidor var överens om att mötas igen nästa år.",
    "pl": "Ministerstwo poinformowało, że obie strony zgodziły się spotkać ponownie w przyszłym tygodniu.",
    "cs": "Ministerstvo v pondělí oznámilo, že se obě strany dohodly na dalším setkání příští týden.",
    "hu": "A minisztérium hétfőn közölte, hogy mindkét fél megállapodott az újabb fordulóról, és örült neki.",
    "tr": "Bakanlık pazartesi günü yaptığı açıklamada, iki tarafın gelecek hafta görüşeceğini bildirdi.",
    "ru": "Министерство сообщило в понедельник, что обе стороны договорились встретиться снова в Женеве.",
    "uk": "Міністерство повідомило в понеділок, що обидві сторони домовилися зустрітися знову в Женеві.",
    "el": "Το υπουργείο ανακοίνωσε τη Δευτέρα ότι οι δύο πλευρές συμφώνησαν να συναντηθούν ξανά.",
    "he": "המשרד הודיע ביום שני כי שני הצדדים הסכימו להיפגש שוב בשבוע הבא, לאחר הפסקת האש.",
    "ar": "قالت الوزارة يوم الاثنين إن الجانبين اتفقا على الاجتماع مرة أخرى الأسبوع المقبل في جنيف.",
    "ja": "外務省は月曜日、双方が来週ジュネーブで再び会談することで合意したと発表した。",
    "zh": "外交部周一表示，双方已同意下周在日内瓦再次会晤。二月停火破裂后，谈判一度中断。",
    "ko": "외교부는 월요일 양측이 다음 주 제네바에서 다시 만나기로 합의했다고 밝혔다.",
}


@pytest.mark.parametrize(
    ("language", "encoding", "name"),
    [
        ("fr", "cp1252", "Windows-1252"),
        ("de", "latin-1", "Windows-1252"),  # the same bytes
        ("es", "cp1252", "Windows-1252"),
        ("pt", "cp1252", "Windows-1252"),
        ("sv", "cp1252", "Windows-1252"),
        ("fr", "mac_roman", "Mac Roman"),
        ("de", "cp850", "CP850"),
        ("pl", "cp1250", "Windows-1250"),
        ("cs", "cp1250", "Windows-1250"),
        ("cs", "iso8859-2", "ISO-8859-2"),
        ("hu", "iso8859-2", "Windows-1250"),
        ("tr", "iso8859-9", "Windows-1254"),
        ("ru", "cp1251", "Windows-1251"),
        ("ru", "koi8_r", "KOI8-R"),
        ("ru", "iso8859-5", "ISO-8859-5"),
        ("uk", "koi8_u", "KOI8-U"),
        ("el", "cp1253", "Windows-1253"),
        ("he", "cp1255", "Windows-1255"),
        ("ar", "cp1256", "Windows-1256"),
        ("ja", "shift_jis", "Shift-JIS"),
        ("ja", "euc_jp", "EUC-JP"),
        ("zh", "gb2312", "GB18030"),
        ("ko", "euc_kr", "EUC-KR"),
    ],
)
def test_a_text_in_a_usual_encoding_is_read_and_the_note_names_it(
    tmp_path: Path, language: str, encoding: str, name: str
) -> None:
    loaded = one(tmp_path / "a.txt", MONDAY[language].encode(encoding))
    assert loaded.article.text == MONDAY[language]
    assert loaded.notes == (f"read as {name}",)
    assert loaded.source == MONDAY[language].encode(encoding)


def test_a_single_accent_and_curled_quotation_marks_are_western(tmp_path: Path) -> None:
    assert (
        one(tmp_path / "a.txt", b"He met them at a caf\xe9 in Paris.").article.text == "He met them at a café in Paris."
    )
    quoted = "“It’s a start,” he said – and left."
    assert one(tmp_path / "b.txt", quoted.encode("cp1252")).article.text == quoted


def test_an_apostrophe_of_windows_is_no_letter_of_another_alphabet(tmp_path: Path) -> None:
    quoted = (
        "It’s what they’ve said: they don’t know, they’re sure he’d go, she’ll stay, and it isn’t, wasn’t or won’t be."
    )
    assert one(tmp_path / "a.txt", quoted.encode("cp1252")).article.text == quoted
    assert one(tmp_path / "b.txt", quoted.encode("mac_roman")).article.text == quoted


def test_sixteen_bits_without_a_mark_and_iso_2022_are_told_by_their_bytes(tmp_path: Path) -> None:
    loaded = one(tmp_path / "a.txt", STORY.encode("utf-16-le"))
    assert (loaded.article.text, loaded.notes) == (STORY, ("read as UTF-16-LE, without a byte order mark",))
    assert one(tmp_path / "b.txt", STORY.encode("utf-32-be")).article.text == STORY
    assert one(tmp_path / "c.txt", MONDAY["ja"].encode("iso2022_jp")).article.text == MONDAY["ja"]


def test_utf_8_says_nothing_of_its_encoding(tmp_path: Path) -> None:
    assert one(tmp_path / "a.txt", MONDAY["ru"].encode()).notes == ()


def test_the_encoding_that_came_with_the_bytes_is_believed_where_they_are_not_utf_8() -> None:
    assert decode("Žďár".encode("cp1250"), "windows-1250") == ("Žďár", None)
    assert decode("Žďár".encode(), "windows-1250") == ("Žďár", None)
    with pytest.raises(Unreadable):
        decode("Žďár".encode("cp1250"), "no such encoding")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t\r\n", "is empty"),
        ("\ufeff\n".encode(), "is empty"),
        ("\u00a0\u3000".encode(), "is empty"),
        (b"\x00\x01\x02", "is binary"),
        (b"some text\x00", "is binary"),
        (b"\xff\xfea\x00b", "is not UTF-16"),
        (b"\xff\xfe\x00\xd8a\x00", "is not UTF-16"),
        (b"\xff\xfe\x00\x00\x00\x00\x11\x00", "is not UTF-32"),
        (b"\xff\xfea\x00\x00\x00", "is binary"),
        (b"\xed\xa0\x80", "is not UTF-8"),
    ],
)
def test_what_is_no_text_is_rejected(tmp_path: Path, content: bytes, reason: str) -> None:
    assert refusal(tmp_path / "a.txt", content).startswith(reason)


@pytest.mark.parametrize(
    "content", [b"not gzip", b"", gzip.compress(STORY.encode())[:-12], b"\x1f\x8b\x08\x00" + b"x" * 30]
)
def test_a_damaged_gzip_file_is_rejected(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path / "a.txt.gz", content)[:8] in ("is not a", "is empty")


def test_a_file_over_the_limit_is_rejected_packed_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "MAX_ARTICLE_BYTES", 1000)
    assert "too much for one article" in refusal(tmp_path / "a.txt", b"a" * 1001)
    assert "too much for one article" in refusal(tmp_path / "a.txt.gz", gzip.compress(b"a" * 10_000_000))
    assert one(tmp_path / "b.txt", b"a" * 1000).source == b"a" * 1000


def test_a_text_that_is_all_furniture_is_all_body(tmp_path: Path) -> None:
    assert one(tmp_path / "a.txt", b"Most read\n").article.skipped == ()


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_the_hash_is_of_the_bytes_on_disk_once_all_is_read(tmp_path: Path, name: str) -> None:
    content = gzip.compress(STORY.encode()) if name.endswith(".gz") else STORY.encode()
    (tmp_path / name).write_bytes(content)
    source = open_source(Found(tmp_path / name, name))
    assert source.sha256() is None
    assert len(list(source.articles())) == 1
    assert source.sha256() == file_sha256(tmp_path / name) == sha256(content).hexdigest()


def test_a_file_that_cannot_be_read_has_no_hash(tmp_path: Path) -> None:
    source = open_source(Found(tmp_path / "gone.txt", "gone.txt"))
    assert [type(one) for one in source.articles()] == [Rejected]
    assert source.sha256() is None
    assert file_sha256(tmp_path / "gone.txt") is None
    assert file_sha256(tmp_path) is None


def test_a_file_that_vanished_a_folder_and_a_pipe_are_rejected_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    reasons = [read(tmp_path / name)[0] for name in ("gone.txt", "folder.txt", "pipe.txt")]
    assert [one.reason.split(";")[0] for one in reasons if isinstance(one, Rejected)] == [
        "does not exist",
        "is a folder, where a file was expected",
        "is not a regular file but a pipe, socket or device",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY)
    (tmp_path / "a.txt").chmod(0)
    (rejected,) = read(tmp_path / "a.txt")
    assert isinstance(rejected, Rejected)
    assert "permission denied" in rejected.reason


def test_errors_of_the_system_become_one_line() -> None:
    assert "permission denied" in source_module.reason(PermissionError(13, "Permission denied"))
    assert source_module.reason(OSError(5, "Input/output error")) == "cannot be read: Input/output error"


def test_a_path_that_is_none_is_rejected() -> None:
    (rejected,) = read(Path("a\0b.txt"))
    assert isinstance(rejected, Rejected)
    assert "not a path" in rejected.reason


@given(st.binary(max_size=200))
def test_bytes_are_text_or_unreadable_and_utf_8_encodes_back(content: bytes) -> None:
    try:
        text, note = decode(content)
    except Unreadable:
        return
    if note is None:
        assert content in {text.encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")}
