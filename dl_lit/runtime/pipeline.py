"""The running pipeline: a feeder, a hopper and a pool for each stage, one recorder for all.

feeder ─claims─▶ hopper ─▶ workers ─outcomes─▶ recorder ─▶ database
   ▲                                             │
   └──────────── woken when rows move ───────────┘
"""

from __future__ import annotations

import logging
import math
import random
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseAway, DatabaseDamaged, DatabaseFull, DatabaseUnusable, DlLitError
from dl_lit.core.job import Stage
from dl_lit.core.model import StageName
from dl_lit.core.pulse import StagePulse
from dl_lit.core.store import Finished, Store
from dl_lit.runtime.brakes import Brakes, Pressure
from dl_lit.runtime.building import build_line
from dl_lit.runtime.kept_threads import KeptThreads, joined
from dl_lit.runtime.line import Line, Surroundings
from dl_lit.runtime.recorder import Recorder
from dl_lit.runtime.scaling import Memory
from dl_lit.runtime.shape import Shape, StageView, view_of
from dl_lit.runtime.standstill import Standstill
from dl_lit.runtime.suspects import suspect_of
from dl_lit.runtime.tally import Tally
from dl_lit.runtime.turns import Turn
from dl_lit.runtime.vital import wedged_by

__all__ = ["Pipeline", "Shape", "StageView"]

_ORDER = tuple(StageName)

_FIRST_LOOK_S = 0.5
"""So long, at most, is waited for the stages to look for work: the database may be held by another program."""

log = logging.getLogger(__name__)


