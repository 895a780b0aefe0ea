"""That a database is worked on, told by the kernel: what holds although somebody tidies the lock file away.

A name of the abstract kind is no file, so nobody can remove it, and it goes with the process that has it
(https://man7.org/linux/man-pages/man7/unix.7.html, read 2026-11-23). Where there are none, which is everywhere but on
Linux, the lock file has to do.
"""

from __future__ import annotations

import errno
import hashlib
import os
import socket
from contextlib import suppress
from pathlib import Path

_PREFIX = "dl-lit-database/"
_LONGEST = 107  # bytes of a name, the first one aside
_NAMES = Path("/proc/net/unix")


class Seat:
    """The one place at a database. Given up by `leave`, or with the process."""

    def __init__(self, sockets: tuple[socket.socket, ...]) -> None:
        """`sockets` have the names."""
        self._sockets = sockets

    def leave(self) -> None:
        """Let somebody else have it."""
        for one in self._sockets:
            one.close()


def take_seat(database: Path, note: str) -> Seat | None:
    """The seat at the database; None where another process has it. `note` is what it tells others."""
    key = _key(database)
    seat = _named(key)
    if seat is None:
        return None
    told = _named(f"{key}/{note}") if seat else ()
    return Seat((*seat, *(told or ())))


def note_at_seat(database: Path) -> str | None:
    """The note of the process that has the seat; None where nobody has, or this cannot be told."""
    with suppress(OSError):
        begins = f"@{_key(database)}/"
        for line in _NAMES.read_text(encoding="utf-8", errors="replace").splitlines():
            _, found, note = line.partition(begins)
            if found:
                return note
    return None


def _key(database: Path) -> str:
    """What is the same for all who name this database."""
    folder = os.stat(database.absolute().parent)  # noqa: PTH116 - as it says
    name = f"{folder.st_dev} {folder.st_ino} {database.name}"
    return _PREFIX + hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def _named(name: str) -> tuple[socket.socket, ...] | None:
    """A socket of that name; none where there are no such names, None where it is taken."""
    one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        one.bind(b"\0" + name.encode("utf-8", "surrogateescape")[:_LONGEST])
    except OSError as error:
        one.close()
        return None if error.errno == errno.EADDRINUSE else ()
    return (one,)
