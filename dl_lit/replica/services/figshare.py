"""figshare: records under its own DOIs, and their files."""

from __future__ import annotations

import re
from functools import partial

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.faults import pdf_response
from dl_lit.replica.records import Record
from dl_lit.replica.services.files import Files
from dl_lit.replica.wire import Plan, Refusal, Request, Response, json_response

_ROUTE = re.compile(r"(?:/v2)?/(articles|ndownloader/files)/(\d+)")


class Figshare:
    """api.figshare.com and ndownloader.figshare.com."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows the works with its DOIs."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """`/v2/articles/{id}` and files."""
        match = _ROUTE.fullmatch(request.path)
        if match is None:
            return Plan(kind="other", answer=_not_found, lane="figshare", refuse=_too_many)
        route, number = match.groups()
        record = self._catalogue.by_doi(f"10.6084/m9.figshare.{number}")
        if record is None:
            return Plan(kind="record", answer=_not_found, lane="figshare", refuse=_too_many)
        if route == "articles":
            answer = partial(self._describe, number, record)
            return Plan(kind="record", answer=answer, lane="figshare", refuse=_too_many)
        return Plan(kind="pdf", answer=partial(self._file, record), lane="figshare", refuse=_too_many)

    def _file(self, record: Record) -> Response:
        return pdf_response(self._files.pdf(record, "publishedVersion"))

    def _describe(self, number: str, record: Record) -> Response:
        base = self._catalogue.base("figshare")
        is_open = self._catalogue.access(record).oa_status != "closed"
        file = {
            "id": 1,
            "name": "thesis.pdf",
            "is_link_only": False,
            "download_url": f"{base}/ndownloader/files/{number}",
        }
        return json_response(
            {
                "id": int(number),
                "title": record.title,
                "doi": f"{record.doi}.v1",
                "defined_type_name": "thesis" if record.type == "dissertation" else "preprint",
                "is_embargoed": not is_open,
                "embargo_date": None if is_open else "2031-05-01T00:00:00Z",
                "url_public_html": f"{base}/articles/{number}",
                "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
                "files": [file] if is_open else [],
            }
        )


def _not_found() -> Response:
    return json_response({"code": "EntityNotFound", "message": "Entity not found"}, status=404)


def _too_many(refusal: Refusal) -> Response:
    headers = (("retry-after", str(max(1, round(refusal.wait_s)))),)
    return json_response({"message": "Too many requests"}, headers, status=429)
