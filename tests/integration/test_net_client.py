"""Calls to services over real sockets: addresses, identity, every status, every way to fail."""

from __future__ import annotations

import gzip
import random
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
import structlog

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import NeedsConfiguration, RequestRefused, ServiceError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Lane, Window
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client, user_agent
from dl_lit.net.politeness import Politeness
from tests.fakes.engine import eventually
from tests.fakes.loopback_server import LoopbackServer, Reply

FAST = Lane((Window(1_000, 1.0),), 8)
JSON = {"Content-Type": "application/json"}


class Bench:
    """A server, and calls that take every service to be there."""

    def __init__(self, server: LoopbackServer, *, contact: str | None = "me@uni.edu", **more: object) -> None:
        self.server = server
        timeout_s = more.pop("timeout_s", 5.0)
        base = more.pop("base", server.url("/base/"))
        services = [
            replace(policy, base_url=base, polite=FAST, anonymous=FAST, keyed=None, lanes=(), timeout_s=timeout_s)
            for policy in BY_NAME.values()
        ]
        keys = more.pop("keys", {})
        self.politeness = Politeness(
            services, clock=SystemClock(), rng=random.Random(1), has_contact=bool(contact), keyed=keys
        )
        self.client = shared_client(
            user_agent=user_agent("1.0", contact_email=contact),
            trusted=AddressRules([server.netloc]),
            public=AddressRules(),
        )
        self.calls = HttpServiceCalls(
            self.client,
            self.politeness,
            services,
            clock=SystemClock(),
            rng=random.Random(1),
            contact_email=contact,
            keys=keys,
            **more,
        )

    def use(self, name: str):
        return self.politeness.snapshot()[name]

    def close(self) -> None:
        self.calls.stop()
        self.client.close()
        self.server.close()


