"""A daemon's store and engine live through the end of their PostgreSQL server, and nothing in hand is lost."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

pytest.importorskip("psycopg")

import psycopg
from postgres_server import Missing, Server

from db.connect import open_database
from db.postgres.engine import forget
from db.postgres.store import PostgresStore
from db.reading.following import Follower
from db.runs import begin_run
from db.store import SqliteStore
from dl_lit.core.database_address import signpost
from dl_lit.core.errors import DatabaseAway, DatabaseUnusable
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished
from dl_lit.runtime.lease import Lease
from dl_lit.runtime.recorder import Recorder
from tests.fakes.engine import ManualClock, finished
from tests.fakes.postgres_backend import add
from tests.fakes.recognising import RECOGNISER

EXTRACTION = StageName.EXTRACTION


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that may be ended."""
    try:
        server = Server()
    except Missing as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def address(server: Server, request: pytest.FixtureRequest) -> str:
    return str(server.new_database(f"outage_{zlib.crc32(request.node.name.encode())}"))


@pytest.fixture
def store(address: str, tmp_path: Path) -> Iterator[PostgresStore]:
    path = signpost(address, tmp_path / "here")
    store = PostgresStore(path, ManualClock(), RECOGNISER)
    yield store
    store.close()
    forget(path)


def claims_of(store: PostgresStore) -> int:
    with open_database(store.path).connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM claims").scalar_one())


@pytest.mark.parametrize("end", ["stop", "kill", "halt", "behead"])
def test_what_was_finished_meanwhile_is_written_when_the_server_is_back(
    server: Server, store: PostgresStore, end: str
) -> None:
    """All verbs say that it is not now; the recorder keeps the outcome and writes it, and one claim back is free."""
    add(store, 1, 2)
    kept, given_back = store.claim(EXTRACTION, 2)
    recorder = Recorder(store, lambda _group: None, clock=ManualClock())
    lease = Lease(store, lambda: None)
    assert lease.once()
    getattr(server, end)()
    recorder.close()  # so that it does not wait between its tries
    for verb in (store.notice, lambda: store.claim(EXTRACTION, 1), lambda: store.next_due(EXTRACTION)):
        with pytest.raises(DatabaseUnusable):
            verb()
    assert not lease.once()
    store.release([given_back])
    recorder.put(finished(kept))
    recorder.record_once(0.0)
    assert (recorder.backlog, recorder.is_full) == (1, True)
    assert "cannot be used now" in (recorder.trouble or "")
    server.start()
    assert lease.once()
    recorder.record_once(0.0)
    assert (recorder.backlog, recorder.is_full, recorder.trouble) == (0, False, None)
    assert store.held() == claims_of(store) == 0
    store.notice()
    assert [claim.id for claim in store.claim(EXTRACTION, 5)] == [given_back.id]


def test_a_claim_whose_rows_did_not_arrive_is_free_again(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server had claimed them when the connection broke."""
    add(store, 1)
    taken = PostgresStore._taken

    def broken(*args: object) -> object:
        if taken(*args):  # type: ignore[arg-type]
            raise DatabaseUnusable("the connection is lost")
        return []

    with monkeypatch.context() as patch:
        patch.setattr(PostgresStore, "_taken", broken)
        with pytest.raises(DatabaseUnusable):
            store.claim(EXTRACTION, 1)
    assert (store.held(), claims_of(store), store.claim(EXTRACTION, 1)) == (0, 1, [])
    store.beat()
    assert [claim.attempt for claim in store.claim(EXTRACTION, 1)] == [1]


def test_what_others_were_given_is_not_told_of_as_recorded(store: PostgresStore) -> None:
    """A daemon that was cut off for longer than its lease finds out when it writes."""
    add(store, 1, 2)
    mine, lost = store.claim(EXTRACTION, 2)
    with open_database(store.path).begin() as connection:  # as whoever takes it for dead
        connection.exec_driver_sql("DELETE FROM daemons")
    store.beat()
    recorded = store.record([finished(mine), finished(lost)])
    assert (list(recorded.written), [one.claim for one in recorded.taken_over]) == ([], [mine, lost])


def test_a_commit_whose_answer_was_lost_has_happened(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server had written it when the connection broke: it is told of as recorded, once, and not as others'."""
    add(store, 1, 2)
    first, second = store.claim(EXTRACTION, 2)
    commit = SqliteStore._commit

    def broken(self: SqliteStore, group: Sequence[Finished]) -> None:
        commit(self, group)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "_commit", broken)
        with pytest.raises(DatabaseAway):
            store.record([finished(first)])
    recorded = store.record([finished(first), finished(second)])
    assert [one.claim for one in recorded.written] == [first, second]
    assert not recorded.taken_over
    with open_database(store.path).connect() as connection:
        told = connection.exec_driver_sql("SELECT item_id, count(*) FROM attempts GROUP BY item_id")
        assert {tuple(row) for row in told} == {(first.id, 1), (second.id, 1)}


def test_who_follows_what_happens_goes_on_when_the_server_is_back(server: Server, store: PostgresStore) -> None:
    follower = Follower(store.path)
    before = follower.version()
    server.kill()
    for look in (follower.version, follower.version, store.notice):
        with pytest.raises(DatabaseAway):
            look()
    server.start()
    add(store, 1)
    assert follower.version() > before
    follower.close()


def test_a_daemon_that_starts_takes_no_living_one_for_killed(
    store: PostgresStore, address: str, tmp_path: Path
) -> None:
    """What was begun from its own seat has ended; what another daemon began has when that daemon is gone."""
    there = signpost(address, tmp_path / "there")
    other = PostgresStore(there, ManualClock(), RECOGNISER)
    engine = open_database(store.path)
    mine = begin_run(engine, "work", ManualClock(), version="1", path=store.path)
    theirs = begin_run(engine, "work", ManualClock(), version="1", path=there)
    assert (mine.killed, theirs.killed) == ((), ())
    again = begin_run(engine, "work", ManualClock(), version="1", path=there)
    assert [one.id for one in again.killed] == [theirs.id]
    other.close()
    last = begin_run(engine, "work", ManualClock(), version="1", path=store.path)
    assert [one.id for one in last.killed] == [mine.id, again.id]
    forget(there)
