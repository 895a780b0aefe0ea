"""Pages are drawn in the child, with boxes where the words are."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import typst
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import RectangleObject

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.picture import pens
from dl_lit.pdf.picture.order import MOST_PIXELS, PagePicture, PictureOrder
from dl_lit.pdf.reader import ChildReader

# The entries stand at known places: every line 20 pt below the one before, from 100 pt below the upper edge.
PAPER = """
#set page(width: 600pt, height: 800pt, margin: 0pt)
#set text(size: 10pt, font: "New Computer Modern", top-edge: "ascender", bottom-edge: "descender")
#place(top + left, dx: 60pt, dy: 60pt)[#text(weight: "bold", size: 14pt)[References]]
#let row(n, body) = place(top + left, dx: 60pt, dy: 100pt + n * 20pt, body)
#row(0)[[1] Knuth, D. E. (1984). Literate programming. The Computer Journal, 27, 97–111.]
#row(1)[[2] Lamport, L. (1978). Time, clocks and the ordering of events. Communications of the ACM, 21, 558–565.]
#row(2)[[3] Dijkstra, E. W. (1968). Go to statement considered harmful. Communications of the ACM, 11, 147–148.]
#row(3)[[4] Hoare, C. A. R. (1969). An axiomatic basis for computer programming. Communications of the ACM, 12, 576.]
#row(4)[[5] Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal, 27, 379.]
"""
TEXT = "#set page(width: 300pt, height: 300pt)\nNothing but words. " + "Words and words again. " * 30


def compiled(source: str) -> bytes:
    return bytes(typst.compile(source.encode()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "paper.pdf").write_bytes(compiled(PAPER))
    (folder / "text.pdf").write_bytes(compiled(TEXT + "#pagebreak() More of it." * 4))
    return folder


@pytest.fixture(scope="module")
def reader() -> Iterator[ChildReader]:
    with ChildReader(1, timeout_s=60) as reader:
        yield reader


def drawn(reader: ChildReader, path: Path, order: PictureOrder | None = None) -> list[PagePicture]:
    pictures: list[PagePicture] = []
    reader.picture(path, order or PictureOrder(), pictures.append)
    return pictures


def image_of(picture: PagePicture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.png))
    assert image.format == "PNG"
    assert image.size == (picture.width, picture.height)
    return image.convert("RGB")


def share_of(image: Image.Image, colour: pens.Colour, area: tuple[float, float, float, float]) -> float:
    """The share of the pixels of `area` (points from the page's upper left corner) in about `colour`."""
    scale = image.width / 600
    legend = image.height - 800 * scale
    x0, y0, x1, y1 = (round(value * scale) for value in area)
    piece = image.crop((x0, y0 + round(legend), x1, y1 + round(legend)))
    near = sum(
        number
        for number, found in piece.getcolors(piece.width * piece.height) or []
        if isinstance(found, tuple) and all(abs(a - b) < 40 for a, b in zip(found, colour, strict=True))
    )
    return near / (piece.width * piece.height)


def test_a_page_is_drawn_with_fields_under_their_words(reader, folder):
    (picture,) = drawn(reader, folder / "paper.pdf")
    assert (picture.page, picture.entries, picture.left_out) == (1, 5, 0)
    image = image_of(picture)
    names = pens.COLOUR_OF_FIELD
    for row in range(5):
        top = 100 + 20 * row
        beginning = (76, top + 5, 110, top + 17)  # behind the label: the first author's name
        assert share_of(image, names["authors"], beginning) > 0.08
        assert share_of(image, names["title"], beginning) < 0.02
        middle = (220, top + 5, 260, top + 17)  # within every title
        assert share_of(image, names["title"], middle) > 0.08
        assert share_of(image, names["authors"], middle) < 0.02
        between = (60, top + 16, 540, top + 19)
        assert share_of(image, names["title"], between) < 0.01
    assert share_of(image, pens.SECTION, (52, 56, 140, 80)) > 0.05, "the heading is framed"
    assert share_of(image, pens.INK, (40, 98, 58, 112)) > 0.2, "the entry's number stands in the margin"


def test_the_bibliography_comes_with_the_pictures(reader, folder):
    bibliography = reader.picture(folder / "paper.pdf", PictureOrder(), lambda _: None)
    assert bibliography == reader.read(folder / "paper.pdf")


@pytest.mark.parametrize("turn", [90, 270])
def test_a_turned_page_is_drawn_upright_with_its_boxes(reader, folder, turn):
    writer = PdfWriter(clone_from=folder / "paper.pdf")
    for page in writer.pages:
        page.rotate(turn)
        page.transfer_rotation_to_content()
        page.rotate(turn)  # the text lies on its side, and the page says so
        page.rotate(-2 * turn)
    path = folder / f"turned-{turn}.pdf"
    writer.write(path)
    pictures = drawn(reader, path, PictureOrder(pages=((1, 1),)))
    assert [picture.page for picture in pictures] == [1]
    assert image_of(pictures[0])


def test_a_cropped_page_has_its_boxes_on_its_words(reader, folder):
    writer = PdfWriter(clone_from=folder / "paper.pdf")
    writer.pages[0].cropbox = RectangleObject((40, 100, 600, 780))
    writer.write(folder / "cropped.pdf")
    (picture,) = drawn(reader, folder / "cropped.pdf")
    image = image_of(picture)
    assert picture.entries == 5
    scale = image.width / 560
    legend = image.height - 680 * scale
    titles = image.crop(
        (round(180 * scale), round(legend + 85 * scale), round(220 * scale), round(legend + 97 * scale))
    )
    colours = titles.getcolors(titles.width * titles.height) or []
    blue = pens.COLOUR_OF_FIELD["title"]
    assert any(all(abs(a - b) < 40 for a, b in zip(found, blue, strict=True)) for _, found in colours)


def test_pages_asked_for_are_drawn_where_nothing_was_found(reader, folder):
    pictures: list[PagePicture] = []
    with pytest.raises(PdfError) as caught:
        reader.picture(folder / "text.pdf", PictureOrder(pages=((2, 3), (99, 120))), pictures.append)
    assert caught.value.reason is Reason.NO_REFERENCES_FOUND
    assert [(picture.page, picture.entries) for picture in pictures] == [(2, 0), (3, 0)]


def test_more_pages_than_allowed_are_counted_not_drawn(reader, folder):
    pictures: list[PagePicture] = []
    with pytest.raises(PdfError):
        reader.picture(folder / "text.pdf", PictureOrder(pages=((1, 1_000),), most=2), pictures.append)
    assert [picture.page for picture in pictures] == [1, 2]
    assert pictures[-1].left_out > 0


def test_a_huge_page_is_drawn_small(reader, folder):
    (folder / "huge.pdf").write_bytes(compiled(PAPER.replace("600pt, height: 800pt", "6000pt, height: 8000pt")))
    (picture,) = drawn(reader, folder / "huge.pdf", PictureOrder(pages=((1, 1),)))
    assert picture.width * picture.height < 1.5 * MOST_PIXELS


def test_reading_after_drawing_goes_on_in_the_same_child(folder):
    with ChildReader(1) as reader:
        drawn(reader, folder / "paper.pdf")
        (pid,) = reader.pids()
        assert len(reader.read(folder / "paper.pdf").references) == 5
        assert reader.pids() == [pid]
