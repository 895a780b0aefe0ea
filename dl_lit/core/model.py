"""The values that travel through the pipeline: what is printed, what it turned out to be, where it can be had.

All are frozen; `None` means "not known". Nothing here does I/O.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from dl_lit.core.values import dataclass


class StageName(StrEnum):
    """The four stages, in pipeline order."""

    EXTRACTION = "extraction"
    ENRICHMENT = "enrichment"
    QUEUEING = "queueing"
    DOWNLOAD = "download"


class WorkType(StrEnum):
    """The kinds of work dl_lit tells apart, by their CSL names.

    Source: https://docs.citationstyles.org/en/stable/specification.html#appendix-iii-types (read 2026-11-22).
    """

    ARTICLE_JOURNAL = "article-journal"
    BOOK = "book"
    CHAPTER = "chapter"
    PAPER_CONFERENCE = "paper-conference"
    THESIS = "thesis"
    REPORT = "report"
    ARTICLE = "article"  # a preprint or working paper
    DATASET = "dataset"
    SOFTWARE = "software"
    WEBPAGE = "webpage"
    DOCUMENT = "document"  # anything else


@dataclass(frozen=True, slots=True)
class Name:
    """A person (`family`, `given`) or a body (`literal`)."""

    family: str | None = None
    given: str | None = None
    literal: str | None = None

    @property
    def sort_key(self) -> str:
        """The part a catalogue sorts by: family name, else the body's name, else empty."""
        return self.family or self.literal or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReading:
    """A language model's part in the reading of an entry."""

    model: str  # provider and model
    is_its_find: bool = False  # it found the entry; False: it told fields of one that was found without it
    fields: tuple[str, ...] = ()  # taken from it, each in print, of an entry that was found without it
    is_checked: bool = True  # what was taken stands in print; False: the page has no text to check it against


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One bibliography entry as printed: its place, its text, and the fields read from it."""

    position: int  # 1-based place in the source's bibliography, kept for ever
    raw: str  # the entry's text, hyphenation undone, white space folded
    page: int | None = None  # 1-based physical page on which the entry begins
    label: str | None = None  # "[12]", "12.", "Knu97" as printed
    type: WorkType = WorkType.DOCUMENT
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()
    title: str | None = None
    container_title: str | None = None
    publisher: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None  # as printed, en dash made a hyphen
    doi: str | None = None  # normalised: lower case, no resolver
    arxiv_id: str | None = None  # without version
    pmid: str | None = None
    pmcid: str | None = None  # "PMC123"; of entries that people or programs listed
    isbn: str | None = None  # 13 digits
    openalex_id: str | None = None  # "W123"; never printed: of entries that a service named
    url: str | None = None
    citation_key: str | None = None  # as the bibliography has it that the entry was brought with; never printed
    confidence: float = 0.0  # 0 to 1: how sure the reader is of the entry's fields
    field_confidence: tuple[tuple[str, float], ...] = ()  # (field, 0 to 1), for the fields the reader can judge
    section: str | None = None  # heading of the list it stands in, as printed; "footnotes" where there is no list
    supposed: tuple[tuple[str, str], ...] = ()  # (kind, identifier) a model named, not in print: at most looked up
    model_reading: ModelReading | None = None  # a language model's part in it; None: it had none


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortForm:
    """A printed pointer to a work that is cited in full elsewhere: "ibid.", "op. cit.", "Knuth, Art, p. 12"."""

    raw: str
    page: int | None  # 1-based physical page
    refers_to: int | None  # position of the full reference; None where it could not be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How complete the reading of a bibliography is, as far as the document itself can tell."""

    found: int  # entries read
    expected: int | None  # entries the numbering promises; None where they are not numbered
    missing_labels: tuple[str, ...] = ()  # labels of the numbering that no entry has, at most 100
    markers: int = 0  # different citation markers found in the running text
    unanswered_markers: tuple[str, ...] = ()  # those of them that no entry answers, as printed, at most 100
    score: float | None = None  # 0 to 1, 1 is complete; None where nothing can be told


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationContext:
    """One place of the running text that cites entries, and the sentence it stands in."""

    positions: tuple[int, ...]  # of the entries that the marker names
    marker: str  # as printed: "[3, 7-9]", "(Knuth, 1997)"
    sentence: str  # hyphenation undone, white space folded; at most 1,000 characters around the marker
    page: int  # 1-based physical page


