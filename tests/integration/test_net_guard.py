"""The guard at connect time, against a listener on this machine."""

from __future__ import annotations

import socket
import threading
import time

import httpcore
import httpx
import pytest

from dl_lit.core.hosts import AddressRules
from dl_lit.core.reasons import Reason
from dl_lit.net.connections import FOR_FILES, GuardedTransport, shared_client, user_agent
from dl_lit.net.failures import MAPPED, NETWORK_ERRORS, reason_of
from dl_lit.net.guard import GuardedBackend, NameNotResolved, UnsafeAddress, resolve, within
from tests.fakes.loopback_server import LoopbackServer, Reply


@pytest.fixture
def server():
    with LoopbackServer({"*": Reply(200, body=b"secret")}) as running:
        yield running


def client(*, allow: tuple[str, ...] = (), trust: tuple[str, ...] = (), resolver=resolve) -> httpx.Client:
    return shared_client(
        user_agent=user_agent("1.0"), trusted=AddressRules(trust), public=AddressRules(allow), resolver=resolver
    )


HOSTS = [
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "127.0.0.1.",
]


def test_no_spelling_of_this_machine_is_connected_to(server: LoopbackServer) -> None:
    """Not even a connection is opened, on any port: the guard cannot be used to scan them."""
    with client() as web:
        for netloc in [f"{host}{port}" for host in HOSTS for port in (f":{server.port}", "")]:
            with pytest.raises((httpx.ConnectError, httpx.InvalidURL)) as raised:
                web.get(f"http://{netloc}/", extensions=FOR_FILES)
            assert reason_of(raised.value) in {Reason.UNSAFE_URL, Reason.INVALID_URL, Reason.DNS_ERROR}, netloc
    assert server.connections == 0


