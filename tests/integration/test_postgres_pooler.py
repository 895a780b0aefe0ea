"""Behind PgBouncer, which gives each transaction another session: nothing is lost, and nothing of ours left there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("psycopg")

import psycopg
from postgres_server import Missing, Pooler, Server

from db.alone import alone
from db.postgres.engine import connection_to, forget
from db.postgres.store import PostgresStore
from dl_lit.core.database_address import signpost
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.model import StageName
from tests.fakes.engine import ManualClock, finished
from tests.fakes.postgres_backend import add, fresh_database
from tests.fakes.recognising import RECOGNISER

EXTRACTION = StageName.EXTRACTION
LEASE_S = 1.0

_VICTIM = """
import sys
from pathlib import Path
from db.postgres.store import PostgresStore
from dl_lit.core.database_address import signpost
from dl_lit.core.model import StageName
from tests.fakes.engine import ManualClock
from tests.fakes.recognising import RECOGNISER

path = signpost(sys.argv[1], Path(sys.argv[2]))
store = PostgresStore(path, ManualClock(), RECOGNISER, lease_s=float(sys.argv[3]))
print(len(store.claim(StageName.EXTRACTION, 2)), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def pooler(postgres: Server) -> Iterator[Pooler]:
    """Before the run's server."""
    try:
        pooler = Pooler(postgres, size=3)
    except Missing as error:
        pytest.skip(str(error))
    with pooler:
        yield pooler


@pytest.fixture
def address(postgres: Server, postgres_run: Path, pooler: Pooler) -> Iterator[str]:
    name = fresh_database(postgres_run, postgres).rpartition("/")[2]
    yield pooler.url(name)
    postgres.drop_database(name)


@pytest.fixture
def store(address: str, tmp_path: Path) -> Iterator[PostgresStore]:
    path = signpost(address, tmp_path / "here")
    store = PostgresStore(path, ManualClock(), RECOGNISER, lease_s=LEASE_S)
    yield store
    store.close()
    forget(path)


def test_it_is_noticed_by_itself_and_can_be_said(address: str, tmp_path: Path) -> None:
    for more, is_pooled in (("", True), ("?pooler=transaction", True), ("?pooler=session", False)):
        connection = connection_to(signpost(address + more, tmp_path))
        assert connection.is_pooled is is_pooled
        connection.close()


def test_work_goes_on_and_leaves_no_setting_behind(store: PostgresStore, address: str) -> None:
    """All in sessions that others use between; a daemon holds no lock that others would take for its life."""
    add(store, 1, 2, 3)
    store.beat()
    store.record([finished(claim) for claim in store.claim(EXTRACTION, 2)])
    assert (store.news(0.0), store.news(0.0)) == (True, False)
    with psycopg.connect(address, autocommit=True) as others:
        assert others.execute("SHOW search_path").fetchone() == ('"$user", public',)
        assert others.execute("SHOW jit").fetchone() == ("on",)
        assert others.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)
        assert others.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        assert others.execute("SELECT lock_of FROM dl_lit.daemons").fetchone() == (None,)


def test_a_statement_that_fails_leaves_the_connection_as_it_was(store: PostgresStore) -> None:
    connection = connection_to(store.path)
    with pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM nowhere WHERE id = ?", (1,))
    connection.cursor().executemany("UPDATE counts SET number = number + ? WHERE what = ?", [(1, "x"), (2, "y")])
    assert connection.execute("SELECT count(*) FROM daemons").fetchone() == (1,)
    assert not connection.in_transaction
    connection.close()


def test_one_at_a_time_is_held_by_a_transaction(store: PostgresStore) -> None:
    with alone(store.path, "lock") as is_ours, alone(store.path, "lock") as is_others:
        assert (is_ours, is_others) == (True, False)
    with alone(store.path, "lock") as is_ours:
        assert is_ours


def test_what_was_in_hand_outlives_the_pooler(store: PostgresStore, pooler: Pooler) -> None:
    """All is said again on connections that are made anew."""
    add(store, 1)
    (claim,) = store.claim(EXTRACTION, 1)
    pooler.restart()
    for verb in (store.beat, store.notice, lambda: store.claim(EXTRACTION, 1)):
        with pytest.raises(DatabaseUnusable):
            verb()
        verb()
    store.record([finished(claim)])
    assert store.held() == 0
    store.notice()
    assert store.claim(StageName.ENRICHMENT, 1)


def test_a_killed_daemon_is_taken_over_from_when_its_lease_has_run_out(
    store: PostgresStore, address: str, tmp_path: Path
) -> None:
    add(store, 1, 2)
    command = [sys.executable, "-c", _VICTIM, address, str(tmp_path / "there"), str(LEASE_S)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as victim:
        assert victim.stdout is not None
        assert b"2\n" in iter(victim.stdout.readline, b"")
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    ended = time.monotonic()
    store.beat()
    store.notice()
    assert store.claim(EXTRACTION, 2) == []
    while len(store.claim(EXTRACTION, 2)) < 2 and time.monotonic() < ended + LEASE_S + 10.0:
        store.news(0.1)
        store.beat()
        store.notice()
    assert store.held() == 2
    assert time.monotonic() - ended <= LEASE_S + 1.0
