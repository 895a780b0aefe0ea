"""When a provider that says "too much" wants us back, in all the forms in which they say so: pure.

    Retry-After                            seconds or a date; everybody
    retry-after-ms                         OpenAI, Azure
    x-ratelimit-reset-requests, -tokens    "6ms", "1m3s", for what has none remaining; OpenAI, Azure
    x-ratelimit-reset                      the moment in (milli)seconds, or seconds to go; OpenRouter
    anthropic-ratelimit-…-reset            the moment as RFC 3339, for what has none remaining
    error.metadata.headers                 OpenRouter repeats headers in the body
    error.details[].retryDelay             "34s"; Gemini
    error.message                          "Please try again in 1.2s", "Please retry after 6 seconds"

https://platform.openai.com/docs/guides/rate-limits, https://openrouter.ai/docs/api-reference/limits,
https://docs.claude.com/en/api/rate-limits, https://ai.google.dev/gemini-api/docs/rate-limits (read 2026-11-23).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dl_lit.core.backoff import RETRY_AFTER_CAP_S, retry_after_s

_EPOCH_FROM = 1_000_000_000  # a reset this large is a moment, not a length of time
_MILLISECONDS_FROM = 100_000_000_000
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}

_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?", re.ASCII)
_LENGTH = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h|d))+", re.ASCII)
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)", re.ASCII)
_SAID = re.compile(r"(?:try again|retry|come back)[^.\d]{0,20}?(?:in|after)\s+(?=\d)", re.IGNORECASE)
_EXACT = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h|d)(?![a-z]))+", re.ASCII | re.IGNORECASE)
_WORDED = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(milli|second|minute|hour|)", re.ASCII | re.IGNORECASE)
_WORDS_S = {"milli": 0.001, "second": 1.0, "": 1.0, "minute": 60.0, "hour": 3_600.0}


def come_back_s(headers: Mapping[str, str], error: Mapping[str, Any], now: float) -> float | None:
    """Seconds until asking again makes sense; None where nobody says. At most a week.

    `headers` have lower-case names; `error` is the body's error object; `now` is in epoch seconds.
    """
    repeated = _dict(_dict(error.get("metadata")).get("headers"))
    theirs = {**{str(name).lower(): _plain(value) for name, value in repeated.items()}, **headers}
    for found in _answers(theirs, error, now):
        if found is not None:
            return min(RETRY_AFTER_CAP_S, max(0.0, found))
    return None


def _answers(headers: Mapping[str, str], error: Mapping[str, Any], now: float) -> Iterator[float | None]:
    """What each form says, the most exact first."""
    if _NUMBER.fullmatch(text := headers.get("retry-after-ms", "").strip()):
        yield float(text) / 1_000.0
    yield retry_after_s(headers.get("retry-after"), now)
    yield _delay(error)
    yield _used_up(headers, now)
    yield _moment(headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset"), now)
    yield _told(_plain(error.get("message")))


def _delay(error: Mapping[str, Any]) -> float | None:
    """Gemini's `google.rpc.RetryInfo`."""
    details = error.get("details")
    for one in details if isinstance(details, list) else []:
        if isinstance(one, dict) and isinstance(one.get("retryDelay"), str):
            return _length_s(one["retryDelay"])
    return None


def _used_up(headers: Mapping[str, str], now: float) -> float | None:
    """The latest reset of those windows in which nothing remains."""
    found = [
        when
        for name, value in headers.items()
        if "ratelimit-" in name and "-reset" in name and _remaining(headers, name) == "0"
        if (when := _moment(value, now)) is not None
    ]
    return max(found, default=None)


def _remaining(headers: Mapping[str, str], reset: str) -> str:
    """OpenAI: x-ratelimit-reset-tokens beside x-ratelimit-remaining-tokens; Anthropic has the word at the end."""
    return headers.get(reset.replace("-reset", "-remaining"), "").strip()


def _moment(text: str | None, now: float) -> float | None:
    """Seconds until then, or that long."""
    text = (text or "").strip()
    if _NUMBER.fullmatch(text):
        value = float(text)
        if value >= _MILLISECONDS_FROM:
            value /= 1_000.0
        return value - now if value >= _EPOCH_FROM else value
    if (length := _length_s(text)) is not None:
        return length
    try:
        then = datetime.fromisoformat(text)
    except ValueError:
        return None
    return then.replace(tzinfo=then.tzinfo or UTC).timestamp() - now


def _length_s(text: str) -> float | None:
    """The seconds of "1m3s"."""
    if not _LENGTH.fullmatch(text):
        return None
    return sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(text))


def _told(message: str) -> float | None:
    """What stands in the message: "in 6m0s", "after 6 seconds"."""
    said = _SAID.search(message := message[:2_000])
    if said is None:
        return None
    if (exact := _EXACT.match(message, said.end())) is not None:
        return _length_s(exact[0].lower())
    worded = _WORDED.match(message, said.end())
    return None if worded is None else float(worded[1]) * _WORDS_S[worded[2].lower()]


def _plain(value: Any) -> str:
    """A text or a number as text; "" for anything else, which may be nested without end."""
    return str(value) if isinstance(value, str | int | float) else ""


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
