"""What PostgreSQL says no with is told in dl_lit's words wherever SQLite's is."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("psycopg")

from postgres_server import Server
from psycopg import errors
from sqlalchemy.exc import DatabaseError

from db.refusing import in_our_words, named, telling_in_our_words, unreadable
from db.watched_files import Changes
from dl_lit.core.errors import DatabaseDamaged, DatabaseFull, DatabaseUnusable
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
        (GONE, DatabaseUnusable),
        (errors.IdleInTransactionSessionTimeout("terminating connection"), DatabaseUnusable),
        (errors.DataCorrupted("page 3"), DatabaseDamaged),
    ],
)
def test_a_verb_tells_what_keeps_it_from_the_database(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"somewhere\.sqlite"):
        Asked().verb(error)
    with pytest.raises(kind), named():
        raise DatabaseError("SELECT 1", None, error)
    assert type(unreadable(DatabaseError("SELECT 1", None, error), PATH)) is (
        kind if kind is DatabaseDamaged else DatabaseUnusable
    )


def test_what_is_wrong_with_what_was_asked_is_no_word_about_the_database() -> None:
    assert in_our_words(errors.UndefinedColumn("no such column")) is None
    with pytest.raises(errors.UndefinedColumn):
        Asked().verb(errors.UndefinedColumn("no such column"))


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
