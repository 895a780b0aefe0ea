"""Limits that learn, through real sockets: headers, refusals, wrong keys, services that crawl."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import structlog

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import ServiceError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Lane, Service, Window
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client
from dl_lit.net.gate import TimeoutBounds
from dl_lit.net.identity import Identity
from dl_lit.net.politeness import Politeness
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen

JSON = {"Content-Type": "application/json"}
FAST = Lane((Window(1_000, 1.0),), 8)
SLOW = Lane((Window(50, 1.0),), 1)

Asking = Callable[..., tuple[HttpServiceCalls, Politeness]]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer({"*": Reply(200, JSON, b"{}")}) as server:
        yield server


@pytest.fixture
def asking(server: LoopbackServer) -> Iterator[Asking]:
    """Calls to one service at the server, with whatever keys and lanes; closed afterwards."""
    closing: list[Callable[[], None]] = []

    def make(
        service: str, *, key: str = "", buffer: float = 1.0, **changes: object
    ) -> tuple[HttpServiceCalls, Politeness]:
        policy: Service = replace(
            BY_NAME[service], base_url=server.url("/"), **{"polite": FAST, "anonymous": FAST, "lanes": (), **changes}
        )
        keys = {service: key} if key else {}
        identity = Identity("me@uni.edu", keys)
        clock, chance = SystemClock(), random.Random(1)
        politeness = Politeness(
            [policy],
            clock=clock,
            rng=chance,
            has_contact=True,
            keyed=keys,
            buffer=buffer,
            identity=identity,
            bounds=TimeoutBounds(0.2, 2.0),
        )
        rules = AddressRules([server.netloc])
        client = shared_client(user_agent="learner/1", trusted=rules, public=rules)
        closing.append(client.close)
        return HttpServiceCalls(client, politeness, [policy], clock=clock, rng=chance, identity=identity), politeness

    yield make
    for close in closing:
        close()


def allowed(politeness: Politeness, service: str) -> Lane:
    return politeness.gate(service)._line.lane_now("")


def test_crossref_is_asked_as_by_strangers_until_it_says_polite(server: LoopbackServer, asking: Asking) -> None:
    pool = {"x-api-pool": "public-single", "x-rate-limit-limit": "40", "x-concurrency-limit": "1"}
    server.routes["*"] = lambda _seen: Reply(200, {**JSON, **pool}, b"{}")
    calls, politeness = asking("crossref", anonymous=SLOW)
    assert allowed(politeness, "crossref") == SLOW
    calls.get("crossref", "/x")
    assert allowed(politeness, "crossref") == Lane((*SLOW.windows, Window(40, 1.0)), 1)
    pool.update({"x-api-pool": "polite-single", "x-rate-limit-limit": "500", "x-concurrency-limit": "3"})
    calls.get("crossref", "/x")
    wide = allowed(politeness, "crossref")
    assert (wide.windows[-1], wide.concurrency) == (Window(500, 1.0), 3)
    pool["x-api-pool"] = "public-single"
    calls.get("crossref", "/x")
    assert allowed(politeness, "crossref").windows == SLOW.windows


def test_each_answer_is_read_again_and_a_share_is_left_of_what_is_announced(
    server: LoopbackServer, asking: Asking
) -> None:
    said = {"x-ratelimit-limit": "3"}
    server.routes["*"] = lambda _seen: Reply(200, {**JSON, **said}, b"{}")
    calls, politeness = asking("pubmed", buffer=0.8, keyed=None)
    calls.get("pubmed", "/x")
    assert allowed(politeness, "pubmed").windows[-1] == Window(3, 1.25)
    said["x-ratelimit-limit"] = "10"
    calls.get("pubmed", "/x")
    assert allowed(politeness, "pubmed").windows[-1] == Window(10, 1.25)


def test_a_refusal_halves_rate_and_concurrency_and_answers_give_them_back(
    server: LoopbackServer, asking: Asking
) -> None:
    calls, politeness = asking("datacite", polite=Lane((Window(200, 0.1),), 8))
    server.routes["/busy"] = Reply(429, {**JSON, "Retry-After": "0"}, b"{}")
    for _ in range(2):
        with pytest.raises(ServiceError):
            calls.get("datacite", "/busy")
    cut = allowed(politeness, "datacite")
    assert (cut.windows, cut.concurrency) == ((Window(200, 0.4),), 2)
    for _ in range(76):
        calls.get("datacite", "/x")
    assert allowed(politeness, "datacite") == Lane((Window(200, 0.1),), 8)


def test_a_budget_that_is_gone_is_no_reason_to_go_slower(server: LoopbackServer, asking: Asking) -> None:
    calls, politeness = asking("openalex", key="K")
    server.routes["/search"] = Reply(429, {**JSON, "Retry-After": "53578"}, b"{}")
    with pytest.raises(ServiceError) as raised:
        calls.get("openalex", "/search", credits=10)
    assert raised.value.reason is Reason.BUDGET_EXHAUSTED
    assert allowed(politeness, "openalex").windows == FAST.windows
    assert politeness.budget("openalex") == (0, pytest.approx(53_578, abs=5))
    calls.get("openalex", "/free")


def wants(key: str, header: str) -> Callable[[Seen], Reply]:
    """A route that refuses every key but this one, and answers strangers."""

    def answer(seen: Seen) -> Reply:
        sent = seen.headers.get(header)
        return Reply(200, JSON, b"{}") if sent in {None, key} else Reply(401, JSON, b'{"error": "Invalid API key"}')

    return answer


def test_a_wrong_key_is_noticed_on_the_first_answer_and_done_without(server: LoopbackServer, asking: Asking) -> None:
    """The request itself is answered, one line is logged, the credits are those of strangers."""
    server.routes["*"] = wants("Bearer right", "authorization")
    calls, politeness = asking("openalex", key="wrong")
    assert politeness.budget("openalex")[0] == 10_000
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            assert calls.get("openalex", "/works/W1").status == 200
    assert [seen.headers.get("authorization") for seen in server.seen] == ["Bearer wrong", None, None, None]
    (line,) = [line for line in lines if line["log_level"] == "warning"]
    assert (line["event"], line["setting"]) == ("key_refused", "services.openalex.key")
    assert "wrong" not in str(line)
    assert politeness.budget("openalex")[0] == 1_000
    trouble = politeness.gate("openalex")._line.known.key_trouble
    assert [one.says for one in trouble.values()] == ["refused with HTTP 401: asked without it"]


def test_a_service_that_needs_its_key_is_not_asked_without(server: LoopbackServer, asking: Asking) -> None:
    """No item pays an attempt for it."""
    server.routes["*"] = Reply(403, JSON, b'{"message": "Forbidden"}')
    calls, _ = asking("semantic_scholar", key="pruned")
    for _ in range(2):
        with pytest.raises(ServiceError) as raised:
            calls.get("semantic_scholar", "/paper/x")
        assert (raised.value.reason, raised.value.costs_attempt) == (Reason.SERVICE_DOWN, False)
    assert not calls.is_available("semantic_scholar")
    assert len(server.seen) == 1


def test_ncbi_says_of_a_wrong_key_that_the_request_is_bad(server: LoopbackServer, asking: Asking) -> None:
    def answer(seen: Seen) -> Reply:
        wrong = "api_key" in seen.query
        return Reply(400, JSON, b'{"error":"API key invalid"}') if wrong else Reply(200, JSON, b"{}")

    server.routes["*"] = answer
    calls, _ = asking("pubmed", key="wrong", keyed=None)
    assert calls.get("pubmed", "/x", [("id", "1")]).status == 200
    assert "api_key=wrong" in server.seen[0].query
    assert server.seen[1].query == "id=1&email=me%40uni.edu&tool=dl_lit"


def test_a_key_that_is_not_looked_at_shows_by_what_is_given(server: LoopbackServer, asking: Asking) -> None:
    said = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "990", "X-RateLimit-Reset": "3600"}
    server.routes["*"] = Reply(200, {**JSON, **said}, b"{}")
    calls, politeness = asking("openalex", key="misnamed")
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            calls.get("openalex", "/works")
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["key_ignored"]
    assert politeness.budget("openalex") == (990, pytest.approx(3_600, abs=5))


def test_strangers_who_are_forbidden_are_blocked_as_before(server: LoopbackServer, asking: Asking) -> None:
    """A 403 without a key means a person: Crossref is left alone for a day."""
    server.routes["*"] = Reply(403, {}, b"Forbidden")
    calls, politeness = asking("crossref")
    for _ in range(2):
        with pytest.raises(ServiceError) as raised:
            calls.get("crossref", "/x")
        assert raised.value.reason is Reason.SERVICE_DOWN
    assert len(server.seen) == 1
    assert politeness.gate("crossref").wait_s() == pytest.approx(86_400, abs=5)


def test_a_service_that_crawls_trips_its_breaker_instead_of_holding_workers(
    server: LoopbackServer, asking: Asking
) -> None:
    """It used to answer at once: its time-out is down at the least, and ten requests are over within it."""
    calls, politeness = asking("datacite", timeout_s=3.0)
    for _ in range(30):
        calls.get("datacite", "/x")
    server.routes["/crawl"] = Reply(200, JSON, b"x" * 1_000, drip=(1, 0.05))
    started = time.monotonic()
    reasons = []
    for _ in range(12):
        with pytest.raises(ServiceError) as raised:
            calls.get("datacite", "/crawl")
        reasons.append((raised.value.reason, raised.value.costs_attempt))
    assert time.monotonic() - started < 10 * 3.0 - 5.0
    assert reasons == [(Reason.SERVICE_DOWN, True)] * 10 + [(Reason.SERVICE_DOWN, False)] * 2
    assert politeness.snapshot()["datacite"].breaker_trips == 1
