"""What is asked of the child that draws pages, and what it sends back."""

from __future__ import annotations

from dl_lit.core.values import dataclass

DPI = 150
MOST_PICTURES = 100
MOST_PIXELS = 6_000_000  # of one page image; an A4 page at 150 dots per inch has 2.2 million


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOrder:
    """Which pages to draw, and how finely."""

    pages: tuple[tuple[int, int], ...] = ()  # first and last page of each range, 1-based; empty: those with references
    most: int = MOST_PICTURES  # page images of one document
    dpi: int = DPI  # less where a page would have more than `MOST_PIXELS`

    def wants(self, page: int) -> bool:
        """Whether `page` is one of the pages that were asked for by number."""
        return any(first <= page <= last for first, last in self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePicture:
    """One page as an image, with what was read drawn on it."""

    page: int  # 1-based
    png: bytes
    width: int  # pixels
    height: int  # pixels
    entries: int  # that begin on the page
    left_out: int = 0  # pages after this one that were to be drawn, had there not been too many
