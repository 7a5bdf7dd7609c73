"""How far each index has come, and where it lies: a stamp beside each index folder, written last.

An index that followed another history, has another format, whose files are not as they were left, or that was not
closed cleanly has no usable stamp, and is built anew in a fresh folder.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rag.catalog import Catalog, Mark
from rag.seals import Seal


class Outrun(Exception):
    """Another process has brought an index further than what this snapshot shows: take a new one."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """How far an index has come, and where it lies."""

    format: str
    folder: str
    generation: int
    token: str
    clean: bool
    """False while a store is open for writing that does not survive a kill."""
    files: Mapping[str, Seal] = field(default_factory=dict, hash=False)
    """As they were left; see rag/seals.py."""

    @property
    def mark(self) -> Mark:
        """The stand of the catalog that the index has."""
        return Mark(self.generation, bytes.fromhex(self.token))


class Stamps:
    """The stamps and index folders of one corpus."""

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        self.folder = folder
        self._catalog = catalog

    def usable(self, name: str, form: str) -> Stamp | None:
        """The index's stamp, if the index has this format and followed this catalog's history.

        Raises Outrun inside a snapshot that is older than the index.
        """
        stamp = self.found(name)
        if stamp is None or stamp.format != form or not (self.folder / stamp.folder).is_dir():
            return None
        if self._catalog.holds(stamp.mark):
            return stamp
        newer = stamp.generation > self._catalog.mark().generation
        if newer and self._catalog.is_inside() and self._catalog.holds_now(stamp.mark):
            raise Outrun
        return None

    def found(self, name: str) -> Stamp | None:
        """The stamp that lies there, if it is one; its index need not be usable."""
        try:
            stamp = Stamp(**json.loads((self.folder / f"{name}.json").read_bytes()))
            proper = Path(stamp.folder).name == stamp.folder and stamp.folder.startswith(f"{name}-")
            return stamp if proper and stamp.mark.generation >= 0 and dict(stamp.files) is not None else None
        except (OSError, ValueError, TypeError, AttributeError):
            return None

    def write(self, name: str, stamp: Stamp) -> None:
        """Beside and into place, and on the disk before anything builds on it. Raises OSError."""
        file = self.folder / f"{name}.json"
        beside = file.with_suffix(f".{secrets.token_hex(4)}")
        try:
            with beside.open("xb") as handle:
                handle.write(json.dumps(asdict(stamp)).encode())
                handle.flush()
                os.fsync(handle.fileno())
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Let go of a stamp: its index will be built anew."""
        (self.folder / f"{name}.json").unlink(missing_ok=True)

    def fresh_folder(self, name: str) -> str:
        """A folder for a new index; what earlier attempts left behind is cleared away."""
        stamp = self.found(name)
        self.drop_other_folders(name, stamp.folder if stamp else "")
        return f"{name}-{secrets.token_hex(4)}"

    def drop_other_folders(self, name: str, kept: str) -> None:
        """Clear away every folder of this index but one, and what writing a stamp may have left."""
        for folder in self.folder.glob(f"{name}-*"):
            if folder.name != kept:
                shutil.rmtree(folder, ignore_errors=True)
        for beside in self.folder.glob(f"{name}.????????"):
            beside.unlink(missing_ok=True)
