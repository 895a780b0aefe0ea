"""The whole engine with small stages on a real database."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from db.connect import open_to_read
from db.reading.doctor import invariants
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseAway, DatabaseUnusable, OutageTooLong
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished, Recorded
from dl_lit.runtime.brakes import Bounds, Pressure
from dl_lit.runtime.line import Surroundings
from dl_lit.runtime.outage import Outage
from dl_lit.runtime.pipeline import Pipeline, Shape
from dl_lit.runtime.sequential import OneAtATime
from dl_lit.runtime.settle import Patience
from tests.fakes.backends import SqliteBackend
from tests.fakes.engine import FakeStage, all_found, eventually, facts_for, new_source, reference

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
WORKERS = dict.fromkeys(StageName, 2)
EASY = Pressure(1e6, 0.0)
IMPATIENT = Patience(max_attempts=3, base_s=0.001, cap_s=0.01)


class Works:
    """A database, and the engines that work on it."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.database = SqliteBackend(folder, self.clock)
        self.store = self.database.open()
        self.pressure = EASY
        self.pipelines: list[Pipeline] = []

    def add(self, *numbers: int) -> None:
        self.database.add_sources([new_source(number) for number in numbers])

    def pipeline(
        self,
        stages: Sequence[FakeStage] | None = None,
        on_recorded: Callable[[Sequence[Finished]], None] = lambda _group: None,
        surroundings: Surroundings | None = None,
        **shape: Any,
    ) -> Pipeline:
        """A started pipeline."""
        settled = {"patience": IMPATIENT, "poll_s": 0.2, "notice_s": 0.02, "workers": WORKERS, "queue_size": 8, **shape}
        pipeline = Pipeline(
            all_found() if stages is None else stages,
            self.store,
            Shape(**settled),
            clock=self.clock,
            chance=random.Random(1),
            read_pressure=lambda: self.pressure,
            on_recorded=on_recorded,
            surroundings=surroundings,
        )
        self.pipelines.append(pipeline)
        pipeline.start()
        return pipeline

    def restart(self) -> None:
        """Close the database as an orderly end does, and open it again."""
        self.store.close()
        self.store = self.database.open()

    def counts(self) -> dict[str, int]:
        """Rows of every place."""
        tables = (
            *("no_metadata", "with_metadata", "to_download_references", "downloaded_references"),
            *("failed_extractions", "failed_enrichments", "failed_downloads"),
        )
        found = {table: self.database.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
        found["pending"] = self.database.rows("SELECT count(*) FROM sources WHERE state = 'pending'")[0][0]
        return {table: count for table, count in found.items() if count}

    def assert_nothing_lost(self) -> None:
        """Every source, entry and work is in exactly one place, and whatever else the doctor looks at."""
        engine = open_to_read(self.database.path)
        try:
            with engine.connect() as connection:
                broken = [finding for finding in invariants(connection) if not finding.holds]
        finally:
            engine.dispose()
        assert broken == []


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    works = Works(tmp_path)
    yield works
    for pipeline in works.pipelines:
        pipeline.stop(hurry=lambda: True)
    works.database.close()


def never() -> bool:
    return False


def test_everything_goes_through_all_rooms(works: Works) -> None:
    works.add(*range(10))
    pipeline = works.pipeline(all_found(references=3))
    assert pipeline.drain(never) is True
    assert works.counts() == {"downloaded_references": 30}
    assert {name: view.done for name, view in pipeline.view().items()} == {
        EXTRACTION: 10,
        ENRICHMENT: 30,
        QUEUEING: 30,
        DOWNLOAD: 30,
    }
    assert pipeline.in_hand() == 0
    assert pipeline.stop() is True
    works.assert_nothing_lost()


def test_what_is_added_just_before_the_drain_is_worked_on(works: Works) -> None:
    """Another connection's rows are looked for before it is said that nothing is left."""
    pipeline = works.pipeline(notice_s=3600.0)
    works.add(1)
    assert pipeline.drain(never) is True
    assert works.counts() == {"downloaded_references": 1}


def test_whoever_lets_it_begin_finds_the_first_items_claimed(works: Works) -> None:
    works.add(1)
    claimed = threading.Event()
    claim = works.store.claim

    def watched(stage: StageName, limit: int) -> list[Claim]:
        claims = claim(stage, limit)
        claimed.set()
        return claims

    works.store.claim = watched  # type: ignore[method-assign]
    pipeline = works.pipeline()
    pipeline.let_begin()
    assert claimed.is_set()


def test_what_another_process_adds_is_taken_up_by_a_running_pipeline(works: Works) -> None:
    pipeline = works.pipeline()
    works.add(1, 2)
    eventually(lambda: pipeline.tally.stages[DOWNLOAD].done == 2)


def test_every_reason_ends_where_it_belongs(works: Works) -> None:
    works.add(*range(12))
    rejecting = [
        FakeStage(
            name,
            lambda claim, name=name, nth=nth: (
                Reject(Reason.NO_MATCH, name) if claim.id % 4 == nth else Done(facts_for(claim))
            ),
        )
        for nth, name in enumerate(StageName)
    ]
    pipeline = works.pipeline(rejecting)
    assert pipeline.drain(never)
    pipeline.stop()
    works.assert_nothing_lost()
    assert works.counts().keys() <= {
        "failed_extractions",
        "failed_enrichments",
        "failed_downloads",
        "downloaded_references",
    }
    assert sum(works.counts().values()) == 12


@pytest.mark.parametrize("name", list(StageName))
def test_a_stage_that_always_breaks_is_tried_so_often_and_no_more(works: Works, name: StageName) -> None:
    def broken(_claim: Claim) -> Answer:
        raise OSError("always")

    works.add(1, 2)
    stage = FakeStage(name, broken)
    assert works.pipeline(all_found(but=[stage])).drain(never)
    assert Counter(claim.id for claim in stage.seen) == {claim.id: 3 for claim in stage.seen}
    assert [claim.attempt for claim in stage.seen if claim.id == stage.seen[0].id] == [1, 2, 3]
    assert works.database.rows("SELECT count(*) FROM attempts WHERE outcome = 'reject'") == [(2,)]
    works.assert_nothing_lost()


def test_a_snoozed_item_comes_back_with_its_ticket_and_its_attempts(works: Works) -> None:
    first: list[int] = []

    def answer(claim: Claim) -> Answer:
        if claim.id not in first:
            first.append(claim.id)
            return Snooze(Reason.HOST_BUSY, 0.05)
        return Done(facts_for(claim))

    works.add(1)
    stage = FakeStage(DOWNLOAD, answer)
    assert works.pipeline(all_found(but=[stage])).drain(never)
    assert [(claim.attempt, claim.ticket is None) for claim in stage.seen] == [(1, True), (1, False)]


def test_phases_are_gone_through_without_the_database(works: Works) -> None:
    def answer(claim: Claim) -> Answer:
        return Done(facts_for(claim)) if claim.phase == "search" else Again("search")

    works.add(*range(20))
    stage = FakeStage(ENRICHMENT, answer, batch=lambda phase: 5 if phase else 3)
    assert works.pipeline(all_found(but=[stage])).drain(never)
    assert works.counts() == {"downloaded_references": 20}
    assert Counter(claim.phase for claim in stage.seen) == {"": 20, "search": 20}
    assert max(map(len, stage.batches)) <= 5


def test_a_slow_stage_holds_up_those_before_it(works: Works) -> None:
    """Rooms do not fill beyond the high mark by more than what queue and hands held when it was reached."""
    gate, highest = threading.Event(), Counter[StageName]()

    def slow(claim: Claim) -> Answer:
        gate.wait(30)
        return Done(facts_for(claim))

    def watch(_group: Sequence[Finished]) -> None:
        for name in StageName:
            highest[name] = max(highest[name], works.store.waiting(name))

    sources = 120  # half as many again as the rooms hold
    works.add(*range(sources))
    pipeline = works.pipeline(
        all_found(but=[FakeStage(DOWNLOAD, slow)]), watch, bounds=Bounds(high_water=20, low_water=10), queue_size=4
    )
    lines = pipeline.lines
    eventually(lambda: all(lines[name].feeder.resting for name in (EXTRACTION, ENRICHMENT, QUEUEING)))
    eventually(lambda: all(lines[name].pool.running == 0 for name in (EXTRACTION, ENRICHMENT, QUEUEING)))
    assert works.store.waiting(EXTRACTION) > 0
    pulse = pipeline.pulse()
    assert (pulse[EXTRACTION].is_dammed, pulse[EXTRACTION].stalled_s, pulse[DOWNLOAD].is_dammed) == (True, 0.0, False)
    gate.set()
    assert pipeline.drain(never)
    assert works.counts() == {"downloaded_references": sources}
    assert highest[DOWNLOAD] >= 20
    for name in (ENRICHMENT, QUEUEING, DOWNLOAD):
        assert 10 <= highest[name] <= 20 + 4 + 2, name


def test_rooms_do_not_overflow_while_nothing_can_be_written(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found and waits to be written counts in the room ahead; when it is written all goes on."""
    works.add(*range(6))
    before = works.pipeline(all_found(references=10)[:2])
    assert before.drain(never)
    before.stop()
    record, is_free = works.store.record, threading.Event()

    def record_late(group: Sequence[Finished]) -> Recorded:
        is_free.wait(30)
        return record(group)

    monkeypatch.setattr(works.store, "record", record_late)
    pipeline = works.pipeline([FakeStage(QUEUEING)], queue_size=2, bounds=Bounds(high_water=6, low_water=3))
    eventually(lambda: pipeline.lines[QUEUEING].feeder.is_resting_for_room)
    assert works.store.held() <= 6 + 2 + 2
    is_free.set()
    assert pipeline.drain(never)
    assert 6 <= works.store.waiting(DOWNLOAD) <= 6 + 2 + 2
    assert works.store.waiting(QUEUEING) + works.store.waiting(DOWNLOAD) == 60


def test_no_more_is_claimed_than_queues_and_hands_hold(works: Works) -> None:
    gate = threading.Event()

    def slow(claim: Claim) -> Answer:
        gate.wait(30)
        return Done(facts_for(claim))

    works.add(*range(50))
    pipeline = works.pipeline(all_found(but=[FakeStage(EXTRACTION, slow)]), queue_size=3)
    eventually(lambda: works.store.held() == 3 + 2)
    for _ in range(10):
        pipeline.lines[EXTRACTION].feeder.feed_once()
    assert works.store.held() == 3 + 2
    gate.set()
    assert pipeline.drain(never)


def test_stopping_in_the_middle_loses_nothing_and_the_next_start_finishes(works: Works) -> None:
    seen = threading.Event()

    def on_recorded(_group: Sequence[Finished]) -> None:
        if works.store.waiting(DOWNLOAD):
            seen.set()

    works.add(*range(100))
    first = works.pipeline(all_found(references=2), on_recorded)
    assert seen.wait(30)
    assert first.stop() is True
    assert works.store.held() == 0
    works.assert_nothing_lost()
    works.restart()
    second = works.pipeline(all_found(references=2))
    assert second.drain(never)
    assert works.counts() == {"downloaded_references": 200}
    done = Counter(works.database.rows("SELECT stage, item_id FROM attempts WHERE outcome = 'done'"))
    assert set(done.values()) == {1}


def test_stopping_waits_for_what_runs_and_writes_it_down(works: Works) -> None:
    running, gate = threading.Event(), threading.Event()

    def slow(claim: Claim) -> Answer:
        running.set()
        gate.wait(30)
        return Done(facts_for(claim))

    works.add(1)
    pipeline = works.pipeline(all_found(but=[FakeStage(EXTRACTION, slow)]))
    assert running.wait(30)
    ended: list[bool] = []
    stopper = threading.Thread(target=lambda: ended.append(pipeline.stop()))
    stopper.start()
    gate.set()
    stopper.join(30)
    assert ended == [True]
    assert works.counts() == {"no_metadata": 1}
    assert works.store.held() == 0


def test_whoever_is_in_a_hurry_cuts_off_what_runs(works: Works) -> None:
    """What was cut off is back at the next start, at the same attempt."""
    running, gate = threading.Event(), threading.Event()

    def slow(claim: Claim) -> Answer:
        running.set()
        gate.wait(30)
        return Retry(Reason.TIMEOUT_READ)

    works.add(1)
    pipeline = works.pipeline(all_found(but=[FakeStage(EXTRACTION, slow)]))
    assert running.wait(30)
    aborted: list[bool] = []
    assert pipeline.stop(hurry=lambda: True, abort=lambda: aborted.append(True)) is False
    assert aborted == [True]
    works.restart()
    (claim,) = works.store.claim(EXTRACTION, 1)
    assert claim.attempt == 1
    works.store.release([claim])
    gate.set()


def test_stopping_twice_or_before_anything_ran_is_harmless(works: Works) -> None:
    pipeline = works.pipeline()
    assert pipeline.stop() is True
    assert pipeline.stop() is True


def test_no_thread_outlives_the_stop(works: Works) -> None:
    """The store may be closed right after."""
    works.add(*range(20))
    pipeline = works.pipeline()
    pipeline.drain(never)
    pipeline.stop()
    assert [thread.name for thread in pipeline._threads if thread.is_alive()] == []


def test_a_drain_leaves_what_is_due_much_later(works: Works) -> None:
    works.add(*range(5))
    stage = FakeStage(DOWNLOAD, lambda _claim: Snooze(Reason.BUDGET_EXHAUSTED, 3_600.0))
    assert works.pipeline(all_found(but=[stage]), outlook_s=60.0).drain(never) is True
    assert works.counts() == {"to_download_references": 5}
    assert len(stage.seen) == 5


def test_a_drain_ends_when_a_full_room_of_sleepers_holds_up_the_rest(works: Works) -> None:
    """Nothing ahead will move within the outlook: waiting for room would be waiting for tomorrow."""
    works.add(*range(30))
    stage = FakeStage(DOWNLOAD, lambda _claim: Snooze(Reason.BUDGET_EXHAUSTED, 3_600.0))
    pipeline = works.pipeline(
        all_found(but=[stage]), outlook_s=60.0, queue_size=2, bounds=Bounds(high_water=5, low_water=2)
    )
    assert pipeline.drain(never) is True
    assert works.store.held() == 0
    works.assert_nothing_lost()


def test_a_drain_waits_for_what_is_due_soon(works: Works) -> None:
    works.add(1)
    stage = FakeStage(
        DOWNLOAD, lambda claim: Done(facts_for(claim)) if claim.attempt == 3 else Retry(Reason.HTTP_5XX, after=0.05)
    )
    assert works.pipeline(all_found(but=[stage])).drain(never) is True
    assert works.counts() == {"downloaded_references": 1}


def test_a_drain_that_is_told_to_stop_says_so(works: Works) -> None:
    works.add(1)
    assert works.pipeline().drain(lambda: True) is False


def test_little_disk_rests_all_and_goes_on_by_itself(works: Works) -> None:
    works.pressure = Pressure(100.0, 0.0)
    works.add(1)
    pipeline = works.pipeline()
    eventually(lambda: "disk low" in (pipeline.lines[EXTRACTION].feeder.resting or ""))
    assert works.store.held() == 0
    works.pressure = EASY
    pipeline.wake()
    assert pipeline.drain(never)


def test_a_full_database_rests_the_feeders_and_loses_nothing(works: Works) -> None:
    works.add(*range(20))
    works.store.notice()
    works.database.fill_disk(works.store, full=True)
    pipeline = works.pipeline(all_found(references=50))
    eventually(lambda: pipeline._recorder.is_full)
    works.database.fill_disk(works.store, full=False)
    eventually(lambda: not pipeline._recorder.is_full)
    eventually(lambda: (pipeline.wake(), works.store.waiting(DOWNLOAD) + works.store.waiting(EXTRACTION) == 0)[1], 60)
    assert pipeline.drain(never)
    assert works.counts() == {"downloaded_references": 1_000}


def test_a_thread_that_dies_is_heard_of(works: Works) -> None:
    """A pipeline with a dead feeder would look idle for ever."""
    works.add(1)

    def broken(*_arguments: object) -> list[Claim]:
        raise DatabaseUnusable("the file is gone")

    works.store.claim = broken  # type: ignore[method-assign]
    pipeline = works.pipeline()
    with pytest.raises(DatabaseUnusable, match="the file is gone"):
        pipeline.drain(never)


def test_a_suspect_is_run_when_nothing_else_is(works: Works) -> None:
    works.add(1)
    works.database.change("UPDATE sources SET crashes = 3")
    works.restart()
    assert works.pipeline().drain(never)
    assert works.counts() == {"downloaded_references": 1}


def test_a_suspect_has_the_process_to_itself(works: Works) -> None:
    """Were others in hand when it kills the process, they would be suspected, too."""
    running, gate = threading.Event(), threading.Event()

    def slow(claim: Claim) -> Answer:
        if claim.id == 1:
            running.set()
            gate.wait(30)
        return Done(facts_for(claim))

    works.add(1)
    works.database.change("UPDATE sources SET crashes = 3")
    works.restart()
    stage = FakeStage(EXTRACTION, slow)
    pipeline = works.pipeline(all_found(but=[stage]))
    drainer = threading.Thread(target=pipeline.drain, args=(never,))
    drainer.start()
    assert running.wait(30)
    works.add(2, 3)
    eventually(lambda: works.store.waiting(EXTRACTION) == 3)
    for line in pipeline.lines.values():
        line.feeder.feed_once()
    assert works.store.held() == 1
    gate.set()
    drainer.join(30)
    assert works.counts() == {"downloaded_references": 3}


def test_who_stops_while_a_suspect_runs_need_not_wait_for_it(works: Works) -> None:
    running, gate = threading.Event(), threading.Event()

    def slow(claim: Claim) -> Answer:
        running.set()
        gate.wait(30)
        return Done(facts_for(claim))

    works.add(1)
    works.database.change("UPDATE sources SET crashes = 3")
    works.restart()
    pipeline = works.pipeline(all_found(but=[FakeStage(EXTRACTION, slow)]))
    assert pipeline.drain(running.is_set) is False
    gate.set()


def test_a_suspect_with_phases_is_run_to_its_end(works: Works) -> None:
    def answer(claim: Claim) -> Answer:
        return Done(facts_for(claim)) if claim.phase == "search" else Again("search")

    works.database.add_entries(new_source(1), [reference(1)])
    works.database.change("UPDATE no_metadata SET crashes = 3")
    works.restart()
    assert works.pipeline(all_found(but=[FakeStage(ENRICHMENT, answer)])).drain(never)
    assert works.counts() == {"downloaded_references": 1}


def test_run_until_ends_when_told_and_works_meanwhile(works: Works) -> None:
    works.add(*range(5))
    pipeline = works.pipeline()
    ticks: list[int] = []
    pipeline.run_until(lambda: bool(ticks) and pipeline.tally.stages[DOWNLOAD].done == 5, lambda: ticks.append(1))
    assert works.counts() == {"downloaded_references": 5}


def results(works: Works) -> list[tuple[Any, ...]]:
    """What came of every entry, in printed order, whatever number its work was given."""
    return works.database.rows(
        """
        SELECT e.source_id, e.position, w.doi, d.status, f.reason, g.reason
        FROM entries AS e LEFT JOIN works AS w ON w.id = e.work_id
        LEFT JOIN downloaded_references AS d ON d.work_id = w.id
        LEFT JOIN failed_downloads AS f ON f.work_id = w.id
        LEFT JOIN failed_enrichments AS g ON g.entry_id = e.id
        ORDER BY e.source_id, e.position
        """
    )


def mixed(references: int) -> list[FakeStage]:
    """Stages whose answers depend on what is asked alone, and on nothing that runs beside it."""

    def kind(claim: Claim) -> int:
        item = claim.item
        entry = getattr(item, "reference", None)
        if entry is not None:
            return int(entry.position)
        return sum(map(ord, str(getattr(getattr(item, "work", None), "doi", ""))))

    def answer(claim: Claim) -> Answer:
        if claim.stage is not EXTRACTION:
            if kind(claim) % 5 == 1:
                return Reject(Reason.NO_MATCH)
            if kind(claim) % 5 == 2 and claim.attempt < 3:
                return Retry(Reason.HTTP_5XX)
        return Done(facts_for(claim, references=references))

    return [FakeStage(name, answer) for name in StageName]


def test_one_at_a_time_comes_to_the_same(works: Works, tmp_path: Path) -> None:
    works.add(*range(6))
    assert works.pipeline(mixed(7)).drain(never)
    (tmp_path / "other").mkdir()
    other = Works(tmp_path / "other")
    other.add(*range(6))
    engine = OneAtATime(
        mixed(7),
        other.store,
        Shape(workers=dict.fromkeys(StageName, 1), patience=IMPATIENT),
        clock=other.clock,
        chance=random.Random(2),
    )
    assert engine.drain(never) is True
    assert results(other) == results(works)
    assert {name: view.failed for name, view in engine.view().items()} == {
        name: view.failed for name, view in works.pipelines[0].view().items()
    }
    other.assert_nothing_lost()
    other.database.close()


def test_one_at_a_time_finishes_a_work_before_it_begins_the_next(works: Works) -> None:
    order: list[StageName] = []
    stages = [
        FakeStage(name, lambda claim, name=name: (order.append(name), Done(facts_for(claim)))[1]) for name in StageName
    ]
    works.add(1, 2)
    engine = OneAtATime(
        stages, works.store, Shape(workers=WORKERS, patience=IMPATIENT), clock=works.clock, chance=random.Random(1)
    )
    assert engine.drain(never)
    assert order == [*StageName, *StageName]


def test_a_line_that_moves_brings_the_waiting_back_before_their_time(works: Works) -> None:
    """Waiting for a turn in memory costs no write; a suspect gets the process for itself all the same."""
    seen: list[int] = []

    def busy_once(claim: Claim) -> Answer:
        seen.append(claim.id)
        return Snooze(Reason.HOST_BUSY, 30.0, line="h") if len(seen) == 1 else Done(facts_for(claim))

    works.add(1)
    written: list[Finished] = []
    pipeline = works.pipeline([FakeStage(EXTRACTION, busy_once)], written.extend)
    eventually(lambda: len(pipeline.lines[EXTRACTION].lounge) == 1)
    pipeline._pause(paused=True)
    assert (len(pipeline.lines[EXTRACTION].lounge), works.store.held()) == (0, 0)
    pipeline._pause(paused=False)
    pipeline.wake()
    eventually(lambda: len(seen) == 2)
    seen.clear()
    works.add(2)
    pipeline.wake()
    eventually(lambda: len(pipeline.lines[EXTRACTION].lounge) == 1)
    pipeline.line_moves(EXTRACTION, "h", 0.0)
    pipeline.line_moves(DOWNLOAD, "h", 0.0)
    eventually(lambda: len(written) == 2)
    assert {type(one.outcome) for one in written} == {Done}


def test_a_database_that_cannot_be_read_for_a_while_ends_nothing(works: Works) -> None:
    """A disk that did not answer one question used to end a daemon."""
    works.add(1)
    asked = threading.Event()
    is_away = True

    def refusing(verb: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*words: Any) -> Any:
            if is_away:
                asked.set()
                raise DatabaseUnusable("the database cannot be used now: disk I/O error")
            return verb(*words)

        return ask

    pipeline = works.pipeline()
    for verb in ("notice", "claim", "claim_suspect"):
        setattr(works.store, verb, refusing(getattr(works.store, verb)))
    works.add(2)
    stop = threading.Event()

    def work() -> bool:
        nonlocal is_away
        if asked.is_set():
            is_away = False
        return stop.is_set()

    runner = threading.Thread(target=pipeline.run_until, args=(work,))
    runner.start()
    eventually(lambda: works.counts() == {"downloaded_references": 2})
    stop.set()
    runner.join(10.0)
    assert pipeline.wedged() is None


def test_a_pipeline_ends_with_what_somebody_else_could_not_go_on_with(works: Works) -> None:
    pipeline = works.pipeline()
    pipeline.give_up(DatabaseUnusable("the database is damaged"))
    with pytest.raises(DatabaseUnusable, match="damaged"):
        pipeline.run_until(never)


class Away:
    """While `lasts`, the store's verbs raise that the database is away."""

    def __init__(self, works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lasts = True
        for name in ("claim", "record", "notice", "next_due"):
            monkeypatch.setattr(works.store, name, self._unless(getattr(works.store, name)))

    def _unless(self, verb: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*given: Any) -> Any:
            if self.lasts:
                raise DatabaseAway("the database does not answer")
            return verb(*given)

        return asked


def test_a_drain_outlasts_an_outage_of_the_database(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    works.add(*range(3))
    away = Away(works, monkeypatch)
    pipeline = works.pipeline()
    turns = count(1)

    def tick() -> None:
        away.lasts = next(turns) < 2
        pipeline.wake()

    assert pipeline.drain(never, tick) is True
    assert works.counts() == {"downloaded_references": 3}
    works.assert_nothing_lost()


def test_an_outage_that_is_too_long_ends_a_drain_and_says_what_to_do(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    Away(works, monkeypatch)
    works.add(1)
    pipeline = works.pipeline(surroundings=Surroundings(outage=Outage(works.clock, bears_s=0.0)))
    with pytest.raises(OutageTooLong, match="the same command goes on where this one stopped"):
        pipeline.drain(never)
