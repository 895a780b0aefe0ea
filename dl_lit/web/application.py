"""The control surface: health, metrics, questions, orders, events, and the page; `docs/control.md` tells people.

It asks and orders through what it is given (`dl_lit.web.contract`) and knows nothing of the database.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput, DlLitError
from dl_lit.web import metrics as prometheus
from dl_lit.web.contract import (
    BEHIND,
    LARGEST_NUMBER,
    LARGEST_PAGE,
    PAGE_SIZE,
    SOURCE_ID,
    Bounds,
    Crew,
    Document,
    Orders,
    Queries,
    Refused,
    Selection,
)
from dl_lit.web.door import Door, Rules
from dl_lit.web.events import Hub
from dl_lit.web.failures import Failures, Tally
from dl_lit.web.lanes import Allowance, Lane
from dl_lit.web.lately import Lately
from dl_lit.web.openapi import description
from dl_lit.web.page import PAGE_ROUTES
from dl_lit.web.receiving import Pace, order, process
from dl_lit.web.refusals import AGAIN_S, LastResort, answer, not_routed, refused

HEALTH_S = 2.0
"""How old the answer of /health may be."""

METRICS_S = 1.0
"""How old the numbers of /metrics may be, where somebody asks for them all the time."""

ORDER_PATIENCE_S = 5.0
"""What pausing, resuming and trying again wait for their turn, where those before them wait for the database."""

_LONGEST_BY = 200

Handler = Callable[[Request], Awaitable[Response]]


class Application:
    """All the routes, with what they share. Made in the event loop that serves them."""

    def __init__(
        self,
        *,
        queries: Queries,
        orders: Orders,
        crew: Crew,
        rules: Rules,
        clock: Clock,
        bounds: Bounds,
        tally: Tally | None = None,
    ) -> None:
        """Nothing is asked before a request comes. `tally` counts wrong tokens with other processes."""
        self._queries = queries
        self._reach = rules.reach
        self._orders = orders
        self._crew = crew
        self.bounds = bounds
        self.pace = Pace()
        self._taking = Lane(bounds.at_once, bounds.waiting_room, clock)
        self._reading = Lane(bounds.reading_at_once, bounds.waiting_room, clock)
        self._ordering = Lane(bounds.ordering_at_once, bounds.orders_waiting, clock, patience_s=ORDER_PATIENCE_S)
        self._uploads = Allowance(bounds.uploads_per_minute, clock)
        self._health = Lately(queries.health, crew.vital, clock, fresh_s=HEALTH_S, keeps=_is_well)
        self._numbers = Lately(lambda: list(queries.metrics()), crew.vital, clock, fresh_s=METRICS_S)
        self.events = Hub(queries.follow, crew.vital, most=bounds.listeners)
        open_paths = [route.path for route in PAGE_ROUTES]
        self.asgi = Starlette(
            routes=[*self._routes(), *PAGE_ROUTES],
            middleware=[
                Middleware(LastResort),
                Middleware(Door, rules=_with(rules, open_paths), failures=Failures(clock, tally, crew.ordering)),
            ],
            exception_handlers={DlLitError: refused, HTTPException: not_routed},
        )
        self.asgi.router.redirect_slashes = False  # or it would lead on to whatever name Host has

    def _routes(self) -> list[Route]:
        queries, read = self._queries, self._read
        return [
            Route("/health", self._healthy),
            Route("/health/live", _live),
            Route("/health/ready", self._healthy),
            Route("/metrics", self._metrics),
            Route(
                "/openapi.json",
                read(lambda _: self._description()),
            ),
            Route("/events", self._events),
            Route("/api/status", read(lambda _: queries.status())),
            Route("/api/conditions", read(lambda _: queries.conditions())),
            Route("/api/sources", read(lambda request: queries.sources(selection(request.query_params)))),
            Route("/api/references", read(lambda request: queries.references(selection(request.query_params)))),
            Route("/api/works", read(lambda request: queries.works(selection(request.query_params)))),
            Route("/api/explain/{name:path}", read(lambda request: queries.explain(request.path_params["name"]))),
            *(
                Route(path, read(lambda request, extra=extra: extra.answer(request.query_params)))  # type: ignore[misc]
                for path, extra in queries.extras.items()
            ),
            Route("/process", self._process, methods=["POST"]),
            Route("/api/pause", self._order(_pause), methods=["POST"]),
            Route("/api/resume", self._order(_resume), methods=["POST"]),
            Route("/api/retry", self._order(_retry), methods=["POST"]),
        ]

    # --- whether it lives

    async def _healthy(self, _request: Request) -> Response:
        told = dict(await self._health.get())
        told["requests"] = {
            "handling": self._taking.handling,
            "waiting": self._taking.waiting,
            "reading": self._reading.handling,
            "listening": self.events.listeners,
        }
        if _is_well(told):
            return answer(told)
        return answer(told, 503, {"retry-after": str(AGAIN_S)})

    async def _metrics(self, request: Request) -> Response:
        found = await self._numbers.get()
        if "application/json" in request.headers.get("accept", ""):
            return answer(prometheus.document(found))
        headers = {"content-type": prometheus.CONTENT_TYPE, "cache-control": "no-store", "vary": "accept"}
        return Response(prometheus.rendered(found), headers=headers)

    async def _events(self, request: Request) -> Response:
        return await self.events.listen(request.headers.get("last-event-id"))

    def _description(self) -> Document:
        queries = self._queries
        return description(queries.schemas(), queries.extras, self.bounds, queries.version, reach=self._reach)

    # --- questions

    def _read(self, question: Callable[[Request], Document]) -> Handler:
        """Answer it from a thread, with an ETag: what has not changed is not sent again."""

        def body(request: Request) -> tuple[Response, str]:
            _require_once(request.query_params)
            response = answer(question(request))
            return response, f'"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'

        async def handler(request: Request) -> Response:
            async with self._reading.turn():
                response, tag = await self._crew.reading.do(partial(body, request))
            known = request.headers.get("if-none-match", "")
            if tag in {one.strip().removeprefix("W/") for one in known.split(",")}:
                response = Response(status_code=304)
            response.headers["etag"] = tag
            response.headers["cache-control"] = "private, no-cache"
            return response

        return handler

    # --- orders

    async def _process(self, request: Request) -> Response:
        self._uploads.use(request.client.host if request.client else "")
        _require_once(request.query_params)
        try:
            async with self._taking.turn():
                told = await process(
                    request,
                    self._orders,
                    self._crew.taking,
                    most_bytes=self.bounds.max_upload_bytes,
                    pace=self.pace,
                    others_wait=lambda: self._taking.waiting > 0,
                )
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it
        return answer(told, 202, {"location": str(told["links"]["explain"])})

    def _order(self, act: Callable[[Orders, dict[str, Any]], Document]) -> Handler:
        async def handler(request: Request) -> Response:
            try:
                asked = await order(request, self.pace)
            except ClientDisconnect:
                return Response(status_code=400)
            async with self._ordering.turn():
                return answer(await self._crew.ordering.do(partial(act, self._orders, asked)))

        return handler


def _with(rules: Rules, open_paths: Sequence[str]) -> Rules:
    return Rules(
        reach=rules.reach,
        token=rules.token,
        own_names=rules.own_names,
        other_names=rules.other_names,
        open_paths=frozenset(open_paths),
    )


def _is_well(told: Document) -> bool:
    return bool(told["ready"]) and told["status"] != "broken"


async def _live(_request: Request) -> Response:
    return answer({"live": True})


def _pause(orders: Orders, asked: dict[str, Any]) -> Document:
    _only(asked, "stages", "by")
    by = asked.get("by", "the control surface")
    if not isinstance(by, str) or len(by) > _LONGEST_BY:
        raise Refused(400, "bad-request", f"by is to be at most {_LONGEST_BY} characters")
    return orders.pause(_words(asked, "stages"), by)


def _resume(orders: Orders, asked: dict[str, Any]) -> Document:
    _only(asked, "stages")
    return orders.resume(_words(asked, "stages"))


def _retry(orders: Orders, asked: dict[str, Any]) -> Document:
    _only(asked, "ids", "stages", "reasons", "all")
    every = asked.get("all", False)
    if not isinstance(every, bool):
        raise Refused(400, "bad-request", "all is to be true or false")
    return orders.retry(_words(asked, "ids"), _words(asked, "stages"), _words(asked, "reasons"), every=every)


def _only(asked: Mapping[str, Any], *names: str) -> None:
    if unknown := sorted(set(asked) - set(names)):
        raise Refused(400, "bad-request", f"{unknown[0]!r} is not known here: {', '.join(names)}")


def _words(asked: Mapping[str, Any], name: str) -> list[str]:
    words = asked.get(name, [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Refused(400, "bad-request", f"{name} is to be a list of words")
    return words


def _require_once(query: QueryParams) -> None:
    """Raise `BadInput` where a parameter is told twice: one program takes the first, another the last."""
    if len(query.multi_items()) != len(query):
        raise BadInput("a parameter is told twice")


def selection(query: QueryParams) -> Selection:
    """Which items of a list are asked for. Raises `BadInput`."""
    if unknown := sorted(set(query) - {"source", "state", "limit", "offset", "after"}):
        raise BadInput(f"{unknown[0]!r} is not known here: source, state, limit, offset, after")
    source, after = query.get("source"), query.get("after")
    return Selection(
        source=None if source is None else _id("source", source, SOURCE_ID),
        state=query.get("state"),
        limit=_number("limit", query.get("limit", str(PAGE_SIZE)), least=1, most=LARGEST_PAGE),
        offset=_number("offset", query.get("offset", "0"), least=0, most=LARGEST_NUMBER),
        after=None if after is None else _id("after", after, BEHIND),
    )


def _id(name: str, text: str, pattern: str) -> int:
    if not re.fullmatch(pattern, text):
        raise BadInput(f"{name} is to be like {pattern}")
    return int(text.lstrip("esw"))


def _number(name: str, text: str, *, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise BadInput(f"{name} is to be a number from {least} to {most}")
    return int(text)
