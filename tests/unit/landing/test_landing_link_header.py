"""The HTTP header `Link`, by RFC 8288."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.landing.link_header import HeaderLink, links_of


@pytest.mark.parametrize(
    ("header", "links"),
    [
        ('</a>; rel="item"; type="application/pdf"', [HeaderLink("/a", ("item",), "application/pdf")]),
        ("<a>;rel=ITEM;TYPE=Application/PDF", [HeaderLink("a", ("item",), "application/pdf")]),
        ('<a,b;c>; rel="item x"; title="1, <2>; \\"3\\""', [HeaderLink("a,b;c", ("item", "x"))]),
        (
            '<a>; rel="cite-as", <b> ; rel = "item" ; anchor="#x"',
            [HeaderLink("a", ("cite-as",)), HeaderLink("b", ("item",), "", "#x")],
        ),
        ('<a>; rel="item"; rel="author"', [HeaderLink("a", ("item",))]),
        ('<a>; type="application/pdf; charset=x"', [HeaderLink("a", (), "application/pdf")]),
        ("<a>;;; rel;, junk, <b>; rel=item", [HeaderLink("a"), HeaderLink("b", ("item",))]),
        ("no links, at; all", []),
        ("<unclosed", []),
        ("", []),
    ],
)
def test_links_are_read(header: str, links: list[HeaderLink]) -> None:
    assert links_of(header) == links


@given(st.text(alphabet="<>;,=\"\\ ar'", max_size=80))
def test_no_header_breaks_it(header: str) -> None:
    links_of(header)


def test_a_header_without_end_is_read_to_a_bound() -> None:
    assert len(links_of("<a>; rel=item, " * 100_000)) == 500
