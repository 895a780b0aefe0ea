"""Text, boxes and links out of a PDF, through PDFium's raw interface.

PDFium is not thread-safe: one thread of one process, the child's.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pypdfium2.raw as pdfium

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.document import DocumentText, Line, Link, PageText, Word
from dl_lit.pdf.frames import Frame
from dl_lit.pdf.glyphs import Glyphs
from dl_lit.pdf.linking import attach
from dl_lit.pdf.opening import File, content_of, size_of
from dl_lit.pdf.scanning import ScannedLine, scan, words
from dl_lit.pdf.xmp import packet_facts

_META_KEYS = (
    *("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate"),
    *("doi", "DOI", "WPS-ARTICLEDOI", "arXivID"),
)
_MAX_LINKS_PER_PAGE = 5_000
_MAX_QUADS = 50  # of one link: the lines it runs over
_FEW_CHARACTERS = 40  # on a page: fewer, and it is asked for images
_OBJECTS_LOOKED_AT = 200
_SPACES = " \r\n\t\u00a0"
_UNMAPPED = re.compile(r"[\x01\x03-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")


class Document:
    """An open PDF; close it, or use `open_document`."""

    def __init__(self, handle: pdfium.FPDF_DOCUMENT, buffer: bytes) -> None:
        """Keep the bytes alive as long as PDFium reads from them."""
        self._handle = handle
        self._buffer = buffer
        self._fonts: dict[bytes, bool] = {}
        self.page_count: int = pdfium.FPDF_GetPageCount(handle)

    @property
    def buffer(self) -> bytes:
        """The file's bytes."""
        return self._buffer

    def shows_something(self, index: int) -> bool:
        """Whether page `index` (0-based) can be opened and has any contents."""
        with self.loaded(index) as page:
            return page is not None and pdfium.FPDFPage_CountObjects(page) > 0

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
        with self.loaded(index) as page:
            if page is None:
                return PageText(index + 1, 0.0, 0.0)
            frame = _frame(page)
            links = list(self._links(page)) if with_links else []
            with _glyphs(page, frame, self._fonts) as glyphs:
                if glyphs is None:
                    return PageText(index + 1, frame.width, frame.height, has_image=_has_image(page))
                scanned = scan(glyphs, index + 1)
                links = [_upright(link, glyphs.frame) for link in links]
                lines = _linked(glyphs, scanned, links)
                units, upright = glyphs.units, glyphs.frame
            characters = len(units) - sum(map(units.count, _SPACES))
            return PageText(
                index + 1,
                upright.width,
                upright.height,
                tuple(lines),
                tuple(links),
                characters,
                0 if units.isascii() and units.isprintable() else len(_UNMAPPED.findall(units)),
                characters < _FEW_CHARACTERS and _has_image(page),
                (upright.turns - frame.turns) % 4,
            )

    def words(self, index: int) -> tuple[Word, ...]:
        """The words of page `index` (0-based) with their boxes, where `page` has its lines, in the file's own order.

        Every character is asked for its box: about ten milliseconds a page. For pictures; lines do without.
        """
        with self.loaded(index) as page:
            if page is None:
                return ()
            with _glyphs(page, _frame(page), self._fonts) as glyphs:
                if glyphs is None:
                    return ()
                scan(glyphs, index + 1)  # turns the page upright
                return tuple(words(glyphs, index + 1))

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
                for box in _quads(link) or [(rect.left, rect.right, rect.bottom, rect.top)]:
                    x0, x1 = sorted(box[:2])
                    y0, y1 = sorted(box[2:])
                    yield Link(uri, x0, y0, x1, y1)

    def read(self) -> DocumentText:
        """All pages, in order."""
        pages = tuple(self.page(index) for index in range(self.page_count))
        packet = packet_facts(self._buffer)
        return DocumentText(self.page_count, pages, self.metadata() | packet, packet.get("xmp:doi"))


@contextmanager
def open_document(file: File, *, max_bytes: int) -> Iterator[Document]:
    """The PDF `file`, closed at the end; raises `PdfError` when it does not open with at least one page."""
    data = read_file(file, max_bytes=max_bytes)
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


