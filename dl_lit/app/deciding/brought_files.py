"""PDFs that came with an imported bibliography, handed in as soon as it is known which works their entries are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from db.brought import ReadyFile, note_handed_in, ready_files, waiting_files
from db.connect import connect
from dl_lit.app.deciding.handing_in import HandIn
from dl_lit.app.roles import keeps_library
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.ports import PdfChecker
from dl_lit.core.source_path import path_of
from dl_lit.library.kept import KeptLibrary
from dl_lit.runtime.repeating import Repeating

MISSING = "missing"
"""How handing in ended for a file that is no longer there."""

_EVERY_S = 1.0
_LOT = 20

log = structlog.get_logger("dl_lit.hand_in")


class BroughtFiles:
    """Hands in what waits and can be. Thread-safe."""

    def __init__(
        self,
        database: Path,
        library: KeptLibrary,
        checker: PdfChecker,
        clock: Clock,
        *,
        synchronous: str = "FULL",
        on_taken: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_taken` is called after each file that has its place in the library, or in its quarantine."""
        self._desk = HandIn(database, library, checker, clock, synchronous=synchronous, on_taken=on_taken)
        self._engine = connect(database, synchronous=synchronous)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the database."""
        self._desk.close()
        self._engine.dispose()

    def waiting(self) -> int:
        """How many files wait, also for works that are not known yet."""
        with self._engine.connect() as connection:
            return waiting_files(connection)

    def hand_in(self, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Hand in all whose works are known; how many were. A file that the library's disk refuses waits on."""
        done, after = 0, (0, "")
        with self._lock:
            while ready := self._ready(after):
                for one in ready:
                    after = (one.entry_id, one.path)
                    if should_stop():
                        return done
                    with suppress(FetchError):
                        ended, detail = self._handed_in(one)
                        note_handed_in(self._engine, one, ended, detail)
                        done += 1
        return done

    def _ready(self, after: tuple[int, str]) -> list[ReadyFile]:
        with self._engine.connect() as connection:
            return ready_files(connection, _LOT, after)

    def _handed_in(self, one: ReadyFile) -> tuple[str, str]:
        path = path_of(one.path)
        if not path.is_file():
            log.warning("brought_file_missing", file=one.path, entry=one.entry_id)
            return MISSING, "there is no such file any more"
        handed = self._desk.take_for(path, one.work_id)
        return handed.state.value, handed.told


@contextmanager
def handing_in_brought(
    shop: Workshop, should_stop: Callable[[], bool], wake: Callable[[], None] = lambda: None
) -> Iterator[BroughtFiles | None]:
    """Hand in what came with bibliographies while entered, beside the pipeline of the entered `shop`."""
    if not keeps_library(shop.settings):  # whoever keeps it does so
        yield None
        return
    files = BroughtFiles(
        shop.settings.database,
        shop.library,
        shop.checker,
        shop.clock,
        synchronous=shop.settings.synchronous,
        on_taken=wake,
    )

    def again() -> None:
        files.hand_in(should_stop)

    try:
        with Repeating("brought-files", _EVERY_S, [again], give_up=shop.give_up):
            yield files
    finally:
        files.close()
