"""What leaves the machine is told, whatever asked for it; offline nothing leaves, whatever asks for it."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from db.ledger.reading import LedgerLine, ledger
from dl_lit.app.network import Network
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError, ServiceError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.memory import Departure, Ending
from dl_lit.core.reasons import Reason
from dl_lit.net.connections import FOR_FILES, shared_client
from dl_lit.net.guard import NameNotResolved
from dl_lit.settings import Settings, load
from tests.fakes.loopback_server import LoopbackServer, Reply

RECORD = b'{"status": "ok", "message": {"DOI": "10.1/x"}}'
PDF = b"%PDF-1.7\n" + b"x" * 100_000


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    routes = {
        "/works/10.1/x": Reply(200, {"Content-Type": "application/json"}, RECORD),
        "/paper.pdf": Reply(200, {"Content-Type": "application/pdf"}, PDF),
        "/moved.pdf": Reply(302, {"Location": "/paper.pdf"}),
        "/gone.pdf": Reply(404, {}, b"no"),
        "/broken.pdf": Reply(raw=b"", reset=True),
    }
    with LoopbackServer(dict(routes)) as found:
        yield found


def settings_for(server: LoopbackServer, folder: Path, **env: str) -> Settings:
    return load(
        env={
            "HOME": str(folder),
            "DL_LIT_CROSSREF_URL": server.url("").rstrip("/"),
            "DL_LIT_ALLOW_HOSTS": server.netloc,
            "DL_LIT_HOST_GAP_S": "0",
            **env,
        }
    ).settings


@contextmanager
def network(settings: Settings) -> Iterator[Network]:
    with Network(settings, clock=SystemClock(), chance=random.Random(1)) as found:
        yield found


def lines(settings: Settings, by: str = "service") -> dict[str, LedgerLine]:
    return {line.key: line for line in ledger(settings.state_folder, by=by).lines}


def test_every_request_is_told_with_its_host_purpose_bytes_and_ending(server: LoopbackServer, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    with network(settings) as net:
        for _ in range(3):
            net.calls.get("crossref", "/works/10.1/x")
        for path in ("/paper.pdf", "/moved.pdf", "/gone.pdf", "/broken.pdf"):
            with suppress(FetchError):
                net.fetcher.fetch_pdf(server.url(path), tmp_path / "file")
    told = lines(settings)
    crossref, files = told["crossref"], told["files"]
    assert (crossref.requests, crossref.ok, crossref.methods) == (1, 1, ("GET",))  # the others were remembered
    # What broke a kept connection was asked for once more on a fresh one.
    assert (files.ok, files.redirected, files.refused, files.failed) == (2, 1, 1, 2)
    assert files.requests == 6 == sum(one.path.endswith(".pdf") for one in server.seen)
    assert 2 * len(PDF) < files.received_bytes < 2 * len(PDF) + 2_000
    assert len(RECORD) < crossref.received_bytes < len(RECORD) + 300
    assert list(lines(settings, "host")) == [server.netloc]


def test_bytes_sent_are_those_of_head_and_body(server: LoopbackServer) -> None:
    noted: list[Departure] = []

    class Book:
        note = staticmethod(noted.append)

    rules = AddressRules([server.netloc])
    client = shared_client(user_agent="x", trusted=rules, public=rules, ledger=Book())
    with client:
        client.post(server.url("/works/10.1/x"), content=b"y" * 1_000)
    (seen,) = server.seen
    head = len(f"POST {seen.target} HTTP/1.1\r\n") + sum(len(f"{n}: {v}\r\n") for n, v in seen.headers.items()) + 2
    assert noted[0].sent_bytes == head + 1_000
    assert sum(one.requests for one in noted) == 1


def test_names_that_are_not_known_and_addresses_that_are_not_allowed_are_told_as_such(tmp_path: Path) -> None:
    noted: list[Departure] = []

    class Book:
        note = staticmethod(noted.append)

    def resolver(host: str, _port: int) -> list[str]:
        if host == "unknown.test":
            raise NameNotResolved(host)
        return ["10.0.0.1"]

    rules = AddressRules([])
    with shared_client(user_agent="x", trusted=rules, public=rules, ledger=Book(), resolver=resolver) as client:
        for host in ("unknown.test", "intranet.test"):
            with pytest.raises(httpx.ConnectError):
                client.get(f"http://{host}/", extensions=FOR_FILES)
    assert [(one.host, one.ending, one.sent_bytes) for one in noted] == [
        ("unknown.test", Ending.FAILED, 0),
        ("intranet.test", Ending.BLOCKED, 0),
    ]


def test_offline_nothing_is_asked_looked_up_or_connected_to(
    server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through every door: services, files, and the bare client that a forgotten path would use."""
    looked_up: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_more: looked_up.append(args) or [])
    settings = settings_for(server, tmp_path, DL_LIT_OFFLINE="1")
    with network(settings) as net:
        for asking in (net.calls, net.direct):
            with pytest.raises(ServiceError) as refused:
                asking.get("crossref", "/works/10.1/x")
            assert (refused.value.reason, refused.value.costs_attempt) == (Reason.OFFLINE, False)
        with pytest.raises(FetchError) as unfetched:
            net.fetcher.fetch_pdf(server.url("/paper.pdf"), tmp_path / "file")
        assert (unfetched.value.reason, unfetched.value.costs_attempt) == (Reason.OFFLINE, False)
        for url in (server.url("/"), "https://api.openalex.org/works", "http://192.0.2.1/", "http://localhost/"):
            for extensions in ({}, FOR_FILES):
                with pytest.raises(httpx.ConnectError, match="offline"):
                    net.client.get(url, extensions=extensions)
    assert (looked_up, server.connections, server.seen) == ([], 0, [])
    assert ledger(settings.state_folder).total.requests == 0


