"""Reading a file's bibliography, in the child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography
from dl_lit.core.reasons import Reason
from dl_lit.pdf.bibliography import Reading, read_with_trace
from dl_lit.pdf.document import DocumentText
from dl_lit.pdf.engine import Document, open_document
from dl_lit.pdf.ocr.order import OcrOrder, needs_ocr
from dl_lit.pdf.opening import File
from dl_lit.pdf.picture.order import PagePicture, PictureOrder


def read_pdf(
    file: File,
    *,
    max_bytes: int,
    max_pages: int,
    picture: PictureOrder | None = None,
    take: Callable[[PagePicture], None] | None = None,
    ocr: OcrOrder | None = None,
) -> Bibliography:
    """The bibliography of the PDF `file`; raises `PdfError`.

    `take` gets the page images that `picture` asks for. `ocr` says how to read pages without text; `None`: not at all.
    """
    with open_document(file, max_bytes=max_bytes) as pdf:
        if pdf.page_count > max_pages:
            raise PdfError(Reason.TOO_LARGE, f"{pdf.page_count} pages, at most {max_pages} are read")
        document = pdf.read()
        if not any(page.width > 0 for page in document.pages):
            raise PdfError(Reason.DAMAGED_PDF, "no page can be opened")
        document, reading = _read(pdf, document, ocr)
        if picture is not None and take is not None:
            from dl_lit.pdf.picture.pictures import page_pictures  # noqa: PLC0415 - brings Pillow, seldom needed

            for one in page_pictures(pdf, document, None if isinstance(reading, PdfError) else reading, picture):
                take(one)
    if isinstance(reading, PdfError):
        raise reading
    return reading.bibliography


def _read(pdf: Document, document: DocumentText, ocr: OcrOrder | None) -> tuple[DocumentText, Reading | PdfError]:
    """What was read, recognised pages put in; or why nothing was."""
    try:
        return document, read_with_trace(document)
    except PdfError as error:
        if ocr is None or not needs_ocr(document, error.reason):
            return document, error
        failure = error
    from dl_lit.pdf.ocr.scans import recognised  # noqa: PLC0415 - brings Pillow, seldom needed

    try:
        recognition = recognised(pdf, document, failure, ocr)
    except PdfError as error:
        return document, error
    try:
        reading = read_with_trace(recognition.document)
    except PdfError as error:
        if recognition.is_whole:
            return recognition.document, error
        detail = f"no list of references among what OCR read ({recognition.note})"
        return recognition.document, PdfError(failure.reason, detail)
    bibliography = replace(reading.bibliography, notes=(*reading.bibliography.notes, recognition.note))
    return recognition.document, replace(reading, bibliography=bibliography)
