"""What stands where on the first pages of a file, and how large: by that a title is told from a mention."""

from __future__ import annotations

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line of a page."""

    text: str
    size: float = 0.0  # of its type, in points; 0 where it is not known
    height: float = 0.5  # of its middle above the page's lower edge: 0 is the foot, 1 the head


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPage:
    """One page, as far as it was read."""

    number: int  # 1-based
    lines: tuple[PrintedLine, ...] = ()  # in reading order
    words: int = 0  # on the whole page
    width: float = 0.0  # points
    length: float = 0.0  # points
    cover: str | None = None  # whose cover sheet it is: "jstor", "hal", "repository", ...; None for a page of the work
    has_image: bool = False  # looked for only where there is hardly any text

    @property
    def text(self) -> str:
        """The lines one below the other."""
        return "\n".join(line.text for line in self.lines)
