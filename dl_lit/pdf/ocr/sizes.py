"""Font sizes of recognised lines made even: a row's height depends on which letters it happens to have."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from dl_lit.pdf.ocr.recogniser import SeenLine

_NEIGHBOURS = 12  # lines on either side whose heights a line's own is compared with
_LARGER, _SMALLER = 1.17, 0.83  # a line's height beside its neighbours' that makes it another font's
_CLUSTER = 0.1  # share by which sizes of one page may differ and still be the same
_FEWEST_CHARACTERS = 8  # in a line whose height tells something


def even_heights(lines: Sequence[SeenLine]) -> list[float]:
    """The height of each line's font, in pixels: the same for lines that were set in the same size."""
    smooth = [_of_neighbours(lines, index) for index in range(len(lines))]
    even = list(smooth)
    rest = sorted(range(len(lines)), key=lambda index: smooth[index])
    while rest:
        smallest = smooth[rest[0]]
        cluster = [index for index in rest if smooth[index] <= smallest * (1 + _CLUSTER)]
        weighted = [smooth[index] for index in cluster for _ in range(max(len(lines[index].text) // 8, 1))]
        for index in cluster:
            even[index] = median(weighted)
        rest = rest[len(cluster) :]
    return even


def _of_neighbours(lines: Sequence[SeenLine], index: int) -> float:
    """The median height of the lines around one in its column, unless it is plainly set in another size.

    It is, when its row and its ink are both larger, or both smaller, than theirs: either alone depends on its letters.
    """
    own = lines[index]
    around = [
        line
        for line in lines[max(index - _NEIGHBOURS, 0) : index + _NEIGHBOURS + 1]
        if min(line.right, own.right) > max(line.left, own.left) and len(line.text) >= _FEWEST_CHARACTERS
    ]
    if not around:
        return own.height
    usual = median(line.height for line in around)
    row, ink = own.height / usual, (own.bottom - own.top) / median(line.bottom - line.top for line in around)
    is_other = min(row, ink) > _LARGER or (max(row, ink) < _SMALLER and len(own.text) >= _FEWEST_CHARACTERS)
    return own.height if is_other else usual