def test_what_was_remembered_online_is_there_offline(server: LoopbackServer, tmp_path: Path) -> None:
    with network(settings_for(server, tmp_path)) as net:
        net.calls.get("crossref", "/works/10.1/x")
    with network(settings_for(server, tmp_path, DL_LIT_OFFLINE="1")) as net:
        answer = net.calls.get("crossref", "/works/10.1/x")
        assert (answer.body, answer.is_remembered) == (RECORD, True)
        assert net.remembered() == {"crossref": 1}
    assert len(server.seen) == 1


def test_remembered_answers_cost_no_permit(server: LoopbackServer, tmp_path: Path) -> None:
    with network(settings_for(server, tmp_path)) as net:
        for _ in range(50):
            net.calls.get("crossref", "/works/10.1/x")
        assert net.usage()["crossref"].requests == 1


def test_offline_a_grobid_on_this_machine_reads_along_and_no_other(tmp_path: Path) -> None:
    with LoopbackServer({"/api/isalive": Reply(200, {}, b"true")}) as grobid:
        settings = settings_for(grobid, tmp_path, DL_LIT_OFFLINE="1", DL_LIT_GROBID_URL=grobid.url("").rstrip("/"))
        with network(settings) as net:
            assert net.direct.is_available("grobid")
            assert net.direct.get("grobid", "/api/isalive").body == b"true"
    elsewhere = settings_for(grobid, tmp_path, DL_LIT_OFFLINE="1", DL_LIT_GROBID_URL="http://grobid.test:8070")
    with network(elsewhere) as net:
        assert not net.direct.is_available("grobid")


def test_a_name_of_this_machine_that_leads_elsewhere_is_not_followed_offline() -> None:
    rules = AddressRules(["localhost:80"])
    client = shared_client(
        user_agent="x", trusted=rules, public=rules, only={("localhost", 80)}, resolver=lambda _h, _p: ["192.0.2.1"]
    )
    with client, pytest.raises(httpx.ConnectError, match="offline"):
        client.get("http://localhost/")


def test_the_ledger_is_written_while_the_work_goes_on(server: LoopbackServer, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    with network(settings) as net:
        net.calls.get("crossref", "/works/10.1/x")
        end = time.monotonic() + 10
        while ledger(settings.state_folder).total.requests != 1:
            assert time.monotonic() < end
