"""Works that are merged, linked and told apart beside a pipeline, in whatever order: the doctor finds nothing, ever."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from db.reading.doctor import invariants
from db.reading.opening import reading
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.items import WorkItem
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import Alias, Relation, RelationKind, StageName, Work, WorkType
from dl_lit.core.reasons import Reason
from tests.fakes.backends import BACKENDS, Backend, SqliteBackend
from tests.fakes.citing import cite
from tests.fakes.engine import ManualClock, finished, work

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
ROOMS = {QUEUEING: "with_metadata", DOWNLOAD: "to_download_references"}


def _work(**facts: object) -> Work:
    return work(1, metadata_source="test", **facts)


WORKS = st.builds(
    _work,
    title=st.sampled_from(["One title", "Other title", "Ein Titel"]),
    doi=st.sampled_from([None, None, None, "10.1/a", "10.1/b", "10.48550/arxiv.2001.00001"]),
    openalex_id=st.sampled_from([None, "W1", "W2"]),
    pmid=st.sampled_from([None, "7"]),
    type=st.sampled_from([*[WorkType.ARTICLE_JOURNAL] * 4, WorkType.ARTICLE]),
    year=st.sampled_from([2020, 2020, 2020, 2021]),
    aliases=st.sampled_from([(), (), (Alias(title="One title", language="en"),)]),
    relations=st.sampled_from([(), (), (), (Relation(kind=RelationKind.VERSION, doi="10.1/a"),)]),
)


class MergesAndModel(RuleBasedStateMachine):
    """What is modelled: that no entry is lost, who was told apart from whom, and who is in hand."""

    make: Callable[[Path, Clock], Backend]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dl-lit-merges-"))
        self.clock = ManualClock()
        self.backend = type(self).make(self.folder, self.clock)
        self.store = self.backend.open()
        self.held: dict[tuple[StageName, int], tuple[Claim, Outcome | None]] = {}
        self.first_work: dict[int, int] = {}  # of every entry: the work that was made for it
        self.apart: set[frozenset[int]] = set()
        self.sources = 0

    @rule(works=st.lists(WORKS, min_size=1, max_size=3))
    def a_source_cites(self, works: list[Work]) -> None:
        self.sources += 1
        before = {row[0] for row in self.backend.rows("SELECT id FROM entries")}
        made = cite(self.backend, self.store, self.sources, *works)
        new = [row[0] for row in self.backend.rows("SELECT id FROM entries ORDER BY id") if row[0] not in before]
        assert not set(made) & set(self.first_work.values())  # no number is given twice
        self.first_work.update(zip(new, made, strict=True))

    @rule(stage=st.sampled_from([QUEUEING, QUEUEING, DOWNLOAD]), limit=st.integers(1, 4))
    def claim(self, stage: StageName, limit: int) -> None:
        """What a stage learns of a duplicate it learns now, and says later."""
        for claim in self.store.claim(stage, limit):
            word = None
            if isinstance(claim.item, WorkItem):
                found = self.store.duplicate_of(claim.id, claim.item.work)
                word = None if found is None else Done(found)
            self.held[stage, claim.id] = claim, word

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def record(self, data: st.DataObject) -> None:
        keys = data.draw(st.lists(st.sampled_from(sorted(self.held)), unique=True, min_size=1))
        group = []
        for key in keys:
            claim, word = self.held.pop(key)
            answer = data.draw(st.sampled_from(["done", "done", "reject", "retry", "snooze"]))
            outcome: Outcome | None = {
                "done": word,
                "reject": word or Reject(Reason.NO_OA_LOCATION),
                "retry": Retry(Reason.HTTP_5XX, after=1.0),
                "snooze": Snooze(Reason.HOST_BUSY, 1.0),
            }[answer]
            group.append(finished(claim, outcome))
        self.store.record(group)

    @rule(limit=st.integers(1, 5), is_found=st.booleans())
    def some_are_queued_at_once(self, limit: int, is_found: bool) -> None:
        outcome = None if is_found else Reject(Reason.NO_OA_LOCATION)
        self.store.record([finished(claim, outcome) for claim in self.store.claim(QUEUEING, limit)])

    @precondition(lambda self: self.held)
    @rule()
    def release(self) -> None:
        self.store.release([claim for claim, _ in self.held.values()])
        self.held.clear()

    @rule()
    def a_person_retries(self) -> None:
        """A work that was given up on waits again, and may now turn out to be a known one."""
        self.backend.retry_failures()
        self.store.notice()

    @rule(data=st.data())
    def a_person_tells_apart(self, data: st.DataObject) -> None:
        standing = self.backend.rows("SELECT id, kept_work_id, gone_work_id FROM merges WHERE undone_at IS NULL")
        if not standing:
            return
        merge_id, kept, gone = data.draw(st.sampled_from(standing))
        assert self.backend.unmerge(merge_id) == gone
        self.store.notice()
        assert self.backend.rows("SELECT 1 FROM with_metadata WHERE work_id = ?", gone) == [(1,)]
        self.apart.add(frozenset((kept, gone)))
        with pytest.raises(BadInput):
            self.backend.unmerge(merge_id)

    @rule(seconds=st.integers(1, 3))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(float(seconds))

    @rule()
    def sudden_death(self) -> None:
        self.store = self.backend.open()
        self.held.clear()

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        assert isinstance(self.backend, SqliteBackend)
        with reading(self.backend.path) as connection:
            assert [finding for finding in invariants(connection) if not finding.holds] == []

    @invariant()
    def every_entry_is_at_the_work_that_its_own_is_part_of(self) -> None:
        into = dict(self.backend.rows("SELECT gone_work_id, kept_work_id FROM merges WHERE undone_at IS NULL"))
        now = dict(self.backend.rows("SELECT id, work_id FROM entries"))
        assert now.keys() == self.first_work.keys()
        for entry, work_id in self.first_work.items():
            at = work_id
            while at in into:
                at = into[at]
            assert now[entry] == at
        for pair in self.apart:
            tops = set()
            for work_id in pair:
                at = work_id
                while at in into:
                    at = into[at]
                tops.add(at)
            assert len(tops) == 2

    @invariant()
    def what_is_in_hand_still_waits_and_counts_agree(self) -> None:
        for stage, table in ROOMS.items():
            waiting = {row[0] for row in self.backend.rows(f"SELECT work_id FROM {table}")}
            assert self.store.waiting(stage) == len(waiting)
            assert {id_ for where, id_ in self.held if where is stage} <= waiting
        assert self.store.held() == len(self.held)

    def teardown(self) -> None:
        if hasattr(self, "backend"):
            self.backend.close()
            shutil.rmtree(self.folder)


def _case(name: str) -> type:
    """The machine on one database, as a test case."""
    machine = type(f"On{name.title()}", (MergesAndModel,), {"make": staticmethod(BACKENDS[name])})
    case: type = machine.TestCase
    case.settings = settings(  # type: ignore[attr-defined]
        max_examples=12, stateful_step_count=45, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return case


TestOnSqlite = _case("sqlite")
