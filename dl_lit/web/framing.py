"""Where one request ends and the next begins: heads that two programs might read differently are not read at all.

h11 takes what RFC 9112 lets a server take for the sake of old clients (https://www.rfc-editor.org/rfc/rfc9112, sections
2.2, 5.2, 6.1 and 6.3, read 2026-11-23): a line that ends without a carriage return, a header that goes on in the next
line, a length told twice, a length beside chunks. A proxy before us may take them otherwise, and somebody may hide a
second request in the difference.
"""

from __future__ import annotations

import re

import h11

_VERSIONS = frozenset({b"1.0", b"1.1"})
_LENGTH = re.compile(rb"^content-length[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FAULTS = (
    (re.compile(rb"(?<!\r)\n"), "a line ends without a carriage return"),
    (re.compile(rb"\r(?!\n|\Z)"), "a carriage return stands within a line"),
    (re.compile(rb"\r\n[ \t]"), "a header goes on in the next line"),
    (re.compile(rb"\0"), "a null character stands in it"),
)


LONGEST_HEAD = 32_768
"""Bytes of a request's head."""

FEW_CHUNKS = 1_024
"""Chunks of a body that may be of any size."""

LEAST_CHUNK = 256
"""Bytes that those of a longer one have on average: each costs as much as thousands of bytes, and others wait."""


class PlainConnection(h11.Connection):
    """The server's side, which raises `h11.RemoteProtocolError` also for what could be read in two ways.

    And for what is read at too high a price: long heads, and bodies in crumbs.
    """

    def __init__(self) -> None:
        """Nothing has come."""
        super().__init__(h11.SERVER, LONGEST_HEAD)
        self._chunks = self._bytes = 0

    def next_event(self) -> type[h11.NEED_DATA | h11.PAUSED] | h11.Event:
        """As h11's."""
        if self.their_state is h11.IDLE:
            _require_plain(self.trailing_data[0].partition(b"\r\n\r\n")[0])
        event = super().next_event()
        if isinstance(event, h11.Request):
            _require_one_end(event)
            self._chunks = self._bytes = 0
        elif isinstance(event, h11.Data):
            self._chunks += event.chunk_start
            self._bytes += len(event.data)
            if self._chunks > FEW_CHUNKS and self._bytes < self._chunks * LEAST_CHUNK:
                raise h11.RemoteProtocolError("its chunks are too small")
        return event


def _require_plain(head: bytes) -> None:
    """Raise where the lines of a head, or of what has come of it, are not all as RFC 9112 has them."""
    if len(head) > LONGEST_HEAD:
        raise h11.RemoteProtocolError("that is too much", error_status_hint=431)
    for fault, says in _FAULTS:
        if fault.search(head):
            raise h11.RemoteProtocolError(says)
    if len(_LENGTH.findall(head)) > 1:
        raise h11.RemoteProtocolError("its length is told twice")


def _require_one_end(request: h11.Request) -> None:
    """Raise where the end of the body can be found in two ways."""
    if request.http_version not in _VERSIONS:
        raise h11.RemoteProtocolError("this is another version of HTTP", error_status_hint=505)
    names = {name for name, _ in request.headers}
    if b"transfer-encoding" in names and (b"content-length" in names or request.http_version == b"1.0"):
        raise h11.RemoteProtocolError("chunks and a length, or chunks in HTTP/1.0")
