"""The watching daemon: every PDF that appears in a folder is added, the pipeline never ends by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from dl_lit.app.again import looking_again
from dl_lit.app.run import Progress, Stop
from dl_lit.app.upkeep import keeping_tidy
from dl_lit.app.watched import watching
from dl_lit.app.workshop import Workshop


def watch(
    shop: Workshop,
    folders: Sequence[Path],
    stop: Stop,
    *,
    polling: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> bool:
    """Work on what appears in `folders` until `stop`; whether everything in hand could be finished."""
    start = shop.clock.monotonic()
    pipeline = shop.pipeline()

    def tick() -> None:
        if on_progress is None:  # looking costs, and this is done five times a second for months
            return
        on_progress(Progress(pipeline.view(), shop.network.usage(), shop.clock.monotonic() - start, 0))

    pipeline.start()
    with looking_again(shop, stop, pipeline.wake):
        try:
            with ExitStack() as beside:
                beside.enter_context(keeping_tidy(shop, stop.should_stop))
                beside.enter_context(watching(shop, folders, pipeline.wake, polling=polling))
                pipeline.run_until(stop.should_stop, tick)
        finally:
            shop.network.stop()
            clean = pipeline.stop(stop.should_hurry, shop.abort)
    return clean
