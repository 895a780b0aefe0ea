"""A daemon's store and engine live through the end of their PostgreSQL server, and nothing in hand is lost.

Runs that are begun meanwhile wait until it is back; who brings files is told, and brings them again.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("psycopg")

import psycopg
from postgres_server import Missing, Server

from db import intake
from db.connect import Engine, open_database
from db.postgres.engine import forget
from db.postgres.store import PostgresStore
from db.reading.following import Follower
from db.runs import begin_run
from db.store import SqliteStore
from dl_lit.core.database_address import signpost
from dl_lit.core.errors import DatabaseAway, DatabaseUnusable
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished, NewSource
from dl_lit.runtime.lease import Lease
from dl_lit.runtime.recorder import Recorder
from dl_lit.runtime.signals import DaemonSignals
from tests.fakes.databases import rows
from tests.fakes.engine import ManualClock, finished
from tests.fakes.postgres_backend import add
from tests.fakes.program import Home
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


def test_what_is_said_to_be_written_outlives_the_server_at_that_moment(server: Server, store: PostgresStore) -> None:
    """`kill -9` for all of it; others write before the disk has what was written, but nobody hears of it before."""
    add(store, 1, 2)
    one, other = store.claim(EXTRACTION, 2)
    recorded = store.record([finished(one)])
    server.kill()
    assert [told.claim.id for told in recorded.written] == [one.id]
    server.start()
    states = rows(store.path, "SELECT id, state FROM sources ORDER BY id")
    assert states == sorted([(one.id, "extracted"), (other.id, "pending")])


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


@pytest.fixture
def post(address: str, tmp_path: Path) -> Iterator[Path]:
    """Where commands of `home` put the database's signpost up."""
    post = signpost(address, tmp_path / "state" / "databases")
    yield post
    forget(post)


@pytest.fixture
def home(address: str, post: Path, tmp_path: Path) -> Home:
    """Who asks nobody and works on the server; in `pdfs` is one file, which is no PDF."""
    (tmp_path / "pdfs").mkdir()
    (tmp_path / "pdfs" / "one.pdf").write_text("no PDF at all")
    return Home(tmp_path, {"DL_LIT_DB": address, "DL_LIT_OFFLINE": "true", "DL_LIT_ENGINE_POLL_S": "0.05"})


class Starting(logging.Handler):
    """Starts the server as soon as the log says that it is waited for."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server

    def emit(self, record: logging.LogRecord) -> None:
        if "database_away" in record.getMessage():
            self.server.start()


@pytest.fixture
def ended(home: Home, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server is not there, and comes back once it is waited for."""
    server.stop()
    starting = Starting(server)
    monkeypatch.setattr("dl_lit.runtime.outage.TRY_AGAIN_S", 0.2)
    logger = logging.getLogger("dl_lit.runtime.outage")
    logger.addHandler(starting)
    yield
    logger.removeHandler(starting)
    if not server.running:
        server.start()


@pytest.mark.usefixtures("ended")
def test_a_run_that_is_begun_without_the_server_waits_for_it(home: Home) -> None:
    told = home.process_here(home.folder / "pdfs")
    assert (told.code, told.document["failed"]["extraction"]) == (3, {"not-a-pdf": 1})
    away, back = (line for line in told.err.splitlines() if "the database" in line)
    assert away.endswith("; it is waited for")
    assert "answers again after" in back


@pytest.mark.usefixtures("ended")
def test_a_daemon_that_is_begun_without_the_server_asks_for_time_until_it_is_back(
    home: Home, server: Server, post: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works as ever then; its manager hears for what it waits, and is told that it is ready when it has begun."""
    name = f"dl-lit-{server.pid}-{server.port}"

    class Signals(DaemonSignals):
        """As of a person who stops it when the file was looked at."""

        def should_stop(self) -> bool:
            has_tables = server.running and rows(post, "SELECT 1 FROM pg_tables WHERE tablename = 'failed_extractions'")
            return bool(has_tables and rows(post, "SELECT 1 FROM failed_extractions"))

    monkeypatch.setattr("dl_lit.runtime.signals.DaemonSignals", Signals)
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.setblocking(False)
        told = home.here("watch-folder-concurrent", home.folder / "pdfs", "--json", WATCH_SETTLE_S="0.01")
        heard = list(received(manager))
    assert (told.code, told.document["clean"]) == (0, True)
    waited, more_time, *_ = heard[1:]
    assert waited.startswith("STATUS=waiting for the database: ")
    assert more_time.startswith("EXTEND_TIMEOUT_USEC=")
    assert [one.partition("\n")[0] for one in heard if one.startswith(("READY", "STOPPING"))] == [
        "READY=1",
        "STOPPING=1",
    ]


def received(manager: socket.socket) -> Iterator[str]:
    """What it was told; it does not wait for more."""
    with contextlib.suppress(BlockingIOError):
        while True:
            yield manager.recv(4_096).decode()


LISTS = {"one.txt": "10.1000/182\nAn unheard-of title\n", "two.txt": "10.1000/183\n"}


@pytest.fixture
def lists(home: Home) -> list[Path]:
    """Two lists of works, of two lines and of one."""
    for name, text in LISTS.items():
        (home.folder / name).write_text(text)
    return [home.folder / name for name in LISTS]


def test_who_brings_lists_while_the_server_is_away_is_told_that_nothing_was_added(
    lists: list[Path], home: Home, server: Server, post: Path
) -> None:
    """One line, at once, and what to do: the same command again, which adds nothing twice however often it is run."""
    server.stop()
    told = home.here("import-list", *lists, "--json")
    server.start()
    assert (told.code, told.out, told.err.count("\n")) == (1, "", 1)
    assert told.err.endswith("; nothing was added: run the same command again when it answers\n")
    for is_new in (True, False):
        again = home.here("import-list", *lists, "--json")
        assert [(one["entries"], one["new"]) for one in again.document["files"]] == [(2, is_new), (1, is_new)]
    assert rows(post, "SELECT count(*) FROM entries") == [(3,)]


@pytest.mark.parametrize("moment", ["before it was written", "after it was written"])
def test_lists_of_which_nobody_can_tell_whether_they_were_added_are_there_once_in_the_end(
    lists: list[Path], home: Home, server: Server, post: Path, moment: str
) -> None:
    """The server goes while the second is brought; the first is there, and stays."""
    add_entries = intake.add_entries

    def broken(engine: Engine, source: NewSource, *rest: Any) -> Any:
        if source.path.endswith("two.txt"):
            if moment == "after it was written":
                add_entries(engine, source, *rest)
            server.kill()
        return add_entries(engine, source, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dl_lit.app.intake.entries_brought.add_entries", broken)
        told = home.here("import-list", *lists)
    server.start()
    assert (told.code, told.out, told.err.count("\n")) == (1, "", 1)
    unsure = f"it is not certain that {lists[1]} was added (of 2 files 1 before it were)"
    assert told.err.endswith(f"; {unsure}: run the same command again when it answers, nothing is added twice\n")
    is_there = moment == "after it was written"
    again = home.here("import-list", *lists, "--json")
    assert [one["new"] for one in again.document["files"]] == [False, not is_there]
    assert rows(post, "SELECT count(*) FROM entries") == [(3,)]
