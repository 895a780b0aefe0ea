"""What each stage is handed, and what it may find: one item type and one fact type a stage."""

from __future__ import annotations

from enum import StrEnum

from dl_lit.core.model import Bibliography, Location, Reference, StageName, Work
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A PDF whose bibliography is to be read."""

    path: str  # absolute
    sha256: str  # of the file when it was added
    level: int = 0  # 0: given by people; n: found through a source of level n - 1


@dataclass(frozen=True, slots=True)
class EntryItem:
    """A bibliography entry that is to be recognised."""

    source_id: int
    reference: Reference


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A recognised work that needs open-access locations."""

    work: Work


@dataclass(frozen=True, slots=True)
class DownloadItem:
    """A work whose PDF is to be fetched from `locations`, the best first."""

    work: Work
    locations: tuple[Location, ...]
    refused: tuple[str, ...] = ()  # SHA-256 of files that a person has said are not the work


Item = SourceItem | EntryItem | WorkItem | DownloadItem


@dataclass(frozen=True, slots=True)
class Extracted:
    """Extraction's find: the bibliography."""

    bibliography: Bibliography
    cut: int = 0  # references that were read and are left out, behind those that are here


class MatchedAs(StrEnum):
    """What of the entry the work is."""

    WORK = "work"  # the entry itself
    CONTAINER = "container"  # the book it is a chapter of: no service has a record of the chapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Enrichment's find: which work the entry is, and on what evidence."""

    work: Work
    matched_by: str  # a kind of identifier ("doi"), "citing-list", "coordinates", "search", "judge", "review"
    score: float = 1.0  # 0 to 1
    matched_as: MatchedAs = MatchedAs.WORK
    citing_doi: str | None = None  # of the source, where enrichment found it and extraction had not


@dataclass(frozen=True, slots=True)
class Queued:
    """Queueing's find: where the work can be had, the best first."""

    locations: tuple[Location, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Queueing's other find: the work is in the library or on its way already."""

    of_work_id: int
    matched_on: str  # "doi", "openalex", "title-author-year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """Download's find: the file now in the library, or in its quarantine where the proof wants a person's eye."""

    path: str  # relative to the library folder; in quarantine it begins with the quarantine's name
    sha256: str
    size_bytes: int
    page_count: int
    location: Location  # where it came from, licence and version included
    final_url: str  # after redirects
    proof: Proof  # that it is the work
    landing_url: str | None = None  # the page that named the file: it lasts where signed addresses expire
    technique: str | None = None  # by which that page named it
    fetched_sha256: str | None = None  # of the file as it came, where something was written into it since

    @property
    def is_in_quarantine(self) -> bool:
        """Whether a person has to decide before it counts."""
        return self.proof.verdict is Verdict.NEEDS_REVIEW


Facts = Extracted | Resolved | Queued | Duplicate | Downloaded

FACTS_OF: dict[StageName, tuple[type, ...]] = {
    StageName.EXTRACTION: (Extracted,),
    StageName.ENRICHMENT: (Resolved,),
    StageName.QUEUEING: (Queued, Duplicate),
    StageName.DOWNLOAD: (Downloaded,),
}
"""What a stage's `Done` may carry."""
