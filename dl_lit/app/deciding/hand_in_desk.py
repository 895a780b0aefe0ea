"""What handing in needs, opened beside a pipeline that may be running: children, library, database; no network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dl_lit.app.deciding.beside import checker_beside, library_beside
from dl_lit.app.deciding.handing_in import HandIn
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DlLitError
from dl_lit.settings import Settings


@contextmanager
def hand_in_desk(settings: Settings) -> Iterator[HandIn]:
    """A `HandIn` with everything it needs. Raises `DlLitError` where the library is not there."""
    clock = SystemClock()
    with checker_beside(settings) as checker:
        library = library_beside(settings, clock, checker)
        if (trouble := library.trouble()) is not None:
            raise DlLitError(trouble)
        desk = HandIn(settings.database, library, checker, clock, synchronous=settings.synchronous)
        try:
            yield desk
        finally:
            desk.close()
