"""What of the OCR engine is installed, without loading it."""

from __future__ import annotations

from pathlib import Path

from dl_lit.pdf.ocr.order import OcrOrder

# Where Debian, Fedora, Arch, source builds and Homebrew put the language data.
DATA_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)

HOW_TO_INSTALL = "to read scans run `scripts/setup --ocr`, or install the extra dl-lit[ocr]"


class CannotRecognise(Exception):
    """There is no OCR engine, or no data for the languages asked for; the text says what to install."""


def usable_languages(order: OcrOrder) -> tuple[Path, list[str], tuple[str, ...]]:
    """The folder with the data, the languages of `order` that it has, and those it lacks; raises `CannotRecognise`."""
    folders = [order.data_folder] if order.data_folder else DATA_FOLDERS
    wanted = [name for name in order.languages.split("+") if name.isidentifier()]
    for folder in map(Path, folders):
        present = [name for name in wanted if (folder / f"{name}.traineddata").is_file()]
        if present:
            return folder, present, tuple(name for name in wanted if name not in present)
    where = order.data_folder or "the usual folders"
    package = f"tesseract-ocr-{wanted[0] if wanted else 'eng'}"
    raise CannotRecognise(f"no Tesseract data for {order.languages} in {where}: on Debian, install {package}")
