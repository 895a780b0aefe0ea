"""Text, boxes and links out of a PDF, through PDFium's raw interface.

Only the first and the last character of a line are asked for their boxes: asking for all costs more than half of the
speed. PDFium is not thread-safe: one thread of one process, the child's.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2.raw as pdfium

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.document import DocumentText, Line, Link, PageText
from dl_lit.pdf.xmp import document_doi

_META_KEYS = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "doi", "DOI", "WPS-ARTICLEDOI")
_MAX_LINKS_PER_PAGE = 5_000
_MAX_CHARACTERS_PER_PAGE = 400_000
_PIECE = re.compile(r"[^\n\ufffe\x02]+[\ufffe\x02]?")
_UNMAPPED = re.compile(r"[\x01\x03-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_FEW_CHARACTERS = 40  # on a page: fewer, and it is asked for images
_OBJECTS_LOOKED_AT = 200
_GAP_CHECK_WIDTH = 0.55  # of the page's width: a wider line may run across the gutter of two columns
_WHITE = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\u205f\u3000]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200c-\u200f\u202a-\u202e\u2060-\u2064]")
_BOLD_FONT = re.compile(r"bold|black|heavy|semibold|demi|-bd\b|cmbx|\.b\b", re.IGNORECASE)
_SOFT_HYPHENS = str.maketrans({"\ufffe": "\u00ad", "\x02": "\u00ad"})
# Accents that stand as characters of their own, before their letter (TeX) or behind it, and the marks they mean.
_LONE_ACCENTS = {
    "´": "\u0301",
    "`": "\u0300",
    "¨": "\u0308",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "ˇ": "\u030c",
    "˚": "\u030a",
    "˘": "\u0306",
    "˙": "\u0307",
    "˝": "\u030b",
    "¸": "\u0327",
}
_LONE_ACCENT = re.compile(r"([A-Za-z]?)(\s?)([´`¨ˆ˜ˇ˚˘˙˝¸])(\s?)([A-Za-zıȷ]?)")


class Document:
    """An open PDF; close it, or use `open_document`."""

    def __init__(self, handle: pdfium.FPDF_DOCUMENT, buffer: bytes) -> None:
        """Keep the bytes alive as long as PDFium reads from them."""
        self._handle = handle
        self._buffer = buffer
        self.page_count: int = pdfium.FPDF_GetPageCount(handle)

    def close(self) -> None:
        """Give the memory back."""
        pdfium.FPDF_CloseDocument(self._handle)

    def metadata(self) -> dict[str, str]:
        """The information dictionary's usual entries, as far as they are present and not empty."""
        found = {key: self._meta_text(key) for key in _META_KEYS}
        return {key: value for key, value in found.items() if value}

    def _meta_text(self, key: str) -> str:
        tag = key.encode("ascii")
        length = pdfium.FPDF_GetMetaText(self._handle, tag, None, 0)
        if not 2 < length < 20_000:
            return ""
        buffer = ctypes.create_string_buffer(length)
        pdfium.FPDF_GetMetaText(self._handle, tag, buffer, length)
        return buffer.raw[:-2].decode("utf-16-le", "replace").strip()

    def page(self, index: int, *, with_links: bool = True) -> PageText:
        """Page `index` (0-based); a page that cannot be loaded has no lines."""
        page = pdfium.FPDF_LoadPage(self._handle, index)
        if not page:
            return PageText(index + 1, 0.0, 0.0)
        try:
            width = float(pdfium.FPDF_GetPageWidthF(page))
            height = float(pdfium.FPDF_GetPageHeightF(page))
            lines, characters, unmapped = _text(page, index + 1, width)
            links = tuple(self._links(page)) if with_links else ()
            has_image = characters < _FEW_CHARACTERS and _has_image(page)
            return PageText(index + 1, width, height, lines, links, characters, unmapped, has_image)
        finally:
            pdfium.FPDF_ClosePage(page)

    @contextmanager
    def loaded(self, index: int) -> Iterator[pdfium.FPDF_PAGE | None]:
        """PDFium's page `index` (0-based) for whoever draws it, closed at the end; `None` when it cannot be loaded."""
        page = pdfium.FPDF_LoadPage(self._handle, index)
        try:
            yield page or None
        finally:
            if page:
                pdfium.FPDF_ClosePage(page)

    def _links(self, page: pdfium.FPDF_PAGE) -> Iterator[Link]:
        position = ctypes.c_int(0)
        link = pdfium.FPDF_LINK()
        rect = pdfium.FS_RECTF()
        for _ in range(_MAX_LINKS_PER_PAGE):
            if not pdfium.FPDFLink_Enumerate(page, ctypes.byref(position), ctypes.byref(link)):
                return
            action = pdfium.FPDFLink_GetAction(link)
            if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
                continue
            length = pdfium.FPDFAction_GetURIPath(self._handle, action, None, 0)
            if not 1 < length < 4_096 or not pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(rect)):
                continue
            buffer = ctypes.create_string_buffer(length)
            pdfium.FPDFAction_GetURIPath(self._handle, action, buffer, length)
            uri = buffer.value.decode("utf-8", "replace").strip()
            if uri:
                x0, x1 = sorted((rect.left, rect.right))
                y0, y1 = sorted((rect.bottom, rect.top))
                yield Link(uri, x0, y0, x1, y1)

    def read(self) -> DocumentText:
        """All pages, in order."""
        pages = tuple(self.page(index) for index in range(self.page_count))
        return DocumentText(self.page_count, pages, self.metadata(), document_doi(self._buffer))


