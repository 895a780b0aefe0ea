"""What a person decides is written down as if the stage had found it, once, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.connect import connect
from db.reading.doctor import invariants
from db.reading.explain import explain
from db.reading.opening import reading
from db.reading.review import Case, case, cases_waiting
from db.retrying import Wanted, put_back
from db.reviewing import Decided, Seen, accept, reject, undo
from dl_lit.core.errors import BadInput
from dl_lit.core.items import MatchedAs, Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Trail
from tests.fakes.recognising import RECOGNISER
from tests.fakes.scenario import Scenario, work

NEAR = [
    {"title": "On tides", "score": 0.4, "doi": "10.1000/a", "veto": None, "agreement": {"title": 0.9, "year": "close"}},
    {"title": "On tides: a reply", "score": 0.3, "doi": "10.1000/b", "veto": "a notice", "agreement": {}},
    {"not": "a candidate"},
]


class Desk:
    """A scenario with one source: e1 and e2 wait for a person, e3 has a vetoed record, e4 has no match."""

    def __init__(self, folder: Path) -> None:
        self.scenario = Scenario(folder)
        (source,) = self.scenario.add("paper.pdf")
        self.scenario.extract(source, ["On tides", "On winds", "On rain", "On snow"])
        for entry, reason in enumerate((Reason.AMBIGUOUS_MATCH, Reason.AMBIGUOUS_MATCH, Reason.VETOED), start=1):
            self.scenario.reject(StageName.ENRICHMENT, entry, reason, "near", NEAR)
        self.scenario.reject(StageName.ENRICHMENT, 4, Reason.NO_MATCH)
        self.engine = connect(self.scenario.path)

    def case(self, entry: int) -> Case:
        with reading(self.scenario.path) as connection:
            return case(connection, entry)

    def seen(self, entry: int) -> Seen:
        failure = self.case(entry).failure
        return Seen(entry, failure.reason, failure.attempts, failure.at)

    def waiting(self, *, vetoed: bool = False) -> tuple[int, ...]:
        with reading(self.scenario.path) as connection:
            return cases_waiting(connection, vetoed=vetoed)

    def accept(self, entry: int, doi: str = "10.1000/a", seen: Seen | None = None) -> Decided:
        found = Resolved(work=work("On tides", doi=doi), matched_by="review", score=0.4, matched_as=MatchedAs.CONTAINER)
        done = Done(found, Trail(decision="a person said so"))
        decided = accept(self.engine, seen or self.seen(entry), done, RECOGNISER, self.scenario.clock)
        self.scenario.store.notice()
        return decided

    def reject(self, entry: int) -> Decided:
        return reject(self.engine, self.seen(entry), self.scenario.clock)

    def undo(self, decided: Decided) -> None:
        undo(self.engine, decided, self.scenario.clock)
        self.scenario.store.notice()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def check(self) -> None:
        with reading(self.scenario.path) as connection:
            assert [finding for finding in invariants(connection) if not finding.holds] == []


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(tmp_path)
    yield one
    one.check()
    one.engine.dispose()
    one.scenario.store.close()


def test_what_waits_is_listed_in_printed_order_with_its_candidates(desk: Desk) -> None:
    assert desk.waiting() == (1, 2)
    assert desk.waiting(vetoed=True) == (1, 2, 3)
    one = desk.case(1)
    assert [(c.number, c.doi, c.veto) for c in one.candidates] == [(1, "10.1000/a", None), (2, "10.1000/b", "a notice")]
    assert one.is_open
    assert not desk.case(4).is_open
    with pytest.raises(BadInput, match="e9 waits for no decision"):
        desk.case(9)


def test_accepting_is_recorded_as_a_find_of_the_stage(desk: Desk) -> None:
    decided = desk.accept(1)
    assert desk.rows("SELECT work_id, matched_by, match_score, matched_as FROM entries WHERE id = 1") == [
        (decided.work_id, "review", 0.4, "container")
    ]
    assert desk.rows("SELECT work_id, cited_by, newest_source_id, attempts FROM with_metadata") == [(1, 1, 1, 0)]
    assert desk.waiting() == (2,)
    with reading(desk.scenario.path) as connection:
        (story,) = explain(connection, "e1").stories
    last = story.attempts[-1]
    assert (last.outcome, last.reason, last.detail, last.attempt) == ("done", "ok", "accepted in review", 2)
    assert last.trail == Trail(decision="a person said so")


def test_a_running_pipeline_goes_on_with_what_was_accepted(desk: Desk) -> None:
    first, second = desk.accept(1), desk.accept(2)
    assert first.work_id
    assert second.work_id
    desk.scenario.queue(first.work_id)
    desk.scenario.duplicate(second.work_id, first.work_id)
    assert desk.rows("SELECT DISTINCT work_id FROM entries WHERE id IN (1, 2)") == [(first.work_id,)]


def test_of_two_who_decide_the_later_is_told(desk: Desk) -> None:
    seen = desk.seen(1)
    desk.accept(1)
    with pytest.raises(BadInput, match="e1 is not as it was shown any more"):
        desk.accept(1, seen=seen)
    with pytest.raises(BadInput, match="e1 is not as it was shown any more"):
        reject(desk.engine, seen, desk.scenario.clock)
    assert desk.rows("SELECT count(*) FROM works") == [(1,)]


def test_what_was_rejected_has_no_match_and_is_not_offered_again_unless_it_is_retried(desk: Desk) -> None:
    desk.reject(1)
    assert desk.waiting(vetoed=True) == (2, 3)
    failure = desk.case(1).failure
    assert (failure.reason, failure.detail, failure.needs_review) == ("no-match", "rejected in review", False)
    assert put_back(desk.engine, Wanted(), desk.scenario.clock).total == 0
    assert put_back(desk.engine, Wanted(entries=[1]), desk.scenario.clock).enrichment == 1


@pytest.mark.parametrize("decide", [Desk.accept, Desk.reject])
def test_a_decision_taken_back_leaves_the_entry_as_it_was(desk: Desk, decide) -> None:
    before = desk.rows("SELECT * FROM failed_enrichments ORDER BY 1")
    desk.undo(decide(desk, 1))
    assert desk.rows("SELECT * FROM failed_enrichments ORDER BY 1") == before
    assert desk.rows("SELECT count(*) FROM works") == [(0,)]
    assert desk.rows("SELECT count(*) FROM work_keys") == [(0,)]
    assert desk.rows("SELECT work_id, matched_by, match_score, matched_as FROM entries WHERE id = 1") == [(None,) * 4]
    desk.check()
    decide(desk, 1)


def test_the_number_of_a_work_that_was_taken_back_is_not_given_again(desk: Desk) -> None:
    """A pipeline may have it in hand under that number: what it finds must not become another work's."""
    first = desk.accept(1)
    (claim,) = desk.scenario.store.claim(StageName.QUEUEING, 5)
    desk.undo(first)
    second = desk.accept(2, "10.1000/other")
    assert second.work_id != first.work_id == claim.id
    desk.check()


