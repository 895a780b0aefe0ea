"""What a run asked and was answered, kept so that it can be answered again without any network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, without anything that says who asked."""

    request: str  # method, address, and what of its head decides the answer; without contact address and keys
    status: int | None  # None: no answer came
    headers: tuple[tuple[str, str], ...] = ()  # those that decide something
    body: bytes = b""  # unpacked
    error: str | None = None  # the class of what broke off; None: nothing did
    beneath: str | None = None  # the class of ours that lay beneath it
    detail: str = ""  # its message


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that the run knew by its memory of answers, or put there."""

    service: str
    key: str
    body: bytes | None  # None: positively nothing there


class ExchangeKeeper(Protocol):
    """Keeps what is answered. Thread-safe; never raises for the disk."""

    def note(self, exchange: Exchange) -> None:
        """Keep one exchange; of equal requests each."""

    def know(self, known: Sequence[Known]) -> None:
        """Keep what is remembered under keys, the latest of each."""


class ExchangeSource(Protocol):
    """Gives kept exchanges again. Thread-safe."""

    def answer(self, request: str) -> Exchange | None:
        """The next answer to a request, the last one again when there are no more; None: it was never made."""
