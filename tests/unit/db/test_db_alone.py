"""One at a time beside the pipeline, on one machine and on a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db.alone import alone
from db.postgres.engine import forget
from dl_lit.core.database_address import signpost


@pytest.mark.parametrize("kind", ["file", "server"])
def test_a_lock_has_one_holder_and_goes_with_it(tmp_path: Path, request: pytest.FixtureRequest, kind: str) -> None:
    if kind == "file":
        database = tmp_path / "dl-lit.db"
        database.touch()
    else:
        make: Callable[[], str] = request.getfixturevalue("postgres_database")
        database = signpost(make(), tmp_path)
    try:
        with alone(database, "push") as first, alone(database, "push") as second, alone(database, "other") as third:
            assert (first, second, third) == (True, False, True)
        with alone(database, "push") as again:
            assert again
    finally:
        if kind == "server":
            forget(database)


def test_there_is_nothing_to_hold_where_there_is_no_database(tmp_path: Path) -> None:
    with alone(tmp_path / "dl-lit.db", "push") as first:
        assert first
    assert list(tmp_path.iterdir()) == []
