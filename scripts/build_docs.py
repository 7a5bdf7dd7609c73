"""Make what the documentation shows from the program itself, so that neither can drift.

docs/commands.md holds the help of every command. In README.md and docs/*.md, a code block after a line
``<!-- shown: groundwire … -->`` is what that command prints on the seeds, on a terminal of 100 columns.

    python scripts/build_docs.py            # writes
    python scripts/build_docs.py --check    # says what is out of date; exit code 1
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from rag import weights
from rag.commands import app
from rag.config import load

ROOT = Path(__file__).parent.parent
SHOWN = re.compile(r"(<!-- shown: groundwire (?P<command>[^\n]*?) -->\n```text\n)(?P<body>.*?)(?=```)", re.DOTALL)
WIDTH = "100"


def main() -> int:
    """Write what is out of date, or only name it."""
    check = "--check" in sys.argv[1:]
    if not weights.present(load().cache):
        sys.exit("the docs show answers as they are with the model; get its weights with: groundwire model fetch")
    stale: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch) / "seeds.db"
        _groundwire(["add", "seeds"], corpus)
        made = {ROOT / "docs" / "commands.md": _commands_page()}
        for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
            if page not in made:
                made[page] = SHOWN.sub(lambda match: _block(match, corpus), page.read_text("utf-8"))
    for page, text in made.items():
        if not page.exists() or page.read_text("utf-8") != text:
            stale.append(str(page.relative_to(ROOT)))
            if not check:
                page.write_text(text, "utf-8")
    for name in stale:
        print(f"{name} {'is out of date; run python scripts/build_docs.py' if check else 'was written'}")
    return int(check and bool(stale))


def _block(match: re.Match[str], corpus: Path) -> str:
    command = match["command"]
    return f"{match[1]}$ groundwire {command}\n{_groundwire(shlex.split(command), corpus)}"


def _groundwire(arguments: list[str], corpus: Path | None) -> str:
    """What a command prints on a plain terminal."""
    environment = {**os.environ, "COLUMNS": WIDTH, "TTY_COMPATIBLE": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}
    environment.pop("NO_COLOR", None)
    if corpus is not None:
        environment["GROUNDWIRE_CORPUS"] = str(corpus)
    done = subprocess.run(
        [sys.executable, "cli.py", *arguments], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    if done.returncode not in {0, 3, 5}:
        sys.exit(f"groundwire {shlex.join(arguments)}: {done.stderr.decode()}")
    lines = done.stdout.decode().splitlines()
    return "".join(line.rstrip() + "\n" for line in lines)


def _commands_page() -> str:
    pages = [
        "# The commands\n",
        "Made from `--help` by `scripts/build_docs.py`; do not edit. `python cli.py …` in a clone is `groundwire …`.\n",
    ]
    for words, _command in _commands(get_command(app), ()):
        pages.append(f"## groundwire {' '.join(words)}".rstrip() + "\n")
        pages.append(f"```text\n{_groundwire([*words, '--help'], None)}```\n")
    return "\n".join(pages)


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*words, name))


if __name__ == "__main__":
    sys.exit(main())
