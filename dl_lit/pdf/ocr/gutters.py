"""Labels that the OCR engine overlooked: ink directly to the left of a line, where nothing was recognised."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from dl_lit.core.values import dataclass
from dl_lit.pdf.ocr.recogniser import SeenLine

_REACH = 4.5  # heights of a line to its left that are looked at
_APART = 0.2  # heights of a line that stay between label and line, at least
_NARROWEST, _WIDEST = 0.25, 3.2  # heights of a line
_LOWEST = 0.4  # height of a label, in heights of a line
_FEWEST = 3  # pieces of ink one below the other that make labels
_MOST = 150  # of one page
_INK = 0.62  # of the paper's brightness: darker is ink


@dataclass(frozen=True, slots=True)
class Ink:
    """A piece of ink, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    def piece_of(self, image: Image.Image) -> Image.Image:
        """The part of `image` around it, with paper on all sides."""
        edge = max((self.bottom - self.top) // 2, 6)
        return image.crop((self.left - edge, self.top - edge, self.right + edge, self.bottom + edge))


def overlooked(image: Image.Image, lines: Sequence[SeenLine]) -> list[Ink]:
    """Pieces of ink that look like labels of `lines` of the grey `image`, from top to bottom; none where few do."""
    threshold = _INK * _paper(image)
    ink = image.point([255 if level < threshold else 0 for level in range(256)])
    found = [piece for line in lines if (piece := _left_of(ink, line, lines)) is not None]
    aligned = [
        piece
        for piece in found
        if sum(min(abs(a.left - piece.left), abs(a.right - piece.right)) <= _tolerance(piece) for a in found) >= _FEWEST
    ]
    return sorted(set(aligned), key=lambda piece: piece.top)[:_MOST]


def _left_of(ink: Image.Image, line: SeenLine, lines: Sequence[SeenLine]) -> Ink | None:
    """The ink that stands alone to the left of `line`; `None` where there is none, or too much for a label."""
    height = line.height
    beside = (other for other in lines if other is not line and other.bottom > line.top and other.top < line.bottom)
    neighbours = [other.right for other in beside if other.right <= line.left + height / 2]
    start = max(line.left - _REACH * height, *neighbours, 0.0)
    end = line.left - _APART * height
    if end - start < _NARROWEST * height:
        return None
    top = (line.top + line.bottom - height) / 2
    area = (round(start), round(top), round(end), round(top + height))
    box = ink.crop(area).getbbox()
    if box is None:
        return None
    left, upper, right, lower = box
    if left == 0 and not neighbours:
        return None  # it goes on to the left: a picture, a rule, or the text of another column
    if not _NARROWEST * height <= right - left <= _WIDEST * height or lower - upper < _LOWEST * height:
        return None
    return Ink(area[0] + left, area[1] + upper, area[0] + right, area[1] + lower)


def _paper(image: Image.Image) -> int:
    """The brightness that most of the page has."""
    histogram = image.histogram()
    return max(range(64, 256), key=lambda level: histogram[level])


def _tolerance(piece: Ink) -> float:
    return 0.5 * (piece.bottom - piece.top)
