"""The daemon's control surface: in a thread of its own beside the pipeline, which goes on without it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from dl_lit.app.control_surface.surface import Surface, address_wanted
from dl_lit.app.now.lasting import Complaints
from dl_lit.core.clock import Clock
from dl_lit.core.conditions import Ailment
from dl_lit.core.control_address import Address
from dl_lit.core.errors import DlLitError
from dl_lit.runtime.aside import Aside
from dl_lit.runtime.switching import quick_switching
from dl_lit.settings import Settings
from dl_lit.web.listening import listening
from dl_lit.web.server import Server

AGAIN_S = 30.0
"""After this it is tried again to listen where that could not be."""

Tell = Callable[[str | None], None]

log = structlog.get_logger("dl_lit.control")


class Control:
    """Listens, and tries again where it cannot. `run` in one thread, `end` from another."""

    def __init__(self, surface: Surface, address: Address, complaints: Complaints, tell: Tell) -> None:
        """Nothing is opened before `run`; `tell` hears where it listens, and None when it does no more."""
        self._tell = tell
        self._surface = surface
        self._address = address
        self._complaints = complaints
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._server: Server | None = None

    def run(self) -> None:
        """Serve until `end`."""
        while not self._ending.is_set():
            try:
                self._serve()  # ends by itself where the socket has gone: the next one is made at once
            except DlLitError as error:
                self._again(str(error), "the work goes on; serve.address says where to listen")
            except Exception as error:
                log.exception("control_failed")
                self._again(f"it has failed: {type(error).__name__}: {error}", "the work goes on; the log says more")
        self._complaints.settle(Ailment.CONTROL_CLOSED)  # nobody misses what was told to end

    def _again(self, says: str, remedy: str) -> None:
        """Complain, and let some time pass before the next try."""
        self._complaints.make(Ailment.CONTROL_CLOSED, says=says, remedy=remedy)
        self._ending.wait(AGAIN_S)

    def _serve(self) -> None:
        with self._surface as surface, listening(self._address) as (listener, where):
            server = surface.server(listener)
            with self._lock:
                self._server = server
            if self._ending.is_set():
                server.stop()
            self._complaints.settle(Ailment.CONTROL_CLOSED)
            self._tell(where)
            log.info("control_listening", address=where)
            try:
                server.run()
            finally:
                self._tell(None)

    def end(self) -> None:
        """Let `run` return soon."""
        self._ending.set()
        with self._lock:
            if self._server is not None:
                self._server.stop()


@contextmanager
def controlled(
    settings: Settings,
    clock: Clock,
    complaints: Complaints,
    *,
    folders: Sequence[Path],
    wake: Callable[[], None],
    tell: Tell,
) -> Iterator[None]:
    """The control surface of `settings`, while entered. Raises `NeedsConfiguration` where it may not listen there.

    Files may be named below `folders`; `wake` is called when work has come; `tell` hears where it listens ("unix:/…",
    "http://127.0.0.1:8765") and None when it does no more. What keeps it from listening is complained of.
    """
    address = address_wanted(settings)
    if address is None:
        yield
        return
    surface = Surface(settings, clock, address, folders=lambda: folders, wake=wake)
    control = Control(surface, address, complaints, tell)
    with quick_switching(), Aside("control", control.run, control.end):
        yield
