"""Crossref's REST API: records, lists by filter, and searches that nearly always find something."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.notices import made_up, notices_about
from dl_lit.replica.records import Record
from dl_lit.replica.services.crossref_query import Invalid, by_author, check_select, integer, meets, parse_filters
from dl_lit.replica.services.crossref_works import bibtex, citation, csl, describe
from dl_lit.replica.wire import Header, Plan, Refusal, Request, Response, json_response, text_response

_MAX_ROWS = 1_000
_MAX_SAMPLE = 100
_MAX_OFFSET = 10_000
_MAX_TARGET_BYTES = 8_190
_SCANNED = 20_000  # records looked at by filters that no index serves
_FOUND = 1_000  # hits a search ranks for paging

_COMMON: tuple[Header, ...] = (
    ("access-control-allow-origin", "*"),
    (
        "access-control-allow-headers",
        "X-Requested-With, Accept, Accept-Encoding, Accept-Charset, Accept-Language, Accept-Ranges, Cache-Control",
    ),
    ("access-control-expose-headers", "Link"),
    ("permissions-policy", "interest-cohort=()"),
    ("server", "Jetty(9.4.40.v20210413)"),
    ("vary", "Accept-Encoding"),
)
# What the headers announce, by pool: permits a second and concurrency (recorded 2026-07-23 and 2026-10-06).
_POOLS = {
    "polite-single": ("10", "3"),
    "polite-array": ("3", "3"),
    "public-single": ("5", "1"),
    "public-array": ("1", "1"),
}
_QUERIES = ("query", "query.bibliographic", "query.title", "query.author", "query.container-title")
_PARAMETERS = frozenset(
    {
        *_QUERIES,
        "query.editor",
        "query.affiliation",
        "query.publisher-name",
        "filter",
        "rows",
        "offset",
        "cursor",
        "select",
        "sort",
        "order",
        "sample",
        "facet",
        "mailto",
    }
)
_TOO_MANY = (
    "<html><body><h1>429 Too Many Requests</h1>\n"
    "You have sent too many requests in a given amount of time.\n</body></html>\n"
)


class Crossref:
    """api.crossref.org."""

    def __init__(self, catalogue: Catalogue, time_scale: float = 1.0) -> None:
        """Records registered with DataCite, or without DOI, are not there."""
        self._catalogue = catalogue
        self._interval = f"{1.0 / time_scale:g}s"

    def plan(self, request: Request) -> Plan:
        """Classify by route and pool."""
        raw_path = request.raw_path.removeprefix("/v1") if request.raw_path.startswith("/v1/") else request.raw_path
        polite = "mailto=" in request.raw_query or "mailto:" in request.user_agent
        kind, answer = self._route(request, raw_path)
        pool = f"{'polite' if polite else 'public'}-{'single' if kind in {'record', 'other'} else 'array'}"
        headers = _pool_headers(pool, self._interval)
        return Plan(
            kind=kind,
            answer=lambda: _with(answer(), headers),
            lane=f"crossref/{pool.partition('-')[2]}/{pool.partition('-')[0]}",
            refuse=_too_many,
        )

    def _route(self, request: Request, raw_path: str) -> tuple[str, Callable[[], Response]]:
        if len(request.target) > _MAX_TARGET_BYTES:
            return "other", partial(text_response, "<h1>414 Request-URI Too Large</h1>", "text/html", status=414)
        if raw_path.rstrip("/") == "/works":
            params = request.params()
            searches = any(name.startswith("query") for name in params)
            return ("search" if searches else "batch"), partial(self._list, params)
        if not raw_path.startswith("/works/"):
            return "other", _not_found
        doi, _, mime = unquote(raw_path.removeprefix("/works/")).partition("/transform")
        if "/transform" in raw_path:
            return "record", partial(self._transform, doi, mime.strip("/") or request.headers.get("accept", ""))
        if doi.endswith("/agency"):
            return "record", partial(self._agency, doi.removesuffix("/agency"))
        return "record", partial(self._record, request, doi)

    def _find(self, doi: str) -> Record | None:
        record = self._catalogue.by_doi(doi) or made_up(self._catalogue, doi.lower())
        return record if record and self._is_here(record) else None

    def _is_here(self, record: Record) -> bool:
        return record.doi is not None and self._catalogue.agency(record.doi) == "Crossref"

    def _record(self, request: Request, doi: str) -> Response:
        if any(name.startswith("query.") for name in request.params()):
            problem = Invalid("parameter-not-allowed", "query.*", "This route does not support field query parameters")
            return _refused(problem)
        record = self._find(doi)
        if record is None:
            return _not_found()
        return _message("work", describe(self._catalogue, record))

    def _agency(self, doi: str) -> Response:
        record = self._catalogue.by_doi(doi)
        if record is None or record.doi is None:
            return _not_found("application/json;charset=utf-8")
        label = self._catalogue.agency(record.doi)
        return _message("work-agency", {"DOI": record.doi, "agency": {"id": label.lower(), "label": label}})

    def _transform(self, doi: str, mime: str) -> Response:
        record = self._find(doi)
        if record is None:
            return _not_found("text/plain;charset=utf-8")
        if "bibtex" in mime:
            return text_response(bibtex(record), "application/x-bibtex", _COMMON)
        if "x-bibliography" in mime:
            return text_response(citation(record), "text/x-bibliography", _COMMON)
        if "json" in mime or mime in {"", "*/*"}:
            return json_response(
                csl(self._catalogue, record), _COMMON, content_type="application/vnd.citationstyles.csl+json"
            )
        return text_response("", "text/plain", _COMMON, status=406)

    def _list(self, params: dict[str, str]) -> Response:
        try:
            return self._listed(params)
        except Invalid as problem:
            return _refused(problem)

    def _listed(self, params: dict[str, str]) -> Response:
        for name in params:
            if name not in _PARAMETERS:
                raise Invalid("unknown-parameter", name, f"Parameter {name} is not a valid parameter")
        rows = integer(params, "rows", 20, _MAX_ROWS)
        offset = integer(params, "offset", 0, _MAX_OFFSET)
        cursor = params.get("cursor")
        if cursor is not None:
            decoded = _decode_cursor(cursor)
            if decoded is None:
                return _bad_cursor(cursor)
            offset = decoded
        select = tuple(name for name in params.get("select", "").split(",") if name)
        check_select(select)
        total, pairs = self._matching(params, offset + rows)
        items = [describe(self._catalogue, record, select, score) for score, record in pairs[offset : offset + rows]]
        message: dict[str, Any] = {"facets": {}, "total-results": total, "items": items, "items-per-page": rows}
        if cursor is not None:
            message["next-cursor"] = _encode_cursor(offset + rows)
        message["query"] = {"start-index": 0 if cursor is not None else offset, "search-terms": params.get("query")}
        return _message("work-list", message)

    def _matching(self, params: dict[str, str], wanted: int) -> tuple[int, list[tuple[float, Record]]]:
        """How many works match (nearly), and the first of them with their scores."""
        filters = parse_filters(params.get("filter", ""))
        text = " ".join(params[name] for name in _QUERIES if params.get(name))
        sample = integer(params, "sample", 0, _MAX_SAMPLE) if "sample" in params else None
        if text:
            found = self._catalogue.find(text, min(_FOUND, max(wanted * 2, 40)))
            pairs = [(hit.score, hit.record) for hit in found.hits if self._is_here(hit.record)]
            author = params.get("query.author")
            if author:
                pairs = by_author(pairs, author)
            pairs = [pair for pair in pairs if meets(pair[1], filters)]
            return (max(found.total, len(pairs)) if pairs and not filters else len(pairs)), pairs
        records = self._candidates(filters)
        if sample is not None:
            records = sorted(records, key=lambda record: self._catalogue.number(record, "sample", 2**40))[:sample]
        return len(records), [(1, record) for record in records]

    def _candidates(self, filters: dict[str, list[str]]) -> list[Record]:
        """The works of a list without a query, in no order a client may rely on."""
        if "doi" in filters:
            found = (self._find(doi) for doi in filters["doi"])
            unique = {record.position: record for record in found if record is not None}
            records = sorted(unique.values(), key=lambda record: self._catalogue.number(record, "order", 2**40))
        elif "updates" in filters:
            concerned = (self._find(doi) for doi in filters["updates"])
            notices = (one for record in concerned if record for one in notices_about(self._catalogue, record))
            records = list({notice.doi: notice for notice in notices}.values())
        else:
            index = self._catalogue.universe.index
            records = [index.record(position) for position in range(min(len(index), _SCANNED))]
            records = [record for record in records if self._is_here(record)]
        return [record for record in records if meets(record, filters)]


def _encode_cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"cursor:{offset}".encode()).decode()


def _decode_cursor(cursor: str) -> int | None:
    """The offset behind a cursor, None for one that was not made here."""
    if cursor == "*":
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor).decode()
    except (ValueError, binascii.Error):
        return None
    number = text.removeprefix("cursor:")
    return int(number) if text.startswith("cursor:") and number.isdigit() else None


def _bad_cursor(cursor: str) -> Response:
    detail = {"type": "cursor-invalid", "value": cursor, "message": "Cursor specified but it is invalid"}
    return json_response(
        {"status": "failed", "message-type": "resource-failure", "message": [detail]}, _COMMON, status=404
    )


def _message(kind: str, message: dict[str, Any]) -> Response:
    return json_response(
        {"status": "ok", "message-type": kind, "message-version": "1.0.0", "message": message}, _COMMON
    )


def _refused(problem: Invalid) -> Response:
    return json_response(problem.body, _COMMON, status=400, content_type="application/json;charset=utf-8")


def _not_found(content_type: str = "text/plain") -> Response:
    return text_response("Resource not found.", content_type, _COMMON, status=404)


def _too_many(refusal: Refusal) -> Response:
    del refusal  # the real one does not say when to come back
    return text_response(_TOO_MANY, "text/html", (("cache-control", "no-cache"),), status=429, close=True)


def _pool_headers(pool: str, interval: str) -> tuple[Header, ...]:
    limit, concurrency = _POOLS[pool]
    return (
        ("x-api-pool", pool),
        ("x-rate-limit-limit", limit),
        ("x-rate-limit-interval", interval),
        ("x-concurrency-limit", concurrency),
    )


def _with(response: Response, headers: tuple[Header, ...]) -> Response:
    return Response(response.status, response.body, (*response.headers, *headers), close=response.close)
