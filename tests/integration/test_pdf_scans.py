"""Scans: without an OCR engine they have no text layer, with one their references are read."""

import importlib.util
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
import typst
from PIL import Image, ImageFilter

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.engine import open_document
from dl_lit.pdf.ocr.installed import DATA_FOLDERS, CannotRecognise
from dl_lit.pdf.ocr.order import OcrOrder, needs_ocr
from dl_lit.pdf.ocr.recogniser import Recogniser, SeenLine
from dl_lit.pdf.ocr.scans import recognised
from dl_lit.pdf.ocr.tesseract import Tesseract
from dl_lit.pdf.picture.order import PagePicture, PictureOrder
from dl_lit.pdf.reader import ChildReader
from dl_lit.pdf.reading import read_pdf

ENTRIES = (
    "Knuth, D. E. (1984). Literate programming. The Computer Journal, 27, 97-111.",
    "Lamport, L. (1978). Time, clocks and the ordering of events. Communications of the ACM, 21, 558-565.",
    "Dijkstra, E. W. (1968). Go to statement considered harmful. Communications of the ACM, 11, 147-148.",
    "Hoare, C. A. R. (1969). An axiomatic basis for computer programming. Communications of the ACM, 12, 576-580.",
)
PAPER = """
#set page(width: 595pt, height: 842pt)
#set text(size: 11pt)
= Reading from paper
#lorem(60)

= References
#set par(hanging-indent: 1.5em, spacing: 0.9em)
""" + "\n\n".join(f"[{number}] {entry}" for number, entry in enumerate(ENTRIES, start=1))

DEMO = Path(__file__).resolve().parents[2] / "dl_lit" / "demo"
HAS_TESSERACT = importlib.util.find_spec("tesserocr") is not None and any(
    (Path(folder) / "eng.traineddata").is_file() for folder in DATA_FOLDERS
)


def scanned(source: str, *, angle: float = 0) -> bytes:
    """What `source` is typeset to, as images alone."""
    pdf = pypdfium2.PdfDocument(bytes(typst.compile(source.encode())))
    pages = []
    for page in pdf:
        image = page.render(scale=200 / 72, grayscale=True).to_pil().convert("L").filter(ImageFilter.GaussianBlur(0.5))
        pages.append(image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255))
    pdf.close()
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=200)
    return out.getvalue()


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scans") / "scan.pdf"
    path.write_bytes(scanned(PAPER, angle=0.9))
    return path


class Typist:
    """An OCR engine that knows what stands on the page (`ocr.recogniser.Recogniser`)."""

    left_out: tuple[str, ...] = ()

    def __init__(self, order: OcrOrder) -> None:
        self.order = order
        self.images: list[tuple[int, int]] = []
        self.is_closed = False

    def lines(self, image: Image.Image, dpi: int, timeout_s: float) -> list[SeenLine]:
        assert image.mode == "L"
        assert timeout_s > 0
        self.images.append(image.size)
        unit = dpi / 72
        texts = ["References", *(f"[{number}] {entry}" for number, entry in enumerate(ENTRIES, start=1))]
        return [
            SeenLine(text, 70 * unit, (100 + 20 * n) * unit, 520 * unit, (111 + 20 * n) * unit, 11 * unit, 95)
            for n, text in enumerate(texts)
        ]

    def word(self, image: Image.Image, dpi: int, timeout_s: float) -> str:
        return ""

    def close(self) -> None:
        self.is_closed = True


class Unhurried(Typist):
    """One that takes a minute of the clock for each page."""

    minutes = 0

    def lines(self, image: Image.Image, dpi: int, timeout_s: float) -> list[SeenLine]:
        Unhurried.minutes += 1
        return super().lines(image, dpi, timeout_s)


engines = pytest.mark.parametrize(
    "start",
    [
        Typist,
        pytest.param(
            Tesseract, marks=pytest.mark.skipif(not HAS_TESSERACT, reason="needs tesserocr and Tesseract's English")
        ),
    ],
)


@engines
def test_an_engine_gives_the_lines_of_an_image_with_boxes(scan: Path, start: Callable[[OcrOrder], Recogniser]):
    """The contract that the double and the real one share."""
    with open_document(scan, max_bytes=1 << 26) as pdf:
        document = pdf.read()
        found = recognised(pdf, document, PdfError(Reason.NO_TEXT_LAYER), OcrOrder(), start=start)
    (page,) = found.document.pages
    text = "\n".join(line.text for line in page.lines)
    assert (found.recognised, found.unread, found.is_whole) == (1, 0, True)
    assert all(f"[{number}]" in text for number in range(1, 5))
    assert "Literate programming" in text
    assert all(0 < line.x0 < line.x1 < page.width and 0 < line.y0 < line.y1 < page.height for line in page.lines)
    assert all(5 < line.size < 25 for line in page.lines)


