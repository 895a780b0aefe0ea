"""Which addresses of the internet dl_lit may connect to, and which never: pure rules.

`ipaddress.is_global` is not enough: on Python 3.11 it calls 192.0.0.8, 224.0.0.1, 64:ff9b::7f00:1 and 2002:7f00:1::
public. So the lists are written out, from the registries of special-purpose addresses:
https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

from dl_lit.core.values import dataclass

Address = IPv4Address | IPv6Address

PORTS = frozenset({80, 443})

_REFUSED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # "this network"; Linux connects it to itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; 100.100.100.200 is a cloud's metadata service
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's wire server
        "169.254.0.0/16",  # link-local, with the clouds' metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, with a cloud's metadata service
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAME = re.compile(r"[\w.-]*[^\W\d][\w.-]*")  # a host's: figures and dots alone are an address, or a mistyped one
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet, looking into addresses that carry another."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_V4)
    carried = address.ipv4_mapped
    if carried is None and address in _NAT64:
        carried = IPv4Address(int(address) & 0xFFFF_FFFF)
    if carried is not None:
        return is_public(carried)
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return False
    return address in _GLOBAL_V6 and not any(address in network for network in _REFUSED_V6)


@dataclass(frozen=True, slots=True)
class _Exception:
    """What one entry of the allow list allows."""

    name: str | None  # a host by name
    network: IPv4Network | IPv6Network | None  # or addresses
    port: int | None  # None: any port

    def covers(self, host: str, address: Address | None, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.name is not None:
            return self.name == host
        return address is not None and self.network is not None and address in self.network


class AddressRules:
    """What may be connected to: public addresses on the web's ports, and the exceptions that were configured."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        """Read the exceptions: "host", "host:port", "[::1]:8080", or a CIDR range such as "127.0.0.0/8".

        Raises `ValueError` for an entry that is none of these.
        """
        self._exceptions = tuple(_read(entry) for entry in allow if entry.strip())

    def allows(self, host: str, address: Address | None, port: int) -> bool:
        """Whether `host`, which resolved to `address`, may be connected to on `port`.

        With `address` None, before the name is resolved, only the port is judged.
        """
        host = _bare(host)
        address = _literal(host) if address is None else address
        if any(entry.covers(host, address, port) for entry in self._exceptions):
            return True
        if address is None:
            return port in PORTS or any(entry.network and entry.port in (None, port) for entry in self._exceptions)
        return port in PORTS and is_public(address)


def host_and_port(url: str) -> str:
    """Where an http or https address leads, as `AddressRules` reads it: "host:443", "[::1]:8080"."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback_url(url: str) -> bool:
    """Whether the address leads to this machine itself, by its very wording."""
    host = (urlsplit(url).hostname or "").lower()
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def _bare(host: str) -> str:
    return host.lower().strip("[]").rstrip(".")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _read(entry: str) -> _Exception:
    text = entry.strip().lower()
    host, port = text, None
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or None
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not host or (port is not None and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
        raise ValueError(f"not a host, host:port or address range: {entry!r}")
    try:
        network = ip_network(host, strict=False)
    except ValueError:
        if "/" in host or ":" in host:
            raise ValueError(f"not a host, host:port or address range: {entry!r}") from None
        if not _NAME.fullmatch(host):
            raise ValueError(f"not a host, host:port or address range: {entry!r}") from None
        return _Exception(host.rstrip("."), None, int(port) if port else None)
    return _Exception(None, network, int(port) if port else None)
