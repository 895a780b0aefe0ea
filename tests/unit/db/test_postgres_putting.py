"""What is put into PostgreSQL by the hundred is there as it was given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("psycopg")

from db.hot import Into
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
