"""The characters of one page as PDFium has them: their code units, boxes, sizes and fonts.

Each question is a call through ctypes of about a microsecond, so ask of few characters. PDFium is not thread-safe: one
thread of one process, the child's.
"""

from __future__ import annotations

import ctypes
import math
import re

import pypdfium2.raw as pdfium

from dl_lit.pdf.frames import Box, Frame

MAX_CHARACTERS = 400_000  # of a page that are read
_BOLD_FONT = re.compile(r"bold|black|heavy|semibold|demi|-bd\b|cmbx|\.b\b", re.IGNORECASE)
_LONGEST_FONT_NAME = 128
_loose_box = pdfium.FPDFText_GetLooseCharBox
_FONTS_REMEMBERED = 2_000


class Glyphs:
    """One page's characters, told apart by their index in `units`. Valid while the text page is open."""

    def __init__(self, text: pdfium.FPDF_TEXTPAGE, frame: Frame, fonts: dict[bytes, bool]) -> None:
        """Read the page's text; `fonts` remembers, by name, which fonts are bold."""
        self._text = text
        self._frame = frame
        self._is_plain = frame.is_plain
        self._fonts = fonts
        self._rect = pdfium.FS_RECTF()
        self._rect_ref = ctypes.byref(self._rect)
        self._matrix = pdfium.FS_MATRIX()
        self._matrix_ref = ctypes.byref(self._matrix)
        self._edges = tuple(ctypes.c_double() for _ in range(4))
        self._edge_refs = tuple(map(ctypes.byref, self._edges))
        self._name = ctypes.create_string_buffer(_LONGEST_FONT_NAME)
        count = int(pdfium.FPDFText_CountChars(text))
        self.units = _units(text, min(count, MAX_CHARACTERS))  # one UTF-16 code unit a character
        self._is_aligned = len(self.units) == count  # text positions are PDFium's indices then

    @property
    def frame(self) -> Frame:
        """How the page is turned, and where it lies."""
        return self._frame

    def turn(self, turns: int) -> None:
        """Turn the page clockwise by `turns` more quarters: boxes are those of the turned page from now on."""
        self._frame = self._frame.turned(turns)
        self._is_plain = self._frame.is_plain

    def _index(self, at: int) -> int:
        """PDFium's index of the character at text position `at`."""
        return at if self._is_aligned else int(pdfium.FPDFText_GetCharIndexFromTextIndex(self._text, at))

    def box(self, at: int) -> Box | None:
        """Left, right, bottom, top of a character on the upright page: top and bottom are the font's, not the glyph's.

        `None` for a character without a place.
        """
        rect = self._rect
        index = at if self._is_aligned else self._index(at)
        if not _loose_box(self._text, index, self._rect_ref):
            return None
        left, right, bottom, top = rect.left, rect.right, rect.bottom, rect.top
        if left > right:
            left, right = right, left
        if bottom > top:
            bottom, top = top, bottom
        return (left, right, bottom, top) if self._is_plain else self._frame.upright((left, right, bottom, top))

    def ink(self, at: int) -> Box | None:
        """Left, right, bottom, top of what is printed of a character, on the upright page; `None` without a place."""
        edges = self._edges
        if not pdfium.FPDFText_GetCharBox(self._text, self._index(at), *self._edge_refs):
            return None
        left, right, bottom, top = (edge.value for edge in edges)
        box = (min(left, right), max(left, right), min(bottom, top), max(bottom, top))
        return box if self._is_plain else self._frame.upright(box)

    def quarter(self, at: int) -> int:
        """How many quarters, clockwise, a character is turned against the upright page: 0 to 3."""
        angle = float(pdfium.FPDFText_GetCharAngle(self._text, self._index(at)))  # radians, clockwise; -1 for none
        return (round(angle / (math.pi / 2)) + self._frame.turns) % 4 if angle >= 0 else 0

    def size(self, at: int) -> float:
        """Font size of a character in points as printed, the text matrix taken in."""
        index = self._index(at)
        size = float(pdfium.FPDFText_GetFontSize(self._text, index))
        if pdfium.FPDFText_GetMatrix(self._text, index, self._matrix_ref):
            matrix = self._matrix
            size *= max(abs(matrix.c), abs(matrix.d)) or 1.0
        return round(size, 1)

    def is_bold(self, at: int) -> bool:
        """Whether a character's font is a bold one, judged by its name."""
        name = self._name
        length = pdfium.FPDFText_GetFontInfo(self._text, self._index(at), name, _LONGEST_FONT_NAME, None)
        if not 1 < length <= _LONGEST_FONT_NAME:
            return False
        key = name.value
        known = self._fonts.get(key)
        if known is None:
            known = bool(_BOLD_FONT.search(key.decode("latin-1")))
            if len(self._fonts) < _FONTS_REMEMBERED:
                self._fonts[key] = known
        return known


def _units(text: pdfium.FPDF_TEXTPAGE, count: int) -> str:
    """The page's text, one UTF-16 unit a character, so that PDFium's indices fit."""
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count * 2 + 1))()
    written = max(pdfium.FPDFText_GetText(text, 0, count, buffer) - 1, 0)
    units = bytes(buffer)[: written * 2].decode("utf-16-le", "surrogatepass")
    return units if len(units) == written else "".join(map(chr, buffer[:written]))
