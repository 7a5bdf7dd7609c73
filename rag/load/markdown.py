"""Markdown: read as plain text, with its mark-up marked as not body; inline mark-up stays in the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from rag.load.source import Found, Loaded, read_whole
from rag.load.text import load_page


def load(found: Found, stream: BinaryIO) -> Iterator[Loaded]:
    """The one article of a Markdown file. Raises Unreadable, and whatever reading the stream raises."""
    yield load_page(found, read_whole(stream), markdown=True)
