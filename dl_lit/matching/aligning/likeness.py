"""How alike a printed entry and an entry of a list are, and on what grounds they may be one. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from rapidfuzz import fuzz

from dl_lit.core.model import Listed, Reference
from dl_lit.core.values import dataclass
from dl_lit.matching.aligning.entries import arxiv_of, identifiers_conflict
from dl_lit.matching.compare import (
    Agreement,
    container_agreement,
    contains,
    number_agreement,
    page_agreement,
    printed_years,
    same_surname,
    surname_words,
    surnames,
    title_similarity,
)
from dl_lit.matching.normalise import first_page, squash, surname_key, text_key, title_key
from dl_lit.matching.vetoes import numbers_conflict

_NOISE = re.compile(
    r"https?://\S+|\bdoi:?\s*\S+|\b10\.\d{4,9}/\S+|\b(?:available (?:at|from|online)|accessed|retrieved)\b"
    r"|^\s*(?:\[[^\]]{1,12}\]|\(?\d{1,3}[.)])\s*",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_WEIGHTS = {"title": 0.45, "text": 0.15, "author": 0.12, "year": 0.10, "container": 0.04, "volume": 0.06, "page": 0.08}
_WORTH = {Agreement.AGREE: 1.0, Agreement.CLOSE: 0.8, Agreement.UNKNOWN: 0.5, Agreement.CONFLICT: 0.0}

TITLE_EQUAL = 0.9
TITLE_ALIKE = 0.75  # enough where author and year agree as well
TITLE_ALONE_MIN = 30  # characters of a title that says enough where neither author nor year can be compared
TITLE_SURE = 0.97
TITLE_SURE_MIN = 40  # characters of a title that, with its author, outweighs another year
TITLE_IN_TEXT_MIN = 15  # characters of a title that, found in the printed text, is the entry's
TITLE_OTHER = 0.5  # titles less alike than this are two titles, not one misread
RAW_LISTED = 0.8  # share of the listed text's weight that must be printed
RAW_PRINTED = 0.6  # share of the printed text's weight that must be listed


class How(StrEnum):
    """On what grounds a printed entry and an entry of a list are taken for one, the strongest first."""

    DOI = "doi"
    ARXIV = "arxiv"
    PMID = "pmid"
    RAW = "raw"
    FIELDS = "fields"
    COORDINATES = "coordinates"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed entry with its keys."""

    reference: Reference
    text: str
    run: str  # the text without spaces
    words: frozenset[str]
    title: str
    people: tuple[str, ...]
    surnames: str  # the words of the text in the spelling of surnames
    years: frozenset[int]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list with its keys."""

    listed: Listed
    text: str  # of the deposited text, without spaces: some come with words glued together; empty where there is none
    words: frozenset[str]
    years: frozenset[int]
    title: str
    author: str
    page: str | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a printed entry and an entry of a list agree on."""

    score: float  # 0 to 1: orders candidates
    how: How | None  # None: not enough without order
    author: Agreement
    year: Agreement
    title: float | None  # None: one side has none
    text: float  # share of the listed weight that is printed
    placed: int  # how much volume, first page and container say for one place, 0 to 5; -1: they say otherwise
    is_possible: bool  # nothing contradicts it


def printed_entry(reference: Reference) -> Printed:
    """Make the keys of a printed entry."""
    text = text_key(_NOISE.sub(" ", reference.raw))
    return Printed(
        reference=reference,
        text=text,
        run=squash(text),
        words=frozenset(text.split()),
        title=title_key(reference.title or ""),
        people=tuple(surnames([*reference.authors[:1], *reference.editors[:1]])),
        surnames=f" {surname_words(text)} ",
        years=printed_years(reference),
    )


