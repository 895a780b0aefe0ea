"""HAL as a locator: deposited files, also of works whose record there has no DOI, and when embargoes end.

Read 2026-11-23: https://api.archives-ouvertes.fr/docs/search (Solr syntax; `fileMain_s` is there for files under
embargo too, with `openAccess_bool` false). The day on which an embargo ends stands in no field of its own, only in the
TEI of `label_xml`, as `notBefore` of the file's date: https://api.archives-ouvertes.fr/docs/sword.
"""

from __future__ import annotations

import re
from datetime import date

import msgspec

from dl_lit.core.identifiers import arxiv_id_of_doi, doi_of_arxiv_id, normalise_arxiv_id, normalise_doi, normalise_isbn
from dl_lit.core.model import HostType, Location, Reference, Version, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from stages.answers import day_of, decode_each, list_body
from stages.locators.same_work import Told, is_same_work
from stages.locators.settings import LocatorSettings
from stages.sources import hal

SERVICE = hal.SERVICE
ROWS = 5
FIELDS = (
    "title_s,authFullName_s,doiId_s,arxivId_s,isbn_s,publicationDateY_i,producedDateY_i,fileMain_s,openAccess_bool,"
    "licence_s,label_xml"
)
_SYNTAX = re.compile(r'(["\\])')
_FILE = re.compile(r'<ref\b(?=[^>]*\btype="file")([^>]*)>\s*<date\b[^>]*\bnotBefore="([^"]{4,25})"')
_TARGET = re.compile(r'\btarget="([^"]*)"')
_SUBTYPE = re.compile(r'\bsubtype="([^"]*)"')
_BY_PUBLISHER = frozenset({"greenPublisher", "publisherAgreement", "publisherPaid"})

_Values = str | list[str] | None  # a value stands alone or in a list


class _Doc(msgspec.Struct, rename={
    "title": "title_s", "people": "authFullName_s", "doi": "doiId_s", "arxiv_id": "arxivId_s", "isbn": "isbn_s",
    "year": "publicationDateY_i", "produced": "producedDateY_i", "file": "fileMain_s", "is_open": "openAccess_bool",
    "licence": "licence_s", "tei": "label_xml",
}):  # fmt: skip
    title: _Values = None
    people: _Values = None
    doi: str | None = None
    arxiv_id: str | None = None
    isbn: _Values = None
    year: int | None = None
    produced: int | None = None
    file: str | None = None
    is_open: bool | None = None
    licence: str | None = None
    tei: str | None = None


def parse(body: bytes) -> list[tuple[list[Told], tuple[Location, ...]]]:
    """Read a search: what each record says it is, once for each of its titles, and its file.

    Raises `ServiceError`, also for an error inside a 200.
    """
    return [(_told(doc), _locations(doc)) for doc in decode_each(hal.documents(body), _Doc, SERVICE)]


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search by DOI and by title with author at once; only records that are the work count. Raises `ServiceError`."""
    del settings
    query = _query(work)
    if not query:
        return ()
    params = [("q", query), ("fl", FIELDS), ("rows", str(ROWS)), ("wt", "json")]
    hits = parse(list_body(calls.get(SERVICE, "/search/", params), SERVICE))
    return tuple(place for told, places in hits if any(is_same_work(work, one) for one in told) for place in places)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For works it may hold, while no file is known; what it described itself it is asked again only for embargoes."""
    return bool(_query(work)) and not any(one.is_pdf for one in known)


def _query(work: Work) -> str:
    """HAL compares DOIs letter by letter, so that one deposited in capitals is found by its title only."""
    parts = []
    if work.doi and arxiv_id_of_doi(work.doi) is None:
        parts.append('doiId_s:"' + _SYNTAX.sub(r"\\\1", work.doi) + '"')
    described = Reference(
        position=1, raw=work.title, type=WorkType.THESIS, title=work.title, authors=work.authors, editors=work.editors
    )  # a kind that HAL is always asked for
    if (work.authors or work.editors) and (by_title := hal.search_text(described)):
        parts.append(by_title)
    return parts[0] if len(parts) == 1 else " OR ".join(f"({part})" for part in parts)


def _told(doc: _Doc) -> list[Told]:
    arxiv_id = normalise_arxiv_id(doc.arxiv_id)
    dois = {normalise_doi(doc.doi), doi_of_arxiv_id(arxiv_id) if arxiv_id else None} - {None}
    isbns = {normalise_isbn(text) for text in _each(doc.isbn)} - {None}
    return [
        Told(
            title=title,
            people=tuple(_each(doc.people)),
            year=doc.year or doc.produced,
            dois=frozenset(doi for doi in dois if doi),
            isbns=frozenset(isbn for isbn in isbns if isbn),
        )
        for title in _each(doc.title) or [""]
    ]


def _locations(doc: _Doc) -> tuple[Location, ...]:
    """The main file, where it may be read now, or will be from a day on that is told."""
    if not doc.file:
        return ()
    opening, version = _terms(doc)
    if not doc.is_open and opening is None:
        return ()
    place = Location(
        url=doc.file,
        is_pdf=doc.file.lower().partition("?")[0].endswith((".pdf", "/document")),
        host_type=HostType.REPOSITORY,
        version=version,
        licence=doc.licence,
        found_by=SERVICE,
        open_from=None if doc.is_open else opening,
    )
    return (place,)


def _terms(doc: _Doc) -> tuple[date | None, Version | None]:
    """From which day on the main file may be read, and whether it is the publisher's; None where it is not told."""
    files = [(attributes, day_of(day)) for attributes, day in _FILE.findall(doc.tei or "")]
    mains = [one for one in files if (target := _TARGET.search(one[0])) and target[1] == doc.file] or files
    opening = next((day for _, day in mains if day), None)
    subtypes = {found[1] for attributes, _ in mains if (found := _SUBTYPE.search(attributes))}
    return opening, Version.PUBLISHED if subtypes & _BY_PUBLISHER else None


def _each(values: _Values) -> list[str]:
    listed = [values] if isinstance(values, str) else values or []
    return [" ".join(text.split()) for text in listed if text.strip()]
