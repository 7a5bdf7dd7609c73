"""The registry: which loader reads which file, by the end of its name and by how its content begins.

A loader is named here by its import path and imported when a file first needs it, so that nobody waits for the
libraries of formats that he does not use. Another distribution adds a format through an entry point of the group
``groundwire.formats`` that gives a `Format`::

    [project.entry-points."groundwire.formats"]
    wordperfect = "my_package:WORDPERFECT"
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import BinaryIO

from rag.load import sniff
from rag.load.source import Found, Loaded, Unreadable
from rag.types import Rejected

GROUP = "groundwire.formats"

Loader = Callable[[Found, BinaryIO], Iterator[Loaded | Rejected]]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that holds articles."""

    name: str
    """For messages and for ``--format``: "web page"."""
    suffixes: tuple[str, ...]
    """Ends of file names, in lower case, with their dots; the first one stands for the format in messages."""
    load: str
    """Where its loader is: "package.module:function"."""
    isolated: bool = True
    """Whether it is read in a process of its own that can be killed; False where nothing in it can hang or crash."""
    sniff: Callable[[bytes], bool] | None = None
    """Whether content that begins so (`sniff.SNIFFED` bytes) is certainly of this format; None where none is."""
    extra: str | None = None
    """The pip extra of Groundwire that brings the libraries that its loader needs."""
    install: str | None = None
    """What to install where that is no extra of Groundwire's: what comes after ``pip install``."""


ARCHIVES = "rag.load.archives:load"

TEXT = Format("plain text", (".txt", ".text"), "rag.load.text:load", isolated=False)

# In the order in which content is asked: what is narrower stands before what holds it.
BUILT_IN: tuple[Format, ...] = (
    TEXT,
    Format("Markdown", (".md", ".markdown"), "rag.load.markdown:load", isolated=False),
    Format("JSON", (".json",), "rag.load.json_file:load", True, sniff.is_json),
    Format("JSON Lines", (".jsonl", ".ndjson"), "rag.load.jsonl:load", False, sniff.is_json_like),
    Format("web page", (".html", ".htm", ".xhtml", ".shtml"), "rag.load.html:load", True, sniff.is_html),
    Format("MHTML page", (".mhtml", ".mht"), "rag.load.mhtml:load", True, sniff.is_mhtml),
    Format("PDF", (".pdf",), "rag.load.pdf:load", True, sniff.is_pdf),
    Format("Word document", (".docx",), "rag.load.docx:load", True, sniff.is_docx),
    Format("OpenDocument text", (".odt",), "rag.load.odt:load", True, sniff.is_odt),
    Format("RTF", (".rtf",), "rag.load.rtf:load", True, sniff.is_rtf),
    Format("EPUB", (".epub",), "rag.load.epub:load", True, sniff.is_epub),
    Format("e-mail", (".eml",), "rag.load.email:load", True, sniff.is_mail),
    Format("mailbox", (".mbox",), "rag.load.mbox:load", True, sniff.is_mbox),
    Format("CSV", (".csv",), "rag.load.delimited:load"),
    Format("TSV", (".tsv", ".tab"), "rag.load.delimited:load"),
    Format("Parquet", (".parquet",), "rag.load.parquet:load", True, sniff.is_parquet, "parquet"),
    Format("ZIP archive", (".zip",), ARCHIVES, True, sniff.is_zip),
    Format("tar archive", (".tar", ".tgz"), ARCHIVES, True, sniff.is_tar),
)


@dataclass(frozen=True, slots=True)
class Registry:
    """The formats that are here."""

    formats: tuple[Format, ...]
    broken: tuple[str, ...]
    """One line for each format of another distribution that cannot be used, with the reason."""

    def by_name(self, name: str) -> Format | None:
        """The format that goes by this name, or has this suffix, with or without its dot."""
        wanted = name.strip().lower()
        for one in self.formats:
            if wanted == one.name.lower() or f".{wanted.removeprefix('.')}" in one.suffixes:
                return one
        return None


