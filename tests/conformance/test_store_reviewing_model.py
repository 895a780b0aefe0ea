"""People decide beside a pipeline, in whatever order, and take it back: the doctor finds nothing, ever."""

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
from db.reviewing import Action, Decided
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.items import Resolved, WorkItem
from dl_lit.core.job import Claim, Done, Outcome, Reject
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.backends import BACKENDS, Backend, SqliteBackend
from tests.fakes.engine import ManualClock, finished, new_source, reference, work

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
DOIS = st.sampled_from(["10.1/a", "10.1/b", "10.1/c"])
NEAR = [{"title": "Near", "score": 0.4, "doi": "10.1/a", "veto": None, "agreement": {}}]


class ReviewsAndModel(RuleBasedStateMachine):
    """What is modelled: which entries wait for a person, which works stand for whom, and what can be taken back."""

    make: Callable[[Path, Clock], Backend]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dl-lit-reviews-"))
        self.clock = ManualClock()
        self.backend = type(self).make(self.folder, self.clock)
        self.store = self.backend.open()
        self.held: dict[tuple[StageName, int], tuple[Claim, Outcome | None]] = {}
        self.waiting: set[int] = set()
        self.decided: list[Decided] = []
        self.numbers: dict[int, int] = {}  # every work that was ever accepted: the decision that made it
        self.sources = 0

    @rule(doi=DOIS)
    def a_source_cites_what_nobody_can_prove_and_one_work(self, doi: str) -> None:
        self.sources += 1
        self.backend.add_entries(new_source(self.sources), [reference(place) for place in (1, 2, 3)])
        self.store.notice()
        claims = sorted(self.store.claim(ENRICHMENT, 100), key=lambda claim: claim.id)
        found = Done(Resolved(work=work(1, doi=doi), matched_by="doi"))
        mine = [claim for claim in claims if (ENRICHMENT, claim.id) not in self.held]
        self.store.record(
            [
                finished(claim, found if not number else Reject(Reason.AMBIGUOUS_MATCH, "near", NEAR))
                for number, claim in enumerate(mine)
            ]
        )
        self.waiting |= {claim.id for claim in mine[1:]}

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), doi=DOIS)
    def a_person_accepts(self, data: st.DataObject, doi: str) -> None:
        entry = data.draw(st.sampled_from(sorted(self.waiting)))
        decided = self.backend.accept(entry, work(1, doi=doi))
        assert decided.work_id is not None
        assert decided.work_id not in self.numbers  # no number is given twice, whatever was taken back
        self.numbers[decided.work_id] = len(self.decided)
        self._note(entry, decided)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def a_person_rejects(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(sorted(self.waiting)))
        self._note(entry, self.backend.reject(entry))

    def _note(self, entry: int, decided: Decided) -> None:
        self.store.notice()
        self.waiting.discard(entry)
        self.decided.append(decided)
        with pytest.raises(BadInput):
            self.backend.reject(entry, reason=Reason.AMBIGUOUS_MATCH.value)

    @precondition(lambda self: self.decided)
    @rule(data=st.data())
    def a_person_takes_it_back(self, data: st.DataObject) -> None:
        """It succeeds, and everything is as before, or it says no, and nothing changes."""
        decided = self.decided.pop(data.draw(st.integers(0, len(self.decided) - 1)))
        before = self.backend.rows("SELECT count(*) FROM works")
        try:
            self.backend.undo(decided)
        except BadInput:
            assert decided.action is Action.ACCEPT
            assert self.backend.rows("SELECT count(*) FROM works") == before
        else:
            self.waiting.add(decided.entry_id)
        self.store.notice()

    @rule(stage=st.sampled_from([QUEUEING, QUEUEING, DOWNLOAD]), limit=st.integers(1, 4))
    def claim(self, stage: StageName, limit: int) -> None:
        for claim in self.store.claim(stage, limit):
            word = None
            if isinstance(claim.item, WorkItem):
                twin = self.store.duplicate_of(claim.id, claim.item.work)
                word = None if twin is None else Done(twin)
            self.held[stage, claim.id] = claim, word

    @precondition(lambda self: self.held)
    @rule(data=st.data(), is_found=st.booleans())
    def record(self, data: st.DataObject, is_found: bool) -> None:
        keys = data.draw(st.lists(st.sampled_from(sorted(self.held)), unique=True, min_size=1))
        group = []
        for key in keys:
            claim, word = self.held.pop(key)
            group.append(finished(claim, word if is_found else word or Reject(Reason.NO_OA_LOCATION)))
        self.store.record(group)

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
    def those_wait_that_nobody_has_decided_on(self) -> None:
        rows = self.backend.rows("SELECT entry_id FROM failed_enrichments WHERE needs_review")
        assert {row[0] for row in rows} == self.waiting
        assert self.store.waiting(ENRICHMENT) == 0
        assert self.store.held() == len(self.held)

    def teardown(self) -> None:
        if hasattr(self, "backend"):
            self.backend.close()
            shutil.rmtree(self.folder)


def _case(name: str) -> type:
    """The machine on one database, as a test case."""
    machine = type(f"On{name.title()}", (ReviewsAndModel,), {"make": staticmethod(BACKENDS[name])})
    case: type = machine.TestCase
    case.settings = settings(  # type: ignore[attr-defined]
        max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return case


TestReviewingOnSqlite = _case("sqlite")
