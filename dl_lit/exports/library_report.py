"""The report of a whole library: an overview, lists in parts, and a page for each source. No scripts, no assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dl_lit.core.values import dataclass
from dl_lit.exports.charts import Step, flow, year_columns
from dl_lit.exports.record import ItemState
from dl_lit.exports.report import render
from dl_lit.exports.report_model import IndexRow


@dataclass(frozen=True, slots=True)
class Part:
    """One of the pages that a long list is cut into."""

    href: str
    first: str  # what its first item is called
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class NamedWork:
    """A work in a list of the overview."""

    id: int
    title: str
    people: str
    year: int | None
    doi: str | None
    sources: int  # that cite it
    contexts: int = 0  # places of their texts
    said: tuple[str, ...] = ()  # against it


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """An entry that no record was proven for."""

    source: str  # its title or its file's name
    href: str  # of the entry
    position: int
    raw: str
    what: str  # the reason in words


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryReport:
    """What stands on the overview."""

    title: str
    generated_at: datetime
    sources: int
    read: int
    failed: int
    entries: int
    works: int
    totals: Mapping[ItemState, int]  # of works
    years: Mapping[int, int]
    reasons: Sequence[tuple[str, int]]  # in words
    versions: Sequence[tuple[str, int]]
    licences: Sequence[tuple[str, int]]
    steps: Sequence[Step]  # of the PRISMA flow; empty: not told for a choice of sources
    often: Sequence[NamedWork]
    retracted: Sequence[NamedWork]  # the first ones
    retracted_count: int
    unproven: Sequence[NamedEntry]  # the first ones
    unproven_count: int
    retracted_parts: Sequence[Part]
    unproven_parts: Sequence[Part]
    source_parts: Sequence[Part]

    @property
    def year_drawing(self) -> str:
        """The years of the cited works, drawn."""
        return year_columns(self.years)

    @property
    def flow_drawing(self) -> str:
        """The PRISMA numbers, drawn."""
        return flow(self.steps)


def overview_page(report: LibraryReport) -> str:
    """The first page."""
    return render("library.html", report=report)


def sources_page(rows: Sequence[IndexRow], parts: Sequence[Part], here: int, generated_at: datetime) -> str:
    """One page of the list of sources; `here` counts from 0."""
    return render("sources.html", rows=rows, parts=parts, here=here, generated_at=generated_at)


def retracted_page(works: Sequence[NamedWork], parts: Sequence[Part], here: int) -> str:
    """One page of the works that should not be relied on, or are doubted."""
    return render("flagged.html", title="Retracted and doubted works", works=works, entries=(), parts=parts, here=here)


def unproven_page(entries: Sequence[NamedEntry], parts: Sequence[Part], here: int) -> str:
    """One page of the entries that no record was proven for."""
    return render("flagged.html", title="References proven by no record", works=(), entries=entries, parts=parts,
                  here=here)  # fmt: skip
