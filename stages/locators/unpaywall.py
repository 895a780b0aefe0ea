"""Unpaywall: open-access locations by DOI, asked only where OpenAlex, whose data it shows, named no PDF.

Read 2026-11-22: https://unpaywall.org/products/api (one DOI a request, 100,000 a day, an e-mail address of one's own).
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from stages.answers import NOT_FOUND, day_of, decode, path_quote
from stages.locators.settings import LocatorSettings

SERVICE = "unpaywall"
_ADDRESS_REFUSED = 422  # placeholders such as example.org are (the page above): nothing to do with the work


class _Place(msgspec.Struct):
    url: str | None = None
    url_for_pdf: str | None = None
    url_for_landing_page: str | None = None
    host_type: str | None = None
    version: str | None = None
    license: str | None = None
    oa_date: str | None = None


class _Record(msgspec.Struct):
    doi: str | None = None
    is_oa: bool | None = None
    best_oa_location: _Place | None = None
    oa_locations: list[_Place] | None = None
    oa_locations_embargoed: list[_Place] | None = None


def parse(body: bytes) -> tuple[Location, ...]:
    """Read the open-access locations of one record, each address once, those under embargo with the day it ends.

    Raises `ServiceError`.
    """
    record = decode(body, _Record, SERVICE)
    if record.doi is None:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "a record without a DOI")
    found: dict[str, Location] = {}
    for place in (record.best_oa_location, *(record.oa_locations or [])):
        for url, is_pdf in _addresses(place):
            found.setdefault(url, _location(url, place, is_pdf=is_pdf))
    for place in record.oa_locations_embargoed or []:
        opening = day_of(place.oa_date)
        for url, is_pdf in _addresses(place) if opening else []:
            found.setdefault(url, replace(_location(url, place, is_pdf=is_pdf), open_from=opening))
    return tuple(found.values())


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for the work's DOI; nothing for works without one, or without a contact address. Raises `ServiceError`."""
    del settings
    if not work.doi or not calls.contact_email:
        return ()
    try:
        answer = calls.get(SERVICE, f"/v2/{path_quote(work.doi)}")  # the client adds the address
    except RequestRefused as error:
        if error.status != _ADDRESS_REFUSED or "email" not in error.detail.lower():
            raise
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, f"it refuses the contact address; {error.detail}") from error
    return () if answer.status == NOT_FOUND else parse(answer.body)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """Where no PDF is known yet; not for arXiv's own DOIs, which it does not have."""
    return bool(work.doi) and arxiv_id_of_doi(work.doi) is None and not any(one.is_pdf for one in known)


def _addresses(place: _Place | None) -> list[tuple[str, bool]]:
    if place is None:
        return []
    landing = place.url_for_landing_page or (place.url if place.url != place.url_for_pdf else None)
    pairs = ((place.url_for_pdf, True), (landing, False))
    return [(url, is_pdf) for url, is_pdf in pairs if url]


def _location(url: str, place: _Place | None, *, is_pdf: bool) -> Location:
    stated = place or _Place()
    kinds = {kind.value: kind for kind in HostType}
    versions = {version.value: version for version in Version}
    return Location(
        url=url,
        is_pdf=is_pdf,
        host_type=kinds.get(stated.host_type or ""),
        version=versions.get(stated.version or ""),
        licence=stated.license,
        found_by=SERVICE,
    )
