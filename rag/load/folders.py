"""Which files lie under a path. Names and kinds are looked at; only a file whose name does not tell is opened."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from rag.load.formats import by_content, by_suffix, suffix, unknown, what_is_read
from rag.load.sniff import SNIFFED
from rag.load.source import Found, Unreadable, open_regular, reason, shown, status
from rag.types import Rejected

# A corpus and what SQLite and the writer lock put beside it.
_CORPUS = frozenset(f"groundwire.db{end}" for end in ("", "-wal", "-shm", "-journal", ".lock"))

# Where a browser keeps the pictures and frames of a page that it saved beside it, in its user's language.
_PARTS = re.compile(
    r"(.+)[ ._-](?:files|dateien|fichiers|archivos|ficheiros|arquivos|file|bestanden|filer|pliki|soubory|tiedostot)",
    re.I,
)
# What it puts there: what a page is made of, and the pages in its frames. What has no suffix had none in its address.
_SAVED_WITH_A_PAGE = frozenset(
    {
        *("", ".html", ".htm", ".xhtml", ".shtml", ".php", ".asp", ".aspx", ".jsp", ".cgi", ".do"),
        *(".js", ".mjs", ".css", ".map", ".wasm", ".download", ".swf", ".woff", ".woff2", ".ttf", ".otf", ".eot"),
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".avif", ".svg", ".ico", ".bmp", ".tif", ".tiff"),
        *(".mp4", ".m4v", ".webm", ".mov", ".ogv", ".mp3", ".m4a", ".aac", ".ogg", ".oga", ".wav", ".vtt"),
    }
)
# Google's scripts for advertisements arrive under this name, and Chrome keeps them so.
_ADVERTISING = re.compile(r"f(?:\(\d+\))?\.txt")


def discover(path: Path) -> Iterator[Found | Rejected]:
    """The files to read under ``path``, and what lies there and is not read, each with its reason. Never raises.

    A file given by name goes by its name. A folder is walked in sorted order, and its files go by their POSIX path
    relative to it; hidden files and folders, Groundwire's own files and the parts of saved web pages are left out
    without a word. What else lies among those parts is read as anywhere.
    """
    try:
        mode = status(path).st_mode
        if stat.S_ISDIR(mode):
            yield from _under(path)
        else:
            yield _file(path, path.name, mode, named=True)
    except (OSError, Unreadable) as error:
        yield Rejected(shown(path), _reason(path, error))


def _under(folder: Path) -> Iterator[Found | Rejected]:
    seen: set[tuple[int, int]] = set()  # (device, inode): a link may lead back to a folder above it
    pending = [(folder, False)]  # with whether it lies among the parts of a saved page
    empty = True
    while pending:
        path, among_parts = pending.pop()
        try:
            found = status(path)
            if stat.S_ISDIR(found.st_mode):
                for entry, is_part in _entries(path, (found.st_dev, found.st_ino), seen):
                    pending.append((entry, among_parts or is_part))
                continue
            if among_parts and _is_part(path.name):
                continue
            one: Found | Rejected = _file(path, path.relative_to(folder).as_posix(), found.st_mode, named=False)
        except (OSError, Unreadable) as error:
            one = Rejected(shown(path), _reason(path, error))
        empty = False
        yield one
    if empty:
        yield Rejected(shown(folder), f"holds no articles; Groundwire reads {what_is_read()}")


def _entries(folder: Path, identity: tuple[int, int], seen: set[tuple[int, int]]) -> list[tuple[Path, bool]]:
    """What a folder holds, in the order in which a stack gives it back sorted; and whether it is of a saved page."""
    if identity in seen:
        raise Unreadable("is a link to a folder that is read already; left out")
    seen.add(identity)
    with os.scandir(folder) as entries:
        names = {entry.name for entry in entries if not entry.name.startswith(".") and entry.name not in _CORPUS}
    return [(folder / name, _holds_parts(name, names)) for name in sorted(names, reverse=True)]


def _holds_parts(name: str, beside: set[str]) -> bool:
    """Whether a folder of this name is that of a page which lies beside it."""
    stem = _PARTS.fullmatch(name)
    return stem is not None and any(f"{stem[1]}{end}" in beside for end in (".html", ".htm", ".xhtml"))


def _is_part(name: str) -> bool:
    """Whether a file of this name, among the parts of a saved page, is one of them."""
    return suffix(name) in _SAVED_WITH_A_PAGE or _ADVERTISING.fullmatch(name) is not None


def _file(path: Path, key_path: str, mode: int, *, named: bool) -> Found:
    """The file to read; raises Unreadable where it cannot be an article. Given by name, it may lack a suffix."""
    if not stat.S_ISREG(mode):
        raise Unreadable("is not a regular file but a pipe, socket or device; it was not opened")
    if by_suffix(path.name) is None and not (named and not suffix(path.name)) and not _is_known_inside(path):
        raise Unreadable(unknown(path.name))
    if shown(path) != str(path):
        raise Unreadable("has a name that is not UTF-8; rename it")
    return Found(path, key_path)


def _is_known_inside(path: Path) -> bool:
    with open_regular(path) as raw:
        return by_content(raw.read(SNIFFED)) is not None


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "is a link that leads back to itself; remove it"
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return "is a link to something that does not exist; remove it or restore what it points to"
    return reason(error)
