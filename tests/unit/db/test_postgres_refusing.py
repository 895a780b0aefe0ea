"""What PostgreSQL says no with is told in dl_lit's words wherever SQLite's is."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("psycopg")

from psycopg import errors
from sqlalchemy.exc import DatabaseError

from db.refusing import in_our_words, named, telling_in_our_words, unreadable
from dl_lit.core.errors import DatabaseDamaged, DatabaseFull, DatabaseUnusable

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
    [(FULL, DatabaseFull), (GONE, DatabaseUnusable), (errors.DataCorrupted("page 3"), DatabaseDamaged)],
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