def list_entry(listed: Listed) -> Entry:
    """Make the keys of an entry of a list."""
    if listed.raw:
        text = text_key(_NOISE.sub(" ", listed.raw))
        years = frozenset(int(year) for year in _YEAR.findall(listed.raw))
    else:
        years = frozenset()
        parts = [listed.author, listed.title, listed.container_title, listed.volume, listed.first_page]
        text = text_key(" ".join([*filter(None, parts), str(listed.year or "")]))
    return Entry(
        listed=listed,
        text=squash(text) if listed.raw else "",
        words=frozenset(text.split()),
        years=frozenset({listed.year}) if listed.year is not None else years,
        title=title_key(listed.title or ""),
        author=surname_key(listed.author or ""),
        page=first_page(listed.first_page),
    )


def word_weights(texts: Iterable[frozenset[str]]) -> Mapping[str, float]:
    """How much each word tells: much where few entries have it."""
    counts: Counter[str] = Counter()
    total = 0
    for words in texts:
        counts.update(words)
        total += 1
    return {word: math.log1p(total / count) for word, count in counts.items()}


def candidates(
    printed: Sequence[Printed], entries: Sequence[Entry], weights: Mapping[str, float], limit: int
) -> list[list[int]]:
    """For each printed entry the places of the entries that share most with it, by weight of words."""
    holders: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        for word in entry.words:
            holders.setdefault(word, []).append(place)
    found = []
    for one in printed:
        shared: dict[int, float] = {}
        for word in one.words:
            for place in holders.get(word, ()):
                shared[place] = shared.get(place, 0.0) + weights[word]
        found.append(sorted(shared, key=lambda place: -shared[place])[:limit])
    return found


def likeness(one: Printed, entry: Entry, weights: Mapping[str, float]) -> Likeness:
    """Compare a printed entry with an entry of a list."""
    reference, listed = one.reference, entry.listed
    shared = math.fsum(weights[word] for word in one.words & entry.words)
    listed_share = shared / max(1e-9, math.fsum(weights[word] for word in entry.words))
    printed_share = shared / max(1e-9, math.fsum(weights[word] for word in one.words))
    author, year = _author(one, entry), _year(one, entry)
    title = _title(one, entry)
    volume = _either(number_agreement(reference.volume, listed.volume), (listed.volume, reference.volume), one, entry)
    page = _either(
        page_agreement(reference.pages, listed.first_page), (entry.page, first_page(reference.pages)), one, entry
    )
    container = container_agreement(reference.container_title, listed.container_title)
    fields = {
        "title": 0.5 if title is None else title,
        "text": (listed_share + printed_share) / 2 if listed.raw else listed_share,
        "author": _WORTH[author],
        "year": _WORTH[year],
        "container": _WORTH[container],
        "volume": _WORTH[volume],
        "page": _WORTH[page],
    }
    score = math.fsum(_WEIGHTS[name] * value for name, value in fields.items())
    is_possible = not identifiers_conflict(reference, listed) and not _other_part(one, entry)
    placed = -1 if Agreement.CONFLICT in {volume, page} else how_placed((volume, page, container))
    how = _identifier(reference, listed)
    if how is not None:
        return Likeness(1.0, how, author, year, title, listed_share, placed, is_possible=True)
    if is_possible:
        is_raw = bool(listed.raw) and listed_share >= RAW_LISTED and printed_share >= RAW_PRINTED
        length = len(entry.title) or len(one.title)
        how = _grounds(title, length, author, year, (volume, page, container), is_raw=is_raw)
        if how is How.FIELDS and not entry.title:
            how = How.RAW
    return Likeness(score, how, author, year, title, listed_share, placed, is_possible=is_possible)


def _grounds(
    title: float | None,
    length: int,
    author: Agreement,
    year: Agreement,
    places: tuple[Agreement, Agreement, Agreement],
    *,
    is_raw: bool,
) -> How | None:
    agreeing = author.is_positive + year.is_positive
    against = (author is Agreement.CONFLICT) + (year is Agreement.CONFLICT)
    if is_raw and not against and (title is None or title >= TITLE_OTHER):
        return How.RAW
    if title is not None:
        if title >= TITLE_EQUAL and agreeing > against:
            return How.FIELDS
        if title >= TITLE_EQUAL and not against and length >= TITLE_ALONE_MIN:
            return How.FIELDS
        if title >= TITLE_ALIKE and agreeing == 2:
            return How.FIELDS
        if title >= TITLE_SURE and author is Agreement.AGREE and length >= TITLE_SURE_MIN:
            return How.FIELDS  # a year may be misprinted, or be that of the visit
    placed = how_placed(places)
    if Agreement.CONFLICT in places or year is not Agreement.AGREE or author is Agreement.CONFLICT:
        return None
    enough = 3 if author.is_positive else 4
    return How.COORDINATES if placed >= enough and (title is None or title >= TITLE_OTHER or placed == 5) else None


