"""A contact address that a service refuses: learned once, for all processes, until the address changes."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from db.machine.states import MachineStates
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Lane, Window
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client
from dl_lit.net.identity import Identity
from dl_lit.net.politeness import Politeness
from tests.fakes.loopback_server import LoopbackServer, Reply

FAST = Lane((Window(200, 0.1),), 8)
JSON = {"Content-Type": "application/json"}
PLACEHOLDER = b'{"error": true, "message": "Please use your own email address in API calls."}'


class Process:
    """One dl_lit process with its contact address, at the state that the machine shares."""

    def __init__(self, server: LoopbackServer, folder: Path, contact: str) -> None:
        policy = replace(BY_NAME["unpaywall"], base_url=server.url("/"), polite=FAST, anonymous=FAST)
        clock, chance, identity = SystemClock(), random.Random(1), Identity(contact, {})
        self.states = MachineStates(folder, clock)
        politeness = Politeness(
            [policy], clock=clock, rng=chance, has_contact=True, identity=identity, states=self.states
        )
        rules = AddressRules([server.netloc])
        self.client = shared_client(user_agent="one/1", trusted=rules, public=rules)
        self.calls = HttpServiceCalls(self.client, politeness, [policy], clock=clock, rng=chance, identity=identity)

    def __enter__(self) -> HttpServiceCalls:
        return self.calls

    def __exit__(self, *_ended: object) -> None:
        self.client.close()
        self.states.close()


def test_a_refused_address_is_learned_on_the_first_answer_by_all_processes(tmp_path: Path) -> None:
    """No attempt is charged, one line names the setting and not the address; another address is tried at once."""
    with LoopbackServer({"*": Reply(422, JSON, PLACEHOLDER)}) as server:
        with Process(server, tmp_path, "me@example.org") as calls, structlog.testing.capture_logs() as lines:
            assert calls.is_available("unpaywall")
            for _ in range(3):
                with pytest.raises(ServiceError, match="contact_email") as raised:
                    calls.get("unpaywall", "/v2/10.1/x")
                assert (raised.value.reason, raised.value.costs_attempt) == (Reason.SERVICE_DOWN, False)
            assert not calls.is_available("unpaywall")
            (line,) = [line for line in lines if line["log_level"] == "warning"]
            assert (line["event"], line["service"], line["setting"]) == (
                "contact_refused",
                "unpaywall",
                "contact_email",
            )
            assert "example.org" not in str(lines)
        with Process(server, tmp_path, "me@example.org") as calls:
            assert not calls.is_available("unpaywall")
        assert len(server.seen) == 1
        server.routes["*"] = Reply(200, JSON, b"{}")
        with Process(server, tmp_path, "ada@uni.edu") as calls:
            assert calls.is_available("unpaywall")
            assert calls.get("unpaywall", "/v2/10.1/x").status == 200


def test_another_refusal_says_nothing_of_the_address(tmp_path: Path) -> None:
    """A DOI that the service cannot read is the request's fault."""
    with (
        LoopbackServer({"*": Reply(422, JSON, b'{"message": "Invalid DOI"}')}) as server,
        Process(server, tmp_path, "ada@uni.edu") as calls,
    ):
        with pytest.raises(RequestRefused):
            calls.get("unpaywall", "/v2/10.1/x")
        assert calls.is_available("unpaywall")
