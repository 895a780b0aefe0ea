"""The threads of a pipeline, none of which ends unheard: without one of them the others would wait for ever."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from dl_lit.core.errors import DlLitError

log = logging.getLogger(__name__)


class KeptThreads:
    """Starts them, and keeps what ended the first that ended by an error. Thread-safe."""

    def __init__(self, on_failure: Callable[[], None]) -> None:
        """`on_failure` is called when there is one, in the thread that it ended."""
        self.failure: BaseException | None = None
        self._on_failure = on_failure

    def start(self, name: str, body: Callable[[], None]) -> threading.Thread:
        """Run `body` in a thread of that name."""
        thread = threading.Thread(target=self._guarded, args=(name, body), name=name, daemon=True)
        thread.start()
        return thread

    def _guarded(self, name: str, body: Callable[[], None]) -> None:
        try:
            body()
        except BaseException as error:
            if isinstance(error, DlLitError):
                log.error("thread_ended: %s: %s", name, error)  # noqa: TRY400 - said in one line, to its owner too
            else:
                log.exception("thread_died: %s", name)
            self.give_up(error)

    def give_up(self, error: BaseException) -> None:
        """Let all end with this error, unless there is one already."""
        self.failure = self.failure or error
        self._on_failure()

    def raise_failure(self) -> None:
        """Raise what ended one of them."""
        if isinstance(self.failure, DlLitError):
            raise self.failure
        if self.failure is not None:
            raise RuntimeError(f"the pipeline broke: {self.failure}") from self.failure


def joined(threads: Sequence[threading.Thread], patience: Callable[[], bool]) -> bool:
    """Wait for `threads` as long as there is patience; whether all have ended."""
    while patience():
        alive = [thread for thread in threads if thread.is_alive()]
        if not alive:
            return True
        alive[0].join(0.05)
    return not any(thread.is_alive() for thread in threads)
