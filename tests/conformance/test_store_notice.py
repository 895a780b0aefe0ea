"""Looking: other processes' writes are noticed, counts are those of the tables, due times are told."""

from __future__ import annotations

import time

from dl_lit.core.job import Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.backends import Backend
from tests.fakes.engine import ManualClock, finished, new_source, reference, work

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


def test_what_another_process_adds_is_noticed_once(backend: Backend) -> None:
    store = backend.open()
    store.notice()
    assert store.notice() is False
    backend.add_sources([new_source(1)])
    assert store.notice() is True
    assert store.waiting(EXTRACTION) == 1
    assert store.notice() is False


def test_what_the_store_writes_itself_is_no_news(backend: Backend) -> None:
    backend.add_sources([new_source(1)])
    store = backend.open()
    store.notice()
    store.record([finished(store.claim(EXTRACTION, 1)[0])])
    assert store.notice() is False
    assert store.waiting(EXTRACTION) == 0
    assert store.waiting(ENRICHMENT) == 1


def test_a_due_time_that_another_process_takes_away_is_noticed(backend: Backend) -> None:
    """`retry` makes rows ready at once; a running pipeline must see it."""
    backend.add_sources([new_source(1)])
    store = backend.open()
    (claim,) = store.claim(EXTRACTION, 1)
    store.record([finished(claim, Retry(Reason.PARSER_CRASHED, after=3_600.0))])
    assert store.claim(EXTRACTION, 1) == []
    backend.change("UPDATE sources SET due_at = 1.0")
    assert store.notice() is True
    assert store.claim(EXTRACTION, 1)[0].id == claim.id


def test_rows_in_hand_count_as_waiting(backend: Backend) -> None:
    backend.add_sources([new_source(n) for n in range(3)])
    store = backend.open()
    store.claim(EXTRACTION, 2)
    assert store.waiting(EXTRACTION) == 3


def test_next_due_tells_the_earliest_that_is_not_due_yet(backend: Backend, clock: ManualClock) -> None:
    backend.add_sources([new_source(n) for n in range(3)])
    store = backend.open()
    assert store.next_due(EXTRACTION) is None
    one, two, _ready = store.claim(EXTRACTION, 3)
    begin = clock.time()
    store.record([finished(one, Snooze(Reason.HOST_BUSY, 20.0)), finished(two, Retry(Reason.HTTP_5XX, after=10.0))])
    assert store.next_due(EXTRACTION) == begin + 10.0
    clock.advance(10.0)
    assert store.next_due(EXTRACTION) == begin + 20.0
    clock.advance(10.0)
    assert store.next_due(EXTRACTION) is None


def test_each_stage_has_its_own_due_times(backend: Backend) -> None:
    backend.add_entries(new_source(1), [reference(1)])
    store = backend.open()
    store.record([finished(store.claim(ENRICHMENT, 1)[0], Snooze(Reason.HOST_BUSY, 20.0))])
    assert store.next_due(ENRICHMENT) is not None
    assert [store.next_due(stage) for stage in (EXTRACTION, QUEUEING, DOWNLOAD)] == [None, None, None]


def test_looking_keeps_no_snapshot_open(backend: Backend) -> None:
    """An open read would stop SQLite's log from being folded back, and PostgreSQL's dead rows from being cleared."""
    backend.add_sources([new_source(n) for n in range(3)])
    store = backend.open()
    store.claim(EXTRACTION, 2)
    store.next_due(EXTRACTION)
    store.duplicate_of(1, work(1))
    store.notice()
    assert not backend.is_held_open()


def test_an_end_does_not_wait_for_somebody_who_reads(backend: Backend) -> None:
    """An export may take an hour, and whoever stops a daemon waits for it: the log is put into the file another day."""
    backend.add_sources([new_source(1)])
    store = backend.open()
    store.record([finished(store.claim(EXTRACTION, 1)[0])])
    reader = backend.begin_reading()
    begun = time.monotonic()
    store.close()
    assert time.monotonic() - begun < 10.0
    assert reader.rows("SELECT count(*) FROM no_metadata") == [(1,)]
    reader.close()
    assert backend.open().waiting(ENRICHMENT) == 1
