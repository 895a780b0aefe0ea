"""The read-only web application: health, metrics, a small JSON interface, and one page that shows the status.

It asks through the functions it is given and knows nothing of the database.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dl_lit.core.errors import BadInput, DlLitError
from dl_lit.web.metrics import CONTENT_TYPE, Metric, rendered

PAGE_SIZE = 100
LARGEST_PAGE = 1000

Document = Mapping[str, Any]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items of a list are wanted."""

    source: int | None  # id
    state: str | None  # waiting, downloaded, needs_review, failed
    limit: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """What the application asks. All are called from threads, may block, and raise `DlLitError`."""

    health: Callable[[], Document]
    status: Callable[[], Document]
    references: Callable[[Selection], Document]
    works: Callable[[Selection], Document]
    explain: Callable[[str], Document]
    metrics: Callable[[], Iterable[Metric]]


def application(queries: Queries, *, hosts: Collection[str] = (), token: str | None = None) -> Starlette:
    """The application. With a `token`, all but /health asks for it; without, only the names in `hosts` are served.

    The names are compared with the Host header: a web page elsewhere that lets its own name resolve to this machine
    would have another one.
    """

    def health(_request: Request) -> Response:
        return JSONResponse(dict(queries.health()))

    def metrics(_request: Request) -> Response:
        return PlainTextResponse(rendered(queries.metrics()), media_type=None, headers={"content-type": CONTENT_TYPE})

    def status(_request: Request) -> Response:
        return _json(queries.status())

    def references(request: Request) -> Response:
        return _json(queries.references(_selection(request.query_params)))

    def works(request: Request) -> Response:
        return _json(queries.works(_selection(request.query_params)))

    def explain(request: Request) -> Response:
        return _json(queries.explain(request.path_params["name"]))

    routes = [
        Route("/", _page),
        Route("/health", health),
        Route("/metrics", metrics),
        Route("/api/status", status),
        Route("/api/references", references),
        Route("/api/works", works),
        Route("/api/explain/{name:path}", explain),
    ]
    app = Starlette(routes=routes, exception_handlers={BadInput: _refused, DlLitError: _unavailable})
    app.add_middleware(_Door, hosts=frozenset(hosts), token=token)
    return app


def _json(document: Document) -> Response:
    return Response(
        json.dumps(document, ensure_ascii=False), media_type="application/json", headers={"cache-control": "no-store"}
    )


def _selection(query: QueryParams) -> Selection:
    source = query.get("source")
    return Selection(
        source=None if source is None else _number("source", source.removeprefix("s"), least=1, most=2**62),
        state=query.get("state"),
        limit=_number("limit", query.get("limit", str(PAGE_SIZE)), least=1, most=LARGEST_PAGE),
        offset=_number("offset", query.get("offset", "0"), least=0, most=2**62),
    )


def _number(name: str, text: str, *, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise BadInput(f"{name} is to be a number from {least} to {most}")
    return int(text)


def _page(_request: Request) -> Response:
    """The page. Only the script that stands in it may run, and it may talk to nobody but us."""
    nonce = secrets.token_urlsafe(16)
    text = files("dl_lit.web").joinpath("page.html").read_text(encoding="utf-8").replace("NONCE", nonce)
    policy = f"default-src 'none'; connect-src 'self'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'"
    headers = {
        "content-security-policy": f"{policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
    return Response(text, media_type="text/html", headers=headers)


async def _refused(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=404 if "nothing is known" in str(error) else 400)


async def _unavailable(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=503)


class _Door:
    """Lets in who may come in."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], token: str | None) -> None:
        self._app = app
        self._hosts = hosts
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        handle: Callable[[Scope, Receive, Send], Awaitable[None]] = refusal or self._app
        await handle(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._token is None:
            name = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
            allowed = not self._hosts or name.strip("[]").lower() in self._hosts
            return None if allowed else PlainTextResponse("this name is not served here\n", status_code=421)
        if scope["path"] == "/health" or self._knows(scope, headers):
            return None
        return PlainTextResponse("a token is needed\n", status_code=401, headers={"www-authenticate": "Bearer"})

    def _knows(self, scope: Scope, headers: Headers) -> bool:
        """Whether the request has the token: as a bearer's, or in the address of the page that people open."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            given = QueryParams(scope["query_string"]).get("token", "") if scope["path"] == "/" else ""
        return hmac.compare_digest(given.encode(), (self._token or "").encode())
