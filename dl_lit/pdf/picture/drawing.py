"""The marks of a page drawn on its image, with a legend above it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from dl_lit.pdf.document import Link
from dl_lit.pdf.picture import pens
from dl_lit.pdf.picture.canvas import Box, Canvas, line_box
from dl_lit.pdf.picture.marks import EntryMark, LinePart, PageMarks, SectionMark
from dl_lit.pdf.picture.pens import Colour, Pens

_MARKS: tuple[tuple[str, Colour], ...] = (
    ("list and its heading", pens.SECTION),
    ("doubtful entry", pens.DOUBT),
    ("in the list, in no entry", pens.LEFT_OUT),
    ("short form", pens.SHORT_FORM),
    ("link", pens.LINK),
)


def draw_marks(canvas: Canvas, marks: PageMarks, links: Sequence[Link], caption: str) -> Image.Image:
    """The page's image with its marks on it and the legend above."""
    unit = canvas.scale * 72 / 150
    drawing = Pens(canvas.image, unit)
    for mark in marks.entries:
        tint = pens.TINTS[mark.reference.position % 2]
        for part in mark.parts:
            drawing.wash(_box(canvas, part), tint)
    for mark in marks.entries:
        for field, part in mark.fields:
            drawing.underline(_box(canvas, part), pens.COLOUR_OF_FIELD[field])
    for section in marks.sections:
        _draw_section(drawing, canvas, section)
    _draw_links(drawing, canvas, marks, links)
    for mark in marks.entries:
        _draw_tag(drawing, canvas, mark)
    for short_form, parts in marks.short_forms:
        for part in parts:
            drawing.frame(_grown(_box(canvas, part), unit), pens.SHORT_FORM, 1.5)
        if parts:
            box = _box(canvas, parts[0])
            where = f"= {short_form.refers_to}" if short_form.refers_to is not None else "= ?"
            drawing.tag(box.x0 - 3 * unit, box.y0, where, pens.SHORT_FORM)
    return _with_legend(canvas.image, unit, caption)


def png_of(image: Image.Image) -> bytes:
    """The image as a PNG file, in 255 colours, which is a third of the size and of the time and looks the same."""
    file = io.BytesIO()
    image.quantize(255, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()


def _box(canvas: Canvas, part: LinePart) -> Box:
    return canvas.span_box(part.line, part.span)


def _grown(box: Box, by: float) -> Box:
    return Box(box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by)


def _draw_section(drawing: Pens, canvas: Canvas, section: SectionMark) -> None:
    unit = drawing.unit
    for line in section.loose:
        drawing.dots(canvas.pixels(line_box(line)), pens.LEFT_OUT)
    drawing.frame(_grown(canvas.pixels(section.outline), 5 * unit), pens.SECTION, 2)
    if section.heading is not None:
        box = _grown(canvas.pixels(line_box(section.heading)), 3 * unit)
        drawing.frame(box, pens.SECTION, 3)
        drawing.tag(box.x1 + 4 * unit, box.y0, "heading", pens.SECTION, to_the_left=False)


def _draw_links(drawing: Pens, canvas: Canvas, marks: PageMarks, links: Sequence[Link]) -> None:
    """Mark the links that lie on the lists."""
    outlines = [section.outline for section in marks.sections]
    for link in links:
        middle = (link.x0 + link.x1) / 2, (link.y0 + link.y1) / 2
        if any(box.x0 - 5 <= middle[0] <= box.x1 + 5 and box.y0 - 5 <= middle[1] <= box.y1 + 5 for box in outlines):
            drawing.dots(canvas.pixels(Box(link.x0, link.y0, link.x1, link.y1)), pens.LINK)


def _draw_tag(drawing: Pens, canvas: Canvas, mark: EntryMark) -> None:
    """The entry's number beside its first line, and a bar along a doubtful one."""
    boxes = [_box(canvas, part) for part in mark.parts]
    colour = pens.DOUBT if mark.is_doubtful else pens.INK
    text = str(mark.reference.position) if mark.begins else f"{mark.reference.position} …"
    if mark.is_doubtful and mark.begins:
        text = f"{text}  {mark.reference.confidence:.2f}"
    drawing.tag(boxes[0].x0 - 7 * drawing.unit, boxes[0].y0, text, colour)
    if mark.is_doubtful:
        for box in boxes:
            drawing.frame(Box(box.x0 - 5 * drawing.unit, box.y0, box.x0 - 3 * drawing.unit, box.y1), pens.DOUBT)


def _with_legend(image: Image.Image, unit: float, caption: str) -> Image.Image:
    """The image with a strip above it that says what the colours mean."""
    gap, edge = 14 * unit, 12 * unit
    ruler = Pens(Image.new("RGB", (1, 1)), unit)
    row = ruler.size("X")[1] + 12 * unit
    items = [(name, colour, True) for name, _, colour in pens.FIELDS] + [
        (name, colour, False) for name, colour in _MARKS
    ]
    x, y = edge, edge + row
    places: list[tuple[float, float]] = []
    for name, _, _ in items:
        width = 20 * unit + ruler.size(name)[0]
        if x + width > image.width - edge and x > edge:
            x, y = edge, y + row
        places.append((x, y))
        x += width + gap
    height = round(y + row)
    sheet = Image.new("RGB", (image.width, image.height + height), pens.PAPER)
    sheet.paste(image, (0, height))
    drawing = Pens(sheet, unit)
    drawing.text(edge, edge, pens.latin(caption, max(int((image.width - 2 * edge) / (8 * unit)), 8)))
    for (name, colour, is_field), (left, top) in zip(items, places, strict=True):
        sample = Box(left, top, left + 14 * unit, top + 13 * unit)
        if is_field:
            drawing.underline(sample, colour)
        else:
            drawing.frame(sample, colour, 2)
        drawing.text(left + 20 * unit, top, name)
    drawing.frame(Box(0, height - 1, image.width, height - 1), pens.LEFT_OUT, 1)
    return sheet
