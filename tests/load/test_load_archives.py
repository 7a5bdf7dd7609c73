from __future__ import annotations

import gzip
import io
import json
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from rag.load import archives
from rag.load.source import Found, Loaded, Unreadable
from rag.types import Rejected

TEXT = "The ministry said on Monday that the two sides had agreed to meet again."
OTHER = "The opposition said on Tuesday that nobody had asked it before the vote."
LINE = json.dumps({"id": "7", "text": OTHER}).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return written.getvalue()


def read(content: bytes, name: str = "news.zip") -> list[Loaded | Rejected]:
    return list(archives.load(Found(Path("/in") / name, f"sub/{name}"), io.BytesIO(content)))


def told(loaded: list[Loaded | Rejected]) -> list[object]:
    return [
        (one.article.key, one.article.text) if isinstance(one, Loaded) else (one.where, one.reason) for one in loaded
    ]


MEMBERS = {"a/one.txt": TEXT.encode(), "two.jsonl": LINE, "a/three.txt.gz": gzip.compress(OTHER.encode())}
ARTICLES = [("sub/{}/a/one.txt", TEXT), ("7", OTHER), ("sub/{}/a/three.txt.gz", OTHER)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("news.zip", zipped(MEMBERS)),
        ("news.tar", tarred(MEMBERS)),
        ("news.tar.gz", tarred(MEMBERS, "w:gz")),
        ("news.tgz", tarred(MEMBERS, "w:gz")),
    ],
    ids=["zip", "tar", "tar.gz", "tgz"],
)
def test_every_file_of_an_archive_is_read_as_what_it_is(name: str, content: bytes) -> None:
    loaded = read(content, name)
    assert told(loaded) == [(key.format(name), text) for key, text in ARTICLES]
    assert {one.article.path for one in loaded if isinstance(one, Loaded)} == {f"/in/{name}"}


def test_what_is_not_read_is_named_inside_the_archive_and_costs_only_itself() -> None:
    members = {"logo.png": b"\x89PNG\r\n\x1a\n", "empty.txt": b"", "x.weird": b"?", "one.txt": TEXT.encode()}
    loaded = told(read(zipped(members)))
    assert [where for where, _ in loaded] == [  # type: ignore[misc]
        "/in/news.zip/logo.png",
        "/in/news.zip/empty.txt",
        "/in/news.zip/x.weird",
        "sub/news.zip/one.txt",
    ]


@pytest.mark.parametrize("make", [zipped, tarred])
def test_of_two_members_with_one_id_or_url_the_first_goes_in_and_the_second_is_named(make) -> None:
    inner = zipped({"c.jsonl": json.dumps({"id": "7", "text": TEXT}).encode()})
    page = (
        b"<html><head><link rel=canonical href='https://x.example/a'></head><body><h1>Talks</h1><p>%s</p></body></html>"
    )
    members = {
        "a.html": page % (TEXT * 5).encode(),
        "b.html": page % (OTHER * 5).encode(),
        "b.jsonl": LINE,
        "c.zip": inner,
        "d.txt": TEXT.encode(),
    }
    loaded = read(make(members))
    assert [key for key, _ in told([one for one in loaded if isinstance(one, Loaded)])] == [  # type: ignore[misc]
        "https://x.example/a",
        "7",
        "sub/news.zip/d.txt",
    ]
    assert [one for one in loaded if isinstance(one, Rejected)] == [
        Rejected(
            "/in/news.zip/b.html",
            "holds https://x.example/a once more, which /in/news.zip/a.html gave; leave one of them out",
        ),
        Rejected(
            "/in/news.zip/c.zip/c.jsonl", "holds 7 once more, which /in/news.zip/b.jsonl gave; leave one of them out"
        ),
    ]


