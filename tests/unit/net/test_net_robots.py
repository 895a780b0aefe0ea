"""What a robots.txt allows us, and what patterns match: RFC 9309 and the files that people write."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.net.robots import MAX_BYTES, read_robots
from dl_lit.net.url_patterns import matches, normalised, path_of

CASES = [
    ("the longest pattern decides", "User-agent: *\nDisallow: /\nAllow: /pdf/", "/pdf/a", True),
    ("of two as long the one that allows", "User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
    ("star and end", "User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
    ("the end is the end", "User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", True),
    ("groups that name us are one", "User-agent: dl_lit\nDisallow: /a\nUser-agent: DL_LIT\nDisallow: /b", "/b", False),
    ("our group is not everybody's", "User-agent: *\nDisallow: /\n\nUser-agent: dl_lit\nAllow: /", "/b", True),
    ("an empty rule allows", "User-agent: *\nDisallow: /\n\nUser-agent: dl_lit\nDisallow:", "/b", True),
    ("half our name is another's", "User-agent: dl\nDisallow: /", "/b", True),
    ("a version is no part of the name", "User-agent: dl_lit/1.0\nDisallow: /", "/b", False),
    ("the command's name is ours, too", "User-agent: dl-lit\nDisallow: /", "/b", False),
    ("agents in a row share rules", "User-agent: a\nUser-agent: dl_lit\nUser-agent: b\nDisallow: /", "/b", False),
    ("blank lines end nothing", "User-agent: dl_lit\n\n\nDisallow: /", "/b", False),
    ("other lines end nothing", "User-agent: dl_lit\nSitemap: https://x/s\nDisallow: /", "/b", False),
    ("escapes are compared in one spelling", "User-agent: *\nDisallow: /a%3cd", "/a%3Cd", False),
    ("needless escapes are none", "User-agent: *\nDisallow: /~joe", "/%7Ejoe/i", False),
    ("letters beyond ASCII", "User-agent: *\nDisallow: /ツ", "/%E3%83%84", False),
    ("a slash is not its escape", "User-agent: *\nDisallow: /a/b", "/a%2Fb", True),
    ("the query counts", "User-agent: *\nDisallow: /*?sort=", "/a?sort=b", False),
    ("a star in the address is none in a pattern", "User-agent: *\nDisallow: /a%2A", "/a*", False),
    ("a byte order mark", "\ufeffUser-agent: *\nDisallow: /", "/a", False),
    ("comments", "User-agent: * # all\nDisallow: / # no", "/a", False),
    ("a rule before any agent is nobody's", "Disallow: /\nUser-agent: *\nAllow: /a", "/b", True),
    ("what is no path", "User-agent: *\nDisallow: a", "/a", True),
    ("a web page", "<!doctype html><html>User-agent: *\nDisallow: /", "/a", True),
    ("nothing", "", "/a", True),
    ("old line ends", "User-agent: *\rDisallow: /a\r\nDisallow: /b", "/b", False),
]


@pytest.mark.parametrize(("text", "path", "allowed"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_rules_are_read_as_the_standard_says(text: str, path: str, allowed: bool) -> None:
    assert read_robots(text.encode()).allows(path_of(f"https://x.example{path}")) is allowed


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10.0),
        ("User-agent: *\nCrawl-delay: 0.5\nCrawl-delay: 3", 3.0),
        ("User-agent: *\nCrawl-delay: 10\n\nUser-agent: dl_lit\nAllow: /", None),
        ("User-agent: other\nCrawl-delay: 10\nUser-agent: *\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: soon\nCrawl-delay: -1\nCrawl-delay: inf\nCrawl-delay: nan", None),
    ],
)
def test_the_pace_that_a_host_asks_for(text: str, delay: float | None) -> None:
    assert read_robots(text.encode()).crawl_delay_s == delay


def test_a_long_file_is_read_as_far_as_the_standard_asks() -> None:
    start = b"User-agent: *\nDisallow: /first\n"
    rules = read_robots(start + b"#" * MAX_BYTES + b"\nDisallow: /last\n")
    assert not rules.allows("/first")
    assert rules.allows("/last")


@given(st.binary(max_size=400))
def test_any_bytes_are_read(body: bytes) -> None:
    assert isinstance(read_robots(body).allows("/a"), bool)


@given(st.text("ab*$/%", max_size=12), st.text("ab/", max_size=12))
def test_a_pattern_matches_as_its_regular_expression_would(pattern: str, path: str) -> None:
    """The quick way gives the same answers as the slow one."""
    import re  # noqa: PLC0415 - here alone

    is_whole = pattern.endswith("$")
    parts = (pattern[:-1] if is_whole else pattern).split("*")
    slow = re.compile(".*".join(re.escape(part) for part in parts) + ("$" if is_whole else ""), re.DOTALL)
    found = slow.fullmatch(path) if is_whole else slow.match(path)
    assert matches(pattern, path) is (found is not None)


def test_no_pattern_takes_long() -> None:
    """A regular expression made of this would not end."""
    started = time.monotonic()
    assert not matches("/" + "*a" * 2_000 + "b$", "/" + "a" * 20_000)
    assert time.monotonic() - started < 0.5


@given(st.text(max_size=30))
def test_one_spelling_is_one_spelling(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