def test_a_name_is_refused_when_any_of_its_addresses_is_private(server: LoopbackServer) -> None:
    backend = GuardedBackend(AddressRules(), resolver=lambda _host, _port: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(UnsafeAddress):
        backend.connect_tcp("rebind.example", 80, timeout=1.0)


def test_the_connection_goes_to_the_address_that_was_checked(server: LoopbackServer) -> None:
    """A name that resolves differently the second time cannot slip past: it is resolved once."""
    answers = iter([["127.0.0.1"]])
    rules = AddressRules([f"rebind.example:{server.port}"])
    backend = GuardedBackend(rules, resolver=lambda _host, _port: next(answers))
    backend.connect_tcp("rebind.example", server.port, timeout=5.0).close()


def test_the_next_address_is_tried_when_one_does_not_answer(server: LoopbackServer) -> None:
    rules = AddressRules(["127.0.0.0/8"])
    backend = GuardedBackend(rules, resolver=lambda _host, _port: ["127.0.0.9", "127.0.0.1"])
    backend.connect_tcp("two.example", server.port, timeout=5.0).close()
    with pytest.raises(httpcore.ConnectError):
        GuardedBackend(rules, resolver=lambda _h, _p: ["127.0.0.9"]).connect_tcp("x", server.port, timeout=5.0)
    with pytest.raises(NameNotResolved):
        GuardedBackend(rules, resolver=lambda _h, _p: []).connect_tcp("x", server.port, timeout=5.0)


def test_unix_sockets_are_not_the_web() -> None:
    with pytest.raises(NotImplementedError):
        GuardedBackend(AddressRules()).connect_unix_socket("/run/x")


def test_trusted_service_addresses_are_for_calls_only(server: LoopbackServer) -> None:
    """A connection kept alive by a call is not lent to a file address either."""
    with client(trust=(server.netloc,)) as web:
        assert web.get(server.url()).text == "secret"
        with pytest.raises(httpx.ConnectError) as raised:
            web.get(server.url(), extensions=FOR_FILES)
    assert reason_of(raised.value) is Reason.UNSAFE_URL


def test_a_name_nobody_knows_is_a_dns_error() -> None:
    with client() as web, pytest.raises(httpx.ConnectError) as raised:
        web.get("http://no-such-host.invalid/")
    assert reason_of(raised.value) is Reason.DNS_ERROR


def test_the_deadline_ends_a_server_that_sends_a_byte_at_a_time() -> None:
    """Each read succeeds in time; only the deadline of the whole request ends it."""
    with (
        LoopbackServer({"*": Reply(200, body=b"x" * 500, drip=(1, 0.05))}) as server,
        client(allow=("127.0.0.0/8",)) as web,
    ):
        started = time.monotonic()
        with within(0.4), pytest.raises(httpx.ReadTimeout) as raised:
            web.get(server.url(), extensions=FOR_FILES)
        assert reason_of(raised.value) is Reason.TIMEOUT_READ
        assert time.monotonic() - started < 15.0, "not the 25 that all of it takes"


def test_an_expired_deadline_ends_a_connect() -> None:
    with client(allow=("127.0.0.0/8",)) as web, within(0.0), pytest.raises(httpx.ConnectTimeout):
        web.get("http://127.0.0.1:9/", extensions=FOR_FILES)


def test_a_server_that_speaks_no_tls_is_a_tls_error() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def answer_plainly() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.recv(1_000)

    thread = threading.Thread(target=answer_plainly)
    thread.start()
    with listener, client(allow=("127.0.0.0/8",)) as web, pytest.raises(httpx.ConnectError) as raised:
        web.get(f"https://127.0.0.1:{listener.getsockname()[1]}/", extensions=FOR_FILES)
    thread.join(5)
    assert reason_of(raised.value) is Reason.TLS_ERROR


def test_cookies_are_not_kept_between_requests() -> None:
    with (
        LoopbackServer({"*": Reply(200, {"Set-Cookie": "a=1; Path=/"}, b"x")}) as server,
        client(trust=(server.netloc,)) as web,
    ):
        web.get(server.url())
        web.get(server.url())
        assert "cookie" not in server.seen[1].headers


def test_the_pool_beneath_httpx_is_the_guarded_one() -> None:
    """The one private attribute we rely on: httpx must still keep its pool there."""
    with client() as web:
        transport = web._transport._files
        assert isinstance(transport, GuardedTransport)
        assert isinstance(transport._pool._network_backend, GuardedBackend)


def _subclasses(kind: type) -> set[type]:
    return {kind}.union(*(_subclasses(sub) for sub in kind.__subclasses__()))


def test_no_exception_of_httpx_is_left_unmapped() -> None:
    public = {value for value in vars(httpx).values() if isinstance(value, type) and issubclass(value, Exception)}
    for kind in set().union(*(_subclasses(kind) for kind in public)):
        assert any(issubclass(kind, mapped) for mapped, _ in MAPPED), kind
        assert issubclass(kind, (*NETWORK_ERRORS, httpx.StreamError)), kind


def test_httpx_maps_every_exception_of_httpcore() -> None:
    """What httpx lets through would reach the pool of workers as a surprise."""
    from httpx._transports.default import _load_httpcore_exceptions  # noqa: PLC0415

    mapped = tuple(_load_httpcore_exceptions())
    ours = {UnsafeAddress, NameNotResolved}
    public = {value for value in vars(httpcore).values() if isinstance(value, type) and issubclass(value, Exception)}
    for kind in public | ours:
        assert issubclass(kind, (*mapped, httpcore.ConnectionNotAvailable)), kind


def test_a_foreign_exception_is_an_internal_error() -> None:
    assert reason_of(RuntimeError()) is Reason.INTERNAL_ERROR


@pytest.mark.parametrize(
    ("page", "contact", "agent"),
    [
        (None, None, "dl_lit/1.0"),
        ("https://p.org", None, "dl_lit/1.0 (+https://p.org)"),
        ("https://p.org", "a@b.org", "dl_lit/1.0 (+https://p.org; mailto:a@b.org)"),
        (None, "a@b.org", "dl_lit/1.0 (mailto:a@b.org)"),
    ],
)
def test_we_say_who_we_are(page: str | None, contact: str | None, agent: str) -> None:
    assert user_agent("1.0", project_page=page, contact_email=contact) == agent


def test_resolving_names_every_address_once() -> None:
    found = resolve("localhost", 80)
    assert len(found) == len(set(found))
    assert set(found) <= {"127.0.0.1", "::1"}
    with pytest.raises(NameNotResolved):
        resolve("a" * 64 + ".example", 80)
    assert socket.has_ipv6 in {True, False}
