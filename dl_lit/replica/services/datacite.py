"""DataCite's REST API (JSON:API): DOIs by name, in batches, and by Lucene query."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Record, normal_doi
from dl_lit.replica.wire import Header, Plan, Refusal, Request, Response, json_response, text_response

_MAX_PAGE = 1_000
_JSON = "application/json; charset=utf-8"
_CSL_PATH = "/application/vnd.citationstyles.csl+json/"
_COMMON: tuple[Header, ...] = (
    ("access-control-allow-credentials", "true"),
    ("cache-control", "no-cache"),
    ("server", "nginx/1.24.0 + Phusion Passenger(R) 6.1.2"),
    ("vary", "Accept,Accept-Encoding"),
    ("x-anonymous-consumer", "true"),
    ("x-lupoversion", "5.74.0"),
)
# The types of a record, by Crossref's name: resourceTypeGeneral, CSL, BibTeX, schema.org, RIS.
_TYPES = {
    "posted-content": ("Preprint", "article", "misc", "CreativeWork", "GEN"),
    "dataset": ("Dataset", "dataset", "misc", "Dataset", "DATA"),
    "dissertation": ("Dissertation", "thesis", "phdthesis", "Thesis", "THES"),
    "book": ("Book", "book", "book", "Book", "BOOK"),
    "report": ("Report", "report", "techreport", "Report", "RPRT"),
}
_ARTICLE = ("Text", "article-journal", "article", "ScholarlyArticle", "RPRT")
_FIELD = re.compile(
    r"\b(?:titles\.title|creators\.(?:name|familyName)|publicationYear|doi|container\.title):", re.IGNORECASE
)


class DataCite:
    """api.datacite.org."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Only DOIs of DataCite's prefixes are there."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """Classify by route; whoever names a contact is identified."""
        identified = "mailto" in request.raw_query or "mailto:" in request.user_agent
        kind, answer = self._route(request)
        lane = f"datacite/{'identified' if identified else 'anonymous'}"
        return Plan(kind=kind, answer=answer, lane=lane, refuse=_too_many)

    def _route(self, request: Request) -> tuple[str, Callable[[], Response]]:
        path = request.path
        if path.rstrip("/") == "/dois":
            params = request.params()
            return ("search" if "query" in params else "batch"), partial(self._list, request, params)
        if path.startswith("/dois/"):
            doi = unquote(request.raw_path.removeprefix("/dois/"))
            return "record", partial(self._record, doi, publisher="publisher=true" in request.raw_query)
        if path.startswith(_CSL_PATH):
            return "record", partial(self._negotiated, path.removeprefix(_CSL_PATH))
        return "other", _not_found

    def _negotiated(self, doi: str) -> Response:
        """A record as CSL JSON, of whichever agency but Crossref: where doi.org sends those who ask for that."""
        record = self._catalogue.by_doi(doi)
        if record is None or record.doi is None or self._catalogue.agency(record.doi) == "Crossref":
            return text_response("The resource you are looking for doesn't exist.", "text/plain", status=404)
        return json_response(_csl(record), content_type="application/vnd.citationstyles.csl+json; charset=utf-8")

    def _find(self, doi: str) -> Record | None:
        record = self._catalogue.by_doi(doi)
        return record if record and self._is_here(record) else None

    def _is_here(self, record: Record) -> bool:
        return record.doi is not None and self._catalogue.agency(record.doi) == "DataCite"

    def _record(self, doi: str, *, publisher: bool) -> Response:
        record = self._find(doi)
        if record is None:
            return _not_found()
        return json_response({"data": self._data(record, publisher=publisher)}, _COMMON, content_type=_JSON)

    def _list(self, request: Request, params: dict[str, str]) -> Response:
        size = _number(params.get("page[size]"), 25)
        size = min(size, _MAX_PAGE)
        page = _number(params.get("page[number]"), 1)
        if "query" in params:
            text = _FIELD.sub(" ", params["query"]).replace("AND", " ").replace("OR", " ")
            hits = self._catalogue.find(text, _MAX_PAGE).hits
            records = [hit.record for hit in hits if self._is_here(hit.record)]
        elif "ids" in params:
            found = (self._find(normal_doi(doi)) for doi in params["ids"].split(",") if doi)
            records = sorted(
                {r.position: r for r in found if r}.values(), key=lambda r: self._catalogue.number(r, "order", 2**40)
            )
        else:
            records = []
        shown = records[(page - 1) * size : page * size]
        body = {
            "data": [self._data(record, publisher=False) for record in shown],
            "meta": {"total": len(records), "totalPages": -(-len(records) // size) if size else 0, "page": page},
            "links": {"self": f"https://api.datacite.org{request.target}"},
        }
        return json_response(body, _COMMON, content_type=_JSON)

    def _data(self, record: Record, *, publisher: bool) -> dict[str, Any]:
        doi = record.doi or ""
        general, citeproc, bibtex, schema_org, ris = _TYPES.get(record.type, _ARTICLE)
        access = self._catalogue.access(record)
        if record.arxiv_id:
            general, citeproc, bibtex, schema_org, ris = _TYPES["posted-content"]
            url = f"{self._catalogue.base('arxiv')}/abs/{record.arxiv_id}"
        else:
            url = f"{self._catalogue.base(access.publisher_site)}/article/{record.position}"
        name = "arXiv" if record.arxiv_id else record.publisher or "Zenodo"
        return {
            "id": doi,
            "type": "dois",
            "attributes": {
                "doi": doi,
                "prefix": record.prefix,
                "suffix": doi.partition("/")[2],
                "identifiers": [{"identifier": record.arxiv_id, "identifierType": "arXiv"}] if record.arxiv_id else [],
                "alternateIdentifiers": [],
                "creators": [
                    {
                        "name": f"{person.family}, {person.given}" if person.given else person.family,
                        "nameType": "Personal",
                        "givenName": person.given,
                        "familyName": person.family,
                        "affiliation": [],
                        "nameIdentifiers": [],
                    }
                    for person in record.authors
                ],
                "titles": [{"title": record.title}],
                "publisher": {"name": name} if publisher else name,
                "container": {"title": record.container, "type": "Journal"} if record.container else {},
                "publicationYear": record.year,
                "subjects": [],
                "contributors": [],
                "dates": [{"date": str(record.year), "dateType": "Issued"}] if record.year else [],
                "language": record.language,
                "types": {
                    "ris": ris,
                    "bibtex": bibtex,
                    "citeproc": citeproc,
                    "schemaOrg": schema_org,
                    "resourceType": general,
                    "resourceTypeGeneral": general,
                },
                "relatedIdentifiers": [
                    {"relationType": "References", "relatedIdentifier": cited.doi, "relatedIdentifierType": "DOI"}
                    for cited in record.references
                    if cited.doi
                ],
                "relatedItems": [],
                "sizes": [],
                "formats": [],
                "version": "1",
                "rightsList": [],
                "descriptions": [{"description": record.abstract, "descriptionType": "Abstract"}]
                if record.abstract
                else [],
                "geoLocations": [],
                "fundingReferences": [],
                "url": url,
                "contentUrl": None,
                "metadataVersion": 1,
                "schemaVersion": "http://datacite.org/schema/kernel-4",
                "source": "api",
                "isActive": True,
                "state": "findable",
                "reason": None,
                "viewCount": 0,
                "downloadCount": 0,
                "referenceCount": len(record.references),
                "citationCount": 0,
                "created": f"{record.year or 2020}-02-03T00:00:00Z",
                "registered": f"{record.year or 2020}-02-03T00:00:00Z",
                "published": str(record.year) if record.year else None,
                "updated": "2026-09-01T00:00:00Z",
            },
            "relationships": {"client": {"data": {"id": "arxiv.content", "type": "clients"}}},
        }


def _csl(record: Record) -> dict[str, Any]:
    people = [{"family": p.family, "given": p.given} if p.given else {"literal": p.family} for p in record.authors]
    found: dict[str, Any] = {
        "type": _TYPES.get(record.type, _ARTICLE)[1],
        "id": f"https://doi.org/{record.doi}",
        "DOI": record.doi,
        "URL": f"https://doi.org/{record.doi}",
        "title": record.title,
        "author": people or None,
        "issued": {"date-parts": [[record.year]]} if record.year else None,
        "container-title": record.container,
        "publisher": record.publisher,
        "volume": record.volume,
        "issue": record.issue,
        "page": record.pages,
        "language": record.language,
        "abstract": record.abstract,
    }
    return {name: value for name, value in found.items() if value is not None}


def _number(text: str | None, usual: int) -> int:
    return int(text) if text and text.isdigit() else usual


def _not_found() -> Response:
    body = {"errors": [{"status": "404", "title": "The resource you are looking for doesn't exist."}]}
    return json_response(body, _COMMON, status=404, content_type=_JSON)


def _too_many(refusal: Refusal) -> Response:
    del refusal
    body = {"errors": [{"status": "429", "title": "Too many requests, please slow down."}]}
    return json_response(body, _COMMON, status=429, content_type=_JSON)
