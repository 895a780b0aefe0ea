"""Columns that an OCR engine joined are read one by one."""

from PIL import Image, ImageDraw

from dl_lit.pdf.ocr.halves import joined_across, read_by_columns
from dl_lit.pdf.ocr.recogniser import SeenLine, SeenWord

WIDTH, ROWS, STEP, HEIGHT = 1000, 20, 40, 24
GUTTER = (480, 520)


def page(*, gutter: bool = True) -> Image.Image:
    """A title across the page, and below it rows of ink, parted in the middle where there is a gutter."""
    image = Image.new("L", (WIDTH, 60 + ROWS * STEP), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((100, 10, 900, 10 + HEIGHT), fill=0)
    for row in range(ROWS):
        top = 60 + row * STEP
        parts = ((60, GUTTER[0]), (GUTTER[1], 940)) if gutter else ((60, 940),)
        for left, right in parts:
            draw.rectangle((left, top, right, top + HEIGHT), fill=0)
    return image


def joining(image: Image.Image) -> list[SeenLine]:
    """What an engine sees that never stops at a gutter: one line for each row of ink, a word for each 100 pixels."""
    lines = []
    top = None
    for y in range(image.height + 1):
        box = (
            image.crop((0, y, image.width, y + 1)).point(lambda level: 255 - level).getbbox() if y < image.height else 0
        )
        if box and top is None:
            top, left, right = y, box[0], box[2]
        elif not box and top is not None:
            starts = range(left, right - 30, 90)
            words = tuple(SeenWord("word", x, min(x + 60, right)) for x in starts if not x < GUTTER[0] - left < x + 60)
            lines.append(SeenLine(" ".join(w.text for w in words), left, top, right, y, HEIGHT, 90, words))
            top = None
    return lines


def test_the_gutter_that_lines_run_across_is_found():
    """Below the title, which crosses it as well."""
    image = page()
    gutter = joined_across(image, joining(image))
    assert gutter is not None
    assert GUTTER[0] < gutter.x < GUTTER[1]
    assert gutter.top > 10 + HEIGHT


def test_joined_columns_are_read_one_after_the_other():
    seen = read_by_columns(page(), joining)
    assert len(seen) == 1 + 2 * ROWS
    left, right = seen[1 : ROWS + 1], seen[ROWS + 1 :]
    assert all(line.right <= GUTTER[0] + 1 for line in left)
    assert all(line.left >= GUTTER[1] for line in right)
    assert [line.top for line in left] == [line.top for line in right] == sorted(line.top for line in left)


def test_a_page_of_one_column_is_read_once():
    calls: list[Image.Image] = []

    def read(image: Image.Image) -> list[SeenLine]:
        calls.append(image)
        return joining(image)

    assert len(read_by_columns(page(gutter=False), read)) == 1 + ROWS
    assert len(calls) == 1


def test_what_was_seen_stays_where_no_time_is_left_for_the_columns():
    image = page()

    def read(part: Image.Image) -> list[SeenLine]:
        return joining(part) if part.size == image.size else []

    assert len(read_by_columns(image, read)) == 1 + ROWS
