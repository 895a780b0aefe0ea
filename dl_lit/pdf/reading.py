"""The two jobs on a file: read its bibliography, or see what it is. They run in the child."""

from __future__ import annotations

from pathlib import Path

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography
from dl_lit.core.ports import PdfFacts
from dl_lit.core.reasons import Reason
from dl_lit.pdf.bibliography import read_bibliography
from dl_lit.pdf.engine import open_document
from dl_lit.pdf.layout import page_lines

FIRST_PAGES = 3  # whose text a check gives
FIRST_TEXT_CHARACTERS = 6_000


def read_pdf(path: Path, *, max_bytes: int, max_pages: int) -> Bibliography:
    """The bibliography of the PDF at `path`; raises `PdfError`."""
    with open_document(path, max_bytes=max_bytes) as pdf:
        if pdf.page_count > max_pages:
            raise PdfError(Reason.TOO_LARGE, f"{pdf.page_count} pages, at most {max_pages} are read")
        document = pdf.read()
    if not any(page.width > 0 for page in document.pages):
        raise PdfError(Reason.DAMAGED_PDF, "no page can be opened")
    return read_bibliography(document)


def check_pdf(path: Path, *, max_bytes: int) -> PdfFacts:
    """Page count and first text of the PDF at `path`; raises `PdfError` when it does not open with a page."""
    with open_document(path, max_bytes=max_bytes) as pdf:
        pages = [pdf.page(index, with_links=False) for index in range(min(FIRST_PAGES, pdf.page_count))]
        if not any(page.width > 0 for page in pages):
            raise PdfError(Reason.DAMAGED_PDF, "no page can be opened")
        text = "\n".join(line.text for page in pages for line in page_lines(page))
        return PdfFacts(pdf.page_count, text.replace("\u00ad\n", "")[:FIRST_TEXT_CHARACTERS])
