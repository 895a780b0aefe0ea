"""Colours and strokes of the page images."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageDraw, ImageFont

from dl_lit.pdf.picture.canvas import Box

Colour = tuple[int, int, int]

INK: Colour = (40, 44, 52)
PAPER: Colour = (255, 255, 255)
SECTION: Colour = (90, 60, 160)
DOUBT: Colour = (205, 30, 45)
LEFT_OUT: Colour = (130, 130, 130)
LINK: Colour = (30, 110, 220)
SHORT_FORM: Colour = (0, 130, 130)
TINTS: tuple[Colour, Colour] = ((255, 245, 205), (220, 239, 255))  # of the lines of one entry and the next

# The fields of a reference, with the word and the colour they have in the legend; several may share one.
FIELDS: tuple[tuple[str, tuple[str, ...], Colour], ...] = (
    ("authors", ("authors",), (0, 125, 60)),
    ("editors", ("editors",), (110, 150, 0)),
    ("year", ("year",), (225, 95, 0)),
    ("title", ("title",), (25, 75, 215)),
    ("container", ("container_title",), (155, 35, 175)),
    ("publisher", ("publisher",), (130, 75, 25)),
    ("volume, issue, pages", ("volume", "issue", "pages"), (215, 20, 105)),
    ("identifiers", ("doi", "arxiv_id", "pmid", "isbn", "url"), (0, 140, 165)),
)
COLOUR_OF_FIELD = {name: colour for _, names, colour in FIELDS for name in names}


class Pens:
    """Draws on an image; widths are in pixels at 150 dots per inch and grow with `unit`."""

    def __init__(self, image: Image.Image, unit: float) -> None:
        """`unit` is 1 at 150 dots per inch."""
        self.image = image
        self.unit = unit
        self._draw = ImageDraw.Draw(image)
        self._font = ImageFont.load_default(max(unit * 15, 7))

    def wash(self, box: Box, colour: Colour) -> None:
        """Colour the paper of `box` and leave the ink on it as it is."""
        area = _whole(box, self.image)
        if area is None:
            return
        piece = self.image.crop(area)
        tint = Image.new("RGB", piece.size, colour)
        self.image.paste(ImageChops.multiply(piece, tint), area)

    def frame(self, box: Box, colour: Colour, width: float = 2) -> None:
        """Draw the outline of `box`, not smaller than a pixel."""
        area = _whole(box, self.image)
        if area is not None:
            self._draw.rectangle(area, outline=colour, width=max(round(width * self.unit), 1))

    def dots(self, box: Box, colour: Colour) -> None:
        """Draw the outline of `box`, dotted."""
        area = _whole(box, self.image)
        if area is None:
            return
        x0, y0, x1, y1 = area
        step, width = max(round(6 * self.unit), 2), max(round(self.unit * 1.5), 1)
        for x in range(x0, x1, step):
            for y in (y0, y1):
                self._draw.line((x, y, min(x + step // 2, x1), y), colour, width)
        for y in range(y0, y1, step):
            for x in (x0, x1):
                self._draw.line((x, y, x, min(y + step // 2, y1)), colour, width)

    def underline(self, box: Box, colour: Colour) -> None:
        """Draw a thick line below `box`, and a faint wash in its colour."""
        self.wash(box, _faint(colour))
        area = _whole(box, self.image)
        if area is not None:
            x0, _, x1, y1 = area
            self._draw.rectangle((x0, y1 - max(round(2 * self.unit), 1), x1, y1), fill=colour)

    def tag(self, x: float, y: float, text: str, colour: Colour, *, to_the_left: bool = True) -> None:
        """Write `text` in white on a coloured label whose upper right (or left) corner is at `x`, `y`."""
        pad = 4 * self.unit
        width, height = self.size(text)
        left = x - width - 2 * pad if to_the_left else x
        left = min(max(left, 0), max(self.image.width - width - 2 * pad, 0))
        top = min(max(y, 0), max(self.image.height - height - 2 * pad, 0))
        self._draw.rounded_rectangle(
            (left, top, left + width + 2 * pad, top + height + 2 * pad), radius=pad, fill=colour
        )
        self._draw.text((left + pad, top + pad + height), text, PAPER, self._font, anchor="ls")

    def text(self, x: float, y: float, text: str, colour: Colour = INK) -> None:
        """Write `text`, its upper left corner at `x`, `y`."""
        self._draw.text((x, y + self.size("")[1]), text, colour, self._font, anchor="ls")

    def size(self, text: str) -> tuple[float, float]:
        """Width of `text` and height of a capital letter, in pixels."""
        return self._font.getlength(text), self._font.getbbox("X", anchor="lt")[3]


def latin(text: str, most: int) -> str:
    """`text` in the characters the built-in font has, cut to `most` of them."""
    plain = "".join(char if " " <= char <= "ÿ" else "·" for char in " ".join(text.split()))
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _faint(colour: Colour) -> Colour:
    red, green, blue = (255 - (255 - part) // 6 for part in colour)
    return red, green, blue


def _whole(box: Box, image: Image.Image) -> tuple[int, int, int, int] | None:
    """`box` in whole pixels within the image; `None` where nothing of it is."""
    x0, y0 = max(round(box.x0), 0), max(round(box.y0), 0)
    x1, y1 = min(round(box.x1), image.width - 1), min(round(box.y1), image.height - 1)
    return (x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)) if x1 >= x0 and y1 >= y0 else None
