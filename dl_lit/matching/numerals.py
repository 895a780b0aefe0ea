"""Numbers as titles and volumes write them: figures, Roman numerals, words. Pure."""

from __future__ import annotations

import re

_ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_WORTH = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "first": 1, "second": 2, "third": 3, "fourth": 4,
    "eins": 1, "zwei": 2, "drei": 3, "erster": 1, "zweiter": 2, "dritter": 3, "premier": 1, "deuxieme": 2,
    "primera": 1, "segunda": 2, "prima": 1, "seconda": 2,
}  # fmt: skip

PART_WORDS = (
    "part", "parts", "pt", "volume", "volumes", "vol", "vols", "book", "chapter", "teil", "band", "bd", "tome", "tomo",
    "parte", "partie", "phase", "paper", "no", "number", "nr", "tom", "deel", "del", "czesc", "chast",
)  # fmt: skip
"""What the number of a part stands behind, as keys."""

_ONE_NAME = {"pt": "part", "parts": "part", "vol": "volume", "vols": "volume", "volumes": "volume", "bd": "band"}
_PART = re.compile(
    r"(?<![\w-])(?:(?:part|pt\.?|teil)\s+)?(?P<number>[IVX]{1,5}|\d{1,2})(?=[.:,;)\]]|\s*$)", re.IGNORECASE
)
_SHORT_ROMAN = re.compile(r"[ivx]{2,5}")


def roman(word: str) -> int | None:
    """The value of a Roman numeral in lower case; `None` if `word` is none."""
    if not word or not _ROMAN.fullmatch(word):
        return None
    values = [_WORTH[letter] for letter in word]
    return sum(
        -value if any(later > value for later in values[at + 1 : at + 2]) else value for at, value in enumerate(values)
    )


def value(word: str) -> int | None:
    """The number that a word of a key says in figures, Roman numerals or letters; `None` if it is no number."""
    if word.isdigit():
        return int(word) if len(word) <= 9 else None
    return _WORDS.get(word) or roman(word)


def as_roman(number: int) -> str:
    """A number from 1 to 39 in Roman numerals, in capitals."""
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]


def respelt(title: str) -> tuple[str, ...]:
    """The title with the number of its part as others print it: "Ice. II. Drift" as "Ice. Part 2. Drift", and so on.

    Empty where no number stands that looks like a part's: before a mark or at the end.
    """
    for found in _PART.finditer(title):
        number = value(found["number"].lower())
        if number is not None and 0 < number < 40:
            ways = (f"Part {number}", f"Part {as_roman(number)}", str(number), as_roman(number))
            forms = (title[: found.start()] + way + title[found.end() :] for way in ways)
            return tuple(form for form in forms if form != title)
    return ()


def in_figures(key: str) -> str:
    """A key with Roman numerals in figures and one name for "vol." and "volume": "part II" and "pt 2" are one.

    A single letter is a numeral only behind such a word or at the end: "vitamin C", but "Syntax I".
    """
    words = key.split()
    last = len(words) - 1
    for at, word in enumerate(words):
        is_behind = at > 0 and words[at - 1] in PART_WORDS
        is_numeral = _SHORT_ROMAN.fullmatch(word) or (word in {"i", "v", "x"} and (is_behind or (at == last and at)))
        if is_numeral and (number := roman(word)) is not None:
            words[at] = str(number)
    for at, word in enumerate(words[:-1]):
        if word in _ONE_NAME and words[at + 1][0].isdigit():
            words[at] = _ONE_NAME[word]
    return " ".join(words)
