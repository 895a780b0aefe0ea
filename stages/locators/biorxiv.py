"""bioRxiv and medRxiv: which preprint an article was, and what became of a preprint; open texts of either elsewhere.

Their own pages turn programs away, and that is respected: what their interface names is looked for at Europe PMC.
Read 2026-11-23: https://api.biorxiv.org/pubs/help (`/pubs/{server}/{doi}/na/json` takes the preprint's DOI and the
article's; what it does not know is a message inside a 200), https://www.biorxiv.org/tdm.
"""

from __future__ import annotations

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from stages.answers import decode, list_body, path_quote
from stages.locators import europepmc
from stages.locators.settings import LocatorSettings

SERVICE = "biorxiv"
SERVERS = {"biorxiv": 2013, "medrxiv": 2019}  # with the year in which each began
PREFIXES = ("10.1101/", "10.64898/")  # the second since openRxiv has had its own


class _Pair(msgspec.Struct):
    biorxiv_doi: str | None = None
    medrxiv_doi: str | None = None
    preprint_doi: str | None = None
    published_doi: str | None = None


class _Answer(msgspec.Struct):
    collection: list[_Pair]


def parse(body: bytes) -> list[tuple[str, str]]:
    """Read the (preprint's DOI, article's DOI) pairs. Raises `ServiceError`, also for the empty body of an outage."""
    if not body.strip():
        raise ServiceError(SERVICE, Reason.SERVICE_DOWN, "an empty answer")
    pairs = []
    for one in decode(body, _Answer, SERVICE).collection:
        preprint = normalise_doi(one.preprint_doi or one.biorxiv_doi or one.medrxiv_doi)
        article = normalise_doi(one.published_doi)
        if preprint and article:
            pairs.append((preprint, article))
    return pairs


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for the work's counterpart, then Europe PMC for an open text of that. Raises `ServiceError`."""
    if not work.doi or not calls.is_available(europepmc.SERVICE):
        return ()
    for server in _servers(work):
        path = f"/pubs/{server}/{path_quote(work.doi)}/na/json"
        pairs = parse(list_body(calls.get(SERVICE, path), SERVICE))
        others = [doi for pair in pairs if work.doi in pair for doi in pair if doi != work.doi]
        if others:
            return europepmc.of_dois(calls, list(dict.fromkeys(others)), settings)
    return ()


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For their preprints and for articles of medicine, while no file nor any other version is known."""
    is_here = (work.doi or "").startswith(PREFIXES) or bool(work.doi and (work.pmid or work.pmcid))
    return is_here and bool(_servers(work)) and not work.relations and not any(one.is_pdf for one in known)


def _servers(work: Work) -> list[str]:
    """Those that were there when the work came out."""
    return [name for name, year in SERVERS.items() if work.year is None or work.year >= year]
