"""The port to an OCR engine: lines of text out of a page's image."""

from __future__ import annotations

from typing import Protocol

from PIL import Image

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class SeenWord:
    """One word of a line, in pixels."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One line as the engine saw it, in pixels from the image's upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    height: float  # of the row: from the lowest descender to the highest ascender
    confidence: float  # 0 to 100
    words: tuple[SeenWord, ...] = ()


class Recogniser(Protocol):
    """An OCR engine, ready to read; close it."""

    left_out: tuple[str, ...]  # languages asked for that it has no data for

    def lines(self, image: Image.Image, dpi: int, timeout_s: float) -> list[SeenLine]:
        """The lines of a grey `image` in reading order; none when it takes longer than `timeout_s`."""

    def word(self, image: Image.Image, dpi: int, timeout_s: float) -> str:
        """The one word on a grey `image`; empty where none is recognised."""

    def close(self) -> None:
        """Give its memory back."""
