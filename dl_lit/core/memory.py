"""The seams to what is remembered on disk: answers of services, and what left the machine. Both outlive the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is remembered."""

    body: bytes | None  # None: positively nothing there
    stored_at: float  # epoch seconds


@dataclass(frozen=True, slots=True)
class ToKeep:
    """One thing to remember."""

    key: str
    body: bytes | None  # None: positively nothing there
    expires_at: float  # epoch seconds; what nobody may use any more is the first to go


class AnswerCache(Protocol):
    """Answers of services on disk, shared by all processes of the machine. Thread-safe; never raises for the disk.

    A cache that cannot be written or read remembers nothing, says so once in the log, and costs nothing else.
    """

    def get_many(self, service: str, keys: Sequence[str]) -> Mapping[str, Kept]:
        """What is kept under these keys and has not expired; the others are left out."""

    def put_many(self, service: str, answers: Sequence[ToKeep]) -> None:
        """Keep these, in place of what was kept under their keys."""

    def flush(self) -> None:
        """Write down what was used and how often; `close` does so too."""

    def close(self) -> None:
        """Let go of the file."""


class Ending(StrEnum):
    """How a request that left the machine ended."""

    OK = "2xx"
    REDIRECTED = "3xx"
    REFUSED = "4xx"
    ERROR = "5xx"
    FAILED = "failed"  # no whole answer: connection refused or broken, name not known, time over
    BLOCKED = "blocked"  # by our own guard, after its name was looked up: nothing was sent

    @classmethod
    def of_status(cls, status: int) -> Ending:
        """The class of an HTTP status."""
        return {2: cls.OK, 3: cls.REDIRECTED, 4: cls.REFUSED, 5: cls.ERROR}.get(status // 100, cls.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A request that left the machine, or part of one: bytes of a long answer are told as they come."""

    host: str  # name, and port where it is not the usual one
    purpose: str  # the service's name, "robots" for what hosts ask of programs, or "files" for pages and PDFs
    method: str
    ending: Ending
    requests: int = 1
    sent_bytes: int = 0  # head and body, before encryption
    received_bytes: int = 0  # head and body as sent, before they are unpacked


class NetworkLedger(Protocol):
    """Tells what left the machine. Thread-safe; never raises for the disk and keeps no request waiting for it."""

    def note(self, departure: Departure) -> None:
        """Count it; it is on disk after the next `flush`."""

    def flush(self) -> None:
        """Write down what was counted since the last time."""

    def close(self) -> None:
        """Write down the rest and let go of the file."""
