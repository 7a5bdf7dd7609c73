"""What has become of the inputs of an `add`, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rag.types import Rejected


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an `add` is. Bytes are of the source files as they lie on the disk; a compressed one moves in steps."""

    done_bytes: int
    total_bytes: int
    articles: int
    passages: int
    file: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every input."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    embedded: int = 0
    """Articles that were in already and got the vectors that they lacked."""
    passages: int = 0
    skipped: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    embedding_seconds: float = 0.0


@dataclass(slots=True)
class Tally:
    """The report while it grows."""

    so_far: IngestReport = field(default_factory=IngestReport)
    skipped: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, **more: float) -> None:
        """Add to the report's numbers, by name."""
        now = {name: getattr(self.so_far, name) + value for name, value in more.items()}
        self.so_far = replace(self.so_far, **now)

    def report(self, seconds: float) -> IngestReport:
        """All of it."""
        return replace(self.so_far, skipped=tuple(self.skipped), notes=tuple(self.notes), seconds=seconds)
