"""Tells the ledger of every request that leaves the machine: between the client and its connections, so none is missed.

Bytes are those of heads and bodies as HTTP/1.1 has them; framing and encryption come on top and are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from dl_lit.core.memory import Departure, Ending, NetworkLedger
from dl_lit.net.failures import causes
from dl_lit.net.guard import Offline, UnsafeAddress

_PURPOSE = "dl_lit.purpose"
_FILES = "files"
_TOLD_AFTER_BYTES = 1_000_000  # of a body that is still coming


def purpose(name: str) -> dict[str, str]:
    """Request extension: what this request is for, as the ledger shall tell it. Without it: "files"."""
    return {_PURPOSE: name}


class LedgerTransport(httpx.BaseTransport):
    """A transport that notes what goes through it."""

    def __init__(self, inner: httpx.BaseTransport, ledger: NetworkLedger) -> None:
        self._inner = inner
        self._ledger = ledger

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on and note how it ended; what never got a connection, or may not have one, is not noted."""
        told = _Told(self._ledger, request)
        try:
            response = self._inner.handle_request(request)
        except httpx.PoolTimeout:
            raise  # it never got a connection
        except httpx.TransportError as error:
            beneath = set(map(type, causes(error)))
            if Offline not in beneath:
                is_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                told.note(Ending.BLOCKED if UnsafeAddress in beneath else Ending.FAILED, 1, told.size if is_sent else 0)
            raise
        ending = Ending.of_status(response.status_code)
        told.note(ending, 1, told.size, _head_bytes(response.headers) + len("HTTP/1.1 200 OK\r\n"))
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Counted(response.stream, told, ending)
        return response

    def close(self) -> None:
        """Close what is beneath."""
        self._inner.close()


class _Told:
    """One request, as the ledger hears of it."""

    def __init__(self, ledger: NetworkLedger, request: httpx.Request) -> None:
        self._ledger = ledger
        self._host = request.url.netloc.decode("ascii", "replace")
        self._method = request.method
        self._purpose = str(request.extensions.get(_PURPOSE, _FILES))
        length = request.headers.get("content-length", "0")
        line = len(request.method) + len(request.url.raw_path) + len("  HTTP/1.1\r\n")
        self.size = line + _head_bytes(request.headers) + (int(length) if length.isdigit() else 0)

    def note(self, ending: Ending, requests: int, sent_bytes: int = 0, received_bytes: int = 0) -> None:
        self._ledger.note(
            Departure(
                host=self._host,
                purpose=self._purpose,
                method=self._method,
                ending=ending,
                requests=requests,
                sent_bytes=sent_bytes,
                received_bytes=received_bytes,
            )
        )


class _Counted(httpx.SyncByteStream):
    """An answer's body, its bytes told as they come and at the end."""

    def __init__(self, inner: httpx.SyncByteStream, told: _Told, ending: Ending) -> None:
        self._inner = inner
        self._told = told
        self._ending = ending
        self._untold = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._inner:
            self._untold += len(piece)
            if self._untold >= _TOLD_AFTER_BYTES:
                self._tell()
            yield piece

    def close(self) -> None:
        self._tell()
        self._inner.close()

    def _tell(self) -> None:
        untold, self._untold = self._untold, 0
        if untold:
            self._told.note(self._ending, 0, received_bytes=untold)


def _head_bytes(headers: httpx.Headers) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.raw) + 2
