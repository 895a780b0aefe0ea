"""What is not served, in one form: {"error": a sentence for people, "reason": a slug for programs}."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dl_lit.core.errors import BadInput, DatabaseFull, DlLitError, NotFailed, NothingKnown
from dl_lit.web.contract import Refused

GUARDS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
"""What keeps browsers from making more of an answer than it is: on every one, unless it says otherwise itself."""

AGAIN_S = 10
"""After so many seconds it may be asked again what cannot be answered now."""

log = structlog.get_logger("dl_lit.control")


def answer(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer that nobody keeps."""
    return Response(
        msgspec.json.encode(document),
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store", **(headers or {})},
    )


def refusal(why: Refused) -> Response:
    """The answer that says so."""
    headers = {"www-authenticate": "Bearer"} if why.status == HTTPStatus.UNAUTHORIZED else {}
    if why.status == HTTPStatus.REQUEST_TIMEOUT:
        headers["connection"] = "close"  # what still comes of the body is not waited for
    if why.after_s is not None:
        headers["retry-after"] = str(max(1, math.ceil(why.after_s)))
    return answer({"error": str(why), "reason": why.reason}, why.status, headers)


async def refused(_request: Request, error: Exception) -> Response:
    """Whatever dl_lit says no to."""
    return refusal(named(error))


def named(error: Exception) -> Refused:
    """The error with the HTTP status that fits."""
    match error:
        case Refused():
            return error
        case NothingKnown():
            return Refused(404, "not-found", str(error))
        case NotFailed():
            return Refused(409, "not-failed", str(error))
        case BadInput():
            return Refused(400, "bad-request", str(error))
        case DatabaseFull():
            return Refused(507, "disk-full", str(error), after_s=60)
        case DlLitError():
            return Refused(503, "unavailable", str(error), after_s=AGAIN_S)
    return Refused(500, "internal-error", "something went wrong inside; the log says what")


async def not_routed(_request: Request, error: Exception) -> Response:
    """Unknown paths and methods; OPTIONS is told what there is, and nothing about other origins: they get nothing."""
    if not isinstance(error, HTTPException):
        return refusal(named(error))
    allowed = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and _request.method == "OPTIONS":
        return Response(status_code=204, headers=allowed)
    slugs = {404: ("not-found", "there is nothing at this address"), 405: ("method-not-allowed", "not by this method")}
    slug, text = slugs.get(error.status_code, ("bad-request", error.detail))
    return answer({"error": text, "reason": slug}, error.status_code, allowed)


class LastResort:
    """Logs what nobody expected, and answers in the one form; every answer gets its guards."""

    def __init__(self, app: ASGIApp) -> None:
        """Around everything."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; where that fails before anything was sent, say so."""
        has_begun = False

        async def noticed(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] == "http.response.start":
                told = MutableHeaders(raw=message["headers"])
                for name, text in GUARDS.items():
                    told.setdefault(name, text)
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except Exception as error:
            log.exception("control_failed", path=scope.get("path"))
            if not has_begun:
                await refusal(named(error))(scope, receive, noticed)
