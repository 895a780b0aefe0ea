"""What was preserved of the web: Internet Archive Scholar's release pages, and the Wayback Machine's captures."""

from __future__ import annotations

import re
from functools import partial
from html import escape

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.ranges import file_response
from dl_lit.replica.records import Record
from dl_lit.replica.services.files import Files
from dl_lit.replica.wire import Plan, Request, Response, html_response, json_response

_LOOKUP = "/fatcat/release/lookup"
_RELEASE = re.compile(r"^/fatcat/release/r(\d{8})$")
# Addresses of files that the replica's own hosts have lost: they answer 404, and the Wayback Machine has them.
_GONE = re.compile(r"^https?://[^/]+/gone/(\d+)\.pdf$")
_CAPTURE = re.compile(r"^/web/(\d{14})id_/(.+)$")
_TIME = "20190102030405"
_NOT_FOUND = "<!DOCTYPE html><html><head><title>404 Not Found</title></head><body><h1>404</h1></body></html>"


class ScholarArchive:
    """scholar.archive.org: pages only."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows the works with a DOI that OpenAlex knows to be open."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """The look-up leads on to the release's page."""
        answer = partial(self._answer, request)
        return Plan(kind="record", answer=answer, lane="scholar_archive")

    def _answer(self, request: Request) -> Response:
        if request.path == _LOOKUP:
            record = self._catalogue.by_doi(request.params().get("doi", ""))
            if record is not None and self._catalogue.access(record).listed:
                return Response(302, b"", (("location", f"/fatcat/release/r{record.position:08}"),))
        elif found := _RELEASE.match(request.path):
            index = self._catalogue.universe.index
            if int(found.group(1)) < len(index):
                return html_response(self._page(index.record(int(found.group(1)))))
        return html_response(_NOT_FOUND, status=404)

    def _page(self, record: Record) -> str:
        facts = [("citation_title", record.title)]
        facts += [("citation_author", person.full) for person in record.authors]
        facts += [("citation_publication_date", str(record.year))] if record.year else []
        facts += [("citation_doi", record.doi)] if record.doi else []
        copies = self._catalogue.access(record).listed
        facts += [("citation_pdf_url", self._catalogue.pdf_url(copy)) for copy in copies[:1]]
        tags = "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in facts)
        return f"<!DOCTYPE html><html><head><title>{escape(record.title)} | fatcat!</title>\n{tags}</head></html>"


class Wayback:
    """web.archive.org: the index of captures, and the captures as they were."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Has the files that the hosts have lost, `/gone/{position}.pdf`."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """Index or capture."""
        if request.path == "/cdx/search/cdx":
            return Plan(kind="search", answer=partial(self._index, request.params().get("url", "")), lane="wayback")
        found = _CAPTURE.match(request.target)
        record = self._lost(found.group(2)) if found else None
        if record is None:
            return Plan(kind="other", answer=partial(html_response, _NOT_FOUND, status=404), lane="wayback")
        body = self._files.pdf(record)
        answer = partial(file_response, request, body, [("content-type", "application/pdf")])
        return Plan(kind="pdf", answer=answer, lane="wayback")

    def _index(self, url: str) -> Response:
        if self._lost(url) is None:
            return json_response([])
        head = ["timestamp", "original", "mimetype", "statuscode"]
        return json_response([head, [_TIME, url, "application/pdf", "200"]])

    def _lost(self, url: str) -> Record | None:
        found = _GONE.match(url)
        index = self._catalogue.universe.index
        return index.record(int(found.group(1))) if found and int(found.group(1)) < len(index) else None
