"""OpenAlex: works by identifier, lists and searches, paid for in credits."""

from __future__ import annotations

import base64
import binascii
import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.deposits import referenced
from dl_lit.replica.records import Record, normal_doi
from dl_lit.replica.services.openalex_budget import DOLLARS_PER_CREDIT, Budget, budget_headers, limit_body
from dl_lit.replica.services.openalex_query import (
    SEARCH_FILTERS,
    Condition,
    Query,
    Refused,
    decoded_url,
    invalid_select,
    parse_query,
    parse_select,
)
from dl_lit.replica.services.openalex_search import in_order, in_range, searched
from dl_lit.replica.services.openalex_works import FIELDS, describe
from dl_lit.replica.services.settings import Settings
from dl_lit.replica.wire import Header, Plan, Refusal, Request, Response, html_response, json_response

_MAX_TARGET_BYTES = 8_190
_LIST_CREDITS = 1
_SEARCH_CREDITS = 10
_SCANNED = 50_000  # records looked at by filters that no index serves

_NOT_FOUND = (
    "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
    "<p>The requested URL was not found on the server. If you entered the URL manually please check your "
    "spelling and try again.</p>\n"
)
_COMMON: tuple[Header, ...] = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, HEAD, POST, OPTIONS"),
    (
        "access-control-allow-headers",
        "Accept, Accept-Language, Accept-Encoding, Authorization, Content-Type, X-OpenAlex-UI",
    ),
    ("server", "cloudflare"),
)


