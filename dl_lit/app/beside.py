"""What runs beside a daemon's pipeline: heart, watched folders, control surface, what tidies, looks again and tells.

Brought in when the pipeline has begun: its first items need none of it, and it is a fifth of what a start brings in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dl_lit.app.care.looking_again import looking_again
from dl_lit.app.care.upkeep import keeping_tidy
from dl_lit.app.companion import Companion
from dl_lit.app.control_surface.control import controlled
from dl_lit.app.deciding.brought_files import handing_in_brought
from dl_lit.app.intake.watched import watching
from dl_lit.app.now.heart import Heart, beating
from dl_lit.app.now.in_one_line import in_one_line
from dl_lit.app.run import Progress, Stop
from dl_lit.app.telemetry import publishing
from dl_lit.app.wording import count
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError
from dl_lit.runtime.notify import Reporter, ServiceManager
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.settings import Settings

if TYPE_CHECKING:
    from dl_lit.app.watch import Outside


def run_beside(
    shop: Workshop,
    folders: Sequence[Path],
    stop: Stop,
    pipeline: Pipeline,
    *,
    wait: bool,
    outside: Outside,
    on_progress: Callable[[Progress], None] | None,
) -> bool:
    """Let the begun `pipeline` run until `stop`, with all of this beside it; whether all in hand could be finished.

    Raises `DlLitError` where the database did not take what was finished.
    """
    start = shop.clock.monotonic()

    def reload() -> str:
        troubles = [outside.reload(), *(companion.renew() for companion in (publisher, *companions))]
        return "; ".join(one for one in troubles if one is not None)

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

    with beating(shop, pipeline) as heart, _publisher(shop) as publisher:
        reporter = _reporter(outside.manager, shop.clock, pipeline, heart)
        companions = _companions(shop, folders, pipeline.wake, heart, wait=wait)
        with looking_again(shop, stop, pipeline.wake):
            try:
                with ExitStack() as beside:
                    beside.enter_context(keeping_tidy(shop, stop.should_stop))
                    beside.enter_context(handing_in_brought(shop, stop.should_stop, pipeline.wake))
                    for companion in companions:
                        beside.enter_context(companion)
                    try:
                        pipeline.run_until(stop.should_stop, tick)
                    finally:
                        reporter.stopping()
            finally:
                heart.stopping()
                shop.stop_asking()
                clean = pipeline.stop(hurry, shop.abort)
                shop.languages.settle(hurry)
    if pipeline.unwritten and not stop.should_hurry():
        raise DlLitError(
            f"{count(pipeline.unwritten, 'finished item')} could not be written down, since the database takes nothing "
            "(its disk is full, or something keeps it locked): the next start does them again"
        )
    return clean


def _companions(
    shop: Workshop, folders: Sequence[Path], wake: Callable[[], None], heart: Heart, *, wait: bool
) -> list[Companion]:
    """What is begun anew where settings have changed, in the order in which it begins."""

    @contextmanager
    def seeing() -> Iterator[None]:
        nonlocal wait
        with watching(shop, folders, wake, wait=wait) as heart.folders:
            wait = True  # from now on a folder that has gone is waited for
            yield

    has_told = False

    @contextmanager
    def telling() -> Iterator[None]:
        nonlocal has_told
        if has_told:  # the heart began with it
            heart.tell_anew()
        has_told = True
        yield

    def tell(where: str | None) -> None:
        heart.control = where

    def control() -> AbstractContextManager[None]:
        return controlled(shop.settings, shop.clock, shop.complaints, folders=folders, wake=wake, tell=tell)

    watcher = Companion("watcher", shop, seeing, goes_by=lambda settings: settings.watch)
    return [
        *([watcher] if folders else []),
        Companion("notifier", shop, telling, goes_by=_telling_goes_by),
        # It shows what is set, and has no connection for long.
        Companion("control surface", shop, control, goes_by=lambda settings: settings),
    ]


def _publisher(shop: Workshop) -> Companion:
    """What gives metrics away; it ends after the pipeline, so that the last that happened is told."""

    def begin() -> AbstractContextManager[None]:
        return publishing(shop.settings, shop.clock, shop.hearers)

    return Companion("publisher of metrics", shop, begin, goes_by=_publishing_goes_by)


def _publishing_goes_by(settings: Settings) -> object:
    return settings.metrics, settings.offline


def _telling_goes_by(settings: Settings) -> object:
    return settings.notify, settings.project_url, settings.offline


def _reporter(manager: ServiceManager, clock: Clock, pipeline: Pipeline, heart: Heart) -> Reporter:
    """What tells the service manager that the pipeline turns, and how it goes."""

    def has_begun() -> bool:
        """Whether each folder has been looked through once, or cannot be for now."""
        return all(one.looked or one.blind for one in heart.folders())

    return Reporter(manager, clock, is_open=has_begun, wedged=pipeline.wedged, status=lambda: in_one_line(heart.pulse))
