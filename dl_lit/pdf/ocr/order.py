"""What the child is told about reading scans, and when it is to read them."""

from __future__ import annotations

from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.pdf.document import DocumentText, PageText

FEW_CHARACTERS = 40  # on a page beside an image: a stamp of the archive's, not the page's text
_CAN_HELP = frozenset({Reason.NO_TEXT_LAYER, Reason.GARBLED_TEXT, Reason.NO_REFERENCES_FOUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrOrder:
    """How to read pages without text."""

    languages: str = "eng"  # Tesseract's codes, joined by "+"
    data_folder: str | None = None  # with Tesseract's *.traineddata; None: where distributions put them
    most_pages: int = 40  # of one document that are recognised whole
    seconds: float = 60.0  # of wall clock for one document


def needs_ocr(document: DocumentText, reason: Reason) -> bool:
    """Whether reading `document` failed for `reason` and there are pages that OCR might read."""
    return reason in _CAN_HELP and bool(pages_to_recognise(document, reason))


def pages_to_recognise(document: DocumentText, reason: Reason) -> list[PageText]:
    """The pages that have no text, or, in a document whose text means nothing, all."""
    if reason is Reason.GARBLED_TEXT:
        return [page for page in document.pages if page.width > 0]
    is_scan = reason is Reason.NO_TEXT_LAYER
    return [
        page
        for page in document.pages
        if page.width > 0 and page.characters < FEW_CHARACTERS and (is_scan or page.has_image)
    ]
