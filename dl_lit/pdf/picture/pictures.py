"""Page images of a document, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from dl_lit.pdf.bibliography import Reading
from dl_lit.pdf.document import DocumentText
from dl_lit.pdf.engine import Document
from dl_lit.pdf.picture.canvas import draw_page
from dl_lit.pdf.picture.drawing import draw_marks, png_of
from dl_lit.pdf.picture.marks import PageMarks, marks_of
from dl_lit.pdf.picture.order import MOST_PIXELS, PagePicture, PictureOrder


def page_pictures(
    pdf: Document, document: DocumentText, reading: Reading | None, order: PictureOrder
) -> Iterator[PagePicture]:
    """The pages that were asked for, else those that hold references, with what was read marked on them.

    `reading` is `None` where no references were found: pages asked for by number are drawn all the same. Pages that
    cannot be drawn are left out.
    """
    marks = marks_of(document, reading) if reading is not None else {}
    pages = [page.number for page in document.pages if order.wants(page.number)] if order.pages else list(marks)
    drawn = pages[: order.most]
    for page in drawn:
        picture = _page_picture(pdf, document, marks.get(page, PageMarks()), page, order.dpi)
        if picture is not None:
            png, width, height = picture
            begun = sum(mark.begins for mark in marks[page].entries) if page in marks else 0
            left_out = len(pages) - len(drawn) if page == drawn[-1] else 0
            yield PagePicture(page=page, png=png, width=width, height=height, entries=begun, left_out=left_out)


def _page_picture(
    pdf: Document, document: DocumentText, marks: PageMarks, number: int, dpi: int
) -> tuple[bytes, int, int] | None:
    text = document.pages[number - 1]
    with pdf.loaded(number - 1) as page:
        canvas = draw_page(page, text.lines, dpi=dpi, most_pixels=MOST_PIXELS) if page else None
    if canvas is None:
        return None
    begun = sum(mark.begins for mark in marks.entries)
    caption = f"page {number} of {document.page_count}: {begun} entries begin here"
    image = draw_marks(canvas, marks, text.links, caption)
    return png_of(image), image.width, image.height
