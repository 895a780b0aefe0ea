"""No spelling of a private address, and no name that comes to mean one, gets a connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dl_lit.core.errors import FetchError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.reasons import Reason
from dl_lit.net.guard import GuardedBackend, NameNotResolved, UnsafeAddress, resolve
from tests.fakes.fetching import AS_PDF, PDF, Bench
from tests.fakes.loopback_server import LoopbackServer, Reply
from tests.fakes.name_server import NameServer

REFUSED = frozenset({Reason.UNSAFE_URL, Reason.INVALID_URL, Reason.BAD_REDIRECT, Reason.DNS_ERROR})

FORMS = (
    """
127.0.0.1 127.0.0.1. 127.1 127.0.1 0 0.0.0.0 2130706433 0x7f000001 0x7F.0x0.0x0.0x1 0x7f.1 017700000001 0177.0.0.1
0177.0.0.01 127.0.0.1%00.example.org %31%32%37.0.0.1 127%2e0%2e0%2e1 127.0.0.1%2f.example.org
localhost LOCALHOST localhost. ip6-localhost [::1] [0:0:0:0:0:0:0:1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1]
[0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::127.0.0.1] [2002:7f00:1::] [fe80::1] [fe80::1%25lo] [fc00::1]
[ff02::1] [fd00:ec2::254] 169.254.169.254 0xA9FEA9FE 2852039166 0251.0376.0251.0376 [::ffff:a9fe:a9fe]
10.0.0.1 012.0.0.1 172.16.0.1 192.168.1.1 100.100.100.200 168.63.129.16 192.0.0.192 224.0.0.251 255.255.255.255
①②⑦.⓪.⓪.① 127。0。0。1 １２７.0.0.1 ⑯⑨。②⑤④。⑯⑨｡②⑤④ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ 127.0.0.1\u00ad
user@127.0.0.1 example.org@127.0.0.1 example.org:80@127.0.0.1 :@127.0.0.1 @127.0.0.1
127.0.0.1:22 127.0.0.1:0 127.0.0.1:443 127.0.0.1:080 example.org:22 example.org:8080
""".encode()
    .decode("unicode_escape")
    .encode("latin-1")
    .decode()
    .split()
)
"""Hosts as addresses name them, all of them this machine, its neighbours, or ports that are not the web's."""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**more: object) -> Bench:
        made.append(Bench(tmp_path, **{"allow": (), **more}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_no_form_is_asked_nor_followed(bench) -> None:
    """As the address itself, and as where a redirect leads."""
    reached = LoopbackServer()
    subject = bench(allow=(reached.netloc,))
    subject.servers.append(reached)
    got_through = []
    for host in FORMS:
        reached.routes["*"] = Reply(302, {"Location": f"http://{host}/latest/"})
        urls = (f"http://{host}/a.pdf", f"https://{host}/a.pdf", reached.url())
        got_through += [url for url in urls if subject.failure(url).reason not in REFUSED]
    assert got_through == []
    assert len(reached.seen) == len(FORMS)


PRIVATE = st.sampled_from(["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.9", "172.20.0.1", "100.64.3.4"])


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """A private address as C libraries of all times have read it: parts in any base, the last ones run together."""
    parts = list(IPv4Address(draw(PRIVATE)).packed)
    kept = draw(st.integers(1, 4))
    last = int.from_bytes(bytes(parts[kept - 1 :]), "big")
    written = [draw(st.sampled_from([str, hex, lambda n: f"0{n:o}"]))(part) for part in (*parts[: kept - 1], last)]
    text = ".".join(written)
    return draw(st.sampled_from([str.upper, str.lower]))(text).replace("X", "x")


@given(spellings())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_however_a_private_address_is_spelt_it_is_refused(host: str) -> None:
    backend = GuardedBackend(AddressRules())
    with pytest.raises((UnsafeAddress, NameNotResolved)):
        backend.connect_tcp(host, 80, timeout=0.01)


@given(st.text(max_size=40))
@settings(max_examples=150)
def test_any_text_as_host_is_an_address_or_a_refusal(text: str) -> None:
    """Nothing else is raised on the way to the name system, which is not asked here."""
    try:
        url = httpx.URL(f"http://{text}/")
    except httpx.InvalidURL:
        return
    assert AddressRules().allows(url.host, None, 80) in {True, False}


@pytest.mark.parametrize("host", ["a\0b", "", "a" * 300, "\udcff", "xn--", "é" * 70])
def test_what_the_name_system_cannot_be_asked_is_not_known(host: str) -> None:
    with pytest.raises(NameNotResolved):
        resolve(host, 80)


def test_a_name_that_comes_to_mean_this_machine_gets_no_connection(bench) -> None:
    """The name server says the outer host first and the secret one afterwards, both on the same port.

    The connection goes to the address that was checked: the name is looked up once for each connection.
    """
    outer = LoopbackServer({"*": Reply(200, AS_PDF, PDF, close=True)}, host="127.0.0.5")
    with NameServer(rebind_example=["127.0.0.5", "127.0.0.6"]) as names:
        subject = bench(allow=(outer.netloc,), resolver=names.resolve)
        subject.servers.append(outer)
        secret = _same_port("127.0.0.6", outer.port)
        subject.servers.append(secret)
        url = f"http://rebind.example:{outer.port}/a.pdf"
        rules = AddressRules([outer.netloc])
        assert rules.allows("rebind.example", ip_address("127.0.0.5"), outer.port)
        assert subject.fetch(url).size_bytes == len(PDF)
        assert names.asked == ["rebind.example"]
        assert subject.failure(url).reason is Reason.UNSAFE_URL
        assert names.asked == ["rebind.example"] * 2
    assert (outer.connections, secret.connections) == (1, 0)
    assert outer.seen[0].headers["host"] == f"rebind.example:{outer.port}"


def test_a_redirect_to_a_name_that_means_this_machine_gets_no_connection(bench) -> None:
    with NameServer(good_example=["127.0.0.5"], evil_example=["127.0.0.6"]) as names:
        outer = LoopbackServer({}, host="127.0.0.5")
        secret = _same_port("127.0.0.6", outer.port)
        subject = bench(allow=(outer.netloc,), resolver=names.resolve)
        subject.servers += [outer, secret]
        outer.routes["*"] = Reply(302, {"Location": f"http://evil.example:{outer.port}/a.pdf"})
        error = subject.failure(f"http://good.example:{outer.port}/")
        assert (error.reason, names.asked) == (Reason.UNSAFE_URL, ["good.example", "evil.example"])
    assert secret.connections == 0


def test_proxies_of_the_environment_are_not_used(bench, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = LoopbackServer({"*": Reply(200, AS_PDF, PDF)}, host="127.0.0.7")
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url())
    server = LoopbackServer({"*": Reply(200, AS_PDF, PDF)})
    subject = bench(allow=(server.netloc,))
    subject.servers += [proxy, server]
    assert subject.fetch(server.url("/a.pdf")).size_bytes == len(PDF)
    assert (proxy.connections, server.connections) == (0, 1)


def _same_port(host: str, port: int) -> LoopbackServer:
    return LoopbackServer({"*": Reply(200, AS_PDF, b"%PDF-1.4 secret")}, host=host, port=port)


def test_every_refusal_says_where_it_led(bench) -> None:
    error: FetchError = bench().failure("http://10.0.0.1/a.pdf")
    assert (error.reason, error.final_url) == (Reason.UNSAFE_URL, "http://10.0.0.1/a.pdf")
