"""robots.txt: the longest rule decides, and asterisks and the end's sign mean what RFC 9309 says."""

from __future__ import annotations

import time
from urllib.robotparser import RobotFileParser

import pytest

from rag.load.robots import parsed


def is_open(rules: str, path: str) -> bool:
    return parsed(f"User-agent: *\n{rules}", "Groundwire").may_fetch(path)


@pytest.mark.parametrize(
    ("rule", "fits", "does_not"),
    [
        # Those of RFC 9309, sections 2.2.3 and 5.1, and of Google's table of examples.
        ("/", ["/", "/a"], []),
        ("/fish", ["/fish", "/fish.html", "/fish/salmon", "/fishheads", "/fish.php?id=1"], ["/Fish", "/catfish", "/"]),
        ("/fish*", ["/fish", "/fishheads/yummy.html"], ["/Fish.asp", "/catfish"]),
        ("/fish/", ["/fish/", "/fish/?id=1", "/fish/salmon.htm"], ["/fish", "/fish.html", "/animals/fish/"]),
        ("/*.php", ["/index.php", "/a/b.php?x", "/a/any.php5"], ["/", "/windows.PHP"]),
        ("/*.php$", ["/f.php", "/a/f.php", "/a.php.php"], ["/f.php?p", "/f.php/", "/f.php5"]),
        ("/fish*.php", ["/fish.php", "/fishheads/catfish.php?p"], ["/Fish.PHP"]),
        ("/*/private", ["/a/private", "/a/b/private/c"], ["/private", "/a/privat"]),
        ("/a$", ["/a"], ["/ab", "/a?x"]),
        ("/a*a$", ["/aa", "/aba"], ["/a", "/ab"]),  # nothing counts twice
        ("/$", ["/"], ["/a"]),
        ("/a$b", ["/a$b", "/a%24b"], ["/a"]),
        ("/*$", ["/", "/a"], []),
        # Encoded or not.
        ("/a%2Ab", ["/a*b", "/a%2ab"], ["/axb"]),
        ("/\u010d", ["/%C4%8D", "/%c4%8d"], ["/c"]),
        ("/%7ejoe", ["/~joe", "/%7Ejoe"], []),
        ("/a%2Fb", ["/a%2fb"], ["/a/b"]),
        ("/100%", ["/100%"], []),
    ],
)
def test_what_a_rule_fits(rule: str, fits: list[str], does_not: list[str]) -> None:
    assert [path for path in fits if is_open(f"Disallow: {rule}", path)] == []
    assert [path for path in does_not if not is_open(f"Disallow: {rule}", path)] == []


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("Disallow: /a\nAllow: /a/open", "/a/open/1", True),
        ("Allow: /a/open\nDisallow: /a", "/a/shut", False),
        ("Allow: /p\nDisallow: /", "/page", True),
        ("Disallow: /page\nAllow: /page", "/page", True),  # of equals, the one that allows
        ("Allow: /page\nDisallow: /*.htm", "/page.htm", False),
        ("Allow: /$\nDisallow: /", "/", True),
        ("Allow: /$\nDisallow: /", "/page.htm", False),
        ("Disallow:", "/a", True),  # says nothing
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /a # not this", "/a", False),
        ("DISALLOW : /a", "/a", False),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, expected: bool) -> None:
    assert is_open(rules, path) is expected


@pytest.mark.parametrize(
    ("text", "shut"),
    [
        ("User-agent: *\nDisallow: /x\nUser-agent: groundWIRE/2.0\nDisallow: /y", "/y"),  # its own group alone
        (
            "User-agent: Groundwire\nDisallow: /x\n\nUser-agent: b\nDisallow: /z\nUser-agent: GroundWire\nDisallow: /y",
            "/x/y",
        ),
        ("User-agent: Groundwire\nUser-agent: other\nDisallow: /x", "/x"),
        ("User-agent: other\nSitemap: https://a/b\n\nUser-agent: Groundwire\nCrawl-delay: 9\nDisallow: /x", "/x"),
        ("User-agent: other\nDisallow: /\nUser-agent: *\nDisallow: /z", "/z"),
        ("User-agent: Ground\nDisallow: /\nUser-agent: Groundwires\nDisallow: /", ""),
        ("User-agent: *\nDisallow: /\nUser-agent: Groundwire\nDisallow:", ""),
        ("Disallow: /x", ""),  # of nobody
        ("\ufeffUser-agent: *\r\nDisallow: /x\rDisallow: /y", "/x/y"),
        ("", ""),
    ],
)
def test_whose_rules_they_are(text: str, shut: str) -> None:
    robots = parsed(text, "Groundwire")
    assert "".join(path for path in ("/x", "/y", "/z") if not robots.may_fetch(path)) == shut


def test_without_its_signs_it_is_read_like_the_standard_library_does() -> None:
    text = "User-agent: a\nDisallow: /p\nDisallow: /q/\n\nUser-agent: *\nDisallow: /r?s=1\nDisallow: /t%20u"
    other = RobotFileParser()
    other.parse(text.splitlines())
    for agent in ("a", "Groundwire"):
        for path in ("/", "/p", "/pp", "/q", "/q/1", "/r", "/r?s=1", "/r?s=12", "/t%20u/v", "/t"):
            assert parsed(text, agent).may_fetch(path) == other.can_fetch(agent, path), (agent, path)


def test_a_rule_of_many_asterisks_takes_no_time() -> None:
    started = time.process_time()
    assert is_open(f"Disallow: /{'*a' * 100_000}b$", "/" + "a" * 2000)
    assert time.process_time() - started < 2
