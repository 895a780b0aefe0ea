"""What a report tells of one source PDF and of each entry of its bibliography."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from dl_lit.core.coverage_text import coverage_percent, coverage_sentence
from dl_lit.core.model import CitationContext, Coverage, Name, Version, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.exports.record import ItemState, Relative
from dl_lit.exports.standing import is_withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReport:
    """One entry as printed, the work it turned out to be, and what became of that."""

    position: int  # 1-based, in printed order
    raw: str
    state: ItemState
    page: int | None = None  # 1-based, physical
    label: str | None = None  # as printed
    reason: Reason | None = None  # None while it waits for its first turn
    detail: str = ""  # what the stage noted, for people
    work: Work | None = None  # None: not recognised
    matched_by: str | None = None  # "doi", "search", …
    is_book_around: bool = False  # the work is but the book that the entry is a chapter of
    score: float | None = None  # 0 to 1, of the match
    file: str | None = None  # of the PDF, with "/", relative to the report
    licence: str | None = None
    version: Version | None = None
    location_url: str | None = None  # where the file came from or was looked for
    duplicate_of: str | None = None  # the key or title of the entry that brought the work in
    relatives: tuple[Relative, ...] = ()  # versions and translations of the work among the cited works
    identity_score: float | None = None  # 0 to 1: how surely the file is the work
    look_again: date | None = None  # the day on which it, or a better version, is looked for again, in UTC
    times_looked: int = 0  # how often that was done
    contexts: tuple[CitationContext, ...] = ()  # where the source's text cites it
    read_by: str = ""  # a language model's part in the reading, in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """One source PDF with every entry of its bibliography in printed order."""

    file_name: str
    generated_at: datetime
    title: str | None = None
    doi: str | None = None
    sha256: str | None = None
    page_count: int | None = None
    expected: int | None = None  # what the numbering promises; None where entries are not numbered
    authors: tuple[Name, ...] = ()
    year: int | None = None
    arxiv_id: str | None = None
    coverage: Coverage | None = None  # None: read by a dl_lit that did not judge it
    reason: Reason | None = None  # why it could not be read; None: it was, or will be
    detail: str = ""
    entries: tuple[EntryReport, ...] = ()

    @property
    def found(self) -> int:
        """How many entries were read."""
        return len(self.entries)

    @property
    def withdrawn(self) -> tuple[EntryReport, ...]:
        """The entries whose works should no longer be relied on."""
        return tuple(one for one in self.entries if one.work and is_withdrawn(one.work))

    @property
    def unverifiable(self) -> tuple[EntryReport, ...]:
        """The entries that no record was proven for."""
        ended = {ItemState.FAILED, ItemState.NEEDS_REVIEW}
        return tuple(one for one in self.entries if one.work is None and one.state in ended)

    def count(self, state: ItemState) -> int:
        """How many entries are in `state`."""
        return sum(entry.state is state for entry in self.entries)

    @property
    def is_short(self) -> bool:
        """Whether the document promises more entries than were found."""
        if self.coverage is not None and self.coverage.score is not None:
            return self.coverage.score < 1
        return self.expected is not None and self.found < self.expected

    @property
    def percent(self) -> int | None:
        """The coverage's score in per cent, 100 only where nothing is missing; `None` where nothing can be told."""
        if self.coverage is None or self.coverage.score is None:
            return None
        return coverage_percent(self.coverage.score)

    @property
    def said_of_coverage(self) -> str | None:
        """What was found of what the document promises, for people; `None` where it was not judged."""
        return None if self.coverage is None else coverage_sentence(self.coverage)

    @property
    def resolved(self) -> int:
        """How many entries are known to be a certain work."""
        return sum(entry.work is not None for entry in self.entries)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One source in the index of a run; `href` leads to its report, relative to the index."""

    href: str
    report: SourceReport


def totals(reports: Sequence[SourceReport]) -> dict[ItemState, int]:
    """Entries by state over all `reports`, every state present."""
    return {state: sum(report.count(state) for report in reports) for state in ItemState}
