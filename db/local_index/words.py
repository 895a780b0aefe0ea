"""Which words a work is found by, and which words an entry asks for. Pure.

Beside plain words there are joined ones that say two things at once and are therefore rare: surname and year
("knuth1968"), volume and first page ("12v345"). Print and catalogue seldom differ in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from dl_lit.core.model import Name, Reference, Work
from dl_lit.core.values import dataclass

TextKey = Callable[[str], str]
"""Gives the words of a text in one form: lower-case ASCII letters and digits, separated by single spaces."""

_NAMES = 10  # authors and editors of a work that are indexed; consortia have thousands
_DATED_NAMES = 3
_INDEXED_WORDS = 120  # of one work: what is longer is no title
_ASKED_WORDS = 80  # of one entry
_JOINED = 300  # joined words of one entry
_YEAR = re.compile(r"1[4-9]\d\d|20\d\d")
_NUMBER = re.compile(r"[a-z]{0,3}\d{1,7}")
_PAGE = re.compile(r"[a-z]{0,3}0*(\d+)")
_ADDRESS = re.compile(r"https?://\S+|\bdoi:?\s*10\.\S+|\b10\.\d{4,9}/\S+", re.IGNORECASE)
_PROBE = "Ünïted α-Straße & Ærø: co-op ﬁn, l’été 2°"


def probe(text_key: TextKey) -> str:
    """What the function makes of one odd text: another answer than an index was made with makes it useless."""
    return text_key(_PROBE)


@dataclass(frozen=True, slots=True)
class Words:
    """The words a work is found by."""

    line: str  # each once, separated by spaces; those of the title first
    title: int  # how many of them are the title's

    def all(self) -> list[str]:
        """Every one of them, those of the title first."""
        return self.line.split()


def words_of(work: Work, text_key: TextKey, name_key: TextKey | None = None) -> Words:
    """The words to index a work by; `name_key` is `text_key` with a better memory for names."""
    name_key = name_key or text_key
    title = list(dict.fromkeys(text_key(work.title).split()[:_INDEXED_WORDS]))
    people = (*work.authors[:_NAMES], *work.editors[:_DATED_NAMES])
    dated = [name_key(name.sort_key).split()[:6] for name in people[:_DATED_NAMES]]
    others = [name.sort_key for name in people[_DATED_NAMES:]]
    rest = " / ".join((work.container_title or "", *(alias.title for alias in work.aliases[:3]), *others))
    words = [*title, *(word for name in dated for word in name), *text_key(rest).split()[:_INDEXED_WORDS]]
    if work.year is not None:
        words.append(str(work.year))
        words += [f"{word}{work.year}" for name in dated for word in name if len(word) > 1]
    if place := _place(work.volume, work.pages, text_key):
        words.append(place)
    return Words(" ".join(dict.fromkeys(words)), len(title))


@dataclass(frozen=True, slots=True)
class Asked:
    """What an entry asks for."""

    words: tuple[str, ...]  # in the order of print, each once
    title: tuple[str, ...]  # those of the title, where it was read
    joined: tuple[str, ...]  # possible joined words; most of them are nowhere


def asked_by(reference: Reference, text_key: TextKey) -> Asked:
    """The words an entry asks for: those of its fields, and those of its text."""
    title = text_key(reference.title or "").split()[:_ASKED_WORDS]
    people = (*reference.authors[:_DATED_NAMES], *reference.editors[:_DATED_NAMES])
    surnames = [word for name in people for word in _surnames(name, text_key)]
    year = [] if reference.year is None else [str(reference.year)]
    printed = text_key(_ADDRESS.sub(" ", reference.raw)).split()
    words = list(dict.fromkeys([*title, *surnames, *year, *printed]))[:_ASKED_WORDS]
    if reference.container_title:
        words = list(dict.fromkeys([*words, *text_key(reference.container_title).split()]))[: _ASKED_WORDS + 20]
    joined = [*_dated(surnames, words, reference.year), *_places(reference, words, text_key)]
    return Asked(tuple(words), tuple(dict.fromkeys(title)), tuple(dict.fromkeys(joined))[:_JOINED])


def joined_again(words: Iterable[str], asked: Asked) -> tuple[str, ...]:
    """The joined words that other spellings of the entry's words would make."""
    years = [word for word in asked.words if _YEAR.fullmatch(word)][:3]
    return tuple(f"{word}{year}" for word in words for year in years if word.isalpha())


def _dated(surnames: Sequence[str], words: Sequence[str], year: int | None) -> Iterator[str]:
    """Surname and year; where the year was read, the years beside it as well: print and record often differ by one."""
    if year is not None:
        yield from (f"{name}{near}" for near in (year, year - 1, year + 1) for name in surnames)
    years = [word[:4] for word in words if _YEAR.match(word) and len(word) <= 5][:3]
    yield from (f"{word}{one}" for one in years for word in words[:50] if word.isalpha() and len(word) > 2)


def _places(reference: Reference, words: Sequence[str], text_key: TextKey) -> Iterator[str]:
    if place := _place(reference.volume, reference.pages, text_key):
        yield place
    numbers = [word for word in words if _NUMBER.fullmatch(word)][-8:]
    for at, volume in enumerate(numbers):
        for page in numbers[at + 1 :]:
            yield f"{volume}v{_bare(page)}"


def _place(volume: str | None, pages: str | None, text_key: TextKey) -> str | None:
    """Volume and first page as one word; None where one of them is unknown."""
    if not volume or not pages:
        return None
    first = _word(pages, text_key).split()[:1]
    number = _word(volume, text_key).replace(" ", "")
    return f"{number[:12]}v{_bare(first[0])[:12]}" if first and number else None


def _word(number: str, text_key: TextKey) -> str:
    """What the key of a plain number or span is, told without making it."""
    if number.isascii() and number.isdigit():
        return number
    first, dash, last = number.partition("-")
    return f"{first} {last}" if dash and first.isdigit() and last.isdigit() and number.isascii() else text_key(number)


def _bare(page: str) -> str:
    match = _PAGE.fullmatch(page)
    return match[1] if match else page


def _surnames(name: Name, text_key: TextKey) -> list[str]:
    return text_key(name.sort_key).split()[:6]
