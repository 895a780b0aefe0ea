"""A replica, a database as it is before the first request, and runs of the real pipeline on copies of it."""

from __future__ import annotations

import math
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.requests import settings_for
from proofs.faults.leaping import LeapingClock
from proofs.faults.works import RECORDS, bibliography

from db.connect import connect
from db.intake import add_entries
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.store import NewSource
from dl_lit.pdf.reader import ChildChecker
from dl_lit.replica.access import Shares
from dl_lit.replica.server import Replica
from dl_lit.replica.services.settings import Settings as ReplicaSettings
from dl_lit.replica.universe import Universe
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.settings import Settings

SCALE = 120.0  # the services' windows and the hosts' gaps are so much shorter
HOUR_S = 3_600.0
OUTLOOK_S = 3 * 86_400.0  # what is due within this time is waited for, by leaps
TIMEOUT_S = 0.25  # of every service
_LOOKS = 6
_QUICK = {
    "DL_LIT_HTTP_PERMIT_WAIT_S": "1",
    "DL_LIT_HTTP_TIMEOUT_LEAST_S": "0.25",
    "DL_LIT_DOWNLOAD_TIMEOUT_S": "1",
    "DL_LIT_ENGINE_OUTLOOK_S": "86400",
    "DL_LIT_ENGINE_STALL_S": "86400",
    "DL_LIT_OPENALEX_CREDITS_PER_DAY": "1000000",
    "DL_LIT_SEMANTIC_SCHOLAR_KEY": "a-key",
    "DL_LIT_CORE_KEY": "a-key",
    "DL_LIT_ACCESS_OPENALEX_CONTENT": "true",
    "DL_LIT_SYNCHRONOUS": "NORMAL",
    "DL_LIT_WORKERS_EXTRACTION": "1",
}
_SHARES = Shares(missing_in_openalex=0.0, second_copy=0.0)


class Shop(Workshop):
    """A workshop whose files are looked at by children that others use too: they take longer to start than a run."""

    def __init__(self, settings: Settings, clock: Clock, checker: ChildChecker) -> None:
        """Nothing is opened before entering."""
        super().__init__(settings, "prove", clock=clock, seed=5)
        self._lent = checker

    def __enter__(self) -> Self:
        super().__enter__()
        self.checker = self._lent
        self.stages = self._stages()
        return self


@dataclass(slots=True)
class Course:
    """One run from its first request to its end: leaps over waits, and tells when the outage is over."""

    shop: Workshop
    replica: Replica
    clock: LeapingClock
    outage_s: float
    on_health: Callable[[], None]
    look: Callable[[], None] = lambda: None  # called now and then during the outage
    started: float = field(init=False)
    is_healthy: bool = False
    leaps: int = 0

    def __post_init__(self) -> None:
        """It begins now."""
        self.started = self.clock.monotonic()

    def until_idle(self, *, stops_at_health: bool = False) -> None:
        """Run the pipeline until nothing is left that comes back within days; then the outage is over as well."""
        engine = self.shop.pipeline()
        engine.start()
        try:
            while True:
                engine.drain(lambda: stops_at_health and self.is_healthy, lambda: self._tick(engine))
                if stops_at_health and self.is_healthy:
                    return
                wait_s = self._next_s(engine)
                if self.is_healthy and (wait_s is None or wait_s > OUTLOOK_S):
                    return
                left_s = math.inf if self.is_healthy else max(0.0, self._outage_left_s())
                self._leap(max(0.0, min(left_s, math.inf if wait_s is None else wait_s)))
                self._look_for_health()
        finally:
            engine.stop()

    def leap_to(self, moment: float) -> None:
        """Let time pass until the clock shows `moment` (epoch seconds)."""
        self._leap(max(0.0, moment - self.clock.time()))

    def _tick(self, engine: Pipeline) -> None:
        self._look_for_health()
        for _ in range(20):
            if self._is_quiet(engine):
                break
            time.sleep(0.005)
        else:
            return
        if (wait_s := self._next_s(engine)) is not None and wait_s > 0.0:
            self._leap(wait_s if self.is_healthy else min(wait_s, max(0.0, self._outage_left_s())))
            self._look_for_health()
        engine.wake()

    def _look_for_health(self) -> None:
        if not self.is_healthy and self.leaps <= _LOOKS:
            self.look()
        if not self.is_healthy and self._outage_left_s() <= 0.0:
            self.is_healthy = True
            self.on_health()

    def _outage_left_s(self) -> float:
        return self.outage_s - (self.clock.monotonic() - self.started)

    def _leap(self, seconds: float) -> None:
        self.replica.go_ahead(seconds)  # first: whoever asks in between has rather too much room than too little
        self.clock.leap(seconds)
        self.leaps += 1

    @staticmethod
    def _is_quiet(engine: Pipeline) -> bool:
        seated = sum(len(line.lounge) for line in engine.lines.values())
        return engine.in_hand() == seated and not engine.unwritten

    def _next_s(self, engine: Pipeline) -> float | None:
        """Seconds until something can be done; None where it can be now, or never."""
        waits = []
        for name, line in engine.lines.items():
            ready = self.shop.store.claim(name, 1)
            self.shop.store.release(ready)
            if ready:
                return None
            due = self.shop.store.next_due(name)
            waits += [line.lounge.next_due_s()] if len(line.lounge) else []
            waits += [due - self.clock.time()] if due is not None else []
        return min(waits, default=None)


@dataclass(frozen=True, slots=True)
class Scene:
    """What all runs have in common."""

    replica: Replica
    checker: ChildChecker
    template: Path  # a database whose entries nobody has looked at

    def settings(self, folder: Path, **changes: str) -> Settings:
        """Those of a run in this folder, with a copy of the template for its database."""
        folder.mkdir(parents=True, exist_ok=True)
        timeouts = {
            name.replace("_URL", "_TIMEOUT_S"): str(TIMEOUT_S) for name in self.replica.env() if name.endswith("_URL")
        }
        settings = settings_for(self.replica, folder, **timeouts, **_QUICK, **changes)
        if not settings.database.exists():
            shutil.copy(self.template, settings.database)
        return settings


def fill(database: Path, folder: Path, replica: Replica) -> None:
    """Make a database that holds the bibliography."""
    settings = settings_for(replica, folder, DL_LIT_DB=str(database))
    with Workshop(settings, "prove") as shop:
        engine = connect(settings.database)
        try:
            add_entries(engine, NewSource("/made/up.bib", "0" * 64, 1), bibliography(), SystemClock())
        finally:
            engine.dispose()
        shop.network.stop()
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def scene(base: Path, seed: int = 1, port: int = 0) -> Iterator[Scene]:
    """A replica that knows the works, and a template below `base`."""
    base.mkdir(parents=True, exist_ok=True)
    checker = ChildChecker(2)
    try:
        with Replica(
            Universe.from_records(RECORDS),
            seed=seed,
            time_scale=SCALE,
            port=port,
            hosts=4,
            shares=_SHARES,
            settings=ReplicaSettings(openalex_credits_keyed=1_000_000, pdf_min_bytes=8_000, pdf_max_bytes=8_000),
        ) as replica:
            template = base / "template.db"
            fill(template, base / "template", replica)
            yield Scene(replica, checker, template)
    finally:
        checker.close()
