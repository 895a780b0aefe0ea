"""Where the daemons of a fleet stand: network namespaces on bridges of this machine, which can be cut off and mended.

Each has two lines, one of them for the database, so that a daemon can be cut off from that alone. A namespace has its
own network and nothing else: state, database and library are what a daemon is told. Where root or iproute2 is missing
the daemons are processes on loopback, and nobody can be cut off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Self

import click

_COUNT = 3
_LINES = (0, 1)
_DATABASE = 1


class Places:
    """Some namespaces; `listen` are the addresses by which what runs on this machine itself is reached from them."""

    def __init__(self, name: str, *, are_apart: bool) -> None:
        """Nothing is made here: see `made`."""
        self._name = name
        self._third = os.getpid() % 250 + 1
        self.are_apart = are_apart

    @property
    def host(self) -> str:
        """The address of this machine as the namespaces see it."""
        return f"10.213.{self._third}.1" if self.are_apart else "127.0.0.1"

    @property
    def database_host(self) -> str:
        """The address of this machine at the end of the lines that are for the database."""
        return f"10.214.{self._third}.1" if self.are_apart else "127.0.0.1"

    @property
    def listen(self) -> tuple[str, ...]:
        """Addresses besides loopback for servers that are to be reached."""
        return (self.host, self.database_host) if self.are_apart else ()

    def within(self, number: int) -> tuple[str, ...]:
        """What a command is begun with that is to run in a place."""
        return ("ip", "netns", "exec", self._space(number)) if self.are_apart else ()

    def cut(self, number: int) -> None:
        """Let nothing in or out: packets are lost, no connection is told."""
        self.cut_from_database(number)
        _ip("link", "set", self._end(number), "down")

    def cut_from_database(self, number: int) -> None:
        """The same on the line for the database alone."""
        _ip("link", "set", self._end(number, _DATABASE), "down")

    def mend(self, number: int) -> None:
        """Let all through again."""
        for line in _LINES:
            _ip("link", "set", self._end(number, line), "up")

    def lead_to_loopback(self) -> None:
        """Let the namespaces reach what serves at this machine's loopback addresses: their own are given up for it."""
        if not self.are_apart:
            return
        _let_loopback_pass((), f"{self._name}b")
        for number in range(_COUNT):
            space = self._space(number)
            _let_loopback_pass(self.within(number), f"{self._name}i{number}")
            _ip("-n", space, "addr", "flush", "dev", "lo")
            _ip("-n", space, "route", "add", "127.0.0.0/8", "via", self.host, "src", self._inner(number))

    def address(self, number: int) -> str:
        """From where services and hosts of files are asked by what runs in a place."""
        return self._inner(number) if self.are_apart else "127.0.0.1"

    def _inner(self, number: int, line: int = 0) -> str:
        return f"10.{213 + line}.{self._third}.{number + 2}"

    def _space(self, number: int) -> str:
        return f"{self._name}-{number}"

    def _end(self, number: int, line: int = 0) -> str:
        return f"{self._name}{'hg'[line]}{number}"

    @classmethod
    @contextmanager
    def made(cls) -> Iterator[Self]:
        """Places that are gone afterwards; all on loopback where there is no right to others, which is said."""
        places = cls(f"dlf{os.getpid() % 100_000}", are_apart=_may())
        if not places.are_apart:
            click.echo("no network namespaces here (root and iproute2 are needed): nobody is cut off", err=True)
            yield places
            return
        with ExitStack() as stack:
            places._make(stack)
            yield places

    def _make(self, stack: ExitStack) -> None:
        for number in range(_COUNT):
            space = self._space(number)
            _ip("netns", "add", space)
            stack.callback(_quietly, "netns", "del", space)
            _ip("-n", space, "link", "set", "lo", "up")
        for line, host in zip(_LINES, (self.host, self.database_host), strict=True):
            bridge = f"{self._name}{'bc'[line]}"
            _ip("link", "add", bridge, "type", "bridge")
            stack.callback(_quietly, "link", "del", bridge)
            _ip("addr", "add", f"{host}/24", "dev", bridge)
            _ip("link", "set", bridge, "up")
            for number in range(_COUNT):
                self._lay(stack, number, line, bridge)

    def _lay(self, stack: ExitStack, number: int, line: int, bridge: str) -> None:
        space, end, inner = self._space(number), self._end(number, line), f"{self._name}{'ij'[line]}{number}"
        _ip("link", "add", end, "type", "veth", "peer", "name", inner)
        stack.callback(_quietly, "link", "del", end)
        _ip("link", "set", inner, "netns", space)
        _ip("link", "set", end, "master", bridge, "up")
        _ip("-n", space, "addr", "add", f"{self._inner(number, line)}/24", "dev", inner)
        _ip("-n", space, "link", "set", inner, "up")


def _may() -> bool:
    """Whether namespaces can be made: tried with one."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"dlt{os.getpid() % 100_000}"
    try:
        _ip("netns", "add", name)
        _ip("link", "add", name, "type", "bridge")
        _ip("link", "del", name)
    except (OSError, subprocess.CalledProcessError):
        return False
    finally:
        _quietly("netns", "del", name)
    return True


def _let_loopback_pass(within: Sequence[str], device: str) -> None:
    """https://docs.kernel.org/networking/ip-sysctl.html: route_localnet (read 2026-11-23)."""
    write = f"echo 1 > /proc/sys/net/ipv4/conf/{device}/route_localnet"
    subprocess.run([*within, "sh", "-c", write], check=True, capture_output=True, text=True)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def _quietly(*arguments: str) -> None:
    with suppress(OSError, subprocess.CalledProcessError):
        _ip(*arguments)
