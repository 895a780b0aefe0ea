"""Unpaywall: one DOI at a time, and a real e-mail address."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from dl_lit.core.model import HostType
from dl_lit.replica.access import Access, Copy
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Record, hash64
from dl_lit.replica.services.crossref_works import publisher_name
from dl_lit.replica.wire import Header, Plan, Refusal, Request, Response, json_response

_COMMON: tuple[Header, ...] = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "POST, GET, OPTIONS, PUT, DELETE, PATCH"),
    ("access-control-allow-headers", "origin, content-type, accept, x-requested-with"),
    ("server", "Heroku"),
)
_PLACEHOLDERS = (
    "example.com",
    "example.org",
    "example.net",
    "test.com",
    "your_email",
    "youremail",
    "your@email",
    "email@",
)
_NO_EMAIL = "Email address required in API call, see http://unpaywall.org/products/api"
_PLACEHOLDER = "Please use your own email address in API calls. See http://unpaywall.org/products/api"
_SUPPORT = "https://support.unpaywall.org/a/solutions/articles/44001900286"


class Unpaywall:
    """api.unpaywall.org."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows what OpenAlex lists, under Crossref's DOIs only."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """One record, if the caller says who it is."""
        return Plan(kind="record", answer=self._route(request), lane="unpaywall", refuse=_too_many)

    def _route(self, request: Request) -> Callable[[], Response]:
        if not request.path.startswith("/v2/"):
            return partial(_problem, 404, "URL not found.")
        email = request.params().get("email", "").strip().lower()
        if not email or "@" not in email:
            return partial(_problem, 422, _NO_EMAIL)
        if email.startswith("test@") or any(placeholder in email for placeholder in _PLACEHOLDERS):
            return partial(_problem, 422, _PLACEHOLDER)
        doi = unquote(request.raw_path.removeprefix("/v2/"))
        if doi.rstrip("/") == "search":
            return partial(_problem, 500, "Search is not available.")
        return partial(self._record, doi)

    def _record(self, doi: str) -> Response:
        record = self._catalogue.by_doi(doi)
        if record is None or record.doi is None or self._catalogue.agency(record.doi) != "Crossref":
            return _problem(404, f"'{doi}' isn't in Unpaywall. See {_SUPPORT}")
        return json_response(self._describe(record, self._catalogue.access(record)), _COMMON)

    def _describe(self, record: Record, access: Access) -> dict[str, Any]:
        locations = [self._location(record, copy, is_best=number == 0) for number, copy in enumerate(access.listed)]
        status = access.oa_status if locations else "closed"
        date = f"{record.year}-01-01" if record.year else None
        issn = _issn(record.container) if record.container else None
        people = record.authors
        return {
            "doi": record.doi,
            "doi_url": f"https://doi.org/{record.doi}",
            "title": record.title,
            "genre": record.type,
            "is_paratext": False,
            "published_date": date,
            "year": record.year,
            "journal_name": record.container,
            "journal_issns": issn,
            "journal_issn_l": issn,
            "journal_is_oa": status == "gold",
            "journal_is_in_doaj": status == "gold",
            "publisher": publisher_name(record),
            "is_oa": bool(locations),
            "oa_status": status,
            "has_repository_copy": any(copy.host_type is HostType.REPOSITORY for copy in access.listed),
            "best_oa_location": locations[0] if locations else None,
            "first_oa_location": locations[0] if locations else None,
            "oa_locations": locations,
            "oa_locations_embargoed": [],
            "data_standard": 2,
            "z_authors": [
                {
                    "author_position": "first"
                    if number == 0
                    else "last"
                    if number == len(people) - 1
                    else "additional",
                    "raw_author_name": person.full,
                    "is_corresponding": number == 0,
                    "raw_affiliation_strings": [],
                }
                for number, person in enumerate(people)
            ],
            "updated": "2026-08-04T14:10:34Z",
        }

    def _location(self, record: Record, copy: Copy, *, is_best: bool) -> dict[str, Any]:
        at_publisher = copy.host_type is HostType.PUBLISHER
        landing = (at_publisher and self._catalogue.doi_url(record)) or self._catalogue.landing_url(copy)
        pdf = self._catalogue.pdf_url(copy) if copy.pdf_linked else None
        return {
            "url": pdf or landing,
            "url_for_pdf": pdf,
            "url_for_landing_page": landing,
            "evidence": "deprecated",
            "license": copy.licence,
            "version": copy.version.value,
            "host_type": copy.host_type.value,
            "is_best": is_best,
            "pmh_id": None if at_publisher else f"oai:{copy.site}:{record.position}",
            "endpoint_id": None if at_publisher else f"{hash64(copy.site):016x}"[:20],
            "repository_institution": None if at_publisher else copy.source_name,
            "oa_date": f"{record.year}-01-01" if record.year else None,
            "updated": "deprecated",
        }


def _issn(container: str) -> str:
    number = hash64(container)
    return f"{1000 + number % 8999}-{1000 + number // 9001 % 8999}"


def _problem(status: int, message: str) -> Response:
    return json_response({"HTTP_status_code": status, "error": True, "message": message}, _COMMON, status=status)


def _too_many(refusal: Refusal) -> Response:
    del refusal
    return _problem(
        429,
        "History of API use exceeding rate limits, please email support@unpaywall.org for other data access options, "
        "including free full database dump.",
    )