class ListKind(StrEnum):
    """In what the works are cited that a document names."""

    LIST = "list"  # one entry after the other
    FOOTNOTES = "footnotes"  # foot- or endnotes: citations between words of comment


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSpan:
    """The pages on which one list of references stands; those of footnotes are one list."""

    heading: str | None  # as printed; None where it has none
    first_page: int  # 1-based physical page, its heading's where it has one
    last_page: int
    found: int  # entries read from it; 0 where its heading promises what could not be cut
    expected: int | None = None  # entries that its numbering, or the text's markers, promise; None where nothing does
    kind: ListKind = ListKind.LIST


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """What one PDF says about itself and about the works it cites."""

    page_count: int
    references: tuple[Reference, ...] = ()
    expected_references: int | None = None  # what the numbering promises; None where entries are not numbered
    doi: str | None = None  # of the citing work
    title: str | None = None  # of the citing work
    authors: tuple[Name, ...] = ()  # of the citing work
    year: int | None = None  # of the citing work
    arxiv_id: str | None = None  # of the citing work, without version
    short_forms: tuple[ShortForm, ...] = ()
    coverage: Coverage | None = None
    notes: tuple[str, ...] = ()  # what the operator should know of how it was read
    lists: tuple[ListSpan, ...] = ()  # where its lists stand, in the order in which they are printed
    contexts: tuple[CitationContext, ...] = ()  # where the text cites them, in printed order


class HostType(StrEnum):
    """Who serves a copy; a repository answers programs, a publisher often does not."""

    REPOSITORY = "repository"
    PUBLISHER = "publisher"


class Version(StrEnum):
    """Which version of the work a copy is (NISO JAV names as OpenAlex and Unpaywall print them)."""

    PUBLISHED = "publishedVersion"  # the version of record
    ACCEPTED = "acceptedVersion"
    SUBMITTED = "submittedVersion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One open-access location of a work."""

    url: str
    is_pdf: bool = True  # False: a landing page
    host_type: HostType | None = None
    version: Version | None = None
    licence: str | None = None
    found_by: str = ""  # the locator or source that named it
    open_from: date | None = None  # the day an embargo ends; it is not tried before


class NoticeKind(StrEnum):
    """What a notice says of the work it is about.

    Crossref's update types, the spellings of one kind together: https://www.crossref.org/documentation/crossmark/
    version-control-corrections-and-retractions/ (read 2026-11-23). Only `is_withdrawing` kinds make a work retracted.
    """

    RETRACTION = "retraction"
    PARTIAL_RETRACTION = "partial-retraction"
    WITHDRAWAL = "withdrawal"
    REMOVAL = "removal"
    CONCERN = "expression-of-concern"
    CORRECTION = "correction"  # erratum, corrigendum, addendum, clarification

    @property
    def is_withdrawing(self) -> bool:
        """Whether the work should no longer be relied on."""
        return self in {NoticeKind.RETRACTION, NoticeKind.WITHDRAWAL, NoticeKind.REMOVAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """That one work says something about the standing of another."""

    kind: NoticeKind
    doi: str | None = None  # of the other: the notice's in `Work.notices`, the concerned work's in `Work.notice_of`
    date: str | None = None  # ISO 8601, as exact as it is known: "2013", "2013-11", "2013-11-28"
    source: str = ""  # who says so: "crossref", "retraction-watch", "openalex"


class RelationKind(StrEnum):
    """How two works that are not the same one belong together."""

    VERSION = "version"  # preprint, accepted and published version of one text
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """That a service says of a work that it belongs together with another; one of the identifiers is there."""

    kind: RelationKind
    doi: str | None = None
    arxiv_id: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Another title of the same work: in another language, or as it was called before."""

    title: str
    language: str | None = None  # ISO 639-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of the list of cited works that a service has for a citing work; a hint, never the bibliography."""

    source: str  # the service
    position: int | None = None  # 1-based place in the printed order, where the service keeps it
    raw: str | None = None  # as deposited, often the printed text
    doi: str | None = None
    openalex_id: str | None = None
    pmid: str | None = None
    arxiv_id: str | None = None
    title: str | None = None
    author: str | None = None  # the first one's family name
    year: int | None = None
    container_title: str | None = None
    volume: str | None = None
    first_page: str | None = None
    isbn: str | None = None
    work: Work | None = None  # the whole record, where the list came with it


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedList:
    """What a service has as the list of works that one work cites."""

    source: str
    entries: tuple[Listed, ...] = ()
    is_held_back: bool = False  # the publisher does not let the service show it: says nothing about the work


@dataclass(frozen=True, slots=True, kw_only=True)
class CitingWork:
    """A source as the services can be asked for it."""

    source_id: int
    doi: str | None = None
    arxiv_id: str | None = None
    title: str | None = None
    authors: tuple[Name, ...] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A work as a metadata service describes it."""

    title: str
    type: WorkType = WorkType.DOCUMENT
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()
    year: int | None = None
    container_title: str | None = None
    publisher: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    openalex_id: str | None = None  # "W123"
    arxiv_id: str | None = None
    pmid: str | None = None
    pmcid: str | None = None  # "PMC123"
    isbn: str | None = None
    url: str | None = None
    abstract: str | None = None
    language: str | None = None  # ISO 639-1
    is_retracted: bool = False
    notices: tuple[Notice, ...] = ()  # about this work
    notice_of: tuple[Notice, ...] = ()  # this record is itself a notice, about these works
    relations: tuple[Relation, ...] = ()
    aliases: tuple[Alias, ...] = ()
    metadata_source: str = ""  # the service that described it
    locations: tuple[Location, ...] = ()  # open-access locations the same answer named
