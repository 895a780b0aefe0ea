"""What a trap is: a made-up work, hosts that behave in a certain way, and how that has to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import date
from enum import StrEnum

from dl_lit.core.model import HostType, Location, Name, Version, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.replica.records import Person, Record
from dl_lit.replica.site_rules import OPEN, SiteRules
from dl_lit.replica.wire import Request, Response


class Place(StrEnum):
    """Where a work is when all is done."""

    LIBRARY = "library"
    QUARANTINE = "quarantine"  # a file is held until a person decides
    FAILED = "failed"
    WAITING = "waiting"  # it may pass: put off until later than the run lasts, or given up for now after some tries


@dataclass(frozen=True, slots=True)
class End:
    """How a case has to end: the place and the word of `core.reasons`."""

    place: Place
    reason: Reason

    def __str__(self) -> str:
        return f"{self.place.value}: {self.reason.value}"


def library(reason: Reason = Reason.OK) -> End:
    """The right file is in the library."""
    return End(Place.LIBRARY, reason)


def failed(reason: Reason) -> End:
    """Nothing is kept, for this reason."""
    return End(Place.FAILED, reason)


def waiting(reason: Reason) -> End:
    """It will be tried again, later."""
    return End(Place.WAITING, reason)


IN_QUARANTINE = End(Place.QUARANTINE, Reason.NEEDS_REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request to a trap's host."""

    request: Request
    times: int  # which time this address is asked for, from 1
    work: Work
    base: Callable[[str], str]  # the address of the case's host "a", "b", ...; "canary", "port" and "nobody" besides

    @property
    def here(self) -> str:
        """The address of the first host."""
        return self.base("a")


Serve = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """One location as the services name it."""

    url: str  # "/path" at the host "a", "b:/path" at another, or whole, with {port}, {a}, {canary} in braces
    is_pdf: bool = True
    version: Version | None = Version.PUBLISHED
    host_type: HostType | None = HostType.REPOSITORY
    licence: str | None = "cc-by"
    open_from: date | None = None


PDF_AT = (At(url="/paper.pdf"),)
PAGE_AT = (At(url="/article", is_pdf=False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One trap. `why` says what it is about where the name does not, and how its end was decided."""

    name: str
    end: End
    answers: Mapping[str, Serve] = field(default_factory=dict)  # by path at host "a", "b:/path" at another
    at: tuple[At, ...] = PDF_AT
    rules: Mapping[str, SiteRules] = field(default_factory=dict)  # by host
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # host name: addresses, one for each look-up
    facts: Mapping[str, object] = field(default_factory=dict)  # of the work, beside what all have
    why: str = ""
    wrong: tuple[str, ...] = ()  # paths of `answers` whose files are not the work
    disk: str = ""  # how the library's disk misbehaves: "full", "read-only"
    excluded: tuple[str, ...] = ()  # hosts that the settings exclude
    spent: tuple[str, ...] = ()  # services whose credits are gone

    @property
    def hosts(self) -> tuple[str, ...]:
        """The letters of the hosts that answer in this case."""
        named = {path.partition(":")[0] for path in self.answers if not path.startswith("/")}
        return tuple(sorted({"a", *named, *self.rules}))

    def rules_of(self, host: str) -> SiteRules:
        """What the host asks of programs."""
        return self.rules.get(host, OPEN)

    def work(self, number: int) -> Work:
        """The work, without locations; `number` tells the cases' works apart."""
        usual = Work(
            title=_title(number),
            type=WorkType.ARTICLE_JOURNAL,
            authors=_authors(number),
            year=1990 + number % 30,
            container_title=_JOURNALS[number % len(_JOURNALS)],
            volume=str(11 + number % 40),
            pages=f"{100 + number}-{117 + number}",
            doi=f"10.5555/trap.{number}",
            metadata_source="openalex",
        )
        return replace(usual, **self.facts)  # type: ignore[arg-type]


def record_of(work: Work) -> Record:
    """The work as the makers of PDFs take it."""
    people = tuple(Person(name.sort_key, name.given) for name in work.authors)
    return Record(
        position=0, title=work.title, doi=work.doi, authors=people, year=work.year, container=work.container_title,
        volume=work.volume, pages=work.pages,
    )  # fmt: skip


def location_of(at: At, url: str) -> Location:
    """The location with its address as it is in this run."""
    return Location(
        url=url, is_pdf=at.is_pdf, version=at.version, host_type=at.host_type, licence=at.licence, found_by="openalex",
        open_from=at.open_from,
    )  # fmt: skip


_SUBJECTS = (
    "Tidal mixing", "Lichen growth", "Medieval grain prices", "Bark beetle outbreaks", "Slow viscous flow",
    "Vowel harmony", "Glacier mass balance", "Peer review delays", "Copper alloy casting", "Seed dispersal by ants",
    "Ballot order effects", "Groundwater salinity", "Choral intonation", "Shoreline retreat", "Handwriting legibility",
    "Urban heat storage", "Parchment degradation", "Cold-water coral feeding", "Lattice defects", "Wool dyeing",
)  # fmt: skip
_ASPECTS = (
    "in narrow estuaries of the northern coast", "under changing light and moisture", "between two harvest failures",
    "after three exceptionally dry summers", "past a row of porous cylinders", "among bilingual school children",
)  # fmt: skip
_FAMILIES = (
    "Aldenhoven", "Brzezicki", "Castellanos", "Dragomir", "Eskildsen", "Fennimore", "Gudmundsson", "Harcourt",
    "Ivanovska", "Jezernik", "Kowalczuk", "Lindqvist", "Marchetti", "Nakagawa", "Oyelaran", "Pellegrin", "Quiroga",
    "Rautavaara", "Szabolcsi", "Tillmanns", "Umarova", "Vandeputte", "Wojnarowski",
)  # fmt: skip
_GIVEN = ("Ada", "Bruno", "Clara", "Dmitri", "Elena", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Keiko")
_JOURNALS = (
    "Annals of Coastal Research", "Journal of Applied Observation", "Archive of Regional Studies",
    "Proceedings in Material Science", "Quarterly of Field Methods",
)  # fmt: skip


def _title(number: int) -> str:
    """Some 120 different titles."""
    aspect = _ASPECTS[number // len(_SUBJECTS) % len(_ASPECTS)]
    again = number // (len(_SUBJECTS) * len(_ASPECTS))
    return f"{_SUBJECTS[number % len(_SUBJECTS)]} {aspect}" + (f", series {again + 1}" if again else "")


def _authors(number: int) -> tuple[Name, ...]:
    """Two authors, other ones for works that are near each other."""
    pairs = ((number, number), (number * 7 + 5, number * 3 + 1))
    return tuple(Name(_FAMILIES[one % len(_FAMILIES)], _GIVEN[two % len(_GIVEN)]) for one, two in pairs)


def other_work(work: Work, *, title: str | None = None) -> Work:
    """A work that is not this one: other people, another year, another title unless one is given."""
    return Work(
        title=title or "Sampling intervals in long ecological records and their consequences for trend estimates",
        type=WorkType.ARTICLE_JOURNAL,
        authors=(Name("Thistlewood", "Percival"), Name("Abernathy", "Una")),
        year=(work.year or 2000) - 9,
        container_title="Transactions of the Inland Society",
        volume="3",
        doi="10.5555/elsewhere.77",
    )