@pytest.fixture
def bench():
    made: list[Bench] = []

    def make(routes: dict[str, Reply | Callable] | Reply, **more: object) -> Bench:
        table = {"*": routes} if isinstance(routes, Reply) else routes
        made.append(Bench(LoopbackServer(table), **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def raised_by(calls: ServiceCalls, name: str = "datacite", **more: object) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        calls.get(name, "/x", **more)
    return raised.value


def test_a_call_goes_below_the_base_address_and_says_who_asks(bench) -> None:
    subject = bench(Reply(200, {**JSON, "X-Odd": "Yes"}, b'{"a": 1}'))
    answer = subject.calls.get("crossref", "/v1/works/10.1/a%3Cb", [("rows", "2"), ("query", "a b&c")], lane="list")
    (seen,) = subject.server.seen
    assert seen.path == "/base/v1/works/10.1/a%3Cb"
    assert parse_qsl(seen.query) == [("rows", "2"), ("query", "a b&c"), ("mailto", "me@uni.edu")]
    assert "%20" in seen.query
    assert seen.headers["user-agent"] == "dl_lit/1.0 (mailto:me@uni.edu)"
    assert (answer.status, answer.body, answer.headers["x-odd"]) == (200, b'{"a": 1}', "Yes")
    assert answer.url == subject.server.url("/base/v1/works/10.1/a%3Cb")
    use = subject.use("crossref")
    assert (use.requests, use.by_status, use.bytes, use.order_violations) == (1, {"2xx": 1}, 8, 0)


def test_unpaywall_gets_its_email_and_others_nothing(bench) -> None:
    subject = bench(Reply(200, JSON, b"{}"))
    subject.calls.get("unpaywall", "v2/10.1/x")
    subject.calls.get("openalex", "works/W1", headers={"Accept": "text/x"})
    assert subject.server.seen[0].query == "email=me%40uni.edu"
    assert subject.server.seen[1].query == ""
    assert subject.server.seen[1].headers["accept"] == "text/x"


def test_keys_travel_in_headers_only(bench) -> None:
    subject = bench(Reply(200, JSON, b"{}"), keys={"openalex": "K1", "semantic_scholar": "K2"})
    subject.calls.get("openalex", "/works/W1", credits=0)
    subject.calls.get("semantic_scholar", "/paper/x")
    assert subject.server.seen[0].headers["authorization"] == "Bearer K1"
    assert subject.server.seen[1].headers["x-api-key"] == "K2"
    assert all("K1" not in seen.target and "K2" not in seen.target for seen in subject.server.seen)


def test_ncbi_is_told_tool_contact_and_key_in_the_address(bench) -> None:
    """It takes a key nowhere else; our own log does not repeat it."""
    subject = bench(Reply(200, JSON, b"{}"), keys={"pubmed": "K3"})
    with structlog.testing.capture_logs() as lines:
        answer = subject.calls.get("pubmed", "/esummary.fcgi", [("id", "1")])
    assert subject.server.seen[0].query == "id=1&email=me%40uni.edu&tool=dl_lit&api_key=K3"
    assert "K3" not in answer.url + str(lines)


def test_what_lacks_its_contact_or_key_or_is_switched_off_is_not_asked(bench) -> None:
    subject = bench(Reply(200, JSON, b"{}"), contact=None, disabled={"datacite"})
    available = {name for name in (*BY_NAME, "nonsense") if subject.calls.is_available(name)}
    assert available == {name for name, one in BY_NAME.items() if not one.needs_key} - {"datacite", "unpaywall"}
    assert subject.calls.contact_email is None
    with pytest.raises(NeedsConfiguration, match="unpaywall"):
        subject.calls.get("unpaywall", "/x")
    assert subject.server.seen == []
    subject.calls.get("crossref", "/x")
    assert subject.server.seen[0].query == ""


def test_absent_is_an_answer(bench) -> None:
    subject = bench(Reply(404, {"Content-Type": "text/html"}, b"<!doctype html><title>404</title>"))
    assert subject.calls.get("openalex", "/works/doi:10.1/x").status == 404


@pytest.mark.parametrize("status", [400, 413, 414, 422])
def test_a_refused_request_says_so_and_is_no_failure_of_the_service(bench, status: int) -> None:
    subject = bench(Reply(status, JSON, b'{"message": "Email   address\\nrequired"}'))
    for _ in range(12):
        error = raised_by(subject.calls)
        assert isinstance(error, RequestRefused)
        assert error.status == status
    assert "Email address" in error.detail.replace("\\n", " ")
    assert subject.calls.wait_s("datacite") < 1.0


def test_ten_server_errors_open_the_breaker(bench) -> None:
    subject = bench(Reply(502, {"Content-Type": "text/html"}, b"<html>Bad gateway</html>"))
    errors = [raised_by(subject.calls) for _ in range(10)]
    assert {(error.reason, error.costs_attempt) for error in errors} == {(Reason.SERVICE_DOWN, True)}
    refused = raised_by(subject.calls)
    assert (refused.reason, refused.costs_attempt) == (Reason.SERVICE_DOWN, False)
    assert 0 < refused.after <= 60
    assert len(subject.server.seen) == 10
    assert subject.calls.wait_s("datacite") == float("inf")
    assert subject.use("datacite").breaker_trips == 1


def test_503_with_a_time_keeps_it(bench) -> None:
    subject = bench(Reply(503, {"Retry-After": "30"}, b""))
    assert raised_by(subject.calls).after == 30.0


def test_429_parks_the_service_for_as_long_as_it_asks(bench) -> None:
    subject = bench(Reply(429, {"Retry-After": "40"}, b"slow down"))
    error = raised_by(subject.calls)
    assert (error.reason, error.costs_attempt, error.after) == (Reason.RATE_LIMITED, False, 40.0)
    assert raised_by(subject.calls).after == pytest.approx(40.0, abs=1.0)
    assert len(subject.server.seen) == 1
    assert subject.use("datacite").rate_limit_hits == 1


def test_429_without_a_time_backs_off(bench) -> None:
    subject = bench(Reply(429, {"Content-Type": "text/html"}, b"<html><h1>429 Too Many Requests</h1></html>"))
    error = raised_by(subject.calls)
    assert error.reason is Reason.RATE_LIMITED
    assert 1.0 <= error.after <= 2.0


def test_openalex_out_of_budget_stops_what_costs_and_lets_free_calls_go_on(bench) -> None:
    costly = Reply(429, {"Retry-After": "53578", **JSON}, b'{"error": "budget"}')
    subject = bench({"/base/works": costly, "/base/works/W1": Reply(200, JSON, b"{}")})
    error = raised_by_path(subject.calls, "openalex", "/works", credits=1)
    assert (error.reason, error.costs_attempt, error.after) == (Reason.BUDGET_EXHAUSTED, False, 53_578.0)
    again = raised_by_path(subject.calls, "openalex", "/works", credits=1)
    assert again.reason is Reason.BUDGET_EXHAUSTED
    assert again.after == pytest.approx(53_578.0, abs=2.0)
    assert len(subject.server.seen) == 1
    assert subject.calls.get("openalex", "/works/W1").status == 200
    assert subject.calls.wait_s("openalex") == float("inf")


def raised_by_path(calls: ServiceCalls, name: str, path: str, **more: object) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        calls.get(name, path, **more)
    return raised.value


def test_a_free_call_out_of_budget_parks_everything(bench) -> None:
    subject = bench(Reply(429, {"Retry-After": "53578"}, b""))
    assert raised_by(subject.calls, "openalex").reason is Reason.BUDGET_EXHAUSTED
    assert raised_by(subject.calls, "openalex").reason is Reason.BUDGET_EXHAUSTED
    assert len(subject.server.seen) == 1


def test_a_long_wait_at_a_service_without_credits_parks_it(bench) -> None:
    subject = bench(Reply(429, {"Retry-After": "5000"}, b""))
    assert (raised_by(subject.calls).reason, raised_by(subject.calls).reason) == (Reason.RATE_LIMITED,) * 2
    assert len(subject.server.seen) == 1


def test_the_services_own_count_of_credits_is_believed(bench) -> None:
    subject = bench(Reply(200, {**JSON, "X-RateLimit-Remaining": "3"}, b"{}"))
    subject.calls.get("openalex", "/works", credits=1)
    error = raised_by(subject.calls, "openalex", credits=10)
    assert error.reason is Reason.BUDGET_EXHAUSTED
    subject.calls.get("openalex", "/works", credits=3)
    assert subject.use("openalex").credits_used == 4


@pytest.mark.parametrize(
    ("name", "status", "body", "parked_s"),
    [
        ("crossref", 403, b"blocked", 86_400.0),
        ("arxiv", 406, b"", 86_400.0),
        ("openalex", 401, b"{}", 3_600.0),
    ],
)
def test_a_service_that_refuses_us_is_left_alone_for_long(bench, name, status, body, parked_s) -> None:
    subject = bench(Reply(status, {}, body))
    error = raised_by(subject.calls, name)
    assert (error.reason, error.costs_attempt, error.after) == (Reason.SERVICE_DOWN, False, parked_s)
    assert raised_by(subject.calls, name).after == pytest.approx(parked_s, abs=2.0)
    assert len(subject.server.seen) == 1


def test_a_bucket_that_hides_an_object_blocks_nobody(bench) -> None:
    subject = bench(Reply(403, {}, b"<Error/>"))
    for _ in range(2):
        assert raised_by(subject.calls, "pmc").reason is Reason.BAD_ANSWER
    assert len(subject.server.seen) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"Content-Type": "text/html; charset=utf-8"}, b"<p>Making sure you're not a bot"),
        Reply(200, JSON, b"\n <!DOCTYPE html><html>"),
        Reply(204),
        Reply(300),
        Reply(410),
        Reply(302, {"Location": "https://elsewhere.example/x"}),
        Reply(301),
        Reply(301, {"Location": "http://[::1"}),
        Reply(200, {"Content-Encoding": "gzip", **JSON}, b"this is not gzip"),
    ],
)
def test_a_bad_answer_establishes_nothing(bench, reply: Reply) -> None:
    error = raised_by(bench(reply).calls)
    assert (error.reason, error.costs_attempt) == (Reason.BAD_ANSWER, True)


