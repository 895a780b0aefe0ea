"""INSPIRE as a locator: files that it holds of high-energy physics: theses, reports, old preprints.

Read 2026-11-23: https://github.com/inspirehep/rest-api-doc (`fields`, limits),
https://inspire-schemas.readthedocs.io/en/latest/schemas/hep.html (`documents`: `url`, `fulltext`, `hidden`, ...).
"""

from __future__ import annotations

from urllib.parse import urljoin

import msgspec

from dl_lit.core.identifiers import arxiv_id_of_doi, normalise_arxiv_id, normalise_doi
from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import decode, decode_each, list_body
from stages.locators.settings import LocatorSettings
from stages.sources import inspire

SERVICE = inspire.SERVICE
ROWS = 5
FIELDS = "documents,dois,arxiv_eprints,control_number"

# https://inspire-schemas.readthedocs.io/en/latest/schemas/elements/material.html
_VERSIONS = {"publication": Version.PUBLISHED, "version of record": Version.PUBLISHED, "preprint": Version.SUBMITTED}
_LONGEST_ENDING = 5  # what is longer is a name without ending: files are kept under their hashes
_BESIDE = frozenset({"additional material", "data", "software", "erratum", "addendum", "corrigendum"})


class _Document(msgspec.Struct):
    url: str | None = None
    filename: str | None = None
    fulltext: bool | None = None
    hidden: bool | None = None
    material: str | None = None


class _Value(msgspec.Struct):
    value: str | None = None


class _Metadata(msgspec.Struct):
    documents: list[_Document] | None = None
    dois: list[_Value] | None = None
    arxiv_eprints: list[_Value] | None = None
    control_number: int | None = None


class _Hit(msgspec.Struct):
    metadata: _Metadata


class _Hits(msgspec.Struct):
    hits: list[msgspec.Raw]


class _Answer(msgspec.Struct):
    hits: _Hits


def parse(body: bytes) -> list[tuple[frozenset[str], tuple[Location, ...]]]:
    """Read a list: the identifiers of each record (DOIs, arXiv's, its own address) and its files.

    Raises `ServiceError`.
    """
    hits = decode_each(decode(body, _Answer, SERVICE).hits.hits, _Hit, SERVICE)
    return [(_identifiers(one.metadata), _locations(one.metadata)) for one in hits]


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for the record by DOI, arXiv identifier or INSPIRE's own number. Raises `ServiceError`."""
    del settings
    query = _query(work)
    if query is None:
        return ()
    params = [("q", query), ("size", str(ROWS)), ("fields", FIELDS)]
    wanted = {one for one in (work.doi, work.arxiv_id, _number(work)) if one}
    hits = parse(list_body(calls.get(SERVICE, "/literature", params), SERVICE))
    return tuple(place for names, places in hits if names & wanted for place in places)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For physics, and for what it described, while no file is known."""
    is_its_field = work.metadata_source == SERVICE or inspire.is_physics(work.container_title or "")
    return is_its_field and _query(work) is not None and not any(one.is_pdf for one in known)


def _query(work: Work) -> str | None:
    if work.doi and '"' not in work.doi and arxiv_id_of_doi(work.doi) is None:
        return f'doi "{work.doi}"'
    if work.arxiv_id:
        return f"eprint {work.arxiv_id}"
    number = _number(work)
    return f"recid {number}" if number else None


def _number(work: Work) -> str | None:
    """INSPIRE's own number of a work that it described."""
    number = (work.url or "").removeprefix(f"{inspire.SITE}/")
    return number if number.isascii() and number.isdigit() else None


def _identifiers(record: _Metadata) -> frozenset[str]:
    dois = (normalise_doi(one.value) for one in record.dois or [])
    eprints = (normalise_arxiv_id(one.value) for one in record.arxiv_eprints or [])
    number = str(record.control_number) if record.control_number else None
    return frozenset(one for one in (*dois, *eprints, number) if one)


def _locations(record: _Metadata) -> tuple[Location, ...]:
    """The full texts that everybody may read."""
    return tuple(
        Location(
            url=urljoin(inspire.SITE, one.url),
            host_type=HostType.REPOSITORY,
            version=_VERSIONS.get(one.material or ""),
            found_by=SERVICE,
        )
        for one in record.documents or []
        if one.url and not one.hidden and one.fulltext is not False and _is_text(one)
    )


def _is_text(one: _Document) -> bool:
    ending = (one.filename or one.url or "").lower().rpartition(".")[2]
    return one.material not in _BESIDE and (ending == "pdf" or "/" in ending or len(ending) > _LONGEST_ENDING)
