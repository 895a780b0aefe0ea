"""Telling the service manager how we are: systemd's notification protocol, and its watchdog.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html (read 2026-11-23): datagrams of lines
VARIABLE=VALUE to the socket that `NOTIFY_SOCKET` names. Without that variable nobody is told, at no cost.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, MutableMapping
from typing import Self

import structlog

from dl_lit.core.clock import Clock

_PATIENCE_S = 1.0
"""How long a manager that does not read may hold us up."""

_FEEDS = 4
"""The watchdog is fed so many times within what it allows."""

_STATUS_EVERY_S = 2.0

_OPEN_S = 60.0
"""So long is waited with being ready, for a first look at large folders or at disks that do not answer."""

_RELOADED_S = 20.0
"""What came of a reload stands as the status for so long."""

_EXTEND_EVERY_S = 5.0
_EXTEND_BY_S = 30.0
"""While stopping goes on, time for so much more is asked for every few seconds: who hangs asks no more."""

log = structlog.get_logger(__name__)


class ServiceManager:
    """Whoever started us and wants to be told, if anybody does. Not being heard never stops the work."""

    def __init__(self, address: str | None, *, watchdog_s: float | None = None) -> None:
        """`address` is a path, or "@" and a name in Linux's abstract namespace; `watchdog_s` is how patient it is."""
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        self.watchdog_s = watchdog_s if address else None
        self._is_told = False

    @classmethod
    def take_from(cls, environment: MutableMapping[str, str], *, pid: int | None = None) -> Self:
        """The manager that `environment` names, which is taken out of it: our children have nothing to tell.

        A watchdog that is meant for another process (`WATCHDOG_PID`) is none of ours. Addresses of other kinds than
        sockets of this machine ("vsock:") are left alone.
        """
        address = environment.pop("NOTIFY_SOCKET", "")
        allowed = environment.pop("WATCHDOG_USEC", "")
        meant = environment.pop("WATCHDOG_PID", "")
        is_ours = not meant or meant == str(os.getpid() if pid is None else pid)
        watchdog_s = int(allowed) / 1e6 if is_ours and allowed.isdecimal() and int(allowed) > 0 else None
        return cls(address if address.startswith(("/", "@")) else None, watchdog_s=watchdog_s)

    @property
    def is_there(self) -> bool:
        """Whether anybody wants to be told."""
        return self._address is not None

    def ready(self, status: str) -> bool:
        """All is open and work has begun, or goes on after `reloading`; whether the manager could be told."""
        return self._tell("READY=1", _status(status))

    def status(self, status: str) -> bool:
        """How it goes, in one line for people."""
        return self._tell(_status(status))

    def reloading(self) -> bool:
        """The settings are being read again; `ready` ends it."""
        # The time is asked for by Type=notify-reload, and by the kernel's clock, not ours.
        now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
        return self._tell("RELOADING=1", f"MONOTONIC_USEC={now_us}")

    def stopping(self, status: str) -> bool:
        """The end has begun."""
        return self._tell("STOPPING=1", _status(status))

    def extend(self, seconds: float) -> bool:
        """Ask for so much more time from now on, while starting or stopping."""
        return self._tell(f"EXTEND_TIMEOUT_USEC={round(seconds * 1e6)}")

    def alive(self) -> bool:
        """Feed the watchdog."""
        return self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> bool:
        if self._address is None:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(_PATIENCE_S)
                channel.sendto("\n".join(lines).encode(errors="replace"), self._address)
        except OSError as error:
            if not self._is_told:
                self._is_told = True
                log.warning("manager_not_told", detail=str(error), told=lines[0])
            return False
        return True


class Reporter:
    """What the main loop tells the manager while it turns: that it turns, and how it goes. For one thread."""

    def __init__(
        self,
        manager: ServiceManager,
        clock: Clock,
        *,
        is_open: Callable[[], bool],
        wedged: Callable[[], str | None],
        status: Callable[[], str],
    ) -> None:
        """`is_open` says whether all has begun to work; it is waited for, but not for ever.

        `wedged` says what of the engine does not turn, None where all does; `status` is one line for people.
        """
        self._manager = manager
        self._clock = clock
        self._is_open = is_open
        self._wedged = wedged
        self._status = status
        self._open_by = clock.monotonic() + _OPEN_S
        self._is_ready = False
        self._look_at = self._feed_at = self._status_at = self._extend_at = float("-inf")
        self._told = ""
        self._is_wedged = False

    def tick(self) -> None:
        """Say that we are ready, feed the watchdog and renew the status where it is time to; nearly free otherwise."""
        if not self._manager.is_there:
            return
        now = self._clock.monotonic()
        if not self._is_ready and now >= self._look_at and (self._is_open() or now >= self._open_by):
            self._is_ready = self._manager.ready(self._status())
            self._look_at = now + _STATUS_EVERY_S  # who did not hear it is told again
        if self._manager.watchdog_s is not None and now >= self._feed_at:
            self._feed_at = now + self._manager.watchdog_s / _FEEDS
            self._feed()
        if now >= self._status_at:
            self._status_at = now + _STATUS_EVERY_S
            status = self._status()
            if status != self._told and self._manager.status(status):
                self._told = status

    def reload(self, what: Callable[[], str]) -> None:
        """Do `what`, which reads the settings again, and let its one line stand as the status for a while."""
        self._manager.reloading()
        self._told = what()
        self._manager.ready(self._told)
        self._status_at = self._clock.monotonic() + _RELOADED_S

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._manager.stopping("finishing what is in hand")
        self.drain()

    def drain(self) -> None:
        """As `tick`, while stopping: ask for as much time as running items still may take."""
        if not self._manager.is_there:
            return
        now = self._clock.monotonic()
        if now >= self._extend_at:
            self._extend_at = now + _EXTEND_EVERY_S
            self._manager.extend(_EXTEND_BY_S)
            if self._manager.watchdog_s is not None:
                self._manager.alive()

    def _feed(self) -> None:
        """A wedged engine gets no food, so that it is started again; one that is slow, or kept from work, does."""
        what = self._wedged()
        if what is None:
            self._manager.alive()
        elif not self._is_wedged:
            log.error("wedged", detail=what, says="the watchdog is not fed any more")
        self._is_wedged = what is not None


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}"
