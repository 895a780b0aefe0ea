"""OpenAlex's work object, field by field, so that `select` costs only what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_lit.core.model import HostType, Version
from dl_lit.core.values import dataclass
from dl_lit.replica.access import Access, Copy
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.deposits import referenced
from dl_lit.replica.notices import is_retracted
from dl_lit.replica.records import Record, hash64

_MAX_AUTHORSHIPS_IN_LISTS = 100

_TYPES = {
    "journal-article": "article",
    "proceedings-article": "article",
    "posted-content": "preprint",
    "monograph": "book",
    "edited-book": "book",
    "component": "other",
    "proceedings": "other",
}
_LICENCE_URL = "https://openalex.org/licenses/"


@dataclass(frozen=True, slots=True)
class WorkView:
    """One record with what is needed to describe it."""

    catalogue: Catalogue
    record: Record
    access: Access
    in_list: bool


def work_id(access: Access) -> str:
    """The work's identifier as an address."""
    return f"https://openalex.org/{access.openalex_id}"


def _doi(view: WorkView) -> str | None:
    return f"https://doi.org/{view.record.doi}" if view.record.doi else None


def _date(view: WorkView) -> str | None:
    year = view.record.year
    if year is None:
        return None
    month, day = (1 + view.catalogue.number(view.record, name, below) for name, below in (("month", 12), ("day", 28)))
    return f"{year:04d}-{month:02d}-{day:02d}"


def _ids(view: WorkView) -> dict[str, str]:
    access = view.access
    ids = {"openalex": work_id(access)}
    doi = _doi(view)
    if doi:
        ids["doi"] = doi
    if access.pmid:
        ids["pmid"] = f"https://pubmed.ncbi.nlm.nih.gov/{access.pmid}"
    if access.pmcid:
        ids["pmcid"] = f"https://www.ncbi.nlm.nih.gov/pmc/articles/{access.pmcid.removeprefix('PMC')}"
    return ids


def _source(name: str, kind: str, *, is_oa: bool) -> dict[str, Any]:
    number = hash64(name)
    publisher = f"https://openalex.org/P{4310310000 + number % 9999}"
    return {
        "id": f"https://openalex.org/S{4210000000 + number % 99999999}",
        "display_name": name,
        "issn_l": f"{1000 + number % 8999}-{1000 + number // 9001 % 8999}",
        "issn": [f"{1000 + number % 8999}-{1000 + number // 9001 % 8999}"],
        "is_oa": is_oa,
        "is_in_doaj": is_oa,
        "is_core": True,
        "host_organization": publisher,
        "host_organization_name": name,
        "host_organization_lineage": [publisher],
        "host_organization_lineage_names": [name],
        "type": kind,
    }


def _location(view: WorkView, copy: Copy) -> dict[str, Any]:
    catalogue, record = view.catalogue, view.record
    at_publisher = copy.host_type is HostType.PUBLISHER
    landing = (at_publisher and catalogue.doi_url(record)) or catalogue.landing_url(copy)
    published = copy.version is Version.PUBLISHED
    return {
        "id": f"doi:{record.doi}" if at_publisher and record.doi else f"pmh:oai:{copy.site}:{record.position}",
        "is_oa": True,
        "landing_page_url": landing,
        "pdf_url": catalogue.pdf_url(copy) if copy.pdf_linked else None,
        "source": _source(copy.source_name, "journal" if at_publisher else "repository", is_oa=True),
        "license": copy.licence,
        "license_id": _LICENCE_URL + copy.licence if copy.licence else None,
        "version": copy.version.value,
        "is_accepted": published or copy.version is Version.ACCEPTED,
        "is_published": published,
        "raw_source_name": copy.source_name,
        "raw_type": record.type,
    }


def _closed_location(view: WorkView) -> dict[str, Any]:
    record = view.record
    landing = (
        view.catalogue.doi_url(record)
        or view.catalogue.base(view.access.publisher_site) + f"/article/{record.position}"
    )
    return {
        "id": f"doi:{record.doi}" if record.doi else f"pmh:oai:publisher:{record.position}",
        "is_oa": False,
        "landing_page_url": landing,
        "pdf_url": None,
        "source": _source(record.container, "journal", is_oa=False) if record.container else None,
        "license": None,
        "license_id": None,
        "version": "publishedVersion",
        "is_accepted": True,
        "is_published": True,
        "raw_source_name": record.container,
        "raw_type": record.type,
    }


def _locations(view: WorkView) -> list[dict[str, Any]]:
    """The publisher's location first, open or not, then the open copies elsewhere."""
    listed = view.access.listed
    found = [_location(view, copy) for copy in listed]
    if not any(copy.host_type is HostType.PUBLISHER for copy in listed):
        found.insert(0, _closed_location(view))
    return found


