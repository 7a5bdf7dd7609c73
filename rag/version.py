"""The version, in a module of its own so that nothing heavy is needed to tell it."""

from __future__ import annotations

VERSION = "0.1.0"
