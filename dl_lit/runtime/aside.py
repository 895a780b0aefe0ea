"""Something that runs beside the work, in a thread of its own, until it is told to end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog

log = structlog.get_logger(__name__)


class Aside:
    """Runs `run` in a thread from entering on; leaving calls `end`, which is to make it return, and waits for it.

    What `run` raises is told in the log: it takes nothing else down.
    """

    def __init__(self, name: str, run: Callable[[], None], end: Callable[[], None]) -> None:
        """Nothing runs before entering."""
        self._run = run
        self._end = end
        self._thread = threading.Thread(target=self._guarded, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._thread.join()

    def _guarded(self) -> None:
        try:
            self._run()
        except Exception:
            log.exception("aside_failed", name=self._thread.name)
