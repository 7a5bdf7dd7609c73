"""The 990 pages of ../shared/data/html-extraction, and the half that each belongs to."""

from __future__ import annotations

import json
import sys
import tarfile
from argparse import ArgumentParser
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FILE = Path("html-extraction") / "trafilatura-pages.tar.xz"


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and segments that must and must not be in its text."""

    name: str
    content: bytes
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]

    @property
    def half(self) -> str:
        return half(self.name)


def half(name: str) -> str:
    """Rules were made while looking at "dev" alone; the hash of a page's name chooses."""
    return "test" if sha256(name.encode()).digest()[-1] & 1 else "dev"


def parser(doc: str | None) -> ArgumentParser:
    made = ArgumentParser(description=doc)
    made.add_argument("--bench", type=Path, default=Path("../shared/data"), help="the folder of the benchmark data")
    return made


def read_pages(bench: Path) -> list[Page]:
    """All pages. Ends the program where they are not there."""
    file = bench / FILE
    if not file.is_file():
        sys.exit(f"{file} is not there; --bench DIR names the folder of the benchmark data")
    held: dict[str, bytes] = {}
    with tarfile.open(file) as packed:
        for member in packed:
            if member.isfile() and (stream := packed.extractfile(member)) is not None:
                held[member.name.rpartition("/")[2]] = stream.read()
    wanted = json.loads(held["evaldata.json"])
    return [Page(one["file"], held[one["file"]], tuple(one["with"]), tuple(one["without"])) for one in wanted.values()]
