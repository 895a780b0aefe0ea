"""What PostgreSQL says no with is told in dl_lit's words wherever SQLite's is."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("psycopg")

import psycopg
from postgres_server import Server
from postgres_server.server import free_port
from psycopg import errors
from sqlalchemy.exc import DatabaseError

from db.connect import connect, open_database
from db.refusing import in_our_words, named, telling_in_our_words, unreadable
from db.watched_files import Changes
from dl_lit.core.database_address import signpost
from dl_lit.core.errors import DatabaseAway, DatabaseDamaged, DatabaseFull, DatabaseUnusable
from tests.fakes.engine import ManualClock, new_source
from tests.fakes.postgres_backend import postgres_backend

PATH = Path("somewhere.sqlite")
FULL = errors.DiskFull("could not extend file")
GONE = errors.AdminShutdown("terminating connection")


class Asked:
    path = PATH

    @telling_in_our_words
    def verb(self, error: Exception) -> None:
        raise error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FULL, DatabaseFull),
        (GONE, DatabaseAway),
        (errors.IdleInTransactionSessionTimeout("terminating connection"), DatabaseAway),
        (errors.DataCorrupted("page 3"), DatabaseDamaged),
    ],
)
def test_a_verb_tells_what_keeps_it_from_the_database(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"somewhere\.sqlite"):
        Asked().verb(error)
    with pytest.raises(kind), named():
        raise DatabaseError("SELECT 1", None, error)
    assert type(unreadable(DatabaseError("SELECT 1", None, error), PATH)) is (
        DatabaseUnusable if kind is DatabaseFull else kind
    )


def test_what_is_wrong_with_what_was_asked_is_no_word_about_the_database() -> None:
    assert in_our_words(errors.UndefinedColumn("no such column")) is None
    with pytest.raises(errors.UndefinedColumn):
        Asked().verb(errors.UndefinedColumn("no such column"))
    with pytest.raises(DatabaseError), named():
        raise DatabaseError("SELECT 1", None, errors.UndefinedColumn("no such column"))


def test_a_server_that_does_not_answer_is_away_and_its_drivers_guesses_are_left_out(
    postgres: Server, tmp_path: Path
) -> None:
    """One that lets nobody in by this address is not: that says what to do, and is not waited for."""
    there = postgres.url("nowhere")
    nobody = signpost(f"postgresql://nobody:x@127.0.0.1:{free_port()}/x", tmp_path / "nobody")
    with pytest.raises(DatabaseAway, match=r"cannot be used now: .*[Cc]onnection refused$"):
        open_database(nobody)
    for number, (address, advice) in enumerate(
        [
            (there, r'database "nowhere" does not exist; .*createdb'),
            (there.replace("dl_lit:", "dl_lit:no"), "password authentication failed .*; see to the user"),
        ]
    ):
        with pytest.raises(DatabaseUnusable, match=advice) as caught:
            open_database(signpost(address, tmp_path / str(number)))
        assert not isinstance(caught.value, DatabaseAway)


def test_who_gives_keys_waits_for_who_writes_no_longer_than_he_was_told(
    postgres: Server, postgres_run: Path, tmp_path: Path
) -> None:
    backend = postgres_backend(tmp_path, ManualClock(), postgres_run, postgres)
    with connect(backend.path).begin(), connect(backend.path, patience_s=0.01).connect() as waiting:
        with pytest.raises(DatabaseAway, match="lock timeout"):
            waiting.begin()
        waiting.invalidate()
    with connect(backend.path, patience_s=0.01).begin() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "10ms"
    backend.close()


def test_who_looks_for_changes_goes_on_after_the_server_was_gone(
    postgres: Server, postgres_run: Path, tmp_path: Path
) -> None:
    """A break counts as a change: nobody knows what was written meanwhile."""
    backend = postgres_backend(tmp_path, ManualClock(), postgres_run, postgres)
    changes = backend.elsewhere(Changes)
    assert [changes.any_since(), changes.any_since()] == [True, False]
    backend.add_sources([new_source(1)])
    assert [changes.any_since(), changes.any_since()] == [True, False]
    backend.change(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with pytest.raises(DatabaseUnusable):
        changes.any_since()
    assert [changes.any_since(), changes.any_since()] == [True, False]
    changes.close()
    backend.close()


def test_what_the_driver_guesses_at_is_not_told() -> None:
    """One sentence: who waits for the database reads it in every list."""
    refused = psycopg.OperationalError(
        'connection failed: connection to server at "127.0.0.1", port 5432 failed: Connection refused\n'
        "\tIs the server running on that host and accepting TCP/IP connections?"
    )
    told = 'connection to server at "127.0.0.1", port 5432 failed: Connection refused'
    assert str(in_our_words(refused, PATH)) == f"the database {PATH} cannot be used now: {told}"
