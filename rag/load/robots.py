"""robots.txt, read as RFC 9309 says: which paths of a site a program may fetch. Knows nothing of the network.

The rules are a stranger's text and may be many and long: a rule is matched in one pass, without regular expressions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

_TOKEN = re.compile(r"[A-Za-z_-]*")
_ENCODED = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RESERVED = ":/?#[]@!&'()+,;="
"""Stay as they are, and differ from their encoded selves. Left out: `*` and `$`, which are signs in a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: whether what it fits may be fetched."""

    allows: bool
    parts: tuple[str, ...]
    """What stands between the asterisks."""
    is_whole: bool
    """Whether the path has to end where the rule does."""
    length: int

    def fits(self, path: str) -> bool:
        """Whether a path, in one writing, begins as the rule says."""
        first, *others = self.parts
        if not path.startswith(first):
            return False
        if not others:
            return len(path) == len(first) or not self.is_whole
        *middle, last = others
        at = len(first)
        for part in middle:
            at = path.find(part, at) + len(part)
            if at < len(part):
                return False
        if self.is_whole:
            return path.endswith(last) and len(path) - len(last) >= at
        return path.find(last, at) >= 0


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one program."""

    rules: tuple[Rule, ...]

    def may_fetch(self, path: str) -> bool:
        """Whether a path with its query is open: the longest rule that fits decides, of equals the one that allows."""
        path = _written(path)
        if path == "/robots.txt":
            return True
        fitting = [(rule.length, rule.allows) for rule in self.rules if rule.fits(path)]
        return max(fitting, default=(0, True))[1]


def parsed(text: str, agent: str) -> Robots:
    """The rules for a program by its name: those of all groups that name it, else of those for everyone."""
    named: dict[str, list[Rule]] = {}
    group: set[str] = set()
    is_open = False  # whether the lines read last named programs, so that another one joins them
    for line in text.removeprefix("\ufeff").splitlines():
        field, _, value = line.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if field == "user-agent":
            group = group if is_open else set()
            group.add("*" if value.startswith("*") else _token(value))
            is_open = True
            for name in group:
                named.setdefault(name, [])
        elif field in {"allow", "disallow"}:
            is_open = False
            if value:
                for name in group:
                    named[name].append(_rule(value, field == "allow"))
    return Robots(tuple(named.get(_token(agent), named.get("*", []))))


def _token(name: str) -> str:
    found = _TOKEN.match(name)
    return found.group().lower() if found else ""


def _rule(value: str, allows: bool) -> Rule:
    is_whole = value.endswith("$")
    parts = tuple(_written(part) for part in value.removesuffix("$").split("*"))
    return Rule(allows, parts, is_whole, sum(map(len, parts)) + len(parts) - 1 + is_whole)


def _written(path: str) -> str:
    """A path in the one writing that paths are compared in (RFC 9309, section 2.2.2)."""
    return _ENCODED.sub(_decoded, quote(path, safe=_RESERVED + "%"))


def _decoded(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()
