from __future__ import annotations

import pytest

from rag.load import canonical_url


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://example.com/a", "https://example.com/a"),
        ("HTTPS://Example.COM/A?b=C", "https://example.com/A?b=C"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("http://example.com:443/a", "http://example.com:443/a"),
        ("https://example.com/a#part", "https://example.com/a"),
        ("https://example.com/a?utm_source=x&id=7&fbclid=y&UTM_medium=z", "https://example.com/a?id=7"),
        ("https://example.com/a?gclid=1", "https://example.com/a"),
        ("https://example.com/a/?q=%C3%A9+b", "https://example.com/a/?q=%C3%A9+b"),
        ("https://Name:Pass@Example.com/", "https://Name:Pass@example.com/"),
        ("  https://example.com/a ", "https://example.com/a"),
        ("ftp://example.com/a", "ftp://example.com/a"),
        ("seeds/000.txt", "seeds/000.txt"),
        ("http://[::1", "http://[::1"),
        ("https://", "https://"),
        ("", ""),
    ],
)
def test_one_page_has_one_address(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical
