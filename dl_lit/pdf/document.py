"""What a PDF's pages look like to the reader: lines of text with their boxes, and links with theirs.

Coordinates are PDF points on the upright page, whose lower left corner is 0, 0; y grows upward. Nothing here does I/O.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class LinkSpan:
    """The part of a line that a link lies on."""

    start: int  # offsets into the line's text
    end: int  # after its last character
    uri: str


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
    uris: tuple[str, ...] = ()  # targets of the links that lie on it, from left to right
    links: tuple[LinkSpan, ...] = ()  # the same, with the words they cover
    raised: tuple[tuple[int, int], ...] = ()  # start and end in `text` of what stands higher: superscript figures
    block: int = 0  # index of its block on the page: lines close together, in one column and size

    @property
    def height(self) -> float:
        """Height of its box in points."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Height above the page's lower edge of its middle, in points."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its own box, for pictures; read on demand, since it costs more than the lines do."""

    text: str
    page: int  # 1-based
    x0: float
    x1: float
    y0: float
    y1: float


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
    turned: int = 0  # quarter turns, clockwise, that its text needs beyond the file's own rotation to be upright


@dataclass(frozen=True, slots=True)
class DocumentText:
    """All that was read of a PDF."""

    page_count: int
    pages: tuple[PageText, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)  # "Title", …, and "xmp:title", … (see pdf.xmp), as present
    xmp_doi: str | None = None  # of the document itself, from its XMP packet
