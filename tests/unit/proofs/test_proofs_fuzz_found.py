"""Inputs that fuzzing found: each once raised what no parser may raise, or kept one busy for seconds to hours."""

from __future__ import annotations

import pytest
from proofs.hostile.fuzz.target import tried
from proofs.hostile.fuzz.targets import TARGETS

from dl_lit.core.volume_and_pages import tidy_pages

_ROW = b"1\t50\t500\t%d\t%d\t10\t0\t%s"
_HEAD = b"article\0\n\n\n%s\0"
FOUND = {
    "a child's words in no encoding": ("child-messages", b'{"detail": "\xe4"}'),
    "a reservation in no encoding": ("site-rules", b'[{"tdm-policy": "\x8f"}]\0a'),
    "a page in the encoding of domain names": ("first-bytes", b"text/html; charset=idna\0<!doctype html>"),
    "a page in another encoding of domain names": ("first-bytes", b"text/html; charset=punycode\0<!doctype html>\xff"),
    "a feed in an encoding nobody knows": ("sources", b'arxiv\n<?xml version="1.0" encoding="foo"?><feed/>'),
    "a feed to be remembered, in an encoding nobody knows": (
        "limits",
        b'\0<?xml version="1.0" encoding="foo"?><feed/>',
    ),
    "a page with a section that is none": (
        "locators",
        b"scholar_archive\n<meta name=citation_title content=x><![CDAT x>",
    ),
    "a page of sections that are never closed": ("locators", b"scholar_archive\n" + b"<!" * 9_000 + b"</a" * 9_000),
    "a page sent in a year beyond all": (
        "landing-pages",
        b"article\0\nMon, 23 Nov 99999999999999999999 10:00:00 GMT\n\ntext/html\0<p>",
    ),
    "a refresh of white space": (
        "landing-pages",
        _HEAD % b"text/html" + b"<meta http-equiv=refresh content='1" + b" " * 4_000 + b"\"'>",
    ),
    "a refresh of white space, in a header": ("landing-pages", b"a\0\n\n1" + b" " * 4_000 + b"'\n\0<p>"),
    "pages of white space": ("identifiers", b"1" + b" " * 30_000 + b"2"),
    "a title of white space": ("names", b"Title xy" + b" " * 20_000 + b"z\0A\0B\0C\0"),
    "a list whose lines are one word": (
        "layout",
        b"\n".join(_ROW % (700 - 9 * n, 708 - 9 * n, b"x" * 3_000 + b"-") for n in range(40)),
    ),
    "a page whose lines are one word": (
        "layout",
        b"\n".join(_ROW % (9 * n, 9 * n + 8, b"References" if n == 70 else b"a" * 2_000) for n in range(20, 80)),
    ),
    "a record of thousands of subtitles": (
        "matching",
        b"[1] Aa. On the Motion of Small Particles\0On the Motion of Small Particles\0Aa\0"
        + b"On the Motion of Small Particles: a " * 1_600,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_does_no_harm_any_more(name: str) -> None:
    target, data = FOUND[name]
    assert tried(TARGETS[target], data) is None


def test_pages_are_written_as_before() -> None:
    assert tidy_pages(" 12 – 40 ") == "12-40"
    assert tidy_pages("S. 1—2, 7 - 9") == "S. 1-2, 7-9"
