"""What the user may send to hosts of publishers: keys for text and data mining, by host. Pure.

A key goes to the host it was given for, over TLS (or to this machine itself), and nowhere else: it is decided anew for
each address that is asked, so that no redirect takes one along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from ipaddress import ip_address

import httpx

from dl_lit.core.values import dataclass

_TLS_PORT = 443


@dataclass(frozen=True, slots=True)
class HostCredentials:
    """Headers for one host and those below it."""

    host: str  # "api.publisher.org", or "publisher.org" for it and all below
    headers: Mapping[str, str] = field(repr=False)

    def are_for(self, url: httpx.URL) -> bool:
        """Whether they may be sent to this address."""
        name, ours = url.host.lower().rstrip("."), self.host.lower().strip(".")
        if not ours or _is_this_machine(name):
            return bool(ours) and name == ours
        is_ours = name == ours or name.endswith(f".{ours}")
        return is_ours and url.scheme == "https" and url.port in {None, _TLS_PORT}


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def headers_for(url: str, credentials: Iterable[HostCredentials]) -> dict[str, str]:
    """What to send to `url`, the most closely named host first; empty where nothing is meant for it.

    Raises `httpx.InvalidURL` for what is no address.
    """
    address = httpx.URL(url)
    fitting = [one for one in credentials if one.are_for(address)]
    return dict(max(fitting, key=lambda one: len(one.host)).headers) if fitting else {}