@contextmanager
def open_document(path: Path, *, max_bytes: int) -> Iterator[Document]:
    """The PDF at `path`, closed at the end; raises `PdfError` when it does not open with at least one page."""
    data = read_file(path, max_bytes=max_bytes)
    handle = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not handle:
        raise PdfError(*_OPEN_ERRORS.get(pdfium.FPDF_GetLastError(), (Reason.DAMAGED_PDF, "PDFium cannot open it")))
    document = Document(handle, data)
    try:
        if document.page_count < 1:
            raise PdfError(Reason.DAMAGED_PDF, "no pages")
        yield document
    finally:
        document.close()


_OPEN_ERRORS: dict[int, tuple[Reason, str]] = {
    pdfium.FPDF_ERR_PASSWORD: (Reason.ENCRYPTED_PDF, "needs a password to open"),
    pdfium.FPDF_ERR_SECURITY: (Reason.ENCRYPTED_PDF, "an encryption that cannot be read"),
}


def read_file(path: Path, *, max_bytes: int) -> bytes:
    """The bytes of the PDF at `path`; raises `PdfError` for what is no readable PDF file at all."""
    try:
        if not path.is_file():
            raise PdfError(*((Reason.UNREADABLE_FILE, "not a regular file") if path.exists() else (Reason.VANISHED,)))
        size = path.stat().st_size
        if size == 0:
            raise PdfError(Reason.EMPTY_FILE)
        if size > max_bytes:
            raise PdfError(Reason.TOO_LARGE, f"{size} bytes, at most {max_bytes} are read")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise PdfError(Reason.VANISHED) from error
    except OSError as error:
        raise PdfError(Reason.UNREADABLE_FILE, error.strerror or type(error).__name__) from error
    if b"%PDF" not in data[:1024]:
        raise PdfError(Reason.NOT_A_PDF)
    return data


def _text(page: pdfium.FPDF_PAGE, number: int, width: float) -> tuple[tuple[Line, ...], int, int]:
    """A page's lines, how many characters it prints, and how many of them mean nothing in Unicode."""
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return (), 0, 0
    try:
        units = _units(text)
        characters = sum(not unit.isspace() for unit in units)
        return tuple(_lines(text, units, number, width)), characters, len(_UNMAPPED.findall(units))
    finally:
        pdfium.FPDFText_ClosePage(text)


def _has_image(page: pdfium.FPDF_PAGE) -> bool:
    """Whether one of the page's first objects is an image, or a form that may hold one."""
    count = min(pdfium.FPDFPage_CountObjects(page), _OBJECTS_LOOKED_AT)
    wanted = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
    return any(pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, at)) in wanted for at in range(count))


def _units(text: pdfium.FPDF_TEXTPAGE) -> str:
    """The page's text, one UTF-16 unit a character, so that PDFium's indices fit."""
    count = min(pdfium.FPDFText_CountChars(text), _MAX_CHARACTERS_PER_PAGE)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count * 2 + 1))()
    written = pdfium.FPDFText_GetText(text, 0, count, buffer)
    units = bytes(buffer)[: max(written - 1, 0) * 2].decode("utf-16-le", "surrogatepass")
    return units if len(units) == written - 1 else "".join(map(chr, buffer[: max(written - 1, 0)]))


def _lines(text: pdfium.FPDF_TEXTPAGE, units: str, page_number: int, page_width: float) -> Iterator[Line]:
    boxes = _Boxes(text)
    # PDFium puts no line break after a hyphen at a line's end that it took for soft: break there too.
    for piece in _PIECE.finditer(units):
        first, last = _ink(piece.group(), piece.start())
        if first is not None and last is not None:
            yield from _line_or_two(boxes, units, first, last, page_number=page_number, page_width=page_width)


def _ink(piece: str, start: int) -> tuple[int | None, int | None]:
    """Indices of the first and last printed character of `piece`, which begins at `start`."""
    stripped = piece.strip()
    if not stripped:
        return None, None
    first = start + len(piece) - len(piece.lstrip())
    return first, first + len(stripped) - 1


