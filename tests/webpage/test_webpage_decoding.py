from __future__ import annotations

import pytest

from rag.webpage.decoding import decode_page, is_binary, storable

TEXT = "<p>Zoë’s café – “naïve” – 10 €</p>"
RUSSIAN = "<p>Ветеран сборной Германии принял решение прекратить выступления за команду страны.</p>"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_dropped(encoding: str):
    assert decode_page(TEXT.encode(encoding), "latin-1") == TEXT


@pytest.mark.parametrize(
    "said",
    [
        '<meta charset="windows-1252">',
        "<meta charset=windows-1252>",
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">',
        '<?xml version="1.0" encoding="windows-1252"?>',
        '<meta charset="iso-8859-1">',  # the web's name for the same
    ],
)
def test_the_page_s_own_word_is_taken(said: str):
    assert decode_page((said + TEXT).encode("cp1252")) == said + TEXT


def test_the_header_wins_over_the_page_and_utf_8_over_both():
    said = '<meta charset="windows-1252">'
    assert decode_page((said + RUSSIAN).encode("koi8-r"), "koi8-r") == said + RUSSIAN
    assert decode_page((said + RUSSIAN).encode(), "koi8-r") == said + RUSSIAN


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r"])
def test_where_nothing_is_said_the_letters_tell(encoding: str):
    assert decode_page((RUSSIAN * 5).encode(encoding)) == RUSSIAN * 5


def test_what_is_no_encoding_is_not_believed():
    for said in ("zip", "no-such", "utf-7", "x" * 39, "undefined"):
        assert decode_page(f"<meta charset={said}>{TEXT}".encode(), said).endswith(TEXT)
        assert decode_page(b"<p>caf\xe9</p>", said) == "<p>café</p>"


def test_sixteen_bits_without_a_mark_are_seen():
    assert decode_page(TEXT.encode("utf-16-le")) == decode_page(TEXT.encode("utf-16-be")) == TEXT


def test_a_few_broken_bytes_do_not_make_utf_8_something_else():
    assert decode_page((RUSSIAN * 3).encode() + b"\xff\xfe") == RUSSIAN * 3 + "\ufffd\ufffd"


def test_controls_are_dropped():
    assert decode_page(b"a\0b\x07c\td\r\ne\x1b") == "abc\td\r\ne"
    assert storable("a\0b\ud800c\x85d\x9fe") == "ab\ufffdc\x85de"


def test_noise_is_binary_and_a_page_with_a_few_nuls_is_not():
    assert is_binary(bytes(range(256)))
    assert not is_binary(TEXT.encode() * 10 + b"\0")
    assert not is_binary(TEXT.encode("utf-16"))
    assert not is_binary(TEXT.encode("utf-16-le"))
