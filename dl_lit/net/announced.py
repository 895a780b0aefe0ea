"""What services say about their limits in the headers of their answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dl_lit.core.learning import Announced
from dl_lit.core.services import Service
from dl_lit.net.report import Said

_REST_CAP_S = 3_600.0  # a window that is used up for longer is a budget, which a refusal will tell of
_EPOCH_FROM = 1_000_000_000  # a reset this large is a moment, not a length of time
_MILLISECONDS_FROM = 100_000_000_000

_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_INTERVAL = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h|d)?", re.ASCII)
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_POLICY = re.compile(r"(\d{1,9})\s*;\s*w=(\d{1,9})", re.ASCII)

# NCBI's X-RateLimit-Limit is per second: https://www.ncbi.nlm.nih.gov/books/NBK25497/ (read 2026-11-22)
_PER_SECOND = frozenset({"pubmed"})


def said(service: Service, headers: Mapping[str, str], now: float) -> Said | None:
    """What the answer's headers (lower-case names) say about limits; None where they say nothing.

    `now` is in seconds since the epoch.
    """
    if service.credits_per_day is not None or service.credits_per_day_keyed is not None:
        return _credits(headers, now)
    rate = _crossref(headers) or _policy(headers)
    limit = _number(headers, "x-ratelimit-limit", "ratelimit-limit")
    if rate is None and limit and service.name in _PER_SECOND:
        rate = Announced(permits=int(limit))
    rest_s = 0.0
    if service.name not in _PER_SECOND and _number(headers, "x-ratelimit-remaining", "ratelimit-remaining") == 0:
        rest_s = min(_REST_CAP_S, _resets_in_s(headers, now) or 0.0)
    return None if rate is None and not rest_s else Said(rate=rate, rest_s=rest_s)


def _credits(headers: Mapping[str, str], now: float) -> Said | None:
    """OpenAlex: https://developers.openalex.org/guides/authentication (read 2026-11-22)."""
    limit, left = _number(headers, "x-ratelimit-limit"), _number(headers, "x-ratelimit-remaining")
    if limit is None and left is None:
        return None
    return Said(
        credits_per_day=None if limit is None else int(limit),
        credits_left=None if left is None else int(left),
        resets_in_s=_resets_in_s(headers, now),
    )


def _crossref(headers: Mapping[str, str]) -> Announced | None:
    """Linked at Crossref's limits in `core.services`; an interval may come in any unit."""
    limit = _number(headers, "x-rate-limit-limit")
    concurrency = _number(headers, "x-concurrency-limit")
    pool = headers.get("x-api-pool", "").strip().lower()
    if not limit and not concurrency and not pool:
        return None
    interval = _INTERVAL.fullmatch(headers.get("x-rate-limit-interval", "1s").strip().lower())
    seconds = float(interval[1]) * _UNITS_S[interval[2] or "s"] if interval else 0.0
    return Announced(
        permits=int(limit) if limit and seconds > 0.0 else None,
        seconds=seconds if seconds > 0.0 else 1.0,
        concurrency=int(concurrency) if concurrency else None,
        is_polite=pool.startswith(("polite", "plus")) if pool else None,
    )


def _policy(headers: Mapping[str, str]) -> Announced | None:
    """`RateLimit-Policy: 100;w=60` of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/."""
    found = _POLICY.search(headers.get("ratelimit-policy", ""))
    if found is None or int(found[1]) < 1 or int(found[2]) < 1:
        return None
    return Announced(permits=int(found[1]), seconds=float(found[2]))


def _resets_in_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the window begins anew; services write them, or the moment in seconds or in milliseconds."""
    reset = _number(headers, "x-ratelimit-reset", "ratelimit-reset")
    if reset is None:
        return None
    if reset >= _MILLISECONDS_FROM:
        reset /= 1_000.0
    return max(0.0, reset - now) if reset >= _EPOCH_FROM else reset


def _number(headers: Mapping[str, str], *names: str) -> float | None:
    for name in names:
        if _NUMBER.fullmatch(text := headers.get(name, "").strip()):
            return float(text)
    return None
