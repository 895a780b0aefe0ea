"""OSF: preprints under its servers' DOIs, their files described and served."""

from __future__ import annotations

import re
from functools import partial

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.faults import pdf_response
from dl_lit.replica.records import Record
from dl_lit.replica.services.files import Files
from dl_lit.replica.wire import Plan, Refusal, Request, Response, json_response

_PREFIXES = ("10.31219", "10.31234", "10.31235", "10.35542")  # OSF Preprints, PsyArXiv, SocArXiv, EdArXiv
_ROUTE = re.compile(r"(?:/v2)?/(preprints|files|download)/([a-z0-9]+)(?:_v\d+)?/")
_KINDS = {"preprints": "record", "files": "record", "download": "pdf"}


class Osf:
    """api.osf.io and osf.io."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows the works with DOIs of its servers."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """`/v2/preprints/{guid}/`, `/v2/files/{id}/`, `/download/{id}/`."""
        match = _ROUTE.fullmatch(request.path)
        if match is None:
            return Plan(kind="other", answer=_not_found, lane="osf", refuse=_too_many)
        if request.raw_query:
            return Plan(kind="other", answer=_bad_gateway, lane="osf", refuse=_too_many)
        route, name = match.groups()
        return Plan(kind=_KINDS[route], answer=partial(self._answer, route, name), lane="osf", refuse=_too_many)

    def _answer(self, route: str, name: str) -> Response:
        guid = name if route == "preprints" else name.removeprefix("f0")
        record = self._find(guid)
        if record is None:
            return _not_found()
        if route == "download":
            return pdf_response(self._files.pdf(record, "submittedVersion"))
        file = f"f0{guid}"  # a file's own number is another than its preprint's
        if route == "files":
            url = f"{self._catalogue.base('osf')}/download/{file}/"
            return json_response({"data": {"id": file, "attributes": {"name": "ms.pdf"}, "links": {"download": url}}})
        related = {"primary_file": {"data": {"id": file, "type": "files"}}}
        stated = {"title": record.title, "is_published": True, "date_withdrawn": None}
        return json_response({"data": {"id": guid, "attributes": stated, "relationships": related, "links": {}}})

    def _find(self, guid: str) -> Record | None:
        found = (self._catalogue.by_doi(f"{prefix}/osf.io/{guid}") for prefix in _PREFIXES)
        return next((record for record in found if record), None)


def _not_found() -> Response:
    return json_response({"errors": [{"detail": "Not found."}]}, status=404)


def _bad_gateway() -> Response:
    return json_response({"errors": [{"detail": "Bad gateway."}]}, status=502)


def _too_many(refusal: Refusal) -> Response:
    headers = (("retry-after", str(max(1, round(refusal.wait_s)))),)
    return json_response({"errors": [{"detail": "Request was throttled."}]}, headers, status=429)
