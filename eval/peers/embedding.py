"""The embedding model that stores are built with: it says what vectors took, so that embedding is told apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import PrivateAttr

from eval.peers.systems import Spent
from eval.remembered import Remembered
from rag.minilm import MiniLM, Vectors


class Timed(Remembered):
    """Vectors that are remembered, and the time that they took."""

    _spent: Spent = PrivateAttr(default=Spent(0.0, 0.0))

    def __init__(self, model: MiniLM, file: Path) -> None:
        super().__init__(model, file)

    @property
    def spent(self) -> Spent:
        """What vectors took so far, looking up and working out."""
        return self._spent

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `Remembered.encode`."""
        began = Spent.now()
        made = super().encode(texts)
        self._spent += Spent.now() - began
        return made
