"""A corpus that SQLite cannot read whole any more is made anew of what can be read of it.

The new one is written beside the old and moved into its place when it is complete; the old one stays beside it.
Every article is proved on the way: what goes over is what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from rag.catalog import Catalog
from rag.config import PASSAGE_SIZE
from rag.doctor import Finding
from rag.errors import CannotWrite, CorpusBusy, CorpusDamaged, NotFound
from rag.locks import held
from rag.split import passages


def salvage(path: Path) -> list[Finding]:
    """Make the corpus at `path` anew; what was lost and what was kept, a line each.

    Raises CorpusDamaged where no article can be read: then nothing is changed; CorpusBusy, CannotWrite.
    """
    path = path.resolve()
    beside, aside = path.with_name(f"{path.name}.mending"), _free(path)
    with held(path.with_name(f"{path.name}.lock"), wait=0.3) as mine:
        if not mine:
            raise CorpusBusy(f"{path}: another process is writing to it; try again when it has finished")
        _clear(beside)
        with closing(Catalog.unproved(path)) as old, closing(Catalog.open(beside, create=True)) as new:
            kept, lost = 0, list[str]()
            for number in old.numbers_that_can_be_read():
                try:
                    _carry(old, new, number)
                    kept += 1
                except (CorpusDamaged, NotFound):
                    lost.append(_name(old, number))
            if not kept:
                _clear(beside)
                raise CorpusDamaged(f"{path} is damaged, and no article in it can be read; put a backup back")
            new.adopt(old)
        try:
            path.rename(aside)
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            beside.rename(path)
        except OSError as error:
            raise CannotWrite(f"{path}: {error.strerror}; the mended corpus is {beside}") from error
    return [Finding(line, mended=True) for line in _lines(kept, lost, aside)]


def _carry(old: Catalog, new: Catalog, number: int) -> None:
    article = old.article(number)
    source = old.source(number, article.version)
    if source is None:
        raise CorpusDamaged("its source is damaged")
    try:
        stored, vectors = old.passages_of(number), dict(old.vectors_of(number))
        made = [one.passage for one in stored]
        whole = len(vectors) == len(stored)
        new.put(article, source, made, [vectors[one.number] for one in stored] if whole else None)
    except CorpusDamaged:
        new.put(article, source, passages(article.text, article.skipped, PASSAGE_SIZE), None)
    # Every version that can be read, with the day it came in: citations point at them.
    for kept in old.dated_versions(number):
        with suppress(CorpusDamaged, NotFound):
            text, bytes_read = old.present_text(number, kept.version), old.source(number, kept.version)
            if bytes_read is not None:
                skipped, pages = old.skipped(number, kept.version), old.pages(number, kept.version)
                version = replace(article, text=text, skipped=skipped, pages=pages)
                new.keep_text(version, bytes_read, kept.added)


def _name(old: Catalog, number: int) -> str:
    with suppress(CorpusDamaged):
        remains = old.remains(number)
        return f"{number} ({remains.key})" if remains else str(number)
    return str(number)


def _lines(kept: int, lost: list[str], aside: Path) -> Iterator[str]:
    for name in lost:
        yield f"article {name}: could not be read; add it anew"
    yield f"the corpus was made anew of {kept:,} articles that could be read; the damaged one is {aside}"


def _free(path: Path) -> Path:
    """A name for the damaged file."""
    taken = 0
    while (aside := path.with_name(f"{path.name}.damaged{taken or ''}")).exists():
        taken += 1
    return aside


def _clear(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
