"""What a provider's refusal means, by its status and its words: pure.

https://platform.openai.com/docs/guides/error-codes, https://openrouter.ai/docs/api-reference/errors,
https://ai.google.dev/gemini-api/docs/troubleshooting, https://docs.claude.com/en/api/errors,
https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter (read 2026-11-23).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dl_lit.core.language import ModelError, Trouble
from dl_lit.net.language.coming_back import come_back_s

LONGEST_REST_S = 900.0
"""No wish to be left alone for longer is followed, unless it is about money: one answer silences a model for all."""

_WORDS = 20_000  # characters of an error that are searched
_CLASS = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)  # a word by which programs tell errors apart
_CLASSES = 3

_FILTERED = ("content_filter", "content management policy", "moderation", "flagged", "responsibleai")
_NO_KEY = ("api_key_invalid", "api key not valid", "api key expired", "invalid_api_key")
_NO_MONEY = ("insufficient_quota", "credit balance is too low", "insufficient credits", "billing_error", "perday")
_NO_FILE = ("it may not exist", "file not found")  # Gemini answers 403 for a file that is not there
_GONE_S = 900.0  # the day's quota or the credits: nobody comes back sooner
_PASSING = frozenset({408, 409, 423, 425, 498, 499})

_BY_NAME = {
    # words for errors that come without a status of their own, inside a 200
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "resource_exhausted": 429,
    "overloaded_error": 529,
    "api_error": 500,
    "server_error": 500,
    "internal": 500,
    "unavailable": 503,
    "timeout_error": 504,
    "authentication_error": 401,
    "unauthenticated": 401,
    "permission_error": 403,
    "permission_denied": 403,
    "billing_error": 402,
    "invalid_request_error": 400,
    "invalid_argument": 400,
    "not_found_error": 404,
    "request_too_large": 413,
}


def error_of(body: Any) -> Mapping[str, Any]:
    """The error object in a decoded body: empty where there is none. Gemini may send a list of one."""
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def status_inside(error: Mapping[str, Any]) -> int:
    """The status that an error inside a 200 stands for; 502 where it names none."""
    for name in ("code", "status", "type"):
        word = error.get(name)
        if isinstance(word, int) and 400 <= word < 600:
            return word
        if isinstance(word, str):
            if word.isascii() and word.isdigit() and 400 <= int(word[:4]) < 600:
                return int(word[:4])
            if word.lower() in _BY_NAME:
                return _BY_NAME[word.lower()]
    return 502


def is_word(text: str) -> bool:
    """Whether it is a word by which programs tell errors apart, not what is said to people."""
    return _CLASS.fullmatch(text) is not None


def words_of(error: Mapping[str, Any]) -> str:
    """All that an error says, in lower case: to be searched, never to be kept or shown. It may repeat the key."""
    try:
        return json.dumps(error, default=str, ensure_ascii=False)[:_WORDS].lower()
    except (RecursionError, ValueError):
        return ""


def refusal(status: int, headers: Mapping[str, str], error: Mapping[str, Any], now: float) -> ModelError:
    """What to raise for an answer that is none; `headers` have lower-case names.

    Its detail has the status and the words for programs alone: what providers say to people may repeat anything.
    """
    words = words_of(error)
    classes = list(dict.fromkeys(_classes(error)))[:_CLASSES]
    detail = " ".join([f"HTTP {status}", *(one for one in classes if one != str(status))])
    wanted = come_back_s(headers, error, now)
    after = None if wanted is None else min(wanted, LONGEST_REST_S)
    if status == 402 or (status in {400, 403, 429} and any(one in words for one in _NO_MONEY)):
        return ModelError(Trouble.BUDGET_GONE, detail, after=max(wanted or 0.0, _GONE_S))
    if status == 429:
        return ModelError(Trouble.RATE_LIMITED, detail, after=after)
    if status in {400, 403, 404} and any(one in words for one in _NO_FILE):
        return ModelError(Trouble.BAD_ANSWER, detail)  # it has lost what was uploaded: uploading again may help
    if status in {400, 403, 422} and any(one in words for one in _FILTERED):
        return ModelError(Trouble.REFUSED, detail)
    if status in {401, 403} or (status == 400 and any(one in words for one in _NO_KEY)):
        return ModelError(Trouble.KEY_REFUSED, detail)
    if status >= 500 or status in _PASSING:
        return ModelError(Trouble.OVERLOADED, detail, after=after)
    return ModelError(Trouble.BAD_REQUEST, detail)


def _classes(error: Mapping[str, Any]) -> Iterator[str]:
    """The words for programs: "invalid_api_key", "INVALID_ARGUMENT"; Gemini says more among the details."""
    details = error.get("details")
    further = [one.get("reason") for one in details[:9] if isinstance(one, dict)] if isinstance(details, list) else []
    for word in (error.get("code"), error.get("type"), error.get("status"), *further):
        if isinstance(word, str) and is_word(word):
            yield word
