"""The folders that a daemon watches: those that sources come from, and the one where people hand in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import structlog

from db.connect import connect
from db.intake import add_sources
from dl_lit.app.handing_in import HandIn
from dl_lit.app.inbox import new_sources, pdfs_in, require_folder, wanted_in
from dl_lit.app.workshop import Workshop
from dl_lit.core.errors import FetchError
from dl_lit.runtime.repeating import Repeating
from dl_lit.runtime.watcher import FolderWatcher

AGAIN_S = 60.0
"""How often files that no work waited for are held against the works that wait by now."""

log = structlog.get_logger("dl_lit.watch")


@contextmanager
def watching(shop: Workshop, folders: Sequence[Path], wake: Callable[[], None], *, polling: bool) -> Iterator[None]:
    """Take what appears in `folders`, and in the hand-in folder if there is one, while entered."""
    intake = connect(shop.settings.database, synchronous=shop.settings.synchronous)

    def take(paths: list[Path]) -> None:
        for path, added in zip(paths, add_sources(intake, new_sources(paths), shop.clock), strict=True):
            log.info("source", path=str(path), source=added.id, new=added.is_new)
        wake()

    with ExitStack() as open_:
        open_.callback(intake.dispose)
        for folder in folders:
            open_.enter_context(
                FolderWatcher(folder, pdfs_in, wanted_in(folder), take, clock=shop.clock, polling=polling)
            )
        open_.enter_context(_hand_in(shop, wake, polling=polling))
        yield


@contextmanager
def _hand_in(shop: Workshop, wake: Callable[[], None], *, polling: bool) -> Iterator[None]:
    """Take in what people drop into the hand-in folder, if there is one; now and then look again at what was left."""
    folder = shop.settings.hand_in.folder
    if folder is None:
        yield
        return
    require_folder(folder)
    synchronous = shop.settings.synchronous
    desk = HandIn(
        shop.settings.database, shop.library, shop.checker, shop.clock, synchronous=synchronous, on_taken=wake
    )

    def take(paths: list[Path]) -> None:
        for path in paths:
            with suppress(FetchError):  # the library's disk: `again` tries it
                desk.take(path, move=True)

    def again() -> None:
        with suppress(FetchError):
            desk.again(move=True)

    try:
        with (
            FolderWatcher(folder, pdfs_in, wanted_in(folder), take, clock=shop.clock, polling=polling),
            Repeating("hand-in", AGAIN_S, [again]),
        ):
            yield
    finally:
        desk.close()
