"""Where an OCR engine read on across the gutter between two columns: found by the paper that shows through there.

An engine that joins two columns mixes their lines, and misreads those that do not stand at one height. Nothing of that
can be mended afterwards, so each column is then given to it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from statistics import median

from PIL import Image

from dl_lit.core.values import dataclass
from dl_lit.pdf.ocr.recogniser import SeenLine

_CELL = 0.35  # heights of a line: the grain in which the page is looked at
_FEWEST_CELLS = 2  # that a gutter is wide
_DUST = 4  # of 255: ink in a cell that is dirt
_MIDDLE = (0.22, 0.78)  # of the width, between which a gutter is looked for
_SHORTEST = 8.0  # heights of a line that a gutter is long
_FEWEST_ACROSS = 3  # lines that run across a gutter for the engine to have joined columns
_INK = 0.62  # of the paper's brightness: darker is ink
_DEEPEST = 2  # cuts one within the other: four columns


@dataclass(frozen=True, slots=True)
class Gutter:
    """Paper between two columns, in pixels."""

    x: int
    top: int
    bottom: int


def read_by_columns(
    image: Image.Image, read: Callable[[Image.Image], Sequence[SeenLine]], depth: int = 0
) -> list[SeenLine]:
    """What `read` sees on the grey `image`; columns that it joined are read one by one."""
    lines = list(read(image))
    gutter = joined_across(image, lines) if depth < _DEEPEST else None
    if gutter is None:
        return lines
    columns: list[SeenLine] = []
    for left, right in ((0, gutter.x), (gutter.x, image.width)):
        column = image.crop((left, gutter.top, right, gutter.bottom))
        columns += (_moved(line, left, gutter.top) for line in read_by_columns(column, read, depth + 1))
    if len(columns) < len(_between(lines, gutter)):
        return lines  # no time was left to read them
    before = [line for line in lines if _middle(line) < gutter.top]
    after = [line for line in lines if _middle(line) > gutter.bottom]
    return [*before, *columns, *after]


def joined_across(image: Image.Image, lines: Sequence[SeenLine]) -> Gutter | None:
    """The longest gutter of the grey `image` that some of `lines` run across; `None` where they stop at each."""
    if len(lines) < _FEWEST_ACROSS:
        return None
    height = median(line.bottom - line.top for line in lines)
    gutters = [one for one in _gutters(image, height) if one.bottom - one.top >= _SHORTEST * height]
    joined = [one for one in gutters if sum(_runs_across(line, one) for line in _between(lines, one)) >= _FEWEST_ACROSS]
    return max(joined, key=lambda one: one.bottom - one.top, default=None)


def _gutters(image: Image.Image, height: float) -> list[Gutter]:
    """The longest run of paper in each part of the page's middle that is wide enough; `height` is a line's."""
    size = max(_CELL * height, 1.0)
    across, down = max(round(image.width / size), 1), max(round(image.height / size), 1)
    histogram = image.histogram()
    threshold = _INK * max(range(64, 256), key=lambda level: histogram[level])
    ink = image.point([255 if level < threshold else 0 for level in range(256)])
    cells = ink.resize((across, down), Image.Resampling.BOX).tobytes()
    found: list[Gutter] = []
    for column in range(round(_MIDDLE[0] * across), round(_MIDDLE[1] * across)):
        empty = [
            all(level <= _DUST for level in cells[row * across + column : row * across + column + _FEWEST_CELLS])
            for row in range(down)
        ]
        x = round((column + _FEWEST_CELLS / 2) * image.width / across)
        row = 0
        for is_empty, group in groupby(empty):
            end = row + len(list(group))
            if is_empty:
                found.append(Gutter(x, round(row * image.height / down), round(end * image.height / down)))
            row = end
    return found


def _runs_across(line: SeenLine, gutter: Gutter) -> bool:
    left = [word for word in line.words if word.right <= gutter.x and any(map(str.isalnum, word.text))]
    right = [word for word in line.words if word.left >= gutter.x and any(map(str.isalnum, word.text))]
    # A label, or the figures of a table, are no column.
    return min(len(left), len(right)) > 1


def _between(lines: Sequence[SeenLine], gutter: Gutter) -> list[SeenLine]:
    return [line for line in lines if gutter.top <= _middle(line) <= gutter.bottom]


def _middle(line: SeenLine) -> float:
    return (line.top + line.bottom) / 2


def _moved(line: SeenLine, x: float, y: float) -> SeenLine:
    words = tuple(replace(word, left=word.left + x, right=word.right + x) for word in line.words)
    return replace(
        line, left=line.left + x, right=line.right + x, top=line.top + y, bottom=line.bottom + y, words=words
    )
