"""What is put into PostgreSQL by the hundred is there as it was given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("psycopg")

from db.hot import Into, Those
from db.postgres.driver import opened

GIVEN = ("plain", "", "\\N", "a\tb\nc\rd", 'said "so", {he}', "back\\slash", "NULL", "Ünïcödé \u00a0 \U0001f4d6", None)


@pytest.mark.parametrize("only_new", [False, True], ids=["copied", "only what is new"])
def test_values_arrive_as_they_were_given(postgres_database: Callable[..., str], *, only_new: bool) -> None:
    """Whatever stands in them, be it what COPY or an array takes for its own."""
    with opened(postgres_database()) as connection:
        cursor = connection.cursor()
        cursor.script("CREATE TABLE kept (place bigint PRIMARY KEY, said text, share double precision, flag bigint)")
        rows = [(place, said, place / 3, place % 2 == 1) for place, said in enumerate(GIVEN)]
        into = Into("kept", ("place", "said", "share", "flag"), ("INTEGER", "TEXT", "FLOAT", "BOOLEAN"), only_new)
        cursor.put(into, rows)
        assert cursor.execute("SELECT * FROM kept ORDER BY place", ()).fetchall() == rows
        cursor.execute("DELETE FROM kept", ())
        for row in rows:  # a column of one kind of value takes another way
            cursor.put(into, [row])
        assert cursor.execute("SELECT * FROM kept ORDER BY place", ()).fetchall() == rows


def test_rows_are_changed_and_taken_out_by_their_keys(postgres_database: Callable[..., str]) -> None:
    """Those alone whose keys are given, all of them; to whatever stands in the values."""
    with opened(postgres_database()) as connection:
        cursor = connection.cursor()
        cursor.script("CREATE TABLE kept (place bigint, tries bigint, said text, share double precision)")
        places = range(len(GIVEN))
        into = Into("kept", ("place", "tries", "said"), ("INTEGER", "INTEGER", "TEXT"), only_new=False)
        cursor.put(into, [(place, 1, "before") for place in (*places, 100)])
        types = ("TEXT", "FLOAT", "INTEGER")
        cursor.change(Those("kept", ("said", "share"), ("place",), types), [(GIVEN[n], n / 2, n) for n in places])
        found = cursor.execute("SELECT said, share FROM kept ORDER BY place", ()).fetchall()
        assert found == [*((GIVEN[n], n / 2) for n in places), ("before", None)]
        keys = Those("kept", (), ("place", "tries"), ("INTEGER", "INTEGER"))
        cursor.change(keys, [(0, 1), (1, 2), (100, 1)])  # the second has been tried once
        assert [row[0] for row in cursor.execute("SELECT place FROM kept ORDER BY place", ())] == [*places][1:]


def test_what_is_there_already_is_left_as_it_is(postgres_database: Callable[..., str]) -> None:
    """As by ON CONFLICT DO NOTHING, also for what comes twice at once; NUL has no place in PostgreSQL's texts."""
    with opened(postgres_database()) as connection:
        cursor = connection.cursor()
        cursor.script("CREATE TABLE kept (place bigint PRIMARY KEY, said text)")
        cursor.put(Into("kept", ("place", "said"), ("INTEGER", "TEXT"), only_new=False), [(1, "a\0b")])
        cursor.put(
            Into("kept", ("place", "said"), ("INTEGER", "TEXT"), only_new=True), [(1, "x"), (2, "c\0d"), (2, "y")]
        )
        found = cursor.execute("SELECT * FROM kept ORDER BY place", ()).fetchall()
        assert found == [(1, "a\ufffdb"), (2, "c\ufffdd")]
