"""What the reading of a PDF depends on besides the PDF: dl_lit's version, its models, the limits."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from dl_lit.app.corpus.orders import Limits
from dl_lit.app.reading.readers import ocr_order
from dl_lit.pdf import models
from dl_lit.pdf.ocr.order import OcrOrder
from dl_lit.settings import Settings

_MODELS = Path(next(iter(models.__path__)))


@cache
def models_digest() -> str:
    """One SHA-256 over the names and contents of the reader's models."""
    digest = hashlib.sha256()
    for path in sorted(_MODELS.iterdir()):
        if path.is_file() and path.suffix != ".py":
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def can_recognise() -> bool:
    """Whether what recognises scans is installed."""
    return importlib.util.find_spec("tesserocr") is not None


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings set; scans are only read where what that needs is installed."""
    pdf, ocr = settings.pdf, ocr_order(settings)
    bounds = Limits(timeout_s=pdf.timeout_s, memory_mb=pdf.memory_mb, max_mb=pdf.max_mb)
    if ocr is None or not can_recognise():
        return bounds
    return Limits(
        timeout_s=pdf.timeout_s,
        memory_mb=pdf.memory_mb,
        max_mb=pdf.max_mb,
        ocr_languages=ocr.languages,
        ocr_data=ocr.data_folder,
        ocr_pages=ocr.most_pages,
        ocr_timeout_s=ocr.seconds,
    )


def ocr_of(limits: Limits) -> OcrOrder | None:
    """How to read scans, for the reader."""
    if limits.ocr_languages is None:
        return None
    return OcrOrder(
        languages=limits.ocr_languages,
        data_folder=limits.ocr_data,
        most_pages=limits.ocr_pages,
        seconds=limits.ocr_timeout_s,
    )