class OpenAlex:
    """api.openalex.org."""

    def __init__(self, catalogue: Catalogue, settings: Settings, time_scale: float) -> None:
        """Budgets are counted by key; all keyless clients share one address here, and so one budget."""
        self._catalogue = catalogue
        self._settings = settings
        self._time_scale = time_scale
        self._budgets: dict[str, Budget] = {}
        self._citing: dict[int, list[Record]] | None = None  # by the cited work's position, made when first asked for
        self._look_ups = self._make_look_ups()

    def plan(self, request: Request) -> Plan:
        """Classify, price and answer."""
        key = _key(request)
        if key is not None and self._settings.openalex_keys is not None and key not in self._settings.openalex_keys:
            return Plan(kind="other", answer=_bad_key, charge=_bad_key)
        kind, credits_, answer = self._route(request)
        return self.priced(request, kind, credits_, answer)

    def priced(self, request: Request, kind: str, credits_: int, answer: Callable[[], Response]) -> Plan:
        """Answer with `answer`, for so many credits of the request's key."""
        key = _key(request)
        budget = self._budget(key)
        return Plan(
            kind=kind,
            answer=partial(self._with_headers, answer, budget, credits_),
            lane="openalex/keyed" if key else "openalex/anonymous",
            refuse=partial(self._too_fast, budget, key is not None),
            charge=partial(self._charge, budget, credits_),
            credits=credits_,
        )

    def _route(self, request: Request) -> tuple[str, int, Callable[[], Response]]:
        """Kind, price and answer of a request."""
        path = request.path
        if len(request.target) > _MAX_TARGET_BYTES:
            return "other", 0, partial(html_response, "<h1>414 Request-URI Too Large</h1>", status=414)
        if path == "/rate-limit":
            return "other", 0, partial(self._rate_limit, request)
        if path.rstrip("/") == "/works":
            try:
                query = parse_query(request.raw_query)
                _check_select(query.select)
            except Refused as refused:
                response = refused.response
                return "search", 0, lambda: response
            if query.searches:
                return "search", _SEARCH_CREDITS, partial(self._list, request, query)
            return "batch", _LIST_CREDITS, partial(self._list, request, query)
        if path.startswith("/works/"):
            identifier = unquote(request.raw_path.removeprefix("/works/"))
            credits_ = _LIST_CREDITS if identifier.startswith(("http://", "https://")) else 0
            return "record", credits_, partial(self._record, request, identifier)
        return "other", 0, _not_found

    def _record(self, request: Request, identifier: str) -> Response:
        record = self._find(identifier)
        if record is None or not self._catalogue.access(record).in_openalex:
            return _not_found()
        select = parse_select(request.params().get("select", ""))
        try:
            _check_select(select)
        except Refused as refused:
            return refused.response
        return json_response(describe(self._catalogue, record, select), _COMMON)

    def _find(self, identifier: str) -> Record | None:
        lowered = identifier.lower()
        if lowered.startswith(("doi:", "10.", "https://doi.org/", "http://doi.org/", "http://dx.doi.org/")):
            return self._catalogue.by_doi(identifier)
        if lowered.startswith("pmid:"):
            return self._catalogue.by_pmid(identifier[5:].rpartition("/")[2])
        if lowered.startswith("pmcid:"):
            return self._catalogue.by_pmcid(identifier[6:].rpartition("/")[2])
        return self._catalogue.by_openalex(identifier)

    def _list(self, request: Request, query: Query) -> Response:
        start = time.perf_counter()
        count, records, cursor = self._matching(query)
        results = []
        for score, record in records:
            work = describe(self._catalogue, record, query.select, in_list=True)
            if score is not None and (not query.select or "relevance_score" in query.select):
                work["relevance_score"] = score
            results.append(work)
        meta: dict[str, Any] = {
            "count": count,
            "db_response_time_ms": int((time.perf_counter() - start) * 1000),
            "page": None if query.cursor else query.page,
            "per_page": query.per_page,
            "groups_count": None,
            "x_query": {"oql": "get works", "oqo": {"get_rows": "works"}, "url": decoded_url(request.target)},
            "cost_usd": (_SEARCH_CREDITS if query.searches else _LIST_CREDITS) * DOLLARS_PER_CREDIT,
        }
        if query.cursor:
            meta["next_cursor"] = cursor
        return json_response({"meta": meta, "results": results, "group_by": []}, _COMMON)

    def _matching(self, query: Query) -> tuple[int, list[tuple[float | None, Record]], str | None]:
        """How many works match, this page of them with their scores, and the next cursor."""
        found = in_order(self._catalogue, self._all_matching(query), query.sort)
        if query.sample is not None:
            found = sorted(found, key=lambda pair: self._catalogue.number(pair[1], "sample", 2**40))[: query.sample]
        offset = _offset(query.cursor) if query.cursor else (query.page - 1) * query.per_page
        page = found[offset : offset + query.per_page]
        following = _cursor(offset + query.per_page) if page else None
        return len(found), page, following

    def _all_matching(self, query: Query) -> list[tuple[float | None, Record]]:
        searches = [condition for condition in query.conditions if condition.name in SEARCH_FILTERS]
        others = [condition for condition in query.conditions if condition.name not in SEARCH_FILTERS]
        found: list[tuple[float | None, Record]]
        if searches:
            found = searched(self._catalogue, searches[0].name, searches[0].values[0])
        else:
            found = [(None, record) for record in self._candidates(others)]
        others = [condition for condition in others if condition.name in _COMPARED]
        return [
            (score, record)
            for score, record in found
            if self._catalogue.access(record).in_openalex
            and all(self._meets(record, condition) for condition in others)
        ]

    def _candidates(self, conditions: list[Condition]) -> list[Record]:
        """The records that all indexed filters name, in the order of their numbers; else the first of the universe."""
        named: dict[int, Record] | None = None
        for condition in conditions:
            look_up = self._look_ups.get(condition.name)
            if look_up is not None:
                found = {record.position: record for value in condition.values for record in look_up(value)}
                named = found if named is None else {place: record for place, record in named.items() if place in found}
        if named is not None:
            return [named[position] for position in sorted(named)]
        index = self._catalogue.universe.index
        return [index.record(position) for position in range(min(len(index), _SCANNED))]

    def _make_look_ups(self) -> dict[str, Callable[[str], list[Record]]]:
        """The filters an index serves."""
        catalogue = self._catalogue
        by_openalex = _listed(catalogue.by_openalex)
        by_pmid = _listed(lambda value: catalogue.by_pmid(value.rpartition("/")[2]))
        by_pmcid = _listed(lambda value: catalogue.by_pmcid(value.rpartition("/")[2]))
        return {
            "doi": _listed(lambda value: catalogue.by_doi(normal_doi(value))),
            "openalex": by_openalex,
            "openalex_id": by_openalex,
            "ids.openalex": by_openalex,
            "ids.pmid": by_pmid,
            "pmid": by_pmid,
            "ids.pmcid": by_pmcid,
            "pmcid": by_pmcid,
            "cited_by": self._cited_by,
            "cites": self._cites,
            "locations.landing_page_url": self._landing,
        }

    def _cited_by(self, value: str) -> list[Record]:
        citing = self._catalogue.by_openalex(value)
        return referenced(self._catalogue, citing) if citing else []

    def _cites(self, value: str) -> list[Record]:
        """The works whose reference list has this one, as far as it was matched."""
        if self._citing is None:
            self._citing = {}
            for record in self._catalogue.universe:
                for one in referenced(self._catalogue, record) if record.references else ():
                    self._citing.setdefault(one.position, []).append(record)
        cited = self._catalogue.by_openalex(value)
        return self._citing.get(cited.position, []) if cited else []

    def _landing(self, value: str) -> list[Record]:
        """Works with a location at this page; arXiv's pages are found under their public addresses too."""
        found = self._catalogue.by_arxiv(value.rpartition("/abs/")[2]) if "/abs/" in value else None
        return [found] if found else []

    def _meets(self, record: Record, condition: Condition) -> bool:
        field, part = _COMPARED[condition.name]
        if field == "publication_year":
            year = describe(self._catalogue, record, (field,))[field]
            return any(in_range(year, value) for value in condition.values)
        actual = describe(self._catalogue, record, (field,))[field]
        if part == "known":
            actual = actual is not None
        elif part and part not in {"from", "to"}:
            actual = actual[part]
        text = str(actual).lower() if isinstance(actual, bool) else str(actual)
        if part in {"from", "to"}:
            return text >= condition.values[0] if part == "from" else text <= condition.values[0]
        return text in condition.values

    def _budget(self, key: str | None) -> Budget:
        name = key or ""
        found = self._budgets.get(name)
        if found is None:
            limit = self._settings.openalex_credits_keyed if key else self._settings.openalex_credits
            found = self._budgets[name] = Budget(limit, self._time_scale)
        return found

    def _charge(self, budget: Budget, credits_: int) -> Response | None:
        if budget.take(credits_):
            return None
        reset_s = budget.reset_s()
        cost, left = credits_ * DOLLARS_PER_CREDIT, budget.remaining * DOLLARS_PER_CREDIT
        message = (
            f"Insufficient budget. This request costs ${cost:g} but you only have ${left:g} remaining. "
            "Resets at midnight UTC. Need more? Add funds at https://openalex.org/pricing"
        )
        body = limit_body(message, float(reset_s), budget, credits_)
        headers = (
            ("retry-after", str(reset_s)),
            ("x-ratelimit-credits-required", str(credits_)),
            ("x-ratelimit-cost-required-usd", f"{cost:g}"),
            *budget_headers(budget),
        )
        return json_response(body, (*_COMMON, *headers), status=429)

    def _too_fast(self, budget: Budget, keyed: bool, refusal: Refusal) -> Response:  # noqa: FBT001 - bound by partial
        rate = 30 if keyed else 10
        message = f"Rate limit exceeded: {rate} requests per second. Please slow down."
        headers = (
            ("retry-after", str(max(1, math.ceil(refusal.wait_s)))),
            ("x-ratelimit-reset", str(budget.reset_s())),
        )
        return json_response(limit_body(message, refusal.wait_s, budget, 0), (*_COMMON, *headers), status=429)

    def _with_headers(self, answer: Callable[[], Response], budget: Budget, credits_: int) -> Response:
        response = answer()
        headers = (
            *response.headers,
            *budget_headers(budget),
            ("x-ratelimit-credits-used", str(credits_)),
            ("x-ratelimit-cost-usd", f"{credits_ * DOLLARS_PER_CREDIT:g}"),
        )
        return Response(response.status, response.body, headers)

    def _rate_limit(self, request: Request) -> Response:
        key = _key(request)
        if key is None:
            return _bad_key()
        budget = self._budget(key)
        used = budget.limit - budget.remaining
        body = {
            "api_key": f"{key[:3]}...{key[-3:]}",
            "is_grandfathered": False,
            "rate_limit": {
                "daily_budget_usd": budget.limit * DOLLARS_PER_CREDIT,
                "daily_used_usd": used * DOLLARS_PER_CREDIT,
                "daily_remaining_usd": budget.remaining * DOLLARS_PER_CREDIT,
                "resets_in_seconds": budget.reset_s(),
                "credits_limit": budget.limit,
                "credits_used": used,
                "credits_remaining": budget.remaining,
                "credit_costs": {"singleton": 0, "list": _LIST_CREDITS, "search": _SEARCH_CREDITS, "content": 100},
            },
        }
        return json_response(body, _COMMON)


