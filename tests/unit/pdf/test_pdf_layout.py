"""Pages are read column by column, without running heads."""

from dl_lit.pdf.document import DocumentText, Line, PageText
from dl_lit.pdf.layout import page_lines, read_in_order


def line(text: str, x0: float, y0: float, width: float = 220.0, page: int = 1) -> Line:
    return Line(text, page, x0, x0 + width, y0, y0 + 9, 9.0)


def page(*lines: Line, number: int = 1) -> PageText:
    return PageText(number, 600.0, 800.0, lines)


def test_two_columns_are_read_one_after_the_other():
    rows = [
        row for i in range(8) for row in (line(f"left {i}", 50, 600 - 12 * i), line(f"right {i}", 320, 600 - 12 * i))
    ]
    read = page_lines(page(*rows))
    assert [r.text for r in read] == [f"left {i}" for i in range(8)] + [f"right {i}" for i in range(8)]
    assert {r.column for r in read} == {0, 1}


def test_a_line_across_both_columns_parts_the_page():
    rows = [
        row for i in range(8) for row in (line(f"left {i}", 50, 600 - 12 * i), line(f"right {i}", 320, 600 - 12 * i))
    ]
    rows += [line("A title across", 50, 650, width=490)]
    assert page_lines(page(*rows))[0].text == "A title across"


def test_a_label_that_stands_apart_is_joined_to_its_line():
    rows = [
        piece
        for i in range(8)
        for piece in (line(f"[{i}]", 50, 600 - 12 * i, width=12), line("Author. Title", 80, 600 - 12 * i))
    ]
    assert [r.text for r in page_lines(page(*rows))] == [f"[{i}] Author. Title" for i in range(8)]


def test_running_heads_and_page_numbers_are_left_out():
    pages = tuple(
        page(
            line("Doe et al. (2001)", 50, 780, page=n),
            line(f"Text of page {n}", 50, 400, page=n),
            line(str(n), 300, 20, width=8, page=n),
            number=n,
        )
        for n in range(1, 5)
    )
    assert [r.text for r in read_in_order(DocumentText(4, pages))] == [f"Text of page {n}" for n in range(1, 5)]


def test_line_numbers_of_manuscripts_are_left_out():
    rows = [
        row
        for i in range(20)
        for row in (line(str(i + 1), 20, 600 - 12 * i, width=8), line(f"text {i}", 60, 600 - 12 * i))
    ]
    assert [r.text for r in page_lines(page(*rows))] == [f"text {i}" for i in range(20)]


def test_an_empty_page_has_no_lines():
    assert page_lines(page()) == []


def sheet(number: int, *marginal: Line, size: float = 9.0) -> PageText:
    """A page of text with `marginal` lines above or below it."""
    text = [
        Line(f"Text {word} of page {number}", number, 50, 300, 700 - 12 * at, 709 - 12 * at, size)
        for at, word in enumerate(("alpha", "beta", "gamma", "delta", "epsilon", "zeta"))
    ]
    return PageText(number, 600.0, 800.0, (*text, *marginal))


def kept(*pages: PageText) -> list[str]:
    lines = read_in_order(DocumentText(len(pages), pages))
    return [line.text for line in lines if not line.text.startswith("Text ")]


def test_ends_of_entries_at_the_top_of_two_pages_are_no_running_heads():
    """Without their numbers, two DOIs look alike; they are no less the text's for standing at one height."""
    tops = ("doi:10.1016/j.cell.2019.01.001", "doi:10.1016/j.cell.2020.11.007")
    pages = [sheet(n, Line(text, n, 50, 200, 712, 721, 9.0)) for n, text in enumerate(tops, start=1)]
    assert kept(*pages) == list(tops)


def test_the_documents_own_doi_at_the_foot_of_two_pages_is_no_text():
    pages = [sheet(n, Line("https://doi.org/10.1000/own.1", n, 50, 200, 30, 39, 9.0)) for n in (1, 2)]
    assert kept(*pages) == []


def test_heads_of_a_list_of_two_pages_among_many_are_left_out():
    """A long document whose lists alone carry a head of their own."""
    plain = [sheet(n) for n in range(1, 9)]
    listed = [sheet(n, Line("Works consulted by the author", n, 50, 200, 750, 759, 9.0)) for n in (9, 10)]
    assert kept(*plain, *listed) == []


def test_a_single_small_line_at_the_foot_is_a_footnote_and_kept():
    assert kept(sheet(1, Line("3 Müller 1987, S. 34.", 1, 50, 200, 60, 67, 7.0)), sheet(2)) == ["3 Müller 1987, S. 34."]


def test_a_small_line_at_the_top_apart_from_the_text_is_a_head():
    assert kept(sheet(1, Line("Some words", 1, 50, 200, 760, 767, 7.0)), sheet(2)) == []


def test_blocks_end_where_a_gap_is_wide_or_the_size_changes():
    lines = [line(f"a{i}", 50, 700 - 12 * i) for i in range(3)] + [line(f"b{i}", 50, 640 - 12 * i) for i in range(3)]
    small = [Line(f"c{i}", 1, 50, 270, 604 - 12 * i, 611 - 12 * i, 6.0) for i in range(2)]
    assert [(r.text[0], r.block) for r in page_lines(page(*lines, *small))] == [
        *[("a", 0)] * 3,
        *[("b", 1)] * 3,
        *[("c", 2)] * 2,
    ]


def test_a_raised_piece_of_a_line_is_known_and_joined_without_a_space():
    word, mark = Line("shown", 1, 50, 80, 600, 610, 10.0), Line("12", 1, 80.2, 86, 604, 611, 6.5)
    (read,) = page_lines(page(word, mark))
    assert (read.text, read.raised) == ("shown12", ((5, 7),))


def test_columns_of_many_lines_are_found_quickly():
    """Odd pages of thousands of scattered pieces must not cost minutes."""
    rows = [line(f"piece {i}", 7 * (i % 80), 0.3 * i, width=20) for i in range(1_400)]
    assert len(page_lines(page(*rows))) > 100


def test_lines_printed_twice_upon_themselves_are_read_once():
    """Shadows, and bold type made by printing again."""
    rows = [line(f"row {n}", 50 + shift, 600 - 12 * n - shift) for n in range(3) for shift in (0, 0.4, 2)]
    assert [r.text for r in page_lines(page(*rows))] == ["row 0", "row 1", "row 2"]


def test_lines_of_the_same_words_below_one_another_are_kept():
    assert len(page_lines(page(*(line("———. 2001.", 50, 600 - 12 * n) for n in range(3))))) == 3
