"""Hostile texts through every output: terminal escapes, bidi, HTML, Rich markup, BibTeX and CSV tricks, file names."""

from __future__ import annotations

import io
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from rag import commands

SEEDS: tuple[str, ...] = (
    # What a terminal would carry out.
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1bP$q\x1b\\",
    "\x9b31m",
    "\x9d0;x\x9c",
    "deny\b\b\b\bconfirm",
    "seen\rnever seen",
    "\x7f\x00"[:1],
    "bell \x07 bell",
    "up\x1b[1A\x1b[2Kgone",
    # What changes the order or hides.
    "\u202eseen reven\u202c",
    "\u2066a\u2069 \u2067b",
    "ow\u200bl\u200d\ufeff\u00ad",
    "\u2028\u2029\x85",
    "\U000e0041\U000e0042 tags",
    "\u061c mark",
    # HTML and script.
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea></style></script><svg/onload=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "&lt;script&gt;&#x3c;b&#x3e;",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "]]><script>alert(1)</script>",
    "<style>*{background:url(http://evil.example)}</style>",
    "<base href=http://evil.example>",
    "<meta http-equiv=refresh content=0;url=http://evil.example>",
    "<mark>\x3c/mark\x3e</mark>",
    # Rich markup.
    "[bold red]owl[/bold red]",
    "[/nonsense]",
    "[link=http://evil.example]here[/link]",
    ":skull: :owl:",
    "[[1]] [1]: http://evil.example",
    # Markdown.
    "[click](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "`rm -rf` ```",
    "[^1]: forged footnote",
    "| a | b |\n|---|---|",
    "# Heading > quote",
    "$\\input{/etc/passwd}$",
    # BibTeX, RIS, CSV.
    "}, url = {http://evil.example}, x = {",
    "@article{evil, title={x}}",
    "\\input{/etc/passwd} \\write18{rm}",
    '"} # {%} & $ _ ~ ^ \\',
    "ER  - \nTY  - JOUR\nUR  - http://evil.example",
    "=cmd|' /C calc'!A0",
    '+1;-1;@SUM(1)\t"',
    "{{braces}} \\{ \\}",
    # JSON and others.
    '\\u0022, "answered": false, "x": "',
    "%s %d {0} {question} ${HOME} $(rm) `id`",
    "' OR 1=1; --",
    "../../etc/passwd",
    "--corpus=/etc/passwd",
    "a" * 3000,
    "\u0301" * 200,
)

CONTROLS = {chr(point) for point in (*range(32), *range(127, 160))} - {"\n", "\t"}
HIDDEN = set("\u202e\u202d\u2066\u2067\u2069\u200b\ufeff\u061c\U000e0041\u2028\u2029")


@dataclass(slots=True)
class Figures:
    """What came of it."""

    texts: int = 0
    outputs: Counter[str] = field(default_factory=Counter)
    live: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """What is to be 0."""
        return len(self.live)

    def lines(self) -> list[str]:
        """For people."""
        told = ", ".join(f"{count} {name}" for name, count in sorted(self.outputs.items()))
        return [f"{self.texts} texts; outputs: {told}", f"live: {len(self.live)}", *self.live[:8]]


def run(count: int, seed: int = 0) -> Figures:
    """So many texts: those above, and mixtures of them, as title, publisher, author, key, body, URL and file name."""
    figures, chance = Figures(), random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        os.environ["GROUNDWIRE_CACHE"] = str(place / "cache")
        for number in range(count):
            text = SEEDS[number] if number < len(SEEDS) else " ".join(chance.sample(SEEDS[:-2], 3))
            figures.texts += 1
            _try(place / str(number), number, text.replace("\0", ""), figures)
    return figures


def _try(place: Path, number: int, hostile: str, figures: Figures) -> None:
    place.mkdir()
    record = {
        "id": f"key {number} {hostile}",
        "title": f"Title {hostile} end",
        "publisher": f"Pub {hostile} end",
        "authors": [f"By {hostile}"],
        "published": "2021-03-04",
        "text": f"A hostile owl was seen in Gdynia on {hostile} Monday morning. Nobody knew why it had come.",
    }
    if number % 2:
        record["url"] = f"https://news.example/{hostile}"
    (place / f"h{number}.jsonl").write_text(json.dumps(record))
    name = "".join(char for char in hostile if char not in "/\0")[:60]
    (place / f"n{name}.txt").write_text("A tawny owl was seen in Split on Friday. It stayed for a week.")
    corpus = str(place / "news.db")

    def told(name: str, *arguments: str) -> str:
        figures.outputs[name] += 1
        code, out, err = _run([*arguments, "--corpus", corpus])
        if "Traceback" in err or code in {1, 2}:
            figures.live.append(f"{name} of {hostile[:40]!r}: {err[-200:]!r}")
        _harmless(f"{name} (errors)", err, hostile, figures)
        return out

    question = "Where was the hostile owl seen on Monday?"
    _harmless("add", told("add", "add", str(place), "--model", "none"), hostile, figures)
    listed = told("list", "list")
    _harmless("list", listed, hostile, figures)
    if any(line.count("\t") != 4 for line in listed.splitlines()) or len(listed.splitlines()) != 2:
        figures.live.append(f"list of {hostile[:40]!r}: {listed!r}")
    identity = next(line.split("\t")[0] for line in listed.splitlines() if "2021-03-04" in line)
    for name, arguments in {
        "ask": ("ask", question),
        "ask --markdown": ("ask", question, "--markdown"),
        "search": ("search", "hostile owl"),
        "show": ("show", identity),
        "status": ("status",),
        "doctor": ("doctor",),
        "lookup": ("lookup", "A hostile owl was seen in Gdynia"),
        "sync --dry-run": ("sync", str(place), "--dry-run"),
    }.items():
        _harmless(name, told(name, *arguments), hostile, figures)
    _saved(place, identity, question, hostile, figures, told)
    _harmless("remove", told("remove", "remove", identity), hostile, figures)


def _saved(place: Path, identity: str, question: str, hostile: str, figures: Figures, told: Callable[..., str]) -> None:
    """JSON, and all that is made of a saved answer."""
    for name, arguments in {"ask --json": ("ask", question), "search --json": ("search", "hostile owl")}.items():
        out = told(name, *arguments, "--json")
        _harmless(name, out, hostile, figures)
        try:
            json.loads(out)
        except ValueError:
            figures.live.append(f"{name} of {hostile[:40]!r} is not JSON")
        if name == "ask --json":
            (place / "answer.json").write_text(out)
    _harmless("verify", told("verify", "verify", str(place / "answer.json")), hostile, figures)
    for form in ("bibtex", "ris", "csl-json"):
        out = told(f"cite {form}", "cite", identity, "--format", form)
        _harmless(f"cite {form}", out, hostile, figures)
        _judge_reference(form, out, hostile, figures)
    _harmless("cite apa", told("cite apa", "cite", identity, "--style", "apa"), hostile, figures)
    for form in ("markdown", "html", "annotations"):
        out = told(f"export {form}", "export", str(place / "answer.json"), "--format", form, "-o", "-")
        _harmless(f"export {form}", out, hostile, figures)
        if form == "html":
            _judge_html(out, hostile, figures)
        if form == "annotations" and out.strip():
            json.loads(out)


def _run(arguments: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = commands.run(arguments)
    return int(code), out.getvalue(), err.getvalue()


def _harmless(name: str, told: str, hostile: str, figures: Figures) -> None:
    found = [char for char in CONTROLS | HIDDEN if char in told]
    if found:
        figures.live.append(f"{name} of {hostile[:40]!r}: {sorted(map(ascii, found))} came through")


def _judge_reference(form: str, out: str, hostile: str, figures: Figures) -> None:
    """One record, with nothing in a field of its own that was in the text."""
    records = {"bibtex": sum(line.startswith("@") for line in out.splitlines()), "ris": out.count("\nER  -")}
    if form == "csl-json":
        try:
            records[form] = len(json.loads(out))
        except ValueError:
            records[form] = 0
    if records.get(form) != 1:
        figures.live.append(f"cite {form} of {hostile[:40]!r}: {records.get(form)} records: {out[:300]!r}")
    if form == "ris" and "UR  - http://evil.example" in out:
        figures.live.append(f"cite ris of {hostile[:40]!r}: a field was forged")


class _Tags(HTMLParser):
    """What a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "object", "embed", "base", "svg", "img", "link"}:
            self.bad.append(tag)
        if tag == "meta" and any(name == "http-equiv" and "refresh" in str(value).lower() for name, value in attrs):
            self.bad.append("meta refresh")
        for name, value in attrs:
            if name.startswith("on") or str(value).strip().lower().startswith(("javascript:", "data:", "vbscript:")):
                self.bad.append(f"{tag} {name}")


def _judge_html(out: str, hostile: str, figures: Figures) -> None:
    tags = _Tags()
    tags.feed(out)
    if tags.bad:
        figures.live.append(f"export html of {hostile[:40]!r}: {tags.bad}")
    if not out.strip():
        figures.live.append(f"export html of {hostile[:40]!r}: nothing")
