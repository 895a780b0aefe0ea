"""Sets a sample with typst: the same bytes each time, with typst's own fonts and one for Chinese and Japanese."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import typst

from .sample import CJK, Sample

CJK_FOLDER = Path("/usr/share/fonts/truetype/droid")  # Debian: apt-get install fonts-droid-fallback


class NoFont(Exception):
    """The font a sample needs is not on this machine."""


def can_set(sample: Sample) -> bool:
    """Whether the sample's font is there."""
    return sample.font != CJK or CJK_FOLDER.is_dir()


def typeset(sample: Sample) -> bytes:
    """The sample as a PDF. Raises `NoFont`."""
    if not can_set(sample):
        raise NoFont(f"{sample.name} needs the font {CJK} (on Debian: apt-get install fonts-droid-fallback)")
    paths = [str(CJK_FOLDER)] if sample.font == CJK else []
    pdf = typst.compile(
        sample.source().encode(), format="pdf", font_paths=paths, ignore_system_fonts=True, pdf_tags=False
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"typst gave {type(pdf).__name__} for {sample.name}")
    return pdf


def text_of(pdf: bytes) -> list[str]:
    """The text of every page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
