"""What a host's refusal means: status and beginning of the body to a reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.net.walls import wall_of_page

_BY_STATUS = {
    401: Reason.HTTP_401,
    402: Reason.BLOCKED_PAYWALL,
    403: Reason.BLOCKED_FORBIDDEN,
    404: Reason.HTTP_404,
    407: Reason.HTTP_5XX,  # a proxy on the way wants to know who we are: as 511 does, it says nothing of the address
    408: Reason.TIMEOUT_READ,
    410: Reason.HTTP_410,
    429: Reason.HTTP_429,
}
_MAY_BE_WALLS = frozenset({401, 403, 405, 406, 429, 503})


def refusal(status: int, headers: Mapping[str, str], start: bytes, url: str, retry_after_s: float | None) -> FetchError:
    """The error for an answer that is neither 200 nor a redirect."""
    told = f"HTTP {status}"
    if _is_challenge(headers):
        return FetchError(Reason.BLOCKED_CAPTCHA, told)
    if status in _MAY_BE_WALLS and (wall := _wall(start, url)) is not None:
        return FetchError(wall, told)
    if status in {204, 205}:
        return FetchError(Reason.EMPTY_BODY, told)
    if status < 300:
        return FetchError(Reason.TRUNCATED if status == 206 else Reason.WRONG_MIMETYPE, told)
    if status < 400:
        return FetchError(Reason.BAD_REDIRECT, told)
    if status >= 500:
        return FetchError(Reason.HTTP_5XX, told, after=retry_after_s)
    return FetchError(_BY_STATUS.get(status, Reason.HTTP_4XX), told, after=retry_after_s if status == 429 else None)


def _is_challenge(headers: Mapping[str, str]) -> bool:
    """Whether the makers of a wall say so in the head of the answer, whatever its status: AWS sends 202 and 405.

    https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-actions.html (read 2026-11-23)
    """
    aws = headers.get("x-amzn-waf-action", "").lower()
    return headers.get("cf-mitigated", "").lower() == "challenge" or aws in {"challenge", "captcha"}


def _wall(start: bytes, url: str) -> Reason | None:
    return wall_of_page(start.decode("utf-8", "replace"), url, is_answer=False)
