"""Citation markers in running text: "[3, 5–9]", "Knuth (1997)", "(Knuth, 1997; Dijkstra et al. 1968a)", "[Knu97]".

What looks like a marker may be an equation's number, an interval or a date: whether a kind of marker is the document's
own way of citing is decided in `dl_lit.pdf.coverage`, by the entries that it leads to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

from dl_lit.core.particles import PARTICLES
from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.no_names import NO_NAMES

_LONGEST_TEXT = 4_000_000  # characters looked through
_WIDEST_RANGE = 60  # "[5–64]" is a range of entries, a wider one hardly is

_DASH = r"[-–—−‐‑]"
_NUMBERS = rf"\d{{1,4}}(?:\s?(?:,|;|{_DASH}|\band\b|\bund\b|&|/)\s?\d{{1,4}}){{0,40}}+"
_LEAD = r"(?:see\s|cf\.\s?|e\.\s?g\.,?\s|vgl\.\s|siehe\s|refs?\.?\s|voir\s|véase\s)?"
_PLACE = r"(?:,\s?(?:pp?\.|S\.|Sect?\.|§|Chap|Ch\.|Th|Lemma|Prop|Def|Eq|Fig|Table|Alg|App|Cor|vol|sec)[^\[\]]{0,40})?"
_BRACKETS = re.compile(
    rf"[\[［]\s?{_LEAD}({_NUMBERS}){_PLACE}\s?[\]］](?:\s?{_DASH}\s?\[(\d{{1,4}})\])?", re.IGNORECASE
)
_NO_EQUATION = r"(?<!eq\.\s)(?<!eqs\.\s)(?<!equation\s)(?<!equations\s)(?<!step\s)(?<!type\s)(?<!gleichung\s)"
# Behind a word or its comma: "12 (40)" and "58 (50-66; 23-70)" are a table's.
_BEHIND_WORD = r"(?:(?<=[^\W\d_]{2}\s)|(?<=[^\W\d_][.,;:)]\s)|(?<=[^\W\d_]{2}))"
_PARENTHESES = re.compile(rf"{_BEHIND_WORD}{_NO_EQUATION}\(\s?{_LEAD}({_NUMBERS})\s?\)", re.IGNORECASE)
# Close behind three letters: "CO2", "m2", "IL6" and "10.5" are no markers.
_RAISED = re.compile(
    rf"(?<=[^\W\d_A-Z]{{3}})[.,;:)\"”’]{{0,2}}(\d{{1,3}}(?:(?:,|{_DASH})\d{{1,3}}){{0,12}}+)(?![\w%°/.]\w|[\w%°])"
)
_RAISED_NUMBERS = re.compile(rf"\[?\s?{_NUMBERS}\s?[\],]?")
_KEYS = re.compile(r"\[((?:[A-Z][A-Za-z+]{1,8}\d{2,4}[a-z]?)(?:[,;]\s?[A-Z][A-Za-z+]{1,8}\d{2,4}[a-z]?){0,20}+)[\],]")

_YEAR = r"(?:1[5-9]|20)\d\d(?!\d)[a-z]?(?![\w–-]\d)"
_UNDATED = r"n\.\s?d\.|in\spress|forthcoming|im\sDruck|sous\spresse|en\sprensa|no\sprelo|в\sпечати"
_YEARS = rf"(?:{_YEAR}|{_UNDATED})(?:\s?[,;&]\s?{_YEAR}|\s(?:and|und|et|y|e|и)\s{_YEAR}){{0,6}}"
CAPITAL = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽА-ЯЁ]"
_PARTICLE = (
    r"(?:(?:van|von|de|der|den|del|della|di|da|dos|das|du|la|le|ten|ter|zu|zur|af|al|el|bin|ibn|dal|lo|of|for|the|"
    r"für|des)\s)"
)
_WORD = rf"(?:[dDlLO]['’])?{CAPITAL}[\w'’.\-‐‑]*+"
_NAME = rf"{_PARTICLE}{{0,3}}{_WORD}(?:\s{_PARTICLE}{{0,3}}{_WORD}){{0,5}}"
_AND = r"(?:and|und|et|y|e|en|og|och|i|и|&|\+)"
_OTHERS = (
    r"(?:et\s?al\b\.?|u\.\s?a\.|и\sдр\.|и\sсоавт\.|et\scoll\.|e\scol\.|y\scols?\.|and\s(?:colleagues|others)|in\.)"
)
_NAME_YEAR = re.compile(
    rf"(?<![\w'’])(?:(?:of|for|the)\s)*+(?P<names>{_NAME}(?:\s?[,;/]\s{_NAME}){{0,7}}?(?P<more>,?\s{_AND}\s{_NAME})?(?P<others>,?\s{_OTHERS})?)"
    rf"(?:['’]s?)?\s?(?P<open>[,:]?\s?[(\[]|[,:.]?\s)\s?(?P<years>{_YEARS})"
)
_NAMES_ALONE = re.compile(
    rf"\((?:see\s|cf\.\s|vgl\.\s|véase\s|ver\s|cfr\.\s|voir\s)?({_PARTICLE}{{0,3}}{CAPITAL}[^()\d]{{2,200}}[^()]{{0,20}})\)"
)
_NAME_PAGE = re.compile(
    rf"(?P<names>{_NAME}(?:,\s{_NAME}){{0,7}}?(?P<more>,?\s{_AND}\s{_NAME})?(?P<others>,?\s{_OTHERS})?)"
    r"(?:,?\s[«“\"].{1,120}[»”\"],?)?(?:,?\s\d{1,4}(?:[-–—]\d{1,4})?)?"
)
_ONE_YEAR = re.compile(rf"{_YEAR}|{_UNDATED}")
_SPLIT_NAMES = re.compile(rf"\s?[,;/]\s(?:{_AND}\s)?|\s{_AND}\s")
_OTHER_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "œ": "oe"}
)


@dataclass(frozen=True, slots=True)
class NameMarker:
    """A marker of author and year."""

    printed: str  # "Dijkstra et al. 1968a", without the parentheses around it
    names: frozenset[str]  # folded words of the author the works are sorted by, and of the name before the year
    year: int | None  # None: "n.d.", "in press"
    letter: str  # of "1968a"; mostly empty
    style: str  # what parts names and year: "(", ",", " "
    is_sure: bool  # has an "and" or "et al."; what has not, may be a place and a date
    start: int = 0  # offsets into the text, of the whole marker
    end: int = 0


@dataclass(frozen=True, slots=True)
class NumberMarker:
    """A marker of numbers, or of keys."""

    start: int  # offsets into the text
    end: int
    numbers: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()


def running_text(lines: Iterable[Line]) -> str:
    """The text of `lines` as one line, words that hyphens part put together."""
    text = "\n".join(line.text for line in lines)[:_LONGEST_TEXT]
    return text.replace("\u00ad\n", "").replace("-\n", "-").replace("\n", " ")


def in_brackets(text: str) -> Iterator[NumberMarker]:
    """The markers "[12]", "[3, 5–9]", "[1]–[4]"; what holds a 0 is an interval."""
    for match in _BRACKETS.finditer(text):
        numbers = _numbers(match.group(1))
        if numbers and match.group(2):
            numbers |= _range(max(numbers), int(match.group(2)))
        if numbers:
            yield NumberMarker(match.start(), match.end(), frozenset(numbers))


def in_parentheses(text: str) -> Iterator[NumberMarker]:
    """The markers "(12)", "(3, 5–9)", as far as they do not say that they are equations."""
    for match in _PARENTHESES.finditer(text):
        if numbers := _numbers(match.group(1)):
            yield NumberMarker(match.start(), match.end(), frozenset(numbers))


def with_keys(text: str) -> Iterator[NumberMarker]:
    """The markers "[Knu97]", "[ABC+08, Knu97]"."""
    for match in _KEYS.finditer(text):
        yield NumberMarker(match.start(), match.end(), keys=frozenset(re.split(r"[,;]\s?", match.group(1))))


def behind_words(text: str) -> Iterator[NumberMarker]:
    """The numbers close behind a word, where nothing is known to be raised."""
    for match in _RAISED.finditer(text):
        if numbers := _numbers(match.group(1)):
            yield NumberMarker(match.start(1), match.end(1), frozenset(numbers))


def numbers_of_raised(printed: str) -> frozenset[int]:
    """The numbers of a raised text: "12", "3,5–9"; none where it is something else."""
    return frozenset(_numbers(printed)) if _RAISED_NUMBERS.fullmatch(printed) else frozenset()


def numbers_in_brackets(text: str) -> set[int]:
    """The numbers of all markers `in_brackets`."""
    return {number for marker in in_brackets(text) for number in marker.numbers}


def numbers_in_parentheses(text: str) -> set[int]:
    """The numbers of all markers `in_parentheses`."""
    return {number for marker in in_parentheses(text) for number in marker.numbers}


def numbers_raised(lines: Iterable[Line], text: str) -> set[int]:
    """The superscript numbers of `lines`; where nothing is known to be raised, those close behind a word in `text`."""
    # Behind a figure it is a table's, or an exponent.
    raised = [
        line.text[start:end]
        for line in lines
        for start, end in line.raised
        if not line.text[:start].rstrip()[-1:].isdigit()
    ]
    if raised:
        return {number for part in raised for number in numbers_of_raised(part)}
    return {number for marker in behind_words(text) for number in marker.numbers}


def keys_in_brackets(text: str) -> set[str]:
    """The keys of all markers `with_keys`."""
    return {key for marker in with_keys(text) for key in marker.keys}


def _numbers(printed: str) -> set[int]:
    found: set[int] = set()
    before: int | None = None
    ranged = False
    for part in re.findall(rf"\d+|{_DASH}", printed):
        if not part.isdigit():
            ranged = True
            continue
        number = int(part)
        if number == 0 or (part.startswith("0") and len(part) > 1):
            return set()
        found |= _range(before, number) if ranged and before is not None else {number}
        before, ranged = number, False
    return found


def _range(first: int, last: int) -> set[int]:
    return set(range(first, last + 1)) if first < last <= first + _WIDEST_RANGE else {first, last}


def names_and_years(text: str) -> Iterator[NameMarker]:
    """The markers of author and year, one for each year, as often as they stand there."""
    for match in _NAME_YEAR.finditer(text):
        opening = match["open"].strip()
        is_open = opening[-1:] in {"(", "["}
        if not is_open and not _is_inside(text, match.start()):
            continue
        is_sure = bool(match["more"] or match["others"])
        printed = match["names"] if is_open else match["names"].rsplit("; ", 1)[-1]
        names = _author_words(match["names"], is_list=is_sure)
        if not names:
            continue
        for year in _ONE_YEAR.findall(match["years"]):
            shown = f"{printed} ({year})" if is_open else f"{printed}{opening} {year}"
            dated = int(year[:4]) if year[:4].isdigit() else None
            letter = year[4:] if dated else ""
            at = (match.start("names"), match.end())
            yield NameMarker(shown, names, dated, letter, opening[-1:] or " ", is_sure, *at)


def names_in_parentheses(text: str) -> Iterator[NameMarker]:
    """The markers of author alone, or of author and page: "(Knuth; Dijkstra et al. 12)"."""
    for group in _NAMES_ALONE.finditer(text):
        start = group.start(1)
        for printed in group.group(1).split("; "):
            at = (start, start + len(printed))
            start = at[1] + 2
            match = _NAME_PAGE.fullmatch(printed)
            names = _author_words(match["names"], is_list=True) if match else frozenset()
            if match and names:
                is_sure = bool(match["more"] or match["others"])
                yield NameMarker(printed, names, None, "", "alone", is_sure, *at)


def _is_inside(text: str, at: int) -> bool:
    """Whether a parenthesis or bracket is open before `at`."""
    before = text[max(0, at - 400) : at]
    return max(before.rfind("("), before.rfind("[")) > max(before.rfind(")"), before.rfind("]")) or (
        before.count("(") > before.count(")")
    )


def _author_words(printed: str, *, is_list: bool) -> frozenset[str]:
    """The folded words by which an entry may be known; empty where `printed` is a month, "Table" and the like."""
    plain = re.sub(rf",?\s{_OTHERS}$", "", printed)
    found: set[str] = set()
    # "(Knuth; Hoare, 1997)" are two works, or the authors of one.
    for citation in dict.fromkeys((plain, plain.rsplit("; ", 1)[-1])):
        parts = [part for part in _SPLIT_NAMES.split(citation) if part]
        # "However, Knuth (1997)": without "and" or "et al." only the last is a name.
        for part in parts if is_list else parts[-1:]:
            words = [word for word in words_of(part) if word not in _no_names()]
            words = [word for word in words if word not in PARTICLES] or words
            if words:
                found.update(words)
                break
    return frozenset(found)


@cache
def _no_names() -> frozenset[str]:
    return frozenset(map(fold, NO_NAMES.split("|")))


def words_of(text: str) -> list[str]:
    """The words of `text` as names are compared: letters alone, folded, and the parts of hyphened ones, too."""
    words: list[str] = []
    for word in text.split():
        parts = [fold(part) for part in re.split(r"[-‐‑'’/]", word)]
        words += [part for part in (fold(word), *(parts if len(parts) > 1 else ())) if len(part) > 1]
    return words


def fold(word: str) -> str:
    """Small letters without accents or anything else."""
    if not word.isascii():
        word = unicodedata.normalize("NFKD", word.translate(_OTHER_LETTERS))
    return "".join(character for character in word.casefold() if character.isalpha())