def test_json_mislabelled_as_html_passes(bench) -> None:
    """Whether it parses is the parser's business."""
    assert bench(Reply(200, {"Content-Type": "text/html"}, b' {"a": 1}')).calls.get("datacite", "/x").status == 200


def test_gzip_is_understood_and_bodies_have_a_limit(bench) -> None:
    body = gzip.compress(b"[" + b" " * 3_000_000 + b"]")
    subject = bench(Reply(200, {"Content-Encoding": "gzip", **JSON}, body), max_body_bytes=4_000_000)
    assert len(subject.calls.get("datacite", "/x").body) == 3_000_002
    small = bench(Reply(200, {"Content-Encoding": "gzip", **JSON}, body), max_body_bytes=1_000_000)
    assert raised_by(small.calls).reason is Reason.BAD_ANSWER


def test_redirects_within_the_service_are_followed_politely_and_keep_the_contact(bench) -> None:
    subject = bench(
        {
            "/base/v1/works/alias": Reply(301, {"Location": "/base/v1/works/prime"}),
            "/base/v1/works/prime": lambda seen: Reply(307, {"Location": f"{subject.server.url('/base/end')}?x=1"}),
            "/base/end": Reply(200, JSON, b"{}"),
        }
    )
    answer = subject.calls.get("crossref", "/v1/works/alias")
    assert answer.url.startswith(subject.server.url("/base/end"))
    assert [dict(parse_qsl(seen.query)) for seen in subject.server.seen] == [
        {"mailto": "me@uni.edu"},
        {"mailto": "me@uni.edu"},
        {"x": "1", "mailto": "me@uni.edu"},
    ]
    assert subject.use("crossref").by_status == {"2xx": 1, "3xx": 2}


