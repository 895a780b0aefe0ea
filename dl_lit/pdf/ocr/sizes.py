"""Font sizes of recognised lines made even: a row's height depends on which letters it happens to have."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from dl_lit.pdf.ocr.recogniser import SeenLine

_NEIGHBOURS = 4  # lines on either side whose heights a line's own is compared with
_SAME = 0.28  # share by which a line's height may differ from its neighbours' and still be their font
_CLUSTER = 0.1  # share by which sizes of one page may differ and still be the same


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
    """The median height of the lines around one in its column, unless its own is plainly another."""
    own = lines[index]
    around = [
        line.height
        for line in lines[max(index - _NEIGHBOURS, 0) : index + _NEIGHBOURS + 1]
        if min(line.right, own.right) > max(line.left, own.left) and len(line.text) >= 8
    ]
    if not around:
        return own.height
    usual = median(around)
    return usual if abs(own.height - usual) <= _SAME * usual else own.height
