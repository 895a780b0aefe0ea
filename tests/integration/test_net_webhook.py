"""Telling an address: a real server on loopback that refuses, sends elsewhere and answers late."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from pathlib import Path

import pytest

from db.ledger.store import DiskLedger
from dl_lit.app.notices.telling import Told, test_event, ways_of
from dl_lit.core.clock import SystemClock
from dl_lit.net import webhook
from dl_lit.settings import load
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen

test_event.__test__ = False  # type: ignore[attr-defined]  # it is none
CLOCK = SystemClock()


@pytest.fixture
def ledger(tmp_path: Path) -> DiskLedger:
    return DiskLedger(tmp_path, CLOCK, keep_days=9)


def told(url: str, ledger: DiskLedger, **env: str) -> Told:
    """What comes of telling `url` that this is a test."""
    settings = load(env={"HOME": "/nowhere", "DL_LIT_NOTIFY_URL": url, **env}).settings
    event = test_event(CLOCK)
    with ways_of(settings, CLOCK, ledger) as (way,):
        return way(event, json.dumps({"id": event.id}).encode())


def test_an_event_is_posted_once_signed_and_noted_in_the_ledger(ledger: DiskLedger, tmp_path: Path) -> None:
    """Without the contact address, to an address of this machine, which the operator named himself."""
    key = base64.b64encode(b"k" * 24).decode()
    with LoopbackServer({"/hook": lambda _seen: Reply(204)}) as server:
        assert told(server.url("/hook"), ledger, DL_LIT_NOTIFY_SECRET=f"whsec_{key}") == Told("notify.url")
        (seen,) = server.seen
    id_, stamp = seen.headers["webhook-id"], seen.headers["webhook-timestamp"]
    signed = hmac.new(b"k" * 24, f"{id_}.{stamp}.".encode() + seen.body, hashlib.sha256).digest()
    assert seen.headers["webhook-signature"] == "v1," + base64.b64encode(signed).decode()
    assert json.loads(seen.body) == {"id": id_}
    assert "mailto" not in seen.headers["user-agent"]
    ledger.close()
    assert b"notify" in b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())


def test_what_may_pass_is_tried_again_under_the_same_id(ledger: DiskLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_AGAIN_S", (0.0, 0.0))
    answers = [Reply(503), Reply(raw=b"", close=True), Reply(200)]
    with LoopbackServer({"/": lambda _seen: answers.pop(0)}) as server:
        assert told(server.url("/"), ledger).trouble == ""
        assert len({seen.headers["webhook-id"] for seen in server.seen}) == 1
        assert len(server.seen) == 3
        answers[:] = [Reply(500)] * 3
        assert told(server.url("/"), ledger).trouble == "it answered 500"
    ledger.close()


@pytest.mark.parametrize("status", [301, 307, 404, 410])
def test_a_refusal_is_final_and_a_redirect_leads_nowhere(status: int, ledger: DiskLedger) -> None:
    with LoopbackServer({"/": lambda _seen: Reply(status, {"Location": "/elsewhere"})}) as server:
        assert told(server.url("/"), ledger).trouble == f"it answered {status}"
        assert [seen.path for seen in server.seen] == ["/"]
    ledger.close()


def test_offline_nobody_far_away_is_told_and_this_machine_is(ledger: DiskLedger) -> None:
    def answer(_seen: Seen) -> Reply:
        return Reply(200)

    assert told("https://hooks.example.org/x", ledger, DL_LIT_OFFLINE="true") == Told("notify.url", is_offline=True)
    with LoopbackServer({"/": answer}) as server:
        assert told(server.url("/"), ledger, DL_LIT_OFFLINE="true").trouble == ""
        assert len(server.seen) == 1
    ledger.close()


def test_a_server_that_never_answers_is_given_up_and_its_address_is_not_told(
    ledger: DiskLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_AGAIN_S", ())
    never = threading.Event()
    with LoopbackServer({"/secret": lambda _seen: Reply(wait=never)}) as server:
        trouble = told(server.url("/secret"), ledger, DL_LIT_NOTIFY_TIMEOUT_S="0.2").trouble
        never.set()
    assert "cannot be reached (timeout" in trouble
    assert "secret" not in trouble
    ledger.close()
