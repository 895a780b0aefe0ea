"""The watching daemon: every PDF that appears in a folder is added, the pipeline never ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from db.connect import connect
from db.intake import add_sources
from dl_lit.app.inbox import is_pdf_name, new_sources, pdfs_in
from dl_lit.app.run import Progress, Stop
from dl_lit.app.workshop import Workshop
from dl_lit.runtime.watcher import FolderWatcher

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
    try:
        with FolderWatcher(folder, pdfs_in, is_pdf_name, take, clock=shop.clock, polling=polling):
            pipeline.run_until(stop.should_stop, tick)
    finally:
        shop.network.stop()
        clean = pipeline.stop(stop.should_hurry, shop.abort)
        intake.dispose()
    return clean
