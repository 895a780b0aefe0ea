"""The seams between the rooms: what the stages need from the network, the PDFs, the disk and the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import Downloaded, Duplicate, SourceItem
from dl_lit.core.model import Bibliography, CitingWork, Location, Name, Reference, Work
from dl_lit.core.printed import PrintedPage
from dl_lit.core.proof import Proof
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Hops, Tried
from dl_lit.core.values import dataclass

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """A service's answer that establishes something: status 200, or 404 of the record route."""

    status: int
    headers: Mapping[str, str]  # lower-case names
    body: bytes
    url: str  # final, keys left out
    is_remembered: bool = False  # from memory: no request was made, no permit and no credit used, `headers` are few


class ServiceCalls(Protocol):
    """Polite requests to the metadata services. Thread-safe."""

    def get(
        self,
        service: str,
        path: str,
        params: Params = (),
        *,
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
        is_kept_by_identifier: bool = False,
    ) -> ServiceAnswer:
        """GET `path` below the service's base address; waits for its permit, unless the answer is remembered.

        `lane` names a stricter window of the same service ("list" at Crossref); `credits` is what the call costs there.
        `is_kept_by_identifier`: the caller keeps what the answer says of each identifier by `remember`, so the answer
        itself, whose composition hardly comes again, need not be kept.
        Raises `RequestRefused` for 400/413/414/422 and `ServiceError` for everything else that is not 200 or 404.
        """

    def post(
        self,
        service: str,
        path: str,
        body: bytes,
        *,
        content_type: str,
        params: Params = (),
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        """POST `body` below the service's base address: look-ups too long for an address. Otherwise as `get`."""

    def recall(self, service: str, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        """What is remembered of the service's answers under `keys` and not too old; None is a positive absence.

        Keys say what was asked of which reading of the answer: "doi:10.1/x", "isbn:978...". Those that nothing is
        remembered of are left out. Never waits for the network.
        """

    def remember(self, service: str, answers: Mapping[str, bytes | None]) -> None:
        """Keep answers for `recall`; None only where the absence was positively established."""

    @property
    def is_offline(self) -> bool:
        """Whether nothing may leave the machine: `get` and `post` raise `ServiceError` (`offline`) then."""

    def wait_s(self, service: str, lane: str = "") -> float:
        """Seconds a call would wait for its permit now; infinity while the breaker is open or the budget gone."""

    def credits_left(self, service: str) -> float:
        """Credits left of the service's budget for today; infinity where it counts none."""

    def is_available(self, service: str) -> bool:
        """Whether the service is switched on and has what it needs (contact address, key)."""

    @property
    def contact_email(self) -> str | None:
        """The configured contact address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that came whole and begins like a PDF."""

    path: Path  # the temporary file
    sha256: str
    size_bytes: int
    final_url: str
    content_type: str  # as sent, "" if absent
    hops: Hops = ()
    reservation: str | None = None  # what its host says of mining it, where that was only to be recorded


@dataclass(frozen=True, slots=True)
class Page:
    """A landing page."""

    url: str  # final
    html: str
    headers: Mapping[str, str]
    hops: Hops = ()
    reservation: str | None = None  # as in `Fetched`


class FileCalls(Protocol):
    """Files sent to services that read them, as politely as `ServiceCalls`. Thread-safe."""

    def post_file(
        self,
        service: str,
        path: str,
        file: Path,
        *,
        field: str,
        form: Params = (),
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        """POST `file` as the field `field` of a form below the service's base address; waits for its permit.

        The answer's status may also be 204: the service read the file and found nothing. Raises `RequestRefused` for
        400/413/414/422 and where the service cannot read this very file, and `ServiceError` for everything else:
        `rate-limited` that costs no attempt while all its workers are busy. Raises `PdfError` where the file cannot be
        opened.
        """

    def is_available(self, service: str) -> bool:
        """Whether the service is switched on and has what it needs."""


class Fetcher(Protocol):
    """Fetches files and pages from anywhere on the web, guarded and polite. Thread-safe."""

    def fetch_pdf(
        self,
        url: str,
        into: Path,
        *,
        ticket: float | None = None,
        found_on: str | None = None,
        known: Mapping[str, Reason] | None = None,
        licence: str | None = None,
    ) -> Fetched | Page:
        """Stream `url` to the temporary file `into`; a `Page` when it is HTML. Raises `FetchError`.

        `ticket` is the claim's: the turn an earlier `FetchError(host-busy)` with `after` gave it. `found_on` is the
        address that was asked for when the page naming `url` came: the visit to its host goes on, ahead of its line.
        `known` are addresses that are not asked, whoever leads there, with the reason to end with then. `licence` is
        the copy's own, as far as it is known: an open one outweighs a reservation of text and data mining.
        """


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What the check of a fetched file found."""

    page_count: int
    pages: tuple[str, ...] = ()  # the text of the first pages, each at most some thousand characters
    title: str | None = None  # as typeset on the first page that is no cover sheet
    doi: str | None = None  # printed there, normalised
    stated_title: str | None = None  # in the file's metadata (XMP, document information)
    stated_doi: str | None = None  # likewise, normalised
    is_scan: bool = False  # pages of images without text
    is_garbled: bool = False  # there is text, but what can be read of it is none
    is_blank: bool = False  # the pages show nothing at all
    printed: tuple[PrintedPage, ...] = ()  # the first pages line by line; `pages` is their text
    last: PrintedPage | None = None  # the last page, where it is not among `printed`
    authors: tuple[Name, ...] = ()  # under the title
    year: int | None = None  # as most of the file's witnesses have it
    arxiv_id: str | None = None  # of the stamp in the margin or the metadata, without version

    @property
    def first_text(self) -> str:
        """The text of all these pages."""
        return "\n".join(self.pages)


class SourceFiles(Protocol):
    """Sources, wherever they were added. Thread-safe."""

    def local(self, item: SourceItem) -> Path:
        """Where the source can be read on this host; its own path where it is to be had from nowhere.

        Raises `FetchError` where that cannot be told now.
        """


class BibliographyReader(Protocol):
    """Reads a PDF's bibliography in a killable child process. Thread-safe."""

    def read(self, path: Path) -> Bibliography:
        """The bibliography of the PDF at `path`; raises `PdfError`, and `ServiceError` where a service reads along."""

    def close(self) -> None:
        """End the children."""


class PdfChecker(Protocol):
    """Opens a fetched file in a killable child process. Thread-safe."""

    def check(self, path: Path) -> PdfFacts:
        """What the file is; raises `PdfError` when it does not open with at least one page."""

    def close(self) -> None:
        """End the children."""


class Library(Protocol):
    """The folder the fetched works are put into."""

    def incoming(self, work_id: int) -> Path:
        """Where to stream the file of work `work_id`: a name in the library's folder for unfinished files."""

    def place(
        self,
        work_id: int,
        work: Work,
        fetched: Fetched,
        location: Location,
        page_count: int,
        *,
        proof: Proof,
        landing_url: str | None = None,
        technique: str | None = None,
    ) -> Downloaded:
        """Move the file into the library under its name, durably, and leave a receipt until the row is committed.

        A file whose proof needs review goes into the library's quarantine instead.
        """

    def discard(self, path: Path) -> None:
        """Remove an unfinished file."""


class LibraryFiles(Protocol):
    """What is in the library, for those who hold it against the database."""

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every file by its path, unfinished ones and receipts included, with its size in bytes."""

    def sha256(self, path: str) -> str:
        """The file's SHA-256 as it is now, or why it cannot be told."""

    def read(self, path: str) -> bytes | None:
        """A small file; None where there is none."""


class Bibliographies(Protocol):
    """What the database knows about the sources whose entries are to be recognised, and about works already found."""

    def citing_works(self, source_ids: Sequence[int]) -> Mapping[int, CitingWork]:
        """The sources themselves, by id."""

    def open_entries(self, source_ids: Sequence[int]) -> Mapping[int, tuple[tuple[int, Reference], ...]]:
        """The (entry id, reference) of every entry of these sources that waits in `no_metadata`, in printed order."""

    def next_sources(self, entries: int) -> Sequence[int]:
        """The sources of the next `entries` that are ready to be claimed, in that order, those in hands included."""

    def known_works(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Work]:
        """Works the database has under these identifiers, whole: kinds "doi", "openalex", "arxiv", "pmid", "isbn"."""


class LocalIndex(Protocol):
    """Metadata that was imported from a dump: asked first, costs nothing. Thread-safe."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever imported."""

    def by_ids(self, kind: str, ids: Sequence[str]) -> Mapping[str, Work]:
        """The works with these normalised identifiers: kinds "doi", "openalex", "arxiv", "pmid", "isbn"."""

    def search(self, reference: Reference, limit: int) -> list[Work]:
        """At most `limit` works that the entry may be, the likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What the locators came to for one work."""

    locations: tuple[Location, ...] = ()  # the best first; none whose embargo lasts
    asked: tuple[Asked, ...] = ()
    errors: tuple[ServiceError, ...] = ()  # of those that gave no answer that establishes anything
    embargoed: tuple[Location, ...] = ()  # known, but open only from their `open_from` on; the soonest first
    left_out: tuple[str, ...] = ()  # services that are not set up, and might have known more
    set_aside: tuple[Location, ...] = ()  # open, but of a version or at a host that the settings refuse


class Locating(Protocol):
    """Finds open-access locations of a work. Thread-safe."""

    def first(self, work: Work) -> Located:
        """Where the work most likely can be had, from the locators that cost least."""

    def further(self, work: Work, known: Sequence[Location]) -> Located:
        """More locations than `known`, which were tried in vain: from the locators that cost more, or know less."""


@dataclass(frozen=True, slots=True)
class PdfLink:
    """One address that a landing page names as the work's PDF."""

    url: str
    technique: str  # by which it was found: "meta-citation_pdf_url", "anchor", ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfLinks:
    """What a landing page came to."""

    links: tuple[PdfLink, ...] = ()  # the best first
    why_none: Reason = Reason.NO_PDF_LINK  # what to say where there is none: a paywall, a page made by scripts, ...
    open_from: date | None = None  # the day on which an embargo ends, as the page says; it was ahead when it was sent


class LinkFinder(Protocol):
    """Finds the PDF on a landing page. Pure, thread-safe."""

    def __call__(self, page: Page, work: Work, dropped: Collection[str] = ()) -> PdfLinks:
        """The PDFs that the page names as `work`, without those of the techniques `dropped`."""


class Techniques(Protocol):
    """Which ways of finding a PDF on landing pages keep failing, by the pages' host. Thread-safe."""

    def dropped(self, host: str) -> Collection[str]:
        """Techniques that have failed at `host` often and in a row; they are tried again now and then."""


class PastTries(Protocol):
    """What the attempts before came to, also those of processes before. Thread-safe."""

    def tried_before(self, work_id: int, attempt: int) -> Sequence[Tried]:
        """What was tried for the work in the attempt before `attempt` and is to be tried again; empty: not known."""


class KnownWorks(Protocol):
    """What the database knows already."""

    def duplicate_of(self, work_id: int, work: Work) -> Duplicate | None:
        """The known work that `work` is proven to be one with, and the kind of key by which it was found.

        Known are works in the library, in the queue, those that were given up, and of those that still wait the older
        ones; what a person told apart is not named.
        """
