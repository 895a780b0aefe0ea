"""Where in an entry's lines each of its fields stands: found again by their letters and digits.

Pure functions. Reading keeps no positions, since joining lines, undoing hyphenation and normalising move everything;
what is printed is found again here, when somebody wants to look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import field

from dl_lit.core.model import Name, Reference
from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters of one line."""

    line: int  # index among the lines that were searched
    start: int  # first character
    end: int  # the one after the last


@dataclass(frozen=True, slots=True)
class FieldSpan:
    """A run of characters that a field was read from."""

    field: str  # of `core.model.Reference`
    span: Span


def field_spans(reference: Reference, lines: Sequence[Line]) -> list[FieldSpan]:
    """Where the fields of `reference` stand in its `lines`; fields that are not printed there are left out."""
    text = Skeleton.of(lines)
    found: list[FieldSpan] = []
    for name, ranges in _found(reference, text):
        found += [FieldSpan(name, span) for first, last in ranges for span in text.spans(first, last)]
    return found


@dataclass(slots=True)
class Skeleton:
    """The letters and digits of some lines, and where each stands."""

    letters: str
    places: list[tuple[int, int]]  # line and character of each letter
    lines: tuple[str, ...]
    taken: list[bool] = field(default_factory=list)  # the letters that a field has already

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Skeleton:
        """The skeleton of `lines`."""
        places: list[tuple[int, int]] = []
        letters: list[str] = []
        for number, line in enumerate(lines):
            for at, letter in bare_letters(line.text):
                letters.append(letter)
                places.append((number, at))
        return cls("".join(letters), places, tuple(line.text for line in lines), [False] * len(letters))

    def find(self, value: str, start: int = 0, *, whole: bool = True) -> tuple[int, int] | None:
        """First and last letter of `value` from letter `start` on, where nothing else was found; `None`: nowhere.

        `whole`: neither letters nor digits may stand directly before and after it; else only digits may not.
        """
        wanted = "".join(letter for _, letter in bare_letters(value))
        if not wanted:
            return None
        at = self.letters.find(wanted, start)
        while at >= 0:
            last = at + len(wanted) - 1
            if not any(self.taken[at : last + 1]) and self._stands_alone(at, last, whole=whole):
                return at, last
            at = self.letters.find(wanted, at + 1)
        return None

    def take(self, first: int, last: int) -> None:
        """Keep other fields from being found there."""
        self.taken[first : last + 1] = [True] * (last + 1 - first)

    def spans(self, first: int, last: int) -> Iterator[Span]:
        """The runs of characters from letter `first` to letter `last`, one a line."""
        at = first
        while at <= last:
            line, begin = self.places[at]
            end = begin
            while at <= last and self.places[at][0] == line:
                end = self.places[at][1]
                at += 1
            yield Span(line, begin, end + 1)

    def _stands_alone(self, first: int, last: int, *, whole: bool) -> bool:
        line, at = self.places[first]
        before = self.lines[line][at - 1] if at else " "
        line, at = self.places[last]
        after = self.lines[line][at + 1 : at + 2] or " "
        if whole and (before.isalnum() or after.isalnum()):
            return False
        return not (before.isdigit() and self.letters[first].isdigit()) and not (
            after.isdigit() and self.letters[last].isdigit()
        )


def bare_letters(text: str) -> Iterator[tuple[int, str]]:
    """Every letter and digit of `text` in lower case and without accents, with the index it stands at."""
    for at, char in enumerate(text):
        if char.isascii():
            if char.isalnum():
                yield at, char.lower()
            continue
        for part in unicodedata.normalize("NFKD", char).casefold():
            if part.isalnum():
                yield at, part


Ranges = list[tuple[int, int]]


def _found(reference: Reference, text: Skeleton) -> Iterator[tuple[str, Ranges]]:
    """Fields and the letters they were found at: what is unmistakable first, numbers last."""
    for name in ("doi", "arxiv_id", "pmid", "isbn", "url"):
        value = getattr(reference, name)
        if value and (hit := _take(text, value, whole=False)):
            yield name, [hit]
    title = _take(text, reference.title) if reference.title else None
    if title:
        yield "title", [title]
    authors = _names(text, reference.authors)
    if authors:
        yield "authors", authors
    container = _take(text, reference.container_title, title[1] if title else 0) if reference.container_title else None
    if container:
        yield "container_title", [container]
    if reference.publisher and (hit := _take(text, reference.publisher, title[1] if title else 0)):
        yield "publisher", [hit]
    if editors := _names(text, reference.editors):
        yield "editors", editors
    if reference.year and (hit := _take(text, str(reference.year), whole=False)):
        yield "year", [hit]
    behind = container[1] if container else title[1] if title else authors[-1][1] if authors else 0
    for name in ("pages", "volume", "issue"):
        value = getattr(reference, name)
        hit = _take(text, value, behind, whole=False) if value else None
        hit = hit or (_last_page_cut(text, value, behind) if name == "pages" and value else None)
        if hit:
            yield name, [hit]


def _take(text: Skeleton, value: str, start: int = 0, *, whole: bool = True) -> tuple[int, int] | None:
    hit = text.find(value, start, whole=whole) or (text.find(value, whole=whole) if start else None)
    if hit:
        text.take(*hit)
    return hit


def _last_page_cut(text: Skeleton, pages: str, start: int) -> tuple[int, int] | None:
    """Pages that are printed otherwise than they were read ("123-8" for 123-128): their first alone."""
    first = re.match(r"\w+", pages)
    return _take(text, first.group(), start, whole=False) if first else None


def _names(text: Skeleton, names: Sequence[Name]) -> Ranges:
    """Where the names stand, neighbours put together."""
    ranges: Ranges = []
    at = 0
    for name in names:
        hit = text.find(name.sort_key, at) if name.sort_key else None
        if hit is None:
            continue
        first, last = hit
        given = "".join(letter for _, letter in bare_letters(name.given or ""))
        if given and text.letters.endswith(given, 0, first) and not any(text.taken[first - len(given) : first]):
            first -= len(given)
        elif (
            given and text.letters.startswith(given, last + 1) and not any(text.taken[last + 1 : last + 1 + len(given)])
        ):
            last += len(given)
        text.take(first, last)
        at = last + 1
        if ranges and _between(text.letters, ranges[-1][1], first):
            ranges[-1] = ranges[-1][0], last
        else:
            ranges.append((first, last))
    return ranges


def _between(letters: str, last: int, first: int) -> bool:
    """Whether hardly more than "and" stands between letter `last` and letter `first`."""
    return letters[last + 1 : first] in {"", "and", "und", "et", "y", "e", "en", "och", "og", "i", "и"}
