"""Which addresses may be connected to."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.hosts import AddressRules, is_public

REFUSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.1.2.3
168.63.129.16 169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1
192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 3fff::1
fc00::1 fd00:ec2::254 fe80::1
fe80::1%eth0 fec0::1 ff02::1 2a00:1450::5efe:127.0.0.1 2a00:1450::200:5efe:10.0.0.1 5f00::1
"""
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 99.255.255.255 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
168.63.129.17 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.167.255.255 198.17.255.255 198.20.0.0
223.255.255.255 2a00:1450:4001:82f::200e 2606:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808
"""


@pytest.mark.parametrize("text", REFUSED.split())
def test_an_address_that_is_not_of_the_public_internet_is_refused(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC.split())
def test_a_public_address_passes(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_never_public_here(address: IPv4Address) -> None:
    assert not (is_public(address) and (address.is_private or address.is_multicast or address.is_reserved))


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_like_itself(address: IPv4Address) -> None:
    for prefix in ("::ffff:", "64:ff9b::"):
        assert is_public(ip_address(f"{prefix}{address}")) == is_public(address)


@given(st.ip_addresses(v=6, network="2000::/3"))
def test_python_finds_no_private_address_among_ours(address) -> None:
    assert not (is_public(address) and address.is_private)


@pytest.mark.parametrize("port", [22, 25, 8080, 6379, 1, 65535])
def test_only_the_webs_ports_are_allowed(port: int) -> None:
    rules = AddressRules()
    assert not rules.allows("example.org", None, port)
    assert not rules.allows("example.org", ip_address("93.184.216.34"), port)
    assert rules.allows("example.org", ip_address("93.184.216.34"), 443)
    assert rules.allows("example.org", None, 80)


@pytest.mark.parametrize(
    ("entry", "host", "address", "port", "allowed"),
    [
        ("127.0.0.1:9000", "127.0.0.1", "127.0.0.1", 9000, True),
        ("127.0.0.1:9000", "127.0.0.1", "127.0.0.1", 9001, False),
        ("127.0.0.1:9000", "sneaky.example", "127.0.0.1", 9000, True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", 5, True),
        ("127.0.0.0/8", "127.9.9.9", "127.9.9.9", 1234, True),
        ("127.0.0.0/8", "10.0.0.1", "10.0.0.1", 80, False),
        ("127.0.0.0/8", "x.example", "::1", 80, False),
        ("localhost", "LOCALHOST.", "127.0.0.1", 80, True),
        ("localhost:81", "localhost", "127.0.0.1", 80, False),
        ("localhost:81", "localhost", "127.0.0.1", 81, True),
        ("localhost:81", "other", "127.0.0.1", 81, False),
        ("[::1]:8080", "[::1]", "::1", 8080, True),
        ("[::1]", "::1", "::1", 8081, True),
        ("::1", "::1", "::1", 8081, True),
        ("fd00::/8", "inner", "fd12::1", 443, True),
        ("  ", "127.0.0.1", "127.0.0.1", 80, False),
        ("Proxy.Uni-X.edu:8443", "proxy.uni-x.edu", "10.1.1.1", 8443, True),
    ],
)
def test_exceptions_allow_what_they_name_and_nothing_else(
    entry: str, host: str, address: str, port: int, allowed: bool
) -> None:
    assert AddressRules([entry]).allows(host, ip_address(address), port) is allowed


def test_an_exception_for_addresses_lets_unresolved_names_pass_to_the_check_that_counts() -> None:
    rules = AddressRules(["127.0.0.0/8"])
    assert rules.allows("some.name", None, 9999)
    assert not rules.allows("some.name", ip_address("10.0.0.1"), 9999)
    assert not rules.allows("10.0.0.1", None, 80), "a literal address is judged at once"


@pytest.mark.parametrize(
    "entry", ["host:port", "a:b:c", "10.0.0.0/99", "999.1.1.1", "*.a.org", "x:0", "x:70000", ":80", "[::1]:x"]
)
def test_a_senseless_exception_is_refused_by_name(entry: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        AddressRules([entry])


def test_the_whole_loopback_range_is_refused_at_its_edges() -> None:
    for text in ("10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16"):
        network = ip_network(text)
        assert not is_public(network[0])
        assert not is_public(network[-1])
        assert is_public(network[0] - 1)
