"""Entries that hold several works: "(a) …; (b) …" in chemistry, "Phys. Rev. 1, 2 (1990); ibid. 3, 4 (1991)" in physics.

A cut must be sure, since a title may have a semicolon, too: every part needs a year of its own and begins with a
letter in its turn, with names, or with "ibid.", or goes on as its predecessor did, with other numbers and another year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dl_lit.core.values import dataclass
from dl_lit.pdf.splitting.entry import Entry
from dl_lit.pdf.splitting.patterns import PARTICLE, UPPER

_LETTERED = re.compile(r"(?:(?<=^)|(?<=[;.,:)\]]\s)|(?<=[;]))[(\[]?\s?([a-z])\s?[)\]]\s?(?=\S)")
_LONGEST = 8_000  # characters; more is no entry
_LONGEST_INTRODUCTION = 3  # characters before "(a)"
_SEMICOLON = re.compile(r"\s?;\s+")
_WORD = rf"[{UPPER}][^\W\d_]+"
_INITIAL = rf"[{UPPER}][a-z]?\.(?:\s?-?\s?[{UPPER}]\.){{0,3}}"
_NAMED = re.compile(
    rf"(?:(?:see|cf\.?|vgl\.?|and|also|for example|e\. ?g\.|siehe|auch|see also|and also),?\s+){{0,3}}(?:"
    rf"{_INITIAL}\s?{PARTICLE}{_WORD}(?:[-–]{_WORD})?(?:,|\s(?:and|et|und|in|&)\s|\s\()"  # A. Author,
    rf"|{PARTICLE}{_WORD}(?:[-–]{_WORD})?,\s?{_INITIAL}"  # Author, A.
    rf"|{PARTICLE}{_WORD}(?:[-–]{_WORD})?\s(?:{_INITIAL}|[{UPPER}]{{1,3}})(?:,|\s(?:and|et|und|&)\s)"  # Author A.,
    rf"|[{UPPER}]{{1,2}}\s{PARTICLE}{_WORD}(?:,|\s(?:and|et|und|&)\s)"  # A Author,
    rf"|{_WORD}(?:\s{_INITIAL})?\s{PARTICLE}{_WORD},\s[\"“„«]"  # Anna Author, "
    rf"|{PARTICLE}{_WORD}(?:[-–]{_WORD})?\set al\b"
    rf"|(?:the\s)?[{UPPER}][\w\- ]{{1,40}}Collaboration\b"
    rf")"
)
_SAME_PLACE = re.compile(r"(?:ibid(?:em)?\b\.?|ib\.)[,:]?\s*", re.IGNORECASE)
_SAME_AUTHORS = re.compile(r"(?:idem|id\.|ders(?:elbe)?\b\.?|dies(?:elbe)?\b\.?)[,:]?\s+", re.IGNORECASE)
_VOLUME = r"[A-Z]?\s?\d{1,4}[A-Z]?\s?(?:\(\d+\)\s?)?"
_PLACE = (
    rf"(?:{_VOLUME}[,:]\s?[A-Z]?\d[\d\-–, ]*[A-Z]?\s?\((?:1[5-9]|20)\d\d\)"  # 1, 2 (1990)
    rf"|{_VOLUME}\((?:1[5-9]|20)\d\d\),?\s?[A-Z]?\d+)"  # 1 (1990) 2
)
_NUMBERS_ONLY = re.compile(_PLACE)
_JOURNAL_ONLY = re.compile(rf"(?:[{UPPER}]\w*\.?\s?(?:of\s|and\s|&\s)?){{1,6}},?\s?{_PLACE}")
_TRANSLATION = re.compile(r"(?:Sov(?:iet|\.)|JETP|English|Engl\.|Russ(?:ian|\.))")
_YEAR = re.compile(
    r"(?<![\d.])((?:1[6-9]|20)\d{2})[a-z]?(?!\d)|\b(?:in press|to be published|forthcoming|unpublished)\b"
)
_PREPRINT = re.compile(
    r"\b(?:arXiv:\s?)?(?:hep|astro|gr|cond|nucl|quant|math)-[a-z]{2}/(\d{2})\d{5}|arXiv:\s?(\d{2})\d{2}\.\d{4,5}"
)
_ENDS_WITH_YEAR = re.compile(r"(?<![\d.])(?:1[6-9]|20)\d{2}[a-z]?[)\].]{0,3}\s*$")
_DIGITS = re.compile(r"\d+")
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class _Part:
    """One work of an entry."""

    text: str
    letter: str = ""
    follows: str = ""  # what it leaves out because the work before has it: "authors", "place" or nothing


def several_works(entry: Entry) -> list[Entry]:
    """The works of `entry`, each an entry of its own; `entry` alone where it holds one, or that is not sure."""
    parts = list(_parts(entry.text)) if len(entry.text) <= _LONGEST else []
    if len(parts) < 2:
        return [entry]
    return [
        replace(
            entry,
            text=part.text,
            label=_with_letter(entry.label, part.letter),
            uris=entry.uris if len(parts) == 1 else _own_uris(entry.uris, part.text),
            follows=part.follows,
        )
        for part in parts
    ]


def _own_uris(uris: Sequence[str], text: str) -> tuple[str, ...]:
    """Those of an entry's links that are printed in one of its parts."""
    squeezed = re.sub(r"\s", "", text).casefold()
    return tuple(uri for uri in uris if re.sub(r"^https?://(?:dx\.)?(?:doi\.org/)?", "", uri).casefold() in squeezed)


