"""Zenodo: files of its own records, and of those that were deposited under a publisher's DOI.

Read 2026-11-23: https://developers.zenodo.org/ (records, search, `access_right`, limits; 25 records to a page for
guests since November 2025), https://help.zenodo.org/docs/deposit/describe-records/ (embargoes).
"""

from __future__ import annotations

import re

import msgspec

from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.matching.normalise import text_key
from stages.answers import NOT_FOUND, day_of, decode, decode_each, list_body
from stages.locators.addresses import has_repository_file
from stages.locators.settings import LocatorSettings
from stages.sources import openalex

SERVICE = "zenodo"
LANE = "search"  # searches have the stricter limit
ROWS = 5  # several versions of one deposit may bear one DOI
MAX_FILES = 3  # of one record

_OWN_DOI = re.compile(r"10\.5281/zenodo\.(\d+)")
_BESIDE = re.compile(
    r"suppl|appendix|annex|additional|figure|poster|slides|readme|cover|(?:^|[\W_])(?:si|esm|sm)\d*(?:[\W_]|$)",
    re.IGNORECASE,
)  # what such a file's name says when it is not the text itself


class _Link(msgspec.Struct):
    self: str | None = None


class _File(msgspec.Struct):
    key: str | None = None
    links: _Link | None = None


class _Licence(msgspec.Struct):
    id: str | None = None


class _Kind(msgspec.Struct):
    subtype: str | None = None


class _Metadata(msgspec.Struct):
    title: str | None = None
    access_right: str | None = None
    embargo_date: str | None = None
    license: _Licence | None = None
    resource_type: _Kind | None = None


class _Links(msgspec.Struct):
    self_html: str | None = None


class _Record(msgspec.Struct):
    doi: str | None = None
    conceptdoi: str | None = None
    metadata: _Metadata | None = None
    links: _Links | None = None
    files: list[_File] | None = None


class _Hits(msgspec.Struct):
    hits: list[msgspec.Raw]


class _List(msgspec.Struct):
    hits: _Hits


Told = tuple[frozenset[str], tuple[Location, ...]]
"""The DOIs under which a record goes, and its files."""


def parse(body: bytes) -> list[Told]:
    """Read a search. Raises `ServiceError`."""
    return [_told(one) for one in decode_each(decode(body, _List, SERVICE).hits.hits, _Record, SERVICE)]


def parse_record(body: bytes) -> Told:
    """Read one record. Raises `ServiceError`."""
    return _told(decode(body, _Record, SERVICE))


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for the record that a DOI of Zenodo's own names; a DOI of all versions leads to the newest one's.

    Raises `ServiceError`.
    """
    del settings
    number = _OWN_DOI.fullmatch(work.doi or "")
    if number is None:
        return ()
    answer = calls.get(SERVICE, f"/records/{number[1]}")
    if answer.status == NOT_FOUND:
        return ()
    dois, places = parse_record(answer.body)
    return places if work.doi in dois else ()


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For DOIs of its own, where no file in a repository is known yet."""
    is_own = _OWN_DOI.fullmatch(work.doi or "") is not None
    return is_own and not has_repository_file(known)


def locate_deposit(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search for deposits under a publisher's DOI. Raises `ServiceError`."""
    del settings
    if not work.doi:
        return ()
    params = [("q", f'doi:"{work.doi}"'), ("size", str(ROWS))]
    hits = parse(list_body(calls.get(SERVICE, "/records", params, lane=LANE), SERVICE))
    return tuple(place for dois, places in hits if work.doi in dois for place in places)


def is_worth_searching(work: Work, known: tuple[Location, ...]) -> bool:
    """For DOIs that are not Zenodo's own nor arXiv's, which nobody deposits again, while no file is known.

    OpenAlex reads what Zenodo has: where it described the work and named nothing there, one of the rare searches is not
    spent on it.
    """
    doi = work.doi or ""
    if work.metadata_source == openalex.SERVICE:
        return False
    is_other = bool(doi) and '"' not in doi and not doi.startswith(("10.5281/", "10.48550/"))
    return is_other and not any(one.is_pdf for one in known)


def _told(record: _Record) -> Told:
    dois = frozenset(doi for text in (record.doi, record.conceptdoi) if (doi := normalise_doi(text)))
    return dois, _locations(record)


def _locations(record: _Record) -> tuple[Location, ...]:
    """The record's PDFs, what stands beside the text last; while an embargo lasts its page, with the day it ends."""
    stated = record.metadata or _Metadata()
    licence = stated.license.id if stated.license else None
    version = _version(record, stated)
    page = record.links.self_html if record.links else None
    opening = day_of(stated.embargo_date)
    if stated.access_right == "embargoed" and opening and page:
        place = Location(
            url=page,
            is_pdf=False,
            host_type=HostType.REPOSITORY,
            version=version,
            licence=licence,
            found_by=SERVICE,
            open_from=opening,
        )
        return (place,)
    if stated.access_right != "open":
        return ()
    return tuple(
        Location(url=url, host_type=HostType.REPOSITORY, version=version, licence=licence, found_by=SERVICE)
        for url in _files(record, stated.title or "")[:MAX_FILES]
    )


def _files(record: _Record, title: str) -> list[str]:
    """The addresses of the PDFs, the likeliest to be the text first."""
    wanted = set(text_key(title).split())
    found = [
        ((bool(_BESIDE.search(one.key)), -len(wanted & set(text_key(one.key).split()))), one.links.self)
        for one in record.files or []
        if one.key and one.key.lower().endswith(".pdf") and one.links and one.links.self
    ]
    return [url for _, url in sorted(found, key=lambda each: each[0])]


def _version(record: _Record, stated: _Metadata) -> Version | None:
    """What the depositor calls a preprint is one; else a record under a DOI of Zenodo's own is the work itself."""
    if stated.resource_type and stated.resource_type.subtype == "preprint":
        return Version.SUBMITTED
    return Version.PUBLISHED if _OWN_DOI.fullmatch(normalise_doi(record.doi) or "") else None
