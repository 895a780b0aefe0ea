"""What a service's HTTP answer means: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from dl_lit.core.backoff import retry_after_s
from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Service
from dl_lit.core.values import dataclass
from dl_lit.net.report import Verdict
from dl_lit.net.walls import wall_of_page

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REFUSES_THE_REQUEST = frozenset({400, 410, 413, 414, 422})  # 410: what was there has been withdrawn
_DAY_S = 86_400.0
_HOUR_S = 3_600.0

_BLOCKED_FOR_S: dict[str, float] = {
    # "403: a person blocked you": https://www.crossref.org/documentation/retrieve-metadata/rest-api/ (read 2026-11-22)
    "crossref": _DAY_S,
    # carrying on after a refusal counts as an attack: https://info.arxiv.org/help/robots.html (read 2026-11-22)
    "arxiv": _DAY_S,
    # a bucket answers 403 for an object that it does not want to list; that blocks nobody
    "pmc": 0.0,
}


_BUSY_S: dict[str, float] = {
    # 503 means that all engines are busy, "send again after 3-6 seconds": back-pressure, which says nothing of health
    # https://grobid.readthedocs.io/en/latest/Grobid-service/ (read 2026-11-22)
    "grobid": 5.0,
}

# https://citation.doi.org/docs.html (read 2026-11-23): the agency that registered the DOI answers
_LEADS_ELSEWHERE = frozenset({"doi"})

# What GROBID says of a file it cannot read, now or ever; the page linked above lists the codes.
_UNREADABLE_FOR_GROBID = re.compile(
    rb"\b(?:BAD_INPUT_DATA|NO_BLOCKS|TOO_MANY_BLOCKS|TOO_MANY_TOKENS|TAGGING_ERROR|PARSING_ERROR|"
    rb"PDFALTO_CONVERSION_FAILURE|PDF2XML_CONVERSION_FAILURE)\b"
)
_TOO_LONG_FOR_GROBID = re.compile(rb"\bTIMEOUT\b")
_NOTHING_THERE = frozenset({"grobid"})  # 204 of these: read, and nothing found


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that establishes nothing: the error to raise, and what it means for the service."""

    error: ServiceError
    status: int
    verdict: Verdict
    retry_after_s: float | None = None
    park_s: float = 0.0


def judge(service: Service, status: int, headers: Mapping[str, str], body: bytes, now: float) -> Refused | None:
    """Why the answer must not be used; None for one that establishes something (200, 404) or leads on (3xx)."""
    name = service.name
    after = retry_after_s(headers.get("retry-after"), now) if status in {429, 503} else None
    told = _excerpt(headers, body)
    if status == 200:
        if is_html(headers, body) and service.answers_in_html:
            return _challenge(name, body)
        if is_html(headers, body):
            error = ServiceError(name, Reason.BAD_ANSWER, f"HTML where data was expected: {told}")
        elif is_broken_json(headers, body):
            error = ServiceError(name, Reason.BAD_ANSWER, f"not the JSON that it says it is: {told}")
        else:
            return None
        return Refused(error, status, Verdict.FAILED)
    if status == 404 or status in REDIRECTS or (status == 204 and name in _NOTHING_THERE):
        return None
    if status == 503 and name in _BUSY_S:
        rest_s = _BUSY_S[name] if after is None else max(after, 1.0)
        error = ServiceError(name, Reason.RATE_LIMITED, f"HTTP 503 {told}", after=rest_s, costs_attempt=False)
        return Refused(error, status, Verdict.SAYS_NOTHING, rest_s, park_s=rest_s)
    if status == 500 and name == "grobid" and _UNREADABLE_FOR_GROBID.search(body):
        return Refused(RequestRefused(name, status, told), status, Verdict.ANSWERED)
    if status == 500 and name == "grobid" and _TOO_LONG_FOR_GROBID.search(body):
        return Refused(ServiceError(name, Reason.SERVICE_DOWN, f"HTTP 500 {told}"), status, Verdict.SAYS_NOTHING)
    if status in _REFUSES_THE_REQUEST:
        return Refused(RequestRefused(name, status, told), status, Verdict.ANSWERED)
    if status == 429:
        error = ServiceError(name, Reason.RATE_LIMITED, f"HTTP 429 {told}", after=after, costs_attempt=False)
        return Refused(error, status, Verdict.SAYS_NOTHING, after)
    if status in {401, 403} or (status == 406 and not body):
        return _blocked(name, status, told)
    if status >= 500 or status == 408:
        error = ServiceError(name, Reason.SERVICE_DOWN, f"HTTP {status} {told}", after=after)
        return Refused(error, status, Verdict.FAILED, after)
    return Refused(ServiceError(name, Reason.BAD_ANSWER, f"HTTP {status} {told}"), status, Verdict.FAILED)


def leads_elsewhere(service: Service) -> bool:
    """Whether the service's redirects to other hosts are to be followed: doi.org sends on to the agencies'."""
    return service.name in _LEADS_ELSEWHERE


def judge_elsewhere(
    service: Service, status: int, headers: Mapping[str, str], body: bytes, now: float
) -> Refused | None:
    """Like `judge`, for the answer of a host that a redirect led to: no failure of it is the service's own.

    A web page, a login or a wall mean that this host describes nothing to programs: `RequestRefused`.
    """
    del now
    if (status == 200 and not is_html(headers, body)) or status == 404 or status in REDIRECTS:
        return None
    told = _excerpt(headers, body)
    if status < 500 and status not in {408, 429}:
        return Refused(RequestRefused(service.name, status, told), status, Verdict.ANSWERED)
    error = ServiceError(service.name, Reason.BAD_ANSWER, f"HTTP {status} of another host: {told}")
    return Refused(error, status, Verdict.SAYS_NOTHING)


def _challenge(name: str, body: bytes) -> Refused | None:
    """Why a page that was hoped for is none; it is left alone for an hour, as challenges are not solved."""
    wall = wall_of_page(body.decode("utf-8", errors="replace"))
    if wall is None:
        return None
    told = f"{wall.value}: a page for browsers only"
    error = ServiceError(name, Reason.SERVICE_DOWN, told, after=_HOUR_S, costs_attempt=False)
    return Refused(error, 200, Verdict.FAILED, park_s=_HOUR_S)


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the body is a web page, by its beginning or by what it says it is."""
    start = body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return True
    return headers.get("content-type", "").lower().startswith("text/html") and start[:1] not in {b"{", b"["}


def is_broken_json(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the body says that it is JSON, and is not: what a failing service or a proxy before it sends."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return False
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return False


def _blocked(name: str, status: int, told: str) -> Refused:
    """The service will not talk to us: leave it alone for long."""
    park_s = _BLOCKED_FOR_S.get(name, _HOUR_S)
    detail = f"HTTP {status}: it refuses to answer us {told}".strip()
    if not park_s:
        return Refused(ServiceError(name, Reason.BAD_ANSWER, detail), status, Verdict.FAILED)
    error = ServiceError(name, Reason.SERVICE_DOWN, detail, after=park_s, costs_attempt=False)
    return Refused(error, status, Verdict.SAYS_NOTHING, park_s=park_s)


def _excerpt(headers: Mapping[str, str], body: bytes) -> str:
    """The first line's worth of an error body, for the detail."""
    if headers.get("content-type", "").lower().startswith(("application/pdf", "image/")):
        return ""
    return " ".join(body[:400].decode("utf-8", "replace").split())[:200]
