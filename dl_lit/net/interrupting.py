"""Breaking off what is being read or written, from another thread: closing a socket does not wake who reads it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

import httpcore

_interrupt: ContextVar[Interrupt | None] = ContextVar("interrupt", default=None)  # of this thread's request


class Interrupt:
    """What was put under it ends at once when it is set, as does whatever comes later. Thread-safe."""

    def __init__(self) -> None:
        """Nothing is broken off yet."""
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._is_set = False

    @contextmanager
    def covering(self) -> Iterator[None]:
        """All network operations of this thread are under it."""
        token = _interrupt.set(self)
        try:
            yield
        finally:
            _interrupt.reset(token)

    def set(self) -> None:
        """Break off all there is."""
        with self._lock:
            self._is_set = True
            for one in self._sockets:
                with suppress(OSError):  # not connected any more
                    socket.socket.shutdown(one, socket.SHUT_RDWR)  # beneath TLS, which another thread is reading

    @contextmanager
    def during(self, stream: httpcore.NetworkStream, error: type[Exception]) -> Iterator[None]:
        """One operation of `stream`; raises `error` where it is set already."""
        found = stream.get_extra_info("socket")
        with self._lock:
            if self._is_set:
                raise error("interrupted")
            if found is not None:
                self._sockets.append(found)
        try:
            yield
        finally:
            with self._lock:
                if found is not None:
                    self._sockets.remove(found)


def interrupt_of_this_thread() -> Interrupt | None:
    """What this thread's requests are under; None: nothing."""
    return _interrupt.get()
