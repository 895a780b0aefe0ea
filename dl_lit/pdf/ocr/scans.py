"""Pages without text made pages with text, as far as they look like a list of references."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from PIL import Image

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.pdf.document import DocumentText, Line, PageText
from dl_lit.pdf.engine import Document
from dl_lit.pdf.ocr.columns import cut_at_gutters
from dl_lit.pdf.ocr.gutters import Ink, overlooked
from dl_lit.pdf.ocr.halves import read_by_columns
from dl_lit.pdf.ocr.installed import CannotRecognise
from dl_lit.pdf.ocr.labels import with_labels
from dl_lit.pdf.ocr.order import OcrOrder, pages_to_recognise
from dl_lit.pdf.ocr.recogniser import Recogniser, SeenLine
from dl_lit.pdf.ocr.scouting import looks_like_references, pages_with_references
from dl_lit.pdf.ocr.sizes import even_heights
from dl_lit.pdf.ocr.straighten import straightened
from dl_lit.pdf.ocr.tesseract import Tesseract
from dl_lit.pdf.picture.canvas import fitting_scale, render_page

_DPI = 240
_GLANCE_DPI = 150
_GLANCE_SHARE = 0.35  # of a page's height, from above
_LAST_PAGES = 2  # are glanced at whole
_GLANCE_TIME = 0.5  # of all the time, at most
_MOST_PIXELS = 16_000_000
_PAGE_S = 30.0  # for one page
_WORD_S = 2.0  # for one label
_SUREST_NOISE = 35.0  # confidence below which a line is dirt on the paper
_ROW_TO_SIZE = 0.98  # a row from descender to ascender is about as high as its font is large


@dataclass(frozen=True, slots=True)
class Recognition:
    """A document with recognised pages in it."""

    document: DocumentText
    recognised: int  # pages
    unread: int  # pages without text that were to be recognised, had there been more time
    is_whole: bool  # no page is left without text
    left_out: tuple[str, ...] = ()  # languages asked for that were not to be had

    @property
    def note(self) -> str:
        """What the operator should know."""
        unread = f"; {self.unread} more were not: too many, or no time left" if self.unread else ""
        were = "page without text was" if self.recognised == 1 else "pages without text were"
        lacking = f"; Tesseract has no data for {', '.join(self.left_out)}" if self.left_out else ""
        return f"{self.recognised} {were} read by OCR{unread}{lacking}"


def recognised(
    pdf: Document,
    document: DocumentText,
    failure: PdfError,
    order: OcrOrder,
    *,
    start: Callable[[OcrOrder], Recogniser] = Tesseract,
    monotonic: Callable[[], float] = time.monotonic,
) -> Recognition:
    """`document` with the pages that look like references recognised, and its first; the others stay without text.

    Raises `PdfError` with the reason of `failure`, and what to install, where there is no OCR engine.
    """
    try:
        recogniser = start(order)
    except CannotRecognise as error:
        raise PdfError(failure.reason, f"{failure.detail}; {error}" if failure.detail else str(error)) from error
    try:
        return _Scan(pdf, document, failure.reason, order=order, recogniser=recogniser, monotonic=monotonic).read()
    finally:
        recogniser.close()


class _Scan:
    """One document that is being recognised."""

    def __init__(
        self,
        pdf: Document,
        document: DocumentText,
        reason: Reason,
        *,
        order: OcrOrder,
        recogniser: Recogniser,
        monotonic: Callable[[], float],
    ) -> None:
        self._pdf = pdf
        self._document = document
        self._reason = reason
        self._order = order
        self._recogniser = recogniser
        self._monotonic = monotonic
        self._start = monotonic()
        self._pages = pages_to_recognise(document, reason)

    def read(self) -> Recognition:
        """Glance, choose, recognise."""
        chosen = [self._pages[index].number for index in pages_with_references(len(self._pages), self._glance)]
        first = self._pages[0].number
        wanted = chosen if first in chosen or first != 1 else [first, *chosen]
        seen: dict[int, PageText] = {}
        # From the end: the list's last pages are surely its own.
        for number in sorted(wanted, key=lambda page: (page != first, -page))[: self._order.most_pages]:
            if self._spent() > self._order.seconds:
                break
            seen[number] = self._recognise(self._document.pages[number - 1])
        blank = {page.number for page in self._pages}
        pages = tuple(
            seen.get(page.number, _emptied(page)) if page.number in blank else page for page in self._document.pages
        )
        return Recognition(
            replace(self._document, pages=pages),
            recognised=len(seen),
            unread=len(wanted) - len(seen),
            is_whole=len(seen) == len(self._pages),
            left_out=self._recogniser.left_out,
        )

    def _spent(self) -> float:
        return self._monotonic() - self._start

    def _glance(self, index: int) -> bool | None:
        left_s = _GLANCE_TIME * self._order.seconds - self._spent()
        if left_s <= 0:
            return None
        image = self._image(self._pages[index], _GLANCE_DPI)
        if image is None:
            return False
        # On the last pages the list may begin far below.
        share = 1.0 if index >= len(self._pages) - _LAST_PAGES else _GLANCE_SHARE
        upper = image.crop((0, 0, image.width, max(round(image.height * share), 1)))
        return looks_like_references(self._recogniser.lines(upper, _GLANCE_DPI, min(left_s, _PAGE_S)))

    def _recognise(self, page: PageText) -> PageText:
        image = self._image(page, _DPI)
        if image is None:
            return _emptied(page)
        straight = straightened(image)
        dpi = round(_DPI * image.width / max(page.width * _DPI / 72, 1))

        def read(part: Image.Image) -> list[SeenLine]:
            left_s = max(self._order.seconds - self._spent(), 1.0)
            return self._recogniser.lines(part, dpi, min(left_s, _PAGE_S))

        seen = read_by_columns(straight, read)
        seen = cut_at_gutters(_without_noise(seen))
        seen += [self._label(straight, ink, dpi) for ink in overlooked(straight, seen)]
        lines = page_lines_of(seen, page, straight.width / page.width)
        characters = sum(not char.isspace() for line in lines for char in line.text)
        return replace(page, lines=lines, characters=characters, unmapped=0, has_image=False)

    def _label(self, image: Image.Image, ink: Ink, dpi: int) -> SeenLine:
        """The label that the engine overlooked on the whole page; "?" where it cannot read it alone either."""
        text = self._recogniser.word(ink.piece_of(image), dpi, _WORD_S) or "?"
        return SeenLine(text, ink.left, ink.top, ink.right, ink.bottom, ink.bottom - ink.top, _SUREST_NOISE)

    def _image(self, page: PageText, dpi: int) -> Image.Image | None:
        scale = fitting_scale(page.width, page.height, dpi=dpi, most_pixels=_MOST_PIXELS)
        if scale is None:
            return None
        with self._pdf.loaded(page.number - 1) as loaded:
            return render_page(loaded, scale, colour=False) if loaded else None


def page_lines_of(seen: Sequence[SeenLine], page: PageText, scale: float) -> tuple[Line, ...]:
    """What was recognised as lines of the page, in points; `scale` is pixels to a point."""
    lines = []
    labelled = with_labels(_without_noise(seen))
    for one, height in zip(labelled, even_heights(labelled), strict=True):
        text = " ".join(one.text.split())
        if not any(char.isalnum() for char in text):
            continue
        lines.append(
            Line(
                text,
                page.number,
                one.left / scale,
                one.right / scale,
                page.height - one.bottom / scale,
                page.height - one.top / scale,
                round(height / scale * _ROW_TO_SIZE, 1),
            )
        )
    return tuple(lines)


def _without_noise(seen: Sequence[SeenLine]) -> list[SeenLine]:
    return [line for line in seen if line.confidence >= _SUREST_NOISE]


def _emptied(page: PageText) -> PageText:
    """The page without what is no text: a stamp, or characters that mean nothing."""
    return replace(page, lines=(), characters=0, unmapped=0, has_image=False)
