"""Where the tests find what lies in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
