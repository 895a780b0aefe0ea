"""Where the control surface listens, as the setting `serve.address` says it, and who can reach it there."""

from __future__ import annotations

import ipaddress
import re
from enum import Enum
from pathlib import Path

from dl_lit.core.values import dataclass

_NAME = re.compile(r"[0-9a-z_]([0-9a-z_.-]*[0-9a-z])?", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9.]+")


class Reach(Enum):
    """Who can reach the address that is listened on."""

    OWNER = "owner"  # a Unix socket that only its owner may open
    MACHINE = "machine"
    ANYBODY = "anybody"


def reach_of(host: str) -> Reach:
    """Who can reach the address `host`."""
    if host == "localhost":
        return Reach.MACHINE
    try:
        return Reach.MACHINE if ipaddress.ip_address(host).is_loopback else Reach.ANYBODY
    except ValueError:
        return Reach.ANYBODY


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and a port; port 0 takes a free one."""

    host: str
    port: int

    @property
    def reach(self) -> Reach:
        """Who can reach it."""
        return reach_of(self.host)


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket in the file system, which only its owner may open."""

    path: Path

    @property
    def reach(self) -> Reach:
        """Who can reach it."""
        return Reach.OWNER


Address = TcpAddress | UnixAddress


def address_of(text: str, usual: Path) -> Address | None:
    """What `serve.address` means; None for "off". `usual` is the socket for "unix". Raises `ValueError`."""
    text = text.strip()
    if text == "off":
        return None
    if text == "unix":
        return UnixAddress(usual)
    if text.startswith("unix:"):
        path = Path(text.removeprefix("unix:"))
        if path.is_absolute() and "\0" not in text:
            return UnixAddress(path)
        raise ValueError(f"{text!r} is to name an absolute path, as unix:/run/dl-lit.sock")
    host, _, port = text.rpartition(":")
    if port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65_535:
        bare = host.removeprefix("[").removesuffix("]")
        if _is_host(bare, is_bracketed=host == f"[{bare}]"):
            return TcpAddress(bare, int(port))
    raise ValueError(f"{text!r} is no address: unix, unix:/path, 127.0.0.1:8765, [::1]:8765 or off")


def _is_host(host: str, *, is_bracketed: bool) -> bool:
    """Whether it is an address or may be a name: what is made of numbers alone has to be an address."""
    try:
        return (ipaddress.ip_address(host).version == 6) == is_bracketed
    except ValueError:
        return not is_bracketed and bool(_NAME.fullmatch(host)) and not _NUMBERS.fullmatch(host)
