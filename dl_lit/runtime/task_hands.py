"""Threads that do tasks one by one as they are handed over, and call back when each has ended."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class TaskHands:
    """At most `count` tasks at a time. Whoever hands them over sees to it that no more wait than may."""

    def __init__(self, count: int) -> None:
        """No thread is started before the first task."""
        self.count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="task")

    def take(
        self, function: Callable[[bytes], bytes], order: bytes, ended: Callable[[bytes | BaseException], None]
    ) -> Callable[[], bool]:
        """Do `function(order)` and call `ended` with what it gave or raised, from any thread.

        Gives what takes the task back: True where it had not begun, and `ended` is not called then.
        """
        future = self._pool.submit(function, order)

        def tell(done: Future[bytes]) -> None:
            if not done.cancelled():
                error = done.exception()
                ended(done.result() if error is None else error)

        future.add_done_callback(tell)
        return future.cancel

    def stop(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Wait for what runs; what has not begun never does."""
        self._pool.shutdown(wait=True, cancel_futures=True)
