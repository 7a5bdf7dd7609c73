"""The head of a page that loads nothing: no script, and one style sheet, allowed by its hash."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256


def head(title: str, style: str) -> str:
    """The element; `title` is HTML already, `style` our own."""
    digest = b64encode(sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        f'<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>"
    )
