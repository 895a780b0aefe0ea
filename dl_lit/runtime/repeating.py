"""Doing small things again and again beside the work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import structlog

from dl_lit.core.errors import DatabaseAway, DatabaseDamaged, DlLitError
from dl_lit.core.shortage import said_of

log = structlog.get_logger(__name__)


class Repeating:
    """Calls each of `actions` every `seconds` in a thread of its own, from entering to leaving.

    An action that raises is told in the log once and called again the next time. Of a database that is away those tell
    who work it.
    """

    def __init__(
        self,
        name: str,
        seconds: float,
        actions: Sequence[Callable[[], None]],
        *,
        give_up: Callable[[DlLitError], None] = lambda _error: None,
    ) -> None:
        """Nothing is called before entering, and nothing at leaving.

        `give_up` hears of a database that turns out to be damaged, which nobody may go on with.
        """
        self._give_up = give_up
        self._seconds = seconds
        self._actions = tuple(actions)
        self._stopping = threading.Event()
        self._told: set[int] = set()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def once(self) -> None:
        """Call each action once."""
        for number, action in enumerate(self._actions):
            try:
                action()
            except Exception as error:
                if isinstance(error, DatabaseDamaged):
                    self._give_up(error)
                if isinstance(error, DatabaseAway):
                    log.debug("repeating_waits", error=str(error))
                    continue
                if number in self._told:
                    continue
                self._told.add(number)
                if (said := said_of(error)) is not None:
                    log.warning("repeating_failed", error=said)
                else:
                    log.exception("repeating_failed")

    def _loop(self) -> None:
        while not self._stopping.wait(self._seconds):
            self.once()
