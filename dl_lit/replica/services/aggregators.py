"""Who gathers open copies: DOAJ's articles, CORE's harvest (with a key), and the files that OpenAlex keeps."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.model import HostType
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.ranges import file_response
from dl_lit.replica.records import Record
from dl_lit.replica.services.files import Files
from dl_lit.replica.services.openalex import OpenAlex
from dl_lit.replica.wire import Plan, Request, Response, html_response, json_response

_ARTICLES = "/api/search/articles/"
_OUTPUT = re.compile(r"^/v3/(?:outputs|works)/(\d+)/download$")
_DOI_QUERY = re.compile(r'^doi:"([^"]+)"$')
_TITLE_QUERY = re.compile(r'^title:"([^"]+)"$')
_CONTENT = re.compile(r"^/works/(W\d+)\.pdf$")
_FORBIDDEN = "<html><body><h1>403 Forbidden</h1></body></html>"
CONTENT_CREDITS = 100


class Doaj:
    """doaj.org: articles of journals that are open as a whole."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows the gold ones."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """A search by DOI; any other path is forbidden, as there."""
        if not request.path.startswith(_ARTICLES):
            return Plan(kind="other", answer=partial(html_response, _FORBIDDEN, status=403), lane="doaj")
        return Plan(kind="search", answer=partial(self._search, request.path.removeprefix(_ARTICLES)), lane="doaj")

    def _search(self, query: str) -> Response:
        record = self._catalogue.by_doi(normalise_doi(query.removeprefix("doi:")) or "")
        found = [record] if record is not None and self._catalogue.access(record).oa_status == "gold" else []
        articles = [self._article(one) for one in found]
        return json_response({"total": len(articles), "page": 1, "pageSize": 10, "query": query, "results": articles})

    def _article(self, record: Record) -> dict[str, Any]:
        copies = self._catalogue.access(record).copies
        at_publisher = [copy for copy in copies if copy.host_type is HostType.PUBLISHER]
        links = [
            {"type": "fulltext", "content_type": "HTML", "url": self._catalogue.landing_url(copy)}
            for copy in at_publisher
        ]
        return {
            "id": f"{record.position:032x}",
            "bibjson": {
                "title": record.title,
                "year": str(record.year) if record.year else None,
                "author": [{"name": person.full} for person in record.authors],
                "identifier": [{"type": "doi", "id": record.doi}],
                "journal": {"title": record.container, "license": [{"type": "CC BY", "open_access": True}]},
                "link": links,
            },
        }


class Core:
    """api.core.ac.uk: nothing without a key."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows what lies in repositories, as far as OpenAlex knows it."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """Search or file."""
        if not request.headers.get("authorization", "").startswith("Bearer "):
            answer = partial(json_response, {"message": "Unauthorized"}, status=401)
            return Plan(kind="other", answer=answer, lane="core")
        if request.path == "/v3/search/works/":
            return Plan(kind="search", answer=partial(self._search, request.params()), lane="core")
        found = _OUTPUT.match(request.path)
        record = self._at(int(found.group(1)) - 1) if found else None
        if record is None:
            return Plan(kind="other", answer=partial(json_response, {"message": "Not found"}, status=404), lane="core")
        headers = [("content-type", "application/pdf")]
        answer = partial(file_response, request, self._files.pdf(record), headers)
        return Plan(kind="pdf", answer=answer, lane="core")

    def _search(self, params: dict[str, str]) -> Response:
        query, limit = params.get("q", ""), int(params.get("limit", "10"))
        found: list[Record] = []
        if doi := _DOI_QUERY.match(query):
            record = self._catalogue.by_doi(doi.group(1))
            found = [record] if record is not None else []
        elif title := _TITLE_QUERY.match(query):
            found = [hit.record for hit in self._catalogue.find(title.group(1), 20).hits]
        held = [record for record in found if self._copies(record)]
        body = {"totalHits": len(held), "limit": limit, "offset": 0}
        return json_response({**body, "results": [self._work(record) for record in held[:limit]]})

    def _work(self, record: Record) -> dict[str, Any]:
        number = record.position + 1
        return {
            "id": number,
            "doi": record.doi,
            "title": record.title,
            "authors": [{"name": f"{p.family}, {p.given}" if p.given else p.family} for p in record.authors],
            "yearPublished": record.year,
            "downloadUrl": self._copies(record)[0],
            "outputs": [f"https://api.core.ac.uk/v3/outputs/{number}"],
        }

    def _copies(self, record: Record) -> list[str]:
        listed = self._catalogue.access(record).listed
        return [self._catalogue.pdf_url(copy) for copy in listed if copy.host_type is HostType.REPOSITORY]

    def _at(self, position: int) -> Record | None:
        index = self._catalogue.universe.index
        record = index.record(position) if 0 <= position < len(index) else None
        return record if record is not None and self._copies(record) else None


class OpenAlexContent:
    """content.openalex.org: files for credits of OpenAlex's own."""

    def __init__(self, catalogue: Catalogue, files: Files, openalex: OpenAlex) -> None:
        """Keeps the files of the works that `openalex` says it has content of."""
        self._catalogue = catalogue
        self._files = files
        self._openalex = openalex

    def plan(self, request: Request) -> Plan:
        """One file, paid for."""
        found = _CONTENT.match(request.path)
        record = self._catalogue.by_openalex(found.group(1)) if found else None
        if record is None or not self._catalogue.access(record).listed:
            missing = partial(json_response, {"error": "Not found"}, status=404)
            return self._openalex.priced(request, "other", 1, missing)
        answer = partial(file_response, request, self._files.pdf(record), [("content-type", "application/pdf")])
        return self._openalex.priced(request, "pdf", CONTENT_CREDITS, answer)
