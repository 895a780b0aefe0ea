"""A page as an image, turned as it is read, with the boxes of its characters.

Coordinates are points of the upright page, y upward, as lines have them; pixels count downward from the upper edge.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from difflib import SequenceMatcher

import pypdfium2.raw as pdfium
from PIL import Image

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.ocr.straighten import straightened
from dl_lit.pdf.picture.trace import Span, bare_letters

_MOST_CHARACTERS = 100_000
_FINE = 1 << 20  # pixels of a made-up page on which coordinates are measured, since PDFium answers in whole ones
_LINES_TRIED = 40  # to find out how the reader turned the page
_TURNS = (None, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)  # clockwise


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """A letter or digit of the page and its box in points."""

    letter: str
    box: Box


@dataclass(frozen=True, slots=True)
class Canvas:
    """One page, drawn."""

    image: Image.Image
    scale: float  # pixels to a point
    glyphs: tuple[Glyph, ...]  # in the file's order

    def pixels(self, box: Box) -> Box:
        """The pixels that `box` covers."""
        down = self.image.height
        return Box(box.x0 * self.scale, down - box.y1 * self.scale, box.x1 * self.scale, down - box.y0 * self.scale)

    def span_box(self, line: Line, span: Span) -> Box:
        """The pixels that the characters of `span` in `line` cover."""
        if span.start == 0 and span.end >= len(line.text):
            return self.pixels(line_box(line))
        return self.pixels(span_box(line, span, glyphs_of(line, self.glyphs)))


def line_box(line: Line) -> Box:
    """The box of a line, in points."""
    return Box(line.x0, line.y0, line.x1, line.y1)


def glyphs_of(line: Line, glyphs: Sequence[Glyph]) -> list[Glyph]:
    """The glyphs whose middle lies in `line`."""
    return [
        glyph
        for glyph in glyphs
        if line.x0 - 1 <= (glyph.box.x0 + glyph.box.x1) / 2 <= line.x1 + 1
        and line.y0 <= (glyph.box.y0 + glyph.box.y1) / 2 <= line.y1
    ]


def span_box(line: Line, span: Span, glyphs: Sequence[Glyph]) -> Box:
    """The box of the characters of `span`, in points.

    Where they are not found among the `glyphs` of the line (they were recognised from an image), all characters are
    taken to be of one width.
    """
    letters = list(bare_letters(line.text))
    matcher = SequenceMatcher(
        None, "".join(letter for _, letter in letters), "".join(glyph.letter for glyph in glyphs), autojunk=False
    )
    boxes = [
        glyphs[b + offset].box
        for a, b, size in matcher.get_matching_blocks()
        for offset in range(size)
        if span.start <= letters[a + offset][0] < span.end
    ]
    wanted = sum(span.start <= at < span.end for at, _ in letters)
    if boxes and 2 * len(boxes) >= wanted:
        return Box(min(box.x0 for box in boxes), line.y0, max(box.x1 for box in boxes), line.y1)
    width = (line.x1 - line.x0) / max(len(line.text), 1)
    return Box(line.x0 + width * span.start, line.y0, line.x0 + width * min(span.end, len(line.text)), line.y1)


def draw_page(page: pdfium.FPDF_PAGE, lines: Sequence[Line], *, dpi: float, most_pixels: int) -> Canvas | None:
    """The page as an image of at most `most_pixels`, turned so that `lines` lie on their words.

    `None` where it has no area, or there is no memory for it.
    """
    width, height = float(pdfium.FPDF_GetPageWidthF(page)), float(pdfium.FPDF_GetPageHeightF(page))
    scale = fitting_scale(width, height, dpi=dpi, most_pixels=most_pixels)
    image = render_page(page, scale) if scale else None
    if image is None or scale is None:
        return None
    glyphs = _glyphs(page, width, height)
    if not glyphs:
        return Canvas(straightened(image), scale, ())  # a scan, as the OCR engine saw it
    turns = _turns(glyphs, lines, width, height)
    method = _TURNS[turns]
    return Canvas(
        image.transpose(method) if method is not None else image, scale, tuple(_turned(glyphs, turns, width, height))
    )


def fitting_scale(width: float, height: float, *, dpi: float, most_pixels: int) -> float | None:
    """Pixels to a point at `dpi`, fewer where the page would have more than `most_pixels`; `None` without area."""
    if width <= 0 or height <= 0:
        return None
    scale: float = min(dpi / 72, (most_pixels / (width * height)) ** 0.5)
    return scale if min(width, height) * scale >= 1 else None


def render_page(page: pdfium.FPDF_PAGE, scale: float, *, colour: bool = True) -> Image.Image | None:
    """The page as its file shows it, `scale` pixels to a point; `None` without memory for it."""
    width = max(round(float(pdfium.FPDF_GetPageWidthF(page)) * scale), 1)
    height = max(round(float(pdfium.FPDF_GetPageHeightF(page)) * scale), 1)
    form = pdfium.FPDFBitmap_BGR if colour else pdfium.FPDFBitmap_Gray
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, form, None, 0)
    if not bitmap:
        return None
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
        flags = pdfium.FPDF_ANNOT | (0 if colour else pdfium.FPDF_GRAYSCALE)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        data = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    if colour:
        return Image.frombytes("RGB", (width, height), data, "raw", "BGR", stride)
    return Image.frombytes("L", (width, height), data, "raw", "L", stride)


def _turned(glyphs: Sequence[Glyph], turns: int, width: float, height: float) -> list[Glyph]:
    """The glyphs of a page of that size after `turns` quarter turns clockwise."""
    if turns == 0:
        return list(glyphs)
    if turns == 1:
        return [
            Glyph(one.letter, Box(one.box.y0, width - one.box.x1, one.box.y1, width - one.box.x0)) for one in glyphs
        ]
    half = [
        Glyph(one.letter, Box(width - one.box.x1, height - one.box.y1, width - one.box.x0, height - one.box.y0))
        for one in glyphs
    ]
    return half if turns == 2 else _turned(half, 1, width, height)


def _turns(glyphs: Sequence[Glyph], lines: Sequence[Line], width: float, height: float) -> int:
    """The quarter turns clockwise that the reader gave the page: after them the lines lie on their letters."""
    step = max(len(lines) // _LINES_TRIED, 1)
    tried = [line for line in lines[::step] if any(char.isalnum() for char in line.text)]

    def fit(turns: int) -> int:
        turned = _turned(glyphs, turns, width, height)
        return sum(_agrees(line, turned) for line in tried)

    return (
        max(range(4), key=lambda turns: (fit(turns), turns == 0)) if tried and glyphs and 2 * fit(0) < len(tried) else 0
    )


def _agrees(line: Line, glyphs: Sequence[Glyph]) -> bool:
    wanted = sorted(letter for _, letter in bare_letters(line.text))
    return sorted(glyph.letter for glyph in glyphs_of(line, glyphs)) == wanted


def _glyphs(page: pdfium.FPDF_PAGE, width: float, height: float) -> list[Glyph]:
    """The page's letters and digits with their boxes on the page as its file shows it."""
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return []
    place = _placing(page, width, height)
    glyphs: list[Glyph] = []
    rect = pdfium.FS_RECTF()
    try:
        for index in range(min(pdfium.FPDFText_CountChars(text), _MOST_CHARACTERS)):
            letters = [letter for _, letter in bare_letters(_char(text, index))]
            if letters and pdfium.FPDFText_GetLooseCharBox(text, index, ctypes.byref(rect)):
                box = place.box(rect)
                glyphs += [Glyph(letter, box) for letter in letters]
    finally:
        pdfium.FPDFText_ClosePage(text)
    return glyphs


