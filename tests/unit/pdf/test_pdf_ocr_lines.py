"""What an OCR engine saw, made lines like those of a text layer."""

from PIL import Image, ImageDraw

from dl_lit.pdf.document import PageText
from dl_lit.pdf.ocr.columns import cut_at_gutters
from dl_lit.pdf.ocr.gutters import overlooked
from dl_lit.pdf.ocr.labels import with_labels
from dl_lit.pdf.ocr.recogniser import SeenLine, SeenWord
from dl_lit.pdf.ocr.scans import page_lines_of
from dl_lit.pdf.ocr.sizes import even_heights
from dl_lit.pdf.ocr.straighten import skew, straightened


def seen(text: str, left: float, row: int, right: float | None = None, height: float = 30) -> SeenLine:
    top = 100.0 + 50 * row
    return SeenLine(text, left, top, right or left + 15 * len(text), top + height, height, 90)


def texts(lines: list[SeenLine]) -> list[str]:
    return [line.text for line in with_labels(lines)]


def test_labels_in_a_column_of_their_own_come_before_their_lines():
    bodies = [seen(f"Author number {n} of the list, A title.", 160, n) for n in range(4)]
    labels = [seen(label, 100, n) for n, label in enumerate(("[1]", "(2)", "[3|", "[4]"))]
    assert texts([*labels, *bodies]) == [f"[{n + 1}] Author number {n} of the list, A title." for n in range(4)]
    assert [line.left for line in with_labels([*labels, *bodies])] == [100] * 4


def test_a_misread_label_becomes_the_one_that_is_missing():
    bodies = [seen("Somebody wrote something once upon a time.", 160, n) for n in range(6)]
    labels = [seen(label, 100, n) for n, label in enumerate(("il", "13.", "14.", "als;", "1.", "17."))]
    assert [text.split()[0] for text in texts([*labels, *bodies])] == ["12.", "13.", "14.", "15.", "16.", "17."]


def test_numbers_that_do_not_count_are_no_labels():
    bodies = [seen("A row of a table with some words in it", 160, n) for n in range(4)]
    figures = [seen(figure, 100, n) for n, figure in enumerate(("87", "12", "55", "3"))]
    assert texts([*figures, *bodies]) == [line.text for line in [*figures, *bodies]]


def test_brackets_misread_within_lines_become_what_most_are():
    lines = ["[1] Knuth.", "(2] Lamport.", "{3] Dijkstra.", "[4] Hoare.", "and others wrote (1998)."]
    assert texts([seen(text, 100, n) for n, text in enumerate(lines)]) == [
        *("[1] Knuth.", "[2] Lamport.", "[3] Dijkstra.", "[4] Hoare."),
        "and others wrote (1998).",
    ]


def test_a_label_without_its_opening_bracket_is_one_where_it_goes_on_counting():
    lines = ["[1] Knuth.", "[2] Lamport.", "3] Dijkstra.", "[4] Hoare.", "9] and others wrote.", "[5] Wirth."]
    assert texts([seen(text, 100, n) for n, text in enumerate(lines)]) == [
        *("[1] Knuth.", "[2] Lamport.", "[3] Dijkstra.", "[4] Hoare."),
        *("9] and others wrote.", "[5] Wirth."),
    ]


def test_sizes_are_even_where_rows_are_not_and_differ_where_ink_does():
    """A row's height depends on its letters: "no men" is lower than "Apfel (1)"."""
    body = [SeenLine("words of a paragraph", 100, 50 * n, 700, 50 * n + 30, 30 + n % 5, 90) for n in range(20)]
    heading = SeenLine("References", 100, 1100, 500, 1148, 48, 90)
    even = even_heights([*body, heading])
    assert len(set(even[:-1])) == 1
    assert even[-1] == 48


def test_lines_are_put_on_the_page_in_points_with_y_upward():
    page = PageText(3, 600, 800)
    (line,) = page_lines_of([SeenLine(" A  line\n", 100, 200, 500, 240, 40, 90)], page, 4.0)
    assert (line.text, line.page, line.x0, line.x1, line.y1, line.y0) == ("A line", 3, 25, 125, 750, 740)


def test_dirt_is_no_text():
    dirt = [SeenLine("~*", 0, 0, 9, 9, 9, 90), SeenLine("Word", 0, 0, 9, 9, 9, 10)]
    assert page_lines_of(dirt, PageText(1, 600, 800), 4.0) == ()


def ruled(angle: float = 0) -> Image.Image:
    """A page with rows of black words."""
    image = Image.new("L", (1200, 1600), 255)
    draw = ImageDraw.Draw(image)
    for row in range(200, 1400, 40):
        for left in range(150, 1000, 90):
            draw.rectangle((left, row, left + 70, row + 18), fill=0)
    return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)


def test_a_crooked_page_is_put_straight():
    for angle in (0.0, 0.8, -1.6, 2.5):
        assert abs(skew(ruled(angle)) + angle) <= 0.15
    assert abs(skew(straightened(ruled(1.5)))) <= 0.15
    assert skew(Image.new("L", (300, 300), 255)) == 0


def test_ink_left_of_lines_is_a_label_that_was_overlooked_where_several_are_aligned():
    image = Image.new("L", (1000, 800), 235)
    draw = ImageDraw.Draw(image)
    rows = [SeenLine("words", 300, 100 + 60 * n, 900, 130 + 60 * n, 30, 90) for n in range(6)]
    for n in (0, 2, 4):
        draw.rectangle((220, 104 + 60 * n, 250, 126 + 60 * n), fill=20)
    found = overlooked(image, rows)
    assert [(ink.left, ink.top) for ink in found] == [(220, 104), (220, 224), (220, 344)]
    assert overlooked(image, rows[:3]) == [], "two are chance"
    draw.rectangle((0, 0, 290, 800), fill=20)
    assert overlooked(image, rows) == [], "a picture beside the text"


def row(left: float, n: int, *words: str) -> SeenLine:
    placed: list[SeenWord] = []
    for word in words:
        start = placed[-1].right + 8 if placed else left
        # "|" stands for a gutter.
        placed.append(
            SeenWord(word.lstrip("|"), start + 32 * word.startswith("|"), start + 90 + 32 * word.startswith("|"))
        )
    text = " ".join(word.lstrip("|") for word in words)
    return SeenLine(text, left, 50 * n, placed[-1].right, 50 * n + 30, 30, 90, tuple(placed))


def test_a_line_read_across_the_gutter_is_cut_where_the_other_lines_of_the_column_begin():
    merged = row(100, 9, "the", "left", "column", "|the", "right", "column")
    start = merged.words[3].left
    right = [row(start, n, "words", "of", "it") for n in range(5)]
    assert [line.text for line in cut_at_gutters([*right, merged])][5:] == ["the left column", "the right column"]
    assert cut_at_gutters([*right[:3], merged]) == [*right[:3], merged], "no column begins there"
    wide = row(100, 9, *["word"] * 6)
    assert cut_at_gutters([*right, wide])[5:] == [wide], "no gap"
