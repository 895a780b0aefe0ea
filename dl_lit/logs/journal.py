"""The journal of systemd, written to with fields, over its native protocol.

Source: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ (read 2026-11-23). A message is a datagram of fields, `NAME=value`
and a line's end each; a value with a line's end inside goes as its name, its length in eight bytes and itself, so no
text can pretend to be another field. What does not fit into a datagram goes as a sealed file in memory.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import re
import socket
import struct
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from dl_lit.logs.rendering import Events, encoded
from dl_lit.logs.sentences import sentence

SOCKET = Path("/run/systemd/journal/socket")
IDENTIFIER = "dl-lit"

PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""As syslog counts them."""

_PATIENCE_S = 1.0  # for a journal that takes nothing
_REST_S = 5.0  # then it is left alone for so long, and lines are lost
_LONGEST_VALUE = 48 * 1024  # bytes
_SURELY_SHORT = _LONGEST_VALUE // 10  # characters, of which one may become ten bytes
_CUT = " […]"
_TOLD_OTHERWISE = frozenset({"timestamp", "level"})
_NOT_IN_NAMES = re.compile(r"[^A-Z0-9_]")
_LONGEST_NAME = 64  # https://www.freedesktop.org/software/systemd/man/latest/sd_journal_print.html

Fields = Iterable[tuple[str, str]]


def writes_to_journal(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether what is written to `stream` goes to the journal: systemd names device and inode of that stream.

    Source: $JOURNAL_STREAM in https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html (read
    2026-11-23).
    """
    named = environment.get("JOURNAL_STREAM")
    if not named:
        return False
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{status.st_dev}:{status.st_ino}"


def takes_messages(path: Path = SOCKET) -> bool:
    """Whether a journal listens there."""
    with closing(_socket()) as there:
        try:
            there.connect(str(path))
        except OSError:
            return False
    return True


def fields_of(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The event as the journal's fields; what is None is left out."""
    yield "MESSAGE", sentence(event)
    yield "PRIORITY", str(PRIORITIES.get(str(event.get("level")), 6))
    yield "SYSLOG_IDENTIFIER", IDENTIFIER
    for name, value in event.items():
        if value is not None and name not in _TOLD_OTHERWISE:
            yield _name(name), _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return encoded(value) if isinstance(value, dict | list | tuple) else str(value)


@lru_cache(1_024)
def _name(name: str) -> str:
    return f"DL_LIT_{_NOT_IN_NAMES.sub('_', name.upper())}"[:_LONGEST_NAME] if name != "run" else "DL_LIT_RUN_ID"


def framed(fields: Fields) -> bytes:
    """The fields as a message."""
    listed = list(fields)
    plain = "\n".join([f"{name}={text}" for name, text in listed])
    if plain.count("\n") < len(listed) and len(plain) < _SURELY_SHORT:  # as nearly always
        return f"{plain}\n".encode("utf-8", "backslashreplace")
    parts: list[bytes] = []
    for name, text in listed:
        value = text.encode("utf-8", "backslashreplace")
        if len(value) > _LONGEST_VALUE:
            value = (value[:_LONGEST_VALUE].decode("utf-8", "ignore") + _CUT).encode()
        if b"\n" in value:
            parts += (name.encode(), b"\n", struct.pack("<Q", len(value)), value, b"\n")
        else:
            parts += (name.encode(), b"=", value, b"\n")
    return b"".join(parts)


def blotted(fields: Fields, blot: Callable[[str], str]) -> Fields:
    """The fields without secrets."""
    listed = list(fields)
    together = "\0".join(value for _, value in listed)
    return listed if blot(together) == together else [(name, blot(value)) for name, value in listed]


class JournalHandler(logging.Handler):
    """Hands messages to the journal. While it takes none they are lost, and it is told how many were."""

    def __init__(self, path: Path = SOCKET, *, patience_s: float = _PATIENCE_S, rest_s: float = _REST_S) -> None:
        """Nothing is sent before the first line."""
        super().__init__()
        self._path = str(path)
        self._socket = _socket()
        self._socket.settimeout(patience_s)
        self._rest_s = rest_s
        self._rests_until = 0.0  # time.monotonic()
        self.lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Send the message that the formatter made of the record: bytes, a character for each."""
        try:
            message = self.format(record).encode("latin-1")
        except Exception:  # noqa: BLE001 - as every handler does: a line that cannot be told must not end the work
            self.handleError(record)
            return
        self.send([message])

    def send(self, messages: Iterable[bytes]) -> None:
        """Send each of `messages`."""
        self.acquire()
        try:
            for message in messages:
                self._send(message)
        finally:
            self.release()

    def _send(self, message: bytes) -> None:
        if time.monotonic() < self._rests_until:
            self.lost += 1
            return
        try:
            if self.lost:
                self._put(framed(fields_of({"level": "warning", "event": "log_lines_lost", "number": self.lost})))
                self.lost = 0
            self._put(message)
        except OSError:
            self.lost += 1
            self._rests_until = time.monotonic() + self._rest_s

    def _put(self, message: bytes) -> None:
        try:
            self._socket.sendto(message, self._path)
        except OSError as error:
            if error.errno not in {errno.EMSGSIZE, errno.ENOBUFS}:
                raise
            self._put_as_file(message)

    def _put_as_file(self, message: bytes) -> None:
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
        file = os.memfd_create("dl-lit-log", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            with open(file, "wb", closefd=False) as writing:
                writing.write(message)
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [file]))]
            self._socket.sendmsg([b""], rights, 0, self._path)
        finally:
            os.close(file)

    def close(self) -> None:
        """Let go of the socket."""
        with suppress(OSError):
            self._socket.close()
        super().close()


def messages_of(logger: str, events: Events, frame: Mapping[str, Any], blot: Callable[[str], str]) -> Iterator[bytes]:
    """The messages of many events of one logger."""
    for level, event, fields in events:
        whole = {"level": level, "event": event, **fields, "logger": logger, **frame}
        yield framed(blotted(fields_of(whole), blot))


def _socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
