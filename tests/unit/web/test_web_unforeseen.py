"""What the event loop of the control surface says of errors that nobody else hears of."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

from structlog.testing import capture_logs

from dl_lit.web.server import _Unforeseen


class Loop(asyncio.SelectorEventLoop):
    """Counts what is left to it."""

    left = 0

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        self.left += 1


def test_that_no_descriptor_is_left_is_said_once_without_a_traceback() -> None:
    """Asyncio says it every second, each time with a traceback."""
    loop, handler = Loop(), _Unforeseen()
    lacking = {"message": "socket.accept() out of system resource", "exception": OSError(errno.EMFILE, "Too many open")}
    with capture_logs() as logs:
        for _ in range(3):
            handler.tell(loop, lacking)
        handler.tell(loop, {"message": "a bug", "exception": ZeroDivisionError()})
    loop.close()
    assert [(one["event"], one["error"]) for one in logs] == [("control_waits", "Too many open")]
    assert loop.left == 1
