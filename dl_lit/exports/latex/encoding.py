"""Text for LaTeX: special characters escaped, for BibTeX accents as commands."""

from __future__ import annotations

import re
import unicodedata

from dl_lit.exports.latex.letters import GREEK, LETTERS, MATHS, accented

_APART = "\0"  # between two signs that TeX would join; no text has it
_JOINED = re.compile(r"[-–—](?=[-–—])|[?!](?=[`“])|[`“](?=[`“])|['”](?=['”])|,(?=,)")
_SPECIALS = {sign: f"\\{sign}" for sign in "&%$#_"} | {
    sign: f"{{\\{LETTERS[sign]}}}" for sign in ("\\", "{", "}", "~", "^", "<", ">", "|")
}
_UNICODE = str.maketrans({**_SPECIALS, _APART: "{}"})
_LATEX = str.maketrans(
    {sign: f"{{\\{name}}}" for sign, name in LETTERS.items()}
    | {sign: f"{{$\\{name}$}}" for sign, name in MATHS.items() if sign not in GREEK}
    | {
        letter: f"{{\\{mark}{{{base}}}}}" if mark.isalpha() else f"{{\\{mark}{base}}}"
        for letter, (mark, base) in accented().items()
    }
    | {"–": "--", "—": "---", "“": "``", "”": "''"}
    | {**_SPECIALS, _APART: "{}"}
)
# A Greek letter among others is Greek text, which no formula typesets; that stays as it is.
_LONE_GREEK = re.compile(f"(?<![\u0370-\u03ff\u1f00-\u1fff])[{GREEK}](?![\u0370-\u03ff\u1f00-\u1fff])")
_HARMLESS = re.compile(r"[A-Za-z0-9 .:;()/*+@\[\]]*")
_HAS_GREEK = re.compile("[\u0370-\u03ff]")


def escape_specials(text: str) -> str:
    """`text` in Unicode with LaTeX's special characters escaped."""
    if _HARMLESS.fullmatch(text):
        return text
    return _JOINED.sub(_parted, text.replace(_APART, "")).translate(_UNICODE)


def to_latex(text: str) -> str:
    r"""`text` with special characters escaped and accented letters as commands; what LaTeX has no command for stays.

    Every command stands in braces of its own: BibTeX would else take its backslash for a name's initial.
    """
    if text.isascii():
        return escape_specials(text)
    text = unicodedata.normalize("NFC", text.replace(_APART, ""))
    written = _JOINED.sub(_parted, text).translate(_LATEX)
    if _HAS_GREEK.search(written):
        written = _LONE_GREEK.sub(lambda match: f"{{$\\{MATHS[match[0]]}$}}", written)
    return written


def _parted(match: re.Match[str]) -> str:
    return match[0] + _APART