def test_a_decision_stands_once_the_pipeline_has_gone_on(desk: Desk) -> None:
    decided = desk.accept(1)
    assert decided.work_id
    desk.scenario.queue(decided.work_id)
    with pytest.raises(BadInput, match="the pipeline has gone on with w1"):
        desk.undo(decided)
    rejected = desk.reject(2)
    put_back(desk.engine, Wanted(entries=[2]), desk.scenario.clock)
    with pytest.raises(BadInput, match="not as it was shown"):
        desk.undo(rejected)


def test_a_work_that_was_given_up_can_still_be_taken_back(desk: Desk) -> None:
    decided = desk.accept(1)
    assert decided.work_id
    desk.scenario.reject(StageName.QUEUEING, decided.work_id, Reason.NO_OA_LOCATION)
    desk.undo(decided)
    assert desk.waiting() == (1, 2)


def test_it_is_known_of_which_entries_a_person_rejected_the_candidates(desk: Desk) -> None:
    """Also after it is looked for again: what a person has said is not judged anew, until it is taken back."""
    store = desk.scenario.store
    assert not store.has_rejected(1)
    decided = desk.reject(1)
    assert store.has_rejected(1)
    assert not store.has_rejected(2)
    desk.undo(decided)
    assert not store.has_rejected(1)
    desk.reject(1)
    put_back(desk.engine, Wanted(entries=[1]), desk.scenario.clock)
    assert store.has_rejected(1)
