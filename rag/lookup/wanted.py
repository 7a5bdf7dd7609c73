"""The text that is looked up, in the forms that it is looked for in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.errors import UsageError
from rag.lexical import terms

LONGEST = 20_000
"""Code points of a text that is looked up."""

FEW = 4
"""Words. So few may be cut in mid-word or stand anywhere: not finding them in the index proves nothing."""

BEGINNING = 250
"""Words of a long text by which articles are chosen that may hold it."""

_ELLIPSIS = re.compile(r"\s*[\[(]?(?:…|\.[ \xa0]?\.[ \xa0]?\.(?:[ \xa0]?\.)?)[\])]?\s*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The text that is looked up, in the forms that it is looked for in."""

    text: str
    parts: tuple[str, ...]
    """What stands between or beside ellipses; empty where there is none."""

    @classmethod
    def read(cls, text: str) -> Wanted:
        """Raises UsageError for a text that is empty or too long."""
        text = text.strip()
        if not any(char.isalnum() for char in text):
            raise UsageError("there are no words to look up; put the quote in quotation marks after the command")
        if len(text) > LONGEST:
            raise UsageError(
                f"the text has {len(text):,} characters; at most {LONGEST:,} are looked up: give a part of it"
            )
        parts = tuple(part for part in _ELLIPSIS.split(text) if any(char.isalnum() for char in part))
        return cls(text, parts if text not in parts and all(len(part.split()) > 1 for part in parts) else ())

    @property
    def chunks(self) -> list[str]:
        """What white space parts, of the longest part: the beginning of it."""
        return max(self.parts, key=len, default=self.text).split()[:BEGINNING]

    @property
    def is_short(self) -> bool:
        """Whether it may stand where no index looks: inside a word."""
        return min(len(self.text.split()), len(terms(self.text))) <= FEW

    @property
    def whole_and_parts(self) -> Iterator[tuple[str, ...]]:
        """The text as it is; then what stands between its ellipses, or beside one at its end."""
        yield (self.text,)
        if self.parts:
            yield self.parts
