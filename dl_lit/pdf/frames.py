"""From a PDF's own coordinates to those of the page as a person sees it: turned upright, lower left corner at 0, 0."""

from __future__ import annotations

from dataclasses import replace

from dl_lit.core.values import dataclass

Box = tuple[float, float, float, float]  # left, right, bottom, top, in points
_RISE = 0.15  # of a line's height, at least, that the lower edge of what is raised stands above the line's
_SMALLER = 0.92  # of a line's height, at most, that it has


@dataclass(frozen=True, slots=True)
class Frame:
    """How one page is turned, and where it lies."""

    left: float  # of the visible part, in the file's coordinates
    right: float
    bottom: float
    top: float
    turns: int = 0  # quarter turns, clockwise, that make the page upright: 0 to 3

    @property
    def width(self) -> float:
        """Of the upright page, in points."""
        return self.top - self.bottom if self.turns % 2 else self.right - self.left

    @property
    def height(self) -> float:
        """Of the upright page, in points."""
        return self.right - self.left if self.turns % 2 else self.top - self.bottom

    @property
    def is_plain(self) -> bool:
        """Whether coordinates stay what they are."""
        return self.turns == 0 and self.left == 0 and self.bottom == 0

    def turned(self, turns: int) -> Frame:
        """The same page, turned clockwise by `turns` more quarters."""
        return replace(self, turns=(self.turns + turns) % 4)

    def upright(self, box: Box) -> Box:
        """`box`, given in the file's coordinates, on the upright page."""
        left, right, bottom, top = box
        if self.turns == 0:
            return left - self.left, right - self.left, bottom - self.bottom, top - self.bottom
        if self.turns == 1:
            return bottom - self.bottom, top - self.bottom, self.right - right, self.right - left
        if self.turns == 2:
            return self.right - right, self.right - left, self.top - top, self.top - bottom
        return self.top - top, self.top - bottom, left - self.left, right - self.left


def is_above(box: Box, line: Box) -> bool:
    """Whether what has `box` is raised above a line whose ordinary characters have boxes like `line`."""
    height = line[3] - line[2]
    return box[2] - line[2] > _RISE * height and box[3] - box[2] < _SMALLER * height