def how_placed(places: tuple[Agreement, Agreement, Agreement]) -> int:
    """How much volume, first page and container say for one place, 0 to 5."""
    volume, page, container = places
    return sum(2 if one is Agreement.AGREE else one.is_positive for one in (volume, page)) + container.is_positive


def _identifier(reference: Reference, listed: Listed) -> How | None:
    if reference.doi and reference.doi == listed.doi:
        return How.DOI
    if arxiv_of(reference) and arxiv_of(reference) == arxiv_of(listed):
        return How.ARXIV
    return How.PMID if reference.pmid and reference.pmid == listed.pmid else None


def _title(one: Printed, entry: Entry) -> float | None:
    """How alike the titles are; where one side has none, whether the other's stands in the text."""
    if not entry.title:
        return _found_in(one.title, entry.text) if one.title and entry.text else None
    best = title_similarity(one.reference.title or "", entry.listed.title or "") if one.title else 0.0
    if best >= TITLE_EQUAL or len(entry.title) < TITLE_IN_TEXT_MIN:
        return best
    if contains(one.text, entry.title):
        return max(best, 0.97)
    if squash(entry.title) in one.run:  # words glued together, or a script without spaces
        return max(best, 0.95)
    return max(best, fuzz.partial_ratio(squash(entry.title), one.run) / 100 * 0.95)


def _found_in(title: str, text: str) -> float | None:
    """Whether a printed title stands in a deposited text; `None` where it is too short to say."""
    needle = squash(title)
    if len(needle) < TITLE_IN_TEXT_MIN:
        return None
    if needle in text:
        return 1.0
    return fuzz.partial_ratio(needle, text) / 100 * 0.95 if len(needle) < len(text) else fuzz.ratio(needle, text) / 100


def _author(one: Printed, entry: Entry) -> Agreement:
    if not entry.author:
        # The deposited text names the people somewhere, in an order and a form of its own.
        is_there = any(len(squash(name)) >= 3 and squash(name) in entry.text for name in one.people)
        return Agreement.CLOSE if is_there else Agreement.UNKNOWN
    if any(same_surname(mine, entry.author) for mine in one.people):
        return Agreement.AGREE
    name = squash(entry.author)
    if len(name) >= 3 and (f" {entry.author} " in one.surnames or one.run.startswith(name)):
        return Agreement.CLOSE
    return Agreement.CONFLICT if one.people else Agreement.UNKNOWN


def _year(one: Printed, entry: Entry) -> Agreement:
    """Several years in a deposited text are of anything, so that only agreement says something."""
    if not entry.years or not one.years:
        return Agreement.UNKNOWN
    if entry.years & one.years:
        return Agreement.AGREE
    if any(abs(mine - yours) == 1 for mine in one.years for yours in entry.years):
        return Agreement.CLOSE
    if any(str(year) in one.words for year in entry.years):
        return Agreement.CLOSE
    return Agreement.CONFLICT if len(entry.years) == 1 else Agreement.UNKNOWN


def _either(agreement: Agreement, numbers: tuple[str | None, str | None], one: Printed, entry: Entry) -> Agreement:
    """Where the field was read on one side only, the number may stand in the other's text all the same."""
    listed, printed = numbers
    if agreement is not Agreement.UNKNOWN:
        return agreement
    is_there = (listed and text_key(listed) in one.words) or (
        entry.text and printed and text_key(printed) in entry.words
    )
    return Agreement.CLOSE if is_there else agreement


def _other_part(one: Printed, entry: Entry) -> bool:
    return bool(one.title and entry.title and numbers_conflict(one.title, entry.title))
