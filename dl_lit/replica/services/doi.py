"""doi.org: who registered a DOI, where it leads, and content negotiation."""

from __future__ import annotations

import json
from functools import partial
from html import escape
from urllib.parse import quote

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.wire import Plan, Request, Response, html_response, json_response, text_response

_JSON = "application/json;charset=UTF-8"
_HTML = "text/html;charset=utf-8"
_LANE = "doi"
_CSL_PATH = "/application/vnd.citationstyles.csl+json"
_RA_PATHS = ("/doiRA/", "/ra/")


class Resolver:
    """doi.org."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Resolves the universe's DOIs to the replica's own hosts."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """Agency, handle or redirect."""
        path = request.path
        for prefix in _RA_PATHS:
            if path.startswith(prefix):
                return Plan(kind="batch", answer=partial(self._agencies, path.removeprefix(prefix)), lane=_LANE)
        if path.startswith("/api/handles/"):
            return Plan(kind="record", answer=partial(self._handle, path.removeprefix("/api/handles/")), lane=_LANE)
        return Plan(kind="record", answer=partial(self._redirect, request, path.lstrip("/")), lane=_LANE)

    def _agencies(self, names: str) -> Response:
        found = []
        for name in names.split(","):
            prefix = name.strip().split("/", 1)[0]
            if not prefix.startswith("10."):
                found.append({"DOI": name, "status": "Invalid DOI"})
            elif "/" in name and self._catalogue.by_doi(name) is None:
                found.append({"DOI": name, "status": "DOI does not exist"})
            else:
                found.append({"DOI": name, "RA": self._catalogue.agency(name.strip())})
        return text_response(json.dumps(found, indent=2), _JSON)

    def _handle(self, doi: str) -> Response:
        record = self._catalogue.by_doi(doi)
        if record is None:
            return json_response({"responseCode": 100, "handle": doi}, status=404, content_type=_JSON)
        values = [
            {
                "index": 1,
                "type": "URL",
                "data": {"format": "string", "value": self._target(doi) or ""},
                "ttl": 86400,
                "timestamp": "2026-01-01T00:00:00Z",
            }
        ]
        return json_response({"responseCode": 1, "handle": doi, "values": values}, content_type=_JSON)

    def _target(self, doi: str) -> str | None:
        """The landing page a DOI leads to: at arXiv, or at the publisher."""
        record = self._catalogue.by_doi(doi)
        if record is None:
            return None
        access = self._catalogue.access(record)
        if record.prefix == "10.48550" and access.arxiv_id:
            return f"{self._catalogue.base('arxiv')}/abs/{access.arxiv_id}"
        return f"{self._catalogue.base(access.publisher_site)}/article/{record.position}"

    def _redirect(self, request: Request, doi: str) -> Response:
        if not doi.startswith("10.") or "/" not in doi:
            return _page("Error: Not a DOI", status=400)
        target = self._target(doi)
        if target is None:
            return _page("Error: DOI Not Found", status=404)
        accept = request.headers.get("accept", "")
        if "citationstyles" in accept or "bibtex" in accept:
            if self._catalogue.agency(doi) == "Crossref":
                target = f"{self._catalogue.base('crossref')}/v1/works/{quote(doi, safe='')}/transform"
            else:  # this host stands for data.crosscite.org and those of the other agencies as well
                target = f"{self._catalogue.base('datacite')}{_CSL_PATH}/{quote(doi, safe='/')}"
        link = f'<a href="{escape(target)}">{escape(target)}</a>'
        body = f"<html><head><title>Handle Redirect</title></head>\n<body>{link}</body></html>"
        return text_response(
            body, _HTML, (("location", target), ("vary", "Origin, Accept"), ("server", "cloudflare")), status=302
        )


def _page(title: str, *, status: int) -> Response:
    return html_response(
        f'<!DOCTYPE html>\n<html lang="en-us">\n<head>\n    <title>{title}</title>\n</head></html>', status=status
    )
