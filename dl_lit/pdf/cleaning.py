"""A line's characters made plain text: ligatures taken apart, accents put on their letters, white space folded."""

from __future__ import annotations

import re
import unicodedata

SOFT_HYPHEN = "\u00ad"

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2064]")
# A soft hyphen at a line's end is U+FFFE or U+0002 to PDFium, and the text's own U+00AD elsewhere.
_TRANSLATED: dict[str, str] = {
    "\ufffe": SOFT_HYPHEN,
    "\x02": SOFT_HYPHEN,
    # Ligatures that fonts keep in the private use area (Adobe's and Apple's old habit).
    "\uf001": "fi",
    "\uf002": "fl",
    "\uf6d7": "fi",
    "\uf6d8": "fl",
    "\ue049": "fi",
    "\ue04a": "fl",
}
_TRANSLATION = str.maketrans(_TRANSLATED)
# Fonts without names for their glyphs give TeX's ligatures by their places in its two encodings (OT1 and T1), see
# https://ctan.org/pkg/encguide, tables 1 and 4 (read 2026-11-22).
_TEX_LIGATURES = {
    "\x0b": "ff",
    "\x0c": "fi",
    "\x0e": "ffi",
    "\x0f": "ffl",
    "\x1b": "ff",
    "\x1c": "fi",
    "\x1d": "fl",
    "\x1e": "ffi",
    "\x1f": "ffl",
}
_TEX_LIGATURE = re.compile(r"(?:(?<=[A-Za-z])[\x0b\x0c\x0e\x0f\x1b-\x1f])|(?:[\x0b\x0c\x0e\x0f\x1b-\x1f](?=[a-z]))")
# Accents that stand as characters of their own, before their letter (TeX) or behind it, and the marks they mean.
_LONE_ACCENTS = {
    "´": "\u0301",
    "`": "\u0300",
    "¨": "\u0308",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "ˇ": "\u030c",
    "˚": "\u030a",
    "˘": "\u0306",
    "¯": "\u0304",
    "ˉ": "\u0304",
    "˙": "\u0307",
    "˝": "\u030b",
    "¸": "\u0327",
    "˛": "\u0328",
}
_BELOW = "¸˛"  # the marks that hang below: TeX prints them behind their letter
_LONE_ACCENT = re.compile(rf"([^\W\d_]?)(\s?)([{''.join(_LONE_ACCENTS)}])(\s?)([^\W\d_]?)")
# A combining mark that was printed before its letter, or apart from it: "Mu ̈ller", " ̈uber".
_ASTRAY = re.compile(r"([^\W\d_]?)(\s)([\u0300-\u0315\u0323-\u0331\u0338])(\s?)([^\W\d_]?)")
# Whatever needs more than NFKC: one search for all of it, since most lines have none.
_ODD = re.compile(
    f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\u200b-\u200f\u202a-\u202e\u2060-\u2064\ud800-\udfff"
    f"\u0300-\u0338\ue000-\uf8ff{''.join(_LONE_ACCENTS)}]"
)
_RARE = "\u0180"  # letters from here on are rarely meant where another reading gives a common one
_DOTLESS = str.maketrans({"ı": "i", "ȷ": "j"})


def clean(text: str) -> str:
    """`text` in NFKC, without controls, white space folded; a soft hyphen is kept as U+00AD."""
    if text.isascii():
        return " ".join((text if text.isprintable() else _without_controls(text)).split())
    if _ODD.search(text):
        text = _repaired(text)
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _repaired(text: str) -> str:
    if any("\ud800" <= c <= "\udfff" for c in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _without_controls(text.translate(_TRANSLATION))
    if not _LONE_ACCENTS.keys().isdisjoint(text):
        text = _LONE_ACCENT.sub(_accented, text)
    return _ASTRAY.sub(_put_back, text)


def _without_controls(text: str) -> str:
    text = text.replace("\x02", SOFT_HYPHEN)
    text = _TEX_LIGATURE.sub(lambda match: _TEX_LIGATURES[match.group()], text)
    return _CONTROLS.sub("", text)


def _accented(match: re.Match[str]) -> str:
    """The accent on the letter behind it, or on the one before it, whichever there is such a letter for."""
    before, gap, accent, other_gap, after = match.groups()
    mark = _LONE_ACCENTS[accent]
    composed = unicodedata.normalize("NFC", after.translate(_DOTLESS) + mark)
    if after and len(composed) == 1 and accent not in _BELOW:
        # "Kami´ nski" is one word, "and ´ Etienne" are two.
        return before + (gap if composed.isupper() else "") + composed
    composed = unicodedata.normalize("NFC", before + mark)
    if before and len(composed) == 1:
        return composed + after
    if accent == "˚":
        return f"{before}{gap}°{other_gap}{after}"  # of degrees, not of letters
    return before + (gap or other_gap) + after


def _put_back(match: re.Match[str]) -> str:
    """The mark on the letter before it where that gives a letter, else on the one behind it; else all as it was."""
    before, gap, mark, other_gap, after = match.groups()
    on_next = unicodedata.normalize("NFC", after.translate(_DOTLESS) + mark)
    on_last = unicodedata.normalize("NFC", before.translate(_DOTLESS) + mark)
    if before and len(on_last) == 1 and (not after or other_gap):
        return on_last + other_gap + after
    if after and len(on_next) == 1 and (on_next < _RARE or len(on_last) != 1 or on_last >= _RARE):
        return before + (gap if on_next.isupper() or not before else "") + on_next
    if before and len(on_last) == 1:
        return on_last + other_gap + after
    return match.group()
