"""The store against a model of a few lines, in whatever order its verbs are called."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dl_lit.core.clock import Clock
from dl_lit.core.job import Claim, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.backends import BACKENDS, Backend
from tests.fakes.engine import ManualClock, finished, new_source

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
ORDER = list(StageName)
ROOMS = {
    EXTRACTION: "SELECT count(*) FROM sources WHERE state = 'pending'",
    ENRICHMENT: "SELECT count(*) FROM no_metadata",
    QUEUEING: "SELECT count(*) FROM with_metadata",
    DOWNLOAD: "SELECT count(*) FROM to_download_references",
}


@dataclass
class Row:
    """What the model knows of a row in a room."""

    attempts: int = 0
    due: float | None = None


class StoreAndModel(RuleBasedStateMachine):
    """Every source has one entry, every entry a work of its own: a row moves from room to room and keeps its kind."""

    make: Callable[[Path, Clock], Backend]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dl-lit-model-"))
        self.clock = ManualClock()
        self.backend = type(self).make(self.folder, self.clock)
        self.store = self.backend.open()
        self.rooms: dict[StageName, dict[int, Row]] = {stage: {} for stage in StageName}
        self.held: dict[tuple[StageName, int], Claim] = {}
        self.arrived = dict.fromkeys(StageName, 0)  # rows that came into the room in all
        self.ended = 0
        self.sources = 0

    @rule(count=st.integers(1, 4))
    def others_add_sources(self, count: int) -> None:
        added = self.backend.add_sources([new_source(self.sources + n) for n in range(count)])
        self.sources += count
        self.rooms[EXTRACTION].update({source: Row() for source in added})
        assert self.store.notice() is True

    @rule(stage=st.sampled_from(StageName), limit=st.integers(1, 5))
    def claim(self, stage: StageName, limit: int) -> None:
        now = self.clock.time()
        room = self.rooms[stage]
        free = {
            number
            for number, row in room.items()
            if (row.due is None or row.due <= now) and (stage, number) not in self.held
        }
        claims = self.store.claim(stage, limit)
        assert len({claim.id for claim in claims}) == len(claims)
        assert {claim.id for claim in claims} <= free
        assert len(claims) == min(limit, len(free))
        due_first = {number for number in free if room[number].due is not None}
        assert len(due_first & {claim.id for claim in claims}) == min(limit, len(due_first))
        for claim in claims:
            assert claim.attempt == room[claim.id].attempts + 1
            self.held[stage, claim.id] = claim

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        keys = data.draw(st.lists(st.sampled_from(sorted(self.held)), unique=True))
        self.store.release([self.held.pop(key) for key in keys])

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def record(self, data: st.DataObject) -> None:
        keys = data.draw(st.lists(st.sampled_from(sorted(self.held)), unique=True, min_size=1))
        answers = st.sampled_from(["done", "retry", "snooze", "reject"])
        group: list[tuple[Claim, Outcome | None]] = []
        for key in keys:
            claim, answer = self.held.pop(key), data.draw(answers)
            after = float(data.draw(st.integers(0, 5)))
            outcome: Outcome | None = {
                "done": None,
                "retry": Retry(Reason.HTTP_5XX, after=after),
                "snooze": Snooze(Reason.HOST_BUSY, after),
                "reject": Reject(Reason.NO_MATCH),
            }[answer]
            group.append((claim, outcome))
            self._expect(claim, outcome)
        self.store.record([finished(claim, outcome) for claim, outcome in group])
        self._see_arrivals()

    def _expect(self, claim: Claim, outcome: Outcome | None) -> None:
        room = self.rooms[claim.stage]
        match outcome:
            case Retry(after=after) | Snooze(after=after):
                costs = isinstance(outcome, Retry)
                room[claim.id] = Row(room[claim.id].attempts + costs, self.clock.time() + (after or 0.0))
            case None if claim.stage is not DOWNLOAD:
                del room[claim.id]
                self.arrived[ORDER[ORDER.index(claim.stage) + 1]] += 1
            case _:
                del room[claim.id]
                self.ended += 1

    def _see_arrivals(self) -> None:
        """Which number a row has in its next room is the database's business."""
        tables = {ENRICHMENT: "no_metadata", QUEUEING: "with_metadata", DOWNLOAD: "to_download_references"}
        for stage, table in tables.items():
            key = "entry_id" if stage is ENRICHMENT else "work_id"
            present = {row[0] for row in self.backend.rows(f"SELECT {key} FROM {table}")}
            new = present - self.rooms[stage].keys()
            assert len(new) == self.arrived[stage]
            self.arrived[stage] = 0
            self.rooms[stage].update({number: Row() for number in new})

    @rule(seconds=st.integers(1, 4))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(float(seconds))

    @rule()
    def sudden_death(self) -> None:
        """Nothing is marked as running: the next process has it all back."""
        self.store = self.backend.open()
        self.held.clear()

    @rule()
    def orderly_restart(self) -> None:
        self.store.close()
        self.store = self.backend.open()
        self.held.clear()

    @invariant()
    def counts_are_those_of_the_tables(self) -> None:
        for stage, query in ROOMS.items():
            assert self.store.waiting(stage) == self.backend.rows(query)[0][0] == len(self.rooms[stage])
        assert self.store.held() == len(self.held)

    @invariant()
    def due_times_are_told(self) -> None:
        now = self.clock.time()
        for stage, room in self.rooms.items():
            later = [row.due for row in room.values() if row.due is not None and row.due > now]
            assert self.store.next_due(stage) == (min(later) if later else None)

    @invariant()
    def everything_is_somewhere_once(self) -> None:
        assert sum(map(len, self.rooms.values())) + self.ended == self.sources

    def teardown(self) -> None:
        if hasattr(self, "backend"):
            self.backend.close()
            shutil.rmtree(self.folder)


def _case(name: str) -> type:
    """The machine on one database, as a test case."""
    machine = type(f"On{name.title()}", (StoreAndModel,), {"make": staticmethod(BACKENDS[name])})
    case: type = machine.TestCase
    case.settings = settings(  # type: ignore[attr-defined]
        max_examples=18, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return case


TestOnSqlite = _case("sqlite")
