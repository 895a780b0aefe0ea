"""OpenAlex as a locator: one record by DOI, for works that others described; its own come with their locations.

Read 2026-11-22: https://developers.openalex.org/api-reference/works (`locations`; a record costs no credits).
"""

from __future__ import annotations

from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.locators.settings import LocatorSettings
from stages.sources import openalex

SERVICE = openalex.SERVICE


def parse(body: bytes) -> tuple[Location, ...]:
    """Read the open-access locations of one record. Raises `ServiceError`."""
    work = openalex.parse_record(body)
    return work.locations if work else ()


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Give the locations OpenAlex knows by the DOI; no request where it described the work. Raises `ServiceError`."""
    del settings
    if work.metadata_source == SERVICE or not work.doi:
        return ()
    found = openalex.record_of_doi(calls, work.doi)
    return found.locations if found else ()


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """Whether it has more to say than the work's own record and the locators that know for sure.

    arXiv's own DOIs are not asked for: OpenAlex files preprints under other identifiers, and arXiv is a locator itself.
    """
    if work.metadata_source == SERVICE:
        return not known
    askable = work.doi is not None and arxiv_id_of_doi(work.doi) is None
    return askable and not any(_is_sure(one) for one in known)


def _is_sure(place: Location) -> bool:
    """Whether hardly anything better can be found: a repository's own word on a file that is no preprint."""
    is_reviewed = place.version in {Version.PUBLISHED, Version.ACCEPTED}
    return place.is_pdf and place.host_type is HostType.REPOSITORY and is_reviewed
