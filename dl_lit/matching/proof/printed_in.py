"""Whether journal or book, volume, pages and year as printed on the first pages are the record's. Pure."""

from __future__ import annotations

import re
from typing import Final

from dl_lit.core.model import Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import Agreement, contains
from dl_lit.matching.normalise import first_page, number_key, squash, text_key
from dl_lit.matching.proof.front import Front

_CLOSE_YEARS: Final = 1
_FEW_YEARS: Final = 3
_ROWS: Final = 60
_NAME_MIN: Final = 5  # letters of a container that names something
_VOLUME = re.compile(r"\b(?:vol(?:ume|\.)?|band|bd\.?|tome?|t\.|v\.)\s*\.?\s*(\d{1,4}|[ivxlc]{1,7})\b", re.IGNORECASE)
_ISSUED = re.compile(
    r"(?<![\d.:/])(\d{1,4})\s*(?:\(\s*\d[\d\-–/]{0,6}\s*\)|:\s*e?\d{1,6}\b|,\s*(?:no|nr|pp?)\b)", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])[a-z]{0,2}\d{1,7}(?![\w])", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class PrintedIn:
    """What the first pages say of where and when the work appeared."""

    container: Agreement
    volume: Agreement
    page: Agreement
    year: Agreement
    told: tuple[str, ...] = ()  # for people


def printed_in(front: Front, facts: PdfFacts, work: Work) -> PrintedIn:
    """Set journal, volume, first page and year of `work` beside what mastheads, feet and citations print."""
    text = _imprint(front)
    container = _container(text, work)
    volume = _volume(text, work)
    first = first_page(work.pages)
    has_page = bool(first) and first in {_bare(number) for number in _NUMBER.findall(text)}
    page = Agreement.AGREE if has_page else Agreement.UNKNOWN
    year = _year(text, facts, work)
    told = [
        name
        for name, agreement in (("container", container), ("volume", volume), ("first page", page), ("year", year))
        if agreement is Agreement.AGREE
    ]
    return PrintedIn(container, volume, page, year, tuple(told))


def _imprint(front: Front) -> str:
    """What stands in margins and above the abstract, a line each."""
    rows = [*front.margins(), *front.before_abstract()]
    return "\n".join(dict.fromkeys(row.text for row in rows[: 2 * _ROWS]))


def _bare(number: str) -> str:
    return re.sub(r"^([a-z]*)0+(?=\d)", r"\1", number.lower())


def _container(text: str, work: Work) -> Agreement:
    name = text_key(work.container_title or "")
    if len(squash(name)) < _NAME_MIN:
        return Agreement.UNKNOWN
    lines = [text_key(line) for line in text.splitlines()]
    if any(contains(line, name) for line in lines) or squash(name) in squash(" ".join(lines)):
        return Agreement.AGREE
    words = [word for word in name.split() if word not in {"of", "the", "and", "for", "in", "on", "de", "la", "der"}]
    if len(words) > 1 and any(_abbreviates(line.split(), words) for line in lines):
        return Agreement.AGREE
    return Agreement.UNKNOWN


def _abbreviates(line: list[str], words: list[str]) -> bool:
    """Whether words of the line, one after the other, begin the words of the name: "j mol biol"."""
    for start in range(len(line) - len(words) + 1):
        pairs = zip(line[start : start + len(words)], words, strict=True)
        if all(word.startswith(short) and (len(short) > 1 or word == words[0]) for short, word in pairs):
            return True
    return False


def _volume(text: str, work: Work) -> Agreement:
    wanted = number_key(work.volume)
    if not wanted:
        return Agreement.UNKNOWN
    named = {number_key(number) for number in _VOLUME.findall(text)}
    issued = {number_key(number) for number in _ISSUED.findall(text)}
    if wanted in named | issued:
        return Agreement.AGREE
    return Agreement.CONFLICT if named - {None} else Agreement.UNKNOWN


def _year(text: str, facts: PdfFacts, work: Work) -> Agreement:
    if work.year is None:
        return Agreement.UNKNOWN
    years = {int(year) for year in _YEAR.findall(text)}
    if work.year in years or facts.year == work.year:
        return Agreement.AGREE
    known = {facts.year} if facts.year is not None else years
    if not known:
        return Agreement.UNKNOWN
    gap = min(abs(year - work.year) for year in known)
    if gap <= _CLOSE_YEARS:
        return Agreement.CLOSE
    return Agreement.UNKNOWN if gap <= _FEW_YEARS else Agreement.CONFLICT
