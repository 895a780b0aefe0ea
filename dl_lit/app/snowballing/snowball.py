"""Feeds verified downloads back into extraction, level by level, within what is set; the state is in the tables.

Whatever process dies at whatever moment, the next look counts anew what there is and goes on from there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import structlog

from db.connect import connect
from db.reading.levels import Candidate, Level, Levels, tree_of_run
from db.reading.opening import reading
from db.runs import How, add_to_run, note_sources
from db.snowball import keep_levels
from dl_lit.app.outcome.run_book import RunBook
from dl_lit.app.roles import keeps_library
from dl_lit.app.shelving import shelf_of
from dl_lit.app.snowballing.citing import CitingWorks
from dl_lit.app.snowballing.deciding import Step, steps, told
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import Clock
from dl_lit.core.model import StageName
from dl_lit.core.source_path import path_text
from dl_lit.core.store import NewSource
from dl_lit.runtime.repeating import Repeating

EVERY_S = 5.0
"""How often a daemon looks whether levels may be fed; a look is also followed by twenty times its own time of rest."""

PATIENCE_S = 3_600.0
"""A choice that waits for a pipeline to come to rest which never does is made after so long."""

log = structlog.get_logger("dl_lit.snowball")


class Snowball:
    """Looks at the levels of a run's sources, or of the library, and feeds what may be fed. Thread-safe."""

    def __init__(self, shop: Workshop, book: RunBook, should_stop: Callable[[], bool], *, is_daemon: bool) -> None:
        """A one-off run counts levels of its own sources, the daemon those of the library."""
        self._should_stop = should_stop
        self._shop, self._book, self._scope = shop, book, None if is_daemon else book.id
        self._citing = CitingWorks(shop, book, self._scope)
        self._clock: Clock = shop.clock
        self._shelf = shelf_of(shop.settings, shop.clock)
        self._lock = threading.Lock()
        self._next_at = 0.0  # monotonic: no look before
        self._open_since: float | None = None  # monotonic: since when a choice waits
        self.fed = 0
        """Sources that came of all looks."""
        self.levels: tuple[dict[str, Any], ...] = ()
        """How each level stood at the last look, as JSON."""

    @property
    def is_wanted(self) -> bool:
        """Whether there is anything to do: settings may change while a daemon runs.

        Levels are fed where the library is, since its files are what is fed.
        """
        wanted = self._shop.settings.snowball
        return (wanted.depth > 0 or wanted.cited_by) and keeps_library(self._shop.settings)

    def look_if_time(self, is_idle: Callable[[], bool] = lambda: False) -> None:
        """Look, unless the last look was a moment ago."""
        if self.is_wanted and self._clock.monotonic() >= self._next_at:
            self.look(at_rest=is_idle())

    def look(self, *, at_rest: bool) -> int:
        """Feed what may be fed; how many sources that were. `at_rest`: as `deciding.steps` has it."""
        if not self.is_wanted or self._should_stop() or not self._book.has_begun:
            return 0
        with self._lock:
            began = self._clock.monotonic()
            # A daemon may never come to rest, and need not: it asks in a thread of its own.
            fed = self._citing.take(self._should_stop) if at_rest or self._scope is None else 0
            fed += self._roll(at_rest=at_rest or self._is_overdue(began))
            took_s = self._clock.monotonic() - began
            self._next_at = began + max(EVERY_S, 20 * took_s)
            self.fed += fed
        return fed

    @property
    def citing(self) -> dict[str, int] | None:
        """What came of asking who cites people's own sources, as JSON; None where that is not wanted."""
        return self._citing.document

    def _is_overdue(self, now: float) -> bool:
        return self._open_since is not None and now - self._open_since >= PATIENCE_S

    def _roll(self, *, at_rest: bool) -> int:
        settings = self._shop.settings
        is_paused = StageName.EXTRACTION in self._shop.store.paused()
        gone: dict[int, set[int]] = {}
        with reading(settings.database) as connection:
            of = Levels(connection, self._scope, max_pages=settings.snowball.max_pages)
            levels = of.look()
            while True:
                decided = steps(_without(levels, gone), settings.snowball, at_rest=at_rest, is_paused=is_paused)
                chosen: list[Candidate] = []
                missing: set[int] = set()
                for step in decided:
                    if step.feed:
                        waits = levels[step.level].next.get("waits", 0)
                        some, lost = self._there(of.candidates(step.level + 1, waits), step.feed)
                        chosen += some
                        if lost - gone.get(step.level, set()):
                            missing |= lost
                            gone[step.level] = lost
                if not missing:
                    break
        new = [self._new_source(one) for one in chosen]
        engine = connect(settings.database, synchronous=settings.synchronous)
        try:
            added = add_to_run(engine, self._book.id, new, How.FOUND, self._clock) if new else []
            self._tell(levels, decided, gone)
            keep_levels(engine, {one["level"]: one for one in self.levels}, self._clock)
        finally:
            engine.dispose()
        self._note_open(decided, levels)
        for one, source in zip(chosen, added, strict=True):
            log.info("snowball", source=source.id, work=one.work_id, level=one.level, new=source.is_new)
        return sum(one.is_new for one in added)

    def _there(self, candidates: Iterable[Candidate], most: int) -> tuple[list[Candidate], set[int]]:
        """The first `most` whose file is in the library; the works passed over whose file is not."""
        found: list[Candidate] = []
        lost: set[int] = set()
        for one in candidates:
            if len(found) == most:
                break
            if self._shelf.has(one.path):
                found.append(one)
            else:
                lost.add(one.work_id)
        return found, lost

    def _new_source(self, one: Candidate) -> NewSource:
        path = self._shelf.stand_in(one.path, one.sha256).absolute()  # extraction brings what is not here
        return NewSource(path_text(path), one.sha256, one.size_bytes, level=one.level, from_work_id=one.work_id)

    def _tell(self, levels: Sequence[Level], decided: Sequence[Step], gone: dict[int, set[int]]) -> None:
        self.levels = tuple(
            told(level, step, len(gone.get(level.level, ())), self._scope)
            for level, step in zip(levels, decided, strict=True)
        )

    def _note_open(self, decided: Sequence[Step], levels: Sequence[Level]) -> None:
        """Note since when candidates wait for a choice."""
        is_open = any(
            step.stopped is None and not step.feed and level.next.get("waits", 0)
            for step, level in zip(decided, levels, strict=True)
        )
        if not is_open:
            self._open_since = None
        elif self._open_since is None:
            self._open_since = self._clock.monotonic()

    def note_tree(self) -> None:
        """Let the run's book name what earlier runs found through its sources."""
        settings = self._shop.settings
        with reading(settings.database) as connection:
            tree = tree_of_run(connection, self._book.id)
        engine = connect(settings.database, synchronous=settings.synchronous)
        try:
            with engine.begin() as connection:
                note_sources(connection, self._book.id, [(source_id, False) for source_id in tree], How.FOUND)
        finally:
            engine.dispose()


@contextmanager
def snowballing(
    snowball: Snowball, is_idle: Callable[[], bool], shop: Workshop, wake: Callable[[], None]
) -> Iterator[None]:
    """Look beside a daemon's work while entered."""

    def look() -> None:
        before = snowball.fed
        snowball.look_if_time(is_idle)
        if snowball.fed > before:
            wake()

    with Repeating("snowball", EVERY_S, [look], give_up=shop.give_up):
        yield


def _without(levels: Sequence[Level], gone: dict[int, set[int]]) -> list[Level]:
    """The levels without the candidates whose file has gone."""
    return [
        replace(one, next={**one.next, "waits": one.next.get("waits", 0) - len(gone[one.level])})
        if one.level in gone
        else one
        for one in levels
    ]
