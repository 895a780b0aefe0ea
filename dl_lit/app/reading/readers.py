"""The reader of bibliographies as the settings want it."""

from __future__ import annotations

import importlib.util

from dl_lit.pdf.ocr.installed import HOW_TO_INSTALL, CannotRecognise, usable_languages
from dl_lit.pdf.ocr.order import OcrOrder
from dl_lit.pdf.reader import ChildReader
from dl_lit.settings import Settings
from dl_lit.settings.model import MB

_OCR_SHARE = 0.75  # of the time for one file that recognising scans may take at most


def bibliography_reader(settings: Settings) -> ChildReader:
    """Reads in child processes, as many as there are extraction workers; close it."""
    pdf = settings.pdf
    return ChildReader(
        settings.workers.extraction,
        timeout_s=pdf.timeout_s,
        memory_bytes=pdf.memory_mb * MB,
        max_bytes=pdf.max_mb * MB,
        ocr=ocr_order(settings),
    )


def ocr_order(settings: Settings) -> OcrOrder | None:
    """How to read pages without text; `None` where no language is set, or the word "none"."""
    pdf = settings.pdf
    if pdf.ocr_languages in {"", "none"}:
        return None
    return OcrOrder(
        languages=pdf.ocr_languages,
        data_folder=str(pdf.ocr_data) if pdf.ocr_data is not None else None,
        most_pages=pdf.ocr_pages,
        seconds=min(pdf.ocr_timeout_s, _OCR_SHARE * pdf.timeout_s),
    )


def scans_are_read(settings: Settings) -> tuple[bool, str]:
    """Whether all that is set for reading scans is there, and with what they are read, or what is lacking."""
    order = ocr_order(settings)
    if order is None:
        return True, "scans are not read: pdf.ocr_languages is none"
    if importlib.util.find_spec("tesserocr") is None:
        return True, f"scans are not read: {HOW_TO_INSTALL}"
    try:
        folder, languages, left_out = usable_languages(order)
    except CannotRecognise as error:
        return False, f"scans cannot be read: {error}"
    lacking = f"; no data for {', '.join(left_out)}" if left_out else ""
    return not left_out, f"scans are read by Tesseract in {'+'.join(languages)}, with the data of {folder}{lacking}"
