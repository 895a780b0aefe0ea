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
