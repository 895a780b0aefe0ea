"""Tasks on this machine: threads that wait, and the child processes that read for them."""

from __future__ import annotations

from collections.abc import Callable

from dl_lit.app.corpus.engines.engine import Ended, TakeBack
from dl_lit.runtime.task_hands import TaskHands


class LocalEngine:
    """Runs tasks in threads of this process."""

    name = "local"

    def __init__(self, function: Callable[[bytes], bytes], count: int, kill: Callable[[], None]) -> None:
        """At most `count` at a time; `kill` ends what they do at once."""
        self._function = function
        self._hands = TaskHands(count)
        self._kill = kill

    def slots(self) -> int:
        """As many as there are hands."""
        return self._hands.count

    def take(self, order: bytes, ended: Ended) -> TakeBack:
        """Hand it to a thread."""
        return self._hands.take(self._function, order, ended)

    def trouble(self) -> str | None:
        """None: it lives as long as we do."""
        return None

    def waits_for(self) -> str:
        """Nobody."""
        return ""

    def kill(self) -> None:
        """End what runs."""
        self._kill()

    def close(self) -> None:
        """End what runs and wait for it."""
        self._hands.stop()
        self._kill()
        self._hands.close()