def test_endless_redirects_end(bench) -> None:
    subject = bench({"*": lambda seen: Reply(302, {"Location": seen.path + "x"})})
    assert "redirects" in raised_by(subject.calls).detail
    assert len(subject.server.seen) == 6


def test_a_connection_that_dies_is_made_again_at_most_twice(bench) -> None:
    subject = bench(Reply(raw=b"", reset=True))
    error = raised_by(subject.calls)
    assert error.reason is Reason.SERVICE_DOWN
    assert len(subject.server.seen) in {1, 3}, "a reset may show as a read error, which is not repeated"


def test_a_dropped_idle_connection_goes_unnoticed(bench) -> None:
    """The server closes a kept-alive connection as the next request is on its way."""
    replies = iter([Reply(raw=b""), Reply(200, JSON, b"{}")])
    subject = bench({"*": lambda _seen: next(replies)})
    assert subject.calls.get("datacite", "/x").status == 200
    assert subject.use("datacite").retries == 1


def test_nobody_listening_is_a_service_that_is_down(bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    subject = bench(Reply(), base=f"http://127.0.0.1:{port}")
    subject.client.close()
    subject.calls._client = shared_client(user_agent="x", trusted=AddressRules(["127.0.0.0/8"]), public=AddressRules())
    error = raised_by(subject.calls)
    assert (error.reason, error.costs_attempt) == (Reason.SERVICE_DOWN, True)
    assert subject.use("datacite").by_status == {"error": 3}
    subject.calls._client.close()


def test_an_answer_that_never_comes_times_out(bench) -> None:
    never = threading.Event()
    subject = bench(Reply(200, wait=never), timeout_s=0.2)
    error = raised_by(subject.calls)
    never.set()
    assert (error.reason, "timeout-read" in error.detail) == (Reason.SERVICE_DOWN, True)


def test_a_slow_drip_ends_after_the_time_for_the_whole_request(bench) -> None:
    subject = bench(Reply(200, JSON, b"x" * 1_000, drip=(1, 0.1)), timeout_s=0.4)
    assert raised_by(subject.calls).reason is Reason.SERVICE_DOWN


def test_a_truncated_body_is_not_an_answer(bench) -> None:
    subject = bench(Reply(200, JSON, b'{"a": 1', length=5_000))
    assert raised_by(subject.calls).reason is Reason.SERVICE_DOWN


def test_one_debug_line_a_request_without_the_address_of_the_user(bench) -> None:
    subject = bench(Reply(200, JSON, b"{}"), keys={"openalex": "SECRET"})
    with structlog.testing.capture_logs() as lines:
        subject.calls.get("crossref", "/x", [("rows", "2")])
        subject.calls.get("openalex", "/x")
    assert [line["event"] for line in lines] == ["service_request", "service_request"]
    assert lines[0]["url"].endswith("/base/x?rows=2")
    assert "uni.edu" not in str(lines)
    assert "SECRET" not in str(lines)


def test_connections_are_kept_and_shared(bench) -> None:
    subject = bench(Reply(200, JSON, b"{}"))
    for name in ("crossref", "datacite", "openalex", "crossref"):
        subject.calls.get(name, "/x")
    assert subject.server.connections == 1


def test_a_request_that_we_break_off_ourselves_costs_its_item_nothing(bench) -> None:
    """It comes back at the next start; the service is not thought to be down."""
    held = threading.Event()
    subject = bench(Reply(200, JSON, b"{}", wait=held))
    raised: list[ServiceError] = []

    def ask() -> None:
        try:
            subject.calls.get("openalex", "/works/W1")
        except ServiceError as error:
            raised.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not subject.server.handling:
        threading.Event().wait(0.01)
    subject.calls.stop()
    subject.client.close()
    held.set()
    asking.join(20)
    (error,) = raised
    assert (error.reason, error.costs_attempt, error.after) == (Reason.RATE_LIMITED, False, 0.0)


def test_several_pools_keep_their_connections_and_close_them() -> None:
    """Each request goes to the next pool: as many connections as pools, used again, closed in the end."""
    with LoopbackServer({"*": Reply(200, JSON, b"{}")}) as server:
        with shared_client(
            user_agent="test", trusted=AddressRules([server.netloc]), public=AddressRules(), pools=3
        ) as client:
            for _ in range(9):
                assert client.get(server.url("/")).status_code == 200
            assert server.connections == server.open_now == 3
        eventually(lambda: server.open_now == 0)
