"""The watching daemon: every PDF that appears in a folder is added, the pipeline never ends by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import structlog

from db.connect import connect
from db.intake import add_sources
from dl_lit.app.handing_in import HandIn
from dl_lit.app.inbox import new_sources, pdfs_in, require_folder, wanted_in
from dl_lit.app.rechecking import Rechecks
from dl_lit.app.run import Progress, Stop
from dl_lit.app.workshop import Workshop
from dl_lit.core.errors import FetchError
from dl_lit.runtime.repeating import Repeating
from dl_lit.runtime.watcher import FolderWatcher

AGAIN_S = 60.0
"""How often files that no work waited for are held against the works that wait by now."""

RECHECK_S = 10.0
"""How often it is asked whether a work is to be looked at again."""

log = structlog.get_logger("dl_lit.watch")


def watch(
    shop: Workshop,
    folder: Path,
    stop: Stop,
    *,
    polling: bool = False,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
) -> bool:
    """Work on what appears in `folder` until `stop`; whether everything in hand could be finished."""
    start = shop.clock.monotonic()
    intake = connect(shop.settings.database, synchronous=shop.settings.synchronous)
    pipeline = shop.pipeline()

    def take(paths: list[Path]) -> None:
        for path, added in zip(paths, add_sources(intake, new_sources(paths), shop.clock), strict=True):
            log.info("source", path=str(path), source=added.id, new=added.is_new)
        pipeline.wake()

    def tick() -> None:
        on_progress(Progress(pipeline.view(), shop.network.usage(), shop.clock.monotonic() - start, 0))

    pipeline.start()
    with _rechecks(shop, stop, pipeline.wake):
        try:
            with (
                FolderWatcher(folder, pdfs_in, wanted_in(folder), take, clock=shop.clock, polling=polling),
                _hand_in(shop, pipeline.wake, polling=polling),
            ):
                pipeline.run_until(stop.should_stop, tick)
        finally:
            shop.network.stop()
            clean = pipeline.stop(stop.should_hurry, shop.abort)
            intake.dispose()
    return clean


@contextmanager
def _rechecks(shop: Workshop, stop: Stop, wake: Callable[[], None]) -> Iterator[None]:
    """Look again at what has ended, a little at a time beside the work; at the end what is under way is cut off."""
    rechecks = Rechecks(shop)

    def again() -> None:
        if rechecks.once(stop.should_stop).put_back:
            wake()

    with ExitStack() as beside:
        beside.callback(rechecks.close)
        beside.enter_context(Repeating("rechecks", RECHECK_S, [again]))
        beside.callback(shop.abort)  # the pipeline has stopped by then
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