class _Boxes:
    """Boxes and fonts of single characters."""

    def __init__(self, text: pdfium.FPDF_TEXTPAGE) -> None:
        self._text = text
        self._rect = pdfium.FS_RECTF()
        self._rect_ref = ctypes.byref(self._rect)
        self._matrix = pdfium.FS_MATRIX()
        self._matrix_ref = ctypes.byref(self._matrix)
        self._name = ctypes.create_string_buffer(128)

    def index(self, at: int) -> int:
        """PDFium's character index of text position `at`."""
        return int(pdfium.FPDFText_GetCharIndexFromTextIndex(self._text, at))

    def box(self, index: int) -> tuple[float, float, float, float] | None:
        """Left, right, bottom, top of character `index`; top and bottom are the font's, not the glyph's."""
        if index < 0 or not pdfium.FPDFText_GetLooseCharBox(self._text, index, self._rect_ref):
            return None
        rect = self._rect
        left, right = (rect.left, rect.right) if rect.left <= rect.right else (rect.right, rect.left)
        bottom, top = (rect.bottom, rect.top) if rect.bottom <= rect.top else (rect.top, rect.bottom)
        return left, right, bottom, top

    def size(self, index: int) -> float:
        """Font size of character `index` in points as printed, the text matrix taken in."""
        size = float(pdfium.FPDFText_GetFontSize(self._text, index))
        if pdfium.FPDFText_GetMatrix(self._text, index, self._matrix_ref):
            matrix = self._matrix
            size *= max(abs(matrix.c), abs(matrix.d)) or 1.0
        return round(size, 1)

    def is_bold(self, index: int) -> bool:
        """Whether the font of character `index` is a bold one, judged by its name."""
        length = pdfium.FPDFText_GetFontInfo(self._text, index, self._name, 128, None)
        return 1 < length <= 128 and bool(_BOLD_FONT.search(self._name.raw[: length - 1].decode("latin-1")))


def _line_or_two(
    boxes: _Boxes, units: str, first: int, last: int, *, page_number: int, page_width: float
) -> Iterator[Line]:
    """The line from `first` to `last`; cut in two where it runs across a gutter or jumps back to the left."""
    index_first, index_last = boxes.index(first), boxes.index(last)
    box_first, box_last = boxes.box(index_first), boxes.box(index_last)
    if box_first is None or box_last is None:
        return
    if box_last[1] < box_first[0] or box_last[1] - box_first[0] > page_width * _GAP_CHECK_WIDTH:
        cut = _cut(boxes, units, first, last, box_first[3] - box_first[2])
        if cut is not None:
            yield from _line_or_two(boxes, units, first, cut, page_number=page_number, page_width=page_width)
            rest = cut + 1
            while rest <= last and units[rest].isspace():
                rest += 1
            if rest <= last:
                yield from _line_or_two(boxes, units, rest, last, page_number=page_number, page_width=page_width)
            return
    text = clean(units[first : last + 1])
    if text:
        yield Line(
            text,
            page_number,
            min(box_first[0], box_last[0]),
            max(box_first[1], box_last[1]),
            min(box_first[2], box_last[2]),
            max(box_first[3], box_last[3]),
            boxes.size(index_first),
            boxes.is_bold(index_first) and boxes.is_bold(index_last),
        )


def _cut(boxes: _Boxes, units: str, first: int, last: int, height: float) -> int | None:
    """The last character before the widest gap between words, or before a jump back; `None` for an ordinary line."""
    widest, cut = max(14.0, 1.8 * height), None
    for at in range(first + 1, last):
        if not units[at].isspace() or units[at - 1].isspace():
            continue
        following = at + 1
        while following < last and units[following].isspace():
            following += 1
        before, after = boxes.box(boxes.index(at - 1)), boxes.box(boxes.index(following))
        if before is None or after is None:
            continue
        if after[1] < before[0] - 40:
            return at - 1
        gap = after[0] - before[1]
        if gap > widest:
            widest, cut = gap, at - 1
    return cut


def clean(text: str) -> str:
    """One line's text: NFKC, controls dropped, white space folded, TeX's lone accents put on their letters."""
    if text.isascii():
        text = text.translate(_SOFT_HYPHENS)
        return _WHITE.sub(" ", _CONTROLS.sub("", text)).strip()
    if any("\ud800" <= c <= "\udfff" for c in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.translate(_SOFT_HYPHENS)
    if any(c in _LONE_ACCENTS for c in text):
        text = _LONE_ACCENT.sub(_accented, text)
    text = unicodedata.normalize("NFKC", _CONTROLS.sub("", text))
    return _WHITE.sub(" ", text).strip()


def _accented(match: re.Match[str]) -> str:
    before, gap, accent, other_gap, after = match.groups()
    mark = _LONE_ACCENTS[accent]
    composed = unicodedata.normalize("NFC", after.replace("ı", "i").replace("ȷ", "j") + mark)
    if after and len(composed) == 1 and accent != "¸":
        # "Kami´ nski" is one word, "and ´ Etienne" are two.
        return before + (gap if composed.isupper() else "") + composed
    composed = unicodedata.normalize("NFC", before + mark)
    if before and len(composed) == 1:
        return composed + after
    return before + (gap or other_gap) + after