@cache
def registry() -> Registry:
    """Our own formats, and those of other distributions after them."""
    formats, broken = list(BUILT_IN), list[str]()
    for point in metadata.entry_points(group=GROUP):
        owner = f"{point.dist.name} {point.dist.version}" if point.dist is not None else "an unknown distribution"
        try:
            formats.append(_checked(point.load(), formats))
        except Exception as error:  # other people's code: whatever it raises, it is named and the rest goes on
            broken.append(f'the format "{point.name}" of {owner} cannot be used: {_one_line(error)}')
    return Registry(tuple(formats), tuple(broken))


def by_suffix(name: str) -> Format | None:
    """The format of a file with this name; None where the name does not tell."""
    end = suffix(name)
    return next((one for one in registry().formats if end in one.suffixes), None)


def by_content(head: bytes) -> Format | None:
    """The format that content which begins so certainly is of; None where it does not tell."""
    return next((one for one in registry().formats if one.sniff is not None and one.sniff(head)), None)


def choose(name: str, head: bytes, told: str | None = None) -> Format:
    """The format of a file by its name and by how its content begins, unpacked.

    What lies under the wrong name is taken for what it is. A name without a suffix that tells, and content that does
    not either, is plain text if its name has no suffix at all. Raises Unreadable where there is no format for it.
    """
    if told is not None:
        return named(told)
    declared = by_suffix(name)
    if (other := sniff.foreign(head)) is not None:
        under = f" under the name of another format ({suffix(name)})" if declared is not None else ""
        raise Unreadable(f"is {other}{under}" if ";" in other else f"is {other}{under}; it holds no article")
    if declared is not None and declared.sniff is not None and declared.sniff(head):
        return declared
    found = by_content(head)
    if found is not None:
        return found
    if declared is not None:
        return declared
    if not suffix(name):
        return TEXT
    raise Unreadable(unknown(name))


def named(told: str) -> Format:
    """The format of this name or suffix. Raises Unreadable where there is none."""
    found = registry().by_name(told)
    if found is None:
        names = ", ".join(one.suffixes[0].removeprefix(".") for one in registry().formats)
        raise Unreadable(f'"{told[:40]}" is no format that Groundwire reads; there are {names}')
    return found


def loader(format: Format) -> Loader:
    """What reads the format. Raises Unreadable where the libraries for it are not here."""
    module, _, function = format.load.partition(":")
    try:
        found: Loader = getattr(importlib.import_module(module), function)
    except ImportError as error:
        what = format.install or (f"'groundwire[{format.extra}]'" if format.extra else error.name or "groundwire")
        raise Unreadable(f"is {article_of(format.name)}; to read it: pip install {what}") from error
    return found


def is_packed(name: str) -> bool:
    """Is the file compressed with gzip, by its name?"""
    return name.lower().endswith((".gz", ".tgz"))


def suffix(name: str) -> str:
    """The end of a file's name that tells its format, in lower case, below any ".gz"; empty where it has none."""
    lower = name.lower()
    lower = lower[:-3] if lower.endswith(".gz") else lower
    # As pathlib has it: a name that begins with its only dot has no suffix.
    stem, dot, end = lower.rstrip(".").lstrip(".").rpartition(".")
    return f".{end}" if dot and stem and "/" not in end else ""


def unknown(name: str) -> str:
    """Why a file with this name is not read."""
    has = suffix(name) or "a name without a suffix"
    return f"is not a format that Groundwire reads: {has} (it reads {what_is_read()})"


def what_is_read() -> str:
    """For messages."""
    return f"{', '.join(one.suffixes[0] for one in registry().formats)}, each also with .gz"


def article_of(name: str) -> str:
    """The name with its article; capitals are spelt when spoken."""
    spelt = name.split(maxsplit=1)[0].isupper()
    return f"{'an' if name[0] in ('AEFHILMNORSX' if spelt else 'AEIOUaeiou') else 'a'} {name}"


def _checked(found: object, others: list[Format]) -> Format:
    """The format that an entry point gives, where it can stand beside the others. Raises ValueError."""
    if not isinstance(found, Format):
        raise ValueError("it is no rag.load.formats.Format")
    if not found.suffixes or any(not one.startswith(".") or one != one.lower() for one in found.suffixes):
        raise ValueError("its suffixes are not like .abc, in lower case")
    for other in others:
        if found.name == other.name or set(found.suffixes) & set(other.suffixes):
            raise ValueError(f"{other.name} ({other.suffixes[0]}) is there already")
    return found


def _one_line(error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
