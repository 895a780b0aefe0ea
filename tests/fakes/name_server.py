"""A name server on 127.0.0.1, asked over UDP as any is, whose answers change from question to question."""

from __future__ import annotations

import contextlib
import secrets
import socket
import struct
import threading
from ipaddress import IPv4Address
from types import TracebackType
from typing import Self

_A, _IN, _ANSWER, _POINTER_TO_QUESTION = 1, 1, 0x8180, 0xC00C
_NO_LIFETIME = 0  # of an answer: nobody may keep it


class NameServer:
    """Answers each question for `name` with the next of its addresses, the last one for ever."""

    def __init__(self, **answers: list[str]) -> None:
        self.asked: list[str] = []
        self._answers = {name.replace("_", "."): addresses for name, addresses in answers.items()}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def resolve(self, host: str, port: int) -> list[str]:
        """Ask it as a resolver does: `dl_lit.net.guard.Resolver`."""
        del port
        number = secrets.randbits(16)
        labels = b"".join(bytes([len(part)]) + part.encode() for part in host.split(".")) + b"\0"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
            ours.settimeout(5)
            ours.connect(self._socket.getsockname())
            ours.send(struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">2H", _A, _IN))
            answer = ours.recv(512)
        count, start = struct.unpack(">H", answer[6:8])[0], 12 + len(labels) + 4
        return [str(IPv4Address(answer[at + 12 : at + 16])) for at in range(start, start + 16 * count, 16)]

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                question, peer = self._socket.recvfrom(512)
                if not question:
                    return
                self._socket.sendto(self._answer(question), peer)

    def _answer(self, question: bytes) -> bytes:
        parts, at = [], 12
        while length := question[at]:
            parts.append(question[at + 1 : at + 1 + length].decode())
            at += 1 + length
        name = ".".join(parts)
        self.asked.append(name)
        addresses = self._answers[name]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        head = question[:2] + struct.pack(">5H", _ANSWER, 1, 1, 0, 0)
        record = struct.pack(">3HIH", _POINTER_TO_QUESTION, _A, _IN, _NO_LIFETIME, 4) + IPv4Address(address).packed
        return head + question[12 : at + 5] + record

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
            ours.sendto(b"", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()
