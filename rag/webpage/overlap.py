"""How much of a block stands in another text: by runs of words, so that white space, marks and line ends do not count.

Pure; must not know pages. An extractor's result is such a text: what it holds of a block is its vote for the block.
"""

from __future__ import annotations

import re

# Thai, Japanese, Chinese and Korean do not part their words by spaces: there, each character is one.
_UNPARTED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W{_UNPARTED}]+|[{_UNPARTED}]")
# Long enough that a run is hardly met by chance, short enough for a paragraph in which a link was dropped.
_RUN = 4
# Fewer words than this are met by chance: they count only as a line of their own.
_FEW = 8


class Overlap:
    """A text that blocks are looked up in."""

    def __init__(self, text: str) -> None:
        words = _words(text)
        self._lines = {" ".join(_words(line)) for line in text.splitlines()}
        self._runs = _runs(words)
        self._whole = f" {' '.join(words)} "

    def share(self, block: str) -> float:
        """What share of the block stands in the text, 0 to 1."""
        words = _words(block)
        if len(words) >= _FEW:
            runs = _runs(words)
            return len(runs & self._runs) / len(runs)
        folded = " ".join(words)
        if not words:
            return 0.0
        return float(folded in self._lines or (len(words) >= _RUN and f" {folded} " in self._whole))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)}
