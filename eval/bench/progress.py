"""How far a long run is, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

EVERY = 5.0
"""Seconds between two lines; on a terminal the line is written over, four times a second."""


def tracked(items: Sequence[Item], what: str) -> Iterator[Item]:
    """The items, saying now and then how many are done and how long the rest will take."""
    began = told = time.monotonic()
    live = sys.stderr.isatty()
    for done, item in enumerate(items):
        now = time.monotonic()
        if now - told >= (0.25 if live else EVERY) and done:
            left = (now - began) / done * (len(items) - done)
            say(f"{what}: {done:,} of {len(items):,}, about {left:.0f} s left", over=live)
            told = now
        yield item
    if told > began:
        say(f"{what}: {len(items):,} in {time.monotonic() - began:.0f} s", over=live)
        if live:
            print(file=sys.stderr)


def say(line: str, over: bool = False) -> None:
    """One line; `over`: in place of the one before."""
    print(f"\r\x1b[K{line}" if over else line, end="" if over else "\n", file=sys.stderr, flush=True)
