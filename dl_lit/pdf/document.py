"""What a PDF's pages look like to the reader: lines of text with their boxes, and links with theirs.

Coordinates are PDF points; y grows upward. Nothing here does I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in one column."""

    text: str  # NFKC, white space folded; a trailing soft hyphen is kept as "\u00ad"
    page: int  # 1-based
    x0: float  # left edge of the first character
    x1: float  # right edge of the last character
    y0: float  # lower edge
    y1: float  # upper edge
    size: float  # font size of the first character, in points
    bold: bool = False
    column: int = 0  # index of the column on its page, 0 is the leftmost
    uris: tuple[str, ...] = ()  # targets of the links that cover it

    @property
    def height(self) -> float:
        """Height of its box in points."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Height above the page's lower edge of its middle, in points."""
        return (self.y0 + self.y1) / 2


class SectionKind(StrEnum):
    """What a run of reference lines is."""

    LIST = "list"  # one entry after the other
    NOTES = "notes"  # foot- or endnotes: citations between words of comment, works repeated in short forms


@dataclass(frozen=True, slots=True)
class Section:
    """A run of lines in reading order that holds references; its heading is not among them."""

    lines: tuple[Line, ...]
    kind: SectionKind = SectionKind.LIST
    heading: Line | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link annotation that leads out of the file."""

    uri: str
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class PageText:
    """One page as the engine gives it, lines in the file's own order."""

    number: int  # 1-based
    width: float
    height: float
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    characters: int = 0  # printed ones, before cleaning
    unmapped: int = 0  # of those, the ones without a Unicode meaning
    has_image: bool = False  # looked for only where there is hardly any text


@dataclass(frozen=True, slots=True)
class DocumentText:
    """All that was read of a PDF."""

    page_count: int
    pages: tuple[PageText, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)  # "Title", "Subject", … as far as present
    xmp_doi: str | None = None  # of the document itself, from its XMP packet
