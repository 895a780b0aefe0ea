"""Zenodo: records, searches by DOI, and files; some under embargo, some closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.faults import pdf_response
from dl_lit.replica.holdings import deposited_at_zenodo, embargo_at_zenodo, zenodo_number
from dl_lit.replica.records import Record, title_key
from dl_lit.replica.services.files import Files
from dl_lit.replica.wire import Plan, Refusal, Request, Response, json_response

_BASE = "/api"
_PARAMETERS = frozenset({"q", "size", "page", "sort"})
_MAX_SIZE = 25  # for guests
_DOI = re.compile(r'doi:"([^"]+)"')
_RECORD = re.compile(r"/records/(\d+)")
_FILE = re.compile(r"/records/(\d+)/files/[^/]+/content")
_EVERY = (("retry-after", "31"), ("x-ratelimit-limit", "133"), ("x-ratelimit-remaining", "131"))
"""What every answer carries, those of success too: whoever rests for it gets nowhere."""


class Zenodo:
    """zenodo.org."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows the works with DOIs of its own, and a share of the others."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """Record, search or file."""
        kind, lane, answer = self._route(request.path.removeprefix(_BASE), request.params())
        return Plan(kind=kind, answer=answer, lane=f"zenodo/{lane}", refuse=_too_many)

    def _route(self, path: str, params: dict[str, str]) -> tuple[str, str, Callable[[], Response]]:
        if path.rstrip("/") == "/records":
            return "search", "search", partial(self._search, params)
        if match := _FILE.fullmatch(path):
            return "pdf", "other", partial(self._file, match[1])
        if match := _RECORD.fullmatch(path):
            return "record", "other", partial(self._record, match[1])
        return "other", "other", _not_found

    def _search(self, params: dict[str, str]) -> Response:
        size = params.get("size", "10")
        if not params.keys() <= _PARAMETERS or not size.isdigit():
            return _bad("unknown parameter")
        if int(size) > _MAX_SIZE:
            return _bad(f"Page size cannot be greater than {_MAX_SIZE} for guests")
        query = params.get("q", "")
        match = _DOI.fullmatch(query)
        if query and match is None:
            return _bad(f"cannot read {query[:80]!r}")
        record = self._catalogue.by_doi(match[1]) if match else None
        number = zenodo_number(self._catalogue, record) if record else None
        hits = [self._describe(number, record)] if record and number else []
        return json_response({"hits": {"hits": hits, "total": len(hits)}, "aggregations": {}, "links": {}}, _EVERY)

    def _record(self, number: str) -> Response:
        record = deposited_at_zenodo(self._catalogue, number)
        return json_response(self._describe(number, record), _EVERY) if record else _not_found()

    def _file(self, number: str) -> Response:
        record = deposited_at_zenodo(self._catalogue, number)
        if record is None or self._access(record) != "open":
            return json_response({"status": 403, "message": "Permission denied."}, status=403 if record else 404)
        return pdf_response(self._files.pdf(record, "publishedVersion"))

    def _access(self, record: Record) -> str:
        if embargo_at_zenodo(self._catalogue, record):
            return "embargoed"
        return "closed" if self._catalogue.access(record).oa_status == "closed" else "open"

    def _describe(self, number: str, record: Record) -> dict[str, Any]:
        access = self._access(record)
        base = self._catalogue.base("zenodo")
        name = f"{title_key(record.title)[:40].replace(' ', '_') or 'paper'}.pdf"
        address = f"{base}{_BASE}/records/{number}/files/{quote(name)}/content"
        files = [
            {"key": "README.txt", "size": 12, "links": {"self": address.replace(quote(name), "README.txt")}},
            {"key": name, "size": 60_000, "links": {"self": address}},
        ]
        metadata = {
            "title": record.title,
            "doi": record.doi,
            "access_right": access,
            "embargo_date": embargo_at_zenodo(self._catalogue, record),
            "creators": [{"name": person.full} for person in record.authors],
            "resource_type": {"title": "Report", "type": "publication", "subtype": "report"},
            "license": {"id": "cc-by-4.0"} if access == "open" else None,
        }
        found = {
            "id": int(number),
            "doi": record.doi,
            "conceptdoi": f"10.5281/zenodo.{int(number) - 1}",
            "metadata": {key: value for key, value in metadata.items() if value is not None},
            "files": files if access == "open" else None,
            "links": {"self_html": f"{base}/records/{number}"},
        }
        return {key: value for key, value in found.items() if value is not None}


def _bad(message: str) -> Response:
    return json_response({"status": 400, "message": message}, status=400)


def _not_found() -> Response:
    return json_response({"status": 404, "message": "The persistent identifier does not exist."}, status=404)


def _too_many(refusal: Refusal) -> Response:
    headers = (("retry-after", str(max(1, round(refusal.wait_s)))),)
    return json_response({"status": 429, "message": "Too many requests"}, headers, status=429)
