"""Scans put straight: the angle at which their lines run level."""

from __future__ import annotations

from PIL import Image, ImageStat

_WIDTH = 700  # pixels across which the angle is looked for
_STEEPEST = 3.0  # degrees
_STEPS = (0.5, 0.125)


def straightened(image: Image.Image) -> Image.Image:
    """The image turned so that its lines run level, if they were within three degrees of it."""
    angle = skew(image)
    if abs(angle) < 0.1:
        return image
    return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor="white")


def skew(image: Image.Image) -> float:
    """The degrees, counter-clockwise, by which `image` is to be turned for its lines to run level."""
    grey = image.convert("L")
    small = grey.resize((_WIDTH, max(round(grey.height * _WIDTH / max(grey.width, 1)), 1)), Image.Resampling.BOX)
    ink = small.point([255 - level for level in range(256)])
    if ImageStat.Stat(ink).sum[0] == 0:
        return 0.0
    best = 0.0
    reach = _STEEPEST
    for step in _STEPS:
        count = round(reach / step)
        angles = [best + step * number for number in range(-count, count + 1)]
        best = max(angles, key=lambda angle: (_levelness(ink, angle), -abs(angle)))
        reach = step
    return best


def _levelness(ink: Image.Image, angle: float) -> float:
    """How much the rows of pixels differ in ink once the image is turned: most, where text lines run along them."""
    turned = ink.rotate(angle, Image.Resampling.BILINEAR)
    rows = turned.resize((1, turned.height), Image.Resampling.BOX)
    return float(ImageStat.Stat(rows).var[0])
