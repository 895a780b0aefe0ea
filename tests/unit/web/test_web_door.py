"""Who may come in, and what they are told otherwise."""

from __future__ import annotations

import asyncio
import hmac
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from dl_lit.core.control_address import Reach, reach_of
from dl_lit.web.door import Door, Rules, host_name
from dl_lit.web.failures import MOST, REMEMBERED, WINDOW_S, Failures
from tests.fakes.scenario import HandClock

TOKEN = "open-sesame"


def status(door: Door, method: str, path: str, **headers: str) -> int:
    """The status that the door, or the application behind it (200), answers with."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "client": ("127.0.0.1", 5), "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()],
    }  # fmt: skip
    asyncio.run(door(scope, lambda: None, send))  # type: ignore[arg-type, return-value]
    return int(sent[0]["status"])


def door(reach: Reach, clock: HandClock | None = None) -> Door:
    rules = Rules(
        reach=reach, token=TOKEN, own_names={"localhost", "127.0.0.1"}, other_names={"lit.example.org"},
        open_paths={"/"},
    )  # fmt: skip
    return Door(PlainTextResponse("in"), rules, Failures(clock or HandClock()))


GOOD = f"Bearer {TOKEN}"
HOME = {"host": "localhost:8765"}
PROXY = {"host": "lit.example.org"}


@pytest.mark.parametrize(
    ("reach", "method", "path", "headers", "expected"),
    [
        (Reach.OWNER, "GET", "/api/status", {"host": "anything"}, 200),
        (Reach.OWNER, "POST", "/process", {"host": "anything"}, 200),
        (Reach.OWNER, "POST", "/process", {"host": "x", "origin": "https://evil.example"}, 403),
        (Reach.MACHINE, "GET", "/api/status", HOME, 200),
        (Reach.MACHINE, "GET", "/api/status", {"host": "LOCALHOST.:1"}, 200),
        (Reach.MACHINE, "GET", "/api/status", {"host": "evil.example"}, 421),
        (Reach.MACHINE, "GET", "/health", {"host": "evil.example"}, 421),
        (Reach.MACHINE, "GET", "/api/status", {}, 421),
        (Reach.MACHINE, "GET", "/api/status", {**HOME, "authorization": "Bearer wrong"}, 401),
        (Reach.MACHINE, "POST", "/process", HOME, 401),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": GOOD}, 200),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": f"Basic {TOKEN}"}, 401),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": "Bearer "}, 401),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": GOOD, "sec-fetch-site": "cross-site"}, 403),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": GOOD, "sec-fetch-site": "same-site"}, 403),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": GOOD, "sec-fetch-site": "same-origin"}, 200),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": GOOD, "origin": "null"}, 403),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": GOOD, "origin": "http://localhost:8765"}, 200),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": GOOD, "origin": "http://localhost:1"}, 403),
        (Reach.MACHINE, "POST", "/process", {**HOME, "authorization": GOOD, "origin": "http://["}, 403),
        (Reach.OWNER, "POST", "/process", {"origin": ""}, 403),
        (Reach.MACHINE, "DELETE", "/", HOME, 200),
        (Reach.OWNER, "POST", "/process", {"host": "x", "referer": "https://evil.example/x"}, 403),
        (Reach.OWNER, "POST", "/process", {"host": "x", "referer": "http://x@evil.example/"}, 403),
        (Reach.OWNER, "POST", "/process", {"host": "x", "referer": "http://x/page"}, 200),
        (Reach.OWNER, "POST", "/process", {"host": "x", "origin": "http://x", "referer": "http://y/"}, 200),
        (Reach.MACHINE, "GET", "/api/status", {**HOME, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, 403),
        (Reach.MACHINE, "GET", "/events", {**HOME, "origin": "http://evil.example"}, 403),
        (
            Reach.MACHINE,
            "GET",
            "/api/status",
            {**HOME, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
            200,
        ),
        (Reach.MACHINE, "GET", "/", {**HOME, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
        (Reach.MACHINE, "GET", "/api/status", {**HOME, "x-forwarded-host": "evil.example"}, 200),
        (Reach.MACHINE, "GET", "/api/status", {"host": "evil.example", "x-forwarded-host": "localhost"}, 421),
        (Reach.MACHINE, "GET", "/api/status", PROXY, 401),
        (Reach.MACHINE, "GET", "/api/status", {**PROXY, "authorization": GOOD}, 200),
        (Reach.MACHINE, "GET", "/", PROXY, 200),
        (Reach.ANYBODY, "GET", "/health", {"host": "10.0.0.1"}, 200),
        (Reach.ANYBODY, "GET", "/health/ready", {"host": "10.0.0.1"}, 200),
        (Reach.ANYBODY, "GET", "/", {"host": "10.0.0.1"}, 200),
        (Reach.ANYBODY, "GET", "/metrics", {"host": "10.0.0.1"}, 401),
        (Reach.ANYBODY, "GET", "/openapi.json", {"host": "10.0.0.1"}, 401),
        (Reach.ANYBODY, "GET", "/api/status", {"host": "10.0.0.1", "authorization": GOOD}, 200),
        (Reach.ANYBODY, "POST", "/process", {"host": "10.0.0.1", "authorization": GOOD}, 200),
    ],
)
def test_who_may_do_what(reach: Reach, method: str, path: str, headers: dict[str, str], expected: int) -> None:
    assert status(door(reach), method, path, **headers) == expected


def test_after_twenty_wrong_tokens_in_a_minute_further_ones_are_refused_and_the_right_one_never() -> None:
    clock = HandClock()
    one = door(Reach.MACHINE, clock)
    wrong = {**HOME, "authorization": "Bearer guess"}
    assert {status(one, "GET", "/api/status", **wrong) for _ in range(MOST)} == {401}
    assert status(one, "GET", "/api/status", **wrong) == 429
    assert status(one, "POST", "/process", **HOME, authorization=GOOD) == 200, "nobody is locked out by others"
    assert status(one, "GET", "/api/status", **HOME) == 200, "what needs no token goes on"
    clock.at += WINDOW_S
    assert status(one, "GET", "/api/status", **wrong) == 401


def test_of_many_addresses_with_wrong_tokens_the_oldest_are_forgotten() -> None:
    failures = Failures(HandClock())

    async def note_all() -> None:
        for number in range(REMEMBERED + 5):
            await failures.note(f"10.0.{number // 256}.{number % 256}")

    asyncio.run(note_all())
    assert len(failures._seen) == REMEMBERED


def test_tokens_are_compared_by_digests_of_one_length_and_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr("dl_lit.web.door.hmac", SimpleNamespace(compare_digest=compare))
    for given, expected in (("", 401), ("x" * 9_000, 401), (TOKEN, 200), (TOKEN + "x", 401), (TOKEN[:-1], 401)):
        assert status(door(Reach.MACHINE), "GET", "/api/status", **HOME, authorization=f"Bearer {given}") == expected
    assert [(len(one), len(other)) for one, other in compared] == [(32, 32)] * 5


def test_who_can_reach_an_address() -> None:
    assert {reach_of(host) for host in ("127.0.0.1", "127.0.0.9", "::1", "localhost")} == {Reach.MACHINE}
    assert {reach_of(host) for host in ("0.0.0.0", "::", "192.168.1.2", "example.org", "")} == {Reach.ANYBODY}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        *(
            ("Example.ORG:80", "example.org"),
            ("[::1]:8765", "::1"),
            ("", ""),
            ("[bad", ""),
            ("localhost.", "localhost"),
        ),
        *((one, "") for one in ("a b", "x@localhost", "localhost/", "localhost?x", "localhost#x", "local\thost")),
        *(
            (one, "")
            for one in ("localhost:80:80", "localhost:http", "[localhost]", "evil\\@localhost", "lo\u0441alhost")
        ),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name
