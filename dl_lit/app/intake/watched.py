"""The folders that a daemon watches: those that sources come from, and the one where people hand in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from db.connect import connect
from dl_lit.app.deciding.handing_in import HandIn
from dl_lit.app.intake.filing import Filing
from dl_lit.app.intake.sent import send
from dl_lit.app.intake.taking import HandInTaker, SourceTaker
from dl_lit.app.intake.watched_folders import hand_in_folder, watched_folders
from dl_lit.app.roles import keeps_library
from dl_lit.app.workshop import Workshop
from dl_lit.core.errors import FetchError
from dl_lit.core.pulse import FolderPulse
from dl_lit.runtime.repeating import Repeating
from dl_lit.runtime.watching.folder import FolderWatcher, Habits
from dl_lit.runtime.watching.wanted import Wanted
from dl_lit.settings.daemon import WatchSettings

AGAIN_S = 60.0
"""How often files that no work waited for are held against the works that wait by now."""

FILING_S = 2.0
"""How often files that have been read are looked for, to be put away."""

log = structlog.get_logger("dl_lit.watch")


def habits_of(settings: WatchSettings) -> Habits:
    """How folders are watched, from the settings."""
    return Habits(
        observe=settings.observe, stable_s=settings.stable_s, poll_s=settings.poll_s, rescan_s=settings.rescan_s
    )


@contextmanager
def watching(
    shop: Workshop, folders: Sequence[Path], wake: Callable[[], None], *, wait: bool = False
) -> Iterator[Callable[[], tuple[FolderPulse, ...]]]:
    """Take what appears in `folders`, and in the hand-in folder if there is one, while entered; gives their pulses.

    `wait`: a folder that is not there yet is waited for. Raises `BadInput` for one that cannot be watched.
    """
    settings = shop.settings
    habits = habits_of(settings.watch)
    wanted = watched_folders(settings, folders, wait=wait)
    log.info("watching", folders=[str(one.folder) for one in wanted])
    with ExitStack() as open_:
        intake = connect(settings.database, synchronous=settings.synchronous)
        open_.callback(intake.dispose)
        filing = Filing(intake, [one.folder for one in wanted], settings.watch.afterwards, shop.clock, on_found=wake)
        open_.callback(filing.close)
        shop.outage.outlast(filing.heal, who="start")  # before anything is looked at
        watchers = [
            open_.enter_context(
                FolderWatcher(
                    one,
                    SourceTaker(
                        intake, one.folder, shop.clock, wake, give_up=shop.give_up, send=partial(send, settings)
                    ),
                    clock=shop.clock,
                    habits=habits,
                )
            )
            for one in wanted
        ]

        def file_away() -> None:
            filing.once()

        open_.enter_context(Repeating("filing", FILING_S, [file_away], give_up=shop.give_up))
        hand_in = open_.enter_context(_hand_in(shop, wake, habits))

        def pulses() -> tuple[FolderPulse, ...]:
            sources = (replace(one, not_filed=filing.trouble(Path(one.path))) for one in _pulses(watchers))
            return (*sources, *_pulses(hand_in))

        yield pulses


def _pulses(watchers: Sequence[FolderWatcher]) -> list[FolderPulse]:
    return [watcher.pulse() for watcher in watchers]


@contextmanager
def _hand_in(shop: Workshop, wake: Callable[[], None], habits: Habits) -> Iterator[list[FolderWatcher]]:
    """Take in what people drop into the hand-in folder, if there is one; now and then look again at what was left."""
    wanted: Wanted | None = hand_in_folder(shop.settings) if keeps_library(shop.settings) else None
    if wanted is None:
        yield []
        return
    synchronous = shop.settings.synchronous
    desk = HandIn(
        shop.settings.database, shop.library, shop.checker, shop.clock, synchronous=synchronous, on_taken=wake
    )

    def again() -> None:
        with suppress(FetchError):
            desk.again(move=True)

    watcher = FolderWatcher(wanted, HandInTaker(desk), clock=shop.clock, habits=habits, use="hand-in")
    try:
        with watcher, Repeating("hand-in", AGAIN_S, [again]):
            yield [watcher]
    finally:
        desk.close()
