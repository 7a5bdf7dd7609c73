from __future__ import annotations

import io
from pathlib import Path

import pytest

from rag.load.mhtml import load
from rag.load.source import Found, Loaded, Unreadable
from rag.types import Origin

SAMPLE = Path(__file__).parent.parent / "samples" / "saved-page.mhtml"
HEAD = b'From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="B"\r\n'
BODY = (
    "<p>Le pont du Nord restera fermé jusqu’au mois de juin, a annoncé jeudi la municipalité de la ville.</p>"
    "<p>La circulation passera par le pont du Sud jusqu’à la fin des travaux, selon le service des ponts.</p>"
)


def loaded(source: bytes) -> Loaded:
    (one,) = load(Found(Path("/news/page.mht"), "page.mht"), io.BytesIO(source))
    return one


def archive(content: bytes, *, head: bytes = HEAD, charset: bytes = b"utf-8", location: bytes = b"") -> bytes:
    where = b"Content-Location: " + location + b"\r\n" if location else b""
    return (
        head
        + b"\r\n--B\r\nContent-Type: text/html; charset="
        + charset
        + b"\r\n"
        + where
        + b"\r\n"
        + content
        + b"\r\n--B--\r\n"
    )


def test_a_web_archive_gives_its_page_and_the_address_that_it_was_saved_from():
    one = loaded(SAMPLE.read_bytes())
    article = one.article
    assert article.key == article.url == "https://www.courrier.example/ville/pont"
    assert article.text == (
        "Le pont rouvrira en juin\n\n"
        "Par Marie Exemple\n\n"
        "Le pont du Nord restera fermé jusqu’au mois de juin, a annoncé jeudi la municipalité. Des dommages ont été "
        "découverts sur deux piliers pendant les travaux, selon le service des ponts.\n\n"
        "La circulation passera par le pont du Sud. « Nous demandons à chacun de la patience », a déclaré la mairesse, "
        "Anne Modèle, qui attend une facture de près de trois millions de dollars."
    )
    assert (article.title, article.publisher) == ("Le pont rouvrira en juin", "Le Courrier d’Exemple")
    assert (article.authors, article.language) == (("Marie Exemple",), "fr-ca")
    assert (article.published, article.published_from) == ("2020-04-02T06:00:00-04:00", Origin.META)
    assert one.source == SAMPLE.read_bytes()


def test_the_encoding_of_the_part_holds_where_the_page_says_none():
    one = loaded(archive(BODY.replace("’", "'").encode("cp1252"), charset=b"windows-1252"))
    assert "restera fermé jusqu'au mois de juin" in one.article.text
    assert loaded(archive(BODY.encode(), charset=b"no-such-thing")).article.text.startswith(
        "Le pont du Nord restera fermé"
    )


def test_the_location_of_the_part_is_the_address_where_the_archive_says_none():
    assert loaded(archive(BODY.encode(), location=b"https://a.example/x")).article.key == "https://a.example/x"
    assert loaded(archive(BODY.encode(), location=b"file:///home/me/x.html")).article.key == "page.mht"


def test_the_part_that_the_archive_starts_with_is_the_page():
    head = HEAD.replace(b'boundary="B"', b'boundary="B"; start="<second>"')
    frame = b"\r\n--B\r\nContent-Type: text/html\r\nContent-ID: <first>\r\n\r\n<p>An advertisement in a frame</p>"
    second = b"\r\n--B\r\nContent-Type: text/html; charset=utf-8\r\nContent-ID: <second>\r\n\r\n" + BODY.encode()
    assert loaded(head + frame + second + b"\r\n--B--\r\n").article.text.startswith("Le pont du Nord")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"", "no web page"),
        (HEAD + b"\r\n--B\r\nContent-Type: image/png\r\n\r\nx\r\n--B--\r\n", "no web page"),
        (archive(b""), "is empty"),
        (
            HEAD + b"\r\n--B\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%%\r\n--B--\r\n",
            "binary|empty|no",
        ),
        (
            b"".join(b'Content-Type: multipart/related; boundary="B%d"\r\n\r\n--B%d\r\n' % (n, n) for n in range(3000)),
            "web",
        ),
    ],
)
def test_an_archive_without_a_page_is_refused(source: bytes, reason: str):
    with pytest.raises(Unreadable, match=reason):
        loaded(source)
