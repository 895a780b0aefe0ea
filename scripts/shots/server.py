"""The control surface in this process, for a browser beside it: on a free port, with a token that is known."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from dl_lit.app.control_surface.surface import Surface
from dl_lit.core.clock import SystemClock
from dl_lit.core.control_address import TcpAddress
from dl_lit.settings import Settings
from dl_lit.web.listening import listening

TOKEN = "a-token-for-pictures-and-tests"  # noqa: S105 - guards nothing


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The address, "http://127.0.0.1:41234", for as long as this is entered."""
    settings = replace(settings, serve=replace(settings.serve, token=TOKEN))
    address = TcpAddress("127.0.0.1", 0)
    with Surface(settings, SystemClock(), address) as surface, listening(address) as (listener, where):
        server = surface.server(listener)
        thread = threading.Thread(target=server.run, name="served")
        thread.start()
        try:
            yield where
        finally:
            server.stop()
            thread.join(20)
