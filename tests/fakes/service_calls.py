"""Metadata services for tests: answers from a table, everything that was asked kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.ports import Params, ServiceAnswer
from dl_lit.core.reasons import Reason

RECORDED = Path(__file__).parents[1] / "recorded"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the stage made it."""

    service: str
    path: str
    params: dict[str, str]
    lane: str
    credits: int


Reply = bytes | int | Exception
Handler = Callable[[Asked], Reply]


@dataclass
class FakeServiceCalls:
    """Obeys `ServiceCalls`. A service without a handler answers 404 to records and is down for lists."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)
    switched_off: set[str] = field(default_factory=set)
    contact_email: str | None = "reader@library.test"
    asked: list[Asked] = field(default_factory=list)
    posted: list[bytes] = field(default_factory=list)  # the bodies of POST requests, which stand in `asked` as well
    remembered: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    is_offline: bool = False
    credits: dict[str, float] = field(default_factory=dict)  # left for today; none are counted unless named

    def get(
        self,
        service: str,
        path: str,
        params: Params = (),
        *,
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
        is_kept_by_identifier: bool = False,
    ) -> ServiceAnswer:
        if self.is_offline:
            raise ServiceError(service, Reason.OFFLINE, "offline", costs_attempt=False)
        request = Asked(service, path, dict(params), lane, credits)
        self.asked.append(request)
        handler = self.handlers.get(service)
        if handler is None:
            raise ServiceError(service, Reason.SERVICE_DOWN, "no such service here")
        reply = handler(request)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, int):
            if reply in {400, 413, 414, 422}:
                raise RequestRefused(service, reply)
            if reply != 404:
                raise ServiceError(service, Reason.SERVICE_DOWN, f"HTTP {reply}")
            return ServiceAnswer(404, {}, b"<!doctype html><title>404</title>", f"https://{service}.test{path}")
        return ServiceAnswer(200, {}, reply, f"https://{service}.test{path}")

    def post(
        self,
        service: str,
        path: str,
        body: bytes,
        *,
        content_type: str,
        params: Params = (),
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        self.posted.append(body)
        return self.get(service, path, params, lane=lane, credits=credits, headers=headers)

    def recall(self, service: str, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        return {key: self.remembered[service, key] for key in keys if (service, key) in self.remembered}

    def remember(self, service: str, answers: Mapping[str, bytes | None]) -> None:
        self.remembered.update({(service, key): answer for key, answer in answers.items()})

    def wait_s(self, service: str, lane: str = "") -> float:
        return self.waits.get(f"{service}/{lane}" if lane else service, 0.0)

    def credits_left(self, service: str) -> float:
        return self.credits.get(service, math.inf)

    def is_available(self, service: str) -> bool:
        return service not in self.switched_off

    def to(self, service: str) -> list[Asked]:
        """What one service was asked."""
        return [request for request in self.asked if request.service == service]


def fixture(service: str, name: str) -> bytes:
    """A hand-written body of `tests/recorded`."""
    return (RECORDED / service / name).read_bytes()
