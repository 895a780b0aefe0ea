"""Requests under way: whoever asks the same meanwhile waits for the answer that is coming."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from dl_lit.core.errors import DlLitError
from dl_lit.core.ports import ServiceAnswer

T = TypeVar("T")

_LONGEST_S = 900.0
"""Longer than any request with all its waits takes; then the waiting one asks for itself."""


@dataclass(slots=True)
class _Flight(Generic[T]):
    landed: threading.Event = field(default_factory=threading.Event)
    answer: T | None = None
    error: DlLitError | None = None


class SharedFlights(Generic[T]):
    """At most one request for the same at a time. Thread-safe."""

    def __init__(self, again: Callable[[T], T]) -> None:
        """Nothing is under way. `again` makes of an answer what those get who did not ask for it themselves."""
        self._again = again
        self._lock = threading.Lock()
        self._under_way: dict[str, _Flight[T]] = {}

    def share(self, key: str, ask: Callable[[], T]) -> T:
        """The answer of `ask`, or of whoever asks under the same key just now; errors are shared as well."""
        with self._lock:
            flight = self._under_way.get(key)
            if flight is None:
                mine = self._under_way[key] = _Flight()
        if flight is not None:
            return self._waited(flight, ask)
        try:
            mine.answer = ask()
        except DlLitError as error:
            mine.error = error
            raise
        finally:
            with self._lock:
                del self._under_way[key]
            mine.landed.set()
        return mine.answer

    def _waited(self, flight: _Flight[T], ask: Callable[[], T]) -> T:
        flight.landed.wait(_LONGEST_S)
        if flight.answer is not None:
            return self._again(flight.answer)
        if flight.error is not None:
            raise _anew(flight.error) from flight.error
        return ask()  # it ended in a way nobody named, or never


class Flights(SharedFlights[ServiceAnswer]):
    """At most one request for the same answer of a service at a time. Thread-safe."""

    def __init__(self) -> None:
        """Nothing is under way."""
        super().__init__(lambda answer: replace(answer, is_remembered=True))


def _anew(error: DlLitError) -> DlLitError:
    """The same error for another thread, which gets a traceback of its own."""
    again = error.__class__.__new__(error.__class__)
    again.args = error.args
    again.__dict__.update(error.__dict__)
    return again