def _best(view: WorkView) -> dict[str, Any] | None:
    return _location(view, view.access.listed[0]) if view.access.listed else None


def _status(view: WorkView) -> str:
    """What OpenAlex believes: a green work none of whose copies it knows is closed to it."""
    return view.access.oa_status if view.access.listed else "closed"


def _open_access(view: WorkView) -> dict[str, Any]:
    best = _best(view)
    repository = any(copy.host_type is HostType.REPOSITORY for copy in view.access.listed)
    return {
        "is_oa": best is not None,
        "oa_status": _status(view),
        "oa_url": (best["pdf_url"] or best["landing_page_url"]) if best else None,
        "any_repository_has_fulltext": repository,
    }


def _authorships(view: WorkView) -> list[dict[str, Any]]:
    people = view.record.authors[: _MAX_AUTHORSHIPS_IN_LISTS if view.in_list else None]
    last = len(people) - 1
    return [
        {
            "author_position": "first" if number == 0 else "last" if number == last else "middle",
            "author": {
                "id": f"https://openalex.org/A{5000000000 + hash64(person.full) % 999999999}",
                "display_name": person.full,
                "orcid": None,
            },
            "institutions": [],
            "countries": [],
            "is_corresponding": number == 0,
            "raw_author_name": person.full,
            "raw_affiliation_strings": [],
            "raw_orcid": None,
            "affiliations": [],
        }
        for number, person in enumerate(people)
    ]


def _biblio(view: WorkView) -> dict[str, str | None]:
    first, _, last = (view.record.pages or "").partition("-")
    return {
        "volume": view.record.volume,
        "issue": view.record.issue,
        "first_page": first or None,
        "last_page": last or first or None,
    }


def _inverted(view: WorkView) -> dict[str, list[int]] | None:
    if not view.record.abstract:
        return None
    places: dict[str, list[int]] = {}
    for number, word in enumerate(view.record.abstract.split()):
        places.setdefault(word, []).append(number)
    return places


def _referenced_ids(view: WorkView) -> list[str]:
    return sorted(work_id(view.catalogue.access(record)) for record in referenced(view.catalogue, view.record))


def _always(value: Any) -> Callable[[WorkView], Any]:
    """A field that is the same in every work here."""

    def same(view: WorkView) -> Any:
        del view
        return value

    return same


FIELDS: dict[str, Callable[[WorkView], Any]] = {
    "id": lambda view: work_id(view.access),
    "doi": _doi,
    "title": lambda view: view.record.title,
    "display_name": lambda view: view.record.title,
    "publication_year": lambda view: view.record.year,
    "publication_date": _date,
    "ids": _ids,
    "language": lambda view: view.record.language or "en",
    "primary_location": lambda view: _locations(view)[0],
    "type": lambda view: _TYPES.get(view.record.type, view.record.type),
    "indexed_in": lambda view: ["crossref"] if view.record.doi else [],
    "open_access": _open_access,
    "authorships": _authorships,
    "institutions": _always([]),
    "countries_distinct_count": _always(0),
    "institutions_distinct_count": _always(0),
    "corresponding_author_ids": _always([]),
    "corresponding_institution_ids": _always([]),
    "apc_list": _always(None),
    "apc_paid": _always(None),
    "fwci": _always(None),
    "has_fulltext": _always(value=False),
    "cited_by_count": lambda view: view.catalogue.number(view.record, "citations", 250),
    "citation_normalized_percentile": _always(None),
    "cited_by_percentile_year": _always(None),
    "biblio": _biblio,
    "is_retracted": lambda view: view.record.is_flagged or is_retracted(view.catalogue, view.record),
    "is_paratext": _always(value=False),
    "is_xpac": _always(value=False),
    "primary_topic": _always(None),
    "topics": _always([]),
    "keywords": _always([]),
    "concepts": _always([]),
    "mesh": _always([]),
    "locations_count": lambda view: len(_locations(view)),
    "locations": _locations,
    "best_oa_location": _best,
    "sustainable_development_goals": _always([]),
    "awards": _always([]),
    "funders": _always([]),
    "has_content": lambda view: {"pdf": bool(view.access.listed), "grobid_xml": False},
    "content_urls": _always(None),
    "referenced_works_count": lambda view: len(_referenced_ids(view)),
    "referenced_works": _referenced_ids,
    "related_works": _always([]),
    "abstract_inverted_index": _inverted,
    "counts_by_year": _always([]),
    "updated_date": _always("2026-10-01T07:51:19.307946"),
    "created_date": _always("2025-10-10T00:00:00"),
}


def describe(
    catalogue: Catalogue, record: Record, select: tuple[str, ...] = (), *, in_list: bool = False
) -> dict[str, Any]:
    """The work object with the selected fields, or all of them."""
    view = WorkView(catalogue, record, catalogue.access(record), in_list)
    return {name: FIELDS[name](view) for name in select or FIELDS}
