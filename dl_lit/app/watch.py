"""The watching daemon: every PDF that appears in a folder is added, the pipeline never ends by itself.

Its life: everything is opened, the pipeline and what runs beside it start, whoever started us hears that we are ready;
then work, with the settings read again when that is asked for; at the first signal the folders are let alone, running
items finish, and all is closed in reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from dl_lit.app.again import looking_again
from dl_lit.app.control import controlled
from dl_lit.app.heart import Heart, beating
from dl_lit.app.in_one_line import in_one_line
from dl_lit.app.run import Progress, Stop
from dl_lit.app.telemetry import publishing
from dl_lit.app.upkeep import keeping_tidy
from dl_lit.app.watched import watching
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import Clock
from dl_lit.runtime.notify import Reporter, ServiceManager
from dl_lit.runtime.pipeline import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whom the daemon tells how it is, and who tells it to read its settings again."""

    manager: ServiceManager
    should_reload: Callable[[], bool] = lambda: False
    reload: Callable[[], str] = lambda: ""  # reads the settings again; what came of it, in one line


def watch(
    shop: Workshop,
    folders: Sequence[Path],
    stop: Stop,
    *,
    wait: bool = False,
    outside: Outside | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> bool:
    """Work on what appears in `folders` until `stop`; whether everything in hand could be finished.

    `wait`: folders that are not there yet are waited for.
    """
    start = shop.clock.monotonic()
    pipeline = shop.pipeline()
    outside = outside or Outside(manager=ServiceManager(None))
    watchers = ExitStack()

    def see() -> None:
        heart.folders = watchers.enter_context(watching(shop, folders, pipeline.wake, wait=wait))

    def reload() -> str:
        before = shop.settings.watch
        says = outside.reload()
        if shop.settings.watch != before:
            watchers.close()
            see()
        return says

    def tick() -> None:
        if outside.should_reload():
            reporter.reload(reload)
        reporter.tick()
        if on_progress is not None:  # looking costs, and this is done five times a second for months
            seconds = shop.clock.monotonic() - start
            on_progress(Progress(pipeline.view(), shop.network.usage(), seconds, 0, heart.pulse))

    def hurry() -> bool:
        reporter.drain()
        return stop.should_hurry()

    pipeline.start()
    with beating(shop, pipeline) as heart, publishing(shop.settings, shop.clock, shop.hearers):
        reporter = _reporter(outside.manager, shop.clock, pipeline, heart)
        with looking_again(shop, stop, pipeline.wake):
            try:
                with ExitStack() as beside:
                    beside.enter_context(keeping_tidy(shop, stop.should_stop))
                    beside.enter_context(watchers)
                    see()
                    beside.enter_context(_controlled(shop, folders, pipeline.wake, heart))
                    try:
                        pipeline.run_until(stop.should_stop, tick)
                    finally:
                        reporter.stopping()
            finally:
                heart.stopping()
                shop.network.stop()
                clean = pipeline.stop(hurry, shop.abort)
    return clean


def _reporter(manager: ServiceManager, clock: Clock, pipeline: Pipeline, heart: Heart) -> Reporter:
    """What tells the service manager that the pipeline turns, and how it goes."""

    def has_begun() -> bool:
        """Whether each folder has been looked through once, or cannot be for now."""
        return all(one.looked or one.blind for one in heart.folders())

    def wedged() -> str | None:
        vital = pipeline.vital_signs()
        return vital.says if vital.is_wedged else None

    return Reporter(manager, clock, is_open=has_begun, wedged=wedged, status=lambda: in_one_line(heart.pulse))


def _controlled(
    shop: Workshop, folders: Sequence[Path], wake: Callable[[], None], heart: Heart
) -> AbstractContextManager[None]:
    """The control surface; the heart tells where it listens."""

    def tell(where: str | None) -> None:
        heart.control = where

    return controlled(shop.settings, shop.clock, shop.complaints, folders=folders, wake=wake, tell=tell)