def _parts(text: str) -> Iterator[_Part]:
    lettered = _by_letters(text)
    if lettered:
        for letter, piece in lettered:
            inner = list(_by_semicolons(piece))
            yield from (replace(part, letter=letter) for part in inner)
    else:
        yield from _by_semicolons(text)


def _by_letters(text: str) -> list[tuple[str, str]]:
    """The parts that begin with a), b), c) … in turn, each with its letter; empty where they do not."""
    found: list[tuple[int, int, str]] = []
    for match in _LETTERED.finditer(text):
        wanted = chr(ord("a") + len(found))
        if match.group(1) == wanted and (found or match.start() <= _LONGEST_INTRODUCTION):
            found.append((match.start(), match.end(), wanted))
    if len(found) < 2:
        return []
    ends = [start for start, _, _ in found[1:]] + [len(text)]
    pieces = [(letter, text[at:end].strip(" ;")) for (_, at, letter), end in zip(found, ends, strict=True)]
    return pieces if all(_DIGITS.search(piece) for _, piece in pieces[:-1]) else []


def _by_semicolons(text: str) -> Iterator[_Part]:
    start, follows = 0, ""
    for cut in _SEMICOLON.finditer(text):
        before, after = text[start : cut.start()], text[cut.end() :]
        if _depth(before) or not _is_work(before):
            continue
        following = re.split(r";\s", after, maxsplit=1)[0]
        kind = _kind_of(before, following)
        if kind is None:
            continue
        yield _Part(before.strip(" ;,"), follows=follows)
        start, follows = cut.end(), kind
    yield _Part(text[start:].strip(" ;"), follows=follows)


def _kind_of(before: str, part: str) -> str | None:
    """How `part` goes on after the work `before`: "" with names, else what it leaves out; `None` for no work."""
    if match := _SAME_PLACE.match(part):
        return "place" if _DIGITS.search(part, match.end()) else None
    if match := _SAME_AUTHORS.match(part):
        return "authors" if _is_work(part) else None
    if _NUMBERS_ONLY.match(part):
        return "place" if _years(part) != _years(before) else None
    if not _is_work(part):
        return None
    if _NAMED.match(part):
        return ""
    if _JOURNAL_ONLY.match(part) and not _TRANSLATION.match(part):
        return "authors"
    return None


def _is_work(text: str) -> bool:
    """Whether `text` has a year and another number beside it, ends with a year, or bears a preprint's number."""
    if _PREPRINT.search(text) or _ENDS_WITH_YEAR.search(text):
        return True
    year = _YEAR.search(text)
    return year is not None and len(_DIGITS.findall(text)) > 1


def _years(text: str) -> set[str]:
    return {match.group(1) for match in _YEAR.finditer(text) if match.group(1)}


def _depth(text: str) -> int:
    """How many brackets stand open at the end of `text`."""
    return max(sum(text.count(mark) for mark in _OPENING) - sum(text.count(mark) for mark in _CLOSING), 0)


def _with_letter(label: str | None, letter: str) -> str | None:
    """A label with the letter of a part: "[12]" and "a" make "[12](a)"."""
    return f"{label or ''}({letter})" if letter else label