def test_a_name_that_stands_twice_in_a_zip_is_two_members() -> None:
    written = io.BytesIO(zipped({"one.txt": TEXT.encode()}))
    with zipfile.ZipFile(written, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("one.txt", OTHER)
    first, second = read(written.getvalue())
    assert isinstance(first, Loaded)
    assert isinstance(second, Rejected)


def test_folders_and_hidden_files_are_left_out_without_a_word() -> None:
    members = {".DS_Store": b"x", "__MACOSX/._one.txt": b"x", "a/.git/x.txt": b"x", "one.txt": TEXT.encode()}
    written = io.BytesIO(zipped(members))
    with zipfile.ZipFile(written, "a") as archive:
        archive.mkdir("b")
    assert [key for key, _ in told(read(written.getvalue()))] == ["sub/news.zip/one.txt"]  # type: ignore[misc]


@pytest.mark.parametrize(
    "name", ["../../etc/one.txt", "/etc/one.txt", "a/../../one.txt", "..\\one.txt", "c:\\..\\one.txt"]
)
def test_no_name_leads_out_of_the_archive(name: str) -> None:
    (one,) = read(tarred({name: TEXT.encode()}))
    assert isinstance(one, Loaded)
    assert one.article.key.startswith("sub/news.zip/")
    assert ".." not in one.article.key.split("/")
    assert one.article.path == "/in/news.zip"


def test_links_and_devices_are_never_followed() -> None:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"one{kind.decode()}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    reasons = {one.reason for one in read(written.getvalue()) if isinstance(one, Rejected)}
    assert reasons == {"is not a regular file but a link or device; it was left out"}
    link = zipfile.ZipInfo("one.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zip_archive:
        zip_archive.writestr(link, "/etc/passwd")
    (one,) = read(packed.getvalue())
    assert isinstance(one, Rejected)
    assert "a link or device" in one.reason


@pytest.mark.parametrize("end", ["zip", "txt"])
@pytest.mark.parametrize("make", [zipped, tarred])
def test_an_archive_in_an_archive_is_read_to_a_depth_whatever_its_name(make, end: str) -> None:
    content, name = zipped({"one.txt": TEXT.encode()}), "news.zip"
    for depth in (1, 2, 3):
        content = make({f"inner{depth}.{end}": content})
    assert [text for _, text in told(read(content, name))] == [TEXT]  # type: ignore[misc]
    (refused,) = read(make({f"inner4.{end}": content}), name)
    assert isinstance(refused, Rejected)
    assert "is an archive within 3 others" in refused.reason


def test_what_unpacks_without_end_is_stopped() -> None:
    bomb = zipped({"zeros.txt": b"\0" * 30_000_000, "one.txt": TEXT.encode()})
    assert len(bomb) < 40_000
    first, second = read(bomb)
    assert isinstance(first, Rejected)
    assert "more than 20 MB" in first.reason
    assert isinstance(second, Loaded)


@pytest.mark.parametrize("make", [zipped, tarred])
def test_archives_within_an_archive_share_its_bounds(make, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = make({"zeros.txt": TEXT.encode() * 1000})
    content = zipped({f"{number}.bin": inner for number in range(10)})
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 2 * len(TEXT) * 1000)
    seen = []
    with pytest.raises(Unreadable, match="unpacks to more than"):
        seen.extend(archives.load(Found(Path("/in/news.zip"), "news.zip"), io.BytesIO(content)))
    assert len(seen) < 3


@pytest.mark.parametrize("make", [zipped, tarred])
def test_an_archive_is_bounded_in_members_and_bytes(make, monkeypatch: pytest.MonkeyPatch) -> None:
    content = make({f"{number}.txt": f"{TEXT} {number}".encode() for number in range(10)})
    found, seen = Found(Path("/in/news.zip"), "news.zip"), []
    with monkeypatch.context() as patched:
        patched.setattr(archives, "MAX_MEMBERS", 5)
        with pytest.raises(Unreadable, match="holds more than 5 files"):
            seen.extend(archives.load(found, io.BytesIO(content)))
    assert len(seen) == 5
    with monkeypatch.context() as patched:
        patched.setattr(archives, "MAX_FILE_BYTES", 300)
        told = []
        with pytest.raises(Unreadable, match="unpacks to more than"):
            told.extend(archives.load(found, io.BytesIO(content)))
    assert len(told) < 10


def test_an_encrypted_member_is_named() -> None:
    content = bytearray(zipped({"one.txt": TEXT.encode()}))
    content[6] |= 1
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    (one,) = read(bytes(content))
    assert isinstance(one, Rejected)
    assert one.reason == "is encrypted; unpack the archive with its password first"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"nonsense" * 200, zipped({}), tarred({})])
def test_what_is_no_archive_of_articles_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(content)


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_cut_archive_gives_what_is_whole_in_it_or_a_reason(make) -> None:
    whole = make({f"{number}.txt": f"{TEXT} {number}.".encode() for number in range(20)})
    for cut in range(0, len(whole), max(1, len(whole) // 60)):
        try:
            loaded = read(whole[:cut])
        except Unreadable:
            continue
        for one in loaded:
            assert isinstance(one, Rejected) or one.article.text.startswith(TEXT)


@pytest.mark.parametrize("make", [zipped, tarred])
def test_flipped_bytes_never_raise_anything_else(make) -> None:
    whole = make({f"{number}.txt": f"{TEXT} {number}.".encode() for number in range(3)})
    for place in range(min(len(whole), 2048)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x5A
        try:
            read(bytes(damaged))
        except Unreadable:
            continue
