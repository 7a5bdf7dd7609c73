"""What lies in no folder: web pages and standard input, put into temporary files and then read like any file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from rag.load.formats import by_suffix
from rag.load.source import MAX_FILE_BYTES, MEGABYTE, Found, LoadOptions, Unreadable, shown
from rag.load.url import canonical_url
from rag.types import Rejected

if TYPE_CHECKING:
    from rag.load.fetch import Fetcher, Page

_CHUNK = MEGABYTE

# What a server calls a page, where its address does not say.
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/rtf": ".rtf",
    "message/rfc822": ".eml",
    "multipart/related": ".mhtml",
    "application/epub+zip": ".epub",
}


class Brought:
    """The temporary files, gone when this is closed."""

    def __init__(self, options: LoadOptions, format: str | None, fetcher: Fetcher | None = None) -> None:
        """`fetcher`: what fetches; one of its own where none is given."""
        self._options, self._format, self._fetcher = options, format, fetcher
        self._open = ExitStack()
        self._folder: Path | None = None
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def all(self, inputs: Iterable[str | BinaryIO]) -> Iterator[Found | Rejected]:
        """Addresses and streams, each fetched or read when its turn comes."""
        for one in inputs:
            try:
                yield self._page(one) if isinstance(one, str) else self._stream(one)
            except Unreadable as error:
                yield Rejected(shown(one) if isinstance(one, str) else "standard input", str(error))
            except OSError as error:
                where = shown(one) if isinstance(one, str) else "standard input"
                yield Rejected(where, f"cannot be read: {error.strerror or error}")

    def _page(self, url: str) -> Found:
        from rag.load.fetch import Fetcher

        if self._fetcher is None:
            self._fetcher = self._open.enter_context(Fetcher())
        page = self._fetcher.fetch(url)
        file = self._file()
        file.write_bytes(page.content)
        address = canonical_url(page.url)
        options = LoadOptions(self._options.columns, address, page.charset)
        return Found(Path(_name(page)), address, options, self._format, file)

    def _stream(self, stream: BinaryIO) -> Found:
        digest, size, file = sha256(), 0, self._file()
        with file.open("wb") as kept:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                if size > MAX_FILE_BYTES:
                    raise Unreadable(f"holds more than {MAX_FILE_BYTES // MEGABYTE} MB; split it")
                kept.write(chunk)
        # Known by its content: two articles that are piped in one after the other are two.
        key_path = f"standard-input-{digest.hexdigest()[:12]}"
        return Found(Path("standard input"), key_path, self._options, self._format, file)

    def _file(self) -> Path:
        if self._folder is None:
            self._folder = Path(self._open.enter_context(TemporaryDirectory(prefix="groundwire-")))
        self._count += 1
        return self._folder / str(self._count)


def _name(page: Page) -> str:
    """A name that tells the format as well as the address and the server do; the content is asked as well."""
    last = canonical_url(page.url).partition("?")[0].rpartition("/")[2][-100:]
    if page.type in _SUFFIXES:
        return f"page{_SUFFIXES[page.type]}"
    return last if last and by_suffix(last) is not None else "page"