class Pipeline:
    """The stages at work on one store. `start`, then `drain` or wait, then `stop`; `stop` may come at any time."""

    def __init__(
        self,
        stages: Sequence[Stage],
        store: Store,
        shape: Shape,
        *,
        clock: Clock,
        chance: random.Random,
        read_pressure: Callable[[], Pressure],
        on_recorded: Callable[[Sequence[Finished]], None] = lambda _group: None,
        surroundings: Surroundings | None = None,
    ) -> None:
        """Nothing runs before `start`. `on_recorded` hears of each durable group, in the recorder's thread."""
        self.shape = shape
        self.tally = Tally()
        self._standstill = Standstill(clock, shape.stall_s)
        self._store = store
        self._clock = clock
        self._on_recorded = on_recorded
        self._read_pressure = read_pressure
        around = replace(surroundings or Surroundings(), memory=self._memory)
        self._on_notice = around.on_notice
        self._main, self._noticing = Turn("main", clock), Turn("notice", clock)
        self._outage = around.outage
        self._recorder = Recorder(
            store,
            self._recorded,
            on_dropped=around.on_dropped,
            max_attempts=shape.patience.max_attempts,
            clock=clock,
            outage=around.outage,
        )
        self._knows_pauses = False  # who is paused; nobody can tell while the database is away
        self._notice_lock = threading.Lock()
        self._others_wrote = 0  # how often others were seen to have written
        self._progress = threading.Event()
        self._stopping = threading.Event()
        self._kept = KeptThreads(self._progress.set)
        self._threads: list[threading.Thread] = []  # all but the workers
        self.lines: dict[StageName, Line] = {}
        pressure, elsewhere = self._pressure_of(read_pressure), set(StageName) - {stage.name for stage in stages}
        for stage in stages:
            brakes = Brakes(stage.name, shape.bounds, self._load, pressure, elsewhere=elsewhere)
            self.lines[stage.name] = build_line(
                stage,
                shape,
                store,
                brakes,
                put=self._recorder.put,
                start=self._kept.start,
                surroundings=around,
                clock=clock,
                chance=chance,
            )

    def _memory(self) -> Memory:
        """How memory is; `Bounds` has the marks."""
        bounds, used_mb = self.shape.bounds, self._read_pressure().memory_mb
        if used_mb < bounds.memory_soft_mb:
            return Memory.EASY
        return Memory.TIGHT if used_mb < bounds.memory_hard_mb else Memory.SHORT

    def _load(self, stage: StageName) -> int:
        """Rows that dam a room up; what was put off for longer counts only where the room would be too full with it."""
        arriving = self._recorder.arriving(stage)  # asked first: what is written meanwhile counts twice and not never
        rows = self._store.waiting(stage) + arriving
        return rows if rows < self.shape.bounds.low_water else self._store.pressing(stage) + arriving

    def _pressure_of(self, read: Callable[[], Pressure]) -> Callable[[], Pressure]:
        def pressure() -> Pressure:
            trouble = self._recorder.trouble
            return read() if trouble is None else Pressure(math.inf, 0.0, database_trouble=trouble)

        return pressure

    # --- running

    def start(self) -> None:
        """Start all threads."""
        with suppress(DatabaseAway):  # whoever looks for work tells of it
            self._store.notice()
            self._take_pauses()
        self._threads.append(self._kept.start("recorder", self._recorder.loop))
        for name, line in self.lines.items():
            line.hands.want(line.scaler.least)
            self._threads.append(self._kept.start(f"{name.value}-feeder", line.feeder.loop))
        self._threads.append(self._kept.start("notice", self._notice_loop))

    def let_begin(self) -> None:
        """Wait until each stage has looked whether it has work; its owner takes no processor time from that."""
        deadline = self._clock.monotonic() + _FIRST_LOOK_S
        for line in self.lines.values():
            line.feeder.has_looked.wait(max(0.0, deadline - self._clock.monotonic()))

    def become(self, stages: Sequence[Stage], shape: Shape) -> None:
        """Go on with other stages and measures while running; the sizes of queues stay.

        Items in hand are finished by the stages that began them.
        """
        self.shape = shape
        for stage in stages:
            self.lines[stage.name].become(stage, shape)

    def give_up(self, error: DlLitError) -> None:
        """End with this error: somebody else has met what no work can go on with. Any thread may say so."""
        self._kept.give_up(error)

    def _notice_loop(self) -> None:
        self._noticing.rests(self.shape.notice_s)
        while not self._stopping.wait(self.shape.notice_s):
            self._noticing.begins()
            _look(self.notice_once)
            self._noticing.rests(self.shape.notice_s)
        self._noticing.ends()

    def notice_once(self) -> None:
        """Wake everyone if another process has written."""
        self._on_notice()
        with self._notice_lock:
            is_news = self._store.notice()
            self._others_wrote += is_news
        if is_news or not self._knows_pauses:
            self._take_pauses()
            self.wake()

    def look_at_once(self) -> None:
        """As `notice_once`, for who has heard that something was written; any thread may ask."""
        _look(self.notice_once)

    def _take_pauses(self) -> None:
        """Keep to who is paused now."""
        paused = self._store.paused()
        for name, line in self.lines.items():
            before, by = line.feeder.paused_by, paused.get(name)
            if before != by:
                log.info("%s is paused by %s", name, by) if by is not None else log.info("%s goes on", name)
                line.feeder.paused_by = by
        self._knows_pauses = True

    def line_moves(self, stage: StageName, line: str, after_s: float) -> None:
        """Somebody of `stage` who waits in `line` may go on in `after_s` seconds."""
        if stage in self.lines:
            self.lines[stage].lounge.call(line, after_s)

    def wake(self) -> None:
        """Let every feeder look again at once."""
        for line in self.lines.values():
            line.feeder.wake()
        self._progress.set()

    def _recorded(self, group: Sequence[Finished]) -> None:
        self.tally.add(group)
        self._standstill.add(group)
        now = self._clock.monotonic()
        for name in {one.claim.stage for one in group}:
            self.lines[name].stall.add((one.outcome for one in group if one.claim.stage is name), now)
            place = _ORDER.index(name)
            # Its own feeder for what is to be retried, the next for what moved on, the one before for the room made.
            for neighbour in _ORDER[max(0, place - 1) : place + 2]:
                if neighbour in self.lines:
                    self.lines[neighbour].feeder.wake()
        self._on_recorded(group)
        self._progress.set()

    # --- ending

    def drain(self, should_stop: Callable[[], bool], tick: Callable[[], None] = lambda: None) -> bool:
        """Run until nothing is left, or only what is due beyond the outlook or was tried in vain for long.

        False if `should_stop` ended it before. Raises what ended one of the threads, and `OutageTooLong`.
        """
        try:
            return self._drain(should_stop, tick)
        finally:
            self._main.ends()

    def _drain(self, should_stop: Callable[[], bool], tick: Callable[[], None]) -> bool:
        while not should_stop():
            self._main.begins()
            self._progress.clear()
            self._kept.raise_failure()
            self._outage.bear()
            if self._is_done(should_stop):
                return True
            self._progress.wait(0.2)
            tick()
        return False

    def _is_done(self, should_stop: Callable[[], bool]) -> bool:
        """Whether nothing is left; nobody can tell while the database is away."""
        try:
            is_idle = self.is_idle() and not self._run_suspect(should_stop)
        except DatabaseAway as error:
            self._outage.met("drain", error)
            return False
        self._outage.well("drain")
        # What could not be written down for other reasons is done again by the next run.
        return is_idle or (self._recorder.in_vain_s > self.shape.stall_s and not self._outage.lasts_s)

    def is_idle(self) -> bool:
        """Nothing is in hand, and nothing can be done within the outlook."""
        begun = self._recorder.begun
        if self.in_hand() or self._recorder.backlog:
            return False
        self.notice_once()
        others_wrote = self._others_wrote
        horizon = self._clock.time() + (0.0 if self._standstill.is_reached else self.shape.outlook_s)
        # From the far end: a stage that is dammed up can only go on when one ahead of it can.
        for name, line in reversed(self.lines.items()):
            if self._store.waiting(name) and not self._rests(line) and self._is_pending(name, horizon):
                return False
        # What was claimed, worked and written while this was looked at may have gone where it had been looked already,
        # with us or with others.
        if self.in_hand() or self._recorder.begun != begun:
            return False
        self.notice_once()
        return self._others_wrote == others_wrote

    def _rests(self, line: Line) -> bool:
        """Whether its rows are left: to another stage that has to go on first, to a person, or for want of disk."""
        feeder = line.feeder
        return feeder.paused_by is not None or feeder.is_dammed() or feeder.blocked_s > self.shape.stall_s

    def _is_pending(self, name: StageName, horizon: float) -> bool:
        due = self._store.next_due(name)
        if due is not None and due <= horizon:
            return True
        ready = self._store.claim(name, 1)
        self._store.release(ready)
        if ready:
            self.lines[name].feeder.wake()
        return bool(ready)

    def in_hand(self) -> int:
        """Claims queued, running, or answered but not yet written."""
        return self._store.held()

    def _run_suspect(self, should_stop: Callable[[], bool]) -> bool:
        """Work on a row that was in hand at several sudden deaths, and on nothing else; whether there was one."""
        claim = suspect_of(self._store, self.lines)
        if claim is None:
            return False
        self._pause(paused=True)
        try:
            self._wait_while(lambda: self.in_hand() > 1, should_stop)  # what was claimed at the last moment
            self._store.release(self.lines[claim.stage].hopper.put([claim]))
            self._wait_while(lambda: self.in_hand() > 0, should_stop)
        finally:
            self._pause(paused=False)
            self.wake()
        return True

    def _pause(self, *, paused: bool) -> None:
        for line in self.lines.values():
            line.feeder.paused = paused
            if paused:
                self._store.release(line.lounge.close())
            elif line.feeder.paused_by is None:
                line.lounge.open()

    def _wait_while(self, holds: Callable[[], bool], should_stop: Callable[[], bool]) -> None:
        while holds() and not should_stop() and self._kept.failure is None:
            self._main.begins()
            self._progress.clear()
            self._progress.wait(0.2)

    def run_until(self, should_stop: Callable[[], bool], tick: Callable[[], None] = lambda: None) -> None:
        """Run until `should_stop`; suspects get their turn when nothing else is to be done.

        Raises what ended one of the threads.
        """
        look_from = 0.0
        try:
            while not should_stop():
                self._main.begins()
                self._progress.clear()
                self._kept.raise_failure()
                if self._progress.wait(0.2) is False and self.in_hand() == 0 and self._clock.monotonic() >= look_from:
                    _look(lambda: self._run_suspect(should_stop))
                    look_from = self._clock.monotonic() + self.shape.poll_s
                tick()
        finally:
            self._main.ends()

    def stop(self, hurry: Callable[[], bool] = lambda: False, abort: Callable[[], None] = lambda: None) -> bool:
        """Stop feeding, let what runs finish within the grace period, write all down; whether nothing was cut off.

        `hurry` ends the grace period at once; `abort` is called when it is over and must make running items fail fast.
        """
        self._stopping.set()
        for line in self.lines.values():
            line.feeder.stop()
        for line in self.lines.values():
            self._store.release([*line.hopper.close(), *line.lounge.close()])
        deadline = self._clock.monotonic() + self.shape.grace_s
        workers = [thread for line in self.lines.values() for thread in line.hands.stop()]
        clean = joined(workers, lambda: self._clock.monotonic() < deadline and not hurry())
        if not clean:
            abort()
            final = self._clock.monotonic() + 1.0
            joined(workers, lambda: self._clock.monotonic() < final)
        self._recorder.close()
        last = self._clock.monotonic() + 10.0
        # Of the others none is busy; but none may still look at the store when its owner closes it.
        written = joined(self._threads, lambda: self._clock.monotonic() < last) and not self._recorder.backlog
        return clean and written

    # --- looking

    def pulse(self) -> dict[StageName, StagePulse]:
        """Every stage at this moment."""
        return {
            name: line.pulse(self._store, self.tally.stages[name], self._clock) for name, line in self.lines.items()
        }

    def view(self) -> dict[StageName, StageView]:
        """Every stage at this moment, as progress shows it."""
        return {name: view_of(pulse) for name, pulse in self.pulse().items()}

    @property
    def unwritten_s(self) -> float:
        """For how long, about, the database has taken nothing; 0 while it takes what there is."""
        return self._recorder.in_vain_s

    @property
    def unwritten(self) -> int:
        """Outcomes that are not written down yet; after `stop` they are given up, and worked out again another time."""
        return self._recorder.backlog

    def wedged(self) -> str | None:
        """What only a new process gets out of, in one sentence; None where the engine is alive, be it slow.

        Takes no lock for longer than a look; any thread may ask.
        """
        if self._kept.failure is not None:
            return f"a thread ended: {self._kept.failure}"
        if self._stopping.is_set():
            return None
        turns = (self._main, self._noticing, self._recorder.turn, *(line.feeder.turn for line in self.lines.values()))
        hands = (line.at_work() for line in self.lines.values())
        return wedged_by(self._clock.monotonic(), turns, hands, self.shape.turn_s)


def _look(look: Callable[[], object]) -> None:
    """Look into the database; where it cannot be read at present, of which the feeders tell, it is left at that."""
    try:
        look()
    except DatabaseDamaged:
        raise
    except (DatabaseFull, DatabaseUnusable) as error:
        log.debug("looking_waits: %s", error)
