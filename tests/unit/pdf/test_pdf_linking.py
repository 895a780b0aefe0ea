"""A link belongs to the words it lies on, and to no line that it merely touches."""

from dl_lit.pdf.document import Line, Link, LinkSpan
from dl_lit.pdf.linking import attach

DOI = "https://doi.org/10.1000/x"


def line(text: str, x0: float, y0: float, width: float = 200.0, height: float = 11.0) -> Line:
    return Line(text, 1, x0, x0 + width, y0, y0 + height, 9.0)


def test_a_link_is_given_to_the_line_it_lies_on():
    found = attach([line("one", 50, 600), line("two", 50, 588)], [Link(DOI, 60, 587, 120, 598)])
    assert [each.uris for each in found] == [(), (DOI,)]


def test_a_link_that_grazes_the_next_line_is_not_that_ones():
    """Boxes of neighbouring lines overlap where the leading is tight, and LaTeX draws links a point too high."""
    lines = [line("first entry", 50, 609), line("second entry", 50, 600), line("third entry", 50, 591)]
    found = attach(lines, [Link(DOI, 60, 599, 120, 612)])
    assert [each.uris for each in found] == [(), (DOI,), ()]


def test_a_link_over_two_lines_is_given_to_both():
    lines = [line("one", 50, 612), line("two", 50, 600), line("three", 50, 588), line("four", 50, 576)]
    found = attach(lines, [Link(DOI, 60, 587, 120, 611)])
    assert [each.uris for each in found] == [(), (DOI,), (DOI,), ()]


def test_two_links_on_one_line_have_their_own_words():
    (found,) = attach(
        [line("aaaaaaaaaabbbbbbbbbb", 0, 600)], [Link("u:b", 100, 600, 200, 611), Link("u:a", 0, 600, 100, 611)]
    )
    assert found.links == (LinkSpan(0, 10, "u:a"), LinkSpan(10, 20, "u:b"))
    assert found.uris == ("u:a", "u:b")


def test_pieces_of_one_row_share_a_link_that_covers_them():
    lines = [line("[12]", 50, 600, width=20), line("Author", 80, 600), line("below", 50, 588)]
    found = attach(lines, [Link(DOI, 50, 600, 280, 611)])
    assert [each.uris for each in found] == [(DOI,), (DOI,), ()]


def test_a_link_beside_all_lines_belongs_to_none():
    found = attach([line("one", 50, 600)], [Link(DOI, 300, 600, 320, 611), Link(DOI, 50, 700, 90, 711)])
    assert found == [line("one", 50, 600)]
