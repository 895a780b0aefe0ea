"""Sudden deaths: what was in hand at several is run alone, and what kills the process alone is quarantined."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from db.store import SqliteStore
from db.tables import POISON_AFTER, SUSPECT_AFTER
from dl_lit.core.job import Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.backends import Backend, SqliteBackend, TestedStore
from tests.fakes.engine import ManualClock, finished, new_source, reference
from tests.fakes.recognising import RECOGNISER

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
ROOT = Path(__file__).parents[2]


def die_with(backend: Backend, times: int, stage: StageName = EXTRACTION) -> None:
    """Processes that end suddenly, `times` of them, with one row of `stage` in hand."""
    for _ in range(times):
        store = backend.open()
        store.mark_running(store.claim(stage, 1))


def die_alone_with(backend: Backend, times: int) -> None:
    for _ in range(times):
        assert backend.open().claim_suspect() is not None


def test_an_innocent_row_is_no_suspect(backend: Backend) -> None:
    backend.add_sources([new_source(1)])
    die_with(backend, SUSPECT_AFTER - 1)
    store = backend.open()
    assert store.claim_suspect() is None
    assert len(store.claim(EXTRACTION, 1)) == 1


def test_a_row_that_was_in_hand_three_times_is_only_run_alone(backend: Backend) -> None:
    backend.add_sources([new_source(1)])
    die_with(backend, SUSPECT_AFTER)
    store = backend.open()
    assert store.claim(EXTRACTION, 1) == []
    assert store.waiting(EXTRACTION) == 1
    suspect = store.claim_suspect()
    assert suspect is not None
    assert store.claim_suspect() is None
    assert store.held() == 1
    store.record([finished(suspect)])
    assert store.waiting(EXTRACTION) == 0


def test_a_released_suspect_comes_back(backend: Backend) -> None:
    backend.add_sources([new_source(1)])
    die_with(backend, SUSPECT_AFTER)
    store = backend.open()
    suspect = store.claim_suspect()
    assert suspect is not None
    store.unmark_running([suspect])
    store.release([suspect])
    assert store.claim_suspect() == suspect


def test_what_kills_the_process_alone_is_quarantined_as_poison(backend: Backend) -> None:
    (source,) = backend.add_sources([new_source(1)])
    die_with(backend, SUSPECT_AFTER)
    die_alone_with(backend, POISON_AFTER)
    store = backend.open()
    assert store.claim_suspect() is None
    assert backend.rows("SELECT source_id, reason FROM failed_extractions") == [(source, "poison")]
    assert store.waiting(EXTRACTION) == 0
    assert store.held() == 0


@pytest.mark.parametrize("stage", list(StageName))
def test_poison_is_known_in_every_room(backend: Backend, stage: StageName) -> None:
    backend.add_entries(new_source(1), [reference(1)])
    if stage is EXTRACTION:
        backend.add_sources([new_source(2)])
    store = backend.open()
    for before in list(StageName)[1 : list(StageName).index(stage)]:
        store.record([finished(claim) for claim in store.claim(before, 1)])
    store.close()
    die_with(backend, SUSPECT_AFTER, stage)
    die_alone_with(backend, POISON_AFTER)
    store = backend.open()
    assert store.claim_suspect() is None
    assert store.waiting(stage) == 0
    assert backend.rows("SELECT stage, outcome, reason FROM attempts ORDER BY id DESC LIMIT 1") == [
        (stage.value, "reject", "poison")
    ]


def test_notes_that_were_taken_back_blame_nobody(backend: Backend) -> None:
    backend.add_sources([new_source(1)])
    for _ in range(SUSPECT_AFTER + 1):
        store = backend.open()
        claims = store.claim(EXTRACTION, 1)
        store.mark_running(claims)
        store.unmark_running(claims)
    assert backend.open().claim_suspect() is None


def test_an_orderly_end_is_no_sudden_death(backend: Backend) -> None:
    """Whoever stops the daemon while a long item runs does not make that item a suspect."""
    backend.add_sources([new_source(1)])
    for _ in range(SUSPECT_AFTER + 1):
        store = backend.open()
        claims = store.claim(EXTRACTION, 1)
        store.mark_running(claims)
        store.close()
        store.unmark_running(claims)  # a worker that was cut off comes in late
    assert backend.open().claim_suspect() is None


@pytest.mark.parametrize("outcome", [Snooze(Reason.BUDGET_EXHAUSTED, 60.0), Retry(Reason.PARSER_CRASHED, after=60.0)])
def test_a_suspect_waits_for_its_due_time_like_any_other(
    backend: Backend, clock: ManualClock, outcome: Snooze | Retry
) -> None:
    backend.add_sources([new_source(1)])
    die_with(backend, SUSPECT_AFTER)
    store = backend.open()
    suspect = store.claim_suspect()
    assert suspect is not None
    store.record([finished(suspect, outcome)])
    assert store.claim_suspect() is None
    assert store.next_due(EXTRACTION) == clock.time() + 60.0
    clock.advance(60.0)
    again = store.claim_suspect()
    assert again is not None
    assert again.id == suspect.id


CHILD = """
import faulthandler, os, sys
from pathlib import Path
from db.recognition import Recogniser
from db.store import SqliteStore
from dl_lit.core.clock import SystemClock
from dl_lit.core.model import StageName
store = SqliteStore(Path(sys.argv[1]), SystemClock(), Recogniser(*[lambda *_: None] * 3))
faulthandler.enable(store.fault_file)
claims = store.claim(StageName.EXTRACTION, 2)
store.mark_running(claims)
store.unmark_running(claims[1:])
print(claims[0].id, flush=True)
os.read(0, 1)
"""


@pytest.mark.parametrize(("number", "blamed"), [(signal.SIGKILL, 0), (signal.SIGABRT, 1), (signal.SIGSEGV, 1)])
def test_a_crash_blames_what_was_in_hand_and_a_kill_blames_nobody(
    backend: Backend, number: signal.Signals, blamed: int
) -> None:
    if type(backend) is not SqliteBackend:
        pytest.skip("the child opens an SQLite file")
    backend.add_sources([new_source(n) for n in range(3)])
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(backend.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as child:
        assert child.stdout is not None
        in_hand = int(child.stdout.readline())
        child.send_signal(number)
        assert child.wait(30) == -number
    store = backend.open()
    assert backend.rows("SELECT id, crashes FROM sources WHERE crashes > 0") == [(in_hand, 1)] * blamed
    assert len(store.claim(EXTRACTION, 5)) == 3


def test_a_death_with_memory_beyond_its_bound_blames_what_was_in_hand(tmp_path: Path, clock: ManualClock) -> None:
    backend = SqliteBackend(tmp_path, clock)
    store = SqliteStore(backend.path, clock, RECOGNISER)
    backend.add_sources([new_source(1)])
    store.mark_running(store.claim(EXTRACTION, 1))
    store.note_memory(is_short=True)
    again = SqliteStore(backend.path, clock, RECOGNISER)
    assert backend.rows("SELECT crashes FROM sources") == [(1,)]
    again.close()
    store.close()


def kept(store: TestedStore) -> int:
    """Rows that any claim may have."""
    return len(store.claim(EXTRACTION, 10))


def test_a_suspect_does_not_stop_the_others(backend: Backend) -> None:
    backend.add_sources([new_source(1)])
    die_with(backend, SUSPECT_AFTER)
    backend.add_sources([new_source(n) for n in range(2, 5)])
    assert kept(backend.open()) == 3
