"""doi.org leads to the hosts of the agencies: followed as strangers' addresses are, never held against doi.org."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Lane, Window
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client
from dl_lit.net.politeness import Politeness
from tests.fakes.loopback_server import LoopbackServer, Reply

FAST = Lane((Window(1_000, 1.0),), 8)
CSL = {"Content-Type": "application/vnd.citationstyles.csl+json"}
HTML = {"Content-Type": "text/html"}

Asking = Callable[..., tuple[HttpServiceCalls, Politeness]]


@pytest.fixture
def agency() -> Iterator[LoopbackServer]:
    server = LoopbackServer(
        {
            "/record": Reply(200, CSL, b'{"title": "x"}'),
            "/page": Reply(200, HTML, b"<!doctype html><title>Journal</title>"),
            "/wall": Reply(403, HTML, b"<html>no</html>"),
            "/absent": Reply(404, {}, b"nothing"),
            "/down": Reply(503, {}, b"busy"),
        }
    )
    yield server
    server.close()


@pytest.fixture
def asking(agency: LoopbackServer) -> Iterator[Asking]:
    """Calls to a resolver whose every path leads to the same path of the agency; closed afterwards."""
    opened: list[Callable[[], None]] = []

    def make(*, allowed: bool = True) -> tuple[HttpServiceCalls, Politeness]:
        names = ("record", "page", "wall", "absent", "down")
        resolver = LoopbackServer({f"/{one}": Reply(302, {"Location": agency.url(f"/{one}")}) for one in names})
        services = [
            replace(BY_NAME[name], base_url=resolver.url("/"), polite=FAST, anonymous=FAST, lanes=())
            for name in ("doi", "datacite")
        ]
        politeness = Politeness(services, clock=SystemClock(), rng=random.Random(1), has_contact=True, keyed={})
        client = shared_client(
            user_agent="dl_lit/1.0",
            trusted=AddressRules([resolver.netloc]),
            public=AddressRules([agency.netloc] if allowed else []),
        )
        calls = HttpServiceCalls(client, politeness, services, clock=SystemClock(), rng=random.Random(1))
        opened.extend([calls.stop, client.close, resolver.close])
        return calls, politeness

    yield make
    for close in opened:
        close()


def test_a_redirect_to_the_agency_is_followed_for_doi_org_alone(asking: Asking, agency: LoopbackServer) -> None:
    calls, _ = asking()
    assert calls.get("doi", "/record", headers={"Accept": CSL["Content-Type"]}).body == b'{"title": "x"}'
    assert agency.seen[0].headers["accept"] == CSL["Content-Type"]
    assert calls.get("doi", "/absent").status == 404
    with pytest.raises(ServiceError, match="HTTP 302"):
        calls.get("datacite", "/record")


@pytest.mark.parametrize("path", ["/page", "/wall"])
def test_pages_and_walls_of_the_agency_mean_that_it_describes_nothing(asking: Asking, path: str) -> None:
    calls, politeness = asking()
    for _ in range(12):
        with pytest.raises(RequestRefused):
            calls.get("doi", path)
    assert politeness.gate("doi").wait_s() < 1.0
    assert calls.get("doi", "/record").status == 200


def test_an_agency_that_is_down_is_not_doi_org_down(asking: Asking) -> None:
    calls, _ = asking()
    for _ in range(12):
        with pytest.raises(ServiceError) as raised:
            calls.get("doi", "/down")
        assert raised.value.reason is Reason.BAD_ANSWER
    assert calls.get("doi", "/record").status == 200


def test_private_addresses_are_not_followed(asking: Asking, agency: LoopbackServer) -> None:
    calls, _ = asking(allowed=False)
    with pytest.raises(ServiceError) as raised:
        calls.get("doi", "/record")
    assert raised.value.reason is Reason.BAD_ANSWER
    assert agency.seen == []