@pytest.mark.skipif(not HAS_TESSERACT, reason="needs tesserocr and Tesseract's English")
def test_a_scan_is_read_in_the_limited_child(scan: Path):
    with ChildReader(1, timeout_s=60, ocr=OcrOrder()) as reader:
        bibliography = reader.read(scan)
        pictures: list[PagePicture] = []
        reader.picture(scan, PictureOrder(), pictures.append)
    assert [reference.year for reference in bibliography.references] == [1984, 1978, 1968, 1969]
    assert [reference.authors[0].family for reference in bibliography.references] == [
        *("Knuth", "Lamport", "Dijkstra", "Hoare")
    ]
    assert bibliography.notes == ("1 page without text was read by OCR",)
    assert [picture.entries for picture in pictures] == [4]


def test_without_an_engine_the_reason_says_what_to_install(scan: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    with pytest.raises(PdfError) as caught:
        read_pdf(scan, max_bytes=1 << 26, max_pages=10, ocr=OcrOrder())
    assert caught.value.reason is Reason.NO_TEXT_LAYER
    assert "scripts/setup --ocr" in caught.value.detail
    assert "dl-lit[ocr]" in caught.value.detail


def test_where_ocr_is_off_a_scan_has_no_text_layer(scan: Path):
    with pytest.raises(PdfError) as caught:
        read_pdf(scan, max_bytes=1 << 26, max_pages=10, ocr=None)
    assert caught.value.reason is Reason.NO_TEXT_LAYER
    assert "ocr" not in caught.value.detail


@pytest.mark.skipif(not HAS_TESSERACT, reason="needs tesserocr and Tesseract's English")
def test_a_language_without_data_is_told(tmp_path: Path):
    with pytest.raises(CannotRecognise, match="tesseract-ocr-xyz"):
        Tesseract(OcrOrder(languages="xyz"))
    with pytest.raises(CannotRecognise, match=str(tmp_path)):
        Tesseract(OcrOrder(data_folder=str(tmp_path)))


@pytest.mark.skipif(not HAS_TESSERACT, reason="needs tesserocr and Tesseract's English")
def test_a_language_without_data_beside_one_with_it_is_told_in_a_note(scan: Path):
    found = read_pdf(scan, max_bytes=1 << 26, max_pages=10, ocr=OcrOrder(languages="eng+xyz"))
    assert len(found.references) == len(ENTRIES)
    assert any("no data for xyz" in note for note in found.notes)


@pytest.mark.skipif(not HAS_TESSERACT, reason="needs tesserocr and Tesseract's English")
@pytest.mark.parametrize("dpi", [180, 200, 300])
def test_the_columns_of_a_scan_are_read_one_after_the_other(dpi: int, tmp_path: Path):
    """However near they stand, and whatever else is on the page."""
    source = pypdfium2.PdfDocument(DEMO / "samples" / "05-networks.pdf")
    page = source[0].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    source.close()
    path = tmp_path / "columns.pdf"
    page.save(path, "PDF", resolution=dpi)
    found = read_pdf(path, max_bytes=1 << 26, max_pages=10, ocr=OcrOrder())
    assert [reference.label for reference in found.references] == [f"[{number}]" for number in range(1, 26)]
    assert max(len(reference.raw) for reference in found.references) < 250


def test_of_a_long_scan_as_many_pages_are_read_as_allowed_and_the_rest_is_counted(tmp_path: Path):
    path = tmp_path / "long.pdf"
    path.write_bytes(scanned("#set page(width: 200pt, height: 300pt)\n" + "x #pagebreak() " * 15 + "x"))
    engine = Typist(OcrOrder())
    with open_document(path, max_bytes=1 << 26) as pdf:
        document = pdf.read()
        found = recognised(
            pdf, document, PdfError(Reason.NO_TEXT_LAYER), OcrOrder(most_pages=5), start=lambda _: engine
        )
    assert (found.recognised, found.unread, found.is_whole) == (5, 11, False)
    read = [page.number for page in found.document.pages if page.lines]
    assert read == [1, 13, 14, 15, 16], "the first, which says what the work is, and the last"
    assert "5 pages without text were read by OCR; 11 more were not" in found.note
    assert engine.is_closed


def test_when_time_is_up_no_more_pages_are_read(tmp_path: Path):
    path = tmp_path / "slow.pdf"
    path.write_bytes(scanned("#set page(width: 200pt, height: 300pt)\n" + "x #pagebreak() " * 5 + "x"))
    Unhurried.minutes = 0
    with open_document(path, max_bytes=1 << 26) as pdf:
        document = pdf.read()
        found = recognised(
            pdf,
            document,
            PdfError(Reason.NO_TEXT_LAYER),
            OcrOrder(seconds=100),
            start=Unhurried,
            monotonic=lambda: 60.0 * Unhurried.minutes,
        )
    assert (found.recognised, found.unread) == (2, 4)


def test_only_failures_that_ocr_can_mend_call_for_it(scan: Path):
    with open_document(scan, max_bytes=1 << 26) as pdf:
        document = pdf.read()
    assert needs_ocr(document, Reason.NO_TEXT_LAYER)
    assert needs_ocr(document, Reason.GARBLED_TEXT)
    assert needs_ocr(document, Reason.NO_REFERENCES_FOUND), "its pages are images"
    assert not needs_ocr(document, Reason.ENCRYPTED_PDF)
