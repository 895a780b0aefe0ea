"""Adding sources for many at once: whoever comes while a transaction is under way goes with the next one."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from db.connect import Engine
from db.taking import Known, Take, take_sources
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError

_MOST = 64


@dataclass(slots=True, eq=False)
class _Waiting:
    take: Take
    known: Known | None = None
    error: DlLitError | None = None


class AddingTogether:
    """Takes sources in, as many in one transaction as wait. Thread-safe."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """The first to come does it for all who wait."""
        self._engine = engine
        self._clock = clock
        self._writing = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._entering = threading.Lock()

    def add(self, take: Take) -> Known:
        """How the source stands once it is written down. Raises `DatabaseFull` or `DatabaseUnusable`."""
        mine = _Waiting(take)
        with self._entering:
            self._waiting.append(mine)
        with self._writing:
            while mine.known is None and mine.error is None:
                self._write()
        if mine.error is not None:
            raise mine.error
        if mine.known is None:
            raise RuntimeError("it was written for nobody")
        return mine.known

    def _write(self) -> None:
        with self._entering:
            group, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        try:
            found = take_sources(self._engine, [one.take for one in group], self._clock)
        except DlLitError as error:
            for one in group:
                one.error = error
            return
        except BaseException:
            for one in group:
                one.error = DlLitError("it could not be written down; the log says why")
            raise
        for one, known in zip(group, found, strict=True):
            one.known = known