def _char(text: pdfium.FPDF_TEXTPAGE, index: int) -> str:
    code = pdfium.FPDFText_GetUnicode(text, index)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


@dataclass(frozen=True, slots=True)
class _Placing:
    """From the file's coordinates to those of the page shown: x' = a x + c y + e, y' = b x + d y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def box(self, rect: pdfium.FS_RECTF) -> Box:
        (x0, x1), (y0, y1) = (
            sorted(self.a * x + self.c * y + self.e for x, y in _corners(rect)),
            sorted(self.b * x + self.d * y + self.f for x, y in _corners(rect)),
        )
        return Box(x0, y0, x1, y1)


def _corners(rect: pdfium.FS_RECTF) -> tuple[tuple[float, float], tuple[float, float]]:
    return (rect.left, rect.bottom), (rect.right, rect.top)


def _placing(page: pdfium.FPDF_PAGE, width: float, height: float) -> _Placing:
    """How PDFium shows the page: turned and cropped as the file says."""

    def at(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, ctypes.byref(across), ctypes.byref(down))
        return across.value / _FINE * width, height - down.value / _FINE * height

    (e, f), (ax, bx), (cy, dy) = at(0, 0), at(100, 0), at(0, 100)
    return _Placing((ax - e) / 100, (bx - f) / 100, (cy - e) / 100, (dy - f) / 100, e, f)
