"""Europe PMC as a locator: open full texts of the life sciences, rendered as PDF.

Read 2026-11-22: https://europepmc.org/RestfulWebService (search, `fullTextUrlList`, errors inside a 200).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_doi, normalise_pmcid
from dl_lit.core.model import HostType, Location, RelationKind, Version, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from stages.answers import decode, list_body
from stages.locators.addresses import has_repository_file
from stages.locators.settings import LocatorSettings

SERVICE = "europepmc"
ROWS = 5  # a DOI can hit a preprint and an article
MAX_DOIS = 4  # of one work's versions

_PREPRINT = "PPR"
_PREPRINTS = ("10.1101/", "10.64898/", "10.21203/", "10.20944/")  # bioRxiv, medRxiv, Research Square, Preprints.org
_TELL_PMCIDS = frozenset({"openalex", "europepmc", "pubmed"})  # who has the identifiers beside the DOI
_NOT_HERE = ("10.48550/", "10.5281/")  # DOIs of arXiv and Zenodo


class _Link(msgspec.Struct, rename="camel"):
    document_style: str | None = None
    availability_code: str | None = None
    site: str | None = None
    url: str | None = None


class _Links(msgspec.Struct, rename="camel"):
    full_text_url: list[_Link] | None = None


class _Result(msgspec.Struct, rename={
    "is_open_access": "isOpenAccess", "in_epmc": "inEPMC", "author_man": "authMan", "full_text_urls": "fullTextUrlList",
}):  # fmt: skip
    pmcid: str | None = None
    pmid: str | None = None
    doi: str | None = None
    source: str | None = None
    license: str | None = None
    is_open_access: str | None = None
    in_epmc: str | None = None
    author_man: str | None = None
    full_text_urls: _Links | None = None


class _Results(msgspec.Struct):
    result: list[_Result] | None = None


class _Answer(msgspec.Struct, rename={"results": "resultList", "error": "errMsg"}):
    results: _Results | None = None
    error: str | None = None


def parse(body: bytes, site_url: str) -> list[tuple[str | None, str | None, tuple[Location, ...]]]:
    """Read a search: (PMCID, DOI, locations) of each hit. Raises `ServiceError`, also for an error inside a 200."""
    answer = decode(body, _Answer, SERVICE)
    if answer.results is None:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, answer.error or "neither results nor an error")
    return [(one.pmcid, one.doi, _locations(one, site_url)) for one in answer.results.result or []]


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search by PMCID, else by PMID. Raises `ServiceError`."""
    if work.pmcid:
        query = f"PMCID:{work.pmcid}"
    elif work.pmid:
        query = f"EXT_ID:{work.pmid} AND SRC:MED"
    else:
        return ()
    params = [("query", query), ("format", "json"), ("resultType", "core"), ("pageSize", str(ROWS))]
    hits = parse(list_body(calls.get(SERVICE, "/search", params), SERVICE), settings.europepmc_site_url)
    return next((places for pmcid, _, places in hits if places and work.pmcid in {None, pmcid}), ())


def locate_versions(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search by the DOIs of the work and of its other versions: its preprint, or what became of it.

    It renders preprints whose own servers turn programs away. Raises `ServiceError`.
    """
    return of_dois(calls, _dois(work), settings)


def of_dois(calls: ServiceCalls, dois: Sequence[str], settings: LocatorSettings) -> tuple[Location, ...]:
    """Search for open full texts by DOIs. Raises `ServiceError`."""
    if not dois:
        return ()
    query = " OR ".join(f'DOI:"{doi}"' for doi in dois)
    params = [("query", query), ("format", "json"), ("resultType", "core"), ("pageSize", str(ROWS * len(dois)))]
    hits = parse(list_body(calls.get(SERVICE, "/search", params), SERVICE), settings.europepmc_site_url)
    return tuple(place for _, doi, places in hits if normalise_doi(doi) in dois for place in places)


def is_worth_searching(work: Work, known: tuple[Location, ...]) -> bool:
    """While no file is known: for works with other versions, for preprints, and where nobody said what PubMed calls it.

    OpenAlex and the PubMed services say so of what is there: then the identifiers have been asked for already.
    """
    dois = _dois(work)
    has_versions = any(doi != work.doi or doi.startswith(_PREPRINTS) for doi in dois)
    is_told = work.metadata_source in _TELL_PMCIDS
    return bool(dois) and (has_versions or not is_told) and not any(one.is_pdf for one in known)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """Where it may hold the work and no PDF in a repository is known yet."""
    return bool(work.pmcid or work.pmid) and not has_repository_file(known)


def _dois(work: Work) -> list[str]:
    """The work's DOI and those of its versions; arXiv's and DataCite's are not there."""
    versions = [one.doi for one in work.relations if one.kind is RelationKind.VERSION]
    known = [doi for doi in (work.doi, *versions) if doi and '"' not in doi and not doi.startswith(_NOT_HERE)]
    return list(dict.fromkeys(known))[:MAX_DOIS]


def _locations(result: _Result, site_url: str) -> tuple[Location, ...]:
    if result.is_open_access != "Y":
        return ()
    is_preprint = result.source == _PREPRINT
    version = Version.ACCEPTED if result.author_man == "Y" else Version.PUBLISHED
    version = Version.SUBMITTED if is_preprint else version
    found: list[Location] = []
    pmcid = normalise_pmcid(result.pmcid)
    if pmcid and result.in_epmc == "Y":
        url = f"{site_url}/articles/{pmcid}?pdf=render"
        found.append(
            Location(url=url, host_type=HostType.REPOSITORY, version=version, licence=result.license, found_by=SERVICE)
        )
    for link in (result.full_text_urls.full_text_url if result.full_text_urls else None) or []:
        is_open = link.availability_code in {"OA", "F"} and link.document_style == "pdf"
        is_the_same = link.site == "Europe_PMC" and bool(found)  # as what is rendered
        if link.url and is_open and not is_the_same:
            found.append(Location(url=link.url, licence=result.license, version=version, found_by=SERVICE))
    return tuple(found)
