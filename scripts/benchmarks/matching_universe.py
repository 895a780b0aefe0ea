"""The records that entries are matched against: which of them are one work, which are each other's near neighbours.

Read from universe.jsonl.gz (or any file of JSON lines with title, authors, year, container, type, doi, pmid). Records
with equal normalised title, first author and year count as one, and so do records with one DOI or one PMID.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from rapidfuzz import fuzz

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.matching.normalise import squash, surname_key, title_key
from dl_lit.matching.numerals import value

PLACED = 0.95  # share of articles whose record has volume and pages; the universe itself has none
PLACED_PARTS = 0.9  # the same for papers in proceedings and chapters
TWIN_TITLE = 90.0  # of 100: titles of one author at least this alike are one title, misspelt
TWIN_NAME = 80.0  # of 100: surnames at least this alike are one
TWIN_YEARS = 3  # years between a title and the very same title by the same person: a reprint, a slip
TWIN_HEAD = 12  # letters of a title that may stand for it and its subtitle
_TYPES = {
    "journal-article": WorkType.ARTICLE_JOURNAL,
    "proceedings-article": WorkType.PAPER_CONFERENCE,
    "conference": WorkType.PAPER_CONFERENCE,
    "book": WorkType.BOOK,
    "proceedings": WorkType.BOOK,
    "book-chapter": WorkType.CHAPTER,
    "dissertation": WorkType.THESIS,
    "report": WorkType.REPORT,
    "software": WorkType.SOFTWARE,
    "dataset": WorkType.DATASET,
    "web": WorkType.WEBPAGE,
    "webpage": WorkType.WEBPAGE,
    "website": WorkType.WEBPAGE,
}
_PREPRINT = re.compile(
    r"\b(?:arxiv|corr|biorxiv|medrxiv|preprints?|ssrn|psyarxiv|chemrxiv|working papers?)\b", re.IGNORECASE
)
_NUMERALS = re.compile(r"\b(?:\d+|[ivx]+|one|two|three|four|first|second|third)\b")
_YEARS = re.compile(r"\b(?:1[89]|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Volume, issue and pages given to a record that has none; the entry prints them, most records have them too."""

    volume: str
    issue: str
    first_page: str
    last_page: str
    is_known: bool  # whether the record has them


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a record the same work as another."""

    title: str  # normalised, without spaces
    person: str  # first surname, normalised
    year: int | None


class Universe:
    """All records, by number."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = list(lines)
        self.titles: list[str] = []  # title keys
        self.people: list[str] = []  # surname keys of the first author or editor
        self.years: list[int | None] = []
        self._group = list(range(len(self._lines)))
        seen: dict[tuple[str, object], int] = {}
        for number in range(len(self._lines)):
            record = self.record(number)
            named = [*record["authors"], *(record.get("editors") or ())][:1]
            self.titles.append(title_key(record["title"] or ""))
            self.people.append(surname_key(named[0].get("family") or "") if named else "")
            self.years.append(record["year"])
            marks: list[tuple[str, object]] = [("key", self.identity(number))]
            marks += [(kind, record[kind].lower()) for kind in ("doi", "pmid") if record.get(kind)]
            for mark in marks:
                self._unite(number, seen.setdefault(mark, number))

    @classmethod
    def read(cls, path: Path) -> Universe:
        """The records of a file of JSON lines, compressed or not."""
        if path.suffix != ".gz":
            return cls(path.read_bytes().splitlines())
        with gzip.open(path, "rb") as lines:
            return cls(lines)

    def __len__(self) -> int:
        return len(self._lines)

    def record(self, number: int) -> dict[str, Any]:
        """The record as it is in the file."""
        record: dict[str, Any] = json.loads(self._lines[number])
        record.setdefault("authors", [])
        record.setdefault("year", None)
        return record

    def identity(self, number: int) -> Identity:
        """The key under which records count as one."""
        return Identity(squash(self.titles[number]), squash(self.people[number]), self.years[number])

    def group(self, number: int) -> int:
        """The number of the work that a record describes: its smallest record's."""
        while self._group[number] != number:
            self._group[number] = self._group[self._group[number]]
            number = self._group[number]
        return number

    def _unite(self, one: int, other: int) -> None:
        first, second = sorted((self.group(one), self.group(other)))
        self._group[second] = first

    @cached_property
    def members(self) -> Mapping[int, list[int]]:
        """The records of every work."""
        members: dict[int, list[int]] = defaultdict(list)
        for number in range(len(self)):
            members[self.group(number)].append(number)
        return members

    def hash(self, number: int) -> int:
        """A number that depends on the work alone, equal for all its records: what splits and draws are made by."""
        identity = self.identity(self.group(number))
        return crc32(f"{identity.title}|{identity.person}|{identity.year}".encode())

    def coordinates(self, number: int) -> Coordinates:
        """Volume, issue and pages of a work, drawn from its title and first author: the year is misprinted in some."""
        identity = self.identity(self.group(number))
        rng = Random(crc32(f"{identity.title}|{identity.person}".encode()))
        first = int(rng.expovariate(1 / 250)) + 1
        last = first + int(rng.expovariate(1 / 14)) + 1
        share = PLACED if _type_of(self.record(self.group(number))) is WorkType.ARTICLE_JOURNAL else PLACED_PARTS
        volume, issue = str(int(rng.expovariate(1 / 60)) + 1), str(rng.randrange(1, 13)) if rng.random() < 0.75 else ""
        if rng.random() < 0.12:
            return Coordinates(volume, issue, f"e{rng.randrange(1000, 99999)}", "", rng.random() < share)
        return Coordinates(volume, issue, str(first), str(last), rng.random() < share)

    def work(self, number: int) -> Work:
        """The record as a service would give it."""
        record = self.record(number)
        kind = _type_of(record)
        container = record.get("container")
        if container and _PREPRINT.search(container) and kind is WorkType.ARTICLE_JOURNAL:
            kind = WorkType.ARTICLE
        work = Work(
            title=record["title"],
            type=kind,
            authors=_names(record["authors"]),
            editors=_names(record.get("editors") or ()),
            year=record["year"],
            container_title=container,
            publisher=record.get("publisher"),
            volume=record.get("volume"),
            issue=record.get("issue"),
            pages=record.get("pages"),
            doi=(record.get("doi") or "").lower() or None,
            pmid=record.get("pmid"),
            openalex_id=f"W{number + 1}",
            metadata_source="universe",
        )
        if work.volume or work.pages or kind not in {WorkType.ARTICLE_JOURNAL, *_IN_BOOKS}:
            return work
        place = self.coordinates(number)
        if not place.is_known:
            return work
        pages = f"{place.first_page}-{place.last_page}" if place.last_page else place.first_page
        if kind in _IN_BOOKS:
            return replace(work, pages=pages)
        return replace(work, volume=place.volume, issue=place.issue or None, pages=pages)

    def is_preprint(self, number: int) -> bool:
        """Whether the record is a preprint's."""
        return self.work(number).type is WorkType.ARTICLE

    def is_twin(self, one: int, other: int) -> bool:
        """Whether two records are one work in another spelling: what `group` is too strict to see.

        The titles are letter by letter nearly so or one is the other without its subtitle, their numbers are equal or
        one leaves some of them out, the first surnames are one, nearly one or each among the other's authors, and the
        years are no further apart than print and online. docs/matching.md says how many of such pairs, read one by one,
        were one work.
        """
        mine, yours = self.years[one], self.years[other]
        first, second = self.titles[one], self.titles[other]
        apart = abs(mine - yours) if mine is not None and yours is not None else 0
        numbers, others = _numbers(first), _numbers(second)
        if apart > (TWIN_YEARS if squash(first) == squash(second) else 1) or not (
            numbers <= others or others <= numbers
        ):
            return False
        short, long = sorted((squash(_NUMERALS.sub("", first)), squash(_NUMERALS.sub("", second))), key=len)
        if not (len(short) >= TWIN_HEAD and long.startswith(short)) and fuzz.ratio(short, long) < TWIN_TITLE:
            return False
        return self._share_a_person(one, other)

    def _share_a_person(self, one: int, other: int) -> bool:
        mine, yours = self.people[one], self.people[other]
        if not mine or not yours:
            return False
        if set(mine.split()) & set(yours.split()) or fuzz.ratio(mine, yours) >= TWIN_NAME:
            return True
        first, second = self._surnames(one), self._surnames(other)
        return mine in second and yours in first

    def _surnames(self, number: int) -> set[str]:
        return {surname_key(person.get("family") or "") for person in self.record(number)["authors"]}

    @cached_property
    def by_head(self) -> Mapping[str, list[int]]:
        """The records whose titles begin alike."""
        heads: dict[str, list[int]] = defaultdict(list)
        for number, title in enumerate(self.titles):
            heads[squash(title)[:TWIN_HEAD]].append(number)
        return heads

    def has_twin(self, number: int, by_author: Mapping[str, list[int]]) -> bool:
        """Whether a record that does not count as this work is one all the same, in another spelling."""
        group = self.group(number)
        near = [*by_author.get(self.people[number], ()), *self.by_head[squash(self.titles[number])[:TWIN_HEAD]]]
        return any(
            self.group(other) != group and any(self.is_twin(one, other) for one in self.members[group])
            for other in near
        )

    def relatives(self, number: int, by_author: Mapping[str, list[int]]) -> Iterator[tuple[str, int]]:
        """Other works that are easily taken for this one, with the kind of likeness: the alarming ones first."""
        mine = self.titles[number]
        others = [other for other in by_author.get(self.people[number], ()) if self.group(other) != self.group(number)]
        bare, undated = _NUMERALS.sub("#", mine), _YEARS.sub("#", mine)
        for other in others:
            title = self.titles[other]
            if title == mine or (title[:6] != mine[:6] and not title.endswith(mine)):
                continue
            if undated != mine and _YEARS.sub("#", title) == undated:
                yield "yearly series", other
            elif bare != mine and _NUMERALS.sub("#", title) == bare:
                yield "other part", other
            elif title.endswith(mine) and len(title) > len(mine):
                yield "notice", other
        year = self.years[number]
        for other in others:
            theirs = self.years[other]
            if year is not None and theirs is not None and abs(year - theirs) <= 1:
                yield "same author", other


_IN_BOOKS = (WorkType.CHAPTER, WorkType.PAPER_CONFERENCE)


def _numbers(title: str) -> Counter[int | None]:
    return Counter(value(word) for word in _NUMERALS.findall(title))


def _type_of(record: Mapping[str, Any]) -> WorkType:
    kind = record.get("type") or ""
    if kind in _TYPES:
        return _TYPES[kind]
    return WorkType(kind) if kind in set(WorkType) else WorkType.DOCUMENT


def _names(people: Iterable[Mapping[str, Any]]) -> tuple[Name, ...]:
    return tuple(
        Name(family=person.get("family"), given=person.get("given"), literal=person.get("literal"))
        for person in people
        if person.get("family") or person.get("literal")
    )