def read_file(file: File, *, max_bytes: int) -> bytes:
    """The bytes of the PDF `file`; raises `PdfError` for what is no readable PDF file at all."""
    size = size_of(file)
    if size == 0:
        raise PdfError(Reason.EMPTY_FILE)
    if size > max_bytes:
        raise PdfError(Reason.TOO_LARGE, f"{size} bytes, at most {max_bytes} are read")
    data = content_of(file, max_bytes + 1)
    if b"%PDF" not in data[:1024]:
        raise PdfError(Reason.NOT_A_PDF)
    return data


@contextmanager
def _glyphs(page: pdfium.FPDF_PAGE, frame: Frame, fonts: dict[bytes, bool]) -> Iterator[Glyphs | None]:
    """The page's characters; `None` when it has no text to load."""
    text = pdfium.FPDFText_LoadPage(page)
    try:
        yield Glyphs(text, frame, fonts) if text else None
    finally:
        if text:
            pdfium.FPDFText_ClosePage(text)


def _frame(page: pdfium.FPDF_PAGE) -> Frame:
    """How the file has the page turned, and which part of it is seen."""
    rect = pdfium.FS_RECTF()
    turns = max(int(pdfium.FPDFPage_GetRotation(page)), 0)
    if pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(rect)):
        return Frame(rect.left, rect.right, rect.bottom, rect.top, turns)
    width, height = float(pdfium.FPDF_GetPageWidthF(page)), float(pdfium.FPDF_GetPageHeightF(page))
    return Frame(0.0, *((height, 0.0, width) if turns % 2 else (width, 0.0, height)), turns)


def _upright(link: Link, frame: Frame) -> Link:
    if frame.is_plain:
        return link
    left, right, bottom, top = frame.upright((link.x0, link.x1, link.y0, link.y1))
    return Link(link.uri, left, bottom, right, top)


def _quads(link: pdfium.FPDF_LINK) -> list[tuple[float, float, float, float]]:
    """The boxes of a link that runs over several lines; empty where its rectangle says all."""
    count = pdfium.FPDFLink_CountQuadPoints(link)
    if not 1 < count <= _MAX_QUADS:
        return []
    points = pdfium.FS_QUADPOINTSF()
    boxes: list[tuple[float, float, float, float]] = []
    for index in range(count):
        if pdfium.FPDFLink_GetQuadPoints(link, index, ctypes.byref(points)):
            xs = (points.x1, points.x2, points.x3, points.x4)
            ys = (points.y1, points.y2, points.y3, points.y4)
            boxes.append((min(xs), max(xs), min(ys), max(ys)))
    return boxes


def _linked(glyphs: Glyphs, scanned: Sequence[ScannedLine], links: Sequence[Link]) -> list[Line]:
    """The lines with the links that lie on them."""
    lines = [each.line for each in scanned]
    if not links:
        return lines

    def positions(index: int, x0: float, x1: float) -> tuple[int, int]:
        each = scanned[index]
        start = _character_at(glyphs, each, x0)
        end = max(_character_at(glyphs, each, x1), start + 1)
        return each.offset(start), min(each.offset(end), len(each.line.text))

    return attach(lines, links, positions)


def _character_at(glyphs: Glyphs, line: ScannedLine, x: float) -> int:
    """The first of the line's characters whose middle is not left of `x`; the one after its last when all are."""
    low, high = line.first, line.last + 1
    while low < high:
        middle = (low + high) // 2
        box = glyphs.box(middle)
        at = middle
        while box is None and at > low:
            at -= 1
            box = glyphs.box(at)
        if box is None or (box[0] + box[1]) / 2 < x:
            low = middle + 1
        else:
            high = at
    return low


def _has_image(page: pdfium.FPDF_PAGE) -> bool:
    """Whether one of the page's first objects is an image, or a form that may hold one."""
    count = min(pdfium.FPDFPage_CountObjects(page), _OBJECTS_LOOKED_AT)
    wanted = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
    return any(pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, at)) in wanted for at in range(count))
