"""One form for titles, names, containers and pages, so that print and catalogue can be compared.

Everything here is pure; every key is made of ASCII letters, digits and single spaces, and making a key of a key
changes nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from dl_lit.core.particles import LOOSE_PARTICLES
from dl_lit.matching.numerals import in_figures, roman

# A long "title" is a parsing accident; cutting it bounds the cost of every comparison (characters).
MAX_COMPARED = 2_000

_REMEMBERED = 4_096  # keys of each kind: an entry is compared with a few candidates, and those with each other

_MATH_ANNOTATION = re.compile(r"<(?:mml:)?annotation\b.*?</(?:mml:)?annotation(?:-xml)?>", re.DOTALL | re.IGNORECASE)
_TEX_MATH = re.compile(r"<tex-math\b.*?</tex-math>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>")
_BREAK_TAG = re.compile(r"<(?:br|/?p|/?(?:jats:)?(?:p|title)|/?div|/?li)\s*/?>", re.IGNORECASE)
_LATEX_ACCENT = re.compile(r"\\[`'^\"~=.uvHcdbkrt]\s*\{?\s*\\?([A-Za-z])\s*\}?")
_LATEX_BROKEN_SS = re.compile(r"\\s s(?![a-rt-z]?\{)")  # "Wei\s s", as some exports leave it
_LATEX_LETTER = re.compile(r"\\(ss|ae|oe|aa|o|l|i|j|AE|OE|AA|O|L)(?![A-Za-z])\s*(?:\{\})?")
_LATEX_COMMAND = re.compile(r"\\([A-Za-z]+)\*?\s*")
_SPOKEN_COMMANDS = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "chi",
        "psi",
        "omega",
    ]
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SIGNS = re.compile("[®™©℠]")  # before NFKC, which would make letters of them
_MISDECODED = re.compile("[ÃÂâ][\u0080-\u00bf\u0152-\u0178\u2013-\u203a\u20ac\u2122]")
_BROKEN_WORD = re.compile(r"(?<=[a-z]{2})-\s+(?=[a-z]{2})")
_NOT_KEY = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
    "ς": "sigma", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_LONE_GREEK = re.compile(rf"(?<![{''.join(_GREEK)}])[{''.join(_GREEK)}](?![{''.join(_GREEK)}])")
_MARKED = re.compile(r"^(?:retracted(?: article| paper)?|withdrawn(?: article)?) (?=\S)")

_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "junior", "senior", "filho", "neto", "phd", "md"])
_MISREAD_DIGITS = str.maketrans("01568", "olsgb")
_MISREAD_WORD = re.compile(r"\b(?=\w*[a-z])(?=\w*\d)\w+")  # no name has a digit: a scan took a letter for one
_SCANNED_NUMBER = re.compile(r"(?<![^\W_])(?:[lIO](?=\d{2})|\d)[\dlIOo]*(?![^\W_])")
_SCANNED_FIGURES = str.maketrans("lIOo", "1100")
LAST_PAGE_MIN = 2  # numbers of a range, and figures of a last page that tells anything
_UMLAUT_SPELLING = re.compile(r"([aou])e+")


def plain_text(text: str) -> str:
    """`text` without mark-up: entities decoded, HTML, JATS and MathML tags and LaTeX commands dropped, NFKC."""
    plain = html.unescape(html.unescape(text)) if "&" in text else text
    if "<" in plain:
        plain = _TEX_MATH.sub("", _MATH_ANNOTATION.sub("", plain))
        plain = _TAG.sub("", _BREAK_TAG.sub(" ", plain))
    if "\\" in plain or "$" in plain:
        plain = _LATEX_ACCENT.sub(r"\1", plain)
        plain = _LATEX_BROKEN_SS.sub("ss", plain)
        plain = _LATEX_LETTER.sub(r"\1", plain)
        plain = _LATEX_COMMAND.sub(lambda m: m[1] + " " if m[1].lower() in _SPOKEN_COMMANDS else "", plain)
        plain = re.sub(r"[${}^_]", "", plain)
    if _MISDECODED.search(plain):
        plain = _decoded_again(plain)
    plain = unicodedata.normalize("NFKC", _SIGNS.sub("", _INVISIBLE.sub("", plain)))
    return " ".join(plain.split())


def _decoded_again(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252: "TÃ¼bingen" is "Tübingen"; text that is none stays."""
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


@lru_cache(maxsize=_REMEMBERED)
def text_key(text: str) -> str:
    """Words of `text` in lower-case ASCII, punctuation made spaces: the form in which titles are compared."""
    folded = plain_text(text[:MAX_COMPARED]).casefold()
    folded = _BROKEN_WORD.sub("", _APOSTROPHES.sub("", folded)).replace("&", " and ")
    folded = unicodedata.normalize("NFC", folded)
    folded = _LONE_GREEK.sub(lambda m: f" {_GREEK[m[0]]} ", folded)
    words = _NOT_KEY.sub(" ", anyascii(folded).lower()).split()
    return " ".join(words)[:MAX_COMPARED].rstrip()


@lru_cache(maxsize=_REMEMBERED)
def title_key(title: str) -> str:
    """`text_key` of a title, the mark "RETRACTED:" left out and the numbers of parts in figures."""
    key = text_key(title)
    while (shorter := _MARKED.sub("", key)) != key:
        key = shorter
    return in_figures(key)


def squash(key: str) -> str:
    """A key without its spaces: "multi view" and "multiview" are one."""
    return key.replace(" ", "")


@lru_cache(maxsize=_REMEMBERED)
def surname_key(family: str) -> str:
    """A family name less particles, initials, suffixes, accents, umlaut spelling: "van der Müller Jr." is "muller"."""
    key = _MISREAD_WORD.sub(lambda match: match.group().translate(_MISREAD_DIGITS), text_key(family))
    words = _UMLAUT_SPELLING.sub(r"\1", key).split()
    while len(words) > 1 and (words[-1] in _SUFFIXES or len(words[-1]) == 1):
        words.pop()
    while len(words) > 1 and (words[0] in LOOSE_PARTICLES or len(words[0]) == 1):
        words.pop(0)
    return " ".join(words)


def first_page(pages: str | None) -> str | None:
    """The first page of "123-130", "e1001", "S12–S20", without leading zeros; `None` if there is none."""
    match = re.search(r"[a-z]{0,3}\d+", in_arabic(text_key(pages))) if pages else None
    return re.sub(r"^([a-z]*)0+(?=\d)", r"\1", match.group()) if match else None


def last_page(pages: str | None) -> str | None:
    """The last page of a range in full, "130" of "123-130"; `None` of a single page and of "123-30"."""
    numbers: list[str] = re.findall(r"\d+", in_arabic(text_key(pages))) if pages else []
    if len(numbers) < LAST_PAGE_MIN or len(numbers[-1]) < max(len(numbers[0]), LAST_PAGE_MIN):
        return None
    return numbers[-1]


def in_arabic(text: str) -> str:
    """Figures that a scan took for letters as figures again, where the rest of the number is in figures: "2O1l"."""
    return _SCANNED_NUMBER.sub(lambda match: match.group().translate(_SCANNED_FIGURES), text)


def number_key(number: str | None) -> str | None:
    """A volume or issue in one form: "Vol. 012" gives "12"; `None` if there is nothing to compare."""
    if not number:
        return None
    words = [
        word
        for word in in_arabic(text_key(number)).split()
        if word not in {"vol", "volume", "no", "number", "issue", "band"}
    ]
    key = squash(" ".join(words)).lstrip("0")
    return str(roman(key) or key) or None