# The filters that no index serves: the field they compare, and its part ("known": whether there is one).
_COMPARED: dict[str, tuple[str, str]] = {
    "publication_year": ("publication_year", ""),
    "from_publication_date": ("publication_date", "from"),
    "to_publication_date": ("publication_date", "to"),
    "language": ("language", ""),
    "type": ("type", ""),
    "is_oa": ("open_access", "is_oa"),
    "open_access.is_oa": ("open_access", "is_oa"),
    "open_access.oa_status": ("open_access", "oa_status"),
    "has_doi": ("doi", "known"),
    "is_retracted": ("is_retracted", ""),
}


def _listed(look_up: Callable[[str], Record | None]) -> Callable[[str], list[Record]]:
    def found(value: str) -> list[Record]:
        record = look_up(value)
        return [record] if record else []

    return found


def _check_select(select: tuple[str, ...]) -> None:
    for name in select:
        if name not in FIELDS and name != "relevance_score":
            raise Refused(invalid_select(name, list(FIELDS)))


def _key(request: Request) -> str | None:
    """The key a request carries in one of the accepted places, None without one."""
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith("bearer "):
        return authorization[7:].strip() or None
    if "api_key=" in request.raw_query:
        return request.params().get("api_key") or None
    return request.headers.get("api_key") or request.headers.get("api-key") or None


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset:{offset}".encode()).decode()


def _offset(cursor: str) -> int:
    if cursor == "*":
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("offset:"))
    except (ValueError, binascii.Error):
        return 0


def _bad_key() -> Response:
    body = {"error": "Invalid or missing API key", "message": "API key not found"}
    return json_response(body, (("cache-control", "no-store"),), status=401)


def _not_found() -> Response:
    return html_response(_NOT_FOUND, _COMMON, status=404)
