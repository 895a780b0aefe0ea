"""A page written anew, so that no parser is kept busy by it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.markup import MAX_CHARACTERS, MAX_DEPTH, tamed


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("plain 1 < 2", "plain 1 &lt; 2"),
        ("<!doctype html><?x y?><P CLASS=a ONCLICK='b'>t</P>", '<p class="a">t</p>'),
        ("""<a href='x"y' HREF=z>l</a>""", '<a href="x&quot;y">l</a>'),
        ("<a href = bare/x>l", '<a href="bare/x">l'),
        ("<a href=>l", '<a href="">l'),
        ("<!-- <a href=x> -->t<!-- open", "t"),
        ("a<b>old<sup>2</sup></b>", "aold2"),
        ("<title>a <b> &amp; c</title>t", "<title>a &lt;b> &amp; c</title>t"),
        ("<script src=s.js>'<a href=x>'</SCRIPT >t", '<script src="s.js"></script>t'),
        ("<style>a<b</style>t<textarea><a></textarea><script>open <a>", "t<script></script>"),
        ("</div><div>t</div></div>", "<div>t</div>"),
        ("<my-box class=x>t</my-box><svg:a>t<unknown>u", '<my-box class="x">t</my-box>tu'),
        ("<br><img alt=a><li>x</li>", '<br><img alt="a"><li>x</li>'),
        ("a\0b\ud800", "ab?"),
        ("<a href='open", '<a href="open">'),
        ("<!x", ""),
    ],
)
def test_what_is_kept(html: str, written: str) -> None:
    assert tamed(html) == written


def test_depth_and_size_and_attributes_are_bounded() -> None:
    assert tamed("<div>" * 5_000) == "<div>" * MAX_DEPTH
    assert len(tamed("x" * (MAX_CHARACTERS + 5))) == MAX_CHARACTERS
    assert tamed("<p " + "a=1 " * 100 + "class=late>") == "<p>"
    assert tamed("<div>" * 300 + "</div>" * 300 + "<div>").endswith("</div><div>")


@given(st.text(alphabet="<>/!-\"'= abdivscriptlea\0", max_size=200))
def test_it_is_stable_and_never_raises(html: str) -> None:
    """What was tamed holds no scripts' content and no comments, and taming it again changes no element."""
    once = tamed(html)
    assert "<!--" not in once
    assert tamed(once) == once
