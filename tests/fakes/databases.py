"""Databases of tests by their places: files, or databases on the run's server where all tests run on PostgreSQL.

Who asks one here asks as another program would, beside whoever works it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from db.connect import open_database
from dl_lit.core import database_address
from dl_lit.core.database_address import is_elsewhere, known_address, signpost
from tests.fakes.scratch import scratch

ON_POSTGRES = os.environ.get("DL_LIT_TESTS_ON") == "postgresql"
"""See `tests.on_postgres`."""


def database_in(
    folder: Path, name: str = "dl-lit.db", *, has_tables: bool = False, signposts: Path | None = None
) -> Path:
    """Where the folder's database stands: the file, or the signpost in its place (or in `signposts`).

    With `has_tables` what takes longest is done: it is there, with dl_lit's tables. Else there is no file, or it is
    empty on its server.
    """
    file = folder / name
    if not ON_POSTGRES:
        if has_tables and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made_database(), file)
        return file
    places: Any = database_address._addresses
    return signpost(places.address_for(file, empty=not has_tables), signposts or folder)


@cache
def made_database() -> Path:
    """A database file with dl_lit's tables, made once in this process: to copy it takes a tenth of the time."""
    path = scratch("made") / "made.db"
    open_database(path, synchronous="NORMAL").dispose()
    return path


def named(path: Path) -> str:
    """The database there as other processes are told of it: the path, or the address with its password."""
    return (known_address(path) if ON_POSTGRES else None) or str(path)


def rows(path: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What a query gives, on a connection of its own."""
    if not is_elsewhere(path):
        with closing(sqlite3.connect(path, timeout=10.0)) as connection:
            return connection.execute(query, values).fetchall()
    return _on_server(path, lambda cursor: cursor.execute(query, values).fetchall())


def change(path: Path, *statements: str, values: tuple[object, ...] = ()) -> None:
    """Change rows in one transaction; `values` are of each statement."""
    if not is_elsewhere(path):
        with closing(sqlite3.connect(path, timeout=10.0)) as connection, connection:
            for statement in statements:
                connection.execute(statement, values)
        return

    def write(cursor: Any) -> None:
        cursor.execute("BEGIN IMMEDIATE")
        for statement in statements:
            cursor.execute(statement, values)
        cursor.execute("COMMIT")

    _on_server(path, write)


def _on_server(path: Path, step: Callable[[Any], Any]) -> Any:
    from db.postgres.engine import connection_to  # noqa: PLC0415 - needs the extra's driver

    with closing(connection_to(path)) as connection:
        return step(connection.cursor())
