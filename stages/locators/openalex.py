"""OpenAlex as a locator: the open-access locations that came with the work, else one look-up by DOI.

Read 2026-11-22: https://developers.openalex.org/api-reference/works (`locations`; a record costs no credits).
"""

from __future__ import annotations

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import ServiceCalls
from stages.locators.settings import LocatorSettings
from stages.sources import openalex

SERVICE = openalex.SERVICE


def parse(body: bytes) -> tuple[Location, ...]:
    """Read the open-access locations of one record. Raises `ServiceError`."""
    work = openalex.parse_record(body)
    return work.locations if work else ()


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Give the locations that came with the work and those OpenAlex knows; no request where OpenAlex described it.

    Raises `ServiceError`, unless some came with the work.
    """
    del settings
    if work.metadata_source == SERVICE or not work.doi or arxiv_id_of_doi(work.doi):
        return work.locations
    try:
        found = openalex.record_of_doi(calls, work.doi)
    except ServiceError:
        if work.locations:
            return work.locations
        raise
    return (*work.locations, *(found.locations if found else ()))


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """Whether there is something to take over or a DOI to ask for.

    arXiv's own DOIs are not asked for: OpenAlex files preprints under other identifiers, and arXiv is a locator itself.
    """
    askable = work.doi is not None and arxiv_id_of_doi(work.doi) is None
    return not known and (bool(work.locations) or askable)
