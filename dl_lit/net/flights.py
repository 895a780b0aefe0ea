"""Requests under way: whoever asks the same meanwhile waits for the answer that is coming."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from dl_lit.core.errors import ServiceError
from dl_lit.core.ports import ServiceAnswer

_LONGEST_S = 900.0
"""Longer than any request with all its waits takes; then the waiting one asks for itself."""


@dataclass(slots=True)
class _Flight:
    landed: threading.Event = field(default_factory=threading.Event)
    answer: ServiceAnswer | None = None
    error: ServiceError | None = None


class Flights:
    """At most one request for the same at a time. Thread-safe."""

    def __init__(self) -> None:
        """Nothing is under way."""
        self._lock = threading.Lock()
        self._under_way: dict[str, _Flight] = {}

    def share(self, key: str, ask: Callable[[], ServiceAnswer]) -> ServiceAnswer:
        """The answer of `ask`, or of whoever asks under the same key just now; errors are shared as well."""
        with self._lock:
            flight = self._under_way.get(key)
            if flight is None:
                mine = self._under_way[key] = _Flight()
        if flight is not None:
            return self._waited(flight, ask)
        try:
            mine.answer = ask()
        except ServiceError as error:
            mine.error = error
            raise
        finally:
            with self._lock:
                del self._under_way[key]
            mine.landed.set()
        return mine.answer

    def _waited(self, flight: _Flight, ask: Callable[[], ServiceAnswer]) -> ServiceAnswer:
        flight.landed.wait(_LONGEST_S)
        if flight.answer is not None:
            return replace(flight.answer, is_remembered=True)
        if flight.error is not None:
            raise _again(flight.error) from flight.error
        return ask()  # it ended in a way nobody named, or never


def _again(error: ServiceError) -> ServiceError:
    """The same error for another thread, which gets a traceback of its own."""
    again = error.__class__.__new__(error.__class__)
    again.args = error.args
    again.__dict__.update(error.__dict__)
    return again
