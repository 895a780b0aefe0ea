"""figshare: the files of theses, reports and preprints under its own DOIs; data are not looked at.

Read 2026-11-23: https://docs.figshare.com/#public_article (`files`, `is_embargoed`, `embargo_date`), one request a
second: https://docs.figshare.com/#figshare_documentation_api_description_rate_limiting.
"""

from __future__ import annotations

import re

import msgspec

from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import NOT_FOUND, day_of, decode
from stages.locators.addresses import has_repository_file
from stages.locators.settings import LocatorSettings

SERVICE = "figshare"
MAX_FILES = 3

_DOI = re.compile(r"10\.\d{4,9}/(?:[\w.]+\.)?figshare\.(\d{1,12})(?:\.v\d+)?")


class _File(msgspec.Struct):
    name: str | None = None
    download_url: str | None = None
    is_link_only: bool | None = None


class _Licence(msgspec.Struct):
    url: str | None = None


class _Article(msgspec.Struct):
    doi: str | None = None
    defined_type_name: str | None = None
    is_embargoed: bool | None = None
    embargo_date: str | None = None
    url_public_html: str | None = None
    license: _Licence | None = None
    files: list[_File] | None = None


def parse(body: bytes) -> tuple[str | None, tuple[Location, ...]]:
    """Read one record: its DOI without the number of the version, and its PDFs. Raises `ServiceError`."""
    told = decode(body, _Article, SERVICE)
    return _bare(told.doi), _locations(told)


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for the record that a DOI of figshare's names. Raises `ServiceError`."""
    del settings
    number = _DOI.fullmatch(work.doi or "")
    if number is None:
        return ()
    answer = calls.get(SERVICE, f"/articles/{number[1]}")
    if answer.status == NOT_FOUND:
        return ()
    doi, places = parse(answer.body)
    return places if doi == _bare(work.doi) else ()


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For its DOIs, where no file in a repository is known yet."""
    is_own = _DOI.fullmatch(work.doi or "") is not None
    return is_own and not has_repository_file(known)


def _locations(told: _Article) -> tuple[Location, ...]:
    licence = told.license.url if told.license else None
    version = Version.SUBMITTED if told.defined_type_name == "preprint" else Version.PUBLISHED
    opening = day_of(told.embargo_date)
    if told.is_embargoed and opening and told.url_public_html:
        page = Location(
            url=told.url_public_html,
            is_pdf=False,
            host_type=HostType.REPOSITORY,
            version=version,
            licence=licence,
            found_by=SERVICE,
            open_from=opening,
        )
        return (page,)
    if told.is_embargoed:
        return ()
    urls = [
        one.download_url
        for one in told.files or []
        if one.download_url and not one.is_link_only and (one.name or "").lower().endswith(".pdf")
    ]
    return tuple(
        Location(url=url, host_type=HostType.REPOSITORY, version=version, licence=licence, found_by=SERVICE)
        for url in urls[:MAX_FILES]
    )


def _bare(doi: str | None) -> str | None:
    found = normalise_doi(doi)
    return re.sub(r"\.v\d+$", "", found) if found else None
