"""Beside the watching daemon: what is kept only for some time goes when its time is over."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from db.connect import connect, is_there
from db.retention import Reached, forget_attempts
from db.runs import forget_runs
from dl_lit.app.intake.sent import forget_sent
from dl_lit.app.intake.uploads import forget_uploads
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError
from dl_lit.core.retry_rules import DAY_S
from dl_lit.runtime import collector
from dl_lit.runtime.repeating import Repeating
from dl_lit.settings import Settings

EVERY_S = 3_600.0
"""How often is looked whether something's time is over."""

LOOK_S = 30.0
"""How soon after the start that is looked at first."""

SWEEP_S = 60.0
"""How often memory is freed that only holds itself."""

_DRAFTS = (".*.new", ".*.restoring")
"""Names of drafts beside the database that a sudden end may leave behind."""

log = structlog.get_logger("dl_lit.upkeep")


def tidy(
    settings: Settings,
    clock: Clock,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    reached: Reached | None = None,
) -> dict[str, int]:
    """Forget and remove what `retention` no longer wants; how much of what went, nothing left out that is 0.

    Of attempts all, or those behind what is `reached` (`forget_attempts`).
    """
    retention, gone = settings.retention, {}
    if retention.attempts_days and is_there(settings.database):
        engine = connect(settings.database, synchronous=settings.synchronous)
        try:
            before = clock.time() - retention.attempts_days * DAY_S
            gone["attempts"] = forget_attempts(engine, before, should_stop=should_stop, reached=reached)
        finally:
            engine.dispose()
    if retention.runs_days and is_there(settings.database):
        engine = connect(settings.database, synchronous=settings.synchronous)
        try:
            before = clock.time() - retention.runs_days * DAY_S
            gone["runs"] = forget_runs(engine, before, should_stop=should_stop)
        finally:
            engine.dispose()
    if retention.uploads_days and is_there(settings.database):
        reader = connect(settings.database, read_only=True)
        try:
            gone["uploads"] = forget_uploads(settings, reader, clock.time() - retention.uploads_days * DAY_S)
        finally:
            reader.dispose()
    if (
        settings.shared.sources is not None
        and settings.shared.keep_sources == "until-read"
        and is_there(settings.database)
    ):
        reader = connect(settings.database, read_only=True)
        try:
            with suppress(DlLitError, OSError):  # the place cannot be reached: the next time
                gone["sent sources"] = forget_sent(settings, reader)
        finally:
            reader.dispose()
    if retention.temporary_days:
        before = clock.time() - retention.temporary_days * DAY_S
        gone["drafts"] = sum(_removed(path, before) for path in _drafts(settings.database))
    return gone


class Upkeep:
    """Tidies when it is time: at the first look, so that who never works for long does so as well, then every hour."""

    def __init__(self, settings: Callable[[], Settings], clock: Clock, should_stop: Callable[[], bool]) -> None:
        """`settings` are asked for at each time."""
        self._settings, self._clock, self._should_stop = settings, clock, should_stop
        self._next_at = -math.inf  # monotonic
        self._reached = Reached()

    def look(self) -> None:
        """Tidy if it is time."""
        if self._clock.monotonic() < self._next_at:
            return
        self._next_at = self._clock.monotonic() + EVERY_S
        done = tidy(self._settings(), self._clock, should_stop=self._should_stop, reached=self._reached)
        if gone := {what: number for what, number in done.items() if number}:
            log.info("tidied", **gone)


@contextmanager
def keeping_tidy(shop: Workshop, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Tidy up every hour while entered, by the settings of that moment, and memory every minute."""
    upkeep = Upkeep(lambda: shop.settings, shop.clock, should_stop)
    with (
        Repeating("upkeep", LOOK_S, [upkeep.look], give_up=shop.give_up),
        Repeating("sweep", SWEEP_S, [collector.sweep]),
    ):
        yield


def _drafts(database: Path) -> Iterator[Path]:
    for pattern in _DRAFTS:
        with suppress(OSError):
            yield from database.parent.glob(f"{database.name}{pattern}")


def _removed(path: Path, before: float) -> bool:
    """Remove a file that has not changed since the epoch's second `before`; whether it went."""
    try:
        if path.stat().st_mtime >= before:
            return False
        path.unlink()
    except OSError:
        return False
    return True
